"""Answer the question before every use: may this be done with this person's information, now, and why.

1. The facts are read in one transaction; the rule is `core.decision`, asked through the controls.
2. What cannot be known is refused: no policy, no person, no purpose, a fault in reading.
3. Consent counts as the person's last answers stand; the moment is never before the last answer.
4. An item under a hold is locked for every purpose the hold does not open for.
5. What is known of a person is one value, so that a gate may keep it until it is told that it has changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core.calendar import BEIJING
from shounuo.core.consent import Answer, Consented
from shounuo.core.decision import Decision, Facts, Intent
from shounuo.core.policy import Form
from shounuo.core.rulebook import Rulebook
from shounuo.duties import people, refusals
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Refused
from shounuo.store.act import Act


@dataclass(frozen=True, slots=True)
class _Row:
    closed_at: datetime | None
    barred: str | None
    verified_identity_at: datetime | None
    frozen_at: datetime | None
    scenes: list[str]
    shown: list[str]
    acknowledged: list[str]


@dataclass(frozen=True, slots=True)
class _LastAnswer:
    item: str
    wording: str
    answer: str
    form: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _HoldOn:
    hold: UUID
    name: str
    items: list[str]
    ground: str
    opens_for: list[str]
    begins_at: datetime
    ends_at: datetime
    erases: bool


@dataclass(frozen=True, slots=True)
class _Silence:
    message: str
    channel: str
    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one person under one version, whatever is intended. (5)"""

    version: int
    closed: bool
    frozen: bool
    consents: int
    states: frozenset[str]
    shown: frozenset[str]
    acknowledged: frozenset[str]
    held: frozenset[str]
    hold_opens: frozenset[str]
    no_more: frozenset[str]
    barred: str | None

    def facts(self, papers: frozenset[str]) -> Facts:
        """The facts of an intent for whose recipient these papers are in force."""
        return Facts(
            known=True, closed=self.closed, frozen=self.frozen, consents=self.consents, states=self.states, shown=self.shown,
            acknowledged=self.acknowledged, held=self.held, hold_opens=self.hold_opens, papers=papers, no_more=self.no_more,
            barred=self.barred,
        )  # fmt: skip


def decide(parts: Parts, operator: UUID, person: UUID, intent: Intent) -> Decision:
    """The answer, with its reasons; a refusal is put on record."""
    with parts.store.act(operator) as act:
        decision = decide_in(parts, act, person, intent)[1]
    if not decision.allowed:
        note(parts, operator, person, intent, decision)
    return decision


def note(parts: Parts, operator: UUID, person: UUID, intent: Intent, decision: Decision) -> None:
    """Put a refusal on record."""
    what = f"decide:{intent.message or intent.purpose}"
    refusals.note(parts, operator, person, what, decision.reason.value, decision.clauses, decision.version)


def decide_in(parts: Parts, act: Act, person: UUID, intent: Intent) -> tuple[Rulebook | None, Decision]:
    """The answer within an act that goes on to do what was asked. (1)"""
    at = parts.clock.now()
    book = parts.policies.in_force(act, at)
    known = known_of(parts, act, book, person, at) if book else None
    facts = known.facts(papers_of(act, book, intent, at)) if known and book else Facts(known=False)
    return book, parts.controls.decide(book, intent, facts)


def demand(parts: Parts, act: Act, person: UUID, intent: Intent) -> tuple[Rulebook, Decision]:
    """As `decide_in`, but raise Refused when the answer is no."""
    book, decision = decide_in(parts, act, person, intent)
    if book is None or not decision.allowed:
        raise Refused(decision.reason.value, message(decision), decision.clauses)
    return book, decision


def message(decision: Decision) -> str:
    """A sentence for the caller; names only, never values."""
    if decision.allowed:
        return "allowed"
    at_fault = f": {', '.join(decision.at_fault)}" if decision.at_fault else ""
    return f"refused, {decision.reason.value}{at_fault}"


def known_of(parts: Parts, act: Act, book: Rulebook, person: UUID, at: datetime) -> Known | None:
    """What is known of `person` under `book`; None when there is no such person."""
    row = act.row(_Row, sql.person_facts, operator=act.operator, person=person)
    if row is None:
        return None
    standing = _standing(parts, act, book, person, at)
    barred = row.barred
    if barred is not None:
        barred = people.still_barred(parts, act, book, person, barred, at.astimezone(BEIJING).date())
    held, opens = _held(act, person)
    return Known(
        version=book.number, closed=row.closed_at is not None, frozen=row.frozen_at is not None, consents=book.fold(standing),
        states=frozenset(row.scenes) | ({"verified-identity"} if row.verified_identity_at else frozenset()),
        shown=frozenset(row.shown), acknowledged=frozenset(row.acknowledged), held=held, hold_opens=opens,
        no_more=_no_more(act, person), barred=barred,
    )  # fmt: skip


def papers_of(act: Act, book: Rulebook, intent: Intent, at: datetime) -> frozenset[str]:
    """The papers in force for the recipient of an intent and the doors of its act."""
    if intent.recipient is None:
        return frozenset()
    holders = [intent.recipient, *(door.name for door in book.doors.values() if door.act is intent.act)]
    return frozenset(act.rows(str, sql.papers_in_force, operator=act.operator, holders=holders, at=at))


def _standing(parts: Parts, act: Act, book: Rulebook, person: UUID, at: datetime) -> frozenset[str]:
    last: Collection[_LastAnswer] = act.rows(
        _LastAnswer, sql.last_answers, operator=act.operator, person=person
    )
    events = [
        Consented(item=o.item, wording=o.wording, answer=Answer(o.answer), form=Form(o.form), at=o.at)
        for o in last
    ]
    moment = max([at, *(event.at for event in events)])  # (3)
    return parts.controls.standing(events, moment, dict(book.forms))


def _held(act: Act, person: UUID) -> tuple[frozenset[str], frozenset[str]]:
    holds = act.rows(_HoldOn, sql.holds_on, operator=act.operator, person=person)  # (4)
    if not holds:
        return frozenset(), frozenset()
    opens = frozenset.intersection(*(frozenset(hold.opens_for) for hold in holds))
    return frozenset(item for hold in holds for item in hold.items), opens


def _no_more(act: Act, person: UUID) -> frozenset[str]:
    found = act.rows(_Silence, sql.silences, operator=act.operator, person=person)
    return frozenset(f"{one.message}:{one.channel}" for one in found if one.stopped)
