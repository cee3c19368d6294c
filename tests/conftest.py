"""One PostgreSQL for the whole test session, migrated, and a fresh operator for every test.

It is the embedded one in a temporary folder, unless SHOUNUO_TEST_DATABASE_URL and
SHOUNUO_TEST_DATABASE_OWNER_URL name another (CI runs the same tests on Debian's PostgreSQL 15). There the
owner needs CREATE on the database, and CREATEDB for the tests that make databases of their own.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shounuo.store import embedded
from shounuo.store.logins import APP
from shounuo.store.migrate import migrate
from shounuo.store.pool import connect
from shounuo.store.queries import load
from shounuo.store.store import Store

URL, OWNER_URL = "SHOUNUO_TEST_DATABASE_URL", "SHOUNUO_TEST_DATABASE_OWNER_URL"
SQL = load("shounuo.store", "sql/foundation.sql")


@dataclass(frozen=True)
class TestServer:
    """The two addresses tests need; `admin_url` may make databases (the embedded superuser, or the owner)."""

    __test__ = False

    app_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    admin_url: str = field(repr=False)
    app: str
    home: Path | None = None  # Where the embedded one lives.


def pytest_configure() -> None:
    """A run that is told to end gives up its server, as one does that hears Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    """The database of this session, migrated."""
    url, owner_url = os.environ.get(URL, ""), os.environ.get(OWNER_URL, "")
    if bool(url) != bool(owner_url):
        pytest.exit(f"set both {URL} and {OWNER_URL}, or neither", returncode=3)
    if url:
        with connect(url) as application:
            app = application.info.user
        migrate(owner_url, app)
        yield TestServer(url, owner_url, owner_url, app)
        return
    home = Path(tempfile.mkdtemp(prefix="shounuo-test-"))
    try:
        with embedded.start(home) as started:
            migrate(started.owner_url, APP)
            yield TestServer(started.app_url, started.owner_url, started.superuser_url, APP, home)
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def store(server: TestServer) -> Iterator[Store]:
    """The store of this session, opened as the application."""
    with Store.open(server.app_url) as opened:
        yield opened


@pytest.fixture
def operator(store: Store) -> UUID:
    """An operator no other test knows."""
    made = uuid4()
    with store.act(made) as act:
        act.do(SQL.put_operator, operator=made, slug=f"t-{made.hex[:24]}", at=datetime.now(UTC))
    return made
