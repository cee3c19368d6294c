"""How things are said in one language: the words of the policy language, dates, times.

1. A word of the language has words in both languages (`words.yaml`). One without is shown as it stands, never left out.
2. Working days and natural days are told apart in every language; where the text names no number, both its own words
   and the number we set ourselves are said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources

import yaml

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Words
from shounuo.core.duration import AtLeast, AtMost, Bound, EarlierOf, LongestOf, Usually, parse_duration
from shounuo.core.phrase import PHRASES

LANGUAGES = ("zh-CN", "en")
Tables = Mapping[str, Mapping[str, list[str]]]

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS = {
    "working day": "个工作日", "natural day": "个自然日", "month": "个月", "year": "年", "hour": "小时", "minute": "分钟",
}  # fmt: skip

# table -> word of the policy language -> [Chinese, English]
WORDS: Tables = {
    **yaml.safe_load(resources.files("shounuo.render").joinpath("words.yaml").read_text("utf-8"))
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says things in one language; `tables` may know more words than the policy language has."""

    language: str
    tables: Tables = field(default_factory=lambda: WORDS, repr=False)

    def __call__(self, zh: str, en: str) -> str:
        """Whichever of the two is in this language."""
        return zh if self.language == "zh-CN" else en

    @property
    def comma(self) -> str:
        """What stands between the members of a list."""
        return self("、", ", ")

    @property
    def colon(self) -> str:
        """What stands between a name and what it is."""
        return self("：", ": ")

    @property
    def semicolon(self) -> str:
        """What stands between things that hold together."""
        return self("；", "; ")

    def said(self, words: Words | None, otherwise: str = "") -> str:
        """Two-language words in this language."""
        return self(words.zh, words.en) if words is not None else otherwise

    def word(self, table: str, code: str) -> str:
        """The words for one of the language's own words, or the word itself. (1)"""
        found = self.known(table, code)
        return code if found is None else found

    def known(self, table: str, code: str) -> str | None:
        """The words for one of the language's own words, where there are any."""
        if table == "shows" and code in PHRASES:
            return self.said(PHRASES[code])
        found = self.tables.get(table, {}).get(code)
        return None if found is None else self(found[0], found[1])

    def day(self, day: date) -> str:
        """`2024年3月22日`, `22 March 2024`."""
        return self(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")

    def moment(self, at: datetime) -> str:
        """Day and minute in Beijing."""
        there = at.astimezone(BEIJING)
        return f"{self.day(there.date())}{self(' ', ', ')}{there:%H:%M}"

    def span(self, span: object) -> str:
        """A duration, deadline or period. (2)"""
        match span:
            case str():
                return self.span(parse_duration(span))
            case Bound(says=says, bound=bound):
                return self(
                    f"{says}（我们定为{self.span(bound)}）",
                    f"{self.span(bound)}, set by us; the text names no number (“{says}”)",
                )
            case Usually(usually=usually, at_most=most):
                return self(
                    f"一般{self.span(usually)}，最长{self.span(most)}",
                    f"usually {self.span(usually)}, at most {self.span(most)}",
                )
            case AtLeast(period=period):
                return self(f"不少于{self.span(period)}", f"at least {self.span(period)}")
            case AtMost(period=period):
                return self(f"不超过{self.span(period)}", f"at most {self.span(period)}")
            case EarlierOf(terms=terms):
                ends = self("，以先到者为准", ", whichever ends first")
                return self.comma.join(map(self.span, terms)) + ends
            case LongestOf(terms=terms):
                ends = self("，以最长者为准", ", whichever ends last")
                return self.semicolon.join(map(self.span, terms)) + ends
            case _:
                n, unit = getattr(span, "n", 0), getattr(span, "unit", "")
                return self(f"{n}{_UNITS.get(unit, unit)}", str(span).replace("natural day", "day"))
