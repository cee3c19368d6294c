"""What goes wrong with a set-up is told in a sentence that says what to do, with exit code 2, and never taken for a yes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import conninfo
from system_room import Home, folder

from shounuo.store import embedded
from shounuo.store.pool import connect

_CLI = "from shounuo.cli import main; main()"


def plain(done: "subprocess.CompletedProcess[str]", *words: str, code: int = 2) -> None:
    """The command ended with its code and one plain sentence that has these words, and no trace of Python."""
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said, said
    assert 'File "' not in said, said
    for word in words:
        assert word in done.stderr, said
    assert 0 < len(done.stderr.strip().splitlines()) <= 3, done.stderr
    assert "Error" not in done.stderr, done.stderr


def bare(place: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run `shounuo serve` with a home."""
    return Home(place, {}, None).command("serve", timeout=60, **more)  # type: ignore[arg-type]


@pytest.fixture
def place():
    """A folder for a home that is not there yet."""
    made = folder()
    yield made
    home = Home(made / "home", {}, None)  # type: ignore[arg-type]
    if home.postmasters():
        home.stop_database()
    shutil.rmtree(made)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("verify", __file__, "--key", "no key"), "verifier key"),
        (("verify", "/nowhere/ledger"), "no file"),
        (("init", "/nowhere/policy.yaml"), "/nowhere"),
        (("compile", "huiju", "--against", "/nowhere/policy.yaml"), "/nowhere/policy.yaml"),
        (("lint", "huiju", "--at", "yesterday"), "yesterday"),
        (("demo", "--port", "65536"), "65535"),
        (("demo", "--port", "-1"), "65535"),
    ],
    ids=["key", "ledger", "folder", "published", "day", "high-port", "low-port"],
)
def test_what_is_asked_wrongly_is_told_plainly(place, arguments, word):
    """An argument that is none ends with exit code 2, which is not the answer no."""
    plain(Home(place, {}, None).command(*arguments, timeout=60), word)  # type: ignore[arg-type]


def test_a_master_key_that_is_missing_beside_a_database_is_not_made_anew(home):
    """The files to put back are named; no new key appears."""
    for copy in home.config.custody:
        (copy / "master.key").unlink()
    for command in (
        ("serve",),
        ("decide", str(uuid4()), "sign-in", "--operator", "one"),
        ("keys", "new", "x", "--operator", "one"),
    ):
        plain(
            home.command(*command), "master key is missing", str(home.config.custody[0] / "master.key"), "put"
        )
    assert not any((copy / "master.key").exists() for copy in home.config.custody)


def test_a_whole_custody_that_is_missing_beside_a_database_is_not_made_anew(home):
    """With both key folders gone, too."""
    shutil.rmtree(home.folder / "custody")
    plain(home.command("serve"), "master key is missing")


def test_a_wrong_master_key_is_told_as_such(home):
    """Another key opens nothing; the message says which files."""
    for copy in home.config.custody:
        (copy / "master.key").write_bytes(b"x" * 32)
    plain(home.command("serve"), "master key", "put the right one back", str(home.config.custody[0]))


def test_a_master_key_others_can_read_is_refused(home):
    """It says what to run."""
    (home.config.custody[0] / "master.key").chmod(0o644)
    plain(home.command("serve"), "chmod 600")


def test_a_home_that_is_a_file_is_refused(place):
    """Naming a file where a folder belongs."""
    (place / "home").write_text("")
    plain(bare(place / "home"), "SHOUNUO_HOME", "not a folder")


def test_a_home_below_a_file_is_refused(place):
    """A part of the path is no folder."""
    (place / "file").write_text("")
    plain(bare(place / "file" / "home"), "cannot be")


@pytest.mark.skipif(os.geteuid() != 0, reason="who owns a folder is changed as root only")
def test_a_home_of_somebody_else_is_refused(place):
    """A data folder that is another user's is not taken over."""
    (place / "home" / "postgres").mkdir(parents=True)
    os.chown(place / "home" / "postgres", 65534, 65534)
    plain(bare(place / "home"), "belongs to another user", "run Shounuo as that user")


def test_a_home_that_cannot_be_read_or_written_is_refused(place):
    """As a user who may not: a plain word, not a trace."""
    if os.geteuid() == 0:
        target = Path("/proc/shounuo-home")
    else:
        (place / "shut").mkdir(mode=0o500)
        target = place / "shut" / "home"
    plain(bare(target), "cannot be made")


def test_a_database_of_another_version_is_refused(home):
    """The versions are named, and what to install."""
    (home.folder / "postgres" / "data" / "PG_VERSION").write_text("14\n")
    plain(home.command("serve"), "PostgreSQL 14", "install")


def test_a_database_made_by_newer_code_is_refused(home):
    """A migration this code does not know: install the version that does."""
    with embedded.start(home.folder) as server, connect(server.owner_url) as owner:
        owner.execute(
            "insert into shounuo.migration (number, name, sha256, applied_at) select 9999, '9999_later', 'x', now()"
        )
    plain(home.command("serve"), "newer than this code", "9999_later")


def test_a_passwords_file_that_is_gone_is_told(home):
    """The passwords are not made anew beside a database."""
    (home.folder / "postgres" / "passwords.json").unlink()
    plain(home.command("serve"), "passwords.json", "put it back")


