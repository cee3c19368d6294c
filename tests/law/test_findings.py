"""The pages of findings are what the code would write, and say on top what they are not."""

import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import findings  # noqa: E402

from shounuo.cli import packs  # noqa: E402
from shounuo.law.requirement import requirements  # noqa: E402

NAMES = ["README", *packs.names()]


@cache
def pages() -> dict[str, str]:
    """Every page as it would be written now."""
    return findings.pages()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_what_the_code_would_write(name: str) -> None:
    """`python tools/findings.py` writes them."""
    assert (ROOT / "docs" / "findings" / f"{name}.md").read_text(encoding="utf-8") == pages()[f"{name}.md"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_it_is_not(name: str) -> None:
    """Made from the published text; not affiliated; nothing of anybody's conduct; no legal advice."""
    top = " ".join(pages()[f"{name}.md"].split("\n## ")[0].replace("\n> ", " ").split())
    for said in ("Made from the text published on its date", "Not affiliated", "says nothing of a company's conduct",
                 "not legal advice", "不构成法律意见"):  # fmt: skip
        assert said in top


@pytest.mark.parametrize("name", packs.names())
def test_a_page_dates_its_text_and_cites_every_finding(name: str) -> None:
    """The date of the text stands on top, and every requirement that fires stands with its article in Chinese."""
    from shounuo.language.load import load
    from shounuo.law.lint import lint

    policy = load(*packs.find(name))
    page = pages()[f"{name}.md"]
    assert f"text of {policy.of('text')['dates'].updated}" in page
    for one in lint(policy, findings.AT):
        assert f"(`{one.requirement}`)" in page
        assert one.article.zh in page
        assert all(cited.article.zh in page for cited in one.also)


def test_every_group_of_requirements_has_its_heading() -> None:
    """No finding can fall between the headings."""
    assert {one.group for one in requirements()} == set(findings.GROUPS)
