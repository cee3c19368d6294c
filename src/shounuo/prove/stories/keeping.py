"""Stories of where and how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from shounuo.core.clause import Clause
from shounuo.core.duration import Duration
from shounuo.core.policy import Hold, Retention
from shounuo.prove import reckon
from shounuo.prove.call import Answer
from shounuo.prove.said import Params, anywhere, everywhere, first, whole
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

DAY = timedelta(days=1)


# -- where -----------------------------------------------------------------------------------------


@tells("stays-in")
def stays_in(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A place outside the region is refused for every copy; Hong Kong, Macao and Taiwan are outside."""
    regions = list(everywhere(world.names, clause, "region", "storage"))
    covers = [str(one) for value in everywhere(world.names, clause, "covers", "storage") for one in value]
    before = len(world.entries("place-added"))
    story.expect(
        len(regions) == 1 and covers,
        f"the clause names a region ({regions}) and copies ({', '.join(covers)})",
    )
    for kind in covers:
        for outside in params["outside"]:
            answer = _place(world, kind, outside)
            story.expect(answer.code == "abroad", f"no {kind} in {outside}", answer.body)
        inside = _place(world, kind, regions[0])
        story.expect(inside.ok, f"a {kind} in {regions[0]}", inside.body)
    added = [e["data"] for e in world.entries("place-added")[before:]]
    story.expect({one["region"] for one in added} == {regions[0]}, "only those are on the ledger", added)


def _place(world: World, kind: str, region: str) -> Answer:
    name = f"{kind}-{region.lower()}-{world.chance.getrandbits(32):08x}"  # a name is given once
    return world.api.post("/v1/places", {"name": name, "region": region, "covers": kind})


# -- how long --------------------------------------------------------------------------------------


def _rule(world: World, item: str) -> Retention:
    """The rule that names the item, else the rule for the rest."""
    rules = world.names.of("retention", Retention)
    return next(rule for name in (item, "rest") for rule in rules if name in rule.of)


