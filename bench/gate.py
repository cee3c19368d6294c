"""The gate: a decision in process, beside the least it can cost and beside other engines; then over HTTP."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.measure import Absent, Pair, bench, must_agree, repeat, through
from shounuo.core.decision import Facts, Intent, Reason, decide
from shounuo.core.policy import Use
from shounuo.core.rulebook import Rulebook

if TYPE_CHECKING:
    from bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the gate, and what is known."""

    intent: Intent
    facts: Facts


def questions(book: Rulebook) -> list[Question]:
    """For every use the policy has: all it needs with every consent, with none, and one item too many."""
    every = sum(book.consents.values())
    found = []
    for use in book.policy.of("uses").values():
        assert isinstance(use, Use)
        rule = book.purposes[use.name]
        if any(use.name in door.never for door in book.doors.values()) or rule.states:
            continue
        needed = frozenset(book.names(rule.items))
        extra = next(name for name in book.bits if name not in needed)
        for items, consents in ((needed, every), (needed, 0), (needed | {extra}, every)):
            facts = Facts(known=True, consents=consents, shown=rule.shown, acknowledged=rule.shown)
            found.append(Question(Intent(purpose=use.name, items=items), facts))
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """The least a decision can be: an answer with its reason, that nobody can change."""

    reason: Reason
    version: int


def floor(book: Rulebook) -> Callable[[Question], Said]:
    """The least that answers the same: a purpose looked up, masks tested, a frozen answer with its reason."""
    rules = {name: (rule.items, rule.needs) for name, rule in book.purposes.items()}
    bits, number = dict(book.bits), book.number

    def answer(question: Question) -> Said:
        intent = question.intent
        rule = rules.get(intent.purpose)
        if rule is None:
            return Said(Reason.NO_PURPOSE, number)
        wanted = 0
        for name in intent.items:
            wanted |= bits[name]
        if wanted & ~rule[0]:
            return Said(Reason.NOT_NEEDED, number)
        if rule[1] & ~question.facts.consents:
            return Said(Reason.NO_CONSENT, number)
        return Said(Reason.ALLOWED, number)

    return answer


@bench(
    "gate.decide",
    beside="dict look-up, mask tests and a frozen answer with its reason",
    unit="decisions/s",
    alone=True,
    means="share of the fastest answer plain Python gives: the rest buys other rules, clauses, masks",
)
def beside_floor(stage: "Stage") -> Iterator[Pair]:
    """All of `core.decision` beside the two mask tests at its heart."""
    book, asked, least = stage.book, questions(stage.book), floor(stage.book)
    must_agree([decide(book, q.intent, q.facts).reason for q in asked], [least(q).reason for q in asked])
    yield Pair(through(asked, lambda q: decide(book, q.intent, q.facts)), through(asked, least))


@bench(
    "gate.cedar",
    beside="cedarpy, the same policy, parsed beforehand, asked in one batch",
    unit="decisions/s",
    alone=True,
    means="how many times as many decisions as Cedar's engine from Python",
)
def beside_cedar(stage: "Stage") -> Iterator[Pair]:
    """Beside Cedar, its fastest way from Python: policy and entities as handles, one batch."""
    cedarpy = _peer("cedarpy", "cedarpy")
    book, asked = stage.book, questions(stage.book)
    names = {bit: item for item, wording in book.wordings.items() for bit in (book.consents[wording],)}

    def consents(mask: int) -> list[str]:
        return [name for bit, name in names.items() if mask & bit]

    policies = cedarpy.PolicySet.from_str(
        "\n".join(
            f'permit(principal, action == Action::"{name}", resource) when {{ '
            f"{json.dumps(sorted(book.names(rule.items)))}.containsAll(context.items) && "
            f"context.consents.containsAll({json.dumps(consents(rule.needs))}) }};"
            for name, rule in book.purposes.items()
        )
    )
    entities = cedarpy.Entities.from_json_str("[]")
    batch = [
        {
            "principal": {"type": "Product", "id": "ours"},
            "action": {"type": "Action", "id": q.intent.purpose},
            "resource": {"type": "Person", "id": "someone"},
            "context": {"items": sorted(q.intent.items), "consents": consents(q.facts.consents)},
        }
        for q in asked
    ]

    def theirs() -> list[bool]:
        return [
            one.decision.value == "Allow" for one in cedarpy.is_authorized_batch(batch, policies, entities)
        ]

    must_agree([decide(book, q.intent, q.facts).allowed for q in asked], theirs())
    yield Pair(
        repeat(lambda: [decide(book, q.intent, q.facts) for q in asked]), repeat(theirs), each=len(asked)
    )


_REGO = """
package gate
import rego.v1
default allow := false
allow if {
    rule := data.rules[input.purpose]
    every item in input.items { rule.items[item] }
    every consent, _ in rule.needs { input.consents[consent] }
}
"""


