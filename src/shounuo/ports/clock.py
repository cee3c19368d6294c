"""Legal time: the moment the promises are measured by.

1. A moment is aware and in UTC.
2. Time never runs back between two answers.
3. Leases, time limits and rate limits use the machine's clock instead: they are not promises.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the legal time: the machine's clock in service, a hand-moved one while proving."""

    def now(self) -> datetime:
        """Return the present moment (1, 2)."""
        ...

    def reached(self, moment: datetime) -> bool:
        """Return whether `moment` has come; cheaper than to ask what time it is."""
        ...
