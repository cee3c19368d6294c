"""Put back into force what a restored database forgot, so that it may serve again.

1. Every denial of the outside journal that the database lacks is carried out again, in the order of the
   journal, in small acts. Each act notes its denials, so a crash in the middle repeats none, and two replays
   do each once.
2. A refusal or withdrawal is kept as an answer of the day it was given. A yes to the same wording that the
   database took later, while it had forgotten the no, is suspended: a restore turns no no into a yes.
3. No other yes is touched. One from before the backup is in the database, and every no to it in the journal.
   One from after the backup is gone with the rest, so nothing rests on it: who gave it is asked again.
4. What was erased, or expired, is erased again; what destroyed keys make unreadable is as good as erased.
   What was corrected is erased too: the right value is lost, and the wrong one may not be used.
5. Locks are laid again, silences kept, accounts closed or frozen, access keys revoked.
6. A person or value the backup never knew leaves nothing to do but to note the denial.
7. A denial this version does not know is not skipped: nothing is served until one that knows it replays.
8. The ledger was cut, and says so: its entry `restored` names what was signed before and what is there now.
   The checkpoint of before is set aside outside of the database, under the name the entry gives.
9. Where the outside itself was lost, nothing can be replayed and nobody can tell whether anything was forgotten. It
   is served again only when somebody accepts that, by name of the operator, and the ledger says so for good.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from shounuo.core.consent import Answer
from shounuo.core.evidence import Checkpoint
from shounuo.core.ledger import EMPTY_ROOT
from shounuo.core.policy import Form
from shounuo.duties.agree import Kept
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Misconfigured, NotFound, Restored
from shounuo.store.act import Act
from shounuo.store.denial import Denial
from shounuo.store.guard import Bare, Guard
from shounuo.store.ids import uuid7
from shounuo.store.ledger import Sealed, checkpoint
from shounuo.store.ledger import sql as ledger_sql
from shounuo.store.queries import load
from shounuo.store.sealer import Sealer
from shounuo.vault.shapes import Everything, Values

_AT_ONCE = 200  # denials an act carries out
_keys_sql = load("shounuo.store", "sql/foundation.sql")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did. `nothing_there` counts denials with nothing to act on; `set_aside` names a file."""

    denials: int = 0
    nothing_there: int = 0
    suspended: int = 0
    set_aside: str | None = None


def replay(parts: Parts, guard: Guard, sealer: Sealer, operator: UUID) -> Replayed:
    """Replay what the operator's database forgot, so that it is served again; nothing when it forgot nothing.

    Raises `Tampered` when the outside itself is damaged, and `Misconfigured` with what to do first. (7)
    """
    try:
        guard.check(operator)
    except Bare:  # (9)
        raise
    except Restored:
        pass
    else:
        return Replayed()
    at = parts.clock.now()
    aside = _say(parts, guard, operator, at)
    done = _Doing(parts, at)
    for page in _pages(denial for denial, _ in guard.journal.read(operator)):
        with parts.store.act(operator) as act:
            lacking = guard.lacking(act, [denial.denial for denial in page])
            done.carry_out(act, [denial for denial in page if denial.denial in lacking])
    if aside is not None:
        guard.outside.set_aside(operator, aside)
    guard.forget(operator)
    sealer.seal_now(operator)
    guard.check(operator)
    name = guard.outside.name_aside(aside) if aside else None
    return Replayed(done.denials, done.nothing_there, done.suspended, name)


def accept_outside(parts: Parts, guard: Guard, sealer: Sealer, operator: UUID) -> int:
    """Serve again without what was kept outside, which was lost; return how many entries were signed by then. (9)

    Raises `Conflict` when nothing of it is lost, `Restored` when something else is wrong too.
    """
    try:
        guard.check(operator)
    except Bare:
        pass
    else:
        raise Conflict("not-lost", "what is kept outside of the database is there; nothing is to be accepted")
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        here = checkpoint(act)
        act.append("outside-accepted", at, {"here": _size_and_root(here)})
    guard.outside.begin(operator)
    guard.forget(operator)
    sealer.seal_now(operator)
    guard.check(operator)
    return here.size if here else 0


