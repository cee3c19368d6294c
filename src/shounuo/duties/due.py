"""Do what falls due: the one place where time makes something happen.

1. Everything due is done in the order it fell due: locks that end, values whose time is up, reminders, overdue marks,
   pledges past their day, and at last the turning over of keys that makes erasure reach backups.
2. Work is done in small acts; a crash loses none and repeats none, for each act looks again at what is due.
3. A prover that moves the clock stops at every moment something falls due, so nothing is done late or out of order.
4. Keys turn over at a rhythm shorter than any term the policy gives for erasing. Erasures they have reached are
   answered, whoever turned them: a turn that a crash cut short is finished by the vault, which knows of no request.
5. A provisional deadline is computed anew once the notices it waited for are known, with a ledger entry.
6. One person's damaged value keeps nobody else's promises waiting: what is done for that person is undone and noted
   (see `vault.damage`), the rest goes on, and it is tried again at the next run.
7. Several processes may run at once. Each takes what is due before it does it, and leaves alone what another has taken.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from shounuo.duties import answer, erase, follow, once, papers
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Tampered
from shounuo.store.act import Act
from shounuo.vault import damage
from shounuo.vault.shapes import Located

REMIND_AHEAD = timedelta(days=1)
TURN_EVERY = timedelta(hours=24)
_AT_ONCE = 200  # rows an act takes; small, so that nothing else waits long
_FIRST, _NOBODY = datetime(1, 1, 2, tzinfo=UTC), UUID(int=0)  # before all there is


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
    person: UUID | None
    waits_for: list[UUID]


@dataclass(frozen=True, slots=True)
class _Firm:
    request: UUID
    person: UUID | None


@dataclass(frozen=True, slots=True)
class _Ending:
    person: UUID
    hold: UUID
    name: str
    items: list[str]
    erases: bool
    ends_at: datetime


def run(parts: Parts, operator: UUID) -> None:
    """Do all that is due now. (1, 2)"""
    at = parts.clock.now()
    for work in (_holds, _expired, _announced):
        work(parts, operator, at)
    for mark in (_reminders, _overdue):
        while mark(parts, operator, at):
            pass
    _pledges(parts, operator, at)
    once.forget(parts, operator, at)
    follow.prune(parts, operator)
    _mended(parts, operator, at)
    _backups(parts, operator, at)


def moments(parts: Parts, operator: UUID, until: datetime) -> Iterator[datetime]:
    """The moments up to `until` at which something falls due, each computed when the one before is done. (3)"""
    after = parts.clock.now()
    while (moment := _next(parts, operator, after, until)) is not None:
        yield moment
        after = moment


def damages(parts: Parts, operator: UUID, most: int = 200) -> list[damage.Damage]:
    """Whose information does not open, the longest known first: the officer's to look into. (6)"""
    with parts.store.act(operator) as act:
        return damage.noted(act, most)


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


def _tried(
    parts: Parts, act: Act, person: UUID | None, where: str, at: datetime, do: Callable[[], None]
) -> bool:
    """Do what is one person's; undo it and note that, where something of theirs is damaged. (6)"""
    try:
        with act.attempt():
            do()
    except Tampered:
        if person is None:
            raise
        damage.note(act, parts.vault.keys, person, where, at)
        return False
    return True


def _holds(parts: Parts, operator: UUID, at: datetime) -> None:
    after = _FIRST, _NOBODY
    while True:
        with parts.store.act(operator) as act:
            found = act.rows(
                _Ending,
                sql.holds_ending,
                operator=operator,
                at=at,
                after_end=after[0],
                after=after[1],
                most=_AT_ONCE,
            )
            free = set(parts.vault.hold_free(act, {one.person for one in found}))  # (7)
            for one in found:
                if one.person in free:
                    end = partial(
                        erase.release, parts, act, one.person, one.hold, one.items, erases=one.erases, at=at
                    )
                    _tried(parts, act, one.person, "released", at, end)
        if not found:
            return
        after = found[-1].ends_at, found[-1].hold


def _expired(parts: Parts, operator: UUID, at: datetime) -> None:
    after: Located | None = None
    while True:
        with parts.store.act(operator) as act:
            found = parts.vault.due(act, at, _AT_ONCE, after)
            for person in parts.vault.hold_free(act, {one.person for one in found}):  # (7)
                _tried(parts, act, person, "expired", at, partial(erase.expire, parts, act, person, at))
        if not found:
            return
        after = found[-1]


def _announced(parts: Parts, operator: UUID, at: datetime) -> None:
    """Compute anew the deadlines whose missing years are known by now. (5)"""
    known, after = sorted(year.year for year in parts.calendar.years), _NOBODY
    while True:
        with parts.store.act(operator) as act:
            found = act.rows(
                _Firm, sql.requests_now_firm, operator=operator, known=known, after=after, most=_AT_ONCE
            )
            for one in found:
                anew = partial(answer.recompute, parts, act, one.request, at)
                _tried(parts, act, one.person, "deadline", at, anew)
        if not found:
            return
        after = found[-1].request


def _mended(parts: Parts, operator: UUID, at: datetime) -> None:
    """Take off the list of damage whoever's information opens again, or is gone. (6)"""
    with parts.store.act(operator) as act:
        for one in damage.noted(act, _AT_ONCE):
            if parts.vault.hold_free(act, [one.person]) and parts.vault.opens(act, one.person):
                damage.mended(act, parts.vault.keys, one, at)


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
    reached, after = 0, _NOBODY
    while True:
        with parts.store.act(operator) as act:
            waiting = act.rows(
                _Waiting, sql.requests_waiting_for_backups, operator=operator, after=after, most=_AT_ONCE
            )
            for one in waiting:
                if parts.vault.beyond_reach(operator, one.waits_for):
                    out = partial(answer.backups_turned, parts, act, one.request, parts.clock.now())
                    reached += _tried(parts, act, one.person, "answered", parts.clock.now(), out)
        if not waiting:
            return reached
        after = waiting[-1].request
