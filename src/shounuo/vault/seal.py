"""Seal one value so that only its chest opens it, and only in its own place.

    sealed = version (1 byte) || algorithm (1) || nonce (12) || ciphertext || tag (16)

1. The algorithm is AES-256-GCM or SM4-GCM, chosen per category. Each has a key of its own, derived from the
   key of the chest with HKDF-SHA-256, so one chest key serves both and neither meets the other's key.
2. Bound to the value: version, algorithm, operator, person, chest, record, field and kind, each behind its
   length. Moved anywhere else, a value does not open.
3. The nonce is random. One key seals far fewer than the 2**32 values that would be too many: a chest is one
   person's.
4. Whatever does not open is `Tampered`, without saying which part was wrong.
"""

import os
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shounuo.errors import Tampered
from shounuo.vault.framing import framed

Algorithm = Literal["aes-256-gcm", "sm4-gcm"]

VERSION = 1
KEY_LENGTH = 32
OVERHEAD = 30  # bytes a sealed value is longer than what it holds
_NONCE, _TAG = 12, 16
_BYTES: dict[Algorithm, int] = {"aes-256-gcm": 1, "sm4-gcm": 2}
_NAMES = {number: name for name, number in _BYTES.items()}
_LENGTHS: dict[Algorithm, int] = {"aes-256-gcm": 32, "sm4-gcm": 16}


@dataclass(frozen=True, slots=True)
class Context:
    """The one place a value belongs to (2)."""

    operator: UUID
    person: UUID
    chest: str
    record: UUID
    field: str
    kind: str = "text"

    def bound(self, algorithm: Algorithm) -> bytes:
        """Return the associated data of this place."""
        start = bytes((VERSION,)), bytes((_BYTES[algorithm],))
        return framed(*start, self.operator, self.person, self.chest, self.record, self.field, self.kind)


class ChestKey:
    """The key of one chest, with what is derived from it (1). Its bytes are not shown."""

    __slots__ = ("_ciphers", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_LENGTH:
            raise ValueError(f"a chest key has {KEY_LENGTH} bytes")
        self.raw = raw
        self._ciphers: dict[Algorithm, AESGCM | algorithms.SM4] = {}

    @classmethod
    def new(cls) -> "ChestKey":
        """Make a random key."""
        return cls(os.urandom(KEY_LENGTH))

    def cipher(self, algorithm: Algorithm) -> "AESGCM | algorithms.SM4":
        """Return the cipher under the key derived for this algorithm."""
        made = self._ciphers.get(algorithm)
        if made is None:
            info = b"shounuo value " + algorithm.encode()
            derived = HKDF(SHA256(), _LENGTHS[algorithm], salt=None, info=info).derive(self.raw)
            made = AESGCM(derived) if algorithm == "aes-256-gcm" else algorithms.SM4(derived)
            self._ciphers[algorithm] = made
        return made

    def __repr__(self) -> str:
        return "ChestKey(...)"


def seal(algorithm: Algorithm, key: ChestKey, plaintext: bytes, context: Context) -> bytes:
    """Return `plaintext` sealed for the place `context`; an algorithm that is not ours is a `ValueError`."""
    if algorithm not in _BYTES:
        raise ValueError("the algorithm of a seal is aes-256-gcm or sm4-gcm")
    nonce = os.urandom(_NONCE)  # (3)
    body = encrypt(key.cipher(algorithm), nonce, plaintext, context.bound(algorithm))
    return bytes((VERSION, _BYTES[algorithm])) + nonce + body


def open_(key: ChestKey, sealed: bytes, context: Context) -> bytes:
    """Return what was sealed for the place `context`; raise `Tampered` when it was not sealed there, by
    this key.
    """
    algorithm = _NAMES.get(sealed[1]) if len(sealed) >= OVERHEAD and sealed[0] == VERSION else None
    opened = None
    if algorithm is not None:
        nonce, body = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :]
        opened = decrypt(key.cipher(algorithm), nonce, body, context.bound(algorithm))
    if opened is None:  # (4)
        raise Tampered("a stored value is not what was sealed in this place")
    return opened


def algorithm_of(sealed: bytes) -> Algorithm:
    """Return the algorithm a sealed value says it was sealed with."""
    name = _NAMES.get(sealed[1]) if len(sealed) >= OVERHEAD and sealed[0] == VERSION else None
    if name is None:
        raise Tampered("a stored value is not what was sealed in this place")
    return name


def encrypt(cipher: "AESGCM | algorithms.SM4", nonce: bytes, plaintext: bytes, bound: bytes) -> bytes:
    """Return ciphertext and tag."""
    if isinstance(cipher, AESGCM):
        return cipher.encrypt(nonce, plaintext, bound)
    encryptor = Cipher(cipher, modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def decrypt(cipher: "AESGCM | algorithms.SM4", nonce: bytes, body: bytes, bound: bytes) -> bytes | None:
    """Return the plaintext of ciphertext and tag, or None when the tag is not right; nothing leaves before
    that.
    """
    try:
        if isinstance(cipher, AESGCM):
            return cipher.decrypt(nonce, body, bound)
        decryptor = Cipher(cipher, modes.GCM(nonce, body[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(body[:-_TAG]) + decryptor.finalize()
    except InvalidTag:
        return None
