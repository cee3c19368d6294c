"""See that the role we run as is held by row-level security, and what the server's log would keep of it.

The application role must not be able to see past the fence between operators, now or by a change it could
make itself. It is refused when it, or any role it can become, is a superuser, bypasses row-level
security, may make roles or replicate the whole cluster, reads the server's files, or owns anything in our
schema.
"""

from psycopg import sql

from shounuo.errors import Misconfigured
from shounuo.store.faults import guarded
from shounuo.store.pool import Connection

_FAULTS = b"""
with reach as (select r.* from pg_roles r where pg_has_role(session_user, r.oid, 'member'))
select 'is a superuser' from reach where rolsuper
union select 'passes row-level security (BYPASSRLS)' from reach where rolbypassrls
union select 'may make roles (CREATEROLE)' from reach where rolcreaterole
union select 'may copy the whole cluster (REPLICATION)' from reach where rolreplication
union select 'runs programs or reads files on the server' from reach
    where rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
union select 'owns the schema `shounuo` or belongs to its owner'
    from pg_namespace n join reach on reach.oid = n.nspowner where n.nspname = 'shounuo'
union select 'owns tables of Shounuo or belongs to their owner'
    from pg_class c join reach on reach.oid = c.relowner
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'shounuo'
union select 'owns the database or belongs to its owner' from pg_database d join reach on reach.oid = d.datdba
    where d.datname = current_database()
order by 1
"""
_LOGGED = b"select name, setting from pg_settings where name = any(%s) order by name"
_SILENT = {  # What each setting may be; the first is what to ask for.
    "log_min_messages": ("log", "fatal", "panic"),
    "log_min_error_statement": ("panic",),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_parameter_max_length": ("0",),
    "log_parameter_max_length_on_error": ("0",),
}


def must_be_bound(connection: Connection) -> None:
    """Raise `Misconfigured`, with every reason, when the role of this connection could pass the fence."""
    faults = [row[0] for row in guarded(lambda: connection.execute(_FAULTS, prepare=False).fetchall())]
    if faults:
        raise Misconfigured(
            f"the role in DATABASE_URL {'; it '.join(faults)}, and would see past the fence; "
            "give it a role of its own that owns nothing (LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE)"
        )


def log_leaks(connection: Connection) -> list[str]:
    """Return the statements an administrator still has to run to keep values out of the server's log.

    A PostgreSQL as it comes writes failed statements, and the rows they failed on, into its log. Only a
    superuser can change that, so with a PostgreSQL of one's own it is asked for; the embedded one is set so.
    """
    rows = guarded(lambda: connection.execute(_LOGGED, (list(_SILENT),), prepare=False).fetchall())
    role = sql.Identifier(connection.info.user).as_string(connection)
    return [
        f"alter role {role} set {name} = '{_SILENT[name][0]}'"
        for name, setting in rows
        if setting not in _SILENT[name]
    ]
