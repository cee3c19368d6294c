"""The gates of a server: one for each operator that asks, opened at its first question.

1. A server answers `/v1/decide` by the gate a product would have in its own process.
2. While an operator's gate follows what changes, the operator's access keys are remembered too: a key is looked up once, and
   forgotten with everything else when the gate hears of a change for everybody. A blind gate remembers no key.
3. A gate nobody has asked for a while is closed. A server started for proving has no gates: there each question is read anew,
   so that a control that was taken away is missed in every answer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from shounuo.duties.changes import EVERYBODY
from shounuo.duties.parts import Parts
from shounuo.errors import Unavailable
from shounuo.gate import Gate

IDLE_S = 600.0
MOST_KEYS = 10_000

K = TypeVar("K")


@dataclass(slots=True)
class _Open:
    gate: Gate
    asked_at: float


class Gates(Generic[K]):
    """Gates by operator, and what their keys open. Safe to share between threads."""

    def __init__(self, parts: Parts, admit: Callable[[UUID], None]) -> None:
        self._parts, self._admit = parts, admit
        self._open: dict[UUID, _Open] = {}
        self._keys: dict[bytes, tuple[UUID, K]] = {}
        self.epoch = 0  # grows when keys are forgotten; what was looked up before is not remembered after it
        self._lock = Lock()
        self._keying = Lock()

    def of(self, operator: UUID) -> Gate:
        """The gate of an operator, opened now if it is not; whoever has been idle is closed. (1, 3)"""
        now = time.monotonic()
        if (found := self._open.get(operator)) is not None:
            found.asked_at = now
            return found.gate
        with self._lock:
            idle = [
                one for one, open_ in self._open.items() if now - open_.asked_at > IDLE_S and one != operator
            ]
            closing = [self._open.pop(one).gate for one in idle]
            if (found := self._open.get(operator)) is None:
                gate = Gate(self._parts, operator, self._admit)
                gate.hear(partial(self._hear, operator))
                self._hear(operator, EVERYBODY)  # what was looked up before nobody followed
                found = self._open[operator] = _Open(gate, now)
        for gate in closing:
            gate.close()
        return found.gate

    def key(self, digest: bytes) -> K | None:
        """What a key opens, if that is remembered and its gate is not blind. (2)"""
        operator, opens = self._keys.get(digest, (None, None))
        found = self._open.get(operator) if operator is not None else None
        if found is None:
            return None
        try:
            found.gate.must_see()
        except Unavailable:
            return None
        return opens

    def remember(self, operator: UUID, digest: bytes, opens: K, epoch: int) -> None:
        """Remember what a key opens, if it was looked up since `epoch` began. (2)"""
        with self._keying:
            if operator not in self._open or self.epoch != epoch:
                return
            if len(self._keys) >= MOST_KEYS:
                self._keys.clear()
            self._keys[digest] = operator, opens

    def _hear(self, operator: UUID, person: UUID) -> None:
        """Forget an operator's keys when something changes for everybody. (2)"""
        if person == EVERYBODY:
            with self._keying:
                self.epoch += 1
                self._keys = {digest: one for digest, one in self._keys.items() if one[0] != operator}

    def close(self) -> None:
        """Close every gate."""
        with self._lock:
            closing = [one.gate for one in self._open.values()]
            self._open.clear()
        for gate in closing:
            gate.close()
