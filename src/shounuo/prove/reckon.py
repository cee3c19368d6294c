"""Reckon when a span ends, day by day, apart from the code that is being proven.

1. A day is a day in Beijing; the day of the event is not counted; a span of days ends with the midnight
   after its last.
2. A working day is what the official notices say: Monday to Friday less their rest days, plus their make-up
   days. A year without a notice has no working days to reckon with here.
3. Months and years end on the day of the same number, or else on the month's last.
"""

import calendar as months_of
from datetime import UTC, date, datetime, time, timedelta

from shounuo.core.calendar import BEIJING
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    Deadline,
    Duration,
    EarlierOf,
    LongestOf,
    Months,
    NaturalDays,
    Period,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.law.workdays import calendar as official

_DAY = timedelta(days=1)


class NotAnnounced(ValueError):
    """A day that counts lies in a year for which nothing was announced."""


def due(within: Deadline, event: datetime) -> tuple[datetime, datetime | None]:
    """When a deadline has passed that runs from `event`, and when its usual time has."""
    if isinstance(within, Usually):
        at_most = ends(within.at_most, event)
        return at_most, min(at_most, ends(within.usually, event))
    if isinstance(within, EarlierOf):
        known, _ = _terms(within, event)
        return min(known), None
    return ends(within, event), None


def may_move(within: Deadline, event: datetime) -> bool:
    """Whether a notice still to come may change when a deadline has passed: the days it tells of count. (2)

    Of several terms the earliest counts: one of so many working days takes no fewer days.
    """
    if isinstance(within, Usually):
        return any(may_move(one, event) for one in (within.usually, within.at_most))
    known, soonest = _terms(within, event)
    return any(one < min(known, default=one + _DAY) for one in soonest)


def _terms(within: Deadline, event: datetime) -> tuple[list[datetime], list[datetime]]:
    """When each term ends of which all is announced; how soon each other might, if every day worked."""
    known, soonest = [], []
    for term in within.terms if isinstance(within, EarlierOf) else (within,):
        assert not isinstance(term, Usually | EarlierOf)
        try:
            known.append(ends(term, event))
        except NotAnnounced:
            days = term.bound if isinstance(term, Bound) else term
            assert isinstance(days, WorkingDays)
            soonest.append(ends(NaturalDays(days.n), event))
    return known, soonest


def ends(span: Period | Duration, event: datetime) -> datetime:
    """The first moment that is too late for a span from `event`, in UTC. (1)"""
    match span:
        case Bound():
            return ends(span.bound, event)
        case AtLeast() | AtMost():
            return ends(span.period, event)
        case LongestOf():
            return max(ends(term, event) for term in span.terms)
    day = event.astimezone(BEIJING).date()
    match span:
        case WorkingDays():
            last = _after_working_days(day, span.n)
        case NaturalDays():
            last = day + span.n * _DAY
        case Months():
            last = _after_months(day, span.n)
        case Years():
            last = _after_months(day, 12 * span.n)
        case _:
            raise ValueError(f"a span of {span} is not reckoned in days")
    return datetime.combine(last + _DAY, time.min, BEIJING).astimezone(UTC)


def counts_working_days(within: Deadline) -> bool:
    """Whether any term of a deadline is one of working days."""
    if isinstance(within, Usually):
        return any(isinstance(one, WorkingDays) for one in (within.usually, within.at_most))
    if isinstance(within, EarlierOf):
        return any(isinstance(one, WorkingDays) for one in within.terms)
    return isinstance(within.bound if isinstance(within, Bound) else within, WorkingDays)


def _after_working_days(day: date, left: int) -> date:
    while left:
        day += _DAY
        left -= _works(day)
    return day


def _works(day: date) -> bool:
    notices = {year.year: year for year in official().years}
    if day.year not in notices:
        raise NotAnnounced(f"nothing was announced for {day.year}")  # (2)
    near = [
        notices[one] for one in (day.year, day.year + 1) if one in notices
    ]  # a notice may name December before
    if day.weekday() < 5:
        return not any(day in notice.holidays_on_weekdays for notice in near)
    return any(day in notice.weekend_workdays for notice in near)


def _after_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, months_of.monthrange(year, month + 1)[1]))  # (3)
