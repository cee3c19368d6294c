"""Follow what changes, so that a gate may keep what it knows of people and still hear every no.

1. Every act that changes a person's state leaves a row in the change table, in the same transaction.
2. A follower reads all it can see from its horizon on, and the horizon is the oldest transaction still running, never
   "the last id seen": what commits late is still read, and what commits early is not kept waiting by it.
3. A person who has changed is forgotten and read anew at the next question; when what holds for everybody has changed,
   everybody is.
4. A follower that has not looked for `MOST_STALE_S` is blind, and what rests on what it knows is refused. What counts is
   when a look began: what it tells is as old as that.
5. A new cluster counts transactions from the beginning: when the horizon runs back, everything is forgotten.
6. A new follower knows of nobody, so it begins at the present horizon.
7. Changes are dropped once they are long past: below the oldest transaction that ran `KEPT_S` ago, all have ended since,
   and whoever looked meanwhile has seen them. How far that went is kept with them, in the same transaction; a
   follower that comes from before it forgets everything.
8. Changes made in this process are heard at once, without looking.
9. An answer follows from what is known, the version and what is intended, and from nothing else; so people of whom the same
   is known share their answers, and the rule is asked once. A case is one of its kind: its answers are not kept.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from uuid import UUID
from weakref import WeakSet

import structlog

from shounuo.core.decision import Decision, Facts
from shounuo.core.rulebook import Rulebook
from shounuo.duties import decide
from shounuo.duties.changes import EVERYBODY, Hearer
from shounuo.duties.decide import Frame
from shounuo.duties.parts import Parts, sql
from shounuo.errors import ShounuoError, Unavailable

log = structlog.get_logger("shounuo.gate")

KEPT_S = 60.0  # thirty times what a follower may be behind
LOOK_EVERY_S = 0.05
MOST_STALE_S = 2.0
MOST_PEOPLE = 200_000
MOST_ANSWERS = 1_000  # to intents, for people of whom the same is known

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a person until `until`, and the answers given for people of whom just this is known. (9)"""

    book: Rulebook | None
    facts: Facts
    until: datetime | None = None
    answers: dict[Key, Decision] = field(default_factory=dict)

    def answer(self, key: Key, found: Decision) -> None:
        """Keep an answer."""
        if len(self.answers) >= MOST_ANSWERS:
            self.answers.clear()
        self.answers[key] = found


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


def _blind() -> None:
    """A child made by fork follows nothing, so what it was born with is refused at once."""
    for follower in _FOLLOWERS:
        follower.blind()


_FOLLOWERS: WeakSet["Follower"] = WeakSet()
os.register_at_fork(after_in_child=_blind)


class Follower:
    """What is known of an operator's people, kept fresh by a thread of its own. Safe to share between threads.

    At most `most` people are kept; those that came first go first. `beside` is called after every look.
    """

    def __init__(
        self,
        parts: Parts,
        operator: UUID,
        *,
        look_every_s: float = LOOK_EVERY_S,
        most: int = MOST_PEOPLE,
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        self._parts, self._operator = parts, operator
        self._every, self._most, self._beside = look_every_s, most, beside
        self._hearers: tuple[Hearer, ...] = ()
        self._frame: Frame | None = None
        self._kept: dict[UUID, Kept] = {}
        self._answers: dict[Facts, dict[Key, Decision]] = {}
        self._epoch = 0  # grows with every change heard; what was read before it is not kept after it
        self._lock = Lock()
        self._stop = Event()
        self._looked_at = 0.0
        _FOLLOWERS.add(self)
        parts.changes.hear(operator, self._hear)  # (8)
        self._horizon = self._begin()
        self._thread = Thread(target=self._run, name="shounuo-gate", daemon=True)
        self._thread.start()

    def must_see(self) -> None:
        """Raises Unavailable when blind. (4)"""
        if time.monotonic() - self._looked_at > MOST_STALE_S:
            raise Unavailable("the gate has not heard of changes for too long, so the answer is no")

    def hear(self, hearer: Hearer) -> None:
        """Call `hearer` too with everybody whose state changes, wherever that is."""
        with self._lock:
            self._hearers = (*self._hearers, hearer)

    def get(self, person: UUID) -> Kept | None:
        """What is kept of `person` and holds now. Raises Unavailable when blind. (4)"""
        self.must_see()
        kept = self._kept.get(person)
        if kept is not None and kept.until is not None and self._parts.clock.reached(kept.until):
            return None
        return kept

    def learn(self, person: UUID, at: datetime) -> Kept:
        """What is known of `person`, read now; kept, unless something changed meanwhile, for then it may be older than that."""
        with self._lock:
            frame, epoch = self._frame, self._epoch
        if frame is not None and frame.until is not None and frame.until <= at:
            frame = None
        with self._parts.store.act(self._operator) as act:
            frame = frame or decide.frame_of(self._parts, act, at)
            known = decide.known_of(self._parts, act, frame.book, person, at) if frame else None
        if frame is None or known is None:
            return Kept(frame.book if frame else None, Facts(known=False))
        ends = [one for one in (frame.until, known.until) if one is not None]
        facts, until = known.facts(frame.papers), min(ends, default=None)
        with self._lock:
            if epoch != self._epoch:
                return Kept(frame.book, facts, until)
            if self._frame != frame or len(self._answers) >= self._most:
                self._kept.clear()
                self._answers.clear()
                self._frame = frame
            kept = Kept(frame.book, facts, until, self._answers.setdefault(facts, {}))
            self._kept[person] = kept
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return kept

    def blind(self) -> None:
        """Answer nothing from now on."""
        self._looked_at = -math.inf

    def close(self) -> None:
        """Stop following."""
        self._parts.changes.leave(self._operator, self._hear)
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._horizon = self._look(self._horizon)
                self._beside()
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
            if int(found.horizon) < int(since) or int(since) < int(found.below):  # (5, 7)
                self._epoch += 1
                self._forget_all()
            if found.people:
                self._epoch += 1
            for person in found.people:
                self._forget(person)
        self._looked_at = began
        return found.horizon

    def _hear(self, person: UUID) -> None:
        """Forget who changed just now, in this process. (8)"""
        with self._lock:
            self._epoch += 1
            self._forget(person)

    def _forget(self, person: UUID) -> None:
        if person == EVERYBODY:
            self._forget_all()
            return
        self._kept.pop(person, None)
        for hearer in self._hearers:
            hearer(person)

    def _forget_all(self) -> None:
        self._frame = None
        self._kept.clear()
        self._answers.clear()
        for hearer in self._hearers:
            hearer(EVERYBODY)
