"""Keep documents on file, and the proofs that people kept their pledges.

1. A paper has a holder (a recipient or a door), a name the policy declares, and the time it holds.
2. A paper or door nobody declared is refused.
3. A confirmation names who confirmed, and a reference; it starts the pledge's rhythm anew.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core.policy import Paper, Pledge
from shounuo.duties import once
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Invalid, NotFound
from shounuo.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class OnFile:
    """A paper of a recipient, such as a contract, and the days it holds."""

    holder: str
    name: str
    paper: UUID
    reference: str
    holds_from: datetime
    holds_until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who confirmed that a pledge was kept, and by which evidence."""

    pledge: str
    confirmed_by: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Promised:
    """A pledge and how it stands: when it was confirmed last, when it is due, whether it has lapsed."""

    pledge: str
    owner: str
    every: str
    lapse: str
    due_at: datetime
    overdue: bool
    confirmed_at: datetime | None
    clauses: tuple[str, ...]


def put_on_file(
    parts: Parts,
    operator: UUID,
    holder: str,
    name: str,
    reference: str,
    holds_from: datetime,
    holds_until: datetime,
) -> UUID:
    """Put a paper on file. (1, 2)"""
    at = parts.clock.now()
    if holds_until <= holds_from:
        raise Invalid("wrong-kind", "the paper ends before it begins")
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        if not isinstance(book.policy.of("papers").get(name), Paper):
            raise NotFound("no-such-paper", f"the policy asks for no paper `{name}`")
        if holder not in book.recipients and holder not in book.doors:
            raise NotFound("no-recipient", f"the policy has no recipient or door `{holder}`")
        paper = uuid7(at)
        act.do(
            sql.put_paper,
            operator=operator,
            holder=holder,
            name=name,
            paper=paper,
            reference=reference,
            holds_from=holds_from,
            holds_until=holds_until,
            at=at,
        )
        parts.changes.changed(act, at)
        once.made(parts, act, str(paper))
        act.append("paper-on-file", at, {"holder": holder, "name": name, "paper": str(paper)})
    return paper


def on_file(parts: Parts, operator: UUID) -> list[OnFile]:
    """Every paper on file."""
    with parts.store.act(operator) as act:
        return act.rows(OnFile, sql.papers, operator=operator)


def confirm(parts: Parts, operator: UUID, pledge: str, by: str, reference: str) -> UUID:
    """Keep the proof that a pledge was kept. (3)"""
    at = parts.clock.now()
    if not by.strip() or not reference.strip():
        raise Invalid("no-evidence", "a confirmation names who confirms, and a reference")
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        if not isinstance(book.policy.of("pledges").get(pledge), Pledge):
            raise NotFound("no-such-pledge", f"the policy makes no pledge `{pledge}`")
        confirmation = uuid7(at)
        act.do(
            sql.put_confirmation,
            operator=operator,
            pledge=pledge,
            confirmation=confirmation,
            confirmed_by=by,
            reference=reference,
            at=at,
        )
        once.made(parts, act, str(confirmation))
        act.append("confirmed", at, {"pledge": pledge, "confirmation": str(confirmation)})
    return confirmation


def pledges(parts: Parts, operator: UUID) -> list[Promised]:
    """Every pledge and how it stands now. The rhythm starts when the version took effect."""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        version = act.row(_Effective, sql.effective_at, operator=operator, number=book.number)
        last = {one.pledge: one for one in act.rows(Confirmed, sql.last_confirmations, operator=operator)}
    start = version.effective_at if version else at
    found = []
    for entry in book.policy.of("pledges").values():
        if isinstance(entry, Pledge):
            confirmed = last[entry.name].at if entry.name in last else None
            due = parts.controls.pledge_due(parts.calendar, entry, start, confirmed)
            found.append(
                Promised(
                    entry.name,
                    entry.owner or "",
                    str(entry.every),
                    entry.lapse,
                    due,
                    at >= due,
                    confirmed,
                    entry.keeps,
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Effective:
    effective_at: datetime
