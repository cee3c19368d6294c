"""Connections: limits, restarts of PostgreSQL, and what a caller hears when there is none."""

import os
import signal
import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from psycopg import conninfo

from shounuo.errors import Misconfigured, Unavailable
from shounuo.store import embedded, postmaster
from shounuo.store.logins import APP
from shounuo.store.migrate import migrate
from shounuo.store.pool import Limits, connect
from shounuo.store.queries import load, parse
from shounuo.store.store import Store

SQL = load("shounuo.store", "sql/foundation.sql")
AT = datetime(2026, 3, 1, tzinfo=UTC)
MORE = parse(
    "test",
    """
-- name: limits
-- Reads the limits of this connection.
select string_agg(name || '=' || setting, ' ' order by name) as limits from pg_settings
where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'TimeZone',
    'search_path', 'default_transaction_isolation')

-- name: whole
-- Reads the limit of a whole transaction, where there is one.
select setting from pg_settings where name = 'transaction_timeout'

-- name: myself
-- Names this connection's server process.
select pg_backend_pid() as pid
""",
)
QUICK = Limits(connections_max=2, wait_s=2)


@pytest.fixture
def own(home):
    """An embedded PostgreSQL for one test, migrated."""
    with embedded.start(home) as server:
        migrate(server.owner_url, APP)
        yield server


def put_operator(store):
    """Make an operator; return its id."""
    made = uuid4()
    with store.act(made) as act:
        act.do(SQL.put_operator, operator=made, slug=f"t-{made.hex[:20]}", at=AT)
    return made


def test_every_connection_has_its_limits(server):
    """Times, time zone, search path and isolation are set on each."""
    limits = Limits(statement_s=7, lock_s=3, idle_in_transaction_s=11, transaction_s=13)
    with Store.open(server.app_url, limits=limits) as store:
        assert store.ask_one(str, MORE.limits) == (
            "TimeZone=UTC default_transaction_isolation=read committed "
            "idle_in_transaction_session_timeout=11000 lock_timeout=3000 "
            "search_path=pg_catalog, pg_temp statement_timeout=7000"
        )
        assert store.ask_one(str, MORE.whole) in (None, "13000")


def test_the_pool_survives_a_restart(own):
    """Every connection dies with the server; acts after it find new ones, none fails for the old."""
    with Store.open(own.app_url, limits=QUICK) as store:
        made = put_operator(store)
        postmaster.stop(own._cluster)
        with pytest.raises(Unavailable, match="cannot be reached"):
            put_operator(store)
        postmaster.ensure_running(own._cluster)
        for _ in range(4):
            with store.act(made) as act:
                assert act.row(str, SQL.operator_slug, operator=made) == f"t-{made.hex[:20]}"
        assert store.ask(int, MORE.myself)


def test_a_server_that_comes_back_is_found_at_once(own):
    """However long it was gone and however many asked meanwhile, the next act need not sit out a pause."""
    with Store.open(own.app_url, limits=Limits(connections_max=2, wait_s=0.8)) as store:
        made = put_operator(store)
        postmaster.stop(own._cluster)
        for _ in range(5):
            with pytest.raises(Unavailable):
                put_operator(store)
        postmaster.ensure_running(own._cluster)
        with store.act(made) as act:
            assert act.row(str, SQL.operator_slug, operator=made)


def test_an_act_in_the_middle_of_a_crash_is_unavailable_and_undone(own, kept):
    """A crash in the middle of an act is told as such, and nothing of the act is there afterwards."""
    with Store.open(own.app_url, limits=QUICK) as store:
        made, other = put_operator(store), uuid4()
        with pytest.raises(Unavailable) as caught, store.act(other) as act:
            act.do(SQL.put_operator, operator=other, slug="13812345678", at=AT)
            os.kill(postmaster._pid(own._cluster), signal.SIGKILL)
            time.sleep(0.3)
            act.do(SQL.put_operator, operator=other, slug="13812345678", at=AT)
        assert "13812345678" not in kept(caught.value)
        postmaster.ensure_running(own._cluster)
        with store.act(made) as act:
            assert act.row(str, SQL.operator_slug, operator=made)
        with store.act(other) as act:
            assert act.row(str, SQL.operator_slug, operator=other) is None


def test_a_commit_cut_off_is_said_to_be_unknown(server):
    """When the connection breaks in the commit nobody knows, and the caller is told so."""
    with connect(server.app_url) as same_role, Store.open(server.app_url, limits=QUICK) as store:
        made = uuid4()
        with pytest.raises(Unavailable, match="not known"), store.act(made) as act:
            act.do(SQL.put_operator, operator=made, slug=f"t-{made.hex[:20]}", at=AT)
            assert same_role.execute(
                "select pg_terminate_backend(%s)", (act.row(int, MORE.myself),)
            ).fetchone() == (True,)
            time.sleep(0.2)
        assert put_operator(store)


def test_ask_survives_a_lost_connection(server):
    """A question outside of any act is asked again on another connection."""
    with (
        connect(server.app_url) as same_role,
        Store.open(server.app_url, limits=Limits(connections_max=1)) as store,
    ):
        same_role.execute("select pg_terminate_backend(%s)", (store.ask_one(int, MORE.myself),))
        time.sleep(0.2)
        assert store.ask_one(int, MORE.myself)


def test_when_every_connection_is_busy_the_caller_does_not_wait_for_ever(server):
    """After the time to wait the answer is Unavailable; connections given back are lent again."""
    with Store.open(server.app_url, limits=Limits(connections_max=1, wait_s=0.2)) as store:
        with store.act(uuid4()), pytest.raises(Unavailable, match="busy"), store.act(uuid4()):
            pytest.fail("there was no second connection")
        assert put_operator(store)


def test_threads_share_the_store(store, operator):
    """Many acts at once, few connections, none lost."""
    done = []

    def work():
        for _ in range(20):
            with store.act(operator) as act:
                done.append(act.row(str, SQL.operator_slug, operator=operator))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 320
    assert None not in done


def test_a_server_that_is_not_there_is_unavailable(tmp_path, kept):
    """Nobody listens: Unavailable, without the address or its password."""
    url = conninfo.make_conninfo("", host=str(tmp_path), user="u", password="geheim", dbname="d")
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        Store.open(url)
    assert "geheim" not in kept(caught.value)
    assert str(tmp_path) not in kept(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"password": "geheim"}, "let the role in"), ({"dbname": "nowhere"}, "does not exist")],
)
def test_a_wrong_login_is_misconfigured(own, change, said, kept):
    """A password that does not fit is told apart from a server that is down."""
    with pytest.raises(Misconfigured, match=said) as caught:
        Store.open(conninfo.make_conninfo(own.app_url, **change))
    assert "geheim" not in kept(caught.value)


@pytest.mark.parametrize("url", ["nonsense", "postgresql://u:geheim@[", "http://u:geheim@h/d", "port=geheim"])
def test_an_address_that_is_none_is_misconfigured(url, kept):
    """What cannot be read as an address is not repeated: it may hold a password."""
    with pytest.raises((Misconfigured, Unavailable)) as caught:
        Store.open(url)
    assert "geheim" not in kept(caught.value)


def test_a_closed_store_is_unavailable(server):
    """Closing twice is nothing, and a closed store lends no connection."""
    store = Store.open(server.app_url)
    store.close()
    store.close()
    with pytest.raises(Unavailable), store.act(uuid4()):
        pytest.fail("a closed store began an act")
