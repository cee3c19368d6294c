"""An act asked for twice under one key is done once, and answered the same; every act that makes something obeys."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest.mock import MagicMock

import pytest

from shounuo.duties import operators
from shounuo.duties.due import turn_over
from shounuo.prove.world import Person, World
from shounuo.web.app import build

TABLES = (
    "person",
    "record",
    "value",
    "consent",
    "shown",
    "silence",
    "request",
    "passage",
    "paper",
    "confirmation",
    "place",
    "policy_version",
)


@dataclass
class Act:
    """One call that makes or moves something: where, with what, and what another body would be."""

    path: str
    body: dict[str, Any]
    other: dict[str, Any] | None
    moves: bool = False  # the answer tells how the thing stands now


def prepared(living: Any, world: World) -> Callable[[str], Act]:
    """A function that gets everything ready for a call, short of making it."""

    def person_with(scene: str = "sign-in") -> Person:
        person = world.person()
        world.give(person, scene)
        return person

    def request(kind: str, *, verified: bool = False, **more: object) -> str:
        made = world.ask(kind, person_with(), None, **more)
        assert made.ok, made.body
        if verified:
            assert world.do(made.body["request"], "verify", {"how": "signed-in"}).ok
        return str(made.body["request"])

    def share() -> Act:
        person = person_with()
        world.file_papers("authority", ["authority-request"])
        world.file_papers("authorities", ["authority-request"])
        body = {"person": person.id, "purpose": "legal-disclosure", "recipient": "authority", "act": "share", "items": ["phone"],
                "case": {"ground": "legal-duty", "reference": "case-1"}}  # fmt: skip
        return Act("/v1/share", body, body | {"items": ["email"]})

    def consent(answer: str) -> Act:
        person = world.person()
        body = {
            "person": person.id,
            "item": "support",
            "answer": answer,
            "shown": world.show(person, "consent.support") if answer == "yes" else None,
        }
        return Act("/v1/consents", body, body | {"answer": "no" if answer == "yes" else "yes"})

    def make(path: str) -> Act:
        when = {"holds_from": "2026-01-01T00:00:00Z", "holds_until": "2027-01-01T00:00:00Z"}
        match path:
            case "/v1/policies":
                text = living.stage.source.decode()
                return Act(
                    path,
                    {
                        "slug": living.book.policy.slug,
                        "source": text + f"\n# {world.chance.random()}\n",
                        "proving": True,
                    },
                    {"slug": "x", "source": text},
                )
            case "/v1/people":
                return Act(path, {"user_id": f"u-{world.chance.random()}"}, {"user_id": "another"})
            case "/v1/shown":
                person, notice = world.person(), world.api.get("/v1/notices/consent.support").body
                body = {
                    "person": person.id,
                    "entry": "consent.support",
                    "hash": notice["hash"],
                    "controls": notice["controls"],
                }
                return Act(path, body, body | {"app_build": "2"})
            case "/v1/consents":
                return consent("yes")
            case "/v1/consents/withdraw":
                person = world.person()
                world.say(person, "support")
                return Act(
                    path, {"person": person.id, "item": "support"}, {"person": person.id, "item": "marketing"}
                )
            case "/v1/people/{person}/release":
                return Act(f"/v1/people/{world.person().id}/release", {}, None)
            case "/v1/messages/stop":
                person = world.person()
                return Act(
                    path,
                    {"person": person.id, "way": "td", "word": "TD"},
                    {"person": person.id, "way": "td", "word": "td"},
                )
            case "/v1/collect":
                person = world.person()
                world.prepare(person, "sign-in")
                body = {"person": person.id, "scene": "sign-in", "fields": world.values("sign-in")}
                return Act(path, body, body | {"fields": world.values("sign-in")})
            case "/v1/share":
                return share()
            case "/v1/requests":
                body = {"kind": "access", "channel": "email", "person": world.person().id}
                return Act(path, body, body | {"channel": "phone"}, moves=True)
            case "/v1/requests/{request}/verify":
                return Act(
                    f"/v1/requests/{request('access')}/verify",
                    {"how": "signed-in"},
                    {"how": "document"},
                    moves=True,
                )
            case "/v1/requests/{request}/delay":
                return Act(
                    f"/v1/requests/{request('access')}/delay",
                    {"reason": "many"},
                    {"reason": "more"},
                    moves=True,
                )
            case "/v1/requests/{request}/refuse":
                body = {"ground": "malice", "evidence": "file-1"}
                return Act(
                    f"/v1/requests/{request('access', verified=True)}/refuse",
                    body,
                    body | {"evidence": "file-2"},
                    moves=True,
                )
            case "/v1/requests/{request}/carry-out":
                return Act(
                    f"/v1/requests/{request('delete', verified=True, items=['phone'])}/carry-out",
                    {},
                    {"values": {"phone": "1"}},
                    moves=True,
                )
            case "/v1/requests/{request}/take-back":
                return Act(f"/v1/requests/{request('access')}/take-back", {}, None, moves=True)
            case "/v1/papers":
                body = {"holder": "authority", "name": "authority-request", "reference": "doc-1", **when}
                return Act(path, body, body | {"reference": "doc-2"})
            case "/v1/places":
                body = {
                    "name": f"here-{world.chance.getrandbits(30)}",
                    "region": "CN-mainland",
                    "covers": "store",
                }
                return Act(path, body, body | {"name": "there"})
            case "/v1/pledges":
                body = {"pledge": "training", "by": "officer", "reference": "minutes-1"}
                return Act(path, body, body | {"reference": "minutes-2"})
        raise KeyError(path)

    return make


# What makes or moves nothing, so that repeating it is no harm. A decision and a read are on record each time they happen.
NOT_ONCE = {"/v1/policies/check", "/v1/decide", "/v1/decide/many", "/v1/read", "/v1/matches", "/v1/clock"}
document = build(MagicMock(), proving=True).openapi()
POSTS = sorted(path for path, calls in document["paths"].items() if "post" in calls)
ONCE = [path for path in POSTS if path not in NOT_ONCE]


@pytest.fixture(scope="module")
def made(living) -> tuple[World, Callable[[str], Act]]:
    """An operator, and what gets calls to it ready."""
    world = living.world()
    return world, prepared(living, world)


def counts(rows: Any, world: World) -> list[int]:
    """How much there is of everything."""
    return [rows(world, table) for table in TABLES]


def told(world: World) -> int:
    """How many entries the ledger has, refusals aside."""
    return len([one for one in world.entries() if one["kind"] != "refused"])


def test_every_act_that_makes_something_takes_a_key():
    """The description says which: all that make or move, and none that only look."""
    takes = {
        path
        for path in POSTS
        if any(
            one["name"] == "Idempotency-Key" for one in document["paths"][path]["post"].get("parameters", [])
        )
    }
    assert takes == set(ONCE)


@pytest.mark.parametrize("path", ONCE)
def test_the_same_call_twice_is_one_act_with_one_answer(made, rows, path):
    """Rows and ledger entries after the second call are those after the first, and so is the answer."""
    world, make = made
    act = make(path)
    first = world.api.post(
        act.path, act.body, once="key-1 of".replace(" ", "-") + act.path[-60:].replace("/", ".")
    )
    assert first.ok, first.body
    before = counts(rows, world), told(world)
    again = world.api.post(
        act.path, act.body, once="key-1 of".replace(" ", "-") + act.path[-60:].replace("/", ".")
    )
    assert (again.status, again.body) == (first.status, first.body)
    assert (counts(rows, world), told(world)) == before


@pytest.mark.parametrize("path", ONCE)
def test_another_body_under_the_same_key_is_refused(made, rows, path):
    """422 with `key-reused`, and nothing is made."""
    world, make = made
    act = make(path)
    if act.other is None:
        pytest.skip("this call has no body")
    key = f"other-{world.chance.getrandbits(60)}"
    assert world.api.post(act.path, act.body, once=key).ok
    before = counts(rows, world), told(world)
    again = world.api.post(act.path, act.other, once=key)
    assert (again.status, again.code) == (422, "key-reused")
    assert (counts(rows, world), told(world)) == before


@pytest.mark.parametrize("path", ONCE)
def test_calls_at_once_with_one_key_make_one_thing(living, made, rows, path):
    """Eight threads, one key: one act, and each gets its answer."""
    world, make = made
    act = make(path)
    before = counts(rows, world), told(world)
    gate = Barrier(8)

    def call(_: int) -> tuple[int, str]:
        line = living.line()
        try:
            gate.wait()
            reply = line.send(
                "POST",
                act.path,
                act.body,
                key=world.opened.key,
                headers={"Idempotency-Key": f"at-once-{act.path[-50:]}"},
            )
            return reply.status, reply.raw.decode()
        finally:
            line.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert {status for status, _ in answers} <= {200, 201}, answers
    assert len({json.dumps(json.loads(body), sort_keys=True) for _, body in answers}) == 1, answers
    after = counts(rows, world), told(world)
    alone = make(path)
    start = counts(rows, world), told(world)
    assert world.api.post(alone.path, alone.body).ok
    done = counts(rows, world), told(world)
    assert [b - a for a, b in zip(before[0], after[0], strict=True)] == [
        b - a for a, b in zip(start[0], done[0], strict=True)
    ]
    assert after[1] - before[1] == done[1] - start[1]
    assert not [one for one in world.entries("refused") if one["data"]["reason"] == "duplicate"]


def test_two_calls_at_once_meet_one_person_even_without_a_key(living, world):
    """A user id is one person, however many calls take it in at the same moment."""
    for round_ in range(5):
        gate = Barrier(6)

        def call(_: int, gate: Barrier = gate, round_: int = round_) -> str:
            line = living.line()
            try:
                gate.wait()
                return str(
                    line.send(
                        "POST", "/v1/people", {"user_id": f"raced-{round_}"}, key=world.opened.key
                    ).body["person"]
                )
            finally:
                line.close()

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(call, range(6)))) == 1
    assert len(world.entries("registered")) == 5


def test_keys_of_others_are_others(living, world, rows):
    """The same idempotency key of another operator, of another access key, and at another route, is another."""
    other = living.world()
    second = operators.new_key(living.parts(world), living.operator(world), "second")
    person = world.person().id
    first = world.api.post("/v1/requests", {"kind": "access", "channel": "email", "person": person}, once="k")
    line = living.line()
    headers = {"Idempotency-Key": "k"}
    body = {"kind": "explain", "channel": "email", "person": person}
    elsewhere = line.send(
        "POST", "/v1/requests", {"kind": "access", "channel": "email"}, key=other.opened.key, headers=headers
    )
    by_another = line.send("POST", "/v1/requests", body, key=second, headers=headers)
    another_route = line.send(
        "POST", "/v1/people", {"user_id": "someone"}, key=world.opened.key, headers=headers
    )
    line.close()
    assert first.ok
    assert [one.status for one in (elsewhere, by_another, another_route)] == [201, 201, 201]
    assert len({first.body["request"], elsewhere.body["request"], by_another.body["request"]}) == 3
    assert (rows(world, "request"), rows(other, "request")) == (2, 1)


def test_a_retry_after_the_keys_turned_over_is_answered_from_what_was_made(living, made, rows):
    """The fingerprint cannot be compared any more; the act was done, so it is not done again."""
    world, make = made
    acts = [(path, make(path)) for path in ("/v1/collect", "/v1/people", "/v1/requests", "/v1/consents")]
    first = [world.api.post(act.path, act.body, once=f"turned{path}") for path, act in acts]
    turn_over(living.parts(world), living.operator(world))
    before = counts(rows, world), told(world)
    again = [world.api.post(act.path, act.body, once=f"turned{path}") for path, act in acts]
    assert [(one.status, one.body) for one in again] == [(one.status, one.body) for one in first]
    assert (counts(rows, world), told(world)) == before


def test_a_refused_call_leaves_its_key_free(world):
    """Nothing was made, so the same call may be tried again under its key, and then is done."""
    person = world.person()
    body = {"person": person.id, "scene": "sign-in", "fields": world.values("sign-in")}
    refused = world.api.post("/v1/collect", body, once="free")
    assert (refused.status, refused.code) == (403, "not-shown")
    world.prepare(person, "sign-in")
    done = world.api.post("/v1/collect", body, once="free")
    assert done.status == 201
    assert world.api.post("/v1/collect", body, once="free").body == done.body


def test_a_repeated_share_hands_nothing_over_that_may_not_go_out_any_more(living, world):
    """The row of the first passage is told again only while the gate says yes; afterwards the answer is no, and no row is added."""
    book, person = living.book, world.person()
    world.give(person, "sign-in")
    world.prepare(person, "partner-delivery")
    world.say(person, "partner-services")
    world.show(person, "sharing.partner-services")
    for paper in book.recipients["partner"].papers | book.doors["partner-services"].papers:
        holder, _, name = paper.rpartition(":")
        world.file_papers(holder or "partner", [name])
    body = {"person": person.id, "purpose": "partner-delivery", "recipient": "partner", "act": "share", "items": ["phone"],
            "case": {"ground": "consent", "states": ["service-used"]}}  # fmt: skip
    first = world.api.post("/v1/share", body, once="share-again")
    assert first.body["values"] == {"phone": person.given["phone"]}
    assert world.api.post("/v1/share", body, once="share-again").body == first.body
    assert world.withdraw(person, "partner-services").ok
    again = world.api.post("/v1/share", body, once="share-again")
    assert (again.status, again.code) == (403, "no-consent")
    assert person.given["phone"] not in str(again.body)
    passages = world.api.get(f"/v1/people/{person.id}/passages").body["passages"]
    assert [one["passage"] for one in passages] == [first.body["passage"]["passage"]]


def test_a_call_is_remembered_for_a_week(world, rows):
    """Repeated within it, it is answered; after it, its row is gone."""
    body = {"kind": "explain", "channel": "email", "person": world.person().id}
    first = world.api.post("/v1/requests", body, once="week")
    world.wait(timedelta(days=6))
    assert world.api.post("/v1/requests", body, once="week").body["request"] == first.body["request"]
    world.wait(timedelta(days=2))
    assert rows(world, "idempotency") == 0


def test_a_repeated_share_hands_over_nothing_that_was_collected_since(world):
    """What came after the row is in no register, so it does not go out under the key of an earlier call."""
    person = world.person()
    world.give(person, "sign-in")
    world.file_papers("authority", ["authority-request"])
    world.file_papers("authorities", ["authority-request"])
    body = {"person": person.id, "purpose": "legal-disclosure", "recipient": "authority", "act": "share", "items": ["phone"],
            "case": {"ground": "legal-duty", "reference": "case-1"}}  # fmt: skip
    first = world.api.post("/v1/share", body, once="share-later")
    assert first.ok, first.body
    world.wait(timedelta(minutes=1))
    later = world.values("sign-in") | {"phone": "19900007777"}
    assert world.collect(person, "sign-in", later).ok
    assert world.api.post("/v1/share", body, once="share-later").body == first.body


def test_a_repeated_collect_of_what_was_erased_since_brings_nothing_back(world):
    """The record is gone: the repetition says so, and makes none anew."""
    person = world.person()
    world.prepare(person, "sign-in")
    body = {"person": person.id, "scene": "sign-in", "fields": world.values("sign-in")}
    assert world.api.post("/v1/collect", body, once="erased").ok
    assert world.finish("delete", person).ok
    again = world.api.post("/v1/collect", body, once="erased")
    assert again.status in (201, 404)
    assert world.stage.count(world.opened, person.id, list(body["fields"])) == 0


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "\xe9", "a\tb"])
def test_a_key_of_the_wrong_form_is_refused(line, world, key):
    """1 to 128 visible ASCII characters, and nothing is made under anything else."""
    reply = line.send(
        "POST", "/v1/people", {"user_id": "u"}, key=world.opened.key, headers={"Idempotency-Key": key}
    )
    assert (reply.status, reply.code) == (422, "bad-idempotency-key")


def test_what_is_kept_of_a_call_holds_nothing_of_it(living, world):
    """The row of a call has a keyed fingerprint and an id: no body, no answer, no user id."""
    user = "user-13800138000"
    world.api.post("/v1/people", {"user_id": user}, once="row")
    assert not world.stage.search(world.opened, {"user id": user})
