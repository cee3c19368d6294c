"""One act: what is kept, what is undone, what comes back."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import partial
from uuid import UUID, uuid4

import pytest

from shounuo.errors import Invalid
from shounuo.store.faults import Contended, Dangling, Duplicate
from shounuo.store.queries import load, parse

AT = datetime(2026, 3, 1, 4, 5, 6, 7, tzinfo=UTC)
SQL = load("shounuo.store", "sql/foundation.sql")
MORE = parse(
    "test",
    """
-- name: labels
-- Lists the labels of the operator's keys.
select label from shounuo.access_key where operator = %(operator)s order by label

-- name: lock
-- Locks one key's row, in the order given.
select label from shounuo.access_key where operator = %(operator)s and label = %(label)s for update

-- name: echo
-- Gives back one value of each kind.
select %(a)s::jsonb as a, %(b)s::text[] as b, %(c)s::text as c, %(d)s::timestamptz as d, %(e)s::bytea as e,
    %(f)s::uuid as f, %(g)s::integer as g

-- name: nothing
-- Finds no row and has no column.
select from shounuo.access_key where operator = %(operator)s and false
""",
)


class Word(StrEnum):
    """A stored word."""

    YES = "yes indeed"


@dataclass(frozen=True, slots=True)
class Echo:
    """One value of each kind."""

    a: dict
    b: list
    c: str
    d: datetime
    e: bytes
    f: UUID
    g: int | None


def key(operator, label, key_hash=None):
    """The values of a key."""
    key_hash = key_hash or uuid4().bytes * 2
    return {"operator": operator, "key_hash": key_hash, "scopes": ["a"], "label": label, "at": AT}


def labels(store, operator):
    """What is kept."""
    with store.act(operator) as act:
        return act.rows(str, MORE.labels, operator=operator)


def test_an_act_is_kept_when_its_block_is_left(store, operator):
    """It commits once, with all it wrote."""
    with store.act(operator) as act:
        assert act.do(SQL.put_access_key, **key(operator, "one")) == 1
        assert act.many(SQL.put_access_key, [key(operator, "two"), key(operator, "three")]) == 2
        assert act.many(SQL.put_access_key, []) == 0
    assert labels(store, operator) == ["one", "three", "two"]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_an_act_that_raises_leaves_nothing(store, operator, problem):
    """Whatever is raised, all of the act is undone and the same error comes out."""
    with pytest.raises(problem), store.act(operator) as act:
        act.do(SQL.put_access_key, **key(operator, "one"))
        raise problem
    assert labels(store, operator) == []


def test_values_come_back_as_they_went_in(store, operator):
    """Objects, lists, words, moments, bytes, ids and nothing: each keeps its kind, moments in UTC."""
    at = datetime(2026, 3, 1, 20, 5, 6, 7, tzinfo=timezone(timedelta(hours=8)))
    given = {
        "a": {"甲": [1, None]},
        "b": ["x", "y,}"],
        "c": Word.YES,
        "d": at,
        "e": b"\0\xff",
        "f": operator,
        "g": None,
    }
    with store.act(operator) as act:
        back = act.row(Echo, MORE.echo, **given)
    assert back == Echo(**given)
    assert back.d.utcoffset() == timedelta(0)


def test_a_statement_that_failed_spoils_the_act_even_when_swallowed(store, operator):
    """The database undoes the act then; to go on as if it were kept would be a lie."""
    with pytest.raises(Duplicate), store.act(operator) as act:
        act.do(SQL.put_access_key, **key(operator, "one", b"k" * 32))
        with pytest.raises(Duplicate):
            act.do(SQL.put_access_key, **key(operator, "two", b"k" * 32))
    assert labels(store, operator) == []


def test_an_attempt_fails_alone(store, operator):
    """What failed within `attempt` is undone, what came before and after is kept."""
    ran = []
    with store.act(operator) as act:
        act.do(SQL.put_access_key, **key(operator, "one", b"k" * 32))
        with pytest.raises(Duplicate), act.attempt():
            act.after_commit(lambda: ran.append("lost"))
            act.do(SQL.put_access_key, **key(operator, "two"))
            with act.attempt():
                act.do(SQL.put_access_key, **key(operator, "three", b"k" * 32))
        with act.attempt():
            act.after_commit(lambda: ran.append("kept"))
            act.do(SQL.put_access_key, **key(operator, "four"))
    assert labels(store, operator) == ["four", "one"]
    assert ran == ["kept"]


def test_what_belongs_to_nothing_is_dangling(store):
    """A foreign key's complaint is one that can be caught."""
    stranger = uuid4()
    with pytest.raises(Dangling) as caught, store.act(stranger) as act:
        act.do(SQL.put_access_key, **key(stranger, "one"))
    assert caught.value.constraint == "access_key_operator_fkey"


