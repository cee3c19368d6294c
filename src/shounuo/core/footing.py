"""Hold the entries of a policy against each other: does each stand on what it needs?

 6. Sensitive information that rests on consent is asked for by a consent of its own. (PIPL 29)
 7. What rests on consent says which consent, and that consent has the form: a scene or use its basis, a door
    the ground it opens on. A service or scene that needs acceptance has a consent item that is for it.
 8. A secret is held as a verifier or in memory only; a card security code in memory only, or not at all.
 9. Every item a scene takes and keeps has a rule that says how long, and no item has two.
10. A purpose has one name: services, scenes and uses share none. A name a consent is for means one entry.
11. What is ruled out for good (`never`) is no declared purpose of the same items.
12. A recipient is named for a purpose, and receives nothing that none of its purposes needs. A door that
    opens says to whom, and leads only to recipients named for its purposes.
13. Where a guardian must agree, there is a consent item of that form.
"""

from collections import Counter
from collections.abc import Iterator

from shounuo.core.policy import (
    Basis,
    ConsentItem,
    Door,
    Entry,
    Form,
    Item,
    Minors,
    Policy,
    Recipient,
    Retention,
    Scene,
    Service,
    Use,
)
from shounuo.core.reach import COVERED, taken_by
from shounuo.errors import Fault

PURPOSES = ("services", "scenes", "uses")


def check(policy: Policy) -> Iterator[Fault]:
    """Every entry that lacks what it stands on."""
    yield from _unasked(policy)
    yield from _doors_unasked(policy)
    yield from _secrets(policy)
    yield from _endless(policy)
    yield from _ambiguous(policy)
    yield from _ruled_out(policy)
    yield from _recipients(policy)
    yield from _doors(policy)
    yield from _guardians(policy)


def _fault(entry: Entry, wrong: str, remedy: str, code: str) -> Fault:
    return Fault(entry.line, entry.path, wrong, remedy, code)


def _asked(policy: Policy, entry: Entry) -> list[ConsentItem]:
    """The consent items an entry asks, or that are for it."""
    found = [item for item in policy.of("consent").values() if isinstance(item, ConsentItem)]
    return [item for item in found if item.name in getattr(entry, "asks", ()) or entry.name in item.covers]


def _apart(item: ConsentItem) -> bool:
    return item.form.rank >= Form.SEPARATE.rank


