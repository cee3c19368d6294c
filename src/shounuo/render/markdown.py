"""A document as Markdown (CommonMark with tables), saying what the HTML says and no more.

1. Every character that could be markup is escaped, in words and in anchors; a policy's words stay words.
2. Anchors are written out, so that contents and links resolve wherever the text is read.
3. Bold is `<strong>`: asterisks beside Chinese punctuation are not always emphasis.
4. One line a paragraph, one line a row; the text ends with a newline. The same document gives the same bytes.
"""

import re
from collections.abc import Iterator

from shounuo.render.document import (
    Block,
    Bullets,
    Contents,
    Document,
    Facts,
    Heading,
    Line,
    Paragraph,
    Part,
    Run,
    Sentence,
    Sentences,
    Table,
)

_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&$])")
_NO_NAME = re.compile(r"[^\w.-]")
_STARTS = re.compile(r"^(\s*)([-+=>]|\d{1,9}[.)])")


def markdown(document: Document) -> str:
    """The whole document."""
    return "\n\n".join(text for one in document.blocks if (text := _block(one))) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_anchor(block.anchor)}{_plain(block.number)}{_line(block.line)}"
        case Sentences():
            return _sentences(block)
        case Paragraph():
            text = (_anchor(block.entry) if block.entry else "") + _first(_line(block.line))
            return f"> {text}" if block.note else text
        case Bullets():
            return "\n".join(f"- {_first(_line(line))}" for line in block.of)
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Contents():
            return "\n".join(_contents(block))


def _sentences(block: Sentences) -> str:
    if len(block.of) == 1:
        return _sentence(block.of[0])
    return "\n".join(f"{at}. {_sentence(one)}" for at, one in enumerate(block.of, 1))


def _sentence(one: Sentence) -> str:
    return f"{_anchor(one.clause)}{_first(_line(one.line))}"


def _facts(block: Facts) -> str:
    lines = []
    anchor = _anchor(block.entry) if block.entry else ""
    if block.title:
        lines += [f"{anchor}<strong>{_line(block.title)}</strong>", ""]
        anchor = ""
    for at, fact in enumerate(block.of):
        said = "<br>".join(_said(fact.parts))
        lines.append(f"- {anchor if at == 0 else ''}{_first(_plain(fact.name))}{block.colon}{said}")
    return "\n".join(lines)


def _table(block: Table) -> str:
    lines = [
        f"{_anchor(block.anchor)}<strong>{_plain(block.caption)}</strong>",
        "",
        _row(map(_plain, block.columns)),
    ]
    lines.append(_row("---" for _ in block.columns))
    for row in block.rows:
        cells = ["<br>".join(_said(cell)) or "—" for cell in row.cells]
        lines.append(_row([_anchor(row.entry) + cells[0], *cells[1:]]))
    return "\n".join(lines)


def _row(cells: "Iterator[str] | list[str] | map[str]") -> str:
    return f"| {' | '.join(cells)} |"


def _contents(block: Contents) -> Iterator[str]:
    yield f"## {_anchor('contents')}{_plain(block.title)}"
    yield ""
    for heading, below in block.of:
        yield f"- {_to(heading)}"
        for one in below:
            yield f"  - {_to(one)}"


def _to(heading: Heading) -> str:
    number = _plain(heading.number)
    return f"[{number}{_line(heading.line)}](#{heading.anchor})"


def _said(parts: tuple[Part, ...]) -> list[str]:
    return [_line(line) for one in parts for line in one.lines]


def _anchor(name: str) -> str:
    return f'<a id="{_NO_NAME.sub("-", name)}"></a>'  # (2)


def _line(line: Line) -> str:
    return "".join(map(_run, line))


def _run(one: Run) -> str:
    text = _plain(one.text)
    if one.to:
        text = f"[{text}](#{one.to})"
    if one.underline:
        text = f"<u>{text}</u>"
    return f"<strong>{text}</strong>" if one.strong and text.strip() else text


def _plain(text: str) -> str:
    """Words, with nothing in them that is markup. (1)"""
    text = _MARKUP.sub(r"\\\1", " ".join(text.splitlines()) if "\n" in text or "\r" in text else text)
    return text.replace("://", "\\://").replace("www.", "www\\.")


def _first(text: str) -> str:
    """As the beginning of a block, where digits and hyphens could begin a list."""
    return _STARTS.sub(
        lambda found: (
            f"{found[1]}\\{found[2]}" if len(found[2]) == 1 else f"{found[1]}{found[2][:-1]}\\{found[2][-1]}"
        ),
        text,
    )
