"""Rules about children."""

from collections.abc import Iterator

from shounuo.core.policy import Minors
from shounuo.law.rules.rule import Gap, RuleKind
from shounuo.law.rules.view import View


class AgeLine(RuleKind, frozen=True, tag="age-line"):
    """The text has a rule for children, and the one with the highest line reaches at least this age."""

    least: int  # years

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section without one, or the entry whose line is the highest and too low."""
        lines = view.of("minors", Minors)
        if not lines:
            yield view.lack("minors", "没有未成年人规则", "there is no rule for children")
            return
        highest = max(lines, key=lambda one: one.under)
        if highest.under < self.least:
            zh = f"年龄线为 {highest.under} 周岁，低于 {self.least} 周岁"
            yield view.gap(highest, zh, f"its line is {highest.under} years, below {self.least}")
