"""Decide whether one use of one person's information may happen now.

The rules are asked in this order, and the first that fails is the answer:

 1. A policy is in force: people were told first. (PIPL 17)
 2. The person is known here and the account is open. One that is closed or frozen serves nothing but a
    purpose that a law carries, in a case of the law that is on file.
 3. The purpose stands in that policy; it is not one the policy rules out for good. (PIPL 6)
 4. The purpose needs every item asked for, and every item is declared. (PIPL 6)
 5. The occasion the purpose is bound to is going on.
 6. The person is old enough, or a guardian has said yes to this; what a law carries asks no age. (PIPL 31)
 7. What must be there first (a sign-in, a verified identity) is there.
 8. What must be shown first was shown, in its present words, and acknowledged where it must be. (PIPL 17)
 9. Every consent the purpose rests on stands for its present wording. (PIPL 13-15, 29)
10. What is held for the law is read for nothing but what the hold opens for, in a case that is on file.
11. The recipient, if there is one, is declared, for this purpose, on this occasion, with these items,
    notices, consents and papers. One named for no purpose receives nothing.
12. What goes out goes through a door: an act, a ground that opens it for this recipient, a case on file or a
    consent in the form the ground asks, its papers, its conditions, no more items than it carries. Abroad is
    where the recipient sits or the information goes, and only a door that leads abroad leads there. (PIPL 21,
    23, 25, 38-39)
13. A message carries nothing but itself, on a channel of its own, to who agreed and did not say no more; who
    is too young is told what must be told, and nothing else.

Nothing here reads a clock, a database or a setting. The caller brings the facts and the moment, so a past
decision can be made again and comes out the same. What is unknown is refused.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from shounuo.core.policy import Act, Ground, Minors
from shounuo.core.rulebook import DoorRule, RecipientRule, Rule, Rulebook


class Reason(StrEnum):  # Values are written to the ledger and sent to callers: add, never rename.
    """Why the gate says yes or no."""

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
    """What is brought to open a door: the ground, the conditions that hold, where it is on file."""

    ground: Ground
    states: frozenset[str] = frozenset()
    reference: str | None = None

    @property
    def on_file(self) -> bool:
        """Whether somebody can look it up."""
        return bool((self.reference or "").strip())


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
    papers: frozenset[str] = (
        frozenset()
    )  # in force for the recipient or a door of the intent, as `holder:paper`
    no_more: frozenset[str] = frozenset()  # "message:channel"
    barred: str | None = None  # the minors entry that bars this person, if any


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and what it takes to explain it. `at_fault` names what was lacking or too much."""

    reason: Reason
    version: int
    clauses: tuple[str, ...] = ()
    at_fault: tuple[str, ...] = ()
    masks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    register: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may happen."""
        return self.reason is Reason.ALLOWED

    def __bool__(self) -> bool:
        return self.allowed


def decide(book: Rulebook | None, intent: Intent, facts: Facts) -> Decision:
    """Answer `intent` from the facts given. What is not allowed is refused, never raised."""
    if book is None:  # (1)
        return Decision(reason=Reason.NO_POLICY, version=0)
    if not facts.known:  # (2)
        return _no(book, Reason.NO_PERSON)
    shut = Reason.ACCOUNT_CLOSED if facts.closed else Reason.ACCOUNT_FROZEN if facts.frozen else None
    by_law = intent.case is not None and intent.case.ground.by_law and intent.case.on_file
    if shut and (not by_law or intent.message is not None):
        return _no(book, shut)
    if intent.message is not None:
        return _message(book, intent, facts)
    ruling = book.ruling.get(intent.purpose, ())  # (3)
    rule = book.purposes.get(intent.purpose)
    if rule is None:
        unknown = Reason.RULED_OUT if ruling else Reason.NO_PURPOSE
        return _no(book, unknown, *ruling[:1], at_fault=[intent.purpose])
    if shut and not rule.by_law:  # (2)
        return _no(book, shut, rule)
    if ruled := [one for one in ruling if one.items & rule.items]:  # (3)
        return _no(book, Reason.RULED_OUT, ruled[0], at_fault=[intent.purpose])
    wanted = book.mask(intent.items)
    if wanted is None:  # (4)
        return _no(book, Reason.NOT_DECLARED, rule, at_fault=intent.items - book.bits.keys())
    if extra := wanted & ~rule.items:
        return _no(book, Reason.NOT_NEEDED, rule, at_fault=book.names(extra))
    if rule.when and intent.occasion not in rule.when:  # (5)
        return _no(book, Reason.NO_OCCASION, rule, at_fault=rule.when)
    if (rule.collects or not rule.by_law) and _too_young(book, rule, facts):  # (6)
        return _barred(book, facts)
    if missing := rule.states - facts.states:  # (7)
        return _no(book, Reason.NOT_THERE_YET, rule, at_fault=missing)
    if _unseen(rule, facts):  # (8)
        return _no(book, Reason.NOT_SHOWN, rule, at_fault=[rule.entry])
    if lacking := rule.needs & ~facts.consents:  # (9)
        return _no(book, Reason.NO_CONSENT, rule, at_fault=_items(book, lacking))
    if (held := facts.held & intent.items) and not _opens_hold(rule, intent.case, facts):  # (10)
        return _no(book, Reason.HELD, rule, at_fault=held)
    opened: Rule | None = None
    if intent.recipient is not None or intent.act is not None:
        outcome = _outflow(book, intent, facts, wanted)  # (11, 12)
        if isinstance(outcome, Decision):
            return outcome
        opened = outcome
    information = book.policy.of("information")
    return Decision(
        reason=Reason.ALLOWED,
        version=book.number,
        clauses=tuple(dict.fromkeys(rule.clauses + (opened.clauses if opened else ()))),
        masks=MappingProxyType(
            {name: getattr(information[name], "mask", "all") for name in sorted(intent.items)}
        ),
        register=opened is not None,
    )


def _no(
    book: Rulebook, reason: Reason, rule: Rule | None = None, *, at_fault: Collection[str] = ()
) -> Decision:
    clauses = rule.clauses if rule else ()
    return Decision(reason=reason, version=book.number, clauses=clauses, at_fault=tuple(sorted(at_fault)))


def _items(book: Rulebook, mask: int) -> list[str]:
    """The names of the consent items whose bits stand in `mask`."""
    return [name for name, number in book.wordings.items() if book.consents[number] & mask]


def _unseen(rule: Rule, facts: Facts) -> bool:
    """Whether what must be shown first was not. (8)"""
    return bool(rule.shown) and not rule.shown & (facts.acknowledged if rule.acknowledged else facts.shown)


def _too_young(book: Rulebook, rule: Rule, facts: Facts) -> bool:
    """Whether the person is, and no guardian's yes stands: for this, or any where none is for this. (6)"""
    if facts.barred is None:
        return False
    entry = book.policy.of("minors").get(facts.barred)
    guarded = not rule.guardian & ~facts.consents if rule.guardian else bool(book.guardians & facts.consents)
    return not guarded or not isinstance(entry, Minors) or entry.rule != "guardian-consent"


