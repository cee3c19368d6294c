"""Publish a policy: from this moment it is what was promised.

1. What does not compile, or contradicts itself, is not published. Every fault is told at once.
2. A clause marked `later` is not kept yet: such a policy is published for proving and demonstration only.
3. Versions are numbered, never changed, and take effect on their own date, not before.
4. A clause may not vanish or change without later dates: the new text is held against the last published one.
5. A summary that says what the entries do not is refused with everything else that is wrong.
6. The texts people read are made and kept with the version; the ledger names the hash of each (`texts`).
7. What publishing changed is answered: who is told, who is asked again, which consents lapse. No version turns a stored no
   into a yes, not even one that goes back to an item of a version before the last.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from shounuo.core.calendar import BEIJING
from shounuo.core.difference import Difference, difference
from shounuo.core.policy import Dates, Policy
from shounuo.core.rulebook import compile_policy
from shounuo.duties import once, texts
from shounuo.duties.parts import Parts, Version, sql
from shounuo.errors import BadPolicy, Conflict, Fault, NotFound
from shounuo.language.load import load
from shounuo.store.act import Act


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is now what was promised, with what compiling and linting warned of."""

    number: int
    hash: str
    effective_at: datetime
    warnings: tuple[Fault, ...]
    texts: Mapping[str, str]  # `full.zh-CN` -> the hash of that text
    changed: Difference | None  # from the version before; None of the first (7)


@dataclass(frozen=True, slots=True)
class Listed:
    """A published version without its text."""

    number: int
    slug: str
    hash: str
    published_at: datetime
    effective_at: datetime
    proving: bool


def check(
    parts: Parts, source: bytes, slug: str, published: Policy | None = None
) -> tuple[Policy, tuple[Fault, ...]]:
    """The policy and its warnings. Raises BadPolicy with every fault when there is an error. (1)"""
    policy = parts.controls.load(source, f"{slug}.yaml", slug)
    faults = parts.controls.check(policy, published)  # (5)
    if any(fault.severity == "error" for fault in faults):
        raise BadPolicy(f"{slug}.yaml", faults)
    return policy, faults


def publish(parts: Parts, operator: UUID, source: bytes, slug: str, *, proving: bool = False) -> Published:
    """Store `source` as the operator's next version. `proving` admits clauses marked `later`. (2)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        last = _last(act)
        before = load(last.source, f"{last.slug}.yaml", last.slug) if last else None
        if last is not None and last.source == source:
            raise Conflict("already-published", f"this text is version {last.number} already")
        policy, faults = check(parts, source, slug, before)  # (4)
        later = [clause.id for clause in policy.clauses.values() if clause.later]
        if later and not proving:
            first = ", ".join(later[:5])
            raise Conflict(
                "not-kept-yet", f"{len(later)} clauses are marked `later` ({first}…): nothing keeps them yet"
            )
        changed = _changed(parts, act, policy, source, last)  # (7)
        number = (last.number if last else 0) + 1
        effective = max(at, _effective(policy, at))  # (3)
        act.do(
            sql.put_version, operator=operator, number=number, slug=slug, source=source, hash=_hash(source),
            published_at=at, effective_at=effective, proving=proving,
        )  # fmt: skip
        parts.changes.changed(act, at)
        kept = texts.keep(act, number, texts.made(policy, source))  # (6)
        once.made(parts, act, str(number))
        data = {"version": number, "hash": _hash(source), "effective": _stamp(effective), "proving": proving}
        act.append("published", at, {**data, "texts": dict(kept)})
    return Published(number, _hash(source), effective, faults, kept, changed)


def again(parts: Parts, operator: UUID, number: int) -> Published:
    """What an earlier call published, told again. Raises NotFound."""
    with parts.store.act(operator) as act:
        made = act.row(Version, sql.version, operator=operator, number=number)
        last = act.row(Version, sql.version, operator=operator, number=number - 1)
        kept = texts.hashes(act, number)
        if made is None:
            raise NotFound("no-version", "there is no such version")
        before = load(last.source, f"{last.slug}.yaml", last.slug) if last else None
        policy, warnings = check(parts, made.source, made.slug, before)
        changed = _changed(parts, act, policy, made.source, last)
    return Published(number, made.hash, made.effective_at, warnings, kept, changed)


def _changed(
    parts: Parts, act: Act, policy: Policy, source: bytes, last: Version | None
) -> Difference | None:
    """What `policy` changes. Raises BadPolicy where it would do what somebody said no to. (7)"""
    if last is None:
        return None
    books = [parts.policies.version(act, number) for number in range(1, last.number + 1)]
    *earlier, before = [book for book in books if book is not None]
    names = {name for book in earlier for name in book.wordings}
    changed = difference(before, compile_policy(policy, source, last.number + 1), names)
    if changed.freed:
        raise BadPolicy(f"{policy.slug}.yaml", changed.freed)
    return changed


def _last(act: Act) -> Version | None:
    return act.row(Version, sql.last_version, operator=act.operator)


def _effective(policy: Policy, at: datetime) -> datetime:
    dates = policy.of("text").get("dates")
    if not isinstance(dates, Dates):
        return at
    return datetime.combine(dates.effective, time.min, BEIJING).astimezone(UTC)


def _hash(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
