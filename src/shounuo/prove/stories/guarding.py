"""Stories of guarding."""

from datetime import datetime, timedelta
from urllib.parse import quote

from shounuo.core.calendar import Calendar
from shounuo.core.category import masked
from shounuo.core.clause import Clause
from shounuo.core.evidence import verify_export
from shounuo.core.policy import Item, Pledge
from shounuo.prove.said import Params, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

NOBODY = "cleaner"  # a role no policy names


@tells("staff-sees-only")
def staff_sees_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Staff without the role or without a stated need see a mask; with both they see the value, and it is on record."""
    person = world.person()
    purpose = next((p for p in params.get("for", ()) if p), None)
    given = world.hold(person, params["of"])
    story.expect(given, f"{', '.join(sorted(given))} are kept")
    assert purpose is not None
    world.prepare(person, purpose)
    occasion = world.occasion(purpose)
    roles, needs = _roles(world, clause, params["of"])
    for role, need in ((NOBODY, "case-7"), *(((roles[0], None),) if roles and needs else ())):
        seen = _seen(world, person, purpose, params["of"], occasion, role, need)
        for item, value in given.items():
            kept = world.book.policy.of("information")[item]
            expected = masked(kept.mask, value) if isinstance(kept, Item) else "****"
            shown = seen.get(item, set())
            masks = expected in shown and value not in shown and expected != value
            story.expect(masks, f"`{item}` is masked for {role}{'' if need else ' without a need'}", sorted(shown))
    if roles:
        before = len(world.entries("read"))
        seen = _seen(world, person, purpose, params["of"], occasion, roles[0], "case-7")
        story.expect(all(value in seen.get(item, set()) for item, value in given.items()), f"{roles[0]} sees it with a need stated")
        entry = world.entries("read")[before:][-1]
        story.expect(entry["data"]["role"] == roles[0] and entry["data"]["need"] == "case-7", "role and need are on the ledger")


def _roles(world: World, clause: Clause, of: tuple[str, ...]) -> tuple[list[str], bool]:
    """The roles every protection of these items agrees on, as the clause's entries name them."""
    entries = [e for e in world.book.policy.of("protection").values() if getattr(e, "roles", ())]
    sets = []
    for entry in entries:
        reach = set(getattr(entry, "of", ()))
        grades = {getattr(world.book.policy.of("information").get(i), "grade", "") for i in of}
        if reach & set(of) or "any" in reach or ("sensitive" in reach and "sensitive" in grades):
            sets.append(list(said(clause, "roles", entry.path) or getattr(entry, "roles", ())))
    common = [role for role in (sets[0] if sets else []) if all(role in one for one in sets)]
    return common, any(getattr(e, "need_stated", False) for e in entries)


def _seen(world: World, person: Person, purpose: str, items: tuple[str, ...], occasion: str | None, role: str, need: str | None) -> dict[str, set[str]]:
    """What a reader is shown of each item; a person may have given one more than once."""
    answer = world.read(person, purpose, items, occasion=occasion, role=role, need=need)
    found: dict[str, set[str]] = {}
    for one in answer.body["values"] if answer.ok else ():
        found.setdefault(one["item"], set()).add(one["text"])
    return found


