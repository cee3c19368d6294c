"""Measure two ways of doing one thing beside each other, so that their ratio holds on a busy machine.

1. The two sides take turns, one round each, and who goes first changes from round to round: what slows the
   machine down slows both.
2. A side does its work many times in a round; how many, is found out first.
3. A figure is the median over the rounds, always work done a second: more is better. The ratio is ours by
   theirs.
4. What happens in this thread alone is timed in the thread's own processor time, which neighbours do not
   take away; everything else on the wall clock.
5. A bench compares the results of both sides. Where they differ it raises `Differs`, and there is no figure.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.stage import Stage

Side = Callable[[int], object]
"""Does its work so many times, in a loop of its own."""


class Differs(Exception):
    """The two sides did not come to the same result."""


class Absent(Exception):
    """What a bench stands beside is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done: rounds, seconds a round takes, people in the database, rows or entries in a batch."""

    rounds: int
    round_s: float
    people: int
    batch: int


SMOKE = Size(rounds=3, round_s=0.02, people=40, batch=50)
FULL = Size(rounds=15, round_s=0.3, people=2000, batch=1000)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides. `each` says how many units of work (values, bytes) one time is."""

    ours: Side
    theirs: Side
    each: float = 1


@dataclass(frozen=True, slots=True)
class Bench:
    """One thing measured: its name, what stands beside it, the unit of both, what the ratio tells."""

    name: str
    beside: str
    unit: str
    means: str
    pair: "Callable[[Stage], Iterator[Pair]]"
    alone: bool


BENCHES: dict[str, Bench] = {}


def bench(
    name: str, *, beside: str, unit: str, means: str, alone: bool = False
) -> "Callable[[Callable[[Stage], Iterator[Pair]]], Callable[[Stage], Iterator[Pair]]]":
    """Register a generator that gives one `Pair` and then tidies up; `alone`: all in this thread (4)."""

    def keep(pair: "Callable[[Stage], Iterator[Pair]]") -> "Callable[[Stage], Iterator[Pair]]":
        BENCHES[name] = Bench(name, beside, unit, means, pair, alone)
        return pair

    return keep


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, work a second."""

    bench: Bench
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Ours by theirs: 1 is as fast, 0.5 half as fast. (3)"""
        return self.ours / self.theirs

    def row(self) -> dict[str, object]:
        """The figure as `--json` prints it."""
        return {
            "name": self.bench.name,
            "ours": _short(self.ours),
            "beside": self.bench.beside,
            "theirs": _short(self.theirs),
            "unit": self.bench.unit,
            "ratio": _short(self.ratio),
        }


def measure(what: Bench, stage: "Stage") -> Figure:
    """Measure one bench. Raises Differs or Absent."""
    with contextmanager(what.pair)(stage) as pair:
        clock = time.thread_time if what.alone else time.perf_counter  # (4)
        times = [_times(side, stage.size.round_s, clock) for side in (pair.ours, pair.theirs)]
        rates: tuple[list[float], list[float]] = ([], [])
        for number in range(stage.size.rounds):
            for place in (0, 1) if number % 2 else (1, 0):  # (1)
                side = (pair.ours, pair.theirs)[place]
                rates[place].append(times[place] * pair.each / _took(side, times[place], clock))
    ours, theirs = (statistics.median(each) for each in rates)  # (3)
    return Figure(what, ours, theirs)


def must_agree(ours: object, theirs: object) -> None:
    """Raise Differs unless both came to the same. (5)"""
    if ours != theirs:
        raise Differs(f"the two sides differ: {_cut(ours)} and {_cut(theirs)}")


def repeat(work: Callable[[], object]) -> Side:
    """A side that does `work` over and over; for work that takes far longer than a call."""

    def side(times: int) -> None:
        for _ in range(times):
            work()

    return side


def through(cases: Sequence[object], work: Callable[[object], object]) -> Side:
    """A side that goes through `cases` in turn, and on from where it stopped."""
    place = 0

    def side(times: int) -> None:
        nonlocal place
        for number in range(place, place + times):
            work(cases[number % len(cases)])
        place = (place + times) % len(cases)

    return side


def _times(side: Side, round_s: float, clock: Callable[[], float]) -> int:
    """How many times fill a round; this warms the side up too. (2)"""
    side(1)
    times = 1
    while (took := _took(side, times, clock)) < round_s / 4:
        times *= max(2, min(10, int(round_s / 2 / max(took, 1e-9))))
    return max(1, round(times * round_s / took))


def _took(side: Side, times: int, clock: Callable[[], float]) -> float:
    gc.collect()
    began = clock()
    side(times)
    return max(clock() - began, 1e-9)


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def _cut(result: object) -> str:
    said = repr(result)
    return said if len(said) < 200 else said[:200] + "…"
