"""What a yes reaches: the purposes, items, manner, recipients and periods that stand behind a consent item.

1. Everything the law or a policy calls a material change is in it: a new field, purpose, manner, recipient or
   a longer period makes another reach, and so another wording. (PIPL 14, 23)
2. It does not depend on the order or the names of anything in this program, so an upgrade asks nobody again.
"""

import hashlib
import json
from collections.abc import Iterator

from shounuo.core.duration import AtLeast, AtMost, Bound, LongestOf, Period
from shounuo.core.policy import (
    Change,
    ConsentItem,
    Door,
    Entry,
    Message,
    Permission,
    Policy,
    Recipient,
    Scene,
    Service,
    Use,
    items_of,
)
from shounuo.core.retention import keeping

COVERED = ("services", "scenes", "uses", "recipients", "sharing", "permissions", "messages", "changes")


def fingerprint(value: object) -> str:
    """SHA-256 of `value` (lists, text, numbers, flags), so that no two values share one text. (2)"""
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()


def covered(policy: Policy, item: ConsentItem) -> tuple[Entry, ...]:
    """The entries a consent item is for, in the order of its list."""
    sections = [policy.of(section) for section in COVERED]
    return tuple(section[name] for name in item.covers for section in sections if name in section)


def taken_by(entry: Entry) -> tuple[str, ...]:
    """The items an entry takes, reads, hands over or opens."""
    match entry:
        case Scene():
            return items_of(entry.requires + entry.optional)
        case Use():
            return entry.of
        case Recipient():
            return entry.receives
        case Door():
            return entry.carries
        case Permission():
            return entry.opens
        case _:
            return ()


def passing(policy: Policy, entry: Entry) -> tuple[str, ...]:
    """As `taken_by`; of a door that names no items, what its recipients receive."""
    if isinstance(entry, Door) and not entry.carries:
        found = [taken_by(policy.of("recipients")[name]) for name in entry.to]
        return tuple(dict.fromkeys(name for names in found for name in names))
    return taken_by(entry)


def reach(policy: Policy, item: ConsentItem) -> list[object]:
    """What the item's entries do, as plain lists. (1)"""
    entries = sorted(covered(policy, item), key=lambda entry: entry.path)
    return [[entry.path, *_does(policy, entry)] for entry in entries]


def _does(policy: Policy, entry: Entry) -> Iterator[object]:
    items = sorted(passing(policy, entry))
    yield items
    yield sorted(_kept(policy, name) for name in items)
    match entry:
        case Scene():
            yield [entry.purpose.zh, entry.purpose.en, entry.source, entry.basis.value]
            yield _received_by(policy, entry.name)
            yield from _said_so(entry.in_eea)
        case Use():
            yield [entry.purpose.zh, entry.purpose.en, entry.basis.value]
            yield _received_by(policy, entry.name)
            yield from _said_so(entry.in_eea, entry.combines)
        case Recipient():
            yield [entry.purpose.zh, entry.purpose.en, _who(entry), sorted(entry.for_)]
        case Door():
            yield [entry.act.value, sorted(entry.on), sorted(entry.for_)]
            yield [_who(policy.of("recipients")[name]) for name in sorted(entry.to)]
        case Service():
            yield [entry.provider, entry.text, entry.terms]
            yield from _said_so(sorted(entry.by))
        case Message():
            yield [entry.klass, sorted(entry.channels)]
        case Change():
            yield sorted(entry.what)
        case _:
            pass


def _said_so(*values: object) -> Iterator[object]:
    """The values, where any is said: what an older policy could not say must not change its number. (2)"""
    if any(values):
        yield list(values)


def _who(entry: Entry) -> list[object]:
    """Who receives, what, and how they come by it."""
    assert isinstance(entry, Recipient)
    return [entry.name, entry.kind, entry.company, entry.country, entry.how, sorted(entry.receives)]


def _received_by(policy: Policy, purpose: str) -> list[list[object]]:
    return [_who(one) for one in sorted(policy.served.get(purpose, ()), key=lambda one: one.name)]


def _kept(policy: Policy, item: str) -> str:
    rule = keeping(policy, item)
    return f"{item}: {said(rule.rule.for_)} from {rule.rule.from_}" if rule else f"{item}: unsaid"


def said(period: Period) -> str:
    """A keeping period in words that stay the same."""
    match period:
        case Bound():
            return f"{period.says} ({period.bound})"
        case AtLeast():
            return f"at least {period.period}"
        case AtMost():
            return f"at most {period.period}"
        case LongestOf():
            return "the longest of " + ", ".join(said(term) for term in period.terms)
        case _:
            return str(period)
