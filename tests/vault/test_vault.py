"""What is put in comes out whole, to whom it belongs, and goes when it must."""

from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier, Thread
from time import monotonic, sleep
from uuid import UUID, uuid4

import psycopg
import pytest
from servers import SQL
from vault_room import CHEAP, NOON, PHONE, Room, phone, record_row

from shounuo.custody.files import FileCustody
from shounuo.errors import Conflict, Invalid, Misconfigured, NotFound, Refused, Tampered
from shounuo.store.queries import parse
from shounuo.store.store import Store
from shounuo.vault.keys import Generation, sql
from shounuo.vault.shapes import PSEUDONYM, Everything, Expired, Field, Values
from shounuo.vault.vault import Vault

ALL = Everything(frozenset())
RAW = parse(
    "tests",
    """
-- name: chests
-- Reads the chest keys of a person.
select chest, wrapped from shounuo.chest_key where person = %(person)s order by chest

-- name: sealed
-- Reads sealed values of a person.
select sealed from shounuo.value where person = %(person)s order by record, field

-- name: tags
-- Counts tags of a person.
select count(*) from shounuo.lookup where person = %(person)s

-- name: swap_people
-- Swaps what two people's phones hold.
update shounuo.value v set sealed = o.sealed from shounuo.value o
where v.person = %(one)s and o.person = %(other)s and v.field = o.field

-- name: swap_fields
-- Puts one field's sealed value in another's place.
update shounuo.value v set sealed = o.sealed from shounuo.value o
where v.person = %(person)s and o.person = v.person and v.field = %(to)s and o.field = %(from)s

-- name: swap_records
-- Swaps what a field holds in two records.
update shounuo.value v set sealed = o.sealed from shounuo.value o
where v.person = %(person)s and o.person = v.person and v.field = o.field and v.record <> o.record

-- name: swap_chest_keys
-- Puts another person's chest key in place.
update shounuo.chest_key k set wrapped = o.wrapped from shounuo.chest_key o
where k.person = %(one)s and o.person = %(other)s and k.chest = o.chest

-- name: move_chest
-- Says that a value lies in another chest.
update shounuo.value set chest = %(chest)s where person = %(person)s and field = %(field)s

-- name: drop_chest
-- Loses a chest key.
delete from shounuo.chest_key where person = %(person)s and chest = %(chest)s

-- name: people
-- Counts the people seen.
select count(*) from shounuo.person

-- name: everything
-- Counts all rows of the vault that are seen.
select (select count(*) from shounuo.value) + (select count(*) from shounuo.chest_key)
    + (select count(*) from shounuo.lookup) + (select count(*) from shounuo.record)
    + (select count(*) from shounuo.wrapping_key) + (select count(*) from shounuo.operator_keys)
""",
)


@dataclass(frozen=True)
class RawKey:
    chest: str
    wrapped: bytes


EMAIL = Field(name="email", chest="account", text="Li.Lei@example.cn", kind="email", findable=True)
NAME = Field(name="name", chest="ordinary", text="李雷", kind="name", algorithm="sm4-gcm")


@pytest.mark.parametrize("algorithm", ["aes-256-gcm", "sm4-gcm"])
def test_what_is_put_in_comes_out(room: Room, algorithm):
    """A value comes out as it went in, with what was said of it, under both algorithms and at any length."""
    long = "长" * 100_000
    row = record_row()
    values = [
        Field(name="bio", chest="ordinary", text=long, algorithm=algorithm, due_at=NOON),
        Field(name="empty", chest="ordinary", text=""),
    ]
    person = room.person(*values, record=row)
    opened = room.do(room.vault.get, person)
    assert [(each.field, each.text, each.chest, each.due_at) for each in opened] == [
        ("bio", long, "ordinary", NOON),
        ("empty", "", "ordinary", None),
    ]
    assert room.do(room.vault.records, person) == [row]
    assert room.do(room.vault.record, person, row.record) == row
    assert [each.field for each in room.do(room.vault.located, person)] == ["bio", "empty"]


def test_only_what_was_asked_comes_out(room: Room):
    """A read by fields, records or chests returns those values and no others."""
    person = room.person(phone(), EMAIL, NAME)
    assert [each.field for each in room.do(room.vault.get, person, Values(fields={"phone"}))] == ["phone"]
    assert [each.field for each in room.do(room.vault.get, person, Values(chests={"ordinary"}))] == ["name"]
    assert room.do(room.vault.get, person, Values(records={uuid4()})) == []


