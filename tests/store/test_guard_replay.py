"""After a restore: what people took away stays away, and the ledger says that it was cut.

The whole house runs here, on a PostgreSQL of its own, which is backed up and restored by its own programs.
"""

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import resources
from uuid import UUID, uuid4

import pytest

from shounuo.clocks import HandClock
from shounuo.config import Config
from shounuo.core.evidence import open_checkpoint
from shounuo.core.ledger import parse_entry
from shounuo.duties import agree, erase, guard, operators, people, publish
from shounuo.duties.parts import sql
from shounuo.errors import Conflict, Misconfigured, Restored
from shounuo.store import ledger
from shounuo.store.guard import Bare
from shounuo.store.ids import uuid7
from shounuo.store.queries import load, parse
from shounuo.vault.secret import Cost
from shounuo.vault.shapes import Field, RecordRow
from shounuo.wire import House, open_house

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CHEAP = Cost(iterations=1, lanes=1, memory_kib=64)
FOUNDATION = load("shounuo.store", "sql/foundation.sql")


MORE = parse(
    "test",
    """
-- name: keys
-- Finds the key, when it opens.
select label from shounuo.access_key_by_hash(%(key_hash)s)

-- name: holds
-- The names of a person's locks.
select name from shounuo.hold where operator = %(operator)s and person = %(person)s

-- name: frozen
-- Since when the account is frozen.
select frozen_at from shounuo.standing where operator = %(operator)s and person = %(person)s

-- name: closed
-- When the account was closed.
select closed_at from shounuo.person where operator = %(operator)s and person = %(person)s
""",
)


@dataclass
class World:
    """A house that can be closed, restored and opened again, its clock going on."""

    config: Config
    clock: HandClock

    @contextmanager
    def house(self):
        """The house, running."""
        with open_house(self.config, self.clock, secrets_cost=CHEAP) as house:
            yield house

    def back_up(self, house: House):
        """A base backup of the running server."""
        cluster = house.store.server._cluster
        target = cluster.folder / "backup"
        target.mkdir(mode=0o700)
        cluster.account.own(target)
        program = str(cluster.programs / "pg_basebackup")
        command = [program, "-D", str(target), "-X", "stream", "-c", "fast", "-d"]
        done = cluster.account.run([*command, house.store.server.superuser_url], cluster.folder)
        assert done.returncode == 0, done.stderr

    def restore(self, house: House):
        """The backup in the place of the data; the house is closed."""
        cluster = house.store.server._cluster
        shutil.rmtree(cluster.data)
        shutil.copytree(cluster.folder / "backup", cluster.data)
        for path in (cluster.data, *cluster.data.rglob("*")):
            cluster.account.own(path)


@pytest.fixture
def world(home):
    """A world whose house was never opened."""
    return World(Config(home=home), HandClock(NOON))


@dataclass
class Someone:
    """A person with values and answers of every sort."""

    operator: UUID
    person: UUID
    record: UUID
    key: bytes = b""


VALUES = {"email": "a@example.cn", "phone": "13800000000", "name": "王小明", "order": "7788"}


def _someone(house, operator=None):
    parts = house.parts
    if operator is None:
        operator = operators.open_operator(parts, f"t-{uuid4().hex[:12]}")
        text = resources.files("shounuo.packs").joinpath("huiju.yaml").read_bytes()
        publish.publish(parts, operator, text, "huiju", proving=True)
    person = people.register(parts, operator, f"user-{uuid4()}").person
    record = uuid7(parts.clock.now())
    with parts.store.act(operator) as act:
        row = RecordRow(
            record=record, scene="sign-up", purpose="sign-up", policy_version=1, basis="contract",
            collected_at=parts.clock.now(), source="person",
        )  # fmt: skip
        parts.vault.put(
            act, person, row, [Field(name=name, chest="account", text=text) for name, text in VALUES.items()]
        )
    return Someone(operator, person, record)


def _say_yes(house, who, item):
    parts = house.parts
    _, notice = agree.notice(parts, who.operator, f"consent.{item}", "zh-CN")
    screen = agree.Screen(language="zh-CN", controls=dict(notice.controls), acknowledged=True)
    shown = agree.show(parts, who.operator, who.person, f"consent.{item}", notice.hash, screen)
    agree.answer(parts, who.operator, who.person, item, True, shown)


