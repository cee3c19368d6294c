"""Rules about how long information is kept: no shorter than a law wants, no longer, and not for ever."""

from collections.abc import Iterator, Mapping

from shounuo.core.clause import Words
from shounuo.core.duration import Duration, parse_duration
from shounuo.core.policy import Entry, Hold, Item, Retention
from shounuo.law.rules.plain import called
from shounuo.law.rules.rule import Gap, RuleKind, expression
from shounuo.law.rules.spans import answered, ends, kept, shown
from shounuo.law.rules.view import View


class _OfItems(RuleKind, frozen=True):
    items: str  # an expression, searched in what is said of the item

    def meant(self, view: View) -> Mapping[str, Entry]:
        """The items it speaks of."""
        wanted = expression(self.items)
        return {one.name: one for one in view.of("information", Item) if wanted.search(called(one))}


class KeptAtLeast(_OfItems, frozen=True, tag="kept-at-least"):
    """Such items are kept at least so long, by their period or the hold after it.

    Where `named` says what they are, there must be such an item, and a rule that names it.
    """

    least: str
    named: Words | None = None

    def __post_init__(self) -> None:
        parse_duration(self.least)
        expression(self.items)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every retention rule of such items that may end sooner; the section, where none names them."""
        least, meant = parse_duration(self.least), self.meant(view)
        rules = {rule.name: rule for name in meant for rule in view.keeping.get(name, ())}
        if self.named and not rules:
            yield view.lack(
                "retention", f"没有规定{self.named.zh}的保存期限", f"no rule keeps {self.named.en}"
            )
        for rule in rules.values():
            if not _kept(view, rule, least):
                named, period = ", ".join(name for name in rule.of if name in meant), shown(rule.for_)
                zh = f"{named} 的保存期限为 {period}，可能短于 {least}"
                yield view.gap(rule, zh, f"{named} is kept {period}, which can be less than {least}")


class KeptAtMost(_OfItems, frozen=True, tag="kept-at-most"):
    """Such items are always gone within `most`."""

    most: str

    def __post_init__(self) -> None:
        parse_duration(self.most)
        expression(self.items)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every retention rule of such items that may last longer."""
        most, meant = parse_duration(self.most), self.meant(view)
        rules = {rule.name: rule for name in meant for rule in view.keeping.get(name, ())}
        for rule in rules.values():
            if not answered(rule.for_, most):
                named, period = ", ".join(name for name in rule.of if name in meant), shown(rule.for_)
                zh = f"{named} 的保存期限为 {period}，可能长于 {most}"
                yield view.gap(rule, zh, f"{named} is kept {period}, which can be more than {most}")


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
