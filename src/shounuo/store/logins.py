"""The three logins of the embedded PostgreSQL, and the database they are for.

1. The superuser makes the others and takes backups; the owner migrates; the application does everything
   else and owns nothing.
2. Passwords are random, made once, kept in a file for us alone, and never made anew beside a data folder.
3. PostgreSQL is sent what it needs to check a password (a SCRAM verifier), never the password.
4. No one else may connect to the database, and no one but its owner may make anything in it.
"""

import json
import os
import secrets
from pathlib import Path

from psycopg import conninfo, sql

from shounuo.errors import Misconfigured
from shounuo.store.faults import guarded
from shounuo.store.pool import Connection, connect

SUPERUSER, OWNER, APP = "postgres", "shounuo_owner", "shounuo_app"
DATABASE, PORT = "shounuo", 5432
_ROLE = "create role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {}"
_PRIVILEGES = (
    "revoke all on database {database} from public",
    "revoke all on database postgres from public",
    "grant connect on database {database} to {app}",
)
# What the last of the privileges leaves behind: all of it was done.
_DONE = b"""
select from pg_database where datname = %s and has_database_privilege(to_regrole(%s), oid, 'connect')
    and not has_database_privilege('public', oid, 'temporary')
"""


def passwords(folder: Path, *, may_make: bool) -> dict[str, str]:
    """Read the password of each role from `folder`; make them when there are none and `may_make` (2)."""
    path = folder / "passwords.json"
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        return {role: str(kept[role]) for role in (SUPERUSER, OWNER, APP)}
    except FileNotFoundError:
        if not may_make:
            raise Misconfigured(
                f"{path} is gone while the database is there; put it back from your copy"
            ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Misconfigured(f"{path} does not hold the passwords; put it back from your copy") from None
    made = {role: secrets.token_urlsafe(32) for role in (SUPERUSER, OWNER, APP)}
    _write(path, json.dumps(made))
    return made


def address(sockets: Path, role: str, password: str) -> str:
    """Return the address a role connects with."""
    database = "postgres" if role == SUPERUSER else DATABASE
    return conninfo.make_conninfo(
        "", host=str(sockets), port=PORT, user=role, password=password, dbname=database
    )


def make_roles(superuser_url: str, made: dict[str, str]) -> None:
    """Make owner, application and database where they are missing, as after a crash in the middle of it."""
    with connect(superuser_url, variable="passwords.json") as superuser:
        guarded(_make_roles, superuser, made)


def _make_roles(superuser: Connection, made: dict[str, str]) -> None:
    if superuser.execute(_DONE, (DATABASE, APP)).fetchone() is not None:
        return
    for role in (OWNER, APP):
        if superuser.execute(b"select from pg_roles where rolname = %s", (role,)).fetchone() is None:
            verifier = superuser.pgconn.encrypt_password(made[role].encode(), role.encode(), b"scram-sha-256")
            superuser.execute(
                sql.SQL(_ROLE).format(sql.Identifier(role), sql.Literal(verifier.decode()))
            )  # (3)
    names = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER), "app": sql.Identifier(APP)}
    if superuser.execute(b"select from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
        superuser.execute(sql.SQL("create database {database} owner {owner}").format(**names))
    with superuser.transaction():
        for privilege in _PRIVILEGES:  # (4)
            superuser.execute(sql.SQL(privilege).format(**names))


def _write(path: Path, text: str) -> None:
    """Write a file only we can read, whole or not at all."""
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)