def _barred(book: Rulebook, facts: Facts) -> Decision:
    name = facts.barred or ""
    entry = book.policy.of("minors").get(name)
    clauses = entry.keeps if entry else ()
    return Decision(reason=Reason.TOO_YOUNG, version=book.number, clauses=clauses, at_fault=(name,))


def _opens_hold(rule: Rule, case: Case | None, facts: Facts) -> bool:
    """Whether a hold opens for this case; a case of the law opens it for purposes of the law alone. (10)"""
    if case is None or not case.on_file or case.ground.value not in facts.hold_opens:
        return False
    return rule.by_law or not case.ground.by_law


def _message(book: Rulebook, intent: Intent, facts: Facts) -> Decision:
    """Whether a message may be sent on a channel. (13)"""
    rule = book.messages.get(intent.message or "")
    if rule is None:
        return _no(book, Reason.NO_PURPOSE, at_fault=[intent.message or ""])
    carried = {"items": intent.items, "recipient": intent.recipient, "act": intent.act, "case": intent.case}
    if more := [name for name, value in carried.items() if value]:
        return _no(book, Reason.NOT_NEEDED, rule, at_fault=more)
    channel = intent.channel or ""
    if channel not in rule.channels:
        return _no(book, Reason.NOT_DECLARED, rule, at_fault=[channel])
    if not rule.service and _too_young(book, rule, facts):
        return _barred(book, facts)
    if _unseen(rule, facts):
        return _no(book, Reason.NOT_SHOWN, rule, at_fault=[rule.entry])
    if lacking := rule.needs & ~facts.consents:
        return _no(book, Reason.NO_CONSENT, rule, at_fault=_items(book, lacking))
    if f"{rule.name}:{channel}" in facts.no_more:
        return _no(book, Reason.SAID_NO_MORE, rule, at_fault=[channel])
    return Decision(reason=Reason.ALLOWED, version=book.number, clauses=rule.clauses)


