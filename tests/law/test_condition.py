"""Conditions are read, never run: what they may say, and what is refused."""

from collections.abc import Mapping

import pytest

from shounuo.law.rules.condition import parse

KNOWN = ("app", "export", "people")


@pytest.mark.parametrize(("text", "facts", "holds"), [
    ("always", {}, True),
    ("app", {}, False),
    ("app", {"app": True}, True),
    ("not app", {"app": True}, False),
    ("app and export", {"app": True}, False),
    ("app or export", {"export": True}, True),
    ("app and not (export or people > 3)", {"app": True, "people": 3}, True),
    ("people >= 1000000", {"people": 1_000_000}, True),
    ("people < 10", {}, True),
    ("people != 0", {"people": 0}, False),
    ("10 == people", {"people": 10}, True),
    ("people <= 1", {"people": 2}, False),
])  # fmt: skip
def test_a_condition_holds_over_the_facts(text: str, facts: Mapping[str, int | bool], holds: bool) -> None:
    """A fact not given counts as not so, and as 0."""
    assert parse(text, KNOWN)(facts) is holds


@pytest.mark.parametrize("text", [
    "",
    "apps",
    "app and",
    "app; export",
    "people > 'a'",
    "people > 1.5",
    "people > True",
    "1 < people < 3",
    "people in (1, 2)",
    "people + 1 > 2",
    "app()",
    "app.real",
    "__import__('os')",
    "[app for app in (1,)]",
    "(" * 500 + "app" + ")" * 500,
    "lambda: 1",
    "-people > 1",
])  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    """No call, no attribute, no arithmetic, no unknown name: refused when it is read, before any policy."""
    with pytest.raises(ValueError):
        parse(text, KNOWN)
