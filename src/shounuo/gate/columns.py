"""Decide a table of uses at once: Arrow in, Arrow out.

1. The rule is asked once for each purpose and each set of facts that occurs, not once a row.
2. A person comes as an id of 16 bytes, as a dictionary of such, or as a handle the gate gave for an id. A handle is good as
   long as the gate is open.
3. What is known of people is read in bulk when they first occur, and again when the gate hears that they have changed; who
   does not exist, or whose state changes by time alone, is read each time.
4. No person, no purpose, an id nobody has: no. A gate that hears nothing decides nothing.
5. Rows are worked in blocks, so that beside input and answer the work takes memory for one block only.
6. A refusal of many is put on record as one entry for each purpose and reason, with their number.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shounuo.core.decision import Decision, Facts, Intent, Reason
from shounuo.duties import decide, roll
from shounuo.duties.changes import EVERYBODY
from shounuo.duties.decide import Frame
from shounuo.duties.parts import Parts
from shounuo.errors import Invalid
from shounuo.gate.ids import Ids

BLOCK = 1 << 20  # rows worked at once (5)

_REASONS = (Reason.ALLOWED, *(one for one in Reason if one is not Reason.ALLOWED))
_CODES = {reason: code for code, reason in enumerate(_REASONS)}
_STRANGER = 0  # the class of whom nothing is known; who is not read yet is in it too
_ID = pa.binary(16)

Numbers = NDArray[Any]
Refusals = Callable[[str, Decision, int], None]


@dataclass(slots=True)
class _Answers:
    """The answers to one intent, by class: the reason's code, and a decision for each code that occurs."""

    codes: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    decisions: dict[int, Decision] = field(default_factory=dict)


