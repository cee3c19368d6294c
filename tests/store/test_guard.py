"""The guard: a database that forgot a promise serves nothing, and one that forgot none is not held up."""

import time
from uuid import uuid4

import pytest
from ledger_room import AT, Room, new_operator, restorable

from shounuo.errors import Restored, Tampered, Unavailable
from shounuo.store import guard as guards
from shounuo.store import ledger
from shounuo.store import sealer as sealers
from shounuo.store.guard import Guard
from shounuo.store.store import Store


@pytest.fixture
def room(server, tmp_path):
    """A ledger of an operator of its own; its thread does not run."""
    with Store.open(server.app_url) as store:
        made = Room(store, tmp_path / "guard", new_operator(store))
        yield made
        made.sealer.stop()


def _soon(holds, seconds=10.0):
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.01)
    assert holds()


def _fresh(room, store=None):
    """The guard of a process that has just been started."""
    return Guard(store or room.store, room.outside, room.journal, room.signer)


def test_a_database_that_forgot_nothing_is_served(room):
    """Without any history, with one, and after more of it."""
    room.guard.admit(room.operator)
    for _ in range(3):
        room.append(3)
        room.deny()
        room.sealer.seal_now(room.operator)
        room.guard.check(room.operator)
        room.guard.recheck(room.operator)
        _fresh(room).admit(room.operator)


def test_to_admit_costs_nothing_once_it_was_looked_at(server, room):
    """A second call does not ask the database."""
    with Store.open(server.app_url) as store:
        guard = _fresh(room, store)
        guard.admit(room.operator)
    guard.admit(room.operator)
    with pytest.raises(Unavailable):
        guard.admit(uuid4())
    with pytest.raises(Unavailable):  # What could not be looked at is not believed the second time either.
        guard.admit(uuid4())


def test_a_denial_is_outside_before_the_caller_is_answered(room):
    """All denials of an act, in their order, with what is needed to carry them out again."""
    person = uuid4()
    with room.store.act(room.operator) as act:
        for place in range(5):
            act.deny("erased", AT, person, f"{place}:phone")
        assert room.lines() == []
    assert [(each.what, each.at, each.person, each.reference) for each in room.lines()] == [
        ("erased", AT, person, f"{place}:phone") for place in range(5)
    ]


def test_a_crash_between_commit_and_journal_is_made_up_for_at_the_start(room):
    """The denial waits in the database, and the first look writes it outside, once."""
    room.store.outside = None  # The process dies right after the commit.
    room.deny("refused")
    room.store.outside = room.sealer
    assert room.lines() == []
    _fresh(room).check(room.operator)
    assert [each.what for each in room.lines()] == ["refused"]
    assert room.waiting() == []
    _fresh(room).check(room.operator)
    assert len(room.lines()) == 1


def test_a_denial_another_process_left_is_made_up_for_while_we_run(room, monkeypatch):
    """A sealer that sees it waiting for some seconds journals it; one that was journaled stops waiting."""
    monkeypatch.setattr(sealers, "LEFT_S", 0.3)
    room.store.outside = None
    room.deny("refused")
    room.store.outside = room.sealer
    room.sealer.start()
    _soon(lambda: [each.what for each in room.lines()] == ["refused"])
    room.deny("withdrawn")
    _soon(lambda: room.waiting() == [])
    assert [each.what for each in room.lines()] == ["refused", "withdrawn"]


def test_a_journal_that_cannot_be_written_answers_no_caller(room):
    """The act is kept, its caller gets an error and not an answer, and the denial is made up for later."""
    room.outside.place(room.operator)
    path = room.folder / str(room.operator) / "journal"
    path.mkdir()
    with pytest.raises(Unavailable):
        room.deny()
    path.rmdir()
    assert len(room.waiting()) == 1
    _fresh(room).check(room.operator)
    assert len(room.lines()) == 1


def test_a_denial_only_the_journal_knows_is_a_restore(room):
    """Even when the ledger itself tells nothing; found by a fresh look and by a later one."""
    room.append(1)
    room.deny()
    room.sealer.seal_now(room.operator)
    room.guard.check(room.operator)
    other = new_operator(room.store)
    with room.store.act(other) as act:  # What the database has lost, as far as this operator goes.
        act.deny("withdrawn", AT, uuid4(), "news:1")
    (lost,) = [denial for denial, _ in room.journal.read(other)]
    room.journal.append(room.operator, [lost])
    with pytest.raises(Restored):
        _fresh(room).check(room.operator)
    with pytest.raises(Restored):
        room.guard.recheck(room.operator)
    with pytest.raises(Restored):
        room.guard.admit(room.operator)
    room.guard.admit(other)


def test_damage_outside_is_not_served_over(room):
    """A damaged journal or checkpoint says so, until it is put back."""
    room.append(1)
    room.deny()
    room.sealer.seal_now(room.operator)
    for name in ("journal", "checkpoint"):
        path = room.folder / str(room.operator) / name
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"0", b"1", 1).replace(b"1\n", b"7\n", 1))
        guard = _fresh(room)
        for _ in range(2):
            with pytest.raises(Tampered):
                guard.admit(room.operator)
        path.write_bytes(whole)
        guard.recheck(room.operator)
        guard.admit(room.operator)


