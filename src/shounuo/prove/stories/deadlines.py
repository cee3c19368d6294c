"""Stories of deadlines: due to the day, reminded, overdue, provisional."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shounuo.core.calendar import BEIJING
from shounuo.core.clause import Clause
from shounuo.core.duration import Deadline
from shounuo.prove import reckon
from shounuo.prove.said import Params, whole
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import BASE, World

BEFORE_HOLIDAY = datetime(2026, 2, 12, 6, 0, tzinfo=UTC)  # Thursday; Spring Festival and make-up days follow
YEAR_END = datetime(2026, 12, 30, 6, 0, tzinfo=UTC)  # what follows is not announced yet
HOUR = timedelta(hours=1)


@tells("in-time", moves_time=True)
def in_time(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Due to the day over a long holiday; reminded before, overdue after; provisional where need be."""
    within: Any = _promised(world, clause, params, "within")
    story.expect(within is not None, f"the clause gives a time: {within}")
    start: str = (params.get("from") or (None,))[0] or _promised(world, clause, params, "from") or "received"
    for begins in (BASE, BEFORE_HOLIDAY):
        with world.fresh(begins) as here:
            _on_the_clock(here, params["kind"], within, start, story)
    if reckon.counts_working_days(within):
        with world.fresh(YEAR_END) as here:
            for kind in params["kind"]:
                _over_the_year(here, kind, within, start, story)


def _promised(world: World, clause: Clause, params: Params, field: str) -> Any:
    """What the clause says of a field, else all clauses of the rule for such requests."""
    rules = [rule.path for kind in params["kind"] for rule in world.names.answered.get(kind, ())]
    found = (whole(world.names, clause, field, path) for path in rules)
    return next((value for value in found if value is not None), None)


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
        story.expect(
            seen == due,
            f"`{kind}` of {event.astimezone(BEIJING):%Y-%m-%d} is due by the end of {day}",
            case["due_at"],
        )
        if usual is not None:
            story.expect(
                datetime.fromisoformat(case["usual_at"]) == usual,
                f"usually by {usual - HOUR:%Y-%m-%d}",
                case["usual_at"],
            )
        story.expect(not case["provisional"], "the date is firm")
    kind, request = kinds[0], cases[kinds[0]][0]["request"]
    due, usual = dues[kind]
    if start == "received":
        world.wait(26 * HOUR)
        later = world.do(request, "verify", {"how": "document"})
        story.expect(
            later.ok and later.body["due_at"] == cases[kind][0]["due_at"],
            "verifying does not start it anew",
            later.body,
        )
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
        story.expect(
            reason.ok and reason.body["delay_reason"],
            "before, a reason for taking longer can be recorded",
            reason.body,
        )
    world.move(max(world.at, usual + HOUR))
    late = world.do(request, "delay", {"reason": "an afterthought"})
    story.expect(late.code == "too-late", "after, it cannot", late.body)


def _noted(world: World, kind: str, request: str) -> bool:
    return any(entry["data"]["request"] == request for entry in world.entries(kind))


def _over_the_year(world: World, kind: str, within: Deadline, start: str, story: Story) -> None:
    """Provisional where a notice still to come may move it; firm where it cannot."""
    case, event = _made(world, kind, start, story)
    if not reckon.may_move(within, event):
        due = reckon.due(within, event)[0]
        firm = not case["provisional"] and datetime.fromisoformat(case["due_at"]) == due
        story.expect(firm, f"no notice to come can move {due - HOUR:%Y-%m-%d}, so it is firm", case)
        return
    waits = case["provisional"] and 2027 in case["missing_years"]
    story.expect(waits, "a day in a year not announced is provisional", case)
    listed = world.api.get("/v1/requests", most=200).body["requests"]
    shown = any(one["request"] == case["request"] and one["provisional"] for one in listed)
    story.expect(shown, "and shown so in the list")
