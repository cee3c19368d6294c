"""Bring the database up to this code, one numbered file after the other, never back.

1. A file runs as the owner, in one transaction together with the row that records it. `{app}` in it stands
   for the application role's quoted name.
2. What is missing, and what is refused, `record` tells.
3. Two processes may migrate at once: each takes the row of `migration_turn` before it looks what is missing,
   so one works and the other waits and finds it done.
4. A role other than the one the database was made for has no rights in it: said before anything is served.
"""

from datetime import UTC, datetime

import psycopg
from psycopg import errors as pg
from psycopg import sql

from shounuo.errors import Misconfigured
from shounuo.store.faults import guarded, translated
from shounuo.store.pool import Connection, Limits, connect
from shounuo.store.record import Migration, migrations, missing_from, recorded

_LIMITS = Limits(statement_s=0, lock_s=120, idle_in_transaction_s=120, transaction_s=0)
_FOUNDATION = b"""
create schema if not exists shounuo;
create table if not exists shounuo.migration (
    number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null);
create table if not exists shounuo.migration_turn (one boolean primary key check (one));
insert into shounuo.migration_turn (one) values (true) on conflict do nothing;
"""
_KNOWN = b"""
select exists (select from pg_roles where rolname = %s and has_schema_privilege(oid, 'shounuo', 'usage'))
"""
_MADE_AT_ONCE = (pg.UniqueViolation, pg.DuplicateSchema, pg.DuplicateTable, pg.DuplicateObject)


def migrate(owner_url: str, app: str, files: list[Migration] | None = None) -> list[str]:
    """Apply what is missing, as the owner, for the application role `app`; return the names applied."""
    with connect(owner_url, _LIMITS, variable="DATABASE_OWNER_URL") as owner:
        if owner.info.user == app:
            raise Misconfigured(
                "DATABASE_URL and DATABASE_OWNER_URL name one role; the application needs its own"
            )
        return guarded(_apply_missing, owner, app, migrations() if files is None else files)


def _apply_missing(owner: Connection, app: str, files: list[Migration]) -> list[str]:
    _lay_foundation(owner)
    done: list[str] = []
    while applied := _apply_next(owner, app, files):
        done.append(applied)
    _must_know(owner, app)
    return done


def _lay_foundation(owner: Connection) -> None:
    for _ in range(10):
        try:
            if owner.execute(b"select to_regclass('shounuo.migration_turn')").fetchone() == (None,):
                owner.execute(_FOUNDATION, prepare=False)
        except _MADE_AT_ONCE:
            continue  # Another process makes the same; "if not exists" does not see what is not committed.
        except pg.InsufficientPrivilege:
            break
        return
    raise Misconfigured(
        "the role in DATABASE_OWNER_URL may not create a schema; grant it CREATE on the database"
    )


def _apply_next(owner: Connection, app: str, files: list[Migration]) -> str | None:
    """Apply the first missing migration, if there is one, in a transaction of its own (1, 3)."""
    with owner.transaction():
        owner.execute(b"select one from shounuo.migration_turn for update")
        missing = missing_from(recorded(owner), files)
        if not missing:
            return None
        _apply(owner, app, missing[0])
        return missing[0].name


def _apply(owner: Connection, app: str, file: Migration) -> None:
    text = file.text.replace("{app}", sql.Identifier(app).as_string(owner))
    try:
        owner.execute(text.encode(), prepare=False)
        owner.execute(
            b"insert into shounuo.migration (number, name, sha256, applied_at) values (%s, %s, %s, %s)",
            (file.number, file.name, file.sha256, datetime.now(UTC)),
        )
    except psycopg.Error as error:
        about_names = (error.sqlstate or "").startswith("42")  # Syntax, lacking tables and rights: no values.
        said = error.diag.message_primary if about_names else None
        fault = translated(error)
    else:
        return
    raise RuntimeError(f"the migration `{file.name}` failed: {said or fault}")


def _must_know(owner: Connection, app: str) -> None:
    """See that the application role may use the schema (4)."""
    known = owner.execute(_KNOWN, (app,)).fetchone()
    if known != (True,):
        raise Misconfigured(
            f"the tables of Shounuo were made for another role than `{app}`; "
            "put the role they were made for into DATABASE_URL"
        )
