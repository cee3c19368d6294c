"""The stage on this machine: throwaway operators of a running house, each with its own hand-moved clock.

1. A fault is put in here, at wiring time, and nowhere else: it gets the parts of a throwaway operator and
   gives back parts with one control taken away.
2. The look at what lies on disk reads every row of the operator as the application may, and every file of
   the house that may be about it. It is the prover's own look: it never goes through parts that a fault has
   changed. A value so short that any long number holds it is looked for where it stands alone.
3. A backup is what the database holds now: sealed values and wrapped keys. It can be read while custody
   still has the keys that wrap.
4. Checking a made-up password costs next to nothing; what it costs to guess a real one is not what is proven
   here.
5. Nothing is opened on a server that was not started for proving: its clock cannot be moved.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from shounuo.clocks import HandClock
from shounuo.duties import operators
from shounuo.duties.parts import Parts, Policies
from shounuo.errors import Misconfigured, NotFound, Tampered
from shounuo.prove.call import Caller
from shounuo.prove.hearing import Ear
from shounuo.prove.world import Opened
from shounuo.store.act import Act
from shounuo.store.queries import Query, parse
from shounuo.vault.rewrite import stored
from shounuo.vault.seal import Context, algorithm_of, open_
from shounuo.vault.secret import Cost
from shounuo.vault.shapes import Stored, Values
from shounuo.vault.vault import Vault

Change = Callable[[Parts], Parts]
_CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)  # (4)

_TABLES = parse("prove/stage.py", """
-- name: tables
-- Every table of ours that the application may read.
select quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'shounuo' and c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')
""")  # fmt: skip
_TELLING = 8  # characters from which on a value is not met by chance
_OURS = frozenset({"policy_version", "migration"})  # the published text itself, and what made the tables


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup of the database would hold of one person's values. (3)"""

    operator: UUID
    person: UUID
    values: tuple[Stored, ...]


