"""When periods end: the Civil Code, the notices, and years nobody knows yet."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.calendar import BEIJING, Calendar, Due, Year, age_on
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    EarlierOf,
    Hours,
    LongestOf,
    Minutes,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.errors import Unavailable
from shounuo.law.workdays import calendar

KNOWN = calendar()
HUIJU = Usually(WorkingDays(3), NaturalDays(7))  # huiju-10.2-1, -2
KEXUN = EarlierOf((WorkingDays(15), NaturalDays(15)))  # kexun-2.5-deadline, kexun-8.deadline


def moments(first: datetime, days: int) -> st.SearchStrategy[datetime]:
    """Any instant from `first` on, for so many days."""
    return st.integers(0, days * 86_400 - 1).map(lambda seconds: first + timedelta(seconds=seconds))


MOMENTS = moments(datetime(2021, 1, 1, tzinfo=UTC), 2_740)
COUNTS = st.integers(1, 60)
DURATIONS = st.one_of(*(COUNTS.map(kind) for kind in (WorkingDays, NaturalDays, Months, Hours, Minutes)))


def noon(text: str) -> datetime:
    """Noon in Beijing on a day."""
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=BEIJING)


def after(text: str) -> datetime:
    """The instant a day in Beijing is over."""
    return (datetime.fromisoformat(text).replace(tzinfo=BEIJING) + timedelta(days=1)).astimezone(UTC)


@pytest.mark.parametrize(
    ("event", "within", "last_day"),
    [
        ("2026-11-23", WorkingDays(1), "2026-11-24"),  # the day of the event is not counted
        ("2026-11-20", WorkingDays(1), "2026-11-23"),  # over a weekend
        ("2026-11-21", WorkingDays(5), "2026-11-27"),  # received on a Saturday
        ("2026-02-13", WorkingDays(5), "2026-02-27"),  # Spring Festival: Saturday 14 is a make-up day
        ("2026-02-13", WorkingDays(6), "2026-02-28"),  # and so is Saturday 28
        ("2026-09-30", WorkingDays(5), "2026-10-13"),  # National Day: 1 to 7 rest, Saturday 10 works
        ("2025-09-30", WorkingDays(1), "2025-10-09"),
        ("2024-02-08", WorkingDays(1), "2024-02-09"),  # the eve of Spring Festival worked in 2024
        ("2025-01-27", WorkingDays(1), "2025-02-05"),  # and rests from 2025 on
        ("2026-01-01", WorkingDays(1), "2026-01-04"),  # a make-up Sunday
        ("2025-12-31", WorkingDays(1), "2026-01-04"),  # across the year
        ("2022-12-30", WorkingDays(2), "2023-01-04"),
        ("2026-12-24", WorkingDays(5), "2026-12-31"),  # up to the last day known
        ("2026-02-13", NaturalDays(7), "2026-02-20"),  # within the holiday, and stays there
        ("2026-12-30", NaturalDays(5), "2027-01-04"),  # needs no notice
        ("2026-01-31", Months(1), "2026-02-28"),
        ("2024-01-31", Months(1), "2024-02-29"),
        ("2026-03-31", Months(6), "2026-09-30"),
        ("2026-11-30", Months(3), "2027-02-28"),
        ("2026-01-15", Months(1), "2026-02-15"),
        ("2026-12-15", Months(12), "2027-12-15"),
        ("2024-02-29", Years(1), "2025-02-28"),
        ("2024-02-29", Years(4), "2028-02-29"),
        ("2026-11-21", Years(3), "2029-11-21"),
    ],
)
def test_days_months_and_years_end_with_their_last_day(event, within, last_day):
    """The first day is the one after the event; the last ends at midnight in Beijing."""
    due = KNOWN.due(noon(event), within)
    assert (due.at, due.by, due.usual) == (after(last_day), within, None)
    assert due.last_day == date.fromisoformat(last_day)
    assert not due.provisional


@pytest.mark.parametrize(
    ("event", "first_day"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, 999999, UTC), "2026-11-23"),  # Sunday 23:59 in Beijing
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "2026-11-24"),  # Monday 00:00 in Beijing
        (datetime(2026, 11, 23, 3, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-11-24"),
    ],
)
def test_the_day_of_the_event_is_the_day_in_beijing(event, first_day):
    """Whoever writes from whatever zone, days are Beijing days."""
    assert KNOWN.due(event, WorkingDays(1)).last_day == date.fromisoformat(first_day)


def test_hours_and_minutes_run_through_the_holiday():
    """An hour clock starts at the event and knows no night and no rest."""
    event = datetime(2026, 2, 16, 23, 30, tzinfo=BEIJING)
    assert KNOWN.due(event, Hours(4)).at == datetime(2026, 2, 16, 19, 30, tzinfo=UTC)
    assert KNOWN.due(event, Minutes(30)).at == datetime(2026, 2, 16, 16, 0, tzinfo=UTC)
    assert KNOWN.due(event, Minutes(30)).last_day == date(2026, 2, 16)


def test_an_event_without_an_offset_is_refused():
    """A naive time could be any of twenty-four."""
    with pytest.raises(ValueError, match="aware"):
        KNOWN.due(noon("2026-01-01").replace(tzinfo=None), WorkingDays(1))


@pytest.mark.parametrize(
    ("event", "within", "unmoved"),
    [
        ("2026-02-13", NaturalDays(7), True),  # ends on Friday 20 February, a holiday
        ("2026-11-20", NaturalDays(1), True),  # ends on a Saturday
        ("2026-02-13", NaturalDays(1), False),  # ends on a make-up Saturday
        ("2026-11-23", NaturalDays(1), False),
        ("2026-11-15", Months(6), False),  # ends on Saturday 15 May 2027, not known to rest
        ("2026-10-01", Years(1), True),  # ends on 1 October 2027, which always rests
        ("2026-02-13", WorkingDays(3), False),
        ("2026-02-16", Hours(1), False),
    ],
)
def test_a_natural_period_is_not_moved_past_rest_days_and_says_so(event, within, unmoved):
    """The law would let it run on to the next working day; we keep the stricter date."""
    assert KNOWN.due(noon(event), within).unmoved is unmoved


def test_in_time_is_before_the_instant_and_late_is_at_it():
    """24:00 is the first instant that is too late."""
    due = KNOWN.due(noon("2026-11-23"), WorkingDays(1))
    assert not due.late(due.at - timedelta(microseconds=1))
    assert due.late(due.at)
    assert not due.needs_reason(due.at)


@pytest.mark.parametrize(
    ("event", "usual", "outer"),
    [
        ("2026-11-23", "2026-11-26", "2026-11-30"),
        ("2026-11-20", "2026-11-25", "2026-11-27"),
        ("2026-02-13", "2026-02-20", "2026-02-20"),  # the holiday: 7 natural days end before 3 working days
        ("2026-09-30", "2026-10-07", "2026-10-07"),
    ],
)
def test_the_usual_time_never_ends_after_the_outer_one(event, usual, outer):
    """Both dates are computed, and the earlier rules; a reason is needed from the usual time on."""
    due = KNOWN.due(noon(event), HUIJU)
    assert (due.usual, due.at, due.by) == (after(usual), after(outer), NaturalDays(7))
    assert not due.needs_reason(after(usual) - timedelta(seconds=1))
    assert due.needs_reason(after(usual))


@pytest.mark.parametrize(
    ("event", "last_day", "by"),
    [
        ("2026-11-02", "2026-11-17", NaturalDays(15)),
        ("2026-09-14", "2026-09-29", NaturalDays(15)),
    ],
)
def test_of_several_terms_the_earlier_holds(event, last_day, by):
    """Fifteen natural days end before fifteen working days, and the answer says which ruled."""
    due = KNOWN.due(noon(event), KEXUN)
    assert (due.at, due.by) == (after(last_day), by)


def test_two_working_days_may_end_before_three_natural_ones():
    """The earlier is found on the calendar, not in the text."""
    assert KNOWN.due(noon("2026-11-23"), EarlierOf((NaturalDays(3), WorkingDays(2)))).by == WorkingDays(2)
    assert KNOWN.due(noon("2026-11-27"), EarlierOf((NaturalDays(3), WorkingDays(2)))).by == NaturalDays(3)


def test_a_bound_runs_like_its_number():
    """Where the text gives no number the clock runs on the operator's own."""
    assert KNOWN.due(noon("2026-11-23"), Bound("尽快", WorkingDays(5))).last_day == date(2026, 11, 30)


