"""Stories of taking and reading."""

from collections.abc import Sequence
from functools import partial

from shounuo.core.clause import Clause
from shounuo.core.policy import OneOf
from shounuo.prove import samples
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, first, names, said, whole
from shounuo.prove.stories.acts import Act, outflow, purposes_on, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

UNDECLARED = "favourite-colour"
NO_PURPOSE = "no-such-purpose"


@tells("collects-only")
def collects_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The declared fields are kept; one missing, one more or one wrong, and nothing is."""
    needs = [*params.get("needs", ()), *(said(clause, "needs") or ())]
    for scene in params["scene"]:
        for need in dict.fromkeys(needs):
            _waits_for(world, scene, need, story)
        path = f"scenes.{scene}"
        required, optional = (whole(world.names, clause, one, path) or () for one in ("requires", "optional"))
        fields = (required, optional)
        tell = partial(_collects_only, world, scene, required, optional)
        story.chapter(world.told, ("collects", scene, fields), tell)


def _waits_for(world: World, scene: str, need: str, story: Story) -> None:
    person = world.person()
    world.prepare(person, scene, without=[need])
    early = world.collect(person, scene, world.values(scene))
    story.expect(early.code == "not-there-yet", f"`{scene}` waits for `{need}`", early.body)


def _collects_only(
    world: World, scene: str, required: Sequence[object], optional: Sequence[object], story: Story
) -> None:
    story.expect(required or optional, f"the clause says what `{scene}` takes")
    person = world.person()
    world.prepare(person, scene)
    fields = {item: world.value(item) for item in names(required) + names(optional)}
    before = world.stage.count(world.opened, person.id)
    for extra in (UNDECLARED, _other_item(world, (*required, *optional))):
        value = world.value(extra) if extra != UNDECLARED else "green"
        refused = world.collect(person, scene, fields | {extra: value})
        story.expect(
            refused.code == "undeclared-field",
            f"`{scene}` refuses `{extra}`, which it does not declare",
            refused.body,
        )
    for one in required:
        _one_missing(world, person, scene, fields, one, story)
    _one_wrong(world, person, scene, fields, story)
    story.expect(
        world.stage.count(world.opened, person.id) == before, "nothing of the refused calls was kept"
    )
    right = world.collect(person, scene, fields)
    story.expect(right.ok, f"`{scene}` takes {', '.join(sorted(fields))}", right.body)
    story.same(fields, [*right.body["kept"], *right.body["let_go"]], "exactly these fields were taken")
    let_go = [item for item in fields if world.item(item).store == "memory-only"]
    story.same(let_go, right.body["let_go"], "what is for memory only was let go")
    kept = world.stage.count(world.opened, person.id, list(fields))
    story.expect(kept == len(fields) - len(let_go), "the rest is kept, and no more", kept)


def _one_missing(
    world: World, person: Person, scene: str, fields: dict[str, str], one: object, story: Story
) -> None:
    if isinstance(one, OneOf):
        both = world.collect(person, scene, fields | {item: world.value(item) for item in one.items})
        story.expect(both.code == "one-of", f"of {' and '.join(one.items)} only one is taken", both.body)
        gone = one.items
    else:
        gone = (str(one),)
    lacking = world.collect(person, scene, {k: v for k, v in fields.items() if k not in gone})
    story.expect(
        lacking.code == "missing-field", f"without {' or '.join(gone)} nothing is taken", lacking.body
    )


def _one_wrong(world: World, person: Person, scene: str, fields: dict[str, str], story: Story) -> None:
    for name in fields:
        made = samples.wrong(world.item(name).kind, world.chance)
        if made is not None:
            answer = world.collect(person, scene, fields | {name: made})
            story.expect(answer.code == "wrong-kind", f"`{name}` must be what it says it is", answer.body)


def _other_item(world: World, wanted: Sequence[object]) -> str:
    """A declared item that is not among those the clause lists."""
    listed = {name for one in wanted for name in (one.items if isinstance(one, OneOf) else (str(one),))}
    return next(
        name for name in world.book.policy.of("information") if name not in listed and world.keeps(name)
    )


@tells("only-while")
def only_while(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Taken while the occasion lasts, refused before and after, and then only the listed items."""
    occasions = params["while"]
    others = [name for name in world.book.policy.of("occasions") if name not in occasions]
    elsewhere = [None, *others[:2], *others[-2:]]
    for scene in params.get("scene", ()):
        _scene_while(world, clause, scene, occasions, elsewhere, story)
    for recipient in params.get("recipient", ()):
        _recipient_while(world, clause, recipient, occasions, elsewhere, story)
    story.expect(story.steps, "the clause names a scene or recipient")


def _on(occasion: str | None) -> str:
    return "on no occasion" if occasion is None else f"on {occasion}"


def _scene_while(
    world: World,
    clause: Clause,
    scene: str,
    occasions: Sequence[str],
    elsewhere: Sequence[str | None],
    story: Story,
) -> None:
    fields_said = (whole(world.names, clause, one, f"scenes.{scene}") for one in ("requires", "optional"))
    listed = [name for one in fields_said for name in names(one)]
    story.expect(listed, f"the clause says what `{scene}` takes")
    person = world.person()
    world.prepare(person, scene)
    fields = {item: world.value(item) for item in listed}
    before = world.stage.count(world.opened, person.id)
    for occasion in elsewhere:
        early = world.collect(person, scene, fields, occasion=occasion)
        story.expect(early.code == "no-occasion", f"nothing is taken {_on(occasion)}", early.body)
    story.expect(world.stage.count(world.opened, person.id) == before, "and nothing was kept")
    refused = [e for e in world.entries("refused") if e["data"]["reason"] == "no-occasion"]
    story.expect(refused, "the refusal is on the ledger")
    for occasion in occasions:
        during = world.collect(person, scene, fields, occasion=occasion)
        story.expect(during.ok, f"taken while {occasion}", during.body)
    late = world.collect(person, scene, fields, occasion=None)
    story.expect(late.code == "no-occasion", "nothing is taken when it is over", late.body)


