"""Keys are turned over: nothing that stays is lost, nothing that was erased comes back, whatever happens
meanwhile.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Event
from uuid import UUID, uuid4

import psycopg
import pytest
from vault_room import NOON, PHONE, Room, phone, record_row

from shounuo.errors import Conflict, NotFound, Tampered, Unavailable
from shounuo.store.faults import Contended
from shounuo.store.queries import parse
from shounuo.store.store import Store
from shounuo.vault import copy
from shounuo.vault.keys import sql
from shounuo.vault.shapes import Everything, Field, Values
from shounuo.vault.turn import Turning
from shounuo.vault.wrapping import Wrapping

ALL = Everything(frozenset())
EMAIL = Field(name="email", chest="account", text="li@example.cn", kind="email")
STEPS = [
    "intent recorded", "keys made", "keys in use", "earlier transactions ended", "wrapped anew", "all there", "copied",
    "old wrapping dropped", "index", "old index dropped", "destroyed", "outcome recorded",
]  # fmt: skip
RAW = parse(
    "tests",
    """
-- name: generations
-- Counts a person's chest keys in each generation.
select wrapping_key from shounuo.chest_key where person = %(person)s

-- name: all_generations
-- Lists the wrapping keys in use by any chest.
select distinct wrapping_key from shounuo.chest_key

-- name: wrapping_keys
-- Lists the wrapping keys known.
select id from shounuo.wrapping_key

-- name: orphans
-- Counts chest keys of chests without values, and tags without values.
select (select count(*) from shounuo.chest_key k where k.chest <> 'pseudonym' and not exists (
        select from shounuo.value v where v.person = k.person and v.chest = k.chest))
    + (select count(*) from shounuo.lookup l where not exists (
        select from shounuo.value v where v.person = l.person and v.record = l.record and v.field = l.field))

