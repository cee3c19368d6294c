"""Rules about children, about changes told in time, and about what people must do again and again."""

from collections.abc import Iterator

from shounuo.core.clause import Words
from shounuo.core.duration import parse_duration
from shounuo.core.policy import Dates, Minors, Pledge
from shounuo.law.rules.rule import Gap, RuleKind, expression
from shounuo.law.rules.spans import answered
from shounuo.law.rules.view import View, called


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


class DaysBefore(RuleKind, frozen=True, tag="days-before"):
    """A version is published at least so many natural days before it takes effect."""

    least: int

    def gaps(self, view: View) -> Iterator[Gap]:
        """The dates that lie closer together."""
        for dates in view.of("text", Dates):
            if (ahead := (dates.effective - dates.updated).days) < self.least:
                zh = f"公布后 {ahead} 日即生效"
                yield view.gap(dates, zh, f"it takes effect {ahead} natural days after it is published")


class Rhythm(RuleKind, frozen=True, tag="rhythm"):
    """Some pledge whose name or words match is kept at least this often."""

    about: str
    most: str
    named: Words

    def __post_init__(self) -> None:
        parse_duration(self.most)
        expression(self.about)

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section without such a pledge, or the first one where all are too slow."""
        most = parse_duration(self.most)
        pledges = [one for one in view.of("pledges", Pledge) if expression(self.about).search(called(one))]
        if not pledges:
            yield view.lack("pledges", f"没有承诺定期{self.named.zh}", f"no pledge speaks of {self.named.en}")
        elif not any(answered(one.every, most) for one in pledges):
            slow = pledges[0]
            zh = f"{self.named.zh}的周期为 {slow.every}，长于 {most}"
            yield view.gap(slow, zh, f"{self.named.en} comes every {slow.every}, and the limit is {most}")
