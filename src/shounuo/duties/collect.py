"""Take in what a scene declares: its fields and no others, once it may be taken, sealed at once.

1. The gate is asked first, as for any use: occasion, consent, notice, age. A refusal keeps nothing.
2. Fields are admitted by the scene (`core.scene`): undeclared, missing or wrong ones refuse the whole call.
3. A caller that names an old policy version is refused: its form shows old words.
4. Each kept value goes to the chest of its retention rule, sealed, with its due moment; an item without a rule is not
   kept. (PIPL 19)
5. A secret is kept as a verifier only; what lives in memory only is not kept at all.
6. Record, values and ledger entry are one transaction. The entry names fields, never values.
7. Of what is kept as a pseudonym only a keyed mark is kept: nobody can turn it back, no two people share one, and it
   is another once keys have turned over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shounuo.core.decision import Intent
from shounuo.core.policy import Item, Protection, Scene
from shounuo.core.rulebook import Rulebook
from shounuo.duties import once, refusals
from shounuo.duties.agree import must_know
from shounuo.duties.decide import demand
from shounuo.duties.parts import Parts
from shounuo.duties.read import alone
from shounuo.errors import Conflict, NotFound, Refused
from shounuo.store.act import Act
from shounuo.store.ids import uuid7
from shounuo.vault.seal import Algorithm
from shounuo.vault.shapes import Field, RecordRow

_SEALS: dict[str, Algorithm] = {"AES-256-GCM": "aes-256-gcm", "SM4-GCM": "sm4-gcm"}
DEFAULT_SEAL = "AES-256-GCM"


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection kept, and what it let go at once because it lives in memory only."""

    record: UUID
    kept: tuple[str, ...]
    let_go: tuple[str, ...]
    version: int
    at: datetime


def collect(
    parts: Parts, operator: UUID, person: UUID, scene: str, fields: Mapping[str, str], *,
    occasion: str | None = None, version: int | None = None,
) -> Collected:  # fmt: skip
    """Keep `fields` of `person` under `scene`. Raises Refused or Invalid, and then nothing was kept."""
    with refusals.on_record(parts, operator, person, f"collect:{scene}"):
        return _collect(parts, operator, person, scene, fields, occasion, version)


def _collect(
    parts: Parts,
    operator: UUID,
    person: UUID,
    name: str,
    fields: Mapping[str, str],
    occasion: str | None,
    version: int | None,
) -> Collected:
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        must_know(act, person)
        intent = Intent(purpose=name, occasion=occasion)
        book = parts.policies.in_force(act, at)
        scene = book.policy.of("scenes").get(name) if book else None
        if book is not None and not isinstance(scene, Scene):
            raise NotFound("no-purpose", f"the policy has no scene `{name}`")
        if book is not None and version is not None and version != book.number:  # (3)
            raise Conflict("old-version", f"version {book.number} is in force; show its notice and ask again")
        book, _ = demand(parts, act, person, intent)  # (1)
        assert isinstance(scene, Scene)
        admitted = parts.controls.admit(book.policy, scene, fields)  # (2)
        record = RecordRow(
            record=uuid7(at),
            scene=name,
            purpose=name,
            basis=scene.basis.value,
            source=scene.source,
            policy_version=book.number,
            collected_at=at,
        )
        values = [_value(parts, act, book, person, n, v, at) for n, v in admitted.kept.items()]
        with alone(any(one.kind == "secret" for one in values)):
            parts.vault.put(act, person, record, values)
        parts.changes.changed(act, at, person)
        data = {
            "scene": name, "fields": sorted(admitted.kept), "let_go": sorted(admitted.let_go), "basis": scene.basis.value,
            "record": str(record.record), "version": book.number, "clauses": list(scene.keeps),
        }  # fmt: skip
        once.made(parts, act, str(record.record))
        act.append("collected", at, data, parts.vault.pseudonym(act, person))
    return Collected(record.record, tuple(sorted(admitted.kept)), admitted.let_go, book.number, at)


def _value(parts: Parts, act: Act, book: Rulebook, person: UUID, name: str, text: str, at: datetime) -> Field:
    """One value as the vault takes it: chest, due moment, algorithm. (4, 5, 7)"""
    item = book.policy.of("information")[name]
    rule = parts.controls.keeping(book.policy, name)
    if rule is None or not isinstance(item, Item):
        raise Refused("no-retention", f"nothing says how long `{name}` is kept, so it is not kept")
    return Field(
        name=name, text=as_kept(parts, act, person, item, text), chest=rule.chest, findable=item.findable,
        due_at=rule.ends(parts.calendar, "collected", at), kind="secret" if item.store == "hashed" else item.kind,
        algorithm=seal_of(book, item),
    )  # fmt: skip


def as_kept(parts: Parts, act: Act, person: UUID, item: Item, text: str) -> str:
    """The text of a value as it goes to the vault: itself, or the mark that stands for it. (7)"""
    if item.store != "pseudonym":
        return text
    _, mark = parts.vault.fingerprint(act, "\0".join((str(person), item.name, text)).encode())
    return mark.hex()


def seal_of(book: Rulebook, item: Item) -> Algorithm:
    """The algorithm the policy names for `item`: by name, by grade, or for all; the strictest place first."""
    seals = {
        one: e.seal
        for e in book.policy.of("protection").values()
        if isinstance(e, Protection) and e.seal
        for one in e.of
    }
    named = (
        seals.get(item.name)
        or (seals.get("sensitive") if item.grade == "sensitive" else None)
        or seals.get("any")
    )
    return _SEALS[named or DEFAULT_SEAL]


def again(parts: Parts, operator: UUID, person: UUID, record: UUID, fields: Mapping[str, str]) -> Collected:
    """What an earlier call with these fields kept, told again. Raises NotFound when all of it was erased since."""
    with parts.store.act(operator) as act:
        row = parts.vault.record(act, person, record)
        book = parts.policies.version(act, row.policy_version)
    scene = book.policy.of("scenes").get(row.scene) if book else None
    if book is None or not isinstance(scene, Scene):
        raise NotFound("no-purpose", "the version this was kept under is not there")
    admitted = parts.controls.admit(book.policy, scene, fields)
    return Collected(
        record, tuple(sorted(admitted.kept)), admitted.let_go, row.policy_version, row.collected_at
    )
