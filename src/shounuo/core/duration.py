"""The kinds of time a promise can name: durations, deadlines, keeping periods, ages.

1. A duration is a whole number and a unit, both said, in one spelling. A bare number and a bare "days" are
   refused: working days and natural days are different promises.
2. Kinds never mix. Durations are not added and have no order, not even within one kind: only the dates a
   calendar makes of them can be compared.
3. Everything has a limit; nothing is zero or negative.
4. A deadline may be said with a number, with a bound of our own where the text gives none (`Bound`), with a
   usual and an outer time (`Usually`), or as the earlier of several (`EarlierOf`).
5. A keeping period may be said with a number, a bound, a floor (`AtLeast`), a ceiling (`AtMost`), or as the
   longest of several (`LongestOf`). Keeping is counted in natural units; working days are for duties.
6. An age is a whole number of years since birth.
7. Opening hours are hours a day and days a week.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, NewType


@dataclass(frozen=True, slots=True)
class _Counted:
    """A whole number of one unit. (1, 3)"""

    n: int
    unit: ClassVar[str]
    most: ClassVar[int]

    def __post_init__(self) -> None:
        if type(self.n) is not int or not 1 <= self.n <= self.most:  # (3)
            allowed = f"write a whole number of {self.unit}s from 1 to {self.most}"
            raise ValueError(f"`{self.n} {self.unit}s` is not a duration: {allowed}")

    def __str__(self) -> str:
        return f"{self.n} {self.unit}" if self.n == 1 else f"{self.n} {self.unit}s"


@dataclass(frozen=True, slots=True)
class WorkingDays(_Counted):
    """Days that are working days by the State Council's notices (工作日)."""

    unit: ClassVar[str] = "working day"
    most: ClassVar[int] = 1_000


@dataclass(frozen=True, slots=True)
class NaturalDays(_Counted):
    """Every day on the wall calendar (自然日)."""

    unit: ClassVar[str] = "natural day"
    most: ClassVar[int] = 36_500


@dataclass(frozen=True, slots=True)
class Months(_Counted):
    """Calendar months, ending on the day of the same number, or on the month's last."""

    unit: ClassVar[str] = "month"
    most: ClassVar[int] = 1_200


@dataclass(frozen=True, slots=True)
class Years(_Counted):
    """Calendar years, ending on the same date, or on 28 February."""

    unit: ClassVar[str] = "year"
    most: ClassVar[int] = 100


@dataclass(frozen=True, slots=True)
class Hours(_Counted):
    """Hours that run through nights and holidays."""

    unit: ClassVar[str] = "hour"
    most: ClassVar[int] = 8_760


@dataclass(frozen=True, slots=True)
class Minutes(_Counted):
    """Minutes that run through nights and holidays."""

    unit: ClassVar[str] = "minute"
    most: ClassVar[int] = 10_080


NaturalDuration = NaturalDays | Months | Years | Hours | Minutes
Duration = WorkingDays | NaturalDuration


@dataclass(frozen=True, slots=True)
class Bound:
    """The text gives no number (`says`), so the operator sets its own (`bound`) and says that it did. (4)"""

    says: str
    bound: Duration

    def __str__(self) -> str:
        return f"{self.says} ({self.bound})"


