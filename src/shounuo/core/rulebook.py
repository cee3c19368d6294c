"""The Rulebook: a policy compiled to what a running system asks a thousand times a second.

1. Kinds of information and consent wordings get a bit each, in the order of the file.
2. Every purpose (a scene, a use, a service) becomes a rule: the items it may touch, the consents that must
   stand, the occasions it is bound to, what must have been shown. Names of purposes are unique over the three
   sections.
3. Every recipient becomes a rule within a purpose; every door a rule within an act; every message a rule of
   its own.
4. A rule remembers the clauses it carries out, so that a decision can name them.
5. A guardian's yes is asked of whoever is too young, and of nobody else: its bits stand apart.

A Rulebook is frozen and knows nothing of people; `decision` holds it against facts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypedDict

from shounuo.core import notice as words
from shounuo.core.consent import wording
from shounuo.core.names import Names
from shounuo.core.policy import (
    Act,
    Basis,
    ConsentItem,
    Door,
    Entry,
    Form,
    Ground,
    Item,
    Message,
    OneOf,
    Policy,
    Recipient,
    Required,
    Scene,
    Use,
)
from shounuo.core.reach import taken_by

CONSENTING = frozenset(ground for ground in Ground if ground.form is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one entry allows, as masks: items it may touch, consents that must stand. (2)"""

    entry: str
    name: str
    clauses: tuple[str, ...]
    items: int
    needs: int
    asks: tuple[str, ...] = ()
    guardian: int = 0  # the guardian's consents that stand for it (5)
    when: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()  # hashes of the notice, any language
    acknowledged: bool = False
    states: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    basis: Basis | None = None  # None where it is a service, recipient, door or message
    collects: bool = False
    serves: bool = False

    @property
    def by_law(self) -> bool:
        """Whether a law carries the purpose."""
        return self.basis is not None and self.basis.by_law


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRule(Rule):
    """What a recipient may get, within a purpose. (3)"""

    kind: str
    country: str
    purposes: frozenset[str]
    papers: frozenset[str]
    own_door: bool  # an SDK or API the text lists with all its columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRule(Rule):
    """What a door lets out, and on which grounds. (3)"""

    act: Act
    grounds: frozenset[Ground]
    to: frozenset[str]
    only_if: frozenset[str]
    papers: frozenset[str]
    purposes: frozenset[str]
    forms: frozenset[Form]  # of the person's own consents that stand for it


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRule(Rule):
    """What sort of message it is, and by which channels it goes. (3)"""

    channels: frozenset[str]
    service: bool  # what a person must be told, not what one would like to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One compiled version of one operator's policy. `number` is the version; 0 means not published."""

    policy: Policy
    number: int
    hash: str
    bits: Mapping[str, int]
    wordings: Mapping[str, str]  # consent item -> its wording
    consents: Mapping[str, int]  # wording -> bit
    forms: Mapping[str, Form]  # wording -> form
    purposes: Mapping[str, Rule]
    recipients: Mapping[str, RecipientRule]
    doors: Mapping[str, DoorRule]
    messages: Mapping[str, MessageRule]
    guardians: int  # every guardian's consent there is (5)
    sensitive: int
    home: str
    languages: tuple[str, ...] = field(default=words.LANGUAGES)
    ruling: Mapping[str, tuple[Rule, ...]] = field(
        init=False
    )  # purpose -> the rules that rule it out for good
    notices: frozenset[str] = field(init=False)  # of notices that must have been shown for anything
    states: frozenset[str] = field(init=False)  # that must have been reached for anything

    def __post_init__(self) -> None:
        """Look once through all rules for what every question asks of them."""
        rules = (*self.doors.values(), *self.purposes.values())
        named = {name for rule in rules for name in rule.never}
        ruling = {name: tuple(rule for rule in rules if name in rule.never) for name in named}
        object.__setattr__(self, "ruling", MappingProxyType(ruling))
        rules += (*self.recipients.values(), *self.messages.values())
        object.__setattr__(self, "notices", frozenset().union(*(rule.shown for rule in rules)))
        object.__setattr__(self, "states", frozenset().union(*(rule.states for rule in rules)))

    def mask(self, items: Iterable[str]) -> int | None:
        """The bits of `items`, or None when one of them is not declared."""
        mask = 0
        for name in items:
            bit = self.bits.get(name)
            if bit is None:
                return None
            mask |= bit
        return mask

    def names(self, mask: int) -> tuple[str, ...]:
        """The items whose bits stand in `mask`."""
        return tuple(name for name, bit in self.bits.items() if mask & bit)

    def fold(self, standing: Iterable[str]) -> int:
        """A person's standing wordings as one number; wordings of other versions count for nothing."""
        folded = 0
        for number in standing:
            folded |= self.consents.get(number, 0)
        return folded

    def entry(self, path: str) -> Entry | None:
        """The entry at `section.name`."""
        section, _, name = path.partition(".")
        return self.policy.of(section).get(name)

    def notice(self, path: str, language: str) -> words.Notice | None:
        """The notice of the entry at `path`, or None when there is no such entry."""
        entry = self.entry(path)
        if entry is None:
            return None
        asked = (entry.name,) if isinstance(entry, ConsentItem) else tuple(getattr(entry, "asks", ()))
        return words.compose(self.policy, entry, language, {name: self.wordings[name] for name in asked})


