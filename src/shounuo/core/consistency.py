"""Hold a policy against itself: does what the system does keep what the text says?

 1. A binding clause is kept by an entry, or marked `later` with a reason.
 2. An entry keeps a clause, or another entry or a probe names it (a kind of information, an occasion, a
    paper, a consent item, a hold, a service, a message).
 3. A clause that is kept, or that a reading speaks of, exists.
 4. What the clause says in numbers and items (and in what is ours), the entries that keep it do exactly, or as
    the clause is read beside another one. A number or item that no keeping entry has a field for is kept by
    nothing.
 5. A binding clause that is not `later` names the probe that shows it kept.
 6. to 13. and 15. to 17. The entries stand together: see `footing`.
14. A clause gone or changed since the last published version needs a new version: later dates.
18. to 20. An entry has no hole: see `holes`.
21. to 25. What stands in two places agrees, and everything an entry does stands in two: see `agreement`.
26. A new version turns no stored no into a yes: see `freed`.
27. A clause's words carry the figures it fixes, the same in both languages: see `figures`.
28. The written lines of a summary say what the entries they name do: see `summary`.

A finding on a clause marked `later` is a warning: nothing is proven of it, and it may not be published for
people.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from shounuo.core import agreement, figures, footing, holes, summary
from shounuo.core.agreement import NOTHING, concerned, done, shown
from shounuo.core.clause import Clause, Part, field_of
from shounuo.core.duration import EarlierOf, Usually
from shounuo.core.freed import freed
from shounuo.core.names import Names
from shounuo.core.policy import Dates, Entry, Headings, OneOf, Policy, Reading, Refusal, Title
from shounuo.core.policy import items_of as items_of
from shounuo.core.promise import PROBES
from shounuo.core.rulebook import compile_policy
from shounuo.errors import Fault

# Which fields name entries of which sections, where an entry may stand without a clause of its own. (2)
_NAMES: Mapping[str, tuple[str, ...]] = {
    "when": ("occasions",),
    "feature": ("occasions", "services"),
    "requires": ("information",),
    "opens": ("information",),
    "optional": ("information",),
    "receives": ("information",),
    "carries": ("information",),
    "needs": ("papers",),
    "of": ("information", "messages"),
    "asks": ("consent",),
    "covers": ("services", "messages"),
    "hold": ("holds",),
    "session": ("support",),
    "instead": ("scenes",),
    "holds": ("information",),
    "unless": ("information",),
    "group": ("groups",),
    "papers": ("papers",),
    "proves": ("information",),
}
_MAY_BE_IDLE = frozenset(section for sections in _NAMES.values() for section in sections) | {"readings"}


def keepers(policy: Policy) -> Mapping[str, tuple[Entry, ...]]:
    """The entries that keep each clause."""
    return Names(policy).keepers


def check(policy: Policy, published: Policy | None = None) -> tuple[Fault, ...]:
    """Every contradiction of `policy` with itself, and with its last `published` version if there is one."""
    names = Names(policy)
    found = [
        *_unkept(names),
        *_idle(policy),
        *_strangers(policy),
        *_contradictions(names),
        *_unproven(policy),
        *footing.check(names),
        *holes.check(names),
        *agreement.check(names),
        *figures.check(policy),
        *summary.check(policy),
        *_changed(policy, published),
    ]
    if published is not None:  # (26)
        found += freed(compile_policy(published, b""), compile_policy(policy, b""))
    return tuple(sorted(set(found)))


def _unkept(names: Names) -> Iterator[Fault]:
    for clause in names.policy.clauses.values():  # (1)
        if clause.binds and clause.id not in names.keepers:
            wrong = f"nothing keeps it{f' ({clause.later})' if clause.later else ''}"
            remedy = "name it in the `keeps` of an entry"
            yield Fault(clause.line, clause.id, wrong, remedy, "unkept", clause.weight)


def _idle(policy: Policy) -> Iterator[Fault]:
    named = _named(policy)
    for entry in policy.entries():  # (2)
        names = isinstance(entry, Title | Headings)  # they name what is there
        if entry.keeps or names or entry.section == "readings" or (entry.section, entry.name) in named:
            continue
        remedy = "name the clause it keeps, or remove it: what no clause promises is not done"
        wrong = "it keeps no clause" + (", and nothing names it" if entry.section in _MAY_BE_IDLE else "")
        yield Fault(entry.line, entry.path, wrong, remedy, "idle")


def _named(policy: Policy) -> frozenset[tuple[str, str]]:
    """Section and name of every entry another entry or a probe names, where that is enough."""
    found: set[tuple[str, str]] = set()
    for entry in policy.entries():
        for field, sections in _naming(type(entry)):
            for name in _strings(getattr(entry, field)):
                found.update((section, name) for section in sections)
        refusal = getattr(entry, "refusal", None)
        if isinstance(refusal, Refusal):
            found |= {("services", name) for name in (*refusal.closed, *refusal.open)}
    for clause in policy.clauses.values():
        for probe in clause.probes:
            params = PROBES[probe.kind].params
            for param, value in probe.params.items():
                found |= {(section, name) for section in params[param] for name in _strings(value)}
    return frozenset(found)


_NAMING: dict[type[Entry], tuple[tuple[str, tuple[str, ...]], ...]] = {}  # by shape, asked for each entry


def _naming(shape: type[Entry]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields of a shape that name other entries, each with the sections they stand in."""
    if shape not in _NAMING:
        _NAMING[shape] = tuple((field, _NAMES[field]) for field in _NAMES if hasattr(shape, field))
    return _NAMING[shape]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, OneOf):
        yield from value.items
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, Mapping):
        yield from _strings((*value, *value.values()))


