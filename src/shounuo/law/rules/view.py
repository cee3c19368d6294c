"""A policy as the rules look at it: entries by shape, and what can be read off several entries together.

1. Everything is indexed once, so that a rule costs the entries it looks at and no more.
2. A field is read as a tuple of plain values: nothing said is the empty tuple, `false` is nothing said.
3. Some fields are not written but follow: what an entry takes is sensitive, which forms of consent it asks,
   what it tells. Their names stand in `_FOLLOWS`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cached_property
from typing import TypeVar

from shounuo.core.clause import Words
from shounuo.core.consistency import items_of
from shounuo.core.policy import (
    Act,
    ConsentItem,
    Door,
    Entry,
    Item,
    Paper,
    Policy,
    Recipient,
    Request,
    Scene,
    Stop,
    Storage,
    Use,
)  # fmt: skip
from shounuo.law.rules.rule import Gap

HOME = "CN-mainland"
HANDLERS = frozenset({"api", "partner", "affiliate"})  # they decide for themselves what they do with it
ENTRUSTED = frozenset({"entrusted", "surveyor", "reviewer"})  # they act on the operator's word

Plain = str | int | bool
T = TypeVar("T")


class View:
    """One policy, indexed. (1)"""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def of(self, section: str, shape: type[T]) -> list[T]:
        """The entries of a section that have this shape, in the order of the file."""
        return [entry for entry in self.policy.of(section).values() if isinstance(entry, shape)]

    def gap(self, entry: Entry, zh: str, en: str) -> Gap:
        """A gap at an entry."""
        return Gap(entry.line, f"{entry.section}.{entry.name}", Words(zh, en))

    def lack(self, section: str, zh: str, en: str) -> Gap:
        """A gap where the section has no entry to point at."""
        first = next(iter(self.policy.of(section).values()), None)
        return Gap(first.line if first else 0, section, Words(zh, en))

    def values(self, entry: Entry, field: str) -> tuple[Plain, ...]:
        """What an entry says in a field, written or following from others. (2, 3)"""
        if follow := _FOLLOWS.get(field):
            return plain(follow(self, entry))
        attr = {"for": "for_", "from": "from_", "class": "klass"}.get(field, field.replace("-", "_"))
        return plain(getattr(entry, attr, None))

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The items graded sensitive."""
        return frozenset(one.name for one in self.of("information", Item) if one.grade == "sensitive")

    @cached_property
    def consents(self) -> Mapping[str, ConsentItem]:
        """The consent items by name."""
        return {one.name: one for one in self.of("consent", ConsentItem)}

    @cached_property
    def covering(self) -> Mapping[str, tuple[ConsentItem, ...]]:
        """The consent items that cover each name."""
        found: dict[str, list[ConsentItem]] = defaultdict(list)
        for item in self.consents.values():
            for name in item.covers:
                found[name].append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def papers(self) -> Mapping[str, Paper]:
        """The papers by name."""
        return {one.name: one for one in self.of("papers", Paper)}

    @cached_property
    def doors_to(self) -> Mapping[str, tuple[Door, ...]]:
        """The doors that name each recipient."""
        found: dict[str, list[Door]] = defaultdict(list)
        for door in self.of("sharing", Door):
            for name in door.to:
                found[name].append(door)
        return {name: tuple(doors) for name, doors in found.items()}

    @cached_property
    def open_abroad(self) -> tuple[Door, ...]:
        """The doors abroad that name no recipient, and so open for all."""
        return tuple(door for door in self.of("sharing", Door) if leads_abroad(door) and not door.to)

    @cached_property
    def stops_of(self) -> Mapping[str, tuple[Stop, ...]]:
        """The ways to stop each message."""
        found: dict[str, list[Stop]] = defaultdict(list)
        for stop in self.of("stops", Stop):
            found[stop.of].append(stop)
        return {name: tuple(stops) for name, stops in found.items()}

    @cached_property
    def storage_abroad(self) -> tuple[Storage, ...]:
        """The places of storage that are not on the mainland."""
        return tuple(one for one in self.of("storage", Storage) if one.region != HOME)

    @cached_property
    def answered(self) -> frozenset[str]:
        """The kinds of request for which a time is promised."""
        return frozenset(kind for one in self.of("requests", Request) for kind in one.kinds)

    def asked(self, entry: Entry) -> tuple[ConsentItem, ...]:
        """The consent items an entry asks for, or that say they cover it."""
        named = [self.consents[name] for name in getattr(entry, "asks", ()) if name in self.consents]
        return tuple({one.name: one for one in [*named, *self.covering.get(entry.name, ())]}.values())

    def papers_of(self, recipient: Recipient) -> tuple[Paper, ...]:
        """The papers that must be on file before this recipient, or a door that names it, is used."""
        doors = self.doors_to.get(recipient.name, ())
        names = [*recipient.needs, *(name for door in doors for name in door.needs)]
        return tuple({name: self.papers[name] for name in names if name in self.papers}.values())


def called(entry: Entry) -> str:
    """An entry's name and its words in both languages, to be searched."""
    return f"{entry.name} {entry.words.zh} {entry.words.en}" if entry.words else entry.name


def leads_abroad(door: Door) -> bool:
    """Whether information may leave the mainland through it."""
    return door.act is Act.ABROAD and bool(door.on)


def terms(papers: Iterable[Paper]) -> str:
    """All that papers say, in both languages, to be searched."""
    return "\n".join(f"{called(paper)} {' '.join(paper.terms)}" for paper in papers)


def plain(value: object) -> tuple[Plain, ...]:
    """A field's value as plain values. (2)"""
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


def _takes(entry: Entry) -> tuple[str, ...]:
    match entry:
        case Scene():
            return items_of(entry.requires + entry.optional)
        case Use():
            return entry.of
        case Recipient():
            return entry.receives
        case _:
            return ()


_FOLLOWS: Mapping[str, Callable[[View, Entry], object]] = {
    "sensitive": lambda view, entry: not view.sensitive.isdisjoint(_takes(entry)),
    "abroad": lambda _, entry: isinstance(entry, Recipient) and entry.country != HOME,
    "form": lambda view, entry: [
        item.form for item in ([entry] if isinstance(entry, ConsentItem) else view.asked(entry))
    ],
    "shows": lambda _, entry: [*(entry.tells.shows if entry.tells else ()), *getattr(entry, "shows", ())],
    "told-at": lambda _, entry: entry.tells.at if entry.tells else None,
}
