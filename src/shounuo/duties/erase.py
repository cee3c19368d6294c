"""Let go: on request, on a closed account, on time; and lock what the law still wants.

1. Items under a hold of the policy are locked instead of erased; the lock ends on its date and finishes the erasure
   by itself. Everything else goes now.
2. A closed account keeps nothing but what is locked, and the pseudonym its proofs stand under.
3. Values whose time is up go; nobody need ask. (PIPL 47)
4. What was erased is named in the outside journal before anyone is told, so no restored backup brings it back.
5. A correction replaces the value; the old one is unreadable once keys turn over.
6. A lock lies on what was asked for and is not locked yet: on no other record, and no longer than the first lock says.
7. What is gone already may still lie in a backup, until the keys that were in use then are destroyed.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shounuo.core.category import fits
from shounuo.core.policy import Hold, Item
from shounuo.core.rulebook import Rulebook
from shounuo.duties.collect import as_kept
from shounuo.duties.parts import Parts, sql
from shounuo.duties.read import alone
from shounuo.errors import Invalid
from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.vault.shapes import Located, Values

RESERVED = frozenset(
    {"user-id", "birth-date"}
)  # what the account itself stands on; it goes when the account does


_LONGEST_ACT = timedelta(minutes=2)  # an act that began before the keys were turned may commit after it


@dataclass(frozen=True, slots=True)
class _Lock:
    hold: UUID
    ends_at: datetime


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
    held = _lock(parts, act, book, person, found, why, at) if locks else {}
    return _go(parts, act, person, [one for one in found if one.field not in held], held, why, at)


def account(parts: Parts, act: Act, book: Rulebook, person: UUID, why: UUID, at: datetime) -> Erased:
    """Erase all of a closed account but what is locked. (2)"""
    found = parts.vault.located(act, person)
    lockable = [one for one in found if one.field not in RESERVED]
    held = _lock(parts, act, book, person, lockable, why, at)
    erased = _go(parts, act, person, [one for one in found if one.field not in held], held, why, at)
    parts.vault.close(act, person, at)
    act.deny("closed", at, person, str(why))
    act.append("account-closed", at, {"request": str(why)}, parts.vault.pseudonym(act, person))
    return erased


def expire(parts: Parts, act: Act, person: UUID, at: datetime) -> None:
    """Erase what of a person has come to its time. Who calls holds the person. (3)"""
    mine = parts.vault.due_of(act, person, at)
    if mine:
        _erase(parts, act, person, mine, "expired", at)
        parts.changes.changed(act, at, person)
        counts = dict(Counter(one.field for one in mine))
        act.append("expired", at, {"items": counts}, parts.vault.pseudonym(act, person))


def release(
    parts: Parts, act: Act, person: UUID, hold: UUID, names: list[str], *, erases: bool, at: datetime
) -> None:
    """End a lock and finish the erasure it kept waiting; nothing when it was ended already. (1)"""
    if not act.do(sql.release_hold, operator=act.operator, person=person, hold=hold, at=at):
        return
    mine = [one for one in parts.vault.located(act, person, fields=names) if one.hold == hold]
    parts.vault.release(act, person, hold)
    parts.changes.changed(act, at, person)
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
            parts.vault.correct(act, person, record, name, as_kept(parts, act, person, item, text))
        act.deny("corrected", at, person, f"{record}:{name}")
    data = {"record": str(record), "fields": sorted(values)}
    act.append("corrected", at, data, parts.vault.pseudonym(act, person))


def pseudonym_left(parts: Parts, act: Act, person: UUID | None) -> str | None:
    """The ledger's name for a person, as long as it is kept."""
    return parts.vault.pseudonym(act, person) if person is not None else None


def still_in_backups(parts: Parts, act: Act, person: UUID) -> frozenset[UUID]:
    """The keys by which a backup may still open what of this person is gone already. (7)"""
    keys = parts.vault.keys.generation(act)
    return keys.all if erased_since_turn(parts, act, person) else frozenset(keys.leaving)


def erased_since_turn(parts: Parts, act: Act, person: UUID | None = None) -> bool:
    """Whether anything (of one person) was erased that the keys in use may still open in a backup. (7)"""
    turned = parts.vault.turned_at(act)
    if turned is None:
        return False
    since = turned - _LONGEST_ACT
    return bool(act.row(bool, sql.erased_since, operator=act.operator, person=person, since=since))


def _lock(
    parts: Parts, act: Act, book: Rulebook, person: UUID, found: Collection[Located], why: UUID, at: datetime
) -> dict[str, str]:
    """Lock what of `found` a rule has a hold for; return each item with the day its lock ends. (1, 6)"""
    there = {
        hold.hold: hold.ends_at
        for hold in act.rows(_Lock, sql.locks_on, operator=act.operator, person=person)
    }
    holds: dict[str, tuple[Hold, list[Located]]] = {}
    locked: dict[str, str] = {}
    for one in sorted(found, key=lambda each: each.field):
        rule = parts.controls.keeping(book.policy, one.field)
        if rule is None or rule.hold is None:
            continue
        if one.hold is None:
            holds.setdefault(rule.hold.name, (rule.hold, []))[1].append(one)
        elif one.hold in there:
            locked[one.field] = max(locked.get(one.field, ""), f"{there[one.hold]:%Y-%m-%d}")
    for hold, mine in holds.values():
        ends, lock, names = (
            parts.calendar.end(at, hold.period),
            uuid7(at),
            sorted({one.field for one in mine}),
        )
        act.do(
            sql.put_hold, operator=act.operator, person=person, hold=lock, name=hold.name, items=names,
            ground=hold.law_cited, opens_for=[str(one) for one in hold.opens_for], begins_at=at, ends_at=ends, erases=True,
        )  # fmt: skip
        places = frozenset((one.record, one.field) for one in mine)
        parts.vault.hold(act, person, Values(places=places), lock)
        for name in names:
            act.deny("held", at, person, name)
        act.append(
            "held",
            at,
            {"hold": hold.name, "items": names, "request": str(why)},
            parts.vault.pseudonym(act, person),
        )
        locked |= dict.fromkeys(names, ends.strftime("%Y-%m-%d"))
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
