"""Fields that are not written but follow: what an entry takes, what stands behind it, what is said of it.

Rules name them like any other field, in `where` and in `field`.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from shounuo.core.policy import ConsentItem, Door, Entry, Item, Recipient, Scene
from shounuo.law.rules.plain import HOME, Said, called, plain, taken, terms, written

if TYPE_CHECKING:
    from shounuo.law.rules.view import View

# Fields whose words belong to what is said of an entry, beside its name and the clauses it keeps.
_SPOKEN = (
    "purpose", "terms", "documents", "steps", "contain", "effect", "before", "serves", "withstands", "events", "shows",
    "tells.shows",
)  # fmt: skip


def _said(view: "View", entry: Entry) -> object:
    """All words on an entry: its own, and those of the clauses it keeps."""
    clauses = (view.policy.clauses[name].says for name in entry.keeps if name in view.policy.clauses)
    own = [one for field in _SPOKEN for one in plain(written(entry, field))]
    return [called(entry), *own, *(f"{says.zh} {says.en}" for says in clauses)]


def _takes_said(view: "View", entry: Entry) -> object:
    """The items an entry takes, uses, receives, opens or carries, in words."""
    names = taken(entry) or plain(written(entry, "opens")) or plain(written(entry, "carries"))
    items = view.policy.of("information")
    return [called(items[str(name)]) for name in names if name in items]


def _must_give(view: "View", entry: Entry) -> object:
    """The items of a scene that nothing else can stand for, in words."""
    items = view.policy.of("information")
    required = entry.requires if isinstance(entry, Scene) and not entry.instead else ()
    return [called(items[one]) for one in required if isinstance(one, str) and one in items]


def _forms(view: "View", entry: Entry) -> object:
    """The forms of the yes an entry asks for, or is."""
    return [item.form for item in ([entry] if isinstance(entry, ConsentItem) else view.asked(entry))]


def _shows(view: "View", entry: Entry) -> object:
    """What is shown: by the entry itself, and beside the questions it asks."""
    beside = [view.asked(entry)] if not isinstance(entry, ConsentItem) else []
    return [
        *(entry.tells.shows if entry.tells else ()),
        *plain(written(entry, "shows")),
        *(name for items in beside for item in items for name in item.shows),
    ]


def _opened_by(view: "View", entry: Entry) -> object:
    """What lets somebody receive: the forms of the yes asked, and the grounds of the doors that lead there."""
    doors = view.doors_to.get(entry.name, ())
    return [*plain(_forms(view, entry)), *(ground.value for door in doors for ground in door.on)]


def _papers(view: "View", entry: Entry) -> object:
    """The papers that must be on file first, in words."""
    return [terms(view.papers_of(entry))] if isinstance(entry, Recipient | Door) else []


def _keepers(view: "View", entry: Entry) -> object:
    """Of a clause, the entries that keep it; of an item, the retention rules that name it, or the rest."""
    if isinstance(entry, Said):
        return view.keepers.get(entry.name, ())
    rules = view.keeping.get(entry.name) or view.keeping.get("rest", ())
    return [rule.name for rule in rules]


def _emphasised(view: "View", entry: Entry) -> object:
    """Whether a clause the entry keeps, or one kept by an item it takes, is set off in the text."""
    items = view.policy.of("information")
    near = [entry, *(items[name] for name in taken(entry) if name in items)]
    clauses = view.policy.clauses
    return any(clauses[name].emphasised for one in near for name in one.keeps if name in clauses)


def _paths(_: "View", entry: Entry) -> object:
    """The ways through the menus, whatever the face of the product."""
    for field in ("path", "withdraw", "clear", "places"):
        if isinstance(table := written(entry, field), Mapping) and table:
            return list(table.values())
        if table:
            return table
    return ()


def _consents_to(view: "View", entry: Entry) -> object:
    """The scenes one yes covers, or the uses, whichever are more: a scene and its use are one activity."""
    covers = plain(written(entry, "covers"))
    scenes, uses = (
        [name for name in covers if name in view.policy.of(section)] for section in ("scenes", "uses")
    )
    return max(scenes, uses, key=len)


def _given_by(view: "View", entry: Entry) -> object:
    """How the yes an entry asks for is given."""
    return [item.by for item in view.asked(entry)]


def _own_period(view: "View", entry: Entry) -> object:
    """The retention rules that name an item."""
    return [rule.name for rule in view.keeping.get(entry.name, ())]


def _reached(view: "View", entry: Entry) -> object:
    """How people learn to reach a recipient: its own contact, or what is shown before anything goes to it."""
    shown = [one for door in view.doors_to.get(entry.name, ()) for one in plain(_shows(view, door))]
    return [*plain(written(entry, "contact")), *plain(_shows(view, entry)), *shown]


def _binding(view: "View", entry: Entry) -> object:
    """How a successor is bound: by the door itself, or by the papers it needs."""
    return [*plain(written(entry, "successor")), *plain(_papers(view, entry))]


def _conditions(view: "View", entry: Entry) -> object:
    """What is asked of people who use a right: states, proofs, and what the clauses say."""
    proves = written(entry, "proves")
    proofs = [one for shown in proves.values() for one in shown] if isinstance(proves, Mapping) else []
    return [*plain(written(entry, "only-if")), *proofs, *plain(_said(view, entry))]


def _told(view: "View", entry: Entry) -> object:
    """What an answer tells: what is shown with it, the routes outside, what a refusal carries, and the clauses."""
    routes, refusal = plain(written(entry, "routes")), plain(written(entry, "refusal-needs"))
    return [*plain(_shows(view, entry)), *routes, *refusal, *plain(_said(view, entry))]


FOLLOWS: Mapping[str, Callable[["View", Entry], object]] = {
    "sensitive": lambda view, entry: not view.sensitive.isdisjoint(taken(entry)),
    "abroad": lambda _, entry: isinstance(entry, Recipient) and entry.country != HOME,
    "takes-items": lambda _, entry: taken(entry),
    "takers": lambda view, entry: view.takers.get(entry.name, ()) if isinstance(entry, Item) else (),
    "called": lambda _, entry: called(entry),
    "takes-said": _takes_said,
    "consents-to": _consents_to,
    "given-by": _given_by,
    "own-period": _own_period,
    "reached": _reached,
    "binding": _binding,
    "conditions": _conditions,
    "told": _told,
    "reach": lambda _, entry: [*plain(written(entry, "includes")), *plain(written(entry, "passes-on"))],
    "must-give": _must_give,
    "form": _forms,
    "shows": _shows,
    "opened-by": _opened_by,
    "papers": _papers,
    "kept-by": _keepers,
    "emphasised": _emphasised,
    "paths": _paths,
    "said": _said,
}
