"""The blind index is made again from the sealed values whenever it was lost, and never answers while it is
not whole.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import Throwaway
from vault_room import CHEAP, NOON, PHONE, Room, phone

from shounuo.custody.files import FileCustody
from shounuo.errors import Unavailable
from shounuo.store.store import Store
from shounuo.vault.secret import Cost, matches, verifier
from shounuo.vault.shapes import Everything, Values
from shounuo.vault.tag import normal, tag
from shounuo.vault.vault import Vault

ALL = Everything(frozenset())


def emptied(room: Room, server) -> None:
    """Empty the index as a crash does."""
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(f"set shounuo.operator = '{room.operator}'")
        owner.execute("delete from shounuo.lookup")
        owner.execute("delete from shounuo.lookup_state")


def test_an_index_that_is_not_whole_does_not_answer(room: Room, server):
    """After its loss a search is unavailable, never "nobody"; afterwards all who are left are found, no
    others.
    """
    people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(40)}
    emptied(room, server)
    with pytest.raises(Unavailable, match="index"):
        room.found(PHONE)
    gone, *left = people
    room.do(room.vault.erase, gone, ALL)
    added = room.person(phone("13900139000"))
    room.vault.index.make(room.store, room.operator, NOON, lambda *_: None, batch=7)
    for person in left:
        assert room.found(people[person]) == [person]
    assert room.found(people[gone]) == []
    assert room.found("13900139000") == [added]


def test_writers_and_makers_do_not_lose_each_other(room: Room, server):
    """While the index is made again people come and go; at the end exactly those who stay are found."""
    people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(30)}
    emptied(room, server)
    some, gone = list(people)[::3], set()

    def meanwhile(step: str, done: int, total: int) -> None:
        if some:
            gone.add(person := some.pop())
            room.do(room.vault.erase, person, Values(fields={"phone"}))
            people[room.person(phone(f"139{done:08d}"))] = f"139{done:08d}"

    room.vault.index.make(room.store, room.operator, NOON, meanwhile, batch=3)
    assert len(gone) > 3
    for person, number in people.items():
        assert room.found(number) == ([] if person in gone else [person])


def test_an_index_lost_while_it_is_made_is_begun_anew(room: Room, server):
    """When a crash empties the index in the middle of making it, the making starts over by itself."""
    people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(12)}
    emptied(room, server)
    steps = []

    def crash_once(step: str, done: int, total: int) -> None:
        steps.append(step)
        if len(steps) == 2:
            emptied(room, server)

    room.vault.index.make(room.store, room.operator, NOON, crash_once, batch=3)
    assert "index begun anew" in steps
    for person, number in people.items():
        assert room.found(number) == [person]


def test_two_may_make_the_index_at_once(room: Room, server):
    """Two processes that find the index lost both make it, and it is whole once."""
    people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(30)}
    emptied(room, server)
    with ThreadPoolExecutor() as pool:
        for each in [pool.submit(room.turning(lease_s=60).finish, room.operator, NOON)]:
            each.result(timeout=20)
    emptied(room, server)
    go = Event()

    def make() -> None:
        assert go.wait(5)
        room.vault.index.make(room.store, room.operator, NOON, lambda *_: None, batch=2)

    with ThreadPoolExecutor() as pool:
        making = [pool.submit(make) for _ in range(2)]
        go.set()
        for each in making:
            each.result(timeout=30)
    for person, number in people.items():
        assert room.found(number) == [person]


@pytest.mark.slow
def test_the_index_comes_back_after_a_crash_of_postgresql():
    """After kill -9 the unlogged index is empty and says so; `finish` at start-up makes it whole from
    sealed values, also when the crash came in the middle of a turn.
    """
    with Throwaway.started({}) as throwaway:
        operator = uuid4()
        with Store.open(throwaway.server.app_url) as store:
            throwaway.operator(operator, store)
            custody = FileCustody(throwaway.folder / "keys", throwaway.folder / "copy", create=True)
            room = Room(
                store, Vault(custody, cost=CHEAP), custody, operator, throwaway.folder / "keys_backup"
            )
            room.do(room.vault.open, NOON)
            people = {room.person(phone(f"138{n:08d}")): f"138{n:08d}" for n in range(20)}
            throwaway.crash()
            with pytest.raises(Unavailable):
                room.found("13800000001")
            room.turning().finish(operator, NOON)
            for person, number in people.items():
                assert room.found(number) == [person]

            crashed: list[UUID] = []

            def crash(step: str, done: int, total: int) -> None:
                if step == "index" and not crashed:
                    crashed.append(operator)
                    throwaway.crash()

            try:
                room.turn(progress=crash, batch=5)
            except Unavailable:
                room.turning().finish(operator, NOON)
            assert crashed
            assert room.do(room.vault.keys.generation).turning is None
            for person, number in people.items():
                assert room.texts(person) == {"phone": number}
                assert room.found(number) == [person]


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("cn-mobile", "+86 138-0013-8000", PHONE),
        ("cn-mobile", "008613800138000", PHONE),
        ("phone", "８６１３８００１３８０００", PHONE),
        ("phone", "+86 10 1234 5678", "+861012345678"),
        ("cn-id", "11010519491231002x", "11010519491231002x"),
        ("cn-id", "11010519491231002X", "11010519491231002x"),
        ("mac", "AA-BB-CC-00-11-22", "aabbcc001122"),
        ("email", " Li.Lei@Example.CN ", "li.lei@example.cn"),
        ("name", "Ｌi Lei", "li lei"),
        ("text", "a-b c", "a-b c"),
        ("phone", "868613800138000", "868613800138000"),
    ],
)
def test_normal_forms(kind: str, text: str, form: str):
    """One value written in several ways has one normal form; values that differ keep differing."""
    assert normal(kind, text) == form


@given(st.text(max_size=30), st.sampled_from(["text", "cn-mobile", "email", "name", "mac"]))
def test_a_normal_form_stays_normal(text: str, kind: str):
    """Bringing a normal form into its normal form changes nothing."""
    assert normal(kind, normal(kind, text)) == normal(kind, text)


def test_tags_differ_by_key_and_field():
    """A tag is of one key, one field and one value."""
    made = {
        tag(key, name, "text", text)
        for key in (b"a" * 32, b"b" * 32)
        for name in ("x", "y")
        for text in ("1", "2")
    }
    assert len(made) == 8


def test_a_verifier_carries_its_own_cost():
    """A verifier made at another cost is still checked, the default is RFC 9106's, and a salt is never used
    twice.
    """
    cheap = verifier("secret", CHEAP)
    assert matches("secret", cheap)
    assert not matches("Secret", cheap)
    assert cheap != verifier("secret", CHEAP)
    assert cheap.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert (Cost().memory_kib, Cost().iterations, Cost().lanes) == (65536, 3, 4)
