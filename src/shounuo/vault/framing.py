"""Join several parts into one run of bytes that can be read in only one way.

Each part is preceded by its length (four bytes, big-endian), so `("ab", "c")` and `("a", "bc")` differ.
"""

from uuid import UUID


def framed(*parts: bytes | str | UUID) -> bytes:
    """Return the parts, each behind its length; text is UTF-8, an id its 16 bytes."""
    pieces = []
    for part in parts:
        raw = part if isinstance(part, bytes) else part.bytes if isinstance(part, UUID) else part.encode()
        pieces.append(len(raw).to_bytes(4, "big"))
        pieces.append(raw)
    return b"".join(pieces)
