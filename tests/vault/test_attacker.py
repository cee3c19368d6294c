"""Erasure that reaches backups: who holds every copy of the database and today's custody reads nothing erased.

One story is played once: people come, a base backup is taken, more come, some of what they told is erased,
corrected or expires, keys are turned over. The attacker (see `attacker`) is let loose before the turn,
after it, and after the next; the one before must succeed, or the others would prove nothing.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from attacker import CANDIDATES, Attacker, Loot
from servers import SQL, Throwaway
from vault_room import CHEAP, NOON, Room, phone, record_row

from shounuo.custody.files import FileCustody
from shounuo.errors import NotFound
from shounuo.store.act import Act
from shounuo.store.store import Store
from shounuo.vault.shapes import Erased, Everything, Expired, Field, RecordRow, Values
from shounuo.vault.vault import Vault

pytestmark = pytest.mark.slow

ALL = Everything(frozenset())
GONE, LATE, PART, WRONG, DUE, MOVED, DURING, UNDONE, STAYS, RIGHT = [
    *CANDIDATES[1000:10000:1000],
    CANDIDATES[7],
]
PASSWORD = "hunter2-hunter2"
ERASED = {GONE, LATE, PART, WRONG, DUE, MOVED}
SETTINGS = {"archive_mode": "on", "archive_command": "test ! -f {folder}/wal/%f && cp %p {folder}/wal/%f"}


@dataclass
class Story:
    """What was found when, and what was said of it."""

    before: Loot | None = None
    after: Loot | None = None
    later: Loot | None = None
    erased: list[Erased] = field(default_factory=list)
    during: list[Erased] = field(default_factory=list)
    reached: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    moments: list[str] = field(default_factory=list)
    pseudonym: str = ""
    restored_tags: int = 0


def _count(url: str, question: str) -> int:
    with psycopg.connect(url) as reader:
        row = reader.execute(question).fetchone()
    return int(row[0]) if row else 0


class Scene:
    """The server, the vault in it, and its story so far."""

    def __init__(self, throwaway: Throwaway, store: Store) -> None:
        operator = uuid4()
        throwaway.operator(operator, store)
        custody = FileCustody(throwaway.folder / "keys", throwaway.folder / "copy", create=True)
        custody.create(operator, "sign")
        self.throwaway = throwaway
        self.room = Room(
            store, Vault(custody, cost=CHEAP), custody, operator, throwaway.folder / "keys_backup"
        )
        self.room.do(self.room.vault.open, NOON)
        self.story = Story()
        self.base = Path()
        self.guessed_places: set[tuple[UUID, str, UUID, str, str]] = set()

    def mark(self, moment: str) -> None:
        """Name this moment."""
        self.throwaway.mark(moment)
        self.story.moments.append(moment)

    def comes(self, number: str, **said) -> UUID:
        """Have a person come, with a number, a mail address, a password and a call whose body holds the
        number.
        """
        room, mail = (
            self.room,
            Field(name="email", chest="account", text=f"m{number}@x.cn", kind="email", findable=True),
        )
        password = Field(name="password", chest="account", text=PASSWORD + number, kind="secret")
        person = room.person(phone(number, **said), mail, password)
        body = f'{{"phone":"{number}"}}'.encode()

        def call(act) -> None:
            key_id, made = room.vault.fingerprint(act, body)
            act.do(
                SQL.put_answered, operator=room.operator, access_key=bytes(32), route="/v1/people", idempotency_key=str(person),
                fingerprint=made, fingerprint_key=key_id, status=201, resource=str(person), at=NOON,
            )  # fmt: skip

        room.do(call)
        return person

    def attack(self) -> Loot:
        """Let the attacker loose on everything there is at this moment."""
        attacker = Attacker(self.room.operator, targets=[*ERASED, DURING, UNDONE, STAYS, RIGHT, PASSWORD])
        self.throwaway.archive()
        attacker.see_custody(
            FileCustody(self.throwaway.folder / "keys", self.throwaway.folder / "copy", create=False)
        )
        attacker.see_database(self.throwaway.url)
        attacker.see_copies(self.room.copies)
        for moment in [*self.story.moments, None]:
            with self.throwaway.restored(self.base, moment) as url:
                attacker.see_database(url)
                self.story.restored_tags += _count(url, "select count(*) from shounuo.lookup")
                self.story.restored_tags += _count(url, "select count(*) from shounuo.lookup_state")
        attacker.places |= self.guessed_places
        attacker.chests |= {(person, chest) for person, chest, *_ in self.guessed_places}
        folders = [self.base, self.throwaway.folder / "wal", self.throwaway.server.data_dir, self.room.copies]
        attacker.see_files(*folders, self.throwaway.folder / "keys", self.throwaway.folder / "copy")
        return attacker.attack()


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Play the story."""
    with Throwaway.started(SETTINGS) as throwaway, Store.open(throwaway.server.app_url) as store:
        scene = Scene(throwaway, store)
        _play(scene)
        yield scene.story


