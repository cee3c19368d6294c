"""`explain` tells the truth: names exist, controls are what duties ask, stories and laws are those behind the clause."""

import ast
import inspect
import json
import sys
from dataclasses import MISSING, fields
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import shounuo
from shounuo.cli import main, packs
from shounuo.cli.carriers import CARRIERS, COMPILE, Place, places
from shounuo.cli.explain import _looks_at
from shounuo.core import agreement
from shounuo.core.difference import key_of
from shounuo.core.promise import PROBES, UNTOLD
from shounuo.duties.controls import Controls
from shounuo.language.load import load
from shounuo.language.sections import SECTIONS
from shounuo.law.lint import applying
from shounuo.law.rules.view import View

PLACES = sorted(
    {place for found in CARRIERS.values() for place in found} | {COMPILE},
    key=lambda one: (one.path, one.does),
)
SOURCE = Path(shounuo.__file__).parent
RUNNING = ("duties", "store", "vault", "gate", "core/decision.py", "core/rulebook.py", "core/scene.py", "core/request.py",
           "core/retention.py", "core/consent.py")  # fmt: skip


@cache
def policy(name: str):
    """A pack as it stands in the package."""
    source, label, slug = packs.find(name)
    return load(source, label, slug)


@cache
def attributes(module: str) -> frozenset[str]:
    """Every attribute a module reads, and every word it writes in quotes."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return frozenset(
        read
        | {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    )


def shapes(section: str) -> set[type]:
    """The classes of a section's entries, of all packs."""
    return {type(entry) for name in packs.names() for entry in policy(name).of(section).values()}


# -- the register ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES, ids=lambda one: f"{one.path}: {one.does[:30]}")
def test_every_place_is_there(place: Place) -> None:
    """The module has the name; the control, if there is one, is that very function; the fields are read there."""
    found: object = import_module(place.module)
    for name in place.name.split("."):
        found = getattr(found, name)
    assert callable(found)
    if place.control is not None:
        (control,) = [one for one in fields(Controls) if one.name == place.control]
        assert control.default is not MISSING
        assert control.default is found
    read = frozenset().union(*map(attributes, (place.module, *place.read_in)))
    assert place.fields <= read, place.fields - read
    assert place.does


@pytest.mark.parametrize("section", CARRIERS)
def test_the_fields_are_those_of_the_section(section: str) -> None:
    """A place reads fields the section's entries have."""
    known = {field.name for shape in shapes(section) for field in fields(shape)}
    for place in CARRIERS[section]:
        assert place.fields <= known, place.path


def test_what_no_place_carries_no_duty_reads() -> None:
    """A section without a place is known to nothing that runs; once something carries it out, the register must say so."""
    texts = [
        one
        for name in RUNNING
        for one in ([SOURCE / name] if name.endswith(".py") else (SOURCE / name).rglob("*.py"))
    ]
    for section in SECTIONS.keys() - CARRIERS.keys() - {"changes", "readings"}:
        names = {shape.__name__ for shape in shapes(section)}
        for path in texts:
            tree = ast.parse(path.read_text("utf-8"))
            imported = {
                one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names
            }
            asked = {
                one.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                for one in node.args
                if isinstance(one, ast.Constant)
            }
            assert not names & imported, f"{path.name} knows {section}"
            assert section not in asked, f"{path.name} asks for {section}"


def test_places_by_field() -> None:
    """The places of the fields spoken of, all where none is; nothing for a section nobody carries."""
    assert [one.name for one in places("requests", {"verify"})] == ["move"]
    assert len(places("requests", ())) == len(CARRIERS["requests"])
    assert places("incidents", ()) == ()


def test_a_field_has_one_name_in_the_language() -> None:
    """The key a field is told by leads back to the field."""
    for name in packs.names():
        for entry in policy(name).entries():
            for field in (one for one in fields(entry) if one.name != "keeps"):
                assert agreement.attribute(entry, key_of(entry, field.name)) == field.name, (
                    f"{entry.path}.{field.name}"
                )


