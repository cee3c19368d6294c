"""What a promise may say about time, and what it may not."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    WorkingDays,
    Years,
    in_natural_units,
    parse_age,
    parse_duration,
    parse_hours,
)

KINDS = (WorkingDays, NaturalDays, Months, Years, Hours, Minutes)
DURATIONS = st.sampled_from(KINDS).flatmap(lambda kind: st.integers(1, kind.most).map(kind))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("5 working days", WorkingDays(5)),
        ("1 working day", WorkingDays(1)),
        ("15 natural days", NaturalDays(15)),
        ("1 natural day", NaturalDays(1)),
        ("3 years", Years(3)),
        ("1 year", Years(1)),
        ("6 months", Months(6)),
        ("2 hours", Hours(2)),
        ("30 minutes", Minutes(30)),
    ],
)
def test_each_unit_is_read_and_written_alike(text, duration):
    """A duration is a number and a unit, and writes itself as it is read."""
    assert parse_duration(text) == duration
    assert str(duration) == text


@given(DURATIONS)
def test_every_duration_round_trips(duration):
    """Whatever can be built can be written and read back."""
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("5", "write a whole number and one of"),
        ("", "write a whole number and one of"),
        ("days", "write a whole number and one of"),
        ("15 days", "write `15 natural days` or `15 working days`"),
        ("1 day", "write `1 natural day` or `1 working day`"),
        ("5 workdays", "write a whole number and one of"),
        ("5 calendar days", "write a whole number and one of"),
        ("2 weeks", "write a whole number and one of"),
        ("5 working day", "write `5 working days`"),
        ("1 natural days", "write `1 natural day`"),
        ("0 working days", "write a whole number and one of"),
        ("-1 working days", "write a whole number and one of"),
        ("05 working days", "write a whole number and one of"),
        ("1.5 hours", "write a whole number and one of"),
        ("５ working days", "write a whole number and one of"),
        ("5  working days", "write a whole number and one of"),
        (" 5 working days", "write a whole number and one of"),
        ("5 working days\n", "write a whole number and one of"),
        ("5 Working Days", "write a whole number and one of"),
        ("1001 working days", "from 1 to 1000"),
        ("101 years", "from 1 to 100"),
        ("9999999 minutes", "write a whole number and one of"),
        ("permanently", "write a whole number and one of"),
    ],
)
def test_what_is_no_duration_is_refused_with_the_remedy(text, remedy):
    """A bare number, bare days, too much and other words are refused; the message says what to write."""
    with pytest.raises(ValueError, match=re.escape(remedy)):
        parse_duration(text)


@pytest.mark.parametrize("n", [0, -1, True, 1.0, "5", None])
def test_a_duration_is_a_whole_number_above_nothing(n):
    """The types hold the same limits as the text."""
    with pytest.raises(ValueError, match="from 1 to 1000"):
        WorkingDays(n)


@pytest.mark.parametrize(("one", "other"), [*combinations([kind(5) for kind in KINDS], 2)])
def test_kinds_never_mix(one, other):
    """Five working days are not five natural days: not equal, not ordered, not added."""
    assert one != other
    with pytest.raises(TypeError):
        one < other  # noqa: B015
    with pytest.raises(TypeError):
        one + other


def test_even_one_kind_has_no_order():
    """Only dates are compared."""
    with pytest.raises(TypeError):
        WorkingDays(1) < WorkingDays(2)  # noqa: B015


@pytest.mark.parametrize("terms", [(), (WorkingDays(5),)])
@pytest.mark.parametrize("of", [EarlierOf, LongestOf])
def test_a_choice_has_something_to_choose_from(of, terms):
    """No term or a single one is no choice."""
    with pytest.raises(ValueError, match="at least two"):
        of(terms)


@pytest.mark.parametrize(("text", "age"), [("14 years old", 14), ("1 years old", 1), ("150 years old", 150)])
def test_an_age_is_whole_years(text, age):
    """An age is read as its years."""
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["14", "14 years", "0 years old", "151 years old", "under 14 years old", ""])
def test_what_is_no_age_is_refused(text):
    """A duration or a bare number is no age."""
    with pytest.raises(ValueError, match="14 years old"):
        parse_age(text)


@pytest.mark.parametrize(
    ("period", "natural"),
    [
        (Years(3), True),
        (WorkingDays(5), False),
        (Bound("必要期限", Months(12)), True),
        (Bound("必要期限", WorkingDays(12)), False),
        (AtLeast(Years(3)), True),
        (AtMost(WorkingDays(3)), False),
        (LongestOf((Years(1), Bound("同意的期限", Months(12)))), True),
        (LongestOf((Years(1), WorkingDays(3))), False),
    ],
)
def test_keeping_is_counted_in_natural_units(period, natural):
    """A keeping period with working days anywhere in it is known for what it is."""
    assert in_natural_units(period) is natural


@pytest.mark.parametrize("text", ["8 hours on 7 days", "24 hours on 1 days", "1 hours on 5 days"])
def test_opening_hours_are_hours_and_days(text: str) -> None:
    """What is read is said again in the same words."""
    assert str(parse_hours(text)) == text


@pytest.mark.parametrize(
    "text", ["", "8 hours", "25 hours on 7 days", "8 hours on 8 days", "0 hours on 1 days"]
)
def test_other_opening_hours_are_refused(text: str) -> None:
    """A day has 24 hours and a week seven days, and both are said."""
    with pytest.raises(ValueError, match="attended"):
        parse_hours(text)