@dataclass(frozen=True, slots=True)
class Usually:
    """`usually` may be passed only with a reason recorded before; `at_most` never. (4)"""

    usually: Duration
    at_most: Duration

    def __str__(self) -> str:
        return f"usually {self.usually}, at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class EarlierOf:
    """Whichever of these ends first on the calendar. (4)"""

    terms: tuple[Duration, ...]

    def __post_init__(self) -> None:
        _several(self.terms, "earlier-of")

    def __str__(self) -> str:
        return f"the earlier of {', '.join(map(str, self.terms))}"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Kept no shorter than this; there is a law or a consent behind it. (5)"""

    period: Duration

    def __str__(self) -> str:
        return f"at least {self.period}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """Kept no longer than this. (5)"""

    period: Duration

    def __str__(self) -> str:
        return f"at most {self.period}"


@dataclass(frozen=True, slots=True)
class LongestOf:
    """Whichever of these ends last on the calendar. (5)"""

    terms: tuple[Bound | Duration, ...]

    def __post_init__(self) -> None:
        _several(self.terms, "longest-of")

    def __str__(self) -> str:
        return f"the longest of {', '.join(map(str, self.terms))}"


@dataclass(frozen=True, slots=True)
class OpenHours:
    """How long a channel is attended. (7)"""

    hours: int
    days: int

    def __str__(self) -> str:
        return f"{self.hours} hours on {self.days} days"


Deadline = Duration | Bound | Usually | EarlierOf
Period = Duration | Bound | AtLeast | AtMost | LongestOf
Age = NewType("Age", int)  # (6)

MOST_YEARS_OLD = 150

_KINDS: tuple[type[Duration], ...] = (WorkingDays, NaturalDays, Months, Years, Hours, Minutes)
_BY_UNIT: dict[str, type[Duration]] = {kind.unit: kind for kind in _KINDS}
_DURATION = re.compile(r"([1-9][0-9]{0,5}) ([a-z]+(?: [a-z]+)?)")
_OPEN = re.compile(r"([1-9]|1[0-9]|2[0-4]) hours on ([1-7]) days")
_AGE = re.compile(r"([1-9][0-9]{0,2}) years old")
_WRITE = (
    "write a whole number and one of working days, natural days, months, years, hours, minutes,"
    " as in `5 working days`"
)
_WRITE_NATURAL = (
    "write a whole number and one of natural days, months, years, hours, minutes, as in `6 months`"
)


def parse_duration(text: str, *, natural: bool = False) -> Duration:
    """Read a duration such as `5 working days`. Raises ValueError with the remedy. (1, 3)

    `str` of the answer gives back the same text. With `natural` no remedy offers working days: keeping is not
    counted in them. (5)
    """
    if found := _DURATION.fullmatch(text):
        count, unit = int(found[1]), found[2]
        kind = _BY_UNIT.get(unit.removesuffix("s"))
        if kind is not None:
            duration = kind(count)
            if str(duration) != text:
                raise ValueError(f"`{text}` has the wrong number: write `{duration}`")
            return duration
        if unit in ("day", "days"):
            or_working = "" if natural else f" or `{WorkingDays(count)}`"
            raise ValueError(f"`{text}` does not say which days: write `{NaturalDays(count)}`{or_working}")
    raise ValueError(f"`{text}` is not a duration: {_WRITE_NATURAL if natural else _WRITE}")


def parse_age(text: str) -> Age:
    """Read an age such as `14 years old`, in whole years. Raises ValueError with the remedy. (6)"""
    found = _AGE.fullmatch(text)
    if found is None or int(found[1]) > MOST_YEARS_OLD:
        raise ValueError(f"`{text}` is not an age: write it like `14 years old`, at most {MOST_YEARS_OLD}")
    return Age(int(found[1]))


def parse_hours(text: str) -> OpenHours:
    """Read opening hours such as `8 hours on 7 days`. Raises ValueError with the remedy. (7)"""
    if (found := _OPEN.fullmatch(text)) is None:
        raise ValueError(f"`{text}` does not say how long and on how many days of the week it is attended")
    return OpenHours(int(found[1]), int(found[2]))


def in_natural_units(period: Period) -> bool:
    """Whether a keeping period avoids working days, as it must. (5)"""
    match period:
        case Bound():
            return in_natural_units(period.bound)
        case AtLeast() | AtMost():
            return in_natural_units(period.period)
        case LongestOf():
            return all(in_natural_units(term) for term in period.terms)
        case _:
            return not isinstance(period, WorkingDays)


def _several(terms: tuple[object, ...], name: str) -> None:
    if len(terms) < 2:
        raise ValueError(f"`{name}` needs at least two terms to choose from")
