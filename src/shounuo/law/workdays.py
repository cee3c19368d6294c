"""The State Council's holiday notices as data, and the calendar they make.

1. `workdays.yaml` beside this module holds one block a year, with the notice's number and date. What is not
   in it is not known: nothing is guessed from earlier years.
2. A file is read whole or not at all: an unknown or repeated field, a day that does not exist, is no
   exception or is named twice, a year that stands twice, is refused, and the message says which.
3. A day is written `MM-DD`; one of the December before, which a notice may also name, in full.
"""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import yaml

from shounuo.core.calendar import Calendar, Year
from shounuo.errors import Misconfigured


class _Festival(msgspec.Struct, forbid_unknown_fields=True):
    rest: list[str] = []
    work: list[str] = []


class _Notice(msgspec.Struct, forbid_unknown_fields=True):
    year: int
    number: str
    issued: date
    at: str
    text_seen: bool
    number_seen: bool
    days: dict[str, _Festival]


class _Loader(yaml.CBaseLoader):
    """Every scalar stays text, and a key stands once. (2)"""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise ValueError(f"a field stands twice in line {node.start_mark.line + 1} and below")
        return mapping


@cache
def calendar() -> Calendar:
    """The calendar made of the notices that ship with this version. (1)"""
    return read(resources.files("shounuo.law").joinpath("workdays.yaml").read_text("utf-8"))


def read(text: str) -> Calendar:
    """The calendar made of a file in the form of `workdays.yaml`. Raises Misconfigured with the fault. (2)"""
    try:
        blocks = yaml.load(text, _Loader)  # noqa: S506 - made of the base loader, which builds text only
        notices = msgspec.convert(blocks, list[_Notice], strict=False)
        return Calendar(tuple(_year(notice) for notice in notices))
    except (ValueError, yaml.YAMLError) as error:
        raise Misconfigured(f"the working-day file cannot be read: {error}") from error


def _year(notice: _Notice) -> Year:
    return Year(
        year=notice.year,
        notice=notice.number,
        issued=notice.issued,
        holidays_on_weekdays=_days(
            notice, [day for festival in notice.days.values() for day in festival.rest]
        ),
        weekend_workdays=_days(notice, [day for festival in notice.days.values() for day in festival.work]),
    )


def _days(notice: _Notice, written: list[str]) -> frozenset[date]:
    days = frozenset(_day(notice.year, text) for text in written)
    if len(days) != len(written):  # (2)
        raise ValueError(f"the notice for {notice.year} names a day twice")
    return days


def _day(year: int, text: str) -> date:
    try:
        return date.fromisoformat(text if len(text) > len("12-31") else f"{year:04}-{text}")  # (3)
    except ValueError:
        raise ValueError(f"the notice for {year} names `{text}`, which is no day: write `10-01`") from None
