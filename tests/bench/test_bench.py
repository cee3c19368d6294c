"""The bench: what it prints, that both sides are compared, and that nothing is left. No time is asserted."""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # `bench` lies beside `src`, not in it

from bench.measure import SMOKE, Bench, Differs, Pair, must_agree

from bench import language, measure
from shounuo.core.consistency import check
from shounuo.language.load import load

ROOT = Path(__file__).parents[2]
KEYS = ["name", "ours", "beside", "theirs", "unit", "ratio"]
PURE = [
    "gate.decide",
    "language.long",
    "ledger.entry",
    "ledger.tree",
    "ledger.verify",
    "vault.open",
    "vault.seal",
]
PEERS = {  # left out where the peer is not installed
    "gate.cedar",
    "gate.rego",
    "columns.dictionary",
    "columns.handles",
    "columns.ids",
    "columns.read",
}


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the bench as a developer does."""
    environment = dict(os.environ) | ({"TMPDIR": str(folder)} if folder else {})
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        check=False,
    )


def checked(printed: str) -> list[str]:
    """The names in a JSON answer whose every row is whole."""
    rows = json.loads(printed)
    for row in rows:
        assert list(row) == KEYS
        assert all(isinstance(row[key], str) and row[key] for key in ("name", "beside", "unit"))
        assert all(
            isinstance(row[key], float) and math.isfinite(row[key]) and row[key] > 0
            for key in ("ours", "theirs", "ratio")
        )
        assert row["unit"].endswith("/s")
    return [row["name"] for row in rows]


def listed() -> list[str]:
    """Every name `--list` prints."""
    return [line.split()[0] for line in run("--list").stdout.splitlines()]


def test_what_needs_no_database_is_measured_by_name():
    """Benches can be named one by one, and each gives a whole row with positive figures."""
    done = run(*PURE, "--smoke", "--json")
    assert done.returncode == 0, done.stderr
    assert sorted(checked(done.stdout)) == PURE


def test_the_table_says_what_each_ratio_means():
    """A person reads ours, what stands beside it, the ratio, and one line on what it means."""
    said = run("ledger.tree", "--smoke").stdout
    assert "ledger.tree" in said
    assert "a plain hash chain" in said
    assert "ratio" in said
    assert "without the rest" in said


def test_an_unknown_name_is_told():
    """A name there is no bench of ends with status 2 and says how to find the names."""
    done = run("gate.nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "gate.nothing" in done.stderr
    assert "--list" in done.stderr


def test_every_subject_is_listed():
    """The list names benches of every subject, each name once."""
    names = listed()
    assert len(names) == len(set(names))
    assert {name.split(".")[0] for name in names} == {
        "gate",
        "columns",
        "vault",
        "ledger",
        "requests",
        "language",
    }


@pytest.mark.slow
def test_the_whole_smoke_run():
    """Every bench gives its row, a peer that is absent is told, and neither file nor process is left."""
    folder = Path(tempfile.mkdtemp(prefix="sn-"))  # a short path: the server's socket lies in it
    folder.chmod(0o711)
    try:
        done = run("--smoke", "--json", folder=folder)
        assert done.returncode == 0, done.stderr
        names = checked(done.stdout)
        assert set(listed()) - set(names) <= PEERS
        assert all(f"{name} left out" in done.stderr for name in set(listed()) - set(names))
        assert list(folder.iterdir()) == []
        processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert str(folder) not in processes
    finally:
        folder.rmdir()


def test_the_long_policy_is_one_that_keeps_its_promises():
    """What is measured is a policy without a finding, as long as it is said to be, and never read twice."""
    made = language.made(50)
    policy = load(made, "long.yaml", "long")
    assert len(policy.clauses) == 50
    assert check(policy) == ()
    anew = language.Anew(made)
    assert anew() != anew()
    assert load(anew(), "long.yaml", "long").clauses == policy.clauses


def test_results_that_differ_are_no_figure():
    """Two sides that come to different results raise instead of giving a figure."""
    with pytest.raises(Differs, match="1 and 2"):
        must_agree(1, 2)


def test_the_figure_is_the_work_of_the_median_round():
    """A figure is units of work a second, and the ratio is ours by theirs."""

    def pair(_):
        yield Pair(lambda times: sum(range(2000 * times)), lambda times: sum(range(1000 * times)), each=3)

    class Stage:
        size = SMOKE

    found = measure.measure(Bench("a", "b", "sums/s", "c", pair, True), Stage())
    assert found.ratio == found.ours / found.theirs
    assert list(found.row()) == KEYS