def _pages(denials: Iterator[Denial]) -> Iterator[list[Denial]]:
    while page := list(islice(denials, _AT_ONCE)):
        yield page


def _say(parts: Parts, guard: Guard, operator: UUID, at: datetime) -> datetime | None:
    """Put the restore on the ledger; return `at` when the old checkpoint is to be set aside. (8)"""
    signed = guard.signed(operator)
    with parts.store.act(operator) as act:
        cut = guard.is_cut(act, signed)
        here = checkpoint(act)
        act.append(
            "restored",
            at,
            {
                "signed": _size_and_root(signed),
                "here": _size_and_root(here),
                "set_aside": guard.outside.name_aside(at) if cut else None,
            },
        )
    return at if cut else None


def _size_and_root(found: Checkpoint | Sealed | None) -> dict[str, object]:
    return {"size": found.size if found else 0, "root": (found.root if found else EMPTY_ROOT).hex()}


class _Doing:
    """One replay, and what it has done so far."""

    def __init__(self, parts: Parts, at: datetime) -> None:
        self.parts, self.at = parts, at
        self.denials = self.nothing_there = self.suspended = 0
        self._ways: dict[str, Callable[[Act, UUID, Sequence[Denial]], bool]] = {
            "refused": self._answer,
            "withdrawn": self._answer,
            "erased": self._erase,
            "expired": self._erase,
            "corrected": self._erase,
            "held": self._hold,
            "silenced": self._silence,
            "closed": self._close,
            "frozen": self._freeze,
        }

    def carry_out(self, act: Act, denials: Sequence[Denial]) -> None:
        """Carry out denials the database lacks, those of one kind and person together. (1)"""
        for denial in denials:
            if denial.what not in self._ways and denial.what != "key-revoked":  # (7)
                raise Misconfigured(
                    f"the outside journal names an act `{denial.what}` this version cannot replay; install "
                    "the version that wrote it, or a later one, and replay again"
                )
        new = [denial for denial in denials if self._note(act, denial)]
        for (person, what), group in groupby(new, key=lambda each: (each.person, each.what)):
            same = list(group)
            there = self._do(act, person, what, same)
            self.denials += len(same)
            self.nothing_there += 0 if there else len(same)
            for denial in same:
                self._record(act, denial, there)

    def _note(self, act: Act, denial: Denial) -> bool:
        """Keep the denial as it was; False when another replay has done it meanwhile. (1)"""
        put = act.do(
            ledger_sql.put_denial_again, operator=act.operator, denial=denial.denial, at=denial.at,
            what=denial.what, person=denial.person, reference=denial.reference,
        )  # fmt: skip
        act.do(ledger_sql.drop_denials_pending, operator=act.operator, denials=[denial.denial])
        return bool(put)

    def _do(self, act: Act, person: UUID | None, what: str, denials: Sequence[Denial]) -> bool:
        if what == "key-revoked":
            self.parts.changes.changed(act, self.at)
            return sum(_revoke(act, denial) for denial in denials) > 0
        if person is None or not self.parts.vault.known(act, person):  # (6)
            return False
        there = self._ways[what](act, person, denials)
        self.parts.changes.changed(act, self.at, person)
        return there

    def _record(self, act: Act, denial: Denial, there: bool) -> None:
        denied = denial.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        data = {
            "denial": str(denial.denial),
            "what": denial.what,
            "denied": denied,
            "reference": denial.reference,
            "there": there,
        }
        act.append("replayed", self.at, data, self._pseudonym(act, denial.person))

    def _pseudonym(self, act: Act, person: UUID | None) -> str | None:
        """The person's name in the ledger, where it can still be read."""
        if person is None:
            return None
        try:
            with act.attempt():
                return self.parts.vault.pseudonym(act, person)
        except NotFound:
            return None

    def _answer(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """(2)"""
        for denial in denials:
            item, _, wording = denial.reference.rpartition(":")
            kept = [
                each
                for each in act.rows(Kept, sql.answers, operator=act.operator, person=person)
                if each.wording == wording
            ]
            form = kept[-1].form if kept else Form.GENERAL.value
            _put(act, person, denial.denial, item, wording, denial.what, form, denial.at)
            if kept and kept[-1].answer == Answer.GIVEN and kept[-1].at > denial.at:
                when = max(self.at, kept[-1].at + timedelta(microseconds=1))
                _put(act, person, uuid7(when), item, wording, Answer.SUSPENDED.value, form, when)
                data = {"item": item, "wording": wording, "denial": str(denial.denial)}
                act.append("suspended", self.at, data, self._pseudonym(act, person))
                self.suspended += 1
        return True

    def _erase(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """(4)"""
        places = {_place(denial) for denial in denials}
        there = {(one.record, one.field) for one in self.parts.vault.located(act, person)} & places
        if there:
            self._erase_which(act, person, Values(places=frozenset(there)))
        return bool(there)

    def _erase_which(self, act: Act, person: UUID, which: Values | Everything) -> None:
        try:
            with act.attempt():
                self.parts.vault.erase(act, person, which)
        except NotFound as gone:
            if gone.code not in ("key-destroyed", "key-unknown"):
                raise

    def _hold(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """(5)"""
        names = [(denial, name) for denial in denials for name in denial.reference.split(",")]
        return sum(self._lock(act, person, name, denial.at) for denial, name in names) > 0

    def _lock(self, act: Act, person: UUID, name: str, at: datetime) -> int:
        """Lock one item as the policy had it; return how many values that were. (5)"""
        book = self.parts.policies.in_force(act, self.at)
        rule = self.parts.controls.keeping(book.policy, name) if book else None
        if rule is None or rule.hold is None:
            raise Misconfigured(
                f"`{name}` was locked under a policy the restored database lacks; publish it, then replay"
            )
        lock, ends = uuid7(at), self.parts.calendar.end(at, rule.hold.period)
        act.do(
            sql.put_hold, operator=act.operator, person=person, hold=lock, name=rule.hold.name, items=[name],
            ground=rule.hold.law_cited, opens_for=[str(one) for one in rule.hold.opens_for], begins_at=at,
            ends_at=ends, erases=True,
        )  # fmt: skip
        return self.parts.vault.hold(act, person, Values(fields=frozenset([name])), lock)

    def _silence(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """(5)"""
        for denial in denials:
            message, _, channels = denial.reference.rpartition(":")
            for channel in channels.split(","):
                act.do(
                    sql.put_silence, operator=act.operator, person=person, event=uuid7(denial.at),
                    message=message, channel=channel, stopped=True, way="restore", at=denial.at,
                )  # fmt: skip
        return True

    def _close(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """A closed account keeps nothing but what is locked, and its name in the ledger. (5)"""
        self._erase_which(act, person, Everything())
        self.parts.vault.close(act, person, denials[0].at)
        return True

    def _freeze(self, act: Act, person: UUID, denials: Sequence[Denial]) -> bool:
        """(5)"""
        act.do(sql.put_frozen, operator=act.operator, person=person, at=denials[0].at)
        return True


def _revoke(act: Act, denial: Denial) -> bool:
    key = bytes.fromhex(denial.reference)
    return bool(act.do(_keys_sql.revoke_access_key, operator=act.operator, key_hash=key, at=denial.at))


def _put(
    act: Act, person: UUID, event: UUID, item: str, wording: str, answer: str, form: str, at: datetime
) -> None:
    act.do(
        sql.put_answer, operator=act.operator, person=person, event=event, item=item, wording=wording,
        answer=answer, form=form, given_by="restore", shown=None, at=at,
    )  # fmt: skip


def _place(denial: Denial) -> tuple[UUID, str]:
    record, _, field = denial.reference.partition(":")
    try:
        return UUID(record), field
    except ValueError:
        raise Misconfigured(
            "the outside journal names an erasure without its record; replay with the version that wrote it"
        ) from None
