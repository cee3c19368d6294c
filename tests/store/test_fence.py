"""The fence between operators: who sees and writes whose rows, and what the application may do at all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import conninfo

from shounuo.store.faults import BadStatement, NoOperator
from shounuo.store.pool import Limits, connect
from shounuo.store.queries import load, parse
from shounuo.store.store import Store

AT = datetime(2026, 3, 1, tzinfo=UTC)
WITHOUT_OPERATOR = {
    "migration",
    "migration_turn",
}  # Tables of no operator, declared. Add one only with a reason.
# Tables whose owner reads across operators, inside functions that list no more than they must.
READ_ACROSS = {"operator", "access_key", "ledger_pending", "denial_pending"}
SQL = load("shounuo.store", "sql/foundation.sql")
BARE = parse(
    "test",
    """
-- name: keys
-- Reads keys with no condition at all: what the fence leaves.
select operator from shounuo.access_key

-- name: operators
-- Reads operators with no condition at all.
select id from shounuo.operator

-- name: revoke
-- Revokes keys with no condition at all.
update shounuo.access_key set revoked_at = %(at)s

-- name: forget
-- Forgets answers with no condition at all.
delete from shounuo.idempotency

-- name: setting
-- Reads what this connection holds for the operator.
select current_setting('shounuo.operator', true) as setting
""",
)


@dataclass(frozen=True)
class Found:
    """What a key's look-up answers."""

    operator: UUID
    slug: str
    scopes: list[str]
    label: str


@pytest.fixture
def other(store):
    """A second operator."""
    made = uuid4()
    with store.act(made) as act:
        act.do(SQL.put_operator, operator=made, slug=f"o-{made.hex[:20]}", at=AT)
    return made


@pytest.fixture
def alone(server):
    """A store with a single connection, so that each act is on the connection of the one before."""
    with Store.open(server.app_url, limits=Limits(connections_max=1)) as opened:
        yield opened


def put_key(store, operator, key=None):
    """Give an operator a key; return its hash."""
    key = key or uuid4().bytes * 2
    with store.act(operator) as act:
        act.do(SQL.put_access_key, operator=operator, key_hash=key, scopes=["read"], label="k", at=AT)
    return key


def put_answer(act, operator):
    """Keep one answer."""
    values = {"operator": operator, "access_key": b"k", "route": "r", "idempotency_key": uuid4().hex}
    act.do(
        SQL.put_answered,
        **values,
        fingerprint=b"f",
        fingerprint_key=uuid4(),
        status=201,
        resource=None,
        at=AT,
    )


def test_another_operators_rows_are_neither_seen_nor_touched(store, operator, other):
    """Statements without any condition reach the operator's own rows only."""
    for each in (operator, other):
        put_key(store, each)
        with store.act(each) as act:
            put_answer(act, each)
    with store.act(other) as act:
        assert act.rows(UUID, BARE.keys) == [other]
        assert act.rows(UUID, BARE.operators) == [other]
        assert act.do(BARE.revoke, at=AT) == 1
        assert act.do(BARE.forget) == 1
    with store.act(operator) as act:
        assert act.do(BARE.forget) == 1
        assert act.row(str, SQL.operator_slug, operator=other) is None


def test_a_row_cannot_be_written_for_another_operator(store, operator, other):
    """The fence holds for what is written, too."""
    with pytest.raises(BadStatement) as refused, store.act(operator) as act:
        act.do(SQL.put_access_key, operator=other, key_hash=b"x" * 32, scopes=[], label="", at=AT)
    assert refused.value.sqlstate == "42501"
    with pytest.raises(BadStatement), store.act(operator) as act:
        act.do(SQL.put_operator, operator=uuid4(), slug="stranger", at=AT)


@pytest.mark.parametrize("query", ["keys", "operators"])
def test_without_an_operator_a_query_is_refused(alone, operator, query):
    """Both on a fresh connection, where the setting is absent, and on a used one, where it is empty."""
    put_key(alone, operator)
    with Store.open(alone._pool.conninfo) as fresh:
        assert fresh.ask(str, BARE.setting) == [None]
        with pytest.raises(NoOperator, match="SH001"):
            fresh.ask(UUID, getattr(BARE, query))
    assert alone.ask(str, BARE.setting) == [""]
    with pytest.raises(NoOperator, match="SH001"):
        alone.ask(UUID, getattr(BARE, query))


def test_the_operator_is_gone_after_an_act_that_failed(alone, operator):
    """However an act ends, the next user of its connection has no operator."""
    for problem in (ValueError, KeyboardInterrupt):
        with pytest.raises(problem), alone.act(operator) as act:
            assert act.row(str, BARE.setting) == str(operator)
            raise problem
        assert alone.ask(str, BARE.setting) == [""]
    with pytest.raises(BadStatement), alone.act(operator) as act:
        put_answer(act, uuid4())
    assert alone.ask(str, BARE.setting) == [""]


def test_two_operators_on_one_connection_see_their_own(alone, operator, other):
    """The setting of one act never reaches the next."""
    for each in (operator, other, operator):
        with alone.act(each) as act:
            assert act.rows(UUID, BARE.operators) == [each]


def test_an_operator_is_a_uuid_and_nothing_else(store):
    """Text could carry a statement."""
    with pytest.raises(TypeError, match="UUID"), store.act("'; drop table x; --"):
        pytest.fail("the act began")


