"""Rules about information that goes out: the papers it needs, and the way abroad."""

from collections.abc import Iterator

from shounuo.core.clause import Words
from shounuo.core.policy import Recipient, Storage
from shounuo.law.rules.entries import Where, check_where, chosen
from shounuo.law.rules.plain import called, leads_abroad, terms
from shounuo.law.rules.rule import Gap, RuleKind, Topics, check_topics, expression, lacking
from shounuo.law.rules.view import View

_AGREEMENT = "协议|协定|合同|agreement|contract"


def _recipients(view: View, where: Where) -> Iterator[Recipient]:
    return (one for one in chosen(view, ("recipients",), where) if isinstance(one, Recipient))


class PapersCover(RuleKind, frozen=True, tag="papers-cover"):
    """Every chosen recipient needs agreements first; together they speak of every topic."""

    where: Where
    topics: Topics

    def __post_init__(self) -> None:
        check_where(self.where)
        check_topics(self.topics)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every recipient without agreements, or whose agreements leave a topic out."""
        for recipient in _recipients(view, self.where):
            papers = [one for one in view.papers_of(recipient) if expression(_AGREEMENT).search(called(one))]
            if not papers:
                yield view.gap(recipient, "没有须先订立的约定", "no agreement has to be on file first")
            elif missing := lacking(self.topics, [terms(papers)]):
                names = ", ".join(paper.name for paper in papers)
                zh = f"约定（{names}）未提及{missing.zh}"
                yield view.gap(recipient, zh, f"its agreements do not speak of {missing.en}")


class OpenDoorAbroad(RuleKind, frozen=True, tag="open-door-abroad"):
    """What is abroad gets there through an open `abroad` door that needs a lawful mechanism first."""

    mechanism: str  # an expression, searched in the papers of the door and the recipient
    named: Words

    def __post_init__(self) -> None:
        expression(self.mechanism)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every recipient and every place of storage abroad without one."""
        for recipient in _recipients(view, {"abroad": True}):
            yield from self._through(view, recipient)
        for storage in view.storage_abroad:
            yield from self._through(view, storage)

    def _through(self, view: View, entry: Recipient | Storage) -> Iterator[Gap]:
        doors = [*view.open_abroad, *(one for one in view.doors_to.get(entry.name, ()) if leads_abroad(one))]
        if not doors:
            yield view.gap(
                entry, "在境外，却没有为它打开的出境门", "it is abroad, and no door abroad opens for it"
            )
            return
        papers = [view.papers[name] for door in doors for name in door.needs if name in view.papers]
        own = view.papers_of(entry) if isinstance(entry, Recipient) else ()
        if not expression(self.mechanism).search(terms([*papers, *own])):
            zh = f"出境门不以{self.named.zh}为前提"
            yield view.gap(entry, zh, f"its door abroad does not need {self.named.en} first")
