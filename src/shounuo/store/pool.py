"""Connections to PostgreSQL: how one is made, set, lent for one act, and taken back.

1. Every connection has time limits, speaks UTC, and searches no schema but PostgreSQL's own: our SQL
   names ours.
2. The operator is set in the same message that begins the transaction, and for that transaction only
   (`set local`). When it ends, however it ends, the setting is gone: no later act on this connection can
   meet it.
3. A connection that died while it lay in the pool is found when an act begins on it, before anything was
   done, so the act begins again on another. This is how the pool survives a restart of PostgreSQL.
4. The pool stops looking for a server that is down as soon as callers stop waiting, and looks again when the
   next one asks; else its pauses would grow and it would miss the server's return.
5. An act that ends badly gives its connection back clean, or closed.
6. A connection knows which start of which server it speaks to: a server that was started anew, or a database made anew,
   may hold an earlier state. What rests on an earlier look at it is looked at again first (see `store`).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.json import JsonbDumper
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from shounuo.errors import Misconfigured, Unavailable
from shounuo.store.faults import UNREACHABLE, Contended, guarded


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection of ours. `start` names the start of the server, and the database, it speaks to (6)."""

    start: str = ""


Pool = ConnectionPool[Connection]

_KEPT_ALIVE = {"connect_timeout": "5", "keepalives_idle": "30", "tcp_user_timeout": "30000"}  # s, s, ms
_START = """pg_postmaster_start_time()::text || '/' || (select d.oid from pg_database d where d.datname = current_database())"""
_PREPARE_AFTER, _PREPARED_MAX = 3, 500  # uses of a statement on a connection; statements a connection keeps


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections a process holds and how long anything may take; seconds, 0 for no limit."""

    connections_max: int = 10
    wait_s: float = 5
    statement_s: float = 30
    lock_s: float = 10
    idle_in_transaction_s: float = 30
    transaction_s: float = 60


def connect(url: str, limits: Limits | None = None, *, variable: str = "DATABASE_URL") -> Connection:
    """Open one connection in autocommit; `variable` is the setting a complaint names."""
    address = addressed(url, variable)
    try:
        made = Connection.connect(address, autocommit=True)
    except psycopg.Error as error:
        fault = _refused(str(error), variable)
    else:
        guarded(prepare, made, limits or Limits())
        return made
    raise fault


def pooled(url: str, limits: Limits) -> Pool:
    """Make the pool for the acts of this process; its connections are opened as they are needed."""
    return ConnectionPool(
        addressed(url, "DATABASE_URL"),
        connection_class=Connection,
        min_size=1,
        max_size=limits.connections_max,
        timeout=limits.wait_s,
        reconnect_timeout=limits.wait_s,  # (4)
        kwargs={"autocommit": True},
        configure=lambda made: prepare(made, limits),
        name="shounuo",
        open=True,
    )


def addressed(url: str, variable: str) -> str:
    """Return the address with our network defaults below what it says itself."""
    try:
        return conninfo.make_conninfo("", **(_KEPT_ALIVE | conninfo.conninfo_to_dict(url)))
    except psycopg.Error:
        pass
    raise Misconfigured(
        f"{variable} is not an address of PostgreSQL; write postgresql://role:password@host/database"
    )


def prepare(made: Connection, limits: Limits) -> None:
    """Set a fresh connection (1), and see where it leads (6)."""
    settings = {
        "statement_timeout": f"{limits.statement_s * 1000:.0f}",
        "lock_timeout": f"{limits.lock_s * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{limits.idle_in_transaction_s * 1000:.0f}",
        "timezone": "UTC",
        "datestyle": "ISO",
        "search_path": "pg_catalog, pg_temp",
        "default_transaction_isolation": "read committed",
        "row_security": "on",
        "client_min_messages": "warning",
    }
    if made.info.server_version >= 170000:
        settings["transaction_timeout"] = f"{limits.transaction_s * 1000:.0f}"
    each = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
    found = made.execute(f"select {_START}, {each}".encode(), prepare=False).fetchone()
    made.start = found[0] if found else ""
    made.prepare_threshold = _PREPARE_AFTER
    made.prepared_max = _PREPARED_MAX
    made.adapters.register_dumper(dict, JsonbDumper)


def begin(pool: Pool, operator: UUID | None) -> Connection:
    """Lend a connection with a transaction open for `operator`, or one that only reads for none (2)."""
    if operator is not None and not isinstance(operator, UUID):
        raise TypeError("an operator is a UUID")
    opening = b"begin read only"
    if operator is not None:
        opening = f"begin; set local shounuo.operator = '{operator}'".encode()
    for _ in range(pool.max_size + 1):  # (3)
        made = take(pool)
        try:
            made.execute(opening, prepare=False)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            give_back(pool, made)
        except BaseException:
            give_back(pool, made)
            raise
        else:
            return made
    raise Unavailable(UNREACHABLE)


def commit(made: Connection) -> None:
    """Commit; when the connection breaks in this moment, say that the outcome is not known."""
    try:
        guarded(made.commit)
    except Contended:
        raise
    except Unavailable:
        pass
    else:
        return
    raise Unavailable(
        "the database went away during a commit; whether the act was kept is not known: look before repeating"
    )


def take(pool: Pool) -> Connection:
    """Lend a connection, with no transaction open."""
    try:
        return pool.getconn()
    except (PoolTimeout, PoolClosed):
        pass
    raise Unavailable(UNREACHABLE)


def give_back(pool: Pool, made: Connection) -> None:
    """Take a connection back, undoing a transaction still open; what cannot be cleaned is closed (5)."""
    try:
        if made.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            made.rollback()
    except psycopg.Error:
        made.close()
    except BaseException:
        made.close()
        raise
    finally:
        pool.putconn(made)


def _refused(said: str, variable: str) -> Exception:
    """Tell a wrong address from a server that is down; `said` names hosts and roles and is not shown."""
    if "authentication failed" in said or "no pg_hba.conf entry" in said or "no password supplied" in said:
        return Misconfigured(
            f"PostgreSQL does not let the role in {variable} in; check its name and password"
        )
    if "FATAL" in said and "does not exist" in said:
        return Misconfigured(f"the role or database in {variable} does not exist; create it first")
    return Unavailable(UNREACHABLE)
