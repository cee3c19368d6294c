"""A policy ten times as long takes ten times the work, and no text takes more memory than it may."""

import cProfile
import pstats
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from long import long_policy

import shounuo
from shounuo.core.consistency import check
from shounuo.core.rulebook import compile_policy
from shounuo.errors import BadPolicy
from shounuo.language import source
from shounuo.language.load import load

ROOM = 500  # megabytes, the most any text may take
VALUES = source.MAX_VALUES


def compiled(text: str) -> None:
    """What compile does with a text: read it, hold it against itself, make its rules."""
    policy = load(text, "long.yaml")
    assert check(policy) == ()
    compile_policy(policy, text.encode())


def work(clauses: int) -> int:
    """How many calls it takes to compile a policy of so many clauses; the same number on every machine."""
    text = long_policy(clauses)
    profile = cProfile.Profile()
    profile.runcall(compiled, text)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_ten_times_the_clauses_take_ten_times_the_work() -> None:
    """Calls are counted, not seconds: no rule looks through all entries for each."""
    assert work(3_000) <= 10.2 * work(300)


def test_a_policy_of_ten_thousand_clauses_compiles() -> None:
    """It is read and keeps its promises; the bench says in how many seconds."""
    compiled(long_policy(10_000))


def _keys() -> str:
    return "text:\n" + "".join(f" k{place}: 1\n" for place in range(VALUES // 2 - 20))


def _references() -> str:
    entry = " a: {zh: a, en: b, purpose: {zh: a, en: b}, basis: contract, of: ["
    return "uses:\n" + entry + ",".join(f"n{place}" for place in range(VALUES - 80)) + "]}\nclauses: {}\n"


def _clauses() -> str:
    clause = " a-@: {kind: definition, says: {zh: 甲, en: A}}\n"
    return "clauses:\n" + "".join(clause.replace("@", str(place)) for place in range(VALUES // 13))


def _laughs() -> str:
    lines = ["text: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"uses{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


HEAVY: dict[str, Callable[[], str]] = {
    "keys nobody knows": _keys,
    "names nobody declares": _references,
    "clauses": _clauses,
    "aliases of aliases": _laughs,
    "aliases": lambda: "text: [&a b," + "*a," * (VALUES - 30) + "]",
    "lists": lambda: "text: [" + "[]," * (VALUES // 2 - 20) + "]",
    "too many values": lambda: "text: [" + "a," * 3_900_000 + "]",
    "one long word": lambda: "text: " + "x" * 7_900_000,
    "a huge number": lambda: "pledges: {a: {zh: a, en: b, every: " + "9" * 7_000_000 + " days}}",
    "a bracket and no end": lambda: "text: " + "[" * 7_900_000,
    "UTF-32": lambda: "text: {}\n" * 100_000,
}
READ = """
import resource, sys
from shounuo.errors import BadPolicy
from shounuo.language.load import load
text = open(sys.argv[1], "rb").read()
try:
    found = len(load(text, "heavy.yaml").clauses)
except BadPolicy as bad:
    found = len(bad.faults)
    assert 0 < found <= 1000 and all(one.wrong and one.remedy for one in bad.faults), found
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("heavy", HEAVY)
def test_no_text_takes_more_memory_than_it_may(heavy: str, tmp_path: Path) -> None:
    """In a process of its own: a policy or its faults, never a traceback, never more than 500 MB."""
    path = tmp_path / "heavy.yaml"
    path.write_bytes(HEAVY[heavy]().encode("utf-32" if heavy == "UTF-32" else "utf-8"))
    root = Path(shounuo.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < ROOM


def test_a_text_with_too_many_values_says_so() -> None:
    """The limit is named, with the line it was reached on."""
    text = "text:\n" + "- a\n" * (VALUES + 1)
    with pytest.raises(BadPolicy) as told:
        load(text, "heavy.yaml")
    (fault,) = told.value.faults
    assert fault.line > VALUES - 10
    assert ("too many keys and values" in fault.wrong, "900,000" in fault.remedy) == (True, True)
