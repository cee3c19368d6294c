"""What changed between two versions of a policy, and what that means for the people it speaks to.

1. Entries and clauses are compared by name, field by field, as values. How something is spelt, where it
   stands and in what order it is listed is no change, except where the order is what is said.
2. Every change belongs to one matter (purposes, items, recipients …) and names the line on both sides.
3. A consent lapses when its wording is not in the new version: a yes is for a wording. (PIPL 14, 23) If the
   item is still there, whoever said yes is asked again; if it is gone, nobody is. A no stays a no.
4. A change that stands behind a consent that lapses is one people are asked about. Of every other change they
   are only told. (PIPL 17)
5. Where the policy itself promised to ask everyone again on a kind of change, everyone is asked.
6. No new version turns a stored no into a yes: what would be open without asking is `freed`, and such a version
   is not published.
7. Of each change is told whether it leaves people less: see `laxer`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum, StrEnum
from typing import Any

from shounuo.core import laxer
from shounuo.core.clause import Clause, Kind, Words, field_of
from shounuo.core.freed import freed
from shounuo.core.names import Names
from shounuo.core.policy import (
    Change as Changing,
)
from shounuo.core.policy import (
    ConsentItem,
    Door,
    Entry,
    Message,
    OneOf,
    Permission,
    Policy,
    Recipient,
    Retention,
    Scene,
    Service,
    Use,
)
from shounuo.core.reach import covered, passing, taken_by
from shounuo.core.retention import keeping
from shounuo.core.rulebook import Rulebook
from shounuo.errors import Fault


class Matter(StrEnum):
    """What a change is about."""

    PURPOSES = "purposes"
    ITEMS = "items"
    BASIS = "basis"
    CONSENT = "consent"
    RECIPIENTS = "recipients"
    REGIONS = "regions"
    RETENTION = "retention"
    RIGHTS = "rights"
    MINORS = "minors"
    CONTACTS = "contacts"
    MESSAGES = "messages"
    PROTECTION = "protection"
    TEXT = "text"


class What(StrEnum):
    """What became of an entry, or of one field of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `field` is None where the whole entry is new or gone; a line is 0 where it does not stand.

    `before` and `after` are plain values; of a list, `gone` and `new` are its members on one side only.
    """

    matter: Matter
    what: What
    path: str
    words: Words
    field: str | None = None
    before: object = None
    after: object = None
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    lines: tuple[int, int] = (0, 0)
    asks: tuple[str, ...] = ()  # the consents that lapse by it (4)
    laxer: bool | None = None  # whether it leaves people less; None where that cannot be told (7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A consent item whose wording is not the same in both versions: `before` or `after` is None where it has none."""

    item: str
    words: Words
    before: str | None
    after: str | None
    because: tuple[str, ...] = ()  # paths
    lines: tuple[int, int] = (0, 0)

    @property
    def lapses(self) -> bool:
        """Whether there is a yes that no longer counts. (3)"""
        return self.before is not None

    @property
    def again(self) -> bool:
        """Whether those who said yes are asked anew. (3)"""
        return self.before is not None and self.after is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyone:
    """A promise of the older version to ask everyone again on such changes. (5)"""

    path: str
    clauses: tuple[str, ...]
    kinds: tuple[str, ...]
    items: tuple[str, ...]  # the consent items by which they are asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything that changed from one version to the next."""

    changes: tuple[Change, ...]
    asked: tuple[Asked, ...]
    everyone: tuple[Everyone, ...]
    freed: tuple[Fault, ...]

    @property
    def same(self) -> bool:
        """Whether nothing changed for anybody."""
        return not self.changes and not self.asked

    @property
    def told(self) -> tuple[Change, ...]:
        """The changes people are only told of. (4)"""
        return tuple(change for change in self.changes if not change.asks)


def difference(old: Rulebook, new: Rulebook, earlier: Iterable[str] = ()) -> Difference:
    """What changed from `old` to `new`. `earlier` are consent items of still older versions. (6)"""
    asked = tuple(_asked(old, new))
    behind = {
        item.item: _behind(old.policy, item.item) | _behind(new.policy, item.item)
        for item in asked
        if item.lapses
    }
    changes = tuple(_with_asks(change, behind) for change in _changes(old.policy, new.policy))
    because = {
        item.item: tuple(dict.fromkeys(change.path for change in changes if item.item in change.asks))
        for item in asked
    }
    return Difference(
        changes=changes,
        asked=tuple(replace(one, because=because[one.item]) for one in asked),
        everyone=tuple(_everyone(old.policy, new.policy, changes)),
        freed=freed(old, new, earlier),
    )


