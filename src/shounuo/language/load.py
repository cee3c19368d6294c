"""From a policy file to a `Policy`: shape first, then names, then the figures each clause speaks of.

1. Every fault of the file is reported at once, each with line, entry and remedy; then nothing is loaded.
2. Sections are known; a section, entry or key that is not is named with the nearest known word.
3. A name that is referred to must be declared.
4. A clause's `numbers` and `items` are read in the grammar of the entry field they speak of, so that what the
   text says and what the system does are compared as values, not as spelling.
5. Clause ids begin with one word, the same for the whole policy: an id of another policy is a slip.
6. What was read once is not read again: a Policy is frozen, so the same text under the same name is the same
   value.
7. Reading takes time in proportion to length.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from shounuo.core.clause import Clause
from shounuo.core.policy import Entry, Policy
from shounuo.errors import BadPolicy, Fault
from shounuo.language.clauses import read_clause
from shounuo.language.grammar import (
    MISSING,
    NAME,
    NAME_REMEDY,
    Reading,
    TooManyFaults,
    kind_of,
    nearest,
)
from shounuo.language.sections import SECTIONS, read_entry
from shounuo.language.source import MOST_FAULTS, Node, read

_REMEMBERED = 64  # texts, with what was found in each
_SHORT = 500_000  # characters; a longer text is not remembered
Sections = Mapping[str, Mapping[str, Entry]]


def load(text: bytes | str, source: str, slug: str | None = None) -> Policy:
    """The policy written in `text`; `source` names it in faults, `slug` defaults to the stem of `source`.

    Raises BadPolicy with every fault of shape and reference (the first `MOST_FAULTS`). Whether the policy
    keeps its own clauses is asked of `consistency`.
    """
    name = slug or Path(source).stem
    if len(text) > _SHORT:
        return _load(text, source, name)
    found = _loaded(text, source, name)
    if isinstance(found, BadPolicy):
        raise BadPolicy(found.source, found.faults)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _loaded(text: bytes | str, source: str, slug: str) -> Policy | BadPolicy:
    """The policy, or the error that says what is wrong with it. (6)"""
    try:
        return _load(text, source, slug)
    except BadPolicy as error:
        return BadPolicy(error.source, error.faults)  # without the frames of whoever asked first


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without garbage collection: all that is built is kept until the end, and each pass would walk all of it. (7)"""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _load(text: bytes | str, source: str, slug: str) -> Policy:
    with _undisturbed():
        return build(read(text, source), source, slug)


def build(root: yaml.MappingNode, source: str, slug: str) -> Policy:
    """The policy of a text that was read into nodes; raises as `load` does."""
    reading = Reading()
    sections: Sections = {}
    clauses: Mapping[str, Clause] = {}
    with suppress(TooManyFaults):
        sections, clauses = _halves(root, reading)
    if reading.faults:  # (1)
        raise BadPolicy(source, sorted(reading.faults)[:MOST_FAULTS])
    return Policy(slug=slug, sections=MappingProxyType(sections), clauses=MappingProxyType(clauses))


def _halves(root: yaml.MappingNode, reading: Reading) -> tuple[Sections, Mapping[str, Clause]]:
    """What the system does and what the text says, with every fault in `reading`."""
    sections: dict[str, Mapping[str, Entry]] = {}
    raw_clauses: Node | None = None
    for key, node in root.value:
        if key.value == "clauses":
            raw_clauses = node
        elif key.value in SECTIONS:
            sections[key.value] = _section(key.value, node, reading)
        else:  # (2)
            shown = key.value[:60]
            reading.fault(
                key, shown, f"there is no section `{shown}`", nearest(shown, [*SECTIONS, "clauses"])
            )
    clauses = _clauses(raw_clauses, root, sections, reading)
    _resolve(reading, _entry_names(root))
    return sections, clauses


def _section(name: str, node: Node, reading: Reading) -> Mapping[str, Entry]:
    if not isinstance(node, yaml.MappingNode):
        reading.fault(
            node, name, f"{kind_of(node)} stands where the entries must", "write `name: {…}` for each"
        )
        return {}
    entries: dict[str, Entry] = {}
    for key, child in node.value:
        if not NAME.match(key.value):
            reading.fault(key, f"{name}.{key.value[:60]}", f"{kind_of(key)} is not a name", NAME_REMEDY)
            continue
        entry = read_entry(name, key.value, child, reading)
        if entry is not MISSING:
            entries[key.value] = entry
    return MappingProxyType(entries)


def _entry_names(root: yaml.MappingNode) -> Mapping[str, frozenset[str]]:
    """The names written in each section, also of entries that could not be read: they are declared all the
    same.
    """
    return {
        key.value: frozenset(child.value for child, _ in node.value)
        for key, node in root.value
        if isinstance(node, yaml.MappingNode)
    }


def _resolve(reading: Reading, names: Mapping[str, frozenset[str]]) -> None:
    for reference in reading.references:  # (3)
        if not any(reference.name in names.get(section, ()) for section in reference.sections):
            known = {name for section in reference.sections for name in names.get(section, ())}
            where = " or ".join(f"`{section}`" for section in reference.sections)
            wrong = f"`{reference.name}` is not declared in {where}"
            remedy = nearest(reference.name, known)
            reading.tell(Fault(reference.line, reference.path, wrong, remedy, "reference"))


def _clauses(
    node: Node | None, root: yaml.MappingNode, sections: Sections, reading: Reading
) -> dict[str, Any]:
    if node is None:
        remedy = "list what the text says, clause by clause"
        reading.fault(root, "clauses", "the section `clauses` is missing", remedy)
        return {}
    if not isinstance(node, yaml.MappingNode):
        remedy = "write `id: {…}` for each"
        reading.fault(node, "clauses", f"{kind_of(node)} stands where the clauses must", remedy)
        return {}
    _one_prefix(node, reading)
    keepers = _keepers(sections)
    found = [read_clause(key, child, keepers.get(key.value, []), reading) for key, child in node.value]
    return {clause.id: clause for clause in found if clause is not None}


def _one_prefix(node: yaml.MappingNode, reading: Reading) -> None:
    prefixes = Counter(key.value.partition("-")[0] for key, _ in node.value)  # (5)
    for own, _ in prefixes.most_common(1):
        for key, _ in node.value:
            if key.value.partition("-")[0] != own:
                wrong = f"{kind_of(key)} does not begin with `{own}-`, as the clauses of this policy do"
                reading.fault(key, f"clauses.{key.value[:60]}", wrong, f"write `{own}-…`", "prefix")


def _keepers(sections: Sections) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entries in sections.values():
        for entry in entries.values():
            for clause in entry.keeps:
                found.setdefault(clause, []).append(entry)
    return found
