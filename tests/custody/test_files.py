"""Custody in files: keys that are there twice, and that are gone when they are destroyed."""

import errno
import multiprocessing
import os
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shounuo.custody import copies
from shounuo.custody.files import FileCustody
from shounuo.errors import Misconfigured, NotFound, Tampered, Unavailable
from shounuo.ports.custody import Custody

OPERATOR = UUID(int=7)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """The two folders."""
    return tmp_path / "keys", tmp_path / "copy"


@pytest.fixture
def custody(places: tuple[Path, Path]) -> FileCustody:
    """A custody that was just made."""
    return FileCustody(*places, create=True)


def files(place: Path, key_id: UUID) -> list[Path]:
    """Return all files of a key in one copy."""
    return list(place.glob(f"*/{key_id}.*.key*"))


def test_a_key_is_what_the_port_asks_for(custody: FileCustody):
    """A key is 32 bytes, its own for each id, the same at each reading, listed under its purpose only."""
    kept: Custody = custody
    one, two = kept.create(OPERATOR, "wrap"), kept.create(OPERATOR, "wrap")
    assert len(kept.key(OPERATOR, one)) == 32
    assert kept.key(OPERATOR, one) == kept.key(OPERATOR, one) != kept.key(OPERATOR, two)
    assert sorted(kept.ids(OPERATOR, "wrap")) == sorted([one, two])
    assert list(kept.ids(OPERATOR, "index")) == []
    assert list(kept.ids(uuid4(), "wrap")) == []


def test_another_process_reads_the_same_key(custody: FileCustody, places: tuple[Path, Path]):
    """What one process made, another that opens the same folders reads."""
    key_id = custody.create(OPERATOR, "sign")
    assert FileCustody(*places, create=False).key(OPERATOR, key_id) == custody.key(OPERATOR, key_id)


def test_everything_is_private_and_twice(custody: FileCustody, places: tuple[Path, Path]):
    """Folders are 0700, files 0600, and each key and the master key lie in both copies, never in clear."""
    key_id = custody.create(OPERATOR, "wrap")
    secret = custody.key(OPERATOR, key_id)
    for place in places:
        assert len(files(place, key_id)) == 1
        assert (place / "master.key").read_bytes()
        for path in place.rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
            assert path.is_dir() or secret not in path.read_bytes()
    assert (places[0] / "master.key").read_bytes() == (places[1] / "master.key").read_bytes()


def test_a_destroyed_key_is_gone_from_both_copies(custody: FileCustody, places: tuple[Path, Path]):
    """A destroyed key is in no file and no list, and asking for it says so; destroying it again is nothing."""
    key_id = custody.create(OPERATOR, "wrap")
    custody.key(OPERATOR, key_id)
    other = FileCustody(*places, create=False)
    other.key(OPERATOR, key_id)
    custody.destroy(OPERATOR, key_id)
    custody.destroy(OPERATOR, key_id)
    for each in (custody, other):
        with pytest.raises(NotFound) as refused:
            each.key(OPERATOR, key_id)
        assert refused.value.code == "key-destroyed"
        assert key_id not in each.ids(OPERATOR, "wrap")
    assert not files(places[0], key_id) + files(places[1], key_id)


def test_an_unknown_key_is_said_to_be_unknown(custody: FileCustody):
    """A key never made is unknown, and another operator's key is unknown to us."""
    key_id = custody.create(uuid4(), "wrap")
    for asked in (uuid4(), key_id):
        with pytest.raises(NotFound) as refused:
            custody.key(OPERATOR, asked)
        assert refused.value.code == "key-unknown"


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_copy_is_healed(custody: FileCustody, places: tuple[Path, Path], lost: int):
    """A key left in one copy only is read, and is in both afterwards."""
    key_id = custody.create(OPERATOR, "wrap")
    secret = custody.key(OPERATOR, key_id)
    shutil.rmtree(places[lost])
    again = FileCustody(*places, create=False)
    assert again.key(OPERATOR, key_id) == secret
    assert files(places[lost], key_id)
    assert (places[lost] / "master.key").exists()


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_damaged_copy_is_healed(custody: FileCustody, places: tuple[Path, Path], damaged: int):
    """A copy that does not open is written anew from the one that does."""
    key_id = custody.create(OPERATOR, "wrap")
    secret = custody.key(OPERATOR, key_id)
    path = files(places[damaged], key_id)[0]
    path.write_bytes(b"\x00" * 61)
    again = FileCustody(*places, create=False)
    assert again.key(OPERATOR, key_id) == secret
    assert path.read_bytes() == files(places[1 - damaged], key_id)[0].read_bytes()


