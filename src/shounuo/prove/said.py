"""What a clause says, as a story needs it: the only place an expectation comes from."""

from collections.abc import Mapping
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import OneOf

Params = Mapping[str, tuple[str, ...]]


def said(clause: Clause, field: str, path: str = "") -> Any:
    """The clause's own figure or list for `field` of the entry at `path`; None when it says nothing of it."""
    for facts in (clause.items, clause.numbers):
        if path and f"{path}.{field}" in facts:
            return facts[f"{path}.{field}"]
        if field in facts:
            return facts[field]
    return None


def names(value: Any) -> tuple[str, ...]:
    """The item names in a list of requirements, of alternatives the first."""
    return tuple(one.items[0] if isinstance(one, OneOf) else str(one) for one in (value or ()))


def all_names(value: Any) -> tuple[str, ...]:
    """Every item name in a list of requirements."""
    return tuple(name for one in (value or ()) for name in (one.items if isinstance(one, OneOf) else (str(one),)))


def first(params: Params, name: str) -> str | None:
    """The first word of a parameter."""
    found = params.get(name, ())
    return found[0] if found else None
