"""Measure the vault: sealing, acts on one person, and turning keys over.

    python bench/vault.py [PEOPLE]      on an embedded PostgreSQL of its own; PEOPLE for the turn (100,000)

Read ratios: speeds drift by a third from run to run.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from shounuo.custody.files import FileCustody
from shounuo.store import embedded, logins
from shounuo.store.ids import uuid7
from shounuo.store.migrate import migrate
from shounuo.store.pool import Limits
from shounuo.store.queries import load
from shounuo.store.store import Store
from shounuo.vault.seal import ChestKey, Context, open_, seal
from shounuo.vault.shapes import Field, RecordRow, Values
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault
from shounuo.vault.wrapping import Wrapping

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PLACE = Context(uuid4(), uuid4(), "account", uuid4(), "phone", "cn-mobile")


def timed(name: str, times: int, what: Callable[[int], object]) -> None:
    """Run `what` many times; print how long one took."""
    began = time.perf_counter()
    for number in range(times):
        what(number)
    each = (time.perf_counter() - began) / times
    print(f"{name:<58} {each * 1e6:>10.1f} us {1 / each:>10.0f} /s")


def record() -> RecordRow:
    return RecordRow(
        record=uuid7(NOW), scene="sign-in", purpose="sign-in", policy_version=1, basis="contract", collected_at=NOW, source="person"
    )  # fmt: skip


def fields(number: int) -> list[Field]:
    """Six values in two chests, two of them findable."""
    return [
        Field(name="phone", chest="account", text=f"138{number:08d}", kind="cn-mobile", findable=True),
        Field(name="email", chest="account", text=f"p{number}@example.cn", kind="email", findable=True),
        *(Field(name=f"f{n}", chest="ordinary", text="x" * 40) for n in range(4)),
    ]


def pure() -> None:
    """Without a database."""
    key, wrapping = ChestKey.new(), Wrapping(uuid4(), uuid4(), bytes(32))
    for algorithm in ("aes-256-gcm", "sm4-gcm"):
        sealed = seal(algorithm, key, b"x" * 64, PLACE)
        timed(f"seal 64 B, {algorithm}, key at hand", 20_000, lambda _, a=algorithm: seal(a, key, b"x" * 64, PLACE))
        timed(f"open 64 B, {algorithm}, key at hand", 20_000, lambda _, s=sealed: open_(key, s, PLACE))
    wrapped = wrapping.wrap(key, PLACE.person, "account")
    timed("unwrap a chest key", 20_000, lambda _: wrapping.unwrap(wrapped, PLACE.person, "account"))
    sealed = seal("aes-256-gcm", key, b"x" * 64, PLACE)
    timed(
        "unwrap, derive, open 64 B", 20_000, lambda _: open_(wrapping.unwrap(wrapped, PLACE.person, "account"), sealed, PLACE)
    )


def acts(store: Store, vault: Vault, operator: UUID) -> None:
    """One person at a time, and eight at once."""
    people: list[UUID] = []

    def do(what: Callable[..., object], *said: object) -> None:
        with store.act(operator) as act:
            what(act, *said)

    def come(number: int) -> None:
        person = uuid4()
        with store.act(operator) as act:
            vault.register(act, person, NOW)
            vault.put(act, person, record(), fields(number))
        people.append(person)

    timed("key of custody, from memory", 20_000, lambda _: vault.keys.custody.key(operator, wrap))  if (wrap := _wrap(store, vault, operator)) else None  # fmt: skip
    timed("register and put 6 values in 2 chests", 1000, come)
    timed("put 6 more values", 1000, lambda n: do(vault.put, people[n], record(), fields(n)))
    timed("get 12 values", 1000, lambda n: do(vault.get, people[n]))
    timed("get 1 of 12 values", 1000, lambda n: do(vault.get, people[n], Values(fields={"phone"})))
    timed("find by phone", 1000, lambda n: do(vault.find, "phone", f"138{n:08d}", "cn-mobile"))
    timed("pseudonym", 1000, lambda n: do(vault.pseudonym, people[n]))
    timed("erase one field (chest sealed anew)", 1000, lambda n: do(vault.erase, people[n], Values(fields={"f0"})))
    timed("erase a whole chest", 1000, lambda n: do(vault.erase, people[n], Values(chests={"ordinary"})))
    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, range(10_000, 12_000)))
    print(f"{'register and put, 8 at once':<58} {'':>13} {2000 / (time.perf_counter() - began):>10.0f} /s")


def _wrap(store: Store, vault: Vault, operator: UUID) -> UUID:
    with store.act(operator) as act:
        return vault.keys.generation(act).wrap


def turn(store: Store, vault: Vault, operator: UUID, folder: Path, people: int, url: str) -> None:
    """Turn over the keys of many people, filled in wholesale."""
    with store.act(operator) as act:
        keys = vault.keys.generation(act)
    wrapping = Wrapping(operator, keys.wrap, vault.keys.custody.key(operator, keys.wrap))
    with psycopg.connect(url) as admin, admin.cursor() as cursor:
        made = [uuid4() for _ in range(people)]
        with cursor.copy("copy shounuo.person (operator, person, created_at) from stdin") as into:
            for person in made:
                into.write_row((operator, person, NOW))
        with cursor.copy("copy shounuo.chest_key (operator, person, chest, wrapping_key, wrapped) from stdin") as into:
            for person in made:
                into.write_row((operator, person, "account", keys.wrap, wrapping.wrap(ChestKey.new(), person, "account")))
    last: dict[str, float] = {}
    began = time.perf_counter()

    def tell(step: str, done: int, total: int) -> None:
        last[step] = time.perf_counter() - began

    Turning(store, vault, folder, progress=tell, record=lambda *_: None).turn(operator, NOW)
    print(f"turn over {people:,} chests and more: {time.perf_counter() - began:.1f} s")
    for step, at in last.items():
        print(f"    {step:<40} {at:>8.2f} s")


def main() -> None:
    """Measure all of it."""
    pure()
    folder = Path(tempfile.mkdtemp(prefix="shounuo-bench-"))
    folder.chmod(0o711)
    with embedded.start(folder / "home") as server:
        migrate(server.owner_url, logins.APP)
        operator = uuid4()
        vault = Vault(FileCustody(folder / "keys", folder / "copy", create=True))
        with Store.open(server.app_url, limits=Limits(connections_max=16)) as store:
            with store.act(operator) as act:
                act.do(load("shounuo.store", "sql/foundation.sql").put_operator, operator=operator, slug="bench", at=NOW)
            began = time.perf_counter()
            with store.act(operator) as act:
                vault.open(act, NOW)
            print(f"open an operator's vault: {(time.perf_counter() - began) * 1e3:.0f} ms")
            acts(store, vault, operator)
            url = psycopg.conninfo.make_conninfo(server.superuser_url, dbname="shounuo")
            turn(store, vault, operator, folder / "keys_backup", int(sys.argv[1]) if sys.argv[1:] else 100_000, url)


if __name__ == "__main__":
    main()
