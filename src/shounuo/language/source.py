"""Read YAML text into nodes that know their lines, and refuse what a policy must not contain.

1. The text is UTF-8, at most `MAX_BYTES`, nested at most `MAX_DEPTH` deep, one document.
2. No anchors that are used twice (aliases), no tags, no merge keys: what is written is what is meant.
3. No key twice in one mapping; keys are plain words.
4. No words that YAML 1.1 silently turns into something else (`no`, `on`, `yes`, `off`).

Nothing is built from the nodes here; `grammar` does that.
"""

import yaml

from shounuo.errors import BadPolicy, Fault

MAX_BYTES = 8_000_000
MAX_DEPTH = 40

Node = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode

_SURPRISES = {"yes", "no", "on", "off", "y", "n"}
_FULL_WIDTH = str.maketrans("：，、。（）【】“”", ":,,.()[]\"\"")
_TAGS = {f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "value")}


def line_of(node: Node) -> int:
    """The line a node starts on, counted from 1."""
    return int(node.start_mark.line) + 1


def read(text: bytes | str, source: str) -> yaml.MappingNode:
    """Return the top mapping of `text`; raise `BadPolicy` naming every fault found."""
    decoded = _decoded(text, source)
    if (depth := _flow_depth(decoded)) > MAX_DEPTH:  # (1)
        raise BadPolicy(source, [Fault(0, "", f"the text nests {depth} levels deep", f"at most {MAX_DEPTH} are read")])
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        root = yaml.compose(decoded, Loader=loader)
    except yaml.YAMLError as error:
        raise BadPolicy(source, [_syntax(error)]) from None
    except RecursionError:
        raise BadPolicy(source, [Fault(0, "", "the text nests too deep", f"at most {MAX_DEPTH} levels are read")]) from None
    if not isinstance(root, yaml.MappingNode):
        raise BadPolicy(source, [Fault(1, "", "the file is not a mapping", "start with `text:` and the other sections")])
    faults: list[Fault] = []
    _check(root, "", faults, set(), 0)
    if faults:
        raise BadPolicy(source, faults)
    return root


def _decoded(text: bytes | str, source: str) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:  # (1)
        raise BadPolicy(source, [Fault(0, "", f"the file has {len(raw)} bytes", f"at most {MAX_BYTES} are read")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadPolicy(source, [Fault(line, "", "the file is not UTF-8", "save it as UTF-8")]) from None


def _flow_depth(text: str) -> int:
    """How deep brackets nest at most; an upper bound that never misses, for quoted ones count too."""
    depth = deepest = 0
    for char in text:
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth = max(0, depth - 1)
    return deepest


def _syntax(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    problem = getattr(error, "problem", None) or "it cannot be read"
    if "\\t" in problem or "'\\t'" in str(error) or "tab" in problem:
        return Fault(line, "", "a tab stands where spaces must", "indent with spaces")
    if "expected a single document" in problem or "expected a single document" in str(error):
        return Fault(line, "", "the file holds more than one document", "keep one policy in one file, without `---`")
    return Fault(line, "", f"not YAML: {problem}", "mend the line; quote text that holds `:` or `#`")


def _check(node: Node, path: str, faults: list[Fault], seen: set[int], depth: int) -> None:
    line = line_of(node)
    if id(node) in seen:  # (2)
        faults.append(Fault(line, path, "it repeats another place by an alias (`*`)", "write it out"))
        return
    seen.add(id(node))
    if depth > MAX_DEPTH:
        faults.append(Fault(line, path, "it nests too deep", f"at most {MAX_DEPTH} levels are read"))
        return
    if node.tag not in _TAGS:  # (2)
        shown = node.tag.removeprefix("tag:yaml.org,2002:")
        faults.append(Fault(line, path, f"it carries the tag `{shown}`", "tags are not part of the language: remove it"))
        return
    if isinstance(node, yaml.MappingNode):
        _check_mapping(node, path, faults, seen, depth)
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _check(child, f"{path}[{index}]", faults, seen, depth + 1)
    elif not node.style and node.value.lower() in _SURPRISES:  # (4)
        faults.append(Fault(line, path, f"YAML may read `{node.value}` as true or false", f'quote it: "{node.value}"'))


def _check_mapping(node: yaml.MappingNode, path: str, faults: list[Fault], seen: set[int], depth: int) -> None:
    keys: dict[str, int] = {}
    for key, value in node.value:
        line = line_of(key)
        if not isinstance(key, yaml.ScalarNode):  # (3)
            faults.append(Fault(line, path, "a key is a list or mapping", "keys are plain words"))
            continue
        name = key.value
        here = f"{path}.{name}" if path else name
        if key.tag == "tag:yaml.org,2002:merge":  # (2)
            faults.append(Fault(line, here, "merge keys (`<<`) are not part of the language", "write it out"))
            continue
        if name.translate(_FULL_WIDTH) != name:  # (3)
            faults.append(Fault(line, here, "full-width punctuation stands in a key", "use the plain `:` and `,`"))
        if name in keys:  # (3)
            faults.append(Fault(line, here, f"`{name}` stands twice, first on line {keys[name]}", "keep one of them"))
        keys.setdefault(name, line)
        _check(value, here, faults, seen, depth + 1)
