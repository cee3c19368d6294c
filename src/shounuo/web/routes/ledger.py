"""The ledger, for auditors: its checkpoint, its entries, proofs, and the whole of it in one file."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, StreamingResponse

from shounuo.core.ledger import parse_entry
from shounuo.duties import audit
from shounuo.web.callers import Auditor

router = APIRouter(tags=["ledger"])


@router.get("/v1/ledger/checkpoint", response_class=PlainTextResponse)
def read_checkpoint(caller: Auditor) -> PlainTextResponse:
    """The newest signed checkpoint, in the C2SP tlog-checkpoint format."""
    return PlainTextResponse(audit.checkpoint(caller.parts, caller.operator))


@router.get("/v1/ledger/entries")
def list_entries(caller: Auditor, start: int = 0, most: int = 100) -> dict[str, Any]:
    """Sealed entries from a number on. They hold no personal information."""
    start, most = max(start, 0), min(max(most, 1), 1000)
    bodies = audit.entries(caller.parts, caller.operator, start, most)
    found = [{"number": start + place, "entry": _shown(body)} for place, body in enumerate(bodies)]
    return {"entries": found, "next": start + len(found) if len(found) == most else None}


@router.get("/v1/ledger/inclusion/{number}")
def prove_inclusion(number: int, caller: Auditor) -> dict[str, Any]:
    """The proof that an entry is in the tree the newest checkpoint signs."""
    return audit.inclusion(caller.parts, caller.operator, number)


@router.get("/v1/ledger/consistency/{old}")
def prove_consistency(old: int, caller: Auditor) -> dict[str, Any]:
    """The proof that the tree of `old` entries is a prefix of today's."""
    return audit.consistency(caller.parts, caller.operator, old)


@router.get("/v1/ledger/export", response_class=PlainTextResponse)
def export_ledger(caller: Auditor) -> StreamingResponse:
    """The whole ledger in one file that `shounuo verify` and any other verifier can check offline."""
    lines: Iterator[bytes] = audit.export(caller.parts, caller.operator)
    return StreamingResponse(lines, media_type="text/plain; charset=utf-8")


def _shown(body: bytes) -> dict[str, Any]:
    entry = parse_entry(body)
    return {"id": entry.id, "kind": entry.kind, "at": entry.at, "person": entry.person, "data": entry.data}
