"""Keys of callers: made, listed, revoked."""

import pytest

from shounuo.duties import operators
from shounuo.errors import NotFound
from shounuo.store.queries import parse

_DENIED = parse(
    "test",
    "-- name: denied\n-- What was taken away.\nselect reference from shounuo.denial where what = 'key-revoked'",
).denied


def test_a_key_is_revoked_once_and_named_once_outside(office):
    """One denial and one entry for one key; revoked again, it is not there."""
    operators.new_key(office.parts, office.operator, "till", ("product",))
    (made,) = operators.keys(office.parts, office.operator)
    operators.revoke_key(office.parts, office.operator, made.key_hash.hex()[:16])
    with office.parts.store.act(office.operator) as act:
        assert act.rows(str, _DENIED) == [made.key_hash.hex()]
    assert office.entries("key-revoked") == [{"scopes": ["product"]}]
    with pytest.raises(NotFound):
        operators.revoke_key(office.parts, office.operator, made.key_hash.hex()[:16])
