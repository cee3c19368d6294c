"""Throwaway PostgreSQL servers for tests that crash, back up or restore a whole cluster."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
from psycopg import conninfo

from shounuo.store import embedded, logins
from shounuo.store.migrate import migrate
from shounuo.store.queries import load
from shounuo.store.store import Store

SQL = load("shounuo.store", "sql/foundation.sql")


@dataclass
class Throwaway:
    """One server of our own, in a folder that the account it runs under may pass through."""

    folder: Path
    server: embedded.Server

    @classmethod
    @contextmanager
    def started(cls, settings: dict[str, str]) -> Iterator["Throwaway"]:
        """Start one with these settings, migrated; it is gone afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="shounuo-throwaway-"))
        folder.chmod(0o711)
        made = cls(folder, embedded.start(folder / "home"))
        try:
            (folder / "wal").mkdir(mode=0o700)
            made.account.own(folder / "wal")
            with psycopg.connect(made.server.superuser_url, autocommit=True) as admin:
                for name, value in settings.items():
                    admin.execute(f"alter system set {name} = '{value.format(folder=folder)}'")
            made.restart()
            migrate(made.server.owner_url, logins.APP)
            yield made
        finally:
            made.server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def account(self):
        """Whom the server runs as."""
        return self.server._cluster.account

    @property
    def url(self) -> str:
        """A superuser's way into our database."""
        return conninfo.make_conninfo(self.server.superuser_url, dbname="shounuo")

    def restart(self) -> None:
        """Stop and start it."""
        self.server.stop()
        self.server = embedded.start(self.folder / "home")

    def crash(self) -> None:
        """Kill every process of the server at once, as a power cut would, and start it again."""
        pid = int((self.server.data_dir / "postmaster.pid").read_text().split()[0])
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        os.kill(pid, signal.SIGKILL)
        for each in family:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=20)
        self.restart()

    def operator(self, made: UUID, store: Store) -> None:
        """Make an operator."""
        from vault_room import NOON

        with store.act(made) as act:
            act.do(SQL.put_operator, operator=made, slug=f"t-{made.hex[:24]}", at=NOON)

    def run(self, *command: str) -> None:
        """Run one of the server's programs as its account."""
        program = str(self.server.bin_dir / command[0])
        done = self.account.run([program, *command[1:]], self.folder)
        assert done.returncode == 0, done.stderr

    def mark(self, name: str) -> None:
        """Name this moment, so that a restore can stop at it."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("select pg_create_restore_point(%s)", (name,))

    def archive(self) -> None:
        """Have all WAL written so far archived."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("checkpoint")
            segment = admin.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
            admin.execute("select pg_switch_wal()")
        until = time.monotonic() + 30
        while not (self.folder / "wal" / segment).exists():
            assert time.monotonic() < until, "the archiver does not come along"
            time.sleep(0.05)

    def base_backup(self) -> Path:
        """Take a backup of the whole cluster."""
        path = self.folder / "base"
        path.mkdir(mode=0o700)
        self.account.own(path)
        url = conninfo.make_conninfo(self.server.superuser_url, dbname="")
        self.run("pg_basebackup", "-d", url, "-D", str(path), "-X", "none", "-c", "fast", "--no-manifest")
        return path

    @contextmanager
    def restored(self, base: Path, moment: str | None) -> Iterator[str]:
        """Restore the backup to a moment marked (None: to the end of the WAL); give a superuser's address
        of it.
        """
        data, sockets = self.folder / "scratch", self.folder / "scratch-socket"
        shutil.copytree(base, data)
        shutil.rmtree(sockets, ignore_errors=True)
        sockets.mkdir(mode=0o700)
        (data / "recovery.signal").touch()
        (data / "pg_hba.conf").write_text("local all all trust\n")
        target = {"recovery_target_name": moment, "recovery_target_action": "promote"} if moment else {}
        settings = {
            "restore_command": f"cp {self.folder}/wal/%f %p",
            "archive_mode": "off",
            "hot_standby": "off",
        }
        settings |= {"listen_addresses": "", "unix_socket_directories": str(sockets), "fsync": "off"} | target
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (data / "postgresql.auto.conf").write_text(lines)
        for path in (data, sockets, *data.rglob("*")):
            self.account.own(path)
        self.run("pg_ctl", "-w", "-D", str(data), "-l", str(data / "log"), "start")
        try:
            address = f"host={sockets} user=postgres dbname=shounuo"
            _await(address)
            yield address
        finally:
            self.run("pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")
            shutil.rmtree(data)


def _await(address: str) -> None:
    """Return when a restore has come to its moment and lets us in."""
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the restore does not end"
            time.sleep(0.05)
        else:
            return
