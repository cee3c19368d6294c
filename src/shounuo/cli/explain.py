"""`explain`: everything there is to know of one clause.

1. A clause is named by its whole id. Whose clause it is, its first word says; a file is named with `--in`.
2. What is told is read off the pack, the register of carriers, the catalogue of stories, the law and the proofs kept
   on this machine. Where there is nothing, that is what is said.
3. A law stands behind a clause if one of its rules looks at an entry that keeps it, or the entry names it itself.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shounuo.cli import packs
from shounuo.cli.main import JsonOption, OperatorOption, app
from shounuo.errors import Misconfigured, ShounuoError

if TYPE_CHECKING:
    from shounuo.core.clause import Clause
    from shounuo.core.policy import Entry, Policy
    from shounuo.law.requirement import Requirement
    from shounuo.law.rules.view import View


@dataclass(frozen=True, slots=True)
class _Found:
    clause: "Clause"
    policy: "Policy"
    label: str
    hash: str


@app.command()
def explain(
    clause: Annotated[str, typer.Argument(help="the whole id of a clause, such as `huiju-7.3-2`")],
    file: Annotated[
        str | None,
        typer.Option("--in", help="the pack or policy file it stands in, if not a pack of its name"),
    ] = None,
    operator: OperatorOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a clause says, what keeps it, where in code, which story shows it, its last proof, the law behind it."""
    found = _find(clause, file)
    told = _told(found) | {"proof": _proof(found, operator)}
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(_lines(told)))


def _find(clause: str, file: str | None) -> _Found:
    """The clause and where it stands. Raises Misconfigured with the nearest ids. (1)"""
    import hashlib

    from shounuo.language.load import load

    own = clause.partition("-")[0]
    named = [file] if file else [own] if own in packs.names() else packs.names()
    ids: list[str] = []
    for one in named:
        source, label, slug = packs.find(one)
        policy = load(source, label, slug)
        if (known := policy.clauses.get(clause)) is not None:
            return _Found(known, policy, label, hashlib.sha256(source).hexdigest())
        ids += policy.clauses
    if file and own in packs.names() and clause in load(*packs.find(own)).clauses:
        raise Misconfigured(f"clause `{clause[:80]}` does not stand in `{file}`: it stands in the pack {own}")
    raise Misconfigured(f"there is no clause `{clause[:80]}` in {', '.join(named)}: {_nearest(clause, ids)}")


def _nearest(clause: str, ids: list[str]) -> str:
    """The ids somebody may have meant: those that begin so, then those that look alike."""
    from difflib import get_close_matches

    begin = [one for one in ids if clause and one.startswith(clause)]
    near = list(dict.fromkeys([*begin[:5], *get_close_matches(clause, ids, 5, 0.5)]))[:5]
    return (
        f"did you mean {', '.join(f'`{one}`' for one in near)}?"
        if near
        else "`shounuo compile PACK --json` lists the ids of a pack; `--in FILE` names a file of your own"
    )


# -- what there is to tell -------------------------------------------------------------------------


def _told(found: _Found) -> dict[str, Any]:
    from shounuo.core.consistency import keepers
    from shounuo.core.difference import plain

    clause, policy = found.clause, found.policy
    entries = keepers(policy).get(clause.id, ())
    return {
        "id": clause.id,
        "policy": policy.slug,
        "section": clause.section,
        "line": f"{found.label}:{clause.line}",
        "kind": clause.kind.value,
        "binds": clause.binds,
        "says": {"zh": clause.says.zh, "en": clause.says.en},
        "emphasised": clause.emphasised,
        "later": clause.later,
        "numbers": plain(clause.numbers),
        "items": plain(clause.items),
        "ours": plain(clause.ours),
        "kept_by": [_entry(one, clause, found.label) for one in entries],
        "code": list(_code(entries, clause)),
        "probes": [_probe(one.kind, dict(one.params)) for one in clause.probes],
        "readings": [one.path for one in policy.of("readings").values() if clause.id in getattr(one, "between", ())],
        "law": list(_law(policy, entries)),
    }  # fmt: skip


