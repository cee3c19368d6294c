"""Rows into shapes."""

from dataclasses import dataclass, field

import pytest

from shounuo.store.shapes import reader


@dataclass(frozen=True)
class Pair:
    """Two columns."""

    left: int
    right: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """Two columns, given by name only; a third thing is worked out."""

    left: int
    right: str
    both: str = field(init=False, default="x")


@pytest.mark.parametrize("shape", [Pair, Named])
@pytest.mark.parametrize(("columns", "row"), [(("left", "right"), (1, "a")), (("right", "left"), ("a", 1))])
def test_columns_go_to_the_fields_of_their_name(shape, columns, row):
    """The order of the columns does not matter."""
    assert reader(shape, columns)(row) == shape(left=1, right="a")


def test_one_column_may_be_read_as_a_plain_type():
    """`int` and the like take the only column."""
    assert reader(int, ("count",))((7,)) == 7


@pytest.mark.parametrize(
    ("shape", "columns"),
    [
        (Pair, ("left",)),
        (Pair, ("left", "right", "more")),
        (Pair, ("left", "right", "left")),
        (int, ("a", "b")),
    ],
)
def test_a_shape_and_a_query_that_differ_are_refused(shape, columns):
    """A column more or less is found at the first row, not when someone looks for it."""
    with pytest.raises(TypeError, match=f"`{shape.__name__}`"):
        reader(shape, columns)
