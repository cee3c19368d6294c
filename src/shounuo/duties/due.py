"""Do what falls due: the one place where time makes something happen.

1. Everything due is done in the order it fell due: locks that end, values whose time is up, reminders, overdue marks,
   pledges past their day, and at last the turning over of keys that makes erasure reach backups.
2. Work is done in small acts; a crash loses none and repeats none, for each act looks again at what is due.
3. A prover that moves the clock stops at every moment something falls due, so nothing is done late or out of order.
4. Keys turn over at a rhythm shorter than any term the policy gives for erasing. Erasures they have reached are
   answered, whoever turned them: a turn that a crash cut short is finished by the vault, which knows of no request.
5. A provisional deadline is computed anew once the notices it waited for are known, with a ledger entry.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shounuo.duties import answer, erase, once, papers
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict
from shounuo.store.act import Act

REMIND_AHEAD = timedelta(days=1)
TURN_EVERY = timedelta(hours=24)
_AT_ONCE = 200  # rows an act takes; small, so that nothing else waits long


@dataclass(frozen=True, slots=True)
class Due:
    """One request that calls for attention."""

    request: UUID
    number: str
    kind: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: UUID
    waits_for: list[UUID]


@dataclass(frozen=True, slots=True)
class _Ending:
    person: UUID
    hold: UUID
    name: str
    items: list[str]
    erases: bool


def run(parts: Parts, operator: UUID) -> None:
    """Do all that is due now. (1, 2)"""
    at = parts.clock.now()
    for work in (_holds, _expired, _announced, _reminders, _overdue):
        while work(parts, operator, at):
            pass
    _pledges(parts, operator, at)
    once.forget(parts, operator, at)
    _backups(parts, operator, at)


def moments(parts: Parts, operator: UUID, until: datetime) -> Iterator[datetime]:
    """The moments up to `until` at which something falls due, each computed when the one before is done. (3)"""
    after = parts.clock.now()
    while (moment := _next(parts, operator, after, until)) is not None:
        yield moment
        after = moment


def _next(parts: Parts, operator: UUID, after: datetime, until: datetime) -> datetime | None:
    span = {"operator": operator, "after": after, "until": until}
    with parts.store.act(operator) as act:
        found = [
            act.row(datetime, sql.next_effective, **span),
            act.row(datetime, sql.next_hold_end, **span),
            act.row(datetime, sql.next_request_moment, **span, ahead=REMIND_AHEAD),
            parts.vault.next_due(act, after, until),
        ]
        turned = parts.vault.turned_at(act)
        if (
            turned is not None
            and after < turned + TURN_EVERY <= until
            and erase.erased_since_turn(parts, act)
        ):
            found.append(turned + TURN_EVERY)
    with contextlib.suppress(Conflict):  # no policy in force yet, so nothing was pledged
        found += [one.due_at for one in papers.pledges(parts, operator) if after < one.due_at <= until]
    return min((moment for moment in found if moment is not None), default=None)


def _holds(parts: Parts, operator: UUID, at: datetime) -> int:
    with parts.store.act(operator) as act:
        ending = act.rows(_Ending, sql.holds_ending, operator=operator, at=at, most=_AT_ONCE)
        for one in ending:
            erase.release(parts, act, one.person, one.hold, one.items, erases=one.erases, at=at)
    return len(ending)


def _expired(parts: Parts, operator: UUID, at: datetime) -> int:
    with parts.store.act(operator) as act:
        return erase.expired(parts, act, at, _AT_ONCE)


def _announced(parts: Parts, operator: UUID, at: datetime) -> int:
    """Compute anew the deadlines whose missing years are known by now. (5)"""
    known = sorted(year.year for year in parts.calendar.years)
    with parts.store.act(operator) as act:
        found = act.rows(UUID, sql.requests_now_firm, operator=operator, known=known, most=_AT_ONCE)
        for request in found:
            answer.recompute(parts, act, request, at)
    return len(found)


def _reminders(parts: Parts, operator: UUID, at: datetime) -> int:
    return _mark(
        parts,
        operator,
        at,
        "reminded",
        lambda act: act.rows(
            Due, sql.requests_to_remind, operator=operator, before=at + REMIND_AHEAD, most=_AT_ONCE
        ),
        lambda act, one: act.do(sql.set_reminded, operator=operator, request=one.request, at=at),
    )


def _overdue(parts: Parts, operator: UUID, at: datetime) -> int:
    return _mark(
        parts,
        operator,
        at,
        "overdue",
        lambda act: act.rows(Due, sql.requests_overdue, operator=operator, at=at, most=_AT_ONCE),
        lambda act, one: act.do(sql.set_overdue, operator=operator, request=one.request, at=at),
    )


def _mark(
    parts: Parts,
    operator: UUID,
    at: datetime,
    kind: str,
    find: Callable[[Act], list[Due]],
    mark: Callable[[Act, Due], int],
) -> int:
    with parts.store.act(operator) as act:
        found = find(act)
        for one in found:
            mark(act, one)
            due = one.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")
            act.append(
                kind, at, {"request": str(one.request), "kind": one.kind, "owner": one.owner, "due": due}
            )
    return len(found)


def _pledges(parts: Parts, operator: UUID, at: datetime) -> None:
    try:
        late = [one for one in papers.pledges(parts, operator) if one.overdue]
    except Conflict:
        return
    with parts.store.act(operator) as act:
        for one in late:
            if act.do(sql.put_lapse, operator=operator, pledge=one.pledge, due_at=one.due_at, at=at):
                act.append(
                    "lapsed",
                    at,
                    {
                        "pledge": one.pledge,
                        "owner": one.owner,
                        "then": one.lapse,
                        "clauses": list(one.clauses),
                    },
                )


def _backups(parts: Parts, operator: UUID, at: datetime) -> None:
    """Turn keys over when erasures wait for it, and answer those it has reached. (4)"""
    with parts.store.act(operator) as act:
        turned = parts.vault.turned_at(act)
        due = turned is not None and at >= turned + TURN_EVERY and erase.erased_since_turn(parts, act)
    if due:
        parts.turning.turn(operator, parts.clock.now())
    _reached(parts, operator)


def turn_over(parts: Parts, operator: UUID) -> int:
    """Turn the operator's keys over now; return how many erasures backups can no longer undo."""
    parts.turning.turn(operator, parts.clock.now())
    return _reached(parts, operator)


def _reached(parts: Parts, operator: UUID) -> int:
    """Answer the erasures backups can no longer undo; return how many. (4)"""
    reached = 0
    while True:
        with parts.store.act(operator) as act:
            waiting = act.rows(_Waiting, sql.requests_waiting_for_backups, operator=operator, most=_AT_ONCE)
            out = [one.request for one in waiting if parts.vault.beyond_reach(operator, one.waits_for)]
            for request in out:
                answer.backups_turned(parts, act, request, parts.clock.now())
        reached += len(out)
        if not out:
            return reached
