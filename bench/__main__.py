"""Measure how fast it is, each figure beside a limit or a peer measured in the same run.

    python -m bench [NAME ..] [--smoke] [--json] [--list]

A NAME is a bench (`gate.decide`) or a subject (`gate`). The exit status is 1 when the two sides of a bench
came to different results, and 2 for a name there is none of. What is not installed is left out, with a line
on stderr.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from bench.measure import BENCHES, FULL, SMOKE, Absent, Bench, Differs, Figure, measure

SUBJECTS = ("gate", "columns", "vault", "ledger", "requests", "language")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    said = _said(arguments)
    for subject in SUBJECTS:
        import_module(f"bench.{subject}")
    try:
        chosen = _chosen(said.names)
    except KeyError as unknown:
        print(f"there is no bench {unknown}; `python -m bench --list` names them", file=sys.stderr)
        return 2
    if said.list:
        print("\n".join(f"{one.name:<18} beside {one.beside}" for one in chosen))
        return 0
    from bench.stage import Stage

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the stage is left as it is by Ctrl-C
    figures: list[Figure] = []
    with Stage(SMOKE if said.smoke else FULL) as stage:
        for one in chosen:
            try:
                figures.append(measure(one, stage))
            except Absent as absent:
                print(f"{one.name} left out: {absent}", file=sys.stderr)
            except Differs as fault:
                print(f"{one.name}: {fault}", file=sys.stderr)
                return 1
            else:
                if not said.json:
                    _tell(figures[-1])
    if said.json:
        print(json.dumps([figure.row() for figure in figures], indent=2))
    return 0


def _said(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a bench or a subject; none means all")
    parser.add_argument(
        "--smoke", action="store_true", help="small and short: shows that it runs, not how fast"
    )
    parser.add_argument(
        "--json", action="store_true", help="a list of name, ours, beside, theirs, unit, ratio"
    )
    parser.add_argument("--list", action="store_true", help="name the benches and what stands beside them")
    return parser.parse_args(arguments)


def _chosen(names: Sequence[str]) -> list[Bench]:
    for name in names:
        if name not in BENCHES and name not in SUBJECTS:
            raise KeyError(name)
    return [
        one
        for one in BENCHES.values()
        if not names or one.name in names or one.name.partition(".")[0] in names
    ]


def _tell(figure: Figure) -> None:
    what = figure.bench
    print(f"{what.name:<18} {_rate(figure.ours):>9} {what.unit:<12} ratio {figure.ratio:>8.3g}")
    print(f"{'  beside':<18} {_rate(figure.theirs):>9} {what.unit:<12} {what.beside}")
    print(f"  {what.means}\n", flush=True)


def _rate(number: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}"


if __name__ == "__main__":
    sys.exit(main())