def test_a_key_damaged_everywhere_is_tampered(custody: FileCustody, places: tuple[Path, Path]):
    """When no copy of a key opens while others do, the key was tampered with, not the master key."""
    key_id, _ = custody.create(OPERATOR, "wrap"), custody.create(OPERATOR, "wrap")
    for place in places:
        files(place, key_id)[0].write_bytes(b"\x01" * 61)
    with pytest.raises(Tampered):
        FileCustody(*places, create=False).key(OPERATOR, key_id)


def test_a_key_file_renamed_does_not_open(custody: FileCustody, places: tuple[Path, Path]):
    """A key is bound to its operator, purpose and id: under another name it opens nothing."""
    key_id = custody.create(OPERATOR, "wrap")
    for place in places:
        shutil.copy(files(place, key_id)[0], place / str(OPERATOR) / f"{UUID(int=1)}.wrap.key")
        shutil.copy(files(place, key_id)[0], place / str(OPERATOR) / f"{UUID(int=2)}.index.key")
    for asked in (UUID(int=1), UUID(int=2)):
        with pytest.raises(Tampered):
            custody.key(OPERATOR, asked)


@pytest.mark.parametrize("finisher", ["key", "ids"])
def test_a_half_finished_destruction_is_completed(
    custody: FileCustody, places: tuple[Path, Path], finisher: str, monkeypatch: pytest.MonkeyPatch
):
    """A crash after the mark, before the files are gone: the next who looks completes it, and nothing heals
    it.
    """
    key_id = custody.create(OPERATOR, "wrap")

    def crash(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(copies, "destroy", crash)
        with pytest.raises(KeyboardInterrupt):
            custody.destroy(OPERATOR, key_id)
    assert files(places[0], key_id)
    again = FileCustody(*places, create=False)
    if finisher == "key":
        with pytest.raises(NotFound, match="destroyed"):
            again.key(OPERATOR, key_id)
    else:
        assert key_id not in again.ids(OPERATOR, "wrap")
    assert not files(places[0], key_id) + files(places[1], key_id)


def test_a_destroyed_key_brought_back_from_an_archive_is_destroyed_again(
    custody: FileCustody, places: tuple[Path, Path], tmp_path: Path
):
    """A file of a destroyed key laid back into one copy is not read: it is destroyed."""
    key_id = custody.create(OPERATOR, "wrap")
    path = files(places[1], key_id)[0]
    shutil.copy(path, tmp_path / "archived")
    custody.destroy(OPERATOR, key_id)
    shutil.copy(tmp_path / "archived", path)
    with pytest.raises(NotFound, match="destroyed"):
        custody.key(OPERATOR, key_id)
    assert not path.exists()


def test_a_write_cut_short_goes_with_its_key(custody: FileCustody, places: tuple[Path, Path]):
    """The remains of an interrupted write are destroyed with the key they belong to."""
    key_id = custody.create(OPERATOR, "wrap")
    path = files(places[0], key_id)[0]
    shutil.copy(path, path.with_name(path.name + ".00.making"))
    custody.destroy(OPERATOR, key_id)
    assert not files(places[0], key_id)


def test_a_missing_master_key_is_never_made_anew(custody: FileCustody, places: tuple[Path, Path]):
    """With key files there, or with data there, a missing master key is an error that says what to do."""
    custody.create(OPERATOR, "wrap")
    for place in places:
        (place / "master.key").unlink()
    for create in (True, False):
        with pytest.raises(Misconfigured, match="back from your copy"):
            FileCustody(*places, create=create)


def test_no_master_key_is_made_beside_data(places: tuple[Path, Path]):
    """Beside a database that is not empty no master key is made, even when there are no key files."""
    with pytest.raises(Misconfigured, match="master key is missing"):
        FileCustody(*places, create=False)
    assert not (places[0] / "master.key").exists()


def test_a_wrong_master_key_is_told_plainly(custody: FileCustody, places: tuple[Path, Path]):
    """A master key that opens nothing is named as what is wrong, with where to put the right one."""
    custody.create(OPERATOR, "wrap")
    for place in places:
        (place / "master.key").write_bytes(os.urandom(32))
    with pytest.raises(Misconfigured, match="differ"):
        FileCustody(*places, create=False)
    (places[1] / "master.key").write_bytes((places[0] / "master.key").read_bytes())
    with pytest.raises(Misconfigured, match="opens none of the keys"):
        FileCustody(*places, create=False)


def test_a_short_master_key_is_refused(places: tuple[Path, Path], custody: FileCustody):
    """A master key of another length is refused."""
    for place in places:
        (place / "master.key").write_bytes(b"short")
    with pytest.raises(Misconfigured, match="5 bytes"):
        FileCustody(*places, create=False)


def test_wide_permissions_are_refused(custody: FileCustody, places: tuple[Path, Path]):
    """Folders and files that others may read are refused, with the command that closes them."""
    key_id = custody.create(OPERATOR, "wrap")
    custody.key(OPERATOR, key_id)
    path = files(places[0], key_id)[0]
    for wrong, mode in ((places[0], 0o755), (places[1] / "master.key", 0o640), (path, 0o644)):
        right = wrong.stat().st_mode
        wrong.chmod(mode)
        with pytest.raises(Misconfigured, match="chmod"):
            FileCustody(*places, create=False).key(OPERATOR, key_id)
        wrong.chmod(right)


def test_a_full_disk_is_told_plainly_and_leaves_nothing_half_done(
    custody: FileCustody, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    """No key is made, none is destroyed by halves, and with room again everything goes on."""
    key_id = custody.create(OPERATOR, "wrap")
    secret = custody.key(OPERATOR, key_id)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left"):
            custody.create(OPERATOR, "wrap")
        with pytest.raises(Unavailable, match="No space left"):
            custody.destroy(OPERATOR, key_id)
    assert [custody.key(OPERATOR, one) for one in custody.ids(OPERATOR, "wrap")] == [secret]
    custody.destroy(OPERATOR, key_id)
    assert key_id not in custody.ids(OPERATOR, "wrap")
    assert [*places[0].rglob("*.making"), *places[1].rglob("*.making")] == []


def test_folders_must_be_apart(tmp_path: Path):
    """The copies lie apart from each other and from the database."""
    with pytest.raises(Misconfigured, match="apart"):
        FileCustody(tmp_path / "a", tmp_path / "a", create=True)
    with pytest.raises(Misconfigured, match="apart"):
        FileCustody(tmp_path / "a", tmp_path / "a" / "b", create=True)
    with pytest.raises(Misconfigured, match="database"):
        FileCustody(tmp_path / "db" / "a", tmp_path / "b", create=True, away_from=[tmp_path / "db"])


def _first_start(places: tuple[Path, Path], barrier, results) -> None:
    barrier.wait()
    custody = FileCustody(*places, create=True)
    results.put((custody.create(OPERATOR, "wrap"), (places[0] / "master.key").read_bytes()))


def test_processes_starting_first_at_once_have_one_master_key(places: tuple[Path, Path]):
    """Six processes that start first at the same moment share one master key, and each reads the others'
    keys.
    """
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(6), context.Queue()
    started = [context.Process(target=_first_start, args=(places, barrier, results)) for _ in range(6)]
    for process in started:
        process.start()
    made = [results.get(timeout=60) for _ in started]
    for process in started:
        process.join()
    assert len({secret for _, secret in made}) == 1
    custody = FileCustody(*places, create=False)
    assert len({custody.key(OPERATOR, key_id) for key_id, _ in made}) == 6