def _entry(entry: "Entry", clause: "Clause", label: str) -> dict[str, Any]:
    """An entry with its line and what it says; first what the clause speaks of."""
    from dataclasses import fields

    from shounuo.core.difference import key_of, plain

    left_out = {"section", "name", "line", "keeps", "words", "graded"}
    values = {
        key_of(entry, one.name): plain(getattr(entry, one.name))
        for one in fields(entry)
        if one.name not in left_out
    }
    spoken = [key for key in values if key in _fields(clause, entry)]
    said = {key: values[key] for key in (*spoken, *values) if values[key] not in (None, [], {}, False, "")}
    words = entry.words
    return {
        "entry": entry.path, "line": f"{label}:{entry.line}", "zh": words.zh if words else "",
        "en": words.en if words else "", "says": said,
    }  # fmt: skip


def _fields(clause: "Clause", entry: "Entry") -> frozenset[str]:
    """The keys of the entry that the clause speaks of."""
    from shounuo.core.clause import field_of

    said = (field_of(key) for key in clause.facts)
    return frozenset(field for whose, field, _ in said if whose in (None, (entry.section, entry.name)))


def _code(entries: "Iterable[Entry]", clause: "Clause") -> Iterator[dict[str, Any]]:
    """The places that carry the entries out, each once. (2)"""
    from shounuo.cli.carriers import COMPILE, places
    from shounuo.core.agreement import attribute

    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        wanted = {attribute(entry, key) for key in _fields(clause, entry)}
        for place in places(entry.section, wanted) or places(entry.section, ()) or (COMPILE,):
            one: dict[str, Any] = {
                "at": place.path,
                "control": place.control,
                "does": place.does,
                "entries": [],
            }
            told.setdefault(f"{place.path} {place.does}", one)["entries"].append(entry.path)
    yield from told.values()