-- name: leaves
-- Counts the tables of generations below an operator's.
select count(*) from pg_inherits i join pg_class c on c.oid = i.inhparent
where c.relname in ('chest_key_of_' || %(hex)s::text, 'lookup_of_' || %(hex)s::text)
""",
)


def settled(room: Room, unused: int = 0) -> None:
    """Assert that one generation is left, everywhere, and that it alone is in custody, besides keys never
    used.
    """
    generation = room.do(room.vault.keys.generation)
    assert generation.turning is None
    assert generation.leaving == ()
    assert generation.all <= room.custody_ids()
    assert len(room.custody_ids()) == 3 + unused
    assert room.do(lambda act: act.rows(UUID, RAW.wrapping_keys)) == [generation.wrap]
    assert set(room.do(lambda act: act.rows(UUID, RAW.all_generations))) <= {generation.wrap}
    assert room.do(lambda act: act.row(int, RAW.leaves, hex=room.operator.hex)) == 2
    assert room.do(lambda act: act.row(int, RAW.orphans)) == 0
    assert room.vault.index.is_whole(room.store, room.operator)


def test_everything_is_there_after_a_turn(room: Room):
    """After a turn all is readable and found as before, the old keys are destroyed, and both entries are
    written.
    """
    people = {room.person(phone(f"138{n:08d}"), EMAIL): f"138{n:08d}" for n in range(120)}
    names = {person: room.do(room.vault.pseudonym, person) for person in people}
    before = room.do(room.vault.keys.generation)
    steps: list[str] = []
    destroyed = room.turn(progress=lambda step, done, total: steps.append(step))
    assert destroyed == before.all
    assert list(dict.fromkeys(steps)) == STEPS
    settled(room)
    for person, number in people.items():
        assert room.texts(person) == {"phone": number, "email": EMAIL.text}
        assert room.found(number) == [person]
        assert room.do(room.vault.pseudonym, person) == names[person]
    for key_id in before.all:
        with pytest.raises(NotFound, match="destroyed"):
            room.custody.key(room.operator, key_id)
    said = {each["kind"]: each["data"] for each in room.entries()}
    assert {UUID(each) for each in said["keys-turning"]["leaving"]} == before.all
    assert {UUID(each) for each in said["keys-turned"]["destroyed"]} == before.all
    assert room.do(room.vault.turned_at) == NOON + timedelta(days=1)


def test_turning_again_and_again_changes_nothing_else(room: Room):
    """Three turns in a row leave the same values, one generation, and one copy outside of the database."""
    person = room.person(phone(), EMAIL)
    for _ in range(3):
        room.turn()
        settled(room)
    assert room.texts(person) == {"phone": PHONE, "email": EMAIL.text}
    assert len(list(room.copies.rglob("*.keys"))) == 1
    assert room.turning().finish(room.operator, NOON) == frozenset()


def test_an_empty_vault_can_be_turned(room: Room):
    """Turning the keys of an operator without people works."""
    room.turn()
    settled(room)


def test_an_erasure_reaches_backups_with_the_turn_begun_after_it(room: Room):
    """An erasure is beyond reach after a turn that began later; one made within a turn waits for the next."""
    one, two = room.person(phone(), EMAIL), room.person(phone("13900139000"), EMAIL)
    first = room.do(room.vault.erase, one, Values(fields={"phone"}))
    assert not room.vault.beyond_reach(room.operator, first.keys)
    second = []

    def meanwhile(step: str, done: int, total: int) -> None:
        if step == "all there":
            second.append(room.do(room.vault.erase, two, Values(fields={"phone"})))

    room.turn(progress=meanwhile)
    settled(room)
    assert room.vault.beyond_reach(room.operator, first.keys)
    assert not room.vault.beyond_reach(room.operator, second[0].keys)
    assert room.texts(two) == {"email": EMAIL.text}
    room.turn()
    assert room.vault.beyond_reach(room.operator, second[0].keys)


def test_the_copy_opens_what_is_left(room: Room):
    """The copy outside of the database holds every chest's key, opens with the key in custody, and nothing
    erased.
    """
    people = [room.person(phone(f"138{n:08d}")) for n in range(60)]
    room.do(room.vault.erase, people[0], ALL)
    room.turn()
    generation = room.do(room.vault.keys.generation)
    path = copy.place(room.copies, room.operator, generation.wrap)
    assert path.stat().st_mode & 0o777 == 0o600
    wrapping = Wrapping(room.operator, generation.wrap, room.custody.key(room.operator, generation.wrap))
    chests = {
        (each.person, each.chest)
        for each in copy.read(path)
        if wrapping.unwrap(each.wrapped, each.person, each.chest)
    }
    assert chests == {(person, chest) for person in people[1:] for chest in ("account", "pseudonym")}


@pytest.mark.parametrize("harm", [lambda raw: raw[:-2], lambda raw: raw[: len(raw) // 2], lambda raw: raw.replace(b"account", b"accounT", 1), lambda raw: raw + b"{}\n"])  # fmt: skip
def test_a_damaged_copy_is_noticed(room: Room, harm: Callable[[bytes], bytes]):
    """A copy that was cut, changed or added to is not taken for whole."""
    room.person(phone())
    room.turn()
    path = next(room.copies.rglob("*.keys"))
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises((Tampered, ValueError)):
        list(copy.read(path))


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("at", "after"),
    [*((step, 1) for step in STEPS), *((step, 2) for step in ("wrapped anew", "index", "destroyed"))],
)
def test_a_crash_at_any_step_is_finished(room: Room, at: str, after: int):
    """A turn cut short after any step is finished at the next start, by a vault that knows nothing of it."""
    people = {room.person(phone(f"138{n:08d}"), EMAIL): f"138{n:08d}" for n in range(60)}  # Two batches.
    gone = room.person(phone())
    erased = room.do(room.vault.erase, gone, ALL)
    seen = []

    def crash(step: str, done: int, total: int) -> None:
        seen.append(step)
        if step == at and seen.count(step) == after:
            raise Crash

    try:
        room.turn(progress=crash)
    except Crash:
        written = room.person(phone("13700137000"))
        people[written] = "13700137000"
        assert room.texts(written)["phone"] == "13700137000"
    again = room.turning()
    again.finish(room.operator, NOON + timedelta(days=2))
    again.finish(room.operator, NOON + timedelta(days=2))
    settled(room, unused=3 if (at, after) == ("keys made", 1) else 0)
    assert room.vault.beyond_reach(room.operator, erased.keys)
    for person, number in people.items():
        assert room.texts(person)["phone"] == number
        assert room.found(number) == [person]
    kinds = [each["kind"] for each in room.entries()]
    assert kinds.count("keys-turning") == kinds.count("keys-turned") == 1


CHILD = """
import os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from uuid import UUID
from shounuo.custody.files import FileCustody
from shounuo.store.store import Store
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault
url, folder, operator, at = sys.argv[1:]
def killed(step, done, total):
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)
custody = FileCustody(Path(folder) / "keys", Path(folder) / "copy", create=False)
with Store.open(url) as store:
    Turning(store, Vault(custody), Path(folder) / "keys_backup", progress=killed, batch=50, lease_s=0.5).turn(UUID(operator), datetime.now(timezone.utc))