def test_nothing_lies_in_clear(room: Room):
    """No row of a person holds what they told us."""
    person = room.person(phone(), NAME)
    for row in room.do(lambda act: act.rows(bytes, RAW.sealed, person=person)):
        assert PHONE.encode() not in row
        assert "李雷".encode() not in row


@pytest.mark.parametrize(
    "attack",
    [
        lambda act, one, other: act.do(RAW.swap_people, one=one, other=other),
        lambda act, one, other: act.do(RAW.swap_fields, person=one, to="phone", **{"from": "email"}),
        lambda act, one, other: act.do(RAW.swap_records, person=one),
        lambda act, one, other: act.do(RAW.swap_chest_keys, one=one, other=other),
        lambda act, one, other: act.do(RAW.move_chest, person=one, field="phone", chest="other"),
        lambda act, one, other: act.do(RAW.drop_chest, person=one, chest="account"),
    ],
    ids=["people", "fields", "records", "chest keys", "chests", "lost key"],
)
def test_what_is_swapped_or_lost_is_noticed(room: Room, attack):
    """A value or key put in another's place, or lost, is tampering; the other person still reads theirs."""
    one, other = room.person(phone(), EMAIL), room.person(phone("13900139000"), EMAIL)
    room.do(room.vault.put, one, record_row(), [phone("13700137000"), replace(EMAIL, chest="other")])
    room.do(attack, one, other)
    with pytest.raises(Tampered):
        room.do(room.vault.get, one)
    assert room.texts(other)["phone"] == "13900139000"


def test_a_flipped_kind_gives_no_verifier_away(room: Room, server):
    """A secret relabelled as a text does not open: its kind is sealed with it."""
    person = room.person(Field(name="password", chest="account", text="correct horse", kind="secret"))
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(f"set shounuo.operator = '{room.operator}'")
        owner.execute("update shounuo.value set kind = 'text' where person = %s", (person,))
    with pytest.raises(Tampered):
        room.do(room.vault.get, person)


def test_an_operator_sees_nothing_of_anothers(room: Room, store: Store, server):
    """Another operator sees no person, no row, no value, and the person's id finds nothing."""
    person = room.person(phone())
    other = Room(store, room.vault, room.custody, uuid4(), room.copies)
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(f"set shounuo.operator = '{other.operator}'")
        owner.execute(
            "insert into shounuo.operator values (%s, %s, %s)",
            (other.operator, f"o-{other.operator.hex[:20]}", NOON),
        )
    with pytest.raises(Misconfigured, match="never opened"):
        other.found(PHONE)
    other.do(other.vault.open, NOON)
    assert other.found(PHONE) == []
    assert other.do(other.vault.get, person) == []
    assert not other.do(other.vault.known, person)
    assert other.do(lambda act: act.row(int, RAW.people)) == 0
    assert other.do(lambda act: act.row(int, RAW.everything)) == 2  # Its own keys.
    for attempt in (
        lambda act: other.vault.pseudonym(act, person),
        lambda act: other.vault.erase(act, person, ALL),
        lambda act: other.vault.put(act, person, record_row(), [phone()]),
    ):
        with pytest.raises(NotFound):
            other.do(attempt)
    assert room.texts(person) == {"phone": PHONE}


def test_a_wrong_custody_opens_nothing(room: Room, tmp_path):
    """The database with another custody is unreadable, and says that the key is unknown."""
    person = room.person(phone())
    wrong = Vault(FileCustody(tmp_path / "x", tmp_path / "y", create=True))
    with pytest.raises(NotFound, match="custody"):
        room.do(wrong.get, person)


def test_a_secret_is_never_returned(room: Room):
    """A secret is matched and nothing else: not returned, not found, kept as Argon2id, changed by
    correction.
    """
    row = record_row()
    person = room.person(
        phone(), Field(name="password", chest="account", text="pass wörd", kind="secret"), record=row
    )
    assert room.texts(person) == {"phone": PHONE}
    assert room.do(room.vault.matches, person, "password", "pass wörd")
    assert room.do(room.vault.matches, person, "password", "pass wo\u0308rd")
    assert not room.do(room.vault.matches, person, "password", "pass word")
    assert not room.do(room.vault.matches, person, "phone", PHONE)
    assert {each.field for each in room.do(room.vault.located, person)} == {"phone", "password"}
    room.do(room.vault.correct, person, row.record, "password", "another")
    assert room.do(room.vault.matches, person, "password", "another")
    assert not room.do(room.vault.matches, person, "password", "pass wörd")
    room.do(room.vault.erase, person, Values(fields={"password"}))
    assert not room.do(room.vault.matches, person, "password", "another")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (phone(kind="card-security-code"), "never-kept"),
        (phone(kind="secret"), "secret"),
        (phone(chest=PSEUDONYM), "chest"),
        (phone(chest=""), "chest"),
        (phone(name=""), "field"),
        (phone("a\x00b"), "value"),
        (phone("a\ud800"), "value"),
        (phone("a" * 100_001), "value"),
    ],
)
def test_what_may_not_be_kept_is_refused(room: Room, value: Field, code: str):
    """A card's security code is never kept, nor what cannot be; the message holds none of it."""
    person = room.person()
    with pytest.raises(Refused) as refused:
        room.do(room.vault.put, person, record_row(), [value])
    assert refused.value.code == code
    assert value.text not in str(refused.value)
    assert room.texts(person) == {}


