"""What falls due: in order, once, and only when it is."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from shounuo.clocks import HandClock
from shounuo.core.calendar import Year
from shounuo.duties import answer, due, erase
from shounuo.errors import Conflict, Tampered, Unavailable
from shounuo.store.queries import parse
from shounuo.vault import damage
from shounuo.vault.shapes import Values
from shounuo.vault.turn import Turning

DAY = timedelta(days=1)


def _move(office, to):
    for moment in due.moments(office.parts, office.operator, to):
        office.clock.move(moment)
        due.run(office.parts, office.operator)
    office.clock.move(to)
    due.run(office.parts, office.operator)


def _held(office, person, *items):
    with office.parts.store.act(office.operator) as act:
        return {one.field for one in office.parts.vault.get(act, person, Values(fields=frozenset(items)))}


def test_a_value_goes_when_its_time_is_up_and_not_a_day_before(office):
    """Visits are kept thirty natural days from collection."""
    person = office.person()
    office.agree(person, "recommending")
    office.collect(person, "browsing", visits="page 1, page 2")
    end = office.parts.calendar.end(office.clock.now(), office.book.policy.of("retention")["visits"].for_)
    _move(office, end - timedelta(minutes=1))
    assert _held(office, person, "visits") == {"visits"}
    _move(office, end + timedelta(minutes=1))
    assert _held(office, person, "visits") == set()
    assert office.entries("expired") == [{"items": {"visits": 1}}]


def test_an_erasure_is_answered_only_when_keys_have_turned_over(office):
    """Unreadable here at once; answered at the next turn, a day at most after, and before the deadline."""
    person = office.person()
    office.collect(person, "sign-up", email="made-up@example.cn")
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person)
    answer.verify(office.parts, office.operator, asked.request, "code")
    done = answer.carry_out(office.parts, office.operator, asked.request)
    assert (done.state, done.unreadable_in_backups_at) == ("under-way", None)
    assert _held(office, person, "email") == set()
    _move(office, office.clock.now() + DAY + timedelta(minutes=1))
    answered = answer.get(office.parts, office.operator, asked.request)
    assert answered.state == "answered"
    assert answered.closed_at < answered.due_at


def test_what_the_law_holds_is_locked_and_goes_by_itself_at_the_end(office):
    """An order is locked for three years when its erasure is asked, then erased without anybody asking again."""
    person = office.person()
    office.collect(person, "buying", order="order 17")
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person, items=["order"])
    answer.verify(office.parts, office.operator, asked.request, "code")
    done = answer.carry_out(office.parts, office.operator, asked.request)
    assert set(done.told["held"]) == {"order"}
    assert _held(office, person, "order") == {"order"}
    _move(office, office.clock.now() + timedelta(days=3 * 366))
    assert _held(office, person, "order") == set()
    assert office.entries("released")[0]["erased"] is True


def test_an_owner_is_reminded_before_and_the_ledger_says_when_a_day_has_passed(office):
    """One reminder the day before, one overdue mark after, however often the clock is looked at."""
    person = office.person()
    asked = answer.take_in(office.parts, office.operator, "access", "email", person=person)
    _move(office, asked.due_at + DAY)
    due.run(office.parts, office.operator)
    assert len(office.entries("reminded")) == 1
    assert len(office.entries("overdue")) == 1
    assert answer.get(office.parts, office.operator, asked.request).overdue_at >= asked.due_at


def test_a_provisional_deadline_is_computed_anew_when_its_notice_is_known(office):
    """A deadline into 2027 is provisional; once the notice is loaded it is firm, and the ledger says so."""
    office.clock.move(datetime(2026, 12, 30, 4, 0, tzinfo=UTC))
    person = office.person()
    asked = answer.take_in(office.parts, office.operator, "access", "email", person=person)
    assert asked.provisional
    assert asked.missing_years == [2027]
    notice = Year(2027, "made up", date(2026, 11, 30), frozenset({date(2027, 1, 1)}), frozenset())
    later = replace(office.parts, calendar=office.parts.calendar.announce(notice))
    due.run(later, office.operator)
    firm = answer.get(later, office.operator, asked.request)
    assert not firm.provisional
    assert firm.due_at == datetime(2027, 1, 7, 16, 0, tzinfo=UTC)  # 31 Dec, then 4 to 7 January
    assert [one["provisional"] for one in office.entries("deadline-recomputed")] == [False]


def test_a_pledge_lapses_once_a_period(office):
    """Unconfirmed training lapses after twelve months, once."""
    _move(office, datetime(2027, 4, 1, tzinfo=UTC))
    due.run(office.parts, office.operator)
    assert [one["pledge"] for one in office.entries("lapsed")] == ["training"]


def test_nothing_due_writes_nothing(office):
    """Looking at the clock leaves no trace."""
    before = office.entries("reminded")
    due.run(office.parts, office.operator)
    assert office.entries("reminded") == before == []


def test_erasing_everything_spares_what_the_account_stands_on(office):
    """A deletion request takes what was collected, not the account itself; closing takes that too."""
    person = office.person()
    office.collect(person, "sign-up", email="made-up@example.cn", phone="19900001111")
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person)
    answer.verify(office.parts, office.operator, asked.request, "code")
    answer.carry_out(office.parts, office.operator, asked.request)
    assert _held(office, person, *erase.RESERVED) == {"user-id"}
    close = answer.take_in(office.parts, office.operator, "close", "self-service", person=person)
    answer.verify(office.parts, office.operator, close.request, "code")
    answer.carry_out(office.parts, office.operator, close.request)
    assert _held(office, person, *erase.RESERVED) == set()


class _Killed(Exception):
    """The process ends here."""


def test_a_turn_cut_short_and_finished_later_loses_no_erasure(office, monkeypatch):
    """The erasure it was for is answered, and one made in between waits for the next turn and gets it."""

    def erased():
        person = office.person()
        office.collect(person, "sign-up", email="made-up@example.cn")
        asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person)
        answer.verify(office.parts, office.operator, asked.request, "code")
        return answer.carry_out(office.parts, office.operator, asked.request).request

    def state(request):
        return answer.get(office.parts, office.operator, request).state

    def killed(*_):
        raise _Killed

    before = erased()
    office.clock.move(office.clock.now() + DAY)
    with monkeypatch.context() as patched:
        patched.setattr(office.parts.turning, "_wrap", killed)  # new keys are in use, nothing is wrapped anew
        with pytest.raises(_Killed):
            due.run(office.parts, office.operator)
    office.clock.move(office.clock.now() + timedelta(hours=1))
    between = erased()
    office.clock.move(office.clock.now() + timedelta(hours=1))
    office.parts.turning.finish(office.operator, office.clock.now())
    due.run(office.parts, office.operator)
    assert (state(before), state(between)) == ("answered", "under-way")
    _move(office, office.clock.now() + DAY)
    assert state(between) == "answered"


def test_an_erasure_that_was_under_way_while_keys_were_turned_gets_the_next_turn(office, monkeypatch):
    """It began before the turn and was committed after it: it rests on the new keys, so these turn too."""
    person = office.person()
    office.collect(person, "sign-up", email="made-up@example.cn")
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=person)
    answer.verify(office.parts, office.operator, asked.request, "code")
    early = office.clock.now()
    due.turn_over(office.parts, office.operator)
    slow = replace(office.parts, clock=HandClock(early))
    answer.carry_out(slow, office.operator, asked.request)
    _move(office, office.clock.now() + DAY + timedelta(minutes=1))
    assert answer.get(office.parts, office.operator, asked.request).state == "answered"


_DAMAGE = parse(
    "tests",
    """
