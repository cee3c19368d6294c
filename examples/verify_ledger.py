"""Check a ledger that Shounuo exported, without Shounuo: `verify_ledger.py FILE [--key VKEY]`.

Written from the description of the file alone, to be read by whoever has to trust it:
1. Line 1 is `shounuo-ledger/1`, line 2 the signer's key. With --key it must be that key, letter for letter.
2. Lines 3 to 5 are what was signed (name, number of entries, root); lines 6 and 8 are empty; line 7 holds the
   Ed25519 signature over lines 3 to 5.
3. Each further line is `number hash entry`: numbers run from 0, the hash is SHA-256(00 || entry), and the
   entry is JSON in its one encoding, nesting at most 32 deep.
4. There are as many hashes as were signed, and joined in pairs as in RFC 9162 they give the signed root.

Exit 0: consistent. Exit 1: refused, naming the place. Without --key anybody could have signed it.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(holds: bool, otherwise: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise ValueError(otherwise)


def sha256(raw: bytes) -> bytes:
    """All hashes here are these."""
    return hashlib.sha256(raw).digest()


def unbase64(text: str, length: int) -> bytes:
    """So many bytes, from the one way to write them."""
    raw = base64.b64decode(text, validate=True)
    need(len(raw) == length and base64.b64encode(raw).decode() == text, "this base64 is not as it must be")
    return raw


def whole_number(text: str) -> int:
    """A number every reader of JSON reads alike; fractions are refused."""
    need(abs(int(text)) < 2**53, "a number is too large")
    return int(text)


class Lines:
    """The lines of the file, and the number of the one being read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.number = file, 0

    def take(self) -> bytes:
        """The next line without its newline."""
        self.number += 1
        line = self.file.readline((1 << 20) + 129)
        need(line != b"", "the file ends here, too early")
        need(line.endswith(b"\n"), "this line does not end in a newline, or is too long")
        return line[:-1]


def read_key(vkey: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """The signer's name, key id and public key. (1)"""
    name, key_id, key = vkey.split("+", 2)
    need(0 < len(name) <= 255 and not any(c.isspace() or c < " " for c in name), "the signer's name is none")
    raw = unbase64(key, 33)
    made = sha256(name.encode() + b"\n" + raw)[:4]
    need(raw[0] == 1 and made.hex() == key_id, "the signer's key and its key id do not fit")
    return name, made, Ed25519PublicKey.from_public_bytes(raw[1:])


def read_head(lines: Lines, trusted: str | None) -> tuple[int, bytes]:
    """The number of entries and the root, once their signature holds. (1, 2)"""
    need(lines.take() == b"shounuo-ledger/1", "this is not a ledger export")
    vkey = lines.take().decode()
    need(trusted in (None, vkey), "signed with another key than the trusted one")
    name, key_id, public = read_key(vkey)
    need(lines.take() == name.encode(), "the ledger's name is not the signer's")
    size = lines.take().decode()
    need(size.isdigit() and size == str(int(size[:15])), "this is not a number of entries")
    root = unbase64(lines.take().decode(), 32)
    need(lines.take() == b"", "this line must be empty")
    dash, signer, signature = lines.take().decode().split(" ")
    signed = unbase64(signature, 68)
    need((dash, signer, signed[:4]) == ("—", name, key_id), "this is not the signer's signature")
    public.verify(signed[4:], f"{name}\n{size}\n{base64.b64encode(root).decode()}\n".encode())
    need(lines.take() == b"", "this line must be empty")
    return int(size), root


def read_entry(line: bytes, index: int) -> bytes:
    """The hash of one entry. (3)"""
    number, stated, body = line.split(b" ", 2)
    need(number == str(index).encode(), f"entry {index} must stand here")
    leaf = sha256(b"\x00" + body)
    need(base64.b64encode(leaf) == stated, f"entry {index} and its hash do not fit: one was changed")
    value = json.loads(body.decode(), parse_float=whole_number, parse_int=whole_number)
    plain = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    need(plain.encode() == body, f"entry {index} is not JSON in its one encoding")
    deep = accumulate((s in "[{") - (s in "]}") for s in re.sub(r'"(?:[^"\\]|\\.)*"', "", plain))
    need(max(deep, default=0) <= 32, f"entry {index} nests deeper than 32")
    return leaf


def read_root(lines: Lines, size: int) -> bytes:
    """The root over all entries, from the roots of complete subtrees by height. (4)"""
    subtrees: dict[int, bytes] = {}
    for index in range(size):
        node, height = read_entry(lines.take(), index), 0
        while height in subtrees:
            node, height = sha256(b"\x01" + subtrees.pop(height) + node), height + 1
        subtrees[height] = node
    root = b""
    for height in sorted(subtrees):
        root = sha256(b"\x01" + subtrees[height] + root) if root else subtrees[height]
    return root or sha256(b"")


def verify(file: BinaryIO, trusted: str | None = None) -> str:
    """Empty for a consistent file, else why it is refused."""
    lines = Lines(file)
    try:
        size, root = read_head(lines, trusted)
        made = read_root(lines, size)
        lines.number += 1
        need(file.read(1) == b"", "nothing may follow the entries that were signed")
    except InvalidSignature:
        return f"line {lines.number}: the signature does not hold"
    except (ValueError, RecursionError) as error:
        return f"line {lines.number}: {error}"
    return "" if made == root else "each entry fits its hash, but all do not fit the root: no place known"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Check a ledger that Shounuo exported, without Shounuo.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", metavar="VKEY", help="the signer's verifier key, learnt from somewhere else")
    options = parser.parse_args()
    if not options.file.is_file():
        parser.error(f"there is no file {options.file}")
    with options.file.open("rb") as opened:
        refusal = verify(opened, options.key)
    print(f"refused: {refusal}" if refusal else f"consistent, signer {'' if options.key else 'not '}checked")
    sys.exit(1 if refusal else 0)
