"""The blind index: find people by a value without opening any, and make the index again when it was lost.

1. A value that may be searched for is written in the generation in use, and dropped from every one.
2. A search asks every generation, and answers only when at least one of them is whole; else it is
   `Unavailable`: an empty index would say "nobody" where somebody is.
3. A generation is made from the sealed values, some people at a time, each held while theirs are read;
   whoever writes meanwhile writes into it too.
4. The index is unlogged, and so is the row that says it is whole. A crash of PostgreSQL empties both, also
   in the middle of making it: the row with this run's name is gone then, and the making begins anew.
5. A value that does not open cannot be searched for: it is left out, and its person put on the list of `damage`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from shounuo.errors import NotFound, Tampered, Unavailable
from shounuo.store.act import Act
from shounuo.store.store import Store
from shounuo.vault import damage
from shounuo.vault.keys import Generation, Keys, people, sql
from shounuo.vault.seal import ChestKey, Context, open_
from shounuo.vault.tag import tag

Progress = Callable[[str, int, int], None]

BATCH = 500  # people whose values are read in one act
_TRIES = 3
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Findable:
    """One value that may be searched for: whose, where, what."""

    person: UUID
    record: UUID
    field: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search: whether a generation asked is whole, and a person if there is one."""

    whole: bool
    person: UUID | None


@dataclass(frozen=True, slots=True)
class State:
    """How far a generation of the index is, and whose making it is."""

    run: UUID
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFindable:
    """One sealed value that may be searched for, with one of the keys that open its chest."""

    person: UUID
    record: UUID
    field: str
    chest: str
    kind: str
    sealed: bytes
    wrapping_key: UUID | None
    wrapped: bytes | None


class Index:
    """The index of one vault."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def put(self, act: Act, index: UUID, values: Iterable[Findable]) -> None:
        """Put values into this generation (1). Their people are held."""
        found = list(values)
        if found:
            secret = self._keys.secret(act, index)
            act.do(
                people.put_tags,
                operator=act.operator,
                index_key=index,
                tags=[tag(secret, each.field, each.kind, each.text) for each in found],
                people=[each.person for each in found],
                records=[each.record for each in found],
                fields=[each.field for each in found],
            )

    def find(self, act: Act, field: str, kind: str, text: str) -> list[UUID]:
        """Return the people who have this value in `field` (2)."""
        for _ in range(_TRIES):  # Between reading the keys and asking, they may have been turned over.
            generation = self._keys.generation(act)
            found = self._ask(act, generation, field, kind, text)
            if found and found[0].whole:
                return [each.person for each in found if each.person is not None]
        raise Unavailable("the index is being made anew; ask again in a while")

    def _ask(self, act: Act, generation: Generation, field: str, kind: str, text: str) -> list[Found]:
        secrets = {}
        for index in generation.indexes:
            try:
                secrets[index] = self._keys.secret(act, index)
            except NotFound:
                if index == generation.index:
                    return []
        return act.rows(
            Found,
            people.find,
            operator=act.operator,
            field=field,
            tags=[tag(secret, field, kind, text) for secret in secrets.values()],
            index_keys=list(secrets),
        )

    def is_whole(self, store: Store, operator: UUID) -> bool:
        """Whether the index in use is whole."""
        with store.act(operator) as act:
            generation = self._keys.generation(act)
            state = act.row(State, sql.index_state, operator=operator, index_key=generation.index)
        return state is not None and state.whole

    def make(
        self, store: Store, operator: UUID, at: datetime, progress: Progress, batch: int = BATCH
    ) -> None:
        """Make the generation in use whole (3, 4, 5)."""
        while not self._make_once(store, operator, at, progress, batch):
            progress("index begun anew", 0, 0)

    def _make_once(self, store: Store, operator: UUID, at: datetime, progress: Progress, batch: int) -> bool:
        with store.act(operator) as act:
            index = self._keys.generation(act).index
            act.do(sql.mark_index, operator=operator, index_key=index, run=uuid4(), whole=False)
            state = act.row(State, sql.index_state, operator=operator, index_key=index)
        if state is None:
            return False
        if state.whole:
            return True
        done, after = 0, _FIRST
        some = partial(self._make_some, index=index, at=at, batch=batch)
        while found := store.retry(operator, partial(some, after=after)):
            done, after = done + len(found), found[-1]
            progress("index", done, 0)
        with store.act(operator) as act:
            return act.do(sql.index_is_whole, operator=operator, index_key=index, run=state.run) == 1

    def _make_some(self, act: Act, index: UUID, after: UUID, at: datetime, batch: int) -> list[UUID]:
        """Put the values of the next people into the index; return who they were."""
        some = act.rows(UUID, people.people_with_findable, operator=act.operator, after=after, most=batch)
        if some:
            act.rows(UUID, people.hold_people, operator=act.operator, people=some)
            rows = act.rows(StoredFindable, people.values_of, operator=act.operator, people=some)
            self.put(act, index, self._opened(act, rows, at))
        return some

    def _opened(self, act: Act, rows: Iterable[StoredFindable], at: datetime) -> list[Findable]:
        keys: dict[tuple[UUID, str], ChestKey] = {}
        opened: dict[tuple[UUID, UUID, str], Findable] = {}
        damaged: set[UUID] = set()
        for row in rows:
            try:
                text = self._text(act, row, keys)
            except Tampered:  # (5)
                damaged.add(row.person)
                continue
            opened[row.person, row.record, row.field] = Findable(
                row.person, row.record, row.field, row.kind, text
            )
        for person in sorted(damaged):
            damage.note(act, self._keys, person, "index", at)
        return list(opened.values())

    def _text(self, act: Act, row: StoredFindable, keys: dict[tuple[UUID, str], ChestKey]) -> str:
        chest = row.person, row.chest
        if chest not in keys:
            keys[chest] = self._keys.unwrap(act, row.person, row.chest, row.wrapping_key, row.wrapped)
        place = Context(act.operator, row.person, row.chest, row.record, row.field, row.kind)
        return open_(keys[chest], row.sealed, place).decode()
