"""The outside journal: every no, outside of the database, before the caller is answered.

1. A line (see `denial`) is written after the database has committed the denial. So the journal is never ahead
   of the database, and a denial it names that the database lacks was lost there.
2. Lines that several threads bring at once go to the disk together, with one sync. Processes take turns.
3. What follows the last newline was torn off by a crash; nobody was answered for it. It is cut at the next
   write, and the denial is still waiting in the database. Any other damage is `Tampered`.
4. A denial may stand in two lines, when a crash left open whether it was written. It counts once.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from typing import BinaryIO
from uuid import UUID

from shounuo.errors import Tampered, Unavailable
from shounuo.store.denial import Denial, Place, fields, parsed, start
from shounuo.store.denial import line as line_of
from shounuo.store.outside import Outside, sync, unwritable

MOST_LINE_BYTES = 16384


@dataclass
class _Group:
    """The denials of one operator that wait for the next sync, and who waits for it (2)."""

    turn: Condition = field(default_factory=Condition)
    busy: bool = False
    waiting: list["_Ticket"] = field(default_factory=list)


@dataclass
class _Ticket:
    denials: Sequence[Denial]
    done: bool = False
    fault: Unavailable | Tampered | None = None


class Journal:
    """The journals of all operators. Safe to share between threads; processes may each have one."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._groups: dict[UUID, _Group] = {}

    def append(self, operator: UUID, denials: Sequence[Denial]) -> None:
        """Write denials the database has committed; they are on the disk when this returns (1, 2).

        `Unavailable` when they cannot be written: then the caller is not answered. `Tampered` (3).
        """
        group, ticket = self._groups.setdefault(operator, _Group()), _Ticket(denials)
        with group.turn:
            group.waiting.append(ticket)
            while group.busy and not ticket.done:
                group.turn.wait()
            if not ticket.done:
                group.busy = True
                taken, group.waiting = group.waiting, []
        if not ticket.done:
            self._lead(operator, group, taken)
        if ticket.fault is not None:
            raise ticket.fault

    def read(self, operator: UUID, after: Place | None = None) -> Iterator[tuple[Denial, Place]]:
        """Return the denials after a place (None: all), each with the place behind it; `Tampered` (3, 4)."""
        place = after or start(operator)
        path = self._outside.folder / str(operator) / "journal"
        if not path.exists():
            if place.lines:
                raise Tampered("the outside journal is gone while lines of it are known; put it back")
            return
        end = self._end(operator, path)
        if end < place.offset:
            raise Tampered(f"the outside journal was cut behind line {place.lines}; put it back")
        with path.open("rb") as file:
            file.seek(place.offset)
            while place.offset < end:
                denial, place = parsed(file.readline(MOST_LINE_BYTES), place)
                yield denial, place

    def _end(self, operator: UUID, path: Path) -> int:
        """Return where the last whole line ends; nobody is writing in this moment (3)."""
        with self._outside.alone(operator, shared=True), path.open("rb") as file:
            return _end(file)

    def _lead(self, operator: UUID, group: _Group, taken: list[_Ticket]) -> None:
        """Write for all who wait (2)."""
        fault: Unavailable | Tampered | None = Unavailable("the outside journal was not written to the end")
        try:
            self._write(operator, [each for ticket in taken for each in ticket.denials])
            fault = None
        except OSError as error:
            fault = unwritable(self._outside.folder, error)
        except Tampered as error:
            fault = error
        finally:
            with group.turn:
                group.busy = False
                for ticket in taken:
                    ticket.done, ticket.fault = True, fault
                group.turn.notify_all()

    def _write(self, operator: UUID, denials: Sequence[Denial]) -> None:
        with self._outside.alone(operator) as folder:
            new = not (folder / "journal").exists()
            options = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(folder / "journal", options, 0o600)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                _write_after(file, _cut(file, operator), denials)
            if new:
                sync(folder)


def _write_after(file: BinaryIO, place: Place, denials: Sequence[Denial]) -> None:
    lines, hash_ = [], place.hash
    for number, denial in enumerate(denials, place.lines):
        line, hash_ = line_of(number, hash_, denial)
        lines.append(line)
    rest = memoryview(b"".join(lines))
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fdatasync(file.fileno())
    except BaseException:
        os.ftruncate(file.fileno(), place.offset)  # Whether it came to the disk is not known: it did not.
        raise


def _cut(file: BinaryIO, operator: UUID) -> Place:
    """Cut what a crash tore, and return the place behind the last whole line (3). The lock is held."""
    end = _end(file)
    if end < os.fstat(file.fileno()).st_size:
        os.ftruncate(file.fileno(), end)
    if end == 0:
        return start(operator)
    begin = max(0, end - MOST_LINE_BYTES)
    last = os.pread(file.fileno(), end - begin, begin).rpartition(b"\n")[0].rpartition(b"\n")[2]
    number, hash_, _ = fields(last + b"\n", None)
    return Place(number + 1, end, hash_)


def _end(file: BinaryIO) -> int:
    """Return where the last whole line ends."""
    end = os.fstat(file.fileno()).st_size
    while end:
        begin = max(0, end - MOST_LINE_BYTES)
        found = os.pread(file.fileno(), end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
