"""A real house on a temporary home, its server, and worlds to play in: operators of their own, clocks moved by hand."""

import http.client
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shounuo.cli import packs
from shounuo.cli.proving import proving_server
from shounuo.config import Config
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.language.load import load
from shounuo.prove.stage import LocalStage
from shounuo.prove.world import World
from shounuo.wire import House, open_house

PACK = "huiju"


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers in lower case, the body and, where it is JSON, what it says."""

    status: int
    headers: dict[str, str]
    raw: bytes
    body: Any = field(default=None)

    @property
    def code(self) -> str:
        """The stable code of a problem."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Line:
    """One kept connection, with which anything can be sent, right or wrong."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)

    def send(
        self, method: str, path: str, body: object = None, *, key: str | None = None, raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """Send a call; `raw` is a body as it is, `body` one to be JSON."""
        sent = {"Content-Type": "application/json"} if body is not None or raw is not None else {}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        content = (
            raw if raw is not None else json.dumps(body, default=str).encode() if body is not None else None
        )
        self._connection.request(method, path, content, sent | (headers or {}))
        response = self._connection.getresponse()
        found = response.read()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Reply(
            response.status,
            said,
            found,
            json.loads(found) if "json" in said.get("content-type", "") else None,
        )

    def close(self) -> None:
        """Let it go."""
        self._connection.close()


@dataclass
class Living:
    """A house, its server's stage, and the policy its worlds publish."""

    house: House
    stage: LocalStage
    book: Rulebook
    home: Path
    _worlds: list[World] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the server answers."""
        return self.stage.address

    def world(self, **more: Any) -> World:
        """An operator of its own with the policy published."""
        made = World(self.stage, self.book, **more)
        self._worlds.append(made)
        return made

    def line(self, address: str | None = None) -> Line:
        """A connection of its own, to another server where one is named."""
        return Line(address or self.address)

    def operator(self, world: World) -> Any:
        """The operator's id."""
        return self.stage._ids[world.opened.slug]

    def parts(self, world: World) -> Any:
        """The parts the operator is served with."""
        return self.stage.parts_for(self.operator(world))


@pytest.fixture(scope="session")
def living() -> Iterator[Living]:
    """One house for all tests of the API."""
    source, label, slug = packs.find(PACK)
    book = compile_policy(load(source, label, slug), source)
    home = Path(tempfile.mkdtemp(prefix="shounuo-api-"))
    try:
        with open_house(Config(home=home)) as house, proving_server(house, source, home) as stage:
            made = Living(house, stage, book, home)
            yield made
            for world in made._worlds:
                world.close()
    finally:
        shutil.rmtree(home)


@pytest.fixture
def world(living: Living) -> World:
    """An operator of this test alone."""
    return living.world()


@pytest.fixture
def line(living: Living) -> Iterator[Line]:
    """A connection of this test alone."""
    made = living.line()
    yield made
    made.close()


@pytest.fixture
def rows(living: Living) -> Callable[[World, str], int]:
    """A function: how many rows a table holds of a world's operator."""
    from shounuo.store.queries import parse

    def count(world: World, table: str) -> int:
        query = parse("tests", f"-- name: rows\n-- Counts.\nselect count(*) from shounuo.{table}")
        with living.house.store.act(living.operator(world)) as act:
            return int(act.row(int, query.rows) or 0)

    return count
