"""Stories of the text itself."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import yaml

from shounuo.core.clause import Clause
from shounuo.core.policy import Contact, Cookie, Dates, Entry, Recipient, Retention, Service
from shounuo.prove.page import Page
from shounuo.prove.said import Params, first, said
from shounuo.prove.stories.acts import Act, attempt
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.words import title
from shounuo.prove.world import Person, World

_REGISTERS = ("services", "scenes", "recipients", "cookies", "retention", "holds", "rights", "contact")
SECOND = "（第二版）"


# -- the page --------------------------------------------------------------------------------------


@tells("page-shows")
def page_shows(world: World, clause: Clause, params: Params, story: Story) -> None:
    """The public page, fetched without a key, shows what the clause says; nothing needs a sign-in."""
    page = world.page()
    story.expect(page.entries, "the page is there without a sign-in")
    for name, value in {**clause.numbers, **clause.items}.items():
        path, _, field = name.rpartition(".")
        where = page.entries[path].text if path in page.entries else page.text
        for text in _texts(value):
            if _is_words(text):
                story.expect(text in where, f"the page shows {field}: {text}")
    shows = params.get("shows", ())
    story.expect(shows, "the clause says what is shown")
    for one in shows:
        known = {"emphasis": _emphasis, "text": _text_in_force}
        if one in ("published", "updated", "effective"):
            _date(world, clause, page, one, story)
        elif one in known:
            known[one](world, page, story)
        else:
            _entry(world, page, one, story)


def _date(world: World, clause: Clause, page: Page, name: str, story: Story) -> None:
    dates = world.book.policy.of("text").get("dates")
    assert isinstance(dates, Dates)
    day: date = said(clause, name, "text.dates") or getattr(dates, name)
    seen = page.entries["text.dates"].fields.get(name, "")
    written = re.findall(r"\d+", seen) == [str(day.year), str(day.month), str(day.day)]
    story.expect(written or str(day) in seen, f"the {name} date {day} stands on the page", seen.strip())
    told = world.facts()["dates"][name]
    story.expect(told == str(day), "and in the register", told)


def _emphasis(world: World, page: Page, story: Story) -> None:
    """The sentences the text sets off are set off, and only they."""
    wanted = {one.id for one in world.book.policy.clauses.values() if one.emphasised}
    story.expect(wanted, "the text sets some sentences off")
    for name in sorted(wanted):
        shown = page.sentences.get(name)
        words = world.book.policy.clauses[name].says.zh
        story.expect(shown is not None and words in shown.text, f"{name} stands on the page")
        story.expect(shown is not None and shown.marks, f"{name} is in bold or underlined")
    story.same(wanted, [name for name, shown in page.sentences.items() if shown.marks], "and nothing else is")


def _text_in_force(world: World, page: Page, story: Story) -> None:
    answer = world.api.get("/v1/policies/1").body
    story.expect(answer["source"] == world.stage.source.decode(), "the text in force is the one that was published")
    story.expect(answer["hash"] == world.book.hash == page.hash, "and the page names its hash", page.hash)
    story.same(world.book.policy.clauses, page.sentences, "every sentence stands on the page")


def _entry(world: World, page: Page, name: str, story: Story) -> None:
    """An entry of a register: everything a reader looks for stands in its row."""
    found = next((e for s in _REGISTERS if (e := world.book.policy.of(s).get(name)) is not None), None)
    story.expect(found is not None, f"`{name}` is an entry of the text")
    assert found is not None
    shown = page.entries.get(found.path)
    story.expect(shown is not None and title(found) in shown.text, f"{title(found)} stands on the page")
    assert shown is not None
    for text in _row(found):
        story.expect(text in shown.text, f"with {text}")
    for item in _items(found):
        story.expect(item in shown.items, f"with `{item}`", sorted(shown.items))
    for word in _words(found):
        story.expect(word in shown.words, f"with `{word}`", sorted(shown.words))
    if found.tells is not None and found.section == "cookies":
        what = " ".join(page.text.split())
        story.expect("Cookie 是" in what and "存放在" in what, "and what cookies are and where they lie")


def _row(entry: Entry) -> Iterator[str]:
    match entry:
        case Recipient():
            yield entry.purpose.zh
            yield from (text for text in (entry.company, entry.terms) if text)
        case Service():
            yield from (text for text in (entry.terms,) if text)
        case Cookie():
            yield from (*entry.keys, entry.set_by)
        case Contact():
            yield entry.value
        case Retention():
            yield from (text for text in (entry.basis,) if text)


def _items(entry: Entry) -> Sequence[str]:
    return entry.receives if isinstance(entry, Recipient) else entry.of if isinstance(entry, Retention) else ()


def _words(entry: Entry) -> Iterator[str]:
    match entry:
        case Recipient():
            yield entry.how
        case Service():
            yield entry.provider
        case Cookie():
            yield from entry.purposes
            if entry.life is not None:
                yield str(entry.life)
        case Retention():
            yield from (entry.from_, entry.then)


def _texts(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _is_words(text: str) -> bool:
    """Whether it is something a reader sees, not a word of the language."""
    return any("\u4e00" <= char <= "\u9fff" for char in text) or "@" in text or text.startswith("400-")


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
        story.expect(answer.code == "bad-policy", f"{register} without `{column}` does not compile", answer.status)
        faults = [one for one in answer.body["faults"] if one["severity"] == "error"]
        kept = world.book.policy.of(section)[removed.partition(".")[2]].keeps
        about = {removed, clause.id, *(kept if column == "keeps" else ())}
        named = any(one["entry"] in about or one["entry"].startswith(f"{removed}.") for one in faults)
        story.expect(named, "and the fault names the hole", [one["entry"] for one in faults][:5])


def _check(world: World, text: Mapping[str, Any]) -> Any:
    """Have a text compiled, as JSON, which is YAML too."""
    source = json.dumps(text, ensure_ascii=False, indent=0)
    return world.api.post("/v1/policies/check", {"slug": world.book.policy.slug, "source": source})


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
    """Take a column of an entry (or the entry of this name) away; return the path, empty when there was none."""
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


# -- which of two texts ----------------------------------------------------------------------------


@tells("which-rule")
def which_rule(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Where two texts differ, the one the clause names holds, and the answer says by which rule."""
    for over, wins in zip(params["over"], params["wins"], strict=True):
        for topic in params.get("topic", ("reply-deadline", "refusal", "scope")):
            answer = _rule(world, topic, over)
            story.expect(answer["wins"] == wins, f"on {topic}, {wins} holds against {over}", answer)
            told = clause.id in answer["clauses"] and answer["because"]
            story.expect(told, "the answer names the rule and the clause", answer)
        unknown = _rule(world, "any", "a-text-nobody-named")
        story.expect(unknown["wins"] is None, "of a text nobody named it says nothing", unknown)
        gaps = said(clause, "gaps", "text.precedence")
        if gaps is not None:
            answer = _rule(world, "any", over)
            story.expect(answer["gaps"] == gaps, f"what this text leaves open is {gaps}", answer)


