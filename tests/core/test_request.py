"""Requests: the arrows, verification, the clock, and the grounds of a refusal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shounuo.core.calendar import Calendar
from shounuo.core.policy import RefusalGround
from shounuo.core.request import MOVES, Rule, State, due, move, refusable, rule_for
from shounuo.errors import Conflict, Invalid
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY = load(SMALL.read_bytes(), "small.yaml")
DELETE, EXPLAIN = rule_for(POLICY, "delete"), rule_for(POLICY, "explain")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday
ARROWS = {
    ("received", "verified"),
    ("received", "under-way"),
    ("received", "refused"),
    ("received", "withdrawn"),
    ("verified", "under-way"),
    ("verified", "refused"),
    ("verified", "withdrawn"),
    ("under-way", "answered"),
    ("under-way", "refused"),
}


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("then", State)
def test_a_request_moves_along_the_arrows_alone(now: State, then: State) -> None:
    """Every move that is drawn is possible, and no other. (1)"""
    if (now.value, then.value) in ARROWS:
        assert move(EXPLAIN, now, then) is then
    else:
        with pytest.raises(Conflict) as refused:
            move(EXPLAIN, now, then)
        assert (refused.value.code, refused.value.clauses) == ("no-such-move", ("small-9",))


def test_nothing_is_carried_out_before_verification() -> None:
    """Where the policy verifies, a request goes under way through `verified` alone. (2)"""
    with pytest.raises(Conflict) as refused:
        move(DELETE, State.RECEIVED, State.UNDER_WAY)
    assert refused.value.code == "not-verified"
    assert move(DELETE, State.VERIFIED, State.UNDER_WAY) is State.UNDER_WAY


def test_an_end_is_an_end() -> None:
    """What was answered, refused or withdrawn moves no more."""
    assert {state for state in State if not MOVES[state]} == {state for state in State if not state.open}
    assert State.RECEIVED.open


def test_the_clock_starts_at_the_event_the_policy_names() -> None:
    """From arrival until the identity is verified, then from that; a policy that counts from arrival stays
    there. (3)
    """
    days = Calendar()
    later = NOON + timedelta(days=10)
    assert due(DELETE, days, NOON, None) == days.due(NOON, DELETE.entry.within)
    assert due(DELETE, days, NOON, later) == days.due(later, DELETE.entry.within)
    assert due(EXPLAIN, days, NOON, later) == days.due(NOON, EXPLAIN.entry.within)


def test_a_kind_nobody_takes_in() -> None:
    """A request the policy does not speak of is not pretended."""
    with pytest.raises(Invalid, match="`close`"):
        rule_for(POLICY, "close")


@pytest.mark.parametrize(
    ("rule", "ground", "evidence", "code"),
    [
        (DELETE, None, "e-1", "no-ground"),
        (DELETE, "inconvenient", "e-1", "no-ground"),
        (DELETE, "trade-secret", "e-1", "no-ground"),
        (EXPLAIN, "crime", "e-1", "no-ground"),
        (DELETE, "malice", None, "no-evidence"),
        (DELETE, "malice", " ", "no-evidence"),
    ],
)
def test_a_refusal_rests_on_a_listed_ground(
    rule: Rule, ground: str | None, evidence: str | None, code: str
) -> None:
    """No ground, another ground, or none on record where it needs evidence: it cannot be refused."""
    with pytest.raises(Invalid) as refused:
        refusable(rule, ground, evidence)
    assert (refused.value.code, refused.value.clauses) == (code, ("small-9",))


def test_a_listed_ground_may_be_given() -> None:
    """A listed ground, with evidence where it needs it, is the ground."""
    assert refusable(DELETE, "crime", None) is RefusalGround.CRIME
    assert refusable(DELETE, "malice", "e-1") is RefusalGround.MALICE
    assert [g.value for g in RefusalGround if g.needs_evidence] == [
        "malice",
        "harm-to-others",
        "harm-to-person",
    ]
