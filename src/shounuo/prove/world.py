"""The world a story plays in: a throwaway operator, made-up people, a clock moved by hand, the public interface.

The policy is read here only to set the scene (which consents to give before, which field values to make up). What a
story expects, it takes from the clause.
"""

import itertools
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from shounuo.core.consistency import items_of
from shounuo.core.policy import ConsentItem, Entry, Item, OneOf, Scene, Service
from shounuo.core.rulebook import Rulebook
from shounuo.prove import samples
from shounuo.prove.call import Answer, Caller

ADULT = date(1990, 5, 17)
BASE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Beijing, far from a holiday


@dataclass(frozen=True, slots=True)
class Opened:
    """A throwaway operator: its public name and its key."""

    slug: str
    key: str


class Stage(Protocol):
    """What a prover is given: a server, a way to open throwaway operators on it, and a look at what lies on disk."""

    @property
    def address(self) -> str:
        """Where the server answers."""

    @property
    def source(self) -> bytes:
        """The policy being proven."""

    def open(self, at: datetime) -> Opened:
        """A new operator with a clock of its own that stands at `at`, nothing published yet."""

    def search(self, opened: Opened, needles: Collection[str]) -> list[str]:
        """The places (table, file) on disk where one of these values stands in clear."""

    def count(self, opened: Opened, person: str, items: Collection[str]) -> int:
        """How many sealed values of these items a person still has."""


@dataclass(slots=True)
class Person:
    """A made-up person, and the values they gave."""

    id: str
    given: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)


