"""The small grammars a policy is written in. Each reads one node, reports every fault, and describes itself.

1. A grammar never stops at the first fault: it reports it with line, entry and remedy, and returns `MISSING`.
   Where far more is wrong than will be told, reading stops.
2. What is not in the grammar is a fault, with the nearest known word.
3. The same object that reads also writes its JSON Schema, so the two cannot drift apart.
"""

import difflib
import heapq
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import yaml

from shounuo.errors import Fault
from shounuo.language.source import INVISIBLE, MOST_FAULTS, Node, line_of

Schema = dict[str, Any]
NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,79}$"
NAME = re.compile(NAME_PATTERN.removesuffix("$") + r"\Z")
NAME_REMEDY = "lower-case letters, digits and `-`, at most 80"


class TooManyFaults(Exception):
    """More is wrong than anybody reads."""


class _Missing:
    """What a grammar returns after reporting a fault."""


MISSING = _Missing()


@dataclass(slots=True)
class Reference:
    """A name that must be declared in one of `sections`; checked when the whole file is read."""

    sections: tuple[str, ...]
    name: str
    path: str
    line: int


@dataclass(slots=True)
class Reading:
    """What one pass over a file has found so far."""

    faults: list[Fault] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def fault(self, node: Node, path: str, wrong: str, remedy: str, code: str = "shape") -> _Missing:
        """Report one fault at `node`, and say that nothing was read. (1)"""
        self.tell(Fault(line_of(node), path, wrong, remedy, code))
        return MISSING

    def tell(self, fault: Fault) -> None:
        """Note a fault; raises TooManyFaults where nobody would read on."""
        if len(self.faults) >= 2 * MOST_FAULTS:
            raise TooManyFaults
        self.faults.append(fault)


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy that names the known word closest to `word`, or all of a list anybody reads. (2)"""
    names = sorted(known)
    if len(names) > _MANY:  # as long a list as anybody has is looked through whole
        alike = [name for name in names if name[:1] == word[:1]] or names
        names = heapq.nsmallest(_MANY, alike, key=lambda name: abs(len(name) - len(word)))
    if close := difflib.get_close_matches(word[:80], names, n=1, cutoff=0.6):
        return f"did you mean `{close[0]}`?"
    if not names:
        return "none is declared"
    return (
        "one of " + ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    )


_SHOWN = 40  # every closed list of words is shown whole; a longer one is of names somebody declared
_MANY = 5000


class Grammar(Protocol):
    """How one value is written."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value, or `MISSING` after a fault was reported."""

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment. (3)"""


def kind_of(node: Node) -> str:
    """What a node is, in the author's words."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return f"`{node.value[:60]}`" if node.value.strip() else "nothing"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `shape` is what it must look like, told as `what`."""

    what: str = "text"
    longest: int = 2000
    shape: str = ""

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip() or node.tag.endswith(":null"):
            return reading.fault(
                node, path, f"{kind_of(node)} stands where {self.what} must", f"write {self.what}"
            )
        if len(node.value) > self.longest:
            return reading.fault(
                node, path, f"{len(node.value)} characters are too many", f"at most {self.longest}"
            )
        if found := INVISIBLE.search(node.value):
            wrong = f"an invisible character is written here (U+{ord(found[0]):04X})"
            return reading.fault(node, path, wrong, "remove it")
        if self.shape and not re.fullmatch(self.shape, node.value):
            return reading.fault(node, path, f"{kind_of(node)} is not {self.what}", f"write {self.what}")
        return node.value

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        shape = {"pattern": f"^{self.shape}$"} if self.shape else {}
        return {"type": ["string", "number"], "minLength": 1, "maxLength": self.longest, **shape}


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`, nothing else."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("true", "false"):
            return node.value == "true"
        return reading.fault(
            node, path, f"{kind_of(node)} is neither true nor false", "write `true` or `false`"
        )

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Word:
    """One of a closed list of words; `of` may be an enum, whose member is then returned."""

    of: tuple[str, ...]
    make: Callable[[str], Any] = str

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if isinstance(node, yaml.ScalarNode) and node.value in self.of:
            return self.make(node.value)
        shown = node.value if isinstance(node, yaml.ScalarNode) else ""
        wrong = f"{kind_of(node)} is not a word the language knows here"
        return reading.fault(node, path, wrong, nearest(shown, self.of))

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"enum": list(self.of)}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A scalar with a syntax of its own, such as a duration; `parse` raises ValueError with the remedy.

    `pattern` is what the schema says of it; it lets nothing pass that `parse` does not nearly accept.
    """

    parse: Callable[[str], Any]
    example: str
    pattern: str

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if not isinstance(node, yaml.ScalarNode):
            wrong = f"{kind_of(node)} stands where `{self.example}` is expected"
            return reading.fault(node, path, wrong, "write it so")
        try:
            return self.parse(node.value[:80])
        except ValueError as error:
            return reading.fault(node, path, str(error), f"write it like `{self.example}`")

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": [self.example]}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two limits, both allowed."""

    least: int
    most: int

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        written = isinstance(node, yaml.ScalarNode) and re.fullmatch("0|[1-9][0-9]{0,8}", node.value)
        if written and self.least <= int(node.value) <= self.most:
            return int(node.value)
        wrong = f"{kind_of(node)} is not a whole number from {self.least} to {self.most}"
        return reading.fault(node, path, wrong, "write one, without a unit")

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Count:
    """`true`, `false`, or a whole number: whether something is so, or how many there are."""

    most: int

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        either: Grammar = (
            Flag() if isinstance(node, yaml.ScalarNode) and node.value[:1].isalpha() else self._number
        )
        return either.read(node, path, reading)

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"anyOf": [Flag().schema(), self._number.schema()]}

    @property
    def _number(self) -> Number:
        return Number(0, self.most)


def parse_date(text: str) -> date:
    """A day such as `2024-03-22`; ValueError where there is no such day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"`{text}` is not a date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of an entry in one of `sections`; `extra` names a few words that need no entry."""

    sections: tuple[str, ...]
    extra: tuple[str, ...] = ()

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if not isinstance(node, yaml.ScalarNode) or not NAME.match(node.value):
            return reading.fault(node, path, f"{kind_of(node)} is not a name", NAME_REMEDY)
        if node.value not in self.extra:
            reading.references.append(Reference(self.sections, node.value, path, line_of(node)))
        return node.value

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"type": ["string", "number"], "pattern": NAME_PATTERN}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of `item`, read into a tuple, nothing in it twice. A lone value is a fault: lists look like
    lists.
    """

    item: Grammar
    least: int = 1

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if not isinstance(node, yaml.SequenceNode):
            return reading.fault(node, path, f"{kind_of(node)} is not a list", "write `[…]`, even for one")
        if len(node.value) < self.least:
            return reading.fault(node, path, "the list is empty", "name at least one, or leave the key out")
        found: dict[Any, None] = {}  # in order; a long list is not gone through again for each of its members
        complete = True
        for index, child in enumerate(node.value):
            value = self.item.read(child, f"{path}[{index}]", reading)
            if value is MISSING:
                complete = False
            elif value in found:
                reading.fault(child, f"{path}[{index}]", f"`{value}` stands twice in the list", "keep one")
                complete = False
            else:
                found[value] = None
        return tuple(found) if complete else MISSING

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"type": "array", "items": self.item.schema(), "minItems": self.least, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The first grammar whose outer form fits the node: mapping, list or scalar."""

    scalar: Grammar | None = None
    mapping: Grammar | None = None
    sequence: Grammar | None = None

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        chosen = self.scalar
        if isinstance(node, yaml.MappingNode):
            chosen = self.mapping
        elif isinstance(node, yaml.SequenceNode):
            chosen = self.sequence
        if chosen is None:
            return reading.fault(
                node, path, f"{kind_of(node)} does not belong here", "see the language reference"
            )
        return chosen.read(node, path, reading)

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"anyOf": [g.schema() for g in (self.scalar, self.mapping, self.sequence) if g is not None]}


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping. `attr` is the name in Python where the key is not one."""

    grammar: Grammar
    required: bool = False
    about: str = ""
    attr: str | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with declared keys, read into the keyword arguments of `make`."""

    fields: Mapping[str, Field]
    make: Callable[..., Any] = dict
    what: str = "the entry"

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        values = self.values(node, path, reading)
        return MISSING if values is MISSING else self.make(**values)

    def values(self, node: Node, path: str, reading: Reading) -> Any:
        """The keyword arguments found, or `MISSING` when any key is wrong or lacking."""
        if not isinstance(node, yaml.MappingNode):
            wrong = f"{kind_of(node)} stands where a mapping must"
            return reading.fault(node, path, wrong, f"write `{{{self.example()}}}`")
        values: dict[str, Any] = {}
        complete = True
        for key, child in node.value:
            if (known := self.fields.get(key.value)) is None:  # (2)
                shown = key.value[:60]
                wrong = f"{self.what} has no key `{shown}`"
                reading.fault(key, f"{path}.{shown}", wrong, nearest(key.value, self.fields))
                complete = False
                continue
            value = known.grammar.read(child, f"{path}.{key.value}", reading)
            if value is MISSING:
                complete = False
            else:
                values[known.attr or key.value.replace("-", "_")] = value
        present = {key.value for key, _ in node.value}
        for name, known in self.fields.items():
            if known.required and name not in present:
                reading.fault(
                    node, path, f"`{name}` is missing", f"add `{name}:` ({known.about or 'it is required'})"
                )
                complete = False
        return values if complete else MISSING

    def example(self) -> str:
        """The keys that must stand, as an author would write them."""
        return ", ".join(f"{name}: …" for name, known in self.fields.items() if known.required)

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        properties = {}
        for name, known in self.fields.items():
            properties[name] = known.grammar.schema() | ({"description": known.about} if known.about else {})
        required = [name for name, known in self.fields.items() if known.required]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping from names (faces of the product, say) to values; `names` is the closed list where there is one,
    `sections` where they must be declared; `example` is one as an author would write it.
    """

    value: Grammar
    names: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    example: str = "name: value"

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if not isinstance(node, yaml.MappingNode):
            wrong = f"{kind_of(node)} stands where a mapping must"
            return reading.fault(node, path, wrong, f"write `{{{self.example}}}`")
        found: dict[str, Any] = {}
        for key, child in node.value:
            if self.names and key.value not in self.names:
                wrong = f"{kind_of(key)} is not a word the language knows here"
                found[key.value] = reading.fault(key, path, wrong, nearest(key.value, self.names))
            elif not NAME.match(key.value):
                found[key.value] = reading.fault(key, path, f"{kind_of(key)} is not a name", NAME_REMEDY)
            else:
                if self.sections:
                    reading.references.append(Reference(self.sections, key.value, path, line_of(key)))
                found[key.value] = self.value.read(child, f"{path}.{key.value}", reading)
        return MISSING if any(value is MISSING for value in found.values()) else found

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        names: Schema = {"enum": list(self.names)} if self.names else {"pattern": NAME_PATTERN}
        return {"type": "object", "propertyNames": names, "additionalProperties": self.value.schema()}
