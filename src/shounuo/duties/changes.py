"""Tell gates what has changed.

1. A change is a row of the change table, written in the transaction that makes it; gates of other processes look for
   such rows (see `follow`).
2. Gates of this process hear of it after the commit and before the caller is answered: whoever was told of a withdrawal
   finds it obeyed.
3. What is so for everybody (the version in force, the papers on file, who may call) changes under the name of nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from uuid import UUID

from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.store.queries import load

EVERYBODY = UUID(int=0)  # Whose state changes with what is so for everybody. (3)

Hearer = Callable[[UUID], None]
_sql = load("shounuo.duties", "sql/duties.sql")


@dataclass(slots=True)
class Changes:
    """Who hears of changes in this process, by operator."""

    _hearers: dict[UUID, tuple[Hearer, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def hear(self, operator: UUID, hearer: Hearer) -> None:
        """Call `hearer` with every person of `operator` whose state has changed here."""
        with self._lock:
            self._hearers[operator] = (*self._hearers.get(operator, ()), hearer)

    def leave(self, operator: UUID, hearer: Hearer) -> None:
        """Call `hearer` no more."""
        with self._lock:
            left = tuple(one for one in self._hearers.get(operator, ()) if one != hearer)
            if left:
                self._hearers[operator] = left
            else:
                self._hearers.pop(operator, None)

    def changed(self, act: Act, at: datetime, person: UUID = EVERYBODY) -> None:
        """The state of `person` changes with this act. (1, 2)"""
        act.do(_sql.put_change, operator=act.operator, person=person, change=uuid7(at))
        act.after_commit(partial(self._tell, act.operator, person))

    def _tell(self, operator: UUID, person: UUID) -> None:
        for hearer in self._hearers.get(operator, ()):
            hearer(person)
