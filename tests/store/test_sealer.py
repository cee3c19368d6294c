"""The sealer: every entry gets one number, in whatever way processes race, fail and die."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from ledger_room import AT, SEED, Room, new_operator

from shounuo.core.evidence import open_checkpoint, sign_note
from shounuo.core.ledger import Tree, leaf_hash
from shounuo.errors import Restored, Tampered, Unavailable
from shounuo.store import ledger, sealer
from shounuo.store.pool import connect
from shounuo.store.sealer import Sealer
from shounuo.store.sealing import seal
from shounuo.store.store import Store

WORKER = """
import sys
from pathlib import Path
from uuid import UUID
from ledger_room import Room
from shounuo.store.store import Store
url, folder, operator, append = sys.argv[1:]
room = Room(Store.open(url), Path(folder), UUID(operator))
room.sealer.start()
print("up", flush=True)
while True:
    if append == "yes":
        room.append(7)
        room.deny()
        print("kept", flush=True)
    else:
        room.sealer.appended(room.operator)
"""


@pytest.fixture
def room(server, tmp_path):
    """A ledger of an operator of its own; its thread does not run."""
    with Store.open(server.app_url) as store:
        made = Room(store, tmp_path / "guard", new_operator(store))
        yield made
        made.sealer.stop()


def _another(server, room):
    """A second process's parts, for the same operator and folder."""
    return Room(Store.open(server.app_url), room.folder, room.operator)


def _worker(server, room, append):
    here = Path(__file__).parent
    source = Path(sealer.__file__).parents[2]
    path = os.pathsep.join([str(here), str(source)])
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, server.app_url, str(room.folder), str(room.operator), append],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


def _must_be_whole(room):
    """Every entry has one number, and the newest checkpoint is signed over exactly these bodies."""
    signed, tree = room.signed(), Tree()
    bodies = list(ledger.stream(room.store, room.operator, 0, 1 << 40))
    for body in bodies:
        tree.append(leaf_hash(body))
    assert (tree.size, tree.root()) == (signed.size, signed.root)
    assert len(set(bodies)) == len(bodies)
    outside = open_checkpoint(room.outside.checkpoint(room.operator), room.signer.verifier(room.operator))
    assert outside.size <= signed.size
    room.guard.check(room.operator)


def _soon(holds, seconds=10.0):
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.01)
    assert holds()


def test_an_entry_is_sealed_soon_after_its_act(room):
    """Within a second on a machine at rest, and the checkpoint lies outside of the database then."""
    room.sealer.start()
    for _ in range(3):
        room.append(1)
        _soon(lambda: room.unsealed() == 0)
    _soon(lambda: room.outside.checkpoint(room.operator) is not None)
    room.sealer.stop()
    assert len(room.entries()) == 3
    _must_be_whole(room)


def test_a_lost_nudge_and_a_crash_are_found_by_looking(server, room):
    """What another process appended, without a word to us, is sealed at the next poll or start."""
    other = _another(server, room)
    other.store.outside = None
    other.append(5)
    room.sealer.start()
    _soon(lambda: room.unsealed() == 0)
    other.append(5)
    _soon(lambda: room.unsealed() == 0)
    other.store.close()


def test_stopping_seals_what_was_nudged_for_and_is_done_once(room):
    """A stop right after an act loses nothing; stopping and starting twice is nothing."""
    room.sealer.start()
    room.sealer.start()
    room.append(3)
    room.sealer.stop()
    room.sealer.stop()
    assert len(room.entries()) == 3
    room.append(2)
    room.sealer.start()
    _soon(lambda: room.unsealed() == 0)


def test_an_act_held_open_across_later_ones_loses_no_entry(server, room):
    """An entry whose id and moment are before sealed ones, but which committed after them, is sealed too."""
    other = _another(server, room)
    with other.store.act(room.operator) as act:
        late = act.append("late", AT, {})
        room.append(10)
        assert room.sealer.seal_now(room.operator).size == 10
    room.append(1)
    assert room.sealer.seal_now(room.operator).size == 12
    assert late in [each.id for each in room.entries()[10:]]
    _must_be_whole(room)
    other.store.close()


def test_batches_make_the_tree_one_sealing_would(room):
    """However the entries fall into batches, numbers are dense and the tree is that of all of them."""
    room.sealer = Sealer(room.store, room.signer, room.guard, most_at_once=7)
    room.append(300)
    room.sealer.seal_now(room.operator)
    assert len(room.entries()) == 300
    _must_be_whole(room)


