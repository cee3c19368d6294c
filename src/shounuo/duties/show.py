"""Show the policy in force: its text, its registers, which rule holds, what may be set on a device.

1. Everything shown is made from the version in force, so a page cannot say what the system does not do.
2. Between this text and another, the rule of precedence for the topic decides; else the rule for `any`; a matter this
   text leaves open is the other's. The answer names the rule.
3. A key may be set on a device only if the cookie register names it; after a refusal only what operation needs.
4. The page shows every entry and every clause once: parts stand in the chapter of the published text whose title speaks
   of them, what no title speaks of stands after the chapters under a heading of ours.
5. A pack that comes with us is made from another company's text, and every page of it says so; a company's own policy
   carries no such note.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeVar
from uuid import UUID

from shounuo.core.clause import Clause, Words
from shounuo.core.policy import (
    Chapters,
    Contact,
    Cookie,
    Dates,
    Entry,
    Hold,
    Item,
    Operator,
    Precedence,
    Recipient,
    Retention,
    Right,
    Scene,
    Service,
)  # fmt: skip
from shounuo.core.rulebook import Rulebook, requirement_names
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Parts

T = TypeVar("T", bound=Entry)

NOTE = Words(
    "本页依据所示日期公布的文本制作，与该公司无关联，不代表对其行为的任何评价，亦不构成法律意见。",
    "Made from the text published on the date shown; not affiliated with the company; says nothing of its conduct; not legal advice.",
)


def book_of(parts: Parts, operator: UUID) -> Rulebook:
    """The Rulebook in force."""
    with parts.store.act(operator) as act:
        return in_force(parts, act)


def note_of(book: Rulebook) -> Words | None:
    """The note every page of a pack carries; None for a company's own policy. (5)"""
    pack = resources.files("shounuo.packs").joinpath(f"{book.policy.slug}.yaml")
    return NOTE if pack.is_file() else None


def facts(parts: Parts, operator: UUID) -> dict[str, Any]:
    """Every public register of the policy in force, as data. (1)"""
    book = parts.controls.displayed(book_of(parts, operator))
    policy = book.policy
    dates = policy.of("text").get("dates")
    who = policy.of("text").get("operator")
    note = note_of(book)
    chapters = policy.of("text").get("chapters")
    return {
        "version": book.number,
        "hash": book.hash,
        "note": {"zh": note.zh, "en": note.en} if note else None,
        "operator": _named(who) if isinstance(who, Operator) else None,
        "dates": {"published": dates.published, "updated": dates.updated, "effective": dates.effective} if isinstance(dates, Dates) else None,
        "chapters": list(chapters.titles) if isinstance(chapters, Chapters) else [],
        "services": [_named(e) | {"provider": e.provider, "text": e.text, "terms": e.terms} for e in _all(book, "services", Service)],
        "scenes": [_scene(book, e) for e in _all(book, "scenes", Scene)],
        "recipients": [_recipient(e) for e in _all(book, "recipients", Recipient)],
        "cookies": [
            _named(e) | {"keys": list(e.keys), "purposes": list(e.purposes), "set_by": e.set_by, "life": str(e.life) if e.life else None}
            for e in _all(book, "cookies", Cookie)
        ],
        "retention": [_keeping(e) for e in _all(book, "retention", Retention)],
        "holds": [_named(e) | {"provision": e.law_cited, "period": str(e.period), "opens_for": [str(o) for o in e.opens_for]}
                  for e in _all(book, "holds", Hold)],
        "rights": [_named(e) | {"kind": e.kind, "way": list(e.way), "path": dict(e.where)} for e in _all(book, "rights", Right)],
        "contacts": [_named(e) | {"kind": e.kind, "value": e.value} for e in _all(book, "contact", Contact)],
        "emphasised": [c.id for c in policy.clauses.values() if c.emphasised],
    }  # fmt: skip


def _all(book: Rulebook, section: str, kind: type[T]) -> list[T]:
    return [entry for entry in book.policy.of(section).values() if isinstance(entry, kind)]


def _named(entry: Entry) -> dict[str, Any]:
    words = entry.words
    return {
        "name": entry.name,
        "zh": words.zh if words else "",
        "en": words.en if words else "",
        "keeps": list(entry.keeps),
    }


def _scene(book: Rulebook, entry: Scene) -> dict[str, Any]:
    information = book.policy.of("information")
    sensitive = [
        n
        for one in requirement_names(entry.requires + entry.optional)
        for n in one
        if _grade(information.get(n)) == "sensitive"
    ]
    return _named(entry) | {
        "purpose": {"zh": entry.purpose.zh, "en": entry.purpose.en},
        "requires": [list(names) for names in requirement_names(entry.requires)],
        "optional": [list(names) for names in requirement_names(entry.optional)],
        "sensitive": sensitive,
        "when": list(entry.when),
        "closed_on_refusal": list(entry.refusal.closed) if entry.refusal else [],
    }


def _grade(entry: Entry | None) -> str:
    return entry.grade if isinstance(entry, Item) else ""


def _recipient(entry: Recipient) -> dict[str, Any]:
    return _named(entry) | {
        "kind": entry.kind, "company": entry.company, "purpose": {"zh": entry.purpose.zh, "en": entry.purpose.en},
        "when": list(entry.when), "receives": list(entry.receives), "how": entry.how, "terms": entry.terms, "country": entry.country,
    }  # fmt: skip


