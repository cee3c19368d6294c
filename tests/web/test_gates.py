"""A server in service answers by gates: it knows people and keys, and hears at once of what changes."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest

from shounuo.core.policy import ConsentItem, Form
from shounuo.duties import agree, operators
from shounuo.duties.agree import Screen
from shounuo.duties.changes import Changes
from shounuo.web.app import build
from shounuo.web.gates import Gates
from shounuo.web.serve import Server

USE = "faster-help"


class Service:
    """A server that is not one for proving, on the parts of a world."""

    def __init__(self, living, world, app, line):
        self.parts, self.operator, self.app, self._line = (
            living.parts(world),
            living.operator(world),
            app,
            line,
        )
        self.book, self.person = living.book, UUID(world.person().id)
        self.key = operators.new_key(self.parts, self.operator, "service", ("product",))
        rule = self.book.purposes[USE]
        for item in rule.asks:
            if self.book.policy.of("consent")[item].form is not Form.GUARDIAN:
                self.item = item
                self.say(item)
        if rule.shown:
            self.show(rule.entry)

    def show(self, entry):
        _, notice = agree.notice(self.parts, self.operator, entry, "en")
        screen = Screen(language="en", controls=dict(notice.controls), acknowledged=True)
        return agree.show(self.parts, self.operator, self.person, entry, notice.hash, screen)

    def say(self, item):
        agree.answer(self.parts, self.operator, self.person, item, True, self.show(f"consent.{item}"))

    def ask(self, key=None):
        return self._line.send(
            "POST", "/v1/decide", {"person": str(self.person), "purpose": USE}, key=key or self.key
        )

    @property
    def elsewhere(self):
        """The parts of another process on the same database."""
        return replace(self.parts, changes=Changes())


@contextmanager
def _serving(living, world):
    app = build(living.parts(world), guard=living.house.guard.admit)
    with Server(app, 0) as server:
        line = living.line(server.address)
        try:
            yield Service(living, world, app, line)
        finally:
            line.close()


@pytest.fixture
def service(living, world):
    """One, for one test."""
    with _serving(living, world) as made:
        yield made


def test_people_and_keys_are_known_after_the_first_question(service):
    """The same answer each time, and from the second question on without a look at the database."""
    first = service.ask()
    assert first.body["allowed"], first.body
    digest = hashlib.sha256(service.key.encode()).digest()
    assert service.ask().body == first.body
    assert service.app.state.gates.key(digest) is not None


def test_a_withdrawal_is_obeyed_by_the_next_answer(service):
    """Here at once; from another process as soon as the gate has looked."""
    assert service.ask().body["allowed"]
    agree.withdraw(service.parts, service.operator, service.person, service.item)
    assert service.ask().body["reason"] == "no-consent"
    service.say(service.item)
    assert service.ask().body["allowed"]
    agree.withdraw(service.elsewhere, service.operator, service.person, service.item)
    ends = monotonic() + 10
    while service.ask().body["allowed"] and monotonic() < ends:
        sleep(0.01)
    assert service.ask().body["reason"] == "no-consent"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_revoked_key_opens_nothing(service, elsewhere):
    """A key that is remembered is forgotten when it is revoked, here or in another process."""
    for _ in range(3):
        assert service.ask().status == 200
    beginning = hashlib.sha256(service.key.encode()).hexdigest()[:16]
    operators.revoke_key(service.elsewhere if elsewhere else service.parts, service.operator, beginning)
    ends = monotonic() + (10 if elsewhere else 0)
    while service.ask().status == 200 and monotonic() < ends:
        sleep(0.01)
    assert service.ask().status == 401


def test_a_key_without_the_scope_is_refused_when_remembered_too(service):
    """What is remembered of a key is what it opens, and no more."""
    auditor = operators.new_key(service.parts, service.operator, "audit", ("auditor",))
    service.ask()
    for _ in range(3):
        assert (service.ask(auditor).status, service.ask(auditor).code) == (403, "no-scope")


def test_a_blind_gate_answers_nothing_and_remembers_no_key(service):
    """The answer is 503, never a yes; the key is looked up again."""
    assert service.ask().body["allowed"]
    gates = service.app.state.gates
    follower = gates.of(service.operator)._follower
    follower._stop.set()
    follower._thread.join()
    follower.blind()
    digest = hashlib.sha256(service.key.encode()).digest()
    assert gates.key(digest) is None
    assert (service.ask().status, service.ask().code) == (503, "unavailable")


def test_another_operators_person_is_nobody_in_a_gate_too(living, service):
    """A gate of one operator knows nobody of another."""
    other = living.world()
    stranger = UUID(other.person().id)
    for _ in range(2):
        service.person, mine = stranger, service.person
        assert service.ask().body["reason"] == "no-person"
        service.person = uuid4()
        assert service.ask().body["reason"] == "no-person"
        service.person = mine
        assert service.ask().body["allowed"]


def test_gates_end_with_their_server(living, world):
    """No thread is left that follows."""
    with _serving(living, world) as made:
        made.ask()
        follower = made.app.state.gates.of(made.operator)._follower
        assert follower._thread.is_alive()
    assert not follower._thread.is_alive()


def test_the_consent_the_tests_rest_on_is_one(living):
    """What is asked here does rest on a person's own yes."""
    items = [living.book.policy.of("consent")[one] for one in living.book.purposes[USE].asks]
    assert any(isinstance(one, ConsentItem) and one.form is not Form.GUARDIAN for one in items)


def test_a_key_looked_up_before_anybody_followed_is_not_remembered(service):
    """Between the look and the gate it may have been revoked, and nobody would have heard."""
    gates = Gates(service.parts, lambda _operator: None)
    before = gates.epoch
    gates.of(service.operator)
    try:
        gates.remember(service.operator, b"looked up before", "caller", before)
        gates.remember(service.operator, b"looked up since", "caller", gates.epoch)
        assert (gates.key(b"looked up before"), gates.key(b"looked up since")) == (None, "caller")
    finally:
        gates.close()
    assert gates.key(b"looked up since") is None
