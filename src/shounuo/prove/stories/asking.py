"""Stories of yes and no."""

import hashlib
from datetime import date, timedelta

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.policy import Cookie, Service
from shounuo.prove.said import Params, first, said
from shounuo.prove.stories.acts import Act, acts, attempt, ready
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World


@tells("consent-first")
def consent_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Without this very yes nothing happens and nothing is kept; with it, done, and the receipt says how it was asked."""
    for item in params["item"]:
        for act in acts(params) or _covered(world, item):
            _consent_first(world, item, act, params.get("shows", ()), story)


def _consent_first(world: World, item: str, act: Act, shows: tuple[str, ...], story: Story) -> None:
    person = world.person()
    ready(world, person, act, without=[item])
    kept = len(world.entries("collected"))
    early = attempt(world, person, act)
    story.expect(early.code == "no-consent", f"{act.path} waits for `{item}`", early.body)
    _only_a_real_yes(world, person, item, act, story)
    story.expect(len(world.entries("collected")) == kept, "nothing was kept before the yes")
    notice = world.api.get(f"/v1/notices/consent.{item}", language="zh-CN").body
    lines = "\n".join(notice["lines"])
    for one in shows:
        story.expect(one in lines, f"the notice shows {one}")
    story.expect(set(notice["controls"].values()) == {None}, "agree and decline start unset")
    receipt = world.say(person, item)
    story.expect(receipt.ok and receipt.body["shown"] and receipt.body["wording"], "the receipt names the wording and the showing", receipt.body)
    done = attempt(world, person, act)
    story.expect(done.ok, f"{act.path} goes on after the yes", done.body)
    answers = [e for e in world.entries("answered") if e["data"]["item"] == item and e["data"]["answer"] == "given"]
    story.expect(answers and all(e["data"]["shown"] for e in answers), "the ledger holds the answer and what was shown")


def _only_a_real_yes(world: World, person: Person, item: str, act: Act, story: Story) -> None:
    """A yes that nobody gave, that was ticked beforehand, or that was given in general, opens nothing."""
    unseen = world.api.post("/v1/consents", {"person": person.id, "item": item, "answer": "yes"})
    story.expect(not unseen.ok, "a yes to a notice never shown is refused", unseen.status)
    ticked = world.show(person, f"consent.{item}", controls={"agree": "checked", "decline": None})
    preset = world.api.post("/v1/consents", {"person": person.id, "item": item, "answer": "yes", "shown": ticked})
    story.expect(preset.code == "set-beforehand", "a box ticked beforehand is no yes", preset.body)
    form = getattr(world.entry(item, "consent"), "form", None)
    bundle = next((e for e in world.book.policy.entries() if item in getattr(e, "asks", ()) and e.section in ("scenes", "uses", "recipients")), None)
    if form is not None and form.value == "separate" and bundle is not None:
        shown = world.show(person, bundle.path)
        world.api.post("/v1/consents", {"person": person.id, "item": item, "answer": "yes", "shown": shown})
        still = attempt(world, person, act)
        story.expect(still.code == "no-consent", "a yes given together with others is not a separate one", still.body)


def _covered(world: World, item: str) -> list[Act]:
    """The acts a consent item says it is for."""
    covers = getattr(world.entry(item, "consent"), "covers", ())
    found = []
    for name in covers:
        for sort, section in (("scene", "scenes"), ("use", "uses"), ("service", "services"), ("recipient", "recipients"), ("door", "sharing")):
            if name in world.book.policy.of(section):
                found.append(Act(sort, name))
                break
    return found[:1]


@tells("withdraw-stops")
def withdraw_stops(world: World, clause: Clause, params: Params, story: Story) -> None:
    """One yes is taken back: what rested on it stops at once, and the rest goes on."""
    for item in params["item"]:
        for act in acts(params) or _covered(world, item):
            person = world.person()
            ready(world, person, act)
            story.expect(attempt(world, person, act).ok, f"{act.path} is allowed under `{item}`")
            others = [Act("use" if name in world.book.policy.of("uses") else "scene", name) for name in params.get("other", ())]
            for other in others:
                ready(world, person, other)
            taken = world.withdraw(person, item)
            story.expect(taken.ok, f"`{item}` is taken back at once, without a reason", taken.body)
            late = attempt(world, person, act)
            story.expect(late.code == "no-consent", f"{act.path} stops", late.body)
            for other in others:
                still = attempt(world, person, other)
                story.expect(still.ok, f"{other.path} goes on", still.body)
            kept = world.api.get(f"/v1/people/{person.id}/consents").body["answers"]
            given = [one for one in kept if one["item"] == item and one["answer"] == "given"]
            story.expect(given, "the yes of before stays on record")


@tells("refusal-costs-only")
def refusal_costs_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A no closes what is listed, everything else stays open, and the cost was told."""
    person = world.person()
    refused = [*params.get("item", ())]
    for name in (*params.get("scene", ()), *params.get("use", ())):
        refused += [item for item in world.asked(world.entry(name, "scenes", "uses")) if item not in refused]
    for item in refused:
        answer = world.say(person, item, "no")
        story.expect(answer.ok, f"a no to `{item}` is taken", answer.body)
    closed = params["closed"]
    _closed(world, person, closed, refused, params.get("scene", ()), story)
    opened = params.get("open") or [e.name for e in world.book.policy.of("services").values()]
    for name in opened:
        if name not in closed and not _rests_on(world, name, refused, closed):
            world.prepare(person, name, without=refused)
            answer = world.decide(person, name) if name in world.book.policy.of("services") else attempt(world, person, _act(world, name))
            allowed = answer.ok and answer.body.get("allowed", True)
            story.expect(allowed, f"`{name}` stays open", answer.body)
    _cost_was_told(world, closed, refused, params.get("scene", ()), story)


