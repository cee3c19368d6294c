"""What anybody may read without a key: the policy in force, its registers, and what may be set on a device."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from shounuo.duties import operators, show
from shounuo.duties.parts import Parts
from shounuo.errors import NotFound
from shounuo.web.pages import language_of, page


class Markdown(PlainTextResponse):
    """A text in Markdown."""

    media_type = "text/markdown"


router = APIRouter(tags=["public"])
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]


def operator_of(request: Request, slug: str) -> tuple[Parts, UUID]:
    """The operator behind a public name."""
    parts: Parts = request.app.state.parts
    found = operators.find(parts, slug)
    if found is None:
        raise NotFound("no-operator", "there is no such operator")
    request.app.state.guard(found)
    return request.app.state.parts_for(found), found


@router.get("/policy/{slug}", response_class=HTMLResponse)
def policy_page(slug: str, request: Request) -> HTMLResponse:
    """The policy in force, as people read it."""
    return _text(slug, request, "full")


@router.get("/policy/{slug}/summary", response_class=HTMLResponse)
def summary_page(slug: str, request: Request) -> HTMLResponse:
    """Its summary."""
    return _text(slug, request, "summary")


@router.get("/policy/{slug}/register", response_class=HTMLResponse)
def register_page(slug: str, request: Request) -> HTMLResponse:
    """Every entry of the policy in force, with the clauses it keeps."""
    parts, operator = operator_of(request, slug)
    book, html = show.registers(parts, operator, language_of(request))
    return page(request, "register.html", slug=slug, book=book, html=html, note=show.note_of(book))


@router.get("/policy/{slug}/versions", response_class=HTMLResponse)
def versions_page(slug: str, request: Request) -> HTMLResponse:
    """Every version there has been, with its dates and what its texts are known by."""
    parts, operator = operator_of(request, slug)
    book, versions = show.archive(parts, operator)
    who = book.policy.of("text").get("operator")
    return page(
        request,
        "versions.html",
        slug=slug,
        book=book,
        versions=versions,
        is_open=show.is_open(book),
        history=book.policy.of("text").get("history"),
        operator=who.words if who else None,
        note=show.note_of(book),
        now=parts.clock.now(),
    )


@router.get("/policy/{slug}/versions/{number}", response_class=HTMLResponse)
def version_page(slug: str, number: Number, request: Request) -> HTMLResponse:
    """One version, as it was published."""
    return _text(slug, request, "full", number)


@router.get("/policy/{slug}/versions/{number}/summary", response_class=HTMLResponse)
def version_summary_page(slug: str, number: Number, request: Request) -> HTMLResponse:
    """The summary of one version, as it was published."""
    return _text(slug, request, "summary", number)


@router.get("/policy/{slug}/versions/{number}/{form}.md", response_class=Markdown)
def version_markdown(
    slug: str, number: Number, form: Literal["full", "summary"], request: Request
) -> Markdown:
    """One text of one version as a file; its SHA-256 is the hash that pages, ledger and notices name."""
    parts, operator = operator_of(request, slug)
    found = show.text(parts, operator, language_of(request), form, number)
    headers = {"Content-Language": found.language, "Vary": "Accept-Language"}
    return Markdown(found.markdown, headers=headers)


def _text(slug: str, request: Request, form: str, number: int | None = None) -> HTMLResponse:
    parts, operator = operator_of(request, slug)
    view = show.text(parts, operator, language_of(request), form, number)
    return page(request, "policy.html", slug=slug, view=view, note=view.note, now=parts.clock.now())


@router.get("/v1/public/{slug}/policy")
def policy_facts(slug: str, request: Request) -> dict[str, Any]:
    """The policy in force as data: version, dates, hash, and every public register."""
    parts, operator = operator_of(request, slug)
    return show.facts(parts, operator)


@router.get("/v1/public/{slug}/rule")
def which_rule(slug: str, request: Request, topic: str, over: str) -> dict[str, Any]:
    """Which of two texts holds on a topic, and by which clause."""
    parts, operator = operator_of(request, slug)
    return show.which_rule(parts, operator, topic, over)


@router.get("/v1/public/{slug}/cookies/{key}")
def may_set_cookie(slug: str, key: str, request: Request, choice: str = "none") -> dict[str, Any]:
    """Whether a page may set this key, given the visitor's choice (`none`, `accepted`, `refused`)."""
    parts, operator = operator_of(request, slug)
    return show.may_set(parts, operator, key, choice)