# Years nobody knows yet


@pytest.mark.parametrize(
    ("event", "within", "last_day", "missing"),
    [
        ("2026-12-30", WorkingDays(1), "2026-12-31", ()),
        ("2026-12-30", WorkingDays(2), "2027-01-02", (2027,)),  # 1 January rests in every reading
        ("2026-12-30", WorkingDays(5), "2027-01-05", (2027,)),
        ("2027-04-30", WorkingDays(1), "2027-05-03", (2027,)),  # 1 and 2 May rest in every reading
        ("2020-04-30", WorkingDays(1), "2020-05-02", (2020,)),  # 2 May has been a holiday since 2025 only
        ("2027-09-30", WorkingDays(1), "2027-10-04", (2027,)),
        ("2027-12-31", WorkingDays(2), "2028-01-03", (2028,)),
        ("2027-12-30", WorkingDays(2), "2028-01-02", (2027, 2028)),
        ("2020-12-31", WorkingDays(1), "2021-01-04", ()),  # the day of the event itself is not asked about
    ],
)
def test_into_a_year_without_a_notice_the_earliest_reading_holds(event, within, last_day, missing):
    """There every day counts that some notice could make a working day, and the missing years are named."""
    due = KNOWN.due(noon(event), within)
    assert (due.last_day, due.missing_years) == (date.fromisoformat(last_day), missing)
    assert due.provisional is bool(missing)


