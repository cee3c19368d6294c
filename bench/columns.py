"""The gate over tables: ten million uses of a million people (in full size), people given in three ways, and people read anew."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench.measure import Absent, Pair, bench, must_agree, repeat
from bench.stage import PURPOSE
from shounuo.core.decision import Intent
from shounuo.duties.decide import decide_in

if TYPE_CHECKING:
    from bench.stage import Stage

ROWS_EACH, PEOPLE_EACH = 10, 500  # rows a person has; people for each of the stage's
OTHERS = ("security-monitoring", "faster-help", "nothing-of-ours")

_FILL = """
insert into shounuo.person (operator, person, created_at)
    select %(operator)s, md5(n::text)::uuid, now() from generate_series(1, %(people)s) n;
insert into shounuo.shown (operator, person, shown, entry, hash, language, version, screen, acknowledged, at)
    select %(operator)s, md5(n::text)::uuid, md5('s' || n || hash)::uuid, 'scene', hash, 'zh-CN', 1, '{}', true, now()
    from generate_series(1, %(people)s) n, unnest(%(hashes)s::text[]) hash where n %% 4 > 0;
insert into shounuo.consent (operator, person, event, item, wording, answer, form, given_by, at)
    select %(operator)s, md5(n::text)::uuid, md5('e' || n || wording)::uuid, item, wording,
        case when n %% 8 = 1 then 'withdrawn' else 'given' end, form, 'person', now()
    from generate_series(1, %(people)s) n, unnest(%(items)s::text[], %(wordings)s::text[], %(forms)s::text[]) as of (item, wording, form)
    where n %% 2 = 1;
