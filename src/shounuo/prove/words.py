"""What a reader must find on a screen for each thing a clause says is shown.

1. A clause names what is shown by code words (`fields`, `purpose`, `company`). A person reads the matter
   itself: every item by its name, the purpose in its words, who receives it. Where the text has no such
   matter, its phrase stands.
2. The words come from the text that was handed in to be published, never from the server that shows them.
"""

from collections.abc import Iterable, Iterator

from shounuo.core.phrase import PHRASES
from shounuo.core.policy import (
    ConsentItem,
    Dates,
    Door,
    Entry,
    Permission,
    Policy,
    Recipient,
    Scene,
    Service,
    Use,
    items_of,
)

HARM = "可能危害您的人身、财产安全"  # what the law has people told of sensitive information (PIPL 30)
_SECTIONS = ("services", "scenes", "uses", "recipients", "sharing", "permissions", "messages", "changes")


def on_screen(policy: Policy, entry: Entry, code: str) -> list[str]:
    """Every text that must stand in the notice of `entry` for the code word `code`. (1)"""
    found = [text for one in _subjects(policy, entry) for text in _matter(policy, one, code)]
    return list(dict.fromkeys(found)) or [PHRASES[code].zh if code in PHRASES else code]


def _subjects(policy: Policy, entry: Entry) -> Iterator[Entry]:
    """The entry; of a consent item, what it is for."""
    if not isinstance(entry, ConsentItem):
        yield entry
        return
    for name in entry.covers:
        yield from (policy.of(section)[name] for section in _SECTIONS if name in policy.of(section))


def _matter(policy: Policy, entry: Entry, code: str) -> Iterator[str]:
    match code:
        case "fields" | "data-kinds":
            yield from _names(policy, "information", _items(policy, entry))
        case "purpose" | "purposes":
            yield from _purposes(policy, entry)
        case "recipient" | "recipient-name" | "company":
            for recipient in _recipients(policy, entry):
                yield recipient.company or title(recipient)
        case "effect-on-rights" if sensitive := [n for n in _items(policy, entry) if _sensitive(policy, n)]:
            yield from _names(policy, "information", sensitive)
            yield HARM
        case "necessity" if isinstance(entry, Scene) and entry.necessity:
            yield entry.necessity.zh
        case "service-terms" if isinstance(entry, Service) and entry.terms:
            yield entry.terms
        case "information-policy" | "their-rule" | "policy" if isinstance(entry, Service) and entry.text:
            yield entry.text
        case "version":
            dates = policy.of("text").get("dates")
            if isinstance(dates, Dates):
                yield str(dates.updated)


def _recipients(policy: Policy, entry: Entry) -> list[Recipient]:
    names = entry.to if isinstance(entry, Door) else [entry.name] if isinstance(entry, Recipient) else ()
    return [found for name in names if isinstance(found := policy.of("recipients").get(name), Recipient)]


def _items(policy: Policy, entry: Entry) -> tuple[str, ...]:
    """What an entry takes, reads or hands over; of a door that names none, what its recipients may get."""
    match entry:
        case Scene():
            return items_of(entry.requires + entry.optional)
        case Use():
            return entry.of
        case Recipient():
            return entry.receives
        case Door():
            return entry.carries or tuple(n for one in _recipients(policy, entry) for n in one.receives)
        case Permission():
            return entry.opens
        case _:
            return ()


def _purposes(policy: Policy, entry: Entry) -> Iterator[str]:
    if isinstance(entry, Scene | Use | Recipient):
        yield entry.purpose.zh
    if isinstance(entry, Door):
        served = entry.for_ or [name for one in _recipients(policy, entry) for name in one.for_]
        for name in served:
            purpose = policy.of("uses").get(name) or policy.of("scenes").get(name)
            if isinstance(purpose, Scene | Use):
                yield purpose.purpose.zh


def _names(policy: Policy, section: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield title(policy.of(section)[name])


def _sensitive(policy: Policy, name: str) -> bool:
    return getattr(policy.of("information").get(name), "grade", "") == "sensitive"


def title(entry: Entry) -> str:
    """What an entry is called on a page."""
    return entry.words.zh if entry.words else entry.name
