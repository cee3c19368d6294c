"""The gate's rules written a second time, plainly and from the policy alone, and held against `decide` in random worlds.

Nothing of the Rulebook is used for the plain answer: no bits, no masks, no lists made beforehand. Where the two differ, one of
them is wrong, and the world in which they differ says which.
"""

import random
from dataclasses import dataclass, field, replace
from importlib import resources

import pytest

from shounuo.core.decision import Case, Facts, Intent, decide
from shounuo.core.policy import Act, Form, Ground, Minors, Policy, items_of
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.language.load import load

PACKS = ["changlian", "huiju", "kexun", "tuyi", "vnet"]


@dataclass
class World:
    """What is so of a person, in the words of the policy."""

    closed: bool = False
    frozen: bool = False
    barred: str | None = None
    yes: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    opens: set[str] = field(default_factory=set)
    papers: set[str] = field(default_factory=set)


# -- the plain answer ------------------------------------------------------------------------------


def plain(policy: Policy, world: World, asks: Intent) -> str:
    """May this be, and if not, why not: in the order in which a person would ask."""
    case = asks.case
    on_file = case is not None and bool((case.reference or "").strip())
    for_the_law = on_file and case.ground.by_law
    shut = "account-closed" if world.closed else "account-frozen" if world.frozen else ""
    if shut and not for_the_law:
        return shut

    purpose = purposes(policy).get(asks.purpose)
    against = [one for one in [*sharing(policy), *policy.of("uses").values()] if asks.purpose in one.never]
    if purpose is None:
        return "ruled-out" if against else "no-purpose"
    carried_by_law = getattr(purpose, "basis", None) is not None and purpose.basis.value in (
        "legal-duty", "emergency", "other-law")  # fmt: skip
    if shut and not carried_by_law:
        return shut
    takes = touches(policy, purpose)
    if any(touches(policy, one) & takes for one in against):
        return "ruled-out"

    if not asks.items <= set(policy.of("information")):
        return "not-declared"
    if not asks.items <= takes:
        return "not-needed"
    occasions = getattr(purpose, "when", ())
    if occasions and asks.occasion not in occasions:
        return "no-occasion"
    if (purpose.section == "scenes" or not carried_by_law) and too_young(policy, world, purpose):
        return "too-young"
    if purpose.section != "uses" and not set(purpose.needs) - {"acceptance"} <= world.reached:
        return "not-there-yet"
    if not told(world, purpose):
        return "not-shown"
    if not own(policy, purpose) <= world.yes:
        return "no-consent"
    if asks.items & world.held:
        opened = on_file and case.ground.value in world.opens and (carried_by_law or not case.ground.by_law)
        if not opened:
            return "held"
    if asks.recipient is None and asks.act is None:
        return "allowed"
    return goes_out(policy, world, asks, on_file)


def goes_out(policy: Policy, world: World, asks: Intent, on_file: bool) -> str:
    """May it be handed over."""
    who = policy.of("recipients").get(asks.recipient or "")
    if who is None:
        return "no-recipient"
    if asks.purpose not in who.for_ or not asks.items <= set(who.receives):
        return "not-for-recipient"
    if who.when and asks.occasion not in who.when:
        return "no-occasion"
    if not told(world, who):
        return "not-shown"
    if not own(policy, who) | guardians(policy, world, who) <= world.yes:
        return "no-consent"
    if not {f"{who.name}:{paper}" for paper in who.needs} <= world.papers:
        return "no-papers"
    home = policy.of("text")["operator"].home
    abroad = who.country != home or (asks.region or home) != home
    if who.kind in ("sdk", "api") and asks.act is None and not abroad:
        return "allowed"
    if asks.act is None:
        return "no-door"
    if abroad and asks.act is not Act.ABROAD:
        return "abroad"
    doors = [
        one
        for one in sharing(policy)
        if one.act is asks.act
        and any(ground is not Ground.OWN_TERMS for ground in one.on)
        and who.name in one.to
        and (not one.for_ or asks.purpose in one.for_)
    ]
    if not doors:
        return "no-door"
    case = asks.case
    if case is None or case.ground is Ground.OWN_TERMS:
        return "no-case"
    why = [through(policy, world, asks, one, on_file) for one in doors if case.ground in one.on]
    if not why:
        return "no-case"
    return "allowed" if "allowed" in why else why[0]


