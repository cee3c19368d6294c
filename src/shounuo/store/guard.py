"""The guard: nothing is served from a database that forgot what was promised.

1. A database was restored to an earlier state when its ledger has fewer entries than the checkpoint
   outside of it, or another root at that size (it was restored and went on), or when it lacks a denial the
   outside journal names.
2. The outside is read first, the database after it. The outside is written after the commit, so it is
   never ahead of a database that lost nothing.
3. An operator is looked at in full before it is served for the first time, and again when the database's
   server was started anew, for that is how one is restored: before the first act that begins on a connection to
   the new start (see `store`), and whatever each act of the look was told must come from one start. In between,
   `watch` looks at the last of what is outside.
4. `admit` costs a look into a dictionary. An operator found restored stays so until it was replayed, here
   or by another process. While the database cannot be reached, nothing new is believed of it.
   So is one whose database has checkpoints while outside there is none: what would tell a restore from no restore
   is gone (`Bare`). It is never written anew by itself; an officer who knows why may accept it.
5. Denials that a crash kept out of the journal are found in the database, and written when the operator is
   looked at in full; so are all of them, when the journal has fewer than the database (it was lost).
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock, local
from uuid import UUID

from shounuo.core.evidence import Checkpoint, open_checkpoint
from shounuo.core.ledger import tree_at
from shounuo.errors import Restored, Tampered, Unavailable
from shounuo.store.act import Act
from shounuo.store.denial import Denial, Place
from shounuo.store.journal import Journal
from shounuo.store.ledger import checkpoint, hashes, sql
from shounuo.store.outside import Outside
from shounuo.store.sealing import Signer, must_go_on
from shounuo.store.store import Store

LOOK_AGAIN_S = 30.0
REFUSED_AGAIN_S = 2.0  # another process may have replayed
_WATCHED_AT_ONCE = 20  # operators, so that sealing does not wait for it
_READ_AT_ONCE = 5000  # denials looked up in one query
_LOOKS_MAX = 3  # looks, each of which met two starts of the server
_LAST = 200  # denials; a restore cuts the end, so of the last ones it leaves none, or not all


class Bare(Restored):
    """The database has signed checkpoints, and outside of it nothing is kept: whether it forgot anything is not known."""


@dataclass
class _Known:
    """What is known of an operator: where its journal was read to, its last denials, why it is refused."""

    place: Place | None = None
    last: deque[UUID] = field(default_factory=lambda: deque(maxlen=_LAST))
    fault: Restored | Tampered | None = None
    looked_at: float = 0.0
    start: str = ""  # of the server it was looked at on


class Guard:
    """The guard of all operators, in one process. Safe to share between threads."""

    def __init__(self, store: Store, outside: Outside, journal: Journal, signer: Signer) -> None:
        self._store = store
        self.outside = outside
        self.journal = journal
        self._signer = signer
        self._known: dict[UUID, _Known] = {}
        self._looking: dict[UUID, Lock] = {}
        self._here = local()  # .starts: what the acts of a look under way in this thread speak to

    def admit(self, operator: UUID) -> None:
        """Return when the operator may be served; `Restored` and `Tampered` say what to do first (4)."""
        known = self._known.get(operator)
        if known is None:
            with self._looking.setdefault(operator, Lock()):
                if operator not in self._known:
                    self.check(operator)
            return self.admit(operator)
        if known.fault is not None:
            raise type(known.fault)(str(known.fault))
        return None

    def has_seen(self, operator: UUID, start: str) -> bool:
        """Whether an act may begin there: nothing is believed of the operator, or it was looked at there (3)."""
        starts: set[str] | None = getattr(self._here, "starts", None)
        if starts is not None:  # an act of the look itself
            starts.add(start)
            return True
        known = self._known.get(operator)
        return known is None or known.fault is not None or known.start == start

    def look(self, operator: UUID, start: str) -> None:
        """Look at an operator on a server that was started anew (3); `Restored`, `Tampered`."""
        with self._looking.setdefault(operator, Lock()):
            if not self.has_seen(operator, start):
                self.check(operator)

    def check(self, operator: UUID) -> None:
        """Look at all there is of an operator (1, 2, 3), journal what was left (5); `Restored`."""
        for _ in range(_LOOKS_MAX):
            with self._seeing() as starts:
                self._check(operator)
            if len(starts) <= 1:  # none, where another guard is the store's
                self._known[operator].start = "".join(starts)
                return
            self.forget(operator)
        raise Unavailable("the database is being exchanged while it is looked at; try again in a while")

    def _check(self, operator: UUID) -> None:
        with self._store.act(operator) as act:
            left = act.rows(Denial, sql.denials_pending, operator=operator, most=None)
        known, waiting = _Known(), {each.denial: each for each in left}
        self._compared(operator, known, waiting)
        if waiting:
            self.journal.append(operator, list(waiting.values()))
        with self._store.act(operator) as act:
            act.do(sql.drop_denials_pending, operator=operator, denials=[each.denial for each in left])
            count = act.row(int, sql.denials_count, operator=operator) or 0
        if (known.place.lines if known.place else 0) + len(waiting) < count:
            self._write_again(operator)

    def recheck(self, operator: UUID) -> None:
        """Look at the last of what is outside, and at what is new there (3); `Restored`, `Tampered`."""
        known = self._known.get(operator)
        if known is not None:
            with self._seeing() as starts:
                self._compared(operator, known, {})
            if starts <= {known.start}:
                return
        self.check(operator)

    def watch(self) -> None:
        """Look again at operators whose turn it is; sooner, when the server was started anew (3)."""
        self._store.ask_one(bool, sql.is_there)
        now, start = time.monotonic(), self._store.start
        turn = [
            operator
            for operator, known in list(self._known.items())
            if now - known.looked_at > (REFUSED_AGAIN_S if known.fault else LOOK_AGAIN_S)
            or (known.start != start and not known.fault)
        ]
        for operator in turn[:_WATCHED_AT_ONCE]:
            with suppress(Restored, Tampered):  # It is known now, and said at the next call.
                self.recheck(operator)

    def forget(self, operator: UUID) -> None:
        """Have the operator looked at in full when it is next asked for."""
        self._known.pop(operator, None)

    def refuse(self, operator: UUID, fault: Restored | Tampered) -> None:
        """Serve the operator no more: someone else found what is wrong."""
        self._known.setdefault(operator, _Known()).fault = fault

    def refuses(self, operator: UUID) -> bool:
        """Whether the operator was found restored or tampered with, and not replayed since."""
        known = self._known.get(operator)
        return known is not None and known.fault is not None

    def signed(self, operator: UUID) -> Checkpoint | None:
        """Return the checkpoint outside of the database, if any; `Tampered` when it is not ours."""
        note = self.outside.checkpoint(operator)
        return None if note is None else open_checkpoint(note, self._signer.verifier(operator))

    def must_be_outside(self, act: Act, signed: Checkpoint | None) -> None:
        """Raise `Bare` when something was signed here and nothing of it is outside (4).

        `signed` was read before the database; what came there since counts, so it is looked for again.
        """
        if signed is not None or self.outside.has_begun(act.operator):
            return
        here = checkpoint(act)
        if here is not None and not self.outside.has_begun(act.operator):
            raise Bare(
                f"the ledger was signed up to {here.size} entries, but {self.outside.folder} holds no checkpoint of it: the "
                "folder was lost, or is not the one of this database, so nobody can tell whether the database was "
                "restored to an earlier state; put the folder back, or if it is lost for good, accept that with "
                "`shounuo ledger accept-outside`"
            )

    def is_cut(self, act: Act, signed: Checkpoint | None) -> bool:
        """Whether the database's ledger does not go on from this checkpoint (1)."""
        try:
            _must_go_on(act, signed)
        except Restored:
            return True
        return False

    def lacking(self, act: Act, denials: Iterable[UUID]) -> set[UUID]:
        """Return which of these denials the database does not have."""
        return set(act.rows(UUID, sql.denials_lacking, operator=act.operator, denials=list(denials)))

    def journaled(self, operator: UUID, denials: Iterable[UUID]) -> None:
        """Note in the database that the journal has these denials."""
        with self._store.act(operator) as act:
            act.do(sql.drop_denials_pending, operator=operator, denials=list(denials))

    @contextmanager
    def _seeing(self) -> Iterator[set[str]]:
        """A look in this thread: its acts begin wherever they are led, and note where that was (3)."""
        starts: set[str] = set()
        self._here.starts = starts
        try:
            yield starts
        finally:
            self._here.starts = None

    def _write_again(self, operator: UUID) -> None:
        """Journal what the database has and the journal lacks (5)."""
        there, after = {denial.denial for denial, _ in self.journal.read(operator)}, UUID(int=0)
        while True:
            with self._store.act(operator) as act:
                page = act.rows(Denial, sql.denials_after, operator=operator, after=after, most=_READ_AT_ONCE)
            if not page:
                return
            if lost := [each for each in page if each.denial not in there]:
                self.journal.append(operator, lost)
            after = page[-1].denial

    def _compared(self, operator: UUID, known: _Known, waiting: dict[UUID, Denial]) -> None:
        fault: Restored | Tampered | None = None
        try:
            self._compare(operator, known, waiting)
        except (Restored, Tampered) as found:
            fault = found
        known.fault, known.looked_at = fault, time.monotonic()
        self._known[operator] = known
        if fault is not None:
            raise fault

    def _compare(self, operator: UUID, known: _Known, waiting: dict[UUID, Denial]) -> None:
        signed = self.signed(operator)  # (2)
        with self._store.act(operator) as act:
            self.must_be_outside(act, signed)
            _must_go_on(act, signed)
            self._must_have(act, known.last)
        lines = self.journal.read(operator, known.place)
        while page := list(islice(lines, _READ_AT_ONCE)):
            with self._store.act(operator) as act:
                self._must_have(act, [denial.denial for denial, _ in page])
            for denial, place in page:
                waiting.pop(denial.denial, None)
                known.last.append(denial.denial)
                known.place = place

    def _must_have(self, act: Act, denials: Iterable[UUID]) -> None:
        if self.lacking(act, denials):
            raise Restored(
                "the database lacks acts that took permission away and that were answered: it was restored "
                "to an earlier state; nothing is served until they are replayed"
            )


def _must_go_on(act: Act, signed: Checkpoint | None) -> None:
    here = checkpoint(act)
    tree = tree_at(hashes(act), here.size if here else 0)
    if here is not None and tree.root() != here.root:
        raise Tampered("the leaves of the ledger are not those that were signed")
    must_go_on(hashes(act), tree, signed)