"""


@pytest.mark.parametrize("at", STEPS)
def test_a_killed_process_is_finished_by_another(room: Room, server, at: str):
    """A process killed at any step leaves a lease that runs out, and a turn that another process finishes."""
    people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(20)}
    said = [server.app_url, str(room.copies.parent), str(room.operator), at]
    child = subprocess.run([sys.executable, "-c", CHILD, *said], env=os.environ, timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL
    if at not in ("outcome recorded",):
        with pytest.raises(Conflict, match="another process"):
            room.turning().finish(room.operator, NOON)
    time.sleep(0.6)
    room.turning().finish(room.operator, NOON)
    settled(room, unused=3 if at == "keys made" else 0)
    for person, number in people.items():
        assert room.texts(person) == {"phone": number}
        assert room.found(number) == [person]


def test_only_one_turns_at_a_time(room: Room):
    """While one turns the keys over, another is refused; afterwards it may."""
    refused = []

    def meanwhile(step: str, done: int, total: int) -> None:
        if step == "copied":
            with pytest.raises(Conflict) as conflict:
                room.turn()
            refused.append(conflict.value.code)

    room.turn(progress=meanwhile)
    assert refused == ["turning"]
    room.turn()
    settled(room)


def wait_for_lock(server, count: int = 1) -> None:
    """Return when so many sessions wait for a lock."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            row = admin.execute("select count(*) from pg_locks where not granted").fetchone()
            if row and row[0] >= count:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


def half_turned(room: Room) -> tuple[Turning, Wrapping, Wrapping]:
    """Turn until new keys are in use and nothing is wrapped anew yet."""

    def stop(step: str, done: int, total: int) -> None:
        if step == "earlier transactions ended":
            raise Crash

    with pytest.raises(Crash):
        room.turn(progress=stop)
    generation = room.do(room.vault.keys.generation)
    old, new = (Wrapping(room.operator, each, room.custody.key(room.operator, each)) for each in (generation.old_wrap, generation.wrap))  # fmt: skip
    return room.turning(), old, new


@pytest.mark.parametrize("part", [ALL, Values(fields={"phone"})], ids=["all", "a part"])
def test_an_erasure_that_waits_for_the_wrapping_erases_both_generations(room: Room, server, part):
    """Erasing while the chest is being wrapped anew leaves no key of it behind in either generation."""
    person = room.person(phone(), EMAIL)
    turning, old, new = half_turned(room)
    key = room.do(
        lambda act: room.vault.keys.chests(act, room.vault.keys.generation(act), person, ["account"])
    )
    with ThreadPoolExecutor() as pool:
        with room.store.act(room.operator) as act:
            turning._wrap_some(act, old, new, (UUID(int=0), ""), NOON)
            erasing = pool.submit(room.do, room.vault.erase, person, part)
            wait_for_lock(server)
            assert not erasing.done()
        erasing.result(timeout=10)
    left = room.do(lambda act: act.rows(UUID, RAW.generations, person=person))
    assert len(left) == (0 if part is ALL else 3)  # The pseudonym twice, the chest once.
    turning.finish(room.operator, NOON)
    settled(room)
    if part is not ALL:
        assert room.texts(person) == {"email": EMAIL.text}
        again = room.do(
            lambda act: room.vault.keys.chests(act, room.vault.keys.generation(act), person, ["account"])
        )
        assert again["account"].raw != key["account"].raw


