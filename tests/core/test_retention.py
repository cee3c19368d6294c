"""Retention: the rule of an item, its chest, its end, its hold."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shounuo.core import retention
from shounuo.core.calendar import Calendar
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY = load(SMALL.read_bytes(), "small.yaml")
keeping: Any = retention.keeping
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_an_item_has_the_rule_that_names_it_else_that_for_the_rest() -> None:
    """One rule an item: its own before the one for everything else. (1)"""
    assert keeping(POLICY, "order").rule.name == "orders"
    assert keeping(POLICY, "email").rule.name == "others"


def test_what_no_rule_speaks_of_is_not_kept() -> None:
    """Without a rule there is no keeping."""
    rules = {"orders": POLICY.of("retention")["orders"]}
    policy = replace(POLICY, sections=MappingProxyType({**POLICY.sections, "retention": rules}))
    assert keeping(policy, "email") is None


def test_a_rule_ends_from_its_own_event() -> None:
    """Another event says nothing of the end. (2)"""
    rule, days = keeping(POLICY, "email"), Calendar()
    assert rule.ends(days, "collected", NOON) == days.end(NOON, rule.rule.for_)
    assert rule.ends(days, "account-closed", NOON) is None


def test_a_chest_is_a_rule() -> None:
    """Items of one rule lie together, and apart from others. (3)"""
    assert keeping(POLICY, "email").chest == keeping(POLICY, "phone").chest != keeping(POLICY, "order").chest


def test_a_hold_stands_behind_the_rule_that_names_it() -> None:
    """Where a rule names a hold, erasure locks; elsewhere it erases. (4)"""
    assert keeping(POLICY, "order").hold.law_cited == "电子商务法 第三十一条"
    assert keeping(POLICY, "email").hold is None
