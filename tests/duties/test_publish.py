"""Publishing: what may become a promise, and what may not."""

from pathlib import Path

import pytest

from shounuo.duties import publish
from shounuo.errors import BadPolicy, Conflict

POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()


def test_a_clause_may_not_vanish_without_new_dates(office):
    """The new text is held against the last published one."""
    text = POLICY.decode().replace("五个工作日内答复", "尽快答复")
    with pytest.raises(BadPolicy) as bad:
        publish.publish(office.parts, office.operator, text.encode(), "small")
    assert [(f.entry, f.code) for f in bad.value.faults if f.severity == "error"] == [
        ("small-6", "unannounced")
    ]


def test_a_changed_clause_with_new_dates_is_the_next_version(office):
    """Later dates make it a new version; both stay."""
    text = (
        POLICY.decode()
        .replace("五个工作日内答复", "尽快答复")
        .replace("updated: 2026-01-05, effective: 2026-01-05", "updated: 2026-03-01, effective: 2026-03-01")
    )
    assert publish.publish(office.parts, office.operator, text.encode(), "small").number == 2


def test_a_version_of_tomorrow_is_not_in_force_today(office):
    """A version takes effect on its own date."""
    text = POLICY.decode().replace(
        "updated: 2026-01-05, effective: 2026-01-05", "updated: 2026-03-02, effective: 2026-03-05"
    )
    made = publish.publish(office.parts, office.operator, text.encode(), "small")
    assert made.number == 2
    assert office.book.number == 1
    office.clock.move(made.effective_at)
    assert office.book.number == 2


def test_what_nothing_keeps_yet_is_not_published_for_people(office):
    """A clause marked `later` is published for proving only."""
    text = POLICY.decode() + "  small-7: {kind: process, says: {zh: 以后, en: Later}, later: not built}\n"
    text = text.replace(
        "updated: 2026-01-05, effective: 2026-01-05", "updated: 2026-03-01, effective: 2026-03-01"
    )
    with pytest.raises(Conflict) as refused:
        publish.publish(office.parts, office.operator, text.encode(), "small")
    assert refused.value.code == "not-kept-yet"
    assert publish.publish(office.parts, office.operator, text.encode(), "small", proving=True).number == 2


def test_a_bad_policy_leaves_everything_as_it_was(office):
    """Every fault at once, nothing published."""
    text = (
        POLICY.decode()
        .replace("basis: contract", "basis: because", 2)
        .replace("kind: email, mask", "kind: emial, mask")
    )
    with pytest.raises(BadPolicy) as bad:
        publish.publish(office.parts, office.operator, text.encode(), "small")
    assert len(bad.value.faults) == 3
    assert office.book.number == 1
