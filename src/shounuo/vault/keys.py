"""The keys of an operator and of its people's chests, as acts use them.

1. An operator has three keys in custody: one that wraps chest keys, one for the index, one for
   fingerprints.
2. A chest has one key of 32 random bytes, wrapped for that chest alone. Nothing else ever holds it.
3. Who writes what is a person's holds that person first (`hold`), and only then reads which keys are in
   use. Holding gives the transaction its number, so whoever turns the keys over knows whom to wait for; and
   one person has one writer at a time.
4. While keys are turned over, a chest may be wrapped in two generations: either opens it, and it is dropped
   from both.
5. Keys of chests are locked before they are dropped, and dropped by a statement of its own: one that began
   before another transaction wrapped the chest anew would not see that row and leave it behind.
6. Making room for an operator's first keys needs every other act out of the tables of keys for a moment: it
   waits half a second for that, gives way, and comes back.
"""

import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from shounuo.errors import Misconfigured, NotFound, Tampered
from shounuo.ports.custody import Custody, Purpose
from shounuo.store.act import Act
from shounuo.store.faults import Contended
from shounuo.store.queries import load
from shounuo.vault.seal import ChestKey
from shounuo.vault.wrapping import Wrapping

sql = load("shounuo.vault", "sql/keys.sql")
people = load("shounuo.vault", "sql/people.sql")

_TRIES_MAX, _PAUSE_S = 12, 0.05
TURNED: tuple[Purpose, ...] = ("wrap", "index", "fingerprint")


@dataclass(frozen=True, slots=True)
class Generation:
    """The ids of the keys in use, and of those that are leaving."""

    wrap: UUID
    index: UUID
    fingerprint: UUID
    old_wrap: UUID | None
    old_index: UUID | None
    old_fingerprint: UUID | None
    turning: str | None

    @property
    def all(self) -> frozenset[UUID]:
        """Every key that may open or guess what is stored at this moment."""
        return frozenset((self.wrap, self.index, self.fingerprint, *self.leaving))

    @property
    def leaving(self) -> tuple[UUID, ...]:
        """The keys that are to be destroyed."""
        ids = (self.old_wrap, self.old_index, self.old_fingerprint)
        return tuple(key_id for key_id in ids if key_id is not None)

    @property
    def indexes(self) -> list[UUID]:
        """The generations of the index that are asked, the one that is written first."""
        return [self.index] if self.old_index is None else [self.index, self.old_index]


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One row of the table of chest keys."""

    chest: str
    wrapping_key: UUID
    wrapped: bytes


class Keys:
    """What turns ids in the database into keys from custody. Safe to share between threads."""

    def __init__(self, custody: Custody) -> None:
        self.custody = custody

    def open(self, act: Act, at: datetime) -> Generation:
        """Make an operator's first keys, unless it has them (1)."""
        if (found := act.row(Generation, sql.generation, operator=act.operator)) is not None:
            return found
        wrap, index, fingerprint = made = [self.custody.create(act.operator, purpose) for purpose in TURNED]
        if self._opened(act, wrap=wrap, index=index, fingerprint=fingerprint, at=at):
            act.do(sql.mark_index, operator=act.operator, index_key=index, run=uuid4(), whole=True)
        else:  # Another made them meanwhile, so ours never sealed anything.
            for key_id in made:
                self.custody.destroy(act.operator, key_id)
        return self.generation(act)

    def _opened(self, act: Act, **keys: object) -> bool | None:
        """Make room for the first keys; others are out of the way for that moment, or it is tried again (6)."""
        for attempt in range(1, _TRIES_MAX + 1):
            try:
                with act.attempt():
                    return act.row(bool, sql.open_operator, **keys)
            except Contended:
                if attempt == _TRIES_MAX:
                    raise
            time.sleep(_PAUSE_S * attempt * (1 + random.random()))  # noqa: S311 - so that two do not meet again
        raise AssertionError

    def generation(self, act: Act) -> Generation:
        """Return the keys in use; `Misconfigured` when the operator has none yet."""
        found = act.row(Generation, sql.generation, operator=act.operator)
        if found is None:
            raise Misconfigured("this operator's vault was never opened; open it first (`Vault.open`)")
        return found

    def hold(self, act: Act, person: UUID) -> Generation:
        """Hold a person for writing, then read the keys in use (3); `NotFound` when there is no such
        person.
        """
        if act.row(UUID, people.hold_person, operator=act.operator, person=person) is None:
            raise NotFound("person", "there is no such person")
        return self.generation(act)

    def secret(self, act: Act, key_id: UUID) -> bytes:
        """Return a key of the operator at work from custody."""
        return self.custody.key(act.operator, key_id)

    def unwrap(
        self, act: Act, person: UUID, chest: str, wrapping_key: UUID | None, wrapped: bytes | None
    ) -> ChestKey:
        """Return the key of a chest from its row; `Tampered` when the row is missing or not this chest's."""
        if wrapping_key is None or wrapped is None:
            raise Tampered(
                "the key of a chest is missing while values lie in it; restore the copy of the key table"
            )
        return Wrapping(act.operator, wrapping_key, self.secret(act, wrapping_key)).unwrap(
            wrapped, person, chest
        )

    def chests(
        self, act: Act, generation: Generation, person: UUID, chests: Collection[str]
    ) -> dict[str, ChestKey]:
        """Return the keys of these chests, making those that do not exist yet. The person is held (2, 3)."""
        rows = act.rows(
            WrappedKey, sql.chest_keys, operator=act.operator, person=person, chests=sorted(chests)
        )
        found = {
            each.chest: self.unwrap(act, person, each.chest, each.wrapping_key, each.wrapped) for each in rows
        }
        made = {chest: ChestKey.new() for chest in sorted(chests) if chest not in found}
        self.keep(act, generation, person, made)
        return found | made

    def keep(self, act: Act, generation: Generation, person: UUID, made: Mapping[str, ChestKey]) -> None:
        """Keep new keys of chests, wrapped under the key in use."""
        if not made:
            return
        wrapping = Wrapping(act.operator, generation.wrap, self.secret(act, generation.wrap))
        act.do(
            sql.put_chest_keys,
            operator=act.operator,
            person=person,
            wrapping_key=generation.wrap,
            chests=list(made),
            wrapped=[wrapping.wrap(key, person, chest) for chest, key in made.items()],
        )

    def drop(self, act: Act, person: UUID, chests: Collection[str]) -> None:
        """Drop the keys of these chests in every generation (4, 5). The person is held."""
        named = sorted(chests)
        act.rows(str, sql.hold_chest_keys, operator=act.operator, person=person, chests=named)
        act.do(sql.drop_chest_keys, operator=act.operator, person=person, chests=named)