def _list(names: Iterator[str] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _unasked(policy: Policy) -> Iterator[Fault]:
    information = policy.of("information")
    for entry in policy.entries():
        if isinstance(entry, Scene | Use) and entry.basis.by_consent:
            apart = any(map(_apart, _asked(policy, entry)))
            sensitive = [
                n for n in taken_by(entry) if getattr(information.get(n), "grade", "") == "sensitive"
            ]
            if not entry.asks:  # (7)
                remedy = "add `asks:` with a consent entry"
                yield _fault(entry, "it rests on consent and asks for none", remedy, "unasked")
            elif entry.basis is Basis.SEPARATE_CONSENT and not apart:
                remedy = "ask a consent item of form `separate`"
                yield _fault(entry, "it rests on separate consent and asks for none", remedy, "unasked")
            if sensitive and not apart:  # (6)
                wrong = f"it takes sensitive items ({_list(sensitive)}) without a consent of their own"
                yield _fault(entry, wrong, "ask a consent item of form `separate` (PIPL 29)", "unasked")
        if (
            isinstance(entry, Scene | Service) and "acceptance" in entry.needs and not _asked(policy, entry)
        ):  # (7)
            remedy = "add a consent entry that is `for:` it"
            yield _fault(entry, "it needs acceptance, and no consent is for it", remedy, "unasked")


def _doors_unasked(policy: Policy) -> Iterator[Fault]:
    for door in policy.of("sharing").values():
        forms = [item.form.rank for item in _asked(policy, door) if item.form is not Form.GUARDIAN]
        for ground in getattr(door, "on", ()):  # (7)
            if ground.form is not None and (not forms or min(forms) < ground.form.rank):
                wrong = f"it opens on {ground.value}, and no consent of that form is for it"
                remedy = f"add a consent entry of form `{ground.form.value}` (or stronger) that is `for:` it"
                yield _fault(door, wrong, remedy, "unasked")


def _secrets(policy: Policy) -> Iterator[Fault]:
    for item in policy.of("information").values():  # (8)
        if getattr(item, "kind", "") == "secret" and getattr(item, "store", "") not in (
            "hashed",
            "memory-only",
        ):
            remedy = "write `store: hashed`, or `store: memory-only`"
            yield _fault(item, "a secret is never held so that it can be read", remedy, "readable-secret")
        if getattr(item, "kind", "") == "card-security-code" and getattr(item, "store", "") not in (
            "memory-only",
            "never",
        ):
            remedy = "write `store: memory-only`, or `store: never`"
            yield _fault(item, "a card security code is never held", remedy, "readable-secret")


def _endless(policy: Policy) -> Iterator[Fault]:
    rules = [entry for entry in policy.of("retention").values() if isinstance(entry, Retention)]
    ruled = Counter(name for rule in rules for name in rule.of)
    for rule in rules:  # (9)
        if twice := [name for name in rule.of if ruled[name] > 1]:
            wrong = f"another rule speaks of {_list(twice)} too"
            yield _fault(rule, wrong, "let one rule say how long each item is kept", "two-rules")
    for scene in policy.of("scenes").values():
        for name in sorted(set(taken_by(scene)) - ruled.keys()) if "rest" not in ruled else ():
            item = policy.of("information").get(name)
            if isinstance(item, Item) and item.store in ("sealed", "hashed"):
                wrong = f"it takes `{name}`, and nothing says how long that is kept"
                yield _fault(scene, wrong, "add a `retention` rule for it", "endless")


def _ambiguous(policy: Policy) -> Iterator[Fault]:
    first: dict[str, Entry] = {}
    for entry in (entry for section in PURPOSES for entry in policy.of(section).values()):  # (10)
        if (other := first.setdefault(entry.name, entry)) is not entry:
            wrong = f"`{other.path}` (line {other.line}) has the same name, and a purpose has one"
            yield _fault(entry, wrong, "give one of them another name", "ambiguous")
    for item in policy.of("consent").values():
        for name in getattr(item, "covers", ()):
            meant = [section for section in COVERED if name in policy.of(section)]
            if len(meant) > 1:
                wrong = f"it is for `{name}`, which stands in {_list(meant)}"
                yield _fault(item, wrong, "give them different names: a yes is for one thing", "ambiguous")


def _ruled_out(policy: Policy) -> Iterator[Fault]:
    declared = {entry.name: entry for section in PURPOSES for entry in policy.of(section).values()}
    everything = frozenset(policy.of("information"))
    for entry in policy.entries():  # (11)
        for name in getattr(entry, "never", ()):
            other = declared.get(name)
            ruled = frozenset(taken_by(entry)) or everything
            if other is not None and (isinstance(other, Service) or ruled & set(taken_by(other))):
                wrong = f"it rules out `{name}` for good, and `{other.path}` (line {other.line}) declares it"
                yield _fault(
                    entry, wrong, "remove one of them: what is never done is no purpose", "ruled-out"
                )


def _recipients(policy: Policy) -> Iterator[Fault]:
    for entry in policy.of("recipients").values():  # (12)
        if not isinstance(entry, Recipient):
            continue
        if not entry.for_:
            yield _fault(
                entry, "it is named for no purpose, so it may receive nothing", "add `for:`", "no-purpose"
            )
            continue
        needed = {name for purpose in entry.for_ for name in _items_for(policy, purpose)}
        if idle := [name for name in entry.receives if name not in needed]:
            wrong = f"it receives {_list(idle)}, which none of its purposes needs"
            yield _fault(
                entry, wrong, "remove them, or name the purpose that needs them in `for:`", "no-purpose"
            )


def _items_for(policy: Policy, purpose: str) -> tuple[str, ...]:
    return tuple(n for section in PURPOSES if (e := policy.of(section).get(purpose)) for n in taken_by(e))


def _doors(policy: Policy) -> Iterator[Fault]:
    for door in policy.of("sharing").values():  # (12)
        if not isinstance(door, Door):
            continue
        if door.on and not door.to:
            yield _fault(
                door, "it opens, and does not say to whom", "add `to:` with a recipient", "no-recipient"
            )
        for name in door.to:
            purposes = getattr(policy.of("recipients").get(name), "for_", ())
            if door.for_ and not set(door.for_) & set(purposes):
                wrong = f"it leads to `{name}`, who is not named for {_list(list(door.for_))}"
                yield _fault(
                    door, wrong, f"add the purpose to the `for:` of `recipients.{name}`", "no-purpose"
                )


def _guardians(policy: Policy) -> Iterator[Fault]:
    forms = {getattr(item, "form", None) for item in policy.of("consent").values()}
    for entry in policy.of("minors").values():  # (13)
        if isinstance(entry, Minors) and entry.rule == "guardian-consent" and Form.GUARDIAN not in forms:
            remedy = "add a consent entry of form `guardian`, or write `rule: refuse`"
            yield _fault(
                entry, "a guardian must agree, and no consent is a guardian's to give", remedy, "unasked"
            )
