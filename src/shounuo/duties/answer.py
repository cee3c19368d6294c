"""Answer what people ask: take it in, know who asks, carry it out, reply in time.

1. Every channel ends in one queue: a request has a number, a channel, its arrival, an owner and a due date.
2. Where the policy asks for it, who asks is verified before anything is carried out; the clock may start there.
3. A request is carried out step by step; a step and its result are one transaction, so a crash repeats nothing.
4. A refusal needs a listed ground, with evidence on record where the ground needs it; the person is told the ground
   and where to turn. (PIPL 50)
5. An erasure is answered when it is unreadable here and in backups, never before; asked for again, or refused, it is
   not: it is done. What was erased earlier waits as long as backups may hold it.
6. Copies are made when they are fetched, from what stands then; no package is stored. A closed or frozen account hands
   none out.
7. A deadline that reaches into a year not announced is provisional wherever it is shown.
8. A right that holds only in named states (a cancelled order) asks for the state; what never became a transaction is
   not held for the law on transactions.
9. A request that was taken in is carried through, even when a later version takes in no more of its kind.
10. What the policy tells of a right before it is confirmed was shown to who asks, and acknowledged where it says so.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shounuo.core.calendar import Due
from shounuo.core.policy import Contact, Entry, Right
from shounuo.core.request import Rule, State
from shounuo.core.rulebook import Rulebook
from shounuo.duties import erase, once
from shounuo.duties.agree import in_force, must_know
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Invalid, NotFound, Refused
from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.vault.shapes import Values

ERASING = frozenset({"delete", "delete-order", "close", "guardian-delete"})
READING = frozenset({"access", "copy"})


@dataclass(frozen=True, slots=True)
class _Account:
    closed_at: datetime | None
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it stands."""

    request: UUID
    number: str
    person: UUID | None
    kind: str
    channel: str
    items: list[str]
    record: UUID | None
    condition: str | None
    state: str
    owner: str
    received_at: datetime
    verified_at: datetime | None
    due_at: datetime
    usual_at: datetime | None
    missing_years: list[int]
    ground: str | None
    delay_reason: str | None
    reminded_at: datetime | None
    overdue_at: datetime | None
    waits_for: list[UUID]
    unreadable_here_at: datetime | None
    unreadable_in_backups_at: datetime | None
    told: dict[str, object] | None
    closed_at: datetime | None

    @property
    def provisional(self) -> bool:
        """Whether a notice still to come may move the due date. (7)"""
        return bool(self.missing_years)


def take_in(
    parts: Parts, operator: UUID, kind: str, channel: str, *, person: UUID | None = None, items: Collection[str] = (),
    record: UUID | None = None, condition: str | None = None,
) -> Asked:  # fmt: skip
    """Take a request in. Raises Refused where the policy takes in no such request or names no such channel. (1)

    `condition` is the state of the thing asked about (an order that was cancelled), where the policy asks for one. (8)
    """
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        rule = parts.controls.rule_for(book.policy, kind)
        if channel not in parts.controls.channels(book.policy, kind):
            raise Invalid("no-such-channel", f"`{kind}` is not taken in by `{channel}`", rule.entry.keeps)
        if person is not None:
            must_know(act, person)
        if unknown := sorted(set(items) - book.bits.keys()):
            raise Invalid("not-declared", f"the policy declares no {', '.join(unknown)}", rule.entry.keeps)
        _must_be_in(book, kind, condition)
        due = parts.controls.due(rule, parts.calendar, at, None)
        request = uuid7(at)
        act.do(
            sql.put_request, operator=operator, request=request, number=_number(request, at), person=person, kind=kind,
            channel=channel, items=sorted(items), record=record, condition=condition, state=State.RECEIVED.value, owner=_owner(book, rule),
            received_at=at, due_at=due.at, usual_at=due.usual, missing_years=list(due.missing_years),
        )  # fmt: skip
        once.made(parts, act, str(request))
        act.append("asked", at, _entry(request, kind, channel=channel, due=due), _who(parts, act, person))
        return _get(act, request)