def _recipient_while(
    world: World,
    clause: Clause,
    name: str,
    occasions: Sequence[str],
    elsewhere: Sequence[str | None],
    story: Story,
) -> None:
    listed = list(whole(world.names, clause, "receives", f"recipients.{name}") or ())
    story.expect(listed, f"the clause says what `{name}` receives")
    act, person = Act("recipient", name), world.person()
    ready(world, person, act)
    for occasion in elsewhere:
        early = outflow(world, person, act, items=listed, occasion=occasion)
        story.expect(_because(early, "no-occasion"), f"`{name}` gets nothing {_on(occasion)}", early.body)
    extra = _other_item(world, listed)
    for occasion in occasions:
        tried = []
        for purpose in purposes_on(world, name, occasion):
            world.prepare(person, purpose)
            tried.append(outflow(world, person, act, items=listed, occasion=occasion, purpose=purpose))
        allowed = any(one.ok and one.body["allowed"] for one in tried)
        story.expect(allowed, f"`{name}` runs while {occasion}", [one.body for one in tried])
        more = outflow(world, person, act, items=[*listed, extra], occasion=occasion)
        story.expect(more.ok and not more.body["allowed"], f"`{name}` gets no `{extra}`", more.body)


def _because(answer: Answer, *reasons: str) -> bool:
    """Whether the gate said no for one of these reasons."""
    return bool(answer.ok and not answer.body["allowed"] and answer.body["reason"] in reasons)


@tells("reads-only")
def reads_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Released for the listed purposes and logged; refused for others and for none, whatever was said."""
    of = list(params["of"])
    person = world.person()
    given = world.hold(person, of)
    story.expect(given, f"{', '.join(sorted(given))} are held")
    for purpose in params["for"]:
        world.prepare(person, purpose)
        before = len(world.entries("read"))
        answer = world.read(person, purpose, of)
        story.expect(answer.ok, f"read for {purpose}", answer.body)
        texts = {(one["item"], one["text"]) for one in answer.body["values"]}
        story.expect(set(given.items()) <= texts, f"the values are released for {purpose}")
        reads = [one["data"] for one in world.entries("read")[before:]]
        named = len(reads) == 1 and reads[0]["purpose"] == purpose and reads[0]["items"] == sorted(of)
        story.expect(named, f"the read for {purpose} is on the ledger, with its items", reads)
    for purpose in dict.fromkeys([*params.get("deny", ()), *_others(world, of, params["for"])]):
        if world.is_purpose(purpose):
            world.prepare(person, purpose)  # so that nothing but the items is in the way
        answer = world.read(person, purpose, of)
        reasons = ("not-needed", "ruled-out") if world.is_purpose(purpose) else ("no-purpose", "ruled-out")
        story.expect(answer.code in reasons, f"refused for {purpose}", answer.body)
    unknown = world.read(person, NO_PURPOSE, of)
    story.expect(unknown.code == "no-purpose", "refused for a purpose nobody declared", unknown.body)


def _others(world: World, of: Sequence[str], listed: Sequence[str]) -> list[str]:
    """Two declared uses that have nothing to do with these items."""
    uses = [e for e in world.book.policy.of("uses").values() if e.name not in listed]
    return [one.name for one in uses if not set(of) & set(getattr(one, "of", ()))][:2]


@tells("sealed")
def sealed(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Values given through the product stand nowhere in clear; what is memory-only stands nowhere at all."""
    form = first(params, "form") or "sealed"
    of = params["of"]
    with world.fresh() as here:
        person = here.person()
        given = here.hold(person, of)
        story.same(of, given, "they were given through the product")
        here.entries()  # so that the ledger on disk is complete
        places = here.stage.search(here.opened, given)
        for item in given:
            story.expect(item not in places, f"`{item}` stands nowhere in clear", places.get(item))
        kept = here.stage.count(here.opened, person.id, of)
        if form == "memory-only":
            story.expect(kept == 0, "and nowhere sealed either", kept)
        else:
            story.expect(kept >= len(of), "they are kept, sealed", kept)
        copy = here.copy(person)
        for item, value in given.items():
            if form == "sealed":
                story.expect(value in copy.get(item, ()), f"`{item}` opens for its person")
            else:
                hidden = value not in copy.get(item, ()) if form == "pseudonym" else item not in copy
                story.expect(hidden, f"`{item}` is told to nobody")
        if form == "hashed":
            _checked_not_read(here, person, given, story)
        cipher = said(clause, "seal")
        if cipher is not None:
            used = set(here.stage.seals(here.opened, person.id, of).values())
            story.expect(used == {str(cipher).lower()}, f"each is sealed with {cipher}", sorted(used))


def _checked_not_read(world: World, person: Person, given: dict[str, str], story: Story) -> None:
    for item, value in given.items():
        body = {"person": person.id, "item": item}
        right = world.api.post("/v1/matches", {**body, "candidate": value})
        wrong = world.api.post("/v1/matches", {**body, "candidate": value + "x"})
        held = right.ok and right.body["matches"] and wrong.ok and not wrong.body["matches"]
        story.expect(held, f"`{item}` can be checked, not read", right.body)
