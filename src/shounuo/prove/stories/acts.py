"""One act of any sort (a scene, use, service, recipient, door), so that a story need not know which."""

from collections.abc import Collection
from dataclasses import dataclass

from shounuo.core.policy import Door, Recipient, Scene, Use, items_of
from shounuo.prove.call import Answer
from shounuo.prove.said import Params
from shounuo.prove.world import Person, World

_SECTION = {
    "scene": "scenes",
    "use": "uses",
    "service": "services",
    "recipient": "recipients",
    "door": "sharing",
}
REFERENCE = "case-1"


@dataclass(frozen=True, slots=True)
class Act:
    """What is tried: its sort and the entry's name; of a door that leads to several also the recipient."""

    sort: str
    name: str
    to: str | None = None

    @property
    def path(self) -> str:
        """The entry's place in the policy."""
        return f"{_SECTION[self.sort]}.{self.name}"


def acts(params: Params) -> list[Act]:
    """The acts a probe names."""
    return [Act(sort, name) for sort in _SECTION for name in params.get(sort, ())]


def act_named(world: World, name: str) -> Act:
    """The act of an entry that may be a scene, use, service, recipient or door."""
    sort = next(sort for sort, section in _SECTION.items() if name in world.book.policy.of(section))
    return Act(sort, name)


def covered(world: World, item: str) -> list[Act]:
    """The first act a consent item says it is for."""
    covers = getattr(world.entry(item, "consent"), "covers", ())
    known = [
        name for name in covers if any(name in world.book.policy.of(section) for section in _SECTION.values())
    ]
    return [act_named(world, name) for name in known[:1]]


def ready(
    world: World,
    person: Person,
    act: Act,
    *,
    without: Collection[str] = (),
    unseen: bool = False,
    papers: bool = True,
    purpose: str | None = None,
) -> None:
    """Bring about everything the act asks first.

    `without` leaves out consents, scenes and papers by name; `unseen` the act's own showing.
    """
    if act.sort in ("scene", "use", "service"):
        world.prepare(person, act.name, without=without, unseen=unseen)
        return
    purpose = purpose or purpose_of(world, act)
    if purpose is not None and world.is_purpose(purpose):
        world.prepare(person, purpose, without=without)
    for entry in _entries(world, act):
        if entry.tells is not None and not unseen:
            world.show(person, entry.path)
        world.agree(person, [item for item in world.asked(entry) if item not in without])
        needs = [name for name in entry.needs if papers and name not in without]
        world.file_papers(entry.name, needs)


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


def outflow(world: World, person: Person, through: Act, /, **change: object) -> Answer:
    """Ask for what a recipient or door is declared for; `change` replaces parts of the intent."""
    return world.decide(person, **intent(world, through, **change))


def intent(world: World, through: Act, /, **change: object) -> dict[str, object]:
    """What a recipient or door is declared for, as the gate is asked about it."""
    recipient, door = ends(world, through)
    purpose = str(change.get("purpose") or purpose_of(world, through) or "unknown")
    carried = door.carries if door and door.carries else recipient.receives
    needed = _items(world, purpose)
    items = [item for item in carried if item in recipient.receives and item in needed]
    found: dict[str, object] = {"purpose": purpose, "recipient": recipient.name, "items": items}
    found["occasion"] = _occasion(world, purpose, recipient)
    if door is not None:
        found |= {"act": door.act.value, "case": case(door, door.on[0].value if door.on else "consent")}
        if door.act.value == "abroad":
            found["region"] = "US"
    return found | change


def case(door: Door, ground: str, **change: object) -> dict[str, object]:
    """A case on file, with the conditions the door asks for."""
    return {"ground": ground, "states": list(door.only_if), "reference": REFERENCE, **change}


def purpose_of(world: World, act: Act) -> str | None:
    """A purpose the recipient or door is declared for."""
    recipient, door = ends(world, act)
    wanted = door.for_ if door and door.for_ else recipient.for_
    return next((p for p in wanted if not recipient.for_ or p in recipient.for_), None)


def purposes_on(world: World, recipient: str, occasion: str) -> list[str]:
    """The purposes a recipient serves that may go on while this occasion lasts."""
    served = getattr(world.entry(recipient, "recipients"), "for_", ())
    return [p for p in served if occasion in (getattr(world.entry(p), "when", ()) or (occasion,))]


def ends(world: World, act: Act) -> tuple[Recipient, Door | None]:
    """The recipient of an act, and the door it goes through where it needs one."""
    if act.sort == "recipient":
        return recipient_named(world, act.name), None
    door = world.entry(act.name, "sharing")
    assert isinstance(door, Door)
    return recipient_named(world, act.to or next(iter(door.to or world.book.recipients))), door


def recipient_named(world: World, name: str) -> Recipient:
    """A declared recipient."""
    found = world.entry(name, "recipients")
    assert isinstance(found, Recipient)
    return found


def _entries(world: World, act: Act) -> list[Recipient | Door]:
    recipient, door = ends(world, act)
    return [recipient] if door is None else [recipient, door]


def _occasion(world: World, purpose: str, recipient: Recipient) -> str | None:
    """An occasion that both the purpose and the recipient are bound to."""
    when: tuple[str, ...] = getattr(world.entry(purpose), "when", ()) if world.is_purpose(purpose) else ()
    both = [one for one in when if one in recipient.when] if when and recipient.when else []
    return next(iter((*both, *when, *recipient.when)), None)


def _items(world: World, purpose: str) -> Collection[str]:
    if not world.is_purpose(purpose):
        return ()
    entry = world.entry(purpose, "uses", "scenes", "services")
    if isinstance(entry, Use):
        return entry.of
    return items_of(entry.requires + entry.optional) if isinstance(entry, Scene) else ()


def _decided(answer: Answer) -> Answer:
    if answer.ok and not answer.body["allowed"]:
        return Answer(
            403,
            {
                "code": answer.body["reason"],
                "clauses": answer.body["clauses"],
                "at_fault": answer.body["at_fault"],
            },
        )
    return answer
