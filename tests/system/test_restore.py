"""A database put back to before a promise serves nothing until the promise holds again."""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg import conninfo
from system_room import Home, Player, Serving

from shounuo.store import embedded
from shounuo.web.app import build

Play = Callable[[Serving, str], Player]
FIELDS = {"email": "wang@example.com", "phone": "13912345678", "password": "kept-as-a-verifier"}


def back_up(home: Home, to: Path) -> None:
    """Take a base backup of the running embedded PostgreSQL."""
    with embedded.start(home.folder) as server:
        parts = conninfo.conninfo_to_dict(server.superuser_url)
        to.mkdir(mode=0o700)
        owner = server.data_dir.stat()
        os.chown(to, owner.st_uid, owner.st_gid)
        done = subprocess.run(
            [server.bin_dir / "pg_basebackup", "-h", parts["host"], "-p", str(parts["port"]), "-U", parts["user"], "-D", to, "-X", "stream", "-c", "fast"],
            env={"PGPASSWORD": str(parts["password"]), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def put_back(home: Home, backup: Path) -> None:
    """Put a backup in the place of the data folder, as an administrator does who knows nothing of promises."""
    assert home.postmasters() == []
    data = home.folder / "postgres" / "data"
    owner = data.stat()
    shutil.rmtree(data)
    shutil.copytree(backup, data, symlinks=True)
    for each in (data, *data.rglob("*")):
        os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
    data.chmod(0o700)


@dataclass
class Story:
    """What happened around a backup."""

    erased: str
    withdrew: str
    frozen: str
    request: str
    revoked: str


@contextmanager
def playing(home: Home, play: Play, slug: str = "one"):
    """A player on a server of its own, both ended after."""
    with home.serving() as serving:
        player = play(serving, slug)
        yield player
        player.api.close()


def lived(home: Home, play: Play, backup: Path) -> Story:
    """Three people; a backup; then one is erased, one withdraws, one has the account frozen, and a key is revoked."""
    made = home.command("keys", "new", "lost", "--operator", "one")
    assert made.returncode == 0, made.stderr
    revoked = made.stdout.strip()
    with playing(home, play) as player:
        erased, withdrew, frozen = player.person(), player.person(), player.person()
        player.collect(erased, FIELDS)
        assert player.say(withdrew).ok
    back_up(home, backup)
    with playing(home, play) as player:
        done = player.erase(erased)
        assert done.ok, done.body
        assert player.withdraw(withdrew).ok
        freeze = player.api.post(
            "/v1/requests", {"kind": "freeze", "channel": "phone", "person": frozen}
        ).body["request"]
        player.api.post(f"/v1/requests/{freeze}/verify", {"how": "signed-in"})
        assert player.api.post(f"/v1/requests/{freeze}/carry-out", {}).ok
        player.entries()
    listed = home.command("keys", "list", "--operator", "one").stdout
    lost = next(line.split()[0] for line in listed.splitlines() if " lost " in line)
    assert home.command("keys", "revoke", lost, "--operator", "one").returncode == 0
    return Story(erased, withdrew, frozen, str(done.body["request"]), revoked)


def every_call(slug: str) -> list[tuple[str, str]]:
    """Every endpoint with something in the place of its parameters."""
    from unittest.mock import MagicMock

    some = "00000000-0000-4000-8000-000000000000"
    fill = {
        "{slug}": slug,
        "{number}": "1",
        "{old}": "1",
        "{person}": some,
        "{request}": some,
        "{entry}": "consent.support",
        "{key}": "x",
        "{form}": "full",
    }
    found = []
    for path, calls in build(MagicMock()).openapi()["paths"].items():
        for name, value in fill.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled in one by one
        query = "?topic=any&over=x" if path.endswith("/rule") else ""
        found += [(method.upper(), path + query) for method in calls]
    return [
        *found,
        ("GET", f"/console/{slug}"),
        ("GET", f"/console/{slug}/due"),
        ("GET", f"/console/{slug}/clauses/huiju-2.1-1"),
    ]


def reads(player: Player, person: str) -> list[Any]:
    """What of a person can be read."""
    made = player.api.post("/v1/requests", {"kind": "access", "channel": "email", "person": person}).body[
        "request"
    ]
    player.api.post(f"/v1/requests/{made}/verify", {"how": "signed-in"})
    player.api.post(f"/v1/requests/{made}/carry-out", {})
    answer = player.api.get(f"/v1/requests/{made}/answer")
    assert answer.ok, answer.body
    return [one["value"] for one in answer.body["values"] if one["item"] in FIELDS]


@pytest.mark.slow
@pytest.mark.parametrize("grown", [False, True], ids=["as it was", "after new writes"])
def test_a_backup_from_before_an_erasure_serves_nothing_until_it_is_replayed(home, player, tmp_path, grown):
    """503 at every endpoint, the doctor says so, the other operator is served; after the replay both noes hold."""
    backup = home.folder.with_name("backup")
    story = lived(home, player, backup)
    put_back(home, backup)
    if grown:  # writes by something that does not look: straight into the database
        with embedded.start(home.folder) as server:
            _write(home, server)

    examined = home.command("doctor")
    assert examined.returncode == 1
    assert "wrong operator one" in " ".join(examined.stdout.split())
    assert "right operator two" in " ".join(examined.stdout.split())
    with home.serving() as serving:
        one, two = player(serving, "one"), player(serving, "two")
        for method, path in every_call("one"):
            answer = one.api._send(method, path, None if method == "GET" else {})
            assert (answer.status, answer.code) == (503, "restored"), (method, path, answer.body)
        person = two.person()
        assert two.say(person).ok
        assert two.withdraw(person).ok
        for method, path in every_call("two"):
            assert two.api._send(method, path, None if method == "GET" else {}).status != 503, path
        one.api.close()
        two.api.close()

    refused = home.command("decide", story.withdrew, "support-records", "--operator", "one")
    assert refused.returncode == 2
    assert "restored" in refused.stderr or "earlier state" in refused.stderr
    replayed = home.command("ledger", "replay", "--operator", "one")
    assert replayed.returncode == 0, replayed.stderr

    assert "right operator one" in " ".join(home.command("doctor").stdout.split())
    with playing(home, player) as after:
        assert reads(after, story.erased) == []
        consents = after.api.get(f"/v1/people/{story.withdrew}/consents").body
        assert consents["standing"] == []
        assert [one["answer"] for one in consents["answers"]] == ["given", "withdrawn"]
        assert (
            after.api.post("/v1/decide", {"person": story.frozen, "purpose": "sign-in"}).body["reason"]
            == "account-frozen"
        )
        kinds = [one["kind"] for one in after.entries()]
        assert "restored" in kinds
        assert kinds.count("replayed") >= 3
        lost = Player(type(after.api)(f"http://127.0.0.1:{after.api._port}", story.revoked), after.book)
        assert lost.api.get("/v1/policies").status == 401
        lost.api.close()
        assert after.say(after.person()).ok


def _write(home: Home, server: embedded.Server) -> None:
    """Append entries to the restored database as a process without a guard would, until its ledger is longer than before."""
    from datetime import UTC, datetime

    from shounuo.core.evidence import Checkpoint
    from shounuo.duties import operators
    from shounuo.store import sealing
    from shounuo.store.store import Store
    from shounuo.wire import Known, LedgerSigner, open_custody

    with Store.open(server.app_url) as store:
        operator = next(one.id for one in store.ask(Known, operators._sql.operators) if one.slug == "one")
        store.server = server
        signer = LedgerSigner(open_custody(home.config, store))
        store.server = None
        nowhere: Checkpoint | None = None
        for _ in range(3):
            with store.act(operator) as act:
                for _ in range(40):
                    act.append("key-made", datetime.now(UTC), {"scopes": []})
        with store.act(operator) as act:
            count, sealed = sealing.seal(act, signer, nowhere, 2000)
        assert count == 120
        assert sealed is not None


@pytest.mark.slow
def test_a_database_put_back_under_a_running_server_is_noticed(home, player):
    """The server is not restarted; the guard looks when PostgreSQL was, and serves nothing of that operator from then on."""
    backup = home.folder.with_name("backup")
    with home.serving() as serving:
        plays = player(serving, "one")
        person = plays.person()
        assert plays.say(person).ok
        back_up(home, backup)
        assert plays.withdraw(person).ok
        plays.entries()
        with embedded.start(
            home.folder
        ) as claim:  # stop it under everybody's feet, as an administrator would
            claim._cluster.account.run(
                [str(claim.bin_dir / "pg_ctl"), "stop", "-m", "immediate", "-w", "-D", str(claim.data_dir)],
                home.folder,
            )
            put_back(home, backup)
        with embedded.start(home.folder):
            import time

            until, last = time.monotonic() + 30, None
            while time.monotonic() < until:
                last = plays.api.get(f"/v1/people/{person}/consents")
                if last.code == "restored":
                    break
                assert not last.ok, "something is served of a database that was put back"
            assert last is not None
            assert last.code == "restored", last.body
        plays.api.close()
