"""Whatever the bytes: a policy, or a `BadPolicy` whose every fault has a remedy. Never another error, never a
crash.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import shounuo
from shounuo.core.consistency import check
from shounuo.core.policy import Policy
from shounuo.core.rulebook import compile_policy
from shounuo.errors import BadPolicy
from shounuo.language.load import load

SMALL = Path(__file__).with_name("small.yaml").read_bytes()
HUIJU = (Path(shounuo.__file__).parent / "packs" / "huiju.yaml").read_bytes()
WORDS = [
    "text",
    "uses",
    "scenes",
    "clauses",
    "operator",
    "zh",
    "en",
    "keeps",
    "requires",
    "of",
    "for",
    "on",
    "probe",
    "numbers",
    "items",
    "a-1",
    "email",
    "5 days",
    "5 working days",
    "true",
    "no",
    "~",
    "",
    "x" * 200,
    "<<",
    "=",
    "{",
    "[",
    "：",
    "\t",
    "one-of",
    "says",
    "bound",
    "usually",
    "at-most",
    "2026-01-05",
    "consent",
    "in-time",
    "kind",
    "scenes.a.requires",
]


def read(text: str | bytes) -> Policy | None:
    """Load, check, compile and show every notice, as publishing would; return the policy, or None after
    faults.
    """
    bad: BadPolicy | None = None
    try:
        policy = load(text, "fuzz.yaml")
    except BadPolicy as error:
        bad = error
    if bad is not None:
        assert bad.faults
        assert all(fault.wrong and fault.remedy and fault.line >= 0 for fault in bad.faults)
        assert str(bad)
        return None
    assert isinstance(policy, Policy)
    if not any(fault.severity == "error" for fault in check(policy)):
        book = compile_policy(policy, b"")
        for entry in policy.entries():
            assert book.notice(entry.path, "zh-CN") is not None
    return policy


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """Bytes of no meaning."""
    read(raw)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Text of no meaning, lone surrogates included."""
    read(text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"{}[]:,-?&*!|>'\"%@`#\n ", "\n  ", "- ", ": ", "\t", *WORDS]), max_size=60
    ).map("".join)
)
def test_any_marks_of_yaml(text: str) -> None:
    """The marks of YAML and the words of the language in any order."""
    read(text)


TREES = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)


def written(tree: Any) -> str:
    """A tree as YAML in brackets, its words quoted where they must be."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{quoted(key)}: {written(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(written, tree)) + "]"
    return quoted(tree)


def quoted(word: str) -> str:
    """A word, in quotes where YAML asks for them."""
    return word if word.replace("-", "").replace(" ", "").isalnum() else "'" + word.replace("'", "''") + "'"


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), TREES, min_size=1, max_size=5))
def test_any_tree_of_words(tree: Any) -> None:
    """Well-formed YAML with the language's words in the wrong places."""
    read("\n".join(f"{quoted(key)}: {written(value)}" for key, value in tree.items()))


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.binary(max_size=6) | st.sampled_from(WORDS).map(str.encode),
    ),
    min_size=1,
    max_size=3,
)


def after(raw: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """The bytes with a few places cut or overwritten."""
    for place, cut, put in edits:
        at = int(place * len(raw))
        raw = raw[:at] + put + raw[at + cut :]
    return raw


@settings(max_examples=300, deadline=None)
@given(EDITS)
def test_a_few_bytes_of_the_small_policy_changed(edits: list[tuple[float, int, bytes]]) -> None:
    """A slip anywhere in a sound file."""
    read(after(SMALL, edits))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_a_few_bytes_of_a_pack_changed(edits: list[tuple[float, int, bytes]]) -> None:
    """A slip anywhere in a whole pack."""
    read(after(HUIJU, edits))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_line_taken_out_doubled_or_moved(data: st.DataObject) -> None:
    """An editor's slip: a line gone, twice, or in another place."""
    lines = SMALL.decode().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    to = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["gone", "twice", "moved"])):
        case "gone":
            del lines[at]
        case "twice":
            lines.insert(to, lines[at])
        case _:
            lines.insert(to, lines.pop(at))
    read("\n".join(lines))


@pytest.mark.parametrize("name", ["a" * 300, "../../etc/passwd", "no.yaml/", ".yaml", ""])
def test_any_name_of_a_file(name: str) -> None:
    """The file's name is for messages and the slug; it opens nothing."""
    assert isinstance(load(SMALL, name), Policy)
