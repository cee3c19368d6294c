"""Stories of yes and no."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.policy import Cookie, Entry, Form, Refusal, Tells
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, said
from shounuo.prove.stories.acts import Act, act_named, acts, attempt, covered, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.words import on_screen, title
from shounuo.prove.world import Person, World

_COSTING = ("services", "scenes", "uses", "recipients", "cookies")  # what a no can close


# -- a yes first -----------------------------------------------------------------------------------


@tells("consent-first")
def consent_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Without this very yes nothing happens and nothing is kept; with it, done, and the receipt says how it was asked."""
    for item in params["item"]:
        found = acts(params) or covered(world, item)
        story.expect(found, f"`{item}` is for something that can be tried")
        form = str(said(clause, "form", f"consent.{item}") or getattr(world.entry(item, "consent"), "form", ""))
        shows = params.get("shows", ())
        for act in found:
            tell = partial(_consent_first, world, item, act, form, shows)
            story.chapter(world.told, ("consent", item, act, form, shows), tell)


def _consent_first(world: World, item: str, act: Act, form: str, shows: Sequence[str], story: Story) -> None:
    person = world.person()
    ready(world, person, act, without=[item])
    kept = world.stage.count(world.opened, person.id)
    early = attempt(world, person, act)
    story.expect(early.code == "no-consent" and item in str(early.body), f"{act.path} waits for `{item}`", early.body)
    _only_a_real_yes(world, person, item, form, act, story)
    story.expect(world.stage.count(world.opened, person.id) == kept, "nothing was kept before the yes")
    notice = world.notice(f"consent.{item}")
    _screen_shows(world, world.entry(item, "consent"), shows, story)
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
    held = last is not None and last["shown"] == receipt.body["shown"] and last["wording"] == receipt.body["wording"]
    story.expect(held, "the ledger holds the answer and what was shown", last)


def _only_a_real_yes(world: World, person: Person, item: str, form: str, act: Act, story: Story) -> None:
    """A yes that nobody was asked for, that was ticked beforehand, or that was given in general, opens nothing."""
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
        story.expect(still.code == "no-consent", "a yes given together with others is not a separate one", still.body)


def _yes(world: World, person: Person, item: str, shown: str) -> Answer:
    return world.api.post("/v1/consents", {"person": person.id, "item": item, "answer": "yes", "shown": shown})


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
    named = (("scenes", params.get("scene", ())), ("uses", params.get("use", ())), ("cookies", params["closed"]))
    return [f"{section}.{name}" for section, names in (("consent", refused), *named) for name in names]


def _open(world: World, params: Params) -> Iterable[str]:
    """What must stay open: what the probe names, else every service that does not need what was closed."""
    if "open" in params:
        return params["open"]
    services = world.book.policy.of("services").values()
    return [e.name for e in services if not set(getattr(e, "needs", ())) & set(params["closed"])]


def _closed(world: World, person: Person, agreeing: Person, name: str, refused: Sequence[str], story: Story) -> None:
    """Closed to who said no, for that reason; open to who did not."""
    cookie = world.book.policy.of("cookies").get(name)
    if isinstance(cookie, Cookie):
        for key in cookie.keys:
            for choice, may in (("refused", False), ("accepted", True)):
                answer = world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice=choice)
                said_so = answer.ok and answer.body["allowed"] == may
                story.expect(said_so, f"the key `{key}` is {'' if may else 'not '}set when {choice}", answer.body)
        return
    act = act_named(world, name)
    ready(world, person, act, without=refused)
    no = attempt(world, person, act)
    because = no.code in ("no-consent", "not-there-yet") and any(one in str(no.body) for one in refused)
    story.expect(because, f"`{name}` is closed by the no", no.body)
    ready(world, agreeing, act)
    yes = attempt(world, agreeing, act)
    story.expect(yes.ok, f"`{name}` is open to who did not say it", yes.body)


# -- shown first -----------------------------------------------------------------------------------


