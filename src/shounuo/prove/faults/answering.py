"""Requests, deadlines, staff, the ledger and pledges: each without one of its controls."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from shounuo.core import calendar as days
from shounuo.core import request
from shounuo.core.calendar import Calendar, Due
from shounuo.core.policy import Item, Pledge, Policy, RefusalGround
from shounuo.core.request import Rule, State
from shounuo.duties import controls
from shounuo.errors import Invalid
from shounuo.prove.faults.fault import Bend, Fault, acts, control

# -- requests --------------------------------------------------------------------------------------


def _one_unread(policy: Policy, kind: str) -> frozenset[str]:
    """The mailbox nobody looks into."""
    return controls.channels(policy, kind) - {"email"}


def _unverified(rule: Rule, now: State, then: State) -> State:
    return then if (now, then) == (State.RECEIVED, State.UNDER_WAY) else request.move(rule, now, then)


def _any_ground(rule: Rule, ground: str | None, evidence: str | None) -> RefusalGround:
    try:
        return request.refusable(rule, ground, evidence)
    except Invalid as error:
        if error.code != "no-ground":
            raise
        return RefusalGround.OTHER_LAW


def _no_evidence(rule: Rule, ground: str | None, evidence: str | None) -> RefusalGround:
    return request.refusable(rule, ground, evidence or "none")


# -- deadlines -------------------------------------------------------------------------------------


def _plain_weeks(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    """Monday to Friday work, whatever the notices say."""
    nothing = frozenset[date]()
    years = tuple(
        replace(one, weekend_workdays=nothing, holidays_on_weekdays=nothing) for one in calendar.years
    )
    return request.due(rule, Calendar(years), received, verified)


def _a_day_late(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    found = request.due(rule, calendar, received, verified)
    return replace(found, at=found.at + timedelta(days=1))


def _firm(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    return replace(request.due(rule, calendar, received, verified), missing_years=())


def _anew(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    """Verifying who asks starts the clock anew."""
    return request.due(rule, calendar, verified or received, verified)


def _a_year_older(birth: date, on: date) -> int:
    return days.age_on(birth, on + timedelta(days=1))


# -- staff and the ledger --------------------------------------------------------------------------


def _any_role(policy: Policy, item: Item, role: str | None, need: str | None) -> bool:
    """Whoever works here may see everything, if there is a need."""
    return bool(need)


def _no_need(policy: Policy, item: Item, role: str | None, need: str | None) -> bool:
    return controls.entitled(policy, item, role, need or "none")


def _each(found: list[Any]) -> list[Any]:
    """No refusal was counted before."""
    return []


# -- pledges ---------------------------------------------------------------------------------------


def _on_confirming(
    calendar: Calendar, pledge: Pledge, start: datetime, confirmed: datetime | None
) -> datetime:
    """The rhythm starts with the first confirmation; before, nothing is due."""
    return controls.pledge_due(
        calendar, pledge, start + timedelta(days=36500) if confirmed is None else start, confirmed
    )


FAULTS: Sequence[Fault] = (
    Fault(
        "channel-unread",
        "what comes in by one of the channels is not taken in",
        control(channels=_one_unread),
    ),
    Fault(
        "verification-skipped",
        "a request is carried out before anyone knows who asks",
        control(move=_unverified),
    ),
    Fault("any-ground-refuses", "a request may be refused on any ground", control(refusable=_any_ground)),
    Fault(
        "evidence-optional", "a ground that needs evidence passes without", control(refusable=_no_evidence)
    ),
    Fault(
        "holidays-ignored", "working days are counted without the official notices", control(due=_plain_weeks)
    ),
    Fault("a-day-late", "deadlines end a day later than promised", control(due=_a_day_late)),
    Fault("provisional-unmarked", "a date that may still move is shown as firm", control(due=_firm)),
    Fault("verifying-restarts-clock", "verifying who asks starts the clock anew", control(due=_anew)),
    Fault(
        "never-reminded",
        "the owner of a request is not reminded of its day",
        acts(Bend(found={"requests_to_remind": _each})),
    ),
    Fault(
        "overdue-unnoted",
        "a request that is overdue is not marked",
        acts(Bend(found={"requests_overdue": _each})),
    ),
    Fault("a-day-too-young", "who comes of age tomorrow is taken in today", control(age_on=_a_year_older)),
    Fault("masks-off", "who should see a mask sees the value", control(masked=lambda mask, value: value)),
    Fault("any-role-sees", "a role nobody named sees values in clear", control(entitled=_any_role)),
    Fault("need-unasked", "staff see values in clear without saying why", control(entitled=_no_need)),
    Fault("reads-unlogged", "reading leaves no entry", acts(Bend(unnoted=frozenset({"read"})))),
    Fault("refusals-unlogged", "a refusal leaves no entry", acts(Bend(unnoted=frozenset({"refused"})))),
    Fault("refusals-flood", "every refusal of a flood is an entry", acts(Bend(found={"refusal": _each}))),
    Fault(
        "passage-unregistered",
        "what went out is not in the person's list",
        acts(Bend(unsaid=frozenset({"put_passage"}))),
    ),
    Fault("pledge-clock-stands", "the rhythm of a pledge does not start", control(pledge_due=_on_confirming)),
    Fault(
        "lapse-unnoted",
        "a pledge passes its day and nobody hears of it",
        acts(Bend(unsaid=frozenset({"put_lapse"}))),
    ),
)
