"""Legal requirements as data: what a law asks, where it says so, since when, and of whom.

1. `requirements.yaml` beside this module holds them, in our words. It is read whole or not at all: an
   unknown key, an unknown law or an unreadable condition is refused.
2. A requirement names its provisions, oldest first. Where a law was renumbered, each edition is a law of
   its own in the file, and the provision in force on the day asked is the one that is cited.
3. A requirement not in force on that day is told all the same, with its date.
4. A recommended standard binds only who promised it, so it never makes an error.
5. `read` says how well we know the text: nothing that was not read or quoted makes an error.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import yaml

from shounuo.core.clause import Words
from shounuo.errors import Misconfigured
from shounuo.law.rules import Rule
from shounuo.law.rules.condition import Condition, parse
from shounuo.law.rules.facts import FACTS

_FILE = "requirements.yaml"


class Force(StrEnum):
    """How strongly a text binds, strongest first."""

    LAW = "law"
    ADMIN_REG = "admin-reg"
    JUDICIAL = "judicial"
    DEPT_RULE = "dept-rule"
    NORMATIVE = "normative-doc"
    EU = "eu-law"  # binds only those who reach people there
    STANDARD = "recommended-std"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Force).index(self)


class Reading(StrEnum):
    """How well the text of the provision is known to us. (5)"""

    FULL_TEXT = "full-text"
    QUOTED = "quoted"
    SECONDARY = "secondary"
    HEADING = "heading-only"
    MEMORY = "memory"


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One text, in one edition."""

    zh: str
    en: str
    force: Force
    in_force: date


class Provision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in a law."""

    law: str
    zh: str
    en: str


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    provisions: tuple[Provision, ...]
    read: Reading
    severity: str
    asks: Words
    remedy: Words
    rule: Rule
    when: str = "always"
    source: str = ""


class _Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    laws: dict[str, Law]
    requirements: dict[str, _Written]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a law asks, and the rule that holds a policy against it."""

    id: str
    title: Words
    editions: tuple[tuple[Law, Provision], ...]  # oldest first (2)
    read: Reading
    severity: str
    asks: Words
    remedy: Words
    when: Condition
    rule: Rule
    source: str  # the id in the checklist the wording was drawn from

    @property
    def in_force(self) -> date:
        """The day since which it has been asked, in whatever edition."""
        return self.editions[0][0].in_force

    @property
    def force(self) -> Force:
        """How strongly its latest edition binds."""
        return self.editions[-1][0].force

    def edition(self, at: date) -> tuple[Law, Provision]:
        """The law and the place that hold on a day, or the first to come. (2, 3)"""
        held = [edition for edition in self.editions if edition[0].in_force <= at]
        return held[-1] if held else self.editions[0]

    def citation(self, at: date) -> Words:
        """Law and article as they stand on a day."""
        law, place = self.edition(at)
        return Words(f"《{law.zh}》{place.zh}", f"{law.en}, {place.en}")


@cache
def requirements() -> tuple[Requirement, ...]:
    """Every requirement, in the order of the file."""
    return read(
        resources.files("shounuo.law").joinpath("requirements.yaml").read_bytes(), "requirements.yaml"
    )


def read(text: bytes | str, source: str) -> tuple[Requirement, ...]:
    """The requirements written in `text`. Raises Misconfigured with the place and what is wrong. (1)"""
    try:
        book = msgspec.convert(yaml.load(text, Loader=_Loader), _Book)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise Misconfigured(f"{source}: {error}") from None
    return tuple(_requirement(name, one, book.laws, source) for name, one in book.requirements.items())


def _requirement(name: str, one: _Written, laws: Mapping[str, Law], source: str) -> Requirement:
    def wrong(what: str) -> Misconfigured:
        return Misconfigured(f"{source}: `{name}`: {what}")

    if unknown := [place.law for place in one.provisions if place.law not in laws]:
        raise wrong(f"`{unknown[0]}` is not among the laws")
    editions = tuple((laws[place.law], place) for place in one.provisions)
    if not editions or list(editions) != sorted(editions, key=lambda edition: edition[0].in_force):  # (2)
        raise wrong("it needs at least one provision, oldest edition first")
    if one.severity not in ("error", "warning"):
        raise wrong("`severity` is `error` or `warning`")
    loose = any(law.force is Force.STANDARD for law, _ in editions)
    if one.severity == "error" and (loose or one.read not in (Reading.FULL_TEXT, Reading.QUOTED)):  # (4, 5)
        raise wrong("a standard, or a text not read, is a warning at most")
    try:
        when = parse(one.when, FACTS)
    except ValueError as error:
        raise wrong(f"`when`: {error}") from None
    return Requirement(
        id=name, title=one.title, editions=editions, read=one.read, severity=one.severity, asks=one.asks,
        remedy=one.remedy, when=when, rule=one.rule, source=one.source or name,
    )  # fmt: skip


class _Loader(yaml.CSafeLoader):
    """A key stands once. (1)"""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: `{key.value}` stands twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)
