"""The store opens only as a role the fence holds."""

import psycopg
import pytest
from psycopg import conninfo

from shounuo.errors import Misconfigured
from shounuo.store.pool import connect
from shounuo.store.roles import log_leaks
from shounuo.store.store import Store


@pytest.fixture
def admin(server):
    """A connection that may make roles; an outside owner usually may not."""
    with connect(server.admin_url) as connection:
        if connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (
            True,
        ):
            pytest.skip("the admin of this outside PostgreSQL is no superuser")
        yield connection


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ("superuser", "is a superuser"),
        ("bypassrls", "passes row-level security"),
        ("createrole", "may make roles"),
        ("replication", "may copy the whole cluster"),
        ("in role shounuo_owner", "belongs to its owner"),
        ("in role pg_read_server_files", "reads files on the server"),
        ("noinherit in role postgres", "is a superuser"),
    ],
)
def test_a_role_that_could_pass_the_fence_is_refused(server, admin, attributes, said):
    """Whatever lets it see other operators' rows, now or after a SET ROLE, keeps the store shut."""
    admin.execute(f"create role too_strong login password 'x' {attributes}")
    try:
        admin.execute("grant connect on database shounuo to too_strong")
        with pytest.raises(Misconfigured, match=said):
            Store.open(conninfo.make_conninfo(server.app_url, user="too_strong", password="x"))
    finally:
        admin.execute("revoke connect on database shounuo from too_strong")
        admin.execute("drop role too_strong")


def test_the_owner_is_refused(server):
    """The owner migrates; it never serves."""
    with pytest.raises(Misconfigured, match="owns the schema"):
        Store.open(server.owner_url)


def test_the_superuser_is_refused(server, admin):
    """Nor does the superuser."""
    with pytest.raises(Misconfigured, match="is a superuser"):
        Store.open(conninfo.make_conninfo(server.admin_url, dbname="shounuo"))


def test_a_role_without_rights_is_refused(server, admin):
    """A plain role the tables were not made for hears what to do."""
    admin.execute("create role stranger login password 'x'")
    try:
        admin.execute("grant connect on database shounuo to stranger")
        with pytest.raises(Misconfigured, match="made for another role"):
            Store.open(conninfo.make_conninfo(server.app_url, user="stranger", password="x"))
    finally:
        admin.execute("revoke connect on database shounuo from stranger")
        admin.execute("drop role stranger")


def test_what_opens_cannot_become_another(server):
    """The application role can set no other role."""
    with connect(server.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("set session authorization postgres")


def test_what_the_log_would_keep_is_told_with_its_remedy(server):
    """The embedded server's log keeps no value; where another's would, the statements to run are given."""
    with connect(server.app_url) as application:
        leaks = log_leaks(application)
    if server.home is not None:
        assert leaks == []
    else:
        assert f"alter role \"{server.app}\" set log_error_verbosity = 'terse'" in leaks
