"""The world of a story: a throwaway operator, made-up people, a clock moved by hand, the public interface.

1. The policy is read here to set the scene only: which consents to give before, which field values to make
   up. What a story expects, it takes from the clause.
2. What was fetched once and cannot change is not fetched again: sealed ledger entries; notices and the
   public page until the text or the day changes. A paper in force is not filed twice.
3. Whoever takes over what another story brought about is taken to have asked the parts for it too.
"""

import itertools
import random
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from shounuo.core.names import Names
from shounuo.core.policy import ConsentItem, Entry, Item, OneOf, Right, Scene, Service, items_of
from shounuo.core.rulebook import Rulebook
from shounuo.prove import samples
from shounuo.prove.call import Answer, Caller
from shounuo.prove.hearing import Call, Ear
from shounuo.prove.page import Page
from shounuo.prove.story import Chapters

T = TypeVar("T")

ADULT = date(1990, 5, 17)
BASE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Beijing, far from a holiday
PURPOSES = ("services", "scenes", "uses")
_PAGE = 1000  # ledger entries fetched at once


@dataclass(frozen=True, slots=True)
class Opened:
    """A throwaway operator: its public name and its key."""

    slug: str
    key: str


class Stage(Protocol):
    """What a prover is given: a server, throwaway operators on it, and a look at what lies on disk."""

    @property
    def ear(self) -> Ear | None:
        """Where it is heard what stories ask of the parts, if it is."""

    @property
    def address(self) -> str:
        """Where the server answers."""

    @property
    def source(self) -> bytes:
        """The policy being proven."""

    def open(self, at: datetime) -> Opened:
        """A new operator with a clock of its own that stands at `at`, nothing published yet."""

    def close(self, opened: Opened) -> None:
        """Let go of an operator that is not asked for any more."""

    def search(self, opened: Opened, needles: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
        """By name, the places (table, file) on disk where its value stands in clear, if there are any."""

    def count(self, opened: Opened, person: str, items: Collection[str] | None = None) -> int:
        """How many sealed values of these items (all, by default) a person still has that no hold keeps."""

    def opened(self, opened: Opened, person: str, items: Iterable[str]) -> Mapping[str, Collection[str]]:
        """By item (all, by default), the values of a person that open and no hold keeps."""

    def seals(self, opened: Opened, person: str, items: Collection[str]) -> Mapping[str, str]:
        """By item, the cipher its stored value says it was sealed with."""

    def backup(self, opened: Opened, person: str, items: Collection[str]) -> object:
        """A copy of these values as a backup of the database made now would hold them, keys and all."""

    def restored(self, backup: object) -> int:
        """How many values of that backup could be read if it were restored now."""


@dataclass(slots=True)
class Person:
    """A made-up person, and the values they gave: of each item the last, and all of them."""

    id: str
    given: dict[str, str] = field(default_factory=dict)
    ever: dict[str, list[str]] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)


