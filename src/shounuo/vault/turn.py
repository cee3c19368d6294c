"""Turn an operator's keys over, so that what was erased is unreadable in every copy of the database.

1. The order: intent recorded; new keys made in custody; new keys put in use; wait until every transaction
   that may still use the old ones has ended; chest keys wrapped anew; all there; copied outside of the
   database; the old generation dropped; the index made anew; the old one dropped; old keys destroyed in
   custody; outcome recorded.
2. Each step is one act or can be done twice, and the database knows the last one done. `finish` goes on
   from there after a crash at any point. Nothing is destroyed before what replaces it was read back.
3. Old chest keys are locked while they are wrapped anew, so a chest that is erased meanwhile is either gone
   before or erased in both generations. Dropping the old generation waits for every transaction that
   touched this operator's chests, then counts with fresh eyes; a chest it finds left over is wrapped, not
   lost.
4. Writers take no lock that this must wait for behind other writers: such a wait would starve. It waits for
   the transactions that were running when the new keys came into use, and for no later ones.
5. One process turns an operator's keys at a time: a lease on the machine's clock, renewed in each act.
6. Keys that were made and not put in use, because of a crash between the two, stay in custody. They never
   sealed anything. They are not destroyed by guessing: a restored database would take keys in use for such.
7. A chest key that does not open is carried over as it is, and its person put on the list of `damage`: it opens no
   more after than before, and everyone else's erasures do not wait for it. The copy leaves it out.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from shounuo.errors import Conflict, Tampered, Unavailable
from shounuo.store.act import Act
from shounuo.store.faults import BadStatement, Contended
from shounuo.store.queries import Query
from shounuo.store.store import Store
from shounuo.vault import copy, damage
from shounuo.vault.copy import WrappedChest
from shounuo.vault.index import Progress
from shounuo.vault.keys import TURNED, Generation, sql
from shounuo.vault.vault import Vault
from shounuo.vault.wrapping import Wrapping

T = TypeVar("T")

LEFT_OVER, NOT_WHOLE = "SH002", "SH003"
_FIRST = UUID(int=0)
_LOOK_AGAIN_S = 0.02


class InTheWay(Unavailable):
    """Another transaction did not end in time. Nothing is lost; the turn goes on from where it is."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