def test_a_record_is_put_once(room: Room):
    """A record of an id that exists is a conflict, and a person who exists cannot be registered again."""
    row = record_row()
    person = room.person(phone(), record=row)
    with pytest.raises(Conflict):
        room.do(room.vault.put, person, row, [EMAIL])
    with pytest.raises(Conflict):
        room.do(room.vault.register, person, NOON)
    with pytest.raises(NotFound):
        room.do(room.vault.put, uuid4(), record_row(), [EMAIL])
    with pytest.raises(NotFound):
        room.do(room.vault.record, person, uuid4())


def test_people_are_found_by_a_value_however_written(room: Room):
    """A person is found by a value's normal form, in its own field only; two people with one value both
    are.
    """
    one, two = room.person(phone(), EMAIL), room.person(phone("+86 138-0013-8000"))
    room.person(phone(findable=False, name="fax"))
    assert set(room.found("138 0013 8000")) == {one, two}
    assert room.found("13800138001") == []
    assert room.found("li.lei@EXAMPLE.cn", "email", "email") == [one]
    assert room.found(PHONE, "email", "email") == []
    assert room.found(PHONE, "fax") == []


def test_an_act_undone_leaves_nothing(room: Room):
    """What was put in an act that failed is not there and not found."""
    person = room.person()
    with pytest.raises(RuntimeError), room.store.act(room.operator) as act:
        room.vault.put(act, person, record_row(), [phone()])
        raise RuntimeError
    assert room.texts(person) == {}
    assert room.found(PHONE) == []


def test_the_pseudonym_is_random_and_dies_last(room: Room):
    """Each person has a name of their own in the ledger, which goes only when asked for by name, and last."""
    one, two = room.person(phone()), room.person()
    name = room.do(room.vault.pseudonym, one)
    assert len(name) == 22
    assert name == room.do(room.vault.pseudonym, one) != room.do(room.vault.pseudonym, two)
    erased = room.do(room.vault.erase, one, Everything())
    assert erased.chests == ("account",)
    assert room.do(room.vault.pseudonym, one) == name
    erased = room.do(room.vault.erase, one, ALL)
    assert erased.chests == (PSEUDONYM,)
    assert erased.keys
    with pytest.raises(NotFound) as gone:
        room.do(room.vault.pseudonym, one)
    assert gone.value.code == "pseudonym"
    assert room.do(lambda act: act.rows(bytes, RAW.sealed, person=one)) == []
    assert not room.do(room.vault.erase, one, ALL).keys
    with pytest.raises(NotFound):
        room.do(room.vault.pseudonym, uuid4())


def keys_of(room: Room, person: UUID) -> dict[str, bytes]:
    """Return a person's chest keys, unwrapped."""

    def read(act):
        generation = room.vault.keys.generation(act)
        rows = act.rows(
            str, sql.hold_chest_keys, operator=act.operator, person=person, chests=["account", "ordinary"]
        )
        return {
            chest: key.raw
            for chest, key in room.vault.keys.chests(act, generation, person, set(rows)).items()
        }

    return room.do(read)


PARTS = {
    "field": lambda room, person, row: room.do(room.vault.erase, person, Values(fields={"phone"})),
    "place": lambda room, person, row: room.do(
        room.vault.erase, person, Values(places={(row.record, "phone")})
    ),
    "expired": lambda room, person, row: room.do(room.vault.erase, person, Expired(NOON)),
    "correct": lambda room, person, row: room.do(
        room.vault.correct, person, row.record, "phone", "13700137000"
    ),
    "move": lambda room, person, row: room.do(room.vault.move, person, Values(fields={"phone"}), "held"),
}


