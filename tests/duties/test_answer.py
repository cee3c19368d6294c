"""Requests: done once, answered when it is true, handing out nothing they should not."""

from datetime import timedelta
from pathlib import Path

import pytest

from shounuo.duties import agree, answer, due, publish
from shounuo.duties.parts import sql
from shounuo.errors import Conflict, Refused

DAY = timedelta(days=1)
POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()


def _asked(office, person, kind="delete", **more):
    """A request that was taken in and verified; its id."""
    made = answer.take_in(office.parts, office.operator, kind, "email", person=person, **more)
    return answer.verify(office.parts, office.operator, made.request, "code").request


def _done(office, person, kind="delete", **more):
    """A request that was carried out; as it stands."""
    return answer.carry_out(office.parts, office.operator, _asked(office, person, kind, **more))


def _later(office, by=DAY + timedelta(minutes=1)):
    office.clock.move(office.clock.now() + by)
    due.run(office.parts, office.operator)


def _state(office, request):
    return answer.get(office.parts, office.operator, request).state


def _customer(office):
    person = office.person()
    office.collect(person, "sign-up", email="made-up@example.cn")
    return person


def test_an_erasure_carried_out_twice_is_not_answered_before_backups_have_turned(office):
    """The second time finds nothing to erase; that is no reason to say that no backup holds it."""
    done = _done(office, _customer(office))
    with pytest.raises(Conflict) as refused:
        answer.carry_out(office.parts, office.operator, done.request)
    assert refused.value.code == "carried-out"
    assert _state(office, done.request) == "under-way"
    _later(office)
    assert _state(office, done.request) == "answered"


def test_an_erasure_of_what_was_erased_already_waits_as_the_first_one_does(office):
    """A second request for the same is answered with the first, not before it."""
    person = _customer(office)
    first, second = _done(office, person), _done(office, person)
    assert (first.state, second.state) == ("under-way", "under-way")
    assert second.waits_for == first.waits_for
    _later(office)
    assert (_state(office, first.request), _state(office, second.request)) == ("answered", "answered")
    assert _done(office, person).state == "answered"  # by now no backup holds anything


def test_an_erasure_that_is_done_cannot_be_refused_and_holds_up_nobody_else(office):
    """Once it is erased, to say no would be untrue; and the erasures of others are answered in time."""
    done, other = _done(office, _customer(office)), _done(office, _customer(office))
    with pytest.raises(Conflict):
        answer.refuse(office.parts, office.operator, done.request, "malice", "case-1")
    _later(office)
    assert (_state(office, done.request), _state(office, other.request)) == ("answered", "answered")


def test_a_request_taken_in_is_carried_through_when_a_later_version_takes_in_no_more_of_its_kind(office):
    """The rule it came in under stands where the new text has none."""
    done = _done(office, _customer(office))
    asked = _asked(office, _customer(office))
    less = POLICY.replace(b"kinds: [delete, access, close, correct]", b"kinds: [access, close, correct]")
    for said in (b"kind: delete, way", b"rights.delete.kind: delete", b"in-time: {kind: delete"):
        less = less.replace(said, said.replace(b"kind: delete", b"kind: access"))
    less = less.replace(b"2026-01-05", b"2026-03-01")
    publish.publish(office.parts, office.operator, less, "small")
    assert answer.carry_out(office.parts, office.operator, asked).state == "under-way"
    _later(office)
    assert (_state(office, done.request), _state(office, asked)) == ("answered", "answered")


def test_nothing_is_handed_out_once_the_account_is_shut(office):
    """A copy answered before is not fetched once the account is frozen or closed, though the law holds values."""
    person = office.person()
    office.collect(person, "buying", order="order 17")
    asked = _done(office, person, "access")
    assert answer.fetch(office.parts, office.operator, asked.request)
    _freeze(office, person, office.clock.now())
    with pytest.raises(Refused, match="frozen"):
        answer.fetch(office.parts, office.operator, asked.request)
    _freeze(office, person, None)
    assert answer.fetch(office.parts, office.operator, asked.request)
    _done(office, person, "close")
    with pytest.raises(Refused, match="closed"):
        answer.fetch(office.parts, office.operator, asked.request)


def _freeze(office, person, at):
    with office.parts.store.act(office.operator) as act:
        act.do(sql.put_frozen, operator=office.operator, person=person, at=at)


def test_what_a_right_tells_first_is_told_before_it_is_carried_out(office):
    """An erasure that must be explained first waits until that was shown and, where it says so, acknowledged."""
    told = b"kind: delete, way: [email], tells: {at: before-confirm, shows: [effect-on-service], acknowledged: true},"
    said = b"rights.delete.way: [email]"
    source = POLICY.replace(b"kind: delete, way: [email],", told).replace(
        said,
        said
        + b"\n      rights.delete.tells: {at: before-confirm, shows: [effect-on-service], acknowledged: true}",
    )
    source = source.replace(b"updated: 2026-01-05", b"updated: 2026-03-01").replace(
        b"effective: 2026-01-05", b"effective: 2026-03-01"
    )
    publish.publish(office.parts, office.operator, source, "small")
    person = _customer(office)
    request = _asked(office, person)
    for acknowledged in (None, False):
        if acknowledged is not None:
            _show(office, person, "rights.delete", acknowledged=acknowledged)
        with pytest.raises(Refused) as refused:
            answer.carry_out(office.parts, office.operator, request)
        assert refused.value.code == "not-shown"
    _show(office, person, "rights.delete", acknowledged=True)
    assert answer.carry_out(office.parts, office.operator, request).unreadable_here_at


def _show(office, person, entry, *, acknowledged):
    _, notice = agree.notice(office.parts, office.operator, entry, "en")
    screen = agree.Screen(language="en", controls=dict(notice.controls), acknowledged=acknowledged)
    agree.show(office.parts, office.operator, person, entry, notice.hash, screen)
