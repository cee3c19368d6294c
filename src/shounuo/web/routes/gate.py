"""The gate and what passes it: collect, decide, read, share."""

import json
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shounuo.core.decision import Case, Decision, Intent
from shounuo.core.policy import Act, Ground
from shounuo.duties import collect, decide, read, share
from shounuo.errors import Invalid
from shounuo.language.grammar import nearest
from shounuo.web import callers
from shounuo.web.callers import Bearer, Caller, Once, Product, do_once
from shounuo.web.routes.shapes import Candidate, CaseIn, Given, IntentIn, IntentsIn, ReadIn

router = APIRouter(tags=["gate"])
T = TypeVar("T", bound=BaseModel)


def _described(shape: type[BaseModel]) -> dict[str, Any]:
    """The body of a call that is read by hand, for the description of the API."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)  # other calls describe them
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "x-scope": "product"}


def _read(shape: type[T], body: bytes) -> T:
    """The body of a call, read at once and without a thread. Raises what FastAPI raises of another shape."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as fault:
        errors = fault.errors(include_url=False, include_context=True, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in errors]) from None


def _case(body: CaseIn | None) -> Case | None:
    if body is None:
        return None
    if body.ground not in [one.value for one in Ground]:
        raise Invalid(
            "no-case", f"`{body.ground}` is no ground; {nearest(body.ground, [g.value for g in Ground])}"
        )
    return Case(ground=Ground(body.ground), states=frozenset(body.states), reference=body.reference)


def _intent(body: IntentIn) -> Intent:
    if body.act is not None and body.act not in [one.value for one in Act]:
        raise Invalid("no-door", f"`{body.act}` is no act; {nearest(body.act, [a.value for a in Act])}")
    return Intent(
        purpose=body.purpose, items=frozenset(body.items), recipient=body.recipient, act=Act(body.act) if body.act else None,
        occasion=body.occasion, case=_case(body.case), region=body.region, message=body.message, channel=body.channel,
    )  # fmt: skip


def _decision(found: Decision) -> dict[str, Any]:
    return {
        "allowed": found.allowed, "reason": found.reason.value, "clauses": found.clauses, "at_fault": found.at_fault,
        "version": found.version, "obligations": {"masks": dict(found.masks), "register": found.register},
    }  # fmt: skip


@router.post("/v1/collect", status_code=201)
def collect_fields(body: Given, caller: Product, call: Once) -> dict[str, Any]:
    """Keep what a scene declares. A refusal keeps nothing."""

    def do() -> dict[str, Any]:
        return asdict(
            collect.collect(
                caller.parts,
                caller.operator,
                body.person,
                body.scene,
                body.fields,
                occasion=body.occasion,
                version=body.version,
            )
        )

    return do_once(
        caller,
        call,
        do,
        lambda record: asdict(
            collect.again(caller.parts, caller.operator, body.person, UUID(record), body.fields)
        ),
    )


@router.post("/v1/decide", openapi_extra=_described(IntentIn))
async def decide_use(request: Request, _: Bearer) -> Response:
    """May this be done with this person's information, now, and why. A no is an answer, not an error."""
    known, caller = await _caller(request)
    asked = _read(IntentIn, await request.body())
    found = await _decided(request, known, caller, [asked])
    return Response(json.dumps(_decision(found[0])), media_type="application/json")


@router.post("/v1/decide/many", openapi_extra=_described(IntentsIn))
async def decide_uses(request: Request, _: Bearer) -> Response:
    """Up to a thousand questions, each answered as `/v1/decide` would, in their order."""
    known, caller = await _caller(request)
    asked = _read(IntentsIn, await request.body())
    found = await _decided(request, known, caller, asked.questions)
    return Response(json.dumps({"answers": [_decision(one) for one in found]}), media_type="application/json")


async def _caller(request: Request) -> tuple[bool, Caller]:
    """Who asks, looked up in a thread where the key is not remembered, and whether it is."""
    known = callers.remembered(request)
    found = known if known is not None else await run_in_threadpool(callers.caller, request)
    return known is not None, callers.within("product", found)


async def _decided(request: Request, known: bool, caller: Caller, asked: list[IntentIn]) -> list[Decision]:
    """The answers: those that need no look at the database at once, the others in a thread of their own."""
    questions = [(one.person, _intent(one)) for one in asked]
    gates = request.app.state.gates
    if gates is None:
        ask = partial(decide.decide, caller.parts, caller.operator)
        return await run_in_threadpool(lambda: [ask(person, intent) for person, intent in questions])
    gate = gates.of(caller.operator) if known else await run_in_threadpool(gates.of, caller.operator)
    found = [gate.known(person, intent) for person, intent in questions]
    if None not in found:
        return found

    def ask_the_rest() -> list[Decision]:
        pairs = zip(found, questions, strict=True)
        return [gate.answer(*question) if one is None else one for one, question in pairs]

    return await run_in_threadpool(ask_the_rest)


@router.post("/v1/read")
def read_values(body: ReadIn, caller: Product) -> dict[str, Any]:
    """The values asked for, each as this reader may see it."""
    found = read.read(
        caller.parts, caller.operator, body.person, body.purpose, body.items,
        reader=read.Reader(role=body.role, need=body.need), occasion=body.occasion, case=_case(body.case),
    )  # fmt: skip
    return {"values": [asdict(one) for one in found]}


@router.post("/v1/matches")
def check_secret(body: Candidate, caller: Product) -> dict[str, Any]:
    """Whether a candidate is the secret kept; the secret itself is never told."""
    return {"matches": read.matches(caller.parts, caller.operator, body.person, body.item, body.candidate)}


@router.post("/v1/share", status_code=201)
def share_items(body: IntentIn, caller: Product, call: Once) -> dict[str, Any]:
    """Let items out through a declared door; the answer is the register row and what may be handed over."""
    intent = _intent(body)

    def told(passed: tuple[share.Passage, dict[str, str]]) -> dict[str, Any]:
        return {"passage": asdict(passed[0]), "values": passed[1]}

    return do_once(
        caller, call,
        lambda: told(share.share(caller.parts, caller.operator, body.person, intent)),
        lambda passage: told(share.again(caller.parts, caller.operator, body.person, intent, UUID(passage))),
    )  # fmt: skip


@router.get("/v1/people/{person}/passages")
def read_passages(person: UUID, caller: Product) -> dict[str, Any]:
    """What of a person went out, to whom, why: made from what happened."""
    return {"passages": [asdict(one) for one in share.passages(caller.parts, caller.operator, person)]}
