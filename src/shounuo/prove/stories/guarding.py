"""Stories of guarding."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from shounuo.core.clause import Clause
from shounuo.core.duration import Duration
from shounuo.core.evidence import verify_export
from shounuo.core.policy import Pledge
from shounuo.prove import reckon
from shounuo.prove.call import Caller
from shounuo.prove.said import Params, anywhere, everywhere, first, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

NOBODY = "cleaner"  # a role no policy names
NEED = "case-7"
HOUR = timedelta(hours=1)
_KEPT = re.compile(r"keep-(\d+)-(\d+)")


# -- who may see -----------------------------------------------------------------------------------


@tells("staff-sees-only")
def staff_sees_only(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Staff without the role or a stated need see a mask; with both they see the value, on record."""
    of, purpose = params["of"], first(params, "for")
    story.expect(purpose is not None, f"the clause says what it is read for: {purpose}")
    assert purpose is not None
    person = world.person()
    given = world.hold(person, of)
    story.same(of, given, "they are kept")
    world.prepare(person, purpose)
    role = _role(world, of)
    readers = [(NOBODY, NEED), (NOBODY, None)]
    if any(everywhere(world.names, clause, "need-stated", "protection")):
        readers.append((role, None))
    for who, need in readers:
        seen = _seen(world, person, purpose, of, who, need)
        for item in given:
            shown = seen.get(item, set())
            mask, ever = world.item(item).mask, person.ever[item]
            masked = shown and all(any(_masked(mask, value, text) for value in ever) for text in shown)
            story.expect(
                masked, f"`{item}` is masked for {who}{'' if need else ' without a need'}", sorted(shown)
            )
    before = len(world.entries("read"))
    seen = _seen(world, person, purpose, of, role, NEED)
    story.expect(
        all(value in seen.get(item, set()) for item, value in given.items()),
        f"{role} sees them with a need stated",
    )
    entry = world.entries("read")[before:]
    noted = len(entry) == 1 and entry[0]["data"]["role"] == role and entry[0]["data"]["need"] == NEED
    story.expect(noted, "role and need are on the ledger", entry)


def _masked(mask: str, value: str, shown: str) -> bool:
    """Whether `shown` gives away no more of `value` than the mask's name says, and hides something."""
    if shown == value or "*" not in shown:
        return False
    if mask == "keep-domain":
        return shown.lstrip("*") == f"@{value.rpartition('@')[2]}"
    kept = _KEPT.fullmatch(mask)
    first_, last = (int(one) for one in kept.groups()) if kept else (0, 0)
    hidden = shown[first_ : len(shown) - last]
    return (
        set(hidden) == {"*"}
        and value.startswith(shown[:first_])
        and value.endswith(shown[len(shown) - last :])
    )


def _role(world: World, of: Sequence[str]) -> str:
    """A role that every protection of these items lets see them."""
    common: set[str] | None = None
    grades = {world.item(item).grade for item in of}
    for entry in world.book.policy.of("protection").values():
        reach, roles = set(getattr(entry, "of", ())), getattr(entry, "roles", ())
        if roles and (reach & set(of) or "any" in reach or reach & grades):
            common = set(roles) if common is None else common & set(roles)
    assert common, "no role may see them"
    return min(common)


def _seen(
    world: World, person: Person, purpose: str, items: Sequence[str], role: str, need: str | None
) -> dict[str, set[str]]:
    """What a reader is shown of each item; a person may have given one more than once."""
    answer = world.read(person, purpose, items, role=role, need=need)
    found: dict[str, set[str]] = {}
    for one in answer.body["values"] if answer.ok else ():
        found.setdefault(one["item"], set()).add(one["text"])
    return found


