"""Stories of asking and answering."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.duration import Deadline
from shounuo.core.policy import RefusalGround, Right
from shounuo.prove import reckon
from shounuo.prove.said import Params, anywhere, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import BASE, Person, World

_KIND = {"complaint": "complain", "question": "explain"}
BEFORE_HOLIDAY = datetime(2026, 2, 12, 6, 0, tzinfo=UTC)  # Thursday 14:00; Spring Festival rest and make-up days follow
YEAR_END = datetime(2026, 12, 30, 6, 0, tzinfo=UTC)  # what follows is not announced yet
HOUR = timedelta(hours=1)
EVIDENCE = "case-1"
_NEED_EVIDENCE = ("malice", "harm-to-others", "harm-to-person")


# -- taken in --------------------------------------------------------------------------------------


@tells("takes-in")
def takes_in(world: World, clause: Clause, params: Params, story: Story) -> None:
    """By every channel a message becomes a case: number, channel, arrival, owner, due date, in one queue."""
    person = world.person()
    within = next(anywhere(clause, "within"), None)
    for asked in params["kind"]:
        kind = _KIND.get(asked, asked)
        channels = params.get("channels") or world.channels(kind)
        story.expect(channels, f"`{kind}` has channels")
        for channel in channels:
            made = world.ask(kind, person, channel)
            story.expect(made.ok, f"`{kind}` is taken in by {channel}", made.body)
            case = made.body
            complete = case["number"] and case["channel"] == channel and case["owner"] and case["due_at"]
            story.expect(complete, f"the case from {channel} has number, channel, owner and due date", case)
            arrived = datetime.fromisoformat(case["received_at"])
            story.expect(timedelta(0) <= arrived - world.at < HOUR, "it arrived when it came", case["received_at"])
            if within is not None:
                due = reckon.due(within, arrived)[0]
                story.expect(datetime.fromisoformat(case["due_at"]) == due, "it is due in the time promised", case["due_at"])
            story.expect(_queued(world, case["request"]), "it is in the queue")
        nowhere = world.ask(kind, person, "carrier-pigeon")
        story.expect(not nowhere.ok, "a channel nobody named is not pretended", nowhere.status)
    unknown = world.ask("no-such-kind", person, "email")
    story.expect(not unknown.ok, "nor a kind", unknown.status)


def _queued(world: World, request: str) -> bool:
    cursor: str | None = None
    while True:
        page = world.api.get("/v1/requests", after=cursor, most=200).body
        if any(one["request"] == request for one in page["requests"]):
            return True
        cursor = page["next"]
        if cursor is None:
            return False


@tells("verified-first")
def verified_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Nothing is carried out before who asks is verified; the proof itself is not kept."""
    for kind in params["kinds"]:
        made = world.ask(kind, world.person())
        request = made.body["request"]
        early = world.do(request, "carry-out")
        story.expect(early.code == "not-verified", f"`{kind}` waits for verification", early.body)
        odd = world.do(request, "verify", {"how": "trust-me"})
        story.expect(not odd.ok, "a way nobody knows verifies nobody", odd.status)
        verified = world.do(request, "verify", {"how": "document"})
        story.expect(verified.ok and verified.body["state"] == "verified", f"`{kind}` can be verified", verified.body)
        entry = [e for e in world.entries("verified") if e["data"]["request"] == request]
        kept = {"request", "kind", "how", "due", "provisional"}
        story.expect(entry and set(entry[0]["data"]) <= kept, "only the way is kept, not the proof", entry)
        then = world.do(request, "carry-out")
        story.expect(then.code != "not-verified", f"then `{kind}` no longer waits for it", then.body)


# -- each right ------------------------------------------------------------------------------------


@tells("right-works")
def right_works(world: World, clause: Clause, params: Params, story: Story) -> None:
    """By each way the text names, a verified person gets the effect, and nothing else changes."""
    for name in params["right"]:
        right = world.entry(name, "rights")
        assert isinstance(right, Right)
        for way in said(clause, "way", right.path) or right.way:
            tell = partial(_right, world, right, way)
            story.chapter(world.told, ("right", name, way), tell)
        path = said(clause, "path", right.path)
        if path:
            shown = next(r for r in world.facts()["rights"] if r["name"] == name)["path"]
            story.expect(dict(path) == shown, f"the way to `{name}` is published: {', '.join(path.values())}", shown)


