"""Stories of what leaves."""

from datetime import timedelta

from shounuo.core.clause import Clause
from shounuo.core.policy import Door, Recipient
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, first, said
from shounuo.prove.stories.acts import Act, outflow, purpose_of, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World


def _no(answer: Answer) -> bool:
    return answer.ok and not answer.body["allowed"]


@tells("outflow-needs")
def outflow_needs(world: World, clause: Clause, params: Params, story: Story) -> None:
    """No case, no outflow; a wrong case neither; the right one with its papers passes and is registered."""
    for name in params.get("door", ()):
        _door(world, clause, name, params, story)
    if not params.get("door"):
        _closed(world, params, story)
    for purpose in params.get("deny", ()):
        _never(world, params, purpose, story)


def _door(world: World, clause: Clause, name: str, params: Params, story: Story) -> None:
    door = world.entry(name, "sharing")
    if not isinstance(door, Door) or not door.on:
        return
    act, person = Act("door", name), world.person()
    cases = params.get("case") or tuple(str(g) for g in said(clause, "on", f"sharing.{name}") or ())
    ready(world, person, act)
    without = outflow(world, person, act, case=None)
    story.expect(_no(without), f"`{name}` stays shut without a case", without.body)
    wrong = next(g for g in ("contract", "corporate-change", "own-act", "public-safety", "violation-found", "anonymised") if g not in cases)
    other = outflow(world, person, act, case={"ground": wrong, "states": list(door.only_if), "reference": "case-1"})
    story.expect(_no(other), f"`{name}` stays shut on {wrong}", other.body)
    if door.only_if:
        lacking = outflow(world, person, act, case={"ground": cases[0], "states": [], "reference": "case-1"})
        story.expect(_no(lacking), f"`{name}` stays shut without {', '.join(door.only_if)}", lacking.body)
    recipient = _recipient(world, door)
    abroad = {"region": "US"} if door.act.value == "abroad" else {}
    for case in cases:
        opened = outflow(world, person, act, case={"ground": case, "states": list(door.only_if), "reference": "case-1"}, **abroad)
        story.expect(opened.ok and opened.body["allowed"] and opened.body["obligations"]["register"], f"`{name}` opens on {case}", opened.body)
    _carries(world, clause, person, act, door, recipient, cases[0], abroad, story)
    _registered(world, person, act, door, cases[0], abroad, story)
    _consent_behind(world, name, door, cases, abroad, story)


def _carries(
    world: World, clause: Clause, person: Person, act: Act, door: Door, recipient: Recipient, case: str, abroad: dict[str, str], story: Story
) -> None:
    listed = said(clause, "carries", door.path) or said(clause, "receives", recipient.path)
    if not listed:
        return
    more = next((item for item in world.book.policy.of("information") if item not in listed), None)
    if more is not None:
        extra = outflow(world, person, act, items=[*listed, more], case=_case(case, door), **abroad)
        story.expect(_no(extra), f"no `{more}` goes with it", extra.body)


def _registered(world: World, person: Person, act: Act, door: Door, case: str, abroad: dict[str, str], story: Story) -> None:
    """A real passage leaves its row, and the person can see it."""
    purpose = purpose_of(world, act)
    recipient = _recipient(world, door)
    decided = outflow(world, person, act, case=_case(case, door), **abroad)
    passed = world.api.post("/v1/share", {
        "person": person.id, "purpose": purpose, "recipient": recipient.name, "act": door.act.value,
        "items": sorted(decided.body["obligations"]["masks"]), "case": _case(case, door), "occasion": _occasion(world, purpose, recipient), **abroad,
    })  # fmt: skip
    story.expect(passed.ok, "it goes out", passed.body)
    rows = world.api.get(f"/v1/people/{person.id}/passages").body["passages"]
    row = next((one for one in rows if one["passage"] == passed.body["passage"]["passage"]), None)
    complete = row is not None and row["recipient"] == recipient.name and row["ground"] == case and row["purpose"] == purpose
    story.expect(complete, "the person's list of passages names recipient, purpose and ground")
    logged = [e for e in world.entries("passed-on") if e["data"]["passage"] == passed.body["passage"]["passage"]]
    story.expect(logged, "the passage is on the ledger")


