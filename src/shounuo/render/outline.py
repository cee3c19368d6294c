"""The outline of a text: its chapters and sections in order, with their headings, and the clauses of each.

1. A clause says where it stands: `2.1`, `二、2 1)`, `附则 3`. Numbers are read in either script; what is not a number is the
   name of a part without one.
2. Parts stand in the order in which the text speaks of them; a chapter that has a title and no clause stands in its place.
3. A heading is ours where the policy has one in both languages, else it is the title as published, else the place itself.
4. Where a text numbers nothing, its parts are numbered here, so that they can be cited; what stands before the first is not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shounuo.core.clause import Clause
from shounuo.core.policy import Chapters, Headings, Policy
from shounuo.render.tongue import Tongue

_DIGITS = "零一二三四五六七八九十"
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)*(?:-[0-9]+)?|[一二三四五六七八九十]{1,3})[).）、]*")
_NUMBERED = re.compile(
    r"(?:第)?([0-9]+(?:\.[0-9]+)*|[一二三四五六七八九十]{1,3})(?:[、．.)）]+|[章节部]分?|\s)\s*"
)
_BEFORE = frozenset({"", "页首", "前言", "引言", "提示条款"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a part's name (empty for a numbered chapter) and the numbers within. (1)"""

    name: str
    numbers: tuple[str, ...]

    @property
    def chapter(self) -> "Place":
        """The part or chapter it stands in."""
        return Place(self.name, () if self.name else self.numbers[:1])

    @property
    def within(self) -> tuple[str, ...]:
        """Its numbers below the chapter."""
        return self.numbers if self.name else self.numbers[1:]


def read_place(text: str) -> Place:
    """A place as a clause names it. (1)"""
    words = re.sub(r"(?<=[^0-9.\s-])(?=[0-9])", " ", text.replace("、", " ")).split()
    numbers: list[str] = []
    while words and _NUMBER.fullmatch(words[-1]):
        numbers.insert(0, words.pop())
    if words:
        return Place(_name(text, numbers), _flat(numbers))
    return Place("", _flat(numbers))


def _name(text: str, numbers: list[str]) -> str:
    found = text
    for one in reversed(numbers):
        found = found.rstrip().removesuffix(one)
    return found.strip()


def _flat(tokens: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for token in tokens:
        bare = token.rstrip(").）、")
        if bare[0] in _DIGITS:
            found.append(str(_chinese(bare)))
        elif "-" in bare:
            found.append(bare)
        else:
            steps = bare.split(".")
            # `二 2.1` repeats the chapter's number, `二 2` goes on.
            found = steps if len(steps) > 1 and steps[: len(found)] == found else found + steps
    return tuple(found)


def _chinese(text: str) -> int:
    """A number up to 99 in Chinese."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.index(text)
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)


def in_chinese(number: int) -> str:
    """`一`, `十二`, `二十`."""
    if number <= 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


@dataclass(slots=True)
class Section:
    """A place with its heading, its clauses and the sections below it. `number` is as it is written before the heading."""

    place: Place
    anchor: str
    number: str
    title: str
    clauses: list[Clause] = field(default_factory=list)
    below: list["Section"] = field(default_factory=list)


def outline(policy: Policy, say: Tongue) -> list[Section]:
    """The chapters of the text with their sections. (2)"""
    return _Outline(policy, say).chapters()


class _Outline:
    def __init__(self, policy: Policy, say: Tongue) -> None:
        self.policy, self.say = policy, say
        text = policy.of("text")
        titles, headings = text.get("chapters"), text.get("headings")
        self.titles = titles.titles if isinstance(titles, Chapters) else ()
        self.headings: Mapping[Place, str] = (
            {read_place(one.at): say.said(one.words) for one in headings.of}
            if isinstance(headings, Headings)
            else {}
        )

    def chapters(self) -> list[Section]:
        found: dict[Place, Section] = {}
        for clause in self.policy.clauses.values():
            place = read_place(clause.section)
            chapter = found.setdefault(place.chapter, self._section(place.chapter))
            self._into(chapter, place, clause)
        for number in range(1, len(self.titles) + 1):  # (2)
            place = Place("", (str(number),))
            if place not in found:
                found = self._placed(found, place, number)
        chapters = list(found.values())
        if not any(one.place.numbers for one in chapters):  # (4)
            named = [one for one in chapters if one.place.name not in _BEFORE]
            for number, one in enumerate(named, 1):
                one.number = self._numeral(number)
        return chapters

    def _placed(self, found: dict[Place, Section], place: Place, number: int) -> dict[Place, Section]:
        """The chapter without clauses after the one before it."""
        ordered: dict[Place, Section] = {}
        after = max(
            (at for at, one in enumerate(found) if one.numbers and int(one.numbers[0]) < number), default=-1
        )
        for at, (known, section) in enumerate(found.items()):
            if at == after + 1:
                ordered[place] = self._section(place)
            ordered[known] = section
        return ordered if place in ordered else {**ordered, place: self._section(place)}

    def _into(self, chapter: Section, place: Place, clause: Clause) -> None:
        section = chapter
        for depth in range(1, len(place.within) + 1):
            step = Place(place.name, place.numbers[: len(place.numbers) - len(place.within) + depth])
            known = next((one for one in section.below if one.place == step), None)
            passed = self.headings or depth < len(place.within)
            if known is None and passed and step not in self.headings:
                continue  # a level without a heading is part of the one above
            if known is None:
                known = self._section(step)
                section.below.append(known)
            section = known
        section.clauses.append(clause)

    def _section(self, place: Place) -> Section:
        return Section(place, _anchor(place), self._number(place), self._title(place))

    def _number(self, place: Place) -> str:
        if not place.numbers:
            return ""
        if place == place.chapter:
            return self._numeral(int(place.numbers[0]))
        return ".".join(place.numbers) + " "

    def _numeral(self, number: int) -> str:
        return self.say(f"{in_chinese(number)}、", f"{number}. ")

    def _title(self, place: Place) -> str:
        """The heading of a place. (3)"""
        number = int(place.numbers[0]) if place.numbers and not place.name and not place.within else 0
        printed = 0 < number <= len(self.titles)
        if printed and (self.say.language == "zh-CN" or place not in self.headings):
            return _unnumbered(self.titles[number - 1], place)
        if place in self.headings:
            return _unnumbered(self.headings[place], place)
        return "" if place.numbers else place.name or self.say("总则", "General")


def _unnumbered(title: str, place: Place) -> str:
    """A heading without the number its author wrote before it, where that is the number it stands under anyway."""
    found = _NUMBERED.match(title)
    if found is None or found.end() == len(title):
        return title
    number = found[1].rstrip(".")
    own = str(_chinese(number)) if number[0] in _DIGITS else number
    return title[found.end() :] if own == ".".join(place.numbers) else title


def _anchor(place: Place) -> str:
    """Letters, digits and hyphens of any script: an anchor is part of an address."""
    name = re.sub(r"\W+", "-", place.name)
    return "-".join(("section", *([name] if name else []), *place.numbers))