@pytest.mark.parametrize("part", PARTS)
def test_taking_a_part_gives_the_chest_a_new_key(room: Room, part: str):
    """Erasing, expiring, correcting or moving part of a chest changes its key and no other chest's."""
    row = record_row()
    person = room.person(phone(due_at=NOON), EMAIL, NAME, record=row)
    before = keys_of(room, person)
    erased = PARTS[part](room, person, row)
    after = keys_of(room, person)
    assert before["account"] != after["account"]
    assert before["ordinary"] == after["ordinary"]
    assert erased.chests == ()
    generation = room.do(lambda act: act.row(Generation, sql.generation, operator=room.operator))
    assert erased.keys == {generation.wrap, generation.index, generation.fingerprint}
    rest = {"email": EMAIL.text, "name": NAME.text}
    left = {"correct": {"phone": "13700137000"}, "move": {"phone": PHONE}}.get(part, {})
    assert room.texts(person) == rest | left
    assert room.found(PHONE) == ([person] if part == "move" else [])
    assert room.found("13700137000") == ([person] if part == "correct" else [])
    assert room.found(EMAIL.text, "email", "email") == [person]


def test_taking_all_of_a_chest_destroys_its_key(room: Room):
    """A chest of which nothing is left has no key, its values and tags are gone, and so is an empty record."""
    row = record_row()
    person = room.person(phone(), EMAIL, record=row)
    room.do(room.vault.put, person, record_row(), [NAME])
    erased = room.do(room.vault.erase, person, Values(chests={"account"}))
    assert (erased.values, erased.held, erased.chests) == (2, 0, ("account",))
    assert set(keys_of(room, person)) == {"ordinary"}
    assert room.do(lambda act: act.row(int, RAW.tags, person=person)) == 0
    assert row not in room.do(room.vault.records, person)
    assert room.texts(person) == {"name": "李雷"}


def test_erasing_twice_is_nothing(room: Room):
    """Erasing what is gone erases nothing and waits for no key."""
    person = room.person(phone())
    assert room.do(room.vault.erase, person, ALL).values == 1
    again = room.do(room.vault.erase, person, ALL)
    assert (again.values, again.chests, again.keys) == (0, (), frozenset())


def test_one_of_two_records_with_the_same_value_stays_findable(room: Room):
    """When a value is erased in one record and still there in another, the person is still found by it."""
    row = record_row()
    person = room.person(phone(), record=row)
    room.do(room.vault.put, person, record_row(), [phone()])
    room.do(room.vault.erase, person, Values(records={row.record}))
    assert room.found(PHONE) == [person]
    room.do(room.vault.erase, person, ALL)
    assert room.found(PHONE) == []


def test_a_hold_keeps_a_value_until_it_is_released(room: Room):
    """A held value is neither erased, expired nor corrected, can be moved, and goes when the hold is
    released.
    """
    row, hold = record_row(), uuid4()
    person = room.person(phone(due_at=NOON), EMAIL, record=row)
    assert room.do(room.vault.hold, person, Values(fields={"phone"}), hold) == 1
    assert room.do(room.vault.hold, person, Values(fields={"phone"}), uuid4()) == 0
    erased = room.do(room.vault.erase, person, ALL)
    assert (erased.values, erased.held, erased.chests) == (1, 1, ())
    assert room.do(room.vault.pseudonym, person)
    assert room.texts(person) == {"phone": PHONE}
    with pytest.raises(Conflict, match="hold"):
        room.do(room.vault.correct, person, row.record, "phone", "13700137000")
    assert room.do(room.vault.due, NOON) == []
    room.do(room.vault.move, person, Values(fields={"phone"}), "held")
    assert room.texts(person) == {"phone": PHONE}
    assert room.do(room.vault.release, person, hold) == 1
    assert [each.field for each in room.do(room.vault.due, NOON)] == ["phone"]
    assert room.do(room.vault.erase, person, ALL).chests == ("held", PSEUDONYM)
    assert room.texts(person) == {}


def test_what_is_due_is_found_in_order(room: Room):
    """Values due by a moment are found, the longest due first; the next due moment is told; due dates can
    be set.
    """
    first = room.person(phone(due_at=NOON - timedelta(days=2)))
    second = room.person(phone(due_at=NOON - timedelta(days=1)), EMAIL)
    third = room.person(phone(due_at=NOON + timedelta(days=1)))
    assert [each.person for each in room.do(room.vault.due, NOON)] == [first, second]
    assert [each.person for each in room.do(room.vault.due, NOON, 1)] == [first]
    assert room.do(room.vault.next_due, NOON, NOON + timedelta(days=9)) == NOON + timedelta(days=1)
    assert room.do(room.vault.next_due, NOON, NOON + timedelta(hours=1)) is None
    assert room.do(room.vault.set_due, third, Values(), NOON) == 1
    assert room.do(room.vault.set_due, second, Values(fields={"phone"}), None) == 1
    assert [each.person for each in room.do(room.vault.due, NOON)] == [first, third]


