"""Stories of the text itself."""

import re
from typing import Any

import yaml

from shounuo.core.clause import Clause
from shounuo.prove.said import Params, first, said
from shounuo.prove.stories.acts import Act, attempt
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import World


@tells("page-shows")
def page_shows(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The public page, fetched without a key, shows what the clause says; nothing needs a sign-in."""
    html = world.public.raw(f"/policy/{world.opened.slug}").decode()
    story.expect("<html" in html, "the page is there without a sign-in")
    for field, value in {**clause.numbers, **clause.items}.items():
        for text in _texts(value):
            if _is_words(text):
                story.expect(text in html, f"the page shows {text}", field)
    facts = world.facts()
    for one in params.get("shows", ()):
        _shows(world, clause, html, facts, one, story)


def _shows(world: World, clause: Clause, html: str, facts: dict[str, Any], one: str, story: Story) -> None:
    if one in ("published", "updated", "effective"):
        date = str(said(clause, one, "text.dates") or facts["dates"][one])
        story.expect(date in html and facts["dates"][one] == date, f"the {one} date {date} stands on the page")
    elif one == "emphasis":
        story.expect(facts["emphasised"], "some clauses are set off")
        for clause_id in facts["emphasised"]:
            story.expect(f'data-clause="{clause_id}"' in html, f"{clause_id} stands on the page")
        story.expect("<strong" in html or "<u" in html, "in bold or underlined")
    elif one == "text":
        answer = world.api.get("/v1/policies/1").body
        story.expect(facts["hash"] == answer["hash"] and answer["hash"] in html, "the page names the hash of the text in force")
    else:
        found = next((e for s in _SECTIONS for e in facts.get(s, []) if e["name"] == one), None)
        if found is not None:
            story.expect(found["zh"] in html, f"{found['zh']} stands on the page")


_SECTIONS = ("services", "scenes", "recipients", "cookies", "retention", "holds", "rights", "contacts")


def _texts(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _is_words(text: str) -> bool:
    """Whether it is something a reader sees, not a word of the language."""
    return any("\u4e00" <= char <= "\u9fff" for char in text) or "@" in text or text.startswith("400-")


@tells("refuses-incomplete")
def refuses_incomplete(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The register with a hole in it does not compile, and the fault names the hole."""
    register = first(params, "register") or ""
    section, _, entry = register.partition(".")
    for column in params["columns"]:
        whole = _read(world.stage.source)
        if entry or column not in _keys(whole.get(section, {})):
            removed = _remove(whole, section, entry or column, column if entry else None)
        else:
            name = next(name for name, body in whole[section].items() if isinstance(body, dict) and column in body)
            removed = _remove(whole, section, name, column)
        story.expect(removed, f"`{column}` is taken out of {register}")
        answer = world.api.post("/v1/policies/check", {"slug": "edited", "source": yaml.safe_dump(whole, allow_unicode=True)})
        story.expect(answer.code == "bad-policy", f"{register} without `{column}` does not compile", answer.status)
        named = any(_names(fault, removed, column, clause) for fault in answer.body["faults"])
        story.expect(named, "and the fault names the hole", [f["entry"] for f in answer.body["faults"]][:5])


class _Plain(yaml.SafeLoader):
    """Reads as the policy language does: text stays text, only `true` and `false` are flags."""


_Plain.yaml_implicit_resolvers = {}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))


def _read(source: bytes) -> dict[str, Any]:
    return dict(yaml.load(source, Loader=_Plain))  # noqa: S506 - a safe loader with fewer words


def _keys(section: dict[str, Any]) -> set[str]:
    return {key for body in section.values() if isinstance(body, dict) for key in body}


def _remove(whole: dict[str, Any], section: str, entry: str, column: str | None) -> str:
    """Take an entry's column (or the entry) away; return its path, empty when it was not there."""
    if entry not in whole.get(section, {}):
        return ""
    if column is None:
        del whole[section][entry]
        return f"{section}.{entry}"
    if column not in whole[section][entry]:
        return ""
    del whole[section][entry][column]
    return f"{section}.{entry}"


def _names(fault: dict[str, Any], removed: str, column: str, clause: Clause) -> bool:
    return fault["entry"].startswith(removed) or column in fault["wrong"] or removed.partition(".")[2] in fault["wrong"] or fault["entry"] == clause.id


