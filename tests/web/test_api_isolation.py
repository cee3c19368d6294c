"""Operators are strangers to each other, at every endpoint there is, with every wrong key there can be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from fastapi.routing import APIRoute

from shounuo.duties import operators
from shounuo.prove.world import Person, World
from shounuo.store.queries import load
from shounuo.web.app import build
from shounuo.web.serve import Server
from shounuo.wire import Known

FOUNDATION = load("shounuo.store", "sql/foundation.sql")
SCOPES = ("product", "officer", "auditor")
NEVER = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Row:
    """One endpoint: the scope it asks for (None: no key), and a call that reaches for what is another's."""

    scope: str | None
    path: Callable[[Any], str]
    body: Callable[[Any], object] | None = None
    empty: Callable[[Any], bool] | None = None  # how an answer that is no error says that there is nothing


def row(scope: str | None, path: str | Callable[[Any], str], body: Any = None, empty: Any = None) -> Row:
    """A row with a plain path or one made of what is theirs."""
    return Row(scope, path if callable(path) else lambda _: path, body, empty)


# `t` is what is theirs. A POST that could make something of one's own is tried with what is theirs in it.
ROWS: dict[tuple[str, str], Row] = {
    ("POST", "/v1/policies/check"): row(
        "officer", "/v1/policies/check", lambda t: {"slug": "x", "source": "text: {}"}
    ),
    ("POST", "/v1/policies"): row("officer", "/v1/policies", lambda t: {"slug": "x", "source": "text: {}"}),
    ("GET", "/v1/policies"): row("auditor", "/v1/policies", empty=lambda b: len(b["versions"]) == 1),
    ("GET", "/v1/policies/{number}"): row("auditor", "/v1/policies/2"),
    ("GET", "/v1/clauses"): row("auditor", "/v1/clauses", empty=lambda b: b["version"] == 1),
    ("POST", "/v1/people"): row("product", "/v1/people", lambda t: {"user_id": t.user}, lambda b: True),
    ("GET", "/v1/notices/{entry}"): row(
        "product", "/v1/notices/consent.support", empty=lambda b: b["version"] == 1
    ),
    ("POST", "/v1/shown"): row(
        "product",
        "/v1/shown",
        lambda t: {"person": t.person, "entry": "consent.support", "hash": t.hash, "controls": {}},
    ),
    ("POST", "/v1/consents"): row(
        "product",
        "/v1/consents",
        lambda t: {"person": t.person, "item": "support", "answer": "yes", "shown": t.shown},
    ),
    ("POST", "/v1/consents/withdraw"): row(
        "product", "/v1/consents/withdraw", lambda t: {"person": t.person, "item": "support"}
    ),
    ("GET", "/v1/people/{person}/consents"): row("product", lambda t: f"/v1/people/{t.person}/consents"),
    ("GET", "/v1/people/{person}/shown"): row(
        "product", lambda t: f"/v1/people/{t.person}/shown", empty=lambda b: b == {"shown": []}
    ),
    ("GET", "/v1/damages"): row("officer", "/v1/damages", empty=lambda b: b == {"damages": []}),
    ("POST", "/v1/people/{person}/release"): row("officer", lambda t: f"/v1/people/{t.person}/release"),
    ("POST", "/v1/messages/stop"): row(
        "product", "/v1/messages/stop", lambda t: {"person": t.person, "way": "td", "word": "TD"}
    ),
    ("POST", "/v1/collect"): row(
        "product", "/v1/collect", lambda t: {"person": t.person, "scene": "sign-in", "fields": {}}
    ),
    ("POST", "/v1/decide"): row(
        "product",
        "/v1/decide",
        lambda t: {"person": t.person, "purpose": "sign-in"},
        lambda b: b["reason"] == "no-person",
    ),
    ("POST", "/v1/decide/many"): row(
        "product",
        "/v1/decide/many",
        lambda t: {"questions": [{"person": t.person, "purpose": "sign-in"}] * 2},
        lambda b: [one["reason"] for one in b["answers"]] == ["no-person"] * 2,
    ),
    ("POST", "/v1/read"): row(
        "product", "/v1/read", lambda t: {"person": t.person, "purpose": "sign-in", "items": ["phone"]}
    ),
    ("POST", "/v1/matches"): row(
        "product",
        "/v1/matches",
        lambda t: {"person": t.person, "item": "password", "candidate": t.password},
        lambda b: b == {"matches": False},
    ),
    ("POST", "/v1/share"): row(
        "product",
        "/v1/share",
        lambda t: {"person": t.person, "purpose": "sign-in", "recipient": "authority", "items": ["phone"]},
    ),
    ("GET", "/v1/people/{person}/passages"): row(
        "product", lambda t: f"/v1/people/{t.person}/passages", empty=lambda b: b == {"passages": []}
    ),
    ("POST", "/v1/requests"): row(
        "product", "/v1/requests", lambda t: {"kind": "access", "channel": "email", "person": t.person}
    ),
    ("GET", "/v1/requests"): row(
        "officer", "/v1/requests", empty=lambda b: b == {"requests": [], "next": None}
    ),
    ("GET", "/v1/requests/{request}"): row("product", lambda t: f"/v1/requests/{t.request}"),
    ("GET", "/v1/requests/{request}/answer"): row("product", lambda t: f"/v1/requests/{t.answered}/answer"),
    ("POST", "/v1/requests/{request}/verify"): row(
        "officer", lambda t: f"/v1/requests/{t.request}/verify", lambda t: {"how": "signed-in"}
    ),
    ("POST", "/v1/requests/{request}/delay"): row(
        "officer", lambda t: f"/v1/requests/{t.request}/delay", lambda t: {"reason": "many"}
    ),
    ("POST", "/v1/requests/{request}/refuse"): row(
        "officer", lambda t: f"/v1/requests/{t.request}/refuse", lambda t: {"ground": "identity"}
    ),
    ("POST", "/v1/requests/{request}/carry-out"): row(
        "officer", lambda t: f"/v1/requests/{t.request}/carry-out", lambda t: {}
    ),
    ("POST", "/v1/requests/{request}/take-back"): row(
        "product", lambda t: f"/v1/requests/{t.request}/take-back"
    ),
    ("GET", "/v1/papers"): row("auditor", "/v1/papers", empty=lambda b: b == {"papers": []}),
    ("POST", "/v1/papers"): row(
        "officer",
        "/v1/papers",
        lambda t: {
            "holder": NEVER,
            "name": "privacy-policy",
            "reference": "x",
            "holds_from": "2026-01-01T00:00:00Z",
            "holds_until": "2027-01-01T00:00:00Z",
        },
    ),
    ("POST", "/v1/places"): row(
        "officer", "/v1/places", lambda t: {"name": t.place, "region": "US", "covers": "store"}
    ),
    ("GET", "/v1/pledges"): row(
        "auditor", "/v1/pledges", empty=lambda b: not any(one["confirmed_at"] for one in b["pledges"])
    ),
    ("POST", "/v1/pledges"): row(
        "officer", "/v1/pledges", lambda t: {"pledge": "none", "by": "x", "reference": "x"}
    ),
    ("GET", "/v1/ledger/checkpoint"): row("auditor", "/v1/ledger/checkpoint", empty=lambda b: b is None),
    ("GET", "/v1/ledger/entries"): row(
        "auditor", lambda t: f"/v1/ledger/entries?start={t.size - 5}", empty=lambda b: b["entries"] == []
    ),
    ("GET", "/v1/ledger/inclusion/{number}"): row("auditor", lambda t: f"/v1/ledger/inclusion/{t.size - 1}"),
    ("GET", "/v1/ledger/consistency/{old}"): row("auditor", lambda t: f"/v1/ledger/consistency/{t.size}"),
    ("GET", "/v1/ledger/export"): row("auditor", "/v1/ledger/export", empty=lambda b: b is None),
    ("POST", "/v1/clock"): row("officer", "/v1/clock", lambda t: {"to": "2001-01-01T00:00:00Z"}),
    # Without a key: what is published, under the operator's public name. Nothing else of anybody is there.
    ("GET", "/policy/{slug}"): row(None, lambda t: f"/policy/{t.mine}", empty=lambda b: b is None),
    ("GET", "/policy/{slug}/summary"): row(
        None, lambda t: f"/policy/{t.mine}/summary", empty=lambda b: b is None
    ),
    ("GET", "/policy/{slug}/register"): row(
        None, lambda t: f"/policy/{t.mine}/register", empty=lambda b: b is None
    ),
    ("GET", "/policy/{slug}/versions"): row(
        None, lambda t: f"/policy/{t.mine}/versions", empty=lambda b: b is None
    ),
    ("GET", "/policy/{slug}/versions/{number}"): row(
        None, lambda t: f"/policy/{t.mine}/versions/1", empty=lambda b: b is None
    ),
    ("GET", "/policy/{slug}/versions/{number}/summary"): row(
        None, lambda t: f"/policy/{t.mine}/versions/1/summary", empty=lambda b: b is None
    ),
    ("GET", "/policy/{slug}/versions/{number}/{form}.md"): row(
        None, lambda t: f"/policy/{t.mine}/versions/1/full.md", empty=lambda b: b is None
    ),
    ("GET", "/v1/public/{slug}/policy"): row(
        None, lambda t: f"/v1/public/{t.mine}/policy", empty=lambda b: b["version"] == 1
    ),
    ("GET", "/v1/public/{slug}/rule"): row(
        None, lambda t: f"/v1/public/{t.mine}/rule?topic=any&over=x", empty=lambda b: b["wins"] is None
    ),
    ("GET", "/v1/public/{slug}/cookies/{key}"): row(
        None, lambda t: f"/v1/public/{t.mine}/cookies/x", empty=lambda b: not b["allowed"]
    ),
    ("GET", "/"): row(None, "/"),
    ("GET", "/console/{slug}"): row(None, lambda t: f"/console/{t.mine}", empty=lambda b: b is None),
    ("GET", "/console/{slug}/clauses/{clause}"): row(
        None, lambda t: f"/console/{t.mine}/clauses/huiju-2.1-1", empty=lambda b: b is None
    ),
    ("GET", "/console/{slug}/due"): row(None, lambda t: f"/console/{t.mine}/due", empty=lambda b: b is None),
}
NAMES = [f"{method} {path}" for method, path in ROWS]
KEYED = [name for name, one in zip(NAMES, ROWS.values(), strict=True) if one.scope]


