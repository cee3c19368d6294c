"""The gate in a product's own process.

    from shounuo import Gate

    with Gate.open("huiju") as gate:
        if gate.decide(person, "faster-help", items=["consultation-records"]):
            ...

1. What it knows of a person it keeps until it hears of a change; when it hears nothing for too long, it says no.
2. It is asked of the guard before each answer: a database that was put back while the product runs decides nothing.
3. It belongs to the process that opened it. A child made by `fork` opens its own.
4. An answer is a value that does not change: the same is known, the same is asked, the same answer is given again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Self
from uuid import UUID

from shounuo.config import Config, read
from shounuo.core.decision import Case, Decision, Intent, Reason
from shounuo.core.policy import Act
from shounuo.duties import decide, operators
from shounuo.duties.follow import LOOK_EVERY_S, MOST_PEOPLE, Follower, Kept, Key
from shounuo.duties.parts import Parts
from shounuo.duties.refusals import Tally
from shounuo.errors import Misconfigured, NotFound
from shounuo.wire import open_house

if TYPE_CHECKING:
    import pyarrow

    from shounuo.gate.columns import Roster


class Gate:
    """Decides for one operator. Safe to share between threads."""

    def __init__(
        self,
        parts: Parts,
        operator: UUID,
        admit: Callable[[UUID], None] = lambda _operator: None,
        *,
        most_people: int = MOST_PEOPLE,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._parts, self._operator, self._admit = parts, operator, admit
        self._tally = Tally(parts, operator)
        self._follower = Follower(
            parts, operator, look_every_s=look_every_s, most=most_people, beside=self._tally.settle_due
        )

    @classmethod
    @contextmanager
    def open(
        cls, slug: str, config: Config | None = None, *, most_people: int = MOST_PEOPLE
    ) -> Iterator[Self]:
        """The gate of the operator with this public name, on the database of `config` (the environment's, when None).

        Of at most `most_people` it keeps what is known, about a kilobyte each at the most.
        """
        with ExitStack() as closing:
            house = closing.enter_context(open_house(config or read()))
            operator = operators.find(house.parts, slug)
            if operator is None:
                raise NotFound("no-operator", f"no operator is called `{slug}`: publish its policy first")
            house.guard.check(operator)
            gate = cls(house.parts, operator, house.guard.admit, most_people=most_people)
            closing.callback(gate.close)
            yield gate

    def decide(
        self,
        person: UUID,
        purpose: str,
        *,
        items: Iterable[str] = (),
        recipient: str | None = None,
        act: Act | None = None,
        occasion: str | None = None,
        case: Case | None = None,
        region: str | None = None,
    ) -> Decision:
        """May this be done with this person's information, now? The answer is true when it may, and says why.

        Raises Unavailable, Restored or Tampered when nobody can tell: then it may not. (1, 2, 3)
        """
        wanted = items if type(items) is frozenset else frozenset(items)
        self._admit(self._operator)
        if case is None and (kept := self._follower.get(person)) is not None:
            found = kept.answers.get(_key(purpose, wanted, recipient, act, occasion, region))
            if found is not None:
                if found.reason is not Reason.ALLOWED:
                    self._tally.note(person, decide.called(purpose), found)
                return found
        intent = Intent(
            purpose=purpose,
            items=wanted,
            recipient=recipient,
            act=act,
            occasion=occasion,
            case=case,
            region=region,
        )
        return self.answer(person, intent)

    def answer(self, person: UUID, intent: Intent) -> Decision:
        """The answer to an intent. A refusal is put on record. Raises as `decide` does. (1, 2, 3)"""
        self._admit(self._operator)
        kept = self._follower.get(person) or self._follower.learn(person, self._parts.clock.now())
        found = self._found(kept, intent)
        if not found.allowed:
            self._tally.note(person, decide.what(intent), found)
        return found

    def known(self, person: UUID, intent: Intent) -> Decision | None:
        """The answer, where it needs no look at the database; None where it does. Raises as `decide` does."""
        self._admit(self._operator)
        kept = self._follower.get(person)
        if kept is None:
            return None
        found = self._found(kept, intent)
        if found.allowed:
            return found
        return found if self._tally.counted(person, decide.what(intent), found) else None

    def hear(self, hearer: Callable[[UUID], None]) -> None:
        """Call `hearer` with everybody whose state changes, in this process or another; see `duties.changes`."""
        self._follower.hear(hearer)

    def must_see(self) -> None:
        """Raises Unavailable when the gate has not heard of changes for too long. (1)"""
        self._follower.must_see()

    def table(
        self,
        uses: "pyarrow.Table",
        *,
        person: str = "person",
        purpose: str = "purpose",
        items: Mapping[str, Collection[str]] | None = None,
        recipient: str | None = None,
        act: Act | None = None,
        occasion: str | None = None,
        region: str | None = None,
    ) -> "pyarrow.Table":
        """Decide a table of uses: `allowed` and `reason` of each row, in the order of the rows.

        Its columns named `person` and `purpose` say who and what for; a person is an id of 16 bytes, a dictionary of such
        (fastest) or a handle of `handles`. `items` gives the items each purpose takes; the rest holds for every row. Metadata of
        the answer say under which version and when. Needs `shounuo[columns]`. Raises as `decide` does, and Invalid.
        """
        self._admit(self._operator)
        self._follower.must_see()
        like = Intent(purpose="", recipient=recipient, act=act, occasion=occasion, region=region)
        return self._roster.decide(uses, person, purpose, items or {}, like, self._tally.note_many)

    def handles(self, ids: "pyarrow.Array") -> "pyarrow.UInt32Array":
        """A handle for each id of 16 bytes: a number that stands for the person as long as this gate is open."""
        return self._roster.handles(ids)

    @cached_property
    def _roster(self) -> "Roster":
        try:
            from shounuo.gate.columns import Roster
        except ImportError:
            raise Misconfigured("tables need Arrow: install `shounuo[columns]`") from None
        made = Roster(self._parts, self._operator)
        self._follower.hear(made.hear)
        return made

    def close(self) -> None:
        """Stop following changes, and put on record what was counted."""
        self._follower.close()
        self._tally.settle()

    def _found(self, kept: Kept, intent: Intent) -> Decision:
        """The answer to what is known; one given before for the same is given again. (4)"""
        rule = self._parts.controls.decide
        if intent.case is not None:
            return rule(kept.book, intent, kept.facts)
        key = _key(
            intent.purpose,
            intent.items,
            intent.recipient,
            intent.act,
            intent.occasion,
            intent.region,
            intent.message,
            intent.channel,
        )
        found = kept.answers.get(key)
        if found is None:
            found = rule(kept.book, intent, kept.facts)
            kept.answer(key, found)
        return found


def _key(
    purpose: str,
    items: frozenset[str],
    recipient: str | None,
    act: Act | None,
    occasion: str | None,
    region: str | None,
    message: str | None = None,
    channel: str | None = None,
) -> Key:
    """What an answer is kept under: all of an intent but its case. An `Intent` itself takes longer to make than to answer."""
    return purpose, items, recipient, act, occasion, region, message, channel
