"""Say what was found: to people as a report, to programs as JSON, to the store as proofs.

1. The words are those of `core.promise`, never mixed.
2. What is broken comes first, with the first step that did not hold.
3. Of faults the report says how many proofs each fails, which it is that nobody notices, and which proof
   none breaks.
4. A proof names the build it was made with: the version of the code and the hash of what runs.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from shounuo.core.promise import Status
from shounuo.duties.promises import Wall
from shounuo.prove.run import Fallen, Progress, Proven, narrow, unbroken

_ORDER = (Status.BROKEN, Status.UNPROVEN, Status.PEOPLE, Status.EDGE, Status.KEPT, Status.NONE)  # (2)
_SAID = {
    Status.KEPT: ("green", "kept", "a proof decided it, this build, made-up people"),
    Status.EDGE: ("cyan", "kept to our edge", "what leaves is proven; what a partner does is bound by paper"),
    Status.PEOPLE: ("blue", "kept by people", "clock, owner and record are proven; people keep it"),
    Status.BROKEN: ("bold red", "broken", "the system does not do what the text says"),
    Status.UNPROVEN: ("yellow", "unproven", "nothing shows it yet"),
    Status.NONE: ("dim", "binds no system", "a definition, a disclaimer or a duty of users"),
}
_LISTED = (Status.BROKEN, Status.UNPROVEN, Status.PEOPLE, Status.EDGE)
_NAMED_MOST = 6  # clauses named in a row of the matrix


# -- for programs ----------------------------------------------------------------------------------


def as_json(slug: str, found: Sequence[Proven], fallen: Sequence[Fallen] | None = None) -> dict[str, Any]:
    """The report as data: every clause with its status, and with faults what each of them breaks."""
    clauses = [
        {"id": one.clause.id, "kind": one.clause.kind.value, "status": one.status.value,
         "kept_by": list(one.kept_by), "probe": one.probe, "failed": one.failed}
        for one in found
    ]  # fmt: skip
    told: dict[str, Any] = {"policy": slug, "clauses": clauses}
    if fallen is not None:
        told["faults"] = [
            {"fault": one.fault.name, "breaks": one.fault.breaks, "failed": list(one.failed)}
            for one in fallen
        ]
    return told


def told(found: Sequence[Proven]) -> dict[str, tuple[Status, str | None, dict[str, Any]]]:
    """By clause, the status, the probe and the stories as they are kept."""
    return {
        one.clause.id: (one.status, one.probe, {"probes": [story.told() for story in one.stories]})
        for one in found
        if one.clause.binds
    }


def holds(found: Sequence[Proven], fallen: Sequence[Fallen] | None = None) -> bool:
    """Whether nothing is broken; with faults, whether each is noticed and each kept clause can be broken."""
    if any(one.status is Status.BROKEN for one in found):
        return False
    return fallen is None or (
        all(one.failed and not one.trouble for one in fallen) and not list(unbroken(found, fallen))
    )


@cache
def build() -> str:
    """The build a proof is made with. (4)"""
    try:
        number = version("shounuo")
    except PackageNotFoundError:
        number = "0"
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for file in sorted(root.rglob("*")):
        if file.is_file() and file.suffix in (".py", ".sql", ".html", ".yaml"):
            digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return f"{number}+{digest.hexdigest()[:12]}"


# -- for people ------------------------------------------------------------------------------------


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A bar on the error stream; where that is no terminal one line when it begins and one when it is done."""
    console = Console(stderr=True)
    if quiet:
        yield lambda done, total, what: None
        return
    if not console.is_terminal:
        began = time.monotonic()
        console.print(f"{title} …", highlight=False, soft_wrap=True)
        yield lambda done, total, what: None
        console.print(f"{title}: done in {time.monotonic() - began:.0f} s", highlight=False, soft_wrap=True)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, what="")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, what=what)


def show(
    slug: str, found: Sequence[Proven], fallen: Sequence[Fallen] | None = None, console: Console | None = None
) -> None:
    """Print the report."""
    out = console or Console()
    for status in _LISTED:
        group = [one for one in found if one.status is status]
        if group:
            _group(out, status, group)
    _totals(out, slug, Counter(one.status for one in found))
    if fallen is not None:
        _matrix(out, found, fallen)


def show_kept(slug: str, wall: Wall, console: Console | None = None) -> None:
    """Print how the promises of a wall stand, from the proofs on record."""
    out = console or Console()
    broken = [one for one in wall.promises if one.status is Status.BROKEN]
    for one in broken:
        out.print(f"[{_SAID[Status.BROKEN][0]}]{one.id}[/]  {one.en}", highlight=False)
    _totals(out, slug, Counter(one.status for one in wall.promises))


def _group(out: Console, status: Status, group: Sequence[Proven]) -> None:
    style, word, meaning = _SAID[status]
    table = Table(
        title=f"[{style}]{word}[/] · {meaning}",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=False,
    )
    table.add_column("clause", style=style, no_wrap=True)
    table.add_column("what")
    for one in group:
        why = one.failed or one.clause.later or one.untold or one.clause.says.en
        table.add_row(one.clause.id, why)
    out.print(table)
    out.print()


def _totals(out: Console, slug: str, counts: Counter[Status]) -> None:
    total = sum(counts.values())
    binding = total - counts[Status.NONE]
    table = Table(
        title=f"{slug}: {total} clauses, {binding} binding",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=False,
    )
    table.add_column("n", justify="right")
    table.add_column("status", no_wrap=True)
    table.add_column("meaning", style="dim")
    for status in reversed(_ORDER):
        if counts[status]:
            style, word, meaning = _SAID[status]
            table.add_row(str(counts[status]), f"[{style}]{word}[/]", meaning)
    out.print(table)


def _matrix(out: Console, found: Sequence[Proven], fallen: Sequence[Fallen]) -> None:
    """Each fault, and the proofs it fails. (3)"""
    standing = sum(one.holds for one in found)
    table = Table(
        title=f"{len(fallen)} controls taken away, one at a time; {standing} proofs stood before",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("fault", no_wrap=True)
    table.add_column("what is taken away")
    table.add_column("fail", justify="right")
    table.add_column("such as", style="dim")
    for one in sorted(fallen, key=lambda each: -len(each.failed)):
        more = len(one.failed) - _NAMED_MOST
        such = " ".join(one.failed[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")
        table.add_row(
            one.fault.name, one.fault.breaks, str(len(one.failed)) if one.failed else "[bold red]0[/]", such
        )
    out.print()
    out.print(table)
    out.print()
    unnoticed = [one.fault.name for one in fallen if not one.failed]
    unshaken = list(unbroken(found, fallen))
    loud = [f"{one.fault.name} ({one.trouble[0]})" for one in fallen if one.trouble]
    _line(out, "nobody notices", unnoticed, "every fault is noticed")
    _line(out, "no fault breaks", unshaken, "every kept clause is broken by some fault")
    _line(out, "answered with an internal error", loud, "no fault made the server fail")
    one_of = narrow(found, fallen)
    wide = [clause for clause, name in one_of.items() if 2 * len(_named(fallen, name).failed) >= standing]
    _line(
        out,
        "broken only together with most others",
        wide,
        "each kept clause has a fault that leaves most others standing",
    )


def _named(fallen: Sequence[Fallen], name: str) -> Fallen:
    return next(one for one in fallen if one.fault.name == name)


def _line(out: Console, title: str, names: Sequence[str], fine: str) -> None:
    if names:
        out.print(f"[bold red]{title}:[/] {', '.join(names)}", highlight=False)
    else:
        out.print(f"[green]✓[/] {fine}", highlight=False)
