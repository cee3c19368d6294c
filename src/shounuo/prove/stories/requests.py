"""Stories of asking and answering."""

from datetime import datetime, timedelta

from shounuo.core.clause import Clause
from shounuo.core.policy import RefusalGround
from shounuo.prove import reckon
from shounuo.prove.said import Params, anywhere
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

_KIND = {"complaint": "complain", "question": "explain"}
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
            story.expect(
                timedelta(0) <= arrived - world.at < HOUR, "it arrived when it came", case["received_at"]
            )
            if within is not None:
                due = reckon.due(within, arrived)[0]
                story.expect(
                    datetime.fromisoformat(case["due_at"]) == due,
                    "it is due in the time promised",
                    case["due_at"],
                )
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
        story.expect(
            verified.ok and verified.body["state"] == "verified", f"`{kind}` can be verified", verified.body
        )
        entry = [e for e in world.entries("verified") if e["data"]["request"] == request]
        kept = {"request", "kind", "how", "due", "provisional"}
        story.expect(entry and set(entry[0]["data"]) <= kept, "only the way is kept, not the proof", entry)
        then = world.do(request, "carry-out")
        story.expect(then.code != "not-verified", f"then `{kind}` no longer waits for it", then.body)


# -- refused only on -------------------------------------------------------------------------------


@tells("refuses-only-on")
def refuses_only_on(world: World, clause: Clause, params: Params, story: Story) -> None:
    """No ground, one not listed, one without its evidence: not savable. A listed one: saved, told."""
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
        story.expect(
            told.ok and told.body["told"]["ground"] == ground, f"refused on {ground}, and told so", told.body
        )
        entries = [e["data"] for e in world.entries("request-refused") if e["data"]["request"] == request]
        story.expect(entries and entries[0]["ground"] == ground, "with the ground on the ledger", entries)


def _asked(world: World, person: Person) -> str:
    made = world.ask("access", person)
    return str(made.body["request"])


def _no_other_basis(world: World, clause: Clause, story: Story) -> None:
    """Every purpose rests on a yes or a listed basis; a policy that names another is refused."""
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
    story.expect(
        refused_text.code == "bad-policy", "a basis the law does not know is refused", refused_text.status
    )