def test_a_firm_term_that_ends_first_leaves_nothing_provisional():
    """No reading of the missing year can move a date that natural days already set."""
    firm = KNOWN.due(noon("2026-12-30"), EarlierOf((WorkingDays(9), NaturalDays(5))))
    assert (firm.last_day, firm.by, firm.provisional) == (date(2027, 1, 4), NaturalDays(5), False)
    equal = KNOWN.due(noon("2026-12-30"), EarlierOf((WorkingDays(4), NaturalDays(5))))
    assert (equal.last_day, equal.by, equal.provisional) == (date(2027, 1, 4), NaturalDays(5), False)
    open_ = KNOWN.due(noon("2026-12-30"), EarlierOf((WorkingDays(3), NaturalDays(5))))
    assert (open_.last_day, open_.by, open_.missing_years) == (date(2027, 1, 3), WorkingDays(3), (2027,))


def test_a_usual_time_may_be_provisional_by_itself():
    """Whichever of the two dates a notice may move makes the answer provisional."""
    due = KNOWN.due(noon("2026-12-30"), HUIJU)
    assert (due.usual, due.at, due.missing_years) == (after("2027-01-03"), after("2027-01-06"), (2027,))
    both = KNOWN.due(noon("2026-12-30"), Usually(NaturalDays(1), WorkingDays(2)))
    assert (both.usual, both.at, both.missing_years) == (after("2026-12-31"), after("2027-01-02"), (2027,))


def made_up(rests: frozenset[date] = frozenset(), works: frozenset[date] = frozenset()) -> Year:
    """A notice for 2027, until there is one."""
    return Year(2027, "国办发明电〔2026〕0号", date(2026, 11, 25), rests, works)


def test_the_notice_counts_the_deadline_anew():
    """Once the year is known the date is firm, and the calendar of before is as it was."""
    known = KNOWN.announce(made_up(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)})))
    due = known.due(noon("2026-12-30"), WorkingDays(5))
    assert (due.last_day, due.provisional) == (date(2027, 1, 6), False)
    assert not KNOWN.is_announced(2027)


def test_a_corrected_notice_takes_the_place_of_the_first():
    """A year stands once, as its latest notice has it, and the order of loading does not matter."""
    first, second = made_up(), made_up(frozenset({date(2027, 1, 1)}))
    known = KNOWN.announce(first).announce(second)
    assert not known.is_working_day(date(2027, 1, 1))
    assert known == Calendar((second, *KNOWN.years)).announce(second)
    next_year = Year(2028, "国办发明电〔2027〕0号", date(2027, 11, 25), frozenset(), frozenset())
    assert KNOWN.announce(next_year).announce(second) == KNOWN.announce(second).announce(next_year)


