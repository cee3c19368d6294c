"""Legal requirements as data: what a law asks, where it says so, since when, and of whom.

1. The files in `requirements/` hold them, in our words. They are read whole or not at all: an unknown key, an
   unknown law or an unreadable condition is refused, and so is a name that stands twice.
2. A requirement names its provisions, oldest first. Where a law was renumbered, each edition is a law of
   its own in the file, and the provision in force on the day asked is the one that is cited.
3. A requirement not in force on that day is told all the same, with its date.
4. A recommended standard binds only who promised it, so it never makes an error.
5. `read` says how well we know the text: nothing that was not read or quoted makes an error.
6. Several laws often ask the same. A requirement that asks what another asks says so (`as`): it has a citation
   and a condition of its own, and the rule, the words and the remedy of the other unless it says its own.
7. What a checklist asks and no policy can show is named under `not-asked`, with the reason.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import yaml

from shounuo.core.clause import Words
from shounuo.errors import Misconfigured
from shounuo.law.rules import Rule
from shounuo.law.rules.condition import Condition, parse
from shounuo.law.rules.facts import FACTS

_FOLDER = "requirements"


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
    INFERENCE = "inference"  # drawn by us from the provisions named


class InText(StrEnum):
    """Whether the published text has to say it."""

    MUST = "must"
    SHOULD = "should"
    INTERNAL = "internal"  # a duty the text may stay silent on


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One text, in one edition."""

    zh: str
    en: str
    force: Force
    in_force: date
    url: str = ""  # where the text is published, if we know


class Provision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in a law."""

    law: str
    zh: str
    en: str


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    provisions: tuple[Provision, ...]
    read: Reading
    text: InText
    severity: str = "warning"
    as_: str = msgspec.field(default="", name="as")  # (6)
    asks: Words | None = None
    remedy: Words | None = None
    rule: Rule | None = None
    when: str = "always"
    source: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    laws: dict[str, Law] = {}
    requirements: dict[str, _Written] = {}
    not_asked: dict[str, Words] = {}


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a law asks, and the rule that holds a policy against it."""

    id: str
    title: Words
    editions: tuple[tuple[Law, Provision], ...]  # oldest first (2)
    read: Reading
    text: InText
    severity: str
    asks: Words
    remedy: Words
    when: Condition
    rule: Rule
    condition: str  # `when`, as it is written
    source: str  # the id in the checklist the wording was drawn from
    same_as: str = ""  # whose rule it has (6)
    group: str = ""  # the file it stands in: what it is about

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


class Book(NamedTuple):
    """Everything in the folder: what is asked, and what is not, with the reason. (7)"""

    requirements: tuple[Requirement, ...]
    not_asked: Mapping[str, Words]


@cache
def book() -> Book:
    """What the folder says."""
    folder = resources.files("shounuo.law").joinpath(_FOLDER)
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return read({one.name: one.read_bytes() for one in files})


def requirements() -> tuple[Requirement, ...]:
    """Every requirement, file by file, in the order written."""
    return book().requirements


def read(files: Mapping[str, bytes | str]) -> Book:
    """What `files` say together. Raises Misconfigured with the place and what is wrong. (1)"""
    laws: dict[str, Law] = {}
    written: dict[str, tuple[str, _Written]] = {}
    not_asked: dict[str, Words] = {}
    for source, text in files.items():
        try:
            one = msgspec.convert(_values(text), _File)
        except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
            raise Misconfigured(f"{source}: {error}") from None
        if twice := [*(laws.keys() & one.laws.keys()), *(written.keys() & one.requirements.keys())]:
            raise Misconfigured(f"{source}: `{twice[0]}` stands in two files")
        laws |= one.laws
        written |= {name: (source, asked) for name, asked in one.requirements.items()}
        not_asked |= one.not_asked
    found = tuple(_requirement(name, written, laws) for name in written)
    return Book(found, MappingProxyType(not_asked))


def _requirement(
    name: str, written: Mapping[str, tuple[str, _Written]], laws: Mapping[str, Law]
) -> Requirement:
    source, one = written[name]

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
    if bool(one.as_) is (one.rule is not None):
        raise wrong("it has a `rule` of its own, or says whose it has (`as`)")
    _, lent = written.get(one.as_, ("", one))  # (6)
    if lent.rule is None:
        raise wrong(f"`as`: `{one.as_}` is no requirement with a rule")
    asks, remedy = one.asks or lent.asks, one.remedy or lent.remedy
    if asks is None or remedy is None:
        raise wrong("`asks` and `remedy` are missing")
    return Requirement(
        id=name, title=one.title, editions=editions, read=one.read, text=one.text, severity=one.severity, asks=asks,
        remedy=remedy, when=when, rule=lent.rule, condition=one.when, source=one.source or name, same_as=one.as_,
        group=source.removesuffix(".yaml"),
    )  # fmt: skip


def _values(text: bytes | str) -> Any:
    """The values written in `text`: mappings, lists, texts, whole numbers, `true` and `false`; a key once. (1)"""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    return _value(root) if root is not None else {}


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child) for child in node.value]
    if node.tag.endswith(":bool"):
        return node.value == "true"
    return int(node.value) if node.tag.endswith(":int") else node.value


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, child in node.value:
        if key.value in seen:
            raise yaml.YAMLError(f"line {key.start_mark.line + 1}: `{key.value}` stands twice")
        seen.add(key.value)
        yield key.value, _value(child)