def _right(world: World, right: Right, way: str, story: Story) -> None:
    _Right(world, right, way, story).tell()


class _Right:
    """One right used in one way by one person, beside a bystander."""

    def __init__(self, world: World, right: Right, way: str, story: Story) -> None:
        self.world, self.right, self.way, self.story = world, right, way, story
        self.person: Person = world.person()
        self.scene = _some_scene(world)
        self.items = [item for item in world.values(self.scene) if world.keeps(item)]

    def tell(self) -> None:
        """The effect, and nobody else's information has changed."""
        world, bystander = self.world, self.world.person()
        world.give(self.person, self.scene)
        kept = world.give(bystander, self.scene)
        self._effect()()
        copy = world.copy(bystander)
        self.story.expect(all(copy.get(i) == kept[i] for i in self.items), "nobody else's information has changed")

    def _effect(self) -> Callable[[], None]:
        return {
            "access": self._sees, "copy": self._sees, "correct": self._corrects, "correct-identity": self._corrects,
            "delete": self._deletes, "guardian-delete": self._deletes, "delete-order": self._deletes_in_state,
            "withdraw": self._withdraws, "close": self._closes, "freeze": self._freezes,
        }.get(self.right.kind, self._answers)  # fmt: skip

    def _verified(self, **more: object) -> str:
        kind = self.right.kind
        made = self.world.ask(kind, self.person, self.way, **more)
        self.story.expect(made.ok, f"`{kind}` is asked by {self.way}", made.body)
        request = str(made.body["request"])
        how = "guardianship" if self.right.who == "guardian" else "document"
        verified = self.world.do(request, "verify", {"how": how})
        self.story.expect(verified.ok, "who asks is verified", verified.body)
        return request

    def _done(self, request: str, effect: str, body: object | None = None) -> dict[str, Any]:
        done = self.world.do(request, "carry-out", body)
        self.story.expect(done.ok and done.body["state"] == "answered" and done.body["closed_at"], effect, done.body)
        return dict(done.body)

    def _sees(self) -> None:
        items = self.world.book.policy.of("information")
        secret = next((name for name in items if self.world.item(name).store == "hashed" and self.world.scene_of(name)), None)
        self.world.hold(self.person, [secret] if secret else [])
        request = self._verified()
        self._done(request, "it is answered")
        answer = self.world.api.get(f"/v1/requests/{request}/answer").body["values"]
        values = {one["item"]: one["value"] for one in answer}
        given = self.person.given
        self.story.expect(all(values.get(i) == given[i] for i in self.items), "the copy holds what was given", sorted(values))
        secrets = [i for i in given if self.world.item(i).store != "sealed"]
        self.story.expect(not any(s in values for s in secrets), "and no secret")

    def _corrects(self) -> None:
        item, record, world, story = self.items[0], self.person.records[self.scene], self.world, self.story
        new, old = world.value(item), self.person.given[item]
        request = self._verified(record=record, items=[item])
        self._done(request, "the correction is carried out", {"values": {item: new}})
        values = world.copy(self.person)
        story.expect(values.get(item) == new and new != old, f"`{item}` is the new one")
        rest = [i for i in self.items if i != item]
        story.expect(all(values.get(i) == self.person.given[i] for i in rest), "the rest is as it was")
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
            story.expect(refused.code == "not-in-state", f"what is {unfit or 'of no known state'} is not", refused.body)

    def _withdraws(self) -> None:
        item = next((name for name in self.right.of if name in self.world.book.wordings), next(iter(self.world.book.wordings)))
        self.world.agree(self.person, [item])
        self.story.expect(item in self.world.standing(self.person), f"a yes to `{item}` stands")
        taken = self.world.withdraw(self.person, item)
        gone = taken.ok and item not in self.world.standing(self.person)
        self.story.expect(gone, "it is taken back at once, without staff", taken.body)

    def _closes(self) -> None:
        request = self._verified()
        if self.right.tells is not None:
            self.world.show(self.person, self.right.path)
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
        made = self.world.ask(self.right.kind, self.person, self.way)
        self.story.expect(made.ok, f"`{self.right.kind}` is asked by {self.way}", made.body)
        done = self._done(made.body["request"], "it is answered and closed")
        self.story.expect(done["request"] == made.body["request"], "under its number")


