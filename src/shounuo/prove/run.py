"""Play every promise against the running system, and say how each stands.

1. A clause is kept when all its stories were told now and none broke.
2. A story that moves the clock is told in a world of its own; the others share one.
3. Stories with the same kind, parameters and expectation are told once and count for each clause that names them.
4. What a clause says of its status otherwise (later, people, edge) is decided by `core.promise`.
5. An internal fault of the prover or the server is a broken promise too, and named as such.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shounuo.core.clause import Clause, Probe
from shounuo.core.consistency import keepers
from shounuo.core.policy import Entry, Pledge
from shounuo.core.promise import Status
from shounuo.core.rulebook import Rulebook
from shounuo.prove.stories import asking, going_out, guarding, keeping, requests, taking, text
from shounuo.prove.stories.telling import MOVES_TIME, STORIES
from shounuo.prove.story import Broken, Story
from shounuo.prove.world import Stage, World

__all__ = ["Proven", "prove"]
_ROOMS = (asking, going_out, guarding, keeping, requests, taking, text)  # importing them registers their stories
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Proven:
    """What was found of one clause."""

    clause: Clause
    status: Status
    kept_by: tuple[str, ...]
    stories: list[Story] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> str | None:
        """The first step that did not hold."""
        return next((story.failed for story in self.stories if story.failed), None)

    @property
    def probe(self) -> str | None:
        """The kinds of stories told, joined."""
        return "+".join(dict.fromkeys(probe.kind for probe in self.clause.probes)) or None


def prove(stage: Stage, book: Rulebook, only: Iterable[str] = (), progress: Progress = lambda *_: None) -> list[Proven]:
    """Tell every story of the policy (or of the clauses in `only`) on `stage`."""
    wanted = set(only)
    kept = keepers(book.policy)
    told: dict[str, Story] = {}
    shared = World(stage, book)
    found: list[Proven] = []
    clauses = [c for c in book.policy.clauses.values() if not wanted or c.id in wanted]
    try:
        for place, clause in enumerate(clauses):
            entries = kept.get(clause.id, ())
            started = time.perf_counter()
            stories = [] if clause.later or not clause.binds else [_tell(shared, clause, probe, told) for probe in clause.probes]
            status = _status(clause, entries, stories)
            found.append(Proven(clause, status, tuple(e.path for e in entries), stories, time.perf_counter() - started))
            progress(place + 1, len(clauses), clause.id)
    finally:
        shared.close()
    return found


def _tell(world: World, clause: Clause, probe: Probe, told: dict[str, Story]) -> Story:
    params: Mapping[str, Any] = probe.params
    key = repr((probe.kind, sorted(params.items()), sorted(clause.numbers.items()), sorted(clause.items.items())))  # (3)
    if key in told:
        return told[key]
    story = told[key] = Story(probe.kind, dict(params))
    try:
        STORIES[probe.kind](world, clause, params, story)
    except Broken:
        pass
    except Exception as error:  # (5)
        story.failed = story.failed or f"the story could not be told: {type(error).__name__}: {error}"[:400]
    return story


def _status(clause: Clause, entries: tuple[Entry, ...], stories: list[Story]) -> Status:
    if not clause.binds:
        return Status.NONE
    if any(story.failed for story in stories):
        return Status.BROKEN
    if clause.later or not stories:
        return Status.UNPROVEN
    pledges = [entry for entry in entries if isinstance(entry, Pledge)]
    if pledges and all(entry.owner for entry in pledges) and all(story.kind == "reminds" for story in stories):
        return Status.PEOPLE
    if all(story.kind == "papers-first" for story in stories):
        return Status.EDGE
    return Status.KEPT


assert MOVES_TIME <= STORIES.keys()  # (2): those tellers open worlds of their own
