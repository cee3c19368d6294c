"""Write docs/divergences.md from the packs: where a text contradicts itself or another, and which reading is kept.

`uv run python tools/divergences.py` writes it; a test compares what it would write with what is there.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from shounuo.cli import packs
from shounuo.core.clause import Clause
from shounuo.core.difference import shown
from shounuo.core.duration import AtLeast, AtMost, Bound, LongestOf
from shounuo.core.policy import (
    Change,
    ConsentItem,
    Dates,
    Door,
    Ending,
    Entry,
    Incident,
    Minors,
    Operator,
    Policy,
    Reading,
    Request,
    Retention,
    Right,
    Stop,
    Storage,
    Without,
)
from shounuo.language.load import load

T = TypeVar("T", bound=Entry)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "divergences.md"

_INTRO = """# Where the published texts contradict themselves or each other, and what the packs keep

Made from the packs by `tools/divergences.py`: their `readings`, the clauses these are about, and the figures the texts leave open.
A pack keeps one reading, the stricter for the operator unless a law or a more specific sentence decides. Nothing here says what a
company does; it says how its text was read, as published on its date. Not affiliated with any of them; not legal advice. The clauses
are said in our words.
"""
_HOW = {
    "earlier-of": "both run, and whichever ends first is due",
    "union": "everything either of them promises",
    "intersection": "only what all of them allow",
    "stricter": "the one that binds more",
    "specific": "each where it is the more specific",
    "hold-then-erase": "erased; what a cited law still wants is locked first and erased by itself",
}
_OF_ALL = {"stricter": "each as strictly as it can be read"}
_BECAUSE = {
    "stricter": "the stricter for the operator",
    "law": "a law decides",
    "specific": "the more specific sentence decides",
    "names-a-date": "the one that names a date or a term decides",
}


def page() -> str:
    """The whole page."""
    policies = [_pack(name) for name in packs.names()]
    readings = {policy.slug: list(_of(policy, "readings", Reading)) for policy in policies}
    count = sum(map(len, readings.values()))
    out = [
        _INTRO,
        f"{count} readings: " + ", ".join(f"{slug} {len(found)}" for slug, found in readings.items()) + ".",
        "",
    ]
    for policy in policies:
        out += _policy(policy, readings[policy.slug])
    return "\n".join([*out, *_compared(policies)]).rstrip() + "\n"


def _pack(name: str) -> Policy:
    source, label, slug = packs.find(name)
    return load(source, label, slug)


def _of(policy: Policy, section: str, shape: type[T]) -> Iterator[T]:
    return (entry for entry in policy.of(section).values() if isinstance(entry, shape))


# -- one text --------------------------------------------------------------------------------------


def _policy(policy: Policy, readings: list[Reading]) -> Iterator[str]:
    between = [reading for reading in readings if len(reading.between) > 1]
    alone = [reading for reading in readings if len(reading.between) == 1]
    yield from (f"## {policy.slug}: {_whose(policy)}", "")
    yield from ("### One sentence against another", "")
    for reading in between:
        yield from _reading(policy, reading)
    if alone:
        yield from ("### A sentence that leaves something open, slips, or differs from the summary", "")
    for reading in alone:
        yield from _reading(policy, reading)
    figures = list(_figures(policy))
    if figures:
        yield from ("### Times the text names without a number", "")
        yield "The text's own words, and the bound that is ours."
        yield from ("", "| clause | of | the text says | ours |", "|---|---|---|---|")
        yield from (*figures, "")


def _whose(policy: Policy) -> str:
    who, dates = policy.of("text").get("operator"), policy.of("text").get("dates")
    assert isinstance(who, Operator)
    assert who.words is not None
    assert isinstance(dates, Dates)
    when = (
        f"its date as printed: {dates.printed}" if dates.printed else f"text published on {dates.published}"
    )
    return f"{who.words.zh} ({when})"


def _reading(policy: Policy, reading: Reading) -> Iterator[str]:
    assert reading.words is not None
    how, because = _HOW[reading.how], _BECAUSE[reading.because]
    if reading.kept == "both":
        how = _OF_ALL.get(reading.how, how)
    kept = "all of them" if reading.kept == "both" else f"`{reading.kept}`"
    one = len(reading.between) == 1
    yield from (f"**`{reading.name}`** {reading.words.en}", "")
    yield f"- {'read so' if one else f'kept: {kept}; {how}'}; {because}"
    yield from (f"- {_clause(policy.clauses[name])}" for name in reading.between)
    yield ""


def _clause(clause: Clause) -> str:
    place = (
        f" (§{clause.section})"
        if clause.section[:1].isdigit()
        else f" ({clause.section})"
        if clause.section
        else ""
    )
    return f"`{clause.id}`{place}: {clause.says.zh}"


def _figures(policy: Policy) -> Iterator[str]:
    """A row for every time of a clause that has a bound of ours."""
    seen = set()
    for clause in policy.clauses.values():
        for key, value in clause.facts.items():
            for says, bound in _bounds(value):
                row = f"| `{clause.id}` | `{key}` | {says} | {bound} |"
                if row not in seen:
                    seen.add(row)
                    yield row


def _bounds(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Bound):
        yield value.says, str(value.bound)
    elif isinstance(value, LongestOf):
        for term in value.terms:
            yield from _bounds(term)
    elif isinstance(getattr(value, "within", None) or getattr(value, "ahead", None), Bound):
        yield from _bounds(getattr(value, "within", None))
        yield from _bounds(getattr(value, "ahead", None))


# -- the texts beside each other -------------------------------------------------------------------


def _compared(policies: list[Policy]) -> Iterator[str]:
    yield from ("## The texts beside each other", "")
    yield "What each pack does on the same matter, as its entries say it. A dash: the text says nothing of it."
    yield from (
        "",
        f"| | {' | '.join(policy.slug for policy in policies)} |",
        "|---" * (len(policies) + 1) + "|",
    )
    for title, tell in _ROWS:
        yield f"| {title} | {' | '.join(_cell(tell(policy)) for policy in policies)} |"


def _cell(said: Iterable[str]) -> str:
    return "<br>".join(dict.fromkeys(said)).replace("|", "\\|") or "–"


def _answer(kind: str) -> Callable[[Policy], Iterator[str]]:
    def tell(policy: Policy) -> Iterator[str]:
        for one in _of(policy, "requests", Request):
            if kind in one.kinds:
                yield f"{shown(one.within)}, from {one.from_}"

    return tell


def _rights(policy: Policy) -> Iterator[str]:
    kinds = {one.kind: None for one in _of(policy, "rights", Right)}
    if kinds:
        yield ", ".join(kinds)


def _refusals(policy: Policy) -> Iterator[str]:
    grounds = {ground.value: None for one in _of(policy, "requests", Request) for ground in one.refuse_on}
    if grounds:
        yield ", ".join(grounds)


def _fees(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "requests", Request):
        if one.fee:
            yield f"the {one.fee.covers} after {one.fee.after} in {one.fee.per}"


def _closing(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "rights", Right):
        if one.kind == "close":
            only = f", only if {', '.join(one.only_if)}" if one.only_if else ""
            yield f"by {', '.join(one.way)}{only}"


def _minors(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "minors", Minors):
        whose = " (end users)" if one.whose == "end-user" else ""
        yield f"under {one.under}: {one.rule}{whose}"


def _ends(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "ending", Ending):
        if one.tells:
            ahead = f"{shown(one.tells.ahead)} ahead" if one.tells.ahead else "told, no lead time"
            yield f"{', '.join(one.of)}: {ahead}, by {', '.join((*one.tells.channels, *one.tells.fallback))}"


def _incidents(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "incidents", Incident):
        if one.tells:
            soon = f" within {shown(one.tells.within)}" if one.tells.within else ""
            yield f"matters told: {len(one.tells.shows)}{soon}, by {', '.join((*one.tells.channels, *one.tells.fallback))}"


def _changes(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "changes", Change):
        holds = f"in force {one.effective}" if one.effective else "told"
        asks = f"; asks again on {', '.join(one.reconsent)}" if one.reconsent else ""
        no = f"; a no: {one.refusal}" if one.refusal else ""
        yield f"{holds}{asks}{no}"


def _least(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "retention", Retention):
        if isinstance(one.for_, AtLeast):
            yield f"{one.name}: {shown(one.for_)}"


def _most(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "retention", Retention):
        if isinstance(one.for_, AtMost | LongestOf):
            yield f"{one.name}: {shown(one.for_)}"


def _after(policy: Policy) -> Iterator[str]:
    found = {one.then: None for one in _of(policy, "retention", Retention)}
    if found:
        yield ", ".join(found)


def _without(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "consent", Without):
        yield ", ".join(ground.value for ground in one.grounds)


def _forms(policy: Policy) -> Iterator[str]:
    items = list(_of(policy, "consent", ConsentItem))
    for form in dict.fromkeys(one.form for one in items):
        yield f"{form.value}: {sum(1 for one in items if one.form is form)}"


def _stops(policy: Policy) -> Iterator[str]:
    ways = {one.way: None for one in _of(policy, "stops", Stop)}
    if ways:
        yield ", ".join(ways)


def _affiliates(policy: Policy) -> Iterator[str]:
    for one in _of(policy, "sharing", Door):
        kinds = {getattr(policy.of("recipients").get(name), "kind", "") for name in getattr(one, "to", ())}
        if "affiliate" in kinds and one.on:
            yield f"{one.act.value} on {', '.join(ground.value for ground in one.on)}"


def _abroad(policy: Policy) -> Iterator[str]:
    regions = {one.region: None for one in _of(policy, "storage", Storage)}
    yield f"stored in {', '.join(regions)}"
    for one in _of(policy, "sharing", Door):
        if one.act.value == "abroad" and one.on:
            yield f"sent abroad on {', '.join(ground.value for ground in one.on)}"


def _dates(policy: Policy) -> Iterator[str]:
    dates = policy.of("text").get("dates")
    assert isinstance(dates, Dates)
    yield (
        f"prints {dates.printed}" if dates.printed else f"updated {dates.updated}, in force {dates.effective}"
    )


_ROWS: tuple[tuple[str, Callable[[Policy], Iterable[str]]], ...] = (
    ("Dates on the text", _dates),
    ("Rights offered", _rights),
    ("Answer to a request for access", _answer("access")),
    ("Answer to a request for deletion", _answer("delete")),
    ("Answer to a complaint", _answer("complain")),
    ("Grounds for refusing a request", _refusals),
    ("Charge for requests", _fees),
    ("Closing an account", _closing),
    ("Minors", _minors),
    ("End of a service", _ends),
    ("After an incident people are told", _incidents),
    ("Change of the policy", _changes),
    ("Kept at least", _least),
    ("Kept at most, or the longest of", _most),
    ("When the period is over", _after),
    ("Grounds that need no consent", _without),
    ("Consent items by form", _forms),
    ("Ways to stop marketing", _stops),
    ("To affiliates", _affiliates),
    ("Where it lies, and what lets it go abroad", _abroad),
)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
