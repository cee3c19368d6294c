"""Consent: what a person said yes or no to, when, in which form, to which words.

1. Every answer is an event; none is ever overwritten. What stood at a past moment can be asked today.
2. A yes is for a wording. A changed wording is a new item, so an old yes does not carry over. (PIPL 14) The
   wording is the words in both languages, what is shown, and what the yes reaches: purposes, items, manner,
   recipients, periods.
3. A yes counts only if it was given in the item's form or a stronger one; a general yes is never a separate
   one. (PIPL 29)
4. The last answer to a wording is the one that stands. A withdrawal stops what comes after and undoes nothing
   before. (PIPL 15) Of two answers of one moment the no stands, then the weaker yes. A no to an item is a no to
   its earlier wordings too: should one of them come back into force, the yes it once had does not.
5. A refusal, an expiry or a suspension is a no, and nothing but a new yes turns it into a yes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shounuo.core.policy import ConsentItem, Form, Policy
from shounuo.core.reach import fingerprint, reach


class Answer(StrEnum):  # Values are stored and written to the ledger: add, never rename.
    """What a person said, or what became of it."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUSPENDED = "suspended"  # its trace was lost in a restore; ask again


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """One answer of one person to one wording of one item."""

    item: str
    wording: str
    answer: Answer
    form: Form
    at: datetime


def wording(policy: Policy, item: ConsentItem) -> str:
    """The number of an item's wording: equal for equal words, conditions and reach, else different. (2)"""
    words = [item.words.zh, item.words.en] if item.words else []
    return fingerprint(
        ["wording", item.name, item.form.value, words, sorted(item.shows), reach(policy, item)]
    )[:16]


def standing(events: Iterable[Consented], at: datetime, forms: Mapping[str, Form]) -> frozenset[str]:
    """The wordings a yes stands for at `at`. `forms` gives the form each known wording asks for."""
    last: dict[str, Consented] = {}
    for event in events:
        known = last.get(event.wording)
        if event.at <= at and (known is None or _after(event) >= _after(known)):  # (1, 4)
            last[event.wording] = event
    noes: dict[str, datetime] = {}
    for event in last.values():
        if event.answer is not Answer.GIVEN:
            noes[event.item] = max(event.at, noes.get(event.item, event.at))
    return frozenset(
        number
        for number, event in last.items()
        if event.answer is Answer.GIVEN  # (5)
        and number in forms  # (2)
        and event.form.rank >= forms[number].rank  # (3)
        and (event.item not in noes or event.at > noes[event.item])  # (4)
    )


def _after(event: Consented) -> tuple[datetime, bool, int]:
    return event.at, event.answer is not Answer.GIVEN, -event.form.rank
