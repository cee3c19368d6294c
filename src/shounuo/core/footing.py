"""Hold the entries of a policy against each other: does each stand on what it needs?

 6. Sensitive information that rests on consent is asked for by a consent of its own. (PIPL 29)
 7. What rests on consent says which consent, and that consent has the form: a scene or use its basis, a door
    the ground it opens on. A service or scene that needs acceptance has a consent item that is for it, and so
    have a permission and a change that asks again. The other way round, what asks a consent rests on it, in
    that form. What rests on a law cites it; what rests on no consent is on the closed list, where there is one.
 8. A secret is held as a verifier or in memory only; a card security code in memory only, or not at all.
 9. Every item that is kept has a rule that says how long, and no item has two; none speaks of what is not
    kept. A hold is named by a rule, or looked at again.
10. A purpose has one name: services, scenes and uses share none. A name a consent is for means one entry.
11. What is ruled out for good (`never`) is no declared purpose of the same items.
12. A recipient is named for a purpose, and receives nothing that none of its purposes needs. A door that
    opens says to whom, and leads only to recipients named for its purposes, with items they receive. To each
    recipient a door leads, for each purpose; a component or interface of theirs in the product is one itself.
13. Where a guardian must agree, there is a consent item of that form.
15. Each kind of request is answered by one entry: the kinds people have a right to, and no others.
16. A message that may be stopped can be stopped on each of its channels; what must be told cannot be.
17. A kind of information is taken by something, and its mask fits its kind. Where there are classes, it is in one; where grades are named,
    it says its own.
"""

from collections.abc import Iterable, Iterator

from shounuo.core.category import FITTING, REQUEST_KINDS, mask_fits
from shounuo.core.names import PURPOSES, Names
from shounuo.core.policy import (
    Act,
    Basis,
    Change,
    ConsentItem,
    Door,
    Entry,
    Form,
    Hold,
    Item,
    Message,
    Minors,
    Permission,
    Protection,
    Recipient,
    Request,
    Retention,
    Right,
    Scene,
    Service,
    Stop,
    Without,
)
from shounuo.core.reach import COVERED, taken_by
from shounuo.errors import Fault

KEPT = ("sealed", "hashed", "pseudonym")
_OWN_DOOR = ("sdk", "api")
_CITING = (Basis.LEGAL_DUTY, Basis.OTHER_LAW, Basis.EMERGENCY)


def check(names: Names) -> Iterator[Fault]:
    """Every entry that lacks what it stands on."""
    for rule in (
        _unasked,
        _resting,
        _doors_unasked,
        _needless,
        _secrets,
        _endless,
        _holds,
        _ambiguous,
        _ruled_out,
        _recipients,
        _doors,
        _guardians,
        _requests,
        _stops,
        _information,
    ):
        yield from rule(names)


def fault(entry: Entry, wrong: str, remedy: str, code: str) -> Fault:
    """A fault at an entry."""
    return Fault(entry.line, entry.path, wrong, remedy, code)


def listed(names: Iterable[str]) -> str:
    """Names as a finding shows them, in one order."""
    return ", ".join(f"`{name}`" for name in sorted(names))


def _apart(item: ConsentItem) -> bool:
    return item.form.rank >= Form.SEPARATE.rank


def _unasked(names: Names) -> Iterator[Fault]:
    information = names.policy.of("information")
    for entry in names.processing:
        if not entry.basis.by_consent:
            continue
        apart = any(map(_apart, names.asked(entry)))
        sensitive = [n for n in taken_by(entry) if getattr(information.get(n), "grade", "") == "sensitive"]
        if not entry.asks:  # (7)
            remedy = "add `asks:` with a consent entry"
            yield fault(entry, "it rests on consent and asks for none", remedy, "unasked")
        elif entry.basis is Basis.SEPARATE_CONSENT and not apart:
            remedy = "ask a consent item of form `separate`"
            yield fault(entry, "it rests on separate consent and asks for none", remedy, "unasked")
        if sensitive and not apart:  # (6)
            wrong = f"it takes sensitive items ({listed(sensitive)}) without a consent of their own"
            yield fault(entry, wrong, "ask a consent item of form `separate` (PIPL 29)", "unasked")
    served: list[Service | Scene] = [*names.of("services", Service), *names.of("scenes", Scene)]
    for one in served:  # (7)
        if "acceptance" in one.needs and not names.asked(one):
            remedy = "add a consent entry that is `for:` it"
            yield fault(one, "it needs acceptance, and no consent is for it", remedy, "unasked")


