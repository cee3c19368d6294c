"""Read the figures in a clause's own words, and hold the two languages and the clause's figures against each other.

27. The words of a clause in Chinese and in English carry the same times and ages; and where its words carry any,
    they carry the ones it fixes in `numbers` and `items`.
    a. Only a figure with a unit is read: years, months, days, hours, minutes; an age. A date, an ordinal, opening
       hours and a rhythm (`twice a year`, 每周五天) are none.
    b. 天, 日 and a bare `day` are natural days: working days are said. Twelve months are a year and a week is
       seven days; hours are never made days, for a day does not end when twenty-four hours do.
    c. Of a time with several terms the words may carry one, and of a band of ages its upper end: another clause
       says the other.
    d. What one language says and the other leaves out is a warning; what they say differently is an error.
    e. `a year` may be a figure or a manner of speaking: it agrees with one, and is never held against one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from shounuo.core.clause import Clause, Part
from shounuo.core.duration import (
    AtLeast,
    AtMost,
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
from shounuo.core.policy import Policy
from shounuo.errors import Fault

AGE = "age"


class Figure(NamedTuple):
    """A count of one unit, in the least unit it can be told in without changing what it promises. (b)"""

    unit: str
    n: Fraction

    @property
    def sort(self) -> str:
        """`age` or `time`: what can be set beside what."""
        return AGE if self.unit == AGE else "time"


@dataclass(frozen=True, slots=True)
class Carried:
    """The figures a text carries, each as it is written there; `perhaps` are those that may be none. (e)"""

    said: dict[Figure, str]
    perhaps: frozenset[Figure]

    def of(self, sort: str) -> dict[Figure, str]:
        """The figures of one sort."""
        return {figure: words for figure, words in self.said.items() if figure.sort == sort}


def check(policy: Policy) -> Iterator[Fault]:
    """Every clause whose words contradict each other or its own figures. (27)"""
    for clause in policy.clauses.values():
        fixed = _fixed(clause)
        zh = chinese(clause.says.zh)
        ages = bool(zh.of(AGE)) or any(figure.sort == AGE for _, _, one in fixed for figure in one)
        en = english(clause.says.en, ages=ages)
        if zh.said or en.said:
            yield from _between(clause, zh, en)
            yield from _against(clause, fixed, (("Chinese", zh), ("English", en)))


def _between(clause: Clause, zh: Carried, en: Carried) -> Iterator[Fault]:
    """The figures one language says and the other does not. (27)"""
    for sort in ("time", AGE):
        here, there = zh.of(sort), en.of(sort)
        only_zh = [
            words for figure, words in here.items() if figure not in there and figure not in en.perhaps
        ]
        only_en = [words for figure, words in there.items() if figure not in here]
        if not only_zh and not only_en:
            continue
        wrong = f"its Chinese words say {_quoted(here.values())}, its English words {_quoted(there.values())}"
        remedy = "make both languages say what the published text says"
        weight = clause.weight if here and there else "warning"  # (d)
        yield Fault(clause.line, clause.id, wrong, remedy, "figures", weight)


def _against(
    clause: Clause,
    fixed: list[tuple[str, object, tuple[Figure, ...]]],
    texts: tuple[tuple[str, Carried], ...],
) -> Iterator[Fault]:
    """The figures the clause fixes and its words do not carry, though they carry others. (27)"""
    for key, value, figures in fixed:
        for language, text in texts:
            carried = text.of(figures[0].sort)
            if carried and not any(one in carried or one in text.perhaps for one in figures):  # (c)
                wrong = f"its {language} words say {_quoted(carried.values())}, and it fixes `{key}: {value}`"
                remedy = "correct the one that the published text does not say"
                yield Fault(clause.line, clause.id, wrong, remedy, "figures", clause.weight)


def _quoted(words: Iterable[str]) -> str:
    found = [f"`{one}`" for one in words]
    return ", ".join(found) if found else "none"


# -- what a clause fixes ---------------------------------------------------------------------------

_DAYS, _WORKING, _MONTHS, _MINUTES = "natural day", "working day", "month", "minute"
_LEAST: dict[str, tuple[str, int]] = {  # the least unit, and how many of them (b)
    "year": (_MONTHS, 12),
    "quarter": (_MONTHS, 3),
    "month": (_MONTHS, 1),
    "fortnight": (_DAYS, 14),
    "week": (_DAYS, 7),
    "day": (_DAYS, 1),
    "working day": (_WORKING, 1),
    "hour": (_MINUTES, 60),
    "minute": (_MINUTES, 1),
    AGE: (AGE, 1),
}
_UNITS: dict[type, str] = {
    Years: "year",
    Months: "month",
    NaturalDays: "day",
    WorkingDays: "working day",
    Hours: "hour",
    Minutes: "minute",
}


def _figure(n: Fraction | int, unit: str) -> Figure:
    least, times = _LEAST[unit]
    return Figure(least, Fraction(n) * times)


def _fixed(clause: Clause) -> list[tuple[str, object, tuple[Figure, ...]]]:
    """The times and ages of `numbers` and `items`: key, value, and the figures of which the words carry one.

    What is `ours` the text leaves open, and a bound is ours: neither is in its words.
    """
    found: list[tuple[str, object, tuple[Figure, ...]]] = []
    for key, value in (*clause.numbers.items(), *clause.items.items()):
        if type(value) is int:
            prefix, _, field = key.rpartition(".")
            band = f"{prefix}.under" if prefix else "under"
            if field == "under" or (field == "from" and band not in clause.numbers):  # (c)
                found.append((key, f"{value} years old", (_figure(value, AGE),)))
            continue
        terms = value.of if isinstance(value, Part) else value if isinstance(value, tuple) else (value,)
        if figures := tuple(figure for term in terms for figure in counted(term)):
            found.append((key, value, figures))
    return found


def counted(value: object) -> tuple[Figure, ...]:
    """The figures of a time; what is a bound of ours has none."""
    match value:
        case Years() | Months() | NaturalDays() | WorkingDays() | Hours() | Minutes():
            return (_figure(value.n, _UNITS[type(value)]),)
        case AtLeast() | AtMost():
            return counted(value.period)
        case Usually():
            return (*counted(value.usually), *counted(value.at_most))
        case EarlierOf() | LongestOf():
            return tuple(figure for term in value.terms for figure in counted(term))
        case _:
            return ()


# -- Chinese ---------------------------------------------------------------------------------------

_ZH_DIGIT = {word: n for n, word in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_ZH_N = r"(?:[0-9０-９]+(?:\.[0-9]+)?|[一二两三四五六七八九十百]+)"
_ZH_UNITS = {
    "年": "year", "周年": "year", "个季度": "quarter", "个月": "month", "周": "week", "个星期": "week",
    "星期": "week", "天": "day", "日": "day", "自然日": "day", "个自然日": "day", "个日历日": "day",
    "日历日": "day", "个工作日": "working day", "工作日": "working day", "个工作天": "working day",
    "小时": "hour", "个小时": "hour", "分钟": "minute", "周岁": AGE, "岁": AGE,
}  # fmt: skip
_ZH_NO_FIGURE = re.compile(
    r"[0-9〇零一二三四五六七八九]{4}\s*年(?:度|\s*[0-9一二三四五六七八九十]{1,3}\s*月(?:\s*[0-9一二三四五六七八九十]{1,3}\s*[日号])?)?"
    r"|[0-9一二三四五六七八九十]{1,3}\s*月(?:份|\s*[0-9一二三四五六七八九十]{1,3}\s*[日号])?"
    r"|每个?(?:天|日|周|星期|月|年)[^，。；、]{0,6}?[0-9一二两三四五六七八九十百]+\s*(?:个?小时|天|日)"
    r"|[0-9]+\s*[*×xX/]\s*[0-9]+\s*小时"
    rf"|第\s*{_ZH_N}\s*个?(?:年|月|周|星期|天|日|工作日|自然日|小时)"
)  # (a)
_ZH_FIGURE = re.compile(
    rf"(?<![0-9０-９.一二两三四五六七八九十百零〇])(?:({_ZH_N})\s*(?:至|到|或者?|[-–—~～])\s*)?({_ZH_N})"
    r"(?:\s*[（(]\s*[0-9]+\s*[）)])?(个半)?\s*"
    r"((?:个\s*)?(?:工作日|工作天|自然日|日历日|星期|季度|小时|月)|周岁|周年|岁|年(?![级代度])|周|天|日|分钟)(半)?"
    r"|半(个?)(年|月|小时)"
)
_ZH_HALF = {"年": ("month", 6), "月": ("day", 15), "小时": ("minute", 30)}
_ZH_ANY = re.compile(r"[0-9０-９一二两三四五六七八九十百半]")


def chinese(text: str) -> Carried:
    """The figures of a Chinese text. (a, b)"""
    said: dict[Figure, str] = {}
    if _ZH_ANY.search(text):
        for found in _ZH_FIGURE.finditer(_ZH_NO_FIGURE.sub("。", text)):
            if found[7]:
                n, unit = _ZH_HALF[found[7]][1], _ZH_HALF[found[7]][0]
                said.setdefault(_figure(n, unit), found[0])
                continue
            name = _ZH_UNITS.get(re.sub(r"\s", "", found[4]))
            half = Fraction(1, 2) if found[3] or found[5] else 0
            for one in (found[1], found[2]):
                n_or_none = _zh_number(one) if one else None
                if name and n_or_none is not None:
                    said.setdefault(_figure(n_or_none + half, name), found[0])
    return Carried(said, frozenset())


def _zh_number(word: str) -> Fraction | None:
    """A number in figures or Chinese numerals below a thousand; None for what is none, such as 三五."""
    if word[0].isdigit():
        return Fraction(word)
    whole, rest = 0, word
    for sign, worth in (("百", 100), ("十", 10)):
        before, mark, after = rest.partition(sign)
        if mark:
            if len(before) > 1 or (before and before not in _ZH_DIGIT):
                return None
            whole += worth * (_ZH_DIGIT[before] if before else 1)
            rest = after
    if len(rest) > 1:
        return None
    return Fraction(whole + (_ZH_DIGIT.get(rest, 0) if rest else 0))


# -- English ---------------------------------------------------------------------------------------

_EN_TEENS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN_WORDS = {word: n for n, word in enumerate(_EN_TEENS.split())} | {
    word: 10 * n for n, word in enumerate(_EN_TENS.split(), 2)
}
_EN_ONE = "|".join(sorted(_EN_WORDS, key=len, reverse=True))
_EN_N = rf"(?:[0-9]+(?:\.[0-9]+)?|(?:(?:{_EN_ONE})[ -])?hundred(?:(?: and)? (?:{_EN_ONE})(?:-(?:{_EN_ONE}))?)?|(?:{_EN_ONE})(?:-(?:{_EN_ONE}))?)"
_EN_UNIT = r"(year|quarter|month|fortnight|week|day|hour|minute)s?"
_EN_NO_FIGURE = re.compile(
    rf"\b{_EN_N}[ -]hours?(?: a| per| each| every| on)[ -](?:{_EN_N} )?(?:working )?days?\b"
    rf"|\b{_EN_N} days?(?: a| per| each| every) (?:week|month|year)\b|\b24/7\b"
    rf"|\b{_EN_N} (?:times )?(?:a|per|each) {_EN_UNIT}\b|\b(?:once|twice|times?) an? {_EN_UNIT}\b",
    re.IGNORECASE,
)  # (a)
_EN_TIME = re.compile(
    rf"(?<![\w.])(?:({_EN_N}(?= to | or )|[0-9.]+(?=[-–][0-9]))(?: to | or |[-–]))?({_EN_N})(?: \([0-9]+\))?( and a half)?[ -]"
    rf"(?:(working|business)|calendar|natural|consecutive|full|clear)?[ -]?{_EN_UNIT}\b"
    r"([ -](?:olds?|of age)\b)?",
    re.IGNORECASE,
)
_EN_HALF = {"year": (6, "month"), "month": (15, "day"), "hour": (30, "minute")}
_EN_PERHAPS = re.compile(
    rf"\b(half )?an? (?:(working|business|calendar|natural) )?{_EN_UNIT}\b( and a half)?", re.IGNORECASE
)
_EN_AGE = re.compile(r"\b(?:ages? of|aged?) ([0-9]{1,3}|[a-z]+(?:-[a-z]+)?)\b", re.IGNORECASE)
_EN_BARE_AGE = re.compile(
    rf"\b(?:under|below|over|above|least|than|to|turns?|reach(?:ed|es)?|from)[ -]({_EN_N})s?\b"
    rf"(?![ -](?:(?:working|business|calendar|natural) )?{_EN_UNIT}\b)",
    re.IGNORECASE,
)


def english(text: str, *, ages: bool = False) -> Carried:
    """The figures of an English text; with `ages`, `under 14` is one too, as it is where ages are spoken of. (a, b)"""
    said: dict[Figure, str] = {}
    text = _EN_NO_FIGURE.sub(";", text)
    for found in _EN_TIME.finditer(text):
        unit = found[5].lower()
        if found[6]:
            unit = AGE
        elif found[4] and unit == "day":
            unit = "working day"
        half = Fraction(1, 2) if found[3] else 0
        for one in (found[1], found[2]):
            n = _en_number(one) if one else None
            if n is not None:
                said.setdefault(_figure(n + half, unit), found[0])
    for pattern in (_EN_AGE, *((_EN_BARE_AGE,) if ages else ())):
        for found in pattern.finditer(text):
            n = _en_number(found[1])
            if n is not None:
                said.setdefault(_figure(n, AGE), found[0])
    return Carried(said, frozenset(_en_perhaps(text)))


def _en_perhaps(text: str) -> Iterator[Figure]:
    for found in _EN_PERHAPS.finditer(text):  # (e)
        unit = found[3].lower()
        if found[1]:
            if unit in _EN_HALF:
                yield _figure(*_EN_HALF[unit])
        elif found[2] and found[2].lower() in ("working", "business"):
            yield _figure(1, "working day")
        else:
            yield _figure(Fraction(3, 2) if found[4] else 1, unit)


def _en_number(words: str) -> Fraction | None:
    """A number in figures or words below a thousand; None for what is none, such as `of`."""
    if words[0].isdigit():
        return Fraction(words)
    total = 0
    for word in re.split(r"[ -]+", words.lower()):
        if word == "hundred":
            total = max(total, 1) * 100
        elif word in _EN_WORDS:
            total += _EN_WORDS[word]
        elif word != "and":
            return None
    return Fraction(total)