def of(name: str) -> tuple[str, Row]:
    """The method and row of a test's name."""
    method, path = name.split(" ")
    return method, ROWS[method, path]


@dataclass
class Two:
    """Two operators: `theirs` has everything there is, `mine` has published and nothing else."""

    them: World
    me: World
    theirs: SimpleNamespace
    secrets: list[str]
    keys: dict[str, str] = field(default_factory=dict)  # of `me`, one for each scope
    their_keys: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def two(living) -> Two:
    """One operator with a person, records, answers, a request, a passage, papers; another with none of it."""
    them, me = living.world(), living.world()
    them.publish(living.stage.source.decode() + "\n# version 2\n")
    user = "user-of-them-7f3a91c2"
    person = Person(them.api.post("/v1/people", {"user_id": user, "birth": "1990-05-17"}).body["person"])
    fields = them.give(person, "sign-in")
    them.say(person, "support")
    shown = them.show(person, "consent.support")
    notice = them.api.get("/v1/notices/consent.support")
    request = them.ask("delete", person, None, items=["phone"]).body["request"]
    answered = them.finish("access", person).body["request"]
    them.file_papers("authority", ["authority-request"])
    pledge = next(iter(living.book.policy.of("pledges")))
    assert them.api.post(
        "/v1/pledges", {"pledge": pledge, "by": "officer-of-them", "reference": "minutes-of-them-44"}
    ).ok
    assert them.api.post(
        "/v1/places", {"name": "place-of-them", "region": "CN-mainland", "covers": "store"}
    ).status in (201, 403)
    them.api.get("/v1/ledger/checkpoint")
    size = len(them.entries())
    pseudonyms = {one["person"] for one in them.entries() if one["person"]}
    entries = {one["id"] for one in them.entries()}
    theirs = SimpleNamespace(
        person=person.id, user=user, shown=shown, hash=notice.body["hash"], request=request, answered=answered, place="place-of-them",
        password=fields.get("password", "x"), size=size, mine=me.opened.slug, slug=them.opened.slug,
    )  # fmt: skip
    secrets = [person.id, user, shown, request, answered, "minutes-of-them-44", "officer-of-them", "place-of-them", them.opened.slug,
               str(living.operator(them)), *fields.values(), *person.records.values(), *pseudonyms, *entries]  # fmt: skip
    made = Two(them, me, theirs, [one for one in secrets if len(one) > 5])
    for scope in SCOPES:
        made.keys[scope] = operators.new_key(living.parts(me), living.operator(me), scope, (scope,))
        made.their_keys[scope] = operators.new_key(living.parts(them), living.operator(them), scope, (scope,))
    return made


