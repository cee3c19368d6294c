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

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from shounuo.core.clause import Clause, Words
from shounuo.core.duration import Bound, Deadline, Duration, OpenHours, Period


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
    EMERGENCY = "emergency"
    VITAL_INTERESTS = "vital-interests"
    NATIONAL_SECURITY = "national-security"
    CRIME = "crime"
    NEWS = "news"
    SELF_PUBLISHED = "self-published"
    LAWFULLY_PUBLISHED = "lawfully-published"
    INSTRUCTION = "instruction"
    OWN_TERMS = "own-terms"

    @property
    def form(self) -> Form | None:
        """The form a yes must have to open a door on this ground; None where the ground is no consent."""
        return _FORMS.get(self)

    @property
    def by_law(self) -> bool:
        """Whether the law asks for it: no consent, and not of the person's or the operator's own making."""
        return self.form is None and self not in _OURS

    @property
    def opens(self) -> bool:
        """Whether it can open a door. The operator's own terms rest on nothing the law knows. (PIPL 13)"""
        return self is not Ground.OWN_TERMS


_OURS = frozenset(
    {
        Ground.CONTRACT,
        Ground.ANONYMISED,
        Ground.OWN_ACT,
        Ground.NEWS,
        Ground.SELF_PUBLISHED,
        Ground.LAWFULLY_PUBLISHED,
        Ground.INSTRUCTION,
        Ground.OWN_TERMS,
    }
)
_FORMS: dict[Ground, Form] = {
    Ground.CONSENT: Form.GENERAL,
    Ground.EXPLICIT_CONSENT: Form.EXPLICIT,
    Ground.SEPARATE_CONSENT: Form.SEPARATE,
}


