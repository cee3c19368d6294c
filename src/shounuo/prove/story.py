"""A story: what was done and seen, step by step, and the step at which a promise broke.

1. A story that could not fail shows nothing: one in which no step was checked is broken.
2. A chapter that several stories share is told once; its steps, or the step that broke, count for each of
   them.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from shounuo.prove.hearing import Call

_LONGEST_SEEN = 600


class Broken(Exception):
    """The promise did not hold: what was expected, what was seen."""


class Untold(Exception):
    """Nobody can tell this story of this text yet, and why."""


@dataclass(slots=True)
class Story:
    """The steps of one probe, as told to the reader of the report. `trouble` is what should never happen."""

    kind: str
    params: dict[str, Any]
    steps: list[str] = field(default_factory=list)
    failed: str | None = None
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0
    heard: list[Call] = field(default_factory=list)  # what it asked of the parts, where somebody listens
    lacks: str | None = None  # why nobody can tell it of this text yet

    def expect(self, held: object, step: str, seen: object = "") -> None:
        """Note a step that must hold; break the promise when it does not."""
        if not held:
            self.fail(step, seen)
        self.steps.append(step)

    def fail(self, step: str, seen: object = "") -> NoReturn:
        """Break the promise at this step."""
        self.failed = f"{step}: not so{f' ({str(seen)[:_LONGEST_SEEN]})' if seen != '' else ''}"
        raise Broken(self.failed)

    def untold(self, why: str) -> NoReturn:
        """Say that nobody can tell this of such a text yet: nothing is proven, and nothing is broken."""
        self.lacks = why
        raise Untold(why)

    def same(self, expected: Iterable[object], seen: Iterable[object], step: str) -> None:
        """Two lists hold the same things."""
        wanted, found = set(expected), set(seen)
        lacking = ", ".join(sorted(str(one) for one in wanted - found))
        extra = ", ".join(sorted(str(one) for one in found - wanted))
        self.expect(wanted == found, step, f"lacking: {lacking or 'nothing'}; too many: {extra or 'nothing'}")

    def chapter(self, told: "Chapters", key: Hashable, tell: Callable[["Story"], None]) -> None:
        """Tell a chapter, or take over what it said when another story told it. (2)"""
        if key in told:
            self.heard += told[key].heard
        else:
            chapter, before = Story(self.kind, {}), len(self.heard)
            try:
                tell(chapter)
            except Broken:
                pass
            except Exception as error:
                chapter.failed = f"it could not be told: {type(error).__name__}: {error}"
            chapter.heard = self.heard[before:]
            told[key] = chapter
        self.steps += told[key].steps
        self.failed = told[key].failed
        if self.failed is not None:
            raise Broken(self.failed)

    def told(self) -> dict[str, Any]:
        """The story as it is kept."""
        params = {name: list(value) for name, value in self.params.items()}
        return {"kind": self.kind, "params": params, "steps": self.steps, "failed": self.failed}


Chapters = dict[Hashable, Story]
