"""What every rule is: a frozen value with its parameters, and the gaps it finds in a policy."""

import re
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


@dataclass(frozen=True, slots=True)
class Gap:
    """One place where a policy falls short: an entry, or a section that lacks one, and how.

    `line` is the entry's, or that of the section's first entry; 0 where the section is not written.
    """

    line: int
    entry: str
    found: Words