@tells("tells-first")
def tells_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The act waits until the notice was shown; then it passes, and the record holds the words."""
    told = [one for facts in (clause.numbers, clause.items) for one in facts.values() if isinstance(one, Tells)]
    shows, acknowledged = params["shows"], any(one.acknowledged for one in told)
    story.expect(shows, "the clause says what is shown")
    for act in acts(params):
        _tells_first(world, act, shows, acknowledged=acknowledged, story=story)
    for right in params.get("right", ()):
        _right_tells(world, right, shows, acknowledged=acknowledged, story=story)
    for item in params.get("item", ()):
        _screen_shows(world, world.entry(item, "consent"), shows, story)
    for kind in params.get("request", ()):
        _reply_tells(world, kind, shows, story)
    story.expect(len(story.steps) > 1, "the clause names what is told")


def _screen_shows(world: World, entry: Entry, shows: Iterable[str], story: Story) -> None:
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
    _screen_shows(world, world.entry(act.name, act.path.partition(".")[0]), shows, story)
    if acknowledged:
        world.show(person, act.path, acknowledged=False)
        half = attempt(world, person, act)
        story.expect(half.code == "not-shown", "being shown is not enough: it must be acknowledged", half.body)
    notice = world.notice(act.path)
    shown = world.show(person, act.path)
    done = attempt(world, person, act)
    story.expect(done.ok, f"{act.path} passes once it was shown", done.body)
    everything = world.api.get(f"/v1/people/{person.id}/shown").body["shown"]
    kept = next((one for one in everything if one["shown"] == shown), {})
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
    _screen_shows(world, entry, shows, story)
    if acknowledged:
        world.show(person, entry.path, acknowledged=False)
        half = world.do(request, "carry-out")
        story.expect(half.code == "not-shown", "being shown is not enough: it must be acknowledged", half.body)
    world.show(person, entry.path)
    done = world.do(request, "carry-out")
    story.expect(done.ok, f"`{right}` goes on once it was shown", done.body)


def _reply_tells(world: World, kind: str, shows: Sequence[str], story: Story) -> None:
    """Both replies tell it: the one that refuses and the one that says it was done."""
    rule = next(e for e in world.book.policy.of("requests").values() if kind in getattr(e, "kinds", ()))
    grounds = getattr(rule, "refuse_on", ())
    asked, refused = world.ask(kind, world.person()), world.ask(kind, world.person())
    story.expect(asked.ok and refused.ok, f"`{kind}` requests are taken in", asked.body)
    for ground in grounds[:1]:
        no = world.do(refused.body["request"], "refuse", {"ground": str(ground), "evidence": "case-1"})
        story.expect(no.ok and set(shows) <= _told(no), f"a refusal tells {', '.join(shows)}", no.body)
    world.do(asked.body["request"], "verify", {"how": "signed-in"})
    done = world.do(asked.body["request"], "carry-out")
    story.expect(done.ok and set(shows) <= _told(done), f"the reply tells {', '.join(shows)}", done.body)


def _told(answer: Answer) -> set[str]:
    return set((answer.body.get("told") or {}).get("tells", ()))


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
    kept = next((one for one in answers if one["event"] == receipt.body["event"]), {})
    same = kept.get("answer") == "given" and all(kept[one] == receipt.body[one] for one in ("wording", "form", "at", "shown"))
    story.expect(same, "the answer of then is unaltered", kept)
    story.expect([one["answer"] for one in answers] == ["given", "withdrawn"], "and the later one stands beside it")


def _text_as_of(world: World, story: Story) -> None:
    first_version = world.api.get("/v1/policies/1").body
    digest = hashlib.sha256(world.stage.source).hexdigest()
    kept = first_version["hash"] == digest and first_version["source"].encode() == world.stage.source
    story.expect(kept, "the published text is kept as it was")


# -- too young, and no more ------------------------------------------------------------------------


@tells("age-gate")
def age_gate(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The day before the birthday no, on the birthday yes; and a refusal keeps nothing."""
    for name in params["minors"]:
        under, rule = said(clause, "under", f"minors.{name}"), said(clause, "rule", f"minors.{name}")
        story.expect(under is not None and rule is not None, f"the clause says an age and a rule ({under}, {rule})")
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


def _message_stops(world: World, way: str, silent: Sequence[str], word: str | None, still: Sequence[str], story: Story) -> None:
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
