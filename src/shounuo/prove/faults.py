"""The faults: each takes one control away and leaves the rest working.

1. A fault replaces one control (or one method of a part) by a wrapper. Nothing is switched off wholesale, nothing
   raises, no answer is an internal error.
2. Each says in a sentence what it breaks. A proof that stays whole under every fault proves nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shounuo.core import consent, decision, request, scene
from shounuo.core.calendar import Calendar, Due
from shounuo.core.consent import Answer, Consented
from shounuo.core.decision import Decision, Facts, Intent, Reason
from shounuo.core.policy import Form, OneOf, Policy, RefusalGround, Scene
from shounuo.core.request import Rule, State
from shounuo.core.retention import Keeping, keeping
from shounuo.core.rulebook import Rulebook
from shounuo.core.scene import Admitted
from shounuo.duties.controls import Controls
from shounuo.duties.parts import Parts
from shounuo.errors import BadPolicy, Invalid


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be broken."""

    name: str
    breaks: str
    apply: Callable[[Parts], Parts]


def _controls(**changes: Any) -> Callable[[Parts], Parts]:
    return lambda parts: replace(parts, controls=replace(parts.controls, **changes))


# -- the gate lets something pass ------------------------------------------------------------------


def _passes(*reasons: Reason) -> Callable[[Parts], Parts]:
    """The gate never refuses for these reasons: what lacks is taken as there."""

    def decide(book: Rulebook | None, intent: Intent, facts: Facts) -> Decision:
        found = decision.decide(book, intent, facts)
        if found.reason not in reasons or book is None:
            return found
        return Decision(reason=Reason.ALLOWED, version=found.version, clauses=found.clauses, register=intent.recipient is not None,
                        masks={name: "all" for name in sorted(intent.items)})

    return _controls(decide=decide)


# -- consent is misread ----------------------------------------------------------------------------


def _withdrawal_ignored(events: Iterable[Consented], at: datetime, forms: dict[str, Form]) -> frozenset[str]:
    return consent.standing([e for e in events if e.answer is Answer.GIVEN], at, forms) | consent.standing(
        [replace(e, answer=Answer.GIVEN) for e in events if e.answer is Answer.WITHDRAWN], at, forms
    )


def _refusal_taken_for_yes(events: Iterable[Consented], at: datetime, forms: dict[str, Form]) -> frozenset[str]:
    return consent.standing([replace(e, answer=Answer.GIVEN) if e.answer is Answer.REFUSED else e for e in events], at, forms)


def _general_taken_for_separate(events: Iterable[Consented], at: datetime, forms: dict[str, Form]) -> frozenset[str]:
    return consent.standing(events, at, dict.fromkeys(forms, Form.GENERAL))


def _history_overwritten(events: Iterable[Consented], at: datetime, forms: dict[str, Form]) -> frozenset[str]:
    return consent.standing(events, datetime.max.replace(tzinfo=UTC), forms)


# -- taking too much -------------------------------------------------------------------------------


def _extra_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    known = {name: value for name, value in given.items() if name in policy.of("information")}
    everything = replace(where, optional=(*where.optional, *known), requires=where.requires)
    return scene.admit(policy, everything, known)


def _missing_accepted(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    return scene.admit(policy, replace(where, requires=(), optional=_flat(where)), given)


def _both_of_one(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    return scene.admit(policy, replace(where, requires=tuple(r for r in where.requires if not isinstance(r, OneOf)), optional=_flat(where)), given)


def _flat(where: Scene) -> tuple[str, ...]:
    return tuple(n for one in where.requires + where.optional for n in (one.items if isinstance(one, OneOf) else (one,)))


def _wrong_kind_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    try:
        return scene.admit(policy, where, given)
    except Invalid as error:
        if error.code != "wrong-kind":
            raise
        return Admitted({n: v for n, v in given.items() if getattr(policy.of("information")[n], "store", "") != "memory-only"})


def _memory_only_kept(policy: Policy, where: Scene, given: Mapping[str, str]) -> Admitted:
    admitted = scene.admit(policy, where, given)
    return Admitted({**admitted.kept, **{name: given[name] for name in admitted.let_go}})


# -- keeping too long ------------------------------------------------------------------------------


def _never_due(policy: Policy, item: str) -> Keeping | None:
    found = keeping(policy, item)
    return None if found is None else replace(found, rule=replace(found.rule, from_="never"))


def _no_hold(policy: Policy, item: str) -> Keeping | None:
    found = keeping(policy, item)
    return None if found is None else replace(found, hold=None)


# -- clocks ----------------------------------------------------------------------------------------


def _makeup_days_ignored(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    plain = Calendar(tuple(replace(y, weekend_workdays=frozenset(), holidays_on_weekdays=frozenset()) for y in calendar.years))
    return request.due(rule, plain, received, verified)


def _a_day_late(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    found = request.due(rule, calendar, received, verified)
    return replace(found, at=found.at + timedelta(days=1))


def _firm(rule: Rule, calendar: Calendar, received: datetime, verified: datetime | None) -> Due:
    return replace(request.due(rule, calendar, received, verified), missing_years=())


def _a_year_off(birth: date, on: date) -> int:
    from shounuo.core.calendar import age_on

    return age_on(birth, on) + 1


# -- requests --------------------------------------------------------------------------------------


def _unverified_moves(rule: Rule, now: State, then: State) -> State:
    return then if (now, then) == (State.RECEIVED, State.UNDER_WAY) else request.move(rule, now, then)


def _any_ground(rule: Rule, ground: str | None, evidence: str | None) -> RefusalGround:
    try:
        return request.refusable(rule, ground, evidence or "none")
    except Invalid:
        return RefusalGround.OTHER_LAW


def _unmasked(_: str, value: str) -> str:
    return value


def _anywhere(region: str, regions: tuple[str, ...]) -> bool:
    return region in regions or len(region) == 2


def _hole_unseen(parts: Parts) -> Parts:
    real = parts.controls.load

    def load(source: bytes, name: str, slug: str) -> Policy:
        try:
            return real(source, name, slug)
        except BadPolicy:
            return Policy(slug=slug, sections={}, clauses={})

    return replace(parts, controls=replace(parts.controls, load=load, check=lambda policy, published: ()))


CONTROLS = Controls()
