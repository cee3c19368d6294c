"""Opening the store, wherever its database is."""

import pytest

from shounuo.errors import Misconfigured
from shounuo.store import postmaster
from shounuo.store.opening import open_store
from shounuo.store.queries import parse

ASK = parse("test", "-- name: one\n-- Says one.\nselect 1 as one").one


def test_without_addresses_the_embedded_one_is_started_and_stopped(empty_home):
    """The first call makes it, closing the store stops it, the next call finds it as it was."""
    for _ in range(2):
        with open_store(empty_home) as store:
            assert store.ask_one(int, ASK) == 1
            cluster = store.server._cluster
            assert postmaster.running(cluster)
        assert not postmaster.running(cluster)


def test_with_both_addresses_that_database_is_migrated_and_used(empty_home, scratch):
    """No embedded PostgreSQL is made then."""
    with open_store(empty_home, url=scratch.app_url, owner_url=scratch.owner_url) as store:
        assert store.ask_one(int, ASK) == 1
        assert store.server is None
    assert not empty_home.exists()


@pytest.mark.parametrize(
    ("given", "lacking"),
    [({"url": "host=x", "owner_url": ""}, "DATABASE_OWNER_URL"), ({"owner_url": "host=x"}, "DATABASE_URL")],
)
def test_one_address_alone_is_refused(empty_home, given, lacking):
    """The message names the one that lacks."""
    with pytest.raises(Misconfigured, match=f"{lacking} is not"):
        open_store(empty_home, **given)


def test_a_store_that_does_not_open_leaves_no_server_running(empty_home, monkeypatch):
    """When migrating fails the server that was started is stopped again."""
    seen = []

    def fail(url, app):
        seen.append(url)
        raise Misconfigured("no")

    monkeypatch.setattr("shounuo.store.opening.migrate", fail)
    with pytest.raises(Misconfigured, match="no"):
        open_store(empty_home)
    assert seen
    assert not (empty_home / "postgres" / "data" / "postmaster.pid").exists()
