"""A table of uses is decided row by row as the gate decides one by one, in a fraction of the time."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from importlib.util import find_spec
from uuid import UUID, uuid4

import pytest

if not os.environ.get("CI") and not (find_spec("pyarrow") and find_spec("numpy")):
    pytest.skip("pyarrow is not installed: `uv run --extra columns pytest`", allow_module_level=True)

import numpy as np
import pyarrow as pa

from shounuo.clocks import HandClock
from shounuo.config import Config
from shounuo.core.decision import Reason
from shounuo.core.policy import ConsentItem, Form
from shounuo.duties import agree, operators, people, publish
from shounuo.duties.agree import Screen
from shounuo.duties.changes import Changes
from shounuo.duties.parts import Policies
from shounuo.errors import Invalid, Unavailable
from shounuo.gate import Gate, columns
from shounuo.gate.ids import Ids
from shounuo.vault.secret import Cost
from shounuo.wire import open_house

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
USES = ["faster-help", "support-search", "satisfaction-survey", "security-monitoring", "nothing-of-ours"]


class Office:
    """An operator with the huiju policy, and people of whom different things are known."""

    def __init__(self, parts) -> None:
        self.clock = HandClock(NOON)
        self.parts = replace(parts, clock=self.clock, policies=Policies())
        self.operator = operators.open_operator(self.parts, f"gate-{uuid4().hex[:12]}")
        source = (resources.files("shounuo.packs") / "huiju.yaml").read_bytes()
        publish.publish(self.parts, self.operator, source, "huiju")
        with self.parts.store.act(self.operator) as act:
            self.book = agree.in_force(self.parts, act)

    def person(self) -> UUID:
        """A new made-up person."""
        return people.register(self.parts, self.operator, uuid4().hex).person

    def say(self, person: UUID, item: str, yes: bool = True, parts=None) -> None:
        """Answer a consent item, properly shown."""
        parts = parts or self.parts
        _, notice = agree.notice(parts, self.operator, f"consent.{item}", "en")
        screen = Screen(language="en", controls=dict(notice.controls), acknowledged=True)
        shown = agree.show(parts, self.operator, person, f"consent.{item}", notice.hash, screen)
        agree.answer(parts, self.operator, person, item, yes, shown)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """One office for the module."""
    home = tmp_path_factory.mktemp("columns")
    with open_house(Config(home=home), secrets_cost=Cost(memory_kib=64, iterations=1, lanes=1)) as house:
        yield Office(house.parts)


@pytest.fixture
def gate(office):
    """A gate on it."""
    made = Gate(office.parts, office.operator)
    yield made
    made.close()


def own_consents(book):
    """The consents a person gives for themselves."""
    entries = book.policy.of("consent").values()
    return [one.name for one in entries if isinstance(one, ConsentItem) and one.form is not Form.GUARDIAN]


@pytest.fixture(scope="module")
def crowd(office):
    """People who said different things: nothing, yes to some, no after a yes."""
    items = own_consents(office.book)[:4]
    found = [office.person() for _ in range(9)]
    for number, person in enumerate(found):
        for place, item in enumerate(items):
            if number >> place & 1:
                office.say(person, item)
    office.say(found[5], items[0], yes=False)
    return found


def ids(people_):
    """Ids as an Arrow array."""
    return pa.array([one.bytes if one else None for one in people_], pa.binary(16))


def rows(people_, uses):
    """Every person with every use."""
    return [(person, use) for person in people_ for use in uses]


def one_by_one(gate, pairs):
    """The reasons the gate gives to each."""
    return [gate.decide(person or uuid4(), use or "").reason.value for person, use in pairs]


@pytest.mark.parametrize("kind", ["ids", "dictionary", "handles", "uuid", "chunks"])
def test_a_table_is_decided_as_one_by_one(office, gate, crowd, kind):
    """Whatever way people are given, each row has the answer and the reason a single question has."""
    pairs = rows([*crowd, uuid4(), None], [*USES, None])
    raw = ids([person for person, _ in pairs])
    column = {
        "ids": lambda: raw,
        "dictionary": lambda: raw.dictionary_encode(),
        "handles": lambda: gate.handles(raw),
        "uuid": lambda: pa.ExtensionArray.from_storage(pa.uuid(), raw),
        "chunks": lambda: pa.chunked_array([raw[:7], raw[7:7], raw[7:]]),
    }[kind]()
    table = pa.table({"person": column, "purpose": pa.array([use for _, use in pairs])})
    answer = gate.table(table)
    assert answer.column("reason").to_pylist() == one_by_one(gate, pairs)
    assert answer.column("allowed").to_pylist() == [
        one == "allowed" for one in answer.column("reason").to_pylist()
    ]
    assert len(set(answer.column("reason").to_pylist())) >= 4
    assert answer.schema.metadata[b"version"] == b"1"


def test_what_each_purpose_takes_is_asked(office, gate, crowd):
    """An item a purpose does not need is refused in every row of it, and only there."""
    needed = office.book.names(office.book.purposes["support-search"].items)
    other = next(name for name in office.book.bits if name not in needed)
    table = pa.table(
        {"person": ids([crowd[0]] * 2), "purpose": pa.array(["support-search", "security-monitoring"])}
    )
    answer = gate.table(table, items={"support-search": [other]})
    assert answer.column("reason").to_pylist()[0] == "not-needed"
    assert answer.column("reason").to_pylist()[1] == gate.decide(crowd[0], "security-monitoring").reason.value


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_withdrawal_is_in_the_next_table(office, crowd, elsewhere):
    """Made in this process it is there at once, made in another after the next look."""
    use = "faster-help"
    item = next(name for name in office.book.purposes[use].asks if name in own_consents(office.book))
    person = office.person()
    office.say(person, item)
    parts = replace(office.parts, changes=Changes()) if elsewhere else office.parts
    gate = Gate(office.parts, office.operator, look_every_s=3600)
    table = pa.table({"person": ids([person]), "purpose": pa.array([use])})
    try:
        first = gate.table(table).column("reason").to_pylist()
        assert first == one_by_one(gate, [(person, use)])
        agree.withdraw(parts, office.operator, person, item)
        if elsewhere:
            gate._follower._horizon = gate._follower._look(gate._follower._horizon)
        assert gate.table(table).column("reason").to_pylist() == ["no-consent"] != first
    finally:
        gate.close()


def test_whoever_comes_later_is_known_then(office, gate):
    """An id nobody has is refused, and read again once somebody has it."""
    person = uuid4()
    table = pa.table({"person": ids([person]), "purpose": pa.array(["support-search"])})
    assert gate.table(table).column("reason").to_pylist() == ["no-person"]
    made = office.person()
    gate.handles(ids([made]))
    table = pa.table({"person": ids([made]), "purpose": pa.array(["support-search"])})
    assert gate.table(table).column("reason").to_pylist() != ["no-person"]


def test_refusals_of_a_table_are_one_entry_each_purpose_and_reason(office, crowd):
    """A million refusals are no million entries; none names a person."""
    from shounuo.core.ledger import parse_entry
    from shounuo.duties import audit

    def noted():
        audit.newest(office.parts, office.operator)
        entries = [parse_entry(body) for body in audit.entries(office.parts, office.operator, 0, 10_000)]
        return [
            one for one in entries if one.kind == "refused" and one.data["what"].startswith("decide-table:")
        ]

    office.clock.move(office.clock.now().replace(day=20))
    before, gate = len(noted()), Gate(office.parts, office.operator)
    table = pa.table(
        {"person": ids([uuid4() for _ in range(500)]), "purpose": pa.array(["support-search"] * 500)}
    )
    gate.table(table)
    gate.close()
    made = noted()[before:]
    assert [(one.data["what"], one.data["reason"], one.person) for one in made] == [
        ("decide-table:support-search", "no-person", None)
    ]
    office.clock.move(office.clock.now().replace(day=21))
    gate = Gate(office.parts, office.operator)
    gate.table(table)
    gate.close()
    assert noted()[-1].data["more_before"] == 499


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"who": [1]}, "no column `person`"),
        ({"person": pa.array([1.5]), "purpose": ["a"]}, "handles, not double"),
        ({"person": pa.array([b"short"]), "purpose": ["a"]}, "16 bytes"),
        ({"person": pa.array(["text"]), "purpose": ["a"]}, "not string"),
        ({"person": pa.array([bytes(16)], pa.binary(16)), "purpose": [1]}, "purposes are text"),
    ],
)
def test_a_table_of_another_shape_is_told(gate, table, words):
    """What is wrong with it, in one sentence."""
    with pytest.raises(Invalid, match=words):
        gate.table(pa.table(table))


def test_a_handle_nobody_was_given_is_nobody(gate):
    """A number out of the blue is refused."""
    table = pa.table(
        {
            "person": pa.array([4_000_000_000, -1, None], pa.int64()),
            "purpose": pa.array(["support-search"] * 3),
        }
    )
    assert gate.table(table).column("reason").to_pylist() == ["no-person"] * 3


def test_no_rows_no_answers(gate):
    """An empty table has an empty answer."""
    assert (
        gate.table(
            pa.table({"person": pa.array([], pa.binary(16)), "purpose": pa.array([], pa.string())})
        ).num_rows
        == 0
    )


def test_blind_it_decides_nothing(gate):
    """As with one question."""
    gate._follower.blind()
    with pytest.raises(Unavailable):
        gate.table(pa.table({"person": ids([uuid4()]), "purpose": ["a"]}))


def test_rows_of_many_blocks_are_in_their_order(gate, crowd, monkeypatch):
    """Blocks are seams nobody sees."""
    monkeypatch.setattr(columns, "BLOCK", 7)
    pairs = rows(crowd, USES) * 3
    for column in (ids([p for p, _ in pairs]), ids([p for p, _ in pairs]).dictionary_encode()):
        table = pa.table({"person": column, "purpose": pa.array([use for _, use in pairs])})
        assert gate.table(table).column("reason").to_pylist() == one_by_one(gate, pairs)


def test_ids_have_one_handle_each_whatever_comes():
    """Random, repeated, neighbouring and all-equal ids: each has one handle, and finds it again."""
    chance, table, known = np.random.default_rng(7), Ids(), {}
    for size in (1, 3, 1_000, 0, 50_000, 10):
        raw = chance.integers(0, 256, (size, 16), np.uint8)
        raw[: size // 3] = raw[-1:] if size else raw
        raw[size // 2 :, :15] = 0  # neighbours
        handles = table.add(raw)
        for one, handle in zip(map(bytes, raw), handles.tolist(), strict=True):
            assert known.setdefault(one, handle) == handle
    assert sorted(known.values()) == list(range(len(known))) == list(range(len(table)))
    everyone = np.frombuffer(b"".join(known), np.uint8).reshape(-1, 16)
    assert table.find(everyone).tolist() == list(known.values())
    assert table.blob(np.array(list(known.values()))) == b"".join(known)
    assert table.find(np.full((1, 16), 77, np.uint8)).tolist() == [-1]


def test_reasons_have_room():
    """A reason's code fits its column."""
    assert len(Reason) < 128
