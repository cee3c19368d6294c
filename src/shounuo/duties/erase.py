"""Let go: on request, on a closed account, on time; and lock what the law still wants.

1. Items under a hold of the policy are locked instead of erased; the lock ends on its date and finishes the erasure
   by itself. Everything else goes now.
2. A closed account keeps nothing but what is locked, and the pseudonym its proofs stand under.
3. Values whose time is up go; nobody need ask. (PIPL 47)
4. What was erased is named in the outside journal before anyone is told, so no restored backup brings it back.
5. A correction replaces the value; the old one is unreadable once keys turn over.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core.category import fits
from shounuo.core.policy import Hold, Item
from shounuo.core.rulebook import Rulebook
from shounuo.duties.agree import changed
from shounuo.duties.parts import Parts, sql
from shounuo.duties.read import alone
from shounuo.errors import Invalid
from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.vault.shapes import Located, Values

RESERVED = frozenset(
    {"user-id", "birth-date"}
)  # what the account itself stands on; it goes when the account does


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of each item: gone, or locked and until when. While custody has one of `keys`, a backup opens it."""

    gone: dict[str, int]
    held: dict[str, str]
    keys: frozenset[UUID]


def items(
    parts: Parts, act: Act, book: Rulebook, person: UUID, names: Collection[str], record: UUID | None, why: UUID, at: datetime,
    *, locks: bool = True,
) -> Erased:  # fmt: skip
    """Erase these items of a person (all of them, when none is named), or one record. (1)

    With `locks` off, nothing is held: what is erased never became what the law wants.
    """
    found = parts.vault.located(act, person, fields=list(names) or None, record=record)
    found = [one for one in found if one.field not in RESERVED]
    held = _lock(parts, act, book, person, {one.field for one in found}, why, at) if locks else {}
    return _go(parts, act, person, [one for one in found if one.field not in held], held, why, at)


def account(parts: Parts, act: Act, book: Rulebook, person: UUID, why: UUID, at: datetime) -> Erased:
    """Erase all of a closed account but what is locked. (2)"""
    found = parts.vault.located(act, person)
    held = _lock(parts, act, book, person, {one.field for one in found} - RESERVED, why, at)
    erased = _go(parts, act, person, [one for one in found if one.field not in held], held, why, at)
    parts.vault.close(act, person, at)
    act.deny("closed", at, person, str(why))
    act.append("account-closed", at, {"request": str(why)}, parts.vault.pseudonym(act, person))
    return erased


def expired(parts: Parts, act: Act, at: datetime, most: int) -> int:
    """Erase up to `most` values whose time is up; return how many there were. (3)"""
    due = parts.vault.due(act, at, most)
    people = sorted({one.person for one in due})
    for person in people:
        mine = [one for one in due if one.person == person]
        _erase(parts, act, person, mine, "expired", at)
        counts = dict(Counter(one.field for one in mine))
        act.append("expired", at, {"items": counts}, parts.vault.pseudonym(act, person))
    return len(due)


def release(
    parts: Parts, act: Act, person: UUID, hold: UUID, names: list[str], *, erases: bool, at: datetime
) -> None:
    """End a lock and finish the erasure it kept waiting. (1)"""
    act.do(sql.release_hold, operator=act.operator, person=person, hold=hold, at=at)
    mine = [one for one in parts.vault.located(act, person, fields=names) if one.hold == hold]
    parts.vault.release(act, person, hold)
    changed(act, person, at)
    if erases:
        _erase(parts, act, person, mine, "erased", at)
    act.append(
        "released",
        at,
        {"hold": str(hold), "items": sorted(names), "erased": erases},
        parts.vault.pseudonym(act, person),
    )


def correct(
    parts: Parts, act: Act, book: Rulebook, person: UUID, record: UUID, values: dict[str, str], at: datetime
) -> None:
    """Replace values of a record. (5)"""
    for name, text in values.items():
        item = book.policy.of("information").get(name)
        if not isinstance(item, Item) or not fits(item.kind, text):
            raise Invalid("wrong-kind", f"`{name}` is not a valid value of its kind")
        with alone(item.store == "hashed"):
            parts.vault.correct(act, person, record, name, text)
        act.deny("corrected", at, person, f"{record}:{name}")
    data = {"record": str(record), "fields": sorted(values)}
    act.append("corrected", at, data, parts.vault.pseudonym(act, person))


def pseudonym_left(parts: Parts, act: Act, person: UUID | None) -> str | None:
    """The ledger's name for a person, as long as it is kept."""
    return parts.vault.pseudonym(act, person) if person is not None else None


def _lock(
    parts: Parts, act: Act, book: Rulebook, person: UUID, names: Collection[str], why: UUID, at: datetime
) -> dict[str, str]:
    """Lock the items whose rule has a hold; return each with the day its lock ends. (1)"""
    holds: dict[str, tuple[Hold, list[str]]] = {}
    for name in sorted(names):
        rule = parts.controls.keeping(book.policy, name)
        if rule is not None and rule.hold is not None:
            holds.setdefault(rule.hold.name, (rule.hold, []))[1].append(name)
    locked: dict[str, str] = {}
    for hold, mine in holds.values():
        ends, lock = parts.calendar.end(at, hold.period), uuid7(at)
        act.do(
            sql.put_hold, operator=act.operator, person=person, hold=lock, name=hold.name, items=mine,
            ground=hold.law_cited, opens_for=[str(one) for one in hold.opens_for], begins_at=at, ends_at=ends, erases=True,
        )  # fmt: skip
        parts.vault.hold(act, person, Values(fields=frozenset(mine)), lock)
        act.deny("held", at, person, ",".join(mine))
        act.append(
            "held",
            at,
            {"hold": hold.name, "items": mine, "request": str(why)},
            parts.vault.pseudonym(act, person),
        )
        locked |= dict.fromkeys(mine, ends.strftime("%Y-%m-%d"))
    return locked


def _go(
    parts: Parts, act: Act, person: UUID, going: list[Located], held: dict[str, str], why: UUID, at: datetime
) -> Erased:
    keys = _erase(parts, act, person, going, "erased", at)
    counts = dict(Counter(one.field for one in going))
    act.append(
        "erased", at, {"items": counts, "held": held, "request": str(why)}, parts.vault.pseudonym(act, person)
    )
    return Erased(counts, held, keys)


def _erase(
    parts: Parts, act: Act, person: UUID, going: list[Located], what: str, at: datetime
) -> frozenset[UUID]:
    """Erase these values and name each in the outside journal; return the keys a backup would need. (4)"""
    if not going:
        return frozenset()
    erased = parts.vault.erase(
        act, person, Values(places=frozenset((one.record, one.field) for one in going))
    )
    for one in going:
        act.deny(what, at, person, f"{one.record}:{one.field}")
    return erased.keys
