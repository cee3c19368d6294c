"""From a policy file to a `Policy`: shape first, then names, then the figures each clause speaks of.

1. Every fault of the file is reported at once, each with line, entry and remedy; then nothing is loaded.
2. Sections are known; a section, entry or key that is not is named with the nearest known word.
3. A name that is referred to must be declared.
4. A clause's `numbers` and `items` are read in the grammar of the entry field they speak of, so that what the text
   says and what the system does are compared as values, not as spelling.
5. What was read once is not read again: a Policy is frozen, so the same text under the same name is the same value.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from shounuo.core.clause import Clause, Kind, Probe
from shounuo.core.policy import Entry, Policy
from shounuo.core.promise import PROBES
from shounuo.errors import BadPolicy
from shounuo.language.grammar import MISSING, NAME, WORDS, Field, Fields, Flag, Reading, Ref, Text, Word, kind_of, nearest
from shounuo.language.sections import SECTIONS, read_entry
from shounuo.language.source import Node, line_of, read

Facts = Mapping[str, Node]

_REMEMBERED = 32  # texts, with what was found in each


def load(text: bytes | str, source: str, slug: str | None = None) -> Policy:
    """The policy written in `text`; `source` names it in faults, `slug` defaults to the stem of `source`.

    Raises BadPolicy with every fault of shape and reference. Whether the policy keeps its own clauses is asked of
    `consistency`.
    """
    found = _loaded(text, source, slug or Path(source).stem)
    if isinstance(found, BadPolicy):
        raise BadPolicy(found.source, found.faults)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _loaded(text: bytes | str, source: str, slug: str) -> Policy | BadPolicy:
    """The policy, or the error that says what is wrong with it. (5)"""
    try:
        return _load(text, source, slug)
    except BadPolicy as error:
        return BadPolicy(error.source, error.faults)  # without the frames of the one who asked


def _load(text: bytes | str, source: str, slug: str) -> Policy:
    root = read(text, source)
    reading = Reading()
    sections: dict[str, Mapping[str, Entry]] = {}
    raw_clauses: Node | None = None
    for key, node in root.value:
        if key.value == "clauses":
            raw_clauses = node
        elif key.value in SECTIONS:
            sections[key.value] = _section(key.value, node, reading)
        else:  # (2)
            reading.fault(key, key.value, f"there is no section `{key.value}`", nearest(key.value, [*SECTIONS, "clauses"]))
    _resolve(reading, sections, _entry_names(root))  # (3)
    clauses = _clauses(raw_clauses, root, sections, reading)
    if reading.faults:
        raise BadPolicy(source, reading.faults)
    return Policy(slug=slug, sections=MappingProxyType(sections), clauses=MappingProxyType(clauses))


def _section(name: str, node: Node, reading: Reading) -> Mapping[str, Entry]:
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, name, f"{kind_of(node)} stands where the entries must", "write `name: {…}` for each")
        return {}
    entries: dict[str, Entry] = {}
    for key, child in node.value:
        if not NAME.match(key.value):
            reading.fault(key, f"{name}.{key.value}", f"`{key.value}` is not a name", "lower-case letters, digits and `-`")
            continue
        entry = read_entry(name, key.value, child, reading)
        if entry is not MISSING:
            entries[key.value] = entry
    return MappingProxyType(entries)


def _entry_names(root: yaml.MappingNode) -> Mapping[str, frozenset[str]]:
    """The names written in each section, also of entries that could not be read: they are declared all the same."""
    return {
        key.value: frozenset(child.value for child, _ in node.value)
        for key, node in root.value
        if isinstance(node, yaml.MappingNode)
    }


def _resolve(reading: Reading, sections: Mapping[str, Mapping[str, Entry]], names: Mapping[str, frozenset[str]]) -> None:
    for reference in reading.references:
        known = {name for section in reference.sections for name in names.get(section, ())}
        if reference.name not in known:
            from shounuo.errors import Fault

            where = " or ".join(f"`{section}`" for section in reference.sections)
            wrong = f"`{reference.name}` is not declared in {where}"
            reading.faults.append(Fault(reference.line, reference.path, wrong, nearest(reference.name, known), "reference"))
    reading.references.clear()


_CLAUSE = Fields(
    {
        "kind": Field(Word(tuple(kind.value for kind in Kind), Kind), required=True, about="what the clause asks of the world"),
        "says": Field(WORDS, required=True, about="what the clause says, in our words"),
        "section": Field(Text("a place in the text", 20)),
        "emphasised": Field(Flag(), about="whether the text sets it in bold"),
        "later": Field(Text("why nothing keeps it yet", 300)),
    },
    what="the clause",
)


def _clauses(
    node: Node | None, root: yaml.MappingNode, sections: Mapping[str, Mapping[str, Entry]], reading: Reading
) -> dict[str, Clause]:
    if node is None:
        reading.fault(root, "clauses", "the section `clauses` is missing", "list what the text says, clause by clause")
        return {}
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, "clauses", f"{kind_of(node)} stands where the clauses must", "write `id: {…}` for each")
        return {}
    keepers = _keepers(sections)
    clauses: dict[str, Clause] = {}
    for key, child in node.value:
        clause = _clause(key.value, child, keepers.get(key.value, []), reading)
        if clause is not None:
            clauses[key.value] = clause
    names = _entry_names(root)
    for reference in list(reading.references):
        reference.sections = tuple(reference.sections)
    _resolve(reading, sections, names)
    return clauses


def _keepers(sections: Mapping[str, Mapping[str, Entry]]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entries in sections.values():
        for entry in entries.values():
            for clause in entry.keeps:
                found.setdefault(clause, []).append(entry)
    return found


def _clause(name: str, node: Node, keepers: list[Entry], reading: Reading) -> Clause | None:
    path = f"clauses.{name}"
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, path, f"{kind_of(node)} is no clause", "write `{kind: …, says: {zh: …, en: …}}`")
        return None
    own = {key.value: child for key, child in node.value}
    rest = [(key, child) for key, child in node.value if key.value not in ("numbers", "items", "probe")]
    plain = yaml.MappingNode(node.tag, rest, node.start_mark, node.end_mark)
    values = _CLAUSE.values(plain, path, reading)
    numbers = _facts(own.get("numbers"), f"{path}.numbers", keepers, reading)
    items = _facts(own.get("items"), f"{path}.items", keepers, reading)
    probes = _probes(own.get("probe"), f"{path}.probe", reading)
    if values is MISSING:
        return None
    return Clause(id=name, line=line_of(node), numbers=numbers, items=items, probes=probes, **values)


def _facts(node: Node | None, path: str, keepers: list[Entry], reading: Reading) -> Mapping[str, Any]:
    if node is None:
        return MappingProxyType({})
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, path, f"{kind_of(node)} stands where a mapping must", "write `{field: value}`, a field of the entry")
        return MappingProxyType({})
    facts: dict[str, Any] = {}
    for key, child in node.value:
        value = _fact(key.value, child, f"{path}.{key.value}", keepers, reading)
        if value is not MISSING:
            facts[key.value] = value
    return MappingProxyType(facts)


def _fact(name: str, node: Node, path: str, keepers: list[Entry], reading: Reading) -> Any:
    """The value of one fact, read in the grammar of the field it names. (4)"""
    section, entry, field = _place(name, keepers)
    if section is None:
        return _plain(node)
    form = SECTIONS[section].shape_of(entry)
    known = form.grammar.fields.get(field) if form else None
    if known is None:
        return _plain(node)
    return known.grammar.read(node, path, reading)


def _place(name: str, keepers: list[Entry]) -> tuple[str | None, str, str]:
    if name.count(".") == 2:
        section, entry, field = name.split(".")
        return (section if section in SECTIONS else None), entry, field
    for keeper in keepers:
        form = SECTIONS[keeper.section].shape_of(keeper.name)
        if form is not None and name in form.grammar.fields:
            return keeper.section, keeper.name, name
    return None, "", name


def _plain(node: Node) -> Any:
    """A fact no entry speaks of, as written; `consistency` says that nothing can keep it."""
    if isinstance(node, yaml.SequenceNode):
        return tuple(_plain(child) for child in node.value)
    if isinstance(node, yaml.MappingNode):
        return tuple((key.value, _plain(child)) for key, child in node.value)
    return node.value


def _probes(node: Node | None, path: str, reading: Reading) -> tuple[Probe, ...]:
    if node is None:
        return ()
    if isinstance(node, yaml.SequenceNode):
        found = [probe for child in node.value for probe in _probes(child, path, reading)]
        return tuple(found)
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, path, f"{kind_of(node)} is no probe", "write `{in-time: {kind: delete}}`")
        return ()
    probes = []
    for key, child in node.value:
        if (kind := PROBES.get(key.value)) is None:
            reading.fault(key, path, f"there is no probe `{key.value}`", nearest(key.value, PROBES), "probe")
            continue
        params = _params(child, f"{path}.{key.value}", kind.params, frozenset(kind.needs), reading)
        probes.append(Probe(key.value, MappingProxyType(params)))
    return tuple(probes)


def _params(
    node: Node, path: str, known: Mapping[str, tuple[str, ...]], needed: frozenset[str], reading: Reading
) -> dict[str, tuple[str, ...]]:
    """Probe parameters, each read as a tuple of words: one word and a list of one are the same."""
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, path, f"{kind_of(node)} stands where the parameters must", "write `{name: value}`")
        return {}
    params: dict[str, tuple[str, ...]] = {}
    for key, child in node.value:
        here = f"{path}.{key.value}"
        if key.value not in known:
            reading.fault(key, here, f"the probe has no parameter `{key.value}`", nearest(key.value, known), "probe")
            continue
        nodes = child.value if isinstance(child, yaml.SequenceNode) else [child]
        grammar = Ref(known[key.value], ("rest", "any")) if known[key.value] else Text("a word")
        found = [grammar.read(one, here, reading) for one in nodes]
        params[key.value] = tuple(value for value in found if value is not MISSING)
    for name in sorted(needed - params.keys()):
        reading.fault(node, path, f"the probe's parameter `{name}` is missing", f"add `{name}:`", "probe")
    return params
