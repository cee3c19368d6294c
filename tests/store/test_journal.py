"""The outside journal: what is written stays, what is torn is cut, what is damaged is said."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from ledger_room import AT, Signer

from shounuo.core.ledger import parse_canonical
from shounuo.errors import Misconfigured, Tampered, Unavailable
from shounuo.store import journal as module
from shounuo.store.denial import Denial
from shounuo.store.journal import Journal
from shounuo.store.outside import Outside

OPERATOR = UUID("6f1b2c3d-0000-4000-8000-000000000001")


@pytest.fixture
def outside(tmp_path):
    """An empty place outside of the database."""
    return Outside(tmp_path / "deep" / "guard")


@pytest.fixture
def journal(outside):
    """A journal there."""
    return Journal(outside)


def _denials(count, what="withdrawn"):
    return [Denial(uuid4(), AT, what, uuid4(), f"news:{place}") for place in range(count)]


def _path(outside, operator=OPERATOR):
    return outside.folder / str(operator) / "journal"


def _read(journal, operator=OPERATOR):
    return [denial for denial, _ in journal.read(operator)]


def test_what_is_written_comes_back_in_order(journal):
    """Denials of several writes, with and without a person, come back as they were."""
    first, second = (
        _denials(3),
        [Denial(uuid4(), datetime(1999, 1, 1, tzinfo=UTC), "key-revoked", None, "ab" * 32)],
    )
    journal.append(OPERATOR, first)
    journal.append(OPERATOR, second)
    assert _read(journal) == [*first, *second]
    assert _read(journal, uuid4()) == []


def test_a_line_is_number_hash_and_one_encoding(journal, outside):
    """The file can be read by a person, and holds ids and words only; nobody else may read it."""
    journal.append(OPERATOR, _denials(2))
    lines = _path(outside).read_bytes().splitlines()
    assert [line.split(b" ", 1)[0] for line in lines] == [b"0", b"1"]
    assert {len(line.split(b" ")[1]) for line in lines} == {64}
    assert parse_canonical(lines[0].split(b" ", 2)[2])["what"] == "withdrawn"
    assert _path(outside).stat().st_mode & 0o777 == 0o600
    assert _path(outside).parent.stat().st_mode & 0o777 == 0o700


def test_reading_goes_on_from_a_place(journal):
    """Who read up to a line reads on from there, when more has come."""
    first, second = _denials(3), _denials(2)
    journal.append(OPERATOR, first)
    places = [place for _, place in journal.read(OPERATOR)]
    journal.append(OPERATOR, second)
    assert [denial for denial, _ in journal.read(OPERATOR, places[-1])] == second
    assert [denial for denial, _ in journal.read(OPERATOR, places[0])] == [*first[1:], *second]


@pytest.mark.parametrize("cut", [1, 40, 90, 150])
def test_a_torn_last_line_is_cut(journal, outside, cut):
    """A line without its end was never acknowledged: it is not read, and the next write takes its place."""
    whole, torn, after = _denials(2), _denials(1), _denials(2)
    journal.append(OPERATOR, whole)
    size = _path(outside).stat().st_size
    journal.append(OPERATOR, torn)
    os.truncate(_path(outside), size + cut)
    assert _read(journal) == whole
    assert _read(Journal(outside)) == whole
    journal.append(OPERATOR, after)
    assert _read(journal) == [*whole, *after]


def test_the_first_line_may_be_torn_too(journal, outside):
    """Then the journal is empty."""
    journal.append(OPERATOR, _denials(1))
    os.truncate(_path(outside), 30)
    assert _read(journal) == []
    after = _denials(1)
    journal.append(OPERATOR, after)
    assert _read(journal) == after


@pytest.mark.parametrize("zeros", [1, 5000, 100_000])
def test_zeros_that_a_power_cut_left_at_the_end_are_cut(journal, outside, zeros):
    """Some file systems grow the file before its content is there."""
    whole, after = _denials(2), _denials(1)
    journal.append(OPERATOR, whole)
    with _path(outside).open("ab") as file:
        file.write(bytes(zeros))
    assert _read(journal) == whole
    journal.append(OPERATOR, after)
    assert _read(journal) == [*whole, *after]


def _damages():
    def changed(lines):
        return [lines[0], lines[1].replace(b"news:1", b"news:7"), *lines[2:]]

    def last_changed(lines):
        return [*lines[:-1], lines[-1].replace(b"news:3", b"news:7")]

    def left_out(lines):
        return [lines[0], *lines[2:]]

    def first_left_out(lines):
        return lines[1:]

    def moved(lines):
        return [lines[0], lines[2], lines[1], lines[3]]

    def twice(lines):
        return [*lines, lines[-1]]

    def foreign(lines):
        return [*lines, b"hello\n"]

    def blank(lines):
        return [lines[0], b"\n", *lines[1:]]

    return [changed, last_changed, left_out, first_left_out, moved, twice, foreign, blank]


@pytest.mark.parametrize("damage", _damages(), ids=lambda each: each.__name__)
def test_any_other_damage_is_said(journal, outside, damage):
    """A line that was changed, left out, moved, doubled or put in is named; it is never skipped."""
    journal.append(OPERATOR, _denials(4))
    lines = _path(outside).read_bytes().splitlines(keepends=True)
    _path(outside).write_bytes(b"".join(damage(lines)))
    with pytest.raises(Tampered, match="damaged at line"):
        _read(journal)


def test_nothing_is_written_after_a_last_line_that_is_none(journal, outside):
    """The next write refuses too, instead of going on from garbage."""
    journal.append(OPERATOR, _denials(2))
    with _path(outside).open("ab") as file:
        file.write(b"garbage\n")
    with pytest.raises(Tampered):
        journal.append(OPERATOR, _denials(1))


def test_another_operators_lines_do_not_fit(journal, outside):
    """A journal brought over from another operator is refused at its first line."""
    other = uuid4()
    journal.append(other, _denials(2))
    outside.place(OPERATOR)
    _path(outside).write_bytes(_path(outside, other).read_bytes())
    with pytest.raises(Tampered):
        _read(journal)


def test_a_journal_that_lost_lines_we_know_is_said(journal, outside):
    """Cut back or gone, while a process has read further."""
    journal.append(OPERATOR, _denials(3))
    place = [each for _, each in journal.read(OPERATOR)][-1]
    first = _path(outside).read_bytes().splitlines(keepends=True)[0]
    _path(outside).write_bytes(first)
    with pytest.raises(Tampered, match="cut"):
        list(journal.read(OPERATOR, place))
    _path(outside).unlink()
    with pytest.raises(Tampered, match="gone"):
        list(journal.read(OPERATOR, place))


def test_many_threads_share_a_sync(journal, monkeypatch):
    """All are written once and in whole lines, with fewer syncs than writers."""
    syncs, really = [], os.fdatasync
    monkeypatch.setattr(module.os, "fdatasync", lambda one: (syncs.append(one), really(one)))
    mine = [_denials(2) for _ in range(80)]
    start = Barrier(16)

    def work(place):
        start.wait()
        for each in mine[place::16]:
            journal.append(OPERATOR, each)

    threads = [Thread(target=work, args=(place,)) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = _read(journal)
    assert sorted(each.denial for each in found) == sorted(each.denial for many in mine for each in many)
    assert len(syncs) < len(mine)


WRITER = """
import sys
from pathlib import Path
from test_journal import OPERATOR, _denials
from shounuo.store.journal import Journal
from shounuo.store.outside import Outside
journal = Journal(Outside(Path(sys.argv[1])))
for _ in range(60):
    journal.append(OPERATOR, _denials(2, sys.argv[2]))
