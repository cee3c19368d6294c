"""Secrets, such as passwords: kept only as what can check one, never as what it was.

1. A verifier is Argon2id (RFC 9106) with a random salt, in the PHC form that carries its own parameters.
2. A secret is brought into Unicode NFC first, so that the same keys on another machine give the same
   secret.
3. The verifier is sealed in a chest like any value, and is never read out, exported or masked.
"""

import os
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_SALT, _LENGTH = 16, 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What checking one secret costs: RFC 9106's second recommended choice."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4


def verifier(secret: str, cost: Cost) -> str:
    """Return what can check `secret` (1, 2)."""
    made = Argon2id(
        salt=os.urandom(_SALT),
        length=_LENGTH,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return made.derive_phc_encoded(_bytes(secret))


def matches(candidate: str, kept: str) -> bool:
    """Whether `candidate` is the secret that `kept` checks."""
    try:
        Argon2id.verify_phc_encoded(_bytes(candidate), kept)
    except InvalidKey:
        return False
    return True


def _bytes(secret: str) -> bytes:
    return unicodedata.normalize("NFC", secret).encode()