class Turning:
    """Turns keys over. `copies` is the folder for copies of key tables, `patience_s` the longest wait."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        copies: Path,
        *,
        progress: Progress = silent,
        batch: int = 5000,
        patience_s: float = 120,
        lease_s: float = 60,
    ) -> None:
        self._store, self._vault, self._copies = store, vault, copies
        self._progress = progress
        self._batch, self._patience_s, self._lease_s = batch, patience_s, lease_s
        self._me = uuid4()

    def turn(self, operator: UUID, at: datetime) -> frozenset[UUID]:
        """Turn the operator's keys over, a turn left unfinished first; return the keys destroyed.

        `Conflict` while another process does; `Unavailable` when others' transactions did not end in time: it
        goes on from there when called again.
        """
        with self._leased(operator):
            self._go_on(operator, at)
            self._begin(operator, at)
            return self._go_on(operator, at)

    def finish(self, operator: UUID, at: datetime) -> frozenset[UUID]:
        """Finish what a crash left, a turn at any step or an emptied index; return the keys destroyed."""
        with self._leased(operator):
            destroyed = self._go_on(operator, at)
            if not self._vault.index.is_whole(self._store, operator):
                self._vault.index.make(self._store, operator, at, self._renewing(operator))
            return destroyed

    def _go_on(self, operator: UUID, at: datetime) -> frozenset[UUID]:
        steps = {
            "begun": self._switch,
            "wrapping": self._wrap,
            "indexing": self._index,
            "destroying": self._destroy,
        }
        destroyed: frozenset[UUID] = frozenset()
        while (keys := self._act(operator, self._vault.keys.generation)).turning is not None:
            destroyed |= frozenset(keys.leaving)
            steps[keys.turning](operator, keys, at)
        return destroyed

    def _begin(self, operator: UUID, at: datetime) -> None:
        def begin(act: Act) -> None:
            keys = self._vault.keys.generation(act)
            act.do(sql.begin_turning, operator=operator)
            act.append(
                "keys-turning", at, {"leaving": [str(keys.wrap), str(keys.index), str(keys.fingerprint)]}
            )

        self._act(operator, begin)
        self._progress("intent recorded", 1, 1)

    def _switch(self, operator: UUID, keys: Generation, at: datetime) -> None:
        wrap, index, fingerprint = (self._vault.keys.custody.create(operator, purpose) for purpose in TURNED)
        self._progress("keys made", 3, 3)

        def switch(act: Act) -> None:
            act.rows(object, sql.open_generation, wrap=wrap, index=index, at=at)
            act.do(sql.switch, operator=operator, wrap=wrap, index=index, fingerprint=fingerprint, at=at)

        try:
            self._patiently(operator, switch)
        except InTheWay:  # Certainly undone: nothing was sealed under them.
            for key_id in (wrap, index, fingerprint):
                self._vault.keys.custody.destroy(operator, key_id)
            raise
        self._progress("keys in use", 1, 1)

    def _wrap(self, operator: UUID, keys: Generation, at: datetime) -> None:
        assert keys.old_wrap is not None
        self._await_earlier(operator)
        old, new = (
            Wrapping(operator, each, self._secret(operator, each)) for each in (keys.old_wrap, keys.wrap)
        )
        while True:
            self._wrap_anew(operator, old, new, at)
            self._copy(operator, new)
            try:
                self._patiently(
                    operator, lambda act: self._close(act, sql.close_wrapping, old.id, "wrapping", "indexing")
                )
            except BadStatement as refused:
                if refused.sqlstate != LEFT_OVER:
                    raise
            else:
                break
        self._progress("old wrapping dropped", 1, 1)

    def _wrap_anew(self, operator: UUID, old: Wrapping, new: Wrapping, at: datetime) -> None:
        total = (
            self._act(
                operator, lambda act: act.row(int, sql.count_chests, operator=operator, wrapping_key=old.id)
            )
            or 0
        )
        done, after = 0, (_FIRST, "")
        while some := self._act(operator, partial(self._wrap_some, old=old, new=new, after=after, at=at)):
            done, after = done + len(some), (some[-1].person, some[-1].chest)
            self._progress("wrapped anew", done, total)
        left = self._act(
            operator, lambda act: act.row(int, sql.left_over, operator=operator, old=old.id, new=new.id)
        )
        if left:
            raise Unavailable(
                f"{left} chests are not wrapped under the new key; nothing was dropped, turn again"
            )
        self._progress("all there", total, total)

    def _wrap_some(
        self, act: Act, old: Wrapping, new: Wrapping, after: tuple[UUID, str], at: datetime
    ) -> list[WrappedChest]:
        """Wrap the next chests anew, under lock (3), and see that each opens (7); return which."""
        some = act.rows(
            WrappedChest,
            sql.chests_to_wrap,
            operator=act.operator,
            old=old.id,
            new=new.id,
            person=after[0],
            chest=after[1],
            most=self._batch,
        )
        anew = []
        for each in some:
            try:
                key = old.unwrap(each.wrapped, each.person, each.chest)
            except Tampered:  # (7)
                damage.note(act, self._vault.keys, each.person, "keys", at)
                anew.append(each.wrapped)
                continue
            wrapped = new.wrap(key, each.person, each.chest)
            assert new.unwrap(wrapped, each.person, each.chest).raw == key.raw
            anew.append(wrapped)
        act.do(
            sql.put_wrapped,
            operator=act.operator,
            wrapping_key=new.id,
            people=[each.person for each in some],
            chests=[each.chest for each in some],
            wrapped=anew,
        )
        return some

    def _copy(self, operator: UUID, new: Wrapping) -> None:
        def chests() -> Iterator[WrappedChest]:
            after = (_FIRST, "")
            while some := self._act(operator, partial(self._wrapped, wrapping_key=new.id, after=after)):
                yield from (each for each in some if _opens(new, each))
                after = some[-1].person, some[-1].chest

        count = copy.write(self._copies, new, chests())
        self._progress("copied", count, count)

    def _wrapped(self, act: Act, wrapping_key: UUID, after: tuple[UUID, str]) -> list[WrappedChest]:
        return act.rows(
            WrappedChest,
            sql.wrapped,
            operator=act.operator,
            wrapping_key=wrapping_key,
            person=after[0],
            chest=after[1],
            most=self._batch,
        )

    def _index(self, operator: UUID, keys: Generation, at: datetime) -> None:
        assert keys.old_index is not None
        leaving = keys.old_index
        while True:
            self._vault.index.make(self._store, operator, at, self._renewing(operator))
            try:
                self._patiently(
                    operator, lambda act: self._close(act, sql.close_index, leaving, "indexing", "destroying")
                )
            except BadStatement as refused:
                if refused.sqlstate != NOT_WHOLE:  # PostgreSQL crashed since, and emptied it.
                    raise
            else:
                break
        self._progress("old index dropped", 1, 1)

    def _close(self, act: Act, close: Query, leaving: UUID, step: str, following: str) -> None:
        act.rows(object, close, leaving=leaving)
        act.do(sql.move_on, operator=act.operator, from_step=step, step=following)

    def _destroy(self, operator: UUID, keys: Generation, at: datetime) -> None:
        for done, key_id in enumerate(keys.leaving, start=1):
            self._vault.keys.custody.destroy(operator, key_id)
            self._progress("destroyed", done, len(keys.leaving))

        def end(act: Act) -> None:
            act.append("keys-turned", at, {"destroyed": [str(key_id) for key_id in keys.leaving]})
            act.do(sql.end_turning, operator=operator)

        self._act(operator, end)
        self._progress("outcome recorded", 1, 1)

    def _secret(self, operator: UUID, key_id: UUID) -> bytes:
        return self._vault.keys.custody.key(operator, key_id)

    def _await_earlier(self, operator: UUID) -> None:
        """Wait until every transaction that may have read the keys before the present ones has ended (4).

        It had its number before it read them, so before the present ones came into use, so before this act
        was given its own.
        """
        mark = self._act(operator, lambda act: act.row(int, sql.this_transaction)) or 0
        until, renewed = time.monotonic() + self._patience_s, time.monotonic()
        while self._oldest(operator) < mark:
            if time.monotonic() > until:
                raise InTheWay("a transaction is open for too long; turn again when it is not")
            if time.monotonic() > renewed + self._lease_s / 4:
                self._act(operator, self._vault.keys.generation)
                renewed = time.monotonic()
            time.sleep(_LOOK_AGAIN_S)
        self._progress("earlier transactions ended", 1, 1)

    def _oldest(self, operator: UUID) -> int:
        with self._store.act(operator) as act:
            return act.row(int, sql.oldest_transaction) or 0

    def _patiently(self, operator: UUID, work: Callable[[Act], T]) -> T:
        """Run an act that needs others out of the way for a moment, trying again while they are not."""
        until, pause = time.monotonic() + self._patience_s, 0.05
        while True:
            try:
                return self._act(operator, work, tries_max=1)
            except Contended:
                if time.monotonic() > until:
                    raise InTheWay("a transaction is open for too long; turn again when it is not") from None
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _act(self, operator: UUID, work: Callable[[Act], T], tries_max: int = 6) -> T:
        """Run one act with the lease renewed in it (5)."""

        def leased(act: Act) -> T:
            self._renew(act)
            return work(act)

        return self._store.retry(operator, leased, tries_max=tries_max)

    def _renewing(self, operator: UUID) -> Progress:
        """Return what renews the lease whenever a long step tells how far it is."""

        def tell(step: str, done: int, total: int) -> None:
            self._act(operator, self._vault.keys.generation)
            self._progress(step, done, total)

        return tell

    def _renew(self, act: Act) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(seconds=self._lease_s)
        if not act.do(sql.lease, operator=act.operator, turner=self._me, now=now, until=until):
            raise Conflict("turning", "another process is turning this operator's keys over")

    @contextmanager
    def _leased(self, operator: UUID) -> Iterator[None]:
        self._act(operator, self._vault.keys.generation)
        try:
            yield
        finally:
            with self._store.act(operator) as act:
                act.do(sql.give_up_lease, operator=operator, turner=self._me)


def _opens(wrapping: Wrapping, one: WrappedChest) -> bool:
    """Whether a chest's key opens. (7)"""
    try:
        wrapping.unwrap(one.wrapped, one.person, one.chest)
    except Tampered:
        return False
    return True
