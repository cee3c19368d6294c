"""A promise said to keep a limit keeps it on every day of the calendar we know."""

from datetime import UTC, datetime, timedelta

import pytest

from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    Duration,
    EarlierOf,
    Hours,
    LongestOf,
    Minutes,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
    parse_duration,
)
from shounuo.law.rules.spans import answered, as_time, ends, kept, shown
from shounuo.law.workdays import calendar

EVENTS = [
    datetime(2021, 1, 1, 3, tzinfo=UTC) + timedelta(days=day, minutes=day * 997 % 1440)
    for day in range(365 * 5)
]
LIMITS = [
    WorkingDays(15),
    NaturalDays(15),
    NaturalDays(30),
    Months(1),
    Months(6),
    Years(3),
    Hours(48),
    Minutes(10_000),
]
PROMISES: list[Duration] = [
    *(WorkingDays(n) for n in (1, 3, 5, 7, 10, 15, 16, 30, 60)),
    *(NaturalDays(n) for n in (1, 7, 15, 17, 18, 21, 28, 30, 31, 180, 181, 184, 1096)),
    *(Months(n) for n in (1, 5, 6, 36, 37)),
    *(Years(n) for n in (1, 3)),
    *(Hours(n) for n in (24, 48, 72, 8760)),
    *(Minutes(n) for n in (30, 2_880, 10_000)),
]


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_no_day_of_the_calendar_breaks_a_promise_said_to_keep_the_limit(limit: Duration) -> None:
    """Wherever the clock starts, a promise that counts as kept is never due after the limit."""
    known = calendar()
    for promise in PROMISES:
        if answered(promise, limit):
            late = [day for day in EVENTS if known.due(day, promise).at > known.due(day, limit).at]
            assert not late, f"{promise} is later than {limit} from {late[0]}"


@pytest.mark.parametrize(("promise", "limit", "keeps"), [
    ("15 working days", "15 working days", True),
    ("16 working days", "15 working days", False),
    ("15 working days", "30 natural days", True),
    ("15 working days", "15 natural days", False),
    ("17 natural days", "15 working days", True),
    ("30 natural days", "15 working days", False),
    ("1 month", "30 natural days", False),
    ("28 natural days", "1 month", True),
    ("24 hours", "1 natural day", True),
    ("1 natural day", "24 hours", False),
    ("1 natural day", "48 hours", True),
    ("90 minutes", "2 hours", True),
    ("36 months", "3 years", True),
])  # fmt: skip
def test_times_of_different_kinds(promise: str, limit: str, keeps: bool) -> None:
    """A time keeps another only if it does so on every calendar; where that is not sure, it does not."""
    assert answered(parse_duration(promise), parse_duration(limit)) is keeps


def test_what_a_promise_of_several_terms_counts_as() -> None:
    """The outer time of `usually`, any of the earlier of several, the number of a bound."""
    limit = WorkingDays(15)
    assert answered(Usually(WorkingDays(3), NaturalDays(7)), limit)
    assert not answered(Usually(WorkingDays(3), WorkingDays(20)), limit)
    assert answered(EarlierOf((NaturalDays(60), WorkingDays(15))), limit)
    assert not answered(Bound("尽快", NaturalDays(40)), limit)


def test_what_is_surely_gone() -> None:
    """A ceiling ends in time when it does; a floor never surely does; of the longest of several, all must."""
    limit = Years(5)
    assert answered(AtMost(Years(5)), limit)
    assert not answered(AtMost(Years(6)), limit)
    assert not answered(AtLeast(Years(1)), limit)
    assert answered(LongestOf((Months(1), Years(5))), limit)
    assert not answered(LongestOf((Months(1), Years(6))), limit)


def test_what_is_no_time_is_none() -> None:
    """A field that holds a text, or nothing, has no time in it."""
    assert as_time(Months(1)) == Months(1)
    assert as_time(Bound("尽快", NaturalDays(40))) == Bound("尽快", NaturalDays(40))
    assert as_time("1 month") is None
    assert as_time(None) is None


def test_what_is_surely_kept() -> None:
    """A ceiling promises no keeping; a floor, a bound and the longest of several do."""
    half_year = Months(6)
    assert kept(Months(6), half_year)
    assert kept(NaturalDays(184), half_year)
    assert not kept(NaturalDays(183), half_year)
    assert not kept(AtMost(Years(1)), half_year)
    assert kept(AtLeast(Years(1)), half_year)
    assert kept(LongestOf((Bound("必要期间", NaturalDays(1)), Months(6))), half_year)
    assert not kept(AtLeast(Months(5)), half_year)


def test_only_a_floor_has_no_end() -> None:
    """Every other period is over one day."""
    assert not ends(AtLeast(Years(1)))
    assert all(ends(one) for one in (Years(1), AtMost(Years(1)), LongestOf((Months(1), Years(1)))))


def test_a_time_is_shown_in_words() -> None:
    """As a reader would say it, the text's own words first."""
    assert shown(Bound("尽快", WorkingDays(5))) == "“尽快” (5 working days)"
    assert (
        shown(EarlierOf((WorkingDays(1), NaturalDays(2)))) == "the earlier of 1 working day, 2 natural days"
    )
    assert shown(LongestOf((Months(1), Years(1)))) == "the longest of 1 month, 1 year"
    assert shown(AtMost(Months(1))) == "at most 1 month"
