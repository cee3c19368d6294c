"""The reference pages say what the code says."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import pin  # noqa: E402
import reference  # noqa: E402


@pytest.mark.parametrize("name", ["language.md", "commands.md", "settings.md", "api.md", "errors.md"])
def test_a_reference_page_is_what_the_code_would_write(name):
    """Every command, setting, endpoint, key and error is documented as it is (`python tools/reference.py` writes it)."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == reference.pages()[name]


def test_the_pins_of_uv_equal_the_hashed_lock():
    """What `uv run` installs and what CI installs are the same (`just lock` writes both)."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = pin.pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert all(f'    "{one}",\n' in text for one in wanted)
    assert text.count("==") - text.count('requires = ["hatchling==') == len(wanted)


EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), re.DOTALL
)


def _with(text: str, example: str) -> str:
    """A policy with the entries of an example added to their sections."""
    for part in filter(None, re.split(r"(?m)^(?=[a-z-]+:$)", example)):
        head, _, entries = part.partition("\n")
        found = re.search(rf"(?m)^{head}.*\n", text)
        at = found.end() if found else text.index("\nclauses:") + 1
        text = text[:at] + (entries if found else part) + text[at:]
    return text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.partition(":")[0])
def test_an_example_of_the_language_compiles(example):
    """Added to what `shounuo init` writes, it has neither a fault nor a finding, and the law asks nothing more of it."""
    from datetime import date

    from shounuo.core.consistency import check
    from shounuo.language.load import load
    from shounuo.language.scaffold import scaffold
    from shounuo.law.lint import lint

    plain = load(scaffold("acme", "示例有限公司", "Example Ltd"), "acme.yaml")
    policy = load(_with(scaffold("acme", "示例有限公司", "Example Ltd"), example), "acme.yaml")
    assert check(policy) == ()
    added = {entry.path for entry in policy.entries()} - {entry.path for entry in plain.entries()}
    assert added
    assert not [one for one in lint(policy, date(2026, 11, 21)) if one.entry in added]


def test_there_is_an_example_of_each_thing_people_add():
    """A recipient, a cookie, a rule for minors, a right."""
    assert [text.partition(":")[0] for text in EXAMPLES] == ["recipients", "cookies", "minors", "rights"]


def test_every_closed_word_of_the_language_stands_in_its_reference():
    """No list is cut: whatever word a key takes is on the page."""
    from shounuo.language.schema import schema

    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8").partition("## Words used")[2]

    def words(node):
        if isinstance(node, dict):
            yield from node.get("enum", ())
            for one in node.values():
                yield from words(one)
        elif isinstance(node, list):
            for one in node:
                yield from words(one)

    missing = sorted({str(word) for word in words(schema())} - set(re.findall(r"`([^`]+)`", page)))
    assert missing == []
