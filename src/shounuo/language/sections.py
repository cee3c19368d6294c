"""The sections of a policy, in the order a reader expects, and the keys an entry may have in each.

One table serves three: reading a file, the JSON Schema for editors, and the language reference.
"""

from collections.abc import Mapping
from typing import Any

from shounuo.core.clause import Words
from shounuo.language.form import COMMON, Section, Shape
from shounuo.language.grammar import MISSING, Reading, nearest
from shounuo.language.passed_on import PASSED_ON
from shounuo.language.promised import PROMISED
from shounuo.language.source import Node, line_of
from shounuo.language.taken import TAKEN

__all__ = ["COMMON", "SECTIONS", "Section", "Shape", "read_entry"]

SECTIONS: Mapping[str, Section] = {**TAKEN, **PASSED_ON, **PROMISED}


def read_entry(section: str, name: str, node: Node, reading: Reading) -> Any:
    """The entry `section.name` written at `node`, or `MISSING`; every fault is reported in `reading`."""
    path = f"{section}.{name}"
    known = SECTIONS[section]
    if (form := known.shape_of(name)) is None:
        remedy = nearest(name, known.by_name or ())
        return reading.fault(node, path, f"`{section}` has no entry `{name}`", remedy)
    if name in known.reserved:
        return reading.fault(node, path, f"`{name}` is a word of the language here", "give it another name")
    values = form.grammar.values(node, path, reading)
    if values is MISSING:
        return MISSING
    zh, en = values.pop("zh", None), values.pop("en", None)
    if (zh is None) != (en is None):
        return reading.fault(node, path, "it is named in one language only", "add both `zh` and `en`")
    words = Words(zh, en) if zh is not None else None
    return form.make(section=section, name=name, line=line_of(node), words=words, **values)
