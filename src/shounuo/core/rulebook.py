"""The Rulebook: a policy compiled to what a running system asks a thousand times a second.

1. Kinds of information and consent wordings get a bit each, in the order of the file.
2. Every purpose (a scene, a use, a service) becomes a rule: the items it may touch, the consents that must stand,
   the occasions it is bound to, what must have been shown. Names of purposes are unique over the three sections.
3. Every recipient becomes a rule within a purpose; every door a rule within an act.
4. A rule remembers the clauses it carries out, so that a decision can name them.

A Rulebook is frozen and knows nothing of people; `decision` holds it against facts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shounuo.core import notice as notices
from shounuo.core.consent import wording
from shounuo.core.consistency import items_of
from shounuo.core.policy import (
    Act, ConsentItem, Door, Entry, Form, Ground, Item, OneOf, Policy, Recipient, Required, Scene, Service, Use,
)  # fmt: skip

CONSENTING = frozenset({Ground.CONSENT, Ground.EXPLICIT_CONSENT, Ground.SEPARATE_CONSENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one entry allows, as masks: items it may touch, consents that must stand. (2)"""

    entry: str
    name: str
    clauses: tuple[str, ...]
    items: int
    needs: int
    asks: tuple[str, ...] = ()
    when: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()  # hashes of the notice, any language
    acknowledged: bool = False
    states: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    collects: bool = False
    serves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRule(Rule):
    kind: str
    country: str
    purposes: frozenset[str]
    papers: frozenset[str]
    own_door: bool  # an SDK or API the text lists with all its columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRule(Rule):
    act: Act
    grounds: frozenset[Ground]
    to: frozenset[str]
    only_if: frozenset[str]
    papers: frozenset[str]
    purposes: frozenset[str]


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
    sensitive: int
    home: str
    languages: tuple[str, ...] = field(default=notices.LANGUAGES)

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

    def notice(self, path: str, language: str) -> notices.Notice | None:
        """The notice of the entry at `path`, or None when there is no such entry."""
        entry = self.entry(path)
        if entry is None:
            return None
        asked = (entry.name,) if isinstance(entry, ConsentItem) else tuple(getattr(entry, "asks", ()))
        return notices.compose(self.policy, entry, language, {name: self.wordings[name] for name in asked})


def compile_policy(policy: Policy, source: bytes, number: int = 0) -> Rulebook:
    """The Rulebook of a policy that `consistency.check` found without error; `source` is hashed as published."""
    bits = {name: 1 << place for place, name in enumerate(policy.of("information"))}  # (1)
    items = [entry for entry in policy.of("consent").values() if isinstance(entry, ConsentItem)]
    wordings = {item.name: wording(item) for item in items}
    consents = {wordings[item.name]: 1 << place for place, item in enumerate(items)}
    draft = _Draft(policy, bits, wordings, consents, items)
    operator = policy.of("text").get("operator")
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
        sensitive=sum(bits[e.name] for e in policy.of("information").values() if isinstance(e, Item) and e.grade == "sensitive"),
        home=getattr(operator, "home", "CN-mainland"),
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    policy: Policy
    bits: Mapping[str, int]
    wordings: Mapping[str, str]
    consents: Mapping[str, int]
    items: list[ConsentItem]

    def purposes(self) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        for section in ("services", "scenes", "uses"):
            for entry in self.policy.of(section).values():
                found[entry.name] = self._purpose(entry)  # (2)
        return found

    def recipients(self) -> dict[str, RecipientRule]:
        return {e.name: self._recipient(e) for e in self.policy.of("recipients").values() if isinstance(e, Recipient)}

    def doors(self) -> dict[str, DoorRule]:
        return {e.name: self._door(e) for e in self.policy.of("sharing").values() if isinstance(e, Door)}

    def _mask(self, wanted: tuple[Required, ...]) -> int:
        return sum(self.bits[name] for name in set(items_of(wanted)))

    def _asked(self, entry: Entry, asks: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """The consent items an entry rests on: those it asks, and those that say they cover it."""
        names = tuple(dict.fromkeys([*asks, *(item.name for item in self.items if entry.name in item.covers)]))
        return names, sum(self.consents[self.wordings[name]] for name in names)

    def _shown(self, entry: Entry) -> frozenset[str]:
        if entry.tells is None:
            return frozenset()
        asked = {name: self.wordings[name] for name in getattr(entry, "asks", ())}
        return frozenset(notices.compose(self.policy, entry, language, asked).hash for language in notices.LANGUAGES)

    def _purpose(self, entry: Entry) -> Rule:
        asks, needs = self._asked(entry, getattr(entry, "asks", ()))
        items = 0
        when: tuple[str, ...] = ()
        states: tuple[str, ...] = ()
        never: tuple[str, ...] = ()
        if isinstance(entry, Scene):
            items, when, states = self._mask(entry.requires + entry.optional), entry.when, entry.needs
        elif isinstance(entry, Use):
            items, never = self._mask(entry.of), entry.never
        elif isinstance(entry, Service):
            states = entry.needs
        return Rule(
            entry=entry.path, name=entry.name, clauses=entry.keeps, items=items, needs=needs, asks=asks,
            when=frozenset(when), shown=self._shown(entry), acknowledged=bool(entry.tells and entry.tells.acknowledged),
            states=frozenset(states) - {"acceptance"}, never=frozenset(never),
            collects=isinstance(entry, Scene), serves=isinstance(entry, Service),
        )  # fmt: skip

    def _recipient(self, entry: Recipient) -> RecipientRule:
        asks, needs = self._asked(entry, entry.asks)  # (3)
        return RecipientRule(
            entry=entry.path, name=entry.name, clauses=entry.keeps, items=self._mask(entry.receives), needs=needs, asks=asks,
            when=frozenset(entry.when), shown=self._shown(entry), kind=entry.kind, country=entry.country,
            purposes=frozenset(entry.for_), papers=frozenset(entry.needs), own_door=entry.kind in ("sdk", "api"),
        )  # fmt: skip

    def _door(self, entry: Door) -> DoorRule:
        asks, needs = self._asked(entry, ())
        carries = self._mask(entry.carries) if entry.carries else sum(self.bits.values())
        return DoorRule(
            entry=entry.path, name=entry.name, clauses=entry.keeps, items=carries, needs=needs, asks=asks,
            shown=self._shown(entry), never=frozenset(entry.never), act=entry.act, grounds=frozenset(entry.on),
            to=frozenset(entry.to), only_if=frozenset(entry.only_if), papers=frozenset(entry.needs), purposes=frozenset(entry.for_),
        )  # fmt: skip


def requirement_names(wanted: tuple[Required, ...]) -> tuple[tuple[str, ...], ...]:
    """Each requirement as the names that may satisfy it: one name, or the alternatives."""
    return tuple(one.items if isinstance(one, OneOf) else (one,) for one in wanted)
