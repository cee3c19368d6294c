"""Stories of the text as it is compiled and published: no hole in a register, no change without its dates."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import yaml

from shounuo.core.clause import Clause
from shounuo.prove.said import Params, first
from shounuo.prove.stories.acts import Act, attempt
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.world import Person, World

SECOND = "（第二版）"


# -- a hole in a register --------------------------------------------------------------------------


@tells("refuses-incomplete")
def refuses_incomplete(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The register is complete and compiles; with a hole in it it does not, and the fault names the hole."""
    register = first(params, "register") or ""
    section, _, entry = register.partition(".")
    story.expect(params["columns"], "the clause names the columns")
    whole = _check(world, _read(world.stage.source))
    story.expect(whole.ok, "the whole text compiles", whole.body)
    for column in params["columns"]:
        text = _read(world.stage.source)
        removed = _hole(text, section, entry, column, clause)
        story.expect(removed, f"`{column}` is taken out of {register}")
        answer = _check(world, text)
        story.expect(
            answer.code == "bad-policy", f"{register} without `{column}` does not compile", answer.status
        )
        faults = [one for one in answer.body["faults"] if one["severity"] == "error"]
        kept = world.book.policy.of(section)[removed.partition(".")[2]].keeps
        about = {removed, clause.id, *(kept if column == "keeps" else ())}
        named = any(one["entry"] in about or one["entry"].startswith(f"{removed}.") for one in faults)
        named = named or any(f"`{removed.partition('.')[2]}`" in one["wrong"] for one in faults if not entry)
        story.expect(named, "and the fault names the hole", [one["entry"] for one in faults][:5])


def _check(world: World, text: Mapping[str, Any]) -> Any:
    """Have a text compiled, as JSON, which is YAML too."""
    source = _written(text)
    return world.api.post("/v1/policies/check", {"slug": world.book.policy.slug, "source": source})


def _written(text: Mapping[str, Any]) -> str:
    """A text as JSON, on many lines so that a fault names one."""
    return json.dumps(text, ensure_ascii=False, separators=(",\n", ": "))


class _Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads as the policy language does: text stays text, only `true` and `false` are flags."""


_Plain.yaml_implicit_resolvers = {}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))


@lru_cache(maxsize=2)
def _parsed(source: bytes) -> str:
    return json.dumps(yaml.load(source, Loader=_Plain))  # noqa: S506 - a safe loader with fewer words


def _read(source: bytes) -> dict[str, Any]:
    """The text as plain mappings, of the caller's own."""
    return dict(json.loads(_parsed(source)))


def _hole(text: dict[str, Any], section: str, entry: str, column: str, clause: Clause) -> str:
    """Take a column of an entry (or the entry of this name) away; return its path, or nothing."""
    entries: dict[str, Any] = text.get(section, {})
    if not entry and column in entries:
        del entries[column]
        return f"{section}.{column}"
    having = [name for name, body in entries.items() if isinstance(body, dict) and column in body]
    keeping = [name for name in having if clause.id in entries[name].get("keeps", ())]
    for name in [entry] if entry else keeping or having:
        if name in having:
            del entries[name][column]
            return f"{section}.{name}"
    return ""


# -- a new version ---------------------------------------------------------------------------------

_DATED = frozenset(f"{path}{name}" for path in ("", "text.dates.") for name in ("updated", "effective"))
_PARTS = ("published", "asks-again", "new-purpose", "declined")


@tells("version-change", moves_time=True)
def version_change(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A second version: published under its dates, in force from its day, asks again, respects a no."""
    for part in params["part"]:
        story.expect(part in _PARTS, f"`{part}` can be tried")
        with world.fresh() as here:
            _Versions(here, part, story).tell()


class _Versions:
    """Two people under version 1, and a version 2 that takes effect in two days."""

    def __init__(self, world: World, part: str, story: Story) -> None:
        self.world, self.part, self.story = world, part, story
        self.item, self.act, self.use = _asked(world, purpose=part == "new-purpose")

    def tell(self) -> None:
        """Published as its dates say, and then as the part says."""
        world, story = self.world, self.story
        person, other = world.person(), world.person()
        for one in (person, other):
            world.prepare(one, self.act.name)
        story.expect(self._open(person), f"under version 1 `{self.act.name}` is open")
        same = world.publish(world.stage.source.decode())
        story.expect(same.code == "already-published", "the same text is no new version", same.body)
        undated = world.publish(self._second(None))
        story.expect(
            undated.code == "bad-policy",
            "changed words under the old dates are not published",
            undated.status,
        )
        day = (world.at + timedelta(days=2)).date()
        published = world.publish(self._second(day))
        story.expect(
            published.ok and published.body["version"] == 2, "the second version is published", published.body
        )
        listed = world.api.get("/v1/policies").body["versions"]
        story.expect([one["number"] for one in listed] == [2, 1], "both versions are kept")
        story.expect(self._shown() == 1 and self._open(person), "until its day the first is in force")
        world.wait(timedelta(days=3))
        facts = world.facts()
        story.expect(
            facts["version"] == 2 and facts["dates"]["updated"] == str(day),
            "from its day the second is, and shown",
            facts["dates"],
        )
        page = world.page()
        story.expect(page.hash == facts["hash"] == published.body["hash"], "the page shows the new text")
        story.expect(
            not self._open(person), f"the old yes does not carry over to the new words of `{self.item}`"
        )
        story.expect(self.item not in world.standing(person), "it does not stand any more")
        if self.part == "declined":
            self._declined(other)
        else:
            world.prepare(person, self.act.name)
            story.expect(self._open(person), "asked again, a new yes opens it")

    def _declined(self, person: Person) -> None:
        no = self.world.say(person, self.item, "no")
        self.story.expect(no.ok and not self._open(person), "who declines is not served", no.body)
        kind = next(one for one in ("access", "copy", "delete", "close") if one in self.world.names.answered)
        made = self.world.finish(kind, person)
        self.story.expect(made.ok, "but can still see, copy and delete", made.body)

    def _shown(self) -> int:
        return int(self.world.facts()["version"])

    def _open(self, person: Person) -> bool:
        return attempt(self.world, person, self.act).ok

    def _second(self, day: date | None) -> str:
        """The same policy with another question or purpose, and later dates when it should have them."""
        whole = _read(self.world.stage.source)
        if self.use is not None:
            whole["uses"][self.use]["purpose"]["zh"] += SECOND
        else:
            whole["consent"][self.item]["zh"] += SECOND
        if day is None:
            kept = next(iter(whole["consent"][self.item]["keeps"]))
            whole["clauses"][kept]["says"]["zh"] += SECOND
        else:
            whole["text"]["dates"] |= {"updated": str(day), "effective": str(day)}
            for clause in whole["clauses"].values():
                for facts in (clause.get("numbers", {}), clause.get("ours", {})):
                    facts |= {name: str(day) for name in _DATED & facts.keys()}
        return _written(whole)


def _asked(world: World, *, purpose: bool) -> tuple[str, Act, str | None]:
    """A consent item that keeps a clause, an act that rests on it, and if wanted the use that will change."""
    consent = world.book.policy.of("consent")
    for entry in world.book.policy.of("uses" if purpose else "services").values():
        asked = [item for item in world.asked(entry) if consent[item].keeps]
        if asked and purpose:
            return asked[0], Act("use", entry.name), entry.name
        if asked:
            return asked[0], Act("service", entry.name), None
    raise AssertionError("nothing asks anything")
