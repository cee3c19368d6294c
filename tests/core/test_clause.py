"""Clauses: what binds a system and what does not."""

from pathlib import Path

from shounuo.core.clause import Kind, Words
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY = load(SMALL.read_bytes(), "small.yaml")


def test_four_kinds_bind() -> None:
    """Controls, records, notices and processes bind a system; duties of users, definitions and disclaimers do
    not.
    """
    assert {kind.value for kind in Kind if kind.binds} == {"control", "record", "notice", "process"}
    assert (POLICY.clauses["small-1"].binds, POLICY.clauses["small-2"].binds) == (False, True)


def test_words_are_told_in_english_where_there_are_any() -> None:
    """As text, words are the English ones; without them, the Chinese."""
    assert (str(Words("同意", "Consent")), str(Words("同意", ""))) == ("Consent", "同意")
