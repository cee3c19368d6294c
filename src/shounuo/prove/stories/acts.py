"""One act of any sort, so that a story about consent or notices need not know which: a scene, use, service, recipient, door."""

from collections.abc import Collection
from dataclasses import dataclass

from shounuo.core.policy import Door, OneOf, Recipient, Scene, Use
from shounuo.prove.call import Answer
from shounuo.prove.said import Params
from shounuo.prove.world import Person, World

SORTS = ("scene", "use", "service", "recipient", "door")
_SECTION = {"scene": "scenes", "use": "uses", "service": "services", "recipient": "recipients", "door": "sharing"}


@dataclass(frozen=True, slots=True)
class Act:
    """What is tried: its sort and the entry's name."""

    sort: str
    name: str

    @property
    def path(self) -> str:
        return f"{_SECTION[self.sort]}.{self.name}"


def acts(params: Params) -> list[Act]:
    """The acts a probe names."""
    return [Act(sort, name) for sort in SORTS for name in params.get(sort, ())]


def ready(world: World, person: Person, act: Act, *, without: Collection[str] = (), unseen: bool = False) -> None:
    """Bring about everything the act asks first, except the consents in `without` (and showings, when `unseen`)."""
    if act.sort in ("scene", "use", "service"):
        world.prepare(person, act.name, without=without, unseen=unseen)
        if act.sort == "use":
            use = world.entry(act.name, "uses")
            assert isinstance(use, Use)
        return
    purpose = purpose_of(world, act)
    if purpose is not None:
        world.prepare(person, purpose, without=without)
    for entry in _entries(world, act):
        if entry.tells is not None and not unseen:
            world.show(person, entry.path)
        world.agree(person, [item for item in world.asked(entry) if item not in without])
        world.file_papers(entry.name, getattr(entry, "needs", ()))


def attempt(world: World, person: Person, act: Act) -> Answer:
    """Try the act; a decision that refuses is answered as a refusal."""
    if act.sort == "scene":
        return world.collect(person, act.name, world.values(act.name))
    if act.sort == "service":
        return _decided(world.decide(person, act.name))
    if act.sort == "use":
        use = world.entry(act.name, "uses")
        assert isinstance(use, Use)
        return world.read(person, act.name, use.of)
    return _decided(outflow(world, person, act))


def outflow(world: World, person: Person, act: Act, **change: object) -> Answer:
    """Ask for what a recipient or door is declared for; `change` replaces parts of the intent."""
    recipient, door = _ends(world, act)
    purpose = purpose_of(world, act) or "unknown"
    items = [item for item in (door.carries if door and door.carries else recipient.receives) if item in recipient.receives]
    allowed = _of(world, purpose)
    intent: dict[str, object] = {
        "recipient": recipient.name, "items": [item for item in items if item in allowed], "occasion": (recipient.when or (None,))[0],
    }  # fmt: skip
    purpose_entry = world.entry(purpose, "uses", "scenes", "services")
    if (when := getattr(purpose_entry, "when", ())) and intent["occasion"] not in when:
        intent["occasion"] = when[0]
    if door is not None:
        intent |= {"act": door.act.value, "case": {"ground": door.on[0].value, "states": list(door.only_if), "reference": "case-1"}}
    intent = {"purpose": purpose} | intent | change
    return world.decide(person, **intent)


def purpose_of(world: World, act: Act) -> str | None:
    """A purpose the recipient or door is declared for."""
    recipient, door = _ends(world, act)
    wanted = [p for p in (door.for_ if door and door.for_ else recipient.for_) if not recipient.for_ or p in recipient.for_]
    return wanted[0] if wanted else None


def _ends(world: World, act: Act) -> tuple[Recipient, Door | None]:
    """The recipient of an act, and the door it goes through where it needs one."""
    if act.sort == "recipient":
        recipient = world.entry(act.name, "recipients")
        assert isinstance(recipient, Recipient)
        return recipient, None
    door = world.entry(act.name, "sharing")
    assert isinstance(door, Door)
    found = door.to[0] if door.to else next(iter(world.book.recipients))
    recipient = world.entry(found, "recipients")
    assert isinstance(recipient, Recipient)
    return recipient, door


def _entries(world: World, act: Act) -> list[Recipient | Door]:
    recipient, door = _ends(world, act)
    return [recipient] if door is None else [recipient, door]


def _of(world: World, purpose: str) -> Collection[str]:
    entry = world.entry(purpose, "uses", "scenes", "services")
    if isinstance(entry, Use):
        return entry.of
    if isinstance(entry, Scene):
        return [name for one in entry.requires + entry.optional for name in (one.items if isinstance(one, OneOf) else (one,))]
    return ()


def _decided(answer: Answer) -> Answer:
    if answer.ok and not answer.body["allowed"]:
        return Answer(403, {"code": answer.body["reason"], "clauses": answer.body["clauses"], "at_fault": answer.body["at_fault"]})
    return answer
