"""How long each kind of information is kept, and where it is put so that it can go by itself.

1. Every kept item has one rule: the one that names it, else the rule for the rest.
2. A rule that starts at collection gives a due moment at once; other rules give it when their event happens.
3. A chest is a retention class: items of one rule lie in one chest, so that what ends together goes together.
4. Where a hold applies, erasure locks instead, and finishes by itself when the hold ends.
"""

from dataclasses import dataclass
from datetime import datetime

from shounuo.core.calendar import Calendar
from shounuo.core.policy import Hold, Policy, Retention


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one item's rule means: its chest, its event, when it ends, what holds it after."""

    rule: Retention
    hold: Hold | None

    @property
    def chest(self) -> str:
        """The retention class it lies in. (3)"""
        return self.rule.name  # (3)

    def ends(self, calendar: Calendar, event: str, at: datetime) -> datetime | None:
        """When the item is due to go if `event` happened at `at`; None while its own event has not happened.
        (2)
        """
        return calendar.end(at, self.rule.for_) if event == self.rule.from_ else None


def keeping(policy: Policy, item: str) -> Keeping | None:
    """The rule for `item`, or None where the policy has none and so nothing may be kept. (1)"""
    found = policy.rules.get(item) or policy.rules.get("rest")
    if found is None:
        return None
    hold = policy.of("holds").get(found.hold) if found.hold else None
    return Keeping(found, hold if isinstance(hold, Hold) else None)
