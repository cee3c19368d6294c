"""Stories of asking and answering."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.duration import Bound, Deadline, Duration, EarlierOf, Usually, WorkingDays
from shounuo.core.policy import Right
from shounuo.law.workdays import calendar as official
from shounuo.prove.said import Params, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

_KIND = {"complaint": "complain", "question": "explain"}
BEFORE_HOLIDAY = datetime(2026, 2, 12, 6, 0, tzinfo=UTC)  # Thursday 14:00; Spring Festival rest and make-up days follow
YEAR_END = datetime(2026, 12, 30, 6, 0, tzinfo=UTC)  # what follows is not announced yet


@tells("takes-in")
def takes_in(world: World, clause: Clause, params: Params, story: Story) -> None:
    """By every channel a message becomes a case: number, channel, arrival, owner, due date, in one queue."""
    person = world.person()
    for kind in params["kind"]:
        kind = _KIND.get(kind, kind)  # noqa: PLW2901
        for channel in params.get("channels") or world.channels(kind):
            made = world.ask(kind, person, channel)
            story.expect(made.ok, f"`{kind}` is taken in by {channel}", made.body)
            case = made.body
            complete = case["number"] and case["channel"] == channel and case["received_at"] and case["owner"] and case["due_at"]
            story.expect(complete, f"the case from {channel} has number, arrival, owner and due date", case)
            story.expect(datetime.fromisoformat(case["received_at"]) >= world.at, "it arrived when it came")
            story.expect(_queued(world, case["request"]), "it is in the queue")
        nowhere = world.ask(kind, person, "carrier-pigeon")
        story.expect(not nowhere.ok, "a channel nobody named is not pretended", nowhere.status)
    unknown = world.ask("no-such-kind", person, "email")
    story.expect(not unknown.ok, "nor a kind", unknown.status)


def _queued(world: World, request: str) -> bool:
    cursor: str | None = None
    while True:
        page = world.api.get("/v1/requests", after=cursor).body
        if any(one["request"] == request for one in page["requests"]):
            return True
        cursor = page["next"]
        if cursor is None:
            return False


@tells("verified-first")
def verified_first(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Nothing is carried out before who asks is verified; the proof itself is not kept."""
    for kind in params["kinds"]:
        person = world.person()
        made = world.ask(kind, person)
        request = made.body["request"]
        early = world.do(request, "carry-out")
        story.expect(early.code == "not-verified", f"`{kind}` waits for verification", early.body)
        verified = world.do(request, "verify", {"how": "document"})
        story.expect(verified.ok and verified.body["state"] == "verified", f"`{kind}` can be verified", verified.body)
        entry = [e for e in world.entries("verified") if e["data"]["request"] == request]
        story.expect(entry and set(entry[0]["data"]) <= {"request", "kind", "how", "due", "provisional"}, "only the way is kept, not the proof", entry)


@tells("right-works")
def right_works(world: World, clause: Clause, params: Params, story: Story) -> None:
    """By each way the text names, a verified person gets the effect, and nothing else changes."""
    for name in params["right"]:
        right = world.entry(name, "rights")
        assert isinstance(right, Right)
        ways = said(clause, "way", right.path) or right.way
        for way in ways:
            _right(world, right, way, story)
        path = said(clause, "path", right.path)
        if path:
            shown = next(r for r in world.facts()["rights"] if r["name"] == name)["path"]
            story.expect(dict(path) == shown, f"the way to `{name}` is published: {', '.join(path.values())}", shown)


def _right(world: World, right: Right, way: str, story: Story) -> None:
    person, bystander = world.person(), world.person()
    scene = _some_scene(world)
    given = world.give(person, scene)
    kept = world.give(bystander, scene)
    items = [i for i in given if _copied(world, i)]
    effect = {
        "access": _sees, "copy": _sees, "correct": _corrects, "correct-identity": _corrects, "delete": _deletes,
        "guardian-delete": _deletes, "delete-order": _deletes_in_state, "withdraw": _withdraws, "close": _closes, "freeze": _freezes,
    }.get(right.kind, _answers)  # fmt: skip
    effect(world, right, way, person, scene, items, story)
    made = world.finish("access", bystander)
    values = {v["item"]: v["value"] for v in world.api.get(f"/v1/requests/{made.body['request']}/answer").body["values"]}
    story.expect(all(values.get(i) == kept[i] for i in items), "nobody else's information has changed")


