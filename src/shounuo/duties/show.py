"""Show the policy in force: its text, its registers, which rule holds, what may be set on a device.

1. Everything shown is made from the version in force, so a page cannot say what the system does not do.
2. Between this text and another, the rule of precedence for the topic decides; else the rule for `any`; a matter this
   text leaves open is the other's. The answer names the rule.
3. A key may be set on a device only if the cookie register names it; after a refusal only what operation needs.
4. A version is read as it was published, with its dates and the hash it is known by; earlier ones too, unless the text says
   only on request. Every entry stands in the register.
5. A pack that comes with us is made from another company's text, and every page of it says so; a company's own policy
   carries no such note.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from shounuo.core.clause import Words
from shounuo.core.policy import (
    Chapters,
    Contact,
    Cookie,
    Dates,
    Entry,
    History,
    Hold,
    Item,
    Operator,
    Precedence,
    Recipient,
    Retention,
    Right,
    Scene,
    Service,
)  # fmt: skip
from shounuo.core.rulebook import Rulebook, requirement_names
from shounuo.duties import texts
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Parts, Version, sql
from shounuo.duties.publish import Listed
from shounuo.errors import NotFound
from shounuo.render.html import fragment
from shounuo.render.register import register
from shounuo.render.text import NOTE as NOTE
from shounuo.render.text import note_of as text_note

T = TypeVar("T", bound=Entry)


def book_of(parts: Parts, operator: UUID) -> Rulebook:
    """The Rulebook in force."""
    with parts.store.act(operator) as act:
        return in_force(parts, act)


def note_of(book: Rulebook) -> Words | None:
    """The note every page of a pack carries; None for a company's own policy. (5)"""
    return text_note(book.policy)


def facts(parts: Parts, operator: UUID) -> dict[str, Any]:
    """Every public register of the policy in force, as data. (1)"""
    book = parts.controls.displayed(book_of(parts, operator))
    policy = book.policy
    dates = policy.of("text").get("dates")
    who = policy.of("text").get("operator")
    note = note_of(book)
    chapters = policy.of("text").get("chapters")
    return {
        "version": book.number,
        "hash": book.hash,
        "note": {"zh": note.zh, "en": note.en} if note else None,
        "operator": _named(who) if isinstance(who, Operator) else None,
        "dates": {"published": dates.published, "updated": dates.updated, "effective": dates.effective} if isinstance(dates, Dates) else None,
        "chapters": list(chapters.titles) if isinstance(chapters, Chapters) else [],
        "services": [_named(e) | {"provider": e.provider, "text": e.text, "terms": e.terms} for e in _all(book, "services", Service)],
        "scenes": [_scene(book, e) for e in _all(book, "scenes", Scene)],
        "recipients": [_recipient(e) for e in _all(book, "recipients", Recipient)],
        "cookies": [
            _named(e) | {"keys": list(e.keys), "purposes": list(e.purposes), "set_by": e.set_by, "life": str(e.life) if e.life else None}
            for e in _all(book, "cookies", Cookie)
        ],
        "retention": [_keeping(e) for e in _all(book, "retention", Retention)],
        "holds": [_named(e) | {"provision": e.law_cited, "period": str(e.period), "opens_for": [str(o) for o in e.opens_for]}
                  for e in _all(book, "holds", Hold)],
        "rights": [_named(e) | {"kind": e.kind, "way": list(e.way), "path": dict(e.where)} for e in _all(book, "rights", Right)],
        "contacts": [_named(e) | {"kind": e.kind, "value": e.value} for e in _all(book, "contact", Contact)],
        "emphasised": [c.id for c in policy.clauses.values() if c.emphasised],
    }  # fmt: skip


def _all(book: Rulebook, section: str, kind: type[T]) -> list[T]:
    return [entry for entry in book.policy.of(section).values() if isinstance(entry, kind)]


def _named(entry: Entry) -> dict[str, Any]:
    words = entry.words
    return {
        "name": entry.name,
        "zh": words.zh if words else "",
        "en": words.en if words else "",
        "keeps": list(entry.keeps),
    }


def _scene(book: Rulebook, entry: Scene) -> dict[str, Any]:
    information = book.policy.of("information")
    sensitive = [
        n
        for one in requirement_names(entry.requires + entry.optional)
        for n in one
        if _grade(information.get(n)) == "sensitive"
    ]
    return _named(entry) | {
        "purpose": {"zh": entry.purpose.zh, "en": entry.purpose.en},
        "requires": [list(names) for names in requirement_names(entry.requires)],
        "optional": [list(names) for names in requirement_names(entry.optional)],
        "sensitive": sensitive,
        "when": list(entry.when),
        "closed_on_refusal": list(entry.refusal.closed) if entry.refusal else [],
    }


def _grade(entry: Entry | None) -> str:
    return entry.grade if isinstance(entry, Item) else ""


def _recipient(entry: Recipient) -> dict[str, Any]:
    return _named(entry) | {
        "kind": entry.kind, "company": entry.company, "purpose": {"zh": entry.purpose.zh, "en": entry.purpose.en},
        "when": list(entry.when), "receives": list(entry.receives), "how": entry.how, "terms": entry.terms, "country": entry.country,
    }  # fmt: skip


