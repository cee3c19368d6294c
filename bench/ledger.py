"""The ledger: what a tree, a seal and a check cost beside a plain chain, plain rows and a plain hash."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.measure import Pair, bench, must_agree, repeat
from shounuo.core.evidence import Checkpoint, Verifier, sign_note, verify_export, write_export
from shounuo.core.ledger import Tree, entry_body, inclusion, leaf_hash
from shounuo.store.ids import uuid7

if TYPE_CHECKING:
    from bench.stage import Stage

_DATA = {
    "scene": "support-contact",
    "fields": ["support-message"],
    "basis": "consent",
    "version": 1,
    "clauses": ["huiju-2.2-2"],
}


@bench(
    "ledger.tree",
    beside="a plain hash chain over the same entries",
    unit="entries/s",
    alone=True,
    means="share of the cheapest thing that notices a change; a tree also proves one entry without the rest",
)
def tree(stage: "Stage") -> Iterator[Pair]:
    """Append to the tree of RFC 9162, the hash of the entry included."""
    entries = _bodies(1000)

    def ours() -> bytes:
        made = Tree()
        for body in entries:
            made.append(leaf_hash(body))
        return made.root()

    def theirs() -> bytes:
        head = b""
        for body in entries:
            head = sha256(head + body).digest()
        return head

    leaves = [leaf_hash(body) for body in entries]
    must_agree(
        inclusion(
            lambda level, start, stop: leaves[start:stop] if level == 0 else _levels(leaves)[start:stop],
            0,
            1000,
        )[0],
        leaves[1],
    )
    must_agree(len(ours()), len(theirs()))
    yield Pair(repeat(ours), repeat(theirs), each=len(entries))


@bench(
    "ledger.entry",
    beside="the same entry, encoded and hashed by json and sha256",
    unit="entries/s",
    alone=True,
    means="share of the library's encoder: the rest is one encoding only, and refusing what has none",
)
def encoding(stage: "Stage") -> Iterator[Pair]:
    """Make the body of an entry and its leaf."""
    from json import dumps

    entry, at = uuid4(), datetime(2026, 1, 2, tzinfo=UTC)

    def theirs() -> bytes:
        said = {
            "v": 1,
            "id": str(entry),
            "kind": "collected",
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "person": "p",
            "data": _DATA,
        }
        body = dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return sha256(b"\x00" + body).digest()

    def ours() -> bytes:
        return leaf_hash(entry_body(entry, "collected", at, "p", _DATA))

    must_agree(ours(), theirs())
    yield Pair(repeat(ours), repeat(theirs))


@bench(
    "ledger.append",
    beside="the same entries as plain rows, a commit each",
    unit="entries/s",
    means="what is left of a plain insert when an entry waits, is numbered, put into the tree and signed for",
)
def appending(stage: "Stage") -> Iterator[Pair]:
    """An act an entry, and after a batch of them the sealing, beside a plain insert each."""
    yield from _sealed(stage, in_one_act=False)


@bench(
    "ledger.append-many",
    beside="the same entries as plain rows, by executemany in one transaction",
    unit="entries/s",
    means="the same when a batch is one act: what sealing itself costs",
)
def appending_many(stage: "Stage") -> Iterator[Pair]:
    """A batch of entries in one act, and the sealing, beside a plain bulk insert."""
    yield from _sealed(stage, in_one_act=True)


@bench(
    "ledger.verify",
    beside="SHA-256 of the same bytes",
    unit="bytes/s",
    alone=True,
    means="share of bare hashing a stranger's check of a whole export keeps: entries, hashes, root, signer",
)
def verifying(stage: "Stage") -> Iterator[Pair]:
    """Check an export from its bytes."""
    key, entries, tree = Ed25519PrivateKey.generate(), _bodies(20 * stage.size.batch), Tree()
    verifier = Verifier("bench", key.public_key().public_bytes_raw())
    for body in entries:
        tree.append(leaf_hash(body))
    note = sign_note(str(Checkpoint("bench", tree.size, tree.root())), "bench", key)
    export = b"".join(write_export(str(verifier), note, entries))
    verdict = verify_export(export, str(verifier))
    must_agree((verdict.consistent, verdict.checkpoint and verdict.checkpoint.root), (True, tree.root()))
    must_agree(verify_export(export[:-2] + b"!\n").consistent, False)
    yield Pair(
        repeat(lambda: verify_export(export, str(verifier))),
        repeat(lambda: sha256(export).digest()),
        each=len(export),
    )


def _sealed(stage: "Stage", *, in_one_act: bool) -> Iterator[Pair]:
    from bench.stage import PUT_ENTRY
    from shounuo.duties import operators
    from shounuo.store.ledger import bodies

    store, sealer, plain = stage.house.store, stage.house.sealer, stage.plain
    operator, many = operators.open_operator(stage.parts, f"ledger-{uuid4().hex}"), stage.size.batch

    def ours() -> None:
        for _ in range(1 if in_one_act else many):
            with store.act(operator) as act:
                for _ in range(many if in_one_act else 1):
                    act.append("collected", datetime.now(UTC), _DATA, "made-up-pseudonym-of-22")
        sealer.seal_now(operator)

    def theirs() -> None:
        if in_one_act:
            with plain.transaction(), plain.cursor() as cursor:
                cursor.executemany(PUT_ENTRY, [_row(operator) for _ in range(many)])
            return
        for _ in range(many):
            plain.execute(PUT_ENTRY, _row(operator))

    def sealed() -> int:
        found = sealer.seal_now(operator)
        return found.size if found else 0

    before = sealed()
    ours()
    must_agree(sealed() - before, many)
    yield Pair(repeat(ours), repeat(theirs), each=many)
    size, tree = sealed(), Tree()
    with store.act(operator) as act:
        for body in bodies(act, 0, size):
            tree.append(leaf_hash(body))
    found = sealer.seal_now(operator)
    must_agree((tree.size, tree.root()), (found.size, found.root) if found else None)


def _row(operator: UUID) -> tuple[object, ...]:
    at = datetime.now(UTC)
    entry = uuid7(at)
    return (
        operator,
        entry,
        at,
        "collected",
        entry_body(entry, "collected", at, "made-up-pseudonym-of-22", _DATA),
    )


def _bodies(count: int) -> list[bytes]:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return [entry_body(uuid7(at), "collected", at, "made-up-pseudonym-of-22", _DATA) for _ in range(count)]


def _levels(leaves: list[bytes]) -> list[bytes]:
    tree, kept = Tree(), []
    for leaf in leaves:
        kept += tree.append(leaf)
    return [one.hash for one in kept]
