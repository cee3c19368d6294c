"""The store: one transaction for each act, for one operator at a time.

    with store.act(operator) as act:
        act.do(sql.put_value, operator=operator, person=person, field="phone", sealed=sealed)
        act.append("value kept", at, {"field": "phone"})
        act.after_commit(journal.flush)

1. The store opens only as a role that row-level security binds (see `roles`), on a database this code
   knows.
2. An act has one operator; every row it sees or writes is that operator's. What has no operator yet
   (whose key is this?) is asked with `ask`, which reaches look-up functions and nothing that is fenced.
3. Isolation is READ COMMITTED. When another act went first the answer is `Contended`, and `retry` runs
   the whole act again, a bounded number of times.
4. What waits for the commit runs after it, with the connection already given back, and never twice.
5. An act in which a statement failed is undone, even when the caller swallowed the error.
6. A store belongs to the process that opened it. After a fork, parent and child would speak on the same connections
   and read each other's answers: the child is refused.
7. Where there is a guard, no act of an operator it has looked at begins on another start of the server before it has
   looked again: not even the first one after a restore.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import randbelow
from types import TracebackType
from typing import Protocol, Self, TypeVar
from uuid import UUID

from shounuo.errors import Unavailable
from shounuo.store import record, roles
from shounuo.store.act import Act, Outside, fetched, single
from shounuo.store.embedded import Server
from shounuo.store.faults import Contended, guarded
from shounuo.store.pool import Connection, Limits, Pool, begin, commit, connect, give_back, pooled
from shounuo.store.queries import Query

T = TypeVar("T")

_TRIES_MAX = 6
_PAUSE_MS = 5  # doubled at each try, with chance added so that two do not meet again


class Guarding(Protocol):
    """Who looks at an operator before acts begin on another start of the server (7); see `guard`."""

    def has_seen(self, operator: UUID, start: str) -> bool:
        """Whether an act of the operator may begin on this start of the server."""
        ...

    def look(self, operator: UUID, start: str) -> None:
        """Look at the operator as it is there; raises when it must not be served."""
        ...


class Store:
    """The one way to the database. Safe to share between threads; each act belongs to one of them."""

    def __init__(self, pool: Pool, server: Server | None = None) -> None:
        self._pool = pool
        self._process = os.getpid()
        self.server = server  # The embedded PostgreSQL, when this store started it.
        self.outside: Outside | None = None  # The sealer, once there is one: what follows an act's commit.
        self.guard: Guarding | None = None  # Who looks again when the server was started anew (7).
        self.start = ""  # The start of the server that was met last.

    @classmethod
    def open(cls, url: str, *, limits: Limits | None = None, server: Server | None = None) -> Self:
        """Open the store at `url`, as the application role.

        Raises `Misconfigured` when the role could pass row-level security or the database is not of this
        code, and `Unavailable` when it cannot be reached. A `server` given is stopped by `close`.
        """
        limits = limits or Limits()
        with connect(url, limits) as first:  # (1)
            roles.must_be_bound(first)
            record.must_be_current(first)
        return cls(pooled(url, limits), server)

    @contextmanager
    def act(self, operator: UUID) -> Iterator[Act]:
        """One transaction for `operator`: commits when the block is left, is undone when it raises."""
        with self._transaction(operator) as act:
            yield act
        act.finish()  # (4)

    def retry(self, operator: UUID, work: Callable[[Act], T], *, tries_max: int = _TRIES_MAX) -> T:
        """Run `work` as one act, again while another act goes first (3); return what it returns.

        `work` may run several times: it reads and writes through its act, and what reaches further belongs
        into `after_commit`. After `tries_max` tries the `Contended` of the last is raised.
        """
        for attempt in range(1, tries_max + 1):
            try:
                with self._transaction(operator) as act:
                    result = work(act)
            except Contended:
                if attempt == tries_max:
                    raise
                time.sleep(_PAUSE_MS * 2**attempt * (1000 + randbelow(1000)) / 2_000_000)
            else:
                act.finish()  # (4)
                return result
        raise ValueError("an act needs at least one try")

    def ask(self, shape: type[T], query: Query, /, **values: object) -> list[T]:
        """Return rows from outside of any operator: look-up functions answer, fenced tables refuse (2)."""
        made = self._begun(None)
        try:
            cursor = made.cursor()
            guarded(cursor.execute, query.text, query.bind(values))
            return fetched(shape, query, cursor)
        finally:
            give_back(self._pool, made)

    def ask_one(self, shape: type[T], query: Query, /, **values: object) -> T | None:
        """Return the one row `ask` finds, or None."""
        return single(self.ask(shape, query, **values), query)

    def close(self) -> None:
        """Close every connection and give up the embedded server; closing twice is nothing."""
        if os.getpid() == self._process:  # (6)
            self._pool.close()
        if self.server is not None:
            self.server.stop()

    def _begun(self, operator: UUID | None) -> Connection:
        if os.getpid() != self._process:  # (6)
            raise Unavailable("this was opened in another process, before a fork: open it in this one")
        while True:
            made = begin(self._pool, operator)
            self.start = made.start
            if operator is None or self.guard is None or self.guard.has_seen(operator, made.start):
                return made
            give_back(self._pool, made)
            self.guard.look(operator, made.start)  # (7)

    @contextmanager
    def _transaction(self, operator: UUID) -> Iterator[Act]:
        made = self._begun(operator)
        try:
            act = Act(operator, made, self.outside)
            yield act
            if act.fault is not None:  # (5)
                raise act.fault
            commit(made)
        finally:
            give_back(self._pool, made)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
