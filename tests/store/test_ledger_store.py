"""The ledger in the database: what it refuses, who sees it, and that every proof of it holds."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from ledger_room import AT, Room, new_operator

from shounuo.core import ledger as rules
from shounuo.core.evidence import verify_export, write_export
from shounuo.core.ledger import check_consistency, check_inclusion, leaf_hash, parse_entry, tree_at
from shounuo.errors import NotFound
from shounuo.store import ledger
from shounuo.store.faults import BadStatement, NoOperator
from shounuo.store.pool import connect
from shounuo.store.queries import parse
from shounuo.store.store import Store

TABLES = ("ledger_entry", "ledger_leaf", "ledger_subtree", "ledger_checkpoint", "denial")
RAW = parse(
    "test",
    """
-- name: put_pending
-- Has an entry wait once more.
insert into shounuo.ledger_pending (operator, entry) values (%(operator)s, %(entry)s)

-- name: put_leaf
-- Adds one leaf.
insert into shounuo.ledger_leaf (operator, number, entry, hash)
values (%(operator)s, %(number)s, %(entry)s, %(hash)s)

-- name: drop_pending
-- Ends all waiting.
delete from shounuo.ledger_pending where operator = %(operator)s

-- name: shrink
-- Takes the ledger back.
update shounuo.ledger_head set size = 0 where operator = %(operator)s

-- name: all_entries
-- Looks at entries of anyone.
select entry from shounuo.ledger_entry where operator = %(operator)s

-- name: all_checkpoints
-- Looks at checkpoints without saying whose.
select size from shounuo.ledger_checkpoint
""",
)


@pytest.fixture
def room(server, tmp_path):
    """A ledger of an operator of its own."""
    with Store.open(server.app_url) as store:
        yield Room(store, tmp_path / "guard", new_operator(store))


def _tried(url, operator, statement):
    """The SQLSTATE with which the database refuses a statement."""
    with connect(url) as made:
        made.execute(f"begin; set local shounuo.operator = '{operator}'")
        with pytest.raises(psycopg.Error) as refused:
            made.execute(statement)
    return refused.value.sqlstate


def test_an_entry_is_kept_with_its_act(room):
    """What is appended is there when the act commits, and is shown once it is sealed."""
    with room.store.act(room.operator) as act:
        entry = act.append("shown", AT, {"version": 3, "items": ["phone"]}, "p-1")
    assert room.unsealed() == 1
    assert room.entries() == []
    room.sealer.seal_now(room.operator)
    (kept,) = room.entries()
    assert (kept.id, kept.kind, kept.at, kept.person) == (entry, "shown", AT, "p-1")
    assert kept.data == {"version": 3, "items": ["phone"]}


def test_an_entry_goes_with_its_act(room):
    """An act that is undone, or a part of it that failed, leaves no entry and no denial."""

    def fails(act):
        act.append("shown", AT, {})
        act.deny("refused", AT, uuid4(), "news:1")
        raise LookupError

    with pytest.raises(LookupError):
        room.store.retry(room.operator, fails)
    with room.store.act(room.operator) as act:
        act.append("kept", AT, {})
        with suppress(LookupError), act.attempt():
            fails(act)
    room.sealer.seal_now(room.operator)
    assert [each.kind for each in room.entries()] == ["kept"]
    assert room.lines() == []


def test_what_is_no_entry_is_refused_before_the_database_sees_it(room):
    """A fraction, a wrong word and a moment without its zone are the programmer's fault."""
    with room.store.act(room.operator) as act:
        for kind, at, data in (
            ("shown", AT, {"a": 0.5}),
            ("Shown!", AT, {}),
            ("shown", AT.replace(tzinfo=None), {}),
        ):
            with pytest.raises(ValueError):
                act.append(kind, at, data)
    assert room.unsealed() == 0


def test_entries_of_one_act_keep_their_order(room):
    """However many an act appends at one moment, they are numbered in the order they were appended."""
    appended = room.append(300)
    room.sealer.seal_now(room.operator)
    assert [each.id for each in room.entries()] == appended


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["update {} set operator = operator", "delete from {}", "truncate {}"])
def test_nobody_changes_what_was_written(server, room, table, statement):
    """The database refuses to change, delete or empty it: to the application, the owner, a superuser."""
    room.append(1)
    room.deny()
    room.sealer.seal_now(room.operator)
    statement = statement.format(f"shounuo.{table}")
    assert _tried(server.app_url, room.operator, statement) == "42501"  # it was never granted
    assert _tried(server.owner_url, room.operator, statement) == "SH020"
    if server.admin_url != server.owner_url:
        there = psycopg.conninfo.make_conninfo(server.admin_url, dbname="shounuo")
        assert (
            _tried(there, room.operator, f"set local session_replication_role = replica; {statement}")
            == "SH020"
        )
    assert len(room.entries()) == 1


@pytest.mark.parametrize("table", ["ledger_pending", "ledger_head"])
def test_the_owner_empties_no_list_of_the_sealer(server, room, table):
    """What waits and how far the numbers go cannot be made to be forgotten."""
    assert _tried(server.owner_url, room.operator, f"truncate shounuo.{table}") == "SH020"


def test_an_entry_waits_until_its_leaf_is_there(room):
    """The waiting cannot be ended before, and nobody can have an entry wait who did not append it."""
    room.append(2)
    with pytest.raises(BadStatement) as refused, room.store.act(room.operator) as act:
        act.do(RAW.drop_pending, operator=room.operator)
    assert refused.value.sqlstate == "SH023"
    with pytest.raises(BadStatement) as refused, room.store.act(room.operator) as act:
        act.do(RAW.put_pending, operator=room.operator, entry=uuid4())
    assert refused.value.sqlstate == "42501"
    assert room.sealer.seal_now(room.operator).size == 2


