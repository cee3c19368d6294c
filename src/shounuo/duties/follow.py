"""Follow what changes, so that a gate may keep what it knows of people and still hear every no.

1. Every act that changes a person's state leaves a row in the change table, in the same transaction.
2. A follower reads all it can see from its horizon on, and the horizon is the oldest transaction still running, never
   "the last id seen": what commits late is still read, and what commits early is not kept waiting by it.
3. A person who has changed is forgotten and read anew at the next question.
4. A follower that has not looked for `MOST_STALE_S` is blind, and what rests on what it knows is refused. What counts is
   when a look began: what it tells is as old as that.
5. A new cluster counts transactions from the beginning: when the horizon runs back, everything is forgotten.
6. A new follower knows of nobody, so it begins at the present horizon.
7. Changes are dropped once they are long past: below the oldest transaction that ran `KEPT_S` ago, all have ended since,
   and whoever looked meanwhile has seen them. How far that went is kept with them, in the same transaction; a
   follower that comes from before it forgets everything.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from uuid import UUID

import structlog

from shounuo.duties.decide import Known
from shounuo.duties.parts import Parts, sql
from shounuo.errors import ShounuoError, Unavailable

log = structlog.get_logger("shounuo.gate")

KEPT_S = 60.0  # thirty times what a follower may be behind
LOOK_EVERY_S = 0.05
MOST_STALE_S = 2.0
MOST_PEOPLE = 200_000


@dataclass(frozen=True, slots=True)
class _Changes:
    people: list[UUID]
    horizon: str
    below: str


def prune(parts: Parts, operator: UUID) -> int:
    """Drop the changes everybody has had time to see; return how many. By the machine's clock, in any process. (7)"""
    now = datetime.now(UTC)
    with parts.store.act(operator) as act:
        before = now - timedelta(seconds=KEPT_S)
        below = act.row(str, sql.pass_by, operator=operator, at=now, before=before)
        if below is None:
            act.do(sql.mark_passed, operator=operator, at=now)
            return 0
        return act.do(sql.drop_passed, operator=operator, below=below)


class Follower:
    """What is known of an operator's people, kept fresh by a thread of its own."""

    def __init__(
        self, parts: Parts, operator: UUID, *, look_every_s: float = LOOK_EVERY_S, most: int = MOST_PEOPLE
    ) -> None:
        self._parts, self._operator = parts, operator
        self._every, self._most = look_every_s, most
        self._known: OrderedDict[UUID, Known] = OrderedDict()
        self._epoch = 0  # grows with every look; what was read before a look is not kept after it
        self._lock = Lock()
        self._stop = Event()
        self._looked_at = 0.0
        self._horizon = self._begin()
        self._thread = Thread(target=self._run, name="shounuo-gate", daemon=True)
        self._thread.start()

    def get(self, person: UUID) -> tuple[Known | None, int]:
        """What is kept of `person`, and the epoch to give back with `put`. Raises Unavailable when blind. (4)"""
        if time.monotonic() - self._looked_at > MOST_STALE_S:
            raise Unavailable("the gate has not heard of changes for too long, so the answer is no")
        with self._lock:
            return self._known.get(person), self._epoch

    def put(self, person: UUID, known: Known, epoch: int) -> None:
        """Keep what was read of `person`, unless changes were looked at since `epoch`: it may be older than they."""
        with self._lock:
            if epoch == self._epoch:
                self._known[person] = known
                if len(self._known) > self._most:
                    self._known.popitem(last=False)

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._horizon = self._look(self._horizon)
            except Exception as fault:  # blind until it works again (4)
                if not isinstance(fault, ShounuoError):
                    log.error("the gate cannot look", error=type(fault).__name__)

    def _begin(self) -> str:
        """The horizon to begin at. (6)"""
        began = time.monotonic()
        with self._parts.store.act(self._operator) as act:
            found = act.row(str, sql.horizon)
        assert found is not None
        self._looked_at = began
        return found

    def _look(self, since: str) -> str:
        """Forget who changed in transactions from `since` on; return the oldest still running. (2, 3)"""
        began = time.monotonic()
        with self._parts.store.act(self._operator) as act:
            found = act.row(_Changes, sql.changes, operator=self._operator, since=since)
        assert found is not None
        with self._lock:
            self._epoch += 1
            if int(found.horizon) < int(since) or int(since) < int(found.below):  # (5, 7)
                self._known.clear()
            for person in found.people:
                self._known.pop(person, None)
        self._looked_at = began
        return found.horizon
