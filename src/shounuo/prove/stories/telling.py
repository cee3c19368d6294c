"""The register of stories: each probe kind is told by one function."""

from collections.abc import Callable

from shounuo.core.clause import Clause
from shounuo.prove.said import Params
from shounuo.prove.story import Story
from shounuo.prove.world import World

Teller = Callable[[World, Clause, Params, Story], None]

STORIES: dict[str, Teller] = {}
MOVES_TIME: set[str] = set()


def tells(kind: str, *, moves_time: bool = False) -> Callable[[Teller], Teller]:
    """Register who tells stories of `kind`; one that moves the clock opens worlds of its own."""

    def register(teller: Teller) -> Teller:
        assert kind not in STORIES
        STORIES[kind] = teller
        if moves_time:
            MOVES_TIME.add(kind)
        return teller

    return register
