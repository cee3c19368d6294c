"""A day with made-up people: what a product does with Shounuo from morning to night, so that there is something to see.

Everything goes through the public interface. The clock of the demonstration stands at yesterday and is moved hour by
hour to now.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shounuo.clocks import HandClock
from shounuo.core.policy import Message, Pledge, Scene, Use
from shounuo.core.rulebook import Rulebook
from shounuo.duties import operators
from shounuo.errors import ShounuoError
from shounuo.prove.stage import LocalStage
from shounuo.prove.world import Opened, Person, World
from shounuo.wire import House

PEOPLE = 12
_HOUR = timedelta(hours=1)
Tick = Callable[[int, int, str], None]


class _OneOperator(LocalStage):
    """A stage on which the demonstration's own operator plays."""

    operator: UUID
    slug: str

    def open(self, at: datetime) -> Opened:
        """The demonstration's operator, its clock set back to `at`."""
        room = replace(self.parts, clock=HandClock(at))
        self._rooms[self.operator] = room
        self._ids[self.slug] = self.operator
        return Opened(self.slug, operators.new_key(room, self.operator, "demo"))


def live(house: House, stage: LocalStage, book: Rulebook, operator: UUID, tick: Tick) -> None:
    """Live the day of `operator`, from twenty-four hours ago to now."""
    own = _OneOperator(house.parts, stage.source, stage.home, stage.address)
    own.operator, own.slug = operator, book.policy.slug
    own._rooms = stage._rooms  # the server asks `stage` whose clock it is
    start = datetime.now(UTC) - timedelta(hours=24)
    world = World(own, book, start)
    try:
        _live(world, book, start, tick)
    finally:
        stage._rooms.pop(operator, None)
        world.close()


def _live(world: World, book: Rulebook, start: datetime, tick: Tick) -> None:
    people: list[Person] = []
    total = 24
    for hour in range(total):
        if hour % 2 == 0 and len(people) < PEOPLE:
            people.append(_arrives(world))
        if people:
            _does_something(world, book, people[hour % len(people)], hour)
        world.move(start + (hour + 1) * _HOUR - timedelta(minutes=1))
        tick(hour + 1, total, f"{(start + (hour + 1) * _HOUR).astimezone():%H:%M}")


def _arrives(world: World) -> Person:
    """Somebody registers, agrees, and gives what the first scenes ask."""
    person = world.person()
    scenes = [e.name for e in world.book.policy.of("scenes").values() if isinstance(e, Scene) and not e.when][
        :2
    ]
    for scene in scenes:
        world.give(person, scene)
    return person


def _does_something(world: World, book: Rulebook, person: Person, hour: int) -> None:
    """One thing people do, a different one each hour."""
    acts = (_uses, _is_refused, _asks, _withdraws, _stops_messages, _confirms, _deletes)
    try:
        acts[hour % len(acts)](world, book, person)
    except (AssertionError, LookupError, StopIteration, ShounuoError):
        return  # a small policy has not everything a day can hold


def _uses(world: World, book: Rulebook, person: Person) -> None:
    use = next(
        e
        for e in book.policy.of("uses").values()
        if isinstance(e, Use) and all(world.scene_of(i) for i in e.of)
    )
    world.hold(person, use.of)
    world.prepare(person, use.name)
    world.read(person, use.name, use.of)


def _is_refused(world: World, book: Rulebook, person: Person) -> None:
    world.decide(person, "advertising", items=[next(iter(book.bits))])


def _asks(world: World, book: Rulebook, person: Person) -> None:
    for kind in ("access", "explain", "complain"):
        world.ask(kind, person)


def _withdraws(world: World, book: Rulebook, person: Person) -> None:
    item = next(iter(book.wordings))
    world.say(person, item)
    world.withdraw(person, item)


def _stops_messages(world: World, book: Rulebook, person: Person) -> None:
    stop = next(iter(book.policy.of("stops").values()))
    message = book.policy.of("messages")[getattr(stop, "of", "")]
    assert isinstance(message, Message)
    world.agree(person, world.asked(message))
    world.api.post(
        "/v1/messages/stop", {"person": person.id, "way": stop.name, "word": getattr(stop, "word", None)}
    )


def _confirms(world: World, book: Rulebook, person: Person) -> None:
    pledge = next(e for e in book.policy.of("pledges").values() if isinstance(e, Pledge))
    world.api.post("/v1/pledges", {"pledge": pledge.name, "by": pledge.owner, "reference": "minutes-1"})


def _deletes(world: World, book: Rulebook, person: Person) -> None:
    made = world.ask("delete", person, None, items=list(person.given)[:1])
    world.do(made.body["request"], "verify", {"how": "signed-in"})
