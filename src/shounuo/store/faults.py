"""Turn what the driver raises into our own errors, and let no value through.

    Refused
    ├── Conflict
    │   ├── Duplicate       a unique constraint says this exists already; `constraint` names it
    │   └── Dangling        a foreign key says what this belongs to is not there, or is still needed
    └── Invalid             a value no column can keep, such as text with a NUL
    Unavailable             the database is down, full, or took too long
    └── Contended           another act went first: run the whole act again (`Store.retry`)
    RuntimeError
    └── BadStatement        our own fault; carries the SQLSTATE and, where there is one, the constraint
        └── NoOperator      a statement ran without an operator (SH001)

1. A driver's error holds the row it failed on ("Key (phone)=(138...) already exists"). Only the five
   characters of the SQLSTATE and the names of constraints, which are written by us, pass from it.
2. The driver's error is not kept as cause or context either: callers raise what `translated` returns
   *after* their `except` block has ended, never inside it.
3. An error without SQLSTATE comes from the driver. When it is about the connection, the database is
   unreachable.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from psycopg import errors as pg

from shounuo.errors import Conflict, Invalid, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

UNREACHABLE = (
    "the database cannot be reached, or all its connections are busy; "
    "see that it runs and that its address is right, then try again"
)
TOO_LONG = "the database took longer than it may, or is too busy; try again"
_CONTENTION = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock timeout
_TIME_LIMITS = frozenset({"57014", "25P03", "25P04"})  # statement, idle transaction, whole transaction
_NO_ROOM = ("53", "54000", "58")  # resources, limits, the machine below
_NO_SERVER = ("08", "57P", "25006")  # connection, shutdown or start-up, a standby that only reads


class Duplicate(Conflict):
    """A row with this key exists already."""

    def __init__(self, constraint: str) -> None:
        self.constraint = constraint
        super().__init__("duplicate", f"this exists already (`{constraint}`)")


class Dangling(Conflict):
    """A row belongs to one that does not exist, or one that others belong to cannot go."""

    def __init__(self, constraint: str) -> None:
        self.constraint = constraint
        super().__init__(
            "dangling", f"this belongs to something that is not there, or is still needed (`{constraint}`)"
        )


class Contended(Unavailable):
    """Another act on the same rows went first. Nothing was written; the whole act can be run again."""


class BadStatement(RuntimeError):
    """The database refused a statement of ours. That is our fault; the message carries no value."""

    def __init__(self, sqlstate: str, constraint: str | None = None, said: str = "") -> None:
        self.sqlstate = sqlstate
        self.constraint = constraint
        at = f" at `{constraint}`" if constraint else ""
        super().__init__(said or f"the database refused a statement (SQLSTATE {sqlstate}{at})")


class NoOperator(BadStatement):
    """A statement touched an operator's rows while no operator was set."""


def translated(error: psycopg.Error) -> Exception:
    """Return our own error for the driver's, without any text of it (1). Raise it outside of `except` (2)."""
    state = error.sqlstate or ""
    constraint = error.diag.constraint_name
    if not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):  # (3)
        return Unavailable(UNREACHABLE)
    if isinstance(error, pg.UniqueViolation):
        return Duplicate(constraint or "")
    if isinstance(error, pg.ForeignKeyViolation):
        return Dangling(constraint or "")
    if isinstance(error, psycopg.DataError):
        return Invalid("value", f"a value is not of a kind that can be kept (SQLSTATE {state or '22000'})")
    if state in _CONTENTION:
        return Contended("another act on the same rows went first; try again")
    if state in _TIME_LIMITS or state.startswith(_NO_ROOM):
        return Unavailable(f"{TOO_LONG} (SQLSTATE {state})")
    if state.startswith(_NO_SERVER):
        return Unavailable(UNREACHABLE)
    if state == "SH001":
        return NoOperator(state, said="a statement ran without an operator (SQLSTATE SH001)")
    return BadStatement(state or "client", constraint)


def guarded(call: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """Call the driver; raise our own error in place of its own, with nothing of it attached (1, 2)."""
    try:
        return call(*given, **named)
    except psycopg.Error as error:
        fault = translated(error)
    except UnicodeError:
        fault = Invalid("value", "a text holds characters that cannot be kept")
    raise fault
