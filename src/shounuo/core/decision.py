"""Decide whether one use of one person's information may happen now.

The rules are asked in this order, and the first that fails is the answer:

 1. A policy is in force: people were told first. (PIPL 17)
 2. The person is known here and the account is open, neither closed nor frozen.
 3. The purpose stands in that policy; it is not one the policy rules out for good. (PIPL 6)
 4. The purpose needs every item asked for, and every item is declared. (PIPL 6)
 5. The occasion the purpose is bound to is going on.
 6. The person is old enough, or a guardian answers. (PIPL 31)
 7. What must be there first (a sign-in, a verified identity) is there.
 8. What must be shown first was shown, in its present words. (PIPL 17)
 9. Every consent the purpose rests on stands for its present wording. (PIPL 13-15, 29)
10. The recipient, if there is one, is declared, for this purpose, on this occasion, with these items and papers.
11. What goes out goes through a door: an act, a ground that opens it, its papers, its conditions, no more items
    than it carries; abroad only through a door that leads abroad. (PIPL 21, 23, 25, 38-39)
12. What is held for the law is read for nothing but what the hold opens for.
13. Nobody is written to on a channel where they said no more.

Nothing here reads a clock, a database or a setting. The caller brings the facts and the moment, so a past decision
can be made again and comes out the same. What is unknown is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from shounuo.core.policy import Act, Ground, Message
from shounuo.core.rulebook import CONSENTING, DoorRule, RecipientRule, Rule, Rulebook


class Reason(StrEnum):  # Values are written to the ledger and sent to callers: add, never rename.
    ALLOWED = "allowed"
    NO_POLICY = "no-policy"
    NO_PERSON = "no-person"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_FROZEN = "account-frozen"
    NO_PURPOSE = "no-purpose"
    RULED_OUT = "ruled-out"
    NOT_DECLARED = "not-declared"
    NOT_NEEDED = "not-needed"
    NO_OCCASION = "no-occasion"
    TOO_YOUNG = "too-young"
    NOT_THERE_YET = "not-there-yet"
    NOT_SHOWN = "not-shown"
    NO_CONSENT = "no-consent"
    NO_RECIPIENT = "no-recipient"
    NOT_FOR_RECIPIENT = "not-for-recipient"
    NO_DOOR = "no-door"
    NO_CASE = "no-case"
    NO_PAPERS = "no-papers"
    ABROAD = "abroad"
    HELD = "held"
    SAID_NO_MORE = "said-no-more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is brought to open a door: the ground, the conditions that hold, who approved it."""

    ground: Ground
    states: frozenset[str] = frozenset()
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One intended use: why, which items, for whom, on which occasion, through which door."""

    purpose: str
    items: frozenset[str] = frozenset()
    recipient: str | None = None
    act: Act | None = None
    occasion: str | None = None
    case: Case | None = None
    region: str | None = None
    channel: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the person at the moment. `consents` is folded by the same Rulebook."""

    known: bool
    closed: bool = False
    frozen: bool = False
    consents: int = 0
    states: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    acknowledged: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    hold_opens: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()  # papers in force for the recipient or door of the intent
    no_more: frozenset[str] = frozenset()  # "message:channel"
    barred: str | None = None  # the minors entry that bars this person, if any


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and what it takes to explain it. `at_fault` names what was lacking or too much."""

    reason: Reason
    version: int
    clauses: tuple[str, ...] = ()
    at_fault: tuple[str, ...] = ()
    masks: dict[str, str] = field(default_factory=dict)
    register: bool = False

    @property
    def allowed(self) -> bool:
        return self.reason is Reason.ALLOWED

    def __bool__(self) -> bool:
        return self.allowed


def decide(book: Rulebook | None, intent: Intent, facts: Facts) -> Decision:
    """Answer `intent` from the facts given. What is not allowed is refused, never raised."""
    if book is None:  # (1)
        return Decision(reason=Reason.NO_POLICY, version=0)

    def no(reason: Reason, rule: Rule | None = None, at_fault: Collection[str] = ()) -> Decision:
        return Decision(
            reason=reason, version=book.number, clauses=rule.clauses if rule else (), at_fault=tuple(sorted(at_fault))
        )

    if not facts.known:  # (2)
        return no(Reason.NO_PERSON)
    if facts.closed and not intent.case:
        return no(Reason.ACCOUNT_CLOSED)
    if facts.frozen and not intent.case:
        return no(Reason.ACCOUNT_FROZEN)
    if intent.message is not None:
        return _message(book, intent, facts)
    if ruled_out := [door for door in book.doors.values() if intent.purpose in door.never]:  # (3)
        return no(Reason.RULED_OUT, ruled_out[0], [intent.purpose])
    rule = book.purposes.get(intent.purpose)
    if rule is None:
        return no(Reason.NO_PURPOSE, None, [intent.purpose])
    wanted = book.mask(intent.items)
    if wanted is None:  # (4)
        return no(Reason.NOT_DECLARED, rule, intent.items - book.bits.keys())
    if extra := wanted & ~rule.items:
        return no(Reason.NOT_NEEDED, rule, book.names(extra))
    if rule.when and intent.occasion not in rule.when:  # (5)
        return no(Reason.NO_OCCASION, rule, rule.when)
    if facts.barred is not None and (rule.collects or rule.serves):  # (6)
        return no(Reason.TOO_YOUNG, None, [facts.barred])
    if missing := rule.states - facts.states:  # (7)
        return no(Reason.NOT_THERE_YET, rule, missing)
    if rule.shown and not rule.shown & (facts.acknowledged if rule.acknowledged else facts.shown):  # (8)
        return no(Reason.NOT_SHOWN, rule, [rule.entry])
    if lacking := rule.needs & ~facts.consents:  # (9)
        return no(Reason.NO_CONSENT, rule, _wordings(book, lacking))
    if facts.held & intent.items and not (intent.case and intent.case.ground.value in facts.hold_opens):  # (12)
        return no(Reason.HELD, rule, facts.held & intent.items)
    opened: Rule | None = None
    if intent.recipient is not None or intent.act is not None:
        outcome = _outflow(book, intent, facts, wanted)  # (10, 11)
        if isinstance(outcome, Decision):
            return outcome
        opened = outcome
    masks = {name: getattr(book.policy.of("information")[name], "mask", "all") for name in sorted(intent.items)}
    clauses = tuple(dict.fromkeys(rule.clauses + (opened.clauses if opened else ())))
    return Decision(reason=Reason.ALLOWED, version=book.number, clauses=clauses, masks=masks, register=opened is not None)


def _wordings(book: Rulebook, mask: int) -> list[str]:
    bits = {number: name for name, number in book.wordings.items()}
    return [bits[number] for number, bit in book.consents.items() if bit & mask]


def _message(book: Rulebook, intent: Intent, facts: Facts) -> Decision:
    """Whether a message may be sent on a channel. (13)"""
    entry = book.policy.of("messages").get(intent.message or "")
    if not isinstance(entry, Message):
        return Decision(reason=Reason.NO_PURPOSE, version=book.number, at_fault=(intent.message or "",))

    def no(reason: Reason, at_fault: Collection[str] = ()) -> Decision:
        return Decision(reason=reason, version=book.number, clauses=entry.keeps, at_fault=tuple(sorted(at_fault)))

    if intent.channel not in entry.channels:
        return no(Reason.NOT_DECLARED, [intent.channel or ""])
    asked = [name for name, item in book.policy.of("consent").items() if entry.name in getattr(item, "covers", ())]
    needs = sum(book.consents[book.wordings[name]] for name in {*entry.asks, *asked})
    if lacking := needs & ~facts.consents:
        return no(Reason.NO_CONSENT, _wordings(book, lacking))
    if f"{entry.name}:{intent.channel}" in facts.no_more:
        return no(Reason.SAID_NO_MORE, [intent.channel])
    return Decision(reason=Reason.ALLOWED, version=book.number, clauses=entry.keeps)


def _outflow(book: Rulebook, intent: Intent, facts: Facts, wanted: int) -> Rule | Decision:
    """The rule that lets it out, or the refusal."""

    def no(reason: Reason, rule: Rule | None = None, at_fault: Collection[str] = ()) -> Decision:
        return Decision(reason=reason, version=book.number, clauses=rule.clauses if rule else (), at_fault=tuple(sorted(at_fault)))

    recipient = book.recipients.get(intent.recipient or "")
    if recipient is None:  # (10)
        return no(Reason.NO_RECIPIENT, None, [intent.recipient or ""])
    if recipient.purposes and intent.purpose not in recipient.purposes:
        return no(Reason.NOT_FOR_RECIPIENT, recipient, [intent.purpose])
    if extra := wanted & ~recipient.items:
        return no(Reason.NOT_FOR_RECIPIENT, recipient, book.names(extra))
    if recipient.when and intent.occasion not in recipient.when:
        return no(Reason.NO_OCCASION, recipient, recipient.when)
    if recipient.shown and not recipient.shown & facts.shown:
        return no(Reason.NOT_SHOWN, recipient, [recipient.entry])
    if lacking := recipient.needs & ~facts.consents:
        return no(Reason.NO_CONSENT, recipient, _wordings(book, lacking))
    if missing := recipient.papers - facts.papers:
        return no(Reason.NO_PAPERS, recipient, missing)
    abroad = (intent.region or recipient.country) != book.home
    if recipient.own_door and intent.act is None and not abroad:
        return recipient
    return _through(book, intent, facts, wanted, recipient, abroad=abroad)


def _through(
    book: Rulebook, intent: Intent, facts: Facts, wanted: int, recipient: RecipientRule, *, abroad: bool
) -> Rule | Decision:
    """The first door that opens, or why none does. (11)"""

    def no(reason: Reason, rule: Rule | None = None, at_fault: Collection[str] = ()) -> Decision:
        return Decision(reason=reason, version=book.number, clauses=rule.clauses if rule else (), at_fault=tuple(sorted(at_fault)))

    if intent.act is None:
        return no(Reason.NO_DOOR, recipient)
    if abroad and intent.act is not Act.ABROAD:
        return no(Reason.ABROAD, recipient, [intent.region or recipient.country])
    doors = [
        door
        for door in book.doors.values()
        if door.act is intent.act and door.grounds and (not door.to or recipient.name in door.to)
        and (not door.purposes or intent.purpose in door.purposes)
    ]  # fmt: skip
    if not doors:
        return no(Reason.NO_DOOR, recipient, [intent.act.value])
    fitting = [door for door in doors if intent.case is not None and intent.case.ground in door.grounds]
    if intent.case is None or not fitting:
        return no(Reason.NO_CASE, doors[0], {ground.value for door in doors for ground in door.grounds})
    refusals: list[Decision] = []
    for door in fitting:
        why = _shut(book, door, intent, intent.case, facts, wanted)
        if why is None:
            return door
        refusals.append(no(why[0], door, why[1]))
    return refusals[0]


def _shut(
    book: Rulebook, door: DoorRule, intent: Intent, case: Case, facts: Facts, wanted: int
) -> tuple[Reason, Collection[str]] | None:
    """Why a door with the right ground stays shut, or None when it opens."""
    if case.ground in CONSENTING and (not door.needs or door.needs & ~facts.consents):
        return Reason.NO_CONSENT, door.asks or [door.name]
    if case.ground not in CONSENTING and not case.reference:
        return Reason.NO_CASE, ["reference"]
    if missing := door.only_if - case.states:
        return Reason.NO_CASE, missing
    if extra := wanted & ~door.items:
        return Reason.NOT_NEEDED, book.names(extra)
    if missing := door.papers - facts.papers:
        return Reason.NO_PAPERS, missing
    if door.shown and not door.shown & facts.shown:
        return Reason.NOT_SHOWN, [door.entry]
    return None
