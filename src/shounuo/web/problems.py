"""Turn our errors into problem documents (RFC 9457), in one place.

1. Typed errors inside, problem documents only here. An error not in our tree is `internal`: nothing of it leaks.
2. `code` is stable; `clauses` are the promises an answer rests on.
3. What a caller sent is never sent back: it may hold personal information. That goes for the names of keys too. Of a
   name that looks like one of the policy's, a long number in it is left out.
4. The description of the API says of every call which problems it may be answered with.
5. What is wrong with a shape is said by what was expected, in words and limits of ours; never in the words of the
   library that looked.
"""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shounuo import errors

log = structlog.get_logger("shounuo.web")

# The most particular class first: the first that fits decides the status.
STATUS: Mapping[type[Exception], tuple[int, str]] = {
    errors.BadPolicy: (422, "bad-policy"),
    errors.NotFound: (404, "not-found"),
    errors.Invalid: (422, "invalid"),
    errors.Conflict: (409, "conflict"),
    errors.Refused: (403, "refused"),
    errors.NoScope: (403, "no-scope"),
    errors.NotAllowed: (401, "not-allowed"),
    errors.Restored: (503, "restored"),
    errors.Unavailable: (503, "unavailable"),
    errors.Tampered: (500, "tampered"),
    errors.Misconfigured: (500, "misconfigured"),
}

_HTTP = {
    404: ("not-found", "there is nothing here"),
    405: ("method-not-allowed", "the call was not accepted"),
    413: ("too-large", "the body is too long"),
}

_LONG_NUMBER = re.compile(r"[0-9]{5,}")  # a phone number, an identity number, a card

_SAID = {
    400: "The body cannot be read.",
    401: "No key, or one that opens nothing here.",
    403: "The promise says no, and `clauses` names it; or the key lacks the scope that `scope` names (`no-scope`).",
    404: "Nothing by that name for this operator.",
    409: "The present state does not allow it.",
    413: "The body is too long.",
    421: "Called by a name that is not loopback.",
    422: "The call, or a value in it, is not of the declared kind.",
    500: "A fault on our side.",
    503: "Something needed is down, or the database was restored: the answer is no.",
}
_EVERY, _WITH_KEY, _WITH_BODY = (404, 409, 421, 422, 500, 503), (401, 403), (400, 413)

_SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:shounuo:error:` and the code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable"},
        "detail": {"type": "string", "description": "for people; holds nothing the caller sent"},
        "clauses": {
            "type": "array",
            "items": {"type": "string"},
            "description": "the promises the answer rests on",
        },
        "scope": {"type": "string", "description": "the scope the key lacks"},
        "faults": {
            "type": "array",
            "items": {"type": "object"},
            "description": "what is wrong, each with its place",
        },
    },
}


# By the beginning of the library's name for it, the longest first; `{…}` are limits of the description. (5)
_EXPECTED: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "not a key of this call",
    "json": "not JSON",
    "uuid": "not a UUID",
    "string": "not text",
    "string_too_long": "longer than {max_length} characters",
    "string_too_short": "shorter than {min_length} characters",
    "string_pattern_mismatch": "not of the form {pattern}",
    "bool": "not true or false",
    "int": "not a whole number",
    "int_parsing_size": "too large a number",
    "greater_than_equal": "less than {ge}",
    "less_than_equal": "more than {le}",
    "greater_than": "not more than {gt}",
    "less_than": "not less than {lt}",
    "date": "not a date such as 2026-03-02",
    "datetime": "not a moment such as 2026-03-02T12:00:00+08:00",
    "timezone": "a moment without its offset, such as +08:00",
    "list": "not a list",
    "dict": "not an object",
    "model": "not an object",
    "literal_error": "none of {expected}",
    "too_long": "more than {max_length} entries",
    "too_short": "fewer than {min_length} entries",
}
_OTHERWISE = "not of the documented kind"


def expected(kind: str, limits: Mapping[str, object]) -> str:
    """What is wrong with a value, told by what was expected. (5)"""
    known = [one for one in _EXPECTED if kind == one or kind.startswith(f"{one}_")]
    if not known:
        return _OTHERWISE
    try:
        return _EXPECTED[max(known, key=len)].format_map(limits)
    except KeyError:
        return _OTHERWISE


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """One problem document."""
    body = {
        "type": f"urn:shounuo:error:{code}",
        "title": code.replace("-", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(body | more, status, headers, media_type="application/problem+json")


def answer(error: Exception) -> JSONResponse:
    """The problem document for `error`. (1)"""
    known = next((told for kind, told in STATUS.items() if isinstance(error, kind)), None)
    if known is None:
        state = getattr(error, "sqlstate", None)  # five characters that name a rule of the database, no value
        log.error("internal", error=type(error).__name__, sqlstate=state, at=place(error))
        return problem(500, "internal", "something went wrong on our side; it is in the log")
    status, code = known
    if isinstance(error, errors.BadPolicy):
        faults = [
            {
                "line": f.line,
                "entry": f.entry,
                "wrong": f.wrong,
                "remedy": f.remedy,
                "code": f.code,
                "severity": f.severity,
            }
            for f in error.faults
        ]
        return problem(status, code, f"the policy has {len(faults)} faults", faults=faults)
    if isinstance(error, errors.Refused):
        said = _LONG_NUMBER.sub("…", str(error))  # (3)
        return problem(status, error.code, said, clauses=list(error.clauses))  # (2)
    if isinstance(error, errors.Tampered):
        log.error("tampered", said=str(error))
    if isinstance(error, errors.NoScope):
        lacking = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
        return problem(status, code, str(error), lacking, scope=error.scope)
    challenge = {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.NotAllowed) else None
    return problem(status, code, str(error), challenge)


def place(error: Exception) -> str:
    """Where in our code an error arose, innermost last; nothing it says. (1)"""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/shounuo/" in f.filename]
    return " ".join(f"{Path(frame.filename).stem}:{frame.lineno}" for frame in frames[-4:])


def install(app: FastAPI) -> None:
    """Have every error of `app` answered here, and every call's problems described. (4)"""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        return answer(error)

    async def shape(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        documented = _names(app)
        faults = [
            {
                "where": _where(one["loc"], documented),
                "wrong": expected(one["type"], one.get("ctx", {})),
            }
            for one in error.errors()
        ]  # (3, 5)
        return problem(422, "wrong-shape", "the call is not of the documented shape", faults=faults)

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code, detail = _HTTP.get(error.status_code, ("http", "the call was not accepted"))
        return problem(error.status_code, code, detail, error.headers)

    app.add_exception_handler(errors.ShounuoError, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, http)
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            _describe(plain())
        return plain()

    app.openapi = described  # type: ignore[method-assign]


def _where(loc: tuple[int | str, ...], documented: frozenset[str]) -> str:
    """The place of a fault in words of ours; a key the caller made up is `?`. (3)"""
    return ".".join(str(part) if isinstance(part, int) or part in documented else "?" for part in loc)


def _names(app: FastAPI) -> frozenset[str]:
    """Every name the description of the API uses for a key or parameter."""
    found = app.openapi()
    keys = {key for schema in found["components"]["schemas"].values() for key in schema.get("properties", ())}
    given = {
        one["name"]
        for path in found["paths"].values()
        for call in path.values()
        for one in call.get("parameters", ())
    }
    return frozenset(keys | given | {"body", "path", "query", "header"})


def _describe(document: dict[str, Any]) -> None:
    """Put the problems every call may be answered with into the description of the API. (4)"""
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = dict(_SCHEMA)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in document["paths"].values():
        for call in path.values():
            statuses = {
                *_EVERY,
                *(_WITH_KEY if "security" in call else ()),
                *(_WITH_BODY if "requestBody" in call else ()),
            }
            for status in sorted(statuses):
                call["responses"][str(status)] = {"description": _SAID[status], "content": content}
