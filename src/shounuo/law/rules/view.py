"""A policy as the rules look at it: entries by shape, and what can be read off several entries together.

1. Everything is indexed once, so that a rule costs the entries it looks at and no more.
2. A field is read as a tuple of plain values: nothing said is the empty tuple, `false` is nothing said. A dot
   goes into a field (`tells.channels`).
3. Some fields are not written but follow from several entries together; their names stand in `follows.FOLLOWS`.
4. The clauses are a section too, `clauses`: what the text says can be looked at like what the system does.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from shounuo.core.clause import Clause, Words
from shounuo.core.policy import (
    ConsentItem,
    Door,
    Entry,
    Item,
    Paper,
    Policy,
    Recipient,
    Request,
    Retention,
    Stop,
    Storage,
)  # fmt: skip
from shounuo.law.rules.follows import FOLLOWS
from shounuo.law.rules.plain import HOME, Plain, Said, leads_abroad, plain, taken, written
from shounuo.law.rules.rule import Gap

T = TypeVar("T")


class View:
    """One policy, indexed. (1)"""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._values: dict[tuple[str, str, str], tuple[Plain, ...]] = {}

    def of(self, section: str, shape: type[T]) -> list[T]:
        """The entries of a section that have this shape, in the order of the file."""
        entries = self.clauses if section == "clauses" else self.policy.of(section).values()
        return [entry for entry in entries if isinstance(entry, shape)]

    def gap(self, entry: Entry, zh: str, en: str) -> Gap:
        """A gap at an entry, or at a clause."""
        return Gap(entry.line, entry.name if isinstance(entry, Said) else entry.path, Words(zh, en))

    def lack(self, section: str, zh: str, en: str) -> Gap:
        """A gap where the section has no entry to point at."""
        first = next(iter(self.policy.of(section).values()), None)
        return Gap(first.line if first else 0, section, Words(zh, en))

    def values(self, entry: Entry, field: str) -> tuple[Plain, ...]:
        """What an entry says in a field, written or following from others. (2, 3)"""
        key = (entry.section, entry.name, field)
        if (known := self._values.get(key)) is None:
            follow = FOLLOWS.get(field)
            known = self._values[key] = plain(follow(self, entry) if follow else written(entry, field))
        return known

    @cached_property
    def clauses(self) -> tuple[Said, ...]:
        """What the text says. (4)"""
        return tuple(_said(clause) for clause in self.policy.clauses.values())

    @cached_property
    def keepers(self) -> Mapping[str, tuple[str, ...]]:
        """The entries that keep each clause, by their paths."""
        found: dict[str, list[str]] = defaultdict(list)
        for entry in self.policy.entries():
            for clause in entry.keeps:
                found[clause].append(entry.path)
        return {clause: tuple(paths) for clause, paths in found.items()}

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

    @cached_property
    def takers(self) -> Mapping[str, tuple[str, ...]]:
        """Where each item is taken, used, held or received, by path."""
        found: dict[str, list[str]] = defaultdict(list)
        for section in ("scenes", "uses", "recipients", "cookies", "on-behalf"):
            for entry in self.of(section, Entry):
                for name in taken(entry):
                    found[name].append(entry.path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def keeping(self) -> Mapping[str, tuple[Retention, ...]]:
        """The retention rules that name each item; those for `rest` stand under `rest`."""
        found: dict[str, list[Retention]] = defaultdict(list)
        for rule in self.of("retention", Retention):
            for name in rule.of:
                found[name].append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    def asked(self, entry: Entry) -> tuple[ConsentItem, ...]:
        """The consent items an entry asks for, or that say they cover it."""
        named = [self.consents[name] for name in getattr(entry, "asks", ()) if name in self.consents]
        return tuple({one.name: one for one in [*named, *self.covering.get(entry.name, ())]}.values())

    def papers_of(self, entry: Recipient | Door) -> tuple[Paper, ...]:
        """The papers that must be on file before this recipient, or a door that names it, is used."""
        doors = self.doors_to.get(entry.name, ()) if isinstance(entry, Recipient) else ()
        names = [*entry.needs, *(name for door in doors for name in door.needs)]
        return tuple({name: self.papers[name] for name in names if name in self.papers}.values())


def _said(clause: Clause) -> Said:
    return Said(
        section="clauses", name=clause.id, line=clause.line, words=clause.says, kind=clause.kind.value,
        binds=clause.binds, emphasised=clause.emphasised,
    )  # fmt: skip
