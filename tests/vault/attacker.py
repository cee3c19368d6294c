"""An attacker who holds every copy of the database there is, and today's custody.

What they have: the folders of live database, base backup and archived WAL; the copies of key tables;
restores of the backup to any moment; every key in custody. What they do:

1. Unwrap every chest key they find, in any table of any restore, in any copy, or in the raw bytes of any
   file (a dead row, a write that was rolled back), with every key, as if it were of any chest and any
   generation.
2. Open every sealed value they find in those places, with every chest key, in every place it might belong
   to.
3. Guess: with 10,000 numbers, under every key, against every tag, fingerprint, hash and random-looking
   name.
4. Look for the texts themselves in every byte, in several spellings.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5, sha1, sha256
from pathlib import Path
from uuid import UUID

import psycopg

from shounuo.custody.files import FileCustody
from shounuo.errors import Tampered
from shounuo.ports.custody import PURPOSES
from shounuo.vault import copy, tag
from shounuo.vault.framing import framed
from shounuo.vault.seal import ChestKey, Context, open_
from shounuo.vault.wrapping import WRAPPED_LENGTH, Wrapping

CANDIDATES = [f"1380000{n:04d}" for n in range(10_000)]
WRAPPED = re.compile(bytes((((WRAPPED_LENGTH + 1) << 1) | 1,)) + rb"(?=(\x01.{60}))", re.DOTALL)
TAG = re.compile(bytes(((33 << 1) | 1,)) + rb"(?=(.{32}))", re.DOTALL)


@dataclass
class Loot:
    """What the attacker got hold of."""

    texts: set[str] = field(default_factory=set)  # What sealed values hold.
    guesses: set[str] = field(default_factory=set)  # Numbers confirmed by a tag, fingerprint, hash or name.
    seen: set[str] = field(default_factory=set)  # Texts that lie somewhere in clear.
    chest_keys: int = 0


@dataclass
class Attacker:
    """Everything there is to attack, collected with `see_database`, `see_files` and `see_custody`."""

    operator: UUID
    secrets: dict[UUID, bytes] = field(default_factory=dict)
    wrapped: set[bytes] = field(default_factory=set)
    chests: set[tuple[UUID, str]] = field(default_factory=set)
    generations: set[UUID] = field(default_factory=set)
    sealed: set[bytes] = field(default_factory=set)
    places: set[tuple[UUID, str, UUID, str, str]] = field(default_factory=set)
    hashes: set[bytes] = field(default_factory=set)
    names: set[bytes] = field(default_factory=set)
    targets: Sequence[str] = ()  # Texts looked for in clear (4).
    seen: set[str] = field(default_factory=set)

    def see_custody(self, custody: FileCustody) -> None:
        """Take every key that is in custody now."""
        for purpose in PURPOSES:
            self.secrets |= {
                each: custody.key(self.operator, each) for each in custody.ids(self.operator, purpose)
            }

    def see_database(self, url: str) -> None:
        """Read every table that holds keys, values, tags or fingerprints, as a superuser."""
        with psycopg.connect(url) as reader:
            for person, chest, generation, wrapped in reader.execute(
                "select person, chest, wrapping_key, wrapped from shounuo.chest_key"
            ):
                self.wrapped.add(wrapped)
                self.chests.add((person, chest))
                self.generations.add(generation)
            for person, chest, record, name, kind, sealed in reader.execute(
                "select person, chest, record, field, kind, sealed from shounuo.value"
            ):
                self.sealed.add(sealed)
                self.places.add((person, chest, record, name, kind))
            for person, sealed in reader.execute("select person, pseudonym from shounuo.person"):
                self.names.add(person.bytes)
                self.sealed |= {sealed} if sealed else set()
                self.places.add((person, "pseudonym", UUID(int=0), "pseudonym", "pseudonym"))
            self.hashes |= {row[0] for row in reader.execute("select tag from shounuo.lookup")}
            self.hashes |= {row[0] for row in reader.execute("select fingerprint from shounuo.idempotency")}
            self.generations |= {row[0] for row in reader.execute("select id from shounuo.wrapping_key")}

    def see_copies(self, folder: Path) -> None:
        """Read every copy of a key table."""
        for path in folder.rglob("*.keys"):
            for each in copy.read(path):
                self.wrapped.add(each.wrapped)
                self.chests.add((each.person, each.chest))

    def see_files(self, *folders: Path) -> None:
        """Take every byte of every file, and whatever in it may be a wrapped key, a sealed value or a tag."""
        for folder in folders:
            for path in folder.rglob("*"):
                if raw := _bytes(path):
                    self.seen |= {
                        each for each in self.targets if any(form in raw for form in _spellings(each))
                    }
                    self.wrapped |= {found[1] for found in WRAPPED.finditer(raw)}
                    self.hashes |= {found[1] for found in TAG.finditer(raw)}
                    for length in range(40, 54):
                        start = bytes((((length + 1) << 1) | 1, 1))
                        pattern = re.compile(
                            re.escape(start) + rb"(?=([\x01\x02].{%d}))" % (length - 2), re.DOTALL
                        )
                        self.sealed |= {b"\x01" + found[1] for found in pattern.finditer(raw)}

    def attack(self) -> Loot:
        """Do all of it with what was collected."""
        loot = Loot(seen=self.seen)
        keys = dict(self._chest_keys())  # (1)
        loot.chest_keys = len(keys)
        for person, chest, record, name, kind in self.places:  # (2)
            for key in keys.get((person, chest), ()):
                place = Context(self.operator, person, chest, record, name, kind)
                loot.texts |= {
                    text for sealed in self.sealed if (text := _open(key, sealed, place)) is not None
                }
        self.names |= {_unbase64(text) for text in loot.texts}
        loot.guesses = set(self._guess())  # (3)
        return loot

    def _chest_keys(self) -> Iterator[tuple[tuple[UUID, str], list[ChestKey]]]:
        generations = self.generations | set(self.secrets)
        wrappings = [
            Wrapping(self.operator, each, secret) for secret in self.secrets.values() for each in generations
        ]
        for person, chest in self.chests:
            found = {}
            for wrapping in wrappings:
                for wrapped in self.wrapped:
                    try:
                        key = wrapping.unwrap(wrapped, person, chest)
                    except Tampered:
                        continue
                    found[key.raw] = key
            yield (person, chest), list(found.values())

    def _guess(self) -> Iterator[str]:
        fields = {name for _, _, _, name, _ in self.places} | {"phone"}
        for candidate in CANDIDATES:
            text, body = candidate.encode(), f'{{"phone":"{candidate}"}}'.encode()
            made = {make(text).digest() for make in (sha256, sha1, md5)}
            for secret in self.secrets.values():
                made |= {tag.tag(secret, name, "cn-mobile", candidate) for name in fields}
                made |= {
                    hmac.digest(secret, framed("shounuo fingerprint", each), sha256) for each in (text, body)
                }
                made.add(hmac.digest(secret, text, sha256))
            if made & self.hashes or {each[:16] for each in made} & self.names:
                yield candidate


def _bytes(path: Path) -> bytes:
    """Return what a file holds; a live server's may be gone by then."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def _open(key: ChestKey, sealed: bytes, place: Context) -> str | None:
    try:
        return open_(key, sealed, place).decode()
    except Tampered:
        return None


def _unbase64(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "==")
    except ValueError:
        return b""


def _spellings(text: str) -> Sequence[bytes]:
    plain = text.encode()
    return (plain, text.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain).rstrip(b"="))
