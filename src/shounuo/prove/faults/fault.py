"""What a fault is, and the four ways to put one in.

1. A fault replaces one control, or bends one method of a part. Nothing is switched off wholesale, nothing
   raises, no answer is an internal error.
2. It is put in at wiring time, into the parts of a throwaway operator. No duty knows of faults.
3. A fault says of calls that were heard whether it would change one; where it cannot know, it says yes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID, uuid4

from shounuo.duties.parts import Parts
from shounuo.errors import ShounuoError
from shounuo.prove.hearing import Call, Raised
from shounuo.store.act import Act
from shounuo.store.queries import Query
from shounuo.store.store import Store
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

T = TypeVar("T")


class Change(Protocol):
    """Parts without one of their controls."""

    def __call__(self, parts: Parts) -> Parts:
        """The parts with the fault in them."""

    def shows(self, calls: Sequence[Call]) -> bool:
        """Whether a story that made these calls could go otherwise now. (3)"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be broken: its name, the control it takes away, and the parts without it."""

    name: str
    breaks: str
    apply: Change


@dataclass(frozen=True, slots=True)
class _Controls:
    """Other controls by name."""

    others: Mapping[str, Callable[..., Any]]

    def __call__(self, parts: Parts) -> Parts:
        return replace(parts, controls=replace(parts.controls, **self.others))

    def shows(self, calls: Sequence[Call]) -> bool:
        """Whether one of them answers a call otherwise. (3)"""
        asked = {f"control.{name}": other for name, other in self.others.items()}
        return any(call.name in asked and _otherwise(asked[call.name], call) for call in calls)


def _otherwise(other: Callable[..., Any], call: Call) -> bool:
    if any(isinstance(one, Iterator) for one in (*call.given, *call.named.values())):
        return True  # what went in is used up
    try:
        found = other(*call.given, **call.named)
    except ShounuoError as error:
        found = Raised(type(error), str(error))
    return bool(found != call.found)


def control(**others: Callable[..., Any]) -> Change:
    """Replace controls by name."""
    return _Controls(others)


@dataclass(frozen=True, slots=True)
class _Methods:
    """A part of another class, with the same keys and the same database."""

    room: str
    kind: type

    def __call__(self, parts: Parts) -> Parts:
        bent: Any = object.__new__(self.kind)
        bent.__dict__.update(vars(getattr(parts, self.room)))
        return replace(parts, **{self.room: bent})

    def shows(self, calls: Sequence[Call]) -> bool:
        """Whether a method is called that the other class overrides. (3)"""
        overridden = {f"{self.room}.{name}" for name in vars(self.kind) if not name.startswith("_")}
        return any(call.name in overridden for call in calls)


def vault(kind: type[Vault]) -> Change:
    """Replace the vault by one whose class overrides a method."""
    return _Methods("vault", kind)


def turning(kind: type[Turning]) -> Change:
    """Replace the turning over of keys by one whose class overrides a method."""
    return _Methods("turning", kind)


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Any other change of the parts: every story could go otherwise."""

    change: Callable[[Parts], Parts]

    def __call__(self, parts: Parts) -> Parts:
        return self.change(parts)

    def shows(self, calls: Sequence[Call]) -> bool:
        """It cannot be told. (3)"""
        return True


def otherwise(change: Callable[[Parts], Parts]) -> Change:
    """Replace whatever `change` replaces."""
    return _Unknown(change)


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

    def __call__(self, parts: Parts) -> Parts:
        """The parts with every act bent."""
        return replace(parts, store=cast("Store", _BentStore(parts.store, self)))

    def shows(self, calls: Sequence[Call]) -> bool:
        """Whether a statement is given or finds something else, or is heard that goes unsaid. (3)"""
        return any(self._bends(call) for call in calls)

    def _bends(self, call: Call) -> bool:
        room, _, name = call.name.partition(".")
        if room == "entry":
            return name in self.unnoted
        if room != "query":
            return False
        given, found = self.given.get(name), self.found.get(name)
        return (
            name in self.unsaid
            or (given is not None and given(dict(call.named)) != call.named)
            or (found is not None and found(list(call.found)) != call.found)
        )


def acts(bend: Bend) -> Change:
    """Bend every act the duties open."""
    return bend


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


@dataclass(frozen=True, slots=True)
class _Both:
    """Several changes, one after the other."""

    changes: tuple[Change, ...]

    def __call__(self, parts: Parts) -> Parts:
        for one in self.changes:
            parts = one(parts)
        return parts

    def shows(self, calls: Sequence[Call]) -> bool:
        """Whether any of them shows. (3)"""
        return any(one.shows(calls) for one in self.changes)


def both(*changes: Change) -> Change:
    """One control that is kept in two places."""
    return _Both(changes)
