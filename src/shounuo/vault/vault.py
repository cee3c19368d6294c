"""The vault: what people told us, sealed, each in chests of their own.

1. Every method works in the act it is given, and is kept or undone with it. Time is a parameter.
2. Some kinds are never stored, whatever a policy says (see `keepable`).
3. A secret is only ever a verifier. It is never returned, masked or exported; it can be asked whether a
   text is it.
4. Taking a part of a chest away gives the chest a new key (see `rewrite`). `Erased.keys` names the keys
   that must be gone from custody before no backup opens what was taken away (`beyond_reach`).
5. What a hold keeps is neither erased nor corrected.
6. A person's name in the ledger is random, lies sealed in a chest of its own, and dies last (see
   `pseudonym`).
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from shounuo.errors import Conflict, NotFound, Tampered
from shounuo.ports.custody import Custody
from shounuo.store.act import Act
from shounuo.store.queries import Query
from shounuo.vault import pseudonym, secret
from shounuo.vault.framing import framed
from shounuo.vault.index import Findable, Index
from shounuo.vault.keepable import SECRET, must_be_chest, must_be_keepable, must_be_text
from shounuo.vault.keys import TURNED, Keys, people, sql
from shounuo.vault.rewrite import Change, Rewriting, named, stored
from shounuo.vault.seal import ChestKey, Context, open_, seal
from shounuo.vault.shapes import (
    PSEUDONYM,
    Erased,
    Everything,
    Field,
    Located,
    Opened,
    RecordRow,
    Stored,
    Values,
    Which,
)

ALL = Values()


class Vault:
    """The vault of every operator, over one custody. Safe to share between threads."""

    def __init__(self, custody: Custody, *, cost: secret.Cost | None = None) -> None:
        self.keys = Keys(custody)
        self.index = Index(self.keys)
        self._cost = cost or secret.Cost()

    def open(self, act: Act, at: datetime) -> None:
        """Make the keys of the operator at work, unless it has them."""
        self.keys.open(act, at)

    def register(self, act: Act, person: UUID, at: datetime) -> str:
        """Make a person; return their name in the ledger (6). `Conflict` when there is such a person."""
        act.do(people.put_person, operator=act.operator, person=person, at=at)
        return pseudonym.give(act, self.keys, self.keys.generation(act), person)

    def pseudonym(self, act: Act, person: UUID) -> str:
        """Return a person's name in the ledger; `NotFound` when it was erased."""
        return pseudonym.read(act, self.keys, person)

    def close(self, act: Act, person: UUID, at: datetime) -> None:
        """Note that a person's account is closed; the first time counts."""
        self.keys.hold(act, person)
        act.do(people.close_person, operator=act.operator, person=person, at=at)

    def put(self, act: Act, person: UUID, record: RecordRow, values: Sequence[Field]) -> None:
        """Keep one collection. `Refused` (2), `Invalid`, `Conflict` when there is such a record,
        `NotFound`.
        """
        for each in values:
            must_be_keepable(each)
        generation = self.keys.hold(act, person)
        keys = self.keys.chests(act, generation, person, {each.chest for each in values})
        act.do(
            people.put_record,
            operator=act.operator,
            person=person,
            record=record.record,
            scene=record.scene,
            purpose=record.purpose,
            policy_version=record.policy_version,
            basis=record.basis,
            collected_at=record.collected_at,
            source=record.source,
        )
        act.do(
            people.put_values,
            operator=act.operator,
            person=person,
            record=record.record,
            fields=[each.name for each in values],
            chests=[each.chest for each in values],
            kinds=[each.kind for each in values],
            sealed=[self._sealed(act, person, record.record, keys[each.chest], each) for each in values],
            findable=[each.findable for each in values],
            due_at=[each.due_at for each in values],
        )
        to_find = [each for each in values if each.findable]
        self.index.put(
            act,
            generation.index,
            [Findable(person, record.record, each.name, each.kind, each.text) for each in to_find],
        )

    def records(self, act: Act, person: UUID) -> list[RecordRow]:
        """Return a person's collections, the oldest first."""
        return act.rows(RecordRow, people.records, operator=act.operator, person=person)

    def record(self, act: Act, person: UUID, record: UUID) -> RecordRow:
        """Return one collection of a person; `NotFound`."""
        found = next((each for each in self.records(act, person) if each.record == record), None)
        if found is None:
            raise NotFound("record", "this person has no such record")
        return found

    def known(self, act: Act, person: UUID) -> bool:
        """Whether there is such a person."""
        return bool(act.row(bool, people.known, operator=act.operator, person=person))

    def located(
        self, act: Act, person: UUID, *, fields: Collection[str] | None = None, record: UUID | None = None
    ) -> list[Located]:
        """Return which values a person has, secrets too; nothing is opened. None means all."""
        names = None if fields is None else sorted(fields)
        return act.rows(
            Located, people.located, operator=act.operator, person=person, fields=names, record=record
        )

    def get(self, act: Act, person: UUID, which: Which = ALL) -> list[Opened]:
        """Return a person's values, opened; no secrets (3). `Tampered` when one was changed, moved or
        swapped.
        """
        keys: dict[str, ChestKey] = {}
        return [
            Opened(
                record=each.record,
                field=each.field,
                chest=each.chest,
                kind=each.kind,
                text=self._opened(act, person, each, keys),
                due_at=each.due_at,
                hold=each.hold,
            )
            for each in stored(act, person).values()
            if each.kind != SECRET and which.has(each)
        ]

    def find(self, act: Act, field: str, text: str, kind: str = "text") -> list[UUID]:
        """Return the people whose findable `field` has this value; `Unavailable` while the index is made."""
        return self.index.find(act, field, kind, text)

    def matches(self, act: Act, person: UUID, field: str, candidate: str) -> bool:
        """Whether `candidate` is the secret kept in `field`. It takes a while, on purpose."""
        keys: dict[str, ChestKey] = {}
        kept = [each for each in stored(act, person).values() if each.kind == SECRET and each.field == field]
        return any(secret.matches(candidate, self._opened(act, person, each, keys)) for each in kept)

    def correct(self, act: Act, person: UUID, record: UUID, field: str, text: str) -> Erased:
        """Put `text` in the place of a value, erasing that (4). `NotFound`; `Conflict` when it is held."""
        generation = self.keys.hold(act, person)
        values = stored(act, person)
        value = values.get((record, field))
        if value is None:
            raise NotFound("value", "this person has no such value")
        if value.hold is not None:  # (5)
            raise Conflict("held", "a hold keeps this value as it is")
        must_be_text(text)
        kept = secret.verifier(text, self._cost) if value.kind == SECRET else text
        change = {(record, field): Change(text=kept)}
        return Rewriting(act, self.keys, self.index, person, generation).run(values, change, held=0)

    def erase(self, act: Act, person: UUID, which: Which) -> Erased:
        """Erase what is meant and not held (4, 5, 6). Erasing what is gone already is nothing."""
        generation = self.keys.hold(act, person)
        values = stored(act, person)
        meant = {place: value for place, value in values.items() if which.has(value)}
        changes = {place: Change(gone=True) for place, value in meant.items() if value.hold is None}
        held = len(meant) - len(changes)
        erased = Rewriting(act, self.keys, self.index, person, generation).run(values, changes, held)
        last = isinstance(which, Everything) and PSEUDONYM not in which.besides and not held
        if last and pseudonym.erase(act, self.keys, person):
            return Erased(
                values=erased.values, held=0, chests=(*erased.chests, PSEUDONYM), keys=generation.all
            )
        return erased

    def move(self, act: Act, person: UUID, which: Which, chest: str) -> Erased:
        """Move what is meant into another chest, held or not; where it lay gets a new key (4)."""
        must_be_chest(chest)
        generation = self.keys.hold(act, person)
        values = stored(act, person)
        meant = [place for place, value in values.items() if which.has(value) and value.chest != chest]
        changes = {place: Change(chest=chest) for place in meant}
        return Rewriting(act, self.keys, self.index, person, generation).run(values, changes, held=0)

    def due(self, act: Act, at: datetime, most: int = 1000, after: Located | None = None) -> list[Located]:
        """Return values that are due to go and not held, the longest due first, from behind `after` on."""
        return act.rows(
            Located, people.due, operator=act.operator, at=at, most=most, after_due=after and after.due_at,
            after_person=after and after.person, after_record=after and after.record, after_field=after and after.field,
        )  # fmt: skip

    def due_of(self, act: Act, person: UUID, at: datetime) -> list[Located]:
        """Return what of one person is due to go and not held."""
        return act.rows(Located, people.due_of, operator=act.operator, person=person, at=at)

    def hold_free(self, act: Act, some: Collection[UUID]) -> list[UUID]:
        """Hold those of some people whom no other act holds; return who they are."""
        return act.rows(UUID, people.hold_free_people, operator=act.operator, people=sorted(some))

    def opens(self, act: Act, person: UUID) -> bool:
        """Whether all that is kept of a person opens: secrets and their name in the ledger too."""
        keys: dict[str, ChestKey] = {}
        try:
            for each in stored(act, person).values():
                self._opened(act, person, each, keys)
            pseudonym.read(act, self.keys, person)
        except Tampered:
            return False
        except (
            NotFound
        ) as gone:  # a name that was erased is not damaged; a key that is lost is nothing that opens
            return gone.code in ("person", "pseudonym")
        return True

    def next_due(self, act: Act, after: datetime, until: datetime) -> datetime | None:
        """Return when the next value is due to go, later than `after` and no later than `until`."""
        return act.row(datetime, people.next_due, operator=act.operator, after=after, until=until)

    def set_due(self, act: Act, person: UUID, which: Which, due_at: datetime | None) -> int:
        """Say when what is meant is due to go; return how many values that is."""
        return self._mark(act, person, which, people.set_due, due_at=due_at)

    def hold(self, act: Act, person: UUID, which: Which, hold: UUID) -> int:
        """Lay a hold on what is meant and has none (5); return on how many values."""
        return self._mark(act, person, which, people.set_hold, hold=hold)

    def release(self, act: Act, person: UUID, hold: UUID) -> int:
        """Take a hold away; return from how many values."""
        self.keys.hold(act, person)
        return act.do(people.release_hold, operator=act.operator, person=person, hold=hold)

    def fingerprint(self, act: Act, content: bytes) -> tuple[UUID, bytes]:
        """Return the id of the fingerprint key in use, and the keyed fingerprint of `content` (32 bytes)."""
        key_id = self.keys.generation(act).fingerprint
        return key_id, self._fingerprint(act, key_id, content)

    def fingerprint_again(self, act: Act, key_id: UUID, content: bytes) -> bytes | None:
        """Return the fingerprint under an earlier key, or None when that key was turned over."""
        try:
            return self._fingerprint(act, key_id, content)
        except NotFound:
            return None

    def turned_at(self, act: Act) -> datetime | None:
        """Return when the operator's keys in use came into use; None when it has none. A turn over that was cut
        short and finished later began then: what was erased in between waits for the next.
        """
        return act.row(datetime, sql.turned_at, operator=act.operator)

    def beyond_reach(self, operator: UUID, keys: Iterable[UUID]) -> bool:
        """Whether none of these keys is in custody any more: what was erased is unreadable in backups (4)."""
        left = {key_id for purpose in TURNED for key_id in self.keys.custody.ids(operator, purpose)}
        return left.isdisjoint(keys)

    def _fingerprint(self, act: Act, key_id: UUID, content: bytes) -> bytes:
        return hmac.digest(self.keys.secret(act, key_id), framed("shounuo fingerprint", content), sha256)

    def _mark(self, act: Act, person: UUID, which: Which, query: Query, **what: object) -> int:
        self.keys.hold(act, person)
        places = [place for place, value in stored(act, person).items() if which.has(value)]
        return act.do(query, operator=act.operator, person=person, **named(places), **what)

    def _sealed(self, act: Act, person: UUID, record: UUID, key: ChestKey, field: Field) -> bytes:
        text = secret.verifier(field.text, self._cost) if field.kind == SECRET else field.text
        place = Context(act.operator, person, field.chest, record, field.name, field.kind)
        return seal(field.algorithm, key, text.encode(), place)

    def _opened(self, act: Act, person: UUID, value: Stored, keys: dict[str, ChestKey]) -> str:
        if value.chest not in keys:
            keys[value.chest] = self.keys.unwrap(act, person, value.chest, value.wrapping_key, value.wrapped)
        place = Context(act.operator, person, value.chest, value.record, value.field, value.kind)
        return open_(keys[value.chest], value.sealed, place).decode()
