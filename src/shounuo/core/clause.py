"""A clause: one promise of the published text, told apart from what keeps it.

1. A clause says what the text says: in words (`says`), in figures (`numbers`), in lists (`items`).
2. A clause of a binding kind must be kept by an entry; the other kinds bind no system.
3. What the text leaves open the operator sets itself, and says so apart (`ours`).
4. A clause marked `later` says why nothing keeps it yet; its findings are warnings and nothing is proven.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in the two languages people read here."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en or self.zh


class Kind(StrEnum):
    """What a clause asks of the world."""

    CONTROL = "control"  # software enforces it
    RECORD = "record"  # software keeps the evidence or register
    NOTICE = "notice"  # people are told or shown it
    PROCESS = "process"  # people do it; software tracks owner and deadline
    USER_DUTY = "user-duty"
    DEFINITION = "definition"
    DISCLAIMER = "disclaimer"

    @property
    def binds(self) -> bool:
        """Whether a system can keep or break it. (2)"""
        return self in _BINDING


_BINDING = frozenset({Kind.CONTROL, Kind.RECORD, Kind.NOTICE, Kind.PROCESS})


@dataclass(frozen=True, slots=True)
class Probe:
    """The story that shows a clause is kept: its kind and its own parameters."""

    kind: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """Some members of a list, where the clause names only part of it; other clauses name the rest."""

    of: tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause. `numbers` and `items` are keyed by the field of the entry they speak of. (1)

    A key is a field name (`within`), which concerns every entry that keeps the clause and has that field, or
    a whole path (`scenes.sign-in.requires`), which concerns that entry alone. Either may go one step deeper,
    into a field that has keys of its own (`tells.channels`).
    """

    id: str
    kind: Kind
    says: Words
    line: int
    numbers: Mapping[str, object]
    items: Mapping[str, tuple[object, ...]]
    ours: Mapping[str, object] = field(
        default_factory=dict
    )  # what the text leaves open, and the operator set (3)
    probes: tuple[Probe, ...] = ()
    emphasised: bool = False
    later: str | None = None  # (4)
    section: str = ""  # the place in the published text, such as "2.1"
    read: tuple[str, ...] = ()  # the readings it stands in
    keepers: int | None = None  # how many entries keep it, where it says something of several at once

    @property
    def binds(self) -> bool:
        """Whether its kind binds a system. (2)"""
        return self.kind.binds

    @cached_property
    def facts(self) -> dict[str, object]:
        """Everything it says of entries, by the field it speaks of: figures, lists, and what is ours. Two parts of
        one list, the text's and ours, are one part.
        """
        found: dict[str, object] = {}
        for key, value in (*self.numbers.items(), *self.items.items(), *self.ours.items()):
            other = found.get(key)
            if isinstance(value, Part) and isinstance(other, Part):
                found[key] = Part((*other.of, *value.of))
            else:
                found[key] = value
        return found

    @property
    def weight(self) -> str:
        """How a finding on it weighs. (4)"""
        return "warning" if self.later else "error"


@lru_cache(maxsize=65_536)
def field_of(name: str) -> tuple[tuple[str, str] | None, str, tuple[str, ...]]:
    """The parts of a key of `numbers` or `items`: section and entry where they are said, field, what is within.

    `within` and `tells.shows` speak of any entry that keeps the clause, `rights.close.tells.shows` of one.
    """
    parts = name.split(".")
    if len(parts) > 2:
        return (parts[0], parts[1]), parts[2], tuple(parts[3:])
    return None, parts[0], tuple(parts[1:])
