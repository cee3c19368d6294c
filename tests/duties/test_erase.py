"""What is let go, what is locked, and who hears of it."""

from datetime import timedelta

from shounuo.duties import answer, due
from shounuo.store.queries import parse

_counting = parse("tests", """
-- name: changes
-- Counts what gates were told of a person.
select count(*) from shounuo.change where operator = %(operator)s and person = %(person)s
""")  # fmt: skip


def _erase(office, person, **more):
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person, **more)
    answer.verify(office.parts, office.operator, asked.request, "code")
    return answer.carry_out(office.parts, office.operator, asked.request)


def _orders(office, person):
    with office.parts.store.act(office.operator) as act:
        return {one.record: one.hold for one in office.parts.vault.located(act, person, fields=["order"])}


def test_a_lock_lies_on_the_record_that_was_to_be_erased_and_on_no_other(office):
    """Of two orders one is erased on request: at the end of the lock the other one is still there."""
    person = office.person()
    gone = office.collect(person, "buying", order="order 1")
    stays = office.collect(person, "buying", order="order 2")
    _erase(office, person, record=gone)
    locked = _orders(office, person)
    assert locked[gone] is not None
    assert locked[stays] is None
    office.clock.move(office.clock.now() + timedelta(days=3 * 366))
    due.run(office.parts, office.operator)
    assert set(_orders(office, person)) == {stays}


def test_asking_again_neither_lengthens_a_lock_nor_forgets_to_tell_of_it(office):
    """A second request a month later tells the day the first lock ends, and everything goes on that day."""
    person = office.person()
    office.collect(person, "buying", order="order 1")
    first = _erase(office, person, items=["order"]).told["held"]
    end = office.parts.calendar.end(office.clock.now(), office.book.policy.of("holds")["trade"].period)
    office.clock.move(office.clock.now() + timedelta(days=30))
    assert _erase(office, person, items=["order"]).told["held"] == first
    office.clock.move(end)
    due.run(office.parts, office.operator)
    assert _orders(office, person) == {}


def test_gates_are_told_when_a_value_expires(office):
    """What a gate keeps of a person rests on what was collected, so it must hear that it is gone."""

    def told():
        with office.parts.store.act(office.operator) as act:
            return act.row(int, _counting.changes, operator=office.operator, person=person)

    person = office.person()
    office.agree(person, "recommending")
    office.collect(person, "browsing", visits="page 1")
    before = told()
    office.clock.move(office.clock.now() + timedelta(days=40))
    due.run(office.parts, office.operator)
    assert told() == before + 1
