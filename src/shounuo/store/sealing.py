"""Seal one batch of entries: number them, add them to the tree, sign the tree, all in one act.

1. Who seals holds the operator's row in `ledger_head`, so nobody else gives numbers. Only then it looks what
   waits.
2. All that is visible and waits is sealed, whenever its act began: an entry of an act that was long open is
   not overlooked. In a batch the order is that of `at`, then of the id.
3. The tree of the database must be the one that was signed last, and must go on from the checkpoint outside
   of the database (`Restored`, else). Nothing is signed over a tree that was changed or cut back.
4. Leaves, subtrees, checkpoint and the end of the waiting are one transaction: a crash leaves all or nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shounuo.core.evidence import Checkpoint, Verifier
from shounuo.core.ledger import Hashes, Kept, Tree, leaf_hash, tree_at
from shounuo.errors import Restored, Tampered
from shounuo.store.act import Act
from shounuo.store.ledger import Sealed, hashes, sql


class Signer(Protocol):
    """Who signs an operator's checkpoints. Both may be called from many threads."""

    def verifier(self, operator: UUID) -> Verifier:
        """Return the name and public key; the name is the ledger's."""
        ...

    def sign(self, operator: UUID, text: str) -> bytes:
        """Return the whole note: `text`, which ends in a newline, signed."""
        ...


@dataclass(frozen=True, slots=True)
class _Head:
    size: int
    root: bytes | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: UUID
    at: datetime
    body: bytes


def seal(act: Act, signer: Signer, outside: Checkpoint | None, most: int) -> tuple[int, Sealed | None]:
    """Seal up to `most` entries; return how many that were, and the new checkpoint when there were any."""
    head = _take(act)
    tree = tree_at(hashes(act), head.size)
    if head.size and head.root != tree.root():  # (3)
        raise Tampered("the leaves of the ledger are not those that were signed; nothing is sealed over them")
    must_go_on(hashes(act), tree, outside)
    waiting = act.rows(_Waiting, sql.take_pending, operator=act.operator, most=most)
    if not waiting:
        return 0, None
    waiting.sort(key=lambda each: (each.at, each.entry))
    _grow(act, tree, waiting)
    latest = waiting[-1].at if head.at is None else max(head.at, waiting[-1].at)
    return len(waiting), _sign(act, signer, tree, latest)


def must_go_on(read: Hashes, tree: Tree, outside: Checkpoint | None) -> None:
    """Raise `Restored` unless the tree goes on from the checkpoint kept outside of the database (3)."""
    if outside is None or outside.size == 0:
        return
    if tree.size < outside.size:
        raise Restored(
            f"the ledger has {tree.size} entries, but {outside.size} were signed: the database was restored "
            "to an earlier state; nothing is served until what was promised since is replayed"
        )
    same = tree if tree.size == outside.size else tree_at(read, outside.size)
    if same.root() != outside.root:
        raise Restored(
            f"the first {outside.size} entries of the ledger are not those that were signed: the database "
            "was restored and went on from there; nothing is served until what was promised is replayed"
        )


def _take(act: Act) -> _Head:
    """Take the head (1)."""
    act.do(sql.plan_by_index)
    while act.row(int, sql.hold_head, operator=act.operator) is None:
        act.do(sql.put_head, operator=act.operator)
    head = act.row(_Head, sql.take_head, operator=act.operator)  # What others signed while we waited, too.
    assert head is not None
    return head


def _grow(act: Act, tree: Tree, waiting: list[_Waiting]) -> None:
    first, leaves, kept = tree.size, [leaf_hash(each.body) for each in waiting], list[Kept]()
    for leaf in leaves:
        kept += tree.append(leaf)
    entries = [each.entry for each in waiting]
    numbers = list(range(first, tree.size))
    act.do(sql.put_leaves, operator=act.operator, numbers=numbers, entries=entries, hashes=leaves)
    if kept:
        act.do(
            sql.put_subtrees,
            operator=act.operator,
            heights=[8 * each.level for each in kept],
            numbers=[each.index for each in kept],
            hashes=[each.hash for each in kept],
        )
    act.do(sql.drop_pending, operator=act.operator, entries=entries)
    act.do(sql.set_head, operator=act.operator, size=tree.size)


def _sign(act: Act, signer: Signer, tree: Tree, at: datetime) -> Sealed:
    checkpoint = Checkpoint(signer.verifier(act.operator).name, tree.size, tree.root())
    sealed = Sealed(tree.size, checkpoint.root, signer.sign(act.operator, str(checkpoint)), at)
    act.do(
        sql.put_checkpoint,
        operator=act.operator,
        size=sealed.size,
        root=sealed.root,
        note=sealed.note,
        at=sealed.at,
    )
    return sealed
