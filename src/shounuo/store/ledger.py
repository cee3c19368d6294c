"""Read the ledger: what is sealed, and proofs of it.

1. Numbers are given by the sealer (see `sealing`), from 0 on. An entry without a number is kept, but not
   sealed yet.
2. What is sealed never changes, so a long reading need not be one act: `stream` takes an act for each page.
3. Nothing here checks what it reads; whoever gets a proof checks it with `core.ledger`, without trusting us.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core import ledger
from shounuo.core.ledger import Hashes
from shounuo.errors import NotFound
from shounuo.store.act import Act
from shounuo.store.queries import load
from shounuo.store.store import Store

sql = load("shounuo.store", "sql/ledger.sql")

_PAGE = 1000  # bodies read at once, of some hundred bytes each


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was signed: size and root of the tree, the whole signed note, the latest moment of an entry."""

    size: int
    root: bytes
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at `number` in the tree of `size`: check it with `core.ledger.check_inclusion`."""

    number: int
    size: int
    leaf: bytes
    hashes: list[bytes]


def checkpoint(act: Act) -> Sealed | None:
    """Return the newest signed checkpoint, or None while nothing was sealed."""
    return act.row(Sealed, sql.checkpoint, operator=act.operator)


def unsealed(act: Act) -> int:
    """Return how many entries wait to be sealed."""
    return act.row(int, sql.unsealed, operator=act.operator) or 0


def hashes(act: Act) -> Hashes:
    """Return what gives the proofs of `core.ledger` their hashes, in this act."""

    def read(level: int, start: int, stop: int) -> list[bytes]:
        span = {"operator": act.operator, "start": start, "stop": stop}
        if level == 0:
            return act.rows(bytes, sql.leaf_hashes, **span)
        return act.rows(bytes, sql.subtree_hashes, height=8 * level, **span)

    return read


def bodies(act: Act, start: int, stop: int) -> Iterator[bytes]:
    """Return the bodies of the entries numbered start to stop-1, as many as there are, page by page."""
    for first in range(start, stop, _PAGE):
        span = {"start": first, "stop": min(first + _PAGE, stop)}
        page = act.rows(bytes, sql.bodies, operator=act.operator, **span)
        yield from page
        if len(page) < span["stop"] - first:
            return


def stream(store: Store, operator: UUID, start: int, stop: int) -> Iterator[bytes]:
    """Return the same as `bodies`, an act for each page: for readers that may be slow (2)."""
    for first in range(start, stop, _PAGE):
        last = min(first + _PAGE, stop)
        with store.act(operator) as act:
            page = list(bodies(act, first, last))
        yield from page
        if len(page) < last - first:
            return


def body(act: Act, number: int) -> bytes:
    """Return the body of the entry with this number; `NotFound`."""
    found = next(bodies(act, number, number + 1), None) if number >= 0 else None
    if found is None:
        raise NotFound("no-entry", "the ledger has no entry with this number yet")
    return found


def number_of(act: Act, entry: UUID) -> int | None:
    """Return the number of an entry, or None when it is not sealed (1)."""
    return act.row(int, sql.number_of, operator=act.operator, entry=entry)


def inclusion(act: Act, number: int, size: int | None = None) -> Proof:
    """Return the proof that entry `number` is in the tree of `size` (None: the newest); `NotFound`."""
    newest = _size(act)
    size = newest if size is None else size
    if not 0 <= number < size <= newest:
        raise NotFound("no-entry", f"there is no entry {number} in a tree of {size}; {newest} are sealed")
    read = hashes(act)
    leaf = read(0, number, number + 1)[0]
    return Proof(number, size, leaf, ledger.inclusion(read, number, size))


def consistency(act: Act, old: int, new: int | None = None) -> list[bytes]:
    """Return the proof that the tree of `new` (None: the newest) goes on from that of `old`; `NotFound`."""
    newest = _size(act)
    new = newest if new is None else new
    if not 0 <= old <= new <= newest:
        raise NotFound(
            "no-size", f"there is no tree of {new} that goes on from {old}; {newest} entries are sealed"
        )
    return ledger.consistency(hashes(act), old, new)


def _size(act: Act) -> int:
    newest = checkpoint(act)
    return newest.size if newest else 0
