"""Answer the question before every use: may this be done with this person's information, now, and why.

1. The facts are read in one transaction; the rule is `core.decision`, asked through the controls.
2. What cannot be known is refused: no policy, no person, no purpose, a fault in reading.
3. Consent counts as the person's last answers stand; the moment is never before the last answer.
4. An item under a hold is locked for every purpose the hold does not open for.
5. What is known of a person is one value, and so is what holds for everybody, so that a gate may keep both until it is
   told that they have changed, or until the moment they change by time alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
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


@dataclass(frozen=True, slots=True)
class _Frame:
    number: int
    hash: str
    papers: list[str]
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What holds for everybody until `until`: the version in force and the papers on file, as `holder:paper`. (5)"""

    book: Rulebook
    papers: frozenset[str]
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one person under one version, whatever is intended, until `until`. (5)"""

    version: int
    until: datetime | None
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
        """The facts, for a moment at which these papers are in force."""
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
    refusals.note(
        parts, operator, person, what(intent), decision.reason.value, decision.clauses, decision.version
    )


def what(intent: Intent) -> str:
    """What was refused, as the record of refusals calls it."""
    return called(intent.message or intent.purpose)


def called(name: str) -> str:
    """A decision on a purpose or message, as the record of refusals calls it."""
    return f"decide:{name}"


def decide_in(parts: Parts, act: Act, person: UUID, intent: Intent) -> tuple[Rulebook | None, Decision]:
    """The answer within an act that goes on to do what was asked. (1)"""
    at = parts.clock.now()
    frame = frame_of(parts, act, at)
    if frame is None:
        return None, parts.controls.decide(None, intent, Facts(known=False))
    known = known_of(parts, act, frame.book, person, at)
    facts = known.facts(frame.papers) if known else Facts(known=False)
    return frame.book, parts.controls.decide(frame.book, intent, facts)


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
    barred, until = row.barred, None
    if barred is not None:
        today = at.astimezone(BEIJING)
        barred = people.still_barred(parts, act, book, person, barred, today.date())
        until = datetime.combine(today.date() + timedelta(days=1), time(), BEIJING)
    held, opens = _held(act, person)
    return Known(
        version=book.number, until=until, closed=row.closed_at is not None, frozen=row.frozen_at is not None, consents=book.fold(standing),
        states=book.states.intersection([*row.scenes, *(["verified-identity"] if row.verified_identity_at else [])]),
        shown=book.notices.intersection(row.shown), acknowledged=book.notices.intersection(row.acknowledged), held=held, hold_opens=opens,
        no_more=_no_more(act, person), barred=barred,
    )  # fmt: skip


def frame_of(parts: Parts, act: Act, at: datetime) -> Frame | None:
    """What holds for everybody at `at`; None when no policy is in force."""
    found = act.row(_Frame, sql.frame, operator=act.operator, at=at, papers_at=at)
    book = parts.policies.of(act, found.number, found.hash) if found else None
    if found is None or book is None:
        return None
    return Frame(book=book, papers=frozenset(found.papers), until=found.until)


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
