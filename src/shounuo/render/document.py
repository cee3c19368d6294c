"""A document: what is said, apart from how it is written down.

1. A tree of blocks over runs of words. It holds no markup: writers make that, so nothing a policy says can be any.
2. Every run knows what of the policy it shows (entry, field, item, word of the language), for readers that are programs.
3. It is a value: the same policy in the same language is the same document.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some words in one manner. `item` and `value` name what they stand for, `to` an anchor they lead to. (2)"""

    text: str
    strong: bool = False
    underline: bool = False
    code: bool = False
    quiet: bool = False
    language: str | None = None  # where it is not the document's
    day: str | None = None  # the date it writes out, in ISO form
    item: str | None = None
    value: str | None = None
    to: str | None = None


Line = tuple[Run, ...]


def run(text: str) -> Line:
    """A line of plain words."""
    return (Run(text=text),)


def joined(lines: Iterator[Line] | tuple[Line, ...] | list[Line], between: str) -> Line:
    """The lines in one, with `between` between them."""
    found: list[Run] = []
    for line in lines:
        if found and line:
            found.append(Run(text=between))
        found += line
    return tuple(found)


def set_off(line: Line, by: tuple[str, ...]) -> Line:
    """The line as a text sets off what matters."""
    return tuple(replace(one, strong="bold" in by, underline="underline" in by) for one in line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of level 1 to 5 with its anchor and its number as it is written before it."""

    level: int
    anchor: str
    number: str
    line: Line
    chapter: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One clause of the policy in its own words."""

    clause: str
    kind: str
    line: Line
    by: tuple[str, ...] = ()  # how it is set off


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """The clauses of one place, in the order of the text."""

    of: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph; `entry` and `field` where it shows one. A note stands apart from the text."""

    line: Line
    entry: str | None = None
    keeps: tuple[str, ...] = ()
    field: str | None = None
    note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list without order."""

    of: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one field of an entry says: one line or several."""

    field: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of a table; each cell holds what some of its fields say."""

    entry: str
    keeps: tuple[str, ...]
    cells: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; the first cell of each row heads it."""

    anchor: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name and what it is."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An entry told fact by fact; `title` may be empty."""

    of: tuple[Fact, ...]
    title: Line = ()
    entry: str | None = None
    keeps: tuple[str, ...] = ()
    head: bool = False  # stands at the head of the document
    colon: str = ": "  # between a name and what it is, where they stand in one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The table of contents: the headings it lists, each with those below it."""

    title: str
    of: tuple[tuple[Heading, tuple[Heading, ...]], ...]


Block = Heading | Sentences | Paragraph | Bullets | Table | Facts | Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document in one language. (3)"""

    slug: str
    language: str
    title: str
    blocks: tuple[Block, ...]

    def contents(self) -> Contents | None:
        """Its table of contents, where it has one."""
        return next((one for one in self.blocks if isinstance(one, Contents)), None)
