"""What the tests of rendering share: the packs, and readers of HTML and Markdown."""

import dataclasses
import re
from functools import cache
from html.parser import HTMLParser
from importlib import resources

from markdown_it import MarkdownIt

from shounuo.core.policy import Policy
from shounuo.language.load import load

PACKS = ("huiju", "vnet", "changlian", "tuyi", "kexun")
LANGUAGES = ("zh-CN", "en")
MARKUP = '<script>alert("x")</script> <b style="color:red">&amp; `a` *b* _c_ [d](javascript:e) |f| # ~g~ http://h.i www.j.k'


@cache
def pack(name: str) -> Policy:
    """A pack, read once."""
    source = resources.files("shounuo.packs").joinpath(f"{name}.yaml").read_bytes()
    return load(source, f"{name}.yaml", name)


def policy_of(text: str) -> Policy:
    """A policy written in a test."""
    return load(text, "small.yaml", "small")


def with_clause(policy: Policy, name: str, **changes: object) -> Policy:
    """The policy with one clause changed."""
    changed = dataclasses.replace(policy.clauses[name], **changes)
    return dataclasses.replace(policy, clauses={**policy.clauses, name: changed})


def with_entry(policy: Policy, path: str, **changes: object) -> Policy:
    """The policy with one entry changed."""
    section, _, name = path.partition(".")
    changed = dataclasses.replace(policy.sections[section][name], **changes)
    entries = {**policy.sections[section], name: changed}
    return dataclasses.replace(policy, sections={**policy.sections, section: entries})


class Read(HTMLParser):
    """The tags and attributes of some HTML, and the words of it, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def having(self, attribute: str) -> list[str]:
        return [value or "" for _, held in self.tags if (value := held.get(attribute)) is not None]

    @property
    def words(self) -> str:
        """Everything said, with no white space."""
        return re.sub(r"\s+", "", "".join(self.pieces))


def from_markdown(text: str) -> Read:
    """Markdown as a strict reader of CommonMark with tables shows it."""
    return Read(MarkdownIt("commonmark").enable("table").enable("strikethrough").render(text))