def test_a_leaf_is_the_hash_of_an_entry_and_goes_on_from_the_last(room):
    """The database refuses a gap, a wrong hash, a leaf of nothing, and a ledger that shrinks."""
    room.append(2)
    room.sealer.seal_now(room.operator)
    (entry,) = room.append(1)
    with room.store.act(room.operator) as act:
        body = act.rows(bytes, parse("t", BODY).body, operator=room.operator, entry=entry)[0]
    for number, hash_, who, state in (
        (3, leaf_hash(body), entry, "SH021"),
        (-1, leaf_hash(body), entry, "SH021"),
        (2, leaf_hash(b"another"), entry, "SH022"),
        (2, leaf_hash(body), uuid4(), "SH022"),
    ):
        with pytest.raises(BadStatement) as refused, room.store.act(room.operator) as act:
            act.do(RAW.put_leaf, operator=room.operator, number=number, entry=who, hash=hash_)
        assert refused.value.sqlstate == state
    with pytest.raises(BadStatement) as refused, room.store.act(room.operator) as act:
        act.do(RAW.shrink, operator=room.operator)
    assert refused.value.sqlstate == "SH024"


BODY = """
-- name: body
-- One body, sealed or not.
select body from shounuo.ledger_entry where operator = %(operator)s and entry = %(entry)s
"""


def test_another_operators_ledger_is_not_there(room):
    """Neither entries nor leaves, proofs or denials are seen by another, and none without an operator."""
    room.append(5)
    room.deny()
    room.sealer.seal_now(room.operator)
    other = new_operator(room.store)
    with room.store.act(other) as act:
        assert ledger.checkpoint(act) is None
        assert list(ledger.bodies(act, 0, 5)) == []
        assert act.rows(object, RAW.all_entries, operator=room.operator) == []
        assert act.rows(int, RAW.all_checkpoints) == []
        with pytest.raises(NotFound):
            ledger.inclusion(act, 0)
    with pytest.raises(NoOperator):
        room.store.ask(int, RAW.all_checkpoints)


def test_every_proof_holds(room):
    """At sizes around the kept heights: every inclusion, and that each size goes on from those before."""
    signed = {}
    for count in (1, 254, 1, 1, 255, 300):
        room.append(count)
        sealed = room.sealer.seal_now(room.operator)
        signed[sealed.size] = sealed.root
    size = max(signed)
    with room.store.act(room.operator) as act:
        bodies = list(ledger.bodies(act, 0, size + 10))
        assert len(bodies) == size == 812
        for number in (0, 1, 254, 255, 256, 257, 511, 512, 811):
            for at_size in [each for each in signed if each > number]:
                proof = ledger.inclusion(act, number, at_size)
                assert proof.leaf == leaf_hash(bodies[number])
                check_inclusion(proof.leaf, number, at_size, proof.hashes, signed[at_size])
            entry = parse_entry(ledger.body(act, number)).id
            assert ledger.number_of(act, entry) == number
        for old in signed:
            for new in [each for each in signed if each >= old]:
                check_consistency(old, signed[old], new, signed[new], ledger.consistency(act, old, new))
        assert tree_at(ledger.hashes(act), size).root() == room.signed().root


def test_what_is_not_there_is_not_found(room):
    """A number or size that was not reached yet has neither body nor proof."""
    room.append(3)
    room.sealer.seal_now(room.operator)
    with room.store.act(room.operator) as act:
        for ask in (
            lambda: ledger.body(act, 3),
            lambda: ledger.body(act, -1),
            lambda: ledger.inclusion(act, 3),
            lambda: ledger.inclusion(act, -1),
            lambda: ledger.inclusion(act, 1, 4),
            lambda: ledger.consistency(act, 0, 4),
            lambda: ledger.consistency(act, 3, 2),
        ):
            with pytest.raises(NotFound):
                ask()
        assert ledger.number_of(act, uuid4()) is None


def test_a_stranger_verifies_the_export(room):
    """The whole ledger, page by page, makes a file whose every byte is signed for."""
    room.append(1200)
    note = room.sealer.seal_now(room.operator).note
    vkey = str(room.signer.verifier(room.operator))
    size = room.signed().size
    file = b"".join(write_export(vkey, note, ledger.stream(room.store, room.operator, 0, size)))
    assert verify_export(file, vkey).consistent
    assert not verify_export(file.replace(b'"place":7}', b'"place":8}', 1), vkey).consistent


def test_a_long_reading_is_many_short_acts(room, monkeypatch):
    """A slow reader of the export holds no transaction open between pages."""
    monkeypatch.setattr(ledger, "_PAGE", 4)
    appended = room.append(10)
    room.sealer.seal_now(room.operator)
    reading = ledger.stream(room.store, room.operator, 0, 10)
    assert parse_entry(next(reading)).id == appended[0]
    with room.store.act(room.operator) as act:
        assert act.row(int, parse("t", OPEN).open) == 0
    assert len(list(reading)) == 9


OPEN = """
-- name: open
-- Transactions of this role that are idle, besides this one.
select count(*) from pg_stat_activity where state = 'idle in transaction' and pid <> pg_backend_pid()
    and usename = current_user and datname = current_database()
"""


def test_the_moment_of_a_checkpoint_is_the_latest_of_its_entries(room):
    """It never goes back, even when entries are sealed late."""
    with room.store.act(room.operator) as act:
        act.append("shown", AT, {})
    first = room.sealer.seal_now(room.operator)
    with room.store.act(room.operator) as act:
        act.append("shown", AT - timedelta(days=1), {})
    second = room.sealer.seal_now(room.operator)
    assert (first.at, second.at) == (AT, AT)
    assert second.size == 2
    assert rules.EMPTY_ROOT not in (first.root, second.root)