def verify(parts: Parts, operator: UUID, request: UUID, how: str) -> Asked:
    """Note that who asks was verified, and how (a word, not the proof). (2)"""
    at = parts.clock.now()
    if how not in ("signed-in", "code", "document", "guardianship", "authority"):
        raise Invalid("wrong-kind", "`how` is signed-in, code, document, guardianship or authority")
    with parts.store.act(operator) as act:
        asked, _book, rule = _open(parts, act, request)
        state = parts.controls.move(rule, State(asked.state), State.VERIFIED)
        due = parts.controls.due(rule, parts.calendar, asked.received_at, at)
        if asked.person is not None and how in ("document", "code"):
            act.do(sql.put_verified, operator=operator, person=asked.person, at=at)
            parts.changes.changed(act, at, asked.person)
        _set(
            act,
            replace(
                asked,
                state=state.value,
                verified_at=at,
                due_at=due.at,
                usual_at=due.usual,
                missing_years=list(due.missing_years),
            ),
        )
        once.made(parts, act, str(request), 200)
        act.append(
            "verified",
            at,
            {**_entry(request, asked.kind, due=due), "how": how},
            _who(parts, act, asked.person),
        )
        return _get(act, request)


def delay(parts: Parts, operator: UUID, request: UUID, reason: str) -> Asked:
    """Record, before the usual time has passed, why this one takes longer."""
    at = parts.clock.now()
    if not reason.strip() or len(reason) > 200:
        raise Invalid("wrong-kind", "give a reason of at most 200 characters, without personal information")
    with parts.store.act(operator) as act:
        asked, _, rule = _open(parts, act, request)
        if asked.usual_at is not None and at >= asked.usual_at:
            raise Conflict(
                "too-late", "the usual time has passed; a reason must be recorded before", rule.entry.keeps
            )
        _set(act, replace(asked, delay_reason=reason))
        once.made(parts, act, str(request), 200)
        act.append("delayed", at, _entry(request, asked.kind), _who(parts, act, asked.person))
        return _get(act, request)


def refuse(
    parts: Parts, operator: UUID, request: UUID, ground: str | None, evidence: str | None = None
) -> Asked:
    """Refuse a request on a listed ground. (4)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        asked, _book, rule = _open(parts, act, request)
        _must_not_be_done(asked, rule)
        listed = parts.controls.refusable(rule, ground, evidence)
        state = parts.controls.move(rule, State(asked.state), State.REFUSED)
        told = {"ground": listed.value, **_tells(rule)}
        _set(act, replace(asked, state=state.value, ground=listed.value, told=told, closed_at=at))
        data = {
            **_entry(request, asked.kind),
            "ground": listed.value,
            "evidence": bool(evidence),
            "clauses": list(rule.entry.keeps),
        }
        once.made(parts, act, str(request), 200)
        act.append("request-refused", at, data, _who(parts, act, asked.person))
        return _get(act, request)


def take_back(parts: Parts, operator: UUID, request: UUID) -> Asked:
    """The person takes the request back."""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        asked, _, rule = _open(parts, act, request)
        state = parts.controls.move(rule, State(asked.state), State.WITHDRAWN)
        _set(act, replace(asked, state=state.value, closed_at=at))
        once.made(parts, act, str(request), 200)
        act.append("request-taken-back", at, _entry(request, asked.kind), _who(parts, act, asked.person))
        return _get(act, request)


def carry_out(parts: Parts, operator: UUID, request: UUID, *, values: dict[str, str] | None = None) -> Asked:
    """Do what was asked. `values` are the corrections of a `correct` request. (2, 3)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        asked, book, rule = _open(parts, act, request)
        _must_not_be_done(asked, rule)
        state = State(asked.state)
        if state is not State.UNDER_WAY:
            state = parts.controls.move(rule, state, State.UNDER_WAY)
        _must_have_seen(parts, act, book, asked)
        done = _effect(parts, act, book, asked, values or {}, at)
        now = replace(asked, state=state.value, **done)  # type: ignore[arg-type]
        if now.unreadable_here_at is None or now.unreadable_in_backups_at is not None:  # (5)
            now = _answered(parts, rule, now, at)
        _set(act, now)
        once.made(parts, act, str(request), 200)
        act.append(
            "carried-out",
            at,
            {**_entry(request, asked.kind), "state": now.state},
            _who(parts, act, asked.person),
        )
        return _get(act, request)


def backups_turned(parts: Parts, act: Act, request: UUID, at: datetime) -> None:
    """Answer an erasure once no backup can undo it. (5)"""
    asked, _book, rule = _open(parts, act, request)
    now = _answered(parts, rule, replace(asked, unreadable_in_backups_at=at), at)
    _set(act, now)
    act.append(
        "unreadable-in-backups",
        at,
        _entry(request, asked.kind),
        erase.pseudonym_left(parts, act, asked.person),
    )


