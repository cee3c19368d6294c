"""The gate in a product's own process.

    from shounuo import Gate

    with Gate.open("huiju") as gate:
        if gate.decide(person, "faster-help", items=["consultation-records"]):
            ...

1. What it knows of a person it keeps until it hears of a change; when it hears nothing for too long, it says no.
2. It is asked of the guard before each answer: a database that was put back while the product runs decides nothing.
3. It belongs to the process that opened it. A child made by `fork` opens its own.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Self
from uuid import UUID

from shounuo.config import Config, read
from shounuo.core.decision import Case, Decision, Facts, Intent
from shounuo.core.policy import Act
from shounuo.duties import decide, operators
from shounuo.duties.follow import Follower
from shounuo.duties.parts import Parts
from shounuo.errors import NotFound
from shounuo.wire import open_house


class Gate:
    """Decides for one operator. Safe to share between threads."""

    def __init__(
        self, parts: Parts, operator: UUID, admit: Callable[[UUID], None] = lambda _operator: None
    ) -> None:
        self._parts, self._operator, self._admit = parts, operator, admit
        self._follower = Follower(parts, operator)

    @classmethod
    @contextmanager
    def open(cls, slug: str, config: Config | None = None) -> Iterator[Self]:
        """The gate of the operator with this public name, on the database of `config` (the environment's, when None)."""
        with ExitStack() as closing:
            house = closing.enter_context(open_house(config or read()))
            operator = operators.find(house.parts, slug)
            if operator is None:
                raise NotFound("no-operator", f"no operator is called `{slug}`: publish its policy first")
            house.guard.check(operator)
            gate = cls(house.parts, operator, house.guard.admit)
            closing.callback(gate.close)
            yield gate

    def decide(
        self, person: UUID, purpose: str, *, items: Iterable[str] = (), recipient: str | None = None, act: Act | None = None,
        occasion: str | None = None, case: Case | None = None, region: str | None = None,
    ) -> Decision:  # fmt: skip
        """May this be done with this person's information, now? The answer is true when it may, and says why."""
        intent = Intent(
            purpose=purpose,
            items=frozenset(items),
            recipient=recipient,
            act=act,
            occasion=occasion,
            case=case,
            region=region,
        )
        return self.answer(person, intent)

    def answer(self, person: UUID, intent: Intent) -> Decision:
        """The answer to an intent. A refusal is put on record. Raises Unavailable. (1, 2, 3)"""
        self._admit(self._operator)
        known, epoch = self._follower.get(person)
        at = self._parts.clock.now()
        with self._parts.store.act(self._operator) as open_act:
            book = self._parts.policies.in_force(open_act, at)
            if book is not None and (known is None or known.version != book.number or known.barred):
                known = decide.known_of(self._parts, open_act, book, person, at)
                if known is not None:
                    self._follower.put(person, known, epoch)
            papers = decide.papers_of(open_act, book, intent, at) if book else frozenset()
        facts = known.facts(papers) if known is not None else Facts(known=False)
        found = self._parts.controls.decide(book, intent, facts)
        if not found.allowed:
            decide.note(self._parts, self._operator, person, intent, found)
        return found

    def close(self) -> None:
        """Stop following changes."""
        self._follower.close()
