"""Read stored information for a declared purpose, as much of it as the reader may see.

1. The gate is asked first; a read it refuses touches nothing.
2. Staff see a value in clear only in a role the policy names for it, with a need stated where the policy asks for one;
   otherwise masked. A value no protection speaks of is masked for staff.
3. Every read is on the ledger: purpose, items, role, the reference of the need; never a value.
4. A secret is never read; `matches` answers whether a candidate is right.
5. One secret is hashed or checked at a time. OpenSSL lends Argon2id a thread for each lane: several at once each hold some
   and wait for the rest, for ever.
"""

import re
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from shounuo.core.decision import Case, Intent
from shounuo.core.policy import Item
from shounuo.core.rulebook import Rulebook
from shounuo.duties import refusals
from shounuo.duties.decide import demand
from shounuo.duties.parts import Parts
from shounuo.errors import Invalid
from shounuo.vault.shapes import Values

_ONE_AT_A_TIME = Lock()
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the product itself (no role), or staff in a role, with the reference of their need (a case number)."""

    role: str | None = None
    need: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One value as the reader may see it."""

    record: UUID
    item: str
    text: str
    masked: bool


def read(
    parts: Parts, operator: UUID, person: UUID, purpose: str, items: Collection[str], *,
    reader: Reader | None = None, occasion: str | None = None, case: Case | None = None,
) -> list[Read]:  # fmt: skip
    """The values of `items`, each as `reader` may see it. Raises Refused."""
    reader = reader or Reader()
    if reader.need is not None and not _REFERENCE.match(reader.need):
        raise Invalid("wrong-kind", "`need` is a reference such as a case number, not a description")
    at = parts.clock.now()
    with refusals.on_record(parts, operator, person, f"read:{purpose}"), parts.store.act(operator) as act:
        intent = Intent(purpose=purpose, items=frozenset(items), occasion=occasion, case=case)
        book, decision = demand(parts, act, person, intent)  # (1)
        found = [
            _seen(parts, book, reader, opened.record, opened.field, opened.text)
            for opened in parts.vault.get(act, person, Values(fields=frozenset(items)))
        ]
        data = {
            "purpose": purpose, "items": sorted(items), "role": reader.role, "need": reader.need, "version": book.number,
            "ground": case.ground.value if case else None, "reference": case.reference if case else None,
            "clear": sorted({one.item for one in found if not one.masked}), "clauses": list(decision.clauses),
        }  # fmt: skip
        act.append("read", at, data, parts.vault.pseudonym(act, person))  # (3)
    return found


def _seen(parts: Parts, book: Rulebook, reader: Reader, record: UUID, name: str, text: str) -> Read:
    item = book.policy.of("information").get(name)
    if not isinstance(item, Item):
        return Read(record, name, parts.controls.masked("all", text), masked=True)
    if reader.role is None or parts.controls.entitled(book.policy, item, reader.role, reader.need):  # (2)
        return Read(record, name, text, masked=False)
    return Read(record, name, parts.controls.masked(item.mask, text), masked=True)


def matches(parts: Parts, operator: UUID, person: UUID, item: str, candidate: str) -> bool:
    """Whether `candidate` is the secret kept for `item`. (4)"""
    with alone(), parts.store.act(operator) as act:  # who waits holds no connection
        return parts.vault.matches(act, person, item, candidate)


def alone(needed: bool = True) -> AbstractContextManager[object]:
    """What to hold while a secret is hashed or checked, if one is. (5)"""
    return _ONE_AT_A_TIME if needed else nullcontext()