def _some_scene(world: World) -> str:
    """A scene on no occasion that keeps something a person can see again."""
    for entry in world.book.policy.of("scenes").values():
        if not getattr(entry, "when", ()) and any(_copied(world, i) for i in world.values(entry.name)):
            return entry.name
    raise AssertionError("no scene keeps anything")


def _copied(world: World, item: str) -> bool:
    return getattr(world.book.policy.of("information").get(item), "store", "") == "sealed"


def _verified(world: World, kind: str, person: Person, way: str, story: Story, **more: object) -> str:
    made = world.ask(kind, person, way, **more)
    story.expect(made.ok, f"`{kind}` is asked by {way}", made.body)
    if made.body["state"] == "received":
        verified = world.do(made.body["request"], "verify", {"how": "signed-in"})
        story.expect(verified.ok, "who asks is verified", verified.body)
    return str(made.body["request"])


def _sees(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    request = _verified(world, right.kind, person, way, story)
    done = world.do(request, "carry-out")
    story.expect(done.ok and done.body["state"] == "answered", "it is answered", done.body)
    values = {v["item"]: v["value"] for v in world.api.get(f"/v1/requests/{request}/answer").body["values"]}
    story.expect(all(values.get(i) == person.given[i] for i in items), "the copy holds what was given", sorted(values))
    secrets = [i for i in person.given if getattr(world.book.policy.of("information").get(i), "store", "") == "hashed"]
    story.expect(not any(s in values for s in secrets), "and no secret")


def _corrects(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    item, record = items[0], person.records[scene]
    new = world.value(item)
    request = _verified(world, right.kind, person, way, story, record=record, items=[item])
    done = world.do(request, "carry-out", {"values": {item: new}})
    story.expect(done.ok and done.body["state"] == "answered", "the correction is carried out", done.body)
    made = world.finish("access", person, items=[item])
    values = {v["item"]: v["value"] for v in world.api.get(f"/v1/requests/{made.body['request']}/answer").body["values"]}
    story.expect(values.get(item) == new, f"`{item}` is the new one")
    odd = _verified(world, right.kind, person, way, story, record=record, items=[item])
    wrong = world.do(odd, "carry-out", {"values": {"no-such-item": "x"}})
    story.expect(not wrong.ok, "a field nobody declared cannot be written", wrong.status)


def _deletes(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    request = _verified(world, right.kind, person, way, story, items=items[:1])
    done = world.do(request, "carry-out")
    story.expect(done.ok and done.body["unreadable_here_at"], "it is erased here at once", done.body)
    made = world.finish("access", person)
    values = {v["item"]: v["value"] for v in world.api.get(f"/v1/requests/{made.body['request']}/answer").body["values"]}
    story.expect(items[0] not in values, f"`{items[0]}` is gone")
    story.expect(all(i in values for i in items[1:]), "what was not named stays")


def _deletes_in_state(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    item = right.of[0]
    for state in right.only_if:
        world.hold(person, [item])
        request = _verified(world, right.kind, person, way, story, items=[item], condition=state)
        done = world.do(request, "carry-out")
        story.expect(done.ok and done.body["unreadable_here_at"] and not done.body["told"]["held"], f"what is {state} is deleted", done.body)
        person.given.pop(item)
    states: tuple[str | None, ...] = (None, "paid")
    for unfit in states:
        refused = world.ask(right.kind, person, way, items=[item], condition=unfit)
        story.expect(refused.code == "not-in-state", f"what is {unfit or 'of no known state'} is not", refused.body)


def _withdraws(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    item = next((name for name in right.of if name in world.book.wordings), next(iter(world.book.wordings)))
    world.say(person, item)
    taken = world.withdraw(person, item)
    standing = world.api.get(f"/v1/people/{person.id}/consents").body["standing"]
    story.expect(taken.ok and item not in standing, f"`{item}` is taken back at once, without staff", taken.body)


def _closes(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    request = _verified(world, right.kind, person, way, story)
    if right.tells is not None:
        world.show(person, right.path)
    done = world.do(request, "carry-out")
    story.expect(done.ok, "the account is closed", done.body)
    late = world.collect(person, scene, world.values(scene))
    story.expect(late.code == "account-closed", "nothing is collected any more", late.body)


def _freezes(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    request = _verified(world, right.kind, person, way, story)
    done = world.do(request, "carry-out")
    story.expect(done.ok and done.body["state"] == "answered", "the report is acted on", done.body)
    late = world.collect(person, scene, world.values(scene))
    story.expect(late.code == "account-frozen", "the account takes and gives nothing until it is released", late.body)


def _answers(world: World, right: Right, way: str, person: Person, scene: str, items: list[str], story: Story) -> None:
    request = _verified(world, right.kind, person, way, story)
    done = world.do(request, "carry-out")
    story.expect(done.ok and done.body["state"] == "answered" and done.body["closed_at"], "it is answered and closed", done.body)


@tells("in-time", moves_time=True)
def in_time(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Due to the day over a long holiday; reminded before, overdue after; provisional where a year is not announced."""
    for kind in params["kind"]:
        within: Any = next((v for k, v in clause.numbers.items() if k.rpartition(".")[2] == "within"), None)
        if within is None:
            story.fail("the clause gives no time")
        start: str = next((v for k, v in clause.numbers.items() if k.rpartition(".")[2] == "from"), None) or (params.get("from") or ("received",))[0]
        for begins in (world.at, BEFORE_HOLIDAY if world.at < BEFORE_HOLIDAY else None):
            if begins is not None:
                _on_the_clock(world.fresh(begins), kind, within, start, story)
        _on_the_clock(world.fresh(BEFORE_HOLIDAY), kind, within, start, story)
        _provisional(world.fresh(YEAR_END), kind, within, start, story)


def _expected(within: Deadline, event: datetime) -> tuple[datetime, datetime | None]:
    """The day by the official calendar, counted here day by day and not by the code that is tested."""
    if isinstance(within, Usually):
        at_most = _counted(within.at_most, event)
        return at_most, min(at_most, _counted(within.usually, event))
    if isinstance(within, EarlierOf):
        return min(_counted(term, event) for term in within.terms), None
    return _counted(within.bound if isinstance(within, Bound) else within, event), None


def _counted(term: Duration, event: datetime) -> datetime:
    calendar = official()
    day = event.astimezone(BEIJING).date()
    left = term.n
    while left:
        day += timedelta(days=1)
        if not isinstance(term, WorkingDays) or calendar.is_working_day(day):
            left -= 1
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), BEIJING)


def _made(world: World, kind: str, start: str, story: Story) -> tuple[dict[str, object], datetime]:
    person = world.person()
    made = world.ask(kind, person)
    story.expect(made.ok, f"a `{kind}` request arrives", made.body)
    case = made.body
    event = datetime.fromisoformat(case["received_at"])
    if start == "identity-verified":
        world.wait(timedelta(hours=26))
        case = world.do(case["request"], "verify", {"how": "document"}).body
        event = datetime.fromisoformat(case["verified_at"])
    return case, event


def _on_the_clock(world: World, kind: str, within: Deadline, start: str, story: Story) -> None:
    case, event = _made(world, kind, start, story)
    due, usual = _expected(within, event)
    seen = datetime.fromisoformat(str(case["due_at"]))
    story.expect(seen == due, f"`{kind}` of {event.astimezone(BEIJING):%Y-%m-%d} is due by the end of {due - timedelta(days=1):%Y-%m-%d}", seen)
    if usual is not None:
        story.expect(datetime.fromisoformat(str(case["usual_at"])) == usual, f"usually by the end of {usual - timedelta(days=1):%Y-%m-%d}", case["usual_at"])
    story.expect(not case["provisional"], "the date is firm")
    world.move(due - timedelta(hours=2))
    story.expect(any(e["data"]["request"] == case["request"] for e in world.entries("reminded")), "its owner is reminded before the day")
    story.expect(not any(e["data"]["request"] == case["request"] for e in world.entries("overdue")), "it is not overdue before it is")
    world.move(due + timedelta(minutes=1))
    story.expect(any(e["data"]["request"] == case["request"] for e in world.entries("overdue")), "a minute after, it is overdue and on record")
    world.close()


def _provisional(world: World, kind: str, within: Deadline, start: str, story: Story) -> None:
    if not any(isinstance(term, WorkingDays) for term in _terms(within)):
        return
    case, event = _made(world, kind, start, story)
    story.expect(case["provisional"] and 2027 in case["missing_years"], "a day in a year not announced is provisional", case)  # type: ignore[operator]
    listed = world.api.get("/v1/requests").body["requests"]
    story.expect(any(one["request"] == case["request"] and one["provisional"] for one in listed), "and shown so in the list")
    world.close()


def _terms(within: Deadline) -> list[object]:
    if isinstance(within, Usually):
        return [within.usually, within.at_most]
    return list(within.terms) if isinstance(within, EarlierOf) else [within.bound if isinstance(within, Bound) else within]


@tells("refuses-only-on")
def refuses_only_on(world: World, clause: Clause, params: Params, story: Story) -> None:
    """No ground, a ground not listed, a listed one without its evidence: not savable. A listed one: saved and told."""
    if "process" in params["act"]:
        _no_other_basis(world, clause, story)
        return
    listed = [str(one) for k, v in clause.items.items() if k.rpartition(".")[2] == "refuse-on" for one in v]
    story.expect(listed, f"the clause lists {', '.join(listed)}")
    for ground in (None, "inconvenient", *(g for g in ("trade-secret", "legal-duty", "harm-to-person", "other-law") if g not in listed)):
        request = _open(world)
        answer = world.do(request, "refuse", {"ground": ground, "evidence": "case-1"})
        story.expect(answer.code == "no-ground", f"refusing {'without a ground' if ground is None else f'on {ground}'} is not possible", answer.body)
    for ground in listed:
        request = _open(world)
        if ground in ("malice", "harm-to-others", "harm-to-person"):
            bare = world.do(request, "refuse", {"ground": ground})
            story.expect(bare.code == "no-evidence", f"{ground} needs evidence", bare.body)
        told = world.do(request, "refuse", {"ground": ground, "evidence": "case-1"})
        story.expect(told.ok and told.body["told"]["ground"] == ground, f"refused on {ground}, and told so", told.body)
        entries = [e for e in world.entries("request-refused") if e["data"]["request"] == request]
        story.expect(entries and entries[0]["data"]["ground"] == ground, "with the ground on the ledger")


def _open(world: World) -> str:
    made = world.ask("access", world.person())
    return str(made.body["request"])


def _no_other_basis(world: World, clause: Clause, story: Story) -> None:
    """Processing without consent: every entry's basis is a listed one, and a policy that names another is refused."""
    listed = {str(one) for k, v in clause.items.items() if k.rpartition(".")[2] == "grounds" for one in v}
    story.expect(listed, f"the clause lists {', '.join(sorted(listed))}")
    for section in ("scenes", "uses"):
        for entry in world.book.policy.of(section).values():
            basis = str(getattr(entry, "basis", ""))
            story.expect("consent" in basis or basis in listed, f"{entry.path} rests on {basis}")
    text = world.stage.source.decode().replace("basis: contract", "basis: legitimate-interests", 1)
    refused = world.api.post("/v1/policies/check", {"slug": "edited", "source": text})
    story.expect(not refused.ok, "a basis the law does not know is refused", refused.status)
    case = world.api.post("/v1/decide", {"person": world.person().id, "purpose": next(iter(world.book.policy.of("uses"))),
                                         "act": "share", "recipient": next(iter(world.book.recipients)), "case": {"ground": "legitimate-interests"}})
    story.expect(not case.ok, "nor does a case open on it", case.status)