def _stands(house, who):
    return agree.answers(house.parts, who.operator, who.person)[1]


def _values(house, who):
    with house.store.act(who.operator) as act:
        return {
            each.field: each.text for each in house.parts.vault.get(act, who.person) if each.field in VALUES
        }


def _erase(house, who, *names):
    with house.store.act(who.operator) as act:
        book = agree.in_force(house.parts, act)
        erase.items(house.parts, act, book, who.person, names, None, uuid7(NOON), house.parts.clock.now())


def _close(house, who):
    with house.store.act(who.operator) as act:
        book = agree.in_force(house.parts, act)
        erase.account(house.parts, act, book, who.person, uuid7(NOON), house.parts.clock.now())


def _correct(house, who, name, text):
    with house.store.act(who.operator) as act:
        book = agree.in_force(house.parts, act)
        erase.correct(house.parts, act, book, who.person, who.record, {name: text}, house.parts.clock.now())


def _replay(house, who):
    return guard.replay(house.parts, house.guard, house.sealer, who.operator)


def _entries(house, who, kind):
    bodies = ledger.stream(house.store, who.operator, 0, 1 << 40)
    return [entry for entry in map(parse_entry, bodies) if entry.kind == kind]


def _is_refused(house, who):
    house.guard.forget(who.operator)
    with pytest.raises(Restored):
        house.guard.admit(who.operator)


@pytest.mark.parametrize("grows", [False, True], ids=["as restored", "after new writes"])
def test_an_erasure_and_a_withdrawal_hold_after_a_restore(world, grows):
    """A backup from before both serves nothing; after the replay both hold, and the ledger tells it."""
    with world.house() as house:
        who = _someone(house)
        untouched = _someone(house, who.operator)
        for each in (who, untouched):
            _say_yes(house, each, "marketing")
        house.sealer.seal_now(who.operator)
        world.back_up(house)
        world.clock.move(NOON + timedelta(hours=1))
        agree.withdraw(house.parts, who.operator, who.person, "marketing")
        _erase(house, who, "email", "phone")
        before = open_checkpoint(
            house.sealer.seal_now(who.operator).note, house.parts.signer.verifier(who.operator)
        )
        assert _values(house, who).keys() == {"name", "order"}
        house.guard.admit(who.operator)
    world.restore(house)
    with world.house() as house:
        assert _stands(house, who) == {"marketing"}  # What the restored database believes.
        assert _values(house, who) == VALUES
        if grows:
            house.parts.turning.finish(who.operator, world.clock.now())  # The index is not in a backup.
            for _ in range(20):
                _someone(house, who.operator)
        _is_refused(house, who)
        with pytest.raises(Restored):
            house.sealer.seal_now(who.operator)
        world.clock.move(NOON + timedelta(hours=2))
        done = _replay(house, who)
        assert (done.denials, done.nothing_there, done.suspended) == (3, 0, 0)
        house.guard.admit(who.operator)
        assert _stands(house, who) == set()
        assert _values(house, who).keys() == {"name", "order"}
        assert _stands(house, untouched) == {"marketing"}
        assert _values(house, untouched) == VALUES
        (told,) = _entries(house, who, "restored")
        assert told.data["signed"] == {"size": before.size, "root": before.root.hex()}
        assert told.data["here"]["size"] < before.size
        assert told.data["set_aside"] == done.set_aside
        kept = (world.config.guard / str(who.operator) / done.set_aside).read_bytes()
        assert open_checkpoint(kept, house.parts.signer.verifier(who.operator)) == before
        withdrawn, *erased = _entries(house, who, "replayed")
        assert (withdrawn.data["what"], withdrawn.data["there"]) == ("withdrawn", True)
        assert [each.data["reference"] for each in erased] == [f"{who.record}:email", f"{who.record}:phone"]
        answers, _ = agree.answers(house.parts, who.operator, who.person)
        assert (answers[-1].answer, answers[-1].given_by) == ("withdrawn", "restore")
        assert answers[-1].at < NOON + timedelta(hours=2)  # Dated as it was said.
    with world.house() as house:  # And it goes on.
        house.guard.admit(who.operator)
        _say_yes(house, who, "marketing")
        assert _stands(house, who) == {"marketing"}
        house.sealer.seal_now(who.operator)
        house.guard.check(who.operator)
        assert _replay(house, who) == guard.Replayed()