# -- entry by entry --------------------------------------------------------------------------------

_OF_SECTION: Mapping[str, Matter] = {
    "text": Matter.TEXT,
    "services": Matter.PURPOSES,
    "groups": Matter.ITEMS,
    "information": Matter.ITEMS,
    "occasions": Matter.PURPOSES,
    "scenes": Matter.PURPOSES,
    "uses": Matter.PURPOSES,
    "consent": Matter.CONSENT,
    "permissions": Matter.ITEMS,
    "recipients": Matter.RECIPIENTS,
    "cookies": Matter.ITEMS,
    "storage": Matter.REGIONS,
    "holds": Matter.RETENTION,
    "retention": Matter.RETENTION,
    "sharing": Matter.RECIPIENTS,
    "protection": Matter.PROTECTION,
    "incidents": Matter.PROTECTION,
    "pledges": Matter.PROTECTION,
    "papers": Matter.RECIPIENTS,
    "messages": Matter.MESSAGES,
    "stops": Matter.MESSAGES,
    "support": Matter.PROTECTION,
    "on-behalf": Matter.PURPOSES,
    "rights": Matter.RIGHTS,
    "requests": Matter.RIGHTS,
    "minors": Matter.MINORS,
    "changes": Matter.TEXT,
    "ending": Matter.TEXT,
    "contact": Matter.CONTACTS,
    "readings": Matter.TEXT,
    "clauses": Matter.TEXT,
}
_OF_FIELD: Mapping[tuple[str, str], Matter] = {
    **{("scenes", name): Matter.ITEMS for name in ("requires", "optional", "source", "proves", "every")},
    ("uses", "of"): Matter.ITEMS,
    ("uses", "factors"): Matter.ITEMS,
    **{(section, name): Matter.BASIS for section in ("scenes", "uses") for name in ("basis", "in_eea")},
    **{(one, "asks"): Matter.CONSENT for one in ("scenes", "uses", "recipients", "messages", "cookies")},
    ("recipients", "country"): Matter.REGIONS,
    ("text", "address"): Matter.CONTACTS,
}
_BY_NAME: Mapping[tuple[str, str], Matter] = {
    ("text", "operator"): Matter.CONTACTS,
    ("consent", "without"): Matter.BASIS,
    ("consent", "in-eea"): Matter.BASIS,
}
_NO_CHANGE = frozenset(
    {"section", "name", "line", "keeps", "graded"}
)  # where it stands, and what follows (1)
_ORDERED = frozenset({"titles", "steps", "rules", "versions"})  # lists whose order is said (1)
_KEYS = {
    "for_": "for",
    "from_": "from",
    "klass": "class",
    "law_cited": "provision",
    "where": "path",
    "kept": "keeps",
}


def _changes(old: Policy, new: Policy) -> Iterator[Change]:
    for section in dict.fromkeys((*old.sections, *new.sections)):
        before, after = old.of(section), new.of(section)
        for name in dict.fromkeys((*before, *after)):
            yield from _entry(before.get(name), after.get(name))
    keepers = {**Names(old).keepers, **Names(new).keepers}
    for number in dict.fromkeys((*old.clauses, *new.clauses)):
        sections = {entry.section for entry in keepers.get(number, ())}
        yield from _clause(old.clauses.get(number), new.clauses.get(number), sections)


def _entry(before: Entry | None, after: Entry | None) -> Iterator[Change]:
    if before is None or after is None or type(before) is not type(after):
        for entry, what in ((before, What.REMOVED), (after, What.ADDED)):
            if entry is not None:
                lines = (entry.line, 0) if what is What.REMOVED else (0, entry.line)
                yield Change(
                    matter=_matter(entry), what=what, path=entry.path, words=_called(entry), lines=lines,
                    laxer=laxer.entry(entry.section, added=what is What.ADDED),
                )  # fmt: skip
        return
    for one in fields(before):
        was, is_ = getattr(before, one.name), getattr(after, one.name)
        if one.name not in _NO_CHANGE and not _alike(one.name, was, is_):
            yield _field(after, one.name, was, is_, (before.line, after.line))


