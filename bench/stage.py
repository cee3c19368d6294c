"""What benches play on: the huiju Rulebook, a house on an embedded PostgreSQL, plain tables.

1. Everything lies in a temporary folder, is made when it is first asked for, and is gone when the stage is
   left: server, processes and folder.
2. The house's sealer stands still, so that no bench is slowed by another's entries; who measures it, seals.
3. The plain tables hold what ours hold, on the same server, written through the same driver: no fence, no
   seal, no trigger. They are what one would have written without us.
"""

import random
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import psycopg

from bench.measure import Size
from shounuo.config import Config
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.duties import agree, collect, operators, people, publish
from shounuo.duties.parts import Parts
from shounuo.language.load import load
from shounuo.store.ids import uuid7
from shounuo.vault.secret import Cost
from shounuo.vault.shapes import Field, RecordRow
from shounuo.wire import House, open_house

SLUG = "huiju"
SCENE, ITEM = "support-contact", "support-message"  # a scene of one field, resting on one consent
PURPOSE = SCENE
NOON = datetime(2026, 1, 2, 4, tzinfo=UTC)
FIELDS = 12  # values a person has

_PLAIN = """
create schema bench;
create table bench.value (
    operator uuid not null, person uuid not null, record uuid not null, field text not null,
    chest text not null, kind text not null, value bytea not null, findable boolean not null,
    due_at timestamptz, hold uuid,
    primary key (operator, person, record, field));
create index value_by_phone on bench.value (operator, field, value) where findable;
create table bench.entry (
    operator uuid not null, entry uuid not null, at timestamptz not null, kind text not null,
    body bytea not null, primary key (operator, entry));
"""
PUT_VALUE = "insert into bench.value values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
PUT_ENTRY = "insert into bench.entry values (%s, %s, %s, %s, %s)"
GET_VALUES = """
select record, field, chest, kind, value, due_at, hold from bench.value where operator = %s and person = %s"""
GET_VALUE = f"{GET_VALUES} and field = %s"
FIND = "select person from bench.value where operator = %s and field = %s and value = %s and findable"


@dataclass(frozen=True, slots=True)
class Someone:
    """A made-up person who has values in the vault, and the same values in the plain table."""

    id: UUID
    phone: str


class Stage:
    """One run's stage, of one size."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.chance = random.Random(20260102)
        self._closing = ExitStack()

    @cached_property
    def source(self) -> bytes:
        """The text of the huiju policy."""
        return resources.files("shounuo.packs").joinpath(f"{SLUG}.yaml").read_bytes()

    @cached_property
    def book(self) -> Rulebook:
        """The huiju Rulebook, without any database."""
        return compile_policy(load(self.source, f"{SLUG}.yaml", SLUG), self.source, 1)

    @cached_property
    def home(self) -> Path:
        """A folder that goes with the stage."""
        made = Path(tempfile.mkdtemp(prefix="shounuo-bench-"))
        self._closing.callback(shutil.rmtree, made)
        made.chmod(0o711)  # the server runs as an account of its own
        return made / "home"

    @cached_property
    def house(self) -> House:
        """A house whose sealer stands still. (2)"""
        house = self._closing.enter_context(open_house(Config(home=self.home), secrets_cost=Cost(64, 1, 1)))
        house.sealer.stop()
        return house

    @property
    def parts(self) -> Parts:
        """The parts of the house."""
        return self.house.parts

    @cached_property
    def operator(self) -> UUID:
        """An operator that has published huiju."""
        made = operators.open_operator(self.parts, SLUG)
        publish.publish(self.parts, made, self.source, SLUG, proving=True)
        return made

    @cached_property
    def crowded(self) -> UUID:
        """Another operator with the same policy, for very many people."""
        made = operators.open_operator(self.parts, "crowded")
        publish.publish(self.parts, made, self.source, SLUG, proving=True)
        return made

    @cached_property
    def key(self) -> str:
        """An access key of the operator."""
        return operators.new_key(self.parts, self.operator, "bench")

    @cached_property
    def plain(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection to the plain tables, in autocommit. (3)"""
        server = self.house.store.server
        assert server is not None
        made = self._closing.enter_context(
            psycopg.connect(server.superuser_url, dbname="shounuo", autocommit=True, prepare_threshold=3)
        )
        made.execute(_PLAIN)
        return made

    def someone(self) -> UUID:
        """A person who was told and said yes, so that `SCENE` may take its field and a reader may see it."""
        person = people.register(self.parts, self.operator, f"user-{uuid4().hex}").person
        self._show(person, f"scenes.{SCENE}")
        for item in self.book.purposes[SCENE].asks:
            agree.answer(self.parts, self.operator, person, item, True, self._show(person, f"consent.{item}"))
        collect.collect(self.parts, self.operator, person, SCENE, {ITEM: "The invoice did not arrive."})
        return person

    @cached_property
    def told(self) -> list[UUID]:
        """People of whom `SCENE` may be asked and read; no bench writes to them."""
        return [self.someone() for _ in range(max(3, self.size.people // 20))]

    @cached_property
    def strangers(self) -> list[UUID]:
        """As many people again who were told of `SCENE` and said nothing."""
        found = [people.register(self.parts, self.operator, f"user-{uuid4().hex}").person for _ in self.told]
        for person in found:
            self._show(person, f"scenes.{SCENE}")
        return found

    @cached_property
    def readers(self) -> list[Someone]:
        """People whom no bench writes to: they have their `FIELDS` values and no more, here and plainly."""
        return self._fill(0)

    @cached_property
    def filled(self) -> list[Someone]:
        """People whom benches write to."""
        return self._fill(self.size.people)

    def _fill(self, first: int) -> list[Someone]:
        found, parts = [], self.parts
        for number in range(first, first + self.size.people):
            someone = Someone(uuid4(), f"138{number:08d}")
            record, values = record_row(), fields(someone.phone)
            with parts.store.act(self.operator) as act:
                parts.vault.register(act, someone.id, NOON)
                parts.vault.put(act, someone.id, record, values)
            with self.plain.transaction(), self.plain.cursor() as cursor:
                cursor.executemany(PUT_VALUE, [self.row(someone.id, record.record, each) for each in values])
            found.append(someone)
        for table in (
            "bench.value",
            "shounuo.value",
            "shounuo.person",
            "shounuo.chest_key",
            "shounuo.lookup",
        ):
            self.plain.execute(f"analyze {table}")
        return found

    def row(self, person: UUID, record: UUID, each: Field) -> tuple[object, ...]:
        """A value as the plain table takes it."""
        return (
            self.operator,
            person,
            record,
            each.name,
            each.chest,
            each.kind,
            each.text.encode(),
            each.findable,
            None,
            None,
        )

    def _show(self, person: UUID, entry: str) -> UUID:
        _, notice = agree.notice(self.parts, self.operator, entry, "zh-CN")
        screen = agree.Screen(language="zh-CN", controls=dict(notice.controls), acknowledged=True)
        return agree.show(self.parts, self.operator, person, entry, notice.hash, screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()


def record_row() -> RecordRow:
    """One collection."""
    return RecordRow(
        record=uuid7(datetime.now(UTC)),
        scene=SCENE,
        purpose=SCENE,
        policy_version=1,
        basis="consent",
        collected_at=NOON,
        source="person",
    )


def fields(phone: str) -> list[Field]:
    """`FIELDS` values in two chests, one of them findable."""
    return [
        Field(name="phone", chest="account", text=phone, kind="cn-mobile", findable=True),
        *(Field(name=f"field-{number}", chest="support", text="x" * 40) for number in range(1, FIELDS)),
    ]
