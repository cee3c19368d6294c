"""A person's request: its states, the moves between them, when it is due, on what ground it may be refused.

1. A request moves only along the arrows below; anything else is refused.

       received ──► verified ──► under-way ──► answered
          │  └──────────────────►    │         (straight there only where nothing is to be verified)
          ├────────────┼─────────────┴──► refused     (on a listed ground, with evidence where it needs any)
          └────────────┴──► withdrawn                 (by the person)

2. Where the policy asks for verification, nothing is carried out before it.
3. The clock starts at the event the policy names. Before that event the request is due to be verified: its
   deadline is computed as if the event were the arrival, and recomputed once when it happens, never later
   again.
4. An erasure is answered only when it is unreadable here and in backups.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shounuo.core.calendar import Calendar, Due
from shounuo.core.policy import Policy, RefusalGround, Request
from shounuo.errors import Conflict, Invalid


class State(StrEnum):  # Values are stored and written to the ledger: add, never rename.
    """Where a request stands."""

    RECEIVED = "received"
    VERIFIED = "verified"
    UNDER_WAY = "under-way"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def open(self) -> bool:
        """Whether it still waits for something."""
        return self in (State.RECEIVED, State.VERIFIED, State.UNDER_WAY)


MOVES: dict[State, frozenset[State]] = {  # (1)
    State.RECEIVED: frozenset({State.VERIFIED, State.UNDER_WAY, State.REFUSED, State.WITHDRAWN}),
    State.VERIFIED: frozenset({State.UNDER_WAY, State.REFUSED, State.WITHDRAWN}),
    State.UNDER_WAY: frozenset({State.ANSWERED, State.REFUSED}),
    State.ANSWERED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How requests of one kind are handled: the entry that says so."""

    entry: Request
    kind: str

    @property
    def verifies(self) -> bool:
        """Whether who asks is checked first. (2)"""
        return self.entry.verify != "none"


def rule_for(policy: Policy, kind: str) -> Rule:
    """The rule for `kind`. Raises Invalid when the policy takes in no such request."""
    for entry in policy.of("requests").values():
        if isinstance(entry, Request) and kind in entry.kinds:
            return Rule(entry, kind)
    raise Invalid("no-such-request", f"the policy takes in no request of kind `{kind}`")


def move(rule: Rule, now: State, then: State) -> State:
    """`then`, if the request may move there. Raises Conflict. (1, 2)"""
    if then not in MOVES[now]:
        raise Conflict("no-such-move", f"a request that is {now} cannot become {then}", rule.entry.keeps)
    if then is State.UNDER_WAY and now is State.RECEIVED and rule.verifies:
        raise Conflict("not-verified", "who asks has not been verified yet", rule.entry.keeps)
    return then


def due(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    """When the answer is owed. (3)"""
    start = verified if rule.entry.from_ == "identity-verified" and verified is not None else received
    return calendar.due(start, rule.entry.within)


def refusable(rule: Rule, ground: str | None, evidence: str | None) -> RefusalGround:
    """The listed ground a refusal rests on. Raises Invalid when there is none, or evidence lacks."""
    listed = rule.entry.refuse_on
    if ground is None or ground not in [one.value for one in listed]:
        names = ", ".join(one.value for one in listed) or "none is listed"
        raise Invalid("no-ground", f"a refusal needs one of the listed grounds ({names})", rule.entry.keeps)
    found = RefusalGround(ground)
    if found.needs_evidence and not (evidence or "").strip():
        raise Invalid("no-evidence", f"the ground `{found}` needs evidence on record", rule.entry.keeps)
    return found
