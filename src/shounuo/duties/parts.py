"""What a duty works with: the store, the vault, the clock, the calendar, the controls, the policies in force."""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID

from shounuo.core.calendar import Calendar
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.duties.changes import Changes
from shounuo.duties.controls import Controls
from shounuo.language.load import load
from shounuo.ports.clock import Clock
from shounuo.store.act import Act
from shounuo.store.queries import load as load_queries
from shounuo.store.sealer import Sealer
from shounuo.store.sealing import Signer
from shounuo.store.store import Store
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

sql = load_queries("shounuo.duties", "sql/duties.sql")


@dataclass(frozen=True, slots=True)
class Version:
    """A published version as it is stored."""

    number: int
    slug: str
    source: bytes
    hash: str
    published_at: datetime
    effective_at: datetime
    proving: bool


@dataclass(frozen=True, slots=True)
class _InForce:
    number: int
    hash: str


@dataclass(slots=True)
class Policies:
    """The Rulebooks of published versions, compiled once each: a version never changes."""

    _books: dict[tuple[UUID, int, str], Rulebook] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def in_force(self, act: Act, at: datetime) -> Rulebook | None:
        """The Rulebook in force for the act's operator at `at`, or None."""
        found = act.row(_InForce, sql.version_in_force, operator=act.operator, at=at)
        return None if found is None else self.of(act, found.number, found.hash)

    def version(self, act: Act, number: int) -> Rulebook | None:
        """The Rulebook of one version, in force or not, or None."""
        found = act.row(Version, sql.version, operator=act.operator, number=number)
        return None if found is None else self.of(act, number, found.hash)

    def of(self, act: Act, number: int, text_hash: str) -> Rulebook | None:
        """The Rulebook of one version. A number may stand for another text in a database that was put back."""
        key = (act.operator, number, text_hash)
        with self._lock:
            if (book := self._books.get(key)) is not None:
                return book
        version = act.row(Version, sql.version, operator=act.operator, number=number)
        if version is None:
            return None
        policy = load(version.source, f"{version.slug}.yaml", version.slug)
        book = compile_policy(policy, version.source, version.number)
        with self._lock:
            return self._books.setdefault(key, book)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a duty needs, put together by `wire`."""

    store: Store
    vault: Vault
    clock: Clock
    calendar: Calendar
    controls: Controls = field(default_factory=Controls)
    policies: Policies = field(default_factory=Policies)
    changes: Changes = field(default_factory=Changes)
    region: str = "CN-mainland"
    turning: Turning
    sealer: Sealer
    signer: Signer
    proving: bool = False  # Only then operators made for a proof are made and served.
