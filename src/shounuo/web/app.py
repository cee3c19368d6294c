"""The server: routes, errors, and what every answer carries.

1. Until people can sign in, the server listens on loopback only and answers only to loopback names: a page elsewhere
   cannot reach it under a name of its own. (DNS rebinding)
2. Every answer forbids sniffing, framing and scripts that are not ours, and says nothing of where it came from.
3. A body has a limit; what is longer is refused before it is read.
4. Nothing is served for an operator whose database was restored to before what it promised; see `duties.guard`.
"""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from uuid import UUID

from fastapi import FastAPI, Request, Response

from shounuo.duties.parts import Parts
from shounuo.web import console, problems
from shounuo.web.routes import clock, gate, ledger, people, policies, public, requests

MOST_BODY_BYTES = 10_000_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}

Guard = Callable[[UUID], None]


def build(
    parts: Parts, *, guard: Guard = lambda _: None, parts_for: Callable[[UUID], Parts] | None = None, proving: bool = False
) -> FastAPI:
    """The application. `guard` raises when an operator must not be served; `parts_for` gives each operator its parts
    (its clock, while proving); only a server started for proving has the clock's route."""
    app = FastAPI(
        title="Shounuo", version=version("shounuo"), openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
        description="A privacy policy as rules a running system obeys.",
    )  # fmt: skip
    app.state.parts, app.state.guard = parts, guard
    app.state.parts_for = parts_for or (lambda _: parts)
    problems.install(app)
    app.middleware("http")(_around)
    for module in (policies, people, gate, requests, ledger, public):
        app.include_router(module.router)
    if proving:
        app.include_router(clock.router)
    console.mount(app)
    return app


async def _around(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """What holds for every call. (1, 2, 3)"""
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK:  # (1)
        answer: Response = problems.problem(421, "wrong-host", "this server answers on loopback only, as localhost or 127.0.0.1")
    elif not request.headers.get("content-length", "0").isdigit() or int(request.headers.get("content-length", "0")) > MOST_BODY_BYTES:
        answer = problems.problem(413, "too-large", f"a body has at most {MOST_BODY_BYTES} bytes")  # (3)
    else:
        answer = await call_next(request)
    for header, value in _HEADERS.items():  # (2)
        answer.headers.setdefault(header, value)
    return answer
