"""Doing things once: what was kept is not told before it is safe."""

import errno
import hashlib

import pytest

from shounuo.duties import agree, once, operators
from shounuo.duties.once import Call
from shounuo.errors import Unavailable
from shounuo.store.journal import Journal
from shounuo.store.queries import parse

_counting = parse("tests", """
-- name: denials
-- Counts.
select count(*) from shounuo.denial where operator = %(operator)s
""")  # fmt: skip


def test_a_repeated_withdrawal_is_not_answered_before_the_journal_has_it(house, office, monkeypatch):
    """The disk of the journal is full: neither the call nor its repetition is answered; with room again, it is."""
    person = office.person()
    office.agree(person, "rule")
    call = Call(bytes(32), "POST /v1/consents/withdraw", "key-1", b"body")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "_write", full)
        token = once.CURRENT.set(call)
        with pytest.raises(Unavailable):
            agree.withdraw(office.parts, office.operator, person, "rule")
        once.CURRENT.reset(token)
        with pytest.raises(Unavailable):
            once.answered(office.parts, office.operator, call)
        assert list(house.guard.journal.read(office.operator)) == []
    assert once.answered(office.parts, office.operator, call) is not None
    assert [denial.what for denial, _ in house.guard.journal.read(office.operator)] == ["withdrawn"]


def test_a_revoked_key_is_denied_once(office):
    """One denial, so that a replay does it once."""
    key = operators.new_key(office.parts, office.operator, "till")
    operators.revoke_key(office.parts, office.operator, hashlib.sha256(key.encode()).hexdigest()[:16])
    with office.parts.store.act(office.operator) as act:
        assert act.row(int, _counting.denials, operator=office.operator) == 1
