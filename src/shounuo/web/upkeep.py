"""Do what falls due while the server runs: one thread, every operator in turn.

1. A fault with one operator does not stop the others; it is logged by its kind and tried again.
2. An operator that was restored is left alone until it was replayed.
3. The guard watches for a database that was put back while we run.
"""

from threading import Event, Thread

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
        self._stop = Event()
        self._thread = Thread(target=self._run, name="shounuo-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
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
            due.run(self._house.parts, operator.id)
        except Restored:  # (2)
            return
        except Exception as error:  # (1)
            _wait(error, operator=operator.slug)


def _wait(error: Exception, **where: str) -> None:
    """Note what is tried again at the next round; a fault of ours with its place, never its words. (1)"""
    if isinstance(error, ShounuoError):
        log.warning("upkeep waits", fault=type(error).__name__, **where)
    else:
        log.error("upkeep waits", fault=type(error).__name__, at=place(error), **where)
