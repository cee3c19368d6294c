"""The place outside of the database that a restore of it does not touch: one folder for each operator.

    FOLDER/OPERATOR/journal             every no, line by line (see `journal`)
    FOLDER/OPERATOR/checkpoint          the signed checkpoint with the most entries
    FOLDER/OPERATOR/begun               there while the first checkpoint is on its way here
    FOLDER/OPERATOR/checkpoint-TIME     one that was set aside, because the database was cut back behind it
    FOLDER/OPERATOR/lock                whoever writes there holds it

1. All processes share the folder. It lies on a disk of this machine, never in the database's own folder, and
   is never restored together with the database: then nothing could tell that something is missing.
2. A checkpoint appears whole or not at all, and only one with more entries takes another's place.
3. What was written is on the disk before the call returns.
4. No personal information lies here, only random ids.
5. `begun` comes before the first checkpoint is committed and goes when it is here. So a database with checkpoints,
   and neither here, says that this folder was lost, or is not the one of this database.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from shounuo.core.evidence import Checkpoint, parse_checkpoint, parse_note
from shounuo.errors import Misconfigured, Unavailable


class Outside:
    """The folders of all operators below `folder`, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(self.folder.parent)
        except OSError as error:
            raise Misconfigured(f"the folder {folder} cannot be made: {error.strerror}") from None

    def operators(self) -> list[UUID]:
        """Return every operator something is kept of."""
        return sorted(UUID(each.name) for each in self.folder.iterdir() if each.is_dir())

    def place(self, operator: UUID) -> Path:
        """Return the folder of an operator, made when it is not there."""
        place = self.folder / str(operator)
        if not place.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
            sync(self.folder)
        return place

    @contextmanager
    def alone(self, operator: UUID, *, shared: bool = False) -> Iterator[Path]:
        """Hold the operator's lock, in all threads and processes; a shared one keeps out writers only."""
        place = self.place(operator)
        descriptor = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            yield place
        finally:
            os.close(descriptor)

    def checkpoint(self, operator: UUID) -> bytes | None:
        """Return the signed checkpoint kept here, or None. It is not believed yet."""
        try:
            return (self.folder / str(operator) / "checkpoint").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the checkpoint in {self.folder} cannot be read: {error.strerror}") from None

    def keep(self, operator: UUID, note: bytes) -> None:
        """Keep a checkpoint the database has committed, unless one with as many entries is there (2, 3)."""
        try:
            with self.alone(operator) as place:
                there = self.checkpoint(operator)
                if there is None or _read(there).size < _read(note).size:
                    _put(place / "checkpoint", note)
                    (place / "begun").unlink(missing_ok=True)  # (5)
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def begin(self, operator: UUID) -> None:
        """Say that the first checkpoint is on its way (5); nothing when one is here."""
        try:
            with self.alone(operator) as place:
                if self.checkpoint(operator) is None:
                    _put(place / "begun", b"")
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def has_begun(self, operator: UUID) -> bool:
        """Whether a checkpoint is here, or the first one is on its way (5)."""
        place = self.folder / str(operator)
        return (place / "begun").exists() or (place / "checkpoint").exists()

    def name_aside(self, at: datetime) -> str:
        """Return the name a checkpoint set aside at this moment has."""
        return f"checkpoint-{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"

    def set_aside(self, operator: UUID, at: datetime) -> None:
        """Put the checkpoint away under the name of `name_aside`; nothing when there is none."""
        try:
            with self.alone(operator) as place:
                if (place / "checkpoint").exists():
                    _put(place / "begun", b"")
                    (place / "checkpoint").rename(place / self.name_aside(at))
                    sync(place)
        except OSError as error:
            raise unwritable(self.folder, error) from None


def sync(folder: Path) -> None:
    """See that names made or changed in `folder` are on the disk (3)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(folder: Path, error: OSError) -> Unavailable:
    """Return what to say when the folder fails us after the database has committed."""
    return Unavailable(
        f"the act was kept, but it could not be noted outside of the database ({folder}: {error.strerror}); "
        "see that the disk is there and has room"
    )


def _read(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all (2, 3)."""
    making = path.with_name(f"{path.name}.making")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    sync(path.parent)
