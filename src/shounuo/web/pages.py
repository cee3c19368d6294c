"""Pages people see: server-rendered, in Chinese and English, without inline script or style.

1. The language is asked for with `?lang=`, else it is what the browser prefers, else Chinese. A link keeps what was asked.
2. Everything is escaped; a page has no markup but its template's.
3. Times are shown in Beijing time. A deadline is shown as its last day, the day on which it is still in time.
4. A word without a translation is shown as it stands in the policy, never left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any
from urllib.parse import urlencode

import yaml
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Words
from shounuo.core.duration import AtLeast, AtMost, Bound, EarlierOf, LongestOf, Usually, parse_duration

LANGUAGES = ("zh-CN", "en")

_MONTHS = (
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
)
_UNITS = {
    "working day": "个工作日", "natural day": "个自然日", "month": "个月", "year": "年", "hour": "小时", "minute": "分钟",
}  # fmt: skip

# table -> word of the policy or the system -> [Chinese, English]
WORDS: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
    resources.files("shounuo.web").joinpath("templates/words.yaml").read_text("utf-8")
)

_environment = Environment(
    loader=PackageLoader("shounuo.web", "templates"), autoescape=select_autoescape(default=True), undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says things in one language; templates know it as `say`."""

    language: str

    def __call__(self, zh: str, en: str) -> str:
        """Whichever of the two is in this language."""
        return zh if self.language == "zh-CN" else en

    def said(self, words: Words | None, otherwise: str = "") -> str:
        """Two-language words in this language."""
        return self(words.zh, words.en) if words is not None else otherwise

    def word(self, table: str, code: str) -> str:
        """The words for one of the system's own words, or the word itself. (4)"""
        known = WORDS[table].get(code)
        return self(known[0], known[1]) if known is not None else code

    def day(self, day: date) -> str:
        """`2024年3月22日`, `22 March 2024`."""
        return self(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")

    def moment(self, at: datetime) -> str:
        """Day and minute in Beijing. (3)"""
        there = at.astimezone(BEIJING)
        return f"{self.day(there.date())}{self(' ', ', ')}{there:%H:%M}"

    def span(self, span: object) -> str:
        """A duration, deadline or period."""
        match span:
            case str():
                return self.span(parse_duration(span))
            case Bound(says=says, bound=bound):
                return self(
                    f"{says}（本系统定为{self.span(bound)}）",
                    f"as the text says, “{says}”; set here to {self.span(bound)}",
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
                return self("、", ", ").join(map(self.span, terms)) + self(
                    "，以先到者为准", ", whichever ends first"
                )
            case LongestOf(terms=terms):
                return self("、", ", ").join(map(self.span, terms)) + self(
                    "，以最长者为准", ", whichever ends last"
                )
            case _:
                n, unit = getattr(span, "n", 0), getattr(span, "unit", "")
                return self(f"{n}{_UNITS.get(unit, unit)}", str(span).replace("natural day", "day"))


def last_day(due: datetime) -> date:
    """The last day in Beijing on which what is due is in time. (3)"""
    return (due - timedelta(microseconds=1)).astimezone(BEIJING).date()


def days_left(due: datetime, now: datetime) -> int:
    """Days from today to the last day; 0 is today, below it is overdue."""
    return (last_day(due) - now.astimezone(BEIJING).date()).days


def marked(text: str, sought: str) -> Markup:
    """`text` with the words sought marked. (2)"""
    words = "|".join(map(re.escape, sought.split()))
    pieces = re.split(f"({words})", text, flags=re.IGNORECASE) if words else [text]
    return Markup("").join(
        Markup("<mark>{}</mark>").format(one) if at % 2 else escape(one) for at, one in enumerate(pieces)
    )


_environment.globals.update(last_day=last_day, days_left=days_left, marked=marked)


def language_of(request: Request) -> str:
    """The language of a page. (1)"""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    preferred = request.headers.get("accept-language", "").lower()
    return "en" if preferred.startswith("en") else "zh-CN"


def render(template: str, language: str, path: str, query: Mapping[str, str], **context: Any) -> str:
    """The text of a page at `path`, called with `query`."""
    asked = {"lang": query["lang"]} if query.get("lang") in LANGUAGES else {}

    def link(to: str, **more: str | None) -> str:
        """An address on this site that keeps the language asked for. (1)"""
        kept = {key: value for key, value in {**asked, **more}.items() if value}
        base, sharp, anchor = to.partition("#")
        return base + (f"?{urlencode(kept)}" if kept else "") + sharp + anchor

    def here(**more: str | None) -> str:
        """The same page, asked otherwise."""
        return link(path, **{**query, **more})

    return _environment.get_template(template).render(
        language=language,
        say=Tongue(language),
        other=Tongue("en" if language == "zh-CN" else "zh-CN"),
        link=link,
        here=here,
        path=path,
        query=query,
        **context,
    )


def page(request: Request, template: str, **context: Any) -> HTMLResponse:
    """A rendered page."""
    language = language_of(request)
    text = render(template, language, request.url.path, dict(request.query_params), **context)
    return HTMLResponse(text, headers={"Content-Language": language, "Vary": "Accept-Language"})
