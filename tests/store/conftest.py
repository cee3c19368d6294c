"""What the tests of the store share: homes of their own, databases of their own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo, sql

from shounuo.store import embedded
from shounuo.store.pool import connect

_END_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
"""


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A short path where there is nothing yet."""
    folder = Path(tempfile.mkdtemp(prefix="sn-"))
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home with an embedded PostgreSQL in it, made once, stopped, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="sn-"))
    embedded.start(folder / "home").stop()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(made_home: Path, empty_home: Path) -> Path:
    """A home of its own for one test, with an embedded PostgreSQL that does not run."""
    subprocess.run(["cp", "-a", str(made_home), str(empty_home)], check=True)
    return empty_home


@pytest.fixture
def scratch(server):
    """An empty database of the owner, gone after the test."""
    name = f"scratch_{uuid4().hex[:12]}"
    owner = conninfo.conninfo_to_dict(server.owner_url)["user"]
    there = [conninfo.make_conninfo(url, dbname=name) for url in (server.app_url, server.owner_url)]
    with connect(server.admin_url) as admin:
        admin.execute(
            sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner))
        )
        try:
            yield replace(server, app_url=there[0], owner_url=there[1])
        finally:
            for url in there:  # Each role may end its own connections only.
                with connect(url) as same_role:
                    same_role.execute(_END_OTHERS)
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _kept(error):
    """Everything that hangs on an error: message, representation, attributes, notes, cause and context."""
    assert not isinstance(error, psycopg.Error)
    said = [str(error), repr(error), repr(error.args), str(vars(error)), *getattr(error, "__notes__", [])]
    return " ".join([*said, *(_kept(each) for each in (error.__cause__, error.__context__) if each)])


@pytest.fixture
def kept():
    """A function: all an error could carry out, as one text; it fails when a driver's error hangs on it."""
    return _kept
