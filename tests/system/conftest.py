"""A home made once with a policy published, copied for each test."""

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from system_room import Home, Player, Serving, folder

from shounuo.cli import packs
from shounuo.config import Config
from shounuo.core.rulebook import compile_policy
from shounuo.duties import operators, publish
from shounuo.language.load import load
from shounuo.wire import open_house

SLUGS = ("one", "two")


@pytest.fixture(scope="session")
def made_home() -> Iterator[Home]:
    """A home with two operators, each with the policy in force and a key; nothing of it runs."""
    place = folder()
    source, label, slug = packs.find("huiju")
    book = compile_policy(load(source, label, slug), source)
    keys = {}
    with open_house(Config(home=place / "home")) as house:
        for name in SLUGS:
            operator = operators.open_operator(house.parts, name)
            publish.publish(house.parts, operator, source, slug, proving=True)
            keys[name] = operators.new_key(house.parts, operator, "test")
    yield Home(place / "home", keys, book)
    shutil.rmtree(place)


@pytest.fixture
def home(made_home: Home) -> Iterator[Home]:
    """A copy for one test; what runs on it is stopped at the end."""
    place = folder()
    subprocess.run(["cp", "-a", str(made_home.folder), str(place)], check=True)
    made = Home(place / "home", made_home.keys, made_home.book)
    yield made
    if made.postmasters():
        made.stop_database()
    assert made.postmasters() == []
    shutil.rmtree(place)


@pytest.fixture
def player() -> Iterator[Callable[..., Player]]:
    """A function: who plays an operator's product on a server. Its connections go when the test does."""
    made: list[Player] = []

    def make(serving: Serving, slug: str = "one") -> Player:
        made.append(Player(serving.api(slug), serving.home.book))
        return made[-1]

    yield make
    for each in made:
        each.api.close()
