"""Evidence a stranger can check: signed notes, checkpoints, and a ledger in one file.

Notes and checkpoints (C2SP signed-note, tlog-checkpoint)
 1. A note is UTF-8 text that ends in a newline and has no other control character, an empty line, and
    signature lines: `— name base64(key id || signature)`. A signature is Ed25519 over the text.
 2. A key id is the first 4 bytes of SHA-256(name || 0A || 01 || public key). A verifier key is written
    `name+hex(key id)+base64(01 || public key)`; a name has no blank and no plus.
 3. A note is believed if the known key signed it, and no signature in the known key's name and id is false.
    Signatures of unknown keys are neither checked nor counted.
 4. A checkpoint is a note of three lines: the log's name, the number of entries, the root in base64. The
    log's name is the signer's name.
 5. Everything is read strictly: what we would not have written byte for byte is refused.

A ledger in one file
 6. `shounuo-ledger/1`, the verifier key, the checkpoint with one signature, an empty line, and a line for
    each entry: `number base64(leaf hash) entry`, numbered from 0. Every line ends in a newline.
 7. No byte is unsigned or unchecked. Name, size and root are signed; the root covers every byte of every
    entry; numbers, hashes and the key's id are redundant, and there only to name the place of a change.
 8. The first thing that does not hold is the verdict. An entry changed by itself is named; where somebody
    made the hashes and numbers anew, only the root tells, and the verdict says that it can name no place.
 9. With a trusted key, the file's key must be that key. Without one the verdict never says more than
    "consistent, signer not checked": anybody can write and sign a consistent file.
10. A file is read in pieces and never held whole, not even one that is a single line.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shounuo.core.ledger import HASH_BYTES, MOST_ENTRY_BYTES, Tree, leaf_hash, parse_canonical
from shounuo.errors import Tampered

MAGIC = "shounuo-ledger/1"  # (6)
MOST_NAME = 255
MOST_NOTE_BYTES = 1 << 20
MOST_SIGNATURES = 100
MOST_LINE_BYTES = MOST_ENTRY_BYTES + 128  # an entry, its number and its hash

_PIECE_BYTES = 1 << 16
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "— "
_ANEW = (
    "the entries are not those that were signed: each fits its own hash, but together they do not fit the"
    " signed root; somebody made the hashes anew, so no place can be named"
)
_SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Verifier:
    """The name and Ed25519 public key by which a signer is known; `str` gives its verifier key. (2)"""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise ValueError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before its signatures."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note. (1)"""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who is said to have signed it; `bytes` gives it as sent. None of it is believed yet. (1)"""

    text: str
    signatures: tuple[Signature, ...]

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger at one size; `str` gives the text that is signed. (4)"""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def parse_vkey(text: str) -> Verifier:
    """Read a verifier key. Raises ValueError that says what is wrong with it. (2, 5)"""
    found = _KEY.fullmatch(text)
    if found is None:
        raise ValueError("a verifier key is written `name+8 hex digits+base64`")
    key = _from_base64(found[3])
    if not key.startswith(_ED25519):
        raise ValueError("the verifier key is not for Ed25519")
    verifier = Verifier(found[1], key[1:])
    if str(verifier) != text:
        raise ValueError(
            "the key id in the verifier key is not that of its name and key: copy it again, whole"
        )
    return verifier


def parse_note(raw: bytes) -> Note:
    """Read a note without believing it. Raises Tampered. (1, 5)"""
    if len(raw) > MOST_NOTE_BYTES:
        raise Tampered(f"a note has at most {MOST_NOTE_BYTES} bytes")
    try:
        text, _, lines = raw.decode().rpartition("\n\n")
        note = Note(text + "\n", tuple(_signature(line) for line in lines.split("\n")[:-1]))
    except ValueError as error:
        raise Tampered(f"it is not a signed note: {error}") from None
    if not 1 <= len(note.signatures) <= MOST_SIGNATURES:
        raise Tampered(f"a note has 1 to {MOST_SIGNATURES} signature lines, each ending in a newline")
    if bytes(note) != raw or _has_control(note.text):
        raise Tampered("it is not a signed note in its one encoding")
    return note


