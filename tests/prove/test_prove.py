"""Promises are played against a running server; a control taken away is noticed, by the promises it keeps and no others."""

import json
from collections.abc import Sequence

import pytest

from shounuo.core.promise import Status, untold
from shounuo.core.rulebook import Rulebook
from shounuo.prove import report
from shounuo.prove.faults import FAULTS
from shounuo.prove.run import Proven, narrow, prove, prove_faults, prove_heard, unbroken

# One fault of each way to put one in: a gate's answer, another control, the vault, turning over, a statement, an entry.
FEW = [
    one
    for one in FAULTS
    if one.name
    in {
        "ruled-out-passes",
        "withdrawal-ignored",
        "ticked-box-counts",
        "correction-lost",
        "keys-stay",
        "expired-papers-hold",
        "reads-unlogged",
    }
]

LEAST = {"huiju": 149, "vnet": 74, "kexun": 85, "changlian": 114, "tuyi": 62}  # clauses kept, of each pack


def told_of(book: Rulebook, found: Sequence[Proven]) -> None:
    """Every clause is reported by its own word, and what is kept was told step by step."""
    for one in found:
        named = [probe for probe in one.clause.probes if not untold(probe.kind, probe.params)]
        if one.status in (Status.KEPT, Status.EDGE, Status.PEOPLE):
            assert one.kept_by, one.clause.id
            assert len(one.stories) == len(named), one.clause.id
            assert named, one.clause.id
            assert all(story.steps and not story.failed for story in one.stories), one.clause.id
        assert (one.status is Status.NONE) == (not one.clause.binds), one.clause.id


def test_what_the_pack_promises_is_kept(book, found):
    """A story of every kind is told, and none breaks."""
    assert {story.kind for one in found for story in one.stories} >= {
        "collects-only",
        "erased-everywhere",
        "in-time",
    }
    assert [(one.clause.id, one.failed) for one in found if one.status is Status.BROKEN] == []
    told_of(book, found)


def test_a_fault_breaks_what_rests_on_the_control_and_little_else(stage, book, found):
    """Each of a few faults is caught, each leaves most promises standing, and the server answers all along."""
    fallen = prove_faults(stage, book, found, faults=FEW)
    for one in fallen:
        assert one.failed, f"nobody notices {one.fault.name}"
        assert len(one.failed) < one.of / 2, one.fault.name
        assert one.trouble == (), one.fault.name


def test_a_story_that_is_not_told_again_would_go_as_it_went(stage, book, found):
    """Telling only the stories a fault could change finds the same clauses as telling all of them."""
    deaf = [
        Proven(one.clause, one.status, one.kept_by, [_unheard(story) for story in one.stories])
        for one in found
    ]
    few = [one for one in FEW if one.name in ("withdrawal-ignored", "correction-lost")]
    heard = prove_faults(stage, book, found, faults=few)
    whole = prove_faults(stage, book, deaf, faults=few)
    assert [set(one.failed) for one in heard] == [set(one.failed) for one in whole]


def _unheard(story):
    from dataclasses import replace

    return replace(story, heard=[])


def test_the_report_for_programs_has_its_shape(found, book):
    """Policy, clauses with id, kind, status, keepers and probe; it is JSON."""
    told = json.loads(json.dumps(report.as_json("huiju", found, []), ensure_ascii=False))
    assert set(told) == {"policy", "clauses", "faults"}
    for one in told["clauses"]:
        assert {"id", "kind", "status", "kept_by", "probe"} <= set(one)
        assert one["status"] in set(Status)


@pytest.mark.slow
@pytest.mark.parametrize("pack", sorted(LEAST.keys() - {"huiju"}))
def test_no_promise_of_a_pack_is_broken(pack_on, pack):
    """Every clause of every other pack is told: none breaks, and no fewer are kept than were."""
    stage, book, _ = pack_on(pack)
    found = prove(stage, book)
    told_of(book, found)
    assert [(one.clause.id, one.failed) for one in found if one.status is Status.BROKEN] == []
    assert sum(one.status is Status.KEPT for one in found) >= LEAST[pack]


@pytest.mark.slow
def test_faults_are_caught_in_another_pack_too(pack_on):
    """A text of another shape is held by the same controls: what is taken away is noticed there as well.

    But for what it rules out for good: the clauses a quick run tells of it name no such purpose.
    """
    stage, book, quick = pack_on("changlian")
    found = prove_heard(stage, book, quick)
    few = [one for one in FEW if one.name != "ruled-out-passes"]
    for one in prove_faults(stage, book, found, faults=few):
        assert one.failed, f"nobody notices {one.fault.name}"
        assert len(one.failed) < one.of / 2, one.fault.name
        assert one.trouble == (), one.fault.name


@pytest.mark.slow
def test_every_promise_and_every_fault(stage, book):
    """The whole text: no fewer clauses are kept than were, every fault is caught, and what is kept can be broken narrowly."""
    found = prove_heard(stage, book)
    told_of(book, found)
    assert [one.clause.id for one in found] == list(book.policy.clauses)
    assert [(one.clause.id, one.failed) for one in found if one.status is Status.BROKEN] == []
    assert sum(one.status is Status.KEPT for one in found) >= LEAST["huiju"]
    fallen = prove_faults(stage, book, found)
    assert [one.fault.name for one in fallen if not one.failed] == []
    assert [(one.fault.name, one.trouble) for one in fallen if one.trouble] == []
    assert list(unbroken(found, fallen)) == []
    size = {one.fault.name: len(one.failed) for one in fallen}
    wide = {clause: fault for clause, fault in narrow(found, fallen).items() if size[fault] > len(found) / 2}
    assert wide == {}
