"""Queries by name, from text."""

import pytest

from shounuo.store.queries import load, parse

GOOD = """
-- name: put_value
-- Keeps one value.
insert into shounuo.value (operator, field) values (%(operator)s, %(field)s);

-- name: like_value
-- Finds by the beginning; the sign for "anything" is doubled.
-- A second comment is part of the statement.
select field from shounuo.value where operator = %(operator)s and field like 'a%%'
"""


def test_queries_are_found_by_name_with_purpose_and_parameters():
    """A file becomes attributes that know what they are for and what they ask for."""
    sql = parse("f", GOOD)
    assert dir(sql) == ["like_value", "put_value"]
    assert sql.put_value.purpose == "Keeps one value."
    assert sql.put_value.parameters == {"operator", "field"}
    assert sql.put_value.text.endswith(b"%(field)s)")
    assert sql.like_value.parameters == {"operator"}
    assert b"second comment" in sql.like_value.text


def test_a_name_that_is_not_there_is_an_attribute_error_with_the_file():
    """A typing error says which file lacks what."""
    with pytest.raises(AttributeError, match=r"f has no query named `put_valu`"):
        _ = parse("f", GOOD).put_valu


@pytest.mark.parametrize(
    "text",
    [
        "select 1\n" + GOOD,
        "-- a file header\n" + GOOD,
        GOOD + GOOD,
        "-- name: a\nselect 1",
        "-- name: a\n-- Purpose.\n",
        "-- name: a\n",
        "-- name: A-b\n-- Purpose.\nselect 1",
        "-- name: a\n-- Purpose.\nselect %s",
        "-- name: a\n-- Purpose.\nselect %(x)d",
        "-- name: a\n-- Purpose.\nselect %(X)s",
        "-- name: a\n-- Purpose.\nselect 'a%'",
    ],
)
def test_a_file_that_is_not_in_order_is_refused(text):
    """Text outside a block, a double name, no purpose, no statement, another kind of parameter: refused."""
    with pytest.raises(ValueError, match=r"^f: "):
        parse("f", text)


def test_a_call_brings_exactly_the_parameters():
    """Too few and too many are both the programmer's fault, and named."""
    query = parse("f", GOOD).put_value
    assert query.bind({"operator": 1, "field": 2}) == {"operator": 1, "field": 2}
    with pytest.raises(TypeError, match=r"differ in: field, person"):
        query.bind({"operator": 1, "person": 2})


def test_the_store_s_own_file_loads():
    """`load` reads a file beside a package."""
    assert "put_operator" in dir(load("shounuo.store", "sql/foundation.sql"))
