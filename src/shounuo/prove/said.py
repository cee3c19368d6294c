"""What the clauses say, as a story needs it: the only place an expectation comes from.

1. A clause's own figure or list comes first: of the entry by its path, else of the field alone.
2. Where it says nothing of a field, or names part of a list, what the other clauses say of the same entry
   counts too: one text may fix in one sentence what it proves in another.
3. What the text leaves open and the operator set itself (`ours`) was set in the clause, so it counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shounuo.core.clause import Clause, Part
from shounuo.core.names import Names
from shounuo.core.policy import OneOf

Params = Mapping[str, tuple[str, ...]]


def said(clause: Clause, field: str, path: str = "") -> Any:
    """The clause's own figure or list for `field` of the entry at `path`; None when it says nothing of it. (1, 3)"""
    found = _own(clause, field, path)
    return found.of if isinstance(found, Part) else found


def whole(names: Names, clause: Clause, field: str, path: str) -> Any:
    """What the clause says of `field` of the entry at `path`, or all clauses together do; None if none does. (2)"""
    found = _own(clause, field, path)
    if found is not None and not isinstance(found, Part):
        return found
    parts: dict[object, None] = dict.fromkeys(found.of if isinstance(found, Part) else ())
    for other in names.policy.clauses.values():
        keeps = any(entry.path == path for entry in names.keepers.get(other.id, ()))
        told = _own(other, field, path) if keeps else other.facts.get(f"{path}.{field}")
        if told is not None and not isinstance(told, Part):
            return told
        parts |= dict.fromkeys(told.of if isinstance(told, Part) else ())
    return tuple(parts) or None


def _own(clause: Clause, field: str, path: str) -> Any:
    facts = clause.facts
    return facts.get(f"{path}.{field}", facts.get(field)) if path else facts.get(field)


def anywhere(clause: Clause, field: str) -> Iterator[Any]:
    """Every figure or list the clause gives for `field`, whichever entry it speaks of."""
    for key, value in clause.facts.items():
        if key.rpartition(".")[2] == field:
            yield value.of if isinstance(value, Part) else value


def everywhere(names: Names, clause: Clause, field: str, section: str) -> Iterator[Any]:
    """The same, or what the clauses say of the entries of `section` that keep this one. (2)"""
    found = list(anywhere(clause, field))
    if not found:
        mine = (entry for entry in names.keepers.get(clause.id, ()) if entry.section == section)
        found = [value for entry in mine if (value := whole(names, clause, field, entry.path)) is not None]
    yield from found


def words_of(probes: Iterable[Clause], kind: str, subject: str, name: str, param: str) -> set[str]:
    """What all probes of a kind that name `name` as their `subject` say under `param`."""
    return {
        word
        for clause in probes
        for probe in clause.probes
        if probe.kind == kind and name in listed(probe.params.get(subject))
        for word in listed(probe.params.get(param))
    }


def listed(value: object) -> tuple[str, ...]:
    """The words of a parameter, one or several."""
    return tuple(map(str, value)) if isinstance(value, tuple) else () if value is None else (str(value),)


def names(value: Any) -> tuple[str, ...]:
    """The item names in a list of requirements, of alternatives the first."""
    return tuple(one.items[0] if isinstance(one, OneOf) else str(one) for one in (value or ()))


def first(params: Params, name: str) -> str | None:
    """The first word of a parameter."""
    found = params.get(name, ())
    return found[0] if found else None