class ForeignBasis(StrEnum):
    """What processing may rest on where a person is in the EEA (GDPR 6)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal-duty"
    VITAL_INTERESTS = "vital-interests"
    LEGITIMATE_INTERESTS = "legitimate-interests"


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
    VITAL_INTERESTS = "vital-interests"
    SECURITY = "security"
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
    """What must have been shown before an act, or told of an event: when, what, on which channels.

    An act waits until it is shown. An event is told to each person; where that fails, by the `fallback`.
    """

    at: str
    shows: tuple[str, ...] = ()
    acknowledged: bool = False
    channels: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    within: Duration | Bound | None = None  # after the moment
    ahead: Duration | Bound | None = None  # before it
    to: str = "person"  # person, administrators, controller, everyone
    unless: str | None = None  # forbidden-by-law


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
    facts: Mapping[str, int | bool] = field(default_factory=dict)  # what the law asks of the operator by


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Entry):
    """When the text was published, last changed, and takes effect."""

    published: date
    updated: date
    effective: date
    printed: str | None = None  # as the text prints it, where it names no day


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapters(Entry):
    """The chapters of the text, in order."""

    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Entry):
    """What the text calls itself."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a place: a chapter's number, or the `section` of its clauses."""

    at: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings(Entry):
    """Headings in both languages, in our words."""

    of: tuple[Heading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAt(Entry):
    """Where the text in force can be read, and whether that needs a sign-in."""

    places: tuple[str, ...]
    sign_in: str  # none-needed or needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis(Entry):
    """How the text sets off what matters."""

    by: tuple[str, ...]  # bold, underline
    of: tuple[str, ...] = ()  # the matters set off


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version of the text: its number, and its date as it was printed."""

    number: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Entry):
    """The versions of the text, all kept and open to read."""

    open_to: str  # everyone, on-request
    versions: tuple[Earlier, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principles(Entry):
    """The principles the text names, which every activity is held to."""

    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers(Entry):
    """What the text must speak of: kinds of handling, and sections whose entries each have a passage."""

    handling: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    faces: tuple[str, ...] = ()  # website, app, mini-program


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line of a written summary, and the entries (by path) it tells of."""

    words: Words
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Entry):
    """The short form of the text, and where it leads. What no line says is made from the entries."""

    links: str = "full"
    lines: tuple[SummaryLine, ...] = ()


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
    stage: str = "regular"  # regular, trial, preview
    lasts: Duration | Bound | None = None  # a trial or preview: how long
    documents: tuple[str, ...] = ()
    by: tuple[str, ...] = ()  # the companies that offer it together


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Entry):
    """A class of information. Where there are any, each kind of information belongs to exactly one."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What an identifier is bound to, whether a person can reset it, where it comes from."""

    lasts: str  # session, install, device, sim, account
    resettable: bool
    obtained: str  # system, sim, installation, network, person


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Entry):
    """A kind of information (a category). Undeclared fields are dropped."""

    kind: str = "text"
    grade: str = "ordinary"  # public, ordinary, sensitive
    mask: str = "all"
    store: str = "sealed"  # sealed, hashed, pseudonym, memory-only, never
    findable: bool = False
    group: str | None = None  # the class each record of it belongs to, and no other
    identifier: Identifier | None = None
    graded: bool = False  # whether its grade is said, and not only ours to assume


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
    in_eea: ForeignBasis | None = None
    instead: tuple[str, ...] = ()  # other scenes a person may choose in its place
    papers: tuple[str, ...] = ()  # on file before anything is taken from a source
    proves: Mapping[str, str] = field(default_factory=dict)  # item -> the code item that shows it is theirs
    every: Duration | None = None  # how often it takes something by itself, at most


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
    combines: str | None = None  # what comes of joining the items: personal, pseudonym, aggregate
    in_eea: ForeignBasis | None = None
    when: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)  # the way to the switch through the menus, by face


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentItem(Entry):
    """One thing a person can say yes or no to, apart from all others."""

    form: Form
    covers: tuple[str, ...]  # scenes, uses, recipients, doors, permissions, services
    asked: str
    shows: tuple[str, ...] = ()
    until_then: str = "nothing-kept"
    refusal: Refusal | None = None
    by: str | None = None  # tick, button, writing, grant
    again: Duration | None = None  # how long a no is left alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Without(Entry):
    """The closed list of grounds on which processing needs no consent."""

    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InEea(Entry):
    """The closed list of bases for people in the EEA, and what the weighing of interests asks for."""

    grounds: tuple[ForeignBasis, ...]
    needs: tuple[str, ...] = ()  # papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Entry):
    """A device permission: off until granted, for one feature."""

    feature: str
    opens: tuple[str, ...]
    when: tuple[str, ...] = ()
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
    vetted: Duration | None = None  # how often
    breach: str | None = None  # report, suspend
    ends: tuple[str, ...] = ()  # task-done, service-cancelled, agreement-ended
    refusal: Refusal | None = None
    contact: str | None = None  # how to reach them


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie(Entry):
    """A cookie or a similar technique, with every name it sets."""

    technique: str
    purposes: tuple[str, ...]
    keys: tuple[str, ...]
    set_by: str
    life: Duration | None = None  # None: until the browser closes
    refusal: Refusal | None = None
    holds: tuple[str, ...] = ()  # items
    asks: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()  # the ways to say no more that silence it too
    clear: Mapping[str, str] = field(default_factory=dict)  # the way to it through the menus, by face


