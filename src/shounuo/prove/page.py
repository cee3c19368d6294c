"""Read a public page as a visitor's browser has it: entry by entry, field by field.

1. An entry of the policy carries `data-entry`, its columns `data-field`, its items `data-item`, words of the
   language `data-value`, a sentence of the text `data-clause`. What is shown is what stands inside.
2. What is set off stands in `<strong>` or `<u>`.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "use",
        "path",
        "rect",
    }
)


@dataclass(slots=True)
class Shown:
    """What stands in one entry or sentence: its text, the text by field, items and words; what is set off."""

    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)


class Page(HTMLParser):
    """A page, read whole."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.entries: dict[str, Shown] = {}
        self.sentences: dict[str, Shown] = {}
        self.hash = self.text = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Step into an element, and note what it says of the entry it stands in."""
        known = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, known))
        for shown in self._around():
            if "data-item" in known:
                shown.items.add(known["data-item"])
            shown.words |= {known[name] for name in ("data-value", "value") if name in known}

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        """Step out of the innermost element of this name."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """A piece of text belongs to all it stands in."""
        self.text += data
        within = [known["data-field"] for _, known in self._open if "data-field" in known]
        if within and within[-1] == "hash":
            self.hash += data.strip()
        for shown in self._around():
            shown.text += data
            shown.marks |= {tag for tag, _ in self._open if tag in ("strong", "u") and data.strip()}
            for name in within:
                shown.fields[name] = shown.fields.get(name, "") + data

    def _around(self) -> list[Shown]:
        """The entry and the sentence of the text that are open."""
        found = []
        for _, known in self._open:
            if "data-entry" in known:
                found.append(self.entries.setdefault(known["data-entry"], Shown()))
            if "data-clause" in known:
                found.append(self.sentences.setdefault(known["data-clause"], Shown()))
        return found
