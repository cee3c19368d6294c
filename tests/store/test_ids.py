"""Ids made on our side."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.store.ids import uuid7

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def test_it_is_a_uuid_of_version_7():
    """The version and variant bits are those of RFC 9562."""
    made = uuid7(NOON)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


@given(st.integers(0, 253_000_000_000).map(lambda s: EPOCH + timedelta(seconds=s, microseconds=s % 999_983)))
def test_it_begins_with_the_moment_in_milliseconds(at):
    """The first 48 bits are the milliseconds since 1970, rounded down."""
    assert uuid7(at).int >> 80 == (at - EPOCH) // timedelta(milliseconds=1)


def test_two_of_one_moment_differ_and_later_ones_sort_later():
    """Tails are random; order follows the moment, whatever its time zone."""
    made = {uuid7(NOON) for _ in range(1000)}
    assert len(made) == 1000
    later = (NOON + timedelta(milliseconds=1)).astimezone(timezone(timedelta(hours=8)))
    assert max(made) < uuid7(later)


def test_every_bit_of_the_tail_varies():
    """No bit of the 74 random ones is stuck."""
    ones, zeros = 0, 0
    for _ in range(300):
        made = uuid7(NOON).int
        ones, zeros = ones | made, zeros | ~made
    free = (1 << 80) - 1 & ~(0xF << 76) & ~(0b11 << 62)
    assert ones & free == free
    assert zeros & free == free


@pytest.mark.parametrize("at", [NOON.replace(tzinfo=None), datetime(1969, 12, 31, tzinfo=UTC)])
def test_a_moment_without_zone_or_before_1970_is_refused(at):
    """Such a moment is the programmer's fault."""
    with pytest.raises(ValueError, match="moment"):
        uuid7(at)
