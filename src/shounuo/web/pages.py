"""Pages people see: server-rendered, in Chinese and English, without inline script or style.

1. The language is asked for with `?lang=`, else it is what the browser prefers, else Chinese. A link keeps what was asked.
2. Everything is escaped; a page has no markup but its template's, and that of `render.html`, which escapes every word.
3. Times are shown in Beijing time. A deadline is shown as its last day, the day on which it is still in time.
4. A word without a translation is shown as it stands in the policy, never left out.
"""

import re
from collections.abc import Mapping
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
from shounuo.render.tongue import LANGUAGES, Tables, Tongue
from shounuo.render.tongue import WORDS as LANGUAGE_WORDS

# The words of the policy language, and the console's own.
WORDS: Tables = {
    **LANGUAGE_WORDS,
    **yaml.safe_load(resources.files("shounuo.web").joinpath("templates/words.yaml").read_text("utf-8")),
}

_environment = Environment(
    loader=PackageLoader("shounuo.web", "templates"), autoescape=select_autoescape(default=True), undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


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


# What `render.html` made has every word escaped already; nothing else may be marked so. (2)
_environment.filters["markup"] = Markup
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
        say=Tongue(language, WORDS),
        other=Tongue("en" if language == "zh-CN" else "zh-CN", WORDS),
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
