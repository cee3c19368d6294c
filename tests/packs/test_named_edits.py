"""The edits a hand is likeliest to make, on every pack that has what they need: each is told at its line, with what
contradicts what.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import shounuo
from shounuo.core import consistency
from shounuo.errors import BadPolicy, Fault
from shounuo.language.load import build, load
from shounuo.language.source import line_of, read

PACKS = Path(shounuo.__file__).parent / "packs"
SLUGS = sorted(path.stem for path in PACKS.glob("*.yaml"))
TEXTS = {slug: (PACKS / f"{slug}.yaml").read_text("utf-8") for slug in SLUGS}
Entries = Iterator[tuple[yaml.ScalarNode, yaml.MappingNode]]


class Text:
    """A pack as nodes, to edit and look up."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.root: Any = read(TEXTS[slug], slug)

    def section(self, name: str) -> Any:
        """The node of a section."""
        return next((node for key, node in self.root.value if key.value == name), None)

    def entries(self, name: str) -> Entries:
        """The entries of a section, as written."""
        section = self.section(name)
        yield from section.value if section is not None else ()

    def faults(self) -> tuple[Fault, ...]:
        """Every error of the pack as it now stands."""
        try:
            policy = build(self.root, self.slug, self.slug)
        except BadPolicy as bad:
            return bad.faults
        return tuple(one for one in consistency.check(policy) if one.severity == "error")


def key(node: yaml.MappingNode, *path: str) -> Any:
    """The node at a path of keys below `node`, or None."""
    found: Any = node
    for name in path:
        below = found.value if isinstance(found, yaml.MappingNode) else ()
        found = next((value for one, value in below if one.value == name), None)
    return found


def without(node: yaml.MappingNode, name: str) -> None:
    """Take a key away."""
    node.value = [pair for pair in node.value if pair[0].value != name]


@dataclass(frozen=True)
class Made:
    """What an edit changed: the entry, the line it starts on, the codes one of which must be told there."""

    entry: str
    line: int
    codes: frozenset[str]


Edit = Callable[[Text], Made | None]


def _made(section: str, name: yaml.ScalarNode, node: yaml.Node, *codes: str) -> Made:
    return Made(f"{section}.{name.value}", line_of(node), frozenset(codes))


def six_for_five(text: Text) -> Made | None:
    """5 working days become 6, or 15 become 16: whichever figure a request has."""
    for name, entry in text.entries("requests"):
        within = key(entry, "within")
        terms = key(entry, "within", "earlier-of")
        for node in [within, *(terms.value if terms is not None else ())]:
            if isinstance(node, yaml.ScalarNode) and node.value.endswith(" days"):
                count, _, unit = node.value.partition(" ")
                node.value = f"{int(count) + 1} {unit}"
                return _made("requests", name, entry, "contradiction")
    return None


def working_for_natural(text: Text) -> Made | None:
    """Natural days become working days, or the other way round, in what a request is answered within."""
    for name, entry in text.entries("requests"):
        node = key(entry, "within")
        if isinstance(node, yaml.ScalarNode):
            count, kind, days = node.value.split(" ")
            node.value = f"{count} {'natural' if kind == 'working' else 'working'} {days}"
            return _made("requests", name, entry, "contradiction")
    return None


def a_year_younger(text: Text) -> Made | None:
    """14 becomes 13, 18 becomes 17."""
    for name, entry in text.entries("minors"):
        node = key(entry, "under")
        node.value = f"{int(node.value.partition(' ')[0]) - 1} years old"
        return _made("minors", name, entry, "contradiction")
    return None


def a_field_less(text: Text) -> Made | None:
    """A scene takes one field less."""
    for name, entry in text.entries("scenes"):
        fields = key(entry, "requires")
        if fields is not None and len(fields.value) > 1:
            fields.value = fields.value[:-1]
            return _made("scenes", name, entry, "contradiction", "unsaid")
    return None


def a_field_more(text: Text) -> Made | None:
    """A scene takes a field that is declared nowhere."""
    for name, entry in text.entries("scenes"):
        if (fields := key(entry, "requires")) is not None:
            mark = fields.value[0].start_mark
            stray = yaml.ScalarNode("tag:yaml.org,2002:str", "shoe-size", mark, mark)
            fields.value = [*fields.value, stray]
            return Made(f"scenes.{name.value}", mark.line + 1, frozenset({"reference"}))
    return None


def a_recipient_less(text: Text) -> Made | None:
    """A row of the register of SDKs, or of whoever receives, is gone: what names it says so."""
    rows = [
        name for name, entry in text.entries("recipients") if key(entry, "kind").value in ("sdk", "api")
    ] or [name for name, _ in text.entries("recipients")]
    without(text.section("recipients"), rows[0].value)
    faults = [one for one in text.faults() if f"`{rows[0].value}`" in one.wrong]
    return Made("", faults[0].line, frozenset({"reference"}))


