"""The page of divergences says what the packs say, and the packs read every contradiction the texts are known to have."""

import csv
import re
import sys
from pathlib import Path

import pytest

from shounuo.cli import packs
from shounuo.core.policy import Policy, Reading
from shounuo.language.load import load

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import divergences  # noqa: E402

_LINES = (ROOT / "tests" / "packs" / "contradictions.tsv").read_text("utf-8").splitlines()
KNOWN = [(row["pack"], frozenset(row["clauses"].split())) for row in csv.DictReader(_LINES, delimiter="\t")]


def policy(name: str) -> Policy:
    """A pack as it stands in the package."""
    source, label, slug = packs.find(name)
    return load(source, label, slug)


def readings(name: str) -> list[Reading]:
    """The readings of a pack."""
    return [entry for entry in policy(name).of("readings").values() if isinstance(entry, Reading)]


def test_the_page_is_what_the_packs_would_write():
    """`python tools/divergences.py` writes it."""
    assert divergences.PAGE.read_text(encoding="utf-8") == divergences.page()


def test_every_reading_is_on_the_page():
    """Each stands there with its reason and with the Chinese words of every clause it is about."""
    page = divergences.page()
    for name in packs.names():
        clauses = policy(name).clauses
        for reading in readings(name):
            assert f"**`{reading.name}`** {reading.words.en}" in page
            assert all(f"`{one}`" in page and clauses[one].says.zh in page for one in reading.between)


@pytest.mark.parametrize("name", packs.names())
def test_a_reading_says_itself_in_both_languages(name: str):
    """What differs and what is kept is said in Chinese and in English, and not in one word."""
    for reading in readings(name):
        assert reading.words is not None, reading.path
        assert len(re.findall(r"[\u4e00-\u9fff]", reading.words.zh)) >= 15, reading.path
        assert len(reading.words.en.split()) >= 10, reading.path


@pytest.mark.parametrize(
    ("name", "clauses"), KNOWN, ids=lambda one: one if isinstance(one, str) else min(one)
)
def test_a_known_contradiction_has_its_reading(name: str, clauses: frozenset[str]):
    """The clauses known to contradict each other stand together in one reading at least."""
    assert any(clauses <= set(reading.between) for reading in readings(name))


def test_forty_four_were_known():
    """The list of contradictions is whole."""
    assert len(KNOWN) == 44
