"""Errors of the driver: which of ours they become, and that nothing of them gets out."""

import logging
import re
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors as pg

from shounuo.errors import Conflict, Invalid, Unavailable
from shounuo.store.faults import BadStatement, Contended, Dangling, Duplicate, NoOperator, guarded, translated
from shounuo.store.pool import connect
from shounuo.store.queries import load, parse

SQL = load("shounuo.store", "sql/foundation.sql")
PHONE = "13812345678"
MORE = parse(
    "test",
    """
-- name: as_number
-- Reads a text as a whole number.
select %(text)s::text::integer as n

-- name: as_json
-- Reads a text as JSON.
select %(text)s::text::jsonb as n

-- name: in_the_text
-- Misspells a table; the value stands beside it.
select from shounuo.no_such_table where phone = %(text)s

-- name: checked
-- Breaks a check with a value.
insert into shounuo.operator (id, slug, created_at) values (%(operator)s, %(text)s, '2026-01-01Z')

-- name: raised
-- Calls a function that does not take this.
select shounuo.operator_by_slug(%(text)s, %(text)s)
""",
)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (pg.UniqueViolation, Duplicate),
        (pg.ForeignKeyViolation, Dangling),
        (pg.CheckViolation, BadStatement),
        (pg.NotNullViolation, BadStatement),
        (pg.InsufficientPrivilege, BadStatement),
        (pg.InFailedSqlTransaction, BadStatement),
        (pg.SyntaxError, BadStatement),
        (pg.StringDataRightTruncation, Invalid),
        (pg.UntranslatableCharacter, Invalid),
        (psycopg.DataError, Invalid),
        (pg.SerializationFailure, Contended),
        (pg.DeadlockDetected, Contended),
        (pg.LockNotAvailable, Contended),
        (pg.QueryCanceled, Unavailable),
        (pg.IdleInTransactionSessionTimeout, Unavailable),
        (pg.DiskFull, Unavailable),
        (pg.TooManyConnections, Unavailable),
        (pg.AdminShutdown, Unavailable),
        (pg.CrashShutdown, Unavailable),
        (pg.CannotConnectNow, Unavailable),
        (pg.ConnectionFailure, Unavailable),
        (pg.ReadOnlySqlTransaction, Unavailable),
        (psycopg.OperationalError, Unavailable),
        (psycopg.InterfaceError, Unavailable),
        (psycopg.ProgrammingError, BadStatement),
    ],
)
def test_each_kind_becomes_ours_without_its_words(error, ours):
    """A caller learns what it can do about it, never what the driver said."""
    made = translated(error(f"Key (phone)=({PHONE}) already exists"))
    assert type(made) is ours
    assert PHONE not in str(made)


def test_a_contended_act_is_unavailable_and_a_duplicate_a_conflict():
    """Those who do not look closer still do the right thing."""
    assert issubclass(Contended, Unavailable)
    assert issubclass(Duplicate, Conflict)
    assert issubclass(Dangling, Conflict)
    assert issubclass(NoOperator, BadStatement)


def test_a_duplicate_names_its_constraint_and_nothing_else_gets_out(store, operator, caplog, capfd, kept):
    """A phone number in a unique violation is in no message, attribute, cause, context or log."""
    caplog.set_level(logging.DEBUG)
    slug = f"{PHONE}-{uuid4().hex[:8]}"
    one, two = uuid4(), uuid4()
    with store.act(one) as act:
        act.do(SQL.put_operator, operator=one, slug=slug, at="2026-01-01Z")
    with pytest.raises(Duplicate) as caught, store.act(two) as act:
        act.do(SQL.put_operator, operator=two, slug=slug, at="2026-01-01Z")
    assert caught.value.constraint == "operator_slug_is_taken"
    out = kept(caught.value) + caplog.text + "".join(capfd.readouterr())
    assert PHONE not in out
    assert "insert" not in out.lower()


@pytest.mark.parametrize("query", ["as_number", "as_json", "in_the_text", "checked", "raised"])
def test_no_value_gets_out_of_any_failure(store, query, caplog, capfd, kept):
    """However a statement fails, what it was given stays inside."""
    caplog.set_level(logging.DEBUG)
    values = {"text": f"不 {PHONE} 好"}
    me = uuid4()
    if query == "checked":
        values["operator"] = me
    with pytest.raises((Invalid, BadStatement)) as caught, store.act(me) as act:
        act.do(getattr(MORE, query), **values)
    out = kept(caught.value) + caplog.text + "".join(capfd.readouterr())
    assert PHONE not in out
    assert not re.search(r"\b(select|insert)\b", out, re.IGNORECASE)


def test_a_broken_check_names_its_constraint(store):
    """Names of constraints are ours and may be said."""
    me = uuid4()
    with pytest.raises(BadStatement, match="23514 at `operator_slug_is_a_short_name`"), store.act(me) as act:
        act.do(MORE.checked, operator=me, text="Not a slug")


def test_the_servers_own_log_keeps_no_value(server, store):
    """The embedded server's log has no statement and no detail, even of errors."""
    if server.home is None:
        pytest.skip("an outside PostgreSQL keeps its own log")
    with pytest.raises(Invalid), store.act(uuid4()) as act:
        act.do(MORE.as_number, text=PHONE)
    log = (server.home / "postgres" / "postgresql.log").read_text()
    assert "ready to accept connections" in log
    assert PHONE not in log
    assert "STATEMENT" not in log
    assert "DETAIL" not in log


def test_a_statement_has_a_time_limit(server):
    """What takes too long is ended and said so; the connection stays good."""
    with connect(server.app_url) as application:
        application.execute("set statement_timeout = '20ms'")
        with pytest.raises(Unavailable, match="57014"):
            guarded(application.execute, "select pg_sleep(5)")
        assert application.execute("select 1").fetchone() == (1,)