def through(policy: Policy, world: World, asks: Intent, door, on_file: bool) -> str:
    """May it go through this door, whose ground fits."""
    asked = {"consent": 0, "explicit-consent": 1, "separate-consent": 2}
    consents = [policy.of("consent")[name] for name in own(policy, door)]
    rank = {"general": 0, "explicit": 1, "separate": 2}
    strength = asked.get(asks.case.ground.value)
    if strength is not None and (not consents or min(rank[one.form.value] for one in consents) < strength):
        return "no-consent"
    no_ground_is_consent = not any(
        ground.value in asked for ground in door.on if ground is not Ground.OWN_TERMS
    )
    if (strength is not None or no_ground_is_consent) and not own(policy, door) | guardians(
        policy, world, door
    ) <= world.yes:
        return "no-consent"
    if strength is None and not on_file:
        return "no-case"
    if not set(door.only_if) <= asks.case.states:
        return "no-case"
    if not asks.items <= touches(policy, door):
        return "not-needed"
    if not {f"{door.name}:{paper}" for paper in door.needs} <= world.papers:
        return "no-papers"
    return "allowed" if told(world, door) else "not-shown"


def purposes(policy: Policy):
    """Whatever something may be done for, by name."""
    return {
        one.name: one for section in ("services", "scenes", "uses") for one in policy.of(section).values()
    }


def sharing(policy: Policy):
    """The ways out."""
    return list(policy.of("sharing").values())


def touches(policy: Policy, entry) -> set[str]:
    """The items an entry is about."""
    if entry.section == "scenes":
        return set(items_of(entry.requires + entry.optional))
    if entry.section == "uses":
        return set(entry.of)
    if entry.section == "sharing":
        return set(entry.carries) or set(policy.of("information"))
    return set()


def consents(policy: Policy, entry, guardian: bool) -> set[str]:
    """The consents an entry rests on: those it asks, and those that say they are for it."""
    found = [one for one in policy.of("consent").values() if hasattr(one, "form")]
    named = [one for one in found if one.name in getattr(entry, "asks", ()) or entry.name in one.covers]
    return {one.name for one in named if (one.form is Form.GUARDIAN) == guardian}


def own(policy: Policy, entry) -> set[str]:
    """Those the person gives."""
    return consents(policy, entry, guardian=False)


def guardians(policy: Policy, world: World, entry) -> set[str]:
    """Those a guardian gives, where there is a child."""
    return consents(policy, entry, guardian=True) if world.barred else set()


def too_young(policy: Policy, world: World, entry) -> bool:
    """Is there a child, and no guardian's yes that helps."""
    if world.barred is None:
        return False
    rule = policy.of("minors").get(world.barred)
    if not isinstance(rule, Minors) or rule.rule != "guardian-consent":
        return True
    for_this = consents(policy, entry, guardian=True)
    if for_this:
        return not for_this <= world.yes
    return (
        not {one.name for one in policy.of("consent").values() if getattr(one, "form", None) is Form.GUARDIAN}
        & world.yes
    )


def told(world: World, entry) -> bool:
    """Was shown what must be."""
    if entry.tells is None:
        return True
    return entry.path in (world.acknowledged if entry.tells.acknowledged else world.shown)


# -- random worlds ---------------------------------------------------------------------------------


class Chance:
    """Worlds and questions of one policy, such that every rule is the deciding one often enough."""

    def __init__(self, policy: Policy, seed: int) -> None:
        self.policy, self.dice = policy, random.Random(seed)
        self.purposes = [*purposes(policy), "no-such-purpose"]
        self.never = sorted(
            {name for one in [*sharing(policy), *policy.of("uses").values()] for name in one.never}
        )
        self.items = list(policy.of("information"))
        self.consents = [one.name for one in policy.of("consent").values() if hasattr(one, "form")]
        told = [
            one for section in policy.sections.values() for one in section.values() if one.tells is not None
        ]
        self.told = [one.path for one in told]
        self.states = sorted({"verified-identity", *policy.of("scenes")})
        self.papers = sorted(
            f"{one.name}:{paper}"
            for section in ("recipients", "sharing")
            for one in policy.of(section).values()
            for paper in one.needs
        )
        self.occasions = [*policy.of("occasions"), None]
        self.conditions = sorted({one for door in sharing(policy) for one in door.only_if})
        self.minors = list(policy.of("minors"))

    def often(self, share: float) -> bool:
        """So, in this share of cases."""
        return self.dice.random() < share

    def some(self, of: list[str]) -> set[str]:
        """All, or all but one or two, or none."""
        turn = self.dice.random()
        if turn < 0.1:
            return set()
        lacking = self.dice.choices(of, k=2) if of and turn < 0.5 else []
        return set(of).difference(lacking)

    def world(self) -> World:
        """Somebody."""
        return World(
            closed=self.often(0.03),
            frozen=self.often(0.03),
            barred=self.dice.choice(self.minors) if self.minors and self.often(0.2) else None,
            yes=self.some(self.consents),
            reached=self.some(self.states),
            shown=self.some(self.told),
            acknowledged=self.some(self.told),
            held=set(self.dice.choices(self.items, k=3)) if self.often(0.1) else set(),
            opens={"authority-order", "litigation"} if self.often(0.5) else set(),
            papers=self.some(self.papers),
        )

    def intent(self) -> Intent:
        """A question."""
        policy, dice = self.policy, self.dice
        name = dice.choice(self.purposes if not self.never or self.often(0.97) else self.never)
        recipient, act, region = None, None, None
        if self.often(0.5) and policy.of("recipients"):
            who = dice.choice(list(policy.of("recipients").values()))
            recipient, name = who.name, (dice.choice(who.for_) if who.for_ and self.often(0.9) else name)
            doors = [one for one in sharing(policy) if who.name in one.to]
            act = dice.choice(doors).act if doors and self.often(0.8) else dice.choice([None, *Act])
            region = dice.choice([None, None, None, "US"])
        purpose = purposes(policy).get(name)
        takes = sorted(touches(policy, purpose)) if purpose is not None else []
        if recipient is not None and self.often(0.8):
            takes = sorted(set(takes) & set(policy.of("recipients")[recipient].receives))
        items = dice.sample(takes, dice.randint(0, len(takes)))
        if self.often(0.05):
            items.append(dice.choice([*self.items, "no-such-item"]))
        when = [
            *getattr(purpose, "when", ()),
            *(policy.of("recipients")[recipient].when if recipient else ()),
        ]
        return Intent(
            purpose=name,
            items=frozenset(items),
            recipient=recipient,
            act=act,
            occasion=dice.choice(when) if when and self.often(0.9) else dice.choice(self.occasions),
            case=self.case(recipient),
            region=region,
        )

    def case(self, recipient: str | None) -> Case | None:
        """What is brought to open a door."""
        if self.often(0.3 if recipient else 0.8):
            return None
        grounds = [
            ground for one in sharing(self.policy) if recipient in one.to for ground in one.on
        ] or list(Ground)
        return Case(
            ground=self.dice.choice(grounds if self.often(0.85) else list(Ground)),
            states=frozenset(self.some(self.conditions)),
            reference=self.dice.choice(["file 7", "file 7", "file 7", " ", None]),
        )