def told(two: Two, raw: bytes) -> list[str]:
    """What of theirs an answer holds."""
    return [one for one in two.secrets if one.encode() in raw]


def test_every_endpoint_has_a_row():
    """A new endpoint fails this until it is said here how it keeps operators apart."""
    app = build(MagicMock(), proving=True)
    from starlette.routing import BaseRoute

    def walk(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield from ((method, route.path) for method in route.methods)
            elif (inner := getattr(route, "original_router", None)) is not None:
                yield from walk(inner.routes)

    found = set(walk(app.routes))
    described = {(m.upper(), p) for p, calls in app.openapi()["paths"].items() for m in calls}
    assert len(described) > 40
    assert found | described == set(ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_another_operator_is_seen_on_a_fresh_connection(two, line, name):
    """A call with the right scope and another's ids finds nothing, and tells nothing of theirs."""
    method, row = of(name)
    reply = line.send(
        method,
        row.path(two.theirs),
        row.body(two.theirs) if row.body else None,
        key=two.keys.get(row.scope or ""),
    )
    assert not told(two, reply.raw)
    if row.empty is not None:
        assert reply.status in (200, 201), reply.raw
        assert row.empty(reply.body), reply.raw[:500]
    else:
        assert 400 <= reply.status < 500, reply.raw
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.status != 401


@pytest.mark.parametrize("name", KEYED)
def test_a_connection_used_by_another_operator_tells_nothing(two, living, name):
    """Their call, then ours on the same connection, then theirs, then ours: each sees only its own."""
    method, row = of(name)
    line = living.line()
    try:
        for _ in range(2):
            own = line.send("GET", f"/v1/people/{two.theirs.person}/shown", key=two.their_keys["product"])
            assert own.status == 200
            assert told(two, own.raw)
            reply = line.send(
                method,
                row.path(two.theirs),
                row.body(two.theirs) if row.body else None,
                key=two.keys[row.scope],
            )
            assert reply.status not in (401, 500)
            assert not told(two, reply.raw)
    finally:
        line.close()


@pytest.mark.parametrize("name", KEYED)
def test_a_key_that_is_none_opens_nothing(two, living, line, name):
    """Missing, malformed, foreign, revoked: 401 with a problem, never a fault of ours, and nothing told."""
    method, row = of(name)
    good = two.their_keys[row.scope]
    revoked = operators.new_key(living.parts(two.them), living.operator(two.them), "gone", SCOPES)
    digest = __import__("hashlib").sha256(revoked.encode()).hexdigest()
    operators.revoke_key(living.parts(two.them), living.operator(two.them), digest)
    wrong = [None, "", "Bearer", "Bearer ", "Basic " + good, f"Bearer {good}x", f"Bearer {good[:-1]}", f"Bearer {good} {good}", f"Token {good}",
             good, "Bearer \xe9\xff", "Bearer " + "a" * 6000, f"Bearer {revoked}", f"Bearer {good.swapcase()}", "Bearer null"]  # fmt: skip
    for value in wrong:
        headers = {} if value is None else {"Authorization": value}
        reply = line.send(
            method, row.path(two.theirs), row.body(two.theirs) if row.body else None, headers=headers
        )
        assert reply.status == 401, (value, reply.raw)
        assert reply.code == "not-allowed"
        assert reply.headers["content-type"] == "application/problem+json"
        assert not told(two, reply.raw)


@pytest.mark.parametrize("name", KEYED)
def test_a_key_opens_only_the_scopes_it_was_made_with(two, line, name):
    """Of three keys with one scope each, one opens an endpoint, and it is the one the table names."""
    method, row = of(name)
    for scope in SCOPES:
        reply = line.send(
            method, row.path(two.theirs), row.body(two.theirs) if row.body else None, key=two.keys[scope]
        )
        if scope == row.scope:
            assert reply.code not in ("no-scope", "not-allowed"), reply.raw
        else:
            assert (reply.status, reply.code) == (403, "no-scope"), (scope, reply.raw)
            assert reply.body["scope"] == row.scope
            assert f'scope="{row.scope}"' in reply.headers["www-authenticate"]


def test_what_is_tried_on_another_operator_changes_nothing_of_theirs(two, line, rows):
    """After every hostile call there is, their tables and their ledger are as they were."""
    tables = (
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
        "hold",
        "refusal",
    )

    def state() -> tuple[Any, ...]:
        ledger = [one for one in two.them.entries() if one["kind"] not in ("key-made", "key-revoked")]
        return (
            [rows(two.them, table) for table in tables],
            ledger,
            two.them.api.get(f"/v1/requests/{two.theirs.request}").body,
        )

    before = state()
    for (method, _), one in ROWS.items():
        line.send(
            method,
            one.path(two.theirs),
            one.body(two.theirs) if one.body else None,
            key=two.keys.get(one.scope or ""),
        )
    assert state() == before


def test_the_same_user_id_is_another_person_at_another_operator(two):
    """A user id both operators know is two people, and neither learns of the other."""
    mine = two.me.api.post("/v1/people", {"user_id": two.theirs.user}).body["person"]
    assert mine != two.theirs.person
    assert two.me.api.post("/v1/people", {"user_id": two.theirs.user}).body["person"] == mine
    assert two.them.api.post("/v1/people", {"user_id": two.theirs.user}).body["person"] == two.theirs.person


def test_a_page_of_the_ledger_says_where_the_next_one_starts(two, line):
    """Paging with any size, asked too large, too small or from below zero, misses no entry and repeats none."""
    key = two.their_keys["auditor"]
    line.send("GET", "/v1/ledger/checkpoint", key=key)
    whole = line.send("GET", "/v1/ledger/entries?start=-7&most=100000", key=key).body["entries"]
    assert [one["number"] for one in whole] == list(range(len(whole)))
    for most in (0, 1, 7, 5000):
        found, start = [], 0
        while start is not None:
            page = line.send("GET", f"/v1/ledger/entries?start={start}&most={most}", key=key).body
            found += page["entries"]
            start = page["next"]
        assert found == whole


def test_the_list_of_what_is_owed_is_paged_without_a_gap(living):
    """However many are asked for at once, every open request is on one page, and on one only."""
    world = living.world()
    made = {world.ask("explain", world.person()).body["request"] for _ in range(7)}
    for most in (0, 1, 3, 100, 5000):
        found, after = [], None
        while True:
            page = world.api.get("/v1/requests", most=most, after=after).body
            found += [one["request"] for one in page["requests"]]
            after = page["next"]
            if after is None:
                break
        assert sorted(found) == sorted(made)


def test_an_operator_made_for_a_proof_is_known_to_the_provers_server_alone(living, world):
    """No list names it, no other server serves its pages or its key, and once it is shut nothing opens it at all."""
    house, made = living.house, living.operator(world)
    assert made not in {one.id for one in house.store.ask(Known, FOUNDATION.operators)}
    assert operators.find(house.parts, world.opened.slug) is None
    assert operators.find(living.stage.parts, world.opened.slug) == made
    with Server(build(house.parts, guard=house.guard.admit), 0) as other:
        line = living.line(other.address)
        assert line.send("GET", f"/policy/{world.opened.slug}").status == 404
        assert line.send("GET", "/v1/clauses", key=world.opened.key).status == 401
        line.close()
    line = living.line()
    assert line.send("GET", f"/policy/{world.opened.slug}").status == 200
    assert line.send("GET", "/v1/clauses", key=world.opened.key).status == 200
    world.close()
    living._worlds.remove(world)
    assert line.send("GET", "/v1/clauses", key=world.opened.key).status == 401
    line.close()
