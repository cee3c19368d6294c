"""Stories of each right: asked for in each way the text names, by a verified person, beside a bystander."""

from collections.abc import Callable
from functools import partial
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import Right
from shounuo.prove.said import Params, said, whole
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World


@tells("right-works")
def right_works(world: World, clause: Clause, params: Params, story: Story) -> None:
    """By each way the text names, a verified person gets the effect, and nothing else changes."""
    for name in params["right"]:
        right = world.entry(name, "rights")
        assert isinstance(right, Right)
        for way in whole(world.names, clause, "way", right.path) or right.way:
            tell = partial(_right, world, right, way)
            story.chapter(world.told, ("right", name, way), tell)
        path = said(clause, "path", right.path)
        if path:
            shown = next(r for r in world.facts()["rights"] if r["name"] == name)["path"]
            story.expect(
                dict(path) == shown, f"the way to `{name}` is published: {', '.join(path.values())}", shown
            )


def _right(world: World, right: Right, way: str, story: Story) -> None:
    _Right(world, right, way, story).tell()


class _Right:
    """One right used in one way by one person, beside a bystander."""

    def __init__(self, world: World, right: Right, way: str, story: Story) -> None:
        self.world, self.right, self.way, self.story = world, right, way, story
        self.person: Person = world.person()
        self.scene = world.some_scene()
        self.items = [item for item in world.values(self.scene) if world.keeps(item)]

    def tell(self) -> None:
        """The effect, and nobody else's information has changed."""
        world, bystander = self.world, self.world.person()
        world.give(self.person, self.scene)
        kept = world.give(bystander, self.scene)
        self._effect()()
        unchanged = world.has(bystander, {item: kept[item] for item in self.items})
        self.story.expect(unchanged, "nobody else's information has changed")

    def _effect(self) -> Callable[[], None]:
        return {
            "access": self._sees,
            "copy": self._sees,
            "correct": self._corrects,
            "correct-identity": self._corrects,
            "delete": self._deletes,
            "guardian-delete": self._deletes,
            "delete-order": self._deletes_in_state,
            "withdraw": self._withdraws,
            "close": self._closes,
            "freeze": self._freezes,
        }.get(self.right.kind, self._answers)

    def _verified(self, **more: object) -> str:
        kind = self.right.kind
        made = self.world.ask(kind, self.person, self.way, **more)
        self.story.expect(made.ok, f"`{kind}` is asked by {self.way}", made.body)
        request = str(made.body["request"])
        how = "guardianship" if self.right.who == "guardian" else self.world.verified_by(kind)
        if how is not None:
            verified = self.world.do(request, "verify", {"how": how})
            self.story.expect(verified.ok, "who asks is verified", verified.body)
        self.world.show_rights(self.person, kind)
        return request

    def _done(self, request: str, effect: str, body: object | None = None) -> dict[str, Any]:
        done = self.world.do(request, "carry-out", body)
        self.story.expect(
            done.ok and done.body["state"] == "answered" and done.body["closed_at"], effect, done.body
        )
        return dict(done.body)

    def _sees(self) -> None:
        items = self.world.book.policy.of("information")
        secret = next(
            (name for name in items if self.world.item(name).store == "hashed" and self.world.scene_of(name)),
            None,
        )
        self.world.hold(self.person, [secret] if secret else [])
        request = self._verified()
        self._done(request, "it is answered")
        answer = self.world.api.get(f"/v1/requests/{request}/answer").body["values"]
        values = {(one["item"], one["value"]) for one in answer}
        given = self.person.given
        self.story.expect(
            all((i, given[i]) in values for i in self.items),
            "the copy holds what was given",
            sorted({item for item, _ in values}),
        )
        secrets = {(i, given[i]) for i in given if self.world.item(i).store != "sealed"}
        self.story.expect(not secrets & values, "and no secret")

    def _corrects(self) -> None:
        item, record, world, story = self.items[0], self.person.records[self.scene], self.world, self.story
        new, old = world.value(item), self.person.given[item]
        request = self._verified(record=record, items=[item])
        self._done(request, "the correction is carried out", {"values": {item: new}})
        values = world.copy(self.person)
        corrected = new in values.get(item, ()) and old not in values.get(item, ())
        story.expect(corrected and new != old, f"`{item}` is the new one")
        rest = {i: self.person.given[i] for i in self.items if i != item}
        story.expect(world.has(self.person, rest), "the rest is as it was")
        odd = self._verified(record=record, items=[item])
        wrong = world.do(odd, "carry-out", {"values": {"no-such-item": "x"}})
        story.expect(not wrong.ok, "a field nobody declared cannot be written", wrong.status)

    def _deletes(self) -> None:
        gone = self.items[0]
        done = self.world.do(self._verified(items=[gone]), "carry-out")
        self.story.expect(done.ok and done.body["unreadable_here_at"], "it is erased here at once", done.body)
        values = self.world.copy(self.person)
        self.story.expect(gone not in values, f"`{gone}` is gone")
        self.story.expect(all(i in values for i in self.items[1:]), "what was not named stays")
        left = self.world.stage.count(self.world.opened, self.person.id, [gone])
        self.story.expect(left == 0, "and lies nowhere any more", left)

    def _deletes_in_state(self) -> None:
        world, story, item = self.world, self.story, self.right.of[0]
        story.expect(self.right.only_if, "it holds only in named states")
        for state in self.right.only_if:
            world.hold(self.person, [item])
            done = world.do(self._verified(items=[item], condition=state), "carry-out")
            erased = done.ok and done.body["unreadable_here_at"] and not done.body["told"]["held"]
            story.expect(erased, f"what is {state} is deleted", done.body)
            story.expect(item not in world.copy(self.person), f"`{item}` is gone")
            self.person.given.pop(item)
        states: tuple[str | None, ...] = (None, "paid")
        for unfit in states:
            refused = world.ask(self.right.kind, self.person, self.way, items=[item], condition=unfit)
            story.expect(
                refused.code == "not-in-state", f"what is {unfit or 'of no known state'} is not", refused.body
            )

    def _withdraws(self) -> None:
        item = next(
            (name for name in self.right.of if name in self.world.book.wordings),
            next(iter(self.world.book.wordings)),
        )
        self.world.agree(self.person, [item])
        self.story.expect(item in self.world.standing(self.person), f"a yes to `{item}` stands")
        taken = self.world.withdraw(self.person, item)
        gone = taken.ok and item not in self.world.standing(self.person)
        self.story.expect(gone, "it is taken back at once, without staff", taken.body)

    def _closes(self) -> None:
        request = self._verified()
        done = self.world.do(request, "carry-out")
        self.story.expect(done.ok, "the account is closed", done.body)
        self._takes_nothing("account-closed", "nothing is collected any more")
        left = self.world.stage.count(self.world.opened, self.person.id, self.items)
        self.story.expect(left == 0, "and nothing of it is left", left)

    def _freezes(self) -> None:
        self._done(self._verified(), "the report is acted on")
        self._takes_nothing("account-frozen", "the account takes and gives nothing")
        released = self.world.api.post(f"/v1/people/{self.person.id}/release")
        again = self.world.collect(self.person, self.scene, self.world.values(self.scene))
        self.story.expect(released.ok and again.ok, "until it is released", again.body)

    def _takes_nothing(self, code: str, step: str) -> None:
        late = self.world.collect(self.person, self.scene, self.world.values(self.scene))
        self.story.expect(late.code == code, step, late.body)
        served = self.world.decide(self.person, next(iter(self.world.book.policy.of("services"))))
        refused = served.ok and served.body["reason"] == code
        self.story.expect(refused, "nor is anything served", served.body)

    def _answers(self) -> None:
        request = self._verified()
        done = self._done(request, "it is answered and closed")
        self.story.expect(done["request"] == request, "under its number")