def _consent_behind(world: World, name: str, door: Door, cases: tuple[str, ...], abroad: dict[str, str], story: Story) -> None:
    """Where the case is a yes, somebody who did not give it stays inside."""
    if not any("consent" in case for case in cases):
        return
    person, act = world.person(), Act("door", name)
    ready(world, person, act, without=world.asked(door))
    answer = outflow(world, person, act, case=_case(next(c for c in cases if "consent" in c), door), **abroad)
    story.expect(_no(answer), "nothing of who did not agree goes out", answer.body)


def _case(ground: str, door: Door) -> dict[str, object]:
    return {"ground": ground, "states": list(door.only_if), "reference": "case-1"}


def _occasion(world: World, purpose: str | None, recipient: Recipient) -> str | None:
    when = getattr(world.entry(purpose), "when", ()) if purpose else ()
    return (when or recipient.when or (None,))[0]


def _recipient(world: World, door: Door) -> Recipient:
    found = world.entry(door.to[0] if door.to else next(iter(world.book.recipients)), "recipients")
    assert isinstance(found, Recipient)
    return found


def _closed(world: World, params: Params, story: Story) -> None:
    """By default nothing leaves: every recipient, without a case."""
    person = world.person()
    for act in params["act"] if params["act"] != ("any",) else ("share", "transfer", "publish", "abroad"):
        for name in params.get("to") or tuple(world.book.recipients):
            recipient = world.entry(name, "recipients")
            assert isinstance(recipient, Recipient)
            for purpose in recipient.for_[:1]:
                world.prepare(person, purpose)
                answer = world.decide(person, purpose, recipient=name, act=act, items=[], occasion=_occasion(world, purpose, recipient))
                story.expect(_no(answer), f"nothing is {act}d to `{name}` without a case", answer.body)
    stranger = world.decide(person, next(iter(world.book.policy.of("uses"))), recipient="nobody-known", act="share")
    story.expect(_no(stranger), "nobody undeclared gets anything", stranger.body)


def _never(world: World, params: Params, purpose: str, story: Story) -> None:
    """A purpose ruled out for good: no case opens it."""
    person = world.person()
    for name in params.get("to") or tuple(world.book.recipients):
        for ground in ("explicit-consent", "legal-duty", "contract"):
            answer = world.decide(person, purpose, recipient=name, act=first(params, "act") if first(params, "act") != "any" else "share",
                                  items=list(params.get("of", ())), case={"ground": ground, "reference": "case-1"})
            story.expect(_no(answer), f"no {purpose} to `{name}` on {ground}", answer.body)


@tells("papers-first")
def papers_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A paper missing, expired, not yet in force: refused. In force: passes."""
    for sort in ("recipient", "door"):
        for name in params.get(sort, ()):
            for paper in params["papers"]:
                _paper_first(world.fresh(), Act(sort, name), paper, story)


def _paper_first(world: World, act: Act, paper: str, story: Story) -> None:
    person = world.person()
    _ready_but(world, person, act, paper)
    missing = outflow(world, person, act)
    story.expect(missing.ok and missing.body["reason"] == "no-papers", f"{act.path} waits for `{paper}`", missing.body)
    world.file_papers(act.name, [paper], begins=world.at - timedelta(days=60), ends=world.at - timedelta(days=1))
    expired = outflow(world, person, act)
    story.expect(_no(expired), f"an expired `{paper}` opens nothing", expired.body)
    world.file_papers(act.name, [paper], begins=world.at + timedelta(days=1), ends=world.at + timedelta(days=60))
    early = outflow(world, person, act)
    story.expect(_no(early), f"a `{paper}` of tomorrow opens nothing", early.body)
    world.file_papers(act.name, [paper])
    passes = outflow(world, person, act)
    story.expect(passes.ok and passes.body["allowed"], f"with `{paper}` in force it passes", passes.body)
    world.close()


def _ready_but(world: World, person: Person, act: Act, paper: str) -> None:
    """Everything but one paper."""
    purpose = purpose_of(world, act)
    if purpose is not None:
        world.prepare(person, purpose)
    entries = [world.entry(act.name, "recipients" if act.sort == "recipient" else "sharing")]
    if isinstance(entries[0], Door):
        entries.insert(0, _recipient(world, entries[0]))
    for entry in entries:
        if entry.tells is not None:
            world.show(person, entry.path)
        world.agree(person, world.asked(entry))
        world.file_papers(entry.name, [name for name in getattr(entry, "needs", ()) if name != paper])
