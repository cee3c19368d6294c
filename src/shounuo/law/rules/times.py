"""Rules about times: how soon, how often, how many days ahead."""

from collections.abc import Iterator

from shounuo.core.clause import Words
from shounuo.core.duration import parse_duration
from shounuo.core.policy import Dates
from shounuo.law.rules.entries import Where, check_where, chosen
from shounuo.law.rules.plain import written
from shounuo.law.rules.rule import Gap, RuleKind
from shounuo.law.rules.spans import answered, as_time, shown
from shounuo.law.rules.view import View


class Within(RuleKind, frozen=True, tag="within"):
    """The time each chosen entry names always ends within `most`. A time not said is another rule's matter."""

    sections: tuple[str, ...]
    field: str
    named: Words
    where: Where
    most: str

    def __post_init__(self) -> None:
        check_where(self.where)
        parse_duration(self.most)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every entry whose time may be longer."""
        most = parse_duration(self.most)
        for entry in chosen(view, self.sections, self.where):
            time = as_time(written(entry, self.field))
            if time is not None and not answered(time, most):
                zh = f"{self.named.zh}为 {shown(time)}，可能超过 {most}"
                yield view.gap(entry, zh, f"{self.named.en} is {shown(time)}, which can pass {most}")


class Rhythm(RuleKind, frozen=True, tag="rhythm"):
    """Some chosen pledge or paper is made good at least this often."""

    where: Where
    most: str
    named: Words
    sections: tuple[str, ...] = ("pledges", "papers")

    def __post_init__(self) -> None:
        check_where(self.where)
        parse_duration(self.most)

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section without such an entry, or the first one where all are too slow."""
        most = parse_duration(self.most)
        found = [(one, as_time(written(one, "every"))) for one in chosen(view, self.sections, self.where)]
        timed = [(one, every) for one, every in found if every is not None]
        if not timed:
            zh, en = f"没有承诺定期{self.named.zh}", f"no pledge speaks of {self.named.en}"
            yield view.lack("pledges", zh, en)
        elif not any(answered(every, most) for _, every in timed):
            slow, every = timed[0]
            zh = f"{self.named.zh}的周期为 {shown(every)}，长于 {most}"
            yield view.gap(slow, zh, f"{self.named.en} comes every {shown(every)}, and the limit is {most}")


class DaysBefore(RuleKind, frozen=True, tag="days-before"):
    """A version is published at least so many natural days before it takes effect."""

    least: int

    def gaps(self, view: View) -> Iterator[Gap]:
        """The dates that lie closer together."""
        for dates in view.of("text", Dates):
            if (ahead := (dates.effective - dates.updated).days) < self.least:
                zh = f"公布后 {ahead} 日即生效"
                yield view.gap(dates, zh, f"it takes effect {ahead} natural days after it is published")
