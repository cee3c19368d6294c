"""The full text of a policy, made from its entries and clauses.

1. Every clause stands once, in its own words, in its place; what the published text sets off is set off.
2. What the entries fix stands with it in tables, so that what people read is what the system does: see `tables`.
3. It begins with the three dates and, where the policy is made from another company's text, with the note that says so.
4. Entries no table has room for are not in the text; they are in the register (`register`), which shows every one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources

from shounuo.core.clause import Words
from shounuo.core.duration import Bound
from shounuo.core.policy import (
    Dates,
    Emphasis,
    Entry,
    History,
    Minors,
    Operator,
    Policy,
    Precedence,
    Request,
    Retention,
    ShownAt,
)
from shounuo.render.document import (
    Block,
    Bullets,
    Contents,
    Document,
    Fact,
    Facts,
    Heading,
    Line,
    Paragraph,
    Part,
    Row,
    Run,
    Sentence,
    Sentences,
    Table,
    joined,
    run,
    set_off,
)
from shounuo.render.outline import Place, Section, outline
from shounuo.render.speaker import Speaker, key_of, span_value
from shounuo.render.tables import REGISTERS, Column, Register
from shounuo.render.tongue import Tongue

NOTE = Words(
    "本页依据所示日期公布的文本制作，与该公司无关联，不代表对其行为的任何评价，亦不构成法律意见。",
    "Made from the text published on the date shown; not affiliated with the company; says nothing of its conduct; not legal advice.",
)
_TITLE = Words("隐私政策", "Privacy policy")
_LABELLED = frozenset({"when", "lasts", "documents", "who"})  # what would not be understood by itself
_GOES_WITHOUT_SAYING = {"who": "person", "whose": "person", "to": "person", "stage": "regular"}
_WHOLE = "whole"  # the place of what belongs to no chapter


def note_of(policy: Policy) -> Words | None:
    """The note every page of a pack carries; None for a company's own policy. (3)"""
    pack = resources.files("shounuo.packs").joinpath(f"{policy.slug}.yaml")
    return NOTE if pack.is_file() else None


def title_of(policy: Policy, say: Tongue) -> str:
    """What the text calls itself."""
    entry = policy.of("text").get("title")
    return say.said(entry.words if entry else None, say.said(_TITLE))


def full_text(policy: Policy, language: str) -> Document:
    """The full text in one language."""
    return _Text(policy, Tongue(language)).document()


def head(policy: Policy, speaker: Speaker) -> Iterator[Block]:
    """Who speaks, the three dates, and the note. (3)"""
    text, say = policy.of("text"), speaker.say
    who, dates, note = text.get("operator"), text.get("dates"), note_of(policy)
    if isinstance(dates, Dates):
        names = ("published", "updated", "effective", "printed")
        yield Facts(
            of=tuple(_facts(speaker, dates, names)),
            entry=dates.path,
            keeps=dates.keeps,
            head=True,
            colon=say.colon,
        )
        if dates.printed:
            line = say(
                "原文未载明到日的日期：上列三个日期依据原文所示日期和公布情况确定。",
                "The published text names no day: the three dates above follow what it prints and when it was published.",
            )
            yield Paragraph(line=run(line))
    if isinstance(who, Operator):
        yield Facts(
            of=tuple(_facts(speaker, who, ("role", "address", "site"))),
            title=speaker.title(who),
            entry=who.path,
            keeps=who.keeps,
            head=True,
            colon=say.colon,
        )
    if note is not None:
        yield Paragraph(line=run(say.said(note)), note=True)


def _facts(speaker: Speaker, entry: Entry, names: Iterable[str]) -> Iterator[Fact]:
    for name in names:
        key = key_of(entry, name)
        if lines := speaker.lines(entry, name):
            yield Fact(name=speaker.label(entry.section, key), parts=(Part(field=key, lines=lines),))


