"""Put a no on record without letting refusals become a flood.

1. The first refusal of a (person, act, reason) in a minute is a ledger entry; the rest are counted, and the count
   goes into the next entry.
2. The entry names the act, the reason, the clauses and the version; never a value. A name the policy does not declare is
   not told either: a caller may have put anything there, and each would be a first refusal of its own.
3. A refusal is recorded in a transaction of its own: what was refused left nothing behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shounuo.core.rulebook import Rulebook
from shounuo.duties import once
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Refused
from shounuo.store.faults import Duplicate

_MINUTE = timedelta(minutes=1)
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Counted:
    noted_at: datetime
    unnoted: int


@contextmanager
def on_record(parts: Parts, operator: UUID, person: UUID | None, what: str) -> Iterator[None]:
    """Record any `Refused` that leaves this block, and let it go on. (3)"""
    try:
        yield
    except Duplicate:  # another call came first: a repetition, not a refusal
        raise
    except Refused as refusal:
        note(parts, operator, person, what, refusal.code, refusal.clauses)
        raise


def note(
    parts: Parts,
    operator: UUID,
    person: UUID | None,
    what: str,
    reason: str,
    clauses: tuple[str, ...] = (),
    version: int = 0,
) -> None:
    """Record one refusal. (1, 2)"""
    at = parts.clock.now()
    who = person or NOBODY
    with parts.store.act(operator) as act:
        book = parts.policies.in_force(act, at)
        what, version = _told(book, what), version or (book.number if book else 0)
        if person is not None and not parts.vault.known(act, person):
            who = NOBODY
        key = {"operator": operator, "person": who, "what": what, "reason": reason}
        before = act.row(_Counted, sql.refusal, **key)
        if before is None:  # the first of its kind: of several at once, one
            once.wait_turn(parts, act, f"refused {who} {what} {reason}")
            before = act.row(_Counted, sql.refusal, **key)
        if before is not None and at - before.noted_at < _MINUTE:
            act.do(sql.count_refusal, **key)
            return
        act.do(sql.put_refusal, **key, at=at)
        more = before.unnoted if before else 0
        data = {
            "what": what,
            "reason": reason,
            "clauses": list(clauses),
            "version": version,
            "more_before": more,
        }
        act.append("refused", at, data, parts.vault.pseudonym(act, who) if who != NOBODY else None)


def _told(book: Rulebook | None, what: str) -> str:
    """An act such as `read:support` as it may be told. (2)"""
    verb, _, name = what.partition(":")
    declared = book is not None and any(name in entries for entries in book.policy.sections.values())
    return what if not name or declared else f"{verb}:undeclared"
