"""What a newcomer gets wrong on the command line is told in one plain sentence, with exit code 2, before anything is done."""

import sys

import pytest

from shounuo.cli import main
from shounuo.cli.packs import short_name
from shounuo.errors import Misconfigured
from shounuo.language.scaffold import scaffold


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; its exit code and its sentence."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOUNUO_HOME", str(tmp_path / "home"))
    (tmp_path / "acme.yaml").write_text(scaffold("acme", "示例有限公司", "Example Ltd"), encoding="utf-8")
    (tmp_path / "ledger.txt").write_bytes(b"shounuo-ledger/1\n")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["shounuo", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.strip().splitlines()) == 1, said.err
        return ended.value.code, said.err

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["init", "nowhere/mine.yaml"], "cannot be written"),
        (["init", "acme.yaml"], "exists already"),
        (["init", "隐私政策.yaml"], "small letters"),
        (["compile", "acme.yaml", "--against", "nowhere.yaml"], "nowhere.yaml"),
        (
            ["compile", "huiju", "--against", "vnet"],
            "no earlier version of `huiju.yaml`: they have no clause in common",
        ),
        (["lint", "acme.yaml", "--at", "tomorrow"], "2026-11-21"),
        (["lint", "acme.yaml", "--fact", "minors=some"], "name=true"),
        (["lint", "acme.yaml", "--at", "20261121"], "2026-11-21"),
        (["lint", "acme.yaml", "--fact", "minor=true"], "`minors`"),
        (["lint", "acme.yaml", "--fact", "minors=5"], "true or false"),
        (["lint", "acme.yaml", "--fact", "pi_subjects=true"], "`pi-subjects` is a whole number"),
        (
            ["lint", "acme.yaml", "--fact", "pi-subjects=1", "--fact", "pi_subjects=2"],
            "`pi-subjects` is given twice",
        ),
        (["lint", "acme.yaml", "--fact", "minors=true", "--fact", "minors=false"], "twice"),
        (["compile", ""], "called after its file"),
        (["compile", "-"], "called after its file"),
        (["compile", "."], "is a folder"),
        (["compile", "acme"], "did you mean `acme.yaml`?"),
        (["compile", "huiji"], "did you mean `huiju`?"),
        (["compile", "xyz"], "the packs are changlian"),
        (["explain", "huiju-7.3-2", "--in", "vnet"], "it stands in the pack huiju"),
        (["explain", "huiju-7.3-2", "-o", "nope"], "nothing was published in"),
        (["explain", "acme-99"], "compile PACK --json"),
        (["verify", "ledger.txt", "--key", "shounuo/…+…+…"], "ledger export"),
        (["verify", "ledger.txt", "--key", "shounuo/x+12345678+abc"], "ledger export"),
        (["prove", "acme.yaml", "--keep", "--clause", "acme-1"], "--clause"),
    ],
)
def test_it_says_what_to_do(told, arguments, words):
    """No trace of Python; the sentence names what is wrong or how it is written."""
    code, said = told(*arguments)
    assert code == 2
    assert words in said


def test_one_cause_is_one_line(told, tmp_path):
    """A name nobody declares any more is told once, with every line that still says it."""
    text = (tmp_path / "acme.yaml").read_text("utf-8")
    (tmp_path / "acme.yaml").write_text(text.replace("  email:", "  emial:", 1), encoding="utf-8")
    code, said = told("compile", "acme.yaml")
    assert code == 2
    assert "did you mean `emial`?" in said
    assert said.partition("; the same on line ")[2].count(",") >= 3


@pytest.mark.parametrize("command", ["publish", "prove"])
def test_a_file_in_another_script_is_told_to_take_another_name(told, tmp_path, command):
    """A policy is called after its file, and the name stands in addresses; told before a database is opened."""
    (tmp_path / "acme.yaml").rename(tmp_path / "隐私政策.yaml")
    code, said = told(command, "隐私政策.yaml")
    assert code == 2
    assert "small letters" in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["a", "my-policy", "0", "a" * 64])
def test_short_names(name):
    """What can stand in an address is taken as it is."""
    assert short_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "my_policy", "my policy", "-a", "a-", "a" * 65, "a\n", "政策"])
def test_no_short_names(name):
    """Anything else is refused."""
    with pytest.raises(Misconfigured):
        short_name(name)
