"""The server: routes, errors, and what every answer carries.

1. Until people can sign in, the server listens on loopback only and answers only to loopback names: a page elsewhere
   cannot reach it under a name of its own. (DNS rebinding)
2. Every answer, of a fault of ours too, forbids sniffing, framing and scripts that are not ours, and says nothing of
   where it came from.
3. A body has a limit; what is longer is refused before it is read, or where it says no length, as soon as it is longer.
4. Nothing is served for an operator whose database was restored to before what it promised; see `duties.guard`.
5. A fault of ours is answered as `internal`. The log gets its kind and place, never its words: they may hold a value.
"""

import re
from collections.abc import Callable
from importlib.metadata import version
from uuid import UUID

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shounuo.duties.parts import Parts
from shounuo.web import console, problems
from shounuo.web.gates import Gates
from shounuo.web.routes import clock, gate, ledger, people, policies, public, requests

MOST_BODY_BYTES = 10_000_000
LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

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
    parts: Parts,
    *,
    guard: Guard = lambda _: None,
    parts_for: Callable[[UUID], Parts] | None = None,
    proving: bool = False,
) -> FastAPI:
    """The application. `guard` raises when an operator must not be served; `parts_for` gives each operator its parts
    (its clock, while proving); only a server started for proving has the clock's route.
    """
    app = FastAPI(
        title="Shounuo", version=version("shounuo"), openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
        description="A privacy policy as rules a running system obeys.",
    )  # fmt: skip
    app.state.parts, app.state.guard = parts, guard
    app.state.parts_for = parts_for or (lambda _: parts)
    app.state.gates = None if proving else Gates(parts, guard)
    problems.install(app)
    app.add_middleware(_Around)
    for module in (policies, people, gate, requests, ledger, public):
        app.include_router(module.router)
    if proving:
        app.include_router(clock.router)
    console.mount(app)
    return app


class _Around:
    """What holds for every call. (1, 2, 3, 5)"""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, read = False, 0

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun, headers = True, MutableHeaders(scope=message)
                for name, value in _HEADERS.items():  # (2)
                    headers.setdefault(name, value)
            await send(message)

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BODY_BYTES:  # (3)
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        try:
            await (_refusal(Headers(scope=scope)) or self._app)(scope, receiving, sending)
        except Exception as fault:  # (5)
            answer = problems.answer(fault)
            if not begun:
                await answer(scope, receive, sending)


def _refusal(headers: Headers) -> ASGIApp | None:
    """What is said to a call that is not let in at all. (1, 3)"""
    if not LOOPBACK.fullmatch(headers.get("host", "")):
        return problems.problem(
            421, "wrong-host", "this server answers on loopback only, as localhost or 127.0.0.1"
        )
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > MOST_BODY_BYTES:
        return problems.problem(
            413, "too-large", f"a body has at most {MOST_BODY_BYTES} bytes", headers={"Connection": "close"}
        )
    return None
