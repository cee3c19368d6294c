"""The reference pages say what the code says."""

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
