"""Stories of where and how long."""

from datetime import datetime, timedelta

from shounuo.core.calendar import Calendar
from shounuo.core.clause import Clause
from shounuo.core.policy import Hold, Retention, Right
from shounuo.prove.said import Params, first, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

OUTSIDE = ("HK", "MO", "TW", "US", "SG")  # all outside CN-mainland


@tells("stays-in")
def stays_in(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A place outside the region is refused, for every kind of copy; Hong Kong, Macao and Taiwan are outside."""
    covers = [kind for path in _paths(world, "storage") for kind in said(clause, "covers", path) or ()] or list(params.get("covers", ()))
    region = next((said(clause, "region", path) for path in _paths(world, "storage") if said(clause, "region", path)), None)
    story.expect(region is not None, f"the clause names a region ({region})")
    for kind in covers or ["store", "backup", "log"]:
        for outside in params.get("outside") or OUTSIDE:
            answer = world.api.post("/v1/places", {"name": f"{kind}-{outside.lower()}", "region": outside, "covers": kind})
            story.expect(answer.code == "abroad", f"no {kind} in {outside}", answer.body)
        inside = world.api.post("/v1/places", {"name": f"{kind}-here", "region": region, "covers": kind})
        story.expect(inside.ok, f"a {kind} in {region}", inside.body)
    person = world.person()
    world.hold(person, [next(iter(world.values("sign-in") if "sign-in" in world.book.policy.of("scenes") else world.book.bits))])


def _paths(world: World, section: str) -> list[str]:
    return [entry.path for entry in world.book.policy.of(section).values()]


def _ends(world: World, clause: Clause, item: str, start: datetime) -> tuple[str, datetime, str] | None:
    """The rule for `item` as the clause has it: its event, its end, what follows."""
    for rule in world.book.policy.of("retention").values():
        if isinstance(rule, Retention) and item in rule.of:
            period = said(clause, "for", rule.path) or rule.for_
            return said(clause, "from", rule.path) or rule.from_, Calendar().end(start, period), said(clause, "then", rule.path) or rule.then
    return None


@tells("expires", moves_time=True)
def expires(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The day before the end it is there, the day after it is gone, and the run is on record."""
    for item in params["of"]:
        here = world.fresh()
        person = here.person()
        given = here.hold(person, [item])
        story.expect(item in given, f"`{item}` is kept")
        rule = _ends(here, clause, item, here.at)
        if rule is None or rule[0] != "collected":
            story.fail(f"`{item}` ends with an event of its own, which this story does not bring about")
        here.move(rule[1] - timedelta(days=1))
        story.expect(_there(here, person, item), f"the day before, `{item}` is there")
        here.move(rule[1] + timedelta(days=1))
        story.expect(not _there(here, person, item), f"the day after, `{item}` is gone")
        runs = [e for e in here.entries("expired") if item in e["data"]["items"]]
        story.expect(runs, "the run is on the ledger")
        places = here.stage.search(here.opened, [given[item]])
        story.expect(not places, "and stands nowhere in clear", places)
        here.close()


def _there(world: World, person: Person, item: str) -> bool:
    """Whether the person's own copy still holds the item."""
    made = world.finish("access", person, items=[item])
    if not made.ok:
        return False
    values = world.api.get(f"/v1/requests/{made.body['request']}/answer")
    return values.ok and any(one["item"] == item for one in values.body["values"])


@tells("held", moves_time=True)
def held(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Locked instead of erased: no business read, only the listed ground; erased by itself when the lock ends."""
    for name in params["hold"]:
        hold = world.entry(name, "holds")
        assert isinstance(hold, Hold)
        period = said(clause, "period", hold.path) or hold.period
        opens = [str(one) for one in said(clause, "opens-for", hold.path) or ()]
        for item in params["of"]:
            if _hold_of(world, item) == name:
                _held(world.fresh(), item, period, opens, params.get("deny", ()), story)


def _hold_of(world: World, item: str) -> str | None:
    return next((r.hold for r in world.book.policy.of("retention").values() if isinstance(r, Retention) and item in r.of), None)


def _held(world: World, item: str, period: object, opens: list[str], deny: tuple[str, ...], story: Story) -> None:
    person = world.person()
    given = world.hold(person, [item])
    for purpose in deny:
        world.prepare(person, purpose)
    asked = world.finish("delete", person, items=[item])
    story.expect(asked.ok and item in (asked.body["told"] or {}).get("held", {}), f"`{item}` is locked, and the person is told until when", asked.body)
    for purpose in deny:
        answer = world.read(person, purpose, [item], occasion=world.occasion(purpose))
        story.expect(answer.code == "held", f"no reading for {purpose}", answer.body)
    for ground in opens:
        opened = world.read(person, "legal-disclosure", [item], case={"ground": ground, "reference": "order-1"})
        right = opened.ok and any(one["text"] == given[item] for one in opened.body["values"])
        story.expect(right, f"opened on {ground}", opened.body)
    other = world.read(person, "legal-disclosure", [item], case={"ground": "contract", "reference": "order-1"})
    story.expect(not other.ok, "and on nothing else", other.status)
    end = Calendar().end(world.at, period)  # type: ignore[arg-type]
    world.move(end - timedelta(days=1))
    still = world.read(person, "legal-disclosure", [item], case={"ground": (opens or ["authority-order"])[0], "reference": "order-2"})
    story.expect(still.ok and still.body["values"], "the day before the end it is still locked away, not lost", still.body)
    world.move(end + timedelta(days=1))
    gone = world.read(person, "legal-disclosure", [item], case={"ground": (opens or ["authority-order"])[0], "reference": "order-3"})
    story.expect(gone.ok and not gone.body["values"], "at its end it is erased by itself", gone.body)
    story.expect(world.entries("released"), "the end is on the ledger")
    world.close()


@tells("erased-everywhere", moves_time=True)
def erased_everywhere(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Erased for this trigger: found nowhere; answered only once backups cannot be read either; certificate on the ledger."""
    trigger = first(params, "trigger")
    world = world.fresh()
    person = world.person()
    wanted = list(params.get("of", ())) or _some_items(world)
    given = world.hold(person, wanted)
    story.expect(given, f"{', '.join(sorted(given))} are kept")
    kind = "close" if trigger == "account-closed" else "delete"
    if kind == "close":
        _show_close(world, person)
    done = world.finish(kind, person, **({} if kind == "close" else {"items": sorted(given)}))
    story.expect(done.ok, f"a `{kind}` request is carried out", done.body)
    _gone(world, person, given, story, closed=kind == "close")
    story.expect(done.body["unreadable_here_at"] and done.body["state"] != "answered", "backups may still hold it, so it is not answered yet", done.body)
    world.wait(timedelta(hours=25))
    request = world.api.get(f"/v1/requests/{done.body['request']}").body
    story.expect(request["state"] == "answered" and request["unreadable_in_backups_at"], "keys have turned over: now it is", request)
    due = datetime.fromisoformat(request["due_at"])
    story.expect(datetime.fromisoformat(request["closed_at"]) < due, "before its day")
    certificates = [e for e in world.entries("unreadable-in-backups") if e["data"]["request"] == done.body["request"]]
    story.expect(certificates, "the certificate is on the ledger")
    if kind == "close":
        scene = next(iter(world.book.policy.of("scenes")))
        late = world.collect(person, scene, world.values(scene))
        story.expect(late.code == "account-closed", "nothing is collected any more", late.body)
    world.close()


def _gone(world: World, person: Person, given: dict[str, str], story: Story, *, closed: bool) -> None:
    world.entries()
    for item, value in given.items():
        places = world.stage.search(world.opened, [value])
        story.expect(not places, f"`{item}` stands nowhere in clear", ", ".join(places))
        if not closed:
            story.expect(not _there(world, person, item), f"`{item}` is gone from the person's own copy")
    kept = world.stage.count(world.opened, person.id, list(given))
    story.expect(kept == 0, "no sealed value is left either", kept)


def _some_items(world: World) -> list[str]:
    """What a first scene keeps and no hold locks."""
    for entry in world.book.policy.of("scenes").values():
        items = [i for i in world.values(entry.name) if _hold_of(world, i) is None and _sealed(world, i)]
        if items and not getattr(entry, "when", ()):
            return items
    return []


def _sealed(world: World, item: str) -> bool:
    return getattr(world.book.policy.of("information").get(item), "store", "") == "sealed"


def _show_close(world: World, person: Person) -> None:
    for entry in world.book.policy.of("rights").values():
        if isinstance(entry, Right) and entry.kind == "close" and entry.tells is not None:
            world.show(person, entry.path)
