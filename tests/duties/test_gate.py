"""The gate in a product's process: it says no where it cannot know."""

import os
from uuid import uuid4

import pytest

from shounuo.duties import agree, decide, follow
from shounuo.duties.agree import changed
from shounuo.duties.parts import sql
from shounuo.errors import Restored, Unavailable
from shounuo.gate import Gate
from shounuo.store.queries import parse


@pytest.fixture
def gate(house, office):
    """A gate on the office."""
    made = Gate(office.parts, office.operator, house.guard.admit)
    yield made
    made.close()


def test_a_gate_decides_nothing_on_a_database_that_was_put_back(house, office, gate):
    """What the guard refuses while the product runs, the gate refuses too."""
    person = office.person()
    assert gate.decide(person, "sign-up")
    house.guard.refuse(office.operator, Restored("it was put back"))
    with pytest.raises(Restored):
        gate.decide(person, "sign-up")
    house.guard.forget(office.operator)
    assert gate.decide(person, "sign-up")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_gate_is_of_no_use_in_a_forked_child_and_goes_on_in_the_parent(office, gate):
    """A child would speak on the parent's connections and read its answers: it is refused at once."""
    person = office.person()
    assert gate.decide(person, "sign-up")
    child = os.fork()
    if child == 0:
        try:
            gate.decide(person, "sign-up")
        except Unavailable:
            os._exit(7)
        finally:
            os._exit(8)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert gate.decide(person, "sign-up")


_ROWS = parse(
    "tests",
    """
-- name: changes
-- How many changes are kept.
select count(*) from shounuo.change where operator = %(operator)s
""",
)


def _changes(office):
    with office.parts.store.act(office.operator) as act:
        return act.row(int, _ROWS.changes, operator=office.operator)


def test_changes_that_everybody_has_seen_are_dropped(office, monkeypatch):
    """Not while one may still be looking for them; a change that is not committed yet is never below the mark."""
    monkeypatch.setattr(follow, "KEPT_S", 0.0)
    follow.prune(office.parts, office.operator)  # the first mark
    for _ in range(3):
        office.agree(office.person(), "recommending")
    made = _changes(office)
    assert made >= 3
    with office.parts.store.act(office.operator) as slow:
        changed(slow, uuid4(), office.clock.now())
        follow.prune(
            office.parts, office.operator
        )  # to the first mark, and the next one lies before the slow act
    follow.prune(office.parts, office.operator)
    assert _changes(office) == 1
    follow.prune(office.parts, office.operator)
    assert _changes(office) == 0
    monkeypatch.setattr(follow, "KEPT_S", 60.0)
    office.agree(office.person(), "recommending")
    follow.prune(office.parts, office.operator)
    assert _changes(office) > 0


def test_a_follower_begins_now_and_one_that_slept_through_a_pruning_forgets_everything(office, monkeypatch):
    """The first reads no change of the past; the other cannot know what it missed."""
    monkeypatch.setattr(follow, "KEPT_S", 0.0)
    person = office.person()
    office.agree(person, "recommending")
    follower = follow.Follower(office.parts, office.operator, look_every_s=3600)
    try:
        began = follower._horizon
        with office.parts.store.act(office.operator) as act:
            assert act.row(follow._Changes, sql.changes, operator=office.operator, since=began).people == []
        known, epoch = follower.get(person)
        assert known is None
        with office.parts.store.act(office.operator) as act:
            book = office.parts.policies.in_force(act, office.clock.now())
            follower.put(person, decide.known_of(office.parts, act, book, person, office.clock.now()), epoch)
        follower._look(began)
        assert follower.get(person)[0] is not None
        agree.withdraw(office.parts, office.operator, person, "recommending")
        for _ in range(3):
            follow.prune(office.parts, office.operator)
        assert _changes(office) == 0
        follower._look(began)
        assert follower.get(person)[0] is None
    finally:
        follower.close()
