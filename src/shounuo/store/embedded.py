"""An embedded PostgreSQL in a home folder, shared by all processes that use this home.

    with embedded.start(home) as server:
        store = Store.open(server.app_url)

1. Who uses the server holds a shared lock on `use.lock`; who makes, starts or stops it holds `start.lock`
   alone.
2. The first one in makes what is missing and starts the server; one that comes at the same moment waits
   for it.
3. The last one out stops the server. A user that was killed holds no lock any more, so the next one to
   start finds the server running, or starts it again, and the last one out stops it as ever.
4. Locks are not handed down to programs started from here. A forked child has the claim too, and the server
   runs until both have given it up.
5. Passwords are made once, before the data folder, and never again beside one.
"""

import atexit
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from shounuo.errors import Misconfigured, Unavailable
from shounuo.store import logins, postmaster
from shounuo.store.account import account_for
from shounuo.store.binaries import programs
from shounuo.store.cluster import Cluster

_LOCK_WAIT_MAX_S = 180


@dataclass
class Server:
    """A running server and our claim on it, until `stop`. The addresses hold passwords: never show them."""

    app_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    superuser_url: str = field(repr=False)
    socket_dir: Path
    data_dir: Path
    bin_dir: Path
    _cluster: Cluster = field(repr=False)
    _claim: int = field(repr=False)

    def stop(self) -> None:
        """Give up the claim; the last one out stops the server (3). Stopping twice is nothing."""
        if self._claim < 0:
            return
        atexit.unregister(self.stop)
        with _alone(self._cluster.folder):
            claim, self._claim = self._claim, -1
            _give_up(self._cluster, claim)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(home: Path) -> Server:
    """Return the server of this home, made and started where needed.

    Raises `Misconfigured` when the home cannot hold it or holds one that cannot be used, with what to do, and
    `Unavailable` when it does not start.
    """
    folder = _folder(home)
    try:
        server = _started(folder)
    except OSError as error:
        raise Unavailable(f"the embedded PostgreSQL cannot use {folder}: {error.strerror}") from None
    atexit.register(server.stop)
    return server


def _started(folder: Path) -> Server:
    with _alone(folder):  # (1, 2)
        account = account_for(folder / "data")
        account.let_through(folder)
        cluster = Cluster(folder, account, *programs(account, folder))
        claim = _locked(folder / "use.lock", fcntl.LOCK_SH)
        try:
            return _up(cluster, claim)
        except BaseException:
            _give_up(cluster, claim)
            raise


def _up(cluster: Cluster, claim: int) -> Server:
    passwords = logins.passwords(cluster.folder, may_make=not cluster.data.exists())  # (5)
    if not cluster.data.exists():
        cluster.make(passwords[logins.SUPERUSER])
    cluster.must_fit()
    postmaster.ensure_running(cluster)
    urls = {role: logins.address(cluster.sockets, role, password) for role, password in passwords.items()}
    logins.make_roles(urls[logins.SUPERUSER], passwords)
    return Server(
        app_url=urls[logins.APP],
        owner_url=urls[logins.OWNER],
        superuser_url=urls[logins.SUPERUSER],
        socket_dir=cluster.sockets,
        data_dir=cluster.data,
        bin_dir=cluster.programs,
        _cluster=cluster,
        _claim=claim,
    )


def _give_up(cluster: Cluster, claim: int) -> None:
    """Give up a claim, under the start lock, and stop the server when it was the last (3)."""
    os.close(claim)
    probe = os.open(cluster.folder / "use.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(probe)
    postmaster.stop(cluster)


def _folder(home: Path) -> Path:
    folder = home.resolve() / "postgres"
    if any(ord(sign) < 32 for sign in str(folder)):
        raise Misconfigured(
            "the path of the home has a line break or another control character; choose another"
        )
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"the home {home} cannot be made: {error.strerror}") from None
    if folder.stat().st_uid != os.geteuid():
        raise Misconfigured(f"the home {home} belongs to another user; run Shounuo as that user")
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the start lock."""
    descriptor = _locked(folder / "start.lock", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, kind: int) -> int:
    """Return an open file with this lock; it is not handed down to other programs (4)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    ends = time.monotonic() + _LOCK_WAIT_MAX_S
    while time.monotonic() < ends:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        except BaseException:
            os.close(descriptor)
            raise
        else:
            return descriptor
    os.close(descriptor)
    raise Unavailable(
        f"another process has been starting or stopping the embedded PostgreSQL for too long ({path})"
    )