def _strangers(policy: Policy) -> Iterator[Fault]:
    remedy = "correct the id, or add the clause to `clauses`"
    for entry in policy.entries():  # (3)
        for clause in entry.keeps:
            if clause not in policy.clauses:
                wrong = f"it keeps `{clause}`, which is no clause of this policy"
                yield Fault(entry.line, entry.path, wrong, remedy, "stranger")
        if isinstance(entry, Reading):
            for clause in (*entry.between, entry.kept):
                if clause not in policy.clauses and clause != "both":
                    wrong = f"it speaks of `{clause}`, which is no clause of this policy"
                    yield Fault(entry.line, entry.path, wrong, remedy, "stranger")


def _contradictions(names: Names) -> Iterator[Fault]:
    read = _read_as(names)
    for clause in names.policy.clauses.values():  # (4)
        for key, said in clause.facts.items():
            yield from _held_against(names, clause, key, said, read.get(clause.id, ()))


def _read_as(names: Names) -> Mapping[str, tuple[Reading, ...]]:
    """The readings each clause stands in."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for reading in names.of("readings", Reading):
        for clause in reading.between:
            found[clause].append(reading)
    return {clause: tuple(readings) for clause, readings in found.items()}


def _held_against(
    names: Names, clause: Clause, key: str, said: object, readings: tuple[Reading, ...]
) -> Iterator[Fault]:
    _, field, deeper = field_of(key)
    entries = concerned(names, clause, key)
    doing = [(entry, does) for entry in entries if (does := done(entry, field, deeper)) is not NOTHING]
    if not doing and (entries or not clause.later):
        wrong = f"it says `{key}: {shown(said)}`, and no entry that keeps it does"
        remedy = f"keep the clause by an entry that has `{field}`, or correct the clause"
        yield Fault(clause.line, clause.id, wrong, remedy, "contradiction", clause.weight)
    for entry, does in doing:
        so_read = (_so_read(names, clause, key, one, said, entry) for one in readings)
        if not _same(said, does) and not any(so_read):
            place = f"clause `{clause.id}` (line {clause.line})"
            where = ".".join((field, *deeper))
            wrong = f"it does `{where}: {shown(does)}`, but {place} says `{shown(said)}`"
            remedy = "change the one that is wrong"
            yield Fault(entry.line, entry.path, wrong, remedy, "contradiction", clause.weight)


def _same(said: object, does: object) -> bool:
    if isinstance(said, Part):
        return isinstance(does, tuple) and set(said.of) <= set(does)
    if isinstance(said, tuple) and isinstance(does, tuple):
        return len(said) == len(does) and set(said) == set(does)
    return said == does


def _so_read(names: Names, clause: Clause, key: str, reading: Reading, said: object, entry: Entry) -> bool:
    """Whether an entry does what the clause says as it is read beside another: what the other says, where that
    is kept, else both. (4)
    """
    _, field, deeper = field_of(key)
    does = done(entry, field, deeper)
    other = names.policy.clauses.get(reading.kept)
    if other is not None and other is not clause:
        kept = replace(reading, between=(reading.kept,))
        return any(_same(value, does) for value in _beside(names, kept, key, entry))
    match reading.how, said, does:
        case "earlier-of", _, EarlierOf():
            return said in does.terms
        case "earlier-of", _, Usually():
            return said in (does.usually, does.at_most)
        case "union" | "intersection", tuple(), tuple():
            lists = [set(value) for value in _beside(names, reading, key, entry) if isinstance(value, tuple)]
            return set(does) == (set.union(*lists) if reading.how == "union" else set.intersection(*lists))
        case _:
            return False


def _beside(names: Names, reading: Reading, key: str, entry: Entry) -> Iterator[object]:
    """What the clauses of a reading say of one field of an entry."""
    where = field_of(key)[1:]
    for clause in (names.policy.clauses[name] for name in reading.between if name in names.policy.clauses):
        for name, value in clause.facts.items():
            if field_of(name)[1:] == where and entry in concerned(names, clause, name):
                yield value


def _unproven(policy: Policy) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (5)
        if clause.binds and not clause.probes and not clause.later:
            wrong = "no probe shows that it is kept"
            remedy = "add `probe:`, or `later:` with the reason"
            yield Fault(clause.line, clause.id, wrong, remedy, "unproven")


def _changed(policy: Policy, published: Policy | None) -> Iterator[Fault]:
    if published is None or _dated_anew(policy, published):
        return
    remedy = "restore it, or publish a new version: give `text.dates` a later `updated` and `effective`"
    for name, clause in published.clauses.items():  # (14)
        mine = policy.clauses.get(name)
        if mine is None:
            wrong = "the clause is gone since the last published version"
            yield Fault(0, name, wrong, remedy, "unannounced")
        elif _text(mine) != _text(clause):
            wrong = "the clause has changed since the last published version"
            yield Fault(mine.line, name, wrong, remedy, "unannounced")


def _dated_anew(policy: Policy, published: Policy) -> bool:
    now, then = policy.of("text").get("dates"), published.of("text").get("dates")
    if not isinstance(now, Dates) or not isinstance(then, Dates):
        return False
    return now.updated > then.updated and now.effective > then.effective


def _text(clause: Clause) -> tuple[object, ...]:
    """What a published clause is held to: what people read, and what it fixes."""
    return clause.says, clause.kind, clause.facts, clause.emphasised
