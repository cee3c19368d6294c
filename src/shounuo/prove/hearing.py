"""Hear which controls a story asks, and what they answer: a story can go otherwise only where one answers otherwise.

1. Heard are controls, statements, entries and methods of the vault and of turning over, by name, with what went
   in and what came out. They answer as they would unheard.
2. A fault is tried on what was heard. A story of which every answer stays the same goes as it went, and is not
   told again; where this cannot be told, it is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from shounuo.duties.parts import Parts
from shounuo.errors import ShounuoError
from shounuo.store.act import Act
from shounuo.store.queries import Query
from shounuo.store.store import Store
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Raised:
    """An answer that was an error of ours."""

    kind: type[ShounuoError]
    said: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its name, what went in, what came out. A statement has its values in `named`."""

    name: str
    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    found: Any = None


@dataclass(slots=True)
class Ear:
    """Where calls are heard: `calls` is the list of whoever is telling now."""

    calls: list[Call] = field(default_factory=list)

    def hear(self, call: Call) -> None:
        """Note one call."""
        self.calls.append(call)

    def listening(self, parts: Parts) -> Parts:
        """The same parts, heard. (1)"""
        controls = parts.controls
        heard = {one.name: self._control(one.name, getattr(controls, one.name)) for one in fields(controls)}
        return replace(
            parts,
            controls=replace(controls, **heard),
            store=cast("Store", _HeardStore(parts.store, self)),
            vault=self._methods(parts.vault, Vault, "vault"),
            turning=self._methods(parts.turning, Turning, "turning"),
        )

    def _control(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def heard(*given: Any, **named: Any) -> Any:
            try:
                found = real(*given, **named)
            except ShounuoError as error:
                self.hear(Call(f"control.{name}", given, named, Raised(type(error), str(error))))
                raise
            self.hear(Call(f"control.{name}", given, named, found))
            return found

        return heard

    def _methods(self, real: T, kind: type[T], room: str) -> T:
        """The same object, of a class that notes which of its methods are asked for."""
        ear = self

        def noting(one: Any, name: str) -> Any:
            if not name.startswith("_"):
                ear.hear(Call(f"{room}.{name}"))
            return object.__getattribute__(one, name)

        made: Any = object.__new__(type(f"Heard{kind.__name__}", (kind,), {"__getattribute__": noting}))
        object.__getattribute__(made, "__dict__").update(vars(real))
        return cast("T", made)


class _HeardStore:
    """The store, with its acts heard."""

    def __init__(self, store: Store, ear: Ear) -> None:
        self._store, self._ear = store, ear

    @contextmanager
    def act(self, operator: UUID) -> Iterator[Act]:
        """One transaction, heard."""
        with self._store.act(operator) as act:
            yield cast("Act", _HeardAct(act, self._ear))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _HeardAct:
    """An act, with its statements and entries heard."""

    def __init__(self, act: Act, ear: Ear) -> None:
        self._act, self._ear = act, ear

    def rows(self, shape: type[T], query: Query, /, **values: object) -> list[T]:
        """The rows a query finds."""
        found = self._act.rows(shape, query, **values)
        self._ear.hear(Call(f"query.{query.name}", (), values, found))
        return found

    def row(self, shape: type[T], query: Query, /, **values: object) -> T | None:
        """The row a query finds."""
        found = self._act.row(shape, query, **values)
        self._ear.hear(Call(f"query.{query.name}", (), values, [] if found is None else [found]))
        return found

    def do(self, query: Query, /, **values: object) -> int:
        """Run a statement."""
        self._ear.hear(Call(f"query.{query.name}", (), values, []))
        return self._act.do(query, **values)

    def append(self, kind: str, at: datetime, data: Mapping[str, object], person: str | None = None) -> UUID:
        """Append an entry."""
        self._ear.hear(Call(f"entry.{kind}"))
        return self._act.append(kind, at, data, person)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._act, name)
