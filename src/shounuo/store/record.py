"""The migrations of this code, and what the database says was applied of them.

1. A migration is `migrations/NNNN_name.sql`, known by its number. The database keeps its name and SHA-256.
2. A file changed after it was applied is refused by name.
3. A database with a migration this code does not have is newer than the code: refused.
4. A new file numbered below one already applied is refused: the order would differ from everyone else's.
5. The application never migrates. It serves a database that has exactly the migrations of this code.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

from psycopg import errors as pg

from shounuo.errors import Misconfigured
from shounuo.store.pool import Connection

_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name and text."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """What the database keeps of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Return the migrations of this code, in order."""
    folder = resources.files("shounuo.store").joinpath("migrations")
    found = [
        Migration(int(number[1]), file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if (number := _FILE.fullmatch(file.name))
    ]
    found.sort(key=lambda each: each.number)
    twice = [b.name for a, b in pairwise(found) if a.number == b.number]
    if twice:
        raise ValueError(f"two migrations have one number: {', '.join(twice)}")
    return found


def must_be_current(connection: Connection) -> None:
    """Raise `Misconfigured` unless the database has exactly the migrations of this code."""
    try:
        applied = recorded(connection)
    except (pg.InsufficientPrivilege, pg.UndefinedTable, pg.InvalidSchemaName):
        applied = {}
    missing = missing_from(applied, migrations())
    if not applied:
        raise Misconfigured(
            "the database has no tables of Shounuo, or they were made for another role; "
            "set DATABASE_OWNER_URL beside DATABASE_URL so that they are made for this one"
        )
    if missing:
        raise Misconfigured(
            f"the database lacks the migration `{missing[0].name}`; set DATABASE_OWNER_URL to have it applied"
        )


def recorded(connection: Connection) -> dict[int, tuple[str, str]]:
    """Return what was applied: number, then name and SHA-256."""
    rows = connection.execute(b"select number, name, sha256 from shounuo.migration", prepare=False).fetchall()
    return {number: (name, sha256) for number, name, sha256 in rows}


def missing_from(applied: Mapping[int, tuple[str, str]], files: list[Migration]) -> list[Migration]:
    """Return the files still to apply, in order; `Misconfigured` when record and files differ (2, 3, 4)."""
    known = {each.number: each for each in files}
    for number, (name, sha256) in sorted(applied.items()):
        if number not in known:
            raise Misconfigured(
                f"the database is newer than this code (it has `{name}`); install that version or a later one"
            )
        if known[number].sha256 != sha256:
            raise Misconfigured(
                f"the migration `{known[number].name}` was changed after it was applied; "
                "put the file back as it was and write a new migration"
            )
    missing = [each for each in files if each.number not in applied]
    if missing and applied and missing[0].number < max(applied):
        raise Misconfigured(f"the migration `{missing[0].name}` is older than one applied; renumber it")
    return missing
