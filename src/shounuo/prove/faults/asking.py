"""Yes and no are misread, and what people are told is not what they should be told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shounuo.core import consent
from shounuo.core.consent import Answer, Consented
from shounuo.core.notice import Notice
from shounuo.core.policy import Form, Refusal, Stop
from shounuo.core.rulebook import Rulebook
from shounuo.duties.parts import Parts, Policies
from shounuo.prove.faults.fault import Bend, Fault, acts, control, otherwise
from shounuo.store.act import Act

Forms = dict[str, Form]


def _withdrawal_ignored(events: Iterable[Consented], at: datetime, forms: Forms) -> frozenset[str]:
    return consent.standing(
        [one for one in events if one.answer is not Answer.WITHDRAWN], at, forms
    ) | consent.standing(
        [
            replace(one, answer=Answer.GIVEN, form=Form.GUARDIAN)
            for one in events
            if one.answer is Answer.WITHDRAWN
        ],
        at,
        forms,
    )


def _refusal_taken_for_yes(events: Iterable[Consented], at: datetime, forms: Forms) -> frozenset[str]:
    said = [
        replace(one, answer=Answer.GIVEN, form=Form.GUARDIAN) if one.answer is Answer.REFUSED else one
        for one in events
    ]
    return consent.standing(said, at, forms)


def _general_taken_for_separate(events: Iterable[Consented], at: datetime, forms: Forms) -> frozenset[str]:
    return consent.standing(events, at, dict.fromkeys(forms, Form.GENERAL))


def _only_the_last(events: Iterable[Consented], at: datetime, forms: Forms) -> frozenset[str]:
    return consent.standing(events, datetime.max.replace(tzinfo=UTC), forms)


def _old_yes(parts: Parts) -> Parts:
    """A yes is known by the name of its item, whatever words it was given to."""
    newest: dict[str, str] = {}

    class Noting(Policies):
        """The policies in force, and the wordings of the last one asked for."""

        def in_force(self, act: Act, at: datetime) -> Rulebook | None:
            book = parts.policies.in_force(act, at)
            if book is not None:
                newest.update(book.wordings)
            return book

        def version(self, act: Act, number: int) -> Rulebook | None:
            return parts.policies.version(act, number)

    def standing(events: Iterable[Consented], at: datetime, forms: Forms) -> frozenset[str]:
        return consent.standing(
            [replace(one, wording=newest.get(one.item, one.wording)) for one in events], at, forms
        )

    return replace(parts, policies=Noting(), controls=replace(parts.controls, standing=standing))


def _said_on_one_channel(stop: Stop, channel: str | None) -> tuple[str, ...]:
    """Only the channel it was said on falls silent; of a switch none but the first."""
    return tuple(one for one in stop.stops if one == stop.on) or (
        (stop.stops[0],) if stop.on else ("in-site",)
    )


def _without_an_item(book: Rulebook, path: str, language: str) -> Notice | None:
    """A screen that leaves out the last kind of information and the purpose it should name."""
    found = Rulebook.notice(book, path, language)
    return (
        None
        if found is None
        else replace(found, lines=tuple(line for line in found.lines[:1]) + _costs(book, path, found))
    )


def _costs(book: Rulebook, path: str, notice: Notice) -> tuple[str, ...]:
    refusal = getattr(book.entry(path), "refusal", None)
    return notice.lines[-1:] if isinstance(refusal, Refusal) and len(notice.lines) > 1 else ()


def _without_the_cost(book: Rulebook, path: str, language: str) -> Notice | None:
    """A screen that does not say what a no costs."""
    found = Rulebook.notice(book, path, language)
    if found is None or not _costs(book, path, found):
        return found
    return replace(found, lines=found.lines[:-1])


def _wordless(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "screen": {**values["screen"], "lines": []}}


def _without_turning(values: dict[str, Any]) -> dict[str, Any]:
    told = values["told"]
    return (
        values
        if told is None
        else {**values, "told": {name: one for name, one in told.items() if name != "tells"}}
    )


WITHDRAWAL = Fault(
    "withdrawal-ignored", "a yes that was taken back still counts", control(standing=_withdrawal_ignored)
)
REFUSAL = Fault(
    "refusal-taken-for-yes", "a stored no counts as a yes", control(standing=_refusal_taken_for_yes)
)
SEPARATE = Fault(
    "general-yes-for-separate",
    "a yes given together with others counts as one given apart",
    control(standing=_general_taken_for_separate),
)
HISTORY = Fault(
    "history-overwritten",
    "asked what stood at a past moment, today's answer is given",
    control(standing=_only_the_last),
)
OLD_YES = Fault("old-yes-carries-over", "a yes to other words counts for the new ones", otherwise(_old_yes))
TICKED = Fault(
    "ticked-box-counts",
    "a control that was set beforehand counts as a choice",
    control(unset=lambda states: True),
)
CHANNEL = Fault(
    "other-channels-go-on",
    "a stop silences the channel it came by and none of the others named",
    control(silenced=_said_on_one_channel),
)
ITEM = Fault(
    "notice-lacks-items", "the screen leaves out what is taken and why", control(notice=_without_an_item)
)
COST = Fault("cost-untold", "the screen does not say what a no closes", control(notice=_without_the_cost))
WORDS = Fault(
    "words-not-kept", "of what was shown the words are not kept", acts(Bend(given={"put_shown": _wordless}))
)
COURT = Fault(
    "remedy-untold",
    "a reply does not say where else to turn",
    acts(Bend(given={"set_request": _without_turning})),
)

FAULTS: Sequence[Fault] = (
    WITHDRAWAL,
    REFUSAL,
    SEPARATE,
    HISTORY,
    OLD_YES,
    TICKED,
    CHANNEL,
    ITEM,
    COST,
    WORDS,
    COURT,
)
