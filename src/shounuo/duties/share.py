"""Let information out: through a declared door, to a declared recipient, with its row in the register.

1. The gate is asked with recipient, act, occasion and case; without a yes nothing is opened.
2. What goes out is exactly the items asked for; the register row and the ledger entry are written in the same
   transaction, before the caller holds anything.
3. The person's disclosure list is made from these rows, not from what was typed anywhere.
4. A call that is repeated is answered from its row, and gets the values only if the gate still says yes. It gets none
   that came after the row: what was collected since goes out under a row of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core.decision import Intent
from shounuo.duties import once, refusals
from shounuo.duties.decide import demand
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Invalid, NotFound
from shounuo.store.ids import uuid7
from shounuo.vault.shapes import Values


@dataclass(frozen=True, slots=True)
class Passage:
    """What went out, to whom, why."""

    passage: UUID
    recipient: str
    act: str
    purpose: str
    items: list[str]
    ground: str | None
    reference: str | None
    version: int
    at: datetime


def share(parts: Parts, operator: UUID, person: UUID, intent: Intent) -> tuple[Passage, dict[str, str]]:
    """The register row and the values that may be handed over. Raises Refused."""
    if intent.recipient is None:
        raise Invalid("no-recipient", "name the recipient")
    at = parts.clock.now()
    what = f"share:{intent.recipient}"
    with refusals.on_record(parts, operator, person, what), parts.store.act(operator) as act:
        book, decision = demand(parts, act, person, intent)  # (1)
        values = {one.field: one.text for one in parts.vault.get(act, person, Values(fields=intent.items))}
        kind = intent.act.value if intent.act else "share"
        ground = intent.case.ground.value if intent.case else None
        row = Passage(
            uuid7(at),
            intent.recipient,
            kind,
            intent.purpose,
            sorted(intent.items),
            ground,
            intent.case.reference if intent.case else None,
            book.number,
            at,
        )
        act.do(
            sql.put_passage, operator=operator, person=person, passage=row.passage, recipient=row.recipient, act=row.act,
            purpose=row.purpose, items=row.items, ground=row.ground, reference=row.reference, version=row.version, at=at,
        )  # fmt: skip
        data = {
            "passage": str(row.passage), "recipient": row.recipient, "act": row.act, "purpose": row.purpose, "items": row.items,
            "ground": ground, "version": book.number, "clauses": list(decision.clauses),
        }  # fmt: skip
        once.made(parts, act, str(row.passage))
        act.append("passed-on", at, data, parts.vault.pseudonym(act, person))  # (2)
    return row, values


def again(
    parts: Parts, operator: UUID, person: UUID, intent: Intent, passage: UUID
) -> tuple[Passage, dict[str, str]]:
    """The row of an earlier call with this intent, and the values, if they may still be handed over. Raises Refused. (4)"""
    with (
        refusals.on_record(parts, operator, person, f"share:{intent.recipient}"),
        parts.store.act(operator) as act,
    ):
        found = act.rows(Passage, sql.passages, operator=operator, person=person)
        row = next((one for one in found if one.passage == passage), None)
        if row is None or row.recipient != intent.recipient or row.items != sorted(intent.items):
            raise NotFound("no-passage", "this person has no such passage")
        demand(parts, act, person, intent)
        before = {one.record for one in parts.vault.records(act, person) if one.collected_at <= row.at}
        there = parts.vault.get(act, person, Values(records=before, fields=intent.items))
        values = {one.field: one.text for one in there}
    return row, values


def passages(parts: Parts, operator: UUID, person: UUID) -> list[Passage]:
    """What of `person` went out so far. (3)"""
    with parts.store.act(operator) as act:
        return act.rows(Passage, sql.passages, operator=operator, person=person)