def _keeping(entry: Retention) -> dict[str, Any]:
    period = entry.for_
    return _named(entry) | {
        "of": list(entry.of),
        "for": str(getattr(period, "period", getattr(period, "bound", period))),
        "says": getattr(period, "says", None),
        "from": entry.from_,
        "then": entry.then,
        "basis": entry.basis,
        "hold": entry.hold,
    }


def which_rule(parts: Parts, operator: UUID, topic: str, over: str) -> dict[str, Any]:
    """Which text holds on `topic`, between this one and `over`. (2)"""
    book = book_of(parts, operator)
    entry = book.policy.of("text").get("precedence")
    if not isinstance(entry, Precedence):
        return {"wins": None, "because": "the policy says nothing of precedence", "clauses": []}
    rule = parts.controls.prevails(entry.rules, topic, over)
    if rule is not None:
        return {
            "wins": rule.wins,
            "because": f"{rule.topic}: {rule.wins} over {rule.over}",
            "gaps": entry.gaps,
            "clauses": list(entry.keeps),
        }
    return {"wins": None, "because": f"the policy names no text `{over}`", "clauses": list(entry.keeps)}


def may_set(parts: Parts, operator: UUID, key: str, choice: str) -> dict[str, Any]:
    """Whether `key` may be set on the visitor's device. (3)"""
    book = book_of(parts, operator)
    entry = next((one for one in _all(book, "cookies", Cookie) if key in one.keys), None)
    allowed = parts.controls.settable(entry, choice)
    return {
        "allowed": allowed,
        "purposes": list(entry.purposes) if entry else [],
        "clauses": list(entry.keeps) if entry else [],
    }


# -- the text, and the versions of it ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as people read it, with what it is a version of. `hash` is the text's, `source_hash` the policy file's."""

    slug: str
    number: int
    language: str
    form: str
    title: str
    markdown: str
    html: str
    hash: str
    source_hash: str
    published_at: datetime
    effective_at: datetime
    in_force: int  # the number of the version in force
    note: Words | None
    dates: Dates | None
    operator: Words | None


@dataclass(frozen=True, slots=True)
class Archived:
    """A version in the archive: when it was published, from when it holds, what its texts are known by."""

    number: int
    published_at: datetime
    effective_at: datetime
    source_hash: str
    texts: Mapping[str, str]
    dates: Dates | None


def text(parts: Parts, operator: UUID, language: str, form: str = "full", number: int | None = None) -> Shown:
    """A text of one version, or of the one in force; as it was published. Raises NotFound. (1, 4)"""
    with parts.store.act(operator) as act:
        now = in_force(parts, act)
        wanted = now.number if number is None else number
        book = now if wanted == now.number else parts.policies.version(act, wanted)
        version = act.row(Version, sql.version, operator=operator, number=wanted)
        kept = texts.read(act, wanted, language, form)
    if book is None or version is None or kept is None:
        raise NotFound("no-version", "there is no such version")
    if wanted < now.number and not is_open(now):
        raise NotFound("on-request", "earlier versions are given on request: ask by the ways the text names")
    read = parts.controls.read(book, kept)
    who, dates = book.policy.of("text").get("operator"), book.policy.of("text").get("dates")
    return Shown(
        slug=book.policy.slug,
        number=wanted,
        language=language,
        form=form,
        title=read.title,
        markdown=read.markdown,
        html=read.html,
        hash=read.hash,
        source_hash=version.hash,
        published_at=version.published_at,
        effective_at=version.effective_at,
        in_force=now.number,
        note=note_of(book),
        dates=dates if isinstance(dates, Dates) else None,
        operator=who.words if who else None,
    )


def is_open(book: Rulebook) -> bool:
    """Whether everyone can read earlier versions: they can, unless the text says only on request."""
    history = book.policy.of("text").get("history")
    return not isinstance(history, History) or history.open_to == "everyone"


def archive(parts: Parts, operator: UUID) -> tuple[Rulebook, tuple[Archived, ...]]:
    """The version in force, and every version published, the newest first. (4)"""
    with parts.store.act(operator) as act:
        now = in_force(parts, act)
        listed = act.rows(Listed, sql.versions, operator=operator)
        hashes = texts.all_hashes(act)
        found = []
        for one in listed:
            book = parts.policies.version(act, one.number)
            dates = book.policy.of("text").get("dates") if book else None
            known = hashes.get(one.number) or texts.hashes(act, one.number)
            found.append(
                Archived(
                    one.number,
                    one.published_at,
                    one.effective_at,
                    one.hash,
                    known,
                    dates if isinstance(dates, Dates) else None,
                )
            )
    return now, tuple(found)


def registers(parts: Parts, operator: UUID, language: str) -> tuple[Rulebook, str]:
    """The version in force, and every entry of it as HTML. (1)"""
    book = parts.controls.displayed(book_of(parts, operator))
    return book, fragment(register(book.policy, language))
