"""Change a part of what a person has in the vault: take values away, correct them, move them between chests.

1. A chest of which anything is taken away gets a new key, and what is left in it is sealed anew, in the
   same act. A chest of which nothing is left loses its key. So a copy of the database, however old, opens
   what was taken away only with wrapping keys that are destroyed when the keys are next turned over.
2. What a hold keeps stays where it is; who asks is told how many such values there are.
3. The index follows in the same act.
4. Collections of which no value is left go too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shounuo.store.act import Act
from shounuo.vault.index import Findable, Index
from shounuo.vault.keys import Generation, Keys, people
from shounuo.vault.seal import ChestKey, Context, algorithm_of, open_, seal
from shounuo.vault.shapes import Erased, Place, Stored


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a value: gone, or its new chest and text; None leaves chest or text as they were."""

    gone: bool = False
    chest: str | None = None
    text: str | None = None


def stored(act: Act, person: UUID) -> dict[Place, Stored]:
    """Return a person's values as they lie in the database, each once."""
    rows = act.rows(Stored, people.values, operator=act.operator, person=person)
    return {(row.record, row.field): row for row in rows}


class Rewriting:
    """One change of one person's values, in one act that holds the person."""

    def __init__(self, act: Act, keys: Keys, index: Index, person: UUID, generation: Generation) -> None:
        self._act, self._keys, self._index = act, keys, index
        self._person, self._generation = person, generation
        self._opening: dict[str, ChestKey] = {}

    def run(self, values: Mapping[Place, Stored], changes: Mapping[Place, Change], held: int) -> Erased:
        """Carry out `changes` on `values`, which are all this person has (1)."""
        if not changes:
            return Erased(values=0, held=held, chests=(), keys=frozenset())
        sources = {values[place].chest for place in changes}
        touched = {place: value for place, value in values.items() if value.chest in sources}
        texts = {place: self._text(value) for place, value in touched.items() if not _of(changes, place).gone}
        texts |= {place: change.text for place, change in changes.items() if change.text is not None}
        chests = {place: _of(changes, place).chest or touched[place].chest for place in texts}
        gone = [place for place, change in changes.items() if change.gone]

        self._take_away(
            gone, [place for place, change in changes.items() if change.gone or change.text is not None]
        )
        self._keys.drop(self._act, self._person, sources)
        fresh = {chest: ChestKey.new() for chest in sorted(set(chests.values()) & sources)}
        self._keys.keep(self._act, self._generation, self._person, fresh)
        others = set(chests.values()) - sources
        into = fresh | (
            self._keys.chests(self._act, self._generation, self._person, others) if others else {}
        )
        self._seal(touched, texts, chests, into)
        self._find_again(touched, changes)
        return Erased(
            values=len(gone),
            held=held,
            chests=tuple(sorted(sources - set(fresh))),
            keys=self._generation.all,
        )

    def _text(self, value: Stored) -> str:
        key = self._opening.get(value.chest)
        if key is None:
            key = self._keys.unwrap(self._act, self._person, value.chest, value.wrapping_key, value.wrapped)
            self._opening[value.chest] = key
        return open_(key, value.sealed, self._place(value, value.chest)).decode()

    def _place(self, value: Stored, chest: str) -> Context:
        return Context(self._act.operator, self._person, chest, value.record, value.field, value.kind)

    def _take_away(self, gone: list[Place], unfindable: list[Place]) -> None:
        who = {"operator": self._act.operator, "person": self._person}
        if unfindable:  # (3)
            self._act.do(people.drop_tags, **who, **named(unfindable))
        if gone:
            self._act.do(people.drop_values, **who, **named(gone))
            self._act.do(
                people.drop_empty_records, **who, records=sorted({record for record, _ in gone})
            )  # (4)

    def _seal(
        self,
        touched: Mapping[Place, Stored],
        texts: Mapping[Place, str],
        chests: Mapping[Place, str],
        keys: Mapping[str, ChestKey],
    ) -> None:
        if not texts:
            return
        sealed = []
        for place, text in texts.items():
            value, chest = touched[place], chests[place]
            algorithm = algorithm_of(value.sealed)
            sealed.append(seal(algorithm, keys[chest], text.encode(), self._place(value, chest)))
        self._act.do(
            people.reseal_values,
            operator=self._act.operator,
            person=self._person,
            chests=[chests[place] for place in texts],
            sealed=sealed,
            **named(list(texts)),
        )

    def _find_again(self, touched: Mapping[Place, Stored], changes: Mapping[Place, Change]) -> None:
        anew = [
            Findable(self._person, record, field, touched[record, field].kind, change.text)
            for (record, field), change in changes.items()
            if change.text is not None and touched[record, field].findable
        ]
        self._index.put(self._act, self._generation.index, anew)


def _of(changes: Mapping[Place, Change], place: Place) -> Change:
    return changes.get(place, Change())


def named(places: Sequence[Place]) -> dict[str, list[UUID] | list[str]]:
    """Return places as the two lists that queries take."""
    return {"records": [record for record, _ in places], "fields": [field for _, field in places]}
