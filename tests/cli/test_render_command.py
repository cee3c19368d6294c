"""`shounuo render`: what publishing keeps, printed or written."""

import hashlib
import sys
from importlib import resources

import pytest

from shounuo.cli import main
from shounuo.language.load import load
from shounuo.render.rendered import render


@pytest.fixture
def printed(capsysbinary, monkeypatch, tmp_path):
    """Run the command; its exit code, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["shounuo", "render", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsysbinary.readouterr()
        return ended.value.code or 0, out, err.decode()

    return run


@pytest.mark.parametrize(("lang", "language"), [("zh", "zh-CN"), ("en", "en")])
@pytest.mark.parametrize(("option", "form"), [((), "full"), (("--summary",), "summary")])
def test_it_prints_the_file_whose_hash_is_published(printed, lang, language, option, form):
    """The bytes on standard output have the hash that `publish` names."""
    policy = load(resources.files("shounuo.packs").joinpath("kexun.yaml").read_bytes(), "kexun.yaml", "kexun")
    code, out, _ = printed("kexun", "--lang", lang, *option)
    assert code == 0
    assert hashlib.sha256(out).hexdigest() == render(policy, language, form).hash


def test_it_writes_a_page(printed, tmp_path):
    """`--out` writes a file and prints nothing; HTML is a whole page without script or style."""
    code, out, _ = printed("vnet", "--format", "html", "--out", "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")
    assert (code, out) == (0, b"")
    assert text.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert "<script" not in text
    assert "style" not in text


def test_what_cannot_be_done_is_one_sentence(printed):
    """No such pack, no such place."""
    assert printed("nobody")[0] == 2
    code, _, err = printed("vnet", "--out", "nowhere/page.md")
    assert code == 2
    assert "cannot be written" in err


def test_a_summary_that_contradicts_the_text_is_not_printed(printed, tmp_path):
    """It would not be published either; the fault names line and entry."""
    text = resources.files("shounuo.packs").joinpath("kexun.yaml").read_text("utf-8")
    line = "{zh: 9个工作日内答复。, en: Answered in 9 working days., of: [requests.rights]}"
    wrong = text.replace("text:\n", f"text:\n  summary: {{lines: [{line}]}}\n", 1)
    (tmp_path / "mine.yaml").write_text(wrong, encoding="utf-8")
    code, out, err = printed("mine.yaml", "--summary")
    assert (code, out) == (2, b"")
    assert "`text.summary`" in err
    assert "9 working days" in err


def test_it_writes_a_page_with_style(printed):
    """`--style` is HTML that can be looked at and printed as it stands: the sheet is in it, and nothing is fetched."""
    code, out, _ = printed("vnet", "--style")
    text = out.decode()
    assert code == 0
    assert "@media print" in text
    assert '<body class="policy">' in text
    assert "<link" not in text
    assert "<script" not in text
