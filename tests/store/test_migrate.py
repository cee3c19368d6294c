"""Migrations: applied once, in order, by one at a time, and never rewritten."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace

import psycopg
import pytest

from shounuo.errors import Misconfigured, Unavailable
from shounuo.store.migrate import migrate
from shounuo.store.pool import connect
from shounuo.store.record import Migration, migrations, missing_from, must_be_current

# Declared exceptions, each with its reason.
EXCEPTIONS = {
    "0003_vault": {"lock table"},  # one operator's leaf, about to be dropped, which locks it anyway
    "0010_one_part_locked": {"lock table"},  # the root alone, while room for a new operator is made
}
ONE = Migration(1, "0001_one", "create table shounuo.one (x int); grant usage on schema shounuo to {app}")
TWO = Migration(2, "0002_two", "insert into shounuo.one values (2)")
THREE = Migration(3, "0003_three", "insert into shounuo.one values (3)")


def applied(server):
    """What the database holds: names recorded, values inserted."""
    with connect(server.owner_url) as owner:
        names = owner.execute("select name from shounuo.migration order by number").fetchall()
        values = owner.execute("select x from shounuo.one order by x").fetchall()
    return [name for (name,) in names], [x for (x,) in values]


def test_what_is_missing_is_applied_once(scratch):
    """A second run finds nothing to do; a later file is applied alone."""
    assert migrate(scratch.owner_url, scratch.app, [ONE, TWO]) == ["0001_one", "0002_two"]
    assert migrate(scratch.owner_url, scratch.app, [ONE, TWO]) == []
    assert migrate(scratch.owner_url, scratch.app, [ONE, TWO, THREE]) == ["0003_three"]
    assert applied(scratch) == (["0001_one", "0002_two", "0003_three"], [2, 3])


def test_a_file_that_fails_leaves_nothing_of_itself(scratch):
    """It is one transaction with its record; those before it stay; the message names it and no value."""
    bad = Migration(
        2, "0002_bad", "insert into shounuo.one values (2); insert into shounuo.one values ('138-secret')"
    )
    with pytest.raises(RuntimeError, match="`0002_bad` failed") as failed:
        migrate(scratch.owner_url, scratch.app, [ONE, bad])
    assert "138" not in str(failed.value)
    assert failed.value.__context__ is None
    assert applied(scratch) == (["0001_one"], [])
    assert migrate(scratch.owner_url, scratch.app, [ONE, TWO]) == ["0002_two"]


def test_a_misspelt_file_says_what_is_wrong(scratch):
    """Names of tables and columns are ours and help whoever wrote the file."""
    with pytest.raises(RuntimeError, match=r"`0001_bad` failed: relation \"shounuo.nowhere\" does not exist"):
        migrate(scratch.owner_url, scratch.app, [Migration(1, "0001_bad", "select from shounuo.nowhere")])


def test_a_file_changed_after_it_was_applied_is_refused_by_name(scratch):
    """What the database was made with cannot be rewritten."""
    migrate(scratch.owner_url, scratch.app, [ONE, TWO])
    with pytest.raises(Misconfigured, match="`0002_two` was changed after it was applied"):
        migrate(scratch.owner_url, scratch.app, [ONE, replace(TWO, text=TWO.text + " ")])


def test_a_newer_database_is_refused(scratch):
    """Old code does not run on what it does not know."""
    migrate(scratch.owner_url, scratch.app, [ONE, TWO, THREE])
    with pytest.raises(Misconfigured, match=r"newer than this code .*`0003_three`"):
        migrate(scratch.owner_url, scratch.app, [ONE, TWO])


def test_a_file_numbered_below_an_applied_one_is_refused(scratch):
    """The order is the same for everyone."""
    migrate(scratch.owner_url, scratch.app, [ONE, THREE])
    with pytest.raises(Misconfigured, match="`0002_two` is older"):
        migrate(scratch.owner_url, scratch.app, [ONE, TWO, THREE])


def test_many_who_migrate_at_once_apply_each_file_once(scratch):
    """One works, the others wait and find it done, from the very first table on."""
    done, failed = [], []

    def work():
        try:
            done.extend(migrate(scratch.owner_url, scratch.app, [ONE, TWO, THREE]))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert sorted(done) == ["0001_one", "0002_two", "0003_three"]
    assert applied(scratch)[1] == [2, 3]


def test_two_processes_migrate_the_real_files_at_once(scratch):
    """Real processes, real files, an empty database."""
    code = "import sys; from shounuo.store.migrate import migrate; print(*migrate(*sys.argv[1:]))"
    command = [sys.executable, "-c", code, scratch.owner_url, scratch.app]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert sorted("".join(f"{out} " for out, _ in said).split()) == [each.name for each in migrations()]


def test_the_record_holds_the_hash_of_the_text_as_written(scratch):
    """The role's name put in for `{app}` does not change it."""
    migrate(scratch.owner_url, scratch.app, [ONE])
    with connect(scratch.owner_url) as owner:
        kept = owner.execute("select sha256 from shounuo.migration").fetchone()
    assert kept == (hashlib.sha256(ONE.text.encode()).hexdigest(),)