@tells("which-rule")
def which_rule(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Where two texts differ, the one the clause names holds, and the answer says by which rule."""
    for over, wins in zip(params["over"], params["wins"], strict=False):
        for topic in (first(params, "topic") or "reply-deadline", "refusal"):
            answer = world.public.get(f"/v1/public/{world.opened.slug}/rule", topic=topic, over=over)
            story.expect(answer.ok and answer.body["wins"] == wins, f"on {topic}, {wins} holds against {over}", answer.body)
            story.expect(clause.id in answer.body["clauses"] and answer.body["because"], "the answer names the rule and the clause", answer.body)
        unknown = world.public.get(f"/v1/public/{world.opened.slug}/rule", topic="any", over="a-text-nobody-named")
        story.expect(unknown.ok and unknown.body["wins"] is None, "of a text nobody named it says nothing", unknown.body)
    gaps = said(clause, "gaps", "text.precedence")
    if gaps is not None:
        answer = world.public.get(f"/v1/public/{world.opened.slug}/rule", topic="any", over=params["over"][0])
        story.expect(answer.body["gaps"] == gaps, f"what this text leaves open is {gaps}", answer.body)


@tells("version-change", moves_time=True)
def version_change(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A second version with a changed question: published with its dates, asks again, and a no is respected."""
    world = world.fresh()
    item, service = _asked_service(world)
    person, other = world.person(), world.person()
    for one in (person, other):
        world.prepare(one, service)
    story.expect(_open(world, person, service), f"under version 1 `{service}` is open")
    same = world.publish(world.stage.source.decode())
    story.expect(same.code == "already-published", "the same text is no new version", same.body)
    undated = world.publish(_second(world, item, dated=False))
    story.expect(not undated.ok, "changed words under the old dates are not published", undated.status)
    published = world.publish(_second(world, item, dated=True))
    story.expect(published.ok and published.body["version"] == 2, "the second version is published", published.body)
    listed = world.api.get("/v1/policies").body["versions"]
    story.expect([one["number"] for one in listed] == [2, 1], "both versions are kept")
    for part in params["part"]:
        _part(world, part, item, service, person, other, story)
    world.close()


def _part(world: World, part: str, item: str, service: str, person: Any, other: Any, story: Story) -> None:
    if part == "published":
        facts = world.facts()
        story.expect(facts["version"] == 2 and facts["dates"]["updated"] == "2026-03-01", "the version in force is shown with its dates", facts["dates"])
    if part in ("asks-again", "new-purpose", "published"):
        story.expect(not _open(world, person, service), f"the old yes does not carry over to the new words of `{item}`")
        standing = world.api.get(f"/v1/people/{person.id}/consents").body["standing"]
        story.expect(item not in standing, "it does not stand any more")
        again = world.say(person, item)
        story.expect(again.ok and _open(world, person, service), "asked again, a new yes opens it", again.body)
    if part == "declined":
        no = world.say(other, item, "no")
        story.expect(no.ok and not _open(world, other, service), "who declines is not served", no.body)
        made = world.finish("access", other)
        story.expect(made.ok, "but can still see, copy and delete", made.body)


def _open(world: World, person: Any, service: str) -> bool:
    return attempt(world, person, Act("service", service)).ok


def _asked_service(world: World) -> tuple[str, str]:
    """A service and a consent item it rests on."""
    for entry in world.book.policy.of("services").values():
        asked = world.asked(entry)
        if asked:
            return asked[0], entry.name
    raise AssertionError("no service asks anything")


def _second(world: World, item: str, *, dated: bool) -> str:
    """The same policy with the question of `item` in other words, and later dates when it should have them."""
    whole = _read(world.stage.source)
    whole["consent"][item]["zh"] += "（第二版）"
    if dated:
        whole["text"]["dates"] |= {"updated": "2026-03-01", "effective": "2026-03-01"}
        for clause in whole["clauses"].values():
            for name in list(clause.get("numbers", {})):
                if name in ("updated", "effective"):
                    clause["numbers"][name] = "2026-03-01"
    else:
        kept = next(iter(whole["consent"][item]["keeps"]))
        whole["clauses"][kept]["says"]["zh"] += "（改）"
    return yaml.safe_dump(whole, allow_unicode=True)


@tells("cookie-scan")
def cookie_scan(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Only registered keys, for the listed purposes; after a refusal only what operation needs; our own pages set none."""
    listed = {key for k, v in clause.items.items() if k.rpartition(".")[2] == "keys" for key in v}
    purposes = {p for k, v in clause.items.items() if k.rpartition(".")[2] == "purposes" for p in v}
    registered = {key: entry for entry in world.facts()["cookies"] for key in entry["keys"]}
    if listed:
        story.same(listed, registered, "the register holds exactly these keys")
    for choice in params["choice"]:
        for key, entry in registered.items():
            answer = world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice=choice).body
            expected = choice != "refused" or entry["purposes"] == ["operation"]
            story.expect(answer["allowed"] == expected, f"after `{choice}`, {key} may{'' if expected else ' not'} be set", answer)
            if purposes:
                story.expect(set(answer["purposes"]) <= purposes, f"{key} serves a listed purpose", answer["purposes"])
        stranger = world.public.get(f"/v1/public/{world.opened.slug}/cookies/_tracker_id", choice=choice).body
        story.expect(not stranger["allowed"], "a key nobody registered may not be set", stranger)
    story.expect("set-cookie" not in world.public.headers(f"/policy/{world.opened.slug}"), "our own pages set none")
