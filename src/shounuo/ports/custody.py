"""Custody: where the keys live that must never lie in the database.

1. A key belongs to one operator and one purpose, and is known by a random id.
2. A key is 32 random bytes, made in custody, in at least two copies that can each be deleted.
3. What was destroyed never comes back: not from a copy that was missed, not from a half-finished
   destruction.
4. Custody is never part of a backup that is kept longer than the erasure term.

The purposes: `wrap` opens the keys of chests; `index` makes the tags of the blind index; `fingerprint`
makes the fingerprints of calls; `sign` is the seed of the ledger's signer, which is never turned over by
the vault.
"""

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

Purpose = Literal["wrap", "index", "fingerprint", "sign"]
PURPOSES: tuple[Purpose, ...] = ("wrap", "index", "fingerprint", "sign")


class Custody(Protocol):
    """A keeper of keys. All of it may be called from many threads and processes at once."""

    def create(self, operator: UUID, purpose: Purpose) -> UUID:
        """Make a new key, on every copy's disk before this returns; return its id."""
        ...

    def key(self, operator: UUID, key_id: UUID) -> bytes:
        """Return the 32 bytes. `NotFound` with the code `key-destroyed` or `key-unknown` when there are
        none.
        """
        ...

    def destroy(self, operator: UUID, key_id: UUID) -> None:
        """Destroy a key in every copy, for good (3). Destroying what is destroyed or was never there is
        nothing.
        """
        ...

    def ids(self, operator: UUID, purpose: Purpose) -> Sequence[UUID]:
        """Return the ids of the keys that can still be read."""
        ...