def _resting(names: Names) -> Iterator[Fault]:
    """What an entry rests on, the other way round. (7)"""
    listing = names.of("consent", Without)
    allowed = {ground.value for one in listing for ground in one.grounds}
    for entry in names.processing:
        said = entry.basis.value
        if entry.basis.by_consent:
            own = [item for item in names.asked(entry) if item.name in entry.asks and _apart(item)]
            if own and entry.basis is Basis.CONSENT:
                wrong = f"it asks a consent of its own ({listed(i.name for i in own)}) and rests on `consent`"
                yield fault(entry, wrong, "write `basis: separate-consent`", "basis")
            continue
        if entry.asks:
            wrong = f"it asks {listed(entry.asks)} and rests on `{said}`"
            yield fault(entry, wrong, "rest it on the consent, or ask for none", "basis")
        if entry.basis in _CITING and not entry.law:
            wrong = f"it rests on `{said}` and cites no law"
            yield fault(entry, wrong, "add `law:` with the provision", "basis")
        if allowed and said not in allowed:
            wrong = f"it rests on `{said}`, which `{listing[0].path}` (line {listing[0].line}) does not list"
            yield fault(entry, wrong, "rest it on what is listed, or list it", "basis")


def _doors_unasked(names: Names) -> Iterator[Fault]:
    for door in names.of("sharing", Door):
        forms = [item.form.rank for item in names.asked(door) if item.form is not Form.GUARDIAN]
        for ground in door.on:  # (7)
            if ground.form is not None and (not forms or min(forms) < ground.form.rank):
                wrong = f"it opens on {ground.value}, and no consent of that form is for it"
                yield fault(door, wrong, _consent_for(door, ground.form), "unasked")


# What goes to another who decides for themselves, is published or leaves the country asks a yes of its own.
_APART = {Act.SHARE: "PIPL 23", Act.TRANSFER: "PIPL 23", Act.PUBLISH: "PIPL 25", Act.ABROAD: "PIPL 39"}


def _consent_for(door: Door, form: Form) -> str:
    """What to add so that a door's ground is a consent somebody can give. (7)"""
    if form.rank < Form.SEPARATE.rank and door.act in _APART:
        return (
            f"write `on: [separate-consent]` and add a consent entry of form `separate` that is `for:` it: the law "
            f"asks a separate yes for `{door.act.value}` ({_APART[door.act]})"
        )
    return f"add a consent entry of form `{form.value}` (or stronger) that is `for:` it"


def _needless(names: Names) -> Iterator[Fault]:
    """Consents for what asks for none, and what is off until a yes that nobody can give. (7)"""
    for door in names.of("sharing", Door):
        items = [item.name for item in names.covering.get(door.name, ()) if item.form is not Form.GENERAL]
        if items and not any(ground.form for ground in door.on):
            wrong = f"it opens on no consent, and {listed(items)} is for it"
            yield fault(door, wrong, "open it on the consent, or ask for none", "needless")
    for permission in names.of("permissions", Permission):
        if not names.covering.get(permission.name):
            remedy = "add a consent entry that is `for:` it"
            yield fault(permission, "it is off until granted, and no consent is for it", remedy, "unasked")
    for change in names.of("changes", Change):
        if bool(change.reconsent) != bool(names.covering.get(change.name)):
            wrong = "it asks again, and no consent is for it"
            if not change.reconsent:
                wrong = f"it asks nobody again, and {listed(i.name for i in names.asked(change))} is for it"
            yield fault(change, wrong, "make `reconsent:` and the consent's `for:` agree", "unasked")


def _secrets(names: Names) -> Iterator[Fault]:
    for item in names.of("information", Item):  # (8)
        if item.kind == "secret" and item.store not in ("hashed", "memory-only"):
            remedy = "write `store: hashed`, or `store: memory-only`"
            yield fault(item, "a secret is never held so that it can be read", remedy, "readable-secret")
        if item.kind == "card-security-code" and item.store not in ("memory-only", "never"):
            remedy = "write `store: memory-only`, or `store: never`"
            yield fault(item, "a card security code is never held", remedy, "readable-secret")


