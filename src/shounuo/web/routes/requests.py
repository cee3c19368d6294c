"""Requests of people, papers on file, pledges."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from shounuo.duties import answer, due, papers, places
from shounuo.duties.answer import Asked
from shounuo.duties.once import Call as OnceCall
from shounuo.errors import Invalid
from shounuo.web.callers import Auditor, Caller, Officer, Once, Product, do_once
from shounuo.web.routes.shapes import (
    CarryOut,
    Delay,
    NewConfirmation,
    NewPaper,
    NewRequest,
    RefuseIn,
    Store,
    Verified,
)

router = APIRouter(tags=["requests"])
_FIRST = (datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))


def _asked(one: Asked) -> dict[str, Any]:
    return asdict(one) | {"provisional": one.provisional}


@router.post("/v1/requests", status_code=201)
def take_in_request(body: NewRequest, caller: Product, call: Once) -> dict[str, Any]:
    """Take a request in."""

    def do() -> dict[str, Any]:
        return _asked(
            answer.take_in(
                caller.parts,
                caller.operator,
                body.kind,
                body.channel,
                person=body.person,
                items=body.items,
                record=body.record,
                condition=body.condition,
            )
        )

    return do_once(
        caller, call, do, lambda request: _asked(answer.get(caller.parts, caller.operator, UUID(request)))
    )


@router.get("/v1/requests")
def list_due(caller: Officer, after: str | None = None, most: int = 100) -> dict[str, Any]:
    """What is owed, the most urgent first; `after` is the cursor of the page before."""
    start = _FIRST if after is None else _cursor(after)
    most = min(max(most, 1), 200)
    found = answer.due_list(caller.parts, caller.operator, start, most)
    cursor = f"{found[-1].due_at:%Y-%m-%dT%H:%M:%S.%fZ}_{found[-1].request}" if len(found) == most else None
    return {"requests": [_asked(one) for one in found], "next": cursor}


def _cursor(text: str) -> tuple[datetime, UUID]:
    try:
        due, _, request = text.partition("_")
        return datetime.strptime(due, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC), UUID(request)
    except ValueError:
        raise Invalid("bad-cursor", "`after` is the `next` of the page before") from None


@router.get("/v1/damages")
def list_damages(caller: Officer) -> dict[str, Any]:
    """Whose information does not open, where that was come upon and since when. What can be done for them waits."""
    return {"damages": [asdict(one) for one in due.damages(caller.parts, caller.operator)]}


@router.get("/v1/requests/{request}")
def read_request(request: UUID, caller: Product) -> dict[str, Any]:
    """One request as it stands."""
    return _asked(answer.get(caller.parts, caller.operator, request))


@router.get("/v1/requests/{request}/answer")
def fetch_answer(request: UUID, caller: Product) -> dict[str, Any]:
    """The values an `access` or `copy` request asked for, made now."""
    return {"values": answer.fetch(caller.parts, caller.operator, request)}


def _moved(caller: Caller, call: OnceCall | None, request: UUID, do: Callable[[], Asked]) -> dict[str, Any]:
    """Move a request on; a call that is repeated is told how the request stands now."""
    return do_once(
        caller,
        call,
        lambda: _asked(do()),
        lambda _: _asked(answer.get(caller.parts, caller.operator, request)),
    )


@router.post("/v1/requests/{request}/verify")
def verify_request(request: UUID, body: Verified, caller: Officer, call: Once) -> dict[str, Any]:
    """Note that who asks was verified."""
    return _moved(
        caller, call, request, lambda: answer.verify(caller.parts, caller.operator, request, body.how)
    )


@router.post("/v1/requests/{request}/delay")
def delay_request(request: UUID, body: Delay, caller: Officer, call: Once) -> dict[str, Any]:
    """Record why a request takes longer than usual, before it does."""
    return _moved(
        caller, call, request, lambda: answer.delay(caller.parts, caller.operator, request, body.reason)
    )


@router.post("/v1/requests/{request}/refuse")
def refuse_request(request: UUID, body: RefuseIn, caller: Officer, call: Once) -> dict[str, Any]:
    """Refuse on a listed ground."""
    return _moved(
        caller,
        call,
        request,
        lambda: answer.refuse(caller.parts, caller.operator, request, body.ground, body.evidence),
    )


@router.post("/v1/requests/{request}/carry-out")
def carry_out_request(request: UUID, body: CarryOut, caller: Officer, call: Once) -> dict[str, Any]:
    """Do what was asked."""
    return _moved(
        caller,
        call,
        request,
        lambda: answer.carry_out(caller.parts, caller.operator, request, values=body.values),
    )


@router.post("/v1/requests/{request}/take-back")
def take_back_request(request: UUID, caller: Product, call: Once) -> dict[str, Any]:
    """The person takes the request back."""
    return _moved(caller, call, request, lambda: answer.take_back(caller.parts, caller.operator, request))


@router.post("/v1/papers", status_code=201)
def put_paper(body: NewPaper, caller: Officer, call: Once) -> dict[str, Any]:
    """Put a document on file."""

    def do() -> dict[str, Any]:
        made = papers.put_on_file(
            caller.parts,
            caller.operator,
            body.holder,
            body.name,
            body.reference,
            body.holds_from,
            body.holds_until,
        )
        return {"paper": made}

    return do_once(caller, call, do, lambda paper: {"paper": paper})


@router.get("/v1/papers")
def list_papers(caller: Auditor) -> dict[str, Any]:
    """Every document on file."""
    return {"papers": [asdict(one) for one in papers.on_file(caller.parts, caller.operator)]}


@router.post("/v1/places", status_code=201)
def add_place(body: Store, caller: Officer, call: Once) -> dict[str, Any]:
    """Take up a place information is kept in; one outside the promised region is refused."""

    def do() -> dict[str, Any]:
        places.add(caller.parts, caller.operator, body.name, body.region, body.covers)
        return {"place": body.name}

    return do_once(caller, call, do, lambda place: {"place": place})


@router.get("/v1/pledges")
def list_pledges(caller: Auditor) -> dict[str, Any]:
    """Every promise only people can keep, and how it stands."""
    return {"pledges": [asdict(one) for one in papers.pledges(caller.parts, caller.operator)]}


@router.post("/v1/pledges", status_code=201)
def confirm_pledge(body: NewConfirmation, caller: Officer, call: Once) -> dict[str, Any]:
    """Keep the proof that a pledge was kept."""

    def do() -> dict[str, Any]:
        return {
            "confirmation": papers.confirm(
                caller.parts, caller.operator, body.pledge, body.by, body.reference
            )
        }

    return do_once(caller, call, do, lambda confirmation: {"confirmation": confirmation})
