"""Wrap the key of a chest under a wrapping key, which never leaves custody for the database.

    wrapped = version (1 byte) || nonce (12) || ciphertext (32) || tag (16), AES-256-GCM

1. Bound to it: what it is, version, operator, person, chest and the id of the wrapping key. A wrapped key
   moved to another chest or person, or said to be of another generation, does not open.
2. The nonce is random: a wrapping key may wrap 2**32 chest keys, and is turned over long before.
3. What does not open is `Tampered`.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shounuo.errors import Tampered
from shounuo.vault.framing import framed
from shounuo.vault.seal import ChestKey

VERSION = b"\x01"
WRAPPED_LENGTH = 61
_NONCE = 12


class Wrapping:
    """One wrapping key of one operator, taken from custody for the length of an act."""

    __slots__ = ("_cipher", "id", "operator")

    def __init__(self, operator: UUID, key_id: UUID, secret: bytes) -> None:
        self.operator = operator
        self.id = key_id
        self._cipher = AESGCM(secret)

    def wrap(self, key: ChestKey, person: UUID, chest: str) -> bytes:
        """Return the key of a chest, wrapped for that chest alone."""
        nonce = os.urandom(_NONCE)  # (2)
        return VERSION + nonce + self._cipher.encrypt(nonce, key.raw, self._bound(person, chest))

    def unwrap(self, wrapped: bytes, person: UUID, chest: str) -> ChestKey:
        """Return the key of a chest; raise `Tampered` when this was not wrapped for it, by this key."""
        if len(wrapped) == WRAPPED_LENGTH and wrapped[:1] == VERSION:
            nonce, body = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
            try:
                return ChestKey(self._cipher.decrypt(nonce, body, self._bound(person, chest)))
            except InvalidTag:
                pass
        raise Tampered("a stored key is not the one that was wrapped for this chest")

    def _bound(self, person: UUID, chest: str) -> bytes:  # (1)
        return framed("shounuo chest key", VERSION, self.operator, person, chest, self.id)