def _play(scene: Scene) -> None:
    room, story = scene.room, scene.story
    gone, part, wrong, due = (scene.comes(number) for number in (GONE, PART, WRONG, DUE))
    moved, during, stays = (scene.comes(number) for number in (MOVED, DURING, STAYS))
    scene.base = scene.throwaway.base_backup()
    late = scene.comes(LATE)
    scene.mark("filled")

    row = record_row()
    with pytest.raises(NotFound), room.store.act(room.operator) as act:  # It lies in WAL all the same.
        _put_and_fail(room, act, stays, row)
    scene.guessed_places.add((stays, "never", row.record, "phone", "cn-mobile"))
    story.pseudonym = room.do(room.vault.pseudonym, gone)
    record = room.do(room.vault.located, wrong)[0].record
    story.erased = [
        room.do(room.vault.erase, gone, ALL),
        room.do(room.vault.erase, late, ALL),
        room.do(room.vault.erase, part, Values(fields={"phone", "password"})),
        room.do(room.vault.correct, wrong, record, "phone", RIGHT),
        (
            room.do(room.vault.set_due, due, Values(fields={"phone"}), NOON),
            room.do(room.vault.erase, due, Expired(NOON)),
        )[1],
        room.do(room.vault.move, moved, Values(fields={"phone"}), "held"),
    ]
    story.erased.append(room.do(room.vault.erase, moved, Values(chests={"held"})))
    scene.mark("erased")
    story.before = scene.attack()
    before = _reached(room, story)

    def meanwhile(step: str, done: int, total: int) -> None:
        if step in ("wrapped anew", "copied", "old wrapping dropped"):
            scene.mark(step.replace(" ", "-"))
        if step == "all there":
            story.during = [room.do(room.vault.erase, during, Values(fields={"phone"}))]

    room.turn(progress=meanwhile)
    scene.mark("turned")
    story.after = scene.attack()
    after = _reached(room, story)
    room.turn()
    scene.mark("turned-again")
    story.later = scene.attack()
    story.reached = {"before": before, "after": after, "later": _reached(room, story)}
    assert room.texts(stays)["phone"] == STAYS
    assert room.texts(wrong)["phone"] == RIGHT
    shutil.rmtree(room.copies)


def _put_and_fail(room: Room, act: Act, person: UUID, row: RecordRow) -> None:
    room.vault.put(act, person, row, [phone(UNDONE, chest="never")])
    room.vault.pseudonym(act, uuid4())


def _reached(room: Room, story: Story) -> tuple[bool, bool]:
    def all_of(erased: list[Erased]) -> bool:
        return bool(erased) and all(room.vault.beyond_reach(room.operator, each.keys) for each in erased)

    return all_of(story.erased), all_of(story.during)


def test_before_the_turn_the_attacker_reads_everything(story: Story):
    """While the old keys are in custody the attacker reads, and guesses, everything erased: the attack is
    real.
    """
    assert story.before is not None
    assert story.before.texts >= ERASED | {UNDONE, STAYS, RIGHT, story.pseudonym}
    assert any(text.startswith("$argon2id$") for text in story.before.texts)
    assert story.before.guesses >= ERASED | {STAYS, RIGHT}
    assert story.reached["before"] == (False, False)


def test_after_the_turn_what_was_erased_is_read_nowhere(story: Story):
    """After the turn nothing erased before it is read or guessed, from any copy at any moment, with any
    key.
    """
    assert story.after is not None
    assert not story.after.texts & (ERASED | {UNDONE, story.pseudonym})
    assert not any(number in text for text in story.after.texts for number in (GONE, LATE))
    assert not story.after.guesses & (ERASED | {UNDONE})
    assert story.reached["after"][0]


def test_after_the_turn_what_stays_is_still_read(story: Story):
    """The same attacker, with today's custody, reads what stays: the attack did not fail by itself."""
    for loot in (story.after, story.later):
        assert loot is not None
        assert loot.texts >= {STAYS, RIGHT}
        assert loot.guesses >= {STAYS, RIGHT}


def test_what_is_erased_within_a_turn_is_not_called_unreadable_too_soon(story: Story):
    """What was erased while the keys were turning is still read after that turn, which is what we say; and
    not later.
    """
    assert story.after is not None
    assert story.later is not None
    assert DURING in story.after.texts
    assert not story.reached["after"][1]
    assert DURING not in story.later.texts | story.later.guesses
    assert story.reached["later"] == (True, True)
    assert not (story.later.texts | story.later.guesses) & ERASED


def test_no_restore_holds_an_index(story: Story):
    """No backup and no WAL brings a tag of the index back, nor the word that the index is whole."""
    assert story.moments
    assert story.restored_tags == 0


def test_nothing_is_ever_in_clear(story: Story):
    """No number and no password lies in clear in any file of database, backup, WAL, copies or custody."""
    for loot in (story.before, story.after, story.later):
        assert loot is not None
        assert loot.seen == set()
