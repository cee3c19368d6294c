"""Edits of a pack, one at a time: what a slip of the hand, or a hand that means it, would do to the file.

1. An edit is made on the nodes of the file and undone afterwards, so that every line stays where it is.
2. Entries, their fields, figures, list members, closed words and names that refer to others are edited, on the side
   of the entries and on the side of the clauses (`numbers`, `items`, `ours`). Words for people are not, and neither
   are probes: they say how a promise is shown, not what is promised.
3. Some edits are made of several, as a hand that means it would: a member moves from one entry to another, an entry
   drops a clause and what that asks of it, a promise is called a definition, a yes becomes a contract.
4. What is put in is of the same kind as what stood there: another figure, another word of the same list, another
   declared name. So what is found is found by its meaning, not by its spelling.
"""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import yaml

from shounuo.language import grammar as g
from shounuo.language.clauses import _grammar
from shounuo.language.sections import SECTIONS
from shounuo.language.terms import Term

GROUPS: Mapping[str, tuple[str, ...]] = {
    "entry": ("entry", "field", "word"),
    "number": ("number",),
    "item": ("item-dropped", "item-added", "fact"),
    "reference": ("reference", "keeps"),
    "together": ("moved", "left", "unbound", "rested"),
}
_MOVED = {"requests": "kinds", "retention": "of", "consent": "for", "sharing": "carries"}
FOR_PEOPLE = frozenset(
    {
        "zh",
        "en",
        "purpose",
        "necessity",
        "owner",
        "law",
        "says",
        "section",
        "emphasised",
        "title",
        "headings",
        "lines",
    }
)
_FIGURE = re.compile(r"([0-9]+)( .+)?")
_UNITS = {
    "working days": "natural days",
    "natural days": "working days",
    "months": "years",
    "years": "months",
}


@dataclass(frozen=True)
class Edit:
    """One edit: its kind, the path of what is edited, and how it is done and undone."""

    kind: str
    path: tuple[str, ...]
    what: str
    beside: frozenset[str]  # the clauses an entry keeps, the entries that keep a clause
    do: Callable[[], Callable[[], None]]

    @property
    def places(self) -> frozenset[str]:
        """The names by which a finding may mean what was edited: the entry or clause, what it is held against, and
        what was put or taken.
        """
        named = self.path[3].split(".")[1:2] if self.path[0] == "clauses" and len(self.path) > 3 else []
        return frozenset({self.path[1], *named, self.what.split(" ")[0]}) | self.beside

    def __str__(self) -> str:
        return f"{self.kind} at {'.'.join(self.path)}: {self.what}"

    @contextmanager
    def done(self) -> Iterator[None]:
        """The nodes as edited; afterwards as they were. (1)"""
        undo = self.do()
        try:
            yield
        finally:
            undo()