@tells("expires", moves_time=True)
def expires(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The day before the end it is there, the day after it is gone, and the run is on record."""
    for item in params["of"]:
        rule = _rule(world, item)
        period, event = (whole(world.names, clause, one, rule.path) for one in ("for", "from"))
        story.expect(
            period is not None and event is not None,
            f"the clause says how long `{item}` is kept, and from when",
        )
        with world.fresh() as here:
            if event == "collected":
                _expires(here, item, period, story)
            elif event == "account-closed":
                _lasts_until_closed(here, item, period, story)
            else:
                story.untold(f"nothing brings about `{event}` yet")


def _expires(world: World, item: str, period: Duration, story: Story) -> None:
    person, later = world.person(), world.person()
    given = world.hold(person, [item])
    story.expect(item in given, f"`{item}` is kept")
    end = reckon.ends(period, world.at)
    world.wait(2 * DAY)
    world.hold(later, [item])
    world.move(end - DAY)
    story.expect(item in world.copy(person, [item]), f"the day before, `{item}` is there")
    world.move(end + timedelta(hours=1))
    story.expect(item not in world.copy(person, [item]), f"once {period} have passed, `{item}` is gone")
    story.expect(item in world.copy(later, [item]), "what was collected two days later is still there")
    runs = [e["data"] for e in world.entries("expired") if item in e["data"]["items"]]
    story.expect(len(runs) == 1 and runs[0]["items"][item] == 1, "the run is on the ledger", runs)
    _nowhere(world, person, given, story)


def _lasts_until_closed(world: World, item: str, period: Duration, story: Story) -> None:
    """Kept as long as the account is open, however long that is; gone in time once it is closed."""
    person, bystander = world.person(), world.person()
    given, others = world.hold(person, [item]), world.hold(bystander, [item])
    story.expect(item in given, f"`{item}` is kept")
    world.wait(400 * DAY)
    story.expect(world.has(person, given), f"`{item}` stays as long as the account is open")
    closed = world.finish("close", person)
    story.expect(closed.ok, "the account is closed", closed.body)
    world.move(reckon.ends(period, world.at) + timedelta(hours=1))
    _nowhere(world, person, given, story)
    story.expect(world.has(bystander, others), "who did not close theirs still has it")


def _nowhere(world: World, person: Person, given: dict[str, str], story: Story) -> None:
    """These values stand nowhere, in clear or sealed."""
    world.entries()  # so that the ledger on disk is complete
    places = world.stage.search(world.opened, given)
    for item in given:
        story.expect(item not in places, f"`{item}` stands nowhere in clear", places.get(item))
    kept = world.stage.count(world.opened, person.id, list(given))
    story.expect(kept == 0, "no sealed value is left either", kept)


# -- what the law still wants ----------------------------------------------------------------------


@tells("held", moves_time=True)
def held(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Locked instead of erased: no business read, only the listed ground; erased by itself at the end."""
    for name in params["hold"]:
        hold = world.entry(name, "holds")
        assert isinstance(hold, Hold)
        period = whole(world.names, clause, "period", hold.path)
        story.expect(period is not None, f"the clause says how long `{name}` lasts")
        listed = whole(world.names, clause, "opens-for", hold.path)
        opens = [str(one) for one in (hold.opens_for if listed is None else listed)]
        mine = [item for item in params["of"] if _rule(world, item).hold == name]
        story.expect(mine, f"`{name}` locks what the clause speaks of")
        for item in mine:
            deny = params.get("deny", ())
            tell = partial(_held, world, item, period, opens, deny)
            story.chapter(world.told, ("held", item, period, tuple(opens), deny), tell)


def _held(
    world: World, item: str, period: Duration, opens: Sequence[str], deny: Sequence[str], story: Story
) -> None:
    with world.fresh() as here:
        _Lock(here, item, period, opens, deny, story).tell()


class _Lock:
    """One item that the law still wants after its person asked for its erasure."""

    def __init__(
        self,
        world: World,
        item: str,
        period: Duration,
        opens: Sequence[str],
        deny: Sequence[str],
        story: Story,
    ) -> None:
        self.world, self.item, self.story = world, item, story
        self.period, self.opens, self.deny = period, opens, deny
        self.lawful = self._lawful_use()

    def tell(self) -> None:
        """Locked, opened for what is listed alone, gone when it ends; the rest is erased at once."""
        world, story, item = self.world, self.story, self.item
        person = world.person()
        given = world.hold(person, [item])
        free = next(name for name in _some_items(world) if name != item)
        world.hold(person, [free])
        for purpose in self.deny:
            world.prepare(person, purpose)
        kind = next(one for one in ("delete", "guardian-delete") if one in world.names.answered)
        asked = world.finish(kind, person, items=[item, free])
        end = reckon.ends(self.period, world.at)
        told = (asked.body.get("told") or {}).get("held", {})
        until = told.get(item, "")
        story.expect(asked.ok and until, f"`{item}` is locked, and the person is told", asked.body)
        story.expect(until in (f"{end:%Y-%m-%d}", f"{end - DAY:%Y-%m-%d}"), "until when", until)
        story.expect(
            free not in told and free not in world.copy(person),
            f"`{free}` is not locked and goes at once",
            told,
        )
        self._shut(person)
        for ground in self.opens:
            opened = self._read(person, ground)
            right = opened.ok and any(one["text"] == given[item] for one in opened.body["values"])
            story.expect(right, f"it opens on {ground}", opened.body)
        world.move(end - DAY)
        still = self._read(person, self.opens[0])
        story.expect(
            still.ok and still.body["values"],
            "the day before the end it is locked away, not lost",
            still.body,
        )
        world.move(end + timedelta(hours=1))
        gone = self._read(person, self.opens[0])
        story.expect(gone.ok and not gone.body["values"], "at its end it is erased by itself", gone.body)
        released = [e["data"] for e in world.entries("released") if item in e["data"]["items"]]
        story.expect(len(released) == 1 and released[0]["erased"], "the end is on the ledger", released)
        _nowhere(world, person, {item: given[item]}, story)

    def _shut(self, person: Person) -> None:
        world, story, item = self.world, self.story, self.item
        for purpose in self.deny:
            answer = world.read(person, purpose, [item])
            reads_it = item in getattr(world.entry(purpose), "of", ())
            reasons = ("held",) if reads_it else ("held", "not-needed", "ruled-out")
            story.expect(answer.code in reasons, f"no reading for {purpose}", answer.body)
        unfiled = world.read(person, self.lawful, [item])
        story.expect(unfiled.code == "held", f"nor for {self.lawful} without a case", unfiled.body)
        for ground in ("contract", "explicit-consent", "own-act", "public-safety"):
            if ground not in self.opens:
                other = self._read(person, ground)
                story.expect(other.code == "held", f"nor on {ground}", other.body)

    def _read(self, person: Person, ground: str) -> Answer:
        return self.world.read(
            person, self.lawful, [self.item], case={"ground": ground, "reference": "order-1"}
        )

    def _lawful_use(self) -> str:
        """A use that a law carries and that may read the item."""
        uses = self.world.book.policy.of("uses").values()
        carried = [e for e in uses if self.item in getattr(e, "of", ()) and getattr(e, "basis", None)]
        return next(e.name for e in carried if str(getattr(e, "basis", "")) in ("legal-duty", "other-law"))


# -- gone everywhere -------------------------------------------------------------------------------

_KINDS = {"delete": "delete", "account-closed": "close", "minor-found": "guardian-delete"}


@tells("erased-everywhere", moves_time=True)
def erased_everywhere(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Erased for this trigger: found nowhere; answered once backups cannot be read either; certificate."""
    trigger = first(params, "trigger") or ""
    story.expect(trigger in (*_KINDS, "expired"), f"`{trigger}` can be brought about")
    with world.fresh() as here:
        wanted = list(params.get("of", ())) or _some_items(here)
        person, bystander = here.person(), here.person()
        given, others = here.hold(person, wanted), here.hold(bystander, wanted)
        story.same(wanted, given, "they are kept")
        backup = here.stage.backup(here.opened, person.id, wanted)
        story.expect(here.stage.restored(backup) >= len(wanted), "a backup made now holds them")
        if trigger == "expired":
            _let_expire(here, person, given, story)
        else:
            _Erasing(here, clause, _KINDS[trigger], person, given, story).tell()
        story.expect(here.stage.restored(backup) == 0, "restored, that backup opens none of them")
        mine = {item: value for item, value in others.items() if here.keeps(item)}
        if trigger != "expired":
            story.expect(here.has(bystander, mine), "nobody else's information has gone")


def _let_expire(world: World, person: Person, given: dict[str, str], story: Story) -> None:
    """Nobody asks: the time for which they are needed has passed."""
    end = max(reckon.ends(_rule(world, item).for_, world.at) for item in given)
    world.move(end + timedelta(hours=1))
    _nowhere(world, person, given, story)
    story.expect(world.entries("expired"), "the run is on the ledger")
    world.wait(2 * DAY)


class _Erasing:
    """One request that erases, from its taking in to its certificate."""

    def __init__(
        self, world: World, clause: Clause, kind: str, person: Person, given: dict[str, str], story: Story
    ) -> None:
        self.world, self.clause, self.kind, self.person, self.given, self.story = (
            world,
            clause,
            kind,
            person,
            given,
            story,
        )

    def tell(self) -> None:
        """Asked, verified, erased here, and answered once no backup can undo it."""
        world, story = self.world, self.story
        done = self._carried_out()
        story.expect(done.ok, f"a `{self.kind}` request is carried out", done.body)
        _nowhere(world, self.person, self.given, story)
        request = done.body["request"]
        waits = done.body["unreadable_here_at"] and done.body["state"] != "answered"
        story.expect(waits, "backups may still hold them, so it is not answered yet", done.body)
        due = datetime.fromisoformat(done.body["due_at"])
        for bound in anywhere(self.clause, "found"):
            promised = reckon.ends(bound, datetime.fromisoformat(done.body["received_at"]))
            story.expect(due <= promised, f"it is due within {bound.bound}", done.body["due_at"])
        world.move(due - timedelta(hours=1))
        answered = world.api.get(f"/v1/requests/{request}").body
        in_time = answered["state"] == "answered" and answered["unreadable_in_backups_at"]
        story.expect(in_time, "before its day, keys have turned over and it is answered", answered)
        certificates = [e for e in world.entries("unreadable-in-backups") if e["data"]["request"] == request]
        story.expect(
            len(certificates) == 1 and certificates[0]["person"],
            "the certificate is on the ledger",
            certificates,
        )
        if self.kind == "close":
            scene = next(iter(world.book.policy.of("scenes")))
            late = world.collect(self.person, scene, world.values(scene))
            story.expect(late.code == "account-closed", "nothing is collected any more", late.body)

    def _carried_out(self) -> Answer:
        world, person = self.world, self.person
        more = {} if self.kind == "close" else {"items": sorted(self.given)}
        world.show_rights(person, self.kind)
        made = world.ask(self.kind, person, None, **more)
        self.story.expect(made.ok, f"a `{self.kind}` request is taken in", made.body)
        request = made.body["request"]
        how = "guardianship" if self.kind.startswith("guardian") else "document"
        verified = world.do(request, "verify", {"how": how})
        self.story.expect(verified.ok, "who asks is verified", verified.body)
        return world.do(request, "carry-out")


def _some_items(world: World) -> list[str]:
    """What a first scene keeps and no hold locks."""
    for entry in world.book.policy.of("scenes").values():
        if not getattr(entry, "when", ()):
            items = [i for i in world.values(entry.name) if world.keeps(i) and _rule(world, i).hold is None]
            if items:
                return items
    raise AssertionError("no scene keeps anything")
