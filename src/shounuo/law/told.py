"""Findings as lines people read, in the order an officer works them off.

1. First what is wrong in the file itself, then what the law forbids, then the gaps: what the text has to say, what it
   would do well to say, what is done inside, what only a recommended standard asks. What is not in force yet on the
   day asked stands last, with its date.
2. One gap is told once: what one entry lacks, with one remedy, is one line with every article behind it; and what
   several entries lack alike is one line with all of them.
3. Every article that is not in force yet carries its own date.
4. A line begins with file and line, so that an editor can follow it, and names the requirement's id.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from shounuo.law.lint import Finding
from shounuo.law.requirement import Force, InText
from shounuo.law.sarif import Checked

MOST_PLACES = 12  # named one by one; `--json` names all
_PARTS = (
    "against the law",
    "the law wants the text to say",
    "the text would do well to say",
    "duties inside, which the text may stay silent on",
    "asked by a recommended standard, which binds who promised it",
    "not in force yet on this day",
)


@dataclass(frozen=True, slots=True)
class _Gap:
    """One gap: where, what the policy says, what is asked, by what, and what to do. (2)"""

    line: int
    entry: str
    says: tuple[str, ...]
    asks: str
    ids: tuple[str, ...]
    articles: tuple[str, ...]
    remedy: str

    @property
    def alike(self) -> tuple[object, ...]:
        """What it has in common with the same gap elsewhere."""
        return self.says, self.ids, self.articles, self.remedy


def lines(file: Checked, at: date) -> Iterator[str]:
    """Everything found in one file, and how much it is. (1)"""
    for weight in ("error", "warning"):
        own = [fault for fault in file.own if fault.severity == weight]
        if own:
            yield f"\n{file.name}: in the file itself ({weight}s: {len(own)})"
        for fault in own:
            yield f"{file.name}:{max(fault.line, 1)}: `{fault.entry}`: {fault.wrong}"
            yield f"    do: {fault.remedy}"
    counts = []
    for part, title in enumerate(_PARTS):
        gaps = _gaps([one for one in file.law if _part(one) == part])
        if not gaps:
            continue
        counts.append(f"{len(gaps)} {title}")
        yield f"\n{file.name}: {title} ({len(gaps)})"
        for alike in _alike(gaps):
            yield from _told(file.name, alike)
    told = "; ".join(counts) or "nothing of law"
    yield f"\n{file.name}: {_count(len(file.own), 'finding')} of its own; on the law of {at}: {told}"


def _part(finding: Finding) -> int:
    if finding.pending:
        return 5
    if finding.severity == "error":
        return 0
    if finding.force is Force.STANDARD:
        return 4
    return {InText.MUST: 1, InText.SHOULD: 2, InText.INTERNAL: 3}[finding.text]


def _gaps(found: Iterable[Finding]) -> list[_Gap]:
    """The gaps of one part: what one entry lacks with one remedy is one. (2)"""
    together: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        together.setdefault((one.entry, one.remedy.en), []).append(one)
    return [
        _Gap(
            line=min(one.line for one in mine),
            entry=mine[0].entry,
            says=tuple(dict.fromkeys(one.says.en for one in mine)),
            asks=mine[0].asks.en,
            ids=tuple(dict.fromkeys(one.requirement for one in mine)),
            articles=tuple(dict.fromkeys(article for one in mine for article in _articles(one))),
            remedy=mine[0].remedy.en,
        )
        for mine in together.values()
    ]


def _articles(finding: Finding) -> Iterator[str]:
    """Every article behind a finding, the one that binds most first, each with its own date. (3)"""
    yield cited(finding.article.en, finding.in_force, pending=finding.pending)
    for other in finding.also:
        yield cited(other.article.en, other.in_force, pending=other.pending)


def cited(article: str, in_force: date, *, pending: bool) -> str:
    """An article, with the day it takes effect where that is still to come. (3)"""
    return f"{article}, in force from {in_force}" if pending else article


def _alike(gaps: Sequence[_Gap]) -> list[list[_Gap]]:
    """The same gap in several entries, together. (2)"""
    found: dict[tuple[object, ...], list[_Gap]] = {}
    for gap in gaps:
        found.setdefault(gap.alike, []).append(gap)
    return list(found.values())


def _told(name: str, gaps: Sequence[_Gap]) -> Iterator[str]:
    """One gap and every entry that has it. (4)"""
    first, *others = gaps
    ids = ", ".join(first.ids)
    yield f"{name}:{max(first.line, 1)}: `{first.entry}`: {'; '.join(first.says)} [{ids}]"
    if others:
        shown = ", ".join(f"`{one.entry}` ({one.line})" for one in others[:MOST_PLACES])
        more = f", and {len(others) - MOST_PLACES} more" if len(others) > MOST_PLACES else ""
        yield f"    also: {shown}{more}"
    yield f"    asked: {first.asks} ({'; '.join(first.articles)})"
    yield f"    do: {first.remedy}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