@pytest.mark.parametrize("part", [ALL, Values(fields={"phone"})], ids=["all", "a part"])
def test_the_wrapping_that_waits_for_an_erasure_brings_nothing_back(room: Room, server, part):
    """Wrapping anew a chest that is being erased finds it gone, or finds its new key, never the old one."""
    person = room.person(phone(), EMAIL)
    turning, old, new = half_turned(room)
    with ThreadPoolExecutor() as pool:
        with room.store.act(room.operator) as act:
            room.vault.erase(act, person, part)
            wrapping = pool.submit(room.do, turning._wrap_some, old, new, (UUID(int=0), ""), NOON)
            wait_for_lock(server)
            assert not wrapping.done()
        wrapping.result(timeout=10)
    turning.finish(room.operator, NOON)
    settled(room)
    assert room.texts(person) == ({} if part is ALL else {"email": EMAIL.text})


def held_open(room: Room, work: Callable[..., object], go: Event, began: Event) -> Callable[[], None]:
    """Return what does `work` in an act and leaves it open until `go`."""

    def run() -> None:
        with room.store.act(room.operator) as act:
            work(act)
            began.set()
            assert go.wait(30)

    return run


def in_pieces(room: Room, person: UUID, go: Event, began: Event) -> Callable[[], None]:
    """Return what reads the keys in use, waits until `go`, and only then makes a chest and a tag under
    them.
    """

    def run() -> None:
        with room.store.act(room.operator) as act:
            generation = room.vault.keys.hold(act, person)
            began.set()
            assert go.wait(30)
            real, room.vault.keys.hold = room.vault.keys.hold, lambda act, person: generation  # type: ignore[method-assign]
            try:
                room.vault.put(act, person, record_row(), [phone("13600136000", chest="late")])
            finally:
                room.vault.keys.hold = real  # type: ignore[method-assign]

    return run


@pytest.mark.parametrize("kind", ["new person", "new chest", "erasure", "in pieces"])
def test_a_writer_left_open_across_the_turn_loses_nothing(room: Room, kind: str):
    """A transaction that began under the old keys is waited for; what it wrote is wrapped, indexed, found."""
    person, other = room.person(phone(), EMAIL), uuid4()
    go, began = Event(), Event()

    def new_person(act):
        room.vault.register(act, other, NOON)
        room.vault.put(act, other, record_row(), [phone("13600136000")])

    work = {
        "new person": held_open(room, new_person, go, began),
        "new chest": held_open(room, lambda act: room.vault.put(act, person, record_row(), [phone("13600136000", chest="late")]), go, began),
        "erasure": held_open(room, lambda act: room.vault.erase(act, person, Values(fields={"phone"})), go, began),
        "in pieces": in_pieces(room, person, go, began),
    }[kind]  # fmt: skip
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(work)
        assert began.wait(10)
        turning: Future = pool.submit(room.turn)
        time.sleep(0.5)
        assert not turning.done()
        go.set()
        writing.result(timeout=20)
        turning.result(timeout=20)
    settled(room)
    if kind == "erasure":
        assert room.texts(person) == {"email": EMAIL.text}
        assert room.found(PHONE) == []
    else:
        assert room.found("13600136000") == [other if kind == "new person" else person]