def compile_policy(policy: Policy, source: bytes, number: int = 0) -> Rulebook:
    """The Rulebook of a policy `consistency.check` found without error; `source` is hashed as published."""
    bits = {name: 1 << place for place, name in enumerate(policy.of("information"))}  # (1)
    items = [entry for entry in policy.of("consent").values() if isinstance(entry, ConsentItem)]
    wordings = {item.name: wording(policy, item) for item in items}
    consents = {wordings[item.name]: 1 << place for place, item in enumerate(items)}
    sensitive = [
        e for e in policy.of("information").values() if isinstance(e, Item) and e.grade == "sensitive"
    ]
    draft = _Draft(policy, bits, wordings, consents, Names(policy))
    return Rulebook(
        policy=policy,
        number=number,
        hash=hashlib.sha256(source).hexdigest(),
        bits=MappingProxyType(bits),
        wordings=MappingProxyType(wordings),
        consents=MappingProxyType(consents),
        forms=MappingProxyType({wordings[item.name]: item.form for item in items}),
        purposes=MappingProxyType(draft.purposes()),
        recipients=MappingProxyType(draft.recipients()),
        doors=MappingProxyType(draft.doors()),
        messages=MappingProxyType(draft.messages()),
        guardians=sum(consents[wordings[item.name]] for item in items if item.form is Form.GUARDIAN),
        sensitive=sum(bits[item.name] for item in sensitive),
        home=getattr(policy.of("text").get("operator"), "home", "CN-mainland"),
    )


