"""The words of a clause, in both languages and beside its own figures: what is read there, and what contradicts."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core import figures
from shounuo.core.clause import Clause, Kind, Words
from shounuo.core.consistency import check
from shounuo.core.duration import (
    AtLeast,
    Bound,
    EarlierOf,
    LongestOf,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.language.load import load

WHOLE: Any = load((Path(__file__).parent / "whole.yaml").read_bytes(), "whole.yaml")

CHINESE = [
    ("保存五年", [("month", 60)]),
    ("至少保存3年", [("month", 36)]),
    ("十二个月内", [("month", 12)]),
    ("二十四小时或90分钟", [("minute", 1440), ("minute", 90)]),
    ("十五个工作日", [("working day", 15)]),
    ("30天", [("natural day", 30)]),
    ("七日", [("natural day", 7)]),
    ("三百六十五个自然日", [("natural day", 365)]),
    ("三十（30）日内", [("natural day", 30)]),
    ("3至5个工作日", [("working day", 3), ("working day", 5)]),
    ("半年后", [("month", 6)]),
    ("一年半", [("month", 18)]),
    ("两周内", [("natural day", 14)]),
    ("不满十四周岁", [("age", 14)]),
    ("未满18岁", [("age", 18)]),
    # what is no figure of a time or an age
    ("2024年8月1日起施行", []),
    ("二〇二四年三月起", []),
    ("每年3月15日前", []),
    ("第三个工作日", []),
    ("7*8小时客服热线", []),
    ("每天24小时、每周5天", []),
    ("三五天、三五百日", []),
    ("一年级、两个版本、三项措施、百分之百", []),
]
ENGLISH = [
    ("kept for five years", [("month", 60)]),
    ("at least 3 years", [("month", 36)]),
    ("within fifteen working days", [("working day", 15)]),
    ("within 10 business days", [("working day", 10)]),
    ("thirty (30) calendar days", [("natural day", 30)]),
    ("a 30-day period", [("natural day", 30)]),
    ("twenty-four hours", [("minute", 24 * 60)]),
    ("three to five working days", [("working day", 3), ("working day", 5)]),
    ("one hundred and eighty days", [("natural day", 180)]),
    ("1.5 years", [("month", 18)]),
    ("two and a half years", [("month", 30)]),
    ("3-5 working days", [("working day", 3), ("working day", 5)]),
    ("two weeks", [("natural day", 14)]),
    ("children aged fourteen", [("age", 14)]),
    ("18 years old", [("age", 18)]),
    ("under the age of 14", [("age", 14)]),
    # what is no figure of a time or an age
    ("1 August 2024", []),
    ("8 hours on 7 days", []),
    ("24 hours a day, five days a week", []),
    ("twice a year", []),
    ("version 4.0 of 2021-12", []),
    ("under 14", []),
    ("aged people", []),
]


def read(carried: figures.Carried) -> list[tuple[str, Fraction]]:
    """Unit and count of what a text carries."""
    return [(figure.unit, figure.n) for figure in carried.said]


@pytest.mark.parametrize(("text", "expected"), CHINESE)
def test_chinese_figures_are_read(text: str, expected: Any) -> None:
    """In figures and numerals; a date, an ordinal and opening hours are none."""
    assert read(figures.chinese(text)) == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_english_figures_are_read(text: str, expected: Any) -> None:
    """In figures and words; a date, a rhythm and opening hours are none."""
    assert read(figures.english(text)) == expected


def test_a_bare_age_is_read_where_ages_are_spoken_of() -> None:
    """`under 14` is an age beside 14周岁, and `under 14 days` is a time all the same."""
    assert read(figures.english("no child under 14", ages=True)) == [("age", 14)]
    assert read(figures.english("kept under 14 days", ages=True)) == [("natural day", 14)]


def clause(zh: str, en: str, **says: Any) -> Clause:
    """A clause with these words and figures."""
    return Clause(
        id="acme-1", kind=Kind.CONTROL, says=Words(zh, en), line=7, numbers=says, items=says.pop("items", {})
    )


def found(one: Clause) -> list[tuple[str, str]]:
    """Severity and words of every finding on it."""
    policy = replace(WHOLE, clauses=MappingProxyType({one.id: one}))
    return [(fault.severity, fault.wrong) for fault in figures.check(policy)]


AGREES = [
    clause("保存三年", "kept for 3 years", for_=Years(3)),
    clause("保存三年", "kept for thirty-six months", for_=Months(36)),
    clause("保存一年", "kept for a year", for_=Months(12)),
    clause("每年一次", "once a year", every=Months(12)),
    clause("半年后删除", "erased after half a year"),
    clause("一个工作日内", "within a working day"),
    clause("当天", "half a day"),
    clause("至少三年", "at least three years", for_=AtLeast(Years(3))),
    clause("三个工作日内", "within three working days", within=Usually(WorkingDays(3), NaturalDays(7))),
    clause("15个工作日内", "within 15 working days", within=EarlierOf((WorkingDays(15), NaturalDays(15)))),
    clause("及时处理", "dealt with promptly", within=WorkingDays(5)),  # another clause says when
    clause(
        "不满14周岁的，及时删除",
        "of children under 14 is deleted promptly",
        found=Bound("及时", WorkingDays(5)),
    ),
    clause("不满18周岁的", "whoever is under 18", **{"from": 14, "under": 18}),
    clause("最多20人", "at most 20 people", alike=20),
]
CONTRADICTS = [
    (clause("保存五年", "kept for five years", for_=Years(3)), ["error", "error"]),
    (clause("保存五年", "kept for three years"), ["error"]),
    (clause("十个工作日内", "within five working days"), ["error"]),
    (clause("十五日内", "within fifteen working days"), ["error"]),
    (clause("十五日内", "within fifteen days", within=WorkingDays(15)), ["error", "error"]),
    (clause("不满14周岁", "under 16"), ["error"]),
    (clause("不满14周岁", "under 14", **{"minors.young.under": 16}), ["error", "error"]),
    (clause("保存三年", "kept as long as needed"), ["warning"]),
    (clause("尽快", "within five working days"), ["warning"]),
    (
        clause("保存六个月", "kept for six months", for_=LongestOf((Years(1), Bound("约定", Months(6))))),
        ["error", "error"],
    ),
]


@pytest.mark.parametrize("one", AGREES, ids=lambda one: one.says.zh)
def test_words_that_agree_are_let_be(one: Clause) -> None:
    """Other units for the same time, one of several terms, and what is said without a figure."""
    assert found(one) == []


@pytest.mark.parametrize(
    ("one", "weights"), CONTRADICTS, ids=lambda one: getattr(getattr(one, "says", None), "zh", "")
)
def test_words_that_contradict_are_told(one: Clause, weights: list[str]) -> None:
    """Between the languages, and between the words and what the clause fixes."""
    assert [weight for weight, _ in found(one)] == weights


def test_a_later_clause_is_a_warning() -> None:
    """As every finding on it is."""
    one = replace(clause("保存五年", "kept for three years"), later="the store is not built")
    assert [weight for weight, _ in found(one)] == ["warning"]


def test_the_finding_says_what_stands_where() -> None:
    """Both words as written, the figure as the entry has it, the clause's line."""
    one = clause("保存五年", "kept for five years", **{"for": Years(3)})
    assert found(one)[0][1] == "its Chinese words say `五年`, and it fixes `for: 3 years`"
    assert found(clause("保存五年", "kept for three years"))[0][1] == (
        "its Chinese words say `五年`, its English words `three years`"
    )


def test_compile_holds_the_words_too() -> None:
    """`check` tells what this module finds."""
    name, one = next(iter(WHOLE.clauses.items()))
    slip = replace(one, says=Words("保存五年", "kept for three years"))
    clauses = MappingProxyType({**WHOLE.clauses, name: slip})
    assert "figures" in {fault.code for fault in check(replace(WHOLE, clauses=clauses))}
