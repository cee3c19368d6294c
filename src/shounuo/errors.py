"""Every error Shounuo raises on purpose, in one tree.

ShounuoError
├── BadPolicy            the policy file is wrong: carries every fault, each with its line and remedy
├── Refused              the promise says no: a stable code, the clauses it rests on
│   ├── NotFound         nothing by that name for this operator
│   ├── Invalid          the value or call is not of the declared kind
│   └── Conflict         the state does not allow this act now
├── NotAllowed           the caller has no key, or one that opens nothing
│   └── NoScope          the key is good, and lacks the scope that is named
├── Tampered             what was stored is not what was sealed
├── Unavailable          a part we need is down, stale or behind: unknown means no
│   └── Restored         the database is older than what was promised since; replay first
└── Misconfigured        the set-up is wrong; the message says what to do

A message speaks to the person who meets it: what is wrong, where, what to do. It never carries personal
information. What is not in this tree is our own fault and is shown to callers as "internal" only.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ShounuoError(Exception):
    """The root; never raised itself."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault in a policy file: where it is, what is wrong, and what to do about it.

    `line` counts from 1; 0 means the file as a whole. `entry` is a path such as `scenes.sign-in.requires`
    or a clause id. `severity` is "error" or "warning"; only errors keep a policy from compiling.
    """

    line: int
    entry: str
    wrong: str
    remedy: str
    code: str = "policy"
    severity: str = "error"

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        subject = f"`{self.entry}`: " if self.entry else ""
        return f"{place}{subject}{self.wrong} ({self.remedy})"


class BadPolicy(ShounuoError):
    """The policy file does not say what a policy must say. All its faults come at once."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.source = source
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{source}: {fault}" for fault in self.faults))

    def told(self) -> str:
        """A line for each thing that is wrong; where it is wrong in the same words elsewhere, the other lines are listed."""
        alike: dict[tuple[str, str], list[Fault]] = {}
        for fault in self.faults:
            alike.setdefault((fault.wrong, fault.remedy), []).append(fault)
        return "\n".join(
            f"{self.source}: {first}"
            + (f"; the same on line {', '.join(str(one.line) for one in rest)}" if rest else "")
            for first, *rest in alike.values()
        )


class Refused(ShounuoError):
    """The answer is no. `code` is stable, `clauses` are the promises it rests on."""

    def __init__(self, code: str, message: str, clauses: Sequence[str] = ()) -> None:
        self.code = code
        self.clauses = tuple(clauses)
        super().__init__(message)


class NotFound(Refused):
    """Nothing by that name exists for this operator."""


class Invalid(Refused):
    """A value or a call is not of the kind that was declared."""


class Conflict(Refused):
    """The present state does not allow this act."""


class NotAllowed(ShounuoError):
    """The caller did not show a key, or one that opens nothing."""


class NoScope(NotAllowed):
    """The key opens other doors than this one. `scope` is what it would need."""

    def __init__(self, scope: str, message: str) -> None:
        self.scope = scope
        super().__init__(message)


class Tampered(ShounuoError):
    """Something stored has been changed, moved or swapped."""


class Unavailable(ShounuoError):
    """A part that is needed cannot be reached or trusted now, so the answer is no."""


class Restored(Unavailable):
    """The database is older than promises made since. Nothing is served until they are replayed."""


class Misconfigured(ShounuoError):
    """The set-up is wrong. The message says what to do."""