def an_exception_less(text: Text) -> Made | None:
    """A ground on which a request may be refused is gone."""
    for name, entry in text.entries("requests"):
        grounds = key(entry, "refuse-on")
        if grounds is not None:
            grounds.value = grounds.value[1:] or grounds.value
            return _made("requests", name, entry, "contradiction")
    return None


def a_ground_less(text: Text) -> Made | None:
    """A ground on which nothing needs consent is gone from the closed list."""
    for name, entry in text.entries("consent"):
        if name.value == "without":
            grounds = key(entry, "grounds")
            grounds.value = grounds.value[:-1]
            return _made("consent", name, entry, "contradiction")
    return None


def general_for_separate(text: Text) -> Made | None:
    """A separate yes becomes a general one."""
    for name, entry in text.entries("consent"):
        form = key(entry, "form")
        if form is not None and form.value == "separate":
            form.value = "general"
            return _made("consent", name, entry, "contradiction")
    return None


def abroad(text: Text) -> Made | None:
    """Information lies in Singapore."""
    for name, entry in text.entries("storage"):
        key(entry, "region").value = "SG"
        return _made("storage", name, entry, "contradiction")
    return None


def kept_too_short(text: Text) -> Made | None:
    """What the law wants for three years, or six months, is let go earlier."""
    for name, entry in text.entries("holds"):
        period = key(entry, "period")
        count, _, unit = period.value.partition(" ")
        if int(count) > 2:
            period.value = f"{int(count) - 1} {unit}"
            return _made("holds", name, entry, "contradiction")
    return None


def an_entry_less(text: Text) -> Made | None:
    """The rule on where information lies is gone: the clause on it is kept by nothing."""
    (name, entry), *_ = text.entries("storage")
    clause = key(entry, "keeps").value[0].value
    without(text.section("storage"), name.value)
    node = key(text.section("clauses"), clause)
    return Made(clause, line_of(node), frozenset({"unkept", "contradiction"}))


