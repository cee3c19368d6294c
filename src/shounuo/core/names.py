"""Who names whom in a policy, gathered once.

1. Each list is made at its first use and then kept, so that no rule looks through all entries for each entry:
   checking a policy takes time in proportion to its length.
2. Nothing here is a rule; it follows from the policy alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from shounuo.core.policy import (
    ConsentItem,
    Cookie,
    Door,
    Entry,
    OnBehalf,
    Policy,
    Request,
    Retention,
    Right,
    Scene,
    Stop,
    Use,
)
from shounuo.core.reach import taken_by

PURPOSES = ("services", "scenes", "uses")
T = TypeVar("T")


class Names:
    """The entries of one policy by what they name. (1)"""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def of(self, section: str, shape: type[T]) -> list[T]:
        """The entries of a section that have this shape, in the order of the file."""
        return [entry for entry in self.policy.of(section).values() if isinstance(entry, shape)]

    @cached_property
    def processing(self) -> tuple[Scene | Use, ...]:
        """What rests on a basis: scenes, then uses."""
        return (*self.of("scenes", Scene), *self.of("uses", Use))

    @cached_property
    def keepers(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries that keep each clause."""
        return _by((clause, entry) for entry in self.policy.entries() for clause in entry.keeps)

    @cached_property
    def covering(self) -> Mapping[str, tuple[ConsentItem, ...]]:
        """The consent items that are for each name."""
        return _by((name, item) for item in self.of("consent", ConsentItem) for name in item.covers)

    def asked(self, entry: Entry) -> tuple[ConsentItem, ...]:
        """The consent items an entry asks, and those that are for it."""
        items = self.policy.of("consent")
        named = [items[name] for name in getattr(entry, "asks", ())]
        found = [*self.covering.get(entry.name, ()), *(one for one in named if isinstance(one, ConsentItem))]
        return tuple({item.name: item for item in found}.values())

    @cached_property
    def purposes(self) -> Mapping[str, Entry]:
        """Services, scenes and uses by name; of two with one name, the first."""
        found: dict[str, Entry] = {}
        for section in PURPOSES:
            for entry in self.policy.of(section).values():
                found.setdefault(entry.name, entry)
        return found

    @cached_property
    def takers(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries that take, read, hand over, open or hold each item."""
        return _by((item, entry) for entry in self.policy.entries() for item in _touched(entry))

    @cached_property
    def ruled(self) -> Mapping[str, int]:
        """How many rules say how long each item is kept; `rest` counts as an item."""
        return Counter(name for rule in self.of("retention", Retention) for name in rule.of)

    @cached_property
    def doors_to(self) -> Mapping[str, tuple[Door, ...]]:
        """The doors that lead to each recipient."""
        return _by((name, door) for door in self.of("sharing", Door) for name in door.to)

    @cached_property
    def answered(self) -> Mapping[str, tuple[Request, ...]]:
        """The entries that say how each kind of request is answered."""
        return _by((kind, request) for request in self.of("requests", Request) for kind in request.kinds)

    @cached_property
    def rights(self) -> frozenset[str]:
        """The kinds of request people have a right to."""
        return frozenset(right.kind for right in self.of("rights", Right))

    @cached_property
    def silenced(self) -> Mapping[str, frozenset[str]]:
        """The channels on which each message can be stopped."""
        stops = _by((stop.of, stop) for stop in self.of("stops", Stop))
        return {name: frozenset(c for stop in found for c in stop.stops) for name, found in stops.items()}

    @cached_property
    def controlled(self) -> Mapping[str, tuple[OnBehalf, ...]]:
        """The entries by which each item is processed for somebody else."""
        return _by((item, entry) for entry in self.of("on-behalf", OnBehalf) for item in entry.of)


def _touched(entry: Entry) -> tuple[str, ...]:
    """The items an entry has to do with, other than guarding, keeping or erasing them."""
    if isinstance(entry, Cookie):
        return entry.holds
    if isinstance(entry, OnBehalf):
        return entry.of
    return tuple(getattr(entry, "proves", {}).values()) + taken_by(entry)


def _by(pairs: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    found: dict[str, list[T]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return {name: tuple(values) for name, values in found.items()}