def test_settings_that_are_wrong_are_told(place):
    """Half a database address, a port that is none, a region that is none, a host that is not loopback."""
    plain(bare(place / "home", DATABASE_URL="postgresql://x@localhost/x"), "DATABASE_OWNER_URL")
    plain(bare(place / "home", SHOUNUO_PORT="http"), "SHOUNUO_PORT")
    plain(bare(place / "home", SHOUNUO_PORT="65536"), "SHOUNUO_PORT")
    plain(bare(place / "home", SHOUNUO_REGION="Atlantis!"), "SHOUNUO_REGION")
    home = Home(place / "home", {}, None)  # type: ignore[arg-type]
    plain(home.command("serve", "--host", "0.0.0.0"), "loopback only")
    assert not (place / "home").exists()
    plain(
        bare(place / "home", DATABASE_URL="not an address", DATABASE_OWNER_URL="not an address"), "DATABASE"
    )


def test_a_database_that_is_down_is_told_without_its_password(place):
    """An address where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"postgresql://someone:hidden-word@127.0.0.1:{port}/x"
    done = bare(place / "home", DATABASE_URL=url, DATABASE_OWNER_URL=url)
    plain(done, "cannot be reached", "see that it runs")
    assert "hidden-word" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("alter role shounuo_app superuser", "is a superuser"),
        ("alter role shounuo_app bypassrls", "BYPASSRLS"),
        ("alter role shounuo_app createrole", "CREATEROLE"),
        ("grant shounuo_owner to shounuo_app", "owns"),
    ],
)  # fmt: skip
def test_a_role_that_could_pass_the_fence_is_refused(home, change, reason):
    """`serve` does not start once its role was given more than it may have, and says what role to make."""
    with embedded.start(home.folder) as server, connect(server.superuser_url) as admin:
        admin.execute(change)
    plain(home.command("serve"), reason, "NOBYPASSRLS")


def test_a_wrong_password_is_told_without_it(home, place):
    """PostgreSQL does not let the role in: which setting, and never the password."""
    with embedded.start(home.folder) as server:
        wrong = conninfo.make_conninfo(server.app_url, password="hidden-word")
        done = bare(place / "home", DATABASE_URL=wrong, DATABASE_OWNER_URL=server.owner_url)
    plain(done, "DATABASE_URL", "password")
    assert "hidden-word" not in done.stdout + done.stderr


def test_a_port_in_use_is_told_and_leaves_nothing_running(home):
    """The port is named, and what to set."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        plain(home.command("serve", "--port", port), port, "in use", "SHOUNUO_PORT")
    assert home.postmasters() == []


def test_a_policy_or_operator_that_is_not_there_is_told(home):
    """Names that are wrong, in commands on a house that is right."""
    plain(home.command("decide", str(uuid4()), "sign-in"), "several operators", "--operator")
    plain(home.command("decide", str(uuid4()), "sign-in", "--operator", "three"), "three", "publish")
    plain(home.command("publish", "/nowhere.yaml"), "neither a pack")
    refused = home.command("decide", str(uuid4()), "sign-in", "--operator", "one")
    assert refused.returncode == 1
    assert "no-person" in refused.stdout


def test_two_first_starts_at_once_make_one_house(place):
    """Both servers come up on one database with one master key, or one waits for the other; none fails."""
    home = Home(place / "home", {}, None)  # type: ignore[arg-type]
    logs = [place / f"first-{number}.log" for number in range(2)]
    started = []
    for log in logs:
        with log.open("wb") as out:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-c", _CLI, "serve", "--port", "0"],
                    env=home.environment,
                    stdout=out,
                    stderr=out,
                )
            )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not all("serving http" in log.read_text() for log in logs):
            assert all(each.poll() is None for each in started), [log.read_text() for log in logs]
            time.sleep(0.05)
        assert all("serving http" in log.read_text() for log in logs)
        assert len(home.postmasters()) == 1
        assert len({(copy / "master.key").read_bytes() for copy in home.config.custody}) == 1
    finally:
        for each in started:
            each.send_signal(signal.SIGINT)
        codes = [each.wait(60) for each in started]
    assert codes == [130, 130] or codes == [0, 0], [log.read_text() for log in logs]
    assert home.postmasters() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_told_to_end_ends_cleanly(home, how):
    """Ctrl-C or a service manager: it ends within seconds, says nothing of Python, and leaves no process behind."""
    log = home.folder.with_name("ended.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _CLI, "serve", "--port", "0"], env=home.environment, stdout=out, stderr=out
        )
    until = time.monotonic() + 60
    while "serving http" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    address = log.read_text().partition("serving ")[2].split()[0].removeprefix("http://")
    host, port = address.split(":")
    time.sleep(0.3)
    with socket.create_connection((host, int(port))) as kept:  # a browser that keeps its connection
        kept.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(100)
        process.send_signal(how)
        process.wait(30)
    said = log.read_text()
    assert process.returncode in (0, 130, 143), said
    assert "Traceback" not in said, said
    assert home.postmasters() == []


def test_the_owner_role_does_not_serve(home, place):
    """The owner's address in the place of the application's."""
    with embedded.start(home.folder) as server:
        done = bare(place / "home", DATABASE_URL=server.owner_url, DATABASE_OWNER_URL=server.owner_url)
    plain(done, "one role", "its own")