def test_a_notice_may_name_days_of_the_december_before():
    """As the notice for 2019 did for 2018: 29 December worked, 31 December rested."""
    reaching = made_up(frozenset({date(2026, 12, 31)}), frozenset({date(2026, 12, 26)}))
    known = KNOWN.announce(reaching)
    assert known.is_working_day(date(2026, 12, 26))
    assert not known.is_working_day(date(2026, 12, 31))


FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
DAYS_OF_2027 = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]


@st.composite
def notices(draw):
    """Any notice the State Council could issue: it may rest and work as it likes, but the fixed days rest."""
    fixed = [day for day in DAYS_OF_2027 if (day.month, day.day) in FIXED]
    rests = draw(st.sets(st.sampled_from([day for day in DAYS_OF_2027 if day.weekday() < 5]), max_size=60))
    works = draw(st.sets(st.sampled_from([day for day in DAYS_OF_2027 if day.weekday() >= 5]), max_size=60))
    rests |= {day for day in fixed if day.weekday() < 5}
    return made_up(frozenset(rests), frozenset(works - set(fixed)))


WINTER = moments(datetime(2026, 11, 1, tzinfo=UTC), 240)


@given(notices(), WINTER, st.one_of(DURATIONS, st.just(HUIJU), st.just(KEXUN)))
def test_no_notice_moves_a_provisional_deadline_earlier(notice, event, within):
    """The earliest reading is the earliest: knowing the year, both dates stay or move later."""
    before, then = KNOWN.due(event, within), KNOWN.announce(notice).due(event, within)
    assert before.at <= then.at
    assert (before.usual or before.at) <= (then.usual or then.at)


@given(notices(), WINTER, st.one_of(DURATIONS, st.just(HUIJU), st.just(KEXUN)))
def test_no_notice_moves_a_firm_deadline(notice, event, within):
    """What is not provisional does not depend on the year to come."""
    before, then = KNOWN.due(event, within), KNOWN.announce(notice).due(event, within)
    if not before.provisional:
        assert (before.at, before.usual) == (then.at, then.usual)


@given(st.integers(1, 150), WINTER)
def test_the_earliest_reading_is_one_that_can_come_true(n, event):
    """A notice that makes every day work that may work gives exactly the provisional date."""
    busiest = made_up(
        frozenset(day for day in DAYS_OF_2027 if day.weekday() < 5 and (day.month, day.day) in FIXED),
        frozenset(day for day in DAYS_OF_2027 if day.weekday() >= 5 and (day.month, day.day) not in FIXED),
    )
    assert KNOWN.due(event, WorkingDays(n)).at == KNOWN.announce(busiest).due(event, WorkingDays(n)).at


@given(MOMENTS, MOMENTS, st.one_of(DURATIONS, st.just(HUIJU), st.just(KEXUN)))
def test_a_later_event_is_never_due_earlier(one, other, within):
    """Monotonic in the event."""
    early, late = sorted([one, other])
    assert KNOWN.due(early, within).at <= KNOWN.due(late, within).at


@given(MOMENTS, st.sampled_from([WorkingDays, NaturalDays, Months, Years, Hours, Minutes]), COUNTS, COUNTS)
def test_more_time_is_never_due_earlier(event, kind, one, other):
    """Monotonic in the number."""
    fewer, more = sorted([one, other])
    assert event < KNOWN.due(event, kind(fewer)).at <= KNOWN.due(event, kind(more)).at


@given(MOMENTS, COUNTS)
def test_working_days_count_working_days(event, n):
    """Between the event and the last day lie exactly n working days, the last among them."""
    due = KNOWN.due(event, WorkingDays(n))
    if not due.provisional:
        first = event.astimezone(BEIJING).date()
        days = [first + timedelta(days=i) for i in range(1, (due.last_day - first).days + 1)]
        assert sum(map(KNOWN.is_working_day, days)) == n
        assert KNOWN.is_working_day(due.last_day)