@tells("logged")
def logged(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Every act of these kinds leaves a complete entry; one altered byte, and the check fails."""
    person = world.person()
    scene = next(e.name for e in world.book.policy.of("scenes").values() if not getattr(e, "when", ()))
    given = world.give(person, scene)
    acts = params["acts"]
    if "read" in acts:
        purpose, items = _readable(world, person)
        before = len(world.entries("read"))
        answer = world.read(person, purpose, items)
        story.expect(answer.ok, f"read for {purpose}", answer.body)
        entries = world.entries("read")[before:]
        complete = len(entries) == 1 and entries[0]["data"]["purpose"] == purpose and entries[0]["data"]["items"] == sorted(items) and entries[0]["at"]
        story.expect(complete, "the entry names purpose, items and time", entries)
        refused = world.read(person, "no-such-purpose", items)
        noted = [e for e in world.entries("refused") if "no-such-purpose" in e["data"]["what"]]
        story.expect(not refused.ok and noted, "a refused read is on the ledger too")
    story.expect(world.entries("collected"), "collections are on the ledger")
    text = "".join(str(entry) for entry in world.entries())
    story.expect(not any(value in text for value in given.values() if len(value) > 3), "no value is in any entry")
    export = world.api.raw("/v1/ledger/export")
    story.expect(bool(verify_export(export)), "the exported ledger is whole", verify_export(export))
    middle = export.index(b'"kind"') + 9
    altered = export[:middle] + bytes([export[middle] ^ 1]) + export[middle + 1 :]
    story.expect(not verify_export(altered), "one altered byte, and the check fails")


def _readable(world: World, person: Person) -> tuple[str, list[str]]:
    """A use whose items this world can hold."""
    for use in world.book.policy.of("uses").values():
        items = [i for i in getattr(use, "of", ()) if world.scene_of(i)]
        if items and items == list(getattr(use, "of", ())):
            world.hold(person, items)
            world.prepare(person, use.name)
            return use.name, items
    raise AssertionError("no use can be read")


@tells("withstands")
def withstands(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A running server is attacked: refused, and the ledger says so."""
    for attack in params["attacks"]:
        if attack == "injection":
            _injection(world, story)
        elif attack == "bulk-reads":
            _bulk_reads(world, story)
        else:
            _failed_sign_ins(world, story)


def _injection(world: World, story: Story) -> None:
    before = world.facts()["hash"]
    for text in ("'; drop table shounuo.person; --", "\" or 1=1 --", "{{7*7}}", "../../etc/passwd"):
        answer = world.api.post("/v1/people", {"user_id": text})
        story.expect(answer.status in (201, 422), "hostile text is a value like any other", answer.status)
        odd = world.api.get(f"/v1/notices/{quote('consent.' + text, safe='')}")
        story.expect(odd.status in (404, 422), "and no name", odd.status)
    story.expect(world.facts()["hash"] == before, "nothing has changed")


def _bulk_reads(world: World, story: Story) -> None:
    """Many reads of strangers are refused and counted, and the ledger is not flooded."""
    before = len(world.entries("refused"))
    person = world.person()
    for _ in range(30):
        story_answer = world.read(person, "no-such-purpose", ["email"])
        assert not story_answer.ok
    entries = world.entries("refused")[before:]
    story.expect(1 <= len(entries) <= 3, "thirty refusals are one entry, the rest are counted", len(entries))


def _failed_sign_ins(world: World, story: Story) -> None:
    from shounuo.prove.call import Caller

    for key in ("", "x", "0" * 64):
        stranger = Caller(world.stage.address, key)
        answer = stranger.get("/v1/policies")
        stranger.close()
        story.expect(answer.status == 401, "a wrong key opens nothing", answer.status)


@tells("reminds", moves_time=True)
def reminds(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Confirmed in time: quiet. Not confirmed: on record as lapsed, with owner and the declared consequence."""
    for name in params["pledge"]:
        here = world.fresh()
        pledge = here.entry(name, "pledges")
        assert isinstance(pledge, Pledge)
        every = said(clause, "every", pledge.path) or pledge.every
        lapse = said(clause, "lapse", pledge.path)
        due = Calendar().due(here.at, every).at
        here.move(due - timedelta(hours=1))
        story.expect(not _lapsed(here, name), f"before its day `{name}` is quiet")
        confirmed = here.api.post("/v1/pledges", {"pledge": name, "by": "made-up lead", "reference": "minutes-1"})
        story.expect(confirmed.ok, "a confirmation with a reference is taken", confirmed.body)
        here.move(due + timedelta(hours=1))
        story.expect(not _lapsed(here, name), "confirmed, its day passes quietly")
        again = Calendar().due(due - timedelta(hours=1), every).at
        here.move(again + timedelta(hours=1))
        entries = _lapsed(here, name)
        story.expect(entries, f"unconfirmed, `{name}` lapses on its day")
        story.expect(entries[0]["data"]["owner"] == pledge.owner and pledge.owner, f"its owner {pledge.owner} is named")
        if lapse is not None:
            story.expect(entries[0]["data"]["then"] == lapse, f"and what follows: {lapse}", entries[0]["data"])
        state = next(p for p in here.api.get("/v1/pledges").body["pledges"] if p["pledge"] == name)
        story.expect(state["overdue"] and datetime.fromisoformat(state["due_at"]) <= here.at, "it shows as overdue")
        here.close()


def _lapsed(world: World, name: str) -> list[dict[str, dict[str, object]]]:
    return [e for e in world.entries("lapsed") if e["data"]["pledge"] == name]
