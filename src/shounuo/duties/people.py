"""Take a person in: an opaque id for them, a place on the ledger, and what their age bars.

1. The product's own user id is personal information: it is sealed, findable, and never leaves; everything else uses
   a random id. Two calls at once with one user id meet one person; two ids that differ in anything, be it in case or
   width only, are two people, though a search takes them for one.
2. Who is under the age the policy refuses is not taken in, and nothing of the call is kept. (PIPL 31)
3. Who needs a guardian is taken in barred, until a guardian says yes or the age is reached.
4. A birthday is personal information: it is sealed, and the age is worked out when it matters. One that becomes known
   later counts from then on; one that is known is changed by a request alone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from shounuo.core.calendar import BEIJING
from shounuo.core.policy import Minors
from shounuo.core.rulebook import Rulebook
from shounuo.duties import once
from shounuo.duties.agree import must_know
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Invalid
from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.vault.shapes import Field, RecordRow, Values

USER_ID, BIRTH = "user-id", "birth-date"
ACCOUNT = "account"  # the chest of what identifies the account; it goes when the account does


@dataclass(frozen=True, slots=True)
class Registered:
    """The opaque id of a person, and whether it is new."""

    person: UUID
    new: bool


def register(parts: Parts, operator: UUID, user_id: str, birth: date | None = None) -> Registered:
    """The opaque id of the person the product calls `user_id`, made now if there is none."""
    at = parts.clock.now()
    if not user_id.strip() or len(user_id) > 200 or "\x00" in user_id:
        raise Invalid("wrong-kind", "`user_id` must be 1 to 200 characters")
    with parts.store.act(operator) as act:
        book = parts.policies.in_force(act, at)
        if book is None:
            raise Conflict("no-policy", "no policy is in force: publish one first")
        known = _found(parts, act, user_id) or _found_late(parts, act, user_id)
        if known is not None:
            if birth is not None:
                _learn(parts, act, book, known, birth, at)
            once.made(parts, act, str(known))
            return Registered(known, new=False)
        barred = bar(parts, book, birth, at.astimezone(BEIJING).date())
        if barred is not None and barred.rule == "refuse":  # (2)
            raise Conflict("too-young", f"nobody under {barred.under} is taken in", barred.keeps)
        person = uuid4()
        pseudonym = parts.vault.register(act, person, at)
        values = [Field(name=USER_ID, text=user_id, chest=ACCOUNT, findable=True)]
        if birth is not None:  # (4)
            values.append(Field(name=BIRTH, text=birth.isoformat(), chest=ACCOUNT))
        parts.vault.put(act, person, _record(book, at), values)
        act.do(sql.put_standing, operator=operator, person=person, barred=barred.name if barred else None)
        once.made(parts, act, str(person))
        act.append("registered", at, {"version": book.number}, pseudonym)
    return Registered(person, new=True)


def _found(parts: Parts, act: Act, user_id: str) -> UUID | None:
    """Who has this very user id. (1)"""
    for person in parts.vault.find(act, USER_ID, user_id):
        ids = parts.vault.get(act, person, Values(fields=[USER_ID]))
        if any(one.text == user_id for one in ids):
            return person
    return None


def _found_late(parts: Parts, act: Act, user_id: str) -> UUID | None:
    """Who another call has just taken in under this user id. (1)"""
    once.wait_turn(parts, act, f"{USER_ID} {user_id}")
    return _found(parts, act, user_id)


def _learn(parts: Parts, act: Act, book: Rulebook, person: UUID, birth: date, at: datetime) -> None:
    """Keep the birthday of a person of whom none was known, and bar them where it says so. (2, 3, 4)"""
    must_know(act, person)
    ids = parts.vault.get(act, person, Values(fields=[USER_ID, BIRTH]))
    if not ids or any(one.field == BIRTH for one in ids):
        return
    barred = bar(parts, book, birth, at.astimezone(BEIJING).date())
    record = _record(book, at)
    parts.vault.put(act, person, record, [Field(name=BIRTH, text=birth.isoformat(), chest=ACCOUNT)])
    act.do(sql.put_standing, operator=act.operator, person=person, barred=barred.name if barred else None)
    parts.changes.changed(act, at, person)
    data = {"version": book.number, "barred": barred.name if barred else None}
    act.append("age-known", at, data, parts.vault.pseudonym(act, person))


def _record(book: Rulebook, at: datetime) -> RecordRow:
    """The collection that what the account stands on belongs to."""
    return RecordRow(
        record=uuid7(at),
        scene="account",
        purpose="account",
        basis="contract",
        source="person",
        policy_version=book.number,
        collected_at=at,
    )


def bar(parts: Parts, book: Rulebook, birth: date | None, today: date) -> Minors | None:
    """The strictest rule on minors that applies to someone born on `birth`; nothing is known of an unknown age."""
    if birth is None:
        return None
    if birth > today:
        raise Invalid("wrong-kind", "`birth` lies in the future")
    age = parts.controls.age_on(birth, today)
    rules = [
        entry
        for entry in book.policy.of("minors").values()
        if isinstance(entry, Minors) and age < entry.under
    ]
    return min(rules, key=lambda rule: (rule.rule != "refuse", rule.under), default=None)


def still_barred(parts: Parts, act: Act, book: Rulebook, person: UUID, name: str, today: date) -> str | None:
    """`name` while the person is still under its age; None from the birthday on. (3)"""
    opened = parts.vault.get(act, person, Values(fields=[BIRTH]))
    birth = date.fromisoformat(opened[0].text) if opened else None
    rule = bar(parts, book, birth, today)
    return rule.name if rule is not None else (name if birth is None else None)


def release(parts: Parts, operator: UUID, person: UUID) -> None:
    """Release a frozen account. Raises NotFound."""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        must_know(act, person)
        act.do(sql.put_frozen, operator=operator, person=person, at=None)
        once.made(parts, act, str(person), 200)
        parts.changes.changed(act, at, person)
        act.append("account-released", at, {}, parts.vault.pseudonym(act, person))