def _field(entry: Entry, name: str, was: object, is_: object, lines: tuple[int, int]) -> Change:
    gone, new = _members(was, is_)
    return Change(
        matter=_OF_FIELD.get((entry.section, name), _matter(entry)),
        what=What.CHANGED,
        path=entry.path,
        words=_called(entry),
        field=key_of(entry, name),
        before=plain(was),
        after=plain(is_),
        gone=gone,
        new=new,
        lines=lines,
        laxer=laxer.field(entry.section, key_of(entry, name), was, is_),
    )


def key_of(entry: Entry, attribute: str) -> str:
    """The key of the language for a field of the entry."""
    if isinstance(entry, ConsentItem) and attribute == "covers":
        return "for"
    return _KEYS.get(attribute, attribute.replace("_", "-"))


def _clause(before: Clause | None, after: Clause | None, sections: Collection[str]) -> Iterator[Change]:
    one = after or before
    assert one is not None
    path, lines = f"clauses.{one.id}", (before.line if before else 0, after.line if after else 0)
    if before is None or after is None:
        what = What.ADDED if before is None else What.REMOVED
        less = None if before is None else before.binds
        yield Change(matter=Matter.TEXT, what=what, path=path, words=one.says, lines=lines, laxer=less)
        return
    for name, was, is_ in _facts(before, after):
        if not _alike(name, was, is_):
            gone, new = _members(was, is_)
            yield Change(
                matter=Matter.TEXT, what=What.CHANGED, path=path, words=after.says, field=name, before=plain(was),
                after=plain(is_), gone=gone, new=new, lines=lines, laxer=_less(name, was, is_, sections),
            )  # fmt: skip


def _less(name: str, was: object, is_: object, sections: Collection[str]) -> bool | None:
    """Whether a clause promises less by another figure or list; of several keepers only what they agree on. (7)"""
    if isinstance(was, Kind) and isinstance(is_, Kind):
        return was.binds if was.binds != is_.binds else None
    group, _, key = name.partition(".")
    if not key:
        return laxer.field("clauses", group, was, is_)
    whose, field, deeper = field_of(key)
    last = deeper[-1] if deeper else field
    found = {laxer.field(section, last, was, is_) for section in ([whose[0]] if whose else sections)}
    return found.pop() if len(found) == 1 else None


def _facts(before: Clause, after: Clause) -> Iterator[tuple[str, object, object]]:
    """What a clause is held to, in both versions: its words and kind, and each figure and list by its key."""
    for name in ("says", "kind", "emphasised", "section"):
        yield name, getattr(before, name), getattr(after, name)
    for name in ("numbers", "items", "ours"):
        was, is_ = getattr(before, name), getattr(after, name)
        for key in dict.fromkeys((*was, *is_)):
            yield f"{name}.{key}", was.get(key), is_.get(key)


def _matter(entry: Entry) -> Matter:
    return _BY_NAME.get((entry.section, entry.name), _OF_SECTION[entry.section])


def _called(entry: Entry) -> Words:
    return entry.words or Words(entry.name, entry.name)


def _alike(name: str, was: object, is_: object) -> bool:
    """Whether two values say the same: lists whatever their order, unless the order is what is said. (1)"""
    if isinstance(was, tuple) and isinstance(is_, tuple) and name not in _ORDERED:
        return len(was) == len(is_) and set(was) == set(is_)
    if isinstance(was, Mapping) and isinstance(is_, Mapping):
        return was.keys() == is_.keys() and all(_alike(key, was[key], is_[key]) for key in was)
    if is_dataclass(was) and type(was) is type(is_):
        return all(_alike(one.name, getattr(was, one.name), getattr(is_, one.name)) for one in fields(was))
    return was == is_


