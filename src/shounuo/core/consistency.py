"""Hold a policy against itself: does what the system does keep what the text says?

 1. A binding clause is kept by an entry, or marked `later` with a reason.
 2. An entry keeps a clause, or another entry names it (a kind of information, an occasion, a paper, a consent item).
 3. A clause that is kept exists.
 4. What the clause says in numbers and items, the entries that keep it do exactly. A number or item that no keeping
    entry has a field for is kept by nothing.
 5. A binding clause that is not `later` names the probe that shows it kept.
 6. Sensitive information is asked for by a consent of its own, unless a listed ground carries it. (PIPL 29)
 7. A scene, use or recipient that rests on consent says which consent.
 8. A clause gone or changed since the last published version needs a new version: later dates.
 9. Every item a scene, use or recipient takes has a rule that says how long it is kept.

A finding on a clause marked `later` is a warning: nothing is proven of it, and it may not be published for people.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields

from shounuo.core.clause import Clause
from shounuo.core.policy import (
    ConsentItem, Dates, Entry, Item, OneOf, Policy, Required, Retention, Scene, Use,
)  # fmt: skip
from shounuo.errors import Fault

_NAMED_ELSEWHERE = frozenset({"information", "occasions", "papers", "consent", "holds", "services", "messages", "storage"})
_SYNONYMS = {"for": "for_", "from": "from_", "class": "klass", "provision": "law_cited", "keeps": "kept", "path": "where"}


def items_of(wanted: tuple[Required, ...]) -> tuple[str, ...]:
    """The item names in a list of requirements, alternatives spread out, in order."""
    return tuple(name for one in wanted for name in (one.items if isinstance(one, OneOf) else (one,)))


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
        *_unasked(policy),
        *_endless(policy),
        *_changed(policy, published),
    ]
    return tuple(sorted(set(found)))


def _weight(clause: Clause) -> str:
    return "warning" if clause.later else "error"


def _unkept(policy: Policy, kept: Mapping[str, tuple[Entry, ...]]) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (1)
        if clause.binds and clause.id not in kept:
            wrong = f"nothing keeps it{f' ({clause.later})' if clause.later else ''}"
            yield Fault(clause.line, clause.id, wrong, "name it in the `keeps` of an entry", "unkept", _weight(clause))


def _idle(policy: Policy) -> Iterator[Fault]:
    named = _named(policy)
    for entry in policy.entries():  # (2)
        if not entry.keeps and not (entry.section in _NAMED_ELSEWHERE and entry.name in named) and entry.section != "readings":
            remedy = "name the clause it keeps, or remove it: what no clause promises is not done"
            yield Fault(entry.line, entry.path, "it keeps no clause", remedy, "idle")


def _named(policy: Policy) -> frozenset[str]:
    """Every name another entry refers to."""
    names: set[str] = set()

    def note(value: object) -> None:
        if isinstance(value, str):
            names.add(value)
        elif isinstance(value, OneOf):
            names.update(value.items)
        elif isinstance(value, tuple):
            for one in value:
                note(one)

    skip = {"name", "section", "keeps", "words", "line"}
    for entry in policy.entries():
        for known in fields(entry):
            if known.name not in skip:
                note(getattr(entry, known.name))
    return frozenset(names)


def _strangers(policy: Policy) -> Iterator[Fault]:
    for entry in policy.entries():  # (3)
        for clause in entry.keeps:
            if clause not in policy.clauses:
                remedy = "correct the id, or add the clause to `clauses`"
                yield Fault(entry.line, entry.path, f"it keeps `{clause}`, which is no clause of this policy", remedy, "stranger")


def _contradictions(policy: Policy, kept: Mapping[str, tuple[Entry, ...]]) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (4)
        for name, said in {**clause.numbers, **clause.items}.items():
            yield from _held_against(clause, name, said, kept.get(clause.id, ()), policy)


def _held_against(clause: Clause, name: str, said: object, entries: tuple[Entry, ...], policy: Policy) -> Iterator[Fault]:
    field = name.rpartition(".")[2]
    if name.count(".") == 2:
        section, entry_name, _ = name.split(".")
        named = policy.of(section).get(entry_name)
        entries = (named,) if named is not None else ()
    attr = _SYNONYMS.get(field, field.replace("-", "_"))
    doing = [entry for entry in entries if hasattr(entry, attr)]
    if not doing and (entries or not clause.later):
        remedy = f"keep the clause by an entry that has `{field}`, or correct the clause"
        yield Fault(clause.line, clause.id, f"it says `{name}: {_shown(said)}`, and no entry that keeps it does", remedy,
                    "contradiction", _weight(clause))
    for entry in doing:
        done = getattr(entry, attr)
        if not _same(said, done):
            wrong = f"it does `{field}: {_shown(done)}`, but clause `{clause.id}` (line {clause.line}) says `{_shown(said)}`"
            yield Fault(entry.line, entry.path, wrong, "change the one that is wrong", "contradiction", _weight(clause))


def _same(said: object, done: object) -> bool:
    if isinstance(said, tuple) and isinstance(done, tuple):
        return len(said) == len(done) and set(said) == set(done)
    return said == done


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(one) for one in value) + "]"
    if isinstance(value, OneOf):
        return "one of " + " or ".join(value.items)
    return "nothing" if value is None else str(value)


def _unproven(policy: Policy) -> Iterator[Fault]:
    for clause in policy.clauses.values():  # (5)
        if clause.binds and not clause.probes and not clause.later:
            yield Fault(clause.line, clause.id, "no probe shows that it is kept", "add `probe:`, or `later:` with the reason", "unproven")


def _unasked(policy: Policy) -> Iterator[Fault]:
    sensitive = {e.name for e in policy.of("information").values() if isinstance(e, Item) and e.grade == "sensitive"}
    for entry in policy.entries():
        if isinstance(entry, Scene | Use) and entry.basis.by_consent and not entry.asks:  # (7)
            yield Fault(entry.line, entry.path, "it rests on consent and asks for none", "add `asks:` with a consent entry", "unasked")
        if isinstance(entry, Scene) and entry.basis.by_consent:  # (6)
            taken = sensitive.intersection(items_of(entry.requires + entry.optional))
            asked = [policy.of("consent").get(name) for name in entry.asks]
            if taken and not any(isinstance(item, ConsentItem) and item.form.value in ("separate", "guardian") for item in asked):
                wrong = f"it takes sensitive items ({', '.join(sorted(taken))}) without a consent of their own"
                yield Fault(entry.line, entry.path, wrong, "ask a consent item of form `separate` (PIPL 29)", "unasked")


def _endless(policy: Policy) -> Iterator[Fault]:
    rules = [e for e in policy.of("retention").values() if isinstance(e, Retention)]
    ruled = {name for rule in rules for name in rule.of}
    if "rest" in ruled:
        return
    for entry in policy.entries():  # (9)
        taken = items_of(entry.requires + entry.optional) if isinstance(entry, Scene) else ()
        for name in sorted(set(taken) - ruled):
            item = policy.of("information").get(name)
            if isinstance(item, Item) and item.store in ("sealed", "hashed"):
                wrong = f"it takes `{name}`, and nothing says how long that is kept"
                yield Fault(entry.line, entry.path, wrong, "add a `retention` rule for it", "endless")


def _changed(policy: Policy, published: Policy | None) -> Iterator[Fault]:
    if published is None:
        return
    now, then = policy.of("text").get("dates"), published.of("text").get("dates")
    if isinstance(now, Dates) and isinstance(then, Dates) and now.updated > then.updated and now.effective > then.effective:
        return
    remedy = "restore it, or publish a new version: give `text.dates` a later `updated` and `effective`"
    for name, clause in published.clauses.items():  # (8)
        mine = policy.clauses.get(name)
        if mine is None:
            yield Fault(0, name, "the clause is gone since the last published version", remedy, "unannounced")
        elif (mine.says, mine.kind, mine.numbers, mine.items) != (clause.says, clause.kind, clause.numbers, clause.items):
            yield Fault(mine.line, name, "the clause has changed since the last published version", remedy, "unannounced")