"""


class Crowd:
    """The people, a gate, and tables of their uses."""

    def __init__(self, stage: "Stage") -> None:
        try:
            import numpy as np
            import pyarrow as pa
        except ImportError:
            raise Absent("pyarrow is not installed: `uv run --extra columns python -m bench`") from None
        from shounuo.gate import Gate

        self.np, self.pa = np, pa
        self.people = stage.size.people * PEOPLE_EACH
        rule = stage.book.purposes[PURPOSE]
        asked = list(rule.asks)
        wordings = [stage.book.wordings[name] for name in asked]
        known = {
            "operator": stage.crowded,
            "people": self.people,
            "hashes": sorted(rule.shown)[:1],
            "items": asked,
            "wordings": wordings,
            "forms": [stage.book.forms[one].value for one in wordings],
        }
        if not stage.plain.execute("select 1 from shounuo.person where person = md5('1')::uuid").fetchone():
            for statement in _FILL.split(";\n")[:-1]:
                stage.plain.execute(statement, known)
            for table in ("person", "shown", "consent", "record"):
                stage.plain.execute(f"analyze shounuo.{table}")
        self.gate = Gate(stage.parts, stage.crowded)
        chance = np.random.default_rng(7)
        found = stage.plain.execute(
            "select string_agg(uuid_send(md5(n::text)::uuid), ''::bytea order by n) from generate_series(1, %s) n",
            [self.people],
        ).fetchone()
        assert found is not None
        self.raw = np.frombuffer(found[0], np.uint8).reshape(-1, 16)
        self.rows = self.people * ROWS_EACH
        self.picked = chance.integers(0, self.people, self.rows, np.int32)
        self.named = chance.integers(0, 1 + len(OTHERS), self.rows, np.int8)

    @cached_property
    def ids(self) -> Any:
        """The ids of all people."""
        return self._binary(self.raw)

    def _binary(self, raw: Any) -> Any:
        return self.pa.FixedSizeBinaryArray.from_buffers(
            self.pa.binary(16), len(raw), [None, self.pa.py_buffer(raw.tobytes())]
        )

    def uses(self, way: str) -> Any:
        """The table, its people given in one way."""
        pa = self.pa
        people = {
            "dictionary": lambda: pa.DictionaryArray.from_arrays(pa.array(self.picked), self.ids),
            "handles": lambda: self.gate.handles(self.ids).take(pa.array(self.picked)),
            "ids": lambda: self._binary(self.raw[self.picked]),
        }[way]()
        purposes = pa.DictionaryArray.from_arrays(pa.array(self.named), pa.array([PURPOSE, *OTHERS]))
        return pa.table({"person": people, "purpose": purposes})

    def expected(self, answer: Any) -> Any:
        """The codes a table of answers by person and purpose would give, made from the first rows of each pair."""
        return answer.column("reason").combine_chunks().indices.to_numpy()


def _decided(stage: "Stage", way: str) -> Iterator[Pair]:
    crowd = Crowd(stage)
    np = crowd.np
    try:
        table = crowd.uses(way)
        answer = crowd.gate.table(table)
        codes = crowd.expected(answer)
        matrix = np.full((1 + len(OTHERS), crowd.people), -1, np.int8)
        matrix[crowd.named, crowd.picked] = codes
        must_agree(bool((matrix[crowd.named, crowd.picked] == codes).all()), True)
        some = crowd.pa.table({"person": crowd.ids.slice(0, 16), "purpose": crowd.pa.array([PURPOSE] * 16)})
        with stage.parts.store.act(stage.crowded) as act:
            people = [UUID(bytes=bytes(one)) for one in crowd.raw[:16]]
            found = [decide_in(stage.parts, act, one, Intent(purpose=PURPOSE))[1] for one in people]
        one_by_one = [one.reason.value for one in found]
        must_agree(crowd.gate.table(some).column("reason").to_pylist(), one_by_one)
        must_agree(len(set(one_by_one)) > 1, True)

        def least() -> Any:
            return matrix[crowd.named, crowd.picked] == 0

        def join() -> Any:
            import pyarrow.compute as pc

            return pc.index_in(table.column("person"), value_set=crowd.ids)

        yield Pair(
            repeat(lambda: crowd.gate.table(table)), repeat(join if way == "ids" else least), each=crowd.rows
        )
    finally:
        crowd.gate.close()


@bench(
    "columns.dictionary",
    beside="one look-up in a bare array of answers by person and purpose",
    unit="decisions/s",
    means="people as an Arrow dictionary: share of what the look-up alone would give",
)
def by_dictionary(stage: "Stage") -> Iterator[Pair]:
    """A table whose people are a dictionary of ids."""
    yield from _decided(stage, "dictionary")


@bench(
    "columns.handles",
    beside="one look-up in a bare array of answers by person and purpose",
    unit="decisions/s",
    means="people as handles of the gate: share of what the look-up alone would give",
)
def by_handles(stage: "Stage") -> Iterator[Pair]:
    """A table whose people are handles."""
    yield from _decided(stage, "handles")


@bench(
    "columns.ids",
    beside="the bare join of these ids with all people, by pyarrow",
    unit="decisions/s",
    means="people as raw ids: decisions beside a join that decides nothing yet",
)
def by_ids(stage: "Stage") -> Iterator[Pair]:
    """A table of raw ids."""
    yield from _decided(stage, "ids")


@bench(
    "columns.read",
    beside="the same rows grouped by person, plainly",
    unit="people/s",
    means="reading what is known of people nothing is kept of, beside one pass of the database over their rows",
)
def read_anew(stage: "Stage") -> Iterator[Pair]:
    """Everybody read anew, in bulk."""
    from shounuo.duties.changes import EVERYBODY

    crowd = Crowd(stage)
    try:
        table = crowd.pa.table({"person": crowd.ids, "purpose": crowd.pa.array([PURPOSE] * crowd.people)})
        first = crowd.gate.table(table).column("allowed").to_pylist()
        must_agree(sum(first) > 0, True)

        def ours() -> Any:
            crowd.gate._roster.hear(EVERYBODY)
            return crowd.gate.table(table)

        def theirs() -> Any:
            return stage.plain.execute(
                "select count(*), sum(n) from (select p.person, count(c.event) as n from shounuo.person p "
                "left join shounuo.consent c using (operator, person) left join shounuo.shown s using (operator, person) "
                "where p.operator = %s group by p.person) of_each",
                [stage.crowded],
            ).fetchall()

        yield Pair(repeat(ours), repeat(theirs), each=crowd.people)
    finally:
        crowd.gate.close()