def _members(was: object, is_: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The members of a list that are gone, and the new ones; nothing where either is no list."""
    if not isinstance(was, tuple) or not isinstance(is_, tuple):
        return (), ()
    before, after = [shown(one) for one in was], [shown(one) for one in is_]
    return tuple(o for o in before if o not in after), tuple(o for o in after if o not in before)


def plain(value: object) -> Any:
    """A value of the language as JSON can carry it; what is not said is left out."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, OneOf):
        return {"one-of": list(value.items)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        said = {one.name.rstrip("_").replace("_", "-"): getattr(value, one.name) for one in fields(value)}
        return {name: plain(one) for name, one in said.items() if one not in (None, (), False)}
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    return str(value)


def shown(value: object) -> str:
    """The same, in one line for people."""
    return line(plain(value))


def line(value: Any) -> str:
    """A plain value in one line for people."""
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {line(one)}" for key, one in value.items())
    return ", ".join(map(line, value)) if isinstance(value, list) else str(value)


# -- which consents lapse --------------------------------------------------------------------------

# The fields of an entry that a consent's wording reaches. (4)
_REACHED: Mapping[type[Entry], frozenset[str]] = {
    Scene: frozenset({"requires", "optional", "purpose", "source", "basis", "in-eea"}),
    Use: frozenset({"of", "purpose", "basis", "in-eea", "combines"}),
    Recipient: frozenset({"receives", "purpose", "for", "kind", "company", "country", "how"}),
    Door: frozenset({"act", "on", "for", "to", "carries"}),
    Service: frozenset({"provider", "text", "terms", "by"}),
    Message: frozenset({"class", "channels"}),
    Changing: frozenset({"what"}),
    Permission: frozenset({"opens"}),
    Retention: frozenset({"of", "for", "from"}),
    ConsentItem: frozenset({"words", "form", "shows", "for"}),
}


def _asked(old: Rulebook, new: Rulebook) -> Iterator[Asked]:
    for name in dict.fromkeys((*old.wordings, *new.wordings)):
        before, after = old.wordings.get(name), new.wordings.get(name)
        if before != after:  # (3)
            was, is_ = old.policy.of("consent").get(name), new.policy.of("consent").get(name)
            one = is_ or was
            assert one is not None
            lines = (was.line if was else 0, is_.line if is_ else 0)
            yield Asked(item=name, words=_called(one), before=before, after=after, lines=lines)


def _behind(policy: Policy, name: str) -> frozenset[tuple[str, str | None]]:
    """Path and field of everything that stands behind a consent; a field None is the entry being there."""
    item = policy.of("consent").get(name)
    if not isinstance(item, ConsentItem):
        return frozenset()
    entries: list[Entry] = [item]
    for entry in covered(policy, item):
        entries += [entry, *_receivers(policy, entry)]
        rules = (keeping(policy, one) for one in passing(policy, entry))
        entries += [found.rule for found in rules if found]
    return frozenset(
        (entry.path, field) for entry in entries for field in (None, *_REACHED.get(type(entry), ()))
    )


def _receivers(policy: Policy, entry: Entry) -> Iterator[Entry]:
    for one in (one for one in policy.of("recipients").values() if isinstance(one, Recipient)):
        named = one.name in entry.to if isinstance(entry, Door) else entry.name in one.for_
        if named and isinstance(entry, Door | Scene | Use):
            yield one


def _with_asks(change: Change, behind: Mapping[str, frozenset[tuple[str, str | None]]]) -> Change:
    asks = tuple(item for item, reached in behind.items() if (change.path, change.field) in reached)  # (4)
    return replace(change, asks=asks)


# -- what was promised -----------------------------------------------------------------------------


def _everyone(old: Policy, new: Policy, changes: Iterable[Change]) -> Iterator[Everyone]:
    met = frozenset(kind for change in changes for kind in _kinds(old, new, change))
    for entry in old.of("changes").values():  # (5)
        if isinstance(entry, Changing) and (kinds := tuple(one for one in entry.reconsent if one in met)):
            items = [one for one in old.of("consent").values() if isinstance(one, ConsentItem)]
            by = tuple(one.name for one in items if entry.name in one.covers)
            yield Everyone(path=entry.path, clauses=entry.keeps, kinds=kinds, items=by)


# By section and field, the kinds a change of it is of: as soon as it has a new member, as soon as it is another one,
# and unless it is less for certain. (5)
_NEW_MEMBERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("uses", "of"): ("new-fields", "new-purpose"),  # it was taken for something else
    ("recipients", "receives"): ("new-fields", "new-recipient"),  # and given to somebody else
    ("recipients", "for"): ("new-purpose",),
    ("sharing", "to"): ("new-recipient",),
    ("sharing", "carries"): ("new-fields", "new-recipient"),
    ("sharing", "for"): ("new-purpose",),
    ("sharing", "on"): ("new-manner",),
    ("cookies", "holds"): ("new-fields",),
    ("cookies", "purposes"): ("new-purpose",),
    ("permissions", "opens"): ("new-fields",),
    ("retention", "extend"): ("longer-retention",),
}
_ANOTHER: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{(section, "purpose"): ("new-purpose",) for section in ("scenes", "uses", "recipients")},
    **{("scenes", name): ("new-manner",) for name in ("source", "every", "proves")},
    ("uses", "combines"): ("new-manner",),
    ("recipients", "how"): ("new-manner",),
    ("recipients", "country"): ("new-manner", "new-recipient"),
    ("recipients", "company"): ("new-recipient",),
    ("recipients", "kind"): ("new-recipient",),
    ("sharing", "act"): ("new-manner",),
}
_LONGER = frozenset(
    {
        *(("retention", name) for name in ("for", "from", "of", "then", "within", "hold")),
        ("holds", "period"),
        ("cookies", "life"),
    }
)
_ADDED: Mapping[str, tuple[str, ...]] = {
    "scenes": ("new-purpose",),
    "uses": ("new-purpose",),
    "recipients": ("new-recipient",),
    "sharing": ("new-manner",),
    "cookies": ("new-manner",),
    "permissions": ("new-fields",),
    "holds": ("longer-retention",),
}
_ALL_IF_EMPTY = frozenset({("sharing", "carries"), ("sharing", "for")})