def _endless(names: Names) -> Iterator[Fault]:
    items = {item.name: item for item in names.of("information", Item)}
    for rule in names.of("retention", Retention):  # (9)
        if twice := [name for name in rule.of if names.ruled[name] > 1]:
            wrong = f"another rule speaks of {listed(twice)} too"
            yield fault(rule, wrong, "let one rule say how long each item is kept", "two-rules")
        if idle := [name for name in rule.of if name in items and items[name].store not in KEPT]:
            wrong = f"it says how long {listed(idle)} is kept, which is not kept at all"
            yield fault(rule, wrong, "leave it out, or say in `information` that it is kept", "not-kept")
    if "rest" in names.ruled:
        return
    for item in items.values():
        if item.store in KEPT and item.name not in names.ruled:
            scenes = [taker for taker in names.takers.get(item.name, ()) if isinstance(taker, Scene)]
            for scene in scenes:
                wrong = f"it takes `{item.name}`, and nothing says how long that is kept"
                yield fault(scene, wrong, "add a `retention` rule for it", "endless")
            if not scenes:
                wrong, remedy = "nothing says how long it is kept", "add a `retention` rule for it"
                yield fault(item, wrong, remedy, "endless")


def _holds(names: Names) -> Iterator[Fault]:
    named = {rule.hold for rule in names.of("retention", Retention)}
    for hold in names.of("holds", Hold):  # (9)
        if hold.name not in named and hold.review is None:
            remedy = "name it as the `hold:` of a rule, or say when it is looked at again (`review:`)"
            yield fault(hold, "no rule of `retention` names it, so it holds nothing", remedy, "idle")


def _ambiguous(names: Names) -> Iterator[Fault]:
    for entry in (entry for section in PURPOSES for entry in names.policy.of(section).values()):  # (10)
        if (other := names.purposes[entry.name]) is not entry:
            wrong = f"`{other.path}` (line {other.line}) has the same name, and a purpose has one"
            yield fault(entry, wrong, "give one of them another name", "ambiguous")
    for item in names.of("consent", ConsentItem):
        for name in item.covers:
            meant = [section for section in COVERED if name in names.policy.of(section)]
            if len(meant) > 1:
                wrong = f"it is for `{name}`, which stands in {listed(meant)}"
                yield fault(item, wrong, "give them different names: a yes is for one thing", "ambiguous")


def _ruled_out(names: Names) -> Iterator[Fault]:
    everything = frozenset(names.policy.of("information"))
    for entry in names.policy.entries():  # (11)
        for name in getattr(entry, "never", ()):
            other = names.purposes.get(name)
            ruled = frozenset(taken_by(entry)) or everything
            if other is not None and (isinstance(other, Service) or ruled & set(taken_by(other))):
                wrong = f"it rules out `{name}` for good, and `{other.path}` (line {other.line}) declares it"
                yield fault(entry, wrong, "remove one of them: what is never done is no purpose", "ruled-out")


def _recipients(names: Names) -> Iterator[Fault]:
    for entry in names.of("recipients", Recipient):  # (12)
        if not entry.for_:
            remedy = "add `for:`"
            yield fault(entry, "it is named for no purpose, so it may receive nothing", remedy, "no-purpose")
            continue
        purposes = [names.purposes[name] for name in entry.for_ if name in names.purposes]
        needed = {name for purpose in purposes for name in taken_by(purpose)}
        if idle := [name for name in entry.receives if name not in needed]:
            wrong = f"it receives {listed(idle)}, which none of its purposes needs"
            remedy = "remove them, or name the purpose that needs them in `for:`"
            yield fault(entry, wrong, remedy, "no-purpose")
        if stray := [
            one.name for one in purposes if taken_by(one) and not set(taken_by(one)) & {*entry.receives}
        ]:
            wrong = f"it is named for {listed(stray)}, which needs nothing it receives"
            yield fault(entry, wrong, "remove the purpose, or add what it needs", "no-purpose")
        yield from _undoored(names, entry)


def _undoored(names: Names, entry: Recipient) -> Iterator[Fault]:
    """The purposes of a recipient for which nothing leads there. (12)"""
    doors = names.doors_to.get(entry.name, ())
    reached = {name for door in doors for name in door.for_ or entry.for_}
    if not doors and entry.kind in _OWN_DOOR:
        return
    if shut := [name for name in entry.for_ if name not in reached and entry.kind not in _OWN_DOOR]:
        wrong = f"it is named for {listed(shut)}, and no door of `sharing` leads to it for that"
        yield fault(entry, wrong, "open a door to it for this purpose, or remove the purpose", "no-door")


