"""Stories of what is shown first."""

from collections.abc import Iterable, Sequence
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import Entry, Tells
from shounuo.prove.call import Answer
from shounuo.prove.said import Params
from shounuo.prove.stories.acts import Act, acts, attempt, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.words import on_screen
from shounuo.prove.world import World


@tells("tells-first")
def tells_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The act waits until the notice was shown; then it passes, and the record holds the words."""
    told = [
        one for facts in (clause.numbers, clause.items) for one in facts.values() if isinstance(one, Tells)
    ]
    shows, acknowledged = params["shows"], any(one.acknowledged for one in told)
    story.expect(shows, "the clause says what is shown")
    for act in acts(params):
        _tells_first(world, act, shows, acknowledged=acknowledged, story=story)
    for right in params.get("right", ()):
        _right_tells(world, right, shows, acknowledged=acknowledged, story=story)
    for item in params.get("item", ()):
        screen_shows(world, world.entry(item, "consent"), shows, story)
    for kind in params.get("request", ()):
        _reply_tells(world, kind, shows, story)
    story.expect(len(story.steps) > 1, "the clause names what is told")


def screen_shows(world: World, entry: Entry, shows: Iterable[str], story: Story) -> None:
    """The notice a person reads holds each thing the clause says is shown."""
    lines = world.lines(entry.path)
    for code in shows:
        lacking = [text for text in on_screen(world.book.policy, entry, code) if text not in lines]
        story.expect(not lacking, f"the notice shows {code}", f"lacking: {', '.join(lacking)}")


def _tells_first(world: World, act: Act, shows: Sequence[str], *, acknowledged: bool, story: Story) -> None:
    person = world.person()
    ready(world, person, act, unseen=True)
    early = attempt(world, person, act)
    story.expect(early.code == "not-shown", f"{act.path} waits until it was shown", early.body)
    screen_shows(world, world.entry(act.name, act.path.partition(".")[0]), shows, story)
    if acknowledged:
        world.show(person, act.path, acknowledged=False)
        half = attempt(world, person, act)
        story.expect(
            half.code == "not-shown", "being shown is not enough: it must be acknowledged", half.body
        )
    notice = world.notice(act.path)
    shown = world.show(person, act.path)
    done = attempt(world, person, act)
    story.expect(done.ok, f"{act.path} passes once it was shown", done.body)
    everything = world.api.get(f"/v1/people/{person.id}/shown").body["shown"]
    kept: dict[str, Any] = next((one for one in everything if one["shown"] == shown), {})
    held = all(kept.get(one) == notice[one] for one in ("hash", "version", "entry"))
    story.expect(held and kept["at"], "the record holds the version and the time", kept)
    story.expect(kept["screen"]["lines"] == notice["lines"], "and the words")


def _right_tells(world: World, right: str, shows: Sequence[str], *, acknowledged: bool, story: Story) -> None:
    entry = world.entry(right, "rights")
    person = world.person()
    world.give(person, next(iter(world.book.policy.of("scenes"))))
    made = world.ask(getattr(entry, "kind", right), person)
    request = made.body["request"]
    world.do(request, "verify", {"how": "signed-in"})
    early = world.do(request, "carry-out")
    story.expect(early.code == "not-shown", f"`{right}` waits until it was shown", early.body)
    screen_shows(world, entry, shows, story)
    if acknowledged:
        world.show(person, entry.path, acknowledged=False)
        half = world.do(request, "carry-out")
        story.expect(
            half.code == "not-shown", "being shown is not enough: it must be acknowledged", half.body
        )
    world.show(person, entry.path)
    done = world.do(request, "carry-out")
    story.expect(done.ok, f"`{right}` goes on once it was shown", done.body)


def _reply_tells(world: World, kind: str, shows: Sequence[str], story: Story) -> None:
    """Both replies tell it: the one that refuses and the one that says it was done."""
    rule = next(e for e in world.book.policy.of("requests").values() if kind in getattr(e, "kinds", ()))
    grounds = getattr(rule, "refuse_on", ())
    person = world.person()
    more, body = world.correction(person) if kind.startswith("correct") else ({}, {})
    asked, refused = world.ask(kind, person, None, **more), world.ask(kind, world.person())
    story.expect(asked.ok and refused.ok, f"`{kind}` requests are taken in", asked.body)
    for ground in grounds[:1]:
        no = world.do(refused.body["request"], "refuse", {"ground": str(ground), "evidence": "case-1"})
        story.expect(no.ok and set(shows) <= _told(no), f"a refusal tells {', '.join(shows)}", no.body)
    world.do(asked.body["request"], "verify", {"how": "signed-in"})
    world.show_rights(person, kind)
    done = world.do(asked.body["request"], "carry-out", body)
    story.expect(done.ok and set(shows) <= _told(done), f"the reply tells {', '.join(shows)}", done.body)


def _told(answer: Answer) -> set[str]:
    return set((answer.body.get("told") or {}).get("tells", ()))
