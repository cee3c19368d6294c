"""What compiles, what is published, what people read, and which text holds."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from shounuo.core import consistency
from shounuo.core.policy import Cookie, Dates, Entry, Policy, Precedes
from shounuo.core.rulebook import Rulebook
from shounuo.duties import controls
from shounuo.errors import BadPolicy
from shounuo.errors import Fault as Wrong
from shounuo.language.load import load
from shounuo.prove.faults.fault import Bend, Change, Fault, acts, control
from shounuo.render.rendered import Rendered, render

UNANNOUNCED = "unannounced"


def _load_with_holes(source: bytes, name: str, slug: str) -> Policy:
    """A text with a hole compiles to what is left of it."""
    try:
        return load(source, name, slug)
    except BadPolicy:
        return Policy(slug=slug, sections={}, clauses={})


def _holes_pass(policy: Policy, published: Policy | None) -> tuple[Wrong, ...]:
    """Of what is wrong only an unannounced change counts."""
    found = consistency.check(policy, published) if policy.sections else ()
    return tuple(one for one in found if one.severity != "error" or one.code == UNANNOUNCED)


def _unannounced_passes(policy: Policy, published: Policy | None) -> tuple[Wrong, ...]:
    return tuple(one for one in consistency.check(policy, published) if one.code != UNANNOUNCED)


def _sections(book: Rulebook, **changes: dict[str, Entry]) -> Rulebook:
    known = {
        name: MappingProxyType(entries) for name, entries in changes.items() if name in book.policy.sections
    }
    sections = MappingProxyType({**book.policy.sections, **known})
    return replace(book, policy=replace(book.policy, sections=sections))


def _rows_missing(book: Rulebook) -> Rulebook:
    """The registers on the page are typed by hand, and a row of each was forgotten."""
    kept = ("recipients", "cookies", "services", "retention", "contact", "rights")
    return _sections(book, **{name: dict(list(book.policy.of(name).items())[1:]) for name in kept})


def _columns_missing(book: Rulebook) -> Rulebook:
    """The registers on the page name who receives what, but not what, by whom and under which rule."""
    empty = {
        "receives": (),
        "of": (),
        "company": None,
        "terms": None,
        "keys": (),
        "text": None,
        "basis": None,
    }
    names = ("recipients", "cookies", "services", "retention")
    changed: dict[str, dict[str, Entry]] = {}
    for section in names:
        entries = book.policy.of(section).items()
        changed[section] = {name: _without(entry, empty) for name, entry in entries}
    return _sections(book, **changed)


def _without(entry: Entry, empty: dict[str, Any]) -> Entry:
    known = {one.name for one in fields(entry)}
    return replace(entry, **{name: value for name, value in empty.items() if name in known})


def _plain(book: Rulebook) -> Rulebook:
    """Nothing on the page is set off."""
    clauses = {name: replace(one, emphasised=False) for name, one in book.policy.clauses.items()}
    return replace(book, policy=replace(book.policy, clauses=MappingProxyType(clauses)))


def _other_dates(book: Rulebook) -> Rulebook:
    """The page bears the dates of another version."""
    dates = book.policy.of("text").get("dates")
    if not isinstance(dates, Dates):
        return book
    day = timedelta(days=1)
    moved = replace(
        dates, published=dates.published - day, updated=dates.updated - day, effective=dates.effective - day
    )
    return _sections(book, text={**book.policy.of("text"), "dates": moved})


def _last_wins(rules: Sequence[Precedes], topic: str, over: str) -> Precedes | None:
    """The text read last wins, whatever was said of precedence."""
    found = controls.prevails(rules, topic, over)
    return (
        None
        if found is None
        else replace(found, wins=found.over if found.wins != found.over else "this-rule")
    )


def _any_key(cookie: Cookie | None, choice: str) -> bool:
    return cookie is None or controls.settable(cookie, choice)


def _any_choice(cookie: Cookie | None, choice: str) -> bool:
    return cookie is not None


def _early(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "at": values["at"] + timedelta(days=3650)}


def _page(bent: Callable[[Rulebook], Rulebook]) -> Change:
    """What people read is made from a text that was bent on the way to the page."""

    def read(book: Rulebook, kept: Rendered) -> Rendered:
        return render(bent(book).policy, kept.language, kept.form)

    return control(displayed=bent, read=read)


FAULTS: Sequence[Fault] = (
    Fault(
        "hole-compiles",
        "a register with a hole in it compiles",
        control(load=_load_with_holes, check=_holes_pass),
    ),
    Fault(
        "undated-change-published",
        "a sentence changes under the old dates",
        control(check=_unannounced_passes),
    ),
    Fault(
        "in-force-early",
        "a new text is in force before its day",
        acts(Bend(given={"version_in_force": _early})),
    ),
    Fault("page-lacks-rows", "a row of each register is missing on the page", _page(_rows_missing)),
    Fault(
        "page-lacks-columns",
        "the registers on the page do not say what, by whom and how",
        _page(_columns_missing),
    ),
    Fault("page-without-emphasis", "what matters most is not set off on the page", _page(_plain)),
    Fault("page-with-other-dates", "the page bears other dates than the text", _page(_other_dates)),
    Fault("last-text-wins", "of two texts the one read last holds", control(prevails=_last_wins)),
    Fault("any-cookie", "a key nobody registered may be set", control(settable=_any_key)),
    Fault("cookie-choice-ignored", "what was refused is set all the same", control(settable=_any_choice)),
)