def _some_scene(world: World) -> str:
    """A scene on no occasion that keeps something a person can see again."""
    for entry in world.book.policy.of("scenes").values():
        if not getattr(entry, "when", ()) and any(world.keeps(item) for item in world.values(entry.name)):
            return entry.name
    raise AssertionError("no scene keeps anything")


# -- on time ---------------------------------------------------------------------------------------


@tells("in-time", moves_time=True)
def in_time(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Due to the day over a long holiday; reminded before, overdue after; provisional where a year is not announced."""
    within: Any = next(anywhere(clause, "within"), None)
    story.expect(within is not None, f"the clause gives a time: {within}")
    start: str = next(anywhere(clause, "from"), None) or (params.get("from") or ("received",))[0]
    for begins in (BASE, BEFORE_HOLIDAY):
        with world.fresh(begins) as here:
            _on_the_clock(here, params["kind"], within, start, story)
    if reckon.counts_working_days(within):
        with world.fresh(YEAR_END) as here:
            for kind in params["kind"]:
                _provisional(here, kind, start, story)


def _made(world: World, kind: str, start: str, story: Story) -> tuple[dict[str, Any], datetime]:
    """A request as it stands once its clock runs, and the moment its clock runs from."""
    made = world.ask(kind, world.person())
    story.expect(made.ok, f"a `{kind}` request arrives", made.body)
    case = made.body
    arrived = datetime.fromisoformat(case["received_at"])
    if start != "identity-verified":
        return case, arrived
    world.wait(26 * HOUR)
    case = world.do(case["request"], "verify", {"how": "document"}).body
    return case, datetime.fromisoformat(case["verified_at"])


def _on_the_clock(world: World, kinds: tuple[str, ...], within: Deadline, start: str, story: Story) -> None:
    cases = {kind: _made(world, kind, start, story) for kind in kinds}
    dues = {kind: reckon.due(within, event) for kind, (_, event) in cases.items()}
    for kind, (case, event) in cases.items():
        due, usual = dues[kind]
        seen = datetime.fromisoformat(case["due_at"])
        day = f"{due - HOUR:%Y-%m-%d}"
        story.expect(seen == due, f"`{kind}` of {event.astimezone(BEIJING):%Y-%m-%d} is due by the end of {day}", case["due_at"])
        if usual is not None:
            story.expect(datetime.fromisoformat(case["usual_at"]) == usual, f"usually by {usual - HOUR:%Y-%m-%d}", case["usual_at"])
        story.expect(not case["provisional"], "the date is firm")
    kind, request = kinds[0], cases[kinds[0]][0]["request"]
    due, usual = dues[kind]
    if start == "received":
        world.wait(26 * HOUR)
        later = world.do(request, "verify", {"how": "document"})
        story.expect(later.ok and later.body["due_at"] == cases[kind][0]["due_at"], "verifying does not start it anew", later.body)
    if usual is not None and usual < due:
        _usually(world, request, usual, story)
    world.move(max(world.at, due - 2 * HOUR))
    story.expect(_noted(world, "reminded", request), "its owner is reminded before the day")
    story.expect(not _noted(world, "overdue", request), "it is not overdue before it is")
    world.move(due + timedelta(minutes=1))
    story.expect(_noted(world, "overdue", request), "a minute after, it is overdue and on record")
    listed = world.api.get("/v1/requests", most=200).body["requests"]
    marked = any(one["request"] == request and one["overdue_at"] for one in listed)
    story.expect(marked, "and the list of what is owed says so")


def _usually(world: World, request: str, usual: datetime, story: Story) -> None:
    """The usual time may be passed, for a reason recorded before it has."""
    if world.at < usual - HOUR:
        reason = world.do(request, "delay", {"reason": "the branch that holds the file is closed"})
        story.expect(reason.ok and reason.body["delay_reason"], "before, a reason for taking longer can be recorded", reason.body)
    world.move(max(world.at, usual + HOUR))
    late = world.do(request, "delay", {"reason": "an afterthought"})
    story.expect(late.code == "too-late", "after, it cannot", late.body)


def _noted(world: World, kind: str, request: str) -> bool:
    return any(entry["data"]["request"] == request for entry in world.entries(kind))


def _provisional(world: World, kind: str, start: str, story: Story) -> None:
    case, _ = _made(world, kind, start, story)
    waits = case["provisional"] and 2027 in case["missing_years"]
    story.expect(waits, "a day in a year not announced is provisional", case)
    listed = world.api.get("/v1/requests", most=200).body["requests"]
    shown = any(one["request"] == case["request"] and one["provisional"] for one in listed)
    story.expect(shown, "and shown so in the list")


# -- refused only on -------------------------------------------------------------------------------


@tells("refuses-only-on")
def refuses_only_on(world: World, clause: Clause, params: Params, story: Story) -> None:
    """No ground, a ground not listed, a listed one without its evidence: not savable. A listed one: saved and told."""
    for act in params["act"]:
        story.expect(act in ("refuse", "process"), f"`{act}` is an exception that can be claimed")
        (_no_other_ground if act == "refuse" else _no_other_basis)(world, clause, story)


def _no_other_ground(world: World, clause: Clause, story: Story) -> None:
    listed = [str(one) for value in anywhere(clause, "refuse-on") for one in value]
    story.expect(listed, f"the clause lists {', '.join(listed)}")
    others = [ground.value for ground in RefusalGround if ground.value not in listed]
    person = world.person()
    for ground in (None, "inconvenient", *others):
        request = _asked(world, person)
        answer = world.do(request, "refuse", {"ground": ground, "evidence": EVIDENCE})
        said_so = "without a ground" if ground is None else f"on {ground}"
        story.expect(answer.code == "no-ground", f"refusing {said_so} is not possible", answer.body)
    for ground in listed:
        request = _asked(world, person)
        if ground in _NEED_EVIDENCE:
            bare = world.do(request, "refuse", {"ground": ground})
            story.expect(bare.code == "no-evidence", f"{ground} needs evidence", bare.body)
        told = world.do(request, "refuse", {"ground": ground, "evidence": EVIDENCE})
        story.expect(told.ok and told.body["told"]["ground"] == ground, f"refused on {ground}, and told so", told.body)
        entries = [e["data"] for e in world.entries("request-refused") if e["data"]["request"] == request]
        story.expect(entries and entries[0]["ground"] == ground, "with the ground on the ledger", entries)


def _asked(world: World, person: Person) -> str:
    made = world.ask("access", person)
    return str(made.body["request"])


def _no_other_basis(world: World, clause: Clause, story: Story) -> None:
    """Processing without consent: every purpose rests on a yes or a listed basis, and a policy that names another is refused."""
    listed = {str(one) for value in anywhere(clause, "grounds") for one in value}
    story.expect(listed, f"the clause lists {', '.join(sorted(listed))}")
    person = world.person()
    for section in ("scenes", "uses"):
        for entry in world.book.policy.of(section).values():
            basis = str(getattr(entry, "basis", ""))
            story.expect("consent" in basis or basis in listed, f"{entry.path} rests on {basis}")
            if "consent" in basis:
                world.prepare(person, entry.name, without=world.asked(entry))
                answer = world.decide(person, entry.name, occasion=world.occasion(entry.name))
                refused = answer.ok and answer.body["reason"] == "no-consent"
                story.expect(refused, f"without a yes, nothing is done for {entry.name}", answer.body)
    text = world.stage.source.decode().replace("basis: contract", "basis: legitimate-interests", 1)
    refused_text = world.api.post("/v1/policies/check", {"slug": "edited", "source": text})
    story.expect(refused_text.code == "bad-policy", "a basis the law does not know is refused", refused_text.status)
