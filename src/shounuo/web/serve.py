"""Run the server on loopback, in this thread or beside others."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from shounuo.errors import Misconfigured
from shounuo.store.queries import load
from shounuo.web.app import build
from shounuo.web.upkeep import Upkeep
from shounuo.wire import House, Known

_sql = load("shounuo.store", "sql/foundation.sql")

HOST = "127.0.0.1"
KEEP_ALIVE_S = 75


class Server:
    """A server on loopback. Bound when made, so a port in use is told at once."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self._socket = bound(port)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None
        self._gates = app.state.gates

    @property
    def address(self) -> str:
        """Where it can be called."""
        return f"http://{HOST}:{self.port}"

    def run(self) -> None:
        """Serve until interrupted."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._shut()

    def _shut(self) -> None:
        if self._gates is not None:
            self._gates.close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="shounuo-web", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise Misconfigured("the server did not start; see the log")
            self._thread.join(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._shut()


def bound(port: int) -> socket.socket:
    """A socket on loopback. Raises Misconfigured where the port is taken."""
    listening = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, so that TCP_NODELAY is set
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OverflowError:
        listening.close()
        raise Misconfigured(f"{port} is no port: a port is a number from 0 to 65535") from None
    except OSError:
        listening.close()
        raise Misconfigured(
            f"port {port} on {HOST} is in use: stop what uses it, or name another with `--port` or `SHOUNUO_PORT`"
        ) from None
    return listening


def serve_house(house: House, port: int, slug: str | None, ready: Callable[[str], None]) -> None:
    """Serve a house until interrupted: finish what a crash left, then answer, and do what falls due meanwhile."""
    app = build(house.parts, guard=house.guard.admit)
    app.state.slug = slug or _only(house)
    server = Server(app, port)
    upkeep = Upkeep(house)
    upkeep.start()
    try:
        ready(server.address)
        server.run()
    finally:
        upkeep.stop()


def _only(house: House) -> str | None:
    known = house.store.ask(Known, _sql.operators)
    return known[0].slug if known else None