class Editor:
    """Finds everything that can be edited in one pack, and edits it."""

    def __init__(self, root: yaml.MappingNode, seed: int) -> None:
        self.root, self.chance = root, random.Random(seed)
        self.names = {
            section.value: [name.value for name, _ in entries.value] for section, entries in root.value
        }
        self.keepers = _keepers(root)
        self.sites: dict[str, list[Edit]] = {group: [] for group in GROUPS}
        for section, entries in root.value:
            for name, entry in entries.value:
                self._of(section.value, name, entries, entry)
        self._together({section.value: entries.value for section, entries in root.value})

    def draw(self) -> Edit:
        """An edit of a group drawn evenly, at a place drawn evenly among those of the group."""
        return self.chance.choice(self.sites[self.chance.choice(list(GROUPS))])

    def _of(
        self, section: str, name: yaml.ScalarNode, entries: yaml.MappingNode, entry: yaml.MappingNode
    ) -> None:
        path = (section, name.value)
        if name.value in FOR_PEOPLE:
            return
        if section == "clauses":
            self._clause(path, entry)
            return
        self._add("entry", path, "removed", entries, [p for p in entries.value if p[0] is not name])
        shape = SECTIONS[section].shape_of(name.value)
        assert shape is not None
        self._mapping(path, entry, shape.grammar)

    def _clause(self, path: tuple[str, ...], clause: yaml.MappingNode) -> None:
        for key, value in clause.value:
            if key.value in ("numbers", "items", "ours"):
                for fact, said in value.value:
                    here = (*path, key.value, fact.value)
                    rest = [pair for pair in value.value if pair[0] is not fact]
                    self._add("fact", here, "removed", value, rest)
                    if (known := _grammar(fact.value, self.keepers.get(path[1], []))) is not None:
                        self._value(here, said, known)

    def _mapping(self, path: tuple[str, ...], node: yaml.MappingNode, grammar: g.Fields) -> None:
        for key, value in node.value:
            known = grammar.fields.get(key.value)
            if key.value in FOR_PEOPLE or known is None:
                continue
            here = (*path, key.value)
            if key.value == "keeps" and len(path) == 2 and known.attr != "kept":
                self._keeps(here, value)
                continue
            if not known.required:
                rest = [pair for pair in node.value if pair[0] is not key]
                self._add("field", here, "removed", node, rest)
            self._value(here, value, known.grammar)

    def _keeps(self, path: tuple[str, ...], node: yaml.SequenceNode) -> None:
        for one in node.value:
            rest = [other for other in node.value if other is not one]
            self._add("keeps", path, f"{one.value} dropped", node, rest)

    def _value(self, path: tuple[str, ...], node: yaml.Node, grammar: g.Grammar) -> None:
        if isinstance(grammar, g.AnyOf):
            chosen = {yaml.MappingNode: grammar.mapping, yaml.SequenceNode: grammar.sequence}
            grammar = chosen.get(type(node), grammar.scalar) or grammar
        if isinstance(grammar, Term):
            if isinstance(node, yaml.ScalarNode):
                grammar = grammar.plain
            else:
                keys = {key.value for key, _ in node.value}
                grammar = next(form for key, form in grammar.forms.items() if key in keys)
        if isinstance(node, yaml.SequenceNode) and isinstance(grammar, g.ListOf):
            self._list(path, node, grammar)
        elif isinstance(node, yaml.MappingNode):
            inner = grammar.fields if isinstance(grammar, g.Fields) else {}
            for key, value in node.value:
                if key.value == "part" and isinstance(grammar, g.ListOf):
                    self._value((*path, "part"), value, grammar)
                elif isinstance(grammar, g.Table):
                    self._value((*path, key.value), value, grammar.value)
                elif key.value in inner and key.value not in ("zh", "en", "says"):
                    self._value((*path, key.value), value, inner[key.value].grammar)
        elif isinstance(node, yaml.ScalarNode):
            self._scalar(path, node, grammar)

    def _list(self, path: tuple[str, ...], node: yaml.SequenceNode, grammar: g.ListOf) -> None:
        for one in node.value:
            if len(node.value) > grammar.least:
                rest = [other for other in node.value if other is not one]
                self._add("item-dropped", path, f"{_written(one)} dropped", node, rest)
            self._value(path, one, grammar.item)
        there = {_written(one) for one in node.value}
        if more := [word for word in self._others(grammar.item) if word not in there]:
            word = self.chance.choice(more)
            self._add("item-added", path, f"{word} added", node, [*node.value, _like(node, word)])

    def _scalar(self, path: tuple[str, ...], node: yaml.ScalarNode, grammar: g.Grammar) -> None:
        if isinstance(grammar, g.Parsed | g.Number | g.Count) and (found := _figure(node.value, self.chance)):
            self._set("number", path, node, found)
        elif others := [word for word in self._others(grammar) if word != node.value]:
            kind = "reference" if isinstance(grammar, g.Ref) else "word"
            self._set(kind, path, node, self.chance.choice(others))

    def _others(self, grammar: g.Grammar) -> list[str]:
        """What else could stand there. (4)"""
        if isinstance(grammar, g.AnyOf):
            grammar = grammar.scalar or grammar
        match grammar:
            case g.Word():
                return list(grammar.of)
            case g.Ref():
                return [name for section in grammar.sections for name in self.names.get(section, ())]
            case g.Flag():
                return ["true", "false"]
            case g.Text():
                return ["another"]
            case _:
                return []

    def _together(self, root: Mapping[str, list[Any]]) -> None:
        """What is edited in several places at once. (3)"""
        for section, field in _MOVED.items():
            lists = [
                (name, found)
                for name, entry in root.get(section, ())
                if (found := _key(entry, field)) is not None
            ]
            for (name, one), (other, another) in itertools.pairwise(lists):
                if len(one.value) > 1 and _written(one.value[0]) not in map(_written, another.value):
                    moves = [(one, one.value[1:]), (another, [*another.value, one.value[0]])]
                    self._several("moved", (section, name.value, field), f"{other.value} has it", moves)
        clauses = {name.value: clause for name, clause in root["clauses"]}
        for name, clause in clauses.items():
            kind = _key(clause, "kind")
            if kind is not None and kind.value in ("control", "record", "notice", "process"):
                self._several("unbound", ("clauses", name, "kind"), "a definition", [(kind, "definition")])
        for section, entries in root.items():
            for name, entry in entries if section != "clauses" else ():
                self._leaving(section, name.value, entry, clauses)
        consents = {name.value: entry for name, entry in root.get("consent", ())}
        for section in ("scenes", "uses"):
            for name, entry in root.get(section, ()):
                self._resting(section, name.value, entry, consents)

    def _leaving(self, section: str, name: str, entry: yaml.MappingNode, clauses: Mapping[str, Any]) -> None:
        keeps, shape = _key(entry, "keeps"), SECTIONS[section].shape_of(name)
        for one in keeps.value if isinstance(keeps, yaml.SequenceNode) and shape else ():
            clause = clauses.get(one.value)
            facts = [
                fact
                for part in ("numbers", "items", "ours")
                for fact, _ in getattr(_key(clause, part), "value", ())
            ]
            gone = {fact.value for fact in facts if "." not in fact.value} - {
                field for field, known in shape.grammar.fields.items() if known.required
            }
            rest = [(key, value) for key, value in entry.value if key.value not in gone]
            if len(rest) < len(entry.value):
                kept = [other for other in keeps.value if other is not one]
                self._several(
                    "left", (section, name, "keeps"), f"{one.value} dropped", [(keeps, kept), (entry, rest)]
                )

    def _resting(self, section: str, name: str, entry: yaml.MappingNode, consents: Mapping[str, Any]) -> None:
        asks, basis = _key(entry, "asks"), _key(entry, "basis")
        if asks is None:
            return
        lists = [_key(consents[one.value], "for") for one in asks.value]
        changes = [(one, [other for other in one.value if _written(other) != name]) for one in lists]
        if basis is not None and all(rest for _, rest in changes):
            free = [pair for pair in entry.value if pair[0].value != "asks"]
            self._several(
                "rested", (section, name, "basis"), "contract", [*changes, (entry, free), (basis, "contract")]
            )

    def _several(self, kind: str, path: tuple[str, ...], what: str, changes: list[tuple[Any, Any]]) -> None:
        def do() -> Callable[[], None]:
            before = [(node, node.value) for node, _ in changes]
            for node, value in changes:
                node.value = value
            return lambda: [setattr(node, "value", value) for node, value in before] and None

        self.sites["together"].append(Edit(kind, path, what, self._beside(path), do))

    def _add(self, kind: str, path: tuple[str, ...], what: str, node: Any, value: Any) -> None:
        def do() -> Callable[[], None]:
            before, node.value = node.value, value
            return lambda: setattr(node, "value", before)

        group = next(group for group, kinds in GROUPS.items() if kind in kinds)
        self.sites[group].append(Edit(kind, path, what, self._beside(path), do))

    def _beside(self, path: tuple[str, ...]) -> frozenset[str]:
        if path[0] == "clauses":
            return frozenset(f"{one.section}.{one.name}" for one in self.keepers.get(path[1], ()))
        mine = _Keeper(path[0], path[1])
        return frozenset(clause for clause, keepers in self.keepers.items() if mine in keepers)

    def _set(self, kind: str, path: tuple[str, ...], node: yaml.ScalarNode, word: str) -> None:
        self._add(kind, path, f"{node.value} -> {word}", node, word)