def _like(node: yaml.Node, word: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", word, node.start_mark, node.end_mark)


def a_kind_verified_by_nobody(text: Text) -> Made | None:
    """A right is answered by the entry that verifies nobody."""
    loose = [one for one in text.entries("requests") if getattr(key(one[1], "verify"), "value", "") == "none"]
    strict = [
        one for one in text.entries("requests") if one not in loose and len(key(one[1], "kinds").value) > 1
    ]
    if not loose or not strict:
        return None
    (name, entry), kinds = strict[0], key(strict[0][1], "kinds")
    moved = kinds.value[0]
    kinds.value = kinds.value[1:]
    target = key(loose[0][1], "kinds")
    target.value = [*target.value, moved]
    return _made("requests", name, entry, "contradiction")


def an_item_kept_by_another_rule(text: Text) -> Made | None:
    """An item moves to a rule that keeps it longer, or shorter."""
    rules = [one for one in text.entries("retention") if len(key(one[1], "of").value) > 1]
    others = [one for one in text.entries("retention") if rules and one[0] is not rules[0][0]]
    if not rules or not others:
        return None
    (name, entry), items = rules[0], key(rules[0][1], "of")
    target = key(others[0][1], "of")
    target.value = [*target.value, items.value[0]]
    items.value = items.value[1:]
    return _made("retention", name, entry, "contradiction")


def contract_for_consent(text: Text) -> Made | None:
    """What asked a yes rests on a contract and asks none, and the consent is for it no more."""
    consents = {name.value: entry for name, entry in text.entries("consent")}
    for section in ("scenes", "uses"):
        for name, entry in text.entries(section):
            asks = key(entry, "asks")
            if asks is None or not all(len(key(consents[one.value], "for").value) > 1 for one in asks.value):
                continue
            for one in asks.value:
                covered = key(consents[one.value], "for")
                covered.value = [other for other in covered.value if other.value != name.value]
            without(entry, "asks")
            key(entry, "basis").value = "contract"
            return _made(section, name, entry, "contradiction")
    return None


def a_guardian_asked_less(text: Text) -> Made | None:
    """A guardian's yes is for one thing less, or for another."""
    for name, entry in text.entries("consent"):
        form = key(entry, "form")
        if form is not None and form.value == "guardian":
            covered = key(entry, "for")
            covered.value = covered.value[1:] or [_like(covered, next(text.entries("services"))[0].value)]
            return _made("consent", name, entry, "contradiction")
    return None


def another_right(text: Text) -> Made | None:
    """A right to be forgotten becomes a right to ask."""
    kinds = {key(entry, "kind").value for _, entry in text.entries("rights")}
    for name, entry in text.entries("rights"):
        kind = key(entry, "kind")
        if kind.value == "delete" and "access" in kinds:
            kind.value = "access"
            return _made("rights", name, entry, "contradiction")
    return None


def a_clause_that_binds_no_more(text: Text) -> Made | None:
    """A promise is called a definition, its probe and figures as they were."""
    for name, clause in text.entries("clauses"):
        if key(clause, "kind").value == "control" and key(clause, "probe") is not None:
            key(clause, "kind").value = "definition"
            return Made(name.value, line_of(clause), frozenset({"unbound"}))
    return None


def one_of_several_leaves(text: Text) -> Made | None:
    """One of the entries a clause speaks of together drops it, and with it what the clause asks of all."""
    for name, clause in text.entries("clauses"):
        facts = {
            one.value for part in ("numbers", "items") for one, _ in getattr(key(clause, part), "value", ())
        }
        if key(clause, "keepers") is None:
            continue
        for section in (
            "support",
            "protection",
            "uses",
            "scenes",
            "retention",
            "cookies",
            "recipients",
            "sharing",
        ):
            for _, entry in text.entries(section):
                keeps = key(entry, "keeps")
                if (
                    keeps is None
                    or name.value not in [one.value for one in keeps.value]
                    or len(keeps.value) < 2
                ):
                    continue
                keeps.value = [one for one in keeps.value if one.value != name.value]
                free = facts & {
                    "recorded",
                    "tells",
                    "never",
                    "default",
                    "refusal",
                    "then",
                }  # what need not be there
                entry.value = [pair for pair in entry.value if pair[0].value not in free]
                return Made(name.value, line_of(clause), frozenset({"uncounted"}))
    return None


EDITS: tuple[Edit, ...] = (
    a_kind_verified_by_nobody,
    an_item_kept_by_another_rule,
    contract_for_consent,
    a_guardian_asked_less,
    another_right,
    a_clause_that_binds_no_more,
    one_of_several_leaves,
    six_for_five,
    working_for_natural,
    a_year_younger,
    a_field_less,
    a_field_more,
    a_recipient_less,
    an_exception_less,
    a_ground_less,
    general_for_separate,
    abroad,
    kept_too_short,
    an_entry_less,
)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_the_edit_is_told_where_it_stands(edit: Edit, slug: str) -> None:
    """One edit, and a finding at its line with a code that says what is wrong, and a remedy."""
    text = Text(slug)
    made = edit(text)
    if made is None:
        pytest.skip(f"{slug} has nothing to edit so")
    told = [one for one in text.faults() if one.code in made.codes and one.line == made.line]
    assert told, [str(one) for one in text.faults()][:5]
    assert all(one.wrong and one.remedy for one in told)


def test_every_edit_was_made_on_some_pack() -> None:
    """No edit of the list is skipped everywhere."""
    for edit in EDITS:
        assert any(edit(Text(slug)) is not None for slug in SLUGS), edit.__name__


@pytest.mark.parametrize("slug", SLUGS)
def test_a_clause_removed_is_missed_by_the_last_published_list(slug: str) -> None:
    """A pack without one of its clauses does not pass beside its last published version, whichever it is."""
    published = load(TEXTS[slug], slug)
    clauses = list(published.clauses)
    for gone in (clauses[0], clauses[len(clauses) // 2], clauses[-1]):
        text = Text(slug)
        without(text.section("clauses"), gone)
        for section in published.sections:
            for _, entry in text.entries(section):
                if (keeps := key(entry, "keeps")) is not None and isinstance(keeps, yaml.SequenceNode):
                    keeps.value = [one for one in keeps.value if one.value != gone]
                    if not keeps.value:
                        without(entry, "keeps")
        try:
            faults = consistency.check(build(text.root, slug, slug), published)
        except BadPolicy as bad:
            faults = bad.faults
        assert any(
            gone in f"{one.entry} {one.wrong}" and one.code in ("unannounced", "stranger") for one in faults
        ), gone


@pytest.mark.parametrize("slug", SLUGS)
def test_the_ids_and_kinds_are_those_of_the_list_in_the_project(slug: str) -> None:
    """Every clause of the list stands in the pack under its id, with its kind, in order, and none besides."""
    lines = (Path(__file__).parent / f"{slug}_clauses.tsv").read_text("utf-8").splitlines()
    listed = [(row["id"], row["kind"]) for row in csv.DictReader(lines, delimiter="\t")]
    policy = load(TEXTS[slug], slug)
    assert [(clause.id, clause.kind.value) for clause in policy.clauses.values()] == listed