def _act(world: World, name: str) -> Act:
    return Act("use" if name in world.book.policy.of("uses") else "scene", name)


def _closed(world: World, person: Person, closed: tuple[str, ...], refused: list[str], scenes: tuple[str, ...], story: Story) -> None:
    for name in closed:
        cookie = world.book.policy.of("cookies").get(name)
        if isinstance(cookie, Cookie):
            for key in cookie.keys:
                answer = world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice="refused")
                story.expect(answer.ok and not answer.body["allowed"], f"the key `{key}` is not set", answer.body)
            continue
        entry = world.entry(name)
        if isinstance(entry, Service):
            _all_but(world, person, name, refused, scenes)
            answer = world.decide(person, name)
            story.expect(answer.ok and not answer.body["allowed"], f"`{name}` is closed", answer.body)
        elif name in world.book.policy.of("recipients"):
            act = Act("recipient", name)
            ready(world, person, act, without=refused)
            answer = attempt(world, person, act)
            story.expect(not answer.ok, f"`{name}` is closed", answer.body)
        else:
            act = _act(world, name)
            world.prepare(person, name, without=refused)
            answer = attempt(world, person, act)
            story.expect(not answer.ok, f"`{name}` is closed", answer.body)


def _all_but(world: World, person: Person, service: str, refused: list[str], scenes: tuple[str, ...]) -> None:
    """Bring about what a service asks, but for the refused yes or the scene whose data were not given."""
    entry = world.entry(service, "services")
    assert isinstance(entry, Service)
    for need in entry.needs:
        if need not in ("acceptance", "verified-identity", *scenes, *person.records):
            world.give(person, need)
    if entry.tells is not None:
        world.show(person, entry.path)
    world.agree(person, [item for item in world.asked(entry) if item not in refused])


def _rests_on(world: World, name: str, refused: list[str], closed: tuple[str, ...]) -> bool:
    """Whether something outside the list needs what was refused: the clause speaks of the listed, the rest is its own."""
    entry = world.entry(name)
    needs = getattr(entry, "needs", ())
    return any(need in closed for need in needs)


def _cost_was_told(world: World, closed: tuple[str, ...], refused: list[str], scenes: tuple[str, ...], story: Story) -> None:
    pages = [f"consent.{item}" for item in refused] + [f"scenes.{scene}" for scene in scenes]
    shown = "\n".join(line for page in pages for line in world.api.get(f"/v1/notices/{page}", language="zh-CN").body["lines"])
    for name in closed:
        words = world.entry(name, "services", "scenes", "uses", "recipients", "cookies").words
        if words is not None and shown:
            story.expect(words.zh in shown, f"it was told that a no closes {words.zh}")


