"""Stories of taking and reading."""

from collections.abc import Mapping

from shounuo.core.clause import Clause
from shounuo.core.policy import Item, OneOf
from shounuo.prove import samples
from shounuo.prove.said import Params, all_names, first, names, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World


@tells("collects-only")
def collects_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The declared fields are kept; one missing, one more or one wrong, and nothing is."""
    for scene in params["scene"]:
        _collects_only(world, clause, scene, story)


def _collects_only(world: World, clause: Clause, scene: str, story: Story) -> None:
    path = f"scenes.{scene}"
    required, optional = said(clause, "requires", path), said(clause, "optional", path)
    person = world.person()
    world.prepare(person, scene)
    fields = {item: world.value(item) for item in names(required) + names(optional)} if required or optional else world.values(scene)
    before = _kept(world, person)
    extra = world.collect(person, scene, fields | {"favourite-colour": "green"})
    story.expect(extra.code == "undeclared-field", f"`{scene}` refuses a field nobody declared", extra.body)
    other = _other_item(world, scene)
    if other is not None:
        extra = world.collect(person, scene, fields | {other: world.value(other)})
        story.expect(extra.code == "undeclared-field", f"`{scene}` refuses `{other}`, which it does not declare", extra.body)
    for one in required or ():
        _one_missing(world, person, scene, fields, one, story)
    _one_wrong(world, person, scene, fields, story)
    story.expect(_kept(world, person) == before, "nothing of the refused calls was kept")
    right = world.collect(person, scene, fields)
    story.expect(right.ok, f"`{scene}` takes {', '.join(sorted(fields))}", right.body)
    story.same(fields, [*right.body["kept"], *right.body["let_go"]], "exactly these fields were taken")


def _one_missing(world: World, person: Person, scene: str, fields: dict[str, str], one: object, story: Story) -> None:
    if isinstance(one, OneOf):
        both = world.collect(person, scene, fields | {item: world.value(item) for item in one.items})
        story.expect(both.code == "one-of", f"of {' and '.join(one.items)} only one is taken", both.body)
        gone = one.items
    else:
        gone = (str(one),)
    lacking = world.collect(person, scene, {k: v for k, v in fields.items() if k not in gone})
    story.expect(lacking.code == "missing-field", f"without {' or '.join(gone)} nothing is taken", lacking.body)


def _one_wrong(world: World, person: Person, scene: str, fields: dict[str, str], story: Story) -> None:
    for name in fields:
        item = world.book.policy.of("information").get(name)
        made = samples.wrong(item.kind, world.chance) if isinstance(item, Item) else None
        if made is not None:
            answer = world.collect(person, scene, fields | {name: made})
            story.expect(answer.code == "wrong-kind", f"`{name}` must be what it says it is", answer.body)
            return


def _other_item(world: World, scene: str) -> str | None:
    """A declared item that this scene does not take."""
    taken = world.values(scene)
    alternatives = all_names(getattr(world.entry(scene, "scenes"), "requires", ()))
    return next((name for name in world.book.policy.of("information") if name not in taken and name not in alternatives), None)


def _kept(world: World, person: Person) -> int:
    """How many collections of this world's people are on the ledger."""
    return len(world.entries("collected"))