def open_note(raw: bytes, verifier: Verifier) -> str:
    """The text of a note that the known key signed. Raises Tampered. (3)"""
    note = parse_note(raw)
    ours = _by(verifier, note)
    if not ours:
        raise Tampered(f"the note has no signature by {verifier.name} with key id {verifier.key_id.hex()}")
    for line in ours:
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public).verify(line.signature, note.text.encode())
        except (InvalidSignature, ValueError):
            raise Tampered("the signature is not one over this text") from None
    return note.text


def sign_note(text: str, name: str, private: Ed25519PrivateKey | bytes) -> bytes:
    """A note signed with this key, or its 32 secret bytes. Raises ValueError for an unfit text. (1)"""
    key = Ed25519PrivateKey.from_private_bytes(private) if isinstance(private, bytes) else private
    return attach(text, Verifier(name, key.public_key().public_bytes_raw()), key.sign(text.encode()))


def attach(text: str, verifier: Verifier, signature: bytes) -> bytes:
    """A note with a signature made elsewhere, checked before it is handed on.

    Raises ValueError for a text that cannot be a note, Tampered for a signature that does not hold. (1, 3)
    """
    if not text.endswith("\n") or _has_control(text):
        raise ValueError("a note's text has no control character and ends in a newline")
    raw = bytes(Note(text, (Signature(verifier.name, verifier.key_id, signature),)))
    open_note(raw, verifier)
    return raw


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises Tampered. (4, 5)"""
    origin, *figures = text.split("\n")
    if not origin or len(figures) != 3 or figures[2]:
        raise Tampered("a checkpoint has three lines: name, size and root")
    return Checkpoint(origin, _size(figures[0]), _root(figures[1]))


def open_checkpoint(raw: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint that the known key signed for its own log. Raises Tampered. (3, 4)"""
    checkpoint = parse_checkpoint(open_note(raw, verifier))
    if checkpoint.origin != verifier.name:
        raise Tampered("the checkpoint is of another log than the signer's")
    return checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a ledger file proved to be; true if consistent. Lines count from 1, entries from 0. (8, 9)"""

    consistent: bool
    says: str
    signer_checked: bool = False
    line: int | None = None
    entry: int | None = None
    checkpoint: Checkpoint | None = None

    def __bool__(self) -> bool:
        return self.consistent

    def __str__(self) -> str:
        if self.consistent:
            return self.says
        place = f" at line {self.line}" if self.line else ""
        return f"refused{place}{'' if self.entry is None else f', entry {self.entry}'}: {self.says}"


def write_export(vkey: str, note: bytes, bodies: Iterable[bytes]) -> Iterator[bytes]:
    """A ledger in one file, line by line: the entries of a signed checkpoint, in order. (6, 10)

    Other signatures on the note are left out. Raises ValueError for a wrong key, and Tampered where the
    entries are not those that were signed; that shows after the last line, so write to a side file first.
    """
    verifier = parse_vkey(vkey)
    checkpoint = open_checkpoint(note, verifier)
    yield f"{MAGIC}\n{verifier}\n".encode()
    yield bytes(Note(str(checkpoint), _by(verifier, parse_note(note))[:1])) + b"\n"
    tree = Tree()
    for body in bodies:
        parse_canonical(body)
        leaf = leaf_hash(body)
        line = b"%d %s %s" % (tree.size, b64encode(leaf), body)
        _check_length(line)
        yield line + b"\n"
        tree.append(leaf)
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise Tampered("the entries are not those the checkpoint was signed for")


def verify_export(source: bytes | Iterable[bytes], trusted_vkey: str | None = None) -> Verdict:
    """Check a ledger file: its bytes, or an open binary file, or its bytes in pieces of any size. (6-10)

    Raises ValueError only for a `trusted_vkey` that is none; what is wrong with the file is in the verdict.
    """
    trusted = None if trusted_vkey is None else parse_vkey(trusted_vkey)
    lines = _Lines(_split(_pieces(source)))
    try:
        checkpoint = _read_head(lines, trusted)
        tree = _read_entries(lines, checkpoint.size)
    except Tampered as fault:
        return Verdict(consistent=False, says=str(fault), line=lines.line, entry=lines.entry)
    if tree.root() != checkpoint.root:  # (8)
        return Verdict(consistent=False, says=_ANEW)
    known = "signer checked" if trusted else "signer not checked"  # (9)
    return Verdict(
        consistent=True,
        says=f"consistent, {known}",
        signer_checked=trusted is not None,
        checkpoint=checkpoint,
    )


def _read_head(lines: "_Lines", trusted: Verifier | None) -> Checkpoint:
    """The signed checkpoint, and all lines before the entries. (6, 7)"""
    if lines.text() != MAGIC:
        raise Tampered(f"it is no ledger export: the first line must be `{MAGIC}`")
    try:
        verifier = parse_vkey(lines.text())
    except ValueError as error:
        raise Tampered(str(error)) from None
    if trusted is not None and verifier != trusted:  # (9)
        raise Tampered("it is signed with another key than the trusted one")
    if lines.text() != verifier.name:
        raise Tampered("the ledger's name is not the signer's")
    checkpoint = Checkpoint(verifier.name, _size(lines.text()), _root(lines.text()))
    lines.empty()
    open_checkpoint(f"{checkpoint}\n{lines.text()}\n".encode(), verifier)
    lines.empty()
    return checkpoint


def _read_entries(lines: "_Lines", size: int) -> Tree:
    """The tree of all entries, each checked by itself. (7, 8)"""
    tree = Tree()
    lines.entry = 0
    while (line := lines.take()) is not None:
        if tree.size == size:
            raise Tampered(f"nothing may follow the {size} entries that were signed")
        tree.append(_read_entry(line, tree.size))
        lines.entry = tree.size
    if tree.size != size:
        raise Tampered(f"it ends after {tree.size} of the {size} entries that were signed")
    return tree


def _read_entry(line: bytes, index: int) -> bytes:
    """The leaf hash of an entry's line. (6, 8)"""
    number, _, rest = line.partition(b" ")
    if number != b"%d" % index:
        raise Tampered(f"entry {index} must stand here, and its line begins with its number")
    stated, _, body = rest.partition(b" ")
    leaf = leaf_hash(body)
    if stated != b64encode(leaf):
        raise Tampered("the entry is not the one its hash was made of: one of the two was changed")
    parse_canonical(body)
    return leaf


