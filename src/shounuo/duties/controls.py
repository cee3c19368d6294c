"""The controls: every rule a duty obeys, each under one name.

A duty never calls a rule directly; it asks `parts.controls`. That makes the list of controls a thing one can
read, and lets a prover take one away at wiring time, in a throwaway operator, to see a proof fail.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shounuo.core import calendar, category, consent, consistency, decision, request, retention, scene
from shounuo.core.calendar import Calendar, Due
from shounuo.core.consent import Consented
from shounuo.core.decision import Decision, Facts, Intent
from shounuo.core.notice import Notice
from shounuo.core.policy import (
    Contact,
    Cookie,
    Form,
    Item,
    Pledge,
    Policy,
    Precedes,
    Protection,
    RefusalGround,
    Right,
    Scene,
    Stop,
)
from shounuo.core.request import Rule, State
from shounuo.core.retention import Keeping
from shounuo.core.rulebook import Rulebook
from shounuo.core.scene import Admitted
from shounuo.errors import Fault
from shounuo.language.load import load
from shounuo.render.rendered import Rendered


def unset(states: object) -> bool:
    """Whether a screen had something to choose, and none of it was chosen before the person chose. (PIPL 14)"""
    if not isinstance(states, Mapping) or not states:
        return False
    return all(state in (None, "unset") for state in states.values())


def seen(shown: Collection[str], notices: Collection[str]) -> bool:
    """Whether one of the notices in force was shown, by their hashes. (PIPL 17)"""
    return not set(shown).isdisjoint(notices)


def entitled(policy: Policy, item: Item, role: str | None, need: str | None) -> bool:
    """Whether a role may see an item in clear: every protection that speaks of it must agree. (PIPL 51)"""
    reach = {item.name, "any", *(["sensitive"] if item.grade == "sensitive" else [])}
    entries = [e for e in policy.of("protection").values() if isinstance(e, Protection) and e.roles]
    rules = [entry for entry in entries if reach.intersection(entry.of)]
    return bool(rules) and all(role in rule.roles and (need or not rule.need_stated) for rule in rules)


def silenced(stop: Stop, channel: str | None) -> tuple[str, ...]:
    """The channels that fall silent when a person says no more so; of a switch the one it is set for."""
    if stop.way != "switch" or channel is None:
        return stop.stops
    return tuple(one for one in stop.stops if one == channel)


def channels(policy: Policy, kind: str) -> frozenset[str]:
    """The channels that take requests of `kind` in: those of its rights and every contact. (PIPL 50)"""
    rights = [e for e in policy.of("rights").values() if isinstance(e, Right) and e.kind == kind]
    contacts = {e.name for e in policy.of("contact").values() if isinstance(e, Contact)}
    return frozenset(way for right in rights for way in right.way) | contacts


def pledge_due(calendar: Calendar, pledge: Pledge, start: datetime, confirmed: datetime | None) -> datetime:
    """When a pledge is to be confirmed next: its rhythm starts with the policy and with each confirmation."""
    return calendar.due(confirmed or start, pledge.every).at


def prevails(rules: Sequence[Precedes], topic: str, over: str) -> Precedes | None:
    """The rule that says which of two texts holds on a topic: its own, else that for any."""
    for wanted in (topic, "any"):
        for rule in rules:
            if rule.topic == wanted and rule.over == over:
                return rule
    return None


def settable(cookie: Cookie | None, choice: str) -> bool:
    """Whether a key may be set on a device: it is registered, and after a refusal operation needs it."""
    return cookie is not None and (choice != "refused" or cookie.purposes == ("operation",))


def whole(book: Rulebook) -> Rulebook:
    """What people read is the version in force, all of it and as it is. (PIPL 17)"""
    return book


def as_published(book: Rulebook, kept: Rendered) -> Rendered:
    """What people read of a version is the text that was kept when it was published. (PIPL 17)"""
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """One field a control. The defaults are the real ones; nothing but a prover replaces them."""

    # the text: what compiles, what may be published, what people read, which text holds
    load: Callable[[bytes, str, str], Policy] = load
    check: Callable[[Policy, Policy | None], tuple[Fault, ...]] = consistency.check
    displayed: Callable[[Rulebook], Rulebook] = whole
    read: Callable[[Rulebook, Rendered], Rendered] = as_published
    prevails: Callable[[Sequence[Precedes], str, str], Precedes | None] = prevails
    settable: Callable[[Cookie | None, str], bool] = settable
    # taking, using, passing on
    admit: Callable[[Policy, Scene, Mapping[str, str]], Admitted] = scene.admit
    decide: Callable[[Rulebook | None, Intent, Facts], Decision] = decision.decide
    age_on: Callable[..., int] = calendar.age_on
    # telling and asking
    notice: Callable[[Rulebook, str, str], Notice | None] = Rulebook.notice
    seen: Callable[[Collection[str], Collection[str]], bool] = seen
    unset: Callable[[object], bool] = unset
    standing: Callable[[Iterable[Consented], datetime, dict[str, Form]], frozenset[str]] = consent.standing
    silenced: Callable[[Stop, str | None], tuple[str, ...]] = silenced
    # where, how long, who may see
    lies_in: Callable[[str, tuple[str, ...]], bool] = category.lies_in
    keeping: Callable[[Policy, str], Keeping | None] = retention.keeping
    entitled: Callable[[Policy, Item, str | None, str | None], bool] = entitled
    masked: Callable[[str, str], str] = category.masked
    # answering, and what people promise
    channels: Callable[[Policy, str], frozenset[str]] = channels
    rule_for: Callable[[Policy, str], Rule] = request.rule_for
    move: Callable[[Rule, State, State], State] = request.move
    due: Callable[[Rule, Calendar, datetime, datetime | None], Due] = request.due
    refusable: Callable[[Rule, str | None, str | None], RefusalGround] = request.refusable
    pledge_due: Callable[[Calendar, Pledge, datetime, datetime | None], datetime] = pledge_due
