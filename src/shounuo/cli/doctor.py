"""What `shounuo doctor` looks at. Each finding is right, at risk, or wrong, and says what to do."""

import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shounuo.config import Config, read
from shounuo.errors import ShounuoError
from shounuo.law.workdays import calendar

if TYPE_CHECKING:
    from shounuo.duties.parts import Parts
    from shounuo.wire import Known


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state` is right, risk or wrong."""

    what: str
    state: str
    says: str


def examine() -> list[Finding]:
    """Look at settings, keys, database, operators, calendar."""
    try:
        config = read()
    except ShounuoError as error:
        return [Finding("settings", "wrong", str(error))]
    return [Finding("home", "right", str(config.home)), *_keys(config), *_database(config), _calendar()]


def _keys(config: Config) -> list[Finding]:
    if not config.custody[0].exists():
        return [Finding("keys", "risk", "nothing was set up here yet; the first start makes the master key")]
    found = []
    for folder in config.custody:
        master = folder / "master.key"
        if not master.exists():
            found.append(
                Finding(
                    "keys",
                    "wrong",
                    f"the master key is missing in {folder}: copy it back from the other folder or your backup",
                )
            )
        elif stat.S_IMODE(master.stat().st_mode) & 0o077:
            found.append(Finding("keys", "wrong", f"{master} can be read by others: chmod 600"))
    if same_disk(*config.custody):
        found.append(
            Finding(
                "keys",
                "risk",
                "both copies of the keys lie on one disk; losing the master key loses all: keep the second copy "
                "elsewhere (not in an archive older than your erasure term)",
            )
        )
    return found or [Finding("keys", "right", "two copies, readable by their owner only")]


def same_disk(first: Path, second: Path) -> bool:
    """Whether two folders lie on one device."""
    return first.exists() and second.exists() and first.stat().st_dev == second.stat().st_dev


def _database(config: Config) -> list[Finding]:
    from shounuo.store.queries import load
    from shounuo.wire import Known, open_house

    sql = load("shounuo.store", "sql/foundation.sql")
    found: list[Finding] = []
    try:
        with open_house(config) as house:
            where = "the one at DATABASE_URL" if config.database_url else "embedded"
            found.append(
                Finding("database", "right", f"{where}, migrated, its role is held by row-level security")
            )
            found += _log_leaks(config)
            for operator in house.store.ask(Known, sql.operators):
                try:
                    house.guard.check(operator.id)
                    found.append(
                        Finding(
                            f"operator {operator.slug}",
                            "right",
                            "its ledger agrees with the checkpoint outside",
                        )
                    )
                    found += _damages(house.parts, operator)
                except ShounuoError as error:
                    found.append(Finding(f"operator {operator.slug}", "wrong", str(error)))
    except ShounuoError as error:
        found.append(Finding("database", "wrong", str(error)))
    return found


def _damages(parts: "Parts", operator: "Known") -> list[Finding]:
    """People of whom something does not open; the officer's list names them."""
    from shounuo.duties import due

    if not (count := len(due.damages(parts, operator.id))):
        return []
    return [
        Finding(
            f"operator {operator.slug}",
            "wrong",
            f"of {count} people something stored is not what was sealed: see `/console/{operator.slug}/due`, put it "
            "back or erase it",
        )
    ]


def _log_leaks(config: Config) -> list[Finding]:
    """A PostgreSQL of one's own may write values into its log; only its administrator can change that."""
    if config.database_url is None:
        return []
    from shounuo.store.pool import connect
    from shounuo.store.roles import log_leaks

    with connect(config.database_url) as made:
        return [
            Finding("database log", "risk", f"may hold values; as a superuser run: {said}")
            for said in log_leaks(made)
        ]


def _calendar() -> Finding:
    year = datetime.now(UTC).year
    known = calendar()
    if not known.is_announced(year):
        return Finding(
            "calendar",
            "wrong",
            f"no holiday notice for {year} is known: deadlines are provisional until it is loaded",
        )
    if not known.is_announced(year + 1):
        return Finding(
            "calendar",
            "risk",
            f"the notice for {year + 1} is not loaded yet: deadlines that reach into it are provisional",
        )
    return Finding("calendar", "right", f"notices known through {year + 1}")
