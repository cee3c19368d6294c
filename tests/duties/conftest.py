"""A real house for the duties, with a small policy and a hand-moved clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from shounuo.clocks import HandClock
from shounuo.config import Config
from shounuo.core.rulebook import Rulebook
from shounuo.duties import agree, collect, operators, people, publish
from shounuo.duties.agree import Screen
from shounuo.duties.parts import Parts, Policies
from shounuo.vault.secret import Cost
from shounuo.wire import House, open_house

POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # Monday 12:00 in Beijing


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """One house for the session."""
    home = tmp_path_factory.mktemp("house")
    with open_house(Config(home=home), secrets_cost=Cost(memory_kib=64, iterations=1, lanes=1)) as opened:
        yield opened


@dataclass
class Office:
    """One operator, its parts, its clock, and short words for what tests do."""

    parts: Parts
    operator: UUID
    clock: HandClock

    @property
    def book(self) -> Rulebook:
        """The Rulebook in force."""
        with self.parts.store.act(self.operator) as act:
            return agree.in_force(self.parts, act)

    def person(self) -> UUID:
        """A new made-up person."""
        return people.register(
            self.parts, self.operator, f"user-{UUID(int=self.clock.now().microsecond)}"
        ).person

    def agree(self, person: UUID, item: str) -> None:
        """Say yes to `item`, properly shown."""
        _, notice = agree.notice(self.parts, self.operator, f"consent.{item}", "en")
        screen = Screen(language="en", controls=dict(notice.controls))
        shown = agree.show(self.parts, self.operator, person, f"consent.{item}", notice.hash, screen)
        agree.answer(self.parts, self.operator, person, item, True, shown)

    def collect(self, person: UUID, scene: str, **fields: str) -> UUID:
        """Give fields in a scene."""
        return collect.collect(self.parts, self.operator, person, scene, fields).record

    def entries(self, kind: str) -> list[dict]:
        """Ledger entries of a kind."""
        from shounuo.core.ledger import parse_entry
        from shounuo.duties import audit

        audit.newest(self.parts, self.operator)
        found = [parse_entry(body) for body in audit.entries(self.parts, self.operator, 0, 1000)]
        return [dict(one.data) for one in found if one.kind == kind]


@pytest.fixture
def office(house: House) -> Office:
    """A fresh operator with the small policy published, at Monday noon."""
    clock = HandClock(NOON)
    parts = replace(house.parts, clock=clock, policies=Policies())
    operator = operators.open_operator(parts, f"office-{UUID(bytes=__import__('os').urandom(16)).hex[:12]}")
    publish.publish(parts, operator, POLICY, "small")
    return Office(parts, operator, clock)