def _doors(names: Names) -> Iterator[Fault]:
    recipients = {one.name: one for one in names.of("recipients", Recipient)}
    for door in names.of("sharing", Door):  # (12)
        if door.on and not door.to:
            remedy = "add `to:` with a recipient"
            yield fault(door, "it opens, and does not say to whom", remedy, "no-recipient")
        for one in (recipients[name] for name in door.to if name in recipients):
            if stray := [name for name in door.for_ if name not in one.for_]:
                wrong = f"it leads to `{one.name}`, who is not named for {listed(stray)}"
                remedy = f"add the purpose to the `for:` of `recipients.{one.name}`"
                yield fault(door, wrong, remedy, "no-purpose")
            if stray := [name for name in door.carries if name not in one.receives]:
                wrong = f"it carries {listed(stray)} to `{one.name}`, who does not receive it"
                remedy = f"leave it out, or add it to the `receives:` of `recipients.{one.name}`"
                yield fault(door, wrong, remedy, "no-purpose")


def _guardians(names: Names) -> Iterator[Fault]:
    forms = {item.form for item in names.of("consent", ConsentItem)}
    for entry in names.of("minors", Minors):  # (13)
        if entry.rule == "guardian-consent" and Form.GUARDIAN not in forms:
            remedy = "add a consent entry of form `guardian`, or write `rule: refuse`"
            wrong = "a guardian must agree, and no consent is a guardian's to give"
            yield fault(entry, wrong, remedy, "unasked")


def _requests(names: Names) -> Iterator[Fault]:
    for right in names.of("rights", Right):  # (15)
        if right.kind not in names.answered:
            wrong = f"it is a right to `{right.kind}`, and no entry of `requests` says how that is answered"
            yield fault(right, wrong, f"add `{right.kind}` to the `kinds:` of a request", "unanswered")
    for request in names.of("requests", Request):
        if idle := [kind for kind in request.kinds if kind in REQUEST_KINDS and kind not in names.rights]:
            wrong = f"it answers {listed(idle)}, which nobody has a right to"
            yield fault(request, wrong, "add the right, or remove the kind", "unanswered")
        if twice := [kind for kind in request.kinds if names.answered[kind][0] is not request]:
            other = names.answered[twice[0]][0]
            wrong = f"`{other.path}` (line {other.line}) answers {listed(twice)} too"
            yield fault(request, wrong, "let one entry answer each kind", "two-rules")


def _stops(names: Names) -> Iterator[Fault]:
    messages = {one.name: one for one in names.of("messages", Message)}
    for stop in names.of("stops", Stop):  # (16)
        message = messages.get(stop.of)
        if message is None:
            continue
        if message.klass == "service":
            wrong = f"it stops `{message.name}`, which people must be told"
            yield fault(stop, wrong, "stop offers, and leave notices be", "unstoppable")
        if stray := [channel for channel in stop.stops if channel not in message.channels]:
            wrong = f"it stops {listed(stray)}, by which `{message.name}` does not go"
            yield fault(stop, wrong, "name channels of that message", "unstoppable")
    for message in messages.values():
        silent = names.silenced.get(message.name, frozenset())
        if message.klass == "marketing" and (loud := [c for c in message.channels if c not in silent]):
            wrong = f"nothing stops it on {listed(loud)}"
            yield fault(message, wrong, "add a way to say no more to `stops`", "unstoppable")


def _information(names: Names) -> Iterator[Fault]:
    classes = names.policy.of("groups")
    grades = {grade for one in names.of("protection", Protection) for grade in one.grades}
    for item in names.of("information", Item):  # (17)
        if item.keeps and item.name not in names.takers:
            remedy = "name it where it is taken, or remove it"
            yield fault(item, "nothing takes it, reads it or passes it on", remedy, "idle")
        if not mask_fits(item.mask, item.kind, item.grade):
            wrong = f"the mask `{item.mask}` does not fit a value of kind `{item.kind}`"
            masks = listed((*FITTING.get(item.kind, ()), "all"))
            yield fault(item, wrong, f"one of {masks}; `none` for what is public", "mask")
        if classes and item.group is None:
            yield fault(item, "it is in no class", "add `group:` with an entry of `groups`", "unclassed")
        if grades and (not item.graded or item.grade not in grades):
            yield fault(item, "it does not say its grade", "add `grade:`", "unclassed")