def test_one_row_means_one(store, operator):
    """No row is None; two are the programmer's fault; no columns are too."""
    with store.act(operator) as act:
        assert act.row(str, MORE.labels, operator=operator) is None
        act.many(SQL.put_access_key, [key(operator, "one"), key(operator, "two")])
        with pytest.raises(LookupError, match="`labels` found 2"):
            act.row(str, MORE.labels, operator=operator)
        with pytest.raises(TypeError, match="one column"):
            act.rows(str, MORE.nothing, operator=operator)
        with pytest.raises(TypeError, match="returns no rows"):
            act.rows(str, SQL.drop_answered, operator=operator, before=AT)
        with pytest.raises(TypeError, match="differ in: before"):
            act.do(SQL.drop_answered, operator=operator)


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
def test_text_that_cannot_be_kept_is_invalid(store, operator, text):
    """It came from a caller, so the caller is told, without the text."""
    with pytest.raises(Invalid) as caught, store.act(operator) as act:
        act.do(SQL.put_access_key, **key(operator, text))
    assert "a" + text[1] not in str(caught.value)


def test_what_waits_for_the_commit_runs_after_it_in_order(store, operator):
    """It sees what was kept, may use the store itself, and runs before the caller goes on."""
    seen = []
    with store.act(operator) as act:
        act.after_commit(lambda: seen.append(labels(store, operator)))
        act.after_commit(lambda: seen.append("second"))
        act.do(SQL.put_access_key, **key(operator, "one"))
        assert seen == []
    assert seen == [["one"], "second"]


def test_nothing_waits_for_a_commit_that_does_not_come(store, operator):
    """An act undone takes its promises with it."""
    seen = []
    with pytest.raises(ValueError, match="no"), store.act(operator) as act:
        act.after_commit(lambda: seen.append(1))
        raise ValueError("no")
    assert seen == []


def test_a_failure_after_the_commit_reaches_the_caller_once_the_rest_has_run(store, operator):
    """The act is kept, all that waited has run, and the caller is not answered as if nothing were wrong."""
    seen = []

    def fail():
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"), store.act(operator) as act:
        act.do(SQL.put_access_key, **key(operator, "one"))
        act.after_commit(fail)
        act.after_commit(lambda: seen.append(1))
    assert (seen, labels(store, operator)) == ([1], ["one"])


def test_an_act_is_run_again_while_another_goes_first(store, operator):
    """`retry` starts from the beginning and its promises are those of the try that was kept."""
    tries, seen = [], []

    def work(act):
        tries.append(1)
        act.do(SQL.put_access_key, **key(operator, f"try {len(tries)}"))
        act.after_commit(partial(seen.append, len(tries)))
        if len(tries) < 3:
            raise Contended("another went first")
        return "done"

    assert store.retry(operator, work) == "done"
    assert (labels(store, operator), seen) == (["try 3"], [3])


def test_an_act_is_run_again_a_bounded_number_of_times(store, operator):
    """At last the caller is told; and an error of another kind is never tried again."""
    tries = []

    def contended(act):
        tries.append(1)
        raise Contended("always")

    with pytest.raises(Contended, match="always"):
        store.retry(operator, contended, tries_max=3)
    assert len(tries) == 3
    with pytest.raises(ZeroDivisionError):
        store.retry(operator, lambda act: tries.append(1) or 1 / 0)
    assert len(tries) == 4


def test_a_contended_promise_does_not_repeat_the_act(store, operator):
    """After the commit nothing is run again, whatever is raised."""
    tries = []

    def work(act):
        tries.append(1)
        act.after_commit(lambda: (_ for _ in ()).throw(Contended("later")))

    with pytest.raises(Contended, match="later"):
        store.retry(operator, work)
    assert tries == [1]


def test_two_acts_that_lock_each_other_both_come_through(store, operator):
    """A deadlock is broken by the database; the loser runs again."""
    with store.act(operator) as act:
        act.many(SQL.put_access_key, [key(operator, "a"), key(operator, "b")])
    meet = threading.Barrier(2)
    runs = []

    def work(order):
        def both(act):
            runs.append(order)
            act.row(str, MORE.lock, operator=operator, label=order[0])
            if len(runs) <= 2:
                meet.wait(10)
            act.row(str, MORE.lock, operator=operator, label=order[1])

        store.retry(operator, both)

    threads = [threading.Thread(target=work, args=(order,)) for order in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(runs) == 3