@tells("tells-first")
def tells_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The act waits until the notice was shown; then it passes, and the record holds the words."""
    for act in acts(params):
        _tells_first(world, act, params["shows"], story)
    for right in params.get("right", ()):
        _right_tells(world, right, params["shows"], story)
    for item in params.get("item", ()):
        lines = "\n".join(world.api.get(f"/v1/notices/consent.{item}", language="zh-CN").body["lines"])
        for one in params["shows"]:
            story.expect(one in lines, f"the question about `{item}` shows {one}")
    for kind in params.get("request", ()):
        _reply_tells(world, kind, params["shows"], story)


def _tells_first(world: World, act: Act, shows: tuple[str, ...], story: Story) -> None:
    person = world.person()
    ready(world, person, act, unseen=True)
    early = attempt(world, person, act)
    story.expect(early.code == "not-shown", f"{act.path} waits until it was shown", early.body)
    notice = world.api.get(f"/v1/notices/{act.path}", language="zh-CN").body
    lines = "\n".join(notice["lines"])
    for one in shows:
        story.expect(one in lines, f"the notice shows {one}", lines[:80])
    shown = world.show(person, act.path)
    done = attempt(world, person, act)
    story.expect(done.ok, f"{act.path} passes once it was shown", done.body)
    kept = next((one for one in world.api.get(f"/v1/people/{person.id}/shown").body["shown"] if one["shown"] == shown), None)
    held = kept is not None and kept["hash"] == notice["hash"] and kept["version"] == notice["version"] and kept["screen"]["lines"] == notice["lines"]
    story.expect(held, "the record holds the words, their version and the time")


def _right_tells(world: World, right: str, shows: tuple[str, ...], story: Story) -> None:
    entry = world.entry(right, "rights")
    person = world.person()
    world.give(person, next(iter(world.book.policy.of("scenes"))))
    made = world.ask(getattr(entry, "kind", right), person)
    world.do(made.body["request"], "verify", {"how": "signed-in"})
    early = world.do(made.body["request"], "carry-out")
    story.expect(early.code == "not-shown", f"`{right}` waits until it was shown", early.body)
    lines = "\n".join(world.api.get(f"/v1/notices/{entry.path}", language="zh-CN").body["lines"])
    for one in shows:
        story.expect(one in lines, f"the notice shows {one}")
    if entry.tells is not None and entry.tells.acknowledged:
        world.show(person, entry.path, acknowledged=False)
        half = world.do(made.body["request"], "carry-out")
        story.expect(half.code == "not-shown", "being shown is not enough: it must be acknowledged", half.body)
    world.show(person, entry.path)
    done = world.do(made.body["request"], "carry-out")
    story.expect(done.ok, f"`{right}` goes on once it was shown", done.body)


def _reply_tells(world: World, kind: str, shows: tuple[str, ...], story: Story) -> None:
    person = world.person()
    made = world.ask(kind, person)
    story.expect(made.ok, f"a `{kind}` request is taken in", made.body)
    world.do(made.body["request"], "verify", {"how": "signed-in"})
    done = world.do(made.body["request"], "carry-out")
    told = (done.body.get("told") or {}).get("tells", []) if done.ok else []
    for one in shows:
        story.expect(one in told, f"the reply tells {one}", done.body)


@tells("as-of", moves_time=True)
def as_of(world: World, clause: Clause, params: Params, story: Story) -> None:
    """What held at two past moments is asked today: the answer of that time, unaltered."""
    what = first(params, "what")
    if what == "text":
        _text_as_of(world, story)
        return
    item = next(name for name in world.book.wordings)
    person = world.person()
    world.wait(timedelta(hours=1))
    receipt = world.say(person, item)
    story.expect(receipt.ok, f"`{item}` is agreed to", receipt.body)
    world.wait(timedelta(hours=1))
    given_at = world.at
    world.wait(timedelta(hours=1))
    world.withdraw(person, item)
    world.wait(timedelta(hours=1))
    then = world.api.get(f"/v1/people/{person.id}/consents", at=given_at.isoformat()).body
    now = world.api.get(f"/v1/people/{person.id}/consents").body
    story.expect(item in then["standing"], "asked of that moment, it stood")
    story.expect(item not in now["standing"], "asked of today, it does not")
    kept = next((one for one in now["answers"] if one["event"] == receipt.body["event"]), None)
    story.expect(kept is not None and kept["answer"] == "given" and kept["wording"] == receipt.body["wording"], "the answer of then is unaltered")


def _text_as_of(world: World, story: Story) -> None:
    first_version = world.api.get("/v1/policies/1").body
    digest = hashlib.sha256(world.stage.source).hexdigest()
    story.expect(first_version["hash"] == digest and first_version["source"].encode() == world.stage.source, "the published text is kept as it was")


@tells("age-gate")
def age_gate(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The day before the birthday no, on the birthday yes; and a refusal keeps nothing."""
    for name in params["minors"]:
        under, rule = said(clause, "under", f"minors.{name}"), said(clause, "rule", f"minors.{name}") or "refuse"
        if under is None:
            story.fail("the clause says no age")
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
        stop = world.entry(name, "stops")
        message = getattr(stop, "of", "")
        silent = said(clause, "stops", f"stops.{name}")
        if silent is None:
            story.fail("the clause names no channels")
        word = said(clause, "word", f"stops.{name}")
        person = world.person()
        entry = world.entry(message, "messages")
        world.agree(person, world.asked(entry))
        channels = getattr(entry, "channels", ())
        for channel in channels:
            may = world.decide(person, "message", message=message, channel=channel)
            story.expect(may.ok and may.body["allowed"], f"before, {message} may go by {channel}", may.body)
        said_it = world.api.post("/v1/messages/stop", {"person": person.id, "way": name, "word": word})
        story.expect(said_it.ok, f"`{name}` is understood", said_it.body)
        for channel in channels:
            may = world.decide(person, "message", message=message, channel=channel)
            expected = channel not in silent
            story.expect(may.ok and may.body["allowed"] == expected, f"{channel} {'goes on' if expected else 'falls silent'}", may.body)
        _service_still(world, person, params.get("still", ()), story)


def _service_still(world: World, person: Person, named: tuple[str, ...], story: Story) -> None:
    still = named or tuple(e.name for e in world.book.policy.of("messages").values() if getattr(e, "klass", "") == "service")
    for name in still:
        for channel in getattr(world.entry(name, "messages"), "channels", ()):
            may = world.decide(person, "message", message=name, channel=channel)
            story.expect(may.ok and may.body["allowed"], f"the {name} message still goes by {channel}", may.body)
