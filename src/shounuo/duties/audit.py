"""Show the ledger: what is sealed, that it has not changed, and all of it in one file.

1. Only sealed entries are shown; what is committed is sealed within a second, and at once before a checkpoint is given.
2. A proof is made against the newest checkpoint, whose note is signed.
"""

from base64 import b64encode
from collections.abc import Iterator
from uuid import UUID

from shounuo.core.evidence import write_export
from shounuo.duties.parts import Parts
from shounuo.errors import NotFound
from shounuo.store import ledger
from shounuo.store.ledger import Sealed


def newest(parts: Parts, operator: UUID) -> Sealed:
    """The newest checkpoint, everything committed so far included. (1)"""
    sealed = parts.sealer.seal_now(operator)
    if sealed is None:
        raise NotFound("empty-ledger", "nothing has happened yet, so there is no checkpoint")
    return sealed


def checkpoint(parts: Parts, operator: UUID) -> str:
    """The newest checkpoint as its signed note."""
    return newest(parts, operator).note.decode()


def entries(parts: Parts, operator: UUID, start: int, most: int) -> list[bytes]:
    """Up to `most` sealed entries from number `start` on."""
    with parts.store.act(operator) as act:
        sealed = ledger.checkpoint(act)
        stop = min(start + most, sealed.size if sealed else 0)
        return list(ledger.bodies(act, start, stop)) if stop > start else []


def inclusion(parts: Parts, operator: UUID, number: int) -> dict[str, object]:
    """The proof that entry `number` is in the tree of the newest checkpoint. (2)"""
    with parts.store.act(operator) as act:
        sealed = ledger.checkpoint(act)  # first, for the ledger grows meanwhile
        proof = ledger.inclusion(act, number, sealed.size if sealed else 0)
    return {
        "number": number,
        "size": proof.size,
        "proof": [_text(one) for one in proof.hashes],
        "checkpoint": sealed.note.decode() if sealed else "",
    }


def consistency(parts: Parts, operator: UUID, old: int) -> dict[str, object]:
    """The proof that the tree of `old` entries is a prefix of today's. (2)"""
    with parts.store.act(operator) as act:
        sealed = ledger.checkpoint(act)
        path = ledger.consistency(act, old, sealed.size if sealed else 0)
    return {
        "old": old,
        "size": sealed.size if sealed else 0,
        "proof": [_text(one) for one in path],
        "checkpoint": sealed.note.decode() if sealed else "",
    }


def export(parts: Parts, operator: UUID) -> Iterator[bytes]:
    """The whole ledger as the lines of one file."""
    sealed = newest(parts, operator)
    vkey = str(parts.signer.verifier(operator))
    return write_export(vkey, sealed.note, ledger.stream(parts.store, operator, 0, sealed.size))


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