@tells("only-while")
def only_while(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Taken while the occasion lasts, refused before and after, and then only the listed items."""
    for scene in params.get("scene", ()):
        _scene_while(world, clause, scene, params["while"], story)
    for recipient in params.get("recipient", ()):
        _recipient_while(world, clause, recipient, params["while"], story)


def _scene_while(world: World, clause: Clause, scene: str, occasions: tuple[str, ...], story: Story) -> None:
    person = world.person()
    world.prepare(person, scene)
    listed = names(said(clause, "requires", f"scenes.{scene}")) + names(said(clause, "optional", f"scenes.{scene}"))
    fields = {item: world.value(item) for item in listed} or world.values(scene)
    for occasion in (None, _elsewhere(world, occasions)):
        early = world.collect(person, scene, fields, occasion=occasion)
        story.expect(early.code == "no-occasion", f"nothing is taken {'on no occasion' if occasion is None else f'on {occasion}'}", early.body)
    for occasion in occasions:
        during = world.collect(person, scene, fields, occasion=occasion)
        story.expect(during.ok, f"taken while {occasion}", during.body)
    late = world.collect(person, scene, fields, occasion=None)
    story.expect(late.code == "no-occasion", "nothing is taken when it is over", late.body)


def _recipient_while(world: World, clause: Clause, name: str, occasions: tuple[str, ...], story: Story) -> None:
    from shounuo.prove.stories.acts import Act, outflow, ready

    act, person = Act("recipient", name), world.person()
    ready(world, person, act)
    listed = list(said(clause, "receives", f"recipients.{name}") or ())
    change: dict[str, object] = {"items": listed} if listed else {}
    for occasion in (None, _elsewhere(world, occasions)):
        early = outflow(world, person, act, **(change | {"occasion": occasion}))
        refused = early.ok and early.body["reason"] == "no-occasion"
        story.expect(refused, f"`{name}` gets nothing {'on no occasion' if occasion is None else f'on {occasion}'}", early.body)
    for occasion in occasions:
        allowed = [_try(world, person, act, purpose, occasion, change) for purpose in _purposes(world, name, occasion)]
        story.expect(any(allowed), f"`{name}` runs while {occasion}", occasion)
        extra = _unlisted(world, name, listed)
        if listed and extra is not None:
            more = outflow(world, person, act, items=[*listed, extra], occasion=occasion)
            story.expect(more.ok and not more.body["allowed"], f"`{name}` gets no `{extra}`", more.body)


def _try(world: World, person: Person, act: object, purpose: str, occasion: str, change: Mapping[str, object]) -> bool:
    from shounuo.prove.stories.acts import Act, outflow

    assert isinstance(act, Act)
    world.prepare(person, purpose)
    answer = outflow(world, person, act, **(change | {"occasion": occasion, "purpose": purpose}))
    return bool(answer.ok and answer.body["allowed"])


def _purposes(world: World, recipient: str, occasion: str) -> list[str]:
    """The purposes a recipient serves that this occasion belongs to."""
    served = getattr(world.entry(recipient, "recipients"), "for_", ())
    return [p for p in served if occasion in (getattr(world.entry(p), "when", ()) or (occasion,))]


def _unlisted(world: World, recipient: str, listed: list[str]) -> str | None:
    """An item like the listed ones that the clause does not list."""
    pool = [e.name for e in world.book.policy.of("information").values() if isinstance(e, Item) and e.store == "memory-only"]
    return next((item for item in [*pool, *world.book.policy.of("information")] if item not in listed), None)


def _elsewhere(world: World, occasions: tuple[str, ...]) -> str:
    return next((name for name in world.book.policy.of("occasions") if name not in occasions), "elsewhere")


@tells("reads-only")
def reads_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Released for the listed purposes and logged; refused for others and for none."""
    of = params["of"]
    person = world.person()
    given = world.hold(person, of)
    for purpose in params["for"]:
        if purpose not in world.book.policy.of("uses"):
            continue
        world.prepare(person, purpose)
        before = len(world.entries("read"))
        allowed = [item for item in of if item in getattr(world.entry(purpose, "uses"), "of", ())]
        answer = world.read(person, purpose, allowed)
        story.expect(answer.ok, f"read for {purpose}", answer.body)
        texts = {(one["item"], one["text"]) for one in answer.body["values"]}
        story.expect(all((item, given[item]) in texts for item in allowed if item in given), f"the values are released for {purpose}")
        reads = [one for one in world.entries("read")[before:] if one["data"]["purpose"] == purpose]
        story.expect(reads, f"the read for {purpose} is on the ledger")
    for purpose in (*params.get("deny", ()), "no-such-purpose", *_others(world, of, params["for"])):
        answer = world.read(person, purpose, list(of))
        story.expect(not answer.ok, f"refused for {purpose}", answer.status)


def _others(world: World, of: tuple[str, ...], listed: tuple[str, ...]) -> list[str]:
    """Declared uses that have nothing to do with these items."""
    uses = [e for e in world.book.policy.of("uses").values() if e.name not in listed and not set(of) & set(getattr(e, "of", ()))]
    return [one.name for one in uses[:2]]


@tells("sealed")
def sealed(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Values given through the product stand nowhere in clear; what is memory-only stands nowhere at all."""
    person = world.person()
    form = first(params, "form")
    given = {}
    for item in params["of"]:
        scene = world.scene_of(item)
        if scene is not None and item not in person.given:
            world.give_item(person, scene, item)
        if item in person.given:
            given[item] = person.given[item]
    story.expect(given, f"{', '.join(sorted(given))} were given through the product")
    world.entries()
    for item, value in given.items():
        places = world.stage.search(world.opened, [value])
        story.expect(not places, f"`{item}` stands nowhere in clear", ", ".join(places))
        if form == "hashed":
            right = world.api.post("/v1/matches", {"person": person.id, "item": item, "candidate": value})
            wrong = world.api.post("/v1/matches", {"person": person.id, "item": item, "candidate": value + "x"})
            story.expect(right.ok and right.body["matches"] and not wrong.body["matches"], f"`{item}` can be checked, not read")
