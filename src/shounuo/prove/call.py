"""Speak to the public HTTP interface: one kept connection, JSON in and out.

1. An answer of 500 or more is trouble on the other side, whatever the story made of it: it is noted and
   told.
"""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered with."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Whether it was not refused."""
        return self.status < 400

    @property
    def code(self) -> str:
        """The stable code of a refusal; empty for a success."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) and not self.ok else ""


class Caller:
    """One key's way to one server. `trouble` collects what the server should never have answered. (1)"""

    def __init__(self, address: str, key: str | None, trouble: list[str] | None = None) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._key = parts.hostname or "127.0.0.1", parts.port or 80, key
        self._connection: http.client.HTTPConnection | None = None
        self.trouble: list[str] = [] if trouble is None else trouble

    def get(self, path: str, **query: object) -> Answer:
        """A read. Query values are quoted."""
        found = "&".join(
            f"{name}={quote(str(value), safe='')}" for name, value in query.items() if value is not None
        )
        return self._send("GET", f"{path}?{found}" if found else path, None)

    def post(self, path: str, body: object | None = None, *, once: str | None = None) -> Answer:
        """An act; `once` is its idempotency key."""
        return self._send("POST", path, {} if body is None else body, once)

    def raw(self, path: str) -> bytes:
        """A body as it came."""
        return self._exchange("GET", path, None, {})[1]

    def headers(self, path: str) -> frozenset[str]:
        """The names of the headers a page comes with, in lower case."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return frozenset(name.lower() for name, _ in response.getheaders())
        finally:
            connection.close()

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, path: str, body: object | None, once: str | None = None) -> Answer:
        headers = {"Content-Type": "application/json"}
        if once is not None:
            headers["Idempotency-Key"] = once
        sent = None if body is None else json.dumps(body, default=str).encode()
        status, raw = self._exchange(method, path, sent, headers)
        try:
            return Answer(status, json.loads(raw))
        except ValueError:
            return Answer(status, raw.decode("utf-8", "replace"))

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        for last in (False, True):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE_S)
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                said = response.read()
                if response.status >= 500:  # (1)
                    why = f"{method} {path.partition('?')[0]} answered {response.status}"
                    self.trouble.append(f"{why}: {said.decode(errors='replace')[:300]}")
                return response.status, said
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if last or method != "GET":
                    raise
            except BaseException:
                self.close()
                raise
        raise AssertionError
