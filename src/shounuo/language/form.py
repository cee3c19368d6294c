"""How the entries of a section are written: the keys of each, and the value they become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shounuo.core.policy import Entry
from shounuo.language.grammar import Field, Fields, ListOf, Text
from shounuo.language.terms import CLAUSE_ID, TELLS, may, must

COMMON: Mapping[str, Field] = {
    "zh": may(Text("the Chinese words"), "what it is called, in Chinese"),
    "en": may(Text("the English words"), "what it is called, in English"),
    "keeps": may(ListOf(CLAUSE_ID), "the clauses this entry keeps"),
    "tells": may(TELLS, "what must be shown first"),
    "owner": may(Text("a role", 80), "who answers for it"),
    "law": may(Text("a legal provision", 200), "the provision that tightens it"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How the entries of a section (or one named entry) are written, and the value they become."""

    make: Callable[..., Entry]
    fields: Mapping[str, Field]
    words: bool = True  # whether zh and en must stand

    @property
    def grammar(self) -> Fields:
        """All keys of such an entry, common ones first; a shape's own key takes the place of a common one."""
        common = dict(COMMON)
        if self.words:
            common |= {name: must(COMMON[name].grammar, COMMON[name].about) for name in ("zh", "en")}
        return Fields({**common, **self.fields}, what="the entry")


@dataclass(frozen=True, slots=True)
class Section:
    """One section. `by_name` holds entries with a shape of their own; `shape` serves all other names.

    `reserved` are names the language means something else by, so that no entry may bear them.
    """

    about: str
    shape: Shape | None = None
    by_name: Mapping[str, Shape] | None = None
    reserved: tuple[str, ...] = ()

    def shape_of(self, name: str) -> Shape | None:
        """The shape of the entry of this name; None where there can be no such entry."""
        return (self.by_name or {}).get(name, self.shape)