# -- the law behind it -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", packs.names())
def test_a_rule_that_finds_a_gap_looks_at_the_entry(name: str) -> None:
    """Whatever entry a rule of law complains of, `explain` names that rule behind it."""
    view = View(policy(name))
    entries = {entry.path: entry for entry in policy(name).entries()}
    seen = 0
    for requirement in applying(view):
        for gap in requirement.rule.gaps(view):
            if gap.entry in entries:
                seen += 1
                assert _looks_at(requirement, view, entries[gap.entry]), f"{requirement.id} at {gap.entry}"
    assert seen


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    """Run a command where nothing was published; its exit code and what it said."""
    monkeypatch.setenv("SHOUNUO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["shounuo", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


def test_it_answers_the_six_questions(told, tmp_path) -> None:
    """Words, entries with their lines, code, story, proof and law of a clause, read off what is there."""
    code, out, _ = told("explain", "huiju-7.3-2", "--json")
    answer = json.loads(out)
    assert code == 0
    clause, entry = policy("huiju").clauses["huiju-7.3-2"], policy("huiju").of("requests")["deletion"]
    assert answer["says"] == {"zh": clause.says.zh, "en": clause.says.en}
    assert (answer["section"], answer["kind"], answer["numbers"]["within"]) == (
        "7.3",
        "process",
        "5 working days",
    )
    (kept,) = answer["kept_by"]
    assert (kept["entry"], kept["line"]) == ("requests.deletion", f"huiju.yaml:{entry.line}")
    assert list(kept["says"])[:4] == ["kinds", "within", "from", "verify"]
    assert {one["control"] for one in answer["code"]} == {"due", "move", "rule_for"}
    assert [(one["kind"], one["story"], one["told"]) for one in answer["probes"]] == [
        ("in-time", PROBES["in-time"].story, True)
    ]
    assert answer["proof"] == {"status": None, "why": f"nothing was published in {tmp_path / 'home'}"}
    assert {"pipl-50"} & {
        one["requirement"].rpartition(".")[0] or one["requirement"] for one in answer["law"]
    }
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", packs.names())
def test_every_clause_can_be_explained(told, name: str) -> None:
    """A clause of any kind has an answer in words; what nobody tells yet is said to be so."""
    kinds = {clause.kind: clause.id for clause in policy(name).clauses.values()}
    untold = next(
        (c.id for c in policy(name).clauses.values() if any(p.kind in UNTOLD for p in c.probes)), None
    )
    for clause in [*kinds.values(), *([untold] if untold else [])]:
        code, out, err = told("explain", clause)
        assert (code, err) == (0, "")
        assert policy(name).clauses[clause].says.zh in out
        assert ("nobody tells this story yet" in out) >= (clause == untold)
        for part in ("kept by", "in code", "shown kept by", "last proof", "law behind it"):
            assert f"\n{part}\n" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["huiju-7.3"], "`huiju-7.3-2`"),
        (["huiju-7.3-22"], "`huiju-7.3-2`"),
        (["HUIJU-7.3-2"], "`huiju-7.3-2`"),
        (["nothing-at-all"], "shounuo compile"),
        ([""], "shounuo compile"),
        (["7.3-2"], "did you mean"),
        (["huiju-7.3-2", "--in", "vnet"], "it stands in the pack huiju"),
        (["huiju-7.3-2", "--in", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_an_id_that_is_not_there(told, arguments: list[str], words: str) -> None:
    """One sentence with the nearest ids, exit code 2, never a trace of Python."""
    code, out, err = told("explain", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_a_clause_of_ones_own_file(told, tmp_path) -> None:
    """A file is named with `--in`; its lines are the file's."""
    from shounuo.language.scaffold import scaffold

    path = tmp_path / "acme.yaml"
    path.write_text(scaffold("acme", "示例有限公司", "Example Ltd"), encoding="utf-8")
    first = next(iter(load(path.read_bytes(), str(path), "acme").clauses))
    code, out, _ = told("explain", first, "--in", str(path))
    assert code == 0
    assert f"{path}:" in out