def _rule(world: World, topic: str, over: str) -> dict[str, Any]:
    answer = world.public.get(f"/v1/public/{world.opened.slug}/rule", topic=topic, over=over)
    return dict(answer.body)


# -- a new version ---------------------------------------------------------------------------------

_PARTS = ("published", "asks-again", "new-purpose", "declined")


@tells("version-change", moves_time=True)
def version_change(world: World, clause: Clause, params: Params, story: Story) -> None:
    """A second version: published under its dates, in force from its day, asks again, and a no is respected."""
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
        story.expect(undated.code == "bad-policy", "changed words under the old dates are not published", undated.status)
        day = (world.at + timedelta(days=2)).date()
        published = world.publish(self._second(day))
        story.expect(published.ok and published.body["version"] == 2, "the second version is published", published.body)
        listed = world.api.get("/v1/policies").body["versions"]
        story.expect([one["number"] for one in listed] == [2, 1], "both versions are kept")
        story.expect(self._shown() == 1 and self._open(person), "until its day the first is in force")
        world.wait(timedelta(days=3))
        facts = world.facts()
        story.expect(facts["version"] == 2 and facts["dates"]["updated"] == str(day), "from its day the second is, and shown", facts["dates"])
        page = world.page()
        story.expect(page.hash == facts["hash"] == published.body["hash"], "the page shows the new text")
        story.expect(not self._open(person), f"the old yes does not carry over to the new words of `{self.item}`")
        story.expect(self.item not in world.standing(person), "it does not stand any more")
        if self.part == "declined":
            self._declined(other)
        else:
            world.prepare(person, self.act.name)
            story.expect(self._open(person), "asked again, a new yes opens it")

    def _declined(self, person: Person) -> None:
        no = self.world.say(person, self.item, "no")
        self.story.expect(no.ok and not self._open(person), "who declines is not served", no.body)
        made = self.world.finish("access", person)
        self.story.expect(made.ok, "but can still see, copy and delete", made.body)

    def _shown(self) -> int:
        return int(self.world.facts()["version"])

    def _open(self, person: Person) -> bool:
        return attempt(self.world, person, self.act).ok

    def _second(self, day: date | None) -> str:
        """The same policy with another question or another purpose, and later dates when it should have them."""
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
                for name in {"updated", "effective"} & set(clause.get("numbers", {})):
                    clause["numbers"][name] = str(day)
        return json.dumps(whole, ensure_ascii=False, indent=0)


def _asked(world: World, *, purpose: bool) -> tuple[str, Act, str | None]:
    """A consent item that keeps a clause, an act that rests on it, and where wanted the use whose purpose will change."""
    consent = world.book.policy.of("consent")
    for entry in world.book.policy.of("uses" if purpose else "services").values():
        asked = [item for item in world.asked(entry) if consent[item].keeps]
        if asked and purpose:
            return asked[0], Act("use", entry.name), entry.name
        if asked:
            return asked[0], Act("service", entry.name), None
    raise AssertionError("nothing asks anything")


# -- cookies ---------------------------------------------------------------------------------------


@tells("cookie-scan")
def cookie_scan(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Only registered keys, for the listed purposes; after a refusal only what operation needs; our own pages set none."""
    cookies = [e for e in world.book.policy.of("cookies").values() if isinstance(e, Cookie)]
    registered = {key: entry for entry in cookies for key in entry.keys}
    told = {key for entry in world.facts()["cookies"] for key in entry["keys"]}
    story.expect(registered, "the text registers keys")
    story.same(registered, told, "the register shows exactly these keys")
    for choice in params["choice"]:
        for key, entry in registered.items():
            answer = _may_set(world, key, choice)
            purposes = said(clause, "purposes", entry.path) or entry.purposes
            expected = choice != "refused" or tuple(purposes) == ("operation",)
            story.expect(answer["allowed"] == expected, f"after `{choice}`, {key} may{'' if expected else ' not'} be set", answer)
            story.same(purposes, answer["purposes"], f"{key} serves what the text says")
        stranger = _may_set(world, "_tracker_id", choice)
        story.expect(not stranger["allowed"], "a key nobody registered may not be set", stranger)
    story.expect("set-cookie" not in world.public.headers(f"/policy/{world.opened.slug}"), "our own pages set none")


def _may_set(world: World, key: str, choice: str) -> dict[str, Any]:
    return dict(world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice=choice).body)
