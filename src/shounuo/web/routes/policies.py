"""Policies: check a text, publish it, read what is in force."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from shounuo.core.consistency import keepers
from shounuo.core.difference import as_data
from shounuo.duties import publish
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Version, sql
from shounuo.errors import Fault, NotFound
from shounuo.web.callers import Auditor, Officer, Once, do_once
from shounuo.web.routes.shapes import PolicyText

router = APIRouter(tags=["policies"])


def _fault(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


@router.post("/v1/policies/check")
def check_policy(body: PolicyText, caller: Officer) -> dict[str, Any]:
    """Compile a text without publishing it; every fault is told, nothing is kept."""
    _, warnings = publish.check(caller.parts, body.source.encode(), body.slug)
    return {"warnings": [_fault(fault) for fault in warnings]}


@router.post("/v1/policies", status_code=201)
def publish_policy(body: PolicyText, caller: Officer, call: Once) -> dict[str, Any]:
    """Publish a text as the next version; answers with what it changed: who is told, who is asked again."""

    def told(made: publish.Published) -> dict[str, Any]:
        return {
            "version": made.number,
            "hash": made.hash,
            "effective_at": made.effective_at,
            "texts": dict(made.texts),
            "warnings": [_fault(fault) for fault in made.warnings],
            "changed": as_data(made.changed) if made.changed else None,
        }

    return do_once(
        caller, call,
        lambda: told(publish.publish(caller.parts, caller.operator, body.source.encode(), body.slug, proving=body.proving)),
        lambda number: told(publish.again(caller.parts, caller.operator, int(number))),
    )  # fmt: skip


@router.get("/v1/policies")
def list_policies(caller: Auditor) -> dict[str, Any]:
    """Every published version, the newest first."""
    with caller.parts.store.act(caller.operator) as act:
        found = act.rows(publish.Listed, sql.versions, operator=caller.operator)
    return {"versions": [asdict(one) for one in found]}


@router.get("/v1/policies/{number}")
def read_policy(number: int, caller: Auditor) -> dict[str, Any]:
    """One published version with its text, unaltered."""
    with caller.parts.store.act(caller.operator) as act:
        found = act.row(Version, sql.version, operator=caller.operator, number=number)
    if found is None:
        raise NotFound("no-version", "there is no such version")
    return asdict(found) | {"source": found.source.decode()}


@router.get("/v1/clauses")
def list_clauses(caller: Auditor) -> dict[str, Any]:
    """Every clause in force, and the entries that keep it."""
    with caller.parts.store.act(caller.operator) as act:
        book = in_force(caller.parts, act)
    kept = keepers(book.policy)
    clauses = [
        {
            "id": c.id,
            "kind": c.kind.value,
            "says": {"zh": c.says.zh, "en": c.says.en},
            "later": c.later,
            "kept_by": [entry.path for entry in kept.get(c.id, ())],
        }
        for c in book.policy.clauses.values()
    ]
    return {"version": book.number, "clauses": clauses}
