"""The facts that say which requirements apply, and those a policy shows by itself.

1. A fact is declared by the operator, or shown by the policy. What the policy shows cannot be declared away.
2. A fact nobody knows of is refused: a misspelt one would silence a requirement.
"""

import difflib
from collections.abc import Callable, Mapping

from shounuo.core.policy import Door, Message, Minors, Operator, Permission, Recipient, Use
from shounuo.errors import Invalid
from shounuo.law.rules.view import ENTRUSTED, HANDLERS, HOME, View, leads_abroad

FACTS: Mapping[str, str] = {
    "pi_subjects": "distinct people whose personal information is handled",
    "app": "a mobile app or mini program",
    "automated_decision": "people are evaluated or decided on automatically",
    "ciio": "a designated operator of critical information infrastructure",
    "ecommerce": "an e-commerce operator",
    "eea": "offers to, or watches, people in the European Economic Area",
    "export": "personal information is provided or reachable abroad, Hong Kong, Macao and Taiwan included",
    "internet_service": "a telecom or internet information service",
    "marketing": "commercial messages are sent",
    "minors": "users under 18 are known or likely",
    "platform": "a network platform with third parties or users' own content",
    "shares_with_handlers": "information is provided to others who decide for themselves",
    "under14": "users under 14 are known or likely",
    "uses_processors": "others process on the operator's behalf",
}


def shown(view: View) -> dict[str, bool]:
    """The facts the policy shows by itself. (1)"""
    return {name: look(view) for name, look in _SHOWN.items()}


def together(view: View, declared: Mapping[str, int | bool]) -> dict[str, int | bool]:
    """What is declared and what is shown. Raises Invalid for a fact nobody knows of. (1, 2)"""
    for name, value in declared.items():
        if name not in FACTS:
            near = difflib.get_close_matches(name, FACTS, n=1)
            meant = f"did you mean `{near[0]}`?" if near else "one of " + ", ".join(sorted(FACTS))
            raise Invalid("unknown-fact", f"there is no fact `{name}`: {meant}")
        if not isinstance(value, int) or value < 0:
            raise Invalid("bad-fact", f"the fact `{name}` is true, false or a whole number from 0")
    return {**declared, **{name: True for name, so in shown(view).items() if so}}


def _app(view: View) -> bool:
    return bool(view.of("permissions", Permission)) or any(
        one.kind == "sdk" for one in view.of("recipients", Recipient)
    )


def _export(view: View) -> bool:
    abroad = any(one.country != HOME for one in view.of("recipients", Recipient))
    open_door = any(leads_abroad(one) for one in view.of("sharing", Door))
    return abroad or open_door or bool(view.storage_abroad)


def _children(view: View) -> bool:
    return any(one.rule == "guardian-consent" for one in view.of("minors", Minors))


_SHOWN: Mapping[str, Callable[[View], bool]] = {
    "app": _app,
    "automated_decision": lambda view: any(one.factors or one.off_switch for one in view.of("uses", Use)),
    "export": _export,
    "internet_service": lambda view: any(one.site for one in view.of("text", Operator)),
    "marketing": lambda view: any(one.klass == "marketing" for one in view.of("messages", Message)),
    "minors": _children,
    "under14": _children,
    "shares_with_handlers": lambda view: any(
        one.kind in HANDLERS for one in view.of("recipients", Recipient)
    ),
    "uses_processors": lambda view: any(one.kind in ENTRUSTED for one in view.of("recipients", Recipient)),
}