@dataclass(slots=True)
class LocalStage:
    """A stage over `parts`. `address` is where their server answers; `home` is where their files lie."""

    parts: Parts
    source: bytes
    home: Path
    address: str = ""
    fault: Change | None = None
    ear: Ear | None = None
    _rooms: dict[UUID, Parts] = field(default_factory=dict)
    _ids: dict[str, UUID] = field(default_factory=dict)
    _tables: list[tuple[str, Query]] = field(default_factory=list)
    _proving: bool = False

    def faulty(self, fault: Change) -> "LocalStage":
        """The same stage with a fault put into every operator opened on it from now on. (1)"""
        return replace(self, fault=fault)

    def heard(self, ear: Ear) -> "LocalStage":
        """The same stage, with what the operators opened on it ask of their parts heard."""
        return replace(self, ear=ear)

    def parts_for(self, operator: UUID) -> Parts:
        """The parts an operator is served with: its own clock, and the fault if there is one."""
        return self._rooms.get(operator, self.parts)

    def open(self, at: datetime) -> Opened:
        """A new operator with a clock of its own."""
        clock = HandClock(at)
        vault = Vault(self.parts.vault.keys.custody, cost=_CHEAP)
        room = replace(self.parts, clock=clock, policies=Policies(), vault=vault)
        slug = f"proof-{token_hex(8)}"
        operator = operators.open_operator(room, slug)
        key = operators.new_key(room, operator, "prover")
        room = self.ear.listening(room) if self.ear else room
        self._rooms[operator] = self.fault(room) if self.fault else room  # (1)
        self._ids[slug] = operator
        self._must_prove(key, at)
        return Opened(slug, key)

    def _must_prove(self, key: str, at: datetime) -> None:
        """Raise Misconfigured unless the server lets its clock be moved. (5)"""
        if not self._proving:
            caller = Caller(self.address, key)
            answer = caller.post("/v1/clock", {"to": at.isoformat()})
            caller.close()
            if answer.status == 404:
                raise Misconfigured("this server was not started for proving: no clock of its can be moved")
            self._proving = True

    def close(self, opened: Opened) -> None:
        """Shut an operator that is not asked for any more, and forget its parts."""
        operator = self._ids.pop(opened.slug)
        operators.shut(self.parts, operator)
        self._rooms.pop(operator, None)

    def search(self, opened: Opened, needles: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
        """The tables and files in which each value stands in clear. (2)"""
        wanted = {name: _seeking(value) for name, value in needles.items()}
        found: dict[str, set[str]] = {}
        for place, content in self._places(self._ids[opened.slug]):
            for name, stands_in in wanted.items():
                if stands_in(content):
                    found.setdefault(name, set()).add(place)
        return {name: sorted(places) for name, places in found.items()}

    def count(self, opened: Opened, person: str, items: Collection[str] | None = None) -> int:
        """How many sealed values of these items (all, by default) a person still has that no hold keeps."""
        with self.parts.store.act(self._ids[opened.slug]) as act:
            return len([one for one in _stored(act, person, items) if one.hold is None])

    def opened(self, opened: Opened, person: str, items: Iterable[str]) -> Mapping[str, Collection[str]]:
        """By item (all, by default), the values of a person that open and no hold keeps. (2)"""
        found: dict[str, list[str]] = {}
        with self.parts.store.act(self._ids[opened.slug]) as act:
            for one in self.parts.vault.get(act, UUID(person), Values(fields=frozenset(items) or None)):
                if one.hold is None:
                    found.setdefault(one.field, []).append(one.text)
        return found

    def seals(self, opened: Opened, person: str, items: Collection[str]) -> Mapping[str, str]:
        """By item, the cipher its stored value says it was sealed with."""
        with self.parts.store.act(self._ids[opened.slug]) as act:
            return {one.field: algorithm_of(one.sealed) for one in _stored(act, person, items)}

    def backup(self, opened: Opened, person: str, items: Collection[str]) -> Backup:
        """A copy of these values with their wrapped keys. (3)"""
        operator = self._ids[opened.slug]
        with self.parts.store.act(operator) as act:
            return Backup(operator, UUID(person), tuple(_stored(act, person, items)))

    def restored(self, backup: object) -> int:
        """How many values of that backup custody still opens. (3)"""
        assert isinstance(backup, Backup)
        with self.parts.store.act(backup.operator) as act:
            return sum(self._opens(act, backup.person, value) for value in backup.values)

    def _opens(self, act: Act, person: UUID, value: Stored) -> bool:
        keys = self.parts.vault.keys
        place = Context(act.operator, person, value.chest, value.record, value.field, value.kind)
        try:
            key = keys.unwrap(act, person, value.chest, value.wrapping_key, value.wrapped)
            open_(key, value.sealed, place)
        except (NotFound, Tampered):
            return False
        return True

    def _places(self, operator: UUID) -> Iterator[tuple[str, bytes]]:
        with self.parts.store.act(operator) as act:
            for table, rows in self._readable():
                for row in act.rows(str, rows):
                    yield f"table {table}", row.encode()
        for folder in ("guard", "key-copies"):
            for file in sorted((self.home / folder / str(operator)).rglob("*")):
                if file.is_file():
                    yield f"file {folder}/{file.name}", file.read_bytes()
        for file in sorted((self.home / "postgres").glob("*.log")):
            yield f"file {file.name}", file.read_bytes()

    def _readable(self) -> list[tuple[str, Query]]:
        if not self._tables:
            tables = [one for one in self.parts.store.ask(str, _TABLES.tables) if one not in _OURS]
            self._tables[:] = [(table, _rows_of(table)) for table in tables]
        return self._tables


def _rows_of(table: str) -> Query:
    text = f"-- name: rows\n-- Every row of a table, as text.\nselect t::text from shounuo.{table} t"
    return parse("prove/stage.py", text).rows


def _stored(act: Act, person: str, items: Collection[str] | None) -> list[Stored]:
    return [one for one in stored(act, UUID(person)).values() if items is None or one.field in items]


def _seeking(needle: str) -> Callable[[bytes], bool]:
    """Whether a value stands in some content in clear: as it is, or as PostgreSQL shows bytes. (2)"""
    raw = needle.encode()
    forms = (raw, raw.hex().encode())
    if len(raw) >= _TELLING:
        return lambda content: any(form in content for form in forms)
    alone = re.compile(rb"(?<![\w.])(?:%s|\\+x%s)(?![\w])" % (re.escape(raw), forms[1]))
    return lambda content: alone.search(content) is not None
