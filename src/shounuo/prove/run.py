"""Play every promise against the running system; break each control on purpose and see it noticed.

1. A clause is kept when all its stories were told now and none broke.
2. A story that moves the clock is told in a world of its own; the others share one.
3. Stories with the same kind, parameters and expectation are told once and count for each clause that names
   them.
4. What a clause says of its status otherwise (later, people, edge) is decided by `core.promise`.
5. An internal fault of the prover or the server is a broken promise too, and named as such.
6. Under a fault only what holds without it is told again: what was broken before proves nothing.
7. Several faults are tried at once, each on operators of its own: much of the time goes into waiting for
   disks.
8. What stories ask of the parts is heard. Under a fault, only stories it could change are told again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from shounuo.core.clause import Clause, Probe
from shounuo.core.consistency import keepers
from shounuo.core.policy import Entry, Pledge
from shounuo.core.promise import Status, untold
from shounuo.core.rulebook import Rulebook
from shounuo.prove.faults import FAULTS, Fault
from shounuo.prove.faults.fault import Change
from shounuo.prove.hearing import Call, Ear
from shounuo.prove.stories import (
    asking,
    deadlines,
    going_out,
    guarding,
    keeping,
    refusing,
    requests,
    rights,
    showing,
    taking,
    text,
    versions,
)
from shounuo.prove.stories.telling import MOVES_TIME, STORIES
from shounuo.prove.story import Broken, Story, Untold
from shounuo.prove.world import Stage, World

__all__ = ["Fallen", "Proven", "prove", "prove_faults"]
_ROOMS = (  # importing them registers their stories
    asking, deadlines, going_out, guarding, keeping, refusing, requests, rights, showing, taking, text,
    versions,
)  # fmt: skip
JOBS = 3  # faults at once (7)
HOLDING = frozenset({Status.KEPT, Status.EDGE, Status.PEOPLE})

Progress = Callable[[int, int, str], None]


class FaultyStage(Stage, Protocol):
    """A stage into which a fault can be put, and on which stories can be heard."""

    def heard(self, ear: Ear) -> Self:
        """The same stage, with what the operators opened on it ask of their parts heard."""

    def faulty(self, fault: Change) -> Self:
        """The same stage with a fault put into every operator opened on it."""


def _silent(done: int, total: int, what: str) -> None:
    """Tell nobody how far it is."""


@dataclass(slots=True)
class Proven:
    """What was found of one clause."""

    clause: Clause
    status: Status
    kept_by: tuple[str, ...]
    stories: list[Story] = field(default_factory=list)

    @property
    def failed(self) -> str | None:
        """The first step that did not hold."""
        return next((story.failed for story in self.stories if story.failed), None)

    @property
    def untold(self) -> str | None:
        """Why nothing is proven although probes are named: no story tells them yet, or not of such a text."""
        kinds = [probe.kind for probe in self.clause.probes if untold(probe.kind, probe.params)]
        if kinds:
            return f"no story tells {' or '.join(f'`{kind}`' for kind in kinds)} yet"
        return next((story.lacks for story in self.stories if story.lacks), None)

    @property
    def probe(self) -> str | None:
        """The kinds of stories told, joined."""
        return "+".join(dict.fromkeys(probe.kind for probe in self.clause.probes)) or None

    @property
    def seconds(self) -> float:
        """How long its stories took; one that counts for several clauses counts for each."""
        return sum(story.seconds for story in self.stories)

    @property
    def holds(self) -> bool:
        """Whether a proof stands for it."""
        return self.status in HOLDING


@dataclass(frozen=True, slots=True)
class Fallen:
    """What a fault broke: the clauses whose proof it fails, of the `of` that held, and why; any trouble."""

    fault: Fault
    failed: tuple[str, ...]
    of: int
    why: Mapping[str, str] = field(default_factory=dict)  # clause -> the step that broke
    trouble: tuple[str, ...] = ()


def prove_heard(
    stage: FaultyStage, book: Rulebook, only: Iterable[str] = (), progress: Progress = _silent
) -> list[Proven]:
    """The same as `prove`, with what each story asked of the parts, for `prove_faults`. (8)"""
    return prove(stage.heard(Ear()), book, only, progress)


def prove(
    stage: Stage, book: Rulebook, only: Iterable[str] = (), progress: Progress = _silent
) -> list[Proven]:
    """Tell every story of the policy (or of the clauses in `only`) on `stage`."""
    wanted = set(only)
    kept = keepers(book.policy)
    clauses = [c for c in book.policy.clauses.values() if not wanted or c.id in wanted]
    telling = _Telling(stage, book)
    found: list[Proven] = []
    for place, clause in enumerate(clauses):
        entries = kept.get(clause.id, ())
        stories = telling.tell(clause)
        found.append(
            Proven(clause, _status(clause, entries, stories), tuple(e.path for e in entries), stories)
        )
        progress(place + 1, len(clauses), clause.id)
    telling.close()
    return found


def prove_faults(
    stage: FaultyStage,
    book: Rulebook,
    found: Sequence[Proven],
    only: Iterable[str] = (),
    progress: Progress = _silent,
    faults: Sequence[Fault] = FAULTS,
    jobs: int = JOBS,
) -> list[Fallen]:
    """Break each control on purpose, each by itself, and tell again what held in `found`. (6, 7)"""
    wanted = set(only)
    holding = [one for one in found if one.holds and (not wanted or one.clause.id in wanted)]
    fallen: list[Fallen] = []
    with ThreadPoolExecutor(jobs, "shounuo-fault") as pool:
        for one in pool.map(lambda fault: _fallen(stage, book, fault, holding), faults):
            fallen.append(one)
            progress(len(fallen), len(faults), one.fault.name)
    return fallen


def _fallen(stage: FaultyStage, book: Rulebook, fault: Fault, found: Sequence[Proven]) -> Fallen:
    telling = _Telling(stage.faulty(fault.apply), book)
    why: dict[str, str] = {}
    for one in found:
        if not any(not story.heard or fault.apply.shows(story.heard) for story in one.stories):
            continue  # (8)
        for story in telling.tell(one.clause):
            if story.failed:
                why.setdefault(one.clause.id, story.failed)
    telling.close()
    return Fallen(fault, tuple(why), len(found), why, tuple(dict.fromkeys(telling.trouble)))


class _Telling:
    """Tells the stories of clauses on one stage, each once. (2, 3)"""

    def __init__(self, stage: Stage, book: Rulebook) -> None:
        self._stage, self._book = stage, book
        self._told: dict[str, Story] = {}
        self._shared: World | None = None
        self._opening: list[Call] = []  # what opening the shared world asked counts for every story
        self.trouble: list[str] = []  # what the server should never have answered

    def tell(self, clause: Clause) -> list[Story]:
        """The stories of a clause; none where nothing is proven of it."""
        if clause.later or not clause.binds:
            return []
        return [self._tell(clause, probe) for probe in clause.probes if not untold(probe.kind, probe.params)]

    def close(self) -> None:
        """Let the shared world go."""
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _tell(self, clause: Clause, probe: Probe) -> Story:
        params: Mapping[str, Any] = probe.params
        facts = (sorted(clause.numbers.items()), sorted(clause.items.items()))
        key = repr((probe.kind, sorted(params.items()), facts))  # (3)
        if key not in self._told:
            self._told[key] = Story(probe.kind, dict(params))
            self._play(clause, params, self._told[key])
        return self._told[key]

    def _play(self, clause: Clause, params: Mapping[str, Any], story: Story) -> None:
        began, before = time.perf_counter(), len(self.trouble)
        try:
            if self._shared is None:
                self._shared = World(self._stage, self._book)
                self.trouble = self._shared.trouble
                self._opening = self._stage.ear.calls if self._stage.ear else []
            if self._stage.ear is not None:  # (8)
                story.heard += self._opening
                self._stage.ear.calls = story.heard
            STORIES[story.kind](self._shared, clause, params, story)
            if not story.steps:
                story.failed = "the story checked nothing"
        except (Broken, Untold):
            pass
        except Exception as error:  # (5)
            story.failed = f"the story could not be told: {type(error).__name__}: {error}"[:600]
        story.seconds = time.perf_counter() - began
        story.trouble = self.trouble[before:]
        if story.trouble and not story.failed:
            story.failed = f"the server failed on the way: {story.trouble[0]}"


def _status(clause: Clause, entries: tuple[Entry, ...], stories: list[Story]) -> Status:
    if not clause.binds:
        return Status.NONE
    if any(story.failed for story in stories):
        return Status.BROKEN
    if clause.later or len(stories) < len(clause.probes) or not stories or any(one.lacks for one in stories):
        return Status.UNPROVEN
    pledges = [entry for entry in entries if isinstance(entry, Pledge)]
    if (
        pledges
        and all(entry.owner for entry in pledges)
        and all(story.kind == "reminds" for story in stories)
    ):
        return Status.PEOPLE
    if all(story.kind == "papers-first" for story in stories):
        return Status.EDGE
    return Status.KEPT


def unbroken(found: Sequence[Proven], fallen: Sequence[Fallen]) -> Iterator[str]:
    """The clauses a proof stands for that no fault breaks: what nothing can break was not proven."""
    broken = {clause for one in fallen for clause in one.failed}
    yield from (one.clause.id for one in found if one.status is Status.KEPT and one.clause.id not in broken)


def narrow(found: Sequence[Proven], fallen: Sequence[Fallen]) -> dict[str, str]:
    """By kept clause, the fault that breaks it and leaves the most others standing."""
    best: dict[str, Fallen] = {}
    for one in sorted(fallen, key=lambda each: len(each.failed)):
        for clause in one.failed:
            best.setdefault(clause, one)
    kept = [one.clause.id for one in found if one.status is Status.KEPT]
    return {clause: best[clause].fault.name for clause in kept if clause in best}


assert STORIES.keys() >= MOVES_TIME  # (2): those tellers open worlds of their own