@bench(
    "gate.rego",
    beside="regorus, the same policy, asked one by one",
    unit="decisions/s",
    alone=True,
    means="how many times as many decisions as the fastest Rego engine from Python",
)
def beside_rego(stage: "Stage") -> Iterator[Pair]:
    """Beside Rego, as regorus runs it: policy and data loaded once, an input and a rule for each question."""
    regorus = _peer("regorus", "celine-regorus")
    book, asked = stage.book, questions(stage.book)
    engine = regorus.Engine()
    engine.add_policy("gate.rego", _REGO)

    def consents(mask: int) -> dict[str, bool]:
        return {wording: True for wording, bit in book.consents.items() if mask & bit}

    engine.add_data(
        {
            "rules": {
                name: {"items": dict.fromkeys(book.names(rule.items), True), "needs": consents(rule.needs)}
                for name, rule in book.purposes.items()
            }
        }
    )
    inputs = [
        {"purpose": q.intent.purpose, "items": sorted(q.intent.items), "consents": consents(q.facts.consents)}
        for q in asked
    ]

    def theirs(given: object) -> bool:
        engine.set_input(given)
        return bool(engine.eval_rule("data.gate.allow"))

    must_agree([decide(book, q.intent, q.facts).allowed for q in asked], [theirs(given) for given in inputs])
    yield Pair(through(asked, lambda q: decide(book, q.intent, q.facts)), through(inputs, theirs))


@bench(
    "gate.answer",
    beside="the same decision from facts at hand",
    unit="decisions/s",
    means="what is left of the in-process speed once a gate knows the person, with its look at the database",
)
def in_process(stage: "Stage") -> Iterator[Pair]:
    """`Gate.answer` for people it knows already, beside `core.decision` alone."""
    from bench.stage import ITEM, PURPOSE
    from shounuo.duties.decide import known_of
    from shounuo.gate import Gate

    intent, parts = Intent(purpose=PURPOSE, items=frozenset({ITEM})), stage.parts
    people = stage.told
    gate = Gate(parts, stage.operator)
    try:
        with parts.store.act(stage.operator) as act:
            book = parts.policies.in_force(act, parts.clock.now())
            assert book is not None
            known = [known_of(parts, act, book, person, parts.clock.now()) for person in people]
        facts = [one.facts(frozenset()) for one in known if one is not None]
        ours = [gate.answer(person, intent) for person in people]
        must_agree([one.reason for one in ours], [Reason.ALLOWED] * len(people))
        must_agree(ours, [decide(book, intent, one) for one in facts])
        yield Pair(
            through(people, lambda person: gate.answer(person, intent)),
            through(facts, lambda f: decide(book, intent, f)),
        )
    finally:
        gate.close()


@bench(
    "gate.known",
    beside="one point read of a plain table",
    unit="decisions/s",
    means="a decision on a person nothing is kept of, in plain reads: 0.2 costs as much as five of them",
)
def not_kept(stage: "Stage") -> Iterator[Pair]:
    """`duties.decide`, which reads everything anew, beside one plain point read."""
    from bench.stage import GET_VALUE, ITEM, PURPOSE
    from shounuo.duties.decide import decide as ask

    intent, parts, operator, plain = (
        Intent(purpose=PURPOSE, items=frozenset({ITEM})),
        stage.parts,
        stage.operator,
        stage.plain,
    )
    people = stage.told
    filled = [one.id for one in stage.filled]
    must_agree({ask(parts, operator, person, intent).reason for person in people}, {Reason.ALLOWED})
    must_agree(len(plain.execute(GET_VALUE, (operator, filled[0], "phone")).fetchall()), 1)
    yield Pair(
        through(people, lambda person: ask(parts, operator, person, intent)),
        through(filled, lambda person: plain.execute(GET_VALUE, (operator, person, "phone")).fetchall()),
    )


@bench(
    "gate.http",
    beside="a route of the same server that answers a small JSON",
    unit="calls/s",
    means="share of the calls the server could answer at all that POST /v1/decide answers, one caller",
)
def over_http(stage: "Stage") -> Iterator[Pair]:
    """POST /v1/decide beside the least the same server can do, in a process of its own."""
    from bench.stage import ITEM, PURPOSE

    people = stage.told
    bodies = [{"person": str(person), "purpose": PURPOSE, "items": [ITEM]} for person in people]
    with _served(stage) as port, socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asking = [_call("/v1/decide", stage.key, body) for body in bodies]
        least = [_call("/bench/least", stage.key, body) for body in bodies]
        must_agree({json.loads(_answer(line, call))["reason"] for call in asking}, {"allowed"})
        must_agree(
            [json.loads(_answer(line, call))["person"] for call in least], [str(person) for person in people]
        )
        yield Pair(
            through(asking, lambda call: _answer(line, call)),
            through(least, lambda call: _answer(line, call)),
        )


@contextmanager
def _served(stage: "Stage") -> Iterator[int]:
    """A server on the stage's house, in a process of its own that ends when its input does."""
    assert stage.operator  # made, and its policy published
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.served", str(stage.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def _call(path: str, key: str, body: dict[str, object]) -> bytes:
    raw = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw


def _answer(line: socket.socket, call: Any) -> bytes:
    """Send a call and return the body of the answer; anything but 200 is our own fault."""
    line.sendall(call)
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    return body


def _peer(module: str, package: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise Absent(f"{package} is not installed: `uv run --group bench python -m bench`") from None