-- name: damage
-- Changes one byte of a sealed value, or of a wrapped key.
update shounuo.value set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)
where operator = %(operator)s and person = %(person)s and field = %(field)s

-- name: damage_key
-- Changes one byte of the key of a chest.
update shounuo.chest_key set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)
where operator = %(operator)s and person = %(person)s
""",
)


def _damage(office, person, query=_DAMAGE.damage, **which):
    with office.parts.store.act(office.operator) as act:
        assert act.do(query, operator=office.operator, person=person, **which)


def _count(office, person):
    with office.parts.store.act(office.operator) as act:
        return len(office.parts.vault.located(act, person, fields=["visits"]))


def _noted(office):
    with office.parts.store.act(office.operator) as act:
        return {(one.person, one.found_in) for one in damage.noted(act, 100)}


def test_a_damaged_value_keeps_nobody_elses_waiting(office):
    """Whose chest does not open is put on the officer's list, once; everyone else's values go on their day."""
    people = [office.person() for _ in range(3)]
    bad = people[0]
    end = office.parts.calendar.end(office.clock.now(), office.book.policy.of("retention")["visits"].for_)
    for page in ("page 1", "page 2"):
        for person in people:
            office.agree(person, "recommending")
            office.collect(person, "browsing", visits=page)
        office.clock.move(office.clock.now() + 2 * DAY)
    _damage(office, bad, field="visits")
    office.clock.move(end + timedelta(minutes=1))
    due.run(office.parts, office.operator)  # everybody's first page has come to its time, the second has not
    due.run(office.parts, office.operator)
    assert [_count(office, person) for person in people] == [2, 1, 1]
    assert _noted(office) == {(bad, "expired")}
    assert office.entries("damaged") == [{"found_in": "expired"}]
    _damage(office, bad, field="visits")  # and what was changed is put back
    due.run(office.parts, office.operator)
    assert _count(office, bad) == 1
    assert _noted(office) == set()
    assert office.entries("mended") == [{"found_in": "expired"}]


def test_a_damaged_value_or_key_does_not_keep_keys_from_turning_over(office):
    """The index leaves out what does not open, a chest's key that does not open is carried over; erasures are answered."""
    erased, bad_value, bad_key = (office.person() for _ in range(3))
    for number, person in enumerate((erased, bad_value, bad_key)):
        office.collect(person, "sign-up", email=f"made-up-{number}@example.cn", phone=f"1990000111{number}")
    _damage(office, bad_value, field="user-id")
    _damage(office, bad_key, _DAMAGE.damage_key)
    asked = answer.take_in(office.parts, office.operator, "delete", "email", person=erased)
    answer.verify(office.parts, office.operator, asked.request, "code")
    answer.carry_out(office.parts, office.operator, asked.request)
    _move(office, office.clock.now() + DAY + timedelta(minutes=1))
    assert answer.get(office.parts, office.operator, asked.request).state == "answered"
    assert {person for person, _ in _noted(office)} == {bad_value, bad_key}
    assert {one["found_in"] for one in office.entries("damaged")} == {"keys", "index"}
    with office.parts.store.act(office.operator) as act, pytest.raises(Tampered):
        office.parts.vault.get(act, bad_key)


