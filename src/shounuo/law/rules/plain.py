"""How the rules read an entry: its fields as plain values, its words to be searched, the items it takes.

1. A field is read as a tuple of plain values: nothing said is the empty tuple, `false` is nothing said.
2. A dot goes into a field (`tells.channels`); a field an entry does not have is nothing said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from shounuo.core.clause import Words
from shounuo.core.consistency import items_of
from shounuo.core.policy import Act, Cookie, Door, Entry, OnBehalf, Paper, Recipient, Scene, Use

HOME = "CN-mainland"
HANDLERS = frozenset({"api", "partner", "affiliate", "joint"})  # they decide for themselves what they do
ENTRUSTED = frozenset({"entrusted", "surveyor", "reviewer"})  # they act on the operator's word

Plain = str | int | bool

# Keys whose name in Python is another.
_ATTR: Mapping[str, str] = {
    "for": "for_",
    "from": "from_",
    "class": "klass",
    "path": "where",
    "provision": "law_cited",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Entry):
    """A clause, looked at as an entry."""

    kind: str
    binds: bool
    emphasised: bool


def written(value: object, field: str) -> object:
    """What stands in a field; None where nothing does. (2)"""
    for part in field.split("."):
        value = getattr(value, _ATTR.get(part, part.replace("-", "_")), None)
    return value


def plain(value: object) -> tuple[Plain, ...]:
    """A field's value as plain values. (1)"""
    if value is None or value is False or value == "":
        return ()
    if isinstance(value, Enum):
        return (str(value.value),)
    if isinstance(value, Words):
        return (value.zh, value.en)
    if isinstance(value, Mapping):
        return tuple(str(key) for key in value)
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(one for child in value for one in plain(child))
    return (value,) if isinstance(value, str | int) else (str(value),)


def taken(entry: Entry) -> tuple[str, ...]:
    """The items an entry takes, uses, holds or receives."""
    match entry:
        case Scene():
            return items_of(entry.requires + entry.optional)
        case Use() | OnBehalf():
            return entry.of
        case Recipient():
            return entry.receives
        case Cookie():
            return entry.holds
        case _:
            return ()


def called(entry: Entry) -> str:
    """An entry's name and its words in both languages, to be searched."""
    return f"{entry.name} {entry.words.zh} {entry.words.en}" if entry.words else entry.name


def leads_abroad(door: Door) -> bool:
    """Whether information may leave the mainland through it."""
    return door.act is Act.ABROAD and bool(door.on)


def terms(papers: Iterable[Paper]) -> str:
    """All that papers say, in both languages, to be searched."""
    return "\n".join(f"{called(paper)} {' '.join(paper.terms)}" for paper in papers)
