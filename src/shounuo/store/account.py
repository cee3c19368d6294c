"""The OS account the embedded PostgreSQL runs under, and the way it is given to its files.

1. PostgreSQL refuses to run as root. As any other user it runs as that user.
2. As root it runs as whoever owns its data folder; for a new one as the account `postgres`, else as one
   made for it, else as `nobody`.
3. The account gets the right to pass through the folders above its files (the search bit for others, on
   folders that are ours), never to list or read them.
4. A program started here inherits no open file, no variable and no right of ours that it does not need,
   and does not hear our Ctrl-C.
"""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shounuo.errors import Misconfigured, ShounuoError, Unavailable

_NAMES = ("postgres", "shounuo-postgres")
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
_WAIT_MAX_S = 120


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL; `ids` is None when that is ourselves."""

    name: str
    ids: tuple[int, int] | None = None

    def run(
        self, command: list[str], folder: Path, error: IO[bytes] | int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end as this account, in `folder` (4)."""
        user, group = self.ids or (None, None)
        why: ShounuoError
        try:
            return subprocess.run(
                command, cwd=folder, env=_ENVIRONMENT, umask=0o077, close_fds=True, start_new_session=True,
                user=user, group=group, extra_groups=[] if self.ids else None, timeout=_WAIT_MAX_S,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            why = Unavailable(f"`{Path(command[0]).name}` of PostgreSQL does not come to an end; try again")
        except PermissionError:
            why = Misconfigured(f"this process may not run programs as `{self.name}`; run it as another user")
        raise why

    def own(self, path: Path) -> None:
        """Give a file or folder of ours to this account."""
        if self.ids:
            os.chown(path, *self.ids)

    def may(self, test: str, path: Path) -> bool:
        """Whether this account passes the shell's `test` ("-x", "-r") on `path`."""
        return self.run(["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)], Path("/")).returncode == 0

    def let_through(self, folder: Path) -> None:
        """See that this account can reach `folder` (3); raise `Misconfigured` when that cannot be done."""
        if self.ids is None or self.may("-x", folder):
            return
        for each in (*reversed(folder.parents), folder):
            status = each.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid == os.geteuid():
                each.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
        if not self.may("-x", folder):
            raise Misconfigured(
                f"PostgreSQL runs as the account `{self.name}`, which cannot get to {folder}; choose a home "
                "under folders that others may pass through, or set DATABASE_URL to a PostgreSQL of your own"
            )


def account_for(data: Path) -> Account:
    """Return the account for a data folder, there already or still to be made (1, 2)."""
    owner = data.stat().st_uid if data.exists() else None
    us = os.geteuid()
    if us != 0:
        if owner not in (None, us):
            raise Misconfigured(
                f"the data folder {data} belongs to `{_name(owner)}`; run Shounuo as that user"
            )
        return Account(_name(us))
    if owner == 0:
        raise Misconfigured(
            f"the data folder {data} belongs to root; give it back to the account it ran under (chown -R)"
        )
    if owner is not None:
        return Account(_name(owner), (owner, data.stat().st_gid))
    found = next(filter(None, map(_entry, _NAMES)), None) or _made() or _entry("nobody")
    if found is None:
        raise Misconfigured(
            "PostgreSQL does not run as root and no other account can be made; run as another user"
        )
    return Account(found.pw_name, (found.pw_uid, found.pw_gid))


def _made() -> pwd.struct_passwd | None:
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    try:
        subprocess.run(
            [*command, _NAMES[-1]], capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _entry(_NAMES[-1])


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else os.geteuid()).pw_name
    except KeyError:
        return str(uid)
