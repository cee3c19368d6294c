"""Read one clause: its words, the figures and lists the text fixes, the probes that show it kept.

1. A figure or list, of the text or ours, is read in the grammar of the field it speaks of; one no field speaks of is kept as
   written, and `consistency` says that nothing can keep it. `{part: [...]}` is part of a list.
2. A probe that does not exist is a fault, and so is a parameter it does not have or lacks, and a value its story does
   not know.
3. One word and a list of one are the same parameter.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import yaml

from shounuo.core.clause import Clause, Kind, Part, Probe, field_of
from shounuo.core.policy import Entry
from shounuo.core.promise import PROBES, ProbeKind
from shounuo.language.grammar import (
    MISSING,
    Fields,
    Flag,
    Grammar,
    ListOf,
    Number,
    Reading,
    Ref,
    Table,
    Text,
    Word,
    kind_of,
    nearest,
)
from shounuo.language.sections import SECTIONS
from shounuo.language.source import Node, line_of
from shounuo.language.terms import CLAUSE_ID, REGION, WORDS, may, member, must

CLAUSE = Fields(
    {
        "kind": must(member(Kind), "what the clause asks of the world"),
        "says": must(WORDS, "what the clause says, in our words"),
        "section": may(Text("a place in the text", 20), "the place in the text"),
        "emphasised": may(Flag(), "whether the text sets it off"),
        "read": may(ListOf(Ref(("readings",))), "the readings it stands in, beside other clauses"),
        "keepers": may(Number(2, 10_000), "how many entries keep it, where a key speaks of all of them"),
        "later": may(Text("why nothing keeps it yet", 300), "why nothing keeps it yet"),
    },
    what="the clause",
)
ANYTHING = ("rest", "any")


def read_clause(key: yaml.ScalarNode, node: Node, keepers: list[Entry], reading: Reading) -> Clause | None:
    """The clause of this id, or None after a fault; `keepers` are the entries that name it."""
    path = f"clauses.{key.value[:80]}"
    name = CLAUSE_ID.read(key, path, reading)
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, path, f"{kind_of(node)} is no clause", "write `{kind: …, says: {zh: …, en: …}}`")
        return None
    own = {child.value: value for child, value in node.value}
    rest = [
        (child, value)
        for child, value in node.value
        if child.value not in ("numbers", "items", "ours", "probe")
    ]
    values = CLAUSE.values(yaml.MappingNode(node.tag, rest, node.start_mark, node.end_mark), path, reading)
    numbers = _facts(own.get("numbers"), f"{path}.numbers", keepers, reading)
    items = _facts(own.get("items"), f"{path}.items", keepers, reading)
    ours = _facts(own.get("ours"), f"{path}.ours", keepers, reading)
    probes = _probes(own.get("probe"), f"{path}.probe", reading)
    if values is MISSING or name is MISSING:
        return None
    return Clause(
        id=name, line=line_of(node), numbers=numbers, items=items, ours=ours, probes=probes, **values
    )


def _facts(node: Node | None, path: str, keepers: list[Entry], reading: Reading) -> Mapping[str, Any]:
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        remedy = "write `{field: value}`, a field of the entry"
        reading.fault(node, path, f"{kind_of(node)} stands where a mapping must", remedy)
        return {}
    facts: dict[str, Any] = {}
    for key, child in node.value:
        value = _fact(child, f"{path}.{key.value[:80]}", _grammar(key.value, keepers), reading)  # (1)
        if value is not MISSING:
            facts[key.value] = value
    return MappingProxyType(facts)


def _fact(node: Node, path: str, grammar: Grammar | None, reading: Reading) -> Any:
    if grammar is None:
        return _plain(node)
    part = node.value[0] if isinstance(node, yaml.MappingNode) and len(node.value) == 1 else None
    if isinstance(grammar, ListOf) and part is not None and part[0].value == "part":
        value = grammar.read(part[1], f"{path}.part", reading)
        return value if value is MISSING else Part(value)
    return grammar.read(node, path, reading)


def _grammar(name: str, keepers: list[Entry]) -> Grammar | None:
    """The grammar of the field a fact speaks of. (1)"""
    whose, field, deeper = field_of(name)
    if whose:
        section, entry = whose
        shapes = [SECTIONS[section].shape_of(entry)] if section in SECTIONS else []
    else:
        shapes = [SECTIONS[keeper.section].shape_of(keeper.name) for keeper in keepers]
    known = [shape.grammar.fields[field] for shape in shapes if shape and field in shape.grammar.fields]
    grammar = known[0].grammar if known else None
    for key in deeper:
        grammar = _within(grammar, key)
    return grammar


def _within(grammar: Grammar | None, key: str) -> Grammar | None:
    """The grammar of one key of a field that has keys of its own."""
    if isinstance(grammar, Fields) and key in grammar.fields:
        return grammar.fields[key].grammar
    return grammar.value if isinstance(grammar, Table) else None


def _plain(node: Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return tuple(_plain(child) for child in node.value)
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(child) for key, child in node.value}
    return node.value


def _probes(node: Node | None, path: str, reading: Reading) -> tuple[Probe, ...]:
    if node is None:
        return ()
    if isinstance(node, yaml.SequenceNode):
        return tuple(probe for child in node.value for probe in _probes(child, path, reading))
    if not isinstance(node, yaml.MappingNode):
        reading.fault(
            node, path, f"{kind_of(node)} is no probe", "write `{in-time: {kind: delete}}`", "probe"
        )
        return ()
    probes = []
    for key, child in node.value:
        shown = key.value[:60]
        if (kind := PROBES.get(key.value)) is None:  # (2)
            reading.fault(key, path, f"there is no probe `{shown}`", nearest(shown, PROBES), "probe")
            continue
        params = _params(child, f"{path}.{shown}", kind, reading)
        probes.append(Probe(key.value, MappingProxyType(params)))
    return tuple(probes)


def _param(kind: ProbeKind, name: str, sections: tuple[str, ...]) -> Grammar:
    """How one value of a parameter is written: a declared name, one of the story's own words, or any. (2)"""
    if sections:
        return Ref(sections, ANYTHING)
    if name in kind.words:
        return Word(kind.words[name])
    return REGION if name == "outside" else Text("a word", 200)


def _params(node: Node, path: str, kind: ProbeKind, reading: Reading) -> dict[str, tuple[str, ...]]:
    if not isinstance(node, yaml.MappingNode):
        wrong = f"{kind_of(node)} stands where the parameters must"
        reading.fault(node, path, wrong, "write `{name: value}`", "probe")
        return {}
    params: dict[str, tuple[str, ...]] = {}
    for key, child in node.value:
        shown = key.value[:60]
        here = f"{path}.{shown}"
        if (sections := kind.params.get(key.value)) is None:
            remedy = nearest(shown, kind.params)
            reading.fault(key, here, f"the probe has no parameter `{shown}`", remedy, "probe")
            continue
        nodes = child.value if isinstance(child, yaml.SequenceNode) else [child]  # (3)
        grammar = _param(kind, key.value, sections)
        found = [grammar.read(one, here, reading) for one in nodes]
        params[key.value] = tuple(value for value in found if value is not MISSING)
        if not nodes:
            reading.fault(
                child, here, "the list is empty", "name at least one, or leave the key out", "probe"
            )
    for name in sorted(kind.needs.keys() - {key.value for key, _ in node.value}):
        reading.fault(node, path, f"the probe's parameter `{name}` is missing", f"add `{name}:`", "probe")
    return params
