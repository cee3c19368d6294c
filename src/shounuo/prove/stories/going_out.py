"""Stories of what leaves."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import Door, Ground
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, anywhere, said, whole, words_of
from shounuo.prove.stories.acts import Act, case, ends, intent, outflow, ready, recipient_named
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

_GROUNDS = frozenset(ground.value for ground in Ground)
_USUAL = (
    "explicit-consent",
    "separate-consent",
    "contract",
    "legal-duty",
    "public-safety",
    "own-act",
)  # what one would try
_ACTS = ("share", "entrust", "transfer", "publish", "abroad")
NOBODY = "nobody-known"


def _no(answer: Answer, *reasons: str) -> bool:
    """Whether the gate said no, for one of these reasons where any is given."""
    if not answer.ok or answer.body["allowed"]:
        return False
    return not reasons or answer.body["reason"] in reasons


@tells("outflow-needs")
def outflow_needs(world: World, clause: Clause, params: Params, story: Story) -> None:
    """No case, no outflow; a wrong case neither; the right one with its papers passes and is registered."""
    for name in params.get("door", ()):
        door = world.entry(name, "sharing")
        assert isinstance(door, Door)
        cases = params.get("case") or tuple(
            str(one) for one in whole(world.names, clause, "on", door.path) or ()
        )
        if cases:
            passage = _Passage(world, clause, params, door, cases)
            story.chapter(world.told, passage.key, passage.tell)
        for word in params.get("deny", ()):
            _denied(world, params, door, word, story)
    if not params.get("door"):
        _shut(world, params, story)
    story.expect(story.steps, "the clause names a door or what is shut")


class _Passage:
    """One door and the cases that open it."""

    story: Story

    def __init__(
        self, world: World, clause: Clause, params: Params, door: Door, cases: Sequence[str]
    ) -> None:
        self.world, self.door, self.cases = world, door, cases
        conditions = whole(world.names, clause, "only-if", door.path) or door.only_if
        self.conditions = tuple(str(one) for one in conditions)
        to = said(clause, "to", door.path) or params.get("to")
        self.to = tuple(to or whole(world.names, clause, "to", door.path) or door.to)
        self.items = {name: self._listed(clause, params, name) for name in self.to}
        self.opening = self._opening(clause)
        self.key = ("passage", door.name, tuple(cases), self.conditions, tuple(self.items.items()))

    def _opening(self, clause: Clause) -> set[str]:
        """Every ground on which clauses or their probes let this door open, and those of doors beside it."""
        path, clauses = self.door.path, self.world.book.policy.clauses.values()
        grounds = {str(one) for one in whole(self.world.names, clause, "on", path) or ()}
        return grounds | words_of(clauses, "outflow-needs", "door", self.door.name, "case") | set(self.cases)

    def _listed(self, clause: Clause, params: Params, recipient: str) -> tuple[str, ...]:
        """The items the clause lets go to a recipient."""
        names, door, receiver = self.world.names, self.door.path, f"recipients.{recipient}"
        listed = said(clause, "carries", door) or params.get("of") or said(clause, "receives", receiver)
        listed = listed or whole(names, clause, "carries", door) or whole(names, clause, "receives", receiver)
        return tuple(str(one) for one in listed or ())

    def tell(self, story: Story) -> None:
        """To each recipient the clause names: shut, open on each case, no more than is listed, registered."""
        self.story = story
        for place, name in enumerate(self.to):
            act, person = Act("door", self.door.name, name), self.world.person()
            ready(self.world, person, act)
            self._shut_without(person, act)
            for ground in self.cases:
                opened = self._try(person, act, ground)
                passes = opened.ok and opened.body["allowed"] and opened.body["obligations"]["register"]
                self.story.expect(passes, f"`{self.door.name}` opens to `{name}` on {ground}", opened.body)
            self._no_more(person, act)
            if place == 0:
                self._registered(person, act)
        self._consent_behind()

    def _try(self, person: Person, act: Act, ground: str, **change: object) -> Answer:
        return outflow(self.world, person, act, case=self._case(ground), **change)

    def _case(self, ground: str, **change: object) -> dict[str, object]:
        return case(self.door, ground, states=list(self.conditions)) | change

    def _shut_without(self, person: Person, act: Act) -> None:
        name, story, world = self.door.name, self.story, self.world
        without = outflow(world, person, act, case=None)
        story.expect(_no(without, "no-case"), f"`{name}` stays shut without a case", without.body)
        for wrong in sorted(set(_USUAL) - self.opening - self._elsewhere(act)):
            other = self._try(person, act, wrong)
            story.expect(_no(other, "no-case"), f"`{name}` stays shut on {wrong}", other.body)
        for ground in self.cases:
            if "consent" not in ground:
                unfiled = outflow(world, person, act, case=self._case(ground, reference=None))
                story.expect(_no(unfiled, "no-case"), f"and on a {ground} nobody can look up", unfiled.body)
        for one in self.conditions:
            others = [state for state in self.conditions if state != one]
            lacking = outflow(world, person, act, case=self._case(self.cases[0], states=others))
            story.expect(_no(lacking, "no-case"), f"`{name}` stays shut without {one}", lacking.body)
        if self.door.act.value != "abroad":
            far = self._try(person, act, self.cases[0], region="US")
            story.expect(_no(far, "abroad"), "and nothing goes abroad by it", far.body)

    def _elsewhere(self, act: Act) -> set[str]:
        """Grounds of other doors that lead there in the same way: what they open is their matter."""
        doors = [
            e for e in self.world.book.policy.of("sharing").values() if isinstance(e, Door) and e != self.door
        ]
        return {
            str(one) for door in doors if door.act is self.door.act and act.to in door.to for one in door.on
        }

    def _no_more(self, person: Person, act: Act) -> None:
        """The listed items go, and one more does not."""
        items = self.items[str(act.to)]
        self.story.expect(items, "the clause says which items")
        whole = self._try(person, act, self.cases[0], items=items)
        self.story.expect(whole.ok and whole.body["allowed"], f"{', '.join(items)} may go", whole.body)
        more = next(name for name in self.world.book.policy.of("information") if name not in items)
        extra = self._try(person, act, self.cases[0], items=[*items, more])
        self.story.expect(
            _no(extra, "not-needed", "not-for-recipient"), f"no `{more}` goes with it", extra.body
        )

    def _registered(self, person: Person, act: Act) -> None:
        """A real passage leaves its row, and the person can see it."""
        world, story, ground = self.world, self.story, self.cases[0]
        asked = intent(world, act, case=self._case(ground))
        passed = world.api.post("/v1/share", {"person": person.id, **asked})
        story.expect(passed.ok, "it goes out", passed.body)
        passage = passed.body["passage"]["passage"]
        rows = world.api.get(f"/v1/people/{person.id}/passages").body["passages"]
        row: dict[str, Any] = next((one for one in rows if one["passage"] == passage), {})
        wanted = {
            "recipient": act.to,
            "ground": ground,
            "purpose": asked["purpose"],
            "act": self.door.act.value,
        }
        story.expect(
            wanted.items() <= row.items(), "the person's list names recipient, act, purpose and ground", row
        )
        story.same(asked["items"], row["items"], "and the items")  # type: ignore[arg-type]
        logged = [e["data"] for e in world.entries("passed-on") if e["data"]["passage"] == passage]
        story.expect(logged and wanted.items() <= logged[0].items(), "the passage is on the ledger", logged)

    def _consent_behind(self) -> None:
        """Where the case is a yes, nothing of somebody who did not give it goes out."""
        yes = [ground for ground in self.cases if "consent" in ground]
        if not yes:
            return
        person, act = self.world.person(), Act("door", self.door.name)
        ready(self.world, person, act, without=self.world.asked(self.door))
        answer = outflow(self.world, person, act, case=self._case(yes[0]))
        self.story.expect(_no(answer, "no-consent"), "nothing of who did not agree goes out", answer.body)


def _shut(world: World, params: Params, story: Story) -> None:
    """By default nothing leaves: to every recipient, all it asks being there but a case."""
    words = _ACTS if "any" in params["act"] else params["act"]
    for name in params.get("to") or tuple(world.book.recipients):
        for place, purpose in enumerate(recipient_named(world, name).for_):
            for word in words[: 1 if place else None]:  # one act is enough for a recipient's further purposes
                tell = partial(_shut_to, world, name, purpose, word)
                story.chapter(world.told, ("shut", name, purpose, word), tell)
    story.chapter(world.told, "stranger", partial(_stranger, world))


def _shut_to(world: World, name: str, purpose: str, word: str, story: Story) -> None:
    act = Act("recipient", name)
    person = world.someone(("shut", name, purpose), lambda one: ready(world, one, act, purpose=purpose))
    region = {"region": "US"} if word == "abroad" else {}
    abroad = () if word == "abroad" else ("abroad",)  # shut for that alone where the recipient is abroad
    answer = outflow(world, person, act, purpose=purpose, act=word, **region)
    story.expect(
        _no(answer, "no-door", "no-case", *abroad),
        f"no {word} to `{name}` for {purpose} without a case",
        answer.body,
    )


def _stranger(world: World, story: Story) -> None:
    person, purpose = world.person(), next(iter(world.book.policy.of("uses")))
    world.prepare(person, purpose)
    stranger = world.decide(person, purpose, recipient=NOBODY, act="share")
    story.expect(_no(stranger, "no-recipient"), "nobody undeclared gets anything", stranger.body)


def _denied(world: World, params: Params, door: Door, word: str, story: Story) -> None:
    """A word that opens nothing: a ground on which the door stays shut, or a purpose no case opens it for."""
    person = world.person()
    if word in _GROUNDS:
        act = Act("door", door.name)
        ready(world, person, act)
        answer = outflow(world, person, act, case=case(door, word))
        story.expect(_no(answer, "no-case"), f"`{door.name}` stays shut on {word}", answer.body)
        return
    items = list(params.get("of", ()))
    for name in params.get("to") or door.to or tuple(world.book.recipients):
        act = Act("door", door.name, name)
        ready(world, person, act, purpose=word if world.is_purpose(word) else None)
        mine = [item for item in items if item in _of(world, word)] if world.is_purpose(word) else items
        for ground in [str(one) for one in door.on] or _USUAL[2:4]:
            asked = intent(world, act, purpose=word, items=mine, case=case(door, ground))
            answer = world.decide(person, **asked)
            reasons = ("ruled-out", "no-purpose", "not-for-recipient", "no-door")
            story.expect(
                _no(answer, *reasons), f"nothing goes to `{name}` for {word} on {ground}", answer.body
            )


def _of(world: World, purpose: str) -> Sequence[str]:
    return getattr(world.entry(purpose), "of", ())


@tells("papers-first")
def papers_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A paper missing, expired, not yet in force: refused. In force: passes."""
    acts = [Act(sort, name) for sort in ("recipient", "door") for name in params.get(sort, ())]
    story.expect(acts, "the clause names who must have them")
    for paper in params["papers"]:
        for act in acts:
            holders = _holders(world, act, paper)
            story.expect(holders, f"{act.path} needs `{paper}`")
            for holder in holders:
                others = tuple(one for one in holders if one != holder)
                tell = partial(_paper_first, world, act, paper, holder, others)
                story.chapter(world.told, ("paper", act, paper, holder), tell)
    terms = [set(one) for one in anywhere(clause, "terms")]
    for paper in params["papers"]:
        kept = set(getattr(world.entry(paper, "papers"), "terms", ()))
        story.expect(
            not terms or kept in terms, f"`{paper}` must say what the clause says it says", sorted(kept)
        )