class World:
    """One operator's world. `fresh` opens another, with its own clock."""

    _seeds = itertools.count(1)

    def __init__(
        self, stage: Stage, book: Rulebook, at: datetime = BASE, *, like: "World | None" = None
    ) -> None:
        self.stage, self.book, self.at = stage, book, at
        self.names: Names = like.names if like else Names(book.policy)
        self.trouble: list[str] = like.trouble if like else []
        self.told: Chapters = like.told if like else {}
        self.opened = stage.open(at)
        self.api = Caller(stage.address, self.opened.key, self.trouble)
        self.public = Caller(stage.address, None, self.trouble)
        self.chance = random.Random(next(World._seeds))  # noqa: S311 - made-up people, the same in every run
        self._ledger: list[dict[str, Any]] = []
        self._fetched: dict[Hashable, tuple[Any, list[Call]]] = {}
        self._filed: dict[Hashable, tuple[Any, list[Call]]] = {}
        self._people: dict[Hashable, tuple[Any, list[Call]]] = {}
        answer = self.publish(stage.source.decode())
        assert answer.ok, answer.body

    def fresh(self, at: datetime = BASE) -> "World":
        """Another operator with a clock of its own."""
        return World(self.stage, self.book, at, like=self)

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections and the operator go."""
        self.api.close()
        self.public.close()
        self.stage.close(self.opened)

    def publish(self, text: str) -> Answer:
        """Publish a text for proving."""
        self._changed()
        body = {"slug": self.book.policy.slug, "source": text, "proving": True}
        return self.api.post("/v1/policies", body)

    def move(self, to: datetime) -> None:
        """Move the clock forward."""
        self._changed()
        answer = self.api.post("/v1/clock", {"to": to.isoformat()})
        assert answer.ok, answer.body
        self.at = to

    def wait(self, span: timedelta) -> None:
        """Move the clock forward by a span."""
        self.move(self.at + span)

    def page(self) -> Page:
        """The public page of the policy in force, fetched without a key. (2)"""
        address = f"/policy/{self.opened.slug}"
        return self._once(self._fetched, None, lambda: Page(self.public.raw(address).decode()))

    def _changed(self) -> None:
        self._fetched.clear()

    def _once(self, made: dict[Hashable, tuple[Any, list[Call]]], key: Hashable, make: Callable[[], T]) -> T:
        """What was made under this key already, or is made now. What was heard then counts each time. (3)"""
        ear = self.stage.ear
        if key in made:
            found, heard = made[key]
            if ear is not None:
                ear.calls += heard
        else:
            before = len(ear.calls) if ear else 0
            found = make()
            made[key] = found, ear.calls[before:] if ear else []
        return cast("T", found)

    # -- people ------------------------------------------------------------------------------------

    def person(self, birth: date | None = ADULT) -> Person:
        """A new made-up person, registered."""
        answer = self.register(birth)
        assert answer.ok, answer.body
        return Person(answer.body["person"])

    def someone(self, key: Hashable, make: Callable[[Person], None]) -> Person:
        """A person whom something was brought about for already; else a new one, for whom `make` does it."""

        def made() -> Person:
            person = self.person()
            make(person)
            return person

        return self._once(self._people, key, made)

    def register(self, birth: date | None = ADULT) -> Answer:
        """Try to register someone."""
        user = f"user-{self.chance.getrandbits(64):016x}"
        body = {"user_id": user, "birth": birth.isoformat() if birth else None}
        return self.api.post("/v1/people", body)

    def notice(self, entry: str) -> dict[str, Any]:
        """The notice of an entry, in Chinese. (2)"""
        answer = self._once(
            self._fetched, entry, lambda: self.api.get(f"/v1/notices/{entry}", language="zh-CN")
        )
        assert answer.ok, answer.body
        return dict(answer.body)

    def lines(self, entry: str) -> str:
        """What a person reads in the notice of an entry."""
        return "\n".join(self.notice(entry)["lines"])

    def show(
        self,
        person: Person,
        entry: str,
        *,
        controls: Mapping[str, str | None] | None = None,
        acknowledged: bool = True,
    ) -> str:
        """Show a notice to a person as it should be shown; return the id of the showing."""
        notice = self.notice(entry)
        answer = self.api.post("/v1/shown", {
            "person": person.id, "entry": entry, "hash": notice["hash"], "language": "zh-CN",
            "controls": dict(notice["controls"] if controls is None else controls),
            "acknowledged": acknowledged,
        })  # fmt: skip
        assert answer.ok, answer.body
        return str(answer.body["shown"])

    def say(self, person: Person, item: str, answer: str = "yes", **more: object) -> Answer:
        """Show the item's own notice, and answer it."""
        shown = self.show(person, f"consent.{item}") if answer == "yes" else None
        by = "guardian" if self._form(item) == "guardian" and answer == "yes" else "person"
        body = {"person": person.id, "item": item, "answer": answer, "shown": shown, "by": by, **more}
        return self.api.post("/v1/consents", body)

    def agree(self, person: Person, items: Iterable[str]) -> None:
        """Say yes to each item, properly asked."""
        for item in items:
            answer = self.say(person, item)
            assert answer.ok, answer.body

    def withdraw(self, person: Person, item: str) -> Answer:
        """Take a yes back."""
        return self.api.post("/v1/consents/withdraw", {"person": person.id, "item": item})

    def standing(self, person: Person, at: datetime | None = None) -> list[str]:
        """The items a yes stands for."""
        query = {"at": at.isoformat()} if at else {}
        answer = self.api.get(f"/v1/people/{person.id}/consents", **query)
        return list(answer.body["standing"])

    def _form(self, item: str) -> str:
        entry = self.book.policy.of("consent").get(item)
        return entry.form.value if isinstance(entry, ConsentItem) else ""

    # -- setting the scene -------------------------------------------------------------------------

    def entry(self, name: str, *sections: str) -> Entry:
        """The entry of this name in the first of these sections that has it."""
        for section in sections or (*PURPOSES, "recipients", "sharing"):
            if (found := self.book.policy.of(section).get(name)) is not None:
                return found
        raise KeyError(name)

    def is_purpose(self, name: str) -> bool:
        """Whether the policy has a service, scene or use of this name."""
        return any(name in self.book.policy.of(section) for section in PURPOSES)

    def asked(self, entry: Entry) -> list[str]:
        """The consent items an act under `entry` rests on."""
        items = [e for e in self.book.policy.of("consent").values() if isinstance(e, ConsentItem)]
        covering = [item.name for item in items if entry.name in item.covers]
        return list(dict.fromkeys([*getattr(entry, "asks", ()), *covering]))

    def prepare(
        self, person: Person, name: str, *, without: Collection[str] = (), unseen: bool = False
    ) -> None:
        """Bring about all that a scene, use or service asks first: showings, consents, earlier records.

        `without` names consents and scenes that are left out.
        """
        entry = self.entry(name, *PURPOSES)
        if isinstance(entry, Scene | Service):
            for need in entry.needs:
                if need == "acceptance" or need in person.records or need in without:
                    continue
                if need == "verified-identity":
                    self.verify_identity(person)
                else:
                    self.give(person, need)
            self._untie(person, without)
        if entry.tells is not None and not unseen:
            self.show(person, entry.path)
        self.agree(person, [item for item in self.asked(entry) if item not in without])

    def _untie(self, person: Person, items: Collection[str]) -> None:
        """Take back what an earlier scene had to have a yes to, so that it does not stand for this act."""
        if mine := set(items) & set(self.book.policy.of("consent")):
            for item in sorted(mine.intersection(self.standing(person))):
                answer = self.withdraw(person, item)
                assert answer.ok, answer.body

    def verify_identity(self, person: Person) -> None:
        """Have the person's identity verified by a request of their own."""
        kind = next(
            kind
            for kind in self.names.answered
            if self.channels(kind) and self.verified_by(kind) in ("document", None)
        )
        made = self.ask(kind, person)
        assert made.ok, made.body
        self.do(made.body["request"], "verify", {"how": "document"})

    def values(self, name: str) -> dict[str, str]:
        """Made-up values for every field a scene may take; of alternatives the first."""
        scene = self.entry(name, "scenes")
        assert isinstance(scene, Scene)
        wanted = [one.items[0] if isinstance(one, OneOf) else one for one in scene.requires + scene.optional]
        return {item: self.value(item) for item in wanted}

    def item(self, name: str) -> Item:
        """A kind of information."""
        found = self.book.policy.of("information")[name]
        assert isinstance(found, Item)
        return found

    def value(self, item: str) -> str:
        """A made-up value of an item."""
        return samples.value(self.item(item).kind, self.chance, item)

    def keeps(self, item: str) -> bool:
        """Whether a value of the item is kept so that its person can see it again."""
        entry = self.book.policy.of("information").get(item)
        return isinstance(entry, Item) and entry.store == "sealed"

    def occasion(self, name: str) -> str | None:
        """The first occasion an entry is bound to."""
        when: tuple[str, ...] = getattr(self.entry(name), "when", ())
        return when[0] if when else None

    def collect(
        self,
        person: Person,
        scene: str,
        fields: Mapping[str, str],
        occasion: str | None = "own",
    ) -> Answer:
        """Give fields in a scene, on its own occasion unless another is named."""
        on = self.occasion(scene) if occasion == "own" else occasion
        body = {"person": person.id, "scene": scene, "fields": dict(fields), "occasion": on}
        answer = self.api.post("/v1/collect", body)
        if answer.ok:
            person.records[scene] = answer.body["record"]
            person.given.update(fields)
            for item, value in fields.items():
                person.ever.setdefault(item, []).append(value)
        return answer

    def give(self, person: Person, scene: str) -> dict[str, str]:
        """Prepare a scene and give all it takes; return the values."""
        self.prepare(person, scene)
        fields = self.values(scene)
        answer = self.collect(person, scene, fields)
        assert answer.ok, answer.body
        return fields

    def some_scene(self) -> str:
        """A scene on no occasion that keeps something a person can see again."""
        for scene in self.names.of("scenes", Scene):
            if not scene.when and any(self.keeps(item) for item in self.values(scene.name)):
                return scene.name
        raise AssertionError("no scene keeps anything")

    def scene_of(self, item: str) -> str | None:
        """A scene that takes `item`."""
        for entry in self.book.policy.of("scenes").values():
            if isinstance(entry, Scene) and item in items_of(entry.requires + entry.optional):
                return entry.name
        return None

    def hold(self, person: Person, items: Iterable[str]) -> dict[str, str]:
        """Have the product hold these items of a person; return the values given, of those a scene takes."""
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
                others = {k: v for k, v in fields.items() if k not in wanted.items}
                fields = others | {item: self.value(item)}
        answer = self.collect(person, scene, fields)
        assert answer.ok, answer.body

    # -- acts --------------------------------------------------------------------------------------

    def decide(self, person: Person, purpose: object = "message", **more: object) -> Answer:
        """Ask the gate."""
        return self.api.post("/v1/decide", {"person": person.id, "purpose": purpose, **more})

    def read(self, person: Person, purpose: str, items: Iterable[str], **more: object) -> Answer:
        """Read for a purpose, on the purpose's own occasion unless another is named."""
        on = {"occasion": self.occasion(purpose)} if self.is_purpose(purpose) else {}
        body = {"person": person.id, "purpose": purpose, "items": list(items), **on, **more}
        return self.api.post("/v1/read", body)

    def file_papers(
        self,
        holder: str,
        names: Iterable[str],
        *,
        begins: datetime | None = None,
        ends: datetime | None = None,
    ) -> None:
        """Put papers on file, in force unless told otherwise."""
        usual = begins is None and ends is None
        for name in names:
            body = {
                "holder": holder, "name": name, "reference": f"doc-{self.chance.getrandbits(32):08x}",
                "holds_from": (begins or self.at - timedelta(days=30)).isoformat(),
                "holds_until": (ends or self.at + timedelta(days=3650)).isoformat(),
            }  # fmt: skip
            file = partial(self.api.post, "/v1/papers", body)
            answer = self._once(self._filed, (holder, name), file) if usual else file()
            assert answer.ok, answer.body

    def ask(self, kind: str, person: Person | None, channel: str | None = None, **more: object) -> Answer:
        """Make a request by a channel (the first the policy names, when none is given), in a state that allows it."""
        body = {
            "kind": kind,
            "channel": channel or self.channels(kind)[0],
            "person": person.id if person else None,
            "condition": next(iter(self.states(kind)), None),
        }
        return self.api.post("/v1/requests", {**body, **more})

    def states(self, kind: str) -> list[str]:
        """The states in which the policy lets a kind of request be made; none means in any."""
        rights = (right for right in self.names.of("rights", Right) if right.kind == kind)
        return [state for right in rights for state in right.only_if]

    def verified_by(self, kind: str) -> str | None:
        """How who makes such a request is verified; None where nobody need be."""
        verify = next((rule.verify for rule in self.names.answered.get(kind, ())), "none")
        return {"none": None, "guardianship": "guardianship"}.get(verify, "document")

    def channels(self, kind: str) -> list[str]:
        """The channels the policy names for requests of a kind."""
        entries = self.book.policy.of("rights").values()
        rights = [way for e in entries if getattr(e, "kind", "") == kind for way in getattr(e, "way", ())]
        return list(dict.fromkeys([*rights, *self.book.policy.of("contact")]))

    def do(self, request: str, act: str, body: object | None = None) -> Answer:
        """Move a request on."""
        return self.api.post(f"/v1/requests/{request}/{act}", body or {})

    def finish(self, kind: str, person: Person, **more: object) -> Answer:
        """Make a request, verify who asks, show what is to be told first, carry it out."""
        made = self.ask(kind, person, None, **more)
        assert made.ok, made.body
        request = made.body["request"]
        if how := self.verified_by(kind):  # a document would make theirs a verified identity for good
            how = "signed-in" if how == "document" else how
            verified = self.do(request, "verify", {"how": how})
            assert verified.ok, verified.body
        self.show_rights(person, kind)
        return self.do(request, "carry-out")

    def correction(self, person: Person) -> tuple[dict[str, object], dict[str, object]]:
        """Something of a person to correct: what the request says besides, and what carrying it out says."""
        scene = self.some_scene()
        given = self.give(person, scene)
        item = next(name for name in given if self.keeps(name))
        asked: dict[str, object] = {"record": person.records[scene], "items": [item]}
        return asked, {"values": {item: self.value(item)}}

    def show_rights(self, person: Person, kind: str) -> None:
        """Show a person all that is told before a request of this kind is carried out."""
        for right in self.names.of("rights", Right):
            if right.kind == kind and right.tells is not None:
                self.show(person, right.path)

    def copy(self, person: Person, items: Iterable[str] = ()) -> dict[str, set[str]]:
        """By item, the values the person's own copy holds, asked for now.

        Where the policy takes in no request for one, what opens of the person where it is kept.
        """
        if "access" not in self.names.answered:
            return {
                item: set(found) for item, found in self.stage.opened(self.opened, person.id, items).items()
            }
        made = self.finish("access", person, items=sorted(items))
        answer = self.api.get(f"/v1/requests/{made.body['request']}/answer") if made.ok else made
        values: dict[str, set[str]] = {}
        for one in answer.body["values"] if answer.ok else ():
            values.setdefault(one["item"], set()).add(one["value"])
        return values

    def has(self, person: Person, given: Mapping[str, str]) -> bool:
        """Whether the person's own copy holds each of these values."""
        copy = self.copy(person)
        return all(value in copy.get(item, ()) for item, value in given.items())

    def entries(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Every ledger entry so far, of one kind when it is named. (2)"""
        self.api.get("/v1/ledger/checkpoint")  # seals what is committed
        more = True
        while more:
            page = self.api.get("/v1/ledger/entries", start=len(self._ledger), most=_PAGE)
            assert page.ok, page.body
            self._ledger += [one["entry"] for one in page.body["entries"]]
            more = len(page.body["entries"]) == _PAGE
        return [one for one in self._ledger if kind is None or one["kind"] == kind]

    def facts(self) -> dict[str, Any]:
        """The public registers, fetched without a key."""
        answer = self.public.get(f"/v1/public/{self.opened.slug}/policy")
        assert answer.ok, answer.body
        return dict(answer.body)
