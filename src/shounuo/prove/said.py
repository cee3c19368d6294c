"""What a clause says, as a story needs it: the only place an expectation comes from."""

from collections.abc import Iterator, Mapping
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


def anywhere(clause: Clause, field: str) -> Iterator[Any]:
    """Every figure or list the clause gives for `field`, whichever entry it speaks of."""
    for facts in (clause.items, clause.numbers):
        for key, value in facts.items():
            if key.rpartition(".")[2] == field:
                yield value


def names(value: Any) -> tuple[str, ...]:
    """The item names in a list of requirements, of alternatives the first."""
    return tuple(one.items[0] if isinstance(one, OneOf) else str(one) for one in (value or ()))


def first(params: Params, name: str) -> str | None:
    """The first word of a parameter."""
    found = params.get(name, ())
    return found[0] if found else None
