"""What every rule is: a frozen value with its parameters, and the gaps it finds in a policy."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import msgspec

from shounuo.core.clause import Words


class RuleKind(msgspec.Struct, frozen=True, tag_field="kind", rename="kebab", forbid_unknown_fields=True):
    """The shape of all kinds: read from data, unknown parameters refused."""


@cache
def expression(text: str) -> re.Pattern[str]:
    """What a rule searches for, in letters of any case. Raises ValueError where it cannot be read."""
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"`{text}` is no expression: {error}") from None


def found(wanted: str, said: Iterable[object]) -> str:
    """The first place an expression is found in what is said; empty where it is not."""
    hits = (expression(wanted).search(str(one)) for one in said)
    return next((hit[0] for hit in hits if hit), "")


Topics = Mapping[str, str]  # what must be spoken of, `Chinese/English`, and an expression that finds it


def check_topics(topics: Topics) -> None:
    """Raises ValueError for a topic not named in both languages, or an expression that cannot be read."""
    for name, wanted in topics.items():
        if not all(part.strip() for part in name.partition("/")):
            raise ValueError(f"`{name}` is not named in both languages: write `中文/English`")
        expression(wanted)


def lacking(topics: Topics, said: Iterable[object]) -> Words | None:
    """The topics nothing of what is said speaks of, in words."""
    text = "\n".join(str(one) for one in said)
    names = [name.partition("/") for name, wanted in topics.items() if not expression(wanted).search(text)]
    return Words("、".join(zh for zh, _, _ in names), ", ".join(en for _, _, en in names)) if names else None


@dataclass(frozen=True, slots=True)
class Gap:
    """One place where a policy falls short: an entry, or a section that lacks one, and how.

    `line` is the entry's, or that of the section's first entry; 0 where the section is not written.
    """

    line: int
    entry: str
    found: Words