def recompute(parts: Parts, act: Act, request: UUID, at: datetime) -> None:
    """Compute a deadline anew from the notices known now. (7)"""
    asked, _, rule = _open(parts, act, request)
    due = parts.controls.due(rule, parts.calendar, asked.received_at, asked.verified_at)
    _set(act, replace(asked, due_at=due.at, usual_at=due.usual, missing_years=list(due.missing_years)))
    act.append(
        "deadline-recomputed", at, _entry(request, asked.kind, due=due), _who(parts, act, asked.person)
    )


def fetch(parts: Parts, operator: UUID, request: UUID) -> list[dict[str, str]]:
    """The values a `see` or `copy` request asked for, made now. (6)"""
    with parts.store.act(operator) as act:
        asked = _get(act, request)
        if asked.kind not in READING or asked.state != State.ANSWERED.value or asked.person is None:
            raise Conflict("nothing-to-fetch", "this request has no answer to fetch")
        _must_be_at_home(act, asked.person)
        found = parts.vault.get(act, asked.person, Values(fields=frozenset(asked.items) or None))
        act.append("fetched", parts.clock.now(), _entry(request, asked.kind), _who(parts, act, asked.person))
    return [{"record": str(one.record), "item": one.field, "value": one.text} for one in found]


def get(parts: Parts, operator: UUID, request: UUID) -> Asked:
    """One request. Raises NotFound."""
    with parts.store.act(operator) as act:
        return _get(act, request)


def of_person(parts: Parts, operator: UUID, person: UUID, most: int = 100) -> list[Asked]:
    """The requests of one person, the newest first."""
    with parts.store.act(operator) as act:
        return act.rows(Asked, sql.requests_of, operator=operator, person=person, most=most)


def due_list(parts: Parts, operator: UUID, after: tuple[datetime, UUID], most: int = 100) -> list[Asked]:
    """What is owed, the most urgent first, from a place on."""
    with parts.store.act(operator) as act:
        return act.rows(
            Asked, sql.open_requests, operator=operator, after_due=after[0], after=after[1], most=most
        )


def _effect(
    parts: Parts, act: Act, book: Rulebook, asked: Asked, values: dict[str, str], at: datetime
) -> dict[str, object]:
    """What carrying out does, as fields of the request."""
    if asked.kind in ERASING:
        return _erase(parts, act, book, asked, at)
    if asked.kind in ("correct", "correct-identity"):
        _correct(parts, act, book, asked, values, at)
    if asked.kind == "freeze" and asked.person is not None:
        act.do(sql.put_frozen, operator=act.operator, person=asked.person, at=at)
        parts.changes.changed(act, at, asked.person)
        act.deny("frozen", at, asked.person, str(asked.request))
    return {}


def _erase(parts: Parts, act: Act, book: Rulebook, asked: Asked, at: datetime) -> dict[str, object]:
    if asked.person is None:
        raise Conflict("no-person", "nobody is named whose information could be erased")
    must_know(act, asked.person)
    if asked.kind == "close":
        erased = erase.account(parts, act, book, asked.person, asked.request, at)
    else:
        locks = asked.condition is None  # (8)
        erased = erase.items(
            parts, act, book, asked.person, asked.items, asked.record, asked.request, at, locks=locks
        )
    parts.changes.changed(act, at, asked.person)
    keys = erased.keys or erase.still_in_backups(parts, act, asked.person)
    backups = None if keys else at  # nothing sealed was there, so no backup holds it
    told = {"held": erased.held}
    return {
        "unreadable_here_at": at,
        "unreadable_in_backups_at": backups,
        "waits_for": sorted(keys),
        "told": told,
    }


def _correct(
    parts: Parts, act: Act, book: Rulebook, asked: Asked, values: dict[str, str], at: datetime
) -> None:
    if asked.person is None or asked.record is None or not values:
        raise Invalid("missing-field", "a correction names the record and the new values")
    erase.correct(parts, act, book, asked.person, asked.record, values, at)
    parts.changes.changed(act, at, asked.person)


def _must_be_in(book: Rulebook, kind: str, condition: str | None) -> None:
    """Raise Refused where the right to `kind` holds only in states, and this is none of them. (8)"""
    rights = [
        e for e in book.policy.of("rights").values() if isinstance(e, Right) and e.kind == kind and e.only_if
    ]
    if rights and not any(condition in right.only_if for right in rights):
        states = sorted({state for right in rights for state in right.only_if})
        raise Refused("not-in-state", f"`{kind}` is for what is {' or '.join(states)}", rights[0].keeps)
    if not rights and condition is not None:
        raise Invalid("not-in-state", f"`{kind}` asks for no state")


