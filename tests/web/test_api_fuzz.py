"""Anything can be sent, by anyone: the answer is one of those documented, and tells nothing of what was sent."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shounuo.duties import operators
from shounuo.web.app import MOST_BODY_BYTES, build

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TELLABLE = re.compile(
    r"(?!.*[0-9]{5})[A-Za-z0-9][A-Za-z0-9_-]{0,79}"
)  # what may be a name of the policy, without a long number
document = build(MagicMock(), proving=False).openapi()
schema = schemathesis.openapi.from_dict(document)
OPERATIONS = sorted(
    f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls
)


@pytest.fixture(scope="module")
def played(living) -> Any:
    """An operator with people, records, answers and requests, so that calls reach deep."""
    world = living.world()
    people = [world.person() for _ in range(3)]
    for person in people:
        world.give(person, "sign-in")
        world.say(person, "support")
    requests = [
        world.ask(kind, people[0]).body["request"]
        for kind in ("access", "delete", "correct", "explain", "copy")
    ]
    shown = [world.show(person, "consent.support") for person in people]
    return world, people, requests, shown


def strings(value: object) -> Iterator[str]:
    """Every text in what was sent, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@pytest.mark.parametrize("name", OPERATIONS)
def test_generated_calls_get_documented_answers(living, played, name):
    """Right and wrong calls made from the description: no fault of ours, documented statuses, problems that echo nothing."""
    world, people, requests, shown = played
    method, path = name.split(" ")
    operation = schema[path][method.lower()]
    policy = living.book.policy
    real = {
        "person": [one.id for one in people], "request": requests, "record": list(people[0].records.values()), "shown": shown,
        "slug": [world.opened.slug], "scene": list(policy.of("scenes")), "purpose": [*policy.of("uses"), *policy.of("scenes")],
        "item": [*policy.of("consent"), *policy.of("information")], "kind": list(policy.of("rights")), "channel": ["email", "phone", "web-email"],
        "recipient": list(policy.of("recipients")), "way": list(policy.of("stops")), "holder": list(policy.of("recipients")),
        "name": list(policy.of("papers")), "pledge": list(policy.of("pledges")), "entry": ["consent.support", "scenes.sign-in", "text.operator"],
        "how": ["signed-in", "document"], "act": ["share", "entrust", "transfer", "publish", "abroad"], "number": [0, 1, 2], "old": [0, 1, 2],
    }  # fmt: skip

    _generated(living, world, operation, real)


def _generated(living: Any, world: Any, operation: Any, real: dict[str, list[Any]]) -> None:
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data: Any) -> None:
        try:
            case = data.draw(operation.as_strategy(generation_mode=data.draw(st.sampled_from(modes))))
        except schemathesis.errors.SchemathesisError:
            assume(False)
        for part in (case.body, case.path_parameters):
            for key in list(part) if isinstance(part, dict) else ():
                if key in real and data.draw(st.integers(0, 3)):
                    part[key] = data.draw(st.sampled_from(real[key]))
        response = case.call(base_url=living.address, headers={"Authorization": f"Bearer {world.opened.key}"})
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            assert response.headers["content-type"][0] == "application/problem+json"
            said = response.content.decode()
            for text in strings(case.body):
                assert (
                    len(text) < 6
                    or TELLABLE.fullmatch(text)
                    or text in json.dumps(document)
                    or json.dumps(text)[1:-1] not in said
                ), text

    run()


# -- by hand: what a generator does not think of -------------------------------------------------------


@pytest.fixture
def key(living, world) -> str:
    """A key of an operator of this test."""
    return str(world.opened.key)


def talk(living: Any, sent: bytes, wait: float = 10) -> bytes:
    """Send bytes as they are, and read until the server closes or is silent."""
    host, port = living.address.removeprefix("http://").split(":")
    found = b""
    with socket.create_connection((host, int(port)), timeout=wait) as wire:
        wire.sendall(sent)
        try:
            while part := wire.recv(65536):
                found += part
                head, _, body = found.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                if length and len(body) >= int(length[1]):
                    break
        except (TimeoutError, ConnectionResetError):
            pass
    return found