def test_every_word_a_duty_denies_with_can_be_replayed():
    """A no that is journaled under a word the replay does not know would shut the door for good."""
    source = resources.files("shounuo.duties")
    texts = [each.read_text() for each in source.iterdir() if each.name.endswith(".py")]
    words = {word for text in texts for word in re.findall(r"deny\(\s*\"([a-z-]+)\"", text)}
    assert {"closed", "corrected", "held", "silenced"} <= words
    assert words <= guard._Doing(None, NOON)._ways.keys() | {"key-revoked"}


@pytest.mark.slow
def test_every_kind_of_no_is_put_back(world):
    """Refusals, silences, locks, closed accounts, corrections, revoked keys, unknown people."""
    with world.house() as house:
        who = _someone(house)
        closing, correcting = _someone(house, who.operator), _someone(house, who.operator)
        key = operators.new_key(house.parts, who.operator, "a key")
        hashed = sha256(key.encode()).digest()
        world.back_up(house)
        agree.answer(house.parts, who.operator, who.person, "marketing", False, None)
        agree.say_no_more(house.parts, who.operator, who.person, way="td", word="TD")
        _close(house, closing)
        _correct(house, correcting, "email", "b@example.cn")
        with house.store.act(who.operator) as act:
            at = house.parts.clock.now()
            act.do(sql.put_frozen, operator=who.operator, person=correcting.person, at=at)
            act.deny("frozen", at, correcting.person, str(uuid7(at)))
        late = _someone(house, who.operator)
        agree.answer(house.parts, who.operator, late.person, "marketing", False, None)
        with house.store.act(who.operator) as act:
            at = house.parts.clock.now()
            act.do(FOUNDATION.revoke_access_key, operator=who.operator, key_hash=hashed, at=at)
            act.deny("key-revoked", at, None, hashed.hex())
    world.restore(house)
    with world.house() as house:
        _is_refused(house, who)
        assert house.store.ask(str, MORE.keys, key_hash=hashed) == ["a key"]
        done = _replay(house, who)
        assert done.nothing_there == 1  # The one the backup never knew.
        with house.store.act(who.operator) as act:
            silent = act.rows(_Silence, sql.silences, operator=who.operator, person=who.person)
            assert {each.channel for each in silent if each.stopped} == {"sms", "push", "phone"}
            holds = act.rows(str, MORE.holds, operator=who.operator, person=closing.person)
            located = house.parts.vault.located(act, closing.person)
            closed = act.row(datetime, MORE.closed, operator=who.operator, person=closing.person)
            frozen = act.row(datetime, MORE.frozen, operator=who.operator, person=correcting.person)
        assert holds == ["trade-records"]
        assert [(each.field, each.hold is not None) for each in located] == [("order", True)]
        assert closed is not None
        assert frozen is not None
        assert _values(house, correcting).keys() == {"phone", "name", "order"}
        assert house.store.ask(str, MORE.keys, key_hash=hashed) == []
        assert _stands(house, who) == set()
        house.guard.admit(who.operator)


@dataclass
class _Silence:
    message: str
    channel: str
    stopped: bool


@pytest.mark.slow
def test_a_yes_taken_while_the_no_was_forgotten_is_suspended(world):
    """The database was served without its guard, and asked again: the no of before comes first."""
    with world.house() as house:
        who = _someone(house)
        other = _someone(house, who.operator)
        world.back_up(house)
        agree.answer(house.parts, who.operator, who.person, "marketing", False, None)
        agree.answer(house.parts, who.operator, who.person, "support", False, None)
    world.restore(house)
    with world.house() as house:
        world.clock.move(NOON + timedelta(hours=3))
        _say_yes(house, who, "marketing")
        _say_yes(house, other, "marketing")
        done = _replay(house, who)
        assert (done.denials, done.suspended) == (2, 1)
        assert _stands(house, who) == set()
        assert _stands(house, other) == {"marketing"}
        assert [each.data["item"] for each in _entries(house, who, "suspended")] == ["marketing"]
        _say_yes(house, who, "marketing")
        assert _stands(house, who) == {"marketing"}


