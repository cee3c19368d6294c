"""What was found damaged: put on the officer's list and on the ledger, while the rest goes on.

1. What is done for everybody at once (what falls due, the turning over of keys, the index) leaves out whoever's
   information does not open, and notes it here. One damaged row never keeps the others' promises waiting.
2. A person is noted once, with an entry `damaged`, and stays on the list until all of theirs opens, or is erased; then
   there is an entry `mended`.
3. Neither says what was damaged: an opaque id, where it was come upon, and when.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from shounuo.errors import NotFound, Tampered
from shounuo.store.act import Act
from shounuo.store.queries import load
from shounuo.vault import pseudonym
from shounuo.vault.keys import Keys

sql = load("shounuo.vault", "sql/damage.sql")
log = structlog.get_logger("shounuo.vault")


@dataclass(frozen=True, slots=True)
class Damage:
    """One person of whom something does not open: where that was come upon, and since when it is known."""

    person: UUID
    found_in: str
    noted_at: datetime


def note(act: Act, keys: Keys, person: UUID, found_in: str, at: datetime) -> None:
    """Put a person on the list, with an entry, unless they are on it. (1, 2)"""
    if act.do(sql.note, operator=act.operator, person=person, found_in=found_in, at=at):
        act.append("damaged", at, {"found_in": found_in}, _name(act, keys, person))
        act.after_commit(lambda: log.error("damaged", found_in=found_in, operator=str(act.operator)))


def noted(act: Act, most: int) -> list[Damage]:
    """Return who is on the list, the longest known first."""
    return act.rows(Damage, sql.noted, operator=act.operator, most=most)


def mended(act: Act, keys: Keys, one: Damage, at: datetime) -> None:
    """Take a person off the list. (2)"""
    if act.do(sql.drop, operator=act.operator, person=one.person):
        act.append("mended", at, {"found_in": one.found_in}, _name(act, keys, one.person))


def _name(act: Act, keys: Keys, person: UUID) -> str | None:
    """The person's name in the ledger, where it is what can still be read."""
    try:
        return pseudonym.read(act, keys, person)
    except (Tampered, NotFound):
        return None
