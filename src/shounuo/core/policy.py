"""The policy: what an operator promised, as a frozen value. Its sections stand in the order a reader expects.

1. What is not declared is closed: no scene, no collection; no use, no reading; no door, no outflow; no rule,
   no keeping.
2. Every entry is a promise with a place: it names the clauses it keeps.
3. Lists are closed. A longer list is a new version.
4. A clause carries what the text says; an entry carries what the system does. They are written apart, so that
   each can contradict the other.

This module knows shapes only. What contradicts what is in `consistency`; what a system obeys is in
`rulebook`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shounuo.core.clause import Clause, Words
from shounuo.core.duration import Deadline, Duration, Period


class Basis(StrEnum):
    """What the law lets processing rest on (PIPL 13)."""

    CONSENT = "consent"
    SEPARATE_CONSENT = "separate-consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal-duty"
    EMERGENCY = "emergency"
    NEWS = "news"
    SELF_PUBLISHED = "self-published"
    OTHER_LAW = "other-law"

    @property
    def by_consent(self) -> bool:
        """Whether it is a person's yes."""
        return self in (Basis.CONSENT, Basis.SEPARATE_CONSENT)

    @property
    def by_law(self) -> bool:
        """Whether a law carries it, whatever was agreed and whether or not there still is an account."""
        return self in (Basis.LEGAL_DUTY, Basis.EMERGENCY, Basis.OTHER_LAW)


class Form(StrEnum):
    """How a yes is given, weakest first. A stronger form is never implied by a weaker one."""

    GENERAL = "general"
    EXPLICIT = "explicit"
    SEPARATE = "separate"
    GUARDIAN = "guardian"

    @property
    def rank(self) -> int:
        """Its place among the forms, the weakest first."""
        return list(Form).index(self)


class Ground(StrEnum):
    """Why a door may open. A reason the texts name must still rest on something the law knows."""

    CONSENT = "consent"
    EXPLICIT_CONSENT = "explicit-consent"
    SEPARATE_CONSENT = "separate-consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal-duty"
    AUTHORITY_ORDER = "authority-order"
    LEGAL_PROCESS = "legal-process"
    LITIGATION = "litigation"
    REGULATION = "regulation"
    PUBLIC_SAFETY = "public-safety"
    VIOLATION_FOUND = "violation-found"
    CORPORATE_CHANGE = "corporate-change"
    ANONYMISED = "anonymised"
    OWN_ACT = "own-act"
    OTHER_LAW = "other-law"

    @property
    def form(self) -> Form | None:
        """The form a yes must have to open a door on this ground; None where the ground is no consent."""
        return _FORMS.get(self)

    @property
    def by_law(self) -> bool:
        """Whether it is a reason of the law, and not of the person's or the operator's own making."""
        return self.form is None and self not in (Ground.CONTRACT, Ground.ANONYMISED, Ground.OWN_ACT)


_FORMS: dict[Ground, Form] = {
    Ground.CONSENT: Form.GENERAL,
    Ground.EXPLICIT_CONSENT: Form.EXPLICIT,
    Ground.SEPARATE_CONSENT: Form.SEPARATE,
}


class RefusalGround(StrEnum):
    """Why a person's request may be refused; nothing else may be given as a reason."""

    LEGAL_DUTY = "legal-duty"
    NATIONAL_SECURITY = "national-security"
    PUBLIC_SAFETY = "public-safety"
    CRIME = "crime"
    MALICE = "malice"
    HARM_TO_OTHERS = "harm-to-others"
    HARM_TO_PERSON = "harm-to-person"
    TRADE_SECRET = "trade-secret"  # noqa: S105
    OTHER_LAW = "other-law"

    @property
    def needs_evidence(self) -> bool:
        """Whether it must be shown by something on record."""
        return self in (RefusalGround.MALICE, RefusalGround.HARM_TO_OTHERS, RefusalGround.HARM_TO_PERSON)


