"""The terms entries are written in: words in two languages, times, lists of closed words, references.

Keeping is counted in natural units. A period in working days is refused where it is written; working days are
for duties, and every other time may be said in them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import yaml

from shounuo.core import policy as shape
from shounuo.core.category import parse_region
from shounuo.core.clause import Words
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    Duration,
    EarlierOf,
    LongestOf,
    Usually,
    in_natural_units,
    parse_duration,
)
from shounuo.core.moment import CHANNELS, EVENTS, MOMENTS
from shounuo.language.grammar import (
    AnyOf,
    Field,
    Fields,
    Flag,
    Grammar,
    ListOf,
    Parsed,
    Reading,
    Ref,
    Schema,
    Text,
    Word,
    parse_date,
)
from shounuo.language.source import Node

CLAUSE_NAME = r"[a-z0-9]+-[a-z0-9][a-z0-9.-]*"


def must(grammar: Grammar, about: str, attr: str | None = None) -> Field:
    """A key that must stand."""
    return Field(grammar, required=True, about=about, attr=attr)


def may(grammar: Grammar, about: str, attr: str | None = None) -> Field:
    """A key that may stand."""
    return Field(grammar, about=about, attr=attr)


def one_of(words: str) -> Word:
    """One of these words."""
    return Word(tuple(words.split()))


def some_of(words: str) -> ListOf:
    """Some of these words."""
    return ListOf(one_of(words))


def member(of: type[StrEnum]) -> Word:
    """A word that stands for a member of an enum."""
    return Word(tuple(one.value for one in of), of)


def texts(what: str, longest: int) -> ListOf:
    """A list of lines of text."""
    return ListOf(Text(what, longest))


WORDS = Fields(
    {
        "zh": must(Text("the Chinese words"), "in Chinese"),
        "en": must(Text("the English words"), "in English"),
    },
    Words,
    "a sentence in two languages",
)
CLAUSE_ID = Text("a clause id such as `acme-2.1`", 80, CLAUSE_NAME)
CLAUSE_ID_OR_BOTH = Text("a clause id, or `both`", 80, f"({CLAUSE_NAME}|both)")
DATE = Parsed(parse_date, "2024-03-22", "[0-9]{4}-[0-9]{2}-[0-9]{2}")
REGION = Parsed(parse_region, "CN-mainland", "(CN-mainland|[A-Z]{2})")
ITEM = Ref(("information",))
ITEMS = ListOf(ITEM)
REQUIRED = AnyOf(
    scalar=ITEM,
    mapping=Fields(
        {"one-of": must(ListOf(ITEM, least=2), "exactly one of these", "items")},
        shape.OneOf,
        "an alternative",
    ),
)
REFUSAL = Fields(
    {
        "closed": may(
            ListOf(Ref(("services", "scenes", "uses", "recipients", "cookies")), least=0), "what a no closes"
        ),
        "open": may(
            AnyOf(Word(("rest",), lambda _: ()), None, ListOf(Ref(("services", "scenes", "uses")))),
            "what stays open; `rest` is everything else",
        ),
    },
    shape.Refusal,
    "a refusal",
)
BASIS = member(shape.Basis)
PURPOSES = ListOf(Ref(("scenes", "uses")))
OCCASIONS = ListOf(Ref(("occasions",)))
ASKS = ListOf(Ref(("consent",)))
PAPERS = ListOf(Ref(("papers",)))
NEEDS = ListOf(Ref(("scenes",), ("acceptance", "verified-identity")))
CHANNEL = Word(CHANNELS)
EVENT = Word(EVENTS)


def parse_share(text: str) -> Decimal:
    """A share such as `0.5 %`. Raises ValueError where it is none."""
    if re.fullmatch(SHARE, text) is None:
        raise ValueError(f"`{text}` is not a share below 100 %")
    return Decimal(text.removesuffix(" %"))


SHARE = r"[0-9]{1,2}(\.[0-9]{1,3})? %"


@dataclass(frozen=True, slots=True)
class Term:
    """A duration, or a mapping that says how several combine; the keys say which."""

    plain: Grammar
    forms: Mapping[str, Fields]

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value written at `node`, or `MISSING` after a fault."""
        if isinstance(node, yaml.ScalarNode):
            return self.plain.read(node, path, reading)
        keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        for key, form in self.forms.items():
            if key in keys:
                return form.read(node, path, reading)
        remedy = "write `6 months`, or a mapping with " + " or ".join(f"`{key}`" for key in self.forms)
        return reading.fault(node, path, "it is no time", remedy)

    def schema(self) -> Schema:
        """The same as a JSON Schema fragment."""
        return {"anyOf": [self.plain.schema(), *(form.schema() for form in self.forms.values())]}


def parse_keeping(text: str) -> Duration:
    """A duration in natural units. ValueError where it is counted in working days."""
    found = parse_duration(text, natural=True)
    if not in_natural_units(found):
        raise ValueError(
            f"`{text}` counts working days, and keeping is counted in natural days, months or years"
        )
    return found


_NATURAL = "natural days?|months?|years?|hours?|minutes?"
DURATION = Parsed(parse_duration, "5 working days", f"[1-9][0-9]{{0,5}} (working days?|{_NATURAL})")
KEEPING = Parsed(parse_keeping, "6 months", f"[1-9][0-9]{{0,5}} ({_NATURAL})")


def _bound(duration: Grammar) -> Fields:
    return Fields(
        {
            "says": must(Text("the text's own words", 80), "the text's own words"),
            "bound": must(duration, "the time we set ourselves"),
        },
        Bound,
        "a bound",
    )


def _one(key: str, grammar: Grammar, attr: str, make: type[Any], about: str) -> Fields:
    return Fields({key: must(grammar, about, attr)}, make, "a time")


BOUND = _bound(DURATION)
TIME = AnyOf(DURATION, BOUND)
DEADLINE = Term(
    DURATION,
    {
        "at-most": Fields(
            {
                "usually": must(DURATION, "the time it takes"),
                "at-most": must(DURATION, "and never longer than"),
            },
            Usually,
            "a deadline",
        ),
        "earlier-of": _one(
            "earlier-of", ListOf(DURATION, least=2), "terms", EarlierOf, "whichever ends first"
        ),
        "says": BOUND,
    },
)
_KEPT_BOUND = _bound(KEEPING)
PERIOD = Term(
    KEEPING,
    {
        "at-least": _one("at-least", KEEPING, "period", AtLeast, "no shorter than"),
        "at-most": _one("at-most", KEEPING, "period", AtMost, "no longer than"),
        "longest-of": _one(
            "longest-of",
            ListOf(AnyOf(KEEPING, _KEPT_BOUND), least=2),
            "terms",
            LongestOf,
            "whichever ends last",
        ),
        "says": _KEPT_BOUND,
    },
)
MOMENT = Word(MOMENTS)
TELLS = Fields(
    {
        "at": must(MOMENT, "the moment it is shown, or the event that is told"),
        "shows": may(texts("what is shown", 80), "what is shown"),
        "acknowledged": may(Flag(), "whether the person must confirm having seen it"),
        "channels": may(texts("a channel", 40), "the channels it is shown on"),
        "fallback": may(ListOf(CHANNEL), "the channels for whom those do not reach"),
        "within": may(TIME, "how soon after the moment"),
        "ahead": may(TIME, "how long before it, at least"),
        "to": may(one_of("person administrators controller everyone"), "who is told"),
        "unless": may(one_of("forbidden-by-law"), "when it is not told"),
    },
    shape.Tells,
    "`tells`",
)