class _Common(TypedDict):
    """What every rule says of its entry."""

    entry: str
    name: str
    clauses: tuple[str, ...]
    needs: int
    guardian: int
    asks: tuple[str, ...]
    shown: frozenset[str]
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class _Draft:
    policy: Policy
    bits: Mapping[str, int]
    wordings: Mapping[str, str]
    consents: Mapping[str, int]
    names: Names

    def purposes(self) -> dict[str, Rule]:
        entries = [e for section in ("services", "scenes", "uses") for e in self.policy.of(section).values()]
        return {entry.name: self._purpose(entry) for entry in entries}  # (2)

    def recipients(self) -> dict[str, RecipientRule]:
        found = [e for e in self.policy.of("recipients").values() if isinstance(e, Recipient)]
        return {entry.name: self._recipient(entry) for entry in found}  # (3)

    def doors(self) -> dict[str, DoorRule]:
        return {e.name: self._door(e) for e in self.policy.of("sharing").values() if isinstance(e, Door)}

    def messages(self) -> dict[str, MessageRule]:
        return {
            e.name: self._message(e) for e in self.policy.of("messages").values() if isinstance(e, Message)
        }

    def _mask(self, names: Iterable[str]) -> int:
        return sum(self.bits[name] for name in set(names))

    def _asked(self, entry: Entry) -> list[ConsentItem]:
        """The consent items an entry rests on, those it asks and those that are for it, in the order of the file."""
        return sorted(self.names.asked(entry), key=lambda item: self.consents[self.wordings[item.name]])

    def _consents(self, items: Iterable[ConsentItem]) -> int:
        return sum(self.consents[self.wordings[item.name]] for item in items)

    def _common(self, entry: Entry) -> _Common:
        asked = self._asked(entry)
        return {
            "entry": entry.path,
            "name": entry.name,
            "clauses": entry.keeps,  # (4)
            "needs": self._consents(item for item in asked if item.form is not Form.GUARDIAN),
            "guardian": self._consents(item for item in asked if item.form is Form.GUARDIAN),  # (5)
            "asks": tuple(item.name for item in asked),
            "shown": self._shown(entry),
            "acknowledged": bool(entry.tells and entry.tells.acknowledged),
        }

    def _shown(self, entry: Entry) -> frozenset[str]:
        if entry.tells is None:
            return frozenset()
        asked = {name: self.wordings[name] for name in getattr(entry, "asks", ())}
        composed = (words.compose(self.policy, entry, language, asked) for language in words.LANGUAGES)
        return frozenset(notice.hash for notice in composed)

    def _purpose(self, entry: Entry) -> Rule:
        common = self._common(entry)
        match entry:
            case Scene():
                return Rule(
                    **common,
                    items=self._mask(taken_by(entry)),
                    when=frozenset(entry.when),
                    basis=entry.basis,
                    states=frozenset(entry.needs) - {"acceptance"},
                    collects=True,
                )
            case Use():
                never = frozenset(entry.never)
                when = frozenset(entry.when)
                return Rule(**common, items=self._mask(entry.of), never=never, when=when, basis=entry.basis)
            case _:
                states = frozenset(getattr(entry, "needs", ())) - {"acceptance"}
                return Rule(**common, items=0, states=states, serves=True)

    def _recipient(self, entry: Recipient) -> RecipientRule:
        return RecipientRule(
            **self._common(entry),
            items=self._mask(entry.receives),
            when=frozenset(entry.when),
            kind=entry.kind,
            country=entry.country,
            purposes=frozenset(entry.for_),
            papers=frozenset(f"{entry.name}:{paper}" for paper in entry.needs),
            own_door=entry.kind in ("sdk", "api"),
        )

    def _door(self, entry: Door) -> DoorRule:
        return DoorRule(
            **self._common(entry),
            items=self._mask(entry.carries) if entry.carries else (1 << len(self.bits)) - 1,
            never=frozenset(entry.never),
            act=entry.act,
            grounds=frozenset(ground for ground in entry.on if ground.opens),
            to=frozenset(entry.to),
            only_if=frozenset(entry.only_if),
            papers=frozenset(f"{entry.name}:{paper}" for paper in entry.needs),
            purposes=frozenset(entry.for_),
            forms=frozenset(item.form for item in self._asked(entry)) - {Form.GUARDIAN},
        )

    def _message(self, entry: Message) -> MessageRule:
        channels = frozenset(entry.channels)
        return MessageRule(
            **self._common(entry), items=0, channels=channels, service=entry.klass == "service"
        )


def requirement_names(wanted: tuple[Required, ...]) -> tuple[tuple[str, ...], ...]:
    """Each requirement as the names that may satisfy it: one name, or the alternatives."""
    return tuple(one.items if isinstance(one, OneOf) else (one,) for one in wanted)
