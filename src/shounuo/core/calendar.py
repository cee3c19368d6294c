"""When a period ends, by the Civil Code (200-204) and the State Council's holiday notices.

 1. Days are days in Beijing (UTC+8, no summer time). The day of the event is not counted.   (Civil Code 201)
 2. A period of days ends when its last day ends, at 24:00. We give that instant, the next midnight in
    Beijing, in UTC: what is done before it is in time, what is done at it is late.          (Civil Code 203)
 3. Hours and minutes run from the event through nights and holidays.                        (Civil Code 201)
 4. Months and years end on the day of the same number, or else on the month's last.         (Civil Code 202)
 5. A working day is Monday to Friday less the rest days of the year's notice, plus its make-up days. A
    notice may also name days of the December before it, as the one for 2019 did.
 6. The law lets a natural period that ends on a rest day run on to the day after the rest. We do not: our
    duties and keeping periods keep the unmoved date, which is stricter; `Due.unmoved` tells. (Civil Code 203)
 7. Of several terms the one that ends first holds (`EarlierOf`). Of `Usually`, `at_most` is never passed, and
    the usual time only for a reason recorded before; where `at_most` ends first, it is the usual time too.
 8. A year without a notice has many readings: its notice may make any weekend day a make-up day, and need not
    rest on any weekday. The earliest reading holds, so in such a year every day counts as a working day
    except the holidays with a fixed date, which no notice can take away. The deadline is provisional and
    names the missing years. Counted anew when their notices come it moves later or stays, unless a notice
    also gives back a weekend of the December before it. A deadline that no missing year can move is firm.
 9. Asked whether one day of such a year is a working day, there is no answer: `Unavailable`.
10. A person is a year older on the birthday; one born on 29 February, in a common year, on 1 March (the
    later, so that a child's protection does not end early).
"""

import calendar as months_of
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property

from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    Deadline,
    Duration,
    EarlierOf,
    Hours,
    LongestOf,
    Minutes,
    NaturalDays,
    Period,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.errors import Unavailable

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # (1)

_DAY = timedelta(days=1)
_SATURDAY = 5
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Full holidays with a fixed date, by the State Council's 全国年节及纪念日放假办法, article 2.
_ALWAYS_REST = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})
_REST_SINCE_2025 = (5, 2)  # added by the revision of 2024-11-10