def facts(book: Rulebook, world: World) -> Facts:
    """The same world as the gate is told of it."""
    rules = [
        *book.purposes.values(),
        *book.recipients.values(),
        *book.doors.values(),
        *book.messages.values(),
    ]

    def hashes(paths: set[str]) -> frozenset[str]:
        return frozenset(one for rule in rules if rule.entry in paths for one in sorted(rule.shown)[:1])

    return Facts(
        known=True,
        closed=world.closed,
        frozen=world.frozen,
        barred=world.barred,
        consents=book.fold(book.wordings[name] for name in world.yes),
        states=frozenset(world.reached),
        shown=hashes(world.shown),
        acknowledged=hashes(world.acknowledged),
        held=frozenset(world.held),
        hold_opens=frozenset(world.opens),
        papers=frozenset(world.papers),
    )


def compare(pack: str, worlds: int, seed: int) -> dict[str, int]:
    """Hold the two against each other; how often each reason was given."""
    source = (resources.files("shounuo.packs") / f"{pack}.yaml").read_bytes()
    policy = load(source, f"{pack}.yaml")
    book, chance, said = compile_policy(policy, source), Chance(policy, seed), {}
    for _ in range(worlds // 20):
        world = chance.world()
        told = facts(book, world)
        for _ in range(20):
            asks = chance.intent()
            ours, theirs = decide(book, asks, told).reason.value, plain(policy, world, asks)
            assert ours == theirs, f"decide says {ours}, plainly it is {theirs}: {asks} in {world}"
            said[ours] = said.get(ours, 0) + 1
    return said


@pytest.mark.parametrize("pack", PACKS)
def test_the_rules_are_what_they_plainly_say(pack: str) -> None:
    """Reason for reason, in some thousand random worlds of each pack, with both yes and no often enough."""
    said = compare(pack, 4_000, 7)
    assert said["allowed"] > 200
    assert len(said) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("pack", PACKS)
def test_the_rules_are_what_they_plainly_say_in_a_million_worlds(pack: str) -> None:
    """The same, a fifth of a million each."""
    said = compare(pack, 200_000, 20260302)
    assert said["allowed"] > 10_000


def test_the_plain_rules_notice_a_rule_left_out() -> None:
    """What the comparison is worth: with a gate that does not ask for papers, or for consent, they differ."""
    source = (resources.files("shounuo.packs") / "huiju.yaml").read_bytes()
    policy = load(source, "huiju.yaml")
    book, chance = compile_policy(policy, source), Chance(policy, 3)
    differ = {"papers": 0, "consents": 0}
    for _ in range(300):
        world = chance.world()
        told = facts(book, world)
        for name, full in (("papers", frozenset(chance.papers)), ("consents", sum(book.consents.values()))):
            lax = replace(told, **{name: full})
            for _ in range(10):
                asks = chance.intent()
                differ[name] += decide(book, asks, lax).reason.value != plain(policy, world, asks)
    assert all(differ.values())