@given(MOMENTS, COUNTS)
def test_working_days_never_end_before_as_many_natural_days(event, n):
    """A working day is a natural day."""
    assert KNOWN.due(event, NaturalDays(n)).at <= KNOWN.due(event, WorkingDays(n)).at


def test_an_unknown_day_has_no_answer():
    """Whether 4 January 2027 is a working day nobody knows yet, and the message says what to do."""
    with pytest.raises(Unavailable, match="notice for 2027"):
        KNOWN.is_working_day(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("rests", "works", "wrong"),
    [
        ([date(2028, 1, 3)], [], "does not belong"),
        ([date(2026, 11, 30)], [], "does not belong"),
        ([date(2027, 1, 2)], [], "2027-01-02 is a Saturday"),
        ([], [date(2027, 1, 4)], "2027-01-04 is a Monday"),
    ],
)
def test_a_notice_names_only_exceptions_of_its_own_year(rests, works, wrong):
    """A weekend day in the rest list or a day of another year is a slip of the pen, and refused."""
    with pytest.raises(ValueError, match=wrong):
        made_up(frozenset(rests), frozenset(works))


def test_a_year_stands_once():
    """Two records of one year would be two truths."""
    with pytest.raises(ValueError, match="twice"):
        Calendar((made_up(), made_up()))


def test_a_calendar_without_notices_still_counts_natural_days():
    """Only working days need notices."""
    assert Calendar().due(noon("2026-02-13"), NaturalDays(7)) == Due(
        at=after("2026-02-20"), by=NaturalDays(7)
    )


# Keeping


@pytest.mark.parametrize(
    ("period", "last_day"),
    [
        (Years(3), "2029-11-21"),
        (AtLeast(Years(3)), "2029-11-21"),
        (AtMost(Months(6)), "2027-05-21"),
        (Bound("必要期限", NaturalDays(30)), "2026-12-21"),
        (LongestOf((Months(12), Bound("查询或投诉", Months(24)), NaturalDays(400))), "2028-11-21"),
        (LongestOf((Months(1), NaturalDays(31))), "2026-12-22"),
    ],
)
def test_a_keeping_period_ends_with_its_last_day(period, last_day):
    """In natural units, and without a notice."""
    assert (
        KNOWN.end(noon("2026-11-21"), period) == after(last_day) == Calendar().end(noon("2026-11-21"), period)
    )


@pytest.mark.parametrize(
    "period", [WorkingDays(5), AtMost(WorkingDays(5)), LongestOf((Years(1), WorkingDays(5)))]
)
def test_a_keeping_period_is_not_counted_in_working_days(period):
    """Keeping has no holidays."""
    with pytest.raises(ValueError, match="natural days"):
        KNOWN.end(noon("2026-11-21"), period)


# Ages


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        ("2012-11-21", "2026-11-20", 13),
        ("2012-11-21", "2026-11-21", 14),  # on the birthday
        ("2012-11-21", "2026-11-22", 14),
        ("2012-02-29", "2026-02-28", 13),
        ("2012-02-29", "2026-03-01", 14),  # no 29 February in 2026
        ("2012-02-29", "2028-02-29", 16),
        ("2026-11-21", "2026-11-21", 0),
    ],
)
def test_an_age_changes_on_the_birthday(birth, on, age):
    """One born on 29 February turns a year older on 1 March of a common year."""
    assert age_on(date.fromisoformat(birth), date.fromisoformat(on)) == age


@given(st.dates(date(1900, 1, 1), date(2027, 1, 1)), st.integers(0, 50_000))
def test_an_age_never_falls_and_rises_by_one(birth, days):
    """From one day to the next a person stays as old or is one year older."""
    day = birth + timedelta(days=days)
    assert age_on(birth, day + timedelta(days=1)) - age_on(birth, day) in (0, 1)


def test_nobody_has_an_age_before_birth():
    """Two dates the wrong way round are refused, and not shown."""
    with pytest.raises(ValueError, match="before birth") as refused:
        age_on(date(2026, 1, 2), date(2026, 1, 1))
    assert "2026" not in str(refused.value)
