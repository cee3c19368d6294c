"""Put the parts together: the one place that knows every adapter.

1. `open_house` gives a house ready to serve: database migrated, keys in custody, ledger sealing, guard looking.
2. A missing master key beside a database that has people in it is an error, never a reason to make a new one.
3. What a crash left is finished first: a turning over of keys, an index that was emptied, denials not yet outside.
4. A stage of a prover may lie on a database that is served from elsewhere: its keys and its guard are thrown away with
   it, so it makes them anew, and seals and guards nobody's but what is made on it.
5. Closing undoes it in reverse; the embedded database stops when the last house on it closes.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shounuo.clocks import SystemClock
from shounuo.config import Config
from shounuo.core.evidence import Verifier, sign_note
from shounuo.custody.files import FileCustody
from shounuo.duties.controls import Controls
from shounuo.duties.parts import Parts
from shounuo.errors import Misconfigured, Restored, Tampered
from shounuo.law.workdays import calendar
from shounuo.ports.clock import Clock
from shounuo.ports.custody import Custody
from shounuo.store.guard import Guard
from shounuo.store.journal import Journal
from shounuo.store.opening import open_store
from shounuo.store.outside import Outside
from shounuo.store.queries import load
from shounuo.store.sealer import Sealer
from shounuo.store.store import Store
from shounuo.vault.secret import Cost
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

_SQL = load("shounuo.store", "sql/foundation.sql")


@dataclass(frozen=True, slots=True)
class Known:
    """An operator served here."""

    id: UUID
    slug: str


class LedgerSigner:
    """Signs each operator's checkpoints with the Ed25519 key custody keeps for it. The name is the ledger's."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._keys: dict[UUID, Ed25519PrivateKey] = {}
        self._lock = Lock()  # one key an operator: two would make two ledgers

    def verifier(self, operator: UUID) -> Verifier:
        """The public key, with the ledger's name."""
        return Verifier(self._name(operator), self._key(operator).public_key().public_bytes_raw())

    def sign(self, operator: UUID, text: str) -> bytes:
        """The whole signed note."""
        return sign_note(text, self._name(operator), self._key(operator))

    def _name(self, operator: UUID) -> str:
        return f"shounuo/{operator}"

    def _key(self, operator: UUID) -> Ed25519PrivateKey:
        with self._lock:
            if operator not in self._keys:
                ids = sorted(self._custody.ids(operator, "sign")) or [self._custody.create(operator, "sign")]
                self._keys[operator] = Ed25519PrivateKey.from_private_bytes(
                    self._custody.key(operator, ids[0])
                )
            return self._keys[operator]


@dataclass(frozen=True, slots=True)
class House:
    """Everything running: the parts duties work with, and what keeps them honest."""

    parts: Parts
    store: Store
    sealer: Sealer
    guard: Guard
    custody: Custody


@contextlib.contextmanager
def open_house(
    config: Config, clock: Clock | None = None, *, secrets_cost: Cost | None = None, proving: bool = False
) -> Iterator[House]:
    """A house on `config`, closed when the block is left. `clock` is a prover's; the default is the machine's.

    With `proving`, it is a stage in a folder that is thrown away afterwards. (4)
    """
    make_home(config.home)
    store = open_store(config.home, url=config.database_url, owner_url=config.owner_url)
    with contextlib.ExitStack() as closing:
        closing.callback(store.close)
        custody = open_custody(config, store, anew=proving)
        signer = LedgerSigner(custody)
        outside = Outside(config.guard)
        guard = Guard(store, outside, Journal(outside), signer)
        sealer = Sealer(store, signer, guard, looks=not proving)
        store.outside, store.guard = sealer, guard
        vault = Vault(custody, cost=secrets_cost)
        turning = Turning(store, vault, config.home / "key-copies")
        parts = Parts(
            store=store, vault=vault, clock=clock or SystemClock(), calendar=calendar(), controls=Controls(), region=config.region,
            turning=turning, sealer=sealer, signer=signer, proving=proving,
        )  # fmt: skip
        sealer.start()
        closing.callback(sealer.stop)
        yield House(parts, store, sealer, guard, custody)


def finish_what_was_left(house: House) -> None:
    """Complete, for every operator, what a crash left half done. (3)"""
    for operator in house.store.ask(Known, _SQL.operators):
        with contextlib.suppress(Restored, Tampered):  # such an operator is not served; the guard says why
            house.guard.check(operator.id)
            house.parts.turning.finish(operator.id, house.parts.clock.now())


def open_custody(config: Config, store: Store, *, anew: bool = False) -> FileCustody:
    """Custody in two folders. A first start makes the master key; later ones demand it. A stage makes its own. (2, 4)"""
    first, second = config.custody
    empty = anew or not store.ask(Known, _SQL.operators)
    away = (store.server.data_dir,) if store.server else ()
    return FileCustody(first, second, create=empty, away_from=away)


def make_home(home: Path) -> None:
    """Make the folder everything lies under. Raises Misconfigured where it cannot be made."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"the folder {home} cannot be made ({error.strerror}): name another in SHOUNUO_HOME"
        ) from None


def must_exist(home: Path) -> None:
    """Raise Misconfigured where `home` holds nothing yet."""
    if not (home / "custody").exists():
        raise Misconfigured(
            f"nothing was set up in {home} yet: run `shounuo demo` or `shounuo publish` first"
        )
