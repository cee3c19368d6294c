"""Who calls, and what their key opens.

1. A call carries `Authorization: Bearer <key>`. The key's SHA-256 is looked up; the key itself is never kept.
2. A key belongs to one operator and opens the scopes it was made with: `product`, `officer`, `auditor`.
3. A call may carry `Idempotency-Key`; see `duties.once`.
4. What a key opens is remembered as long as the operator's gate hears of every change; see `web.gates`.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shounuo.duties import once
from shounuo.duties.parts import Parts
from shounuo.errors import Invalid, NoScope, NotAllowed, Refused
from shounuo.store.queries import load as load_queries
from shounuo.web.gates import Gates

_sql = load_queries("shounuo.store", "sql/foundation.sql")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")

SCOPES = ("product", "officer", "auditor")
_BEARER = HTTPBearer(
    auto_error=False, description="An access key; `shounuo keys new` makes one."
)  # describes, `caller` decides

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


@dataclass(frozen=True, slots=True)
class _Key:
    operator: UUID
    slug: str
    scopes: list[str]
    label: str


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller, with the parts its acts work with."""

    parts: Parts
    operator: UUID
    slug: str
    scopes: frozenset[str]
    key_hash: bytes


def caller(request: Request) -> Caller:
    """The caller of `request`. Raises NotAllowed. (1)"""
    if (known := remembered(request)) is not None:
        return known
    digest = _digest(request)
    if digest is None:
        raise NotAllowed("send `Authorization: Bearer <key>`; `shounuo keys` makes one")
    parts: Parts = request.app.state.parts
    gates: Gates[Caller] | None = request.app.state.gates
    epoch = gates.epoch if gates is not None else 0
    thrown = parts.store.ask_one(_Key, _sql.throwaway_key_by_hash, key_hash=digest) if parts.proving else None
    found = thrown or parts.store.ask_one(_Key, _sql.access_key_by_hash, key_hash=digest)
    if found is None:
        raise NotAllowed("this key opens nothing here")
    request.app.state.guard(found.operator)
    made = Caller(
        request.app.state.parts_for(found.operator),
        found.operator,
        found.slug,
        frozenset(found.scopes),
        digest,
    )
    if gates is not None:
        gates.remember(found.operator, digest, made, epoch)
    return made


def remembered(request: Request) -> Caller | None:
    """The caller of `request`, where the key is remembered and so no look at the database is needed. (4)"""
    gates: Gates[Caller] | None = request.app.state.gates
    digest = _digest(request)
    known = gates.key(digest) if gates is not None and digest is not None else None
    if known is not None:
        request.app.state.guard(known.operator)
    return known


def _digest(request: Request) -> bytes | None:
    """What the key of a call is looked up by; None where it brings none. (1)"""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return hashlib.sha256(token.encode()).digest() if scheme.lower() == "bearer" and token else None


def scoped(scope: str) -> Callable[..., Caller]:
    """A dependency that asks for one of a key's scopes. (2)"""

    def check(request: Request, _: Bearer) -> Caller:
        return within(scope, caller(request))

    return check


def within(scope: str, found: Caller) -> Caller:
    """The caller, whose key opens `scope`. Raises NoScope. (2)"""
    if scope not in found.scopes:
        raise NoScope(
            scope,
            f"this key does not open `{scope}`: `shounuo keys new LABEL --scope {scope}` makes one that does",
        )
    return found


Product = Annotated[Caller, Depends(scoped("product"))]
Officer = Annotated[Caller, Depends(scoped("officer"))]
Auditor = Annotated[Caller, Depends(scoped("auditor"))]


async def the_call(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 128 visible ASCII characters; done once under it, for a week",
        ),
    ] = None,
) -> once.Call | None:
    """The call as `duties.once` knows it, when it asks to be done once. (3)"""
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.match(key):
        raise Invalid("bad-idempotency-key", "1 to 128 visible ASCII characters")
    token = request.headers.get("authorization", "").partition(" ")[2]
    route = request.scope["route"].path if "route" in request.scope else request.url.path
    body = await request.body()
    return once.Call(
        hashlib.sha256(token.encode()).digest(),
        f"{request.method} {route}",
        key,
        request.url.path.encode() + b"\n" + body,
    )


Once = Annotated[once.Call | None, Depends(the_call)]


T = TypeVar("T")


def do_once(caller: Caller, call: once.Call | None, do: Callable[[], T], again: Callable[[str], T]) -> T:
    """Do it, or answer what it made before: `again` makes the answer from the id of what was made."""
    if call is None:
        return do()
    if (resource := once.answered(caller.parts, caller.operator, call)) is not None:
        return again(resource)
    token = once.CURRENT.set(call)
    try:
        return do()
    except Refused:  # perhaps because another call with this key came first, and its act has committed
        if (resource := once.answered(caller.parts, caller.operator, call)) is None:
            raise
    finally:
        once.CURRENT.reset(token)
    return again(resource)
