"""The ledger: entries in one encoding, and the tree that proves none was changed, moved or left out.

Entries
 1. A value has exactly one encoding: JSON with keys sorted by code point, no blanks, UTF-8 as it comes
    (nothing is normalised), only the escapes JSON demands; no fractions, and no whole number that another
    reader would round.
 2. An entry is six fields: v, id, kind, at, person, data. `at` is UTC to the microsecond, `person` a
    pseudonym or nothing. An entry carries no personal information; who writes it sees to that.
 3. Bytes that are not exactly what we would write are no entry.

Tree (RFC 9162, section 2.1)
 4. A leaf is SHA-256(00 || entry), a node SHA-256(01 || left || right), the empty tree SHA-256 of nothing.
 5. To append, only the roots of the complete subtrees so far are needed, at most one a height.
 6. A store keeps, beside the leaves, the roots of complete subtrees whose height is a multiple of 8: levels
    of 256 to 1, as in C2SP tlog-tiles. They are written once. Any root or proof, of any size the tree has
    had, is made from a few reads of at most 256 neighbouring hashes.
 7. A proof is checked without the tree. One that does not hold raises `Tampered`, so nobody overlooks it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from shounuo.errors import Tampered

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None

MOST_ENTRY_BYTES = 1 << 20
MOST_DEPTH = 32  # containers within containers
MOST_NUMBER = 2**53 - 1  # every reader of JSON holds it exactly

_KIND = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_PERSON = re.compile(r"[0-9A-Za-z_-]{1,64}")
_quote = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, as the ledger has it. (2)"""

    id: UUID
    kind: str
    at: datetime
    person: str | None
    data: Mapping[str, Json]


def canonical(value: Json) -> bytes:
    """The one encoding of a value. Raises ValueError for what has none, without showing the value. (1)"""
    try:
        return _encode(value, MOST_DEPTH).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half a character: pass whole Unicode text") from None


def parse_canonical(raw: bytes) -> Json:
    """The value of which `raw` is the one encoding. Raises Tampered. (3)"""
    try:
        value: Json = json.loads(raw.decode())
        if canonical(value) == raw:
            return value
    except (ValueError, RecursionError):
        pass
    raise Tampered("it is not JSON in its one encoding")


def entry_body(id: UUID, kind: str, at: datetime, person: str | None, data: Mapping[str, Json]) -> bytes:
    """The bytes of an entry. Raises ValueError for what cannot be one, without showing its data. (2)"""
    if not _KIND.fullmatch(kind):
        raise ValueError("an entry's kind is a word of a-z, 0-9, `.`, `_`, `-`, at most 64 long")
    if person is not None and not _PERSON.fullmatch(person):
        raise ValueError("an entry's person is a pseudonym of letters, digits, `_`, `-`, at most 64 long")
    if at.tzinfo is None:
        raise ValueError("an entry's time needs its offset: give an aware datetime")
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    body = canonical(
        {"v": 1, "id": str(id), "kind": kind, "at": moment, "person": person, "data": data},
    )
    if len(body) > MOST_ENTRY_BYTES:
        raise ValueError(f"an entry has at most {MOST_ENTRY_BYTES} bytes: keep a hash of what is longer")
    return body


def parse_entry(raw: bytes) -> Entry:
    """The entry whose body is `raw`. Raises Tampered for anything else. (3)"""
    match parse_canonical(raw):
        case {
            "id": str(id),
            "kind": str(kind),
            "at": str(at),
            "person": None | str() as person,
            "data": dict(data),
        }:
            try:
                entry = Entry(UUID(id), kind, datetime.fromisoformat(at), person, data)
                if entry_body(entry.id, kind, entry.at, person, data) == raw:  # `v` and all spellings
                    return entry
            except ValueError:
                pass
    raise Tampered("it is not a ledger entry")


def _encode(value: Json, depth: int) -> str:
    if value is None or value is True or value is False:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, int):
        if abs(value) > MOST_NUMBER:
            raise ValueError("a number is too large for every reader: write it as text")
        return int.__repr__(value)
    if depth == 0:
        raise ValueError(f"a value nests deeper than {MOST_DEPTH}: make it flatter")
    if isinstance(value, (dict, Mapping)):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key is not text: write it as text")
        return (
            "{" + ",".join(f"{_quote(key)}:{_encode(value[key], depth - 1)}" for key in sorted(value)) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_encode(item, depth - 1) for item in value) + "]"
    raise ValueError(f"a {type(value).__name__} has no place in an entry: use text or whole numbers")


HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # (4)

_LEVEL = 8  # heights from one kept level to the next (6)
_WIDTH = 1 << _LEVEL

Hashes = Callable[[int, int, int], Sequence[bytes]]
"""How a store gives its hashes: `(level, start, stop)` asks for start..stop-1 of one level, in order.

Level 0 are the leaves; hash i of level k is the root of the complete subtree of height 8k over the leaves
from i * 256**k on. Never more than 256 are asked for, and none beyond the size asked about. (6)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A hash a store keeps beside the leaves, as `Hashes` will ask for it. (6)"""

    level: int
    index: int
    hash: bytes


