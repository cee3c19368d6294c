"""Do what falls due while the server runs: one thread, every operator in turn.

1. A fault with one operator does not stop the others; it is logged by its kind and tried again.
2. An operator that was restored is left alone until it was replayed.
3. The guard watches for a database that was put back while we run.
4. What a crash left is finished: a turning over of keys, an index that was emptied. While another process is at it, or
   its lease has not run out, this waits for the next round; nothing is refused because of it.
"""

from threading import Event, Thread
from uuid import UUID

import structlog

from shounuo.duties import due
from shounuo.errors import Restored, ShounuoError
from shounuo.store.queries import load
from shounuo.web.problems import place
from shounuo.wire import House, Known

log = structlog.get_logger("shounuo.upkeep")
_sql = load("shounuo.store", "sql/foundation.sql")

EVERY_S = 5.0


class Upkeep:
    """The thread. Start it with the server, stop it before the house closes."""

    def __init__(self, house: House, every_s: float = EVERY_S) -> None:
        self._house, self._every = house, every_s
        self._left: set[UUID] = set()  # operators of whom a crash may have left something (4)
        self._stop = Event()
        self._thread = Thread(target=self._run, name="shounuo-upkeep", daemon=True)

    def start(self) -> None:
        """Begin, with what a crash left. (4)"""
        self._left = {operator.id for operator in self._house.store.ask(Known, _sql.operators)}
        for operator in sorted(self._left):
            try:
                self._finish(operator)
            except Exception as error:
                _wait(error)
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way is finished first."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._house.guard.watch()
                for operator in self._house.store.ask(Known, _sql.operators):
                    self._one(operator)
            except Exception as error:
                _wait(error)

    def _one(self, operator: Known) -> None:
        try:
            self._house.guard.admit(operator.id)
            self._finish(operator.id)
            due.run(self._house.parts, operator.id)
        except Restored:  # (2)
            return
        except Exception as error:  # (1)
            _wait(error, operator=operator.slug)

    def _finish(self, operator: UUID) -> None:
        """Finish what a crash left of one operator, or a crash of PostgreSQL meanwhile. (2, 4)"""
        parts = self._house.parts
        if operator in self._left or not parts.vault.index.is_whole(self._house.store, operator):
            self._house.guard.check(operator)
            parts.turning.finish(operator, parts.clock.now())
            self._left.discard(operator)


def _wait(error: Exception, **where: str) -> None:
    """Note what is tried again at the next round; a fault of ours with its place, never its words. (1)"""
    if isinstance(error, ShounuoError):
        log.warning("upkeep waits", fault=type(error).__name__, **where)
    else:
        log.error("upkeep waits", fault=type(error).__name__, at=place(error), **where)
