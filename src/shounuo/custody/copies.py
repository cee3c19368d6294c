"""One folder of keys: write a file so that it is there whole or not at all, and make one be gone.

1. Folders are 0700, files 0600; anything wider is refused with what to do, never silently narrowed: someone
   may have read it already.
2. A file is written under another name, synced, renamed, and its folder synced.
3. A file is destroyed by overwriting, syncing, unlinking and syncing its folder. On flash storage and on
   file systems that copy on write, the overwritten bytes can outlive that; the key in them is sealed under
   the master key.
4. A disk that is full or gone is `Unavailable`: nothing goes on that needs the file.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shounuo.errors import Misconfigured, Unavailable


def folder(path: Path) -> Path:
    """Return `path` as a private folder, made when it is not there (1)."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise Misconfigured(f"the key folder {path} cannot be used: {error.strerror}") from None
    if mode & 0o077:
        raise Misconfigured(f"the key folder {path} is open to others; run `chmod 700 {path}`")
    return path


def read(path: Path) -> bytes | None:
    """Return what a private file holds, or None when there is none (1)."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise Misconfigured(f"the key file {path} is open to others; run `chmod 600 {path}`")
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(f"the key file {path} cannot be read: {error.strerror}") from None


def write(path: Path, content: bytes, *, over: bool = True) -> bool:
    """Write a private file (2). Without `over`, one that is there already stays; return whether ours was
    written.
    """
    with changing(path):
        return _written(path, content, over=over)


def _written(path: Path, content: bytes, *, over: bool) -> bool:
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}.making")
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if over:
            making.rename(path)
        else:
            path.hardlink_to(making)
    except FileExistsError:
        return False
    finally:
        making.unlink(missing_ok=True)
        sync(path.parent)
    return True


def destroy(path: Path) -> None:
    """Make a file be gone (3); one that is not there is nothing."""
    with changing(path):
        _destroyed(path)


def _destroyed(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            length = os.fstat(file.fileno()).st_size
            for filler in (os.urandom(length), bytes(length)):
                file.seek(0)
                file.write(filler)
                file.flush()
                os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    sync(path.parent)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Say plainly when a file in a key folder cannot be changed (4)."""
    try:
        yield
    except OSError as error:
        why = Unavailable(
            f"the key folder {path.parent} cannot be written: {error.strerror}; see that its disk is there and has room"
        )
    else:
        return
    raise why


def sync(path: Path) -> None:
    """Bring a folder's own changes to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