# -- where, how long, to whom ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(Entry):
    """Where copies of each kind lie."""

    region: str
    covers: tuple[str, ...]
    of: tuple[str, ...] = ()  # items; none means all
    origin: str | None = None  # only what arises in this region is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Entry):
    """What the law still wants after erasure: locked, and opened for nothing but these."""

    law_cited: str
    period: Duration
    opens_for: tuple[str, ...]
    review: Duration | None = None  # how often somebody asks whether it must go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Entry):
    """How long these items are kept, from which event, and what follows."""

    of: tuple[str, ...]
    for_: Period
    from_: str
    then: str = "erase"  # erase, anonymise, erase-or-anonymise, restrict
    basis: str | None = None
    hold: str | None = None  # an entry of `holds`
    within: Duration | Bound | None = None  # after the end, how soon
    extend: tuple[str, ...] = ()  # consent, law
    includes: tuple[str, ...] = ()  # copies, backups, recipients, indexes
    opens_for: tuple[str, ...] = ()  # the purposes it may be read for meanwhile; none means all


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
    change_of_purpose: str | None = None  # ask-again, closed
    successor: str | None = None  # bound, bound-or-asks-again
    session: str | None = None  # an entry of `support`: nothing leaves but in such a session
    alike: int | None = None  # of a release as anonymous: how many people any record must fit


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
    transport: str | None = None  # TLS-1.2, TLS-1.3, mutual-TLS
    serves: tuple[str, ...] = ()  # laws and standards
    per: str | None = None  # item, case
    approval: Mapping[str, str] = field(default_factory=dict)  # grade -> the role that must agree
    sites: tuple[str, ...] = ()  # where those who may see it work
    alert_over: int | None = None  # reads by one person in a day
    needs: tuple[str, ...] = ()  # papers on file before a role sees anything
    grades: tuple[str, ...] = ()  # every item says which of these it has
    people: str | None = None  # minors: whose information it guards
    freezes_on: tuple[str, ...] = ()  # report, request, misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge(Entry):
    """A promise only people can keep: an owner, a rhythm, a proof, and what lapses without it."""

    every: Duration
    proof: str
    lapse: str
    before: str | None = None
    at_most: Decimal | None = None  # of what is measured: the share it may not pass, in per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Entry):
    """A document that must be on file and in force before something may happen."""

    terms: tuple[str, ...]
    expires: str = "stops"  # stops, warns
    before: str | None = None  # what it must be older than
    every: Duration | None = None  # how often it is made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Entry):
    """A sort of message, and the channels it goes by."""

    klass: str  # service, marketing, survey
    channels: tuple[str, ...]
    asks: tuple[str, ...] = ()
    events: tuple[str, ...] = ()  # what it tells of
    to: str = "person"
    after: str | None = None  # the event it waits for
    per: str | None = None  # at most one per case, day, week, month
    goes_on: Duration | Bound | None = None  # after the service ends; not to be stopped until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Entry):
    """One way to say no more: what a person does, and which channels fall silent."""

    way: str  # word, link, switch, spoken, objection
    of: str  # the message entry it stops
    stops: tuple[str, ...]
    word: str | None = None
    on: str | None = None  # the channel it arrives by
    where: str | None = None  # the way to it through the menus
    sign_in: str | None = None  # none-needed, needed


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
    unless: tuple[str, ...] = ()  # items that this way does not reach; another does
    passes_on: tuple[str, ...] = ()  # who is told to do the same
    passes_on_within: Duration | Bound | None = None
    on: tuple[str, ...] = ()  # the grounds it may be asked on; none means any
    meanwhile: str | None = None  # suspended, goes-on
    evidence: str | None = None  # kept: of the consent that stood
    format: str | None = None  # machine-readable
    within: Duration | Bound | None = None  # for what a person does by themselves


