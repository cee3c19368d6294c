"""Make identifiers on our side, so that a row has its name before it is written.

A UUIDv7 (RFC 9562) begins with the moment, so rows made together lie together in an index. Its tail of 74
bits is random and cannot be guessed. Its order is the order of `at`, which is not the order of commits:
never follow a table by "greater than the last id seen". A person's id is `uuid.uuid4()` instead, which
tells nothing at all.
"""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION, _VARIANT = 0x7 << 76, 0b10 << 62


def uuid7(at: datetime) -> UUID:
    """Return a new id for the moment `at` (aware, 1970 or later), exact to the millisecond."""
    if at.tzinfo is None:
        raise ValueError("an id needs a moment with its time zone")
    moment = (at - _EPOCH) // _MILLISECOND
    if not 0 <= moment < 1 << 48:
        raise ValueError("an id cannot be made for a moment before 1970")
    tail = secrets.randbits(74)
    return UUID(int=moment << 80 | _VERSION | (tail >> 62) << 64 | _VARIANT | tail & ((1 << 62) - 1))
