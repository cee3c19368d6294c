"""The gate lets something pass: one thing it asks for is taken as there, everything else is still asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from shounuo.core import decision
from shounuo.core.decision import Decision, Facts, Intent, Reason
from shounuo.core.rulebook import Rule, Rulebook
from shounuo.prove.faults.fault import Bend, Change, Fault, acts, both, control

Asked = tuple[Rulebook, Intent, Facts]
Otherwise = Callable[[Rulebook, Intent, Facts], Asked]


def _taken_as(otherwise: Otherwise, *reasons: Reason) -> Change:
    """Where the gate says no for one of these reasons, it is asked `otherwise`, and that answer stands."""

    def decide(book: Rulebook | None, intent: Intent, facts: Facts) -> Decision:
        found = decision.decide(book, intent, facts)
        if book is None or found.reason not in reasons:
            return found
        again = decision.decide(*otherwise(book, intent, facts))
        if not again.allowed:
            return again
        information = book.policy.of("information")
        masks = {name: getattr(information.get(name), "mask", "all") for name in sorted(intent.items)}
        return replace(again, masks=masks, register=again.register or intent.recipient is not None)

    return control(decide=decide)


def _facts(**changes: object) -> Otherwise:
    return lambda book, intent, facts: (book, intent, replace(facts, **changes))  # type: ignore[arg-type]


def _agreed(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    return book, intent, replace(facts, consents=sum(book.consents.values()))


def _seen(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    rules = (*book.purposes.values(), *book.recipients.values(), *book.doors.values())
    everything = frozenset(one for rule in rules for one in rule.shown)
    return book, intent, replace(facts, shown=everything, acknowledged=everything)


def _fitting_occasion(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    purpose, recipient = book.purposes.get(intent.purpose), book.recipients.get(intent.recipient or "")
    both_ways = [set(rule.when) for rule in (purpose, recipient) if rule is not None and rule.when]
    when = set.intersection(*both_ways) if both_ways else set()
    return book, replace(intent, occasion=min(when, default=None)), facts


def _ready(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    return (
        book,
        intent,
        replace(facts, states=frozenset(state for rule in book.purposes.values() for state in rule.states)),
    )


def _all_on_file(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    needed = [rule.papers for rule in book.recipients.values()] + [
        door.papers for door in book.doors.values()
    ]
    return book, intent, replace(facts, papers=frozenset[str]().union(*needed))


def _nothing_ruled_out(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    doors = {name: replace(door, never=frozenset()) for name, door in book.doors.items()}
    purposes = {name: replace(rule, never=frozenset()) for name, rule in book.purposes.items()}
    purposes.setdefault(intent.purpose, _anything(book, intent))
    if intent.recipient in book.recipients:  # whoever is declared may have it for that
        intent = replace(intent, recipient=None, act=None, region=None)
    return replace(book, doors=MappingProxyType(doors), purposes=MappingProxyType(purposes)), intent, facts


def _any_purpose(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    purposes = {**book.purposes, intent.purpose: _anything(book, intent)}
    return replace(book, purposes=MappingProxyType(purposes)), intent, facts


def _anything(book: Rulebook, intent: Intent) -> Rule:
    """A purpose nobody declared, for every item and asking nothing."""
    return Rule(
        entry=f"uses.{intent.purpose}",
        name=intent.purpose,
        clauses=(),
        items=sum(book.bits.values()),
        needs=0,
    )


def _only_needed(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """What the purpose does not need is not looked at."""
    needed = book.names(book.purposes[intent.purpose].items)
    return book, replace(intent, items=intent.items & frozenset(needed)), facts


def _only_listed(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """What the recipient or the door does not list is not looked at."""
    items = intent.items
    if (recipient := book.recipients.get(intent.recipient or "")) is not None:
        items &= frozenset(book.names(recipient.items))
        doors = [door for door in book.doors.values() if door.act is intent.act and recipient.name in door.to]
        for door in doors:
            items &= frozenset(book.names(door.items))
    if (rule := book.purposes.get(intent.purpose)) is not None:
        items &= frozenset(book.names(rule.items))
    return book, replace(intent, items=items), facts


def _open_door(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """A recipient who is declared needs no door of its own."""
    recipient = book.recipients.get(intent.recipient or "")
    if intent.case is not None or recipient is None:
        return book, intent, facts
    own = replace(recipient, own_door=True, country=book.home)
    recipients = MappingProxyType({**book.recipients, own.name: own})
    return replace(book, recipients=recipients), replace(intent, act=None, region=None), facts


def _any_case(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """Whatever ground is brought, doors that open on another open, whether or not its conditions hold."""
    if intent.case is None:
        return book, intent, facts
    doors = {
        name: replace(door, grounds=door.grounds | {intent.case.ground}, only_if=frozenset())
        if door.act is intent.act and door.grounds
        else door
        for name, door in book.doors.items()
    }
    case = replace(intent.case, reference=intent.case.reference or "none")
    if case.ground.form is not None:
        case = replace(
            case,
            ground=next(
                (g for d in doors.values() if d.act is intent.act for g in d.grounds if g.form is None),
                case.ground,
            ),
        )
    return replace(book, doors=MappingProxyType(doors)), replace(intent, case=case), facts


def _home(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """Abroad is not looked at."""
    return book, replace(intent, region=book.home), facts


def _known_recipient(book: Rulebook, intent: Intent, facts: Facts) -> Asked:
    """Nobody asks who the recipient is."""
    return book, replace(intent, recipient=None, act=None, region=None), facts


def _two_days_ago(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "papers_at": values["papers_at"] - timedelta(days=2)}


CONSENT = Fault(
    "consent-not-needed", "the gate does not look whether a yes stands", _taken_as(_agreed, Reason.NO_CONSENT)
)
UNSEEN = Fault(
    "notice-not-needed",
    "an act passes although what must be shown first was not",
    both(control(seen=lambda shown, notices: True), _taken_as(_seen, Reason.NOT_SHOWN)),
)
OCCASION = Fault(
    "occasion-ignored",
    "an act bound to an occasion passes at any time",
    _taken_as(_fitting_occasion, Reason.NO_OCCASION),
)
PURPOSE = Fault(
    "unknown-purpose-passes",
    "a purpose nobody declared may read everything",
    _taken_as(_any_purpose, Reason.NO_PURPOSE),
)
RULED_OUT = Fault(
    "ruled-out-passes",
    "a purpose ruled out for good is allowed",
    _taken_as(_nothing_ruled_out, Reason.RULED_OUT),
)
ITEMS = Fault(
    "wrong-items-pass",
    "a purpose is given items it does not need",
    _taken_as(_only_needed, Reason.NOT_NEEDED),
)
NEEDS = Fault(
    "sign-in-not-needed", "what must be there first is not asked for", _taken_as(_ready, Reason.NOT_THERE_YET)
)
MORE = Fault(
    "recipient-gets-more",
    "a recipient is given items the text does not list",
    _taken_as(_only_listed, Reason.NOT_FOR_RECIPIENT, Reason.NOT_NEEDED),
)
DOOR = Fault(
    "door-open-by-default",
    "what is declared to somebody leaves without a case",
    _taken_as(_open_door, Reason.NO_DOOR, Reason.NO_CASE),
)
CASE = Fault(
    "any-case-opens",
    "a door opens on a ground or condition the text does not name",
    _taken_as(_any_case, Reason.NO_CASE),
)
PAPERS = Fault(
    "papers-unchecked",
    "nobody looks whether the papers are on file",
    _taken_as(_all_on_file, Reason.NO_PAPERS),
)
EXPIRED = Fault(
    "expired-papers-hold",
    "a paper holds on after its end",
    acts(Bend(given={"frame": _two_days_ago})),
)
ABROAD = Fault(
    "abroad-unnoticed", "what goes abroad passes like what stays here", _taken_as(_home, Reason.ABROAD)
)
STRANGER = Fault(
    "stranger-receives",
    "a recipient nobody declared is not stopped",
    _taken_as(_known_recipient, Reason.NO_RECIPIENT),
)
HELD = Fault(
    "held-items-read",
    "what is locked for the law is read like anything else",
    _taken_as(_facts(held=frozenset()), Reason.HELD),
)
STOPPED = Fault(
    "stop-ignored",
    "who said no more is written to all the same",
    _taken_as(_facts(no_more=frozenset()), Reason.SAID_NO_MORE),
)
CLOSED = Fault(
    "closed-account-goes-on",
    "a closed account is used on",
    _taken_as(_facts(closed=False), Reason.ACCOUNT_CLOSED),
)
FROZEN = Fault(
    "frozen-account-goes-on",
    "a frozen account is used on",
    _taken_as(_facts(frozen=False), Reason.ACCOUNT_FROZEN),
)

FAULTS = (
    CONSENT, UNSEEN, OCCASION, PURPOSE, RULED_OUT, ITEMS, NEEDS, MORE, DOOR, CASE, PAPERS, EXPIRED, ABROAD,
    STRANGER, HELD, STOPPED, CLOSED, FROZEN,
)  # fmt: skip