def _outflow(book: Rulebook, intent: Intent, facts: Facts, wanted: int) -> Rule | Decision:
    """The rule that lets it out, or the refusal."""
    recipient = book.recipients.get(intent.recipient or "")
    if recipient is None:  # (11)
        return _no(book, Reason.NO_RECIPIENT, at_fault=[intent.recipient or ""])
    if intent.purpose not in recipient.purposes:
        return _no(book, Reason.NOT_FOR_RECIPIENT, recipient, at_fault=[intent.purpose])
    if extra := wanted & ~recipient.items:
        return _no(book, Reason.NOT_FOR_RECIPIENT, recipient, at_fault=book.names(extra))
    if recipient.when and intent.occasion not in recipient.when:
        return _no(book, Reason.NO_OCCASION, recipient, at_fault=recipient.when)
    if _unseen(recipient, facts):
        return _no(book, Reason.NOT_SHOWN, recipient, at_fault=[recipient.entry])
    if lacking := (recipient.needs | _guardian(recipient, facts)) & ~facts.consents:
        return _no(book, Reason.NO_CONSENT, recipient, at_fault=_items(book, lacking))
    if missing := recipient.papers - facts.papers:
        return _no(book, Reason.NO_PAPERS, recipient, at_fault=missing)
    regions = {recipient.country, intent.region or recipient.country} - {book.home}
    if recipient.own_door and intent.act is None and not regions:
        return recipient
    return _through(book, intent, facts, wanted, recipient, regions)


def _guardian(rule: Rule, facts: Facts) -> int:
    """The guardian's consents that must stand for someone who is too young. (6)"""
    return rule.guardian if facts.barred is not None else 0


def _through(
    book: Rulebook,
    intent: Intent,
    facts: Facts,
    wanted: int,
    recipient: RecipientRule,
    abroad: Collection[str],
) -> Rule | Decision:
    """The first door that opens, or why none does. (12)"""
    if intent.act is None:
        return _no(book, Reason.NO_DOOR, recipient)
    if abroad and intent.act is not Act.ABROAD:
        return _no(book, Reason.ABROAD, recipient, at_fault=abroad)
    doors = [
        door
        for door in book.doors.values()
        if door.act is intent.act
        and door.grounds
        and recipient.name in door.to
        and (not door.purposes or intent.purpose in door.purposes)
    ]
    if not doors:
        return _no(book, Reason.NO_DOOR, recipient, at_fault=[intent.act.value])
    fitting = [door for door in doors if intent.case is not None and intent.case.ground in door.grounds]
    if intent.case is None or not fitting:
        return _no(book, Reason.NO_CASE, doors[0], at_fault={g.value for door in doors for g in door.grounds})
    refusals: list[Decision] = []
    for door in fitting:
        why = _shut(book, door, intent.case, facts, wanted)
        if why is None:
            return door
        refusals.append(_no(book, why[0], door, at_fault=why[1]))
    return refusals[0]


def _shut(
    book: Rulebook, door: DoorRule, case: Case, facts: Facts, wanted: int
) -> tuple[Reason, Collection[str]] | None:
    """Why a door with the right ground stays shut, or None when it opens."""
    form = case.ground.form
    if form is not None and (not door.forms or min(one.rank for one in door.forms) < form.rank):
        return Reason.NO_CONSENT, door.asks or [door.name]
    rests_on_yes = form is not None or not any(ground.form for ground in door.grounds)
    if rests_on_yes and (lacking := (door.needs | _guardian(door, facts)) & ~facts.consents):
        return Reason.NO_CONSENT, _items(book, lacking)
    if form is None and not case.on_file:
        return Reason.NO_CASE, ["reference"]
    if missing := door.only_if - case.states:
        return Reason.NO_CASE, missing
    if extra := wanted & ~door.items:
        return Reason.NOT_NEEDED, book.names(extra)
    if missing := door.papers - facts.papers:
        return Reason.NO_PAPERS, missing
    if _unseen(door, facts):
        return Reason.NOT_SHOWN, [door.entry]
    return None