class Roster:
    """What a gate knows of people by handle. Safe to share between threads: one table goes after the other."""

    def __init__(self, parts: Parts, operator: UUID) -> None:
        self._parts, self._operator = parts, operator
        self._ids = Ids()
        self._frame: Frame | None = None
        self._classes: dict[Facts, int] = {}
        self._facts: list[Facts] = []
        self._class_of: NDArray[np.int32] = np.zeros(0, np.int32)
        self._answers: dict[Intent, _Answers] = {}
        self._changed: set[UUID] = set()
        self._hearing = Lock()  # of what has changed; the other may be held for long
        self._lock = Lock()

    def hear(self, person: UUID) -> None:
        """Somebody's state has changed, or everybody's. (3)"""
        with self._hearing:
            self._changed.add(person)

    def handles(self, ids: Any) -> Any:
        """A handle for each id of an Arrow array, as `uint32`; null where there is no id. (2)"""
        with self._lock:
            numbers = self._ids.add(_bytes_of(ids))
        return pa.array(numbers.astype(np.uint32), mask=_nulls(ids))

    def decide(
        self,
        table: Any,
        person: str,
        purpose: str,
        items: Mapping[str, Collection[str]],
        like: Intent,
        refused: Refusals,
    ) -> Any:
        """The answers to a table of uses: its columns `allowed` and `reason`, row by row. Raises Invalid.

        `items` says what a purpose takes; recipient, act, occasion and region are those of `like` for every row.
        """
        for name in (person, purpose):
            if name not in table.column_names:
                raise Invalid(
                    "no-column",
                    f"the table has no column `{name}`; it has {', '.join(table.column_names)[:200]}",
                )
        at = self._parts.clock.now()
        with self._lock:
            self._begin(at)
            people, named = _People(self._ids, table.column(person)), _Purposes(table.column(purpose))
            fleeting = self._read(people, at)
            asked = self._asked(
                [replace(like, purpose=one, items=frozenset(items.get(one, ()))) for one in named.names]
            )
            matrix = np.stack([one.codes for one in asked])
            codes = np.empty(table.num_rows, np.uint8)
            counts = np.zeros((len(named.names), len(_REASONS)), np.int64)
            for start in range(0, table.num_rows, BLOCK):  # (5)
                rows = slice(start, min(start + BLOCK, table.num_rows))
                handles, purposes = people.rows(rows), named.rows(rows)
                classes = (
                    np.where(handles < 0, _STRANGER, self._class_of[handles]) if self._class_of.size else 0
                )
                found = matrix[purposes, classes]
                codes[rows] = found
                pairs = np.bincount(purposes * len(_REASONS) + found, minlength=counts.size)
                counts += pairs.reshape(counts.shape)
            self._class_of[fleeting] = _STRANGER
            version = self._frame.book.number if self._frame else 0
        for place, name in enumerate(named.names):  # (6)
            for code in np.flatnonzero(counts[place, 1:]) + 1:
                refused(name, asked[place].decisions[int(code)], int(counts[place, code]))
        return _answer(codes, version, at)

    def _begin(self, at: datetime) -> None:
        """Forget whoever has changed, and see what holds for everybody."""
        with self._hearing:
            changed, self._changed = self._changed, set()
        late = self._frame is None or (self._frame.until is not None and self._frame.until <= at)
        if late or EVERYBODY in changed:
            self._classes.clear()
            self._answers.clear()
            self._facts = []
            self._class_of[:] = _STRANGER
            with self._parts.store.act(self._operator) as act:
                self._frame = decide.frame_of(self._parts, act, at)
            self._class(Facts(known=False))
        elif changed:
            raw = np.frombuffer(b"".join(one.bytes for one in changed), np.uint8).reshape(-1, 16)
            handles = self._ids.find(raw)
            self._class_of[handles[handles >= 0]] = _STRANGER

    def _class(self, facts: Facts) -> int:
        found = self._classes.get(facts)
        if found is None:
            found = self._classes[facts] = len(self._facts)
            self._facts.append(facts)
        return found

    def _read(self, people: "_People", at: datetime) -> Numbers:
        """Read whoever occurs and is not known; return the handles of whom it holds for this table only. (3)"""
        self._class_of = np.concatenate(
            [self._class_of, np.zeros(len(self._ids) - self._class_of.size, np.int32)]
        )
        wanted = people.distinct(len(self._ids))
        wanted = wanted[self._class_of[wanted] == _STRANGER]
        fleeting: list[Numbers] = []
        frame = self._frame
        if frame is None:
            return np.empty(0, np.int32)
        for start in range(0, wanted.size, roll.AT_ONCE):
            chosen = self._ids.blob(wanted[start : start + roll.AT_ONCE])
            with self._parts.store.act(self._operator) as act:
                for known, blob in roll.roll(self._parts, act, frame.book, at, chosen=chosen):
                    handles = self._ids.find(np.frombuffer(blob, np.uint8).reshape(-1, 16))
                    self._class_of[handles] = self._class(known.facts(frame.papers))
                    if known.until is not None:
                        fleeting.append(handles)
        return np.concatenate(fleeting) if fleeting else np.empty(0, np.int32)

    def _asked(self, intents: list[Intent]) -> list[_Answers]:
        """The answers to each intent, for every class there is by now. (1)"""
        book = self._frame.book if self._frame else None
        for intent in intents:
            known = self._answers.setdefault(intent, _Answers())
            new = [self._parts.controls.decide(book, intent, one) for one in self._facts[len(known.codes) :]]
            known.codes = np.append(known.codes, np.array([_CODES[one.reason] for one in new], np.uint8))
            known.decisions |= {_CODES[one.reason]: one for one in new}
        return [self._answers[intent] for intent in intents]


class _Purposes:
    """A column of purposes: the names that occur, and which each row has; a null is a purpose without a name."""

    def __init__(self, column: Any) -> None:
        coded = _flat(column, "purpose")
        if not pa.types.is_dictionary(coded.type):
            if not (pa.types.is_string(coded.type) or pa.types.is_large_string(coded.type)):
                raise Invalid("wrong-kind", f"purposes are text, not {coded.type}")
            coded = pc.dictionary_encode(coded)
        self.names = [one or "" for one in coded.dictionary.to_pylist()] + [""]
        self._codes, self._null = coded.indices, len(self.names) - 1

    def rows(self, rows: slice) -> NDArray[np.int64]:
        """The place of each row's purpose in `names`."""
        block = self._codes.slice(rows.start, rows.stop - rows.start)
        return _numbers(block, self._null).astype(np.int64)


