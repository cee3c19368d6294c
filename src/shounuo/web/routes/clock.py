"""The clock of a server started for proving. No other server has this route."""

from typing import Any

from fastapi import APIRouter

from shounuo.clocks import HandClock
from shounuo.duties import due
from shounuo.errors import Conflict, NotFound
from shounuo.web.callers import Officer
from shounuo.web.routes.shapes import MoveClock

router = APIRouter(tags=["proving"])


@router.post("/v1/clock")
def move_clock(body: MoveClock, caller: Officer) -> dict[str, Any]:
    """Move legal time forward; everything due in between has run, in order, before this answers."""
    clock = caller.parts.clock
    if not isinstance(clock, HandClock):
        raise NotFound("not-found", "this server's clock is not moved by hand")
    if body.to.tzinfo is None or body.to < clock.now():
        raise Conflict("backwards", "a clock moves forward, to a moment with an offset")
    for moment in due.moments(caller.parts, caller.operator, body.to):
        clock.move(moment)
        due.run(caller.parts, caller.operator)
    clock.move(body.to)
    due.run(caller.parts, caller.operator)
    return {"now": clock.now()}
