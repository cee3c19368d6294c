"""A story: what was done and seen, step by step, and the step at which a promise broke."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn


class Broken(Exception):  # noqa: N818 - it is what a promise is
    """The promise did not hold: what was expected, what was seen."""


@dataclass(slots=True)
class Story:
    """The steps of one probe, as told to the reader of the report."""

    kind: str
    params: dict[str, Any]
    steps: list[str] = field(default_factory=list)
    failed: str | None = None

    def expect(self, held: object, step: str, seen: object = "") -> None:
        """Note a step that must hold; break the promise when it does not."""
        if not held:
            self.fail(step, seen)
        self.steps.append(step)

    def fail(self, step: str, seen: object = "") -> NoReturn:
        """Break the promise at this step."""
        self.failed = f"{step}: not so{f' ({seen})' if seen != '' else ''}"
        raise Broken(self.failed)

    def same(self, expected: Iterable[object], seen: Iterable[object], step: str) -> None:
        """Two lists hold the same things."""
        wanted, found = set(expected), set(seen)
        lacking = ", ".join(sorted(str(one) for one in wanted - found))
        extra = ", ".join(sorted(str(one) for one in found - wanted))
        self.expect(wanted == found, step, f"lacking: {lacking or 'nothing'}; too many: {extra or 'nothing'}")

    def told(self) -> dict[str, Any]:
        """The story as it is kept."""
        return {"kind": self.kind, "params": {k: list(v) for k, v in self.params.items()}, "steps": self.steps, "failed": self.failed}