def test_a_damaged_name_in_the_ledger_does_not_keep_a_lock_from_ending_for_others(office):
    """Two locks end on one day; the one that can be ended is."""
    people = [office.person() for _ in range(2)]
    for person in people:
        office.collect(person, "buying", order="order 17")
        asked = answer.take_in(
            office.parts, office.operator, "delete", "email", person=person, items=["order"]
        )
        answer.verify(office.parts, office.operator, asked.request, "code")
        answer.carry_out(office.parts, office.operator, asked.request)
    _damage(office, people[0], _DAMAGE.damage_key)
    office.clock.move(office.clock.now() + timedelta(days=3 * 366))
    due.run(office.parts, office.operator)
    assert _held(office, people[1], "order") == set()
    assert (people[0], "released") in _noted(office)


def test_two_servers_that_run_at_once_note_what_is_due_once(office, tmp_path):
    """Locks end, owners are reminded and days pass once, however many processes look at the same moment."""
    people = [office.person() for _ in range(12)]
    for person in people:
        office.collect(person, "buying", order="order 17")
        asked = answer.take_in(
            office.parts, office.operator, "delete", "email", person=person, items=["order"]
        )
        answer.verify(office.parts, office.operator, asked.request, "code")
        answer.carry_out(office.parts, office.operator, asked.request)
        answer.take_in(office.parts, office.operator, "access", "email", person=person)
    office.clock.move(office.clock.now() + timedelta(days=3 * 366))
    together = Barrier(4)

    def run(place):
        turning = Turning(office.parts.store, office.parts.vault, tmp_path / str(place))
        together.wait()
        with contextlib.suppress(Unavailable, Conflict):  # another turns the keys over
            due.run(replace(office.parts, turning=turning), office.operator)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    for kind in ("reminded", "overdue"):
        noted = [one["request"] for one in office.entries(kind)]
        assert len(noted) == len(set(noted)) >= 12
    released = [one["hold"] for one in office.entries("released")]
    assert len(released) == len(set(released)) == 12
