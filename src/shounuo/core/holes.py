"""Find the holes in entries: a promise that begins and does not say how it ends.

18. An entry that says one thing says what that thing needs: an incident that is told names channels and a time,
    a report its receiver and its time; an ending says when, a trial how long, a session who lets it begin and
    what ends it, a customer's data how staff come to them; what is released as anonymous, how that is tested.
19. What is processed for a customer is used for nothing else, save what a law asks, what is done in an attended
    session, and what leaves on instruction. (PIPL 21)
20. Where people in the EEA have bases of their own, each scene and use says its own; a weighing of interests is
    on file.
"""

from collections.abc import Iterator

from shounuo.core.footing import fault, listed
from shounuo.core.names import Names
from shounuo.core.policy import (
    Door,
    Ending,
    Entry,
    ForeignBasis,
    Ground,
    Incident,
    InEea,
    Minors,
    OnBehalf,
    Recipient,
    Service,
    Support,
    Use,
)
from shounuo.errors import Fault

_EVENTS = {"incidents": "incident-known", "ending": "service-ends"}


def check(names: Names) -> Iterator[Fault]:
    """Every entry with a hole in it."""
    for rule in (_services, _incidents, _endings, _sessions, _on_behalf, _released, _ages, _in_eea):
        yield from rule(names)


def _hole(entry: Entry, said: str, lacks: str) -> Fault:
    """An entry that says one thing and not what that needs. (18)"""
    return fault(entry, f"it says `{said}` and no `{lacks}`", f"add `{lacks}:`", "hole")


def _services(names: Names) -> Iterator[Fault]:
    for service in names.of("services", Service):  # (18)
        if service.stage == "trial" and service.lasts is None:
            yield _hole(service, "stage: trial", "lasts")
        if service.stage == "preview" and "acceptance" not in service.needs:
            wrong = "it is a preview, and nobody has to choose it"
            yield fault(service, wrong, "add `acceptance` to its `needs:`", "hole")
        if service.stage == "regular" and service.lasts is not None:
            wrong = "it says how long it lasts, and is neither a trial nor a preview"
            yield fault(service, wrong, "add `stage:`, or remove `lasts:`", "hole")


def _told(names: Names, section: str, entry: Entry) -> Iterator[Fault]:
    """What an entry about an event tells of it. (18)"""
    tells = entry.tells
    if tells is None:
        return
    if tells.at != _EVENTS[section]:
        wrong = f"it tells at `{tells.at}`, and is about `{_EVENTS[section]}`"
        yield fault(entry, wrong, f"write `at: {_EVENTS[section]}`", "hole")
    if not tells.channels:
        yield _hole(entry, "tells", "tells.channels")


def _incidents(names: Names) -> Iterator[Fault]:
    kinds = {one.name: one.kind for one in names.of("recipients", Recipient)}
    for incident in names.of("incidents", Incident):  # (18)
        yield from _told(names, "incidents", incident)
        needs = {"steps": incident.steps, "notices": incident.tells, "report": incident.report_to}
        needs["file"] = incident.file
        if empty := [word for word in incident.closes_with if not needs[word]]:
            wrong = f"it closes with {listed(empty)}, and says nothing of that"
            yield fault(incident, wrong, "say it, or take it out of `closes-with:`", "hole")
        if incident.report_to and incident.report_within is None:
            yield _hole(incident, "report-to", "report-within")
        if stray := [name for name in incident.report_to if kinds.get(name) != "authority"]:
            wrong = f"it is reported to {listed(stray)}, which is no authority"
            yield fault(incident, wrong, "name a recipient of kind `authority`", "hole")


def _endings(names: Names) -> Iterator[Fault]:
    for ending in names.of("ending", Ending):  # (18)
        yield from _told(names, "ending", ending)
        if ending.stops and ending.stops_within is None:
            yield _hole(ending, "stops", "stops-within")
        if ending.then and ending.within is None:
            yield _hole(ending, "then", "within")
        if not (ending.tells or ending.stops or ending.then):
            wrong = "it says that services end, and nothing of how"
            yield fault(ending, wrong, "add `tells:`, `stops:` or `then:`", "hole")


