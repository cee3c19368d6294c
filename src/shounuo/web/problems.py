"""Turn our errors into problem documents (RFC 9457), in one place.

1. Typed errors inside, problem documents only here. An error not in our tree is `internal`: nothing of it leaks.
2. `code` is stable; `clauses` are the promises an answer rests on.
3. What a caller sent is never sent back: it may hold personal information.
"""

from collections.abc import Mapping

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
    errors.NotAllowed: (401, "not-allowed"),
    errors.Restored: (503, "restored"),
    errors.Unavailable: (503, "unavailable"),
    errors.Tampered: (500, "tampered"),
    errors.Misconfigured: (500, "misconfigured"),
}


def problem(status: int, code: str, detail: str, **more: object) -> JSONResponse:
    """One problem document."""
    body = {"type": f"urn:shounuo:error:{code}", "title": code.replace("-", " "), "status": status, "code": code, "detail": detail}
    return JSONResponse(body | more, status, media_type="application/problem+json")


def answer(error: Exception) -> JSONResponse:
    """The problem document for `error`. (1)"""
    for kind, (status, code) in STATUS.items():
        if isinstance(error, kind):
            break
    else:
        log.error("internal", error=type(error).__name__)
        return problem(500, "internal", "something went wrong on our side; it is in the log")
    if isinstance(error, errors.BadPolicy):
        faults = [
            {"line": f.line, "entry": f.entry, "wrong": f.wrong, "remedy": f.remedy, "code": f.code, "severity": f.severity}
            for f in error.faults
        ]
        return problem(status, code, f"the policy has {len(faults)} faults", faults=faults)
    if isinstance(error, errors.Refused):
        return problem(status, error.code, str(error), clauses=list(error.clauses))  # (2)
    if isinstance(error, errors.Tampered):
        log.error("tampered", said=str(error))
    return problem(status, code, str(error))


def install(app: FastAPI) -> None:
    """Have every error of `app` answered here."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        return answer(error)

    async def shape(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        faults = [{"where": ".".join(str(part) for part in one["loc"]), "wrong": one["type"]} for one in error.errors()]  # (3)
        return problem(422, "wrong-shape", "the call is not of the documented shape", faults=faults)

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(error.status_code, "http")
        return problem(error.status_code, code, "there is nothing here" if error.status_code == 404 else "the call was not accepted")

    app.add_exception_handler(errors.ShounuoError, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, ours)
