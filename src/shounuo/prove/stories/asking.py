"""Stories of yes: asked for first, by itself and properly, taken back at any time, known ever after."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import Form
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, whole
from shounuo.prove.stories.acts import Act, act_named, acts, attempt, covered, ready
from shounuo.prove.stories.showing import screen_shows
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

# -- a yes first -----------------------------------------------------------------------------------


@tells("consent-first")
def consent_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Without this very yes nothing happens or is kept; with it, done, with a receipt of how it was asked."""
    for item in params["item"]:
        found = acts(params) or covered(world, item)
        story.expect(found, f"`{item}` is for something that can be tried")
        form = str(
            whole(world.names, clause, "form", f"consent.{item}")
            or getattr(world.entry(item, "consent"), "form", "")
        )
        shows = params.get("shows", ())
        for act in found:
            tell = partial(_consent_first, world, item, act, form, shows)
            story.chapter(world.told, ("consent", item, act, form, shows), tell)


def _consent_first(world: World, item: str, act: Act, form: str, shows: Sequence[str], story: Story) -> None:
    person = world.person()
    ready(world, person, act, without=[item])
    kept = world.stage.count(world.opened, person.id)
    early = attempt(world, person, act)
    story.expect(
        early.code == "no-consent" and item in str(early.body), f"{act.path} waits for `{item}`", early.body
    )
    _only_a_real_yes(world, person, item, form, act, story)
    story.expect(world.stage.count(world.opened, person.id) == kept, "nothing was kept before the yes")
    notice = world.notice(f"consent.{item}")
    screen_shows(world, world.entry(item, "consent"), shows, story)
    unset = notice["controls"] and set(notice["controls"].values()) == {None}
    story.expect(unset, "agree and decline start unset", notice["controls"])
    receipt = world.say(person, item)
    told = receipt.ok and receipt.body["shown"] and receipt.body["wording"] and receipt.body["item"] == item
    story.expect(told, "the receipt names the wording and the showing", receipt.body)
    strong = Form(receipt.body["form"]).rank >= Form(form).rank
    story.expect(strong, f"it was a yes at least of the form `{form}`", receipt.body["form"])
    done = attempt(world, person, act)
    story.expect(done.ok, f"{act.path} goes on after the yes", done.body)
    answers = [e["data"] for e in world.entries("answered") if e["data"]["item"] == item]
    last = next((one for one in reversed(answers) if one["answer"] == "given"), None)
    held = (
        last is not None
        and last["shown"] == receipt.body["shown"]
        and last["wording"] == receipt.body["wording"]
    )
    story.expect(held, "the ledger holds the answer and what was shown", last)


def _only_a_real_yes(world: World, person: Person, item: str, form: str, act: Act, story: Story) -> None:
    """A yes nobody was asked for, one ticked beforehand, one given in general: none opens anything."""
    unseen = world.api.post("/v1/consents", {"person": person.id, "item": item, "answer": "yes"})
    story.expect(not unseen.ok, "a yes to a notice never shown is refused", unseen.status)
    ticked = world.show(person, f"consent.{item}", controls={"agree": "checked", "decline": None})
    preset = _yes(world, person, item, ticked)
    story.expect(preset.code == "set-beforehand", "a box ticked beforehand is no yes", preset.body)
    asking = (e for e in world.book.policy.entries() if item in getattr(e, "asks", ()))
    bundle = next((e for e in asking if e.section in ("scenes", "uses", "recipients")), None)
    if form == "separate" and bundle is not None:
        _yes(world, person, item, world.show(person, bundle.path))
        still = attempt(world, person, act)
        story.expect(
            still.code == "no-consent", "a yes given together with others is not a separate one", still.body
        )


def _yes(world: World, person: Person, item: str, shown: str) -> Answer:
    return world.api.post(
        "/v1/consents", {"person": person.id, "item": item, "answer": "yes", "shown": shown}
    )


@tells("withdraw-stops")
def withdraw_stops(world: World, clause: Clause, params: Params, story: Story) -> None:
    """One yes is taken back: what rested on it stops at once, and the rest goes on."""
    for item in params["item"]:
        found = acts(params) or covered(world, item)
        story.expect(found, f"`{item}` is for something that can be tried")
        for act in found:
            _withdraw_stops(world, item, act, params.get("other", ()), story)


def _withdraw_stops(world: World, item: str, act: Act, others: Iterable[str], story: Story) -> None:
    person = world.person()
    ready(world, person, act)
    allowed = attempt(world, person, act)
    story.expect(allowed.ok, f"{act.path} is allowed under `{item}`", allowed.body)
    going_on = [act_named(world, name) for name in others]
    for other in going_on:
        ready(world, person, other)
    taken = world.withdraw(person, item)
    story.expect(taken.ok, f"`{item}` is taken back at once, without a reason", taken.body)
    late = attempt(world, person, act)
    story.expect(late.code == "no-consent" and item in str(late.body), f"{act.path} stops", late.body)
    story.expect(item not in world.standing(person), f"`{item}` does not stand any more")
    for other in going_on:
        still = attempt(world, person, other)
        story.expect(still.ok, f"{other.path} goes on", still.body)
    answers = world.api.get(f"/v1/people/{person.id}/consents").body["answers"]
    given = [one for one in answers if one["item"] == item and one["answer"] == "given"]
    story.expect(given, "the yes of before stays on record")
    again = world.say(person, item)
    story.expect(again.ok and attempt(world, person, act).ok, "a new yes opens it again", again.body)


# -- as it was -------------------------------------------------------------------------------------


@tells("as-of", moves_time=True)
def as_of(world: World, clause: Clause, params: Params, story: Story) -> None:
    """What held at two past moments is asked today: the answer of that time, unaltered."""
    with world.fresh() as here:
        for what in params["what"]:
            if what == "text":
                _text_as_of(here, story)
            else:
                _answer_as_of(here, what, story)


def _answer_as_of(world: World, item: str, story: Story) -> None:
    person, hour = world.person(), timedelta(hours=1)
    world.wait(hour)
    before = world.at
    world.wait(hour)
    receipt = world.say(person, item)
    story.expect(receipt.ok, f"`{item}` is agreed to", receipt.body)
    world.wait(hour)
    given_at = world.at
    world.wait(hour)
    taken = world.withdraw(person, item)
    story.expect(taken.ok, "and taken back later", taken.body)
    world.wait(hour)
    story.expect(item not in world.standing(person, before), "asked of the hour before, it did not stand yet")
    story.expect(item in world.standing(person, given_at), "asked of the hour after, it stood")
    story.expect(item not in world.standing(person), "asked of today, it does not")
    answers = world.api.get(f"/v1/people/{person.id}/consents").body["answers"]
    kept: dict[str, Any] = next((one for one in answers if one["event"] == receipt.body["event"]), {})
    same = kept.get("answer") == "given" and all(
        kept[one] == receipt.body[one] for one in ("wording", "form", "at", "shown")
    )
    story.expect(same, "the answer of then is unaltered", kept)
    story.expect(
        [one["answer"] for one in answers] == ["given", "withdrawn"], "and the later one stands beside it"
    )


def _text_as_of(world: World, story: Story) -> None:
    first_version = world.api.get("/v1/policies/1").body
    digest = hashlib.sha256(world.stage.source).hexdigest()
    kept = first_version["hash"] == digest and first_version["source"].encode() == world.stage.source
    story.expect(kept, "the published text is kept as it was")
