"""Publishing: what may become a promise, and what may not."""

from pathlib import Path

import pytest

from shounuo.core.decision import Intent, Reason
from shounuo.duties import agree, decide, publish
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


LATER = ("updated: 2026-01-05, effective: 2026-01-05", "updated: 2026-03-0{0}, effective: 2026-03-0{0}")


def version(number, *edits):
    """The policy as version `number`, as edited."""
    text = POLICY.decode().replace(LATER[0], LATER[1].format(number))
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


ANOTHER = ("zh: 个性化推荐, en: Recommendations", "zh: 个性化推荐与排序, en: Recommendations and ranking")
NOT_ASKED = (
    ("basis: consent, asks: [recommending]", "basis: contract"),
    ("for: [browsing, recommend]", "for: [shop]"),
)


def test_it_answers_with_what_changed(office):
    """Whoever said yes to words that are new now is asked again; the first version changed nothing; told again, the same."""
    assert publish.again(office.parts, office.operator, 1).changed is None
    made = publish.publish(office.parts, office.operator, version(2, ANOTHER), "small")
    assert [(one.item, one.again) for one in made.changed.asked] == [("recommending", True)]
    assert publish.again(office.parts, office.operator, 2) == made


def test_a_no_stays_a_no_over_any_number_of_versions(office):
    """A version that no longer asks is not published, nor one that asks an item of an older version in its place."""
    with pytest.raises(BadPolicy) as bad:
        publish.publish(office.parts, office.operator, version(2, *NOT_ASKED), "small")
    assert {one.entry for one in bad.value.faults if one.code == "freed"} == {
        "scenes.browsing",
        "uses.recommend",
    }
    renamed = ("recommending", "suggesting")
    publish.publish(office.parts, office.operator, version(2, renamed), "small")
    with pytest.raises(BadPolicy) as bad:
        publish.publish(office.parts, office.operator, version(3), "small")
    assert {one.code for one in bad.value.faults} == {"freed"}
    assert publish.publish(office.parts, office.operator, version(3, renamed, ANOTHER), "small").number == 3


def test_words_that_come_back_bring_no_old_yes_with_them(office):
    """Yes to the old words, no to the new ones: when the old ones return, the no stands and the purpose stays closed."""
    person = office.person()
    office.agree(person, "recommending")
    publish.publish(office.parts, office.operator, version(2, ANOTHER), "small")
    agree.withdraw(office.parts, office.operator, person, "recommending")
    publish.publish(office.parts, office.operator, version(3), "small")
    intent = Intent(purpose="recommend", items=frozenset({"visits"}))
    assert decide.decide(office.parts, office.operator, person, intent).reason is Reason.NO_CONSENT
    office.agree(person, "recommending")
    assert decide.decide(office.parts, office.operator, person, intent).allowed
