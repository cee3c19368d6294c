"""Compare a promised time with a lawful one, for every day on which the clock may start.

1. Times of one kind compare by their number; months and years by months.
2. Times of different kinds compare by their natural bounds: the fewest and the most natural days they can
   span. A promise keeps a limit only if its longest span fits into the limit's shortest.
3. A day counts until its midnight, hours and minutes to the instant: a day owed is up to a day longer.
4. A working day spans at least itself; seven in a row, make-up days included, are followed by a rest day.
   At most, n of them span their weekends and, once in every thirty, the longest rest a notice has given:
   nine days.
5. A promise with several terms is as long as the law may count on: of `usually`, the outer time; of the
   earlier of several, any that fits. What is kept at most so long may be gone tomorrow; of the longest of
   several, any that reaches is enough.
"""

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
    Months,
    NaturalDays,
    Period,
    Usually,
    WorkingDays,
    Years,
)  # fmt: skip

Time = Deadline | Period
_TIMES = (
    Bound, Usually, EarlierOf, LongestOf, AtLeast, AtMost, WorkingDays, NaturalDays, Months, Years, Hours, Minutes,
)  # fmt: skip

LONGEST_REST = 9  # days: Spring Festival 2026, by the notice of 2025-11-04
# The fewest and the most natural days that so many months on end can have.
_SHORTEST_MONTHS = (
    0,
    28,
    59,
    89,
    120,
    150,
    181,
    212,
    242,
    273,
    303,
    334,
)
_LONGEST_MONTHS = (0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337)


def as_time(value: object) -> Time | None:
    """The value, where it is a time."""
    return value if isinstance(value, _TIMES) else None


def answered(promised: Time, most: Duration) -> bool:
    """Whether who keeps the promise always keeps the limit too. (5)"""
    match promised:
        case Bound():
            return answered(promised.bound, most)
        case Usually():
            return answered(promised.at_most, most)
        case EarlierOf():
            return any(answered(term, most) for term in promised.terms)
        case LongestOf():
            return all(answered(term, most) for term in promised.terms)
        case AtMost():
            return answered(promised.period, most)
        case AtLeast():
            return False
        case _:
            return _fits(promised, most)


def kept(promised: Period, least: Duration) -> bool:
    """Whether what is kept as promised is always kept at least so long. (5)"""
    match promised:
        case Bound():
            return kept(promised.bound, least)
        case AtLeast():
            return kept(promised.period, least)
        case AtMost():
            return False
        case LongestOf():
            return any(kept(term, least) for term in promised.terms)
        case _:
            return _fits(least, promised)


def ends(promised: Period) -> bool:
    """Whether there is a day on which keeping is over."""
    return not isinstance(promised, AtLeast)


def shown(time: Time) -> str:
    """A promised time in words."""
    match time:
        case Bound():
            return f"“{time.says}” ({time.bound})"
        case Usually():
            return f"up to {time.at_most}"
        case EarlierOf():
            return f"the earlier of {', '.join(shown(term) for term in time.terms)}"
        case LongestOf():
            return f"the longest of {', '.join(shown(term) for term in time.terms)}"
        case AtLeast():
            return f"at least {time.period}"
        case AtMost():
            return f"at most {time.period}"
        case _:
            return str(time)


def _fits(short: Duration, long: Duration) -> bool:
    """Whether `short` never ends after `long`, wherever both start. (1, 2, 3)"""
    if type(short) is type(long):
        return short.n <= long.n
    if isinstance(short, Months | Years) and isinstance(long, Months | Years):
        return _in_months(short) <= _in_months(long)
    until_midnight = isinstance(long, Hours | Minutes) and not isinstance(short, Hours | Minutes)
    return _most(short) + until_midnight <= _fewest(long)


def _in_months(span: Months | Years) -> int:
    return span.n if isinstance(span, Months) else span.n * 12


def _fewest(span: Duration) -> float:
    match span:
        case WorkingDays():  # (4)
            return span.n + span.n // 7
        case NaturalDays():
            return span.n
        case Months() | Years():
            years, months = divmod(_in_months(span), 12)
            return years * 365 + _SHORTEST_MONTHS[months]
        case Hours():
            return span.n / 24
        case Minutes():
            return span.n / 1440


def _most(span: Duration) -> float:
    match span:
        case WorkingDays():  # (4)
            return span.n + 2 * -(-span.n // 5) + LONGEST_REST * (1 + span.n // 30)
        case NaturalDays():
            return span.n
        case Months() | Years():
            years, months = divmod(_in_months(span), 12)
            return years * 365 + -(-years // 4) + _LONGEST_MONTHS[months]
        case Hours():
            return span.n / 24
        case Minutes():
            return span.n / 1440
