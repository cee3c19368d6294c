"""The master key: 32 random bytes in `master.key`, under which every key file is sealed.

1. It is made once, at the very first start, and only when neither key files nor data exist that another
   master key must have sealed. Its loss loses everything, so it lies in both copies.
2. Two processes that start first at once end up with one: the file appears by a hard link, which only one
   can win.
3. A copy that lacks it is given it again from the other. Two copies that differ are refused.
4. It seals a key to its operator, purpose and id: a key file renamed or moved does not open.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shounuo.custody import copies
from shounuo.errors import Misconfigured

KEY_LENGTH = 32
NAME = "master.key"
_VERSION = b"\x01"
_NONCE = 12


class Master:
    """The master key, as what it can do."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, operator: UUID, purpose: str, key_id: UUID, secret: bytes) -> bytes:
        """Return a key as it lies in its file (4)."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret, _bound(operator, purpose, key_id))

    def open(self, operator: UUID, purpose: str, key_id: UUID, sealed: bytes) -> bytes | None:
        """Return the key in a file, or None when this is not that key or not sealed by this master key."""
        if sealed[:1] != _VERSION:
            return None
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, body, _bound(operator, purpose, key_id))
        except (InvalidTag, ValueError):
            return None


def master(folders: Sequence[Path], *, may_make: bool) -> Master:
    """Return the master key of these copies, making it when there is none and it `may_make` (1)."""
    found = {content for each in folders if (content := copies.read(each / NAME)) is not None}
    if not found and not may_make:
        places = " or ".join(str(each / NAME) for each in folders)
        raise Misconfigured(
            f"the master key is missing while there are keys or data sealed under it; put {places} back "
            "from your copy. A new one would open nothing"
        )
    if not found:
        copies.write(folders[0] / NAME, os.urandom(KEY_LENGTH), over=False)  # (2)
        found = {copies.read(folders[0] / NAME) or b""}
    if len(found) > 1:
        raise Misconfigured(
            f"{folders[0] / NAME} and {folders[1] / NAME} differ; put the right one in both places (3)"
        )
    secret = found.pop()
    if len(secret) != KEY_LENGTH:
        raise Misconfigured(
            f"the master key has {len(secret)} bytes instead of {KEY_LENGTH}; put it back from your copy"
        )
    for each in folders:  # (3)
        copies.write(each / NAME, secret, over=False)
        if copies.read(each / NAME) != secret:
            raise Misconfigured(f"the copies of {NAME} differ; put the right one in both places")
    return Master(secret)


def _bound(operator: UUID, purpose: str, key_id: UUID) -> bytes:
    parts = (b"shounuo custody", _VERSION, operator.bytes, purpose.encode(), key_id.bytes)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
