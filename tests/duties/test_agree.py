"""Showing, asking, keeping the answer."""

from uuid import uuid4

import pytest

from shounuo.core.decision import Intent
from shounuo.duties import agree, decide
from shounuo.duties.agree import Screen
from shounuo.errors import Refused


def _screen(notice, **changes):
    return Screen(language="en", controls={**dict(notice.controls), **changes})


def _asked(office, item):
    return agree.notice(office.parts, office.operator, f"consent.{item}", "en")[1]


def test_a_yes_needs_the_notice_it_answers(office):
    """A yes to nothing shown, or to what was shown to somebody else, is refused."""
    person, other = office.person(), office.person()
    notice = _asked(office, "recommending")
    shown = agree.show(
        office.parts, office.operator, other, "consent.recommending", notice.hash, _screen(notice)
    )
    for claimed in (None, uuid4(), shown):
        with pytest.raises(Refused) as refused:
            agree.answer(office.parts, office.operator, person, "recommending", True, claimed)
        assert refused.value.code == "not-shown"


def test_words_that_are_not_ours_are_not_kept_as_shown(office):
    """A hash of other words is refused, so nobody agreed to what we did not write."""
    with pytest.raises(Refused) as refused:
        agree.show(
            office.parts,
            office.operator,
            office.person(),
            "consent.rule",
            "0" * 64,
            _screen(_asked(office, "rule")),
        )
    assert refused.value.code == "not-our-words"


@pytest.mark.parametrize("state", ["checked", "on", "true", "agree"])
def test_a_control_set_beforehand_is_no_yes(office, state):
    """Whatever a control started in, if it was not unset the yes does not count."""
    person, notice = office.person(), _asked(office, "rule")
    shown = agree.show(
        office.parts, office.operator, person, "consent.rule", notice.hash, _screen(notice, agree=state)
    )
    with pytest.raises(Refused) as refused:
        agree.answer(office.parts, office.operator, person, "rule", True, shown)
    assert refused.value.code == "set-beforehand"


def test_a_screen_without_controls_shows_no_choice(office):
    """What had nothing to choose with was not chosen on."""
    person, notice = office.person(), _asked(office, "rule")
    bare = Screen(language="en", controls={})
    shown = agree.show(office.parts, office.operator, person, "consent.rule", notice.hash, bare)
    with pytest.raises(Refused) as refused:
        agree.answer(office.parts, office.operator, person, "rule", True, shown)
    assert refused.value.code == "set-beforehand"


def test_the_last_answer_stands_even_within_one_instant(office):
    """Given, withdrawn, given again at one standing clock: the order is the order of the acts."""
    person = office.person()
    for expected in (True, False, True, False):
        if expected:
            office.agree(person, "rule")
        else:
            agree.withdraw(office.parts, office.operator, person, "rule")
        found = decide.decide(office.parts, office.operator, person, Intent(purpose="shop"))
        assert found.allowed is expected


def test_a_withdrawal_is_in_the_outside_journal_before_anybody_is_told(office, house):
    """A no is outside the database when the call returns."""
    person = office.person()
    office.agree(person, "rule")
    receipt = agree.withdraw(office.parts, office.operator, person, "rule")
    denials = [denial for denial, _ in house.guard.journal.read(office.operator)]
    assert (denials[-1].what, denials[-1].person, denials[-1].reference) == (
        "withdrawn",
        person,
        f"rule:{receipt.wording}",
    )


def test_a_receipt_can_be_made_again_from_what_was_kept(office):
    """What a person was given when answering can be given again."""
    person = office.person()
    first = agree.withdraw(office.parts, office.operator, person, "rule")
    again = agree.receipt(office.parts, office.operator, person, first.event)
    assert (again.event, again.wording, again.answer, again.at) == (
        first.event,
        first.wording,
        first.answer,
        first.at,
    )