def _kinds(old: Policy, new: Policy, change: Change) -> Iterator[str]:
    """The kinds of change, as policies name them, that a change is of. (5)"""
    section, _, name = change.path.partition(".")
    where = (section, change.field or "")
    if section == "scenes":
        before, after = old.of(section).get(name), new.of(section).get(name)
        if after and set(taken_by(after)) - set(taken_by(before) if before else ()):
            yield "new-fields"
    if change.what is What.ADDED and not _shut(new, section, name):
        yield from _ADDED.get(section, ())
    if change.new or (where in _ALL_IF_EMPTY and not change.after):
        yield from _NEW_MEMBERS.get(where, ())
    yield from _ANOTHER.get(where, ())
    if where in _LONGER and change.laxer is not False:
        yield "longer-retention"
    if section == "retention" and change.what is What.REMOVED:
        kept = getattr(old.of(section)[name], "of", ())
        if (
            "rest" in kept or set(kept) & new.of("information").keys()
        ):  # what it let go is kept by another rule
            yield "longer-retention"


def _shut(policy: Policy, section: str, name: str) -> bool:
    """Whether it is a door that never opens."""
    entry = policy.of(section).get(name)
    return isinstance(entry, Door) and not entry.on


# -- for programs ----------------------------------------------------------------------------------


def as_data(found: Difference) -> dict[str, Any]:
    """All of it as JSON can carry it."""
    return {
        "same": found.same,
        "changes": [_change_data(one) for one in found.changes],
        "consents": [_asked_data(one) for one in found.asked],
        "everyone": [
            {"by": one.path, "clauses": list(one.clauses), "kinds": list(one.kinds), "items": list(one.items)}
            for one in found.everyone
        ],
        "told": list(dict.fromkeys(one.path for one in found.told)),
        "asked_again": [one.item for one in found.asked if one.again],
        "lapsed": [one.item for one in found.asked if one.lapses],
        "freed": [
            {"line": one.line, "entry": one.entry, "wrong": one.wrong, "remedy": one.remedy}
            for one in found.freed
        ],
    }


def _change_data(one: Change) -> dict[str, Any]:
    return {
        "matter": one.matter.value, "what": one.what.value, "path": one.path, "field": one.field, "before": one.before,
        "after": one.after, "gone": list(one.gone), "new": list(one.new), "old_line": one.lines[0],
        "new_line": one.lines[1], "asks": list(one.asks), "laxer": one.laxer,
    }  # fmt: skip


def _asked_data(one: Asked) -> dict[str, Any]:
    return {
        "item": one.item, "before": one.before, "after": one.after, "lapses": one.lapses, "asked_again": one.again,
        "because": list(one.because), "old_line": one.lines[0], "new_line": one.lines[1],
    }  # fmt: skip
