"""A document as a fragment of HTML, without script or style, ready to stand in any page.

1. Every word of the policy is escaped; the only markup is what stands in this file.
2. What a program may look for stands in `data-` attributes: entry, the clauses it keeps, field, item, word, clause.
3. A table says its roles and each cell its column, so that it can be folded on a narrow screen and still be heard as a table.
"""

from collections.abc import Iterable, Iterator
from html import escape

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


def fragment(document: Document) -> str:
    """The whole document: an `article` with its head, its contents and its text."""
    top, contents, body = parts(document)
    lang = escape(document.language)
    return (
        f'<article class="paper" lang="{lang}" data-policy="{escape(document.slug)}">\n'
        f"{top}{contents}{body}</article>\n"
    )


def parts(document: Document) -> tuple[str, str, str]:
    """Head, contents and text of a document, apart."""
    before: list[Block] = []
    after: list[Block] = []
    contents = document.contents()
    for one in document.blocks:
        if one is not contents:
            (after if _began(one, after) else before).append(one)
    top = f'<header class="text-head">\n{"".join(_blocks(before))}</header>\n'
    body = f'<div class="text">\n{"".join(_chapters(after))}</div>\n' if after else ""
    return top, "".join(_contents(contents)) if contents else "", body


def _began(block: Block, after: list[Block]) -> bool:
    return bool(after) or (isinstance(block, Heading) and block.level > 1)


def _chapters(blocks: list[Block]) -> Iterator[str]:
    """Each chapter in a section of its own."""
    open_ = False
    for at, one in enumerate(blocks):
        if isinstance(one, Heading) and one.level == 2:
            yield "</section>\n" if open_ else ""
            chapter = f' data-chapter="{one.chapter}"' if one.chapter else ""
            yield f'<section class="part-of" aria-labelledby="{_id(one.anchor)}"{chapter}>\n'
            open_ = True
        yield from _blocks(blocks[at : at + 1])
    yield "</section>\n" if open_ else ""


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for one in blocks:
        match one:
            case Heading():
                number = f'<span class="n">{escape(one.number)}</span>' if one.number else ""
                yield f'<h{one.level} id="{_id(one.anchor)}">{number}{_line(one.line)}</h{one.level}>\n'
            case Sentences():
                yield from _sentences(one)
            case Paragraph():
                field = f' data-field="{escape(one.field)}"' if one.field else ""
                marks = _entry(one.entry, one.keeps) if one.entry else ""
                css = ' class="note"' if one.note else ""
                inner = f"<span{field}>{_line(one.line)}</span>" if field else _line(one.line)
                yield f"<p{css}{marks}>{inner}</p>\n"
            case Bullets():
                yield "<ul>\n" + "".join(f"<li>{_line(line)}</li>\n" for line in one.of) + "</ul>\n"
            case Facts():
                yield from _facts(one)
            case Table():
                yield from _table(one)
            case Contents():
                yield from _contents(one)


def _sentences(block: Sentences) -> Iterator[str]:
    """One sentence is a paragraph, several are a numbered list."""
    if len(block.of) == 1:
        yield f'<p class="said" {_clause(block.of[0])}>{_line(block.of[0].line)}</p>\n'
        return
    yield '<ol class="said">\n'
    for one in block.of:
        yield f"<li {_clause(one)}>{_line(one.line)}</li>\n"
    yield "</ol>\n"


def _clause(one: Sentence) -> str:
    by = f' data-emphasised="{escape(" ".join(one.by))}"' if one.by else ""
    return f'id="{_id(one.clause)}" data-clause="{escape(one.clause)}" data-kind="{escape(one.kind)}"{by}'


def _facts(block: Facts) -> Iterator[str]:
    marks = _entry(block.entry, block.keeps) if block.entry else ""
    yield f'<div class="{"who" if block.head else "entry"}"{marks}>\n'
    if block.title:
        yield f'<p class="title" data-field="name">{_line(block.title)}</p>\n'
    yield '<dl class="facts">\n'
    for fact in block.of:
        yield f"<div><dt>{escape(fact.name)}</dt><dd>{_said(fact.parts)}</dd></div>\n"
    yield "</dl>\n</div>\n"


def _table(block: Table) -> Iterator[str]:
    columns = len(block.columns)
    yield f'<table class="stack of-{columns}" role="table" id="{_id(block.anchor)}">\n<caption>{escape(block.caption)}</caption>\n'
    heads = "".join(f'<th role="columnheader" scope="col">{escape(one)}</th>' for one in block.columns)
    yield f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">\n'
    for row in block.rows:
        yield f'<tr role="row"{_entry(row.entry, row.keeps)}>\n'
        for at, cell in enumerate(row.cells):
            if at == 0:
                yield f'<th role="rowheader" scope="row">{_said(cell)}</th>\n'
            else:
                label = escape(block.columns[at])
                yield f'<td role="cell" data-label="{label}"><div>{_said(cell) or "—"}</div></td>\n'
        yield "</tr>\n"
    yield "</tbody>\n</table>\n"


def _contents(block: Contents) -> Iterator[str]:
    yield f'<nav class="contents" aria-labelledby="contents">\n<h2 id="contents">{escape(block.title)}</h2>\n<ol>\n'
    for heading, below in block.of:
        inner = ""
        if below:
            inner = "\n<ol>\n" + "".join(f"<li>{_to(one)}</li>\n" for one in below) + "</ol>\n"
        yield f"<li>{_to(heading)}{inner}</li>\n"
    yield "</ol>\n</nav>\n"


def _to(heading: Heading) -> str:
    number = f'<span class="n">{escape(heading.number)}</span>' if heading.number else ""
    return f'<a href="#{_id(heading.anchor)}">{number}{_line(heading.line)}</a>'


def _said(parts_: tuple[Part, ...]) -> str:
    return "".join(
        f'<div data-field="{escape(one.field)}">{"<br>".join(map(_line, one.lines))}</div>' for one in parts_
    )


def _entry(path: str | None, keeps: tuple[str, ...]) -> str:
    kept = f' data-keeps="{escape(" ".join(keeps))}"' if keeps else ""
    return f' id="{_id(path or "")}" data-entry="{escape(path or "")}"{kept}'


def _id(name: str) -> str:
    return escape(name)


def _line(line: Line) -> str:
    return "".join(map(_run, line))


def _run(one: Run) -> str:
    text = escape(one.text)
    if one.to:
        text = f'<a href="#{_id(one.to)}">{text}</a>'
    if one.code:
        text = f"<code>{text}</code>"
    if one.day:
        text = f'<time datetime="{escape(one.day)}">{text}</time>'
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in (("lang", one.language), ("data-item", one.item), ("data-value", one.value))
        if value
    )
    if one.underline:
        text = f"<u>{text}</u>"
    if one.strong:
        css = ' class="sensitive"' if one.item else ""
        return f"<strong{css}{attributes}>{text}</strong>"
    if one.quiet:
        return f"<small{attributes}>{text}</small>"
    return f"<span{attributes}>{text}</span>" if attributes else text


def page(document: Document, style: str = "") -> str:
    """The fragment in the smallest whole page there is; with a style sheet, one that is looked at and printed as it stands."""
    title, lang = escape(document.title), escape(document.language)
    sheet, body = (f"<style>\n{style}</style>\n", ' class="policy"') if style else ("", "")
    inside = (
        f'<main>\n<div class="sheet">\n{fragment(document)}</div>\n</main>\n' if style else fragment(document)
    )
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n{sheet}</head>\n'
        f"<body{body}>\n{inside}</body>\n</html>\n"
    )
