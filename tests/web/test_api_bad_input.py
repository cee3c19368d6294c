"""What a policy does not declare is refused, with a stable code and the clause, and leaves nothing but its refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shounuo.prove.world import Person, World
from shounuo.web.problems import expected

KEPT = ("record", "value", "consent", "shown", "silence", "request", "passage", "hold")
ANYBODY = "00000000-0000-4000-8000-000000000000"
BAD_CHECK_DIGIT = "11010519491231002Y"  # of no kind at all
WRONG_DIGIT = "110105194912310021"  # an identity number whose last digit does not fit


@pytest.fixture
def ready(world: World) -> Person:
    """A person who may sign in: everything shown that must be."""
    person = world.person()
    world.prepare(person, "sign-in")
    return person


def refused(
    world: World,
    person: Person,
    rows: Any,
    scene: str,
    fields: dict[str, str],
    *,
    status: int,
    code: str,
    clauses: bool = True,
    **more: Any,
) -> dict[str, Any]:
    """Collect, and see that it is refused as it should be: code, clause, nothing kept, one entry of the refusal."""
    before = [rows(world, table) for table in KEPT]
    entries = len(world.entries("collected"))
    body = {"person": person.id, "scene": scene, "fields": fields, "occasion": world.occasion(scene)}
    answer = world.api.post("/v1/collect", body | more)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert bool(answer.body["clauses"]) == clauses, answer.body
    assert all(one.startswith("huiju-") for one in answer.body["clauses"])
    assert [rows(world, table) for table in KEPT] == before
    assert len(world.entries("collected")) == entries
    noted = world.entries("refused")[-1]
    assert noted["data"]["what"] == f"collect:{scene}"
    assert noted["data"]["reason"] == code
    assert noted["data"]["version"] == 1
    assert noted["data"]["clauses"] == answer.body["clauses"]
    values = {name: value for name, value in fields.items() if len(value) > 5}
    assert not world.stage.search(world.opened, values)
    assert not any(value in str(answer.body) for value in values.values())
    return dict(answer.body)


def test_an_undeclared_field_is_refused(world, ready, rows):
    """One field more than the scene declares, and nothing of the call is kept."""
    refused(
        world,
        ready,
        rows,
        "sign-in",
        world.values("sign-in") | {"name": "Wang Xiaoming"},
        status=422,
        code="undeclared-field",
    )


def test_a_field_nobody_declared_is_refused_without_telling_its_name(world, ready, rows):
    """A value put where a name belongs is not told again."""
    told = refused(
        world,
        ready,
        rows,
        "sign-in",
        world.values("sign-in") | {"13800138000": "x"},
        status=422,
        code="undeclared-field",
    )
    assert "13800138000" not in str(told)
    assert not world.stage.search(world.opened, {"name": "13800138000"})


def test_a_missing_field_is_refused(world, ready, rows):
    """What the scene requires must be there."""
    fields = world.values("sign-in")
    refused(
        world,
        ready,
        rows,
        "sign-in",
        {k: v for k, v in fields.items() if k != "phone"},
        status=422,
        code="missing-field",
    )


@pytest.mark.parametrize("number", [BAD_CHECK_DIGIT, WRONG_DIGIT, "", "1" * 18])
def test_an_identity_number_with_a_wrong_check_digit_is_refused(living, world, rows, number):
    """A value is of its declared kind or it is not taken."""
    scene = next(e.name for e in living.book.policy.of("scenes").values()
                 if any(getattr(living.book.policy.of("information").get(n), "kind", "") == "cn-id" for n in world.values(e.name)))  # fmt: skip
    person = world.person()
    world.prepare(person, scene)
    item = next(n for n in world.values(scene) if living.book.policy.of("information")[n].kind == "cn-id")
    refused(world, person, rows, scene, world.values(scene) | {item: number}, status=422, code="wrong-kind")


def test_without_consent_nothing_is_taken(world, rows):
    """A scene that rests on a separate consent, without it."""
    person = world.person()
    world.prepare(person, "real-name", without=["identity-check"])
    refused(world, person, rows, "real-name", world.values("real-name"), status=403, code="no-consent")


def test_after_a_withdrawal_nothing_is_taken(world, rows):
    """The yes that stood yesterday stands no more; what was given under it remains as it was."""
    person = world.person()
    world.prepare(person, "real-name")
    assert world.collect(person, "real-name", world.values("real-name")).ok
    assert world.withdraw(person, "identity-check").ok
    refused(world, person, rows, "real-name", world.values("real-name"), status=403, code="no-consent")
    world.say(person, "identity-check")
    assert world.collect(person, "real-name", world.values("real-name")).ok


def test_a_form_with_old_words_is_refused(living, world, ready, rows):
    """A call that names an earlier version shows its words; a later one is not in force yet."""
    for version in (2, 99):
        refused(
            world,
            ready,
            rows,
            "sign-in",
            world.values("sign-in"),
            status=409,
            code="old-version",
            clauses=False,
            version=version,
        )
    form = {"person": ready.id, "scene": "sign-in", "fields": world.values("sign-in")}
    assert world.api.post("/v1/collect", form | {"version": 1}).ok
    assert world.publish(living.stage.source.decode() + "\n# another\n").ok
    world.prepare(ready, "sign-in")
    answer = world.api.post("/v1/collect", form | {"version": 1})
    assert (answer.status, answer.code) == (409, "old-version")
    assert world.api.post("/v1/collect", form | {"version": 2}).ok


def test_a_scene_nobody_declared_is_refused_and_not_named(world, ready, rows):
    """Its name may be anything, so it stands neither in the answer's numbers nor in the ledger."""
    for name in ("phone-13800138000", "no-such-scene"):
        answer = world.collect(ready, name, {}, occasion=None)
        assert (answer.status, answer.code) == (404, "no-purpose")
        assert "13800138000" not in str(answer.body)
    assert [one["data"]["what"] for one in world.entries("refused")] == ["collect:undeclared"]
    assert not world.stage.search(world.opened, {"name": "phone-13800138000"})


