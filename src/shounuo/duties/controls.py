"""The controls: every rule of `core` a duty obeys, each under one name.

A duty never calls a rule directly; it asks `parts.controls`. That makes the list of controls a thing one can read,
and lets a prover take one away at wiring time, in a throwaway operator, to see a proof fail.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shounuo.core import calendar, category, consent, consistency, decision, request, retention, scene
from shounuo.core.calendar import Calendar, Due
from shounuo.core.consent import Consented
from shounuo.core.decision import Decision, Facts, Intent
from shounuo.core.policy import Form, Policy, RefusalGround, Scene
from shounuo.core.request import Rule, State
from shounuo.core.retention import Keeping
from shounuo.core.rulebook import Rulebook
from shounuo.core.scene import Admitted
from shounuo.errors import Fault
from shounuo.language.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """One field a control. The defaults are the real ones; nothing but a prover replaces them."""

    load: Callable[[bytes, str, str], Policy] = load
    check: Callable[[Policy, Policy | None], tuple[Fault, ...]] = consistency.check
    admit: Callable[[Policy, Scene, Mapping[str, str]], Admitted] = scene.admit
    decide: Callable[[Rulebook | None, Intent, Facts], Decision] = decision.decide
    standing: Callable[[Iterable[Consented], datetime, dict[str, Form]], frozenset[str]] = consent.standing
    keeping: Callable[[Policy, str], Keeping | None] = retention.keeping
    rule_for: Callable[[Policy, str], Rule] = request.rule_for
    move: Callable[[Rule, State, State], State] = request.move
    due: Callable[[Rule, Calendar, datetime, datetime | None], Due] = request.due
    refusable: Callable[[Rule, str | None, str | None], RefusalGround] = request.refusable
    lies_in: Callable[[str, tuple[str, ...]], bool] = category.lies_in
    masked: Callable[[str, str], str] = category.masked
    age_on: Callable[..., int] = calendar.age_on