"""


def test_processes_take_turns(journal, outside):
    """Two processes and this one write to one journal; every line is there and the hash runs through all."""
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(module.__file__).parents[2])])
    command = [sys.executable, "-c", WRITER, str(outside.folder)]
    environment = {**os.environ, "PYTHONPATH": path}
    others = [subprocess.Popen([*command, name], env=environment) for name in ("erased", "refused")]
    while any(each.poll() is None for each in others):
        journal.append(OPERATOR, _denials(1))
    assert [each.returncode for each in others] == [0, 0]
    found = [each.what for each in _read(journal)]
    assert (found.count("erased"), found.count("refused")) == (120, 120)
    assert found.count("withdrawn") == len(found) - 240


def test_a_full_disk_refuses_and_leaves_the_journal_whole(journal, monkeypatch):
    """Nobody is answered, what was written of the line is gone, and the next write goes on."""
    whole, after = _denials(2), _denials(1)
    journal.append(OPERATOR, whole)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(module.os, "fdatasync", full)
        with pytest.raises(Unavailable, match="No space left"):
            journal.append(OPERATOR, _denials(1))
    assert _read(journal) == whole
    journal.append(OPERATOR, after)
    assert _read(journal) == [*whole, *after]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    """With the name of the folder and the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="guard"):
        Outside(tmp_path / "file" / "guard")


def _note(size, root="A" * 43 + "="):
    signer = Signer()
    return signer.sign(OPERATOR, f"shounuo.test/{OPERATOR}\n{size}\n{root}\n")


def test_a_checkpoint_is_whole_or_not_there(outside, monkeypatch):
    """A crash before the new one has its name leaves the old one."""
    outside.keep(OPERATOR, _note(1))
    with monkeypatch.context() as crash:
        crash.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            outside.keep(OPERATOR, _note(2))
    assert outside.checkpoint(OPERATOR) == _note(1)
    outside.keep(OPERATOR, _note(3))
    assert outside.checkpoint(OPERATOR) == _note(3)
    assert outside.operators() == [OPERATOR]


def test_a_checkpoint_set_aside_stays_under_its_name(outside):
    """Then there is none, until a new one is kept, however small."""
    outside.set_aside(OPERATOR, AT)
    outside.keep(OPERATOR, _note(5))
    outside.set_aside(OPERATOR, AT)
    assert outside.checkpoint(OPERATOR) is None
    assert (outside.folder / str(OPERATOR) / outside.name_aside(AT)).read_bytes() == _note(5)
    outside.keep(OPERATOR, _note(2))
    assert outside.checkpoint(OPERATOR) == _note(2)
    assert outside.name_aside(AT) == "checkpoint-20260301T040506.000007Z"