@pytest.mark.slow
def test_keys_destroyed_since_the_backup_stop_no_replay(world):
    """What nothing can read any more is as good as erased."""
    with world.house() as house:
        who = _someone(house)
        world.back_up(house)
        _erase(house, who, "email")
        house.parts.turning.turn(who.operator, house.parts.clock.now())
    world.restore(house)
    with world.house() as house:
        _is_refused(house, who)
        assert _replay(house, who).denials == 1
        house.guard.admit(who.operator)
        assert [each.person for each in _entries(house, who, "replayed")] == [None]


@pytest.mark.slow
def test_a_replay_that_a_crash_cut_short_is_finished(world, monkeypatch):
    """What was put back before the crash stays, and is not put back twice."""
    with world.house() as house:
        who = _someone(house)
        others = [_someone(house, who.operator) for _ in range(5)]
        world.back_up(house)
        for each in others:
            _erase(house, each, "email")
            agree.answer(house.parts, each.operator, each.person, "marketing", False, None)
    world.restore(house)
    monkeypatch.setattr(guard, "_AT_ONCE", 3)
    with world.house() as house:
        tries, really = [], guard._Doing.carry_out

        def dies(self, act, denials):
            really(self, act, denials)
            tries.append(denials)
            if len(tries) == 3:
                raise KeyboardInterrupt

        with monkeypatch.context() as crash:
            crash.setattr(guard._Doing, "carry_out", dies)
            with pytest.raises(KeyboardInterrupt):
                _replay(house, who)
        _is_refused(house, who)
        assert _replay(house, who).denials == 4
        house.guard.admit(who.operator)
        assert len(_entries(house, who, "replayed")) == 10
        assert len(_entries(house, who, "restored")) == 2
        for each in others:
            assert "email" not in _values(house, each)
            assert [one.answer for one in agree.answers(house.parts, who.operator, each.person)[0]] == [
                "refused"
            ]


@pytest.mark.slow
def test_a_no_of_a_kind_we_do_not_know_keeps_the_door_shut(world):
    """It is not skipped: who wrote it knew what it took away."""
    with world.house() as house:
        who = _someone(house)
        world.back_up(house)
        with house.store.act(who.operator) as act:
            act.deny("unheard-of", NOON, who.person, "something")
    world.restore(house)
    with world.house() as house:
        with pytest.raises(Misconfigured, match="unheard-of"):
            _replay(house, who)
        _is_refused(house, who)


def test_a_guard_folder_that_is_gone_is_accepted_by_name_only_and_the_ledger_says_so(world):
    """No replay makes up for it; accepted, the operator is served, its journal is whole, and there is one entry."""
    with world.house() as house:
        who = _someone(house)
        with house.store.act(who.operator) as act:
            act.deny("frozen", world.clock.now(), who.person, "a request")
        house.sealer.seal_now(who.operator)
    shutil.rmtree(world.config.guard)
    with world.house() as house:
        with pytest.raises(Bare):
            guard.replay(house.parts, house.guard, house.sealer, who.operator)
        with pytest.raises(Bare):
            house.guard.admit(who.operator)
        size = guard.accept_outside(house.parts, house.guard, house.sealer, who.operator)
        house.guard.admit(who.operator)
        with pytest.raises(Conflict):
            guard.accept_outside(house.parts, house.guard, house.sealer, who.operator)
        entries = [parse_entry(body) for body in ledger.stream(house.store, who.operator, 0, 1 << 40)]
        (said,) = [dict(one.data) for one in entries if one.kind == "outside-accepted"]
        assert said["here"]["size"] == size
        assert len(list(house.guard.journal.read(who.operator))) == 1
    with world.house() as house:
        house.guard.admit(who.operator)
