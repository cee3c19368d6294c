"""Make an act happen once, however often the call that asks for it is repeated.

1. A call may carry a key. The act it leads to notes, in its own transaction, the key, a keyed fingerprint of the body,
   the status and the id of what was made: never body or answer.
2. The same key with the same body is answered from what was made; with another body it is refused.
3. The fingerprint's key turns over with the wrapping keys. A fingerprint whose key is gone cannot be compared: the call
   is then taken for the same, for its act was done.
4. It is remembered for `REMEMBERED`, and forgotten then.
5. What must not be made twice by two calls at once, each with a key of its own or none, waits its turn under a keyed
   fingerprint. Nothing of it is left behind.
6. An act may be kept and its caller not answered, for its *no* could not be written outside of the database. The call
   that repeats it is answered only when that is written.
"""

import hmac
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shounuo.duties.parts import Parts
from shounuo.errors import Invalid
from shounuo.store.act import Act
from shounuo.store.queries import load as load_queries
from shounuo.store.queries import parse

_sql = load_queries("shounuo.store", "sql/foundation.sql")
_own = parse("duties/once.py", """
-- name: leave_turn
-- Takes a turn's mark away in the act that made it: others wait for the act, not for the mark.
delete from shounuo.idempotency where operator = %(operator)s and access_key = %(access_key)s and route = %(route)s
    and idempotency_key = %(idempotency_key)s
""")  # fmt: skip
_NO_KEY = bytes(32)
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that asked to be done once."""

    access_key: bytes
    route: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Answered:
    fingerprint: bytes
    fingerprint_key: UUID
    status: int
    resource: str | None
    at: datetime


CURRENT: ContextVar[Call | None] = ContextVar("shounuo_call", default=None)


def made(parts: Parts, act: Act, resource: str, status: int = 201) -> None:
    """Note, in `act`, that the current call made `resource`. (1)"""
    call = CURRENT.get()
    if call is None:
        return
    key_id, digest = parts.vault.fingerprint(act, call.body)
    act.do(
        _sql.put_answered, operator=act.operator, access_key=call.access_key, route=call.route, idempotency_key=call.key,
        fingerprint=digest, fingerprint_key=key_id, status=status, resource=resource, at=parts.clock.now(),
    )  # fmt: skip


def answered(parts: Parts, operator: UUID, call: Call) -> str | None:
    """What the call made when it came before, or None. Raises Invalid for another body under the same key. (2, 3, 6)"""
    with parts.store.act(operator) as act:
        before = act.row(
            _Answered,
            _sql.answered,
            operator=operator,
            access_key=call.access_key,
            route=call.route,
            idempotency_key=call.key,
        )
        if before is None:
            return None
        digest = parts.vault.fingerprint_again(act, before.fingerprint_key, call.body)
    if digest is not None and not hmac.compare_digest(digest, before.fingerprint):
        raise Invalid("key-reused", "this Idempotency-Key was used with another body")
    parts.sealer.journal_waiting(operator)  # (6)
    return before.resource


def wait_turn(parts: Parts, act: Act, what: str) -> None:
    """Go on only when no other open act is at the same thing; what that one did is seen after this. (5)"""
    key_id, digest = parts.vault.fingerprint(act, what.encode())
    turn = {"operator": act.operator, "access_key": _NO_KEY, "route": "turn", "idempotency_key": digest.hex()}
    act.do(
        _sql.put_answered,
        **turn,
        fingerprint=digest,
        fingerprint_key=key_id,
        status=0,
        resource=None,
        at=parts.clock.now(),
    )
    act.do(_own.leave_turn, **turn)


def forget(parts: Parts, operator: UUID, at: datetime) -> None:
    """Forget what was answered so long ago that nobody repeats it. (4)"""
    with parts.store.act(operator) as act:
        act.do(_sql.drop_answered, operator=operator, before=at - REMEMBERED)