class World:
    """One operator's world. `fresh` opens another, with its own clock."""

    _seeds = itertools.count(1)

    def __init__(self, stage: Stage, book: Rulebook, at: datetime = BASE, *, publish: bool = True) -> None:
        self.stage, self.book, self.at = stage, book, at
        self.opened = stage.open(at)
        self.api = Caller(stage.address, self.opened.key)
        self.public = Caller(stage.address, None)
        self.chance = random.Random(next(World._seeds))
        if publish:
            answer = self.publish(stage.source.decode())
            assert answer.ok, answer.body

    def fresh(self, at: datetime = BASE) -> "World":
        """Another operator with a clock of its own."""
        return World(self.stage, self.book, at)

    def close(self) -> None:
        """Let the connections go."""
        self.api.close()
        self.public.close()

    def publish(self, text: str) -> Answer:
        """Publish a text for proving."""
        return self.api.post("/v1/policies", {"slug": self.book.policy.slug, "source": text, "proving": True})

    def move(self, to: datetime) -> None:
        """Move the clock forward."""
        answer = self.api.post("/v1/clock", {"to": to.isoformat()})
        assert answer.ok, answer.body
        self.at = to

    def wait(self, span: timedelta) -> None:
        """Move the clock forward by a span."""
        self.move(self.at + span)

    # -- people ------------------------------------------------------------------------------------

    def person(self, birth: date | None = ADULT) -> Person:
        """A new made-up person, registered."""
        answer = self.register(birth)
        assert answer.ok, answer.body
        return Person(answer.body["person"])

    def register(self, birth: date | None = ADULT) -> Answer:
        """Try to register someone."""
        user = f"user-{self.chance.getrandbits(64):016x}"
        return self.api.post("/v1/people", {"user_id": user, "birth": birth.isoformat() if birth else None})

    def show(self, person: Person, entry: str, *, controls: Mapping[str, str | None] | None = None, acknowledged: bool = True) -> str:
        """Show a notice to a person as it should be shown; return the id of the showing."""
        notice = self.api.get(f"/v1/notices/{entry}", language="zh-CN")
        assert notice.ok, notice.body
        answer = self.api.post("/v1/shown", {
            "person": person.id, "entry": entry, "hash": notice.body["hash"], "language": "zh-CN",
            "controls": dict(controls if controls is not None else notice.body["controls"]), "acknowledged": acknowledged,
        })  # fmt: skip
        assert answer.ok, answer.body
        return str(answer.body["shown"])

    def say(self, person: Person, item: str, answer: str = "yes", **more: object) -> Answer:
        """Show the item's own notice, and answer it."""
        shown = self.show(person, f"consent.{item}") if answer == "yes" else None
        by = "guardian" if self._form(item) == "guardian" and answer == "yes" else "person"
        return self.api.post("/v1/consents", {"person": person.id, "item": item, "answer": answer, "shown": shown, "by": by, **more})

    def agree(self, person: Person, items: Iterable[str]) -> None:
        """Say yes to each item, properly asked."""
        for item in items:
            answer = self.say(person, item)
            assert answer.ok, answer.body

    def withdraw(self, person: Person, item: str) -> Answer:
        """Take a yes back."""
        return self.api.post("/v1/consents/withdraw", {"person": person.id, "item": item})

    def _form(self, item: str) -> str:
        entry = self.book.policy.of("consent").get(item)
        return entry.form.value if isinstance(entry, ConsentItem) else ""

    # -- setting the scene -------------------------------------------------------------------------

    def entry(self, name: str, *sections: str) -> Entry:
        """The entry of this name in the first of these sections that has it."""
        for section in sections or ("services", "scenes", "uses", "recipients", "sharing"):
            if (found := self.book.policy.of(section).get(name)) is not None:
                return found
        raise KeyError(name)

    def asked(self, entry: Entry) -> list[str]:
        """The consent items an act under `entry` rests on."""
        covering = [e.name for e in self.book.policy.of("consent").values() if isinstance(e, ConsentItem) and entry.name in e.covers]
        return list(dict.fromkeys([*getattr(entry, "asks", ()), *covering]))

    def prepare(self, person: Person, name: str, *, without: Collection[str] = (), unseen: bool = False) -> None:
        """Bring about all that `name` (a scene, use, service) asks first: showings, consents, earlier records."""
        entry = self.entry(name, "services", "scenes", "uses")
        self._prepare(person, entry, without, unseen=unseen)

    def _prepare(self, person: Person, entry: Entry, without: Collection[str], *, unseen: bool) -> None:
        if isinstance(entry, Scene | Service):
            for need in entry.needs:
                if need == "acceptance" or need in person.records:
                    continue
                if need == "verified-identity":
                    self.verify_identity(person)
                else:
                    self.give(person, need)
        if entry.tells is not None and not unseen:
            self.show(person, entry.path)
        self.agree(person, [item for item in self.asked(entry) if item not in without])

    def verify_identity(self, person: Person) -> None:
        """Have the person's identity verified by a request of their own."""
        made = self.api.post("/v1/requests", {"kind": "access", "channel": "email", "person": person.id})
        self.api.post(f"/v1/requests/{made.body['request']}/verify", {"how": "document"})

    def values(self, name: str) -> dict[str, str]:
        """Made-up values for every field a scene may take; of alternatives the first."""
        scene = self.entry(name, "scenes")
        assert isinstance(scene, Scene)
        wanted = [one.items[0] if isinstance(one, OneOf) else one for one in scene.requires + scene.optional]
        return {item: self.value(item) for item in wanted}

    def value(self, item: str) -> str:
        """A made-up value of an item."""
        entry = self.book.policy.of("information")[item]
        assert isinstance(entry, Item)
        return samples.value(entry.kind, self.chance, item)

    def occasion(self, name: str) -> str | None:
        """The first occasion an entry is bound to."""
        when: tuple[str, ...] = getattr(self.entry(name), "when", ())
        return when[0] if when else None

    def collect(self, person: Person, scene: str, fields: Mapping[str, str], occasion: str | None = "own", **more: object) -> Answer:
        """Give fields in a scene, on its own occasion unless another is named."""
        body = {"person": person.id, "scene": scene, "fields": dict(fields),
                "occasion": self.occasion(scene) if occasion == "own" else occasion, **more}
        answer = self.api.post("/v1/collect", body)
        if answer.ok:
            person.records[scene] = answer.body["record"]
            person.given.update(fields)
        return answer

    def give(self, person: Person, scene: str) -> dict[str, str]:
        """Prepare a scene and give all it takes; return the values."""
        self.prepare(person, scene)
        fields = self.values(scene)
        answer = self.collect(person, scene, fields)
        assert answer.ok, answer.body
        return fields

    def scene_of(self, item: str) -> str | None:
        """A scene that takes `item` and keeps it."""
        for entry in self.book.policy.of("scenes").values():
            if isinstance(entry, Scene) and item in items_of(entry.requires + entry.optional):
                return entry.name
        return None

    def hold(self, person: Person, items: Iterable[str]) -> dict[str, str]:
        """Have the product hold these items of a person; return the values of those it keeps."""
        for item in items:
            scene = self.scene_of(item)
            if item not in person.given and scene is not None:
                self.give_item(person, scene, item)
        return {item: person.given[item] for item in items if item in person.given}

    def give_item(self, person: Person, scene: str, item: str) -> None:
        """Give a scene with `item` chosen where there are alternatives."""
        self.prepare(person, scene)
        entry = self.entry(scene, "scenes")
        assert isinstance(entry, Scene)
        fields = self.values(scene)
        for wanted in entry.requires + entry.optional:
            if isinstance(wanted, OneOf) and item in wanted.items:
                fields = {k: v for k, v in fields.items() if k not in wanted.items} | {item: self.value(item)}
        answer = self.collect(person, scene, fields)
        assert answer.ok, answer.body

    # -- acts --------------------------------------------------------------------------------------

    def decide(self, person: Person, purpose: object = "message", **more: object) -> Answer:
        """Ask the gate."""
        return self.api.post("/v1/decide", {"person": person.id, "purpose": purpose, **more})

    def read(self, person: Person, purpose: str, items: Iterable[str], **more: object) -> Answer:
        """Read for a purpose."""
        return self.api.post("/v1/read", {"person": person.id, "purpose": purpose, "items": list(items), **more})

    def file_papers(self, holder: str, names: Iterable[str], *, begins: datetime | None = None, ends: datetime | None = None) -> None:
        """Put papers on file, in force unless told otherwise."""
        for name in names:
            answer = self.api.post("/v1/papers", {
                "holder": holder, "name": name, "reference": f"doc-{self.chance.getrandbits(32):08x}",
                "holds_from": (begins or self.at - timedelta(days=30)).isoformat(),
                "holds_until": (ends or self.at + timedelta(days=3650)).isoformat(),
            })  # fmt: skip
            assert answer.ok, answer.body

    def ask(self, kind: str, person: Person | None, channel: str | None = None, **more: object) -> Answer:
        """Make a request by a channel (the first the policy names, when none is given)."""
        return self.api.post("/v1/requests", {
            "kind": kind, "channel": channel or self.channels(kind)[0], "person": person.id if person else None, **more})

    def channels(self, kind: str) -> list[str]:
        """The channels the policy names for requests of a kind."""
        rights = [way for e in self.book.policy.of("rights").values() if getattr(e, "kind", "") == kind for way in getattr(e, "way", ())]
        contacts = list(self.book.policy.of("contact"))
        return list(dict.fromkeys([*rights, *contacts]))

    def do(self, request: str, act: str, body: object | None = None) -> Answer:
        """Move a request on."""
        return self.api.post(f"/v1/requests/{request}/{act}", body or {})

    def finish(self, kind: str, person: Person, **more: object) -> Answer:
        """Make a request, verify who asks, carry it out."""
        made = self.ask(kind, person, None, **more)
        assert made.ok, made.body
        request = made.body["request"]
        verified = self.do(request, "verify", {"how": "signed-in"})
        assert verified.ok, verified.body
        return self.do(request, "carry-out")

    def entries(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Every sealed ledger entry, of one kind when it is named."""
        self.api.get("/v1/ledger/checkpoint")  # seals what is committed
        found: list[dict[str, Any]] = []
        start: int | None = 0
        while start is not None:
            page = self.api.get("/v1/ledger/entries", start=start, most=1000)
            assert page.ok, page.body
            found += [one["entry"] for one in page.body["entries"]]
            start = page.body["next"]
        return [one for one in found if kind is None or one["kind"] == kind]

    def facts(self) -> dict[str, Any]:
        """The public registers, fetched without a key."""
        answer = self.public.get(f"/v1/public/{self.opened.slug}/policy")
        assert answer.ok, answer.body
        return dict(answer.body)
