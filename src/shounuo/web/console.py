"""The console: the promise wall and what is due. No personal information is on any of its pages.

1. Clauses stand by chapter, in the order of the text; what is not numbered stands under its own heading.
2. A filter or a search is an address, so it works without script and can be kept.
3. What is overdue stands out, and so does a date a notice still to come may move.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from shounuo.core.policy import Chapters
from shounuo.core.promise import PROBES, Status
from shounuo.core.rulebook import Rulebook
from shounuo.duties import answer, due, papers, promises, show
from shounuo.errors import NotFound
from shounuo.web.pages import days_left, page
from shounuo.web.routes.public import operator_of

router = APIRouter(include_in_schema=False)
_FIRST = (datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))
_MOST = 200
_SOON = 2  # days left
BINDING = (Status.BROKEN, Status.UNPROVEN, Status.PEOPLE, Status.EDGE, Status.KEPT)
_ORDER = (*BINDING, Status.NONE)


@dataclass(frozen=True, slots=True)
class Group:
    """The clauses of one chapter. `title` is as published, empty where the text has none. (1)"""

    key: str
    title: str
    promises: tuple[promises.Promise, ...]
    counts: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class Owed:
    """One open request with the days it has left; `mark` is `overdue`, `soon` or empty. (3)"""

    asked: answer.Asked
    left: int
    mark: str


def count(found: Iterable[promises.Promise]) -> dict[Status, int]:
    """How many stand how, in the order of urgency, zeros included."""
    held = [one.status for one in found]
    return {status: held.count(status) for status in _ORDER}


def groups(found: Iterable[promises.Promise], titles: tuple[str, ...]) -> list[Group]:
    """The clauses by chapter. (1)"""
    by: dict[str, list[promises.Promise]] = {}
    for one in found:
        by.setdefault(one.section.partition(".")[0], []).append(one)
    return [Group(key, _title(key, titles), tuple(ones), count(ones)) for key, ones in by.items()]


def _title(key: str, titles: tuple[str, ...]) -> str:
    return titles[int(key) - 1] if key.isdecimal() and 0 < int(key) <= len(titles) else ""


def sought(found: Iterable[promises.Promise], status: str, words: str) -> list[promises.Promise]:
    """The clauses of one status (or any) whose id or words hold `words`. (2)"""
    wanted = words.casefold().split()
    return [
        one for one in found
        if status in ("", one.status.value) and all(w in f"{one.id} {one.section} {one.zh} {one.en}".casefold() for w in wanted)
    ]  # fmt: skip


def owed(found: Iterable[answer.Asked], now: datetime) -> list[Owed]:
    """Open requests, the most urgent first. (3)"""
    rows = sorted(found, key=lambda one: one.due_at)
    return [Owed(one, (left := days_left(one.due_at, now)), _mark(left)) for one in rows]


def _mark(left: int) -> str:
    return "overdue" if left < 0 else "soon" if left <= _SOON else ""


@router.get("/")
def home(request: Request) -> Response:
    """To the wall of the operator this server was started for."""
    slug = request.app.state.slug
    if slug is None:
        raise NotFound("no-operator", "publish a policy first: `shounuo publish`")
    return RedirectResponse(f"/console/{slug}")


@router.get("/console/{slug}", response_class=HTMLResponse)
def promise_wall(slug: str, request: Request, status: str = "", q: str = "") -> HTMLResponse:
    """Every clause a tile."""
    parts, operator = operator_of(request, slug)
    wall, book = promises.wall(parts, operator), show.book_of(parts, operator)
    status = status if status in set(Status) else ""
    q = q.strip()[:100]
    found = sought(wall.promises, status, q)
    return page(
        request, "wall.html", **_shared(slug, wall, book), counts=count(wall.promises), binding=BINDING, status=status, q=q,
        groups=groups(found, _titles(book)), shown=len(found), broken=[p for p in wall.promises if p.status is Status.BROKEN],
    )  # fmt: skip


@router.get("/console/{slug}/clauses/{clause}", response_class=HTMLResponse)
def clause_page(slug: str, clause: str, request: Request) -> HTMLResponse:
    """One clause: its words, what keeps it, its last proof."""
    parts, operator = operator_of(request, slug)
    wall, book = promises.wall(parts, operator), show.book_of(parts, operator)
    place = next((at for at, one in enumerate(wall.promises) if one.id == clause), None)
    if place is None:
        raise NotFound("no-clause", "the policy in force has no such clause")
    promise = wall.promises[place]
    return page(
        request, "clause.html", **_shared(slug, wall, book), promise=promise, clause=book.policy.clauses.get(clause), stories=PROBES,
        chapter=_title(promise.section.partition(".")[0], _titles(book)), entries={path: book.entry(path) for path in promise.kept_by},
        pledges=[one for one in papers.pledges(parts, operator) if clause in one.clauses],
        before=wall.promises[place - 1] if place else None, after=next(iter(wall.promises[place + 1 :]), None),
    )  # fmt: skip


@router.get("/console/{slug}/due", response_class=HTMLResponse)
def due_page(slug: str, request: Request) -> HTMLResponse:
    """Open requests by deadline, provisional ones marked; and what people must confirm."""
    parts, operator = operator_of(request, slug)
    wall, book, now = promises.wall(parts, operator), show.book_of(parts, operator), parts.clock.now()
    rows = owed(answer.due_list(parts, operator, _FIRST, _MOST), now)
    kept = sorted(papers.pledges(parts, operator), key=lambda one: one.due_at)
    return page(
        request, "due.html", **_shared(slug, wall, book), requests=rows, most=_MOST, pledges=kept,
        damages=due.damages(parts, operator), now=now,
    )  # fmt: skip


def _shared(slug: str, wall: promises.Wall, book: Rulebook) -> dict[str, Any]:
    """What every page of the console says on top and at the foot."""
    text = book.policy.of("text")
    return {
        "slug": slug,
        "wall": wall,
        "book": book,
        "operator": text.get("operator"),
        "dates": text.get("dates"),
        "note": show.note_of(book),
    }


def _titles(book: Rulebook) -> tuple[str, ...]:
    chapters = book.policy.of("text").get("chapters")
    return chapters.titles if isinstance(chapters, Chapters) else ()


def mount(app: FastAPI) -> None:
    """Add the console and its style to `app`."""
    app.include_router(router)
    if not hasattr(app.state, "slug"):
        app.state.slug = None
    folder = resources.files("shounuo.web").joinpath("static")
    app.mount("/static", StaticFiles(directory=str(folder)), name="static")