@dataclass(frozen=True, slots=True)
class Year:
    """One year as its latest notice has it: the days that differ from "Monday to Friday works". (5)

    `notice` is the notice's number, `issued` its date. A day may lie in `year` or in the December before it.
    Raises ValueError where a day lies elsewhere or is no exception.
    """

    year: int
    notice: str
    issued: date
    holidays_on_weekdays: frozenset[date]
    weekend_workdays: frozenset[date]

    def __post_init__(self) -> None:
        for day in self.holidays_on_weekdays | self.weekend_workdays:
            if day.year != self.year and (day.year, day.month) != (self.year - 1, 12):
                raise ValueError(f"{day} does not belong in the notice for {self.year}")
            if (day in self.weekend_workdays) != _weekend(day):
                raise ValueError(
                    f"{day} is a {_NAMES[day.weekday()]}: move it to the other list or leave it out"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When something must be done, and why then.

    `at` is the first instant that is too late, in UTC; `by` the duration that set it. `usual` is the same for
    the usual time of a `Usually`, and is never after `at`. (2, 7)
    """

    at: datetime
    by: Duration
    usual: datetime | None = None
    missing_years: tuple[int, ...] = ()  # (8)
    unmoved: bool = False  # the last day is a rest day, and the law would let it move (6)

    @property
    def provisional(self) -> bool:
        """Whether a notice still to come may move `at` or `usual`. (8)"""
        return bool(self.missing_years)

    @property
    def last_day(self) -> date:
        """The last day, in Beijing, on which it is in time."""
        return (self.at - timedelta(microseconds=1)).astimezone(BEIJING).date()

    def late(self, at: datetime) -> bool:
        """Whether what is done at this instant is too late. (2)"""
        return at >= self.at

    def needs_reason(self, at: datetime) -> bool:
        """Whether what is done at this instant must have had a reason recorded before `usual`. (7)"""
        return self.usual is not None and at >= self.usual


@dataclass(frozen=True)
class Calendar:
    """The years whose notices are known. Raises ValueError where a year stands twice."""

    years: tuple[Year, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self._announced) != len(self.years):
            raise ValueError("a year stands twice in the calendar: keep its latest notice only")

    def announce(self, year: Year) -> "Calendar":
        """The same calendar with this year added, or put in place of what was known of it. (8)"""
        others = [known for known in self.years if known.year != year.year]
        return Calendar(tuple(sorted([*others, year], key=lambda known: known.year)))

    def is_announced(self, year: int) -> bool:
        """Whether the notice for this year is known."""
        return year in self._announced

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on this day. Raises Unavailable where the notice is not known. (5, 9)"""
        if not self.is_announced(day.year):  # (9)
            raise Unavailable(f"no holiday notice for {day.year} is known: add it to the working-day file")
        return self._named.get(day, not _weekend(day))

    def due(self, event: datetime, within: Deadline) -> Due:
        """When what is owed within this time of an event (an aware instant) must be done."""
        match within:
            case Bound():
                return self._one(event, within.bound)
            case Usually():  # (7)
                outer = self._one(event, within.at_most)
                usual = _earliest([outer, self._one(event, within.usually)])
                missing = sorted({*outer.missing_years, *usual.missing_years})
                return replace(outer, usual=usual.at, missing_years=tuple(missing))
            case EarlierOf():  # (7)
                return _earliest([self._one(event, term) for term in within.terms])
            case _:
                return self._one(event, within)

    def end(self, event: datetime, period: Period) -> datetime:
        """When a keeping period that starts with an event ends, in UTC. Never depends on a notice. (6)

        What may be kept at most so long is gone by then; what must be kept at least so long, until then.
        Raises ValueError for working days.
        """
        match period:
            case Bound():
                return self.end(event, period.bound)
            case AtLeast() | AtMost():
                return self.end(event, period.period)
            case LongestOf():
                return max(self.end(event, term) for term in period.terms)
            case WorkingDays():
                raise ValueError(f"`{period}` is no keeping period: write it in natural days")
            case _:
                return self._one(event, period).at

    @cached_property
    def _announced(self) -> frozenset[int]:
        return frozenset(year.year for year in self.years)

    @cached_property
    def _named(self) -> dict[date, bool]:
        """Every exception, and whether it works. No two notices can differ: see `Year`. (5)"""
        named: dict[date, bool] = {}
        for year in self.years:
            named |= dict.fromkeys(year.holidays_on_weekdays, False)
            named |= dict.fromkeys(year.weekend_workdays, True)
        return named

    def _one(self, event: datetime, within: Duration) -> Due:
        if event.tzinfo is None:
            raise ValueError("an event needs its offset: give an aware datetime")
        first = event.astimezone(BEIJING).date()  # (1)
        match within:
            case Hours() | Minutes():  # (3)
                run = timedelta(hours=within.n) if isinstance(within, Hours) else timedelta(minutes=within.n)
                return Due(at=event.astimezone(UTC) + run, by=within)
            case WorkingDays():
                last, missing = self._working(first, within.n)
                return Due(at=_ends(last), by=within, missing_years=missing)
            case NaturalDays():
                last = first + timedelta(days=within.n)
            case _:
                last = _months_on(first, within.n * (12 if isinstance(within, Years) else 1))
        return Due(at=_ends(last), by=within, unmoved=not self._may_work(last))

    def _working(self, first: date, n: int) -> tuple[date, tuple[int, ...]]:
        """The n-th day after `first` that may work, and the years on the way without a notice. (5, 8)"""
        day = first
        while n:
            day += _DAY
            if self._may_work(day):
                n -= 1
        through = range((first + _DAY).year, day.year + 1)
        return day, tuple(year for year in through if not self.is_announced(year))

    def _may_work(self, day: date) -> bool:
        """Whether the day works or, where nobody knows yet, some notice could make it work. (5, 8)"""
        return self.is_working_day(day) if self.is_announced(day.year) else not _surely_rests(day)


def age_on(birth: date, on: date) -> int:
    """Whole years of age on a day. Raises ValueError for a day before birth. (10)"""
    if on < birth:
        raise ValueError("nobody has an age before birth: check the two dates")
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _earliest(dues: Sequence[Due]) -> Due:
    """The first to end; between equals the firm one, since no reading then moves the date. (7, 8)"""
    return min(dues, key=lambda due: (due.at, due.provisional))


def _ends(last: date) -> datetime:
    """The instant at which a day in Beijing is over. (2)"""
    return datetime.combine(last + _DAY, time.min, BEIJING).astimezone(UTC)


def _months_on(day: date, n: int) -> date:
    """The day of the same number n months on, or that month's last. (4)"""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months_of.monthrange(year, month + 1)[1]))


def _weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _surely_rests(day: date) -> bool:
    """Whether no notice, announced or not, can make this a working day. (8)"""
    fixed = (day.month, day.day)
    return fixed in _ALWAYS_REST or (fixed == _REST_SINCE_2025 and day.year >= 2025)