def test_the_application_may_not_migrate_itself(scratch):
    """One role for both is refused, and so is an owner that may not make the schema."""
    with pytest.raises(Misconfigured, match="name one role"):
        migrate(scratch.app_url, scratch.app, [ONE])
    with pytest.raises(Misconfigured, match="grant it CREATE"):
        migrate(scratch.app_url, "another", [ONE])


def test_another_application_role_is_told_before_it_serves(scratch):
    """Tables made for one role have no rights for another."""
    migrate(scratch.owner_url, scratch.app, [ONE])
    with pytest.raises(Misconfigured, match="another role than `somebody`"):
        migrate(scratch.owner_url, "somebody", [ONE])


def test_the_application_sees_whether_the_database_is_current(scratch, monkeypatch):
    """An empty database, a missing file and a newer one are each told; the real one passes."""
    with connect(scratch.app_url) as application:
        with pytest.raises(Misconfigured, match="no tables of Shounuo"):
            must_be_current(application)
        migrate(scratch.owner_url, scratch.app)
        must_be_current(application)
        more = [*migrations(), Migration(9999, "9999_more", "")]
        monkeypatch.setattr("shounuo.store.record.migrations", lambda: more)
        with pytest.raises(Misconfigured, match="lacks the migration `9999_more`"):
            must_be_current(application)
        monkeypatch.setattr("shounuo.store.record.migrations", lambda: more[:1])
        if len(more) > 2:
            with pytest.raises(Misconfigured, match="newer"):
                must_be_current(application)


def test_an_owner_that_cannot_be_reached_is_named(scratch, tmp_path):
    """The complaint is about the owner's address, not the application's."""
    with pytest.raises(Unavailable):
        migrate(f"host={tmp_path} user=u dbname=d", "app", [ONE])
    with pytest.raises(Misconfigured, match="DATABASE_OWNER_URL"):
        migrate("nonsense", "app", [ONE])


def test_missing_files_are_named_in_order():
    """Nothing applied yet: all of them."""
    assert missing_from({}, [ONE, TWO]) == [ONE, TWO]


def test_the_files_have_numbers_of_their_own():
    """Each number once, and every file is found."""
    numbers = [each.number for each in migrations()]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))


def test_no_file_leans_on_what_cannot_be_sharded_or_replayed():
    """No clock of the database, no sequences, no advisory locks, no deferrable or exclusion constraints."""
    banned = ("now()", "current_timestamp", "clock_timestamp", "nextval", "serial", "generated ", "advisory",
              "deferrable", "exclude using", "inherits", "lock table", "gen_random_uuid")  # fmt: skip
    for file in migrations():
        text = "\n".join(line.split("--")[0] for line in file.text.lower().splitlines())
        assert {word for word in banned if word in text} == EXCEPTIONS.get(file.name, set()), file.name


def test_an_application_role_with_an_odd_name_is_quoted(scratch, server):
    """The name is put in quoted."""
    odd = 'odd "name'
    with connect(server.admin_url) as admin:
        try:
            admin.execute('create role "odd ""name" login')
        except psycopg.errors.InsufficientPrivilege:
            pytest.skip("the owner of this outside PostgreSQL may not make roles")
        try:
            assert migrate(scratch.owner_url, odd, [ONE]) == ["0001_one"]
        finally:
            with connect(scratch.owner_url) as owner:
                owner.execute('revoke usage on schema shounuo from "odd ""name"')
            admin.execute('drop role "odd ""name"')