def _probe(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    from shounuo.core.promise import PROBES, untold

    return {
        "kind": kind,
        "story": PROBES[kind].story,
        "parameters": {key: list(value) for key, value in params.items()},
        "told": not untold(kind, params),
    }


def _law(policy: "Policy", entries: "Iterable[Entry]") -> Iterator[dict[str, Any]]:
    """The provisions whose rules look at the entries, then those the entries name. (3)"""
    from shounuo.law.lint import applying
    from shounuo.law.rules.view import View

    view, today = View(policy), date.today()  # noqa: DTZ011 - the law of the place one is in
    asked = applying(view)
    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.law:
            told.setdefault(entry.law, {"article": {"zh": entry.law, "en": entry.law}, "named_by": []})
            told[entry.law]["named_by"].append(entry.path)
        for one in asked:
            if _looks_at(one, view, entry):
                cited = one.citation(today)
                law = {"requirement": one.id, "title": _words(one.title), "article": _words(cited),
                       "in_force": str(one.in_force), "asks": _words(one.asks), "of": []}  # fmt: skip
                told.setdefault(one.id, law)["of"].append(entry.path)
    yield from told.values()


def _words(words: Any) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _looks_at(requirement: "Requirement", view: "View", entry: "Entry") -> bool:
    """Whether the requirement's rule is about this entry: it chooses it, or it is of the sort the rule speaks of."""
    from shounuo.core.policy import (
        ConsentItem,
        Message,
        Minors,
        Recipient,
        Retention,
        Right,
        Scene,
        Storage,
        Use,
    )
    from shounuo.law.rules.asking import RightThere
    from shounuo.law.rules.choosing import ClosesOnly, StopsEach
    from shounuo.law.rules.entries import chosen
    from shounuo.law.rules.keeping import Ends, KeptAtLeast, KeptAtMost
    from shounuo.law.rules.people import AgeLine
    from shounuo.law.rules.sending import OpenDoorAbroad
    from shounuo.law.rules.times import DaysBefore

    rule: Any = requirement.rule
    match rule:
        case RightThere():
            return isinstance(entry, Right) and (entry.kind, entry.who) == (rule.right, rule.who)
        case Ends():
            return isinstance(entry, Retention)
        case KeptAtLeast() | KeptAtMost():
            return isinstance(entry, Retention) and not rule.meant(view).keys().isdisjoint(entry.of)
        case AgeLine():
            return isinstance(entry, Minors)
        case ClosesOnly():
            return isinstance(entry, Scene | Use | ConsentItem) and entry.refusal is not None
        case StopsEach():
            return isinstance(entry, Message) and entry.klass == rule.message
        case OpenDoorAbroad():
            return (
                isinstance(entry, Recipient | Storage)
                and getattr(entry, "country", getattr(entry, "region", "")) != "CN-mainland"
            )
        case DaysBefore():
            return entry.path == "text.dates"
        case _:
            sections = getattr(rule, "sections", ("recipients",))
            return entry.section in sections and any(
                one is entry for one in chosen(view, (entry.section,), rule.where)
            )


def _proof(found: _Found, operator: str | None) -> dict[str, Any]:
    """The last proof kept on this machine, or why there is none."""
    from shounuo.config import read

    config = read()
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties import promises, show

    try:
        if not config.database_url and not (config.home / "postgres").is_dir():
            raise Misconfigured(f"nothing was published in {config.home}")
        with opened(config) as house:
            owner, name = operator_of(house, operator or found.policy.slug)
            book = show.book_of(house.parts, owner)
            wall = promises.wall(house.parts, owner)
    except ShounuoError as error:
        if operator is not None:  # asked for by name: not to have it is the answer
            raise
        return {"status": None, "why": str(error)}
    kept = next((one for one in wall.promises if one.id == found.clause.id), None)
    if kept is None:
        return {
            "status": None,
            "why": f"version {book.number} of {name}, which is in force, has no such clause",
        }
    told: dict[str, Any] = {
        "status": kept.status.value,
        "operator": name,
        "version": book.number,
        "this_text": book.hash == found.hash,
    }
    if kept.proof is None:
        return told | {"why": "no proof of this version was kept: `shounuo prove --keep` makes one"}
    return told | {"probe": kept.proof.probe, "build": kept.proof.build, "at": kept.proof.at.isoformat()}


# -- for people ------------------------------------------------------------------------------------


def _lines(told: dict[str, Any]) -> Iterator[str]:
    from shounuo.core.difference import line

    place = f"§{told['section']}, " if told["section"] else ""
    bold = ", set off in the text" if told["emphasised"] else ""
    binds = "binds a system" if told["binds"] else "binds no system"
    yield f"{told['id']}  ({place}{told['kind']}: {binds}{bold}; {told['line']})"
    yield f"  {told['says']['zh']}"
    yield f"  {told['says']['en']}"
    if told["later"]:
        yield f"  later: {told['later']}"
    for title, key in (("the text fixes", "numbers"), ("the text lists", "items"), ("we set", "ours")):
        for name, value in told[key].items():
            yield f"  {title} {name}: {line(value)}"
    yield "kept by"
    for entry in told["kept_by"]:
        yield f"  {entry['entry']}  {entry['zh']}  ({entry['line']})"
        yield from (f"    {name}: {line(value)}" for name, value in entry["says"].items())
    yield from [] if told["kept_by"] else ["  nothing" + ("" if told["binds"] else ": it binds no system")]
    yield "in code"
    for place in told["code"]:
        control = f" (control `{place['control']}`)" if place["control"] else ""
        yield f"  {place['at']}{control}: {place['does']}  [{', '.join(place['entries'])}]"
    yield from [] if told["code"] else ["  nothing carries it out"]
    yield "shown kept by"
    for probe in told["probes"]:
        tells = "" if probe["told"] else "  (nobody tells this story yet)"
        yield f"  {probe['kind']}: {line(probe['parameters'])}{tells}"
        yield f"    {probe['story']}"
    yield from [] if told["probes"] else ["  no story"]
    proof = told["proof"]
    yield "last proof"
    if proof["status"] is None:
        yield f"  none: {proof['why']}"
    else:
        other = "" if proof["this_text"] else " (another text than this)"
        yield f"  {proof['status']}, version {proof['version']} of {proof['operator']}{other}"
        yield (
            f"    {proof['why']}"
            if "why" in proof
            else f"    {proof['probe'] or 'no story'}, build {proof['build']}, {proof['at']}"
        )
    if told["readings"]:
        yield f"read so\n  {', '.join(told['readings'])}"
    yield "law behind it"
    for law in told["law"]:
        if "requirement" in law:
            since = "" if law["in_force"] <= str(date.today()) else f", in force from {law['in_force']}"  # noqa: DTZ011
            yield f"  {law['article']['zh']}  {law['article']['en']}{since}: {law['title']['en']}  [{', '.join(law['of'])}]"
        else:
            yield f"  {law['article']['zh']}  (named by {', '.join(law['named_by'])})"
    yield from [] if told["law"] else ["  none of the rules we know looks at these entries"]
