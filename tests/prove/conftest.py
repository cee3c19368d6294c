"""A house started for proving, the packs to prove on it, and the clauses a quick run tells."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources

import pytest

from shounuo.config import Config
from shounuo.core.clause import Clause
from shounuo.core.promise import untold
from shounuo.core.rulebook import Rulebook, compile_policy
from shounuo.language.load import load
from shounuo.prove.run import Proven, prove_heard
from shounuo.prove.stage import LocalStage
from shounuo.web.app import build
from shounuo.web.serve import Server
from shounuo.wire import House, open_house


def source_of(pack: str) -> bytes:
    """The text of a pack."""
    return (resources.files("shounuo.packs") / f"{pack}.yaml").read_bytes()


def compiled(pack: str) -> Rulebook:
    """A pack, compiled."""
    source = source_of(pack)
    return compile_policy(load(source, f"{pack}.yaml"), source)


def _untold(clause: Clause) -> bool:
    """Whether a story of the clause cannot be told yet, so that another is the better one to tell."""
    return any(untold(probe.kind, probe.params) for probe in clause.probes)


def quick_of(book: Rulebook) -> list[str]:
    """For each kind of story, and each right, the clause that tells of it and of the least besides."""
    found: dict[object, str] = {}
    clauses = [one for one in book.policy.clauses.values() if one.probes and not one.later]
    for clause in sorted(clauses, key=lambda one: (_untold(one), len(one.probes), len(str(one.probes)))):
        for probe in clause.probes:
            found.setdefault((probe.kind, probe.params.get("right")), clause.id)
    return list(dict.fromkeys(found.values()))


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The huiju pack, compiled."""
    return compiled("huiju")


@pytest.fixture(scope="session")
def proving_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the session."""
    with open_house(Config(home=tmp_path_factory.mktemp("proving")), proving=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def stage(proving_house: House) -> Iterator[LocalStage]:
    """A stage on a server started for proving."""
    made = LocalStage(proving_house.parts, source_of("huiju"), proving_house.parts.turning._copies.parent)
    app = build(proving_house.parts, guard=proving_house.guard.admit, parts_for=made.parts_for, proving=True)
    with Server(app, 0) as server:
        made.address = server.address
        yield made


@pytest.fixture(scope="session")
def quick(book: Rulebook) -> list[str]:
    """What a quick run tells of the huiju pack."""
    return quick_of(book)


@pytest.fixture(scope="session")
def found(stage: LocalStage, book: Rulebook, quick: list[str]) -> list[Proven]:
    """What a quick run finds."""
    return prove_heard(stage, book, quick)


@pytest.fixture(scope="session")
def pack_on(stage: LocalStage) -> Callable[[str], tuple[LocalStage, Rulebook, list[str]]]:
    """Another pack: the stage to prove it on, what it compiles to, and what a quick run tells of it."""

    def on(pack: str) -> tuple[LocalStage, Rulebook, list[str]]:
        book = compiled(pack)
        return replace(stage, source=source_of(pack)), book, quick_of(book)

    return on