class _Text:
    def __init__(self, policy: Policy, say: Tongue) -> None:
        self.policy, self.say = policy, say
        self.speaker = Speaker(policy, say)
        self.chapters = outline(policy, say)
        emphasis = policy.of("text").get("emphasis")
        self.by = emphasis.by if isinstance(emphasis, Emphasis) else ("bold",)
        self.at = {
            clause.id: section.place
            for top in self.chapters
            for section in _all(top)
            for clause in section.clauses
        }
        self.tables = self._tables()

    def document(self) -> Document:
        title = title_of(self.policy, self.say)
        body = [block for one in self.chapters for block in self._section(one, 2)]
        body += self._appendix()
        return Document(
            slug=self.policy.slug,
            language=self.say.language,
            title=title,
            blocks=(
                Heading(level=1, anchor="top", number="", line=run(title)),
                *head(self.policy, self.speaker),
                *self._preliminaries(),
                self._contents(body),
                *body,
            ),
        )

    # -- before the first chapter ------------------------------------------------------------------

    def _preliminaries(self) -> Iterator[Block]:
        """How what matters is set off, where the text can be read, which text holds."""
        text, say = self.policy.of("text"), self.say
        emphasis, shown, which = text.get("emphasis"), text.get("shown-at"), text.get("precedence")
        if isinstance(emphasis, Emphasis):
            by = joined(self.speaker.lines(emphasis, "by"), say.comma)
            line = (
                *run(say("与您有重大利害关系的条款以", "What matters most to you is set in ")),
                *by,
                *run(say("标示，敏感个人信息以加粗标示。", "; sensitive information is set in bold.")),
            )
            yield Paragraph(line=line, entry=emphasis.path, keeps=emphasis.keeps, field="by")
        if isinstance(shown, ShownAt):
            places = joined([self.speaker.text(one) for one in shown.places], say.comma)
            line = (
                *run(say("最新版本可在以下位置查阅：", "The text in force can be read at ")),
                *places,
                *run(say("，", ", ")),
                *joined(self.speaker.lines(shown, "sign_in"), ""),
                *run(say("。", ".")),
            )
            yield Paragraph(line=line, entry=shown.path, keeps=shown.keeps, field="places")
        if isinstance(which, Precedence):
            yield Paragraph(
                line=run(say("本文与其他文本不一致时：", "Where this text and another differ:")),
                entry=which.path,
                keeps=which.keeps,
            )
            gaps = (
                *run(say("本文未规定的事项，", "What this text leaves open is ")),
                *joined(self.speaker.lines(which, "gaps"), ""),
                *run(say("。", ".")),
            )
            yield Bullets(of=(*self.speaker.lines(which, "rules"), gaps))

    def _contents(self, body: list[Block]) -> Contents:
        found: list[tuple[Heading, list[Heading]]] = []
        for one in body:
            if isinstance(one, Heading) and one.level == 2:
                found.append((one, []))
            elif isinstance(one, Heading) and one.level == 3 and found:
                found[-1][1].append(one)
        title = self.say("目录", "Contents")
        return Contents(title=title, of=tuple((one, tuple(below)) for one, below in found))

    # -- chapters ----------------------------------------------------------------------------------

    def _section(self, section: Section, level: int) -> Iterator[Block]:
        chapter = section.place == section.place.chapter
        number = int(section.place.numbers[0]) if chapter and section.place.numbers else None
        yield Heading(
            level=level,
            anchor=section.anchor,
            number=section.number,
            line=self.speaker.text(section.title),
            chapter=number,
        )
        if section.clauses:  # (1)
            yield Sentences(
                of=tuple(
                    Sentence(
                        clause=one.id,
                        kind=one.kind.value,
                        line=set_off(run(self.say.said(one.says)), self.by)
                        if one.emphasised
                        else run(self.say.said(one.says)),
                        by=self.by if one.emphasised else (),
                    )
                    for one in section.clauses
                )
            )
        yield from self.tables.get(section.place, [])
        for below in section.below:
            yield from self._section(below, min(level + 1, 5))
        if chapter:
            yield from self.tables.get(_end(section.place), [])
            yield from self._history(section)

    def _history(self, section: Section) -> Iterator[Block]:
        """The versions the text names, where it speaks of them."""
        entry = self.policy.of("text").get("history")
        if not isinstance(entry, History) or not entry.versions:
            return
        if self._home([entry]) == section.place:
            yield Paragraph(
                line=run(self.say("历次版本：", "Versions:")), entry=entry.path, keeps=entry.keeps
            )
            yield Bullets(of=self.speaker.lines(entry, "versions"))

    def _appendix(self) -> Iterator[Block]:
        """The tables that speak to no chapter."""
        if left := self.tables.get(Place(_WHOLE, ()), []):
            title = self.say("附录：清单", "Appendix: registers")
            yield Heading(level=2, anchor="appendix", number="", line=run(title))
            yield from left

    # -- tables ------------------------------------------------------------------------------------

    def _tables(self) -> dict[Place, list[Block]]:
        """Every table by the place it stands at the end of. (2)"""
        found: dict[Place, list[Block]] = {}
        for register in REGISTERS:
            entries = [one for one in self.policy.of(register.section).values() if register.only(one)]
            if not entries:
                continue
            home = self._home(entries)
            if not register.beside:
                at = _end(home) if home else Place(_WHOLE, ())
                found.setdefault(at, []).extend(self._register(register, entries, register.anchor))
                continue
            places: dict[Place, list[Entry]] = {}
            for entry in entries:
                place = self._place(entry) or (_end(home) if home else Place(_WHOLE, ()))
                places.setdefault(place, []).append(entry)
            for place, here in places.items():
                anchor = "-".join((register.anchor, *_anchor_of(place)))
                found.setdefault(place, []).extend(self._register(register, here, anchor))
        return found

    def _place(self, entry: Entry) -> Place | None:
        """The place most of an entry's clauses stand in; of several the one furthest within, then the first."""
        places = Counter(self.at[one] for one in entry.keeps if one in self.at and self._tells(self.at[one]))
        return max(places, key=lambda place: (places[place], len(place.within))) if places else None

    def _home(self, entries: Iterable[Entry]) -> Place | None:
        """The chapter most of the entries speak to."""
        found = Counter(place.chapter for one in entries if (place := self._place(one)) is not None)
        return max(found, key=lambda place: found[place]) if found else None

    def _tells(self, place: Place) -> bool:
        """Whether a place is one where tables stand: a chapter, not the preamble, the summary or the definitions."""
        numbered = any(one.place.numbers for one in self.chapters)
        return bool(place.numbers and not place.name) if numbered else place.name not in ("", "页首")

    def _register(self, register: Register, entries: list[Entry], anchor: str) -> Iterator[Block]:
        for lead in register.lead:
            yield Paragraph(line=run(self.say.said(lead)))
        columns = [
            one
            for one in register.columns
            if any(self.speaker.lines(entry, name) for entry in entries for name in one.fields)
        ]
        yield Table(
            anchor=anchor,
            caption=self.say.said(register.caption),
            columns=(self.say.said(register.head), *(self.say.said(one.name) for one in columns)),
            rows=tuple(self._row(register, columns, entry) for entry in entries),
        )

    def _row(self, register: Register, columns: list[Column], entry: Entry) -> Row:
        own = [] if isinstance(entry, Request) else self._name(entry)
        if isinstance(entry, Request):
            own = [Part(field="kinds", lines=tuple(map(_strong, self.speaker.lines(entry, "kinds"))))]
        for name in register.first:
            if any(part.field == key_of(entry, name) for part in own):  # it heads the row already
                continue
            if lines := self._lines(entry, name):
                key = key_of(entry, name)
                if key in _LABELLED:
                    lines = (
                        (*run(f"{self.speaker.label(entry.section, key)}{self.say.colon}"), *lines[0]),
                        *lines[1:],
                    )
                own.append(Part(field=key, lines=tuple(map(_quiet, lines))))
        cells = tuple(self._cell(entry, column) for column in columns)
        return Row(entry=entry.path, keeps=entry.keeps, cells=(tuple(own), *cells))

    def _name(self, entry: Entry) -> list[Part]:
        """What heads an entry's row."""
        if isinstance(entry, Minors):
            ages = joined(
                [*self.speaker.lines(entry, "from_"), *self.speaker.lines(entry, "under")],
                self.say("、", ", "),
            )
            return [Part(field="under", lines=(_strong(ages),))]
        if entry.words is not None:
            return [Part(field="name", lines=(_strong(self.speaker.title(entry)),))]
        head = {"changes": "what", "ending": "of", "storage": "region"}.get(entry.section, "")
        return [Part(field=head, lines=tuple(map(_strong, self.speaker.lines(entry, head))))] if head else []

    def _cell(self, entry: Entry, column: Column) -> tuple[Part, ...]:
        parts = []
        for at, name in enumerate(column.fields):
            if isinstance(entry, Retention) and isinstance(entry.for_, Bound) and name in ("for_", "from_"):
                parts.append(self._bound(entry, entry.for_, name))
                continue
            key, lines = key_of(entry, name), self._lines(entry, name)
            if lines and at:
                label = self.speaker.label(entry.section, key)
                if getattr(entry, name) is True:
                    lines = (run(label),)
                else:
                    lines = ((*run(f"{label}{self.say.colon}"), *lines[0]), *lines[1:])
            elif not lines and at == 0 and (otherwise := self._otherwise(entry, key)):
                lines = (run(otherwise),)
            if lines:
                parts.append(Part(field=key, lines=lines))
        return tuple(parts)

    def _bound(self, rule: Retention, period: Bound, name: str) -> Part:
        """A keeping period the text gives no number for: its own words, then the time we set and from when it runs.

        From an event that ends the keeping it is the time to let go; from any other it is the time of keeping.
        """
        if name == "for_":
            (words,) = self.speaker.text(period.says)
            return Part(field="for", lines=((replace(words, value=span_value(period)),),))
        told = self.speaker.kept_for(rule, period)
        return Part(field="from", lines=((Run(text=told, value=rule.from_),),))

    def _lines(self, entry: Entry, name: str) -> tuple[Line, ...]:
        """What a field says to a reader; what goes without saying is not said."""
        who = self.policy.of("text").get("operator")
        home = {"country": who.home} if isinstance(who, Operator) else {}
        if getattr(entry, name) == {**_GOES_WITHOUT_SAYING, **home}.get(name, ...):
            return ()
        return self.speaker.lines(entry, name)

    def _otherwise(self, entry: Entry, key: str) -> str:
        """What an empty field means, where it means something."""
        return {
            "cookies.life": self.say("浏览器关闭即失效", "until the browser closes"),
            "holds.opens-for": self.say("不为任何事由开启", "nothing"),
            "storage.of": self.say("全部个人信息", "all personal information"),
            "sharing.on": self.say("不提供", "never"),
            "requests.refuse-on": self.say("不得拒绝", "never"),
            "changes.reconsent": self.say("无", "none"),
        }.get(f"{entry.section}.{key}", "")


def _end(place: Place) -> Place:
    """Where what stands at the end of a chapter is kept."""
    return Place(place.name or _WHOLE, (*place.numbers, "end"))


def _anchor_of(place: Place) -> Iterator[str]:
    if place.name:
        yield re.sub(r"\W+", "-", place.name)
    yield from place.numbers


def _all(section: Section) -> Iterator[Section]:
    yield section
    for below in section.below:
        yield from _all(below)


def _strong(line: Line) -> Line:
    return tuple(
        Run(text=one.text, strong=True, language=one.language, item=one.item, value=one.value) for one in line
    )


def _quiet(line: Line) -> Line:
    return tuple(
        Run(
            text=one.text,
            quiet=True,
            strong=one.strong,
            language=one.language,
            item=one.item,
            value=one.value,
        )
        for one in line
    )
