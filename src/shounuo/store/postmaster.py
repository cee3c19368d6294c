"""The server process of the embedded PostgreSQL: start it, see whether it runs, stop it.

Everything here is called under the start lock of `embedded`, so nothing else does the same meanwhile.

1. The server is set free of the process that starts it: no parent, no terminal, no open file of ours.
2. A process id in `postmaster.pid` counts only when that process really is the server of this data
   folder.
3. After a crash the process id left behind may be a dead process not yet cleared away, or by now anyone's;
   PostgreSQL would take it for a server, so when (2) says it is none its files go. A server on the folder
   that we overlook is still found by PostgreSQL, by its shared memory.
4. After a crash the last server's processes may take a moment to end; the start is tried again until they
   have.
5. A server whose socket was swept away (as /tmp is) cannot be reached any more: it is stopped and started
   again.
"""

import os
import shutil
import time
from pathlib import Path
from typing import IO

from shounuo.errors import Unavailable
from shounuo.store.cluster import Cluster, last_words
from shounuo.store.logins import PORT

_WAIT_MAX_S = 120
_LOOK_AGAIN_S = 0.01
_PROC = Path("/proc/self")
# The shell only sets the server free: paths are its arguments, never part of its text.
_SET_FREE = 'exec 3>&1; "$@" 3>&- >&2 & echo $! >&3'


def ensure_running(cluster: Cluster) -> None:
    """Return once the server answers, started where it does not run; `Unavailable` says why it does not."""
    ends = time.monotonic() + _WAIT_MAX_S
    while running(cluster) and not _ready(cluster):
        if _status(cluster) == "ready":  # (5)
            stop(cluster)
        if time.monotonic() > ends:
            raise Unavailable(f"the embedded PostgreSQL is neither up nor down; see {cluster.log}")
        time.sleep(_LOOK_AGAIN_S)
    if running(cluster):
        return
    cluster.lay_out()
    if _PROC.exists():  # (3)
        for left in (cluster.data / "postmaster.pid", *cluster.sockets.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
    while not _started(cluster, ends):
        time.sleep(10 * _LOOK_AGAIN_S)


def running(cluster: Cluster) -> bool:
    """Whether a server of this folder runs, ready or not."""
    pid = _pid(cluster)
    return pid is not None and _alive(pid, cluster)


def stop(cluster: Cluster) -> None:
    """Stop the server: open transactions are undone, nothing committed is lost."""
    if not running(cluster):
        return
    command = [
        str(cluster.programs / "pg_ctl"),
        "stop",
        "-m",
        "fast",
        "-w",
        "-t",
        "100",
        "-D",
        str(cluster.data),
    ]
    cluster.account.run(command, cluster.folder)
    if cluster.sockets.parent != cluster.folder:
        shutil.rmtree(cluster.sockets, ignore_errors=True)
    if running(cluster):
        raise Unavailable(f"the embedded PostgreSQL does not stop; see {cluster.log}")


def _started(cluster: Cluster, ends: float) -> bool:
    """Start once and wait until the server answers; False when it is worth another try (4)."""
    with cluster.log.open("ab") as log:
        cluster.log.chmod(0o600)
        begin = log.tell()
        pid = _launch(cluster, log)
    while time.monotonic() < ends:
        if _pid(cluster) == pid and _ready(cluster):
            return True
        if _ended(pid):
            break
        time.sleep(_LOOK_AGAIN_S)
    said = cluster.log.read_bytes()[begin:]
    if b"shared memory block" in said and time.monotonic() < ends:
        return False
    why = last_words(said) or "it took too long"
    raise Unavailable(f"the embedded PostgreSQL does not start: {why} (see {cluster.log})")


def _launch(cluster: Cluster, log: IO[bytes]) -> int:
    """Start the server, free of this process (1); return its process id."""
    command = ["/bin/sh", "-c", _SET_FREE, "sh", *cluster.command()]
    return int(cluster.account.run(command, cluster.folder, log).stdout)


def _pid_file(cluster: Cluster) -> list[str]:
    try:
        return (cluster.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return []


def _pid(cluster: Cluster) -> int | None:
    first = "".join(_pid_file(cluster)[:1])
    return int(first) if first.isdecimal() else None


def _status(cluster: Cluster) -> str:
    return "".join(_pid_file(cluster)[7:8]).strip()


def _ready(cluster: Cluster) -> bool:
    return _status(cluster) == "ready" and (cluster.sockets / f".s.PGSQL.{PORT}").exists()


def _ended(pid: int) -> bool:
    """Whether a process just started here is no more. Between two programs it may not say which it runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        if _PROC.exists():
            return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False
    return state in ("Z", "X")


def _alive(pid: int, cluster: Cluster) -> bool:
    """Whether this process lives and is the server of this folder (2)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return not _PROC.exists()  # Where there is no /proc, the process id must do.
    return os.fsencode(cluster.data) in arguments
