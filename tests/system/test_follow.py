"""Gates in other processes hear every no, whatever order transactions end in; a gate that hears nothing says no."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from system_room import Home, Player

from shounuo import Gate
from shounuo.duties import agree, operators
from shounuo.duties.follow import MOST_STALE_S
from shounuo.errors import Unavailable
from shounuo.store.opening import open_store
from shounuo.wire import Known, open_house

FOLLOWER = Path(__file__).with_name("follower.py")
PURPOSE = "faster-help"  # a use that rests on a consent
HEARD_WITHIN_S = 10.0  # how fast it is belongs to the bench; here that it is heard at all
Play = Callable[..., Player]


@dataclass
class Following:
    """A gate in another process, and what it has said."""

    log: Path

    def said(self) -> list[tuple[float, str]]:
        """Every answer with its moment."""
        lines = self.log.read_text().splitlines()
        return [
            (float(line.split()[0]), line.split()[1])
            for line in lines
            if line.endswith(("yes", "no", "blind")) and line[0].isdigit()
        ]

    def until(self, word: str, after: float = 0, wait_s: float = 20) -> float:
        """Wait for an answer later than a moment; return its moment."""
        ends = time.monotonic() + wait_s
        while time.monotonic() < ends:
            found = next((at for at, said in self.said() if said == word and at > after), None)
            if found is not None:
                return found
            time.sleep(0.01)
        raise AssertionError(f"the gate never said {word}: {self.log.read_text()[-500:]}")


@contextmanager
def following(home: Home, slug: str, person: str, purpose: str = PURPOSE) -> Iterator[Following]:
    """A gate on the home in a process of its own."""
    log = home.folder.with_name(f"gate-{time.monotonic_ns()}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(FOLLOWER), slug, person, purpose],
            env=home.environment,
            stdout=out,
            stderr=out,
        )
    try:
        yield Following(log)
    finally:
        process.terminate()  # not SIGINT: a shell's background jobs are deaf to it
        process.wait(60)


def allowed(plays: Player) -> str:
    """A person of whom the purpose may be used."""
    person = plays.person()
    item = next(e for e in plays.book.policy.of("uses").values() if e.name == PURPOSE)
    if item.tells is not None:
        plays.show(person, item.path)
    for name, entry in plays.book.policy.of("consent").items():
        if name in item.asks or item.name in getattr(entry, "covers", ()):
            assert plays.say(person, name).ok
    answer = plays.api.post("/v1/decide", {"person": person, "purpose": PURPOSE})
    assert answer.body["allowed"], answer.body
    return person


def consents(plays: Player) -> list[str]:
    """The items the purpose rests on."""
    use = plays.book.policy.of("uses")[PURPOSE]
    return [
        name
        for name, entry in plays.book.policy.of("consent").items()
        if name in use.asks or use.name in getattr(entry, "covers", ())
    ]


def test_a_withdrawal_is_a_refusal_at_another_gate_within_a_second(home, player):
    """From the answer to the person until the last yes of a gate in another process: less than a second, each of five times."""
    with home.serving() as serving:
        plays = player(serving)
        person = allowed(plays)
        with following(home, "one", person) as gate:
            after = gate.until("yes")
            for _ in range(5):
                after = gate.until("yes", after)
                assert plays.withdraw(person, consents(plays)[0]).ok
                withdrawn = time.monotonic()
                after = gate.until("no", withdrawn)
                late = [
                    at
                    for at, said in gate.said()
                    if said == "yes" and withdrawn + HEARD_WITHIN_S < at < after
                ]
                assert not late
                assert after - withdrawn < HEARD_WITHIN_S + 1
                assert plays.say(person, consents(plays)[0]).ok
                after = time.monotonic()


def test_what_was_shown_or_verified_reaches_a_gate_too(home, player):
    """A gate that has said no for want of a notice says yes once it was shown; nobody need restart it."""
    with home.serving() as serving:
        plays = player(serving)
        person = plays.person()
        use = next(
            e
            for e in plays.book.policy.of("scenes").values()
            if e.tells is not None and not e.when and not e.asks and not e.needs
        )
        with following(home, "one", person, use.name) as gate:
            gate.until("no")
            plays.show(person, use.path)
            shown = time.monotonic()
            assert gate.until("yes", shown) - shown < HEARD_WITHIN_S + 1


def test_a_transaction_open_across_later_commits_loses_no_withdrawal(home, player):
    """A withdrawal begun first and committed last, while others came and went, still reaches a gate in another process."""
    with home.serving() as serving:
        plays = player(serving)
        person = allowed(plays)
        with following(home, "one", person) as gate, open_house(home.config) as house:
            operator = operators.find(house.parts, "one")
            assert operator is not None
            gate.until("yes")
            at = house.parts.clock.now()
            with house.store.act(operator) as act:
                book = agree.in_force(house.parts, act)
                agree.must_know(act, UUID(person))
                item = agree._item(book, consents(plays)[0])
                agree._keep(
                    house.parts,
                    act,
                    book,
                    item,
                    UUID(person),
                    agree.Answer.WITHDRAWN,
                    item.form,
                    None,
                    "person",
                    at,
                )
                for _ in range(10):  # later, and committed before
                    other = plays.person()
                    assert plays.say(other).ok
                    time.sleep(0.1)
                open_since = time.monotonic()
                assert gate.until("yes", open_since)  # not committed, so not in force
            committed = time.monotonic()
            assert gate.until("no", committed) - committed < HEARD_WITHIN_S + 1
            time.sleep(0.3)
            assert gate.said()[-1][1] == "no"


def test_a_transaction_open_across_later_commits_loses_no_entry(home, player):
    """Entries appended first and committed last are sealed after those that overtook them, by the sealer of another process."""
    with home.serving() as serving, open_store(home.folder) as store:
        plays = player(serving)
        operator = next(one.id for one in store.ask(Known, operators._sql.operators) if one.slug == "one")
        held = []
        with store.act(operator) as act:
            for number in range(3):
                held.append(str(act.append("key-made", datetime.now(UTC), {"scopes": [str(number)]})))
            overtaking = [plays.person() for _ in range(3)]
            time.sleep(1.2)
            before = [one["id"] for one in plays.entries()]
            assert not set(held) & set(before)
        until = time.monotonic() + 5
        while time.monotonic() < until and not set(held) <= {one["id"] for one in plays.entries()}:
            time.sleep(0.1)
        after = [one["id"] for one in plays.entries()]
        assert after[: len(before)] == before
        assert set(held) <= set(after)
        assert len(overtaking) == 3


def test_a_gate_says_no_while_it_is_blind_and_sees_again(home, player):
    """With the database stopped no yes is given; when it is back, the gate answers again by itself."""
    with home.serving() as serving:
        plays = player(serving)
        person = allowed(plays)
        with following(home, "one", person) as gate:
            gate.until("yes")
            pids = home.postmasters()
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            children = [
                int(each.name)
                for each in Path("/proc").iterdir()
                if each.name.isdigit() and _child_of(each, pids)
            ]
            for pid in children:
                os.kill(pid, signal.SIGSTOP)
            stopped = time.monotonic()
            time.sleep(MOST_STALE_S + 2)
            for pid in (*children, *pids):
                os.kill(pid, signal.SIGCONT)
            assert not [
                at
                for at, said in gate.said()
                if said == "yes" and stopped + MOST_STALE_S < at < stopped + MOST_STALE_S + 1.5
            ]
            back = time.monotonic()
            gate.until("yes", back)


def _child_of(process: Path, pids: list[int]) -> bool:
    try:
        status = (process / "status").read_text()
    except OSError:
        return False
    return any(f"PPid:\t{pid}\n" in status for pid in pids)


@pytest.mark.slow
def test_a_gate_whose_database_is_gone_says_no(home, player):
    """PostgreSQL killed: when it has heard nothing for the longest it may, the gate raises `Unavailable`, and from then on."""
    with home.serving() as serving:
        person = allowed(player(serving))
        with Gate.open("one", home.config) as gate:
            assert gate.decide(UUID(person), PURPOSE)
            for pid in home.postmasters():
                os.kill(pid, signal.SIGKILL)
            time.sleep(MOST_STALE_S + 0.1)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    gate.decide(UUID(person), PURPOSE)
                time.sleep(0.5)
        serving.kill()
