"""The stage on this machine: throwaway operators of a running house, each with its own hand-moved clock.

1. A fault is put in here, at wiring time, and nowhere else: it gets the parts of a throwaway operator and gives back
   parts with one control taken away.
2. The look at what lies on disk reads every table as the application may, and every file of the house.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from shounuo.clocks import HandClock
from shounuo.duties import operators
from shounuo.duties.parts import Parts, Policies
from shounuo.prove.world import Opened
from shounuo.store.queries import parse

Change = Callable[[Parts], Parts]

_TABLES = parse("prove/stage.py", """
-- name: tables
-- Every table of ours that the application may read.
select quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'shounuo' and c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')
""")  # fmt: skip


@dataclass(slots=True)
class LocalStage:
    """A stage over `parts`. `address` is where their server answers; `home` is where their files lie."""

    parts: Parts
    source: bytes
    home: Path
    address: str = ""
    fault: Change | None = None
    _rooms: dict[UUID, Parts] = field(default_factory=dict)
    _ids: dict[str, UUID] = field(default_factory=dict)

    def parts_for(self, operator: UUID) -> Parts:
        """The parts an operator is served with: its own clock, and the fault if there is one."""
        return self._rooms.get(operator, self.parts)

    def open(self, at: datetime) -> Opened:
        """A new operator with a clock of its own."""
        clock = HandClock(at)
        room = replace(self.parts, clock=clock, policies=Policies())
        slug = f"proof-{token_hex(8)}"
        operator = operators.open_operator(room, slug)
        key = operators.new_key(room, operator, "prover")
        self._rooms[operator] = self.fault(room) if self.fault else room  # (1)
        self._ids[slug] = operator
        return Opened(slug, key)

    def search(self, opened: Opened, needles: Collection[str]) -> list[str]:
        """The tables and files in which one of these values stands in clear. (2)"""
        wanted = [form for needle in needles for form in _forms(needle)]
        found = {place for place, content in self._places(opened) if any(form in content for form in wanted)}
        return sorted(found)

    def count(self, opened: Opened, person: str, items: Collection[str]) -> int:
        """How many sealed values of these items a person still has."""
        with self.parts.store.act(self._ids[opened.slug]) as act:
            return len([one for one in self.parts.vault.located(act, UUID(person), fields=items) if one.hold is None])

    def _places(self, opened: Opened) -> Iterator[tuple[str, bytes]]:
        operator = self._ids[opened.slug]
        for table in self.parts.store.ask(str, _TABLES.tables):
            if table in ("policy_version", "migration"):
                continue  # the published text itself
            rows = parse("prove/stage.py", f"-- name: rows\n-- Every row of a table, as text.\nselect t::text from shounuo.{table} t")
            with self.parts.store.act(operator) as act:
                for row in act.rows(str, rows.rows):
                    yield f"table {table}", row.encode()
        for folder in ("guard", "key-copies"):
            for file in sorted((self.home / folder).rglob("*")):
                if file.is_file():
                    yield f"file {folder}/{file.name}", file.read_bytes()
        for file in sorted((self.home / "postgres").glob("*.log")):
            yield f"file {file.name}", file.read_bytes()


def _forms(needle: str) -> list[bytes]:
    """How a value might stand in clear: as it is, as hex, as PostgreSQL shows bytes."""
    raw = needle.encode()
    return [raw, raw.hex().encode()]