class Act(StrEnum):
    """What is done with information when it goes out through a door."""

    SHARE = "share"
    ENTRUST = "entrust"
    TRANSFER = "transfer"
    PUBLISH = "publish"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """What must have been shown before an act. The act waits until it is."""

    at: str
    shows: tuple[str, ...] = ()
    acknowledged: bool = False
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """Exactly one of these items, never two."""

    items: tuple[str, ...]


Required = str | OneOf


def items_of(wanted: tuple[Required, ...]) -> tuple[str, ...]:
    """The item names in a list of requirements, alternatives spread out, in order."""
    return tuple(name for one in wanted for name in (one.items if isinstance(one, OneOf) else (one,)))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a no costs, and nothing more. An empty `open` means everything else stays open."""

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry carries: its place, its words, the clauses it keeps."""

    section: str
    name: str
    line: int
    words: Words | None = None
    keeps: tuple[str, ...] = ()
    tells: Tells | None = None
    owner: str | None = None
    law: str | None = None

    @property
    def path(self) -> str:
        """Section and name, as faults and notices name it."""
        return f"{self.section}.{self.name}"


# -- the text itself -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Entry):
    """Who makes the promises."""

    role: str  # handler, processor or joint
    home: str  # a region
    address: Words | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Entry):
    """When the text was published, last changed, and takes effect."""

    published: date
    updated: date
    effective: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapters(Entry):
    """The chapters of the text, in order."""

    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAt(Entry):
    """Where the text in force can be read, and whether that needs a sign-in."""

    places: tuple[str, ...]
    sign_in: str  # none-needed or needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis(Entry):
    """How the text sets off what matters."""

    by: tuple[str, ...]  # bold, underline


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Entry):
    """The short form of the text, and where it leads."""

    links: str = "full"


@dataclass(frozen=True, slots=True)
class Precedes:
    """On this topic (or `any`), between this text and `over`, `wins` is the one that holds."""

    topic: str
    over: str
    wins: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedence(Entry):
    """Which of several texts holds."""

    rules: tuple[Precedes, ...]
    gaps: str = "theirs"  # who fills what this text does not regulate


# -- what is offered, taken and used ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Entry):
    """A product or service, and whose it is."""

    provider: str  # us, third-party, joint
    text: str | None = None
    terms: str | None = None
    account: str | None = None
    needs: tuple[str, ...] = ()  # acceptance, sign-in, verified-identity
    ways: tuple[str, ...] = ()  # access, correct, delete: how a person does these here


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Entry):
    """A kind of information (a category). Undeclared fields are dropped."""

    kind: str = "text"
    grade: str = "ordinary"  # public, ordinary, sensitive
    mask: str = "all"
    store: str = "sealed"  # sealed, hashed, memory-only, never
    findable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion(Entry):
    """Something that is going on with the person: a screen, a channel, a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Entry):
    """Where information is taken: these fields and no others, while the occasion holds."""

    purpose: Words
    basis: Basis
    source: str = "person"
    when: tuple[str, ...] = ()
    requires: tuple[Required, ...] = ()
    optional: tuple[Required, ...] = ()
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    necessity: Words | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Entry):
    """A purpose stored information may be read for, with the items it needs."""

    purpose: Words
    of: tuple[str, ...]
    basis: Basis
    asks: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    off_switch: bool = False
    factors: tuple[str, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentItem(Entry):
    """One thing a person can say yes or no to, apart from all others."""

    form: Form
    covers: tuple[str, ...]  # scenes, uses, recipients, doors, permissions, services
    asked: str
    shows: tuple[str, ...] = ()
    until_then: str = "nothing-kept"
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Without(Entry):
    """The closed list of bases on which processing needs no consent."""

    grounds: tuple[Basis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Entry):
    """A device permission: off until granted, for one feature."""

    feature: str
    opens: tuple[str, ...]
    withdraw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient(Entry):
    """Somebody outside, or somebody's code inside, who receives these items for these purposes."""

    kind: str  # sdk, api, entrusted, partner, affiliate, authority, acquirer, surveyor, reviewer
    receives: tuple[str, ...]
    purpose: Words
    for_: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    how: str = "sent"  # on-device, sent, shown
    company: str | None = None
    country: str = "CN-mainland"
    asks: tuple[str, ...] = ()
    terms: str | None = None
    needs: tuple[str, ...] = ()  # papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie(Entry):
    """A cookie or a similar technique, with every name it sets."""

    technique: str
    purposes: tuple[str, ...]
    keys: tuple[str, ...]
    set_by: str
    life: Duration | None = None  # None: until the browser closes
    refusal: Refusal | None = None


