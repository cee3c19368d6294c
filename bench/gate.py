"""The gate: a decision in process, beside the least it can cost and beside other engines; then over HTTP."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench.measure import Absent, Pair, bench, must_agree, through
from shounuo.core.decision import Decision, Facts, Intent, Reason, decide
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


class Asking:
    """A gate, people it knows, and what is asked of it: what their yes allows, what nobody said yes to, an item too many."""

    def __init__(self, stage: "Stage") -> None:
        from bench.stage import ITEM, PURPOSE
        from shounuo.gate import Gate

        self.book, self.gate = stage.book, Gate(stage.parts, stage.operator)
        told, others = stage.told, stage.strangers
        extra = next(
            name for name in self.book.bits if not self.book.bits[name] & self.book.purposes[PURPOSE].items
        )
        needed, more = frozenset({ITEM}), frozenset({ITEM, extra})
        self.questions: list[tuple[UUID, str, frozenset[str]]] = [
            *((person, PURPOSE, needed) for person in told),
            *((person, PURPOSE, more) for person in told[: len(told) // 2]),
            *((person, PURPOSE, needed) for person in others),
        ]
        self.consents = dict.fromkeys(told, sum(self.book.consents.values())) | dict.fromkeys(others, 0)
        self.shown = self.book.purposes[PURPOSE].shown

    def ours(self, question: tuple[UUID, str, frozenset[str]]) -> Decision:
        """What the gate says."""
        person, purpose, items = question
        return self.gate.decide(person, purpose, items=items)

    def allowed(self) -> list[bool]:
        """What the gate says to each question; asked twice, so that it knows everybody."""
        for _ in range(2):
            found = [self.ours(question).allowed for question in self.questions]
        must_agree(set(found), {True, False})
        return found


def _names(book: Rulebook, mask: int) -> list[str]:
    """The consent items behind a mask."""
    return [item for item, wording in book.wordings.items() if book.consents[wording] & mask]


@bench(
    "gate.answer",
    beside="person and purpose looked up in dicts, mask tests, a frozen answer with its reason",
    unit="decisions/s",
    alone=True,
    means="Gate.decide with all its rules and its look at what is known, as a share of the least that could answer",
)
def in_process(stage: "Stage") -> Iterator[Pair]:
    """`Gate.decide` beside the least an in-process gate can do."""
    asking = Asking(stage)
    book = asking.book
    rules = {name: (rule.items, rule.needs) for name, rule in book.purposes.items()}
    bits, number, consents = dict(book.bits), book.number, asking.consents

    def least(question: tuple[UUID, str, frozenset[str]]) -> Said:
        person, purpose, items = question
        mask, rule = consents.get(person), rules.get(purpose)
        if mask is None or rule is None:
            return Said(Reason.NO_PURPOSE, number)
        wanted = 0
        for name in items:
            wanted |= bits[name]
        if wanted & ~rule[0]:
            return Said(Reason.NOT_NEEDED, number)
        if rule[1] & ~mask:
            return Said(Reason.NO_CONSENT, number)
        return Said(Reason.ALLOWED, number)

    try:
        must_agree(asking.allowed(), [least(one).reason is Reason.ALLOWED for one in asking.questions])
        yield Pair(through(asking.questions, asking.ours), through(asking.questions, least))
    finally:
        asking.gate.close()


@bench(
    "gate.cedar",
    beside="cedarpy, the same policy parsed beforehand, the person an entity with their consents, one by one",
    unit="decisions/s",
    alone=True,
    means="how many times as many decisions as Cedar's engine from Python",
)
def beside_cedar(stage: "Stage") -> Iterator[Pair]:
    """Beside Cedar: policy parsed, the person given in a list of entities."""
    cedarpy = _peer("cedarpy", "cedarpy")
    asking = Asking(stage)
    book = asking.book
    policies = cedarpy.PolicySet.from_str(
        "\n".join(
            f'permit(principal, action == Action::"{name}", resource) when {{ '
            f"{json.dumps(sorted(book.names(rule.items)))}.containsAll(context.items) && "
            f"principal.consents.containsAll({json.dumps(_names(book, rule.needs))}) }};"
            for name, rule in book.purposes.items()
        )
    )
    entities = {
        person: [
            {
                "uid": {"type": "Person", "id": str(person)},
                "attrs": {"consents": _names(book, mask)},
                "parents": [],
            }
        ]
        for person, mask in asking.consents.items()
    }

    def theirs(question: tuple[UUID, str, frozenset[str]]) -> bool:
        person, purpose, items = question
        request = {
            "principal": f'Person::"{person}"',
            "action": f'Action::"{purpose}"',
            "resource": 'Product::"ours"',
            "context": {"items": list(items)},
        }
        return bool(cedarpy.is_authorized(request, policies, entities[person]).decision.value == "Allow")

    try:
        must_agree(asking.allowed(), [theirs(one) for one in asking.questions])
        yield Pair(through(asking.questions, asking.ours), through(asking.questions, theirs))
    finally:
        asking.gate.close()


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
    asking = Asking(stage)
    book = asking.book
    engine = regorus.Engine()
    engine.add_policy("gate.rego", _REGO)
    rules = {
        name: {
            "items": dict.fromkeys(book.names(rule.items), True),
            "needs": dict.fromkeys(_names(book, rule.needs), True),
        }
        for name, rule in book.purposes.items()
    }
    engine.add_data({"rules": rules})
    consents = {person: dict.fromkeys(_names(book, mask), True) for person, mask in asking.consents.items()}

    def theirs(question: tuple[UUID, str, frozenset[str]]) -> bool:
        person, purpose, items = question
        engine.set_input({"purpose": purpose, "items": list(items), "consents": consents[person]})
        return bool(engine.eval_rule("data.gate.allow"))

    try:
        must_agree(asking.allowed(), [theirs(one) for one in asking.questions])
        yield Pair(through(asking.questions, asking.ours), through(asking.questions, theirs))
    finally:
        asking.gate.close()


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
