"""People: taking them in, showing notices, keeping their answers."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime

from shounuo.duties import agree, people
from shounuo.duties.agree import Screen
from shounuo.web.callers import Officer, Once, Product, do_once
from shounuo.web.routes.shapes import ConsentAnswer, NewPerson, NoMore, ShownScreen, Withdrawal

router = APIRouter(tags=["people and consent"])


@router.post("/v1/people", status_code=201)
def register_person(body: NewPerson, caller: Product, call: Once) -> dict[str, Any]:
    """Take a person in; a user id that is known already answers with the same person."""

    def do() -> dict[str, Any]:
        found = people.register(caller.parts, caller.operator, body.user_id, body.birth)
        return {"person": found.person}

    return do_once(caller, call, do, lambda person: {"person": person})


@router.get("/v1/notices/{entry}")
def read_notice(entry: str, caller: Product, language: str = "zh-CN") -> dict[str, Any]:
    """The notice of an entry such as `consent.sensitive`, in the words in force."""
    version, found = agree.notice(
        caller.parts, caller.operator, entry, language if language == "en" else "zh-CN"
    )
    return {
        "version": version, "entry": found.entry, "language": found.language, "lines": found.lines, "shows": found.shows, "asks": dict(found.asks),
        "hash": found.hash, "controls": dict(found.controls), "must_acknowledge": found.acknowledged,
    }  # fmt: skip


@router.post("/v1/shown", status_code=201)
def keep_shown(body: ShownScreen, caller: Product, call: Once) -> dict[str, Any]:
    """Keep that a person was shown a notice, and what the screen held."""
    screen = Screen(
        language=body.language,
        controls=body.controls,
        app_build=body.app_build,
        acknowledged=body.acknowledged,
    )

    def do() -> dict[str, Any]:
        return {
            "shown": agree.show(caller.parts, caller.operator, body.person, body.entry, body.hash, screen)
        }

    return do_once(caller, call, do, lambda shown: {"shown": shown})


@router.post("/v1/consents", status_code=201)
def keep_answer(body: ConsentAnswer, caller: Product, call: Once) -> dict[str, Any]:
    """Keep a yes or a no; the answer is the receipt."""

    def do() -> dict[str, Any]:
        return asdict(
            agree.answer(
                caller.parts,
                caller.operator,
                body.person,
                body.item,
                body.answer == "yes",
                body.shown,
                by=body.by,
            )
        )

    return do_once(
        caller,
        call,
        do,
        lambda event: asdict(agree.receipt(caller.parts, caller.operator, body.person, UUID(event))),
    )


@router.post("/v1/consents/withdraw", status_code=201)
def withdraw_consent(body: Withdrawal, caller: Product, call: Once) -> dict[str, Any]:
    """Take back a yes, at once and without a reason."""

    def do() -> dict[str, Any]:
        return asdict(agree.withdraw(caller.parts, caller.operator, body.person, body.item))

    return do_once(
        caller,
        call,
        do,
        lambda event: asdict(agree.receipt(caller.parts, caller.operator, body.person, UUID(event))),
    )


@router.get("/v1/people/{person}/consents")
def read_consents(person: UUID, caller: Product, at: AwareDatetime | None = None) -> dict[str, Any]:
    """Every answer of a person, and the items that stood at a moment (now, when none is given)."""
    kept, standing = agree.answers(caller.parts, caller.operator, person, at)
    return {"standing": sorted(standing), "answers": [asdict(one) for one in kept]}


@router.get("/v1/people/{person}/shown")
def read_shown(person: UUID, caller: Product) -> dict[str, Any]:
    """Everything a person was shown, with the words as they were."""
    return {"shown": [asdict(one) for one in agree.all_shown(caller.parts, caller.operator, person)]}


@router.post("/v1/people/{person}/release")
def release_account(person: UUID, caller: Officer, call: Once) -> dict[str, Any]:
    """Release a frozen account once its owner has it back."""

    def do() -> dict[str, Any]:
        people.release(caller.parts, caller.operator, person)
        return {"person": person}

    return do_once(caller, call, do, lambda found: {"person": found})


@router.post("/v1/messages/stop", status_code=201)
def stop_messages(body: NoMore, caller: Product, call: Once) -> dict[str, Any]:
    """Carry out one way of saying no more."""

    def do() -> dict[str, Any]:
        silent = agree.say_no_more(
            caller.parts, caller.operator, body.person, way=body.way, word=body.word, channel=body.channel
        )
        return {"silent": list(silent)}

    return do_once(caller, call, do, lambda channels: {"silent": channels.split(",")})
