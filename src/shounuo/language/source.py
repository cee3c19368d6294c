"""Read YAML text into nodes that know their lines, and refuse what a policy must not contain.

1. The text is UTF-8 (a byte order mark in front is let pass), at most `MAX_BYTES`, of at most `MAX_VALUES` keys
   and values, nested at most `MAX_DEPTH` deep, one document. They are counted over events before anything recurses
   or is kept: a text can exhaust neither the stack nor the memory.
2. No anchors, aliases, tags or merge keys: what is written is what is meant.
3. No key twice in one mapping; keys are plain words with plain punctuation.
4. No words that YAML 1.1 silently turns into something else (`no`, `on`, `yes`, `off`), except as keys, which
   are always read as they are written.
5. No character that is invisible or turns the direction of text: what is read is what is there.

Nothing is built from the nodes here; `grammar` does that.
"""

import re
from typing import Any

import yaml

from shounuo.errors import BadPolicy, Fault

MAX_BYTES = 8_000_000
MAX_DEPTH = 40
MAX_VALUES = 900_000
MOST_FAULTS = 1000  # told at once
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)

Node = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode
Marks = dict[
    tuple[int, int], tuple[str, str]
]  # line and column of a node -> what it must not carry, and the remedy

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SURPRISES = {"yes", "no", "on", "off", "y", "n"}
_FULL_WIDTH = re.compile("[：，、。（）【】“”]")


def line_of(node: Node) -> int:
    """The line a node starts on, counted from 1."""
    return int(node.start_mark.line) + 1


def read(text: bytes | str, source: str) -> yaml.MappingNode:
    """Return the top mapping of `text`; raise `BadPolicy` naming every fault found."""
    decoded = _decoded(text, source)
    faults = [_invisible(decoded, found) for found in INVISIBLE.finditer(decoded)]  # (5)
    if faults:
        raise BadPolicy(source, faults[:20])
    try:
        marks = _scan(decoded, source)
        root = yaml.compose(decoded, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise BadPolicy(source, [_syntax(error, decoded)]) from None
    if not isinstance(root, yaml.MappingNode):
        wrong, remedy = "the file is not a mapping", "start with `text:` and the other sections"
        raise BadPolicy(source, [Fault(1, "", wrong, remedy)])
    _Check(faults, marks).node(root, "")
    if faults:
        raise BadPolicy(source, faults[:MOST_FAULTS])
    return root


def _decoded(text: bytes | str, source: str) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:  # (1)
        raise BadPolicy(
            source, [Fault(0, "", f"the file has {len(raw)} bytes", f"at most {MAX_BYTES} are read")]
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadPolicy(source, [Fault(line, "", "the file is not UTF-8", "save it as UTF-8")]) from None


def _invisible(text: str, found: re.Match[str]) -> Fault:
    wrong = f"an invisible character stands here (U+{ord(found[0]):04X})"
    return Fault(text.count("\n", 0, found.start()) + 1, "", wrong, "remove it")


def _scan(text: str, source: str) -> Marks:
    """Walk the events without recursion: depth and documents are counted, tags and anchors noted. (1, 2)"""
    marks: Marks = {}
    depth = documents = 0
    for values, event in enumerate(yaml.parse(text, Loader=_LOADER), 1):
        start: Any = event.start_mark  # always there; the types do not know
        line = start.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                wrong, remedy = (
                    "the file holds more than one document",
                    "keep one policy in one file, without `---`",
                )
                raise BadPolicy(source, [Fault(line, "", wrong, remedy)])
        if values > MAX_VALUES:
            wrong, remedy = "the file holds too many keys and values", f"at most {MAX_VALUES:,} are read"
            raise BadPolicy(source, [Fault(line, "", wrong, remedy)])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                wrong, remedy = "the text nests too deep", f"at most {MAX_DEPTH} levels are read"
                raise BadPolicy(source, [Fault(line, "", wrong, remedy)])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if tag is not None:
            shown = tag.removeprefix("tag:yaml.org,2002:")[:60]
            wrong, remedy = f"it carries the tag `{shown}`", "tags are not part of the language: remove it"
            marks[start.line, start.column] = (wrong, remedy)
        elif anchor is not None and not isinstance(event, yaml.AliasEvent):
            wrong, remedy = f"it carries the anchor `&{anchor[:60]}`", "write what you mean where you mean it"
            marks[start.line, start.column] = (wrong, remedy)
    return marks


def _syntax(error: yaml.YAMLError, text: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    line = min(mark.line + 1, len(lines)) if mark else 0
    problem = getattr(error, "problem", None) or "it cannot be read"
    here = lines[line - 1] if line else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return Fault(line, "", "a tab stands where spaces must", "indent with spaces")
    near = range(max(1, line - 1), line + 1)
    if wide := next((at for at in near if "：" in lines[at - 1].partition("#")[0]), None):
        return Fault(wide, "", "a full-width `：` stands where `:` must", "write `:` and a space")
    return Fault(line, "", f"not YAML: {problem}", "mend the line; quote text that holds `:` or `#`")


class _Check:
    """One walk over the nodes; depth is bounded by then."""

    def __init__(self, faults: list[Fault], marks: Marks) -> None:
        self.faults, self.marks = faults, marks

    def fault(self, line: int, path: str, wrong: str, remedy: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(line, path, wrong, remedy))

    def node(self, node: Node, path: str, at: int = 1) -> None:
        """Check what stands at `path`; `at` is the line that leads there, for an alias has the line of its
        target.
        """
        line = line_of(node)
        if node.end_mark is None:  # (2)
            self.fault(at, path, "it repeats another place by an alias (`*`)", "write it out")
            return
        node.end_mark = None  # been here; only where a node starts is ever told
        if found := self.marks.get((node.start_mark.line, node.start_mark.column)):  # (2)
            self.fault(line, path, *found)
        if isinstance(node, yaml.MappingNode):
            self.mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.node(child, f"{path}[{index}]", line)
        elif not node.style and node.value.lower() in _SURPRISES:  # (4)
            self.fault(
                line, path, f"YAML may read `{node.value}` as true or false", f'quote it: "{node.value}"'
            )

    def mapping(self, node: yaml.MappingNode, path: str) -> None:
        keys: dict[str, int] = {}
        for key, value in node.value:
            line = line_of(key)
            if not isinstance(key, yaml.ScalarNode):  # (3)
                self.fault(line, path, "a key is a list or mapping", "keys are plain words")
                continue
            name = key.value[:60]
            here = f"{path}.{name}" if path else name
            if found := self.marks.get((key.start_mark.line, key.start_mark.column)):  # (2)
                self.fault(line, here, *found)
            if key.tag == "tag:yaml.org,2002:merge":  # (2)
                self.fault(line, here, "merge keys (`<<`) are not part of the language", "write it out")
                continue
            if _FULL_WIDTH.search(key.value):  # (3)
                self.fault(line, here, "full-width punctuation stands in a key", "use the plain `:` and `,`")
            if key.value in keys:  # (3)
                wrong = f"`{name}` stands twice, first on line {keys[key.value]}"
                self.fault(line, here, wrong, "keep one of them")
            keys.setdefault(key.value, line)
            self.node(value, here, line)
