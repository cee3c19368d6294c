"""What a fault is, and the three ways to put one in.

1. A fault replaces one control, or bends one method of a part. Nothing is switched off wholesale, nothing
   raises, no answer is an internal error.
2. It is put in at wiring time, into the parts of a throwaway operator. No duty knows of faults.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from shounuo.duties.parts import Parts
from shounuo.store.act import Act
from shounuo.store.queries import Query
from shounuo.store.store import Store
from shounuo.vault.vault import Vault

T = TypeVar("T")
Change = Callable[[Parts], Parts]
V = TypeVar("V", bound=Vault)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be broken: its name, the control it takes away, and the parts without it."""

    name: str
    breaks: str
    apply: Change


def control(**changes: Any) -> Change:
    """Replace controls by name."""
    return lambda parts: replace(parts, controls=replace(parts.controls, **changes))


def vault(kind: type[V]) -> Change:
    """Replace the vault by one whose class overrides a method; it has the same keys and the same database."""

    def change(parts: Parts) -> Parts:
        bent = object.__new__(kind)
        bent.__dict__.update(vars(parts.vault))
        return replace(parts, vault=bent)

    return change


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """How acts are bent, by the name of a query or the kind of an entry.

    `given` changes what goes into a statement, `found` what comes out of one; statements in `unsaid` are
    not run, and entries in `unnoted` are not appended.
    """

    given: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    found: Mapping[str, Callable[[list[Any]], list[Any]]] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()
    unnoted: frozenset[str] = frozenset()


def acts(bend: Bend) -> Change:
    """Bend every act the duties open."""
    return lambda parts: replace(parts, store=cast("Store", _BentStore(parts.store, bend)))


class _BentStore:
    """The store, with its acts bent."""

    def __init__(self, store: Store, bend: Bend) -> None:
        self._store, self._bend = store, bend

    @contextmanager
    def act(self, operator: UUID) -> Iterator[Act]:
        """One transaction, bent."""
        with self._store.act(operator) as act:
            yield cast("Act", _BentAct(act, self._bend))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _BentAct:
    """An act, with some of its statements bent."""

    def __init__(self, act: Act, bend: Bend) -> None:
        self._act, self._bend = act, bend

    def rows(self, shape: type[T], query: Query, /, **values: object) -> list[T]:
        """The rows a query finds, bent on the way in and out."""
        found = self._act.rows(shape, query, **self._given(query, values))
        return self._found(query, found)

    def row(self, shape: type[T], query: Query, /, **values: object) -> T | None:
        """The row a query finds, bent on the way in and out."""
        one = self._act.row(shape, query, **self._given(query, values))
        found = self._found(query, [] if one is None else [one])
        return found[0] if found else None

    def do(self, query: Query, /, **values: object) -> int:
        """Run a statement, unless it goes unsaid."""
        if query.name in self._bend.unsaid:
            return 0
        return self._act.do(query, **self._given(query, values))

    def append(self, kind: str, at: datetime, data: Mapping[str, object], person: str | None = None) -> UUID:
        """Append an entry, unless it goes unnoted."""
        return uuid4() if kind in self._bend.unnoted else self._act.append(kind, at, data, person)

    def _given(self, query: Query, values: dict[str, Any]) -> dict[str, Any]:
        change = self._bend.given.get(query.name)
        return values if change is None else change(values)

    def _found(self, query: Query, found: list[T]) -> list[T]:
        change = self._bend.found.get(query.name)
        return found if change is None else change(found)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._act, name)


def both(*changes: Change) -> Change:
    """One control that is kept in two places."""

    def change(parts: Parts) -> Parts:
        for one in changes:
            parts = one(parts)
        return parts

    return change
