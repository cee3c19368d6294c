"""Stories of no: what it costs, who is not taken in, and what stops when somebody says no more."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.policy import Cookie, Refusal
from shounuo.prove.said import Params, said
from shounuo.prove.stories.acts import act_named, attempt, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.words import title
from shounuo.prove.world import Person, World

_COSTING = ("services", "scenes", "uses", "recipients", "cookies")  # what a no can close


# -- what a no costs -------------------------------------------------------------------------------


@tells("refusal-costs-only")
def refusal_costs_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A no closes what is listed, everything else stays open, and the cost was told."""
    scenes, uses = params.get("scene", ()), params.get("use", ())
    refused = list(params.get("item", ()))
    for name in (*scenes, *uses):
        refused += [item for item in world.asked(world.entry(name, "scenes", "uses")) if item not in refused]
    closed = params["closed"]
    for path in _costing(params, refused):
        cost = said(clause, "refusal", path)
        if isinstance(cost, Refusal):
            story.same(cost.closed, closed, "the clause says that a no costs this and no more")
    person, agreeing = world.person(), world.person()
    for item in refused:
        answer = world.say(person, item, "no")
        story.expect(answer.ok, f"a no to `{item}` is taken", answer.body)
    for name in closed:
        _closed(world, person, agreeing, name, [*refused, *scenes], story)
    opened = [name for name in _open(world, params) if name not in closed]
    story.expect(opened, f"{', '.join(opened)} do not depend on it")
    for name in opened:
        act = act_named(world, name)
        ready(world, person, act, without=refused)
        still = attempt(world, person, act)
        story.expect(still.ok, f"`{name}` stays open", still.body)
    pages = [*(f"consent.{item}" for item in refused), *(f"scenes.{scene}" for scene in scenes)]
    pages += [f"cookies.{name}" for name in closed if name in world.book.policy.of("cookies")]
    shown = "\n".join(world.lines(page) for page in pages)
    for name in closed:
        words = title(world.entry(name, *_COSTING))
        story.expect(words in shown, f"it was told that a no closes {words}")


def _costing(params: Params, refused: Iterable[str]) -> list[str]:
    """The entries whose refusal is told of."""
    named = (
        ("scenes", params.get("scene", ())),
        ("uses", params.get("use", ())),
        ("cookies", params["closed"]),
    )
    return [f"{section}.{name}" for section, names in (("consent", refused), *named) for name in names]


def _open(world: World, params: Params) -> Iterable[str]:
    """What must stay open: what the probe names, else every service that does not need what was closed."""
    if "open" in params:
        return params["open"]
    services = world.book.policy.of("services").values()
    return [e.name for e in services if not set(getattr(e, "needs", ())) & set(params["closed"])]


def _closed(
    world: World, person: Person, agreeing: Person, name: str, refused: Sequence[str], story: Story
) -> None:
    """Closed to who said no, for that reason; open to who did not."""
    cookie = world.book.policy.of("cookies").get(name)
    if isinstance(cookie, Cookie):
        for key in cookie.keys:
            for choice, may in (("refused", False), ("accepted", True)):
                answer = world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice=choice)
                said_so = answer.ok and answer.body["allowed"] == may
                story.expect(
                    said_so, f"the key `{key}` is {'' if may else 'not '}set when {choice}", answer.body
                )
        return
    act = act_named(world, name)
    ready(world, person, act, without=refused)
    no = attempt(world, person, act)
    because = no.code in ("no-consent", "not-there-yet") and any(one in str(no.body) for one in refused)
    story.expect(because, f"`{name}` is closed by the no", no.body)
    ready(world, agreeing, act)
    yes = attempt(world, agreeing, act)
    story.expect(yes.ok, f"`{name}` is open to who did not say it", yes.body)


# -- too young, and no more ------------------------------------------------------------------------


@tells("age-gate")
def age_gate(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The day before the birthday no, on the birthday yes; and a refusal keeps nothing."""
    for name in params["minors"]:
        under, rule = said(clause, "under", f"minors.{name}"), said(clause, "rule", f"minors.{name}")
        story.expect(
            under is not None and rule is not None, f"the clause says an age and a rule ({under}, {rule})"
        )
        today = world.at.astimezone(BEIJING).date()
        birthday = date(today.year - under, today.month, today.day)
        before = len(world.entries("registered"))
        young = world.register(birthday + timedelta(days=1))
        if rule == "refuse":
            story.expect(young.code == "too-young", f"who turns {under} tomorrow is not taken in", young.body)
            story.expect(len(world.entries("registered")) == before, "and nothing of them is kept")
        else:
            story.expect(young.ok, f"who turns {under} tomorrow is taken in, barred", young.body)
        grown = world.register(birthday)
        story.expect(grown.ok, f"who turns {under} today is taken in", grown.body)


@tells("message-stops")
def message_stops(world: World, clause: Clause, params: Params, story: Story) -> None:
    """One way of saying no more: the channels named fall silent, others and the bill go on."""
    for name in params["stop"]:
        silent, word = said(clause, "stops", f"stops.{name}"), said(clause, "word", f"stops.{name}")
        story.expect(silent, f"the clause says which channels `{name}` stops")
        _message_stops(world, name, silent, word, params.get("still", ()), story)


def _message_stops(
    world: World, way: str, silent: Sequence[str], word: str | None, still: Sequence[str], story: Story
) -> None:
    message = getattr(world.entry(way, "stops"), "of", "")
    entry = world.entry(message, "messages")
    channels: Sequence[str] = getattr(entry, "channels", ())
    story.expect(set(silent) <= set(channels), f"{message} may go by {', '.join(channels)}")
    person = world.person()
    world.agree(person, world.asked(entry))
    for channel in channels:
        story.expect(_may(world, person, message, channel), f"before, {message} may go by {channel}")
    if word is not None:
        odd = world.api.post("/v1/messages/stop", {"person": person.id, "way": way, "word": f"{word}X"})
        story.expect(not odd.ok, f"`{word}X` is not `{word}`", odd.status)
        story.expect(_may(world, person, message, silent[0]), "and stops nothing")
    said_it = world.api.post("/v1/messages/stop", {"person": person.id, "way": way, "word": word})
    story.expect(said_it.ok, f"`{way}` is understood", said_it.body)
    for channel in channels:
        expected = channel not in silent
        seen = _may(world, person, message, channel)
        story.expect(seen == expected, f"{channel} {'goes on' if expected else 'falls silent'}")
    noted = [e["data"] for e in world.entries("said-no-more") if e["data"]["way"] == way]
    story.expect(noted and set(noted[-1]["channels"]) == set(silent), "it is on the ledger", noted[-1:])
    services = world.book.policy.of("messages").values()
    for name in still or [e.name for e in services if getattr(e, "klass", "") == "service"]:
        for channel in getattr(world.entry(name, "messages"), "channels", ()):
            story.expect(_may(world, person, name, channel), f"the {name} message still goes by {channel}")


def _may(world: World, person: Person, message: str, channel: str) -> bool:
    answer = world.decide(person, "message", message=message, channel=channel)
    return bool(answer.ok and answer.body["allowed"])