def test_a_writer_that_read_the_keys_while_they_were_switched_is_waited_for(room: Room):
    """A writer numbered after the switch, that read the keys before the switch was committed, is waited
    for.
    """
    person, go, began = room.person(phone(), EMAIL), Event(), Event()
    turning = room.turning()
    with ThreadPoolExecutor() as pool:
        writing: list[Future] = []
        renew = turning._renew

        def meanwhile(step: str, done: int, total: int) -> None:
            if step == "keys made":
                turning._renew = start  # type: ignore[method-assign]

        def start(act) -> None:
            renew(act)  # Now the switch has its number.
            turning._renew = renew  # type: ignore[method-assign]
            writing.append(pool.submit(in_pieces(room, person, go, began)))
            assert began.wait(10)

        turning._progress = meanwhile
        going = pool.submit(turning.turn, room.operator, NOON)
        assert began.wait(10)
        time.sleep(0.5)
        assert not going.done()
        go.set()
        writing[0].result(timeout=20)
        going.result(timeout=20)
    settled(room)
    assert room.found("13600136000") == [person]


def test_an_act_that_writes_before_and_after_new_keys_come_into_use_is_kept(room: Room):
    """An act that made a chest, and makes another while the keys are being switched, finds room for both."""
    person = room.person(phone())
    one, two = (replace(EMAIL, chest=chest, findable=True) for chest in ("one", "two"))
    for _ in range(12):  # Until PostgreSQL has everything in its caches and need not look again.
        with room.store.act(room.operator) as act:
            other = uuid4()
            room.vault.register(act, other, NOON)
            room.vault.put(act, other, record_row(), [one])
            room.vault.put(act, other, record_row(), [two])
    with ThreadPoolExecutor() as pool:
        with room.store.act(room.operator) as act:
            room.vault.put(act, person, record_row(), [one])
            turning = pool.submit(room.turn)
            time.sleep(0.7)
            room.vault.put(act, person, record_row(), [two])
        turning.result(timeout=20)
    settled(room)
    assert {each.chest for each in room.do(room.vault.get, person)} == {"account", "one", "two"}
    assert person in room.found(EMAIL.text, "email", "email")


def test_a_reader_left_open_across_the_turn_reads_on(room: Room):
    """A transaction that read a chest keeps its generation and its key in custody until it ends."""
    person, go, began = room.person(phone(), EMAIL), Event(), Event()
    read = []

    def reading() -> None:
        with room.store.act(room.operator) as act:
            read.append(room.vault.get(act, person))
            began.set()
            assert go.wait(30)
            read.append(room.vault.get(act, person))

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(reading)
        assert began.wait(10)
        turning = pool.submit(room.turn)
        time.sleep(1)
        assert not turning.done()
        assert room.texts(person)["phone"] == PHONE  # Others are served meanwhile.
        go.set()
        reader.result(timeout=20)
        turning.result(timeout=20)
    assert read[0] == read[1]
    settled(room)


@pytest.mark.parametrize("step", ["keys made", "keys in use", "all there"])
def test_a_transaction_that_does_not_end_is_told_and_finished_later(room: Room, step: str):
    """When a transaction stays open for too long the turn says so, keeps what it has, and is finished later."""
    person, go, began = room.person(phone()), Event(), Event()
    writing = held_open(room, lambda act: room.vault.put(act, person, record_row(), [EMAIL]), go, began)
    before = room.custody_ids()
    with ThreadPoolExecutor() as pool:
        writers: list[Future] = []

        def open_one(now: str, done: int, total: int) -> None:
            if now == step:
                writers.append(pool.submit(writing))
                assert began.wait(10)

        with pytest.raises(Unavailable, match="open for too long"):
            room.turn(patience_s=0.3, progress=open_one)
        assert before <= room.custody_ids()
        assert len(room.custody_ids()) == (3 if step == "keys made" else 6)
        go.set()
        writers[0].result(timeout=10)
    room.turning().finish(room.operator, NOON)
    settled(room)
    assert room.texts(person) == {"phone": PHONE, "email": EMAIL.text}