class _People:
    """A column of people: the handle of each row, -1 where there is none. (2)"""

    def __init__(self, ids: Ids, column: Any) -> None:
        self._column = _flat(column, "person")
        self._all: Numbers | None = None
        kind = self._column.type
        if pa.types.is_dictionary(kind):
            self._named: Numbers = np.append(ids.add(_bytes_of(self._column.dictionary)), -1)
        elif pa.types.is_integer(kind):
            self._named = np.empty(0, np.int32)
            self._most = len(ids)
        else:
            blocks = (self._column.slice(start, BLOCK) for start in range(0, len(self._column), BLOCK))
            found = [np.where(_nulls(block), -1, ids.add(_bytes_of(block))) for block in blocks]
            self._all = np.concatenate(found) if found else np.empty(0, np.int32)
        self._kind = kind

    def rows(self, rows: slice) -> Numbers:
        """The handles of some rows."""
        if self._all is not None:
            return self._all[rows]
        block = self._column.slice(rows.start, rows.stop - rows.start)
        if pa.types.is_dictionary(self._kind):
            return self._named[_numbers(block.indices, self._named.size - 1)]
        found = _numbers(pc.cast(block, pa.int64()), -1)
        return np.where((found < 0) | (found >= self._most), -1, found)

    def distinct(self, count: int) -> Numbers:
        """The handles that occur, each once."""
        seen = np.zeros(count + 1, np.bool_)
        if self._all is None and pa.types.is_dictionary(self._kind):
            seen[self._named] = True
        else:
            for start in range(0, len(self._column), BLOCK):
                seen[self.rows(slice(start, min(start + BLOCK, len(self._column))))] = True
        return np.flatnonzero(seen[:count])


def _flat(column: Any, what: str) -> Any:
    """One array of a column, its storage where it is of a type of its own such as `pa.uuid()`."""
    if isinstance(column, pa.ChunkedArray):
        if column.num_chunks != 1:
            column = column.unify_dictionaries().combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) and column.num_chunks else column
        if isinstance(column, pa.ChunkedArray):  # no rows, no array
            column = pa.array([], column.type)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if not isinstance(column, pa.Array):
        raise Invalid("wrong-kind", f"{what} must be an Arrow array")
    return column


def _bytes_of(ids: Any) -> Numbers:
    """Ids as rows of 16 bytes; a null is zeros. Raises Invalid."""
    ids = _flat(ids, "ids")
    if pa.types.is_binary(ids.type) or pa.types.is_large_binary(ids.type):
        try:
            ids = pc.cast(ids, _ID)
        except pa.ArrowInvalid:
            raise Invalid("wrong-kind", "an id has 16 bytes") from None
    if ids.type != _ID:
        raise Invalid(
            "wrong-kind", f"people are ids of 16 bytes, a dictionary of such, or handles, not {ids.type}"
        )
    if ids.null_count:
        ids = pc.fill_null(ids, bytes(16))
    found: Numbers = np.frombuffer(ids.buffers()[1], np.uint8).reshape(-1, 16)
    return found[ids.offset : ids.offset + len(ids)]


def _numbers(column: Any, null: int) -> Numbers:
    """A column of whole numbers, with a number where there is none."""
    found: Numbers = pc.fill_null(column, null).to_numpy(zero_copy_only=False)
    return found


def _nulls(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_null(_flat(column, "ids")).to_numpy(zero_copy_only=False)
    return found


def _answer(codes: NDArray[np.uint8], version: int, at: datetime) -> Any:
    reasons = pa.DictionaryArray.from_arrays(
        pa.array(codes.view(np.int8)), pa.array([one.value for one in _REASONS])
    )
    about = {"version": str(version), "at": at.isoformat()}
    return pa.table({"allowed": pa.array(codes == 0), "reason": reasons}).replace_schema_metadata(about)