# -- where, how long, to whom ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(Entry):
    """Where copies of each kind lie."""

    region: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Entry):
    """What the law still wants after erasure: locked, and opened for nothing but these."""

    law_cited: str
    period: Duration
    opens_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Entry):
    """How long these items are kept, from which event, and what follows."""

    of: tuple[str, ...]
    for_: Period
    from_: str
    then: str = "erase"  # erase, anonymise, restrict
    basis: str | None = None
    hold: str | None = None  # a `retention` entry of shape Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Door(Entry):
    """One way out. Without a case that opens it, nothing leaves."""

    act: Act
    on: tuple[Ground, ...] = ()
    to: tuple[str, ...] = ()  # recipient names or kinds
    only_if: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # papers
    carries: tuple[str, ...] = ()
    for_: tuple[str, ...] = ()
    never: tuple[str, ...] = ()  # purposes nothing may leave for
    default: str = "closed"


# -- guarding and promising ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection(Entry):
    """A safeguard."""

    against: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    seal: str | None = None  # AES-256-GCM, SM4-GCM
    roles: tuple[str, ...] = ()
    need_stated: bool = False
    log: tuple[str, ...] = ()
    withstands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge(Entry):
    """A promise only people can keep: an owner, a rhythm, a proof, and what lapses without it."""

    every: Duration
    proof: str
    lapse: str
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Entry):
    """A document that must be on file and in force before something may happen."""

    terms: tuple[str, ...]
    expires: str = "stops"  # stops, warns


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Entry):
    """A sort of message, and the channels it goes by."""

    klass: str  # service, marketing, survey
    channels: tuple[str, ...]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Entry):
    """One way to say no more: what a person does, and which channels fall silent."""

    way: str  # word, link, switch, spoken
    of: str  # the message entry it stops
    stops: tuple[str, ...]
    word: str | None = None
    on: str | None = None  # the channel it arrives by
    where: str | None = None  # the way to it through the menus


# -- what people can ask ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Right(Entry):
    """Something people can ask for, and the ways to ask."""

    kind: str  # access, copy, correct, delete, withdraw, close, explain, complain, freeze
    way: tuple[str, ...]
    who: str = "person"
    of: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)  # the way to it through the menus, by face
    only_if: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    effect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Entry):
    """How a request of these kinds is taken in, checked and answered."""

    kinds: tuple[str, ...]
    within: Deadline
    from_: str
    verify: str = "identity"
    refuse_on: tuple[RefusalGround, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Minors(Entry):
    """What holds below an age."""

    under: int  # years
    rule: str  # refuse, guardian-consent
    found: Duration | None = None  # time to erase what should not have been taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Entry):
    """How the policy changes, and who is asked again."""

    what: tuple[str, ...]
    reconsent: tuple[str, ...]
    refusal: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Entry):
    """A way to reach us."""

    kind: str
    value: str
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Entry):
    """Which of two readings we keep where the text contradicts itself, and why."""

    between: tuple[str, ...]
    kept: str  # a clause id, or `both`
    how: str  # earlier-of, union, intersection, stricter, specific
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole policy. `sections` maps a section's name to its entries by name, in the order of the file."""

    slug: str
    sections: Mapping[str, Mapping[str, Entry]]
    clauses: Mapping[str, Clause]

    def entries(self) -> Iterator[Entry]:
        """Every entry, in the order of the file."""
        for section in self.sections.values():
            yield from section.values()

    def of(self, section: str) -> Mapping[str, Entry]:
        """The entries of one section; empty where the policy has none."""
        return self.sections.get(section, {})