@tells("logged")
def logged(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Every act of these kinds leaves a complete entry; one altered byte, and the check fails."""
    columns = [str(one) for value in everywhere(world.names, clause, "log", "protection") for one in value]
    story.expect(columns, f"the clause lists {', '.join(columns)}")
    person = world.person()
    for act in params["acts"]:
        story.expect(act == "read", f"`{act}` is an act that can be tried")
        _read_is_logged(world, person, columns, story)
    text = "".join(str(entry) for entry in world.entries())
    found = [item for item, value in person.given.items() if len(value) > 3 and value in text]
    story.expect(person.given and not found, "no value is in any entry", found)
    export = world.api.raw("/v1/ledger/export")
    story.expect(bool(verify_export(export)), "the exported ledger is whole", verify_export(export))
    middle = export.index(b'"kind"') + 9
    altered = export[:middle] + bytes([export[middle] ^ 1]) + export[middle + 1 :]
    story.expect(not verify_export(altered), "one altered byte, and the check fails")


def _read_is_logged(world: World, person: Person, columns: Sequence[str], story: Story) -> None:
    purpose, items = _readable(world, person)
    role = _role(world, items)
    before, refused = len(world.entries("read")), len(world.entries("refused"))
    answer = world.read(person, purpose, items, role=role, need=NEED)
    story.expect(answer.ok, f"{role} reads for {purpose}", answer.body)
    entries = world.entries("read")[before:]
    story.expect(len(entries) == 1, "it leaves one entry", entries)
    entry = entries[0]
    wanted = {"actor": role, "purpose": purpose, "items": sorted(items), "need": NEED, "ticket": NEED}
    for column in columns:
        named = (
            entry["at"]
            if column == "time"
            else entry["data"].get({"actor": "role", "ticket": "need"}.get(column, column))
        )
        story.expect(named and named == wanted.get(column, named), f"the entry names {column}", entry)
    no = world.read(person, "no-such-purpose", items)
    noted = [e["data"] for e in world.entries("refused")[refused:]]
    story.expect(
        not no.ok and any(one["what"].startswith("read:") for one in noted),
        "a refused read is on the ledger too",
        noted,
    )


def _readable(world: World, person: Person) -> tuple[str, list[str]]:
    """A use whose items this world can hold and a role may see."""
    for use in world.book.policy.of("uses").values():
        items = list(getattr(use, "of", ()))
        if items and all(world.keeps(item) and world.scene_of(item) for item in items):
            world.hold(person, items)
            world.prepare(person, use.name)
            return use.name, items
    raise AssertionError("no use can be read")


# -- attacked --------------------------------------------------------------------------------------


@tells("withstands")
def withstands(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A running server is attacked: refused, and the ledger says so."""
    known = {"injection": _injection, "bulk-reads": _bulk_reads, "failed-sign-ins": _failed_sign_ins}
    for listed in anywhere(clause, "withstands"):
        story.same(listed, params["attacks"], "the clause lists these attacks")
    for attack in params["attacks"]:
        story.expect(attack in known, f"{attack} can be tried")
        known[attack](world, story)


def _injection(world: World, story: Story) -> None:
    before = world.facts()["hash"]
    for text in ("'; drop table shounuo.person; --", '" or 1=1 --', "{{7*7}}", "../../etc/passwd"):
        answer = world.api.post("/v1/people", {"user_id": text})
        story.expect(answer.status in (201, 422), "hostile text is a value like any other", answer.status)
        odd = world.api.get(f"/v1/notices/{quote('consent.' + text, safe='')}")
        story.expect(odd.status in (404, 422), "and no name", odd.status)
    story.expect(world.facts()["hash"] == before, "nothing has changed")


def _bulk_reads(world: World, story: Story) -> None:
    """Many reads without a purpose are refused and counted, and the ledger is not flooded."""
    before = len(world.entries("refused"))
    person = world.person()
    for _ in range(30):
        answer = world.read(person, "no-such-purpose", ["email"])
        story.expect(answer.code == "no-purpose", "a read for no purpose is refused", answer.body)
    entries = world.entries("refused")[before:]
    story.expect(1 <= len(entries) <= 3, "thirty refusals are one entry, the rest are counted", len(entries))


def _failed_sign_ins(world: World, story: Story) -> None:
    for key in ("", "x", "0" * 64):
        stranger = Caller(world.stage.address, key, world.trouble)
        answer = stranger.get("/v1/policies")
        stranger.close()
        story.expect(answer.status == 401, "a wrong key opens nothing", answer.status)


# -- kept by people --------------------------------------------------------------------------------


@tells("reminds", moves_time=True)
def reminds(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Confirmed in time: quiet. Not confirmed: on record as lapsed, with owner and declared consequence."""
    for name in params["pledge"]:
        pledge = world.entry(name, "pledges")
        assert isinstance(pledge, Pledge)
        every = said(clause, "every", pledge.path) or pledge.every
        lapse = said(clause, "lapse", pledge.path)
        with world.fresh() as here:
            _reminds(here, pledge, every, lapse, story)


def _reminds(world: World, pledge: Pledge, every: Duration, lapse: str | None, story: Story) -> None:
    name = pledge.name
    due = reckon.ends(every, world.at)
    world.move(due - HOUR)
    story.expect(not _lapsed(world, name), f"before its day `{name}` is quiet")
    world.move(due + HOUR)
    entries = _lapsed(world, name)
    story.expect(len(entries) == 1, f"unconfirmed, `{name}` lapses on its day", entries)
    told = entries[0]
    story.expect(pledge.owner and told["owner"] == pledge.owner, f"its owner {pledge.owner} is named", told)
    if lapse is not None:
        story.expect(told["then"] == lapse, f"and what follows: {lapse}", told)
    story.expect(_overdue(world, name), "it shows as overdue")
    bare = world.api.post("/v1/pledges", {"pledge": name, "by": "made-up lead", "reference": " "})
    story.expect(not bare.ok, "a confirmation without a reference is none", bare.status)
    again = reckon.ends(every, _confirm(world, name, story))
    story.expect(not _overdue(world, name), "confirmed, it is not overdue any more")
    world.move(again - HOUR)
    last = reckon.ends(every, _confirm(world, name, story))
    world.move(again + HOUR)
    story.expect(len(_lapsed(world, name)) == 1, "confirmed in time, its next day passes quietly")
    world.move(max(world.at, last) + HOUR)
    story.expect(len(_lapsed(world, name)) == 2, "forgotten, it lapses again")


def _confirm(world: World, name: str, story: Story) -> datetime:
    """Confirm a pledge; return when that was."""
    answer = world.api.post("/v1/pledges", {"pledge": name, "by": "made-up lead", "reference": "minutes-1"})
    story.expect(answer.ok, "a confirmation with a reference is taken", answer.body)
    return world.at


def _overdue(world: World, name: str) -> bool:
    listed = world.api.get("/v1/pledges").body["pledges"]
    return bool(next(one for one in listed if one["pledge"] == name)["overdue"])


def _lapsed(world: World, name: str) -> list[dict[str, object]]:
    return [e["data"] for e in world.entries("lapsed") if e["data"]["pledge"] == name]
