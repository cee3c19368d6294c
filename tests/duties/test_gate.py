"""The gate in a product's process: it says no where it cannot know."""

import os
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shounuo.core.calendar import BEIJING
from shounuo.core.decision import Reason
from shounuo.duties import agree, follow, people, publish
from shounuo.duties.changes import Changes
from shounuo.duties.parts import sql
from shounuo.errors import Restored, Unavailable
from shounuo.gate import Gate
from shounuo.store.queries import parse

HERE = Path(__file__).parent


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


def _elsewhere(office):
    """The parts of another process on the same database."""
    return replace(office.parts, changes=Changes())


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
        office.parts.changes.changed(slow, office.clock.now(), uuid4())
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
        assert follower.get(person) is None
        follower.learn(person, office.clock.now())
        follower._look(began)
        assert follower.get(person) is not None
        agree.withdraw(_elsewhere(office), office.operator, person, "recommending")
        for _ in range(3):
            follow.prune(office.parts, office.operator)
        assert _changes(office) == 0
        follower._look(began)
        assert follower.get(person) is None
    finally:
        follower.close()


def test_what_this_process_changes_is_obeyed_at_once(office):
    """Whoever was told of a withdrawal finds it obeyed, though the gate does not look for an hour."""
    office.person()
    person = office.person()
    office.agree(person, "recommending")
    gate = Gate(office.parts, office.operator, look_every_s=3600)
    try:
        for _ in range(3):
            assert gate.decide(person, "recommend", items=["visits"])
            agree.withdraw(office.parts, office.operator, person, "recommending")
            assert gate.decide(person, "recommend", items=["visits"]).reason is Reason.NO_CONSENT
            office.agree(person, "recommending")
    finally:
        gate.close()


def test_the_rule_is_asked_once_for_people_of_whom_the_same_is_known(office):
    """The same facts and the same intent have the same answer; another intent, or another person's facts, are asked."""
    asked = []

    def counting(book, intent, facts):
        asked.append(intent)
        return office.parts.controls.decide(book, intent, facts)

    parts = replace(office.parts, controls=replace(office.parts.controls, decide=counting))
    alike = [office.person() for _ in range(5)]
    one = office.person()
    office.agree(one, "recommending")
    gate = Gate(parts, office.operator)
    try:
        for _ in range(2):
            for person in alike:
                assert not gate.decide(person, "recommend", items=["visits"])
                assert gate.decide(person, "support", items=["phone"])
            assert gate.decide(one, "recommend", items=["visits"])
    finally:
        gate.close()
    assert len(asked) == 3


def test_a_version_comes_into_force_at_its_moment(office, gate):
    """A gate that knows a person asks of the new version from its first moment on, without being told."""
    person = office.person()
    assert gate.decide(person, "support", items=["phone"])
    later = office.clock.now() + timedelta(days=3)
    text = (HERE / "policy.yaml").read_text("utf-8").replace("2026-01-05", f"{later.date()}")
    text = text.replace("of: [email, phone], basis", "of: [email], basis").replace(
        "of: [email, phone]}}", "of: [email]}}"
    )
    text = text.replace("uses.support.of: [email, phone]", "uses.support.of: [email]")
    publish.publish(office.parts, office.operator, text.encode(), "small", proving=True)
    assert gate.decide(person, "support", items=["phone"]).version == 1
    office.clock.move(later)
    found = gate.decide(person, "support", items=["phone"])
    assert (found.version, found.reason) == (2, Reason.NOT_NEEDED)


GUARDIAN = """consent:
  guardian: {zh: 监护人同意, en: A guardian agrees, form: guardian, for: [shop], asked: sign-up, keeps: [small-7]}
"""
MINORS = """minors:
  young: {under: 14 years old, rule: guardian-consent, keeps: [small-7]}
"""
CHILDREN = """  small-7:
    kind: control
    says: {zh: 十四岁以下须监护人同意, en: A guardian agrees for children under fourteen}
    numbers: {under: 14 years old, rule: guardian-consent, form: guardian}
    ours: {asked: sign-up, for: [shop]}
    probe: {age-gate: {minors: young}}
"""


def test_a_birthday_is_noticed_at_midnight(office, gate):
    """Who is too young today is old enough from the birthday on, in Beijing, though nothing was written down."""
    text = (HERE / "policy.yaml").read_text("utf-8") + CHILDREN
    text = text.replace("clauses:\n", MINORS + "clauses:\n")
    text = text.replace("consent:\n", GUARDIAN)
    publish.publish(office.parts, office.operator, text.encode(), "small", proving=True)
    today = office.clock.now().astimezone(BEIJING).date()
    birth = date(today.year - 14, today.month, today.day + 1)
    person = people.register(office.parts, office.operator, "a child", birth).person
    for _ in range(2):
        assert gate.decide(person, "sign-up").reason is Reason.TOO_YOUNG
    office.clock.move(datetime.combine(today, time(23, 59, 59), BEIJING))
    assert gate.decide(person, "sign-up").reason is Reason.TOO_YOUNG
    office.clock.move(datetime.combine(today + timedelta(days=1), time(), BEIJING))
    assert gate.decide(person, "sign-up")


def test_refusals_within_a_minute_are_counted_and_none_is_lost(office):
    """A hundred refusals are one entry, and the next minute's first says how many came since."""
    person = office.person()
    gate = Gate(office.parts, office.operator)
    for _ in range(100):
        assert not gate.decide(person, "recommend", items=["visits"])
    gate.close()
    office.clock.move(office.clock.now() + timedelta(minutes=2))
    gate = Gate(office.parts, office.operator)
    assert not gate.decide(person, "recommend", items=["visits"])
    gate.close()
    noted = [one for one in office.entries("refused") if one["what"] == "decide:recommend"]
    assert [one["more_before"] for one in noted] == [0, 99]


def test_what_is_kept_is_bounded(office):
    """More people than it may keep: those that came first go first, and all are answered."""
    people_ = [office.person() for _ in range(7)]
    gate = Gate(office.parts, office.operator, most_people=3)
    try:
        for _ in range(2):
            assert all(gate.decide(one, "sign-up") for one in people_)
        assert len(gate._follower._kept) == 3
    finally:
        gate.close()