def test_the_first_refusal_in_a_minute_is_an_entry_and_the_rest_are_counted(world, ready):
    """Refusals are on record without being a way to flood the ledger."""
    fields = world.values("sign-in") | {"name": "Wang Xiaoming"}
    for _ in range(7):
        assert world.collect(ready, "sign-in", fields).code == "undeclared-field"
    first = world.entries("refused")
    assert [one["data"]["more_before"] for one in first] == [0]
    world.wait(timedelta(seconds=61))
    for _ in range(3):
        assert world.collect(ready, "sign-in", fields).code == "undeclared-field"
    second = world.entries("refused")
    assert [one["data"]["more_before"] for one in second] == [0, 6]
    assert second[0]["person"] == second[1]["person"] is not None


def test_made_up_names_are_no_flood(world, ready):
    """A hundred purposes, recipients and scenes nobody declared, asked for a hundred strangers: a handful of entries."""
    for number in range(30):
        world.decide(ready, f"purpose-{number}")
        world.decide(Person(str(uuid4())), f"purpose-{number}")
        world.read(ready, f"purpose-{number}", ["phone"])
        world.api.post("/v1/share", {"person": ready.id, "purpose": "x", "recipient": f"r-{number}"})
        world.collect(ready, f"scene-{number}", {}, occasion=None)
        world.decide(ready, "message", message=f"m-{number}", channel="email")
    found = world.entries("refused")
    assert len(found) <= 8
    assert {one["data"]["what"].partition(":")[2] for one in found} == {"undeclared"}


