"""What `shounuo init` writes: a small policy that compiles, explains itself, and takes any company's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.clause import Words
from shounuo.core.consistency import check, keepers
from shounuo.core.promise import PROBES
from shounuo.core.rulebook import compile_policy
from shounuo.errors import BadPolicy
from shounuo.language.load import load
from shounuo.language.scaffold import scaffold

TEXT = scaffold("acme", "示例有限公司", "Example Ltd")


def test_it_compiles_without_a_finding() -> None:
    """Neither error nor warning; every clause binds, is kept, and names its probe."""
    policy = load(TEXT, "acme.yaml")
    assert check(policy) == ()
    kept = keepers(policy)
    assert all(
        clause.binds and clause.probes and clause.id in kept and not clause.later
        for clause in policy.clauses.values()
    )
    assert compile_policy(policy, TEXT.encode()).purposes.keys() == {
        "account",
        "sign-up",
        "feedback",
        "account-mail",
        "improvement",
    }


def test_it_is_small_and_explains_itself() -> None:
    """About a hundred lines, none too long to read, with an editor's line on top and a comment at each turn."""
    lines = TEXT.split("\n")
    assert 70 <= len(lines) <= 120
    assert max(map(len, lines)) <= 120
    assert lines[0] == "# yaml-language-server: $schema=shounuo.schema.json"
    assert sum("#" in line for line in lines) >= 12


def test_it_tells_the_stories_a_newcomer_meets_first() -> None:
    """Taking, reading, agreeing, withdrawing, keeping, erasing, asking: each has its probe."""
    told = {probe.kind for clause in load(TEXT, "acme.yaml").clauses.values() for probe in clause.probes}
    assert told >= {
        "collects-only",
        "reads-only",
        "consent-first",
        "withdraw-stops",
        "in-time",
        "erased-everywhere",
        "right-works",
        "takes-in",
        "page-shows",
        "expires",
        "stays-in",
        "sealed",
    }
    assert told <= PROBES.keys()


@pytest.mark.parametrize(
    ("slug", "prefix"),
    [
        ("acme", "acme"),
        ("my-policy", "mypolicy"),
        ("My Policy 2", "mypolicy2"),
        ("政策", "policy"),
        ("", "policy"),
        ("x" * 90, "x" * 40),
    ],
)
def test_ids_begin_with_what_is_left_of_the_slug(slug: str, prefix: str) -> None:
    """Whatever the file is called, the clause ids are well formed."""
    clauses = load(scaffold(slug, "甲", "A"), "x.yaml").clauses
    assert {clause.partition("-")[0] for clause in clauses} == {prefix}


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_any_name_is_text(zh: str, en: str) -> None:
    """A name with quotes, colons or braces stays a name; one that cannot be shown is refused as such."""
    bad: BadPolicy | None = None
    try:
        words = load(scaffold("acme", zh, en), "acme.yaml").of("text")["operator"].words
    except BadPolicy as error:
        bad = error
    if bad is None:
        assert words == Words(zh, en)
    else:
        assert all(f.line == 8 or "invisible" in f.wrong or "UTF-8" in f.wrong for f in bad.faults)
