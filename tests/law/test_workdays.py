"""The shipped notices, held against two independent data sets day by day."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from shounuo.errors import Misconfigured
from shounuo.law.workdays import calendar, read

YEARS = range(2021, 2027)
NOTICE = """
- year: 2027
  number: 国办发明电〔2026〕0号
  issued: 2026-11-25
  at: www.gov.cn
  text_seen: false
  number_seen: false
  days:
    元旦: {rest: [01-01], work: [01-03, 2026-12-26]}
"""


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_chinesecalendar(year):
    """Not a day differs from the PyPI package `chinesecalendar`."""
    assert [calendar().is_working_day(day) for day in days_of(year)] == [
        chinese_calendar.is_workday(day) for day in days_of(year)
    ]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_holidays(year):
    """Not a day differs from the PyPI package `holidays`."""
    china = holidays.country_holidays("CN", years=year)
    assert [calendar().is_working_day(day) for day in days_of(year)] == [
        china.is_working_day(day) for day in days_of(year)
    ]


@pytest.mark.parametrize(
    ("year", "working"), [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
)
def test_each_year_has_its_number_of_working_days(year, working):
    """The counts were made apart from the file."""
    assert sum(map(calendar().is_working_day, days_of(year))) == working


def test_what_has_no_notice_is_not_known():
    """Six years are known, and each says by which notice, issued in the year before."""
    assert [year.year for year in calendar().years] == list(YEARS)
    for year in calendar().years:
        assert year.notice.startswith(f"国办发明电〔{year.year - 1}〕")
        assert year.issued.year == year.year - 1


def test_a_later_file_is_read_the_same_way():
    """Rest days, make-up days, and one of the December before."""
    known = read(NOTICE)
    assert not known.is_working_day(date(2027, 1, 1))
    assert known.is_working_day(date(2027, 1, 3))
    assert known.years[0].weekend_workdays == {date(2027, 1, 3), date(2026, 12, 26)}
    assert calendar().announce(known.years[0]).is_working_day(date(2026, 12, 26))


@pytest.mark.parametrize(
    ("this", "by", "wrong"),
    [
        ("rest: [01-01]", "rest: [02-29]", "`02-29`, which is no day"),
        ("rest: [01-01]", "rest: [1 January]", "which is no day"),
        ("rest: [01-01]", "rest: [01-02]", "2027-01-02 is a Saturday"),
        ("rest: [01-01]", "rest: [01-01, 2027-01-01]", "names a day twice"),
        ("rest: [01-01]", "rest: [01-01], rest: [01-04]", "stands twice in line 9"),
        ("rest: [01-01]", "rset: [01-01]", "unknown field `rset`"),
        ("year: 2027", "year: soon", "int"),
        ("  at: www.gov.cn\n", "", "missing required field `at`"),
        ("- year", "? [year", "cannot be read"),
        ("\n- year", f"{NOTICE}\n- year", "a year stands twice"),
    ],
)
def test_a_file_is_read_whole_or_not_at_all(this, by, wrong):
    """The message names the fault."""
    assert this in NOTICE
    with pytest.raises(Misconfigured, match=wrong):
        read(NOTICE.replace(this, by))
