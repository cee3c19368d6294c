"""A server on a bench's house, in a process of its own: prints its port, and ends when its input ends.

python -m bench.served HOME
"""

import sys
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse

from shounuo.config import Config
from shounuo.web.app import build
from shounuo.web.serve import Server
from shounuo.wire import open_house


async def least(request: Request) -> JSONResponse:
    """The least a route can do: read a small JSON and answer one."""
    return JSONResponse({"person": (await request.json())["person"], "allowed": True})


def main() -> None:
    """Serve until the input ends, as it does when whoever started us is gone."""
    with open_house(Config(home=Path(sys.argv[1]))) as house:
        house.sealer.stop()
        app = build(house.parts, guard=house.guard.admit)
        app.add_route("/bench/least", least, methods=["POST"])
        with Server(app, 0) as server:
            print(server.port, flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()
