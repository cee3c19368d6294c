"""Rules about how long information is kept: no shorter than a law wants, and not for ever."""

from collections.abc import Iterator

from shounuo.core.duration import Duration, parse_duration
from shounuo.core.policy import Hold, Item, Retention
from shounuo.law.rules.rule import Gap, RuleKind, expression
from shounuo.law.rules.spans import ends, kept, shown
from shounuo.law.rules.view import View, called


class KeptAtLeast(RuleKind, frozen=True, tag="kept-at-least"):
    """Items whose name or words match are kept at least so long, by their period or the hold after it."""

    items: str  # an expression, searched in the item's name and words
    least: str

    def __post_init__(self) -> None:
        parse_duration(self.least)
        expression(self.items)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every retention rule of such items that may end sooner."""
        least = parse_duration(self.least)
        meant = {
            one.name for one in view.of("information", Item) if expression(self.items).search(called(one))
        }
        for rule in view.of("retention", Retention):
            named = ", ".join(name for name in rule.of if name in meant)
            if named and not _kept(view, rule, least):
                period = shown(rule.for_)
                yield view.gap(
                    rule,
                    f"{named} 的保存期限为 {period}，可能短于 {least}",
                    f"{named} is kept {period}, which can be less than {least}",
                )


def _kept(view: View, rule: Retention, least: Duration) -> bool:
    hold = view.policy.of("holds").get(rule.hold) if rule.hold else None
    return kept(rule.for_, least) or (isinstance(hold, Hold) and kept(hold.period, least))


class Ends(RuleKind, frozen=True, tag="ends"):
    """Every period has an end, unless a law, a service rule or a hold is named that keeps it open."""

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every retention rule without one."""
        for rule in view.of("retention", Retention):
            if not ends(rule.for_) and not (rule.hold or rule.basis or rule.law):
                period = shown(rule.for_)
                yield view.gap(rule, f"只写了下限（{period}），没有终点", f"it is kept {period}, with no end")