def leaf_hash(body: bytes) -> bytes:
    """(4)"""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """(4)"""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by one leaf at a time and knows its root; one peak for each bit of its size. (5)"""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(
                f"a tree of {size} has {size.bit_count()} complete subtrees, not {len(self._peaks)}"
            )

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> tuple[Kept, ...]:
        """Add a leaf hash; the answer is what a store must keep beside it, usually nothing. (5, 6)"""
        index, height, node, peaks = self._size, 0, leaf, self._peaks
        kept: tuple[Kept, ...] = ()
        while index >> height & 1:
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            height += 1
            if height % _LEVEL == 0:
                kept += (Kept(height // _LEVEL, index >> height, node),)
        peaks.append(node)
        self._size = index + 1
        return kept

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def tree_at(hashes: Hashes, size: int) -> Tree:
    """The tree as it was at this size, ready to grow on. (6)"""
    levels = _Levels(hashes, size)
    heights = [height for height in range(size.bit_length()) if size >> height & 1]
    return Tree(size, [levels.subtree(height, (size >> height) - 1) for height in reversed(heights)])


def inclusion(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` stands in the tree of this size; RFC 9162, 2.1.3.1. (6)"""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    levels, start, stop, proof = _Levels(hashes, size), 0, size, list[bytes]()
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            proof.append(levels.span(middle, stop))
            stop = middle
        else:
            proof.append(levels.span(start, middle))
            start = middle
    return proof[::-1]


def consistency(hashes: Hashes, old: int, new: int) -> list[bytes]:
    """The proof that the tree of size `new` only adds to that of size `old`; RFC 9162, 2.1.4.1. (6)"""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not go on from one of {old}")
    if old == 0:  # every tree goes on from the empty one
        return []
    levels, start, stop, proof = _Levels(hashes, new), 0, new, list[bytes]()
    while old != stop:
        middle = start + _left(stop - start)
        if old <= middle:
            proof.append(levels.span(middle, stop))
            stop = middle
        else:
            proof.append(levels.span(start, middle))
            start = middle
    if start:  # else it is the old root, which who checks already has
        proof.append(levels.span(start, stop))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise Tampered unless the leaf hash stands at `index` under this root; RFC 9162, 2.1.3.2. (7)"""
    if not 0 <= index < size:
        raise Tampered(f"there is no leaf {index} in a tree of {size}")
    _whole(proof)
    here, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Tampered("the inclusion proof is too long")
        if here & 1 or here == last:
            node = node_hash(sibling, node)
            here, last = _up_the_edge(here, last)
        else:
            node = node_hash(node, sibling)
        here, last = here >> 1, last >> 1
    if last or node != root:
        raise Tampered("the inclusion proof does not lead to the root")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise Tampered unless the new tree only adds to the old; RFC 9162, 2.1.4.2. (7)"""
    _whole(proof)
    if not 0 <= old <= new:
        raise Tampered(f"a tree of {new} does not go on from one of {old}")
    if old in (0, new):  # nothing to prove: every tree goes on from the empty one, and from itself
        if proof or (old == 0 and old_root != EMPTY_ROOT) or (old == new and old_root != new_root):
            raise Tampered("the consistency proof does not lead to both roots")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise Tampered("the consistency proof is too short")
    here, last = _up_ones(old - 1, new - 1)
    old_node = new_node = path[0]
    for node in path[1:]:
        if last == 0:
            raise Tampered("the consistency proof is too long")
        if here & 1 or here == last:
            old_node, new_node = node_hash(node, old_node), node_hash(node, new_node)
            here, last = _up_the_edge(here, last)
        else:
            new_node = node_hash(new_node, node)
        here, last = here >> 1, last >> 1
    if last or old_node != old_root or new_node != new_root:
        raise Tampered("the consistency proof does not lead to both roots")


class _Levels:
    """A store's hashes up to one size, each stretch of 256 read once. (6)"""

    def __init__(self, hashes: Hashes, size: int) -> None:
        self._hashes = hashes
        self._size = size
        self._stretches: dict[tuple[int, int], Sequence[bytes]] = {}

    def span(self, start: int, stop: int) -> bytes:
        """The root over leaves start..stop-1, which lie together in the tree."""
        count = stop - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self.subtree(height, start >> height)
        middle = start + _left(count)
        return node_hash(self.span(start, middle), self.span(middle, stop))

    def subtree(self, height: int, index: int) -> bytes:
        """The root of the complete subtree of this height, the index-th from the left."""
        level, above = divmod(height, _LEVEL)
        stretch, offset = divmod(index << above, _WIDTH)
        row = self._stretch(level, stretch)[offset : offset + (1 << above)]
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    def _stretch(self, level: int, stretch: int) -> Sequence[bytes]:
        if (level, stretch) not in self._stretches:
            start = stretch * _WIDTH
            stop = min(start + _WIDTH, self._size >> level * _LEVEL)
            row = self._hashes(level, start, stop)
            if len(row) != stop - start:
                raise Tampered(f"the ledger lacks hashes {start} to {stop - 1} of level {level}")
            self._stretches[level, stretch] = row
        return self._stretches[level, stretch]


def _left(count: int) -> int:
    """How many of `count` leaves, at least two, go to the left: the largest power of two below it."""
    return 1 << (count - 1).bit_length() - 1


def _up_ones(here: int, last: int) -> tuple[int, int]:
    """Climb while this node is a right child."""
    while here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _up_the_edge(here: int, last: int) -> tuple[int, int]:
    """Climb the right edge to where this node is a right child: there are no siblings on the way."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _whole(proof: Sequence[bytes]) -> None:
    if any(len(node) != HASH_BYTES for node in proof):
        raise Tampered(f"a hash in the proof is not {HASH_BYTES} bytes long")
