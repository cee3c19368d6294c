"""Ids of 16 bytes and their handles: a number for each, from 0 on, in the order they came.

An open table in arrays, so that millions are looked up at once: an id's place follows from its bits, and whoever finds it taken
goes on to the next. At most half of the places are taken.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Handles = NDArray[np.int32]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # makes neighbours strangers (Fibonacci hashing)
_FEWEST = 1 << 10


class Ids:
    """Ids as two halves, and the table of their handles."""

    def __init__(self) -> None:
        self._halves: NDArray[np.uint64] = np.empty((2, _FEWEST // 2), np.uint64)
        self._table: Handles = np.full(_FEWEST, -1, np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def find(self, ids: NDArray[Any]) -> Handles:
        """The handle of each id (rows of 16 bytes), -1 where it has none."""
        return self._find(_halves(ids))

    def add(self, ids: NDArray[Any]) -> Handles:
        """The handle of each id; one that had none gets the next."""
        halves = _halves(ids)
        found = self._find(halves)
        new = _once(halves[:, found < 0])
        if not new.shape[1]:
            return found
        self._make_room(new.shape[1])
        self._halves[:, self._count : self._count + new.shape[1]] = new
        self._place(np.arange(self._count, self._count + new.shape[1], dtype=np.int32))
        self._count += new.shape[1]
        return self._find(halves)

    def blob(self, handles: NDArray[Any]) -> bytes:
        """The ids of these handles, one after the other, 16 bytes each."""
        return np.ascontiguousarray(self._halves[:, handles].T).tobytes()

    def _find(self, halves: NDArray[np.uint64]) -> Handles:
        found: Handles = np.full(halves.shape[1], -1, np.int32)
        slots, left = self._slots(halves), np.arange(halves.shape[1])
        while left.size:
            handles = self._table[slots]
            same = (self._halves[0, handles] == halves[0, left]) & (
                self._halves[1, handles] == halves[1, left]
            )
            same &= handles >= 0
            found[left[same]] = handles[same]
            on = ~same & (handles >= 0)
            left, slots = left[on], (slots[on] + 1) & (self._table.size - 1)
        return found

    def _place(self, handles: Handles) -> None:
        """Put new handles on their places; of several that want one place, one gets it and the others go on."""
        slots = self._slots(self._halves[:, handles])
        while handles.size:
            free = self._table[slots] < 0
            self._table[slots[free]] = handles[free]
            on = self._table[slots] != handles
            handles, slots = handles[on], (slots[on] + 1) & (self._table.size - 1)

    def _make_room(self, more: int) -> None:
        wanted = self._count + more
        if wanted > self._halves.shape[1]:
            grown: NDArray[np.uint64] = np.empty((2, max(wanted, 2 * self._halves.shape[1])), np.uint64)
            grown[:, : self._count] = self._halves[:, : self._count]
            self._halves = grown
        if 2 * wanted > self._table.size:
            self._table = np.full(1 << int(2 * wanted - 1).bit_length(), -1, np.int32)
            self._place(np.arange(self._count, dtype=np.int32))

    def _slots(self, halves: NDArray[np.uint64]) -> NDArray[np.int64]:
        bits = self._table.size.bit_length() - 1
        mixed = (halves[0] ^ (halves[1] * _SPREAD)) * _SPREAD
        slots: NDArray[np.int64] = (mixed >> np.uint64(64 - bits)).astype(np.int64)
        return slots


def _halves(ids: NDArray[Any]) -> NDArray[np.uint64]:
    """Ids as two rows of numbers, each half of an id."""
    return np.ascontiguousarray(np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 2).T)


def _once(halves: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each id once."""
    ordered = halves[:, np.lexsort(halves)]
    first = np.ones(ordered.shape[1], np.bool_)
    first[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    return ordered[:, first]
