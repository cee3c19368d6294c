"""Stories of the text: what its page shows, which of two texts holds, which cookies it lets be set."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from shounuo.core.clause import Clause
from shounuo.core.policy import Contact, Cookie, Dates, Entry, Recipient, Retention, Service
from shounuo.prove.page import Page
from shounuo.prove.said import Params, said
from shounuo.prove.stories.telling import tells
from shounuo.prove.story import Story
from shounuo.prove.words import title
from shounuo.prove.world import World

_REGISTERS = ("services", "scenes", "recipients", "cookies", "retention", "holds", "rights", "contact")


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
    story.expect(
        answer["source"] == world.stage.source.decode(), "the text in force is the one that was published"
    )
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
    return (
        entry.receives if isinstance(entry, Recipient) else entry.of if isinstance(entry, Retention) else ()
    )


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
            answer = _rule(world, next(iter(params.get("topic", ("any",)))), over)
            story.expect(answer["gaps"] == gaps, f"what this text leaves open is {gaps}", answer)


def _rule(world: World, topic: str, over: str) -> dict[str, Any]:
    answer = world.public.get(f"/v1/public/{world.opened.slug}/rule", topic=topic, over=over)
    return dict(answer.body)


# -- cookies ---------------------------------------------------------------------------------------


@tells("cookie-scan")
def cookie_scan(world: World, clause: Clause, params: Params, story: Story) -> None:
    """Only registered keys, for listed purposes; after a refusal only what operation needs; ours set none."""
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
            story.expect(
                answer["allowed"] == expected,
                f"after `{choice}`, {key} may{'' if expected else ' not'} be set",
                answer,
            )
            story.same(purposes, answer["purposes"], f"{key} serves what the text says")
        stranger = _may_set(world, "_tracker_id", choice)
        story.expect(not stranger["allowed"], "a key nobody registered may not be set", stranger)
    story.expect(
        "set-cookie" not in world.public.headers(f"/policy/{world.opened.slug}"), "our own pages set none"
    )


def _may_set(world: World, key: str, choice: str) -> dict[str, Any]:
    return dict(world.public.get(f"/v1/public/{world.opened.slug}/cookies/{key}", choice=choice).body)