def test_an_operator_is_found_by_its_slug(store, operator):
    """The one name that is public leads to the id, from outside of any operator."""
    with store.act(operator) as act:
        slug = act.row(str, SQL.operator_slug, operator=operator)
    assert store.ask_one(UUID, SQL.operator_by_slug, slug=slug) == operator
    assert store.ask_one(UUID, SQL.operator_by_slug, slug="nobody-here") is None


def test_a_key_is_found_by_its_hash_until_it_is_revoked(store, operator):
    """A look-up by hash answers whose key it is and what it opens."""
    key = put_key(store, operator)
    found = store.ask_one(Found, SQL.access_key_by_hash, key_hash=key)
    assert (found.operator, found.scopes) == (operator, ["read"])
    with store.act(operator) as act:
        assert act.do(SQL.revoke_access_key, operator=operator, key_hash=key, at=AT) == 1
        assert act.do(SQL.revoke_access_key, operator=operator, key_hash=key, at=AT) == 0
    assert store.ask_one(Found, SQL.access_key_by_hash, key_hash=key) is None


def test_a_hash_that_two_operators_hold_opens_neither(store, operator, other):
    """Who copies another's hash gains nothing, and is not mistaken for the other."""
    key = put_key(store, operator)
    put_key(store, other, key)
    assert store.ask_one(Found, SQL.access_key_by_hash, key_hash=key) is None


def test_every_operators_table_is_fenced(server):
    """Row-level security is enabled and forced, with the one policy, on every table with an operator."""
    with connect(server.owner_url) as owner:
        tables = owner.execute(
            """
            select c.relname, c.relrowsecurity and c.relforcerowsecurity,
                exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'operator')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'shounuo' and c.relkind in ('r', 'p', 'v', 'm', 'f')
            """
        ).fetchall()
        policies = owner.execute(
            """
            select tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies
            where schemaname = 'shounuo' and policyname = 'fence'
            """
        ).fetchall()
    fenced = {name for name, _, has_operator in tables if has_operator} | {"operator"}
    assert {name for name, *_ in tables} - fenced == WITHOUT_OPERATOR
    assert {name for name, forced, _ in tables if forced} == fenced
    own = {name: "id" if name == "operator" else "operator" for name in fenced}
    rule = {name: f"({column} = ( SELECT shounuo.operator() AS operator))" for name, column in own.items()}
    assert sorted(policies) == sorted(
        (name, "fence", "PERMISSIVE", "{public}", "ALL", rule[name], rule[name]) for name in fenced
    )


def test_only_the_owners_look_ups_reach_across(server):
    """Any other policy stands on a declared table, for reading, for the owner alone."""
    with connect(server.owner_url) as owner:
        found = owner.execute(
            "select tablename, cmd, roles::text[] from pg_policies where policyname <> 'fence'"
        ).fetchall()
        assert {(cmd, *roles) for _, cmd, roles in found} == {("SELECT", owner.info.user)}
    assert {table for table, _, _ in found} == READ_ACROSS


def test_the_application_owns_nothing_and_may_not_destroy(server):
    """The application role is plain, owns nothing, and truncates, refers to and triggers nothing."""
    with connect(server.owner_url) as owner:
        plain = owner.execute(
            "select not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)"
            " from pg_roles where rolname = %s",
            (server.app,),
        ).fetchone()
        owned = owner.execute(
            "select relname from pg_class join pg_roles r on r.oid = relowner where rolname = %s",
            (server.app,),
        ).fetchall()
        granted = owner.execute(
            "select table_name, privilege_type from information_schema.role_table_grants"
            " where table_schema = 'shounuo' and grantee in (%s, 'PUBLIC')",
            (server.app,),
        ).fetchall()
        closed = owner.execute(
            "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace,"
            " aclexplode(p.proacl) g where n.nspname = 'shounuo' and g.grantee = 0"
        ).fetchall()
    assert (plain, owned, closed) == ((True,), [], [])
    assert {privilege for _, privilege in granted} <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {name for name, _ in granted} & WITHOUT_OPERATOR == {"migration"}


@pytest.mark.parametrize(
    "statement",
    [
        "call shounuo.fence('access_key')",
        "truncate shounuo.idempotency",
        "delete from shounuo.access_key",
        "update shounuo.access_key set scopes = '{all}'",
        "alter table shounuo.access_key disable row level security",
        "set role {owner}",
        "create table shounuo.mine (x int)",
        "update shounuo.migration set sha256 = ''",
    ],
)
def test_what_the_application_may_not_do(server, operator, statement):
    """Each is refused for want of the right."""
    with connect(server.app_url) as application:
        application.execute("select set_config('shounuo.operator', %s, false)", (str(operator),))
        owner = conninfo.conninfo_to_dict(server.owner_url)["user"]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement.format(owner=owner) if "{owner}" in statement else statement)


def test_the_embedded_database_lets_the_application_make_nothing(server):
    """Not even a temporary table, which could stand in the way of a real one."""
    if server.home is None:
        pytest.skip("the rights in an outside PostgreSQL are its administrator's")
    with connect(server.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("create temporary table mine (x int)")


def test_a_definers_search_path_is_pinned(server):
    """A function that runs as the owner cannot be led to another's table."""
    with connect(server.owner_url) as owner:
        found = owner.execute(
            "select p.proname, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname = 'shounuo' and p.prosecdef"
        ).fetchall()
    assert {"operator_by_slug", "access_key_by_hash"} <= {name for name, _ in found}
    assert [name for name, config in found if "search_path=pg_catalog, pg_temp" not in (config or ())] == []