@dataclass(frozen=True, slots=True)
class Fee:
    """What may be charged, from which request on, within which time; never the first."""

    after: int
    per: Duration
    covers: str  # cost
    says: str | None = None  # the text's own words, where it names no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Entry):
    """How a request of these kinds is taken in, checked and answered."""

    kinds: tuple[str, ...]
    within: Deadline
    from_: str
    verify: str = "identity"
    refuse_on: tuple[RefusalGround, ...] = ()
    proves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # person type -> what shows who it is
    proof: str | None = None  # destroyed, kept
    fee: Fee | None = None
    refusal_needs: tuple[str, ...] = ()  # explanation, evidence, approver
    routes: tuple[str, ...] = ()  # whom a person can turn to outside
    reviewer: str | None = None  # another-owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Minors(Entry):
    """What holds below an age."""

    under: int  # years
    rule: str  # refuse, guardian-consent
    found: Duration | Bound | None = None  # time to erase what should not have been taken
    from_: int | None = None  # years; below it another entry holds
    whose: str = "person"  # person, end-user
    unless: str | None = None  # approved-children's-service
    text: str | None = None  # the rule written for them
    reads: str | None = None  # what a guardian reads before agreeing: text, summary
    proof: tuple[str, ...] = ()  # what shows that somebody is the guardian
    may: tuple[str, ...] = ()  # what a guardian can ask for
    meanwhile: str | None = None  # suspended: while a report is looked into
    grade: str | None = None  # how their information is graded


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Entry):
    """How the policy changes, and who is asked again."""

    what: tuple[str, ...]
    reconsent: tuple[str, ...] = ()
    refusal: str | None = None
    reasons: tuple[str, ...] = ()
    effective: str | None = None  # on-publication, on-date
    no_less: str | None = None  # what lessens a right waits for: explicit-consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Entry):
    """What is done when information is at risk: the plan, the people told, the authority told, the file.

    `tells` says what affected people are told, how, and how soon. It closes with everything in `closes_with`.
    """

    steps: tuple[str, ...] = ()
    starts: Duration | Bound | None = None
    contain: tuple[str, ...] = ()
    report_to: tuple[str, ...] = ()  # recipients
    report_within: Duration | Bound | None = None
    report_shows: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    closes_with: tuple[str, ...] = ()  # steps, notices, report


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Entry):
    """How a service ends: told ahead (`tells`), then nothing more is taken, then what it held goes."""

    of: tuple[str, ...]  # services; `rest` is every other one
    stops: tuple[str, ...] = ()  # collecting, using
    stops_within: Duration | Bound | None = None
    then: str | None = None  # erase, anonymise
    within: Duration | Bound | None = None  # after the law's own periods


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBehalf(Entry):
    """Information processed for a customer who decides: on instruction, kept apart, requests passed on."""

    of: tuple[str, ...]
    controller: str  # customer, organisation
    for_: tuple[str, ...] = ()
    access: str = "none"  # none, on-instruction
    instruction: tuple[str, ...] = ()  # what an instruction must say, or what counts as one
    proves: tuple[str, ...] = ()  # what shows that the controller is who it says
    requests: str | None = None  # forward, point
    within: Duration | Bound | None = None  # for passing a request on
    then: str | None = None  # when the controller leaves: erase, anonymise, return
    then_within: Duration | Bound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(Entry):
    """Staff at work on somebody's matter: what they see, how a session opens, is watched and ends."""

    of: tuple[str, ...] = ()
    masked: bool = False
    need_stated: bool = False
    for_: tuple[str, ...] = ()  # the purposes a session may have
    permission_by: str | None = None  # person, controller, operator
    bound_to: str | None = None  # session, ticket, case
    supervised_by: str | None = None  # a role
    recorded: bool = False
    viewable_by: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()  # solved, case-closed, time-over, persons-word
    at_most: Duration | Bound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Entry):
    """A way to reach us."""

    kind: str
    value: str
    takes: tuple[str, ...] = ()
    hours: OpenHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Entry):
    """Which of two readings we keep where the text contradicts itself, and why."""

    between: tuple[str, ...]
    kept: str  # a clause id, or `both`
    how: str  # earlier-of, union, intersection, stricter, specific
    because: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A whole policy. `sections` maps a section's name to its entries by name, in the order of the file.

    What is asked of it for each item or purpose is looked up once and kept.
    """

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

    @cached_property
    def rules(self) -> Mapping[str, Retention]:
        """The rule that says how long each item is kept; under `rest`, the rule for every other one."""
        found: dict[str, Retention] = {}
        rules = (one for one in self.of("retention").values() if isinstance(one, Retention))
        for rule in rules:
            for name in rule.of:
                found.setdefault(name, rule)
        return found

    @cached_property
    def served(self) -> Mapping[str, tuple[Recipient, ...]]:
        """Who receives something for each purpose."""
        found: dict[str, list[Recipient]] = defaultdict(list)
        everyone = (one for one in self.of("recipients").values() if isinstance(one, Recipient))
        for recipient in everyone:
            for purpose in recipient.for_:
                found[purpose].append(recipient)
        return {purpose: tuple(recipients) for purpose, recipients in found.items()}
