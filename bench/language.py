"""The policy language: the packs read, compiled and linted, beside the limit for it; long policies beside short ones."""

import time
from collections.abc import Iterator
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

from bench.measure import Pair, bench, must_agree, repeat
from shounuo.core.consistency import check
from shounuo.core.rulebook import compile_policy
from shounuo.language.load import load
from shounuo.law.lint import lint

if TYPE_CHECKING:
    from bench.stage import Stage

LIMIT_S = 2.0  # of processor time, for all packs together
DAY = date(2026, 3, 2)
TIMES = 10  # how much longer the long policy is


def packs() -> dict[str, bytes]:
    """The text of every pack that comes with Shounuo."""
    folder = resources.files("shounuo.packs")
    found = {
        one.name.removesuffix(".yaml"): one.read_bytes()
        for one in folder.iterdir()
        if one.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))


class Anew:
    """A text that is never quite the same: what was read once is remembered, and that is not what is measured."""

    def __init__(self, text: bytes) -> None:
        self._text, self._turn = text, 0

    def __call__(self) -> bytes:
        """The text, with another remark at its end."""
        self._turn += 1
        return self._text + f"\n# {self._turn}\n".encode()


def made(clauses: int, name: str = "long") -> bytes:
    """A policy of so many clauses: a kind of information, a scene, a use, a right's answer and their clauses, over and over.

    Every fifth clause is kept by each sort of entry; figures and lists stand on both sides, as in a real one.
    """
    turns = clauses // 5
    day = "2026-01-05"
    said = f"role: handler, home: CN-mainland, published: {day}, updated: {day}, effective: {day}, "
    out = [
        "text:",
        f"  operator: {{zh: 长长公司, en: Long Ltd, role: handler, home: CN-mainland, keeps: [{name}-0a]}}",
        f"  dates: {{published: {day}, updated: {day}, effective: {day}, keeps: [{name}-0a]}}",
        "information:",
        *(f"  item-{n}: {{zh: 信息{n}, en: item {n}}}" for n in range(turns)),
        "scenes:",
        *(
            f"  scene-{n}: {{zh: 场景{n}, en: Scene {n}, purpose: {{zh: 用途, en: A purpose}}, basis: contract, "
            f"requires: [item-{n}], keeps: [{name}-{n}a]}}"
            for n in range(turns)
        ),
        "uses:",
        *(
            f"  use-{n}: {{zh: 使用{n}, en: Use {n}, purpose: {{zh: 用途, en: A purpose}}, of: [item-{n}], "
            f"basis: contract, keeps: [{name}-{n}b]}}"
            for n in range(turns)
        ),
        "retention:",
        *(
            f"  keep-{n}: {{zh: 保存{n}, en: Keeping {n}, of: [item-{n}], for: 6 months, from: collected, keeps: [{name}-{n}c]}}"
            for n in range(turns)
        ),
        "contact:",
        *(
            f"  contact-{n}: {{zh: 邮箱{n}, en: Mail {n}, kind: email, value: p{n}@long.example, keeps: [{name}-{n}d]}}"
            for n in range(turns)
        ),
        "clauses:",
    ]
    for n in range(turns):
        says = f"says: {{zh: 第{n}条, en: Clause {n}}}"
        out += [
            f"  {name}-{n}a: {{kind: control, {says}, numbers: {{{'' if n else said}basis: contract}}, items: {{requires: [item-{n}]}}, probe: {{collects-only: {{scene: scene-{n}}}}}}}",
            f"  {name}-{n}b: {{kind: control, {says}, numbers: {{basis: contract}}, items: {{of: [item-{n}]}}, probe: {{reads-only: {{of: item-{n}, for: use-{n}}}}}}}",
            f"  {name}-{n}c: {{kind: control, {says}, numbers: {{for: 6 months, from: collected}}, items: {{of: [item-{n}]}}, probe: {{expires: {{of: item-{n}}}}}}}",
            f"  {name}-{n}d: {{kind: notice, {says}, numbers: {{kind: email, value: p{n}@long.example}}, probe: {{page-shows: {{page: contact}}}}}}",
            f"  {name}-{n}e: {{kind: definition, {says}}}",
        ]
    return "\n".join(out).encode()


def whole(text: bytes, name: str) -> tuple[int, int]:
    """Load, check, compile, lint; clauses, and findings that are errors of the text itself."""
    policy = load(text, f"{name}.yaml", name)
    faults = [fault for fault in check(policy) if fault.severity == "error"]
    compile_policy(policy, text)
    lint(policy, DAY)
    return len(policy.clauses), len(faults)


def without_law(text: bytes, name: str) -> int:
    """Load, check, compile; the clauses."""
    policy = load(text, f"{name}.yaml", name)
    check(policy)
    compile_policy(policy, text)
    return len(policy.clauses)


def busy(seconds: float) -> None:
    """Use so much of this thread's processor time."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@bench(
    "language.packs",
    beside=f"the limit: {LIMIT_S:g} s of processor time",
    unit="times all packs/s",
    means="above 1: all packs load, compile and are linted within the limit; 4 is in a quarter of it",
    alone=True,
)
def all_packs(_: "Stage") -> Iterator[Pair]:
    """Every pack: read, held against itself, compiled, held against the law."""
    texts = {name: Anew(text) for name, text in packs().items()}

    def ours() -> list[tuple[int, int]]:
        return [whole(text(), name) for name, text in texts.items()]

    must_agree([faults for _, faults in ours()], [0] * len(texts))
    yield Pair(repeat(ours), repeat(lambda: busy(LIMIT_S)))


@bench(
    "language.long",
    beside="as many clauses in ten policies",
    unit="policies/s",
    means="1: compiling takes time in proportion to length; 0.5: ten times the clauses take twenty times as long",
    alone=True,
)
def long_policy(stage: "Stage") -> Iterator[Pair]:
    """One policy of `batch` times ten clauses, beside ten of `batch` (10,000 and 1,000 at full size)."""
    short = [Anew(made(stage.size.batch, f"short{n}")) for n in range(TIMES)]
    long = Anew(made(stage.size.batch * TIMES))

    def ours() -> int:
        return without_law(long(), "long")

    def theirs() -> int:
        return sum(without_law(text(), f"short{n}") for n, text in enumerate(short))

    must_agree(ours(), theirs())
    yield Pair(repeat(ours), repeat(theirs))
