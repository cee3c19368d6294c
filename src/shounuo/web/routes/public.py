"""What anybody may read without a key: the policy in force, its registers, and what may be set on a device."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shounuo.duties import show
from shounuo.duties.parts import Parts
from shounuo.errors import NotFound
from shounuo.store.queries import load as load_queries
from shounuo.web.pages import language_of, page

router = APIRouter(tags=["public"])
_sql = load_queries("shounuo.store", "sql/foundation.sql")


def operator_of(request: Request, slug: str) -> tuple[Parts, UUID]:
    """The operator behind a public name."""
    parts: Parts = request.app.state.parts
    found = parts.store.ask_one(UUID, _sql.operator_by_slug, slug=slug)
    if found is None:
        raise NotFound("no-operator", "there is no such operator")
    request.app.state.guard(found)
    return request.app.state.parts_for(found), found


@router.get("/policy/{slug}", response_class=HTMLResponse)
def policy_page(slug: str, request: Request) -> HTMLResponse:
    """The policy in force, as people read it."""
    parts, operator = operator_of(request, slug)
    return page(request, "policy.html", view=show.policy(parts, operator, language_of(request)))


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
