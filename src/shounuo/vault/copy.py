"""The copy of the key table outside of the database: what a restore needs besides an old base backup.

    keys_backup/OPERATOR/WRAPPING-KEY.keys    whose, then a line a chest, then their count and SHA-256

1. Without it, a base backup from before the keys were last turned over opens nothing at all, by design: its
   chest keys were wrapped under a key that is destroyed. With it, chests open that were not changed since.
2. It is written under another name, synced, read back from the disk, compared, and every key in it is
   opened; only then does it get its name and the copies before it go.
3. Chest keys in it are wrapped as in the database: who has the copy and not custody has nothing. It goes
   with its wrapping key, so it may be archived with any backup.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from shounuo.errors import Tampered, Unavailable
from shounuo.vault.wrapping import Wrapping

_VERSION = 1


@dataclass(frozen=True, slots=True)
class WrappedChest:
    """One chest's key, wrapped."""

    person: UUID
    chest: str
    wrapped: bytes


def place(folder: Path, operator: UUID, wrapping_key: UUID) -> Path:
    """Return where the copy of this generation lies."""
    return folder / str(operator) / f"{wrapping_key}.keys"


def write(folder: Path, wrapping: Wrapping, chests: Iterable[WrappedChest]) -> int:
    """Write the copy of a generation, drop the operator's copies before it (2); return how many chests."""
    try:
        return _write(folder, wrapping, chests)
    except OSError as error:
        why = Unavailable(
            f"the copy of the key table cannot be written to {folder}: {error.strerror}; see that the disk has room"
        )
    raise why


def _write(folder: Path, wrapping: Wrapping, chests: Iterable[WrappedChest]) -> int:
    path = place(folder, wrapping.operator, wrapping.id)
    for each in (folder, path.parent):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    digest, count = sha256(), 0
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for line in _lines(wrapping, chests):
            digest.update(line)
            count += 1
            file.write(line)
        file.write(_line({"chests": count - 1, "sha256": digest.hexdigest()}))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    opened = [wrapping.unwrap(each.wrapped, each.person, each.chest) for each in read(making)]
    if len(opened) != count - 1:
        raise Tampered("the copy of the key table does not read back as it was written; look at the disk")
    making.rename(path)
    _sync(path.parent)
    for other in path.parent.iterdir():
        if other != path:
            other.unlink()
    _sync(path.parent)
    return count - 1


def read(path: Path) -> Iterator[WrappedChest]:
    """Read a copy, line by line; `Tampered` when it is not whole. Only at its end is that known."""
    digest, count = sha256(), -1
    with path.open("rb") as file:
        for line in file:
            said = json.loads(line)
            if isinstance(said, dict) and "sha256" in said:
                if said == {"chests": count, "sha256": digest.hexdigest()} and not file.read(1):
                    return
                break
            digest.update(line)
            count += 1
            if isinstance(said, list):
                yield WrappedChest(UUID(said[0]), said[1], base64.b64decode(said[2]))
    raise Tampered("a copy of the key table is not whole")


def _lines(wrapping: Wrapping, chests: Iterable[WrappedChest]) -> Iterator[bytes]:
    yield _line({"version": _VERSION, "operator": str(wrapping.operator), "wrapping_key": str(wrapping.id)})
    for each in chests:
        yield _line([str(each.person), each.chest, base64.b64encode(each.wrapped).decode()])


def _line(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