def test_a_chest_left_over_is_wrapped_not_lost(room: Room):
    """A chest that is still in the old generation alone, by whatever way, keeps it from being dropped."""
    person = room.person(phone())
    added = []

    def late(step: str, done: int, total: int) -> None:
        if step == "copied" and not added:
            generation = room.do(room.vault.keys.generation)
            old = Wrapping(
                room.operator, generation.old_wrap, room.custody.key(room.operator, generation.old_wrap)
            )
            key = room.do(lambda act: room.vault.keys.chests(act, generation, person, ["account"]))["account"]
            added.append(room.do(lambda act: act.do(sql.put_chest_keys, operator=room.operator, person=person, wrapping_key=old.id, chests=["late"], wrapped=[old.wrap(key, person, "late")])))  # fmt: skip

    room.turn(progress=late)
    assert added == [1]
    generation = room.do(room.vault.keys.generation)
    assert room.do(lambda act: act.rows(UUID, RAW.generations, person=person)) == [generation.wrap] * 3
    path = copy.place(room.copies, room.operator, generation.wrap)
    assert (person, "late") in {(each.person, each.chest) for each in copy.read(path)}


def test_a_generation_in_use_cannot_be_dropped(room: Room):
    """The function that drops a generation refuses the one in use, one that is not leaving, and another
    operator's.
    """
    room.person(phone())
    generation = room.do(room.vault.keys.generation)
    for query, key_id in (
        (sql.close_wrapping, generation.wrap),
        (sql.close_index, generation.index),
        (sql.close_wrapping, uuid4()),
    ):
        with pytest.raises(RuntimeError):
            room.do(lambda act, query=query, key_id=key_id: act.rows(object, query, leaving=key_id))
    settled(room)


@pytest.mark.slow
def test_turns_under_load_lose_and_resurrect_nothing(room: Room, store: Store):
    """While people come, change, are partly or wholly erased, and are looked up, turns follow each other;
    at the end every value that should be there is, no other is, and no key or tag is left of what was
    erased.
    """
    stop = Event()

    def live(seed: int) -> dict[UUID, dict[str, str]]:
        chance, mine = Random(seed), {}
        while not stop.is_set():
            try:
                _live_once(room, chance, mine)
            except Contended:
                continue
        return mine

    with ThreadPoolExecutor() as pool:
        lives = [pool.submit(live, seed) for seed in range(4)]
        try:
            turns = [room.turn() for _ in range(6)]
        finally:
            stop.set()
        kept = {person: texts for each in lives for person, texts in each.result(timeout=60).items()}
    assert len(set().union(*turns)) == 18
    settled(room)
    for person, texts in kept.items():
        assert room.texts(person) == texts
        for number in {text for name, text in texts.items() if name == "phone"}:
            assert person in room.found(number)


def _live_once(room: Room, chance: Random, mine: dict[UUID, dict[str, str]]) -> None:
    number = f"13{chance.randrange(10**9):09d}"
    person = chance.choice(list(mine)) if mine else None
    turn = chance.randrange(6)
    if person is None or turn == 0 or not mine[person]:
        made = room.person(phone(number), EMAIL, Field(name="name", chest="ordinary", text="李雷"))
        mine[made] = {"phone": number, "email": EMAIL.text, "name": "李雷"}
    elif turn == 1:
        name = chance.choice(list(mine[person]))
        room.store.retry(room.operator, lambda act: room.vault.erase(act, person, Values(fields={name})))
        del mine[person][name]
    elif turn == 2:
        room.store.retry(room.operator, lambda act: room.vault.erase(act, person, ALL))
        mine[person] = {}
    elif turn == 3 and "phone" in mine[person]:

        def correct(act):
            record = room.vault.located(act, person, fields=["phone"])[0].record
            room.vault.correct(act, person, record, "phone", number)

        room.store.retry(room.operator, correct)
        mine[person]["phone"] = number
    else:
        assert room.texts(person) == mine[person]
        if "phone" in mine[person]:
            assert person in room.found(mine[person]["phone"])
