"""Too much is taken, badly kept, kept too long, or not let go."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shounuo.core import category, scene
from shounuo.core.policy import Hold, OneOf, Policy, Scene, items_of
from shounuo.core.retention import Keeping, keeping
from shounuo.core.scene import Admitted
from shounuo.errors import Invalid
from shounuo.prove.faults.fault import Bend, Fault, acts, both, control, turning, vault
from shounuo.store.act import Act
from shounuo.vault.shapes import Erased, Field, RecordRow, Values, Which
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

# -- taking too much -------------------------------------------------------------------------------


def _extra_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    """A field the scene does not declare is kept, if the policy knows it; else it is dropped in silence."""
    known = {name: value for name, value in given.items() if name in policy.of("information")}
    more = tuple(name for name in known if name not in items_of(where.requires + where.optional))
    return scene.admit(policy, replace(where, optional=(*where.optional, *more)), known)


def _missing_accepted(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    return scene.admit(policy, replace(where, requires=(), optional=where.requires + where.optional), given)


def _both_of_one(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    wanted = tuple(
        one.items[0] if isinstance(one, OneOf) and one.items[0] in given else one for one in where.requires
    )
    spread = tuple(
        name for one in where.requires if isinstance(one, OneOf) for name in one.items if name not in wanted
    )
    requires = tuple(one for one in wanted if not (isinstance(one, OneOf) and set(one.items) <= set(given)))
    return scene.admit(policy, replace(where, requires=requires, optional=(*where.optional, *spread)), given)


def _wrong_kind_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    try:
        return scene.admit(policy, where, given)
    except Invalid as error:
        if error.code != "wrong-kind":
            raise
    stores = {name: getattr(policy.of("information")[name], "store", "") for name in given}
    kept = {name: value for name, value in given.items() if stores[name] != "memory-only"}
    return Admitted(kept, tuple(name for name in given if name not in kept))


def _memory_only_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    admitted = scene.admit(policy, where, given)
    return Admitted({**admitted.kept, **{name: given[name] for name in admitted.let_go}})


def _some_rule(policy: Policy, item: str) -> Keeping | None:
    """An item without a rule is kept under the first there is."""
    return keeping(policy, item) or next(
        (one for name in policy.of("information") if (one := keeping(policy, name))), None
    )


class _Readable(Vault):
    """A secret is kept as it is, sealed like any text."""

    def put(self, act: Act, person: UUID, record: RecordRow, values: Sequence[Field]) -> None:
        super().put(
            act,
            person,
            record,
            [replace(one, kind="text") if one.kind == "secret" else one for one in values],
        )


# -- sealing ---------------------------------------------------------------------------------------


class _NotedInClear(Vault):
    """What is kept is also written into the ledger, to help whoever looks for a mistake."""

    def put(self, act: Act, person: UUID, record: RecordRow, values: Sequence[Field]) -> None:
        super().put(act, person, record, values)
        act.append("kept", record.collected_at, {one.name: one.text[:40] for one in values})


class _ClearColumn(Vault):
    """A column that should name where a collection came from holds what was collected."""

    def put(self, act: Act, person: UUID, record: RecordRow, values: Sequence[Field]) -> None:
        source = " ".join([record.source, *(one.text[:40] for one in values)])[:200]
        super().put(act, person, replace(record, source=source), values)


class _OtherCipher(Vault):
    """Values are sealed with another cipher than the text names."""

    def put(self, act: Act, person: UUID, record: RecordRow, values: Sequence[Field]) -> None:
        super().put(act, person, record, [replace(one, algorithm="sm4-gcm") for one in values])


# -- keeping too long ------------------------------------------------------------------------------


def _never_due(policy: Policy, item: str) -> Keeping | None:
    found = keeping(policy, item)
    return None if found is None else replace(found, rule=replace(found.rule, from_="never"))


def _no_hold(policy: Policy, item: str) -> Keeping | None:
    found = keeping(policy, item)
    return None if found is None else replace(found, hold=None)


def _everything_held(policy: Policy, item: str) -> Keeping | None:
    """One lock for the whole account, as soon as the law wants anything."""
    found = keeping(policy, item)
    hold = next((one for one in policy.of("holds").values() if isinstance(one, Hold)), None)
    return found if found is None or found.hold is not None else replace(found, hold=hold)


class _LeavesOne(Vault):
    """An erasure reaches all places but the first, and says that it is done."""

    def erase(self, act: Act, person: UUID, which: Which) -> Erased:
        if isinstance(which, Values) and which.places:
            left = min(which.places, key=str)
            which = replace(which, places=frozenset(which.places) - {left})
        return super().erase(act, person, which)


class _NoBackups(Vault):
    """What was erased is said to be in no backup."""

    def erase(self, act: Act, person: UUID, which: Which) -> Erased:
        return replace(super().erase(act, person, which), keys=frozenset())

    def turned_at(self, act: Act) -> datetime | None:
        return None


class _OutOfReach(Vault):
    """Keys are said to be gone without a look into custody."""

    def beyond_reach(self, operator: UUID, keys: Iterable[UUID]) -> bool:
        return True


class _TurnsNothing(Turning):
    """Keys are said to be turned over, and stay."""

    def turn(self, operator: UUID, at: datetime) -> frozenset[UUID]:
        return frozenset()


class _CorrectsNothing(Vault):
    """A correction is noted, and the old value stays."""

    def correct(self, act: Act, person: UUID, record: UUID, field: str, text: str) -> Erased:
        return Erased(values=1, held=0, chests=(), keys=frozenset())


# -- where -----------------------------------------------------------------------------------------


def _next_door(region: str, regions: tuple[str, ...]) -> bool:
    """Hong Kong, Macao and Taiwan are taken as inside."""
    return category.lies_in("CN-mainland" if region in ("HK", "MO", "TW") else region, regions)


def _unheld(found: Collection[object]) -> list[object]:
    return [replace(one, erases=False) for one in found]  # type: ignore[type-var]


FAULTS: Sequence[Fault] = (
    Fault("extra-field-kept", "a field the scene does not declare is kept", control(admit=_extra_kept)),
    Fault(
        "missing-field-accepted", "a form passes without what it requires", control(admit=_missing_accepted)
    ),
    Fault("one-of-takes-both", "of alternatives both are kept", control(admit=_both_of_one)),
    Fault(
        "wrong-kind-kept", "a value that is not what it says it is is kept", control(admit=_wrong_kind_kept)
    ),
    Fault(
        "memory-only-kept",
        "what should live in memory only is kept",
        control(admit=_memory_only_kept, keeping=_some_rule),
    ),
    Fault("secret-readable", "a secret is kept as it is and not as a verifier", vault(_Readable)),
    Fault("value-in-ledger", "values are written into ledger entries", vault(_NotedInClear)),
    Fault("value-in-column", "one column holds values in clear", vault(_ClearColumn)),
    Fault("other-cipher", "values are sealed with another cipher than promised", vault(_OtherCipher)),
    Fault("never-expires", "values get no moment at which they are due to go", control(keeping=_never_due)),
    Fault("hold-forgotten", "what the law still wants is erased with the rest", control(keeping=_no_hold)),
    Fault(
        "hold-locks-all",
        "where the law wants one item, everything is locked",
        control(keeping=_everything_held),
    ),
    Fault(
        "release-forgets-erasure",
        "a lock ends, and the erasure it kept waiting is forgotten",
        acts(Bend(found={"holds_ending": _unheld})),
    ),
    Fault("one-place-left", "an erasure silently leaves one place", vault(_LeavesOne)),
    Fault(
        "answered-before-backups", "an erasure is answered while backups can still be read", vault(_NoBackups)
    ),
    Fault(
        "keys-stay",
        "the keys that open old backups are not destroyed",
        both(vault(_OutOfReach), turning(_TurnsNothing)),
    ),
    Fault("correction-lost", "a correction is answered and not carried out", vault(_CorrectsNothing)),
    Fault(
        "next-door-is-inside",
        "Hong Kong, Macao and Taiwan are taken for the mainland",
        control(lies_in=_next_door),
    ),
)
