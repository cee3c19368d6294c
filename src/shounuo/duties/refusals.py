"""Put a no on record without letting refusals become a flood.

1. The first refusal of a (person, act, reason) in a minute is a ledger entry; the rest are counted, and the count
   goes into the next entry.
2. The entry names the act, the reason, the clauses and the version; never a value. A name the policy does not declare is
   not told either: a caller may have put anything there, and each would be a first refusal of its own.
3. A refusal is recorded in a transaction of its own: what was refused left nothing behind.
4. A gate in a product's process counts what comes within the minute by itself, and brings its counts once a minute and when
   it closes; a process that is killed takes the counts of its last minute with it, never a first refusal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from shounuo.core.decision import Decision, Reason
from shounuo.core.rulebook import Rulebook
from shounuo.duties import once
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Refused
from shounuo.store.faults import Duplicate

_MINUTE = timedelta(minutes=1)
_MOST_SEEN = 100_000
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
            act.do(sql.count_refusal, **key, more=1)
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


_Kind = tuple[UUID, str, Reason]


@dataclass(slots=True)
class _Seen:
    until: datetime
    more: int = 0


class Tally:
    """The refusals of one gate. Safe to share between threads. (4)"""

    def __init__(self, parts: Parts, operator: UUID) -> None:
        self._parts, self._operator = parts, operator
        self._seen: dict[_Kind, _Seen] = {}
        self._settle_at = parts.clock.now() + _MINUTE
        self._lock = Lock()

    def counted(self, person: UUID, what: str, found: Decision) -> bool:
        """Count one refusal, if it is not the first of its kind in a minute; else it is to be noted."""
        with self._lock:
            seen = self._seen.get((person, what, found.reason))
            if seen is None or self._parts.clock.reached(seen.until):
                return False
            seen.more += 1
            return True

    def note(self, person: UUID, what: str, found: Decision) -> None:
        """Record one refusal: the first of its kind in a minute at once. (1)"""
        if self.counted(person, what, found):
            return
        key = (person, what, found.reason)
        with self._lock:
            seen = self._seen.get(key)
            self._seen[key] = _Seen(self._parts.clock.now() + _MINUTE)
        try:
            if seen is not None:
                self._bring(key, seen.more)
            reason, clauses, version = found.reason.value, found.clauses, found.version
            note(self._parts, self._operator, person, what, reason, clauses, version)
        except BaseException:  # not on record: the next one is the first
            with self._lock:
                self._seen.pop(key, None)
            raise

    def note_many(self, purpose: str, found: Decision, count: int) -> None:
        """Record that as many rows of a table were refused alike."""
        what = f"decide-table:{purpose}"
        self.note(NOBODY, what, found)
        fresh = _Seen(self._parts.clock.now() + _MINUTE)
        with self._lock:
            seen = self._seen.setdefault((NOBODY, what, found.reason), fresh)
            seen.more += count - 1

    def settle_due(self) -> None:
        """Bring the counts, when that was last done a minute ago or longer, or there are very many."""
        if self._parts.clock.reached(self._settle_at) or len(self._seen) > _MOST_SEEN:
            self.settle()

    def settle(self) -> None:
        """Bring every count, and forget whose minute is over."""
        at = self._parts.clock.now()
        self._settle_at = at + _MINUTE
        with self._lock:
            counts = [(key, seen.more) for key, seen in self._seen.items() if seen.more]
            if len(self._seen) > _MOST_SEEN:
                self._seen.clear()
            self._seen = {key: _Seen(seen.until) for key, seen in self._seen.items() if at < seen.until}
        for key, more in counts:
            self._bring(key, more)

    def _bring(self, key: _Kind, more: int) -> None:
        if not more:
            return
        person, what, reason = key
        with self._parts.store.act(self._operator) as act:
            what = _told(self._parts.policies.in_force(act, self._parts.clock.now()), what)
            who = person if person != NOBODY and self._parts.vault.known(act, person) else NOBODY
            of = {"operator": self._operator, "person": who, "what": what, "reason": reason.value}
            act.do(sql.count_refusal, **of, more=more)


def _told(book: Rulebook | None, what: str) -> str:
    """An act such as `read:support` as it may be told. (2)"""
    verb, _, name = what.partition(":")
    declared = book is not None and any(name in entries for entries in book.policy.sections.values())
    return what if not name or declared else f"{verb}:undeclared"
