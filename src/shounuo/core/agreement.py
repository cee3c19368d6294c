"""Hold against each other what is written in two places: clauses, probes and entries.

21. What a probe tells of an entry, the entry does.
22. Who asks a consent and the consent that is for it name each other.
23. An entry that keeps a clause is spoken of by the clause: by a figure, a list or a probe. An entry a clause names,
    by path, as what its probe is about, or as a line of its register, keeps it. Where a clause says something of
    several entries at once, without their names, it says how many keep it, so that none leaves unseen.
24. What an entry does, a clause says: each figure, list and closed word of an entry stands in the `numbers` or `items` of a clause (what the text fixes), in its `ours` (what the text leaves open and the
    operator set itself), or in a probe. So nothing can be changed in one place alone. A clause that binds no system
    has no probe, and says only what things are, not what is done: another clause says that.
25. A reading and the clauses it is about name each other; it keeps one of them, or both.

What follows from other entries is left out of (24): which consents a scene asks follows from what they are for. So
are words for people and set-up that promises nothing: which detector recognises a value, what a mask shows, who
owns a task.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from shounuo.core.clause import Clause, Part, Probe, field_of
from shounuo.core.footing import fault, listed
from shounuo.core.names import Names
from shounuo.core.policy import (
    ConsentItem,
    Entry,
    Fee,
    Form,
    Identifier,
    OneOf,
    Policy,
    Reading,
    Refusal,
    Tells,
)
from shounuo.core.promise import PROBES
from shounuo.errors import Fault

NOTHING = object()
_ASKING = ("scenes", "uses", "recipients", "messages")
_SYNONYMS = {
    "for": "for_",
    "from": "from_",
    "class": "klass",
    "provision": "law_cited",
    "keeps": "kept",
    "path": "where",
}
_STRUCTURED = (Tells, Refusal, Fee, Identifier)
# What (24) leaves out, everywhere and by section. (see above)
_COMMON = frozenset(field.name for field in fields(Entry)) - {"tells"}
_PROSE = frozenset({"purpose", "necessity", "facts", "graded"})
_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "text": frozenset({"lines"}),
    "services": frozenset({"account"}),
    "information": frozenset({"kind", "mask", "findable", "group"}),
    "retention": frozenset({"basis"}),
    "recipients": frozenset({"for_"}),
    "readings": frozenset({"between", "kept", "how", "because"}),
}
_NAMED_ONLY = frozenset(
    {"information", "occasions", "groups", "text"}
)  # may stand for others' sake, saying nothing
_DESCRIBED = frozenset(
    {"text", "groups", "information", "services"}
)  # what things are, which any clause may say


@dataclass(frozen=True, slots=True)
class Tie:
    """A parameter of a probe that says what a field of the entry it names has: all of it, or some. (21)"""

    kind: str
    subjects: Mapping[str, str]  # parameter -> section
    param: str
    attr: str
    whole: bool = False


_ACTS = {
    "scene": "scenes",
    "use": "uses",
    "recipient": "recipients",
    "service": "services",
    "door": "sharing",
    "right": "rights",
}
_TOLD = {
    "incident": "incidents",
    "ending": "ending",
    "change": "changes",
    "door": "sharing",
    "service": "services",
}
TIES = (
    Tie("collects-only", {"scene": "scenes"}, "needs", "needs"),
    Tie("only-while", {"scene": "scenes", "recipient": "recipients"}, "while", "when", whole=True),
    Tie("reads-only", {"for": "uses"}, "of", "of"),
    Tie("consent-first", {"item": "consent"}, "shows", "shows", whole=True),
    Tie("tells-first", _ACTS, "shows", "tells.shows"),
    Tie("tells-first", _ACTS, "at", "tells.at", whole=True),
    Tie(
        "refusal-costs-only",
        {"item": "consent", "scene": "scenes", "use": "uses"},
        "closed",
        "refusal.closed",
        whole=True,
    ),
    Tie("outflow-needs", {"door": "sharing"}, "act", "act", whole=True),
    Tie("outflow-needs", {"door": "sharing"}, "case", "on"),
    Tie("outflow-needs", {"door": "sharing"}, "to", "to"),
    Tie("outflow-needs", {"door": "sharing"}, "for", "for_"),
    Tie("outflow-needs", {"door": "sharing"}, "of", "carries"),
    Tie("papers-first", {"recipient": "recipients"}, "papers", "needs"),
    Tie("papers-first", {"protection": "protection"}, "papers", "needs"),
    Tie("papers-first", {"scene": "scenes"}, "papers", "papers"),
    Tie("unprofiled", {"use": "uses"}, "factors", "factors", whole=True),
    Tie("delivers", _TOLD, "channels", "tells.channels"),
    Tie("delivers", _TOLD, "fallback", "tells.fallback"),
    Tie("delivers", _TOLD, "shows", "tells.shows"),
    Tie("delivers", {"message": "messages"}, "channels", "channels"),
)


# What a probe is about, as against what it also touches. (23)
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "collects-only": ("scene",),
    "only-while": ("scene", "recipient"),
    "unprofiled": ("use",),
    "consent-first": ("item",),
    "withdraw-stops": ("item",),
    "refusal-costs-only": ("item", "scene", "use"),
    "tells-first": ("scene", "use", "recipient", "service", "door", "right"),
    "age-gate": ("minors",),
    "message-stops": ("stop", "message"),
    "outflow-needs": ("door",),
    "papers-first": ("papers", "protection", "scene", "pledge"),
    "released-anonymous": ("door", "use"),
    "session": ("support", "door"),
    "for-controller": ("on-behalf",),
    "held": ("hold",),
    "erased-everywhere": ("right",),
    "winds-down": ("ending",),
    "incident-run": ("incident",),
    "reminds": ("pledge",),
    "right-works": ("right",),
    "delivers": ("message", "incident", "ending", "change", "door", "service"),
}


def check(names: Names) -> Iterator[Fault]:
    """Everything two places say differently, or only one says."""
    told: _Told = defaultdict(set)
    for clause in names.policy.clauses.values():
        _note(names, clause, told)
        yield from _telling(names.policy, clause, told)
        yield from _unspoken(names, clause)
        yield from _unkept(names, clause)
        yield from _uncounted(names, clause)
        if clause.probes and not clause.binds:
            wrong = f"it is of kind `{clause.kind.value}`, which binds no system, and it has a probe"
            remedy = "give it the kind it has in the text, or remove the probe"
            yield Fault(clause.line, clause.id, wrong, remedy, "unbound", clause.weight)
    yield from _one_sided(names)
    yield from _unsaid(names.policy, told)
    yield from _readings(names)


_Told = defaultdict[tuple[str, str], set[object]]  # path and field of an entry -> what is told of it
_WHOLE = object()


# -- fields by name --------------------------------------------------------------------------------


def attribute(entry: Entry, field: str) -> str:
    """The name in Python of a key of the language."""
    if isinstance(entry, ConsentItem) and field == "for":
        return "covers"
    return _SYNONYMS.get(field, field.replace("-", "_"))


def done(entry: Entry, field: str, deeper: tuple[str, ...]) -> object:
    """What the entry has in this field, or within it; `NOTHING` where it has no such field."""
    holder: object = entry.words if field in ("zh", "en") else entry
    for key in (field, *deeper):
        found = holder.get(key, NOTHING) if isinstance(holder, Mapping) else NOTHING
        holder = getattr(holder, attribute(entry, key), found)
    return holder


def concerned(names: Names, clause: Clause, key: str) -> tuple[Entry, ...]:
    """The entries a key of `numbers`, `items` or `ours` speaks of: those that keep the clause, or one by name."""
    whose, _, _ = field_of(key)
    if whose is None:
        return names.keepers.get(clause.id, ())
    named = names.policy.of(whose[0]).get(whose[1])
    return (named,) if named is not None else ()


def shown(value: object) -> str:
    """A value as a finding shows it."""
    if isinstance(value, Part):
        return f"{shown(value.of)} among others"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, OneOf):
        return "one of " + " or ".join(value.items)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, _STRUCTURED):
        said = ((attr, getattr(value, attr)) for attr, _ in _defaults(type(value)))
        return shown({attr.replace("_", "-"): one for attr, one in said if one})
    return "nothing" if value is None else str(value)


# -- what is told ----------------------------------------------------------------------------------


def _note(names: Names, clause: Clause, told: _Told) -> None:
    """Note what a clause says of each entry. (24)"""
    for key, said in clause.facts.items():
        _, field, deeper = field_of(key)
        for entry in concerned(names, clause, key):
            if not clause.binds and entry.section not in _DESCRIBED:
                continue
            attr = ".".join((attribute(entry, field), *(attribute(entry, one) for one in deeper)))
            told[entry.path, attr] |= _members(said.of) or set() if isinstance(said, Part) else {_WHOLE}


def _telling(policy: Policy, clause: Clause, told: _Told) -> Iterator[Fault]:
    """Note what its probes tell of each entry, and find what no entry does. (21)"""
    for probe in clause.probes:
        for tie in TIES:
            if probe.kind != tie.kind or tie.param not in probe.params:
                continue
            said = _words(probe.params[tie.param])
            for entry in _subjects(policy, probe, tie):
                does = _members(done(entry, *_steps(tie.attr)))
                if does is None and not (tie.kind == "tells-first" and "item" in probe.params):
                    does = frozenset()
                if does is None or (not does and tie.attr in ("carries", "for_")):
                    continue
                told[entry.path, tie.attr] |= said
                if not said <= does or (tie.whole and said != does):
                    wrong = (
                        f"its probe `{tie.kind}` tells `{tie.param}: {_sorted(said)}` of `{entry.path}` (line "
                        f"{entry.line}), which has {_sorted(does)}"
                    )
                    remedy = "change the one that is wrong"
                    yield Fault(clause.line, clause.id, wrong, remedy, "contradiction", clause.weight)
        if probe.kind == "papers-first":
            yield from _at_doors(policy, clause, probe, told)


def _at_doors(policy: Policy, clause: Clause, probe: Probe, told: _Told) -> Iterator[Fault]:
    """The papers asked at a door: its own, and those of whoever it leads to. (21)"""
    said = _words(probe.params["papers"])
    for door in (policy.of("sharing")[str(name)] for name in _listed(probe.params.get("door", ()))):
        asked = [door, *(policy.of("recipients")[name] for name in getattr(door, "to", ()))]
        for entry in asked:
            told[entry.path, "needs"] |= said & _words(getattr(entry, "needs", ()))
        if lacking := said - frozenset(name for entry in asked for name in getattr(entry, "needs", ())):
            wrong = (
                f"its probe `papers-first` tells of {listed(map(str, lacking))}, which `{door.path}` (line "
            )
            wrong += f"{door.line}) and its recipients do not ask for"
            yield Fault(
                clause.line, clause.id, wrong, "change the one that is wrong", "contradiction", clause.weight
            )


def _words(value: object) -> frozenset[object]:
    return frozenset(map(str, _listed(value)))


def _steps(attr: str) -> tuple[str, tuple[str, ...]]:
    field, *deeper = attr.split(".")
    return field, tuple(deeper)


def _subjects(policy: Policy, probe: Probe, tie: Tie) -> Iterator[Entry]:
    for param, section in tie.subjects.items():
        for name in _listed(probe.params.get(param, ())):
            entry = policy.of(section).get(str(name))
            if entry is not None:
                yield entry


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _members(value: object) -> frozenset[object] | None:
    """The members of a list, alternatives spread out; of one value, itself; None where nothing stands."""
    if value is NOTHING or value is None:
        return None
    return frozenset(name for one in _listed(value) for name in _names(one))


def _names(value: object) -> tuple[str, ...]:
    return value.items if isinstance(value, OneOf) else (str(value),)


def _sorted(names: Iterable[object]) -> str:
    return "[" + ", ".join(sorted(map(str, names))) + "]"


# -- who speaks of whom ----------------------------------------------------------------------------


def _unspoken(names: Names, clause: Clause) -> Iterator[Fault]:
    """Entries that keep a clause which says nothing of them. (23)"""
    if not clause.binds or clause.later:
        return
    typed, words = _named(clause)
    spoken = {entry.path for key in clause.facts for entry in _having(names, clause, key)}
    for entry in names.keepers.get(clause.id, ()):
        if entry.path in spoken or (entry.section, entry.name) in typed or _own_words(entry) & words:
            continue
        wrong = f"it keeps `{clause.id}` (line {clause.line}), which says nothing of it"
        remedy = "say in the clause what it fixes here, name it in the probe, or do not keep the clause"
        yield fault(entry, wrong, remedy, "unspoken")


def _unkept(names: Names, clause: Clause) -> Iterator[Fault]:
    """Entries that a clause names, by path or as what a probe is about, and that do not keep it. (23)"""
    if not clause.binds or clause.later:
        return
    named = {whose for key in clause.facts if (whose := field_of(key)[0]) is not None}
    for probe in clause.probes:
        for param in _ABOUT.get(probe.kind, ()):
            sections = PROBES[probe.kind].params[param]
            about = probe.params.get(param)
            if isinstance(about, tuple):
                named |= {(section, str(name)) for name in about for section in sections}
        if probe.kind == "refuses-incomplete":
            named |= {(one.section, one.name) for one in _registered(names, probe)}
    for section, name in sorted(named):
        entry = names.policy.of(section).get(name)
        if entry is not None and clause.id not in entry.keeps:
            wrong = f"`{clause.id}` (line {clause.line}) names it, and it does not keep that clause"
            yield fault(
                entry, wrong, f"add `{clause.id}` to its `keeps:`, or do not name it there", "unspoken"
            )


def _registered(names: Names, probe: Probe) -> Iterator[Entry]:
    """The entries of the register a probe is about: all of that section that have its columns, or the one named."""
    columns = [str(column) for column in _listed(probe.params["columns"]) if column != "keeps"]
    for register in _listed(probe.params["register"]):
        section, _, name = str(register).partition(".")
        named = [one for one in names.policy.of(section).values() if name in ("", one.name)]
        yield from (
            entry
            for entry in named
            if all(done(entry, column, ()) not in (NOTHING, None, (), {}) for column in columns)
        )


def _uncounted(names: Names, clause: Clause) -> Iterator[Fault]:
    """A clause that says something of several entries without their names, and not how many keep it. (23)"""
    keepers = names.keepers.get(clause.id, ())
    if clause.keepers is None:
        several = [
            key
            for key in clause.facts
            if field_of(key)[0] is None and len([*_having(names, clause, key)]) > 1
        ]
        if not several:
            return
        wrong = f"it says {listed(several)} of {len(keepers)} entries, and not how many keep it"
        remedy = f"add `keepers: {len(keepers)}`, or name the entry: `section.name.{several[0]}`"
    elif clause.keepers != len(keepers):
        wrong = f"it says that {clause.keepers} entries keep it, and {len(keepers)} do: {listed(one.path for one in keepers)}"
        remedy = "let the entry keep it that should, or correct `keepers:`"
    else:
        return
    yield Fault(clause.line, clause.id, wrong, remedy, "uncounted", clause.weight)


def _having(names: Names, clause: Clause, key: str) -> Iterator[Entry]:
    _, field, deeper = field_of(key)
    yield from (
        one for one in concerned(names, clause, key) if done(one, field, deeper) not in (NOTHING, None, ())
    )


def _named(clause: Clause) -> tuple[set[tuple[str, str]], set[object]]:
    """The entries the probes of a clause name, by section and name, and the free words beside them."""
    typed: set[tuple[str, str]] = set()
    words: set[object] = set()
    for probe in clause.probes:
        for param, sections in PROBES[probe.kind].params.items():
            given = {str(name) for name in _listed(probe.params.get(param, ()))}
            typed |= {(section, name) for section in sections for name in given}
            if not sections:
                words |= given | {".".join(word.split(".")[:depth]) for word in given for depth in (1, 2)}
    return typed, words


def _own_words(entry: Entry) -> frozenset[object]:
    """The words by which a probe may mean an entry: its name, section or path, or the kinds it is about."""
    kinds = (getattr(entry, attr, ()) for attr in ("kind", "kinds", "takes"))
    return frozenset({entry.name, entry.section, entry.path}).union(*map(_words, kinds))


def _one_sided(names: Names) -> Iterator[Fault]:
    """Consents asked by what they are not for, and for what does not ask them. (22)"""
    items = names.policy.of("consent")  # a guardian's yes and an acceptance are not asked by name
    for entry in (one for section in _ASKING for one in names.policy.of(section).values()):
        asks: tuple[str, ...] = getattr(entry, "asks", ())
        for name in asks:
            item = items.get(name)
            if isinstance(item, ConsentItem) and entry.name not in item.covers:
                wrong = f"it asks `{name}`, and `{item.path}` (line {item.line}) is not for it"
                yield fault(entry, wrong, f"add `{entry.name}` to its `for:`, or do not ask it", "one-sided")
        for item in names.covering.get(entry.name, ()):
            if item.name not in asks and not (item.form is Form.GUARDIAN or _accepts(entry)):
                wrong = f"it is for `{entry.name}`, and `{entry.path}` (line {entry.line}) does not ask it"
                yield fault(item, wrong, f"add `{item.name}` to its `asks:`, or remove it here", "one-sided")


def _accepts(entry: Entry) -> bool:
    return "acceptance" in getattr(entry, "needs", ())


# -- what nobody says ------------------------------------------------------------------------------


def _unsaid(policy: Policy, told: _Told) -> Iterator[Fault]:
    """Fields of entries that no clause and no probe speaks of. (24)"""
    for entry in policy.entries():
        if not entry.keeps and entry.section in _NAMED_ONLY:
            continue
        for attr, value in _promising(entry):
            heard = told.get((entry.path, attr), set()) | told.get(
                (entry.path, attr.partition(".")[0]), set()
            )
            if _WHOLE in heard:
                continue
            if rest := (_members(value) or frozenset()) - heard:
                key = _key(entry, attr)
                wrong = f"it has `{key}: {_sorted(rest) if isinstance(value, tuple) else shown(value)}`"
                remedy = (
                    f"say `{key}` in `numbers` or `items` of a clause it keeps, or in its `ours` where the text "
                    "leaves it open"
                )
                yield fault(entry, f"{wrong}, and no clause says so", remedy, "unsaid")


def _promising(entry: Entry) -> Iterator[tuple[str, object]]:
    """The fields of an entry that promise something and are not as they would be unsaid, with their values."""
    left_out = _COMMON | _PROSE | _LEFT_OUT.get(entry.section, frozenset())
    if entry.section in _ASKING:  # (22)
        left_out |= {"asks"}
    for attr, default in _defaults(type(entry)):
        value = getattr(entry, attr)
        if attr in left_out or value == default:
            continue
        if isinstance(value, _STRUCTURED):
            for inner, unsaid in _defaults(type(value)):
                if (one := getattr(value, inner)) != unsaid:
                    yield f"{attr}.{inner}", one
        elif isinstance(value, Mapping):
            yield from ((f"{attr}.{name}", one) for name, one in value.items())
        else:
            yield attr, value


_DEFAULTS: dict[Any, tuple[tuple[str, object], ...]] = {}  # by shape: what is asked a thousand times


def _defaults(kind: Any) -> tuple[tuple[str, object], ...]:
    """The fields of a shape, each with what stands there when nothing is said."""
    if kind not in _DEFAULTS:
        _DEFAULTS[kind] = tuple((field.name, _default(field)) for field in fields(kind))
    return _DEFAULTS[kind]


def _default(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _key(entry: Entry, attr: str) -> str:
    """A field as an author writes it."""
    written = {attribute(entry, key): key for key in _SYNONYMS}
    return ".".join(written.get(part, part.replace("_", "-")) for part in attr.split("."))


# -- readings --------------------------------------------------------------------------------------


def _readings(names: Names) -> Iterator[Fault]:
    for reading in names.of("readings", Reading):  # (25)
        if reading.kept not in (*reading.between, "both"):
            wrong = f"it keeps `{reading.kept}`, which is not among {listed(reading.between)}"
            yield fault(reading, wrong, "keep one of the clauses it is about, or `both`", "reading")
        for clause in (
            names.policy.clauses[name] for name in reading.between if name in names.policy.clauses
        ):
            if reading.name not in clause.read:
                wrong = f"it is about `{clause.id}` (line {clause.line}), which does not name it"
                yield fault(reading, wrong, f"add `read: [{reading.name}]` to the clause", "reading")
    for clause in names.policy.clauses.values():
        for named in (names.policy.of("readings").get(name) for name in clause.read):
            if isinstance(named, Reading) and clause.id not in named.between:
                wrong = f"it is to be read as `{named.path}` (line {named.line}), which is not about it"
                remedy = f"add `{clause.id}` to its `between:`, or remove it here"
                yield Fault(clause.line, clause.id, wrong, remedy, "reading", clause.weight)