def test_two_sealers_number_nothing_twice(server, room):
    """Two that seal at the same time, while others append, share the work."""
    rooms = [room, _another(server, room)]
    for each in rooms:
        each.sealer = Sealer(each.store, each.signer, each.guard, most_at_once=5)

    def work(mine):
        for _ in range(30):
            mine.append(4)
            mine.sealer.seal_now(mine.operator)

    threads = [Thread(target=work, args=(each,)) for each in rooms for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(room.entries()) == 4 * 30 * 4
    assert room.unsealed() == 0
    _must_be_whole(room)
    rooms[1].store.close()


def test_one_operators_heap_does_not_hold_up_another(room):
    """Operators take turns, a batch each."""
    small = new_operator(room.store)
    room.sealer = Sealer(room.store, room.signer, room.guard, most_at_once=10)
    room.store.outside = None
    room.append(200)
    with room.store.act(small) as act:
        act.append("tried", AT, {})
    more = room.sealer._round({room.operator, small})
    assert room.operator in more
    assert small not in more
    with room.store.act(small) as act:
        assert ledger.checkpoint(act).size == 1


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_leaves_a_whole_tree(server, room, seed):
    """SIGKILL of processes that append and seal: what was acknowledged is there, the rest all or nothing."""
    chance = random.Random(seed)
    others = [_worker(server, room, "yes"), _worker(server, room, "no" if seed % 2 else "yes")]
    for each in others:
        assert each.stdout.readline() == "up\n"
    time.sleep(chance.uniform(0.1, 1.2))
    for each in others:
        each.send_signal(signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.2))
    kept = sum(
        line == "kept\n" for each in others for line in each.communicate()[0].splitlines(keepends=True)
    )
    assert kept
    assert len(room.lines()) >= kept  # No acknowledged *no* is missing outside.
    if room.outside.checkpoint(room.operator) is not None:
        _must_be_whole(room)
    room.sealer.seal_now(room.operator)
    assert len(room.entries()) >= 7 * kept
    assert len(room.entries()) % 7 == 0
    assert room.unsealed() == 0
    _must_be_whole(room)
    assert room.waiting() == []  # The guard's look has journaled what was left.
    assert {each.denial for each in room.lines()} == {each.denial for each in room.denials()}


def test_nothing_is_sealed_over_changed_leaves(server, room):
    """When someone with the owner's rights rewrote a leaf, the sealer stops instead of signing it."""
    room.append(3)
    room.sealer.seal_now(room.operator)
    _rewrite(server, room, "update shounuo.ledger_leaf set hash = sha256('x') where number = 1")
    room.append(1)
    with pytest.raises(Tampered):
        room.sealer.seal_now(room.operator)
    assert room.unsealed() == 1
    with pytest.raises(Tampered):
        room.guard.check(room.operator)


def _rewrite(server, room, statement):
    with connect(server.owner_url) as owner:
        owner.execute(f"begin; set local shounuo.operator = '{room.operator}'")
        owner.execute("alter table shounuo.ledger_leaf disable trigger only_add")
        owner.execute(statement)
        owner.execute("alter table shounuo.ledger_leaf enable always trigger only_add")
        owner.execute("commit")


def test_a_signer_that_fails_leaves_nothing_half_done(room, monkeypatch):
    """The entries go on waiting, the thread goes on, and says what is wrong until it goes well again."""
    room.append(3)

    def fails(operator, text):
        raise Unavailable("custody is away")

    with monkeypatch.context() as away:
        away.setattr(room.signer, "sign", fails, raising=False)
        room.sealer.start()
        _soon(lambda: isinstance(room.sealer.fault, Unavailable))
        assert room.unsealed() == 3
        assert room.entries() == []
    _soon(lambda: room.unsealed() == 0)
    _soon(lambda: room.sealer.fault is None)


def test_a_checkpoint_another_signed_is_refused(room):
    """One that lies outside but is not signed by this ledger's key stops the sealing."""
    room.append(1)
    room.sealer.seal_now(room.operator)
    note = sign_note(str(room.signed()), "shounuo.test/else", SEED)
    (room.folder / str(room.operator) / "checkpoint").write_bytes(note)
    room.append(1)
    with pytest.raises(Tampered):
        room.sealer.seal_now(room.operator)


def test_nothing_is_sealed_onto_a_ledger_that_was_cut(server, room):
    """A database behind the outside checkpoint gets no new one over it: the trace of the cut stays."""
    room.append(4)
    room.sealer.seal_now(room.operator)
    other = Room(room.store, room.folder, new_operator(room.store))
    ours = other.signer.verifier(other.operator)
    text = f"{ours.name}\n9\n{'A' * 43}=\n"
    other.outside.keep(other.operator, other.signer.sign(other.operator, text))
    other.append(1)
    with pytest.raises(Restored):
        other.sealer.seal_now(other.operator)
    with other.store.act(other.operator) as act:
        assert ledger.checkpoint(act) is None
    other.sealer.start()
    _soon(lambda: other.guard.refuses(other.operator))
    room.sealer.appended(room.operator)
    other.sealer.stop()
    assert open_checkpoint(other.outside.checkpoint(other.operator), ours).size == 9


def test_a_checkpoint_never_goes_back(room):
    """The outside keeps the one with the most entries, in whatever order two processes come."""
    room.append(1)
    first = room.sealer.seal_now(room.operator)
    room.append(1)
    second = room.sealer.seal_now(room.operator)
    room.outside.keep(room.operator, first.note)
    assert room.outside.checkpoint(room.operator) == second.note


def test_a_checkpoint_that_a_crash_kept_inside_is_put_outside(room):
    """When the process died between the commit and the outside, the next round makes up for it."""
    room.append(1)
    room.outside.begin(room.operator)
    with room.store.act(room.operator) as act:
        seal(act, room.signer, None, 10)
    assert room.outside.checkpoint(room.operator) is None
    room.sealer.seal_now(room.operator)
    assert room.outside.checkpoint(room.operator) is not None


def test_a_store_without_a_sealer_still_keeps_all(server):
    """Entries and denials wait in the database until a process with a sealer comes."""
    with Store.open(server.app_url) as store:
        operator = new_operator(store)
        with store.act(operator) as act:
            act.append("tried", AT, {})
            act.deny("refused", AT, uuid4(), "news:1")
        with store.act(operator) as act:
            assert ledger.unsealed(act) == 1
