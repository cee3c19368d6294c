"""The JSON Schema: what is read validates, what is not does not, and every key says what it is for."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

import shounuo
from shounuo.core.promise import PROBES
from shounuo.errors import BadPolicy
from shounuo.language.load import load
from shounuo.language.scaffold import scaffold
from shounuo.language.schema import schema
from shounuo.language.sections import SECTIONS

PACKS = sorted((Path(shounuo.__file__).parent / "packs").glob("*.yaml"))
TEXT = Path(__file__).with_name("small.yaml").read_text("utf-8")
VALIDATOR = jsonschema_rs.Draft202012Validator(schema())


class AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2 as editors read it: numbers are numbers; `on`, `no` and dates are text."""


AsEditorsRead.yaml_implicit_resolvers = {}
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(~|null|)\Z"), ["~", "n", ""])
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?[0-9]+\Z"), list("-0123456789"))
AsEditorsRead.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?[0-9]+\.[0-9]+\Z"), list("-0123456789")
)


def errors(text: str) -> list[str]:
    """What an editor would underline."""
    return [
        f"{'/'.join(map(str, e.instance_path))}: {e.message}"
        for e in VALIDATOR.iter_errors(yaml.load(text, AsEditorsRead))
    ]


def test_the_schema_is_one() -> None:
    """It is a valid schema of its draft, and plain JSON."""
    jsonschema_rs.meta.validate(schema())
    assert json.loads(json.dumps(schema())) == schema()
    assert schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.stem)
def test_every_pack_validates(pack: Path) -> None:
    """A pack that loads has nothing an editor would underline."""
    assert errors(pack.read_text("utf-8")) == []


def test_the_small_policies_validate() -> None:
    """Neither has the small policy of the tests, nor the one `shounuo init` writes."""
    assert errors(TEXT) == []
    assert errors(scaffold("acme", "示例", "Example")) == []


BROKEN = [
    ("class: marketing", "klass: marketing"),
    ("class: marketing", "class: spam"),
    ("asked: sign-up, shows", "shows"),
    ("requires: [email, password]", "requires: email"),
    ("requires: [email, password]", "requires: []"),
    ("requires: [email, password]", "requires: [email, email]"),
    ("requires: [email, password]", "requires: [E-Mail, password]"),
    ("{one-of: [id-number, tax-number]}", "{one-of: [id-number]}"),
    ("findable: true", "findable: yes please"),
    ("findable: true", "findable: 1"),
    ("purpose: {zh: 开户, en: Open an account}", "purpose: {zh: 开户}"),
    ("purpose: {zh: 开户, en: Open an account}", "purpose: 开户"),
    ("company: 快快公司", "company: ''"),
    ("company: 快快公司", f"company: {'快' * 121}"),
    ("company: 快快公司", "company: null"),
    ("country: SG", "country: Singapore"),
    ("effective: 2026-01-05", "effective: 5 January"),
    ("within: 5 working days, from", "within: 5, from"),
    ("within: 5 working days, from", "within: 5 days, from"),
    ("within: 5 working days, from", "within: {in: 5 working days}, from"),
    ("children: {under: 14 years old", "children: {under: 14"),
    ("bound: 6 months}", "bound: 5 working days}"),
    ("for: {at-least: 3 years}", "for: 5 working days"),
    ("  paying: {", "  Paying: {"),
    ("scenes:\n  sign-up:", "scenes:\n  acceptance:"),
    ("  dates: {", "  date: {"),
    ("messages:\n", "mesages:\n"),
    ("  small-3: {kind: control", "  Small 3: {kind: control"),
    ("kind: process, says", "kind: promise, says"),
    ("{age-gate: {minors: children}}", "{age-gates: {minors: children}}"),
    ("{age-gate: {minors: children}}", "{age-gate: {minor: children}}"),
    ("{age-gate: {minors: children}}", "{age-gate: {}}"),
    ("{age-gate: {minors: children}}", "age-gate"),
    ("clauses:\n", "clauses: []\nwords:\n"),
]


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_what_is_not_read_does_not_validate(old: str, new: str) -> None:
    """A slip of shape is underlined in an editor, and refused when read: the schema and the reader agree."""
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    with pytest.raises(BadPolicy):
        load(text, "small.yaml")
    assert errors(text)


def test_a_policy_without_clauses_does_not_validate() -> None:
    """The clauses are half of a policy."""
    (lacking,) = errors("text: {}")
    assert '"clauses" is a required property' in lacking


def test_every_section_key_and_probe_says_what_it_is_for() -> None:
    """An editor can show a sentence for everything an author may write."""
    whole = schema()
    for name, section in SECTIONS.items():
        assert whole["properties"][name]["description"] == section.about
        for form in (*([section.shape] if section.shape else []), *(section.by_name or {}).values()):
            lacking = [
                key for key, one in form.grammar.schema()["properties"].items() if not one.get("description")
            ]
            assert lacking == [], (name, lacking)
    probes = whole["$defs"]["probe"]["properties"]
    assert {name: one["description"] for name, one in probes.items()} == {
        n: kind.story for n, kind in PROBES.items()
    }