def _keepers(root: yaml.MappingNode) -> dict[str, list[Any]]:
    """The entries that keep each clause, as far as reading a clause needs them: section and name."""
    found: dict[str, list[Any]] = {}
    for section, entries in root.value:
        for name, entry in entries.value if section.value != "clauses" else ():
            for key, value in entry.value:
                if key.value == "keeps" and isinstance(value, yaml.SequenceNode):
                    for clause in value.value:
                        found.setdefault(clause.value, []).append(_Keeper(section.value, name.value))
    return found


@dataclass(frozen=True)
class _Keeper:
    section: str
    name: str


def _key(node: Any, name: str) -> Any:
    """The node at a key, or None."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _like(node: yaml.Node, word: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", word, node.start_mark, node.end_mark, style='"')


def _written(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "an alternative"


def _figure(text: str, chance: random.Random) -> str:
    """Another figure of the same sort: one more, one less, or another unit; of a date, another day."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return text[:-2] + ("11" if text[-2:] != "11" else "12")
    if (found := _FIGURE.fullmatch(text)) is None:
        return ""
    count, unit = int(found[1]), (found[2] or "").strip()
    plural = unit if unit.endswith("s") or not unit or " old" in unit else f"{unit}s"
    if chance.random() < 0.3 and plural in _UNITS:
        other = _UNITS[plural]
        return f"{count} {other if count > 1 else other.removesuffix('s')}"
    count += 1 if count < 3 or chance.random() < 0.5 else -1
    return f"{count} {plural}".strip() if count > 1 else f"{count} {unit}".strip()


def meaning(value: Any) -> Any:
    """A policy without its lines, so that two texts of one meaning are the same."""
    if isinstance(value, Mapping):
        return {key: meaning(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(meaning(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: meaning(getattr(value, one.name)) for one in fields(value) if one.name != "line"}
        return (type(value).__name__, told)
    return value