HOSTS = {
    "evil.example": 421, "127.0.0.1.evil": 421, "127.0.0.1.evil:8040": 421, "localhost.evil": 421, "evil.localhost": 421, "[::1]": 200,
    "[::1]:8040": 200, "localhost": 200, "LOCALHOST:1": 200, "127.0.0.1": 200, "127.0.0.1:99999": 200, "127.0.0.1:x": 421, "0.0.0.0": 421,
    "[::ffff:127.0.0.1]": 421, "::1": 421, "127.1": 421, "": 421, ":80": 421, "localhost:80:80": 421, "localhost@evil": 421, "[::1].evil": 421,
    "evil.example:127.0.0.1": 421, "localhost.": 421,
}  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_only_loopback_names_are_answered(living, host):
    """A page elsewhere cannot reach the server under a name of its own, whatever its DNS says."""
    answer = talk(
        living, f"GET /v1/openapi.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    assert int(answer.split(b" ", 2)[1]) == HOSTS[host], answer[:200]
    if HOSTS[host] == 421:
        assert b"application/problem+json" in answer
        assert b"wrong-host" in answer
    assert b"x-content-type-options: nosniff" in answer.lower()
    assert (
        not host
        or host in ("localhost", "127.0.0.1")
        or host.encode() not in answer.partition(b"\r\n\r\n")[2][:400]
    )


@pytest.mark.parametrize(
    ("request_line", "headers"),
    [("GET /v1/openapi.json HTTP/1.0", ""), ("GET http://evil.example/ HTTP/1.0", "")],
)
def test_a_call_without_a_host_is_not_answered(living, request_line, headers):
    """HTTP/1.0 needs no Host: such a call is refused like a wrong one."""
    answer = talk(living, f"{request_line}\r\n{headers}\r\n".encode())
    assert answer.split(b" ", 2)[1] == b"421"


@pytest.mark.parametrize("head", ["Host: localhost\r\nHost: evil.example", "X: y", "Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2",
                                  "Host: localhost\r\nContent-Length: -1", "Host: localhost\r\nContent-Length: 1e3"])  # fmt: skip
def test_a_call_that_is_no_http_is_refused(living, head):
    """Two hosts, none, two lengths, a length that is no number: 400."""
    answer = talk(living, f"POST /v1/people HTTP/1.1\r\n{head}\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] == b"400", answer


def test_a_body_that_says_it_is_too_long_is_not_read(living, key):
    """The answer comes before the body does, and the connection ends."""
    answer = talk(living, f"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                          f"Content-Length: {MOST_BODY_BYTES + 1}\r\n\r\n".encode())  # fmt: skip
    assert answer.split(b" ", 2)[1] == b"413"
    assert b"too-large" in answer
    assert b"connection: close" in answer.lower()
    huge = talk(
        living, f"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: {'9' * 19}\r\n\r\n".encode()
    )
    assert huge.split(b" ", 2)[1] in (b"413", b"400")


def test_a_body_in_chunks_has_the_same_limit(living, key):
    """A body that names no length is read to the limit and no further; then 413, and the connection ends."""
    host, port = living.address.removeprefix("http://").split(":")
    chunk = b"%x\r\n" % 1_000_000 + b" " * 1_000_000 + b"\r\n"
    sent, answer = 0, b""
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(f"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                     "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())  # fmt: skip
        try:
            for _ in range(60):
                wire.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        try:
            while part := wire.recv(65536):
                answer += part
        except OSError:
            pass
    assert sent < 60 * len(chunk) or answer.split(b" ", 2)[1] == b"413", answer
    assert b"201" not in answer[:20]
    if answer:
        assert answer.split(b" ", 2)[1] == b"413"
        assert b"too-large" in answer


def test_a_body_in_chunks_within_the_limit_is_taken(living, key):
    """Naming no length is no fault."""
    body = json.dumps({"user_id": "in-chunks"}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, body[i : i + 1]) for i in range(len(body))) + b"0\r\n\r\n"
    answer = talk(living, f"POST /v1/people HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                          "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunks)  # fmt: skip
    assert answer.split(b" ", 2)[1] == b"201", answer


BODIES = {
    "nesting": b"[" * 200_000, "nested-value": b'{"user_id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "half": b'{"user_id": "x', "empty": b"",
    "latin": '{"user_id": "J\xfcrgen"}'.encode("latin-1"), "utf-16": '{"user_id": "x"}'.encode("utf-16"), "invalid": b'{"user_id": "\xff\xfe"}',
    "surrogate": b'{"user_id": "\\ud800 13800138000"}', "nul": b'{"user_id": "\\u0000 13800138000"}', "number": b"1" * 5000,
    "huge-number": b'{"user_id": ' + b"9" * 10_000 + b"}", "nan": b'{"user_id": NaN}', "twice": b'{"user_id": "a", "user_id": 3}', "list": b"[]",
    "null": b"null", "text": b'"x"', "bom": b'\xef\xbb\xbf{"user_id": "x"}', "form": b"user_id=x", "binary": bytes(range(256)) * 40,
    "birth": b'{"user_id": "b", "birth": "99999-01-01"}', "old": b'{"user_id": "o", "birth": "0001-01-01"}', "key": '{"user_id": "x", "张三13800138000": 1}'.encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_call_is_a_problem(line, key, rows, world, name):
    """Whatever the bytes are: a documented answer, no echo, and nothing kept of what was refused."""
    before = rows(world, "person")
    reply = line.send("POST", "/v1/people", raw=BODIES[name], key=key)
    assert reply.status in (201, 400, 422), reply.raw
    if reply.status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert rows(world, "person") == before
    assert b"13800138000" not in reply.raw
    assert "张三".encode() not in reply.raw
    assert "\\u5f20" not in reply.raw.decode()


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_a_body_of_another_type_is_a_problem(line, key, kind):
    """Only JSON is taken in."""
    reply = line.send("POST", "/v1/decide", raw=b"<x/>", key=key, headers={"Content-Type": kind})
    assert reply.status in (400, 415, 422)
    assert reply.headers["content-type"] == "application/problem+json"


EVIL = [
    "\x00",
    "a\x00b",
    "\ud800",
    "￿",
    "😀" * 40,
    "' or 1=1 --",
    "%00",
    "../../etc/passwd",
    "\u202e" + "x",
    "x" * 199,
    " ",
    "\n",
    "13800138000",
    "张三 13800138000",
]


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_evil_text_in_every_field_is_a_problem_or_kept_as_it_is(line, key, world, living, text):
    """NUL, half characters, SQL, paths, numbers of phones: in any text of any call they bring no fault and no echo."""
    person, ref = world.person().id, "2026-01-01T00:00:00Z"
    calls = [
        ("/v1/people", {"user_id": text}), ("/v1/shown", {"person": person, "entry": "consent.support", "hash": "0" * 64, "controls": {text: text}, "app_build": text[:80]}),
        ("/v1/collect", {"person": person, "scene": "sign-in", "fields": {"phone": text, "email": text}}), ("/v1/collect", {"person": person, "scene": "sign-in", "fields": {text: text}}),
        ("/v1/collect", {"person": person, "scene": text, "fields": {}}), ("/v1/matches", {"person": person, "item": "password", "candidate": text}),
        ("/v1/read", {"person": person, "purpose": "sign-in", "items": ["phone"], "need": text[:64]}), ("/v1/decide", {"person": person, "purpose": text}),
        ("/v1/decide", {"person": person, "purpose": "sign-in", "items": [text]}), ("/v1/decide", {"person": person, "region": text[:20]}),
        ("/v1/requests", {"kind": "access", "channel": text}), ("/v1/requests", {"kind": text, "channel": "email"}), ("/v1/messages/stop", {"person": person, "way": "td", "word": text[:20]}),
        ("/v1/papers", {"holder": "authority", "name": "authority-request", "reference": text, "holds_from": ref, "holds_until": "2027-01-01T00:00:00Z"}),
        ("/v1/pledges", {"pledge": "training", "by": text, "reference": text}), ("/v1/places", {"name": "p", "region": text[:20], "covers": "store"}),
        ("/v1/policies/check", {"slug": "x", "source": text}), ("/v1/policies", {"slug": "x", "source": text}), (f"/v1/people/{person}/release", {}),
    ]  # fmt: skip
    for path, body in calls:
        reply = line.send("POST", path, body, key=key)
        assert reply.status < 500, (path, reply.raw)
        if reply.status >= 400:
            assert reply.headers["content-type"] == "application/problem+json"
            if "policies" not in path and len(text.strip()) > 5:
                said = reply.raw.decode()
                assert text not in said, (path, said)
                assert json.dumps(text)[1:-1] not in said, (path, said)
                assert "13800138000" not in said, (path, said)


def test_queries_and_paths_of_any_kind_are_answered(line, key, world):
    """Numbers out of range, moments without an offset or beyond time, names with anything in them: no fault of ours."""
    person = world.person().id
    slug = world.opened.slug
    for path in (
        "/v1/policies/-1", "/v1/policies/0", f"/v1/policies/{10**30}", f"/v1/policies/{'9' * 5000}", "/v1/policies/1e3", "/v1/policies/%00",
        f"/v1/ledger/entries?start={10**30}", "/v1/ledger/entries?start=-1&most=-5", f"/v1/ledger/entries?most={10**40}",
        f"/v1/ledger/inclusion/{10**30}", "/v1/ledger/inclusion/-1", f"/v1/ledger/inclusion/{2**63}", f"/v1/ledger/consistency/{10**30}", "/v1/ledger/consistency/-1",
        f"/v1/people/{person}/consents?at=2026-01-01T00:00:00", f"/v1/people/{person}/consents?at=0001-01-01T00:00:00%2B23:59",
        f"/v1/people/{person}/consents?at=9999-12-31T23:59:59-23:59", f"/v1/people/{person}/consents?at=99999999999999", f"/v1/people/{person}/consents?at=-1",
        "/v1/people/x/consents", f"/v1/people/{person.upper()}/consents", f"/v1/people/%7B{person}%7D/shown", "/v1/requests?after=x", "/v1/requests?after=_",
        "/v1/requests?after=0001-01-01T00:00:00.000000Z_00000000-0000-0000-0000-000000000000", "/v1/requests?most=-1", "/v1/requests?after=2026-01-01_x",
        "/v1/notices/%00", "/v1/notices/..", "/v1/notices/%E5%BC%A0%E4%B8%89%2013800138000", "/v1/notices/consent.", "/v1/notices/consent.support?language=%ff",
        f"/policy/{slug}?lang=%00", "/policy/%00", "/policy/%ff", "/policy/" + "a" * 5000, f"/v1/public/{slug}/rule", f"/v1/public/{slug}/rule?topic=%00&over=%ff",
        f"/v1/public/{slug}/cookies/%00", f"/console/{slug}?q=%00&status=%ff", f"/console/{slug}?q=" + "x" * 5000, "/console/%00/due", f"/console/{slug}/clauses/%00",
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py", "/static/%00", "/static/", "/nothing", "//evil.example/", "/v1/people/",
    ):  # fmt: skip
        reply = line.send("GET", path, key=key)
        assert reply.status < 500, (path, reply.raw)
        assert b"13800138000" not in reply.raw
        assert "张三".encode() not in reply.raw
        if reply.status >= 400:
            assert reply.headers["content-type"] == "application/problem+json", path
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert b"Traceback" not in reply.raw


def test_other_methods_are_refused_with_the_right_ones_named(line, key):
    """405 with `Allow`, and a problem."""
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "GET"):
        reply = line.send(method, "/v1/collect", key=key)
        assert reply.status == 405, method
        assert reply.headers["allow"] == "POST"
        assert reply.code == "method-not-allowed"


def test_a_fault_of_ours_tells_nothing_and_logs_no_value(living, world, capfd):
    """An error nobody foresaw is `internal`, with every header, and its words reach neither the caller nor the log."""
    from dataclasses import replace

    from shounuo.web.serve import Server

    def broken(*_: object) -> None:
        raise RuntimeError("row (phone)=(13800138000) 张三")

    parts = replace(living.parts(world), controls=replace(living.house.parts.controls, decide=broken))
    with Server(build(parts), 0) as server:
        line = living.line(server.address)
        reply = line.send(
            "POST", "/v1/decide", {"person": world.person().id, "purpose": "sign-in"}, key=world.opened.key
        )
        line.close()
    assert reply.status == 500
    assert reply.code == "internal"
    assert reply.headers["x-frame-options"] == "DENY"
    said = "".join(capfd.readouterr())
    for place in (reply.raw.decode(), said):
        assert "13800138000" not in place
        assert "张三" not in place
    assert "RuntimeError" in said
    assert "test_api_fuzz" not in said or "Traceback" not in said


def test_every_scope_is_known_to_the_duties():
    """The scopes a key can be made with are those the endpoints ask for."""
    from shounuo.web import callers

    assert callers.SCOPES == operators.SCOPES
