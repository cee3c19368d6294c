"""The vault: sealed values beside plain ones, on one server, through one driver."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, cycle
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.measure import Pair, bench, must_agree, repeat, through
from shounuo.core.ledger import entry_body
from shounuo.store.ids import uuid7
from shounuo.vault.seal import ChestKey, Context, open_, seal
from shounuo.vault.shapes import Field, Opened, Values

if TYPE_CHECKING:
    from bench.stage import Someone, Stage

_TEXT = b"x" * 64
_RECORDS_IN_A_BATCH = 20


@bench(
    "vault.seal",
    beside="AES-256-GCM of the same 64 bytes, key object at hand",
    unit="values/s",
    alone=True,
    means="share of the bare cipher: the rest binds a value to its place and frames it",
)
def sealing(stage: "Stage") -> Iterator[Pair]:
    """Seal a value for its place."""
    place, key, bare = _place(), ChestKey.new(), AESGCM(bytes(32))
    must_agree(
        open_(key, seal("aes-256-gcm", key, _TEXT, place), place),
        bare.decrypt(bytes(12), bare.encrypt(bytes(12), _TEXT, b""), b""),
    )
    bound, numbers = place.bound("aes-256-gcm"), count()
    yield Pair(
        repeat(lambda: seal("aes-256-gcm", key, _TEXT, place)),
        repeat(lambda: bare.encrypt(next(numbers).to_bytes(12, "big"), _TEXT, bound)),
    )


@bench(
    "vault.open",
    beside="AES-256-GCM decryption of the same 64 bytes, key object at hand",
    unit="values/s",
    alone=True,
    means="share of the bare cipher when a value is opened and its place is checked",
)
def opening(stage: "Stage") -> Iterator[Pair]:
    """Open a value in its place."""
    place, key, bare = _place(), ChestKey.new(), AESGCM(bytes(32))
    bound = place.bound("aes-256-gcm")
    ours, theirs = seal("aes-256-gcm", key, _TEXT, place), bare.encrypt(bytes(12), _TEXT, bound)
    must_agree(open_(key, ours, place), bare.decrypt(bytes(12), theirs, bound))
    yield Pair(
        repeat(lambda: open_(key, ours, place)), repeat(lambda: bare.decrypt(bytes(12), theirs, bound))
    )


@bench(
    "vault.write",
    beside="the same value and entry as two plain rows in one transaction",
    unit="writes/s",
    means="what sealing, the fence, the person's lock and the ledger leave of a plain write",
)
def writing(stage: "Stage") -> Iterator[Pair]:
    """One value sealed and its ledger entry, in one act: what `collect` does below its gate."""
    from bench.stage import record_row

    store, vault, operator, written = stage.house.store, stage.parts.vault, stage.operator, []

    def ours(someone: "Someone") -> None:
        record = record_row()
        with store.act(operator) as act:
            vault.put(act, someone.id, record, [_field()])
            act.append(
                "collected",
                record.collected_at,
                {"record": str(record.record)},
                vault.pseudonym(act, someone.id),
            )
        written.append((someone.id, record.record))

    def theirs(someone: "Someone") -> None:
        with stage.plain.transaction():
            _put_plain(stage, someone, [_field()])

    before = _rows(stage)
    yield Pair(through(stage.filled, ours), through(stage.filled, theirs))
    must_agree(len(written) > 0 and _rows(stage) > before, True)
    for person, record in written[:10]:
        with store.act(operator) as act:
            must_agree(
                [one.text for one in vault.get(act, person, Values(records=[record]))], [_field().text]
            )


@bench(
    "vault.write-many",
    beside="the same rows plain, by executemany in one transaction",
    unit="values/s",
    means="what is left of a plain bulk write when twelve values a person are sealed, many people in one act",
)
def writing_many(stage: "Stage") -> Iterator[Pair]:
    """Twelve values for each of some people, each collection with its entry, in one act."""
    from bench.stage import FIELDS, PUT_ENTRY, PUT_VALUE, fields, record_row

    store, vault, operator, plain = stage.house.store, stage.parts.vault, stage.operator, stage.plain
    people = cycle(stage.filled)

    def ours() -> None:
        with store.act(operator) as act:
            for someone in _some(people):
                record = record_row()
                vault.put(act, someone.id, record, fields(someone.phone))
                act.append(
                    "collected",
                    record.collected_at,
                    {"record": str(record.record)},
                    vault.pseudonym(act, someone.id),
                )

    def theirs() -> None:
        values, entries = [], []
        for someone in _some(people):
            record = record_row()
            values += [stage.row(someone.id, record.record, each) for each in fields(someone.phone)]
            entries.append(entry_row(stage, record.record))
        with plain.transaction(), plain.cursor() as cursor:
            cursor.executemany(PUT_VALUE, values)
            cursor.executemany(PUT_ENTRY, entries)

    before = _rows(stage)
    ours()
    theirs()
    must_agree(*(now - then for now, then in zip(_rows(stage), before, strict=True)))
    yield Pair(repeat(ours), repeat(theirs), each=_RECORDS_IN_A_BATCH * FIELDS)


@bench(
    "vault.read",
    beside="the same value by one plain point read",
    unit="reads/s",
    means="what an act, the fence and opening leave of a plain point read; the person has twelve values",
)
def reading(stage: "Stage") -> Iterator[Pair]:
    """One value of a person by its name."""
    from bench.stage import GET_VALUE

    store, vault, operator, plain, people = (
        stage.house.store,
        stage.parts.vault,
        stage.operator,
        stage.plain,
        stage.readers,
    )
    one = Values(fields=frozenset({"phone"}))

    def ours(someone: "Someone") -> list[Opened]:
        with store.act(operator) as act:
            return vault.get(act, someone.id, one)

    def theirs(someone: "Someone") -> list[Opened]:
        return [_plainly(row) for row in plain.execute(GET_VALUE, (operator, someone.id, "phone")).fetchall()]

    must_agree([ours(each) for each in people], [theirs(each) for each in people])
    yield Pair(through(people, ours), through(people, theirs))


@bench(
    "vault.read-all",
    beside="the same twelve values by one plain read",
    unit="values/s",
    means="what is left of a plain read when all a person has is opened",
)
def reading_all(stage: "Stage") -> Iterator[Pair]:
    """All values of a person."""
    from bench.stage import FIELDS, GET_VALUES

    store, vault, operator, plain, people = (
        stage.house.store,
        stage.parts.vault,
        stage.operator,
        stage.plain,
        stage.readers,
    )

    def ours(someone: "Someone") -> list[Opened]:
        with store.act(operator) as act:
            return vault.get(act, someone.id)

    def theirs(someone: "Someone") -> list[Opened]:
        return [_plainly(row) for row in plain.execute(GET_VALUES, (operator, someone.id)).fetchall()]

    for each in people:
        must_agree(sorted(ours(each), key=_name), sorted(theirs(each), key=_name))
    yield Pair(through(people, ours), through(people, theirs), each=FIELDS)


@bench(
    "vault.find",
    beside="the same look-up in a plain indexed column",
    unit="searches/s",
    means="what a blind index leaves of a plain one, looking for a person by phone number",
)
def finding(stage: "Stage") -> Iterator[Pair]:
    """Find a person by a sealed value."""
    from bench.stage import FIND

    store, vault, operator, plain, people = (
        stage.house.store,
        stage.parts.vault,
        stage.operator,
        stage.plain,
        stage.filled,
    )

    def ours(someone: "Someone") -> list[UUID]:
        with store.act(operator) as act:
            return vault.find(act, "phone", someone.phone, "cn-mobile")

    def theirs(someone: "Someone") -> list[UUID]:
        return [
            person
            for (person,) in plain.execute(FIND, (operator, "phone", someone.phone.encode())).fetchall()
        ]

    must_agree([set(ours(each)) for each in people], [set(theirs(each)) for each in people])
    yield Pair(through(people, ours), through(people, theirs))


@bench(
    "vault.collect",
    beside="the same value and entry as two plain rows in one transaction",
    unit="writes/s",
    means="a whole collection as a product makes it: gate, notice, consent, retention, seal, ledger",
)
def collecting(stage: "Stage") -> Iterator[Pair]:
    """`duties.collect` of a scene of one field."""
    from bench.stage import ITEM, SCENE
    from shounuo.duties.collect import collect

    people = [stage.someone() for _ in stage.told]

    def theirs(someone: "Someone") -> None:
        with stage.plain.transaction():
            _put_plain(stage, someone, [_field()])

    must_agree(collect(stage.parts, stage.operator, people[0], SCENE, {ITEM: _field().text}).kept, (ITEM,))
    yield Pair(
        through(
            people, lambda person: collect(stage.parts, stage.operator, person, SCENE, {ITEM: _field().text})
        ),
        through(stage.filled, theirs),
    )


@bench(
    "vault.read-for",
    beside="the same value read plainly and one plain entry written, in one transaction",
    unit="reads/s",
    means="a whole read for a purpose: gate, value opened and masked, and the read itself on the ledger",
)
def reading_for(stage: "Stage") -> Iterator[Pair]:
    """`duties.read`, which decides and puts the read on the ledger."""
    from bench.stage import GET_VALUE, ITEM, PURPOSE, PUT_ENTRY
    from shounuo.duties.read import read

    people, plain, operator = stage.told, stage.plain, stage.operator

    def theirs(someone: "Someone") -> None:
        with plain.transaction():
            plain.execute(GET_VALUE, (operator, someone.id, "phone")).fetchall()
            plain.execute(PUT_ENTRY, entry_row(stage, someone.id))

    must_agree(len(read(stage.parts, operator, people[0], PURPOSE, [ITEM])), 1)
    yield Pair(
        through(people, lambda person: read(stage.parts, operator, person, PURPOSE, [ITEM])),
        through(stage.readers, theirs),
    )


def _place() -> Context:
    return Context(uuid4(), uuid4(), "account", uuid4(), "phone", "cn-mobile")


def _field() -> Field:
    return Field(name="note", chest="support", text="The invoice did not arrive.")


def entry_row(stage: "Stage", about: UUID) -> tuple[object, ...]:
    """An entry as the plain table takes it."""
    at = datetime.now(UTC)
    entry = uuid7(at)
    body = entry_body(entry, "collected", at, "made-up-pseudonym-of-22", {"record": str(about)})
    return (stage.operator, entry, at, "collected", body)


def _put_plain(stage: "Stage", someone: "Someone", values: list[Field]) -> None:
    from bench.stage import PUT_ENTRY, PUT_VALUE, record_row

    record = record_row().record
    for each in values:
        stage.plain.execute(PUT_VALUE, stage.row(someone.id, record, each))
    stage.plain.execute(PUT_ENTRY, entry_row(stage, record))


def _plainly(row: tuple[object, ...]) -> Opened:
    record, field, chest, kind, value, due_at, hold = row
    assert isinstance(value, bytes)
    return Opened(
        record=record, field=field, chest=chest, kind=kind, text=value.decode(), due_at=due_at, hold=hold
    )  # type: ignore[arg-type]


def _rows(stage: "Stage") -> tuple[int, int]:
    """How many values there are: ours, theirs."""
    count = "select count(*) from {}.value where operator = %s"
    ours, theirs = (
        stage.plain.execute(count.format(schema), (stage.operator,)).fetchone()
        for schema in ("shounuo", "bench")
    )
    assert ours is not None
    assert theirs is not None
    return ours[0], theirs[0]


def _some(people: "Iterator[Someone]") -> "list[Someone]":
    return [next(people) for _ in range(_RECORDS_IN_A_BATCH)]


def _name(one: Opened) -> str:
    return one.field
