"""What people ask, from arrival to answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from bench.measure import Pair, bench, must_agree, through

if TYPE_CHECKING:
    from bench.stage import Someone, Stage

_KIND = "access"


@bench(
    "requests.access",
    beside="the same values read plainly and four plain rows written, a commit each",
    unit="requests/s",
    means="an access request end to end (taken in, verified, carried out, fetched): four commits at least",
)
def access(stage: "Stage") -> Iterator[Pair]:
    """Take in, verify, carry out and fetch an access request of a person with twelve values."""
    from bench.stage import FIELDS, GET_VALUES, PUT_ENTRY
    from bench.vault import entry_row
    from shounuo.duties import answer

    parts, operator, plain = stage.parts, stage.operator, stage.plain
    channel = sorted(stage.parts.controls.channels(stage.book.policy, _KIND))[0]

    def ours(someone: "Someone") -> list[dict[str, str]]:
        asked: UUID = answer.take_in(parts, operator, _KIND, channel, person=someone.id).request
        answer.verify(parts, operator, asked, "signed-in")
        answer.carry_out(parts, operator, asked)
        return answer.fetch(parts, operator, asked)

    def theirs(someone: "Someone") -> list[dict[str, str]]:
        for _ in range(4):
            plain.execute(PUT_ENTRY, entry_row(stage, someone.id))
        rows = plain.execute(GET_VALUES, (operator, someone.id)).fetchall()
        return [{"record": str(row[0]), "item": row[1], "value": row[4].decode()} for row in rows]

    people = stage.readers
    found, plainly = ours(people[0]), theirs(people[0])
    must_agree(sorted(found, key=_item), sorted(plainly, key=_item))
    must_agree(len(found), FIELDS)
    yield Pair(through(people, ours), through(people, theirs))


def _item(row: dict[str, str]) -> str:
    return row["item"]
