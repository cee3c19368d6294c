"""Clocks: the machine's, and one that a prover moves by hand."""

from datetime import UTC, datetime, timedelta
from threading import Lock

_TICK = timedelta(microseconds=1)


class SystemClock:
    """The machine's time in UTC. Never tells the same moment twice, nor an earlier one than it told before."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        """The present moment."""
        with self._lock:
            self._last = max(datetime.now(UTC), self._last + _TICK)
            return self._last

    def reached(self, moment: datetime) -> bool:
        """Whether `moment` has come, by the moment told last too."""
        return self._last >= moment or datetime.now(UTC) >= moment


class HandClock:
    """A clock that stands until it is moved; each look adds a microsecond, so that acts keep their order."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        """The present moment."""
        with self._lock:
            self._at += _TICK
            return self._at

    def reached(self, moment: datetime) -> bool:
        """Whether `moment` has come."""
        return self._at >= moment

    def move(self, to: datetime) -> None:
        """Move forward to `to`; a clock that is there already stays."""
        with self._lock:
            self._at = max(self._at, to.astimezone(UTC))