def _holders(world: World, act: Act, paper: str) -> list[str]:
    """Who must have the paper: the recipient, the door that leads to it, or each of them."""
    return [one.name for one in ends(world, act) if one is not None and paper in one.needs]


def _paper_first(
    world: World, act: Act, paper: str, holder: str, others: Sequence[str], story: Story
) -> None:
    with world.fresh() as here:  # papers of other stories would be on file
        person, day = here.person(), timedelta(days=1)
        ready(here, person, act, without=[paper])
        for other in others:
            here.file_papers(other, [paper])
        missing = outflow(here, person, act)
        because = _no(missing, "no-papers") and paper in str(missing.body["at_fault"])
        story.expect(because, f"{act.path} waits for the `{paper}` of {holder}", missing.body)
        here.file_papers(holder, [paper], begins=here.at - 60 * day, ends=here.at - day)
        expired = outflow(here, person, act)
        story.expect(_no(expired, "no-papers"), f"an expired `{paper}` opens nothing", expired.body)
        here.file_papers(holder, [paper], begins=here.at + day, ends=here.at + 60 * day)
        early = outflow(here, person, act)
        story.expect(_no(early, "no-papers"), f"a `{paper}` of tomorrow opens nothing", early.body)
        here.file_papers(holder, [paper])
        passes = outflow(here, person, act)
        story.expect(passes.ok and passes.body["allowed"], f"with `{paper}` in force it passes", passes.body)
