"""The sealer: a thread that seals what acts appended, and writes outside what must survive a restore.

    sealer = Sealer(store, signer, guard)
    store.outside = sealer
    sealer.start()

1. An act that appended nudges it; it gathers for a moment, then seals. Nudges can be lost, with a process or
   between two: so it also looks what waits, at every poll and when it starts; unless it is a prover's, who has no
   keys but those of operators made on its stage.
2. Every process may have one, for any operator: they take turns (see `sealing`). Operators are served in turn
   too, a batch each, so that one with much to seal does not hold up the others.
3. The order is: commit, then the checkpoint outside. A crash between the two leaves the outside behind, which
   the next checkpoint mends.
4. A denial is in the journal before the act's caller is answered. When a crash prevented that, it still waits
   in the database: a sealer that sees it waiting for some seconds journals it, and who repeats the call is not
   answered before that (`journal_waiting`).
5. A fault does not end the thread. The last one is kept in `fault` until a round goes well; a restored
   operator is left alone until it was replayed.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from uuid import UUID

from shounuo.errors import Restored, ShounuoError, Tampered
from shounuo.store.denial import Denial
from shounuo.store.guard import Guard
from shounuo.store.ledger import Sealed, checkpoint, sql
from shounuo.store.sealing import Signer, seal
from shounuo.store.store import Store

MOST_AT_ONCE = 2000  # entries in a batch: some 50 ms under the operator's lock
POLL_S = 0.5
GATHER_S = 0.25
LEFT_S = 5.0  # a denial that waits longer was left by a crash
_STOP_S = 30.0


class Sealer:
    """Seals for all operators. One to a process; safe to share between threads."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        guard: Guard,
        *,
        most_at_once: int = MOST_AT_ONCE,
        poll_s: float = POLL_S,
        looks: bool = True,
    ) -> None:
        self._store = store
        self._signer = signer
        self._guard = guard
        self._most = most_at_once
        self._poll_s = poll_s
        self._looks = looks
        self._lock = Lock()
        self._nudged: set[UUID] = set()
        self._journaled: dict[UUID, list[UUID]] = {}
        self._waiting: dict[UUID, dict[UUID, float]] = {}  # denials that wait, and since when we see them
        self._wake, self._stopping = Event(), Event()
        self._thread: Thread | None = None
        self.fault: Exception | None = None  # (5)

    def start(self) -> None:
        """Start the thread. Starting twice is nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = Thread(target=self._run, name="shounuo-sealer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Seal what was nudged for, and end the thread. Stopping twice is nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            self._wake.set()
            thread.join(_STOP_S)

    def appended(self, operator: UUID) -> None:
        """Have the operator's entries sealed soon (1). An act calls this after its commit."""
        with self._lock:
            self._nudged.add(operator)
        self._wake.set()

    def denied(self, operator: UUID, denials: Sequence[Denial]) -> None:
        """Journal denials; they are on the disk when this returns (4). An act calls this after its commit."""
        self._guard.journal.append(operator, denials)
        with self._lock:
            self._journaled.setdefault(operator, []).extend(each.denial for each in denials)
        self.appended(operator)

    def journal_waiting(self, operator: UUID) -> None:
        """Journal what of the operator waits; it is on the disk when this returns (4). `Unavailable`."""
        with self._store.act(operator) as act:
            waiting = act.rows(Denial, sql.denials_pending, operator=operator, most=None)
        with self._lock:
            done = set(self._journaled.get(operator, ()))
        if left := [each for each in waiting if each.denial not in done]:
            self.denied(operator, left)

    def seal_now(self, operator: UUID) -> Sealed | None:
        """Seal all that waits, in the caller's thread; return the newest checkpoint. `Restored` (5)."""
        while self._seal(operator):
            pass
        with self._store.act(operator) as act:
            return checkpoint(act)

    def _run(self) -> None:
        more: set[UUID] = set()
        while not self._stopping.is_set():
            if not more and self._wake.wait(self._poll_s):
                self._stopping.wait(GATHER_S)
            self._wake.clear()
            more = self._round(more)
        self._round(more)

    def _round(self, operators: set[UUID]) -> set[UUID]:
        """Seal a batch for each operator that has something; return those that have more (2)."""
        with self._lock:
            operators, self._nudged = operators | self._nudged, set()
        try:
            if self._looks:
                operators |= set(self._store.ask(UUID, sql.operators_waiting))
            self._guard.watch()
        except Exception as fault:
            self.fault = fault
            return set()  # They are found again when the database can be reached.
        faults: list[Exception] = []
        more = {operator for operator in operators if self._settle(operator, faults)}
        self.fault = faults[0] if faults else None
        return more

    def _settle(self, operator: UUID, faults: list[Exception]) -> bool:
        """Do what waits for one operator; return whether it has more."""
        try:
            self._note_journaled(operator)
            if self._guard.refuses(operator):
                return False
            return self._seal(operator)
        except Restored as fault:  # The guard looks for itself: it may have been replayed in this moment.
            faults.append(fault)
            with suppress(ShounuoError):
                self._guard.check(operator)
        except Tampered as fault:
            faults.append(fault)
            self._guard.refuse(operator, fault)
        except Exception as fault:  # (5)
            faults.append(fault)
        return False

    def _seal(self, operator: UUID) -> bool:
        """Seal one batch; return whether there may be more."""
        outside = self._guard.signed(operator)
        with self._store.act(operator) as act:
            self._guard.must_be_outside(act, outside)
            count, sealed = seal(act, self._signer, outside, self._most)
            if sealed is not None and outside is None:
                self._guard.outside.begin(operator)  # before the commit, so that a crash after it is no loss
            sealed = sealed or checkpoint(act)
        if sealed is not None and (outside is None or outside.size < sealed.size):
            self._guard.outside.keep(operator, sealed.note)  # (3)
        return count == self._most

    def _note_journaled(self, operator: UUID) -> None:
        """Note in the database what the journal has, and journal what a crash left (4)."""
        with self._lock:
            done = self._journaled.pop(operator, [])
        with self._store.act(operator) as act:
            if done:
                act.do(sql.drop_denials_pending, operator=operator, denials=done)
            waiting = act.rows(Denial, sql.denials_pending, operator=operator, most=self._most)
        now, seen = time.monotonic(), self._waiting.pop(operator, {})
        if waiting:
            self._waiting[operator] = {each.denial: seen.get(each.denial, now) for each in waiting}
        left = [each for each in waiting if now - seen.get(each.denial, now) > LEFT_S]
        if left:
            self._guard.journal.append(operator, left)
            self._guard.journaled(operator, [each.denial for each in left])