def _sessions(names: Names) -> Iterator[Fault]:
    led_to = {door.session for door in names.of("sharing", Door)}
    for support in names.of("support", Support):  # (18)
        session = (support.supervised_by, support.ends, support.at_most)
        if any((*session, support.name in led_to)):
            if support.permission_by is None:
                yield _hole(support, "a session", "permission-by")
            if not support.ends:
                yield _hole(support, "a session", "ends")
        elif support.permission_by is not None:
            yield _hole(support, "permission-by", "ends")
        if "time-over" in support.ends and support.at_most is None:
            yield _hole(support, "ends: time-over", "at-most")
        if support.viewable_by and not support.recorded:
            yield _hole(support, "viewable-by", "recorded")


def _on_behalf(names: Names) -> Iterator[Fault]:
    for entry in names.of("on-behalf", OnBehalf):
        if entry.access == "on-instruction" and not entry.instruction:  # (18)
            yield _hole(entry, "access: on-instruction", "instruction")
        if entry.access == "none" and entry.instruction:
            wrong = "it says what an instruction is, and that nobody comes to it at all"
            yield fault(entry, wrong, "write `access: on-instruction`, or remove `instruction:`", "hole")
        if entry.requests == "forward" and entry.within is None:
            yield _hole(entry, "requests: forward", "within")
        if entry.then and entry.then_within is None:
            yield _hole(entry, "then", "then-within")
    attended = {name for one in names.of("support", Support) for name in one.for_}
    told = {name for door in names.of("sharing", Door) if Ground.INSTRUCTION in door.on for name in door.for_}
    for use in names.of("uses", Use):  # (19)
        if use.name in attended | told or use.basis.by_law:
            continue
        keeping = {entry.name: entry for name in use.of for entry in names.controlled.get(name, ())}
        for entry in keeping.values():
            if use.name not in entry.for_:
                theirs = listed(name for name in use.of if name in entry.of)
                wrong = f"it uses {theirs}, which `{entry.path}` (line {entry.line}) holds for others"
                remedy = "remove it, or name the use in the `for:` of that entry"
                yield fault(use, wrong, remedy, "not-ours")


def _released(names: Names) -> Iterator[Fault]:
    for door in names.of("sharing", Door):  # (18)
        if Ground.ANONYMISED in door.on:
            if door.alike is None:
                yield _hole(door, "on: anonymised", "alike")
            if not door.needs:
                wrong = "what it releases as anonymous, nobody undertakes to leave so"
                yield fault(door, wrong, "add `needs:` with the undertaking", "hole")
        elif door.alike is not None:
            wrong = "it says how many people a record must fit, and releases nothing as anonymous"
            yield fault(door, wrong, "open it on `anonymised`, or remove `alike:`", "hole")


def _ages(names: Names) -> Iterator[Fault]:
    for entry in names.of("minors", Minors):  # (18)
        if entry.from_ is not None and entry.from_ >= entry.under:
            wrong = f"it begins at {entry.from_} and ends at {entry.under} years"
            yield fault(entry, wrong, "let `from:` be below `under:`", "hole")


def _in_eea(names: Names) -> Iterator[Fault]:
    for listing in names.of("consent", InEea):
        if ForeignBasis.LEGITIMATE_INTERESTS in listing.grounds and not listing.needs:  # (20)
            yield _hole(listing, "legitimate-interests", "needs")
        for purpose in names.processing:
            if purpose.in_eea is None:
                wrong = f"it does not say what it rests on in the EEA, as `{listing.path}` asks of each"
                yield fault(purpose, wrong, "add `in-eea:`", "hole")
            elif purpose.in_eea not in listing.grounds:
                said = purpose.in_eea.value
                wrong = f"it rests on `{said}` in the EEA, which `{listing.path}` does not list"
                yield fault(purpose, wrong, "rest it on what is listed, or list it", "basis")
