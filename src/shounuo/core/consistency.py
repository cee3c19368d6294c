"""Hold a policy against itself: does what the system does keep what the text says?

 1. A binding clause is kept by an entry, or marked `later` with a reason.
 2. An entry keeps a clause, or another entry or a probe names it (a kind of information, an occasion, a
    paper, a consent item, a hold, a service, a message).
 3. A clause that is kept, or that a reading speaks of, exists.
 4. What the clause says in numbers and items, the entries that keep it do exactly. A number or item that no
    keeping entry has a field for is kept by nothing.
 5. A binding clause that is not `later` names the probe that shows it kept.
 6. to 13. The entries stand together: see `footing`.
14. A clause gone or changed since the last published version needs a new version: later dates.

A finding on a clause marked `later` is a warning: nothing is proven of it, and it may not be published for
people.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from shounuo.core import footing
from shounuo.core.clause import Clause, Part, field_of
from shounuo.core.policy import ConsentItem, Dates, Entry, OneOf, Policy, Reading, Refusal
from shounuo.core.policy import items_of as items_of
from shounuo.core.promise import PROBES
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
_SYNONYMS = {
    "for": "for_",
    "from": "from_",
    "class": "klass",
    "provision": "law_cited",
    "keeps": "kept",
    "path": "where",
}


def keepers(policy: Policy) -> Mapping[str, tuple[Entry, ...]]:
    """The entries that keep each clause."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in policy.entries():
        for clause in entry.keeps:
            found[clause].append(entry)
    return {clause: tuple(entries) for clause, entries in found.items()}


def check(policy: Policy, published: Policy | None = None) -> tuple[Fault, ...]:
    """Every contradiction of `policy` with itself, and with its last `published` version if there is one."""
    kept = keepers(policy)
    found = [
        *_unkept(policy, kept),
        *_idle(policy),
        *_strangers(policy),
        *_contradictions(policy, kept),
        *_unproven(policy),
        *footing.check(policy),
        *_changed(policy, published),
    ]
    return tuple(sorted(set(found)))


def _weight(clause: Clause) -> str:
    return "warning" if clause.later else "error"


def _unkept(policy: Policy, kept: Mapping[str, tuple[Entry, ...]]) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (1)
        if clause.binds and clause.id not in kept:
            wrong = f"nothing keeps it{f' ({clause.later})' if clause.later else ''}"
            remedy = "name it in the `keeps` of an entry"
            yield Fault(clause.line, clause.id, wrong, remedy, "unkept", _weight(clause))


def _idle(policy: Policy) -> Iterator[Fault]:
    named = _named(policy)
    for entry in policy.entries():  # (2)
        if entry.keeps or entry.section == "readings" or (entry.section, entry.name) in named:
            continue
        remedy = "name the clause it keeps, or remove it: what no clause promises is not done"
        wrong = "it keeps no clause" + (", and nothing names it" if entry.section in _MAY_BE_IDLE else "")
        yield Fault(entry.line, entry.path, wrong, remedy, "idle")


def _named(policy: Policy) -> frozenset[tuple[str, str]]:
    """Section and name of every entry another entry or a probe names, where that is enough."""
    found: set[tuple[str, str]] = set()
    for entry in policy.entries():
        for field, sections in _NAMES.items():
            found |= {(section, name) for section in sections for name in _strings(getattr(entry, field, ()))}
        refusal = getattr(entry, "refusal", None)
        if isinstance(refusal, Refusal):
            found |= {("services", name) for name in (*refusal.closed, *refusal.open)}
    for clause in policy.clauses.values():
        for probe in clause.probes:
            params = PROBES[probe.kind].params
            for param, value in probe.params.items():
                found |= {(section, name) for section in params[param] for name in _strings(value)}
    return frozenset(found)


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


def _contradictions(policy: Policy, kept: Mapping[str, tuple[Entry, ...]]) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (4)
        for name, said in {**clause.numbers, **clause.items}.items():
            yield from _held_against(clause, name, said, kept.get(clause.id, ()), policy)


def _held_against(
    clause: Clause, name: str, said: object, entries: tuple[Entry, ...], policy: Policy
) -> Iterator[Fault]:
    whose, field, deeper = field_of(name)
    if whose is not None:
        named = policy.of(whose[0]).get(whose[1])
        entries = (named,) if named is not None else ()
    doing = [(entry, done) for entry in entries if (done := _done(entry, field, deeper)) is not _NOTHING]
    if not doing and (entries or not clause.later):
        wrong = f"it says `{name}: {_shown(said)}`, and no entry that keeps it does"
        remedy = f"keep the clause by an entry that has `{field}`, or correct the clause"
        yield Fault(clause.line, clause.id, wrong, remedy, "contradiction", _weight(clause))
    for entry, done in doing:
        if not _same(said, done):
            place = f"clause `{clause.id}` (line {clause.line})"
            wrong = f"it does `{field}: {_shown(done)}`, but {place} says `{_shown(said)}`"
            remedy = "change the one that is wrong"
            yield Fault(entry.line, entry.path, wrong, remedy, "contradiction", _weight(clause))


_NOTHING = object()


def _done(entry: Entry, field: str, deeper: tuple[str, ...]) -> object:
    """What the entry has in this field, or within it; `_NOTHING` where it has no such field."""
    holder: object = entry
    if field in ("zh", "en"):
        holder = entry.words
    for key in (field, *deeper):
        found = holder.get(key, _NOTHING) if isinstance(holder, Mapping) else _NOTHING
        holder = getattr(holder, _attr(entry, key), found)
    return holder


def _attr(entry: Entry, field: str) -> str:
    """The name in Python of a key of the language."""
    if isinstance(entry, ConsentItem) and field == "for":
        return "covers"
    return _SYNONYMS.get(field, field.replace("-", "_"))


def _same(said: object, done: object) -> bool:
    if isinstance(said, Part):
        return isinstance(done, tuple) and set(said.of) <= set(done)
    if isinstance(said, tuple) and isinstance(done, tuple):
        return len(said) == len(done) and set(said) == set(done)
    return said == done


def _shown(value: object) -> str:
    if isinstance(value, Part):
        return f"{_shown(value.of)} among others"
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(one) for one in value) + "]"
    if isinstance(value, OneOf):
        return "one of " + " or ".join(value.items)
    return "nothing" if value is None else str(value)


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
    return clause.says, clause.kind, clause.numbers, clause.items, clause.emphasised
