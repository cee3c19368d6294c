"""The tags of the blind index: keyed hashes by which a value is found without being opened.

1. A tag is HMAC-SHA-256 under the operator's index key over the field and the value in its normal form.
2. The normal form makes one value of what people write in several ways: Unicode NFKC, outer blanks off,
   case folded; numbers lose their separators, and a mainland mobile number its country code.
3. Tags can be guessed by who has the key, for a phone number has eleven digits. So the key is turned over
   and destroyed with the wrapping keys, and tags lie in an unlogged table.
"""

import hmac
import re
import unicodedata
from hashlib import sha256

from shounuo.vault.framing import framed

_SEPARATORS = re.compile(r"[\s\-().:]+")
_NUMBERS = frozenset({"cn-mobile", "phone", "cn-id", "cn-credit-code", "bank-card", "postcode", "mac"})
_PHONES = frozenset({"cn-mobile", "phone"})
_ROUNDS_MAX = 4
_COUNTRY_CODE = re.compile(r"\A(?:\+|00)?86(?=1[3-9][0-9]{9}\Z)")


def normal(kind: str, text: str) -> str:
    """Return the normal form of a value of this kind (2)."""
    form = text
    for _ in range(_ROUNDS_MAX):  # Unicode promises a fixed point, not that one round reaches it.
        before, form = form, unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", form).casefold())
        form = _SEPARATORS.sub("", form) if kind in _NUMBERS else form.strip()
        if form == before:
            break
    return _COUNTRY_CODE.sub("", form) if kind in _PHONES else form


def tag(key: bytes, field: str, kind: str, text: str) -> bytes:
    """Return the 32 bytes by which a value of `field` is found (1)."""
    return hmac.digest(key, framed("shounuo index", field, normal(kind, text)), sha256)