def _must_have_seen(parts: Parts, act: Act, book: Rulebook, asked: Asked) -> None:
    """Raise Refused unless who asks has seen, and where the policy says so acknowledged, what it ends. (10)"""
    rights = [e for e in book.policy.of("rights").values() if isinstance(e, Right) and e.kind == asked.kind]
    for entry in rights if asked.person is not None else ():
        if entry.tells is None:
            continue
        column = sql.acknowledged_hashes if entry.tells.acknowledged else sql.shown_hashes
        shown = act.rows(str, column, operator=act.operator, person=asked.person, entry=entry.path)
        notices = (book.notice(entry.path, language) for language in book.languages)
        if not parts.controls.seen(shown, {notice.hash for notice in notices if notice is not None}):
            raise Refused("not-shown", f"what `{entry.path}` tells was not shown yet", entry.keeps)


def _must_not_be_done(asked: Asked, rule: Rule) -> None:
    """Raise Conflict where the request was an erasure and is carried out here already. (5)"""
    if asked.unreadable_here_at is not None:
        raise Conflict(
            "carried-out", "it is erased here, and answered once no backup holds it", rule.entry.keeps
        )


def _must_be_at_home(act: Act, person: UUID) -> None:
    """Raise Refused for an account that is closed or frozen. (6)"""
    account = act.row(_Account, sql.account, operator=act.operator, person=person)
    if account is None or account.closed_at is not None:
        raise Refused("account-closed", "the account is closed")
    if account.frozen_at is not None:
        raise Refused("account-frozen", "the account is frozen until its owner has it back")


def _answered(parts: Parts, rule: Rule, asked: Asked, at: datetime) -> Asked:
    state = parts.controls.move(rule, State.UNDER_WAY, State.ANSWERED)
    return replace(asked, state=state.value, told={**(asked.told or {}), **_tells(rule)}, closed_at=at)


def _tells(rule: Rule) -> dict[str, object]:
    tells = rule.entry.tells
    return {"tells": list(tells.shows)} if tells else {}


def _open(parts: Parts, act: Act, request: UUID) -> tuple[Asked, Rulebook, Rule]:
    asked = act.row(Asked, sql.request_to_move, operator=act.operator, request=request)
    if asked is None:
        raise NotFound("no-request", "there is no such request")
    if not State(asked.state).open:
        raise Conflict("closed", f"the request is {asked.state}")
    book = in_force(parts, act)
    return asked, book, _rule(parts, act, book, asked)


def _rule(parts: Parts, act: Act, book: Rulebook, asked: Asked) -> Rule:
    """The rule in force for a request; where a new version has none, that of the version it came in under. (9)"""
    try:
        return parts.controls.rule_for(book.policy, asked.kind)
    except Invalid:
        return parts.controls.rule_for(in_force(parts, act, asked.received_at).policy, asked.kind)


def _get(act: Act, request: UUID) -> Asked:
    found = act.row(Asked, sql.request, operator=act.operator, request=request)
    if found is None:
        raise NotFound("no-request", "there is no such request")
    return found


def _set(act: Act, asked: Asked) -> None:
    act.do(
        sql.set_request, operator=act.operator, request=asked.request, state=asked.state, verified_at=asked.verified_at,
        due_at=asked.due_at, usual_at=asked.usual_at, missing_years=asked.missing_years, ground=asked.ground,
        delay_reason=asked.delay_reason, waits_for=asked.waits_for, unreadable_here_at=asked.unreadable_here_at,
        unreadable_in_backups_at=asked.unreadable_in_backups_at, told=asked.told, closed_at=asked.closed_at,
    )  # fmt: skip


def _number(request: UUID, at: datetime) -> str:
    return f"{at:%Y%m%d}-{request.hex[-8:].upper()}"


def _owner(book: Rulebook, rule: Rule) -> str:
    officer: Entry | None = next(
        (e for e in book.policy.of("contact").values() if isinstance(e, Contact) and e.kind == "officer"),
        None,
    )
    return rule.entry.owner or (officer.owner if officer and officer.owner else "privacy-officer")


def _entry(
    request: UUID, kind: str, *, channel: str | None = None, due: Due | None = None
) -> dict[str, object]:
    data: dict[str, object] = {"request": str(request), "kind": kind}
    if channel is not None:
        data["channel"] = channel
    if due is not None:
        data |= {"due": due.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "provisional": due.provisional}
    return data


def _who(parts: Parts, act: Act, person: UUID | None) -> str | None:
    return parts.vault.pseudonym(act, person) if person is not None else None
