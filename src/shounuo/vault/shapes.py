"""What goes into the vault, what comes out, and which part of a person's is meant."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from shounuo.vault.seal import Algorithm

Place: TypeAlias = tuple[UUID, str]  # record and field

PSEUDONYM = "pseudonym"  # The chest of a person's name in the ledger; it dies last.


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One collection: where, for what, on which basis, when, from whom. Nothing in it is personal
    information.
    """

    record: UUID
    scene: str
    purpose: str
    policy_version: int
    basis: str
    collected_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value to keep: in which chest, of which kind, sealed how, whether it can be searched for, until
    when.
    """

    name: str
    chest: str
    text: str
    kind: str = "text"
    algorithm: Algorithm = "aes-256-gcm"
    findable: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One value as it was kept."""

    record: UUID
    field: str
    chest: str
    kind: str
    text: str
    due_at: datetime | None
    hold: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One value that is kept, unopened; secrets too."""

    person: UUID
    record: UUID
    field: str
    chest: str
    kind: str
    due_at: datetime | None
    hold: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One value as it lies in the database, with one of the keys that open its chest."""

    record: UUID
    field: str
    chest: str
    kind: str
    sealed: bytes
    findable: bool
    due_at: datetime | None
    hold: UUID | None
    wrapping_key: UUID | None
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class Values:
    """Some values: of these records, with these names, in these chests, in these places; None means all."""

    records: Collection[UUID] | None = None
    fields: Collection[str] | None = None
    chests: Collection[str] | None = None
    places: Collection[Place] | None = None

    def has(self, value: Stored) -> bool:
        """Whether `value` is meant."""
        return (
            (self.records is None or value.record in self.records)
            and (self.fields is None or value.field in self.fields)
            and (self.chests is None or value.chest in self.chests)
            and (self.places is None or (value.record, value.field) in self.places)
        )


@dataclass(frozen=True, slots=True)
class Expired:
    """The values that were due to go by `at`."""

    at: datetime

    def has(self, value: Stored) -> bool:
        """Whether `value` is meant."""
        return value.due_at is not None and value.due_at <= self.at


@dataclass(frozen=True, slots=True)
class Everything:
    """All values, besides those in the chests named. The pseudonym goes too, unless its chest is named."""

    besides: frozenset[str] = frozenset({PSEUDONYM})

    def has(self, value: Stored) -> bool:
        """Whether `value` is meant."""
        return value.chest not in self.besides


Which = Values | Expired | Everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did.

    It is *unreadable here* when its act commits, and *unreadable in backups* when none of `keys` is in
    custody any more (`Vault.beyond_reach`): these are all that may open or guess it, in any copy.
    """

    values: int
    held: int  # Values meant that a hold keeps for now.
    chests: tuple[str, ...]  # Chests of which nothing is left.
    keys: frozenset[UUID]