def test_correcting_what_is_not_there_is_not_found(room: Room):
    """A correction names an existing value; a text that cannot be kept is refused and changes nothing."""
    row = record_row()
    person = room.person(phone(), record=row)
    with pytest.raises(NotFound):
        room.do(room.vault.correct, person, row.record, "email", "x@y.cn")
    with pytest.raises(Invalid):
        room.do(room.vault.correct, person, row.record, "phone", "a\x00")
    assert room.texts(person) == {"phone": PHONE}


def test_a_person_is_closed_once(room: Room, server):
    """The first closing counts."""
    person = room.person()
    room.do(room.vault.close, person, NOON)
    room.do(room.vault.close, person, NOON + timedelta(days=1))
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(f"set shounuo.operator = '{room.operator}'")
        closed = owner.execute("select closed_at from shounuo.person where person = %s", (person,)).fetchone()
    assert closed == (NOON,)


def test_fingerprints_are_keyed(room: Room):
    """A fingerprint is the same for the same content, another under another key, and none under a key that
    is gone.
    """
    key_id, one = room.do(room.vault.fingerprint, b"body")
    assert room.do(room.vault.fingerprint_again, key_id, b"body") == one
    assert room.do(room.vault.fingerprint_again, key_id, b"other") != one
    room.custody.destroy(room.operator, key_id)
    assert room.do(room.vault.fingerprint_again, key_id, b"body") is None


def test_a_vault_opened_by_two_at_once_has_one_set_of_keys(store: Store, operator: UUID, tmp_path):
    """Two that open an operator's vault at the same moment end with the same keys, and no others stay in
    custody.
    """
    custody = FileCustody(tmp_path / "keys", tmp_path / "copy", create=True)
    vault, barrier, failed = Vault(custody, cost=CHEAP), Barrier(4), []

    def start() -> None:
        try:
            barrier.wait()
            with store.act(operator) as act:
                vault.open(act, NOON)
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    room = Room(store, vault, custody, operator, tmp_path)
    generation = room.do(vault.keys.generation)
    assert room.custody_ids() == generation.all
    assert room.texts(room.person(phone())) == {"phone": PHONE}


def test_vaults_of_many_operators_are_opened_at_once(store: Store, tmp_path):
    """Operators whose vaults are opened at the same moment do not hinder each other."""
    custody = FileCustody(tmp_path / "keys", tmp_path / "copy", create=True)
    vault, barrier, failed = Vault(custody, cost=CHEAP), Barrier(6), []

    def start() -> None:
        made = uuid4()
        try:
            with store.act(made) as act:
                act.do(SQL.put_operator, operator=made, slug=f"m-{made.hex[:24]}", at=NOON)
            barrier.wait()
            with store.act(made) as act:
                vault.open(act, NOON)
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_writers_of_one_person_make_one_chest_key(room: Room):
    """Many who write for one new person at once all write under one key."""
    person, barrier, failed = room.person(), Barrier(6), []

    def write(number: int) -> None:
        try:
            barrier.wait()
            room.do(room.vault.put, person, record_row(), [phone(f"1380013800{number}")])
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(room.do(room.vault.get, person)) == 6
    assert len(room.do(lambda act: act.rows(RawKey, RAW.chests, person=person))) == 2


def test_room_for_an_operator_is_made_while_nobody_reads_the_tables_of_keys(room):
    """PostgreSQL can lose a new part of a table for a session that looks at its parts at that moment; nobody does."""
    other = uuid4()
    opened: list[float] = []

    def open_other() -> None:
        with room.store.act(other) as act:
            act.do(SQL.put_operator, operator=other, slug=f"o-{other}", at=NOON)
            room.vault.open(act, NOON)
        opened.append(monotonic())

    opening = Thread(target=open_other)
    with room.store.act(room.operator) as act:
        room.vault.find(act, "phone", PHONE, "cn-mobile")  # looks into the index
        opening.start()
        sleep(0.8)  # longer than it waits before it gives way and comes back
        assert not opened
        ended = monotonic()
    opening.join(20)
    assert opened
    assert opened[0] > ended
    with room.store.act(other) as act:
        assert room.vault.find(act, "phone", PHONE, "cn-mobile") == []
