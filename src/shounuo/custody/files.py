"""Custody in files: each key sealed under the master key, in two folders outside of the database's own.

    FOLDER/master.key                       the master key (see `master`)
    FOLDER/OPERATOR/ID.PURPOSE.key          one key
    FOLDER/OPERATOR/ID.destroyed            that key is destroyed, for good

1. A key is in both copies before `create` returns. One found in a single copy is written to the other
   again.
2. Destroying first marks the key as destroyed in both copies, then makes its files be gone. A key so marked
   is never read or healed: whoever meets a half-finished destruction completes it.
3. All changes are made under one lock, which holds between processes too.
4. A key kept in memory is handed out only while its file is still there, so a key that another process
   destroyed is never used here again.
5. The master key is never made anew beside keys or data; a wrong one is told from a damaged key.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from shounuo.custody import copies
from shounuo.custody.master import NAME, master
from shounuo.errors import Misconfigured, NotFound, Tampered
from shounuo.ports.custody import PURPOSES, Purpose

KEY_LENGTH = 32


class FileCustody:
    """The keeper of keys in two folders. `create` allows a first master key; say so only beside an empty
    database.
    """

    def __init__(self, first: Path, second: Path, *, create: bool, away_from: Sequence[Path] = ()) -> None:
        self._folders = _apart(first.resolve(), second.resolve(), [each.resolve() for each in away_from])
        self._kept: dict[tuple[UUID, UUID], tuple[Path, bytes]] = {}
        for each in self._folders:
            copies.folder(each)
        with self._alone():
            self._master = master(self._folders, may_make=create and not any(self._files()))  # (5)
            self._must_open()

    def create(self, operator: UUID, purpose: Purpose) -> UUID:
        """Make a new key in both copies; return its id (1)."""
        if purpose not in PURPOSES:
            raise ValueError("the purpose of a key is one of " + ", ".join(PURPOSES))
        key_id = uuid4()
        sealed = self._master.seal(operator, purpose, key_id, os.urandom(KEY_LENGTH))
        with self._alone():
            for each in self._folders:
                copies.write(copies.folder(each / str(operator)) / f"{key_id}.{purpose}.key", sealed)
                copies.sync(each)
        return key_id

    def key(self, operator: UUID, key_id: UUID) -> bytes:
        """Return a key; `NotFound` says `key-destroyed` or `key-unknown`, `Tampered` that no copy opens."""
        kept = self._kept.get((operator, key_id))
        if kept is not None and kept[0].exists():  # (4)
            return kept[1]
        with self._alone():
            self._kept.pop((operator, key_id), None)
            if self._is_destroyed(operator, key_id):
                self._destroy(operator, key_id)  # (2)
                raise NotFound(
                    "key-destroyed", "this key was destroyed; what it sealed cannot be read any more"
                )
            path, secret = self._read(operator, key_id)
            self._kept[operator, key_id] = path, secret
            return secret

    def destroy(self, operator: UUID, key_id: UUID) -> None:
        """Destroy a key in both copies, for good (2)."""
        with self._alone():
            self._destroy(operator, key_id)
            self._kept.pop((operator, key_id), None)

    def ids(self, operator: UUID, purpose: Purpose) -> list[UUID]:
        """Return the ids of this purpose that can still be read, completing destructions that were cut
        short.
        """
        with self._alone():
            names = {path.name for path in self._files(operator) if path.name.endswith(f".{purpose}.key")}
            found = sorted(UUID(name.split(".")[0]) for name in names)
            for key_id in found:
                if self._is_destroyed(operator, key_id):
                    self._destroy(operator, key_id)  # (2)
            return [key_id for key_id in found if not self._is_destroyed(operator, key_id)]

    def _read(self, operator: UUID, key_id: UUID) -> tuple[Path, bytes]:
        """Return the file and the key of the first copy that opens, and heal the other (1)."""
        purpose = next((path.name.split(".")[1] for path in self._files(operator, key_id)), None)
        if purpose is None:
            raise NotFound(
                "key-unknown", "custody holds no such key; see that it is the custody of this database"
            )
        paths = [each / str(operator) / f"{key_id}.{purpose}.key" for each in self._folders]
        contents = [copies.read(path) for path in paths]
        for content in contents:
            secret = content and self._master.open(operator, purpose, key_id, content)
            if content and secret:
                for path, other in zip(paths, contents, strict=True):
                    if other != content:
                        copies.folder(path.parent)
                        copies.write(path, content)
                return paths[0], secret
        raise Tampered("a key file is damaged in every copy; put it back from your copy of the key folder")

    def _is_destroyed(self, operator: UUID, key_id: UUID) -> bool:
        return any((each / str(operator) / f"{key_id}.destroyed").exists() for each in self._folders)

    def _destroy(self, operator: UUID, key_id: UUID) -> None:
        for each in self._folders:
            copies.write(copies.folder(each / str(operator)) / f"{key_id}.destroyed", b"", over=False)
        for each in self._folders:
            for path in (each / str(operator)).glob(
                f"{key_id}.*.key*"
            ):  # A write cut short leaves `.making`.
                copies.destroy(path)

    def _files(self, operator: UUID | None = None, key_id: UUID | None = None) -> Iterator[Path]:
        for each in self._folders:
            yield from each.glob(f"{operator or '*'}/{key_id or '*'}.*.key")

    def _must_open(self) -> None:
        """See that this master key is the one these keys were sealed under (5)."""
        several = 0
        for path in self._files():
            key_id, purpose, _ = path.name.split(".")
            content = copies.read(path)
            if content and self._master.open(UUID(path.parent.name), purpose, UUID(key_id), content):
                return
            several += 1
        if several:
            places = " and ".join(str(each / NAME) for each in self._folders)
            raise Misconfigured(f"the master key opens none of the keys; put the right one back at {places}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of this custody (3)."""
        with copies.changing(self._folders[0] / "lock"):
            descriptor = os.open(self._folders[0] / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _apart(first: Path, second: Path, others: Sequence[Path]) -> tuple[Path, Path]:
    """Return both folders, when neither lies in the other and none in `others`, nor the other way round."""
    if first == second or first in second.parents or second in first.parents:
        raise Misconfigured(f"the two key folders must be apart from each other: {first}, {second}")
    for other in others:
        for each in (first, second):
            if each == other or other in each.parents or each in other.parents:
                raise Misconfigured(
                    f"the key folder {each} must not share a folder with the database ({other})"
                )
    return first, second