def test_refusals_at_once_are_one_entry(living, world, ready):
    """Threads that are refused in the same moment do not each write an entry."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    gate = Barrier(8)

    def ask(_: int) -> int:
        line = living.line()
        try:
            gate.wait()
            return int(
                line.send(
                    "POST", "/v1/decide", {"person": ready.id, "purpose": "no-such"}, key=world.opened.key
                ).status
            )
        finally:
            line.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {200}
    assert len(world.entries("refused")) == 1


@pytest.mark.parametrize("kind", ["access", "delete"])
def test_a_deadline_in_a_year_not_announced_is_provisional_everywhere(living, line, kind):
    """The answer, the list and the console say so; a deadline in a known year says nothing of the kind."""
    known = living.house.parts.calendar
    year = next(y for y in range(2026, 2100) if not known.is_announced(y))
    world = living.world(at=datetime(year - 1, 12, 29, 2, 0, tzinfo=UTC))
    made = world.ask(kind, world.person())
    assert made.body["provisional"] is True
    assert made.body["missing_years"] == [year]
    assert world.api.get(f"/v1/requests/{made.body['request']}").body["provisional"] is True
    assert [one["provisional"] for one in world.api.get("/v1/requests").body["requests"]] == [True]
    page = line.send("GET", f"/console/{world.opened.slug}/due?lang=en").raw.decode()
    assert f'data-provisional="{year}"' in page
    assert [one["data"]["provisional"] for one in world.entries("asked")] == [True]
    early = living.world()
    assert early.ask(kind, early.person()).body["provisional"] is False
    assert "data-provisional" not in line.send("GET", f"/console/{early.opened.slug}/due").raw.decode()


def test_moments_without_an_offset_are_refused(line, world):
    """A paper that holds from a moment of no place is refused, and so is a question about such a moment."""
    body = {
        "holder": "authority",
        "name": "authority-request",
        "reference": "x",
        "holds_from": "2026-01-01T00:00:00",
        "holds_until": "2027-01-01T00:00:00",
    }
    assert world.api.post("/v1/papers", body).code == "wrong-shape"
    assert world.api.post("/v1/papers", body | {"holds_until": "2027-01-01T00:00:00Z"}).code == "wrong-shape"
    assert (
        world.api.get(f"/v1/people/{world.person().id}/consents", at="2026-01-01T00:00:00").code
        == "wrong-shape"
    )


def test_a_place_is_taken_up_once(world):
    """A second place of the same name is refused, not silently let go."""
    body = {"name": "here", "region": "CN-mainland", "covers": "store"}
    assert world.api.post("/v1/places", body).status == 201
    assert world.api.post("/v1/places", body).code == "already-there"
    assert len(world.entries("place-added")) == 1


def test_a_person_of_another_record_cannot_be_corrected_through_ones_own_request(world):
    """A request names a person; a record of somebody else in it touches nobody."""
    mine, other = world.person(), world.person()
    world.give(mine, "sign-in")
    given = world.give(other, "sign-in")
    for kind, act in (("delete", {}), ("correct", {"values": {"phone": "13900139000"}})):
        made = world.ask(kind, mine, None, record=other.records["sign-in"], items=["phone"])
        if not made.ok:
            continue
        world.do(made.body["request"], "verify", {"how": "document"})
        world.do(made.body["request"], "carry-out", act)
    assert world.stage.count(world.opened, other.id, list(given)) == len(given)


def test_passwords_given_at_once_do_not_wait_for_each_other_for_ever(living, world):
    """Many people set a password in the same moment, and others check theirs: all are answered."""
    from concurrent.futures import ThreadPoolExecutor

    people = [world.person() for _ in range(8)]
    for person in people:
        world.prepare(person, "sign-in")
    calls = [
        ("/v1/collect", {"person": one.id, "scene": "sign-in", "fields": world.values("sign-in")})
        for one in people
    ]
    calls += [("/v1/matches", {"person": one.id, "item": "password", "candidate": "guess"}) for one in people]

    def call(what: tuple[str, dict[str, Any]]) -> int:
        line = living.line()
        try:
            return int(line.send("POST", what[0], what[1], key=world.opened.key).status)
        finally:
            line.close()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(call, calls)) == {200, 201}


@pytest.mark.parametrize(
    "controls", [{"x" * 201: None}, {"": None}, {"agree": "x" * 41}], ids=["label", "none", "state"]
)
def test_a_screen_is_described_in_few_words(world, controls):
    """What a screen held is kept for good and in clear: labels and states have a length."""
    notice = world.notice("consent.support")
    body = {
        "person": world.person().id,
        "entry": "consent.support",
        "hash": notice["hash"],
        "controls": controls,
    }
    answer = world.api.post("/v1/shown", body)
    assert (answer.status, answer.code) == (422, "wrong-shape")


@pytest.mark.parametrize(
    ("path", "body", "where", "wrong"),
    [
        ("/v1/decide", {"person": "wang-13912345678", "purpose": "sign-in"}, "body.person", "not a UUID"),
        ("/v1/decide", {"purpose": "sign-in"}, "body.person", "missing"),
        ("/v1/decide", "wang-13912345678", "body", "not an object"),
        ("/v1/people", {"user_id": 13912345678}, "body.user_id", "not text"),
        ("/v1/people", {"user_id": "wang" * 60}, "body.user_id", "longer than 200 characters"),
        ("/v1/people", {"user_id": "", "wang": 1}, "body.user_id", "shorter than 1 characters"),
        ("/v1/people", {"user_id": "a", "wang": 1}, "body.?", "not a key of this call"),
        ("/v1/people", {"user_id": "a", "birth": "wang"}, "body.birth", "not a date such as 2026-03-02"),
        ("/v1/consents", {"person": ANYBODY, "item": "support", "answer": "wang"}, "body.answer", "not of the form ^(yes|no)$"),
        ("/v1/collect", {"person": ANYBODY, "scene": "sign-in", "fields": [], "version": 1}, "body.fields", "not an object"),
        ("/v1/collect", {"person": ANYBODY, "scene": "sign-in", "fields": {}, "version": 0}, "body.version", "less than 1"),
        ("/v1/collect", {"person": ANYBODY, "scene": "sign-in", "fields": {}, "version": "wang"}, "body.version", "not a whole number"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_shape_is_said_in_plain_words(world, path, body, where, wrong):
    """By what was expected; not in the words of the library that looked, and with nothing of what was sent."""
    answer = world.api.post(path, body)
    assert (answer.status, answer.code) == (422, "wrong-shape")
    assert {"where": where, "wrong": wrong} in answer.body["faults"]
    assert "wang" not in str(answer.body)
    assert "_" not in "".join(one["wrong"] for one in answer.body["faults"])


def test_every_way_a_shape_of_ours_can_be_wrong_has_words():
    """No call is described by a limit nobody has words for."""
    named = {"uuid_parsing": {}, "string_too_long": {"max_length": 3}, "too_long": {"max_length": 3}, "literal_error": {"expected": "'a' or 'b'"},
             "timezone_aware": {}, "datetime_from_date_parsing": {}, "date_from_datetime_inexact": {}, "json_invalid": {}, "bool_parsing": {},
             "list_type": {}, "int_parsing_size": {}, "model_attributes_type": {}}  # fmt: skip
    assert "not of the documented kind" not in {expected(kind, limits) for kind, limits in named.items()}
    assert expected("decimal_max_digits", {}) == expected("too_long", {}) == "not of the documented kind"


def test_many_questions_are_answered_as_one_by_one(living, world):
    """In their order, refusals among them; the same again once the gate knows the person."""
    person = world.person().id
    questions = [
        {"person": person, "purpose": "sign-in"},
        {"person": person, "purpose": "no-such"},
        {"person": str(uuid4()), "purpose": "sign-in"},
        {"person": person, "purpose": "sign-in", "items": ["phone"]},
    ]
    line = living.line(living.address)
    try:
        for _ in range(2):
            alone = [line.send("POST", "/v1/decide", one, key=world.opened.key).body for one in questions]
            many = line.send("POST", "/v1/decide/many", {"questions": questions}, key=world.opened.key)
            assert many.body == {"answers": alone}
        for wrong in ([], questions * 251):
            reply = line.send("POST", "/v1/decide/many", {"questions": wrong}, key=world.opened.key)
            assert (reply.status, reply.code) == (422, "wrong-shape")
    finally:
        line.close()