def _keeping(entry: Retention) -> dict[str, Any]:
    period = entry.for_
    return _named(entry) | {
        "of": list(entry.of),
        "for": str(getattr(period, "period", getattr(period, "bound", period))),
        "says": getattr(period, "says", None),
        "from": entry.from_,
        "then": entry.then,
        "basis": entry.basis,
        "hold": entry.hold,
    }


def which_rule(parts: Parts, operator: UUID, topic: str, over: str) -> dict[str, Any]:
    """Which text holds on `topic`, between this one and `over`. (2)"""
    book = book_of(parts, operator)
    entry = book.policy.of("text").get("precedence")
    if not isinstance(entry, Precedence):
        return {"wins": None, "because": "the policy says nothing of precedence", "clauses": []}
    rule = parts.controls.prevails(entry.rules, topic, over)
    if rule is not None:
        return {
            "wins": rule.wins,
            "because": f"{rule.topic}: {rule.wins} over {rule.over}",
            "gaps": entry.gaps,
            "clauses": list(entry.keeps),
        }
    return {"wins": None, "because": f"the policy names no text `{over}`", "clauses": list(entry.keeps)}


def may_set(parts: Parts, operator: UUID, key: str, choice: str) -> dict[str, Any]:
    """Whether `key` may be set on the visitor's device. (3)"""
    book = book_of(parts, operator)
    entry = next((one for one in _all(book, "cookies", Cookie) if key in one.keys), None)
    allowed = parts.controls.settable(entry, choice)
    return {
        "allowed": allowed,
        "purposes": list(entry.purposes) if entry else [],
        "clauses": list(entry.keeps) if entry else [],
    }


# Parts of the page, the sections each shows, and the words by which a chapter's title is known to speak of it. (4)
_PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "services": (("services",), ("适用", "范围")),
    "cookies": (("cookies",), ("Cookie", "同类技术")),
    "collection": (("scenes", "occasions", "permissions"), ("收集",)),
    "uses": (("uses", "messages", "stops"), ("使用",)),
    "consent": (("consent",), ("同意", "收集")),
    "information": (("information",), ("收集",)),
    "retention": (("storage", "retention", "holds"), ("存储", "保存", "储存")),
    "sharing": (("recipients", "sharing", "papers"), ("共享", "提供", "转让", "披露")),
    "protection": (("protection", "pledges"), ("如何保护", "安全")),
    "rights": (("rights", "requests"), ("权利", "管理")),
    "minors": (("minors",), ("未成年", "儿童")),
    "changes": (("changes",), ("更新", "变更", "修订")),
    "contact": (("contact",), ("联系",)),
    "readings": (("readings",), ()),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the page. `number` and `title` are as published; a chapter of ours has neither. (4)"""

    number: int | None
    title: str
    parts: tuple[str, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """The policy in force as people read it. `names` maps section and entry to words."""

    slug: str
    language: str
    version: int
    hash: str
    note: Words | None
    text: Mapping[str, Entry]
    chapters: tuple[Chapter, ...]
    sections: Mapping[str, Mapping[str, Entry]]
    names: Mapping[str, Mapping[str, str]]
    sensitive: frozenset[str]


def policy(parts: Parts, operator: UUID, language: str) -> PolicyPage:
    """The public page of the policy in force. (1, 4)"""
    return as_read(parts.controls.displayed(book_of(parts, operator)), language)


def as_read(book: Rulebook, language: str) -> PolicyPage:
    """The page of one version, in one language. (4)"""
    sections = book.policy.sections
    names = {
        section: {name: _said(entry, language) for name, entry in entries.items()}
        for section, entries in sections.items()
    }
    sensitive = frozenset(
        entry.name for entry in _all(book, "information", Item) if entry.grade == "sensitive"
    )
    return PolicyPage(
        book.policy.slug,
        language,
        book.number,
        book.hash,
        note_of(book),
        book.policy.of("text"),
        tuple(_chapters(book)),
        sections,
        names,
        sensitive,
    )


def _said(entry: Entry, language: str) -> str:
    words = entry.words
    return entry.name if words is None else words.zh if language == "zh-CN" else words.en


def _chapters(book: Rulebook) -> list[Chapter]:
    """The chapters as published, with their parts and clauses; then what is left. (4)"""
    published = book.policy.of("text").get("chapters")
    titles = published.titles if isinstance(published, Chapters) else ()
    place = {
        part: _place(titles, words)
        for part, (sections, words) in _PARTS.items()
        if any(book.policy.of(s) for s in sections)
    }
    clauses: dict[int | None, list[Clause]] = {}
    for clause in book.policy.clauses.values():
        first = clause.section.partition(".")[0]
        number = int(first) if first.isdecimal() and 0 < int(first) <= len(titles) else None
        clauses.setdefault(number, []).append(clause)
    found = [Chapter(None, "", (), tuple(clauses.get(None, ())))]
    for number, title in enumerate(titles, 1):
        found.append(
            Chapter(
                number,
                title,
                tuple(p for p, at in place.items() if at == number),
                tuple(clauses.get(number, ())),
            )
        )
    found.extend(Chapter(None, "", (part,), ()) for part, at in place.items() if at is None)
    return [chapter for chapter in found if chapter.number or chapter.parts or chapter.clauses]


def _place(titles: tuple[str, ...], words: tuple[str, ...]) -> int | None:
    """The first chapter whose title speaks of one of `words`, the most telling word first."""
    return next((number for word in words for number, title in enumerate(titles, 1) if word in title), None)
