"""A ledger with all that belongs to it, over a database of the tests, and a server that can be restored."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shounuo.core.evidence import Checkpoint, Verifier, open_checkpoint, sign_note
from shounuo.core.ledger import parse_entry
from shounuo.store import embedded, ledger
from shounuo.store.denial import Denial
from shounuo.store.guard import Guard
from shounuo.store.journal import Journal
from shounuo.store.logins import APP
from shounuo.store.migrate import migrate
from shounuo.store.outside import Outside
from shounuo.store.queries import load
from shounuo.store.sealer import Sealer
from shounuo.store.store import Store

AT = datetime(2026, 3, 1, 4, 5, 6, 7, tzinfo=UTC)
SQL = load("shounuo.store", "sql/foundation.sql")
LEDGER = load("shounuo.store", "sql/ledger.sql")
SEED = bytes(range(32))


class Signer:
    """Signs with one key, the same in every process of the tests."""

    def verifier(self, operator):
        """The public key, with the ledger's name."""
        public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
        return Verifier(f"shounuo.test/{operator}", public)

    def sign(self, operator, text):
        """The whole note."""
        return sign_note(text, f"shounuo.test/{operator}", SEED)


@dataclass
class Room:
    """One process's parts: a store, what lies outside of it, and who seals and guards."""

    store: Store
    folder: Path
    operator: UUID
    signer: Signer = field(default_factory=Signer)

    def __post_init__(self):
        self.outside = Outside(self.folder)
        self.journal = Journal(self.outside)
        self.guard = Guard(self.store, self.outside, self.journal, self.signer)
        self.sealer = Sealer(self.store, self.signer, self.guard, poll_s=0.1)
        self.store.outside, self.store.guard = self.sealer, self.guard

    def append(self, count=1, kind="tried"):
        """Append entries in one act; return their ids."""
        with self.store.act(self.operator) as act:
            return [act.append(kind, AT, {"place": place}) for place in range(count)]

    def deny(self, what="withdrawn", person=None, reference="news:0123456789abcdef"):
        """Take a permission away."""
        with self.store.act(self.operator) as act:
            act.deny(what, AT, person or uuid4(), reference)

    def signed(self):
        """The newest checkpoint of the database, its signature checked."""
        with self.store.act(self.operator) as act:
            found = ledger.checkpoint(act)
        if found is None:
            return Checkpoint(f"shounuo.test/{self.operator}", 0, b"")
        return open_checkpoint(found.note, self.signer.verifier(self.operator))

    def entries(self):
        """Every sealed entry, in the order of the numbers."""
        return [parse_entry(body) for body in ledger.stream(self.store, self.operator, 0, 1 << 40)]

    def unsealed(self):
        """How many entries wait."""
        with self.store.act(self.operator) as act:
            return ledger.unsealed(act)

    def waiting(self):
        """The denials that wait for the outside journal."""
        with self.store.act(self.operator) as act:
            return act.rows(Denial, LEDGER.denials_pending, operator=self.operator, most=None)

    def denials(self):
        """Every denial the database has."""
        with self.store.act(self.operator) as act:
            return act.rows(
                Denial, LEDGER.denials_after, operator=self.operator, after=UUID(int=0), most=None
            )

    def lines(self):
        """What the outside journal holds."""
        return [denial for denial, _ in self.journal.read(self.operator)]


@dataclass
class Restorable:
    """An embedded server of its own, which can be backed up and restored as a whole."""

    home: Path
    server: embedded.Server = None
    store: Store = None

    def up(self):
        """Start the server and open the store."""
        self.server = embedded.start(self.home)
        migrate(self.server.owner_url, APP)
        self.store = Store.open(self.server.app_url, server=self.server)
        return self.store

    def back_up(self):
        """A base backup by PostgreSQL's own program."""
        cluster = self.server._cluster
        target = cluster.folder / "backup"
        command = [
            str(cluster.programs / "pg_basebackup"),
            "-D",
            str(target),
            "-X",
            "stream",
            "-c",
            "fast",
            "-d",
        ]
        target.mkdir(mode=0o700)
        cluster.account.own(target)
        done = cluster.account.run([*command, self.server.superuser_url], cluster.folder)
        assert done.returncode == 0, done.stderr

    def restore(self):
        """Put the backup in the place of the data, and start again."""
        cluster = self.server._cluster
        self.store.close()
        shutil.rmtree(cluster.data)
        shutil.copytree(cluster.folder / "backup", cluster.data, symlinks=True)
        for path in (cluster.data, *cluster.data.rglob("*")):
            if not path.is_symlink():
                cluster.account.own(path)
        return self.up()


@contextmanager
def restorable(home: Path) -> Iterator[Restorable]:
    """A running server that can be restored."""
    made = Restorable(home)
    made.up()
    try:
        yield made
    finally:
        made.store.close()


def new_operator(store):
    """An operator nobody else knows."""
    made = uuid4()
    with store.act(made) as act:
        act.do(SQL.put_operator, operator=made, slug=f"t-{made.hex[:24]}", at=AT)
    return made
