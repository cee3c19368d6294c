"""Rules about information that goes out: the papers it needs, and the way abroad."""

from collections.abc import Iterator, Mapping

from shounuo.core.policy import Recipient, Storage
from shounuo.law.rules.entries import Where, chosen
from shounuo.law.rules.rule import Gap, RuleKind, expression
from shounuo.law.rules.view import View, called, leads_abroad, terms

_AGREEMENT = "协议|协定|合同|agreement|contract"


class PapersCover(RuleKind, frozen=True, tag="papers-cover"):
    """Every chosen recipient needs agreements; together they speak of every term, an expression each."""

    where: Where
    terms: Mapping[str, str]

    def __post_init__(self) -> None:
        for wanted in self.terms.values():
            expression(wanted)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every recipient without agreements, or whose agreements leave a term out."""
        for recipient in chosen(view, ("recipients",), self.where):
            if not isinstance(recipient, Recipient):
                continue
            papers = [one for one in view.papers_of(recipient) if expression(_AGREEMENT).search(called(one))]
            if not papers:
                yield view.gap(recipient, "没有须先订立的约定", "no agreement has to be on file first")
                continue
            text = terms(papers)
            lacking = ", ".join(
                name for name, wanted in self.terms.items() if not expression(wanted).search(text)
            )
            if lacking:
                zh = f"约定（{', '.join(paper.name for paper in papers)}）中没有 {lacking}"
                yield view.gap(recipient, zh, f"its agreements do not speak of {lacking}")


class OpenDoorAbroad(RuleKind, frozen=True, tag="open-door-abroad"):
    """What is abroad gets there through an open `abroad` door that needs a lawful mechanism first."""

    mechanism: str  # an expression, searched in the papers of the door and the recipient

    def __post_init__(self) -> None:
        expression(self.mechanism)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every recipient and every place of storage abroad without one."""
        for recipient in chosen(view, ("recipients",), {"abroad": True}):
            if isinstance(recipient, Recipient):
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
            en = "its door abroad needs no assessment, certificate or standard contract first"
            yield view.gap(entry, "出境门不以评估、认证或标准合同为前提", en)
