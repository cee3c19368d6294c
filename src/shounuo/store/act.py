"""One act: a transaction for one operator, and the few ways to speak to the database in it.

1. An act is one transaction. It commits when its block is left, and is undone when the block raises.
2. Rows come back as the caller's frozen dataclass, its fields being the columns in their order; a query
   of one column may also be read as a plain type (`act.row(int, sql.count)`).
3. Parameters are given by name and must be exactly those the query names. A `dict` is kept as `jsonb`, a
   list as an array; moments are aware.
4. No error of the driver leaves an act: see `faults`. A failed statement spoils the whole act unless it
   ran within `attempt()`, which undoes only itself.
5. What `after_commit` was given runs once the transaction has committed and before the caller is
   answered.
6. A ledger entry and a denial are rows of the act. What follows outside of the database, once it has
   committed, is `outside`'s: the denials first, so that no *no* is answered before the journal has it.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import psycopg

from shounuo.core.ledger import Json, entry_body
from shounuo.store.denial import Denial
from shounuo.store.faults import guarded
from shounuo.store.ids import uuid7
from shounuo.store.queries import Query, load
from shounuo.store.shapes import reader

T = TypeVar("T")

_SQL = load("shounuo.store", "sql/ledger.sql")

_READERS: dict[
    tuple[type[Any], Query], Callable[[tuple[Any, ...]], Any]
] = {}  # A query's columns never change.


class Outside(Protocol):
    """What goes on outside of the database once an act has committed (6); see `sealer`."""

    def denied(self, operator: UUID, denials: Sequence[Denial]) -> None:
        """Write denials down before the caller is answered."""
        ...

    def appended(self, operator: UUID) -> None:
        """See that the operator's entries are sealed soon."""
        ...


class Act:
    """An open transaction of `operator`. Made by `Store.act`; of no use once that block is left."""

    __slots__ = ("_after", "_cursor", "_denials", "_entry", "_outside", "fault", "operator")

    def __init__(
        self,
        operator: UUID,
        connection: psycopg.Connection[tuple[Any, ...]],
        outside: Outside | None = None,
    ) -> None:
        self.operator = operator
        self._outside = outside
        self._entry: UUID | None = None  # The last one appended.
        self._denials: list[Denial] = []
        self.fault: Exception | None = None  # The first statement that failed outside of an attempt (4).
        self._cursor = connection.cursor()
        self._after: list[Callable[[], None]] = []

    def rows(self, shape: type[T], query: Query, /, **values: object) -> list[T]:
        """Return every row as a `shape` (2)."""
        self._run(query.text, query.bind(values), keeps_plan=query.keeps_plan)
        return fetched(shape, query, self._cursor)

    def row(self, shape: type[T], query: Query, /, **values: object) -> T | None:
        """Return the row as a `shape`, or None; more than one is our own fault: `LookupError`."""
        return single(self.rows(shape, query, **values), query)

    def do(self, query: Query, /, **values: object) -> int:
        """Run a statement; return how many rows it touched."""
        self._run(query.text, query.bind(values), keeps_plan=query.keeps_plan)
        return self._cursor.rowcount

    def many(self, query: Query, values: Iterable[Mapping[str, object]], /) -> int:
        """Run a statement once for each set of values, in few round trips; return the rows it touched."""
        bound = [query.bind(each) for each in values]
        if not bound:
            return 0
        with self._noting():
            guarded(self._cursor.executemany, query.text, bound)
        return self._cursor.rowcount

    def append(self, kind: str, at: datetime, data: Mapping[str, object], person: str | None = None) -> UUID:
        """Append an entry to the operator's ledger, in this very transaction; return its id (6).

        `person` is a pseudonym; nothing in `data` is personal information. `ValueError` for what is no entry.
        """
        entry = _next_id(at, self._entry)
        body = entry_body(entry, kind, at, person, cast("Mapping[str, Json]", data))
        self.do(_SQL.put_entry, operator=self.operator, entry=entry, at=at, kind=kind, body=body)
        self._entry = entry
        return entry

    def deny(self, what: str, at: datetime, person: UUID | None, reference: str) -> None:
        """Keep that permission was taken away, so that no restored backup gives it back (6).

        `what` is a word `duties.guard` can replay; `reference` says which of the person's, by random ids.
        """
        last = self._denials[-1].denial if self._denials else None
        made = Denial(_next_id(at, last), at, what, person, reference)
        self.do(
            _SQL.put_denial,
            operator=self.operator,
            denial=made.denial,
            at=at,
            what=what,
            person=person,
            reference=reference,
        )
        self._denials.append(made)

    def after_commit(self, what: Callable[[], None]) -> None:
        """Have `what` run after the commit and before the caller is answered, in the order given (5)."""
        self._after.append(what)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the act that may fail alone: an error undoes this block and leaves the act good (4)."""
        waiting, denials, earlier = len(self._after), len(self._denials), self.fault
        self._run(b"savepoint attempt")
        try:
            yield
        except BaseException:
            self._run(b"rollback to attempt; release attempt")
            del self._after[waiting:]
            del self._denials[denials:]
            self.fault = earlier
            raise
        self._run(b"release attempt")

    def finish(self) -> None:
        """Run what waits for the commit, all of it; then raise the first failure. `Store` calls this."""
        if self._outside is not None and self._denials:  # (6)
            self._after.insert(0, partial(self._outside.denied, self.operator, tuple(self._denials)))
        if self._outside is not None and self._entry is not None:
            self._after.append(partial(self._outside.appended, self.operator))
        failures = [failure for what in self._after if (failure := _failure(what)) is not None]
        self._after.clear()
        if failures:
            raise failures[0]

    def _run(
        self, text: bytes, values: Mapping[str, object] | None = None, *, keeps_plan: bool = False
    ) -> None:
        with self._noting():
            guarded(self._cursor.execute, text, values, prepare=None if keeps_plan else False)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Exception as fault:
            self.fault = self.fault or fault
            raise


def fetched(shape: type[T], query: Query, cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[T]:
    """Return the rows a query has found, each as a `shape`."""
    make = _READERS.get((shape, query))
    if make is None:
        if cursor.description is None:
            raise TypeError(f"the query `{query.name}` returns no rows")
        make = reader(shape, tuple(column.name for column in cursor.description))
        _READERS[shape, query] = make
    return [make(row) for row in guarded(cursor.fetchall)]


def single(found: list[T], query: Query) -> T | None:
    """Return the only row, or None; more than one is our own fault."""
    if len(found) > 1:
        raise LookupError(f"the query `{query.name}` found {len(found)} rows where one was expected")
    return found[0] if found else None


def _failure(what: Callable[[], None]) -> Exception | None:
    try:
        what()
    except Exception as failure:
        return failure
    return None


def _next_id(at: datetime, last: UUID | None) -> UUID:
    """Return an id for `at` that comes after `last` when both are of one millisecond, to keep the order."""
    made = uuid7(at)
    if last is None or made > last or made.int >> 80 != last.int >> 80:
        return made
    return UUID(int=last.int + 1 + secrets.randbits(32))
