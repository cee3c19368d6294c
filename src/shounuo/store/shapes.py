"""Read rows into the shapes callers ask for.

A shape is a dataclass whose fields are the columns of the query, in any order, no more and no fewer; or,
for a query of one column, the plain type of that column. A query and a shape that do not fit are our own
fault: `TypeError`.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from operator import itemgetter
from typing import Any, TypeVar

T = TypeVar("T")


def reader(shape: type[T], columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], T]:
    """Return what makes a `shape` of one row with these columns."""
    if not is_dataclass(shape):
        if len(columns) != 1:
            raise TypeError(f"`{shape.__name__}` holds one column, the query has {len(columns)}")
        return itemgetter(0)
    wanted = [field for field in fields(shape) if field.init]
    names = tuple(field.name for field in wanted)
    if sorted(names) != sorted(columns):
        odd = ", ".join(sorted(set(names) ^ set(columns))) or "a column that is there twice"
        raise TypeError(f"`{shape.__name__}` and the query differ in: {odd}")
    if names == columns and not any(field.kw_only for field in wanted):
        return lambda row: shape(*row)
    return lambda row: shape(**dict(zip(columns, row, strict=True)))
