"""A denial, and how it stands in the outside journal.

    0 5b9c… {"at":"2026-01-02T03:04:05.000006Z","id":"…","person":"…","reference":"…","v":1,"what":"refused"}

1. A line is its number, the running hash, and the denial in the one encoding of `core.ledger`.
2. The running hash is SHA-256 over the hash before and the denial; the first goes on from the operator's id.
   So no line can be changed, left out, moved, or brought over from another operator without being seen.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from shounuo.core.ledger import canonical
from shounuo.errors import Tampered

_HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Denial:
    """An act that took permission away: what, whose, and which of theirs, by random ids only."""

    denial: UUID
    at: datetime
    what: str
    person: UUID | None
    reference: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two lines: how many are before it, and the running hash up to it."""

    lines: int
    offset: int
    hash: bytes


def start(operator: UUID) -> Place:
    """The place before the first line of an operator's journal (2)."""
    return Place(0, 0, sha256(b"shounuo-journal/1\n" + operator.bytes).digest())


def line(number: int, before: bytes, denial: Denial) -> tuple[bytes, bytes]:
    """A line, and the running hash behind it (1, 2)."""
    body = canonical(
        {
            "v": 1,
            "id": str(denial.denial),
            "at": denial.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "what": denial.what,
            "person": None if denial.person is None else str(denial.person),
            "reference": denial.reference,
        }
    )
    hash_ = sha256(before + body).digest()
    return b"%d %s %s\n" % (number, hash_.hex().encode(), body), hash_


def parsed(line: bytes, place: Place) -> tuple[Denial, Place]:
    """The denial in the line at a place, and the place behind it; `Tampered` when it does not fit (2)."""
    number, hash_, body = fields(line, place.lines)
    if number != place.lines or sha256(place.hash + body).digest() != hash_:
        raise _damaged(place.lines)
    match json.loads(body):
        case {"v": 1, "id": str(id), "at": str(at), "what": str(what), "person": None | str() as person,
              "reference": str(reference)}:  # fmt: skip
            denial = Denial(
                UUID(id), datetime.fromisoformat(at), what, UUID(person) if person else None, reference
            )
            return denial, Place(place.lines + 1, place.offset + len(line), hash_)
    raise _damaged(place.lines)


def fields(line: bytes, expected: int | None) -> tuple[int, bytes, bytes]:
    """Number, hash and denial of a line, not checked yet; `Tampered` when it has none."""
    number, _, rest = line.partition(b" ")
    digits, _, body = rest.partition(b" ")
    if line.endswith(b"\n") and number.isdigit() and len(digits) == _HASH_DIGITS:
        try:
            return int(number), bytes.fromhex(digits.decode()), body[:-1]
        except ValueError:
            pass
    raise _damaged(expected)


def _damaged(number: int | None) -> Tampered:
    which = "its last line" if number is None else f"line {number}"
    return Tampered(f"the outside journal is damaged at {which}; put back a whole copy of it")
