"""What is known of very many people, by groups of whom just the same is known.

1. The database puts people into groups; here each group is looked at once, by the rules `decide` has for one person.
2. Whoever is barred by age or has something locked is told one by one: that depends on a sealed birthday, or on a lock.
3. Messages are not asked of many at once, so what people said against messages is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shounuo.core.consent import Answer, Consented
from shounuo.core.policy import Form
from shounuo.core.rulebook import Rulebook
from shounuo.duties import decide
from shounuo.duties.decide import Known
from shounuo.duties.parts import Parts
from shounuo.store.act import Act
from shounuo.store.queries import load

FIRST, AT_ONCE = UUID(int=0), 100_000  # people a statement looks at

_sql = load("shounuo.duties", "sql/roll.sql")
_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Group:
    closed: bool
    frozen: bool
    verified: bool
    odd: bool
    scenes: list[str]
    shown: list[str]
    acknowledged: list[str]
    answers: list[str]
    people: bytes


def roll(
    parts: Parts, act: Act, book: Rulebook, at: datetime, *, chosen: bytes | None = None, after: UUID = FIRST
) -> Iterator[tuple[Known, bytes]]:
    """What is known under `book`, and the ids (16 bytes each) of whom it is known.

    Of the people `chosen` (their ids, 16 bytes each, at most `AT_ONCE`), or of the next `AT_ONCE` after `after`. Who does not
    exist is not told of.
    """
    groups = act.rows(
        _Group,
        _sql.roll,
        operator=act.operator,
        chosen=chosen,
        after=after,
        most=AT_ONCE,
        states=sorted(book.states),
        notices=sorted(book.notices),
    )
    for group in groups:
        if not group.odd:
            yield _known(parts, book, group), group.people
            continue
        for place in range(0, len(group.people), 16):  # (2)
            person = group.people[place : place + 16]
            known = decide.known_of(parts, act, book, UUID(bytes=person), at)
            if known is not None:
                yield known, person


def _known(parts: Parts, book: Rulebook, group: _Group) -> Known:
    """What is known of every member of a group. (1)"""
    events = [_event(*line.split(" ")) for line in group.answers]
    moment = max((event.at for event in events), default=_SOMETIME)
    standing = parts.controls.standing(events, moment, dict(book.forms))
    verified = ["verified-identity"] if group.verified else []
    return Known(
        version=book.number,
        until=None,
        closed=group.closed,
        frozen=group.frozen,
        consents=book.fold(standing),
        states=book.states.intersection([*group.scenes, *verified]),
        shown=book.notices.intersection(group.shown),
        acknowledged=book.notices.intersection(group.acknowledged),
        held=frozenset(),
        hold_opens=frozenset(),
        no_more=frozenset(),  # (3)
        barred=None,
    )


def _event(rank: str, item: str, wording: str, answer: str, form: str) -> Consented:
    return Consented(
        item=item,
        wording=wording,
        answer=Answer(answer),
        form=Form(form),
        at=_SOMETIME + timedelta(seconds=int(rank)),
    )