def test_watching_looks_again_when_its_time_has_come(room, monkeypatch):
    """What is new outside is compared at intervals, and what was refused is looked at sooner."""
    room.append(1)
    room.deny()
    room.sealer.seal_now(room.operator)
    room.guard.admit(room.operator)
    room.guard.watch()
    room.guard.admit(room.operator)
    path = room.folder / str(room.operator) / "checkpoint"
    whole = path.read_bytes()
    path.write_bytes(b"nothing")
    room.guard.watch()
    room.guard.admit(room.operator)
    monkeypatch.setattr(guards, "LOOK_AGAIN_S", 0)
    room.guard.watch()
    with pytest.raises(Tampered):
        room.guard.admit(room.operator)
    path.write_bytes(whole)
    monkeypatch.setattr(guards, "REFUSED_AGAIN_S", 0)
    room.guard.watch()
    room.guard.admit(room.operator)


def test_a_folder_that_is_gone_is_not_written_anew_by_itself(room):
    """Neither the guard nor the sealer takes it for a first start; who puts it back is served again."""
    room.append(3)
    room.deny()
    room.sealer.seal_now(room.operator)
    away = room.folder.with_name("away")
    room.folder.rename(away)
    room.folder.mkdir()
    for _ in range(2):
        guard = _fresh(room)
        with pytest.raises(guards.Bare, match="holds no checkpoint"):
            guard.admit(room.operator)
        room.append(1)
        with pytest.raises(guards.Bare):
            room.sealer.seal_now(room.operator)
    assert not room.outside.has_begun(room.operator)
    room.folder.rename(room.folder.with_name("nothing"))
    away.rename(room.folder)
    room.guard.check(room.operator)
    room.sealer.seal_now(room.operator)
    assert room.signed().size == 5


def test_a_crash_before_the_first_checkpoint_is_outside_is_no_loss(room, monkeypatch):
    """The batch is committed and its checkpoint is not kept: the next one is, and the operator is served."""
    room.append(2)
    with monkeypatch.context() as patched:
        patched.setattr(room.outside, "keep", lambda *_: None)
        room.sealer.seal_now(room.operator)
    _fresh(room).check(room.operator)
    room.append(1)
    room.sealer.seal_now(room.operator)
    assert room.guard.signed(room.operator).size == 3
    assert sorted(one.name for one in (room.folder / str(room.operator)).iterdir()) == ["checkpoint", "lock"]


def test_a_journal_that_was_lost_is_written_again(room):
    """The database has every denial, so a folder that went missing is made whole first."""
    for _ in range(4):
        room.deny()
    path = room.folder / str(room.operator) / "journal"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    _fresh(room).check(room.operator)
    assert {each.denial for each in room.lines()} == {each.denial for each in room.denials()}
    path.unlink()
    _fresh(room).check(room.operator)
    assert len(room.lines()) == 4


def _history(room):
    """Ten entries, sealed, and a denial."""
    room.append(10)
    room.deny()
    return room.sealer.seal_now(room.operator)


@pytest.mark.parametrize("grown", [0, 3, 40])
def test_a_restored_base_backup_is_not_served(home, tmp_path, grown):
    """From before entries and a denial, also after as many new ones; who lost nothing is served."""
    with restorable(home) as world:
        room = Room(world.store, tmp_path / "guard", new_operator(world.store))
        quiet = Room(world.store, tmp_path / "guard", new_operator(world.store))
        for each in (room, quiet):
            _history(each)
        quiet.store.outside = room.sealer
        world.back_up()
        _history(room)
        room.guard.admit(room.operator)
        store = world.restore()
        room, quiet = (Room(store, tmp_path / "guard", each.operator) for each in (room, quiet))
        store.outside = None  # Nobody guards, and the database goes on.
        if grown:
            room.append(grown)
            elsewhere = Room(store, tmp_path / "elsewhere", room.operator)
            elsewhere.outside.begin(room.operator)
            elsewhere.sealer.seal_now(room.operator)
            store.guard = room.guard
        store.outside = room.sealer
        with pytest.raises(Restored):
            room.guard.admit(room.operator)
        with pytest.raises(Restored):
            room.sealer.seal_now(room.operator)
        quiet.guard.admit(quiet.operator)
        with store.act(room.operator) as act:
            assert ledger.checkpoint(act).size == 10 + grown


def test_not_one_act_begins_on_a_restored_server_before_the_guard_has_looked(home, tmp_path):
    """Nobody watches, and the operator was admitted before: the first act after the restore is refused, and every other."""
    with restorable(home) as world:
        room = Room(world.store, tmp_path / "guard", new_operator(world.store))
        quiet = new_operator(world.store)
        room.guard.admit(quiet)
        _history(room)
        world.back_up()
        _history(room)
        room.guard.admit(room.operator)
        pool = room.store
        world.store = Store.open(world.server.app_url, server=world.server)
        world.restore()
        with pytest.raises(Restored), room.store.act(room.operator):
            raise AssertionError("an act began")
        with pytest.raises(Restored):
            room.guard.admit(room.operator)
        with room.store.act(quiet) as act:
            assert ledger.checkpoint(act) is None
        pool.server = None
        pool.close()


def test_a_restore_under_a_running_process_is_seen(home, tmp_path):
    """The server was started anew: everyone is looked at again, before the interval has passed."""
    with restorable(home) as world:
        room = Room(world.store, tmp_path / "guard", new_operator(world.store))
        room.guard.watch()
        _history(room)
        world.back_up()
        _history(room)
        room.guard.admit(room.operator)
        pool = room.store  # The process keeps its store, and only the server is exchanged.
        world.store = Store.open(world.server.app_url, server=world.server)
        world.restore()
        room.guard.watch()
        with pytest.raises(Restored):
            room.guard.admit(room.operator)
        pool.server = None
        pool.close()