class _Lines:
    """The lines of a file, and where the reading stands. (8)"""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.line = 0
        self.entry: int | None = None

    def take(self) -> bytes | None:
        self.line += 1
        return next(self._lines, None)

    def text(self) -> str:
        line = self.take()
        if line is None:
            raise Tampered("the file ends before its entries")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise Tampered("the line is not UTF-8") from None

    def empty(self) -> None:
        if self.text():
            raise Tampered("this line must be empty")


def _pieces(source: bytes | Iterable[bytes]) -> Iterable[bytes]:
    """The bytes of a source; an open file's lines could be of any length, so its pieces are not its lines. (10)"""
    if isinstance(source, bytes):
        return (source,)
    read = getattr(source, "read", None)
    return source if read is None else iter(lambda: read(_PIECE_BYTES), b"")


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their newline, from pieces of any size. A line without one is refused. (6, 10)"""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            _check_length(line)
            yield line
        _check_length(rest)
    if rest:
        raise Tampered("the last line does not end in a newline")


def _check_length(line: bytes) -> None:
    if len(line) > MOST_LINE_BYTES:
        raise Tampered(f"a line has at most {MOST_LINE_BYTES} bytes")


def _by(verifier: Verifier, note: Note) -> tuple[Signature, ...]:
    """The signatures in the verifier's name and key id. (3)"""
    return tuple(
        line for line in note.signatures if (line.name, line.key_id) == (verifier.name, verifier.key_id)
    )


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    _check_name(name)
    decoded = _from_base64(encoded)
    if len(decoded) <= _KEY_ID_BYTES:
        raise ValueError("a signature is missing")
    return Signature(name, decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:])


def _size(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise Tampered("the size is not a whole number")
    return int(text)


def _root(text: str) -> bytes:
    try:
        root = _from_base64(text)
    except ValueError as error:
        raise Tampered(f"the root cannot be read: {error}") from None
    if len(root) != HASH_BYTES:
        raise Tampered(f"the root does not have {HASH_BYTES} bytes")
    return root


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= MOST_NAME or "+" in name or _has_control(name) or any(map(str.isspace, name)):
        raise ValueError(f"a signer's name has 1 to {MOST_NAME} characters, no blank and no plus")


def _has_control(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _from_base64(text: str) -> bytes:
    """The bytes of which this is the one base64 text. (5)"""
    raw = b64decode(text, validate=True)
    if _base64(raw) != text:
        raise ValueError("it is not base64 in its one encoding")
    return raw
