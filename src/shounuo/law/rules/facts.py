"""The facts that say which requirements apply, and those a policy shows by itself.

1. A fact is declared by the operator, in its policy or when it asks, or shown by the policy. What the policy
   shows cannot be declared away.
2. A fact nobody knows of is refused: a misspelt one would silence a requirement.
3. What nobody declares and nothing shows counts as not so, and a count as 0.
"""

import difflib
from collections.abc import Callable, Mapping

from shounuo.core.policy import (
    Door,
    Item,
    Message,
    Minors,
    Operator,
    Permission,
    Recipient,
    Scene,
    Service,
    Use,
)  # fmt: skip
from shounuo.errors import Invalid
from shounuo.law.rules.plain import ENTRUSTED, HANDLERS, HOME, called, leads_abroad, written
from shounuo.law.rules.rule import expression
from shounuo.law.rules.view import View

FACTS: Mapping[str, str] = {
    "ai_companion": "an AI that talks with people as a person would",
    "algorithm_recommendation": "an algorithmic recommendation service",
    "app": "a mobile app or mini program",
    "automated_decision": "people are evaluated or decided on automatically",
    "ciio": "a designated operator of critical information infrastructure",
    "consumers": "serves consumers",
    "credit_reporting": "collects or queries credit records",
    "deep_synthesis": "edits faces, voices or scenes",
    "ecommerce": "an e-commerce operator",
    "eea": "offers to, or watches, people in the European Economic Area",
    "export": "personal information is provided or reachable abroad, Hong Kong, Macao and Taiwan included",
    "export_non_sensitive": "distinct people whose ordinary information went abroad since 1 January",
    "export_sensitive": "distinct people whose sensitive information went abroad since 1 January",
    "face_recognition": "people are recognised by their face",
    "financial_institution": "bound by the anti-money-laundering law",
    "foreign_operator": "established outside mainland China",
    "generative_ai": "generative AI offered to the public",
    "graded_protection": "runs a system graded level 3 or above in multi-level protection",
    "important_data": "handles data notified or published as important",
    "internet_service": "a telecom or internet information service",
    "joint_handling": "decides together with another handler",
    "large_platform": "a platform of fifty million registered or ten million monthly users, with complex business",
    "livestream_commerce": "sells by live stream",
    "marketing": "commercial messages are sent",
    "minor_heavy_platform": "a platform with very many minors, or marked influence on them",
    "minors": "users under 18 are known or likely",
    "personalised_push": "personalised content, search results, messages or advertisements",
    "pi_subjects": "distinct people whose personal information is handled",
    "platform": "a network platform with third parties or users' own content",
    "public_cctv": "cameras or recognition devices in public places",
    "public_opinion": "can sway or mobilise public opinion",
    "sensitive_subjects": "distinct people whose sensitive information is handled",
    "shares_with_handlers": "information is provided to others who decide for themselves",
    "under14": "users under 14 are known or likely",
    "user_content": "users publish or message",
    "uses_crawlers": "collects with automated tools",
    "uses_processors": "others process on the operator's behalf",
    "uses_public_data": "takes information that is already public",
}
COUNTS = frozenset({"export_non_sensitive", "export_sensitive", "pi_subjects", "sensitive_subjects"})


def shown(view: View) -> dict[str, bool]:
    """The facts the policy shows by itself. (1)"""
    return {name: look(view) for name, look in _SHOWN.items()}


def together(view: View, declared: Mapping[str, int | bool]) -> dict[str, int | bool]:
    """What is declared and what is shown. Raises Invalid for a fact nobody knows of. (1, 2)

    `declared` goes before what the policy itself declares; a name may be written with `-` or `_`.
    """
    own = [fact for one in view.of("text", Operator) for fact in _facts_of(one).items()]
    known = {name.replace("-", "_"): value for name, value in [*own, *declared.items()]}
    for name, value in known.items():
        if name not in FACTS:
            near = difflib.get_close_matches(name, FACTS, n=1)
            names = ", ".join(map(_hyphened, sorted(FACTS)))
            meant = f"did you mean `{_hyphened(near[0])}`?" if near else f"one of {names}"
            raise Invalid("unknown-fact", f"there is no fact `{_hyphened(name)}`: {meant}")
        if isinstance(value, bool) == (name in COUNTS) or not isinstance(value, int) or value < 0:
            wanted = "a whole number from 0" if name in COUNTS else "true or false"
            raise Invalid("bad-fact", f"the fact `{_hyphened(name)}` is {wanted}")
    return {**known, **{name: True for name, so in shown(view).items() if so}}


def _hyphened(name: str) -> str:
    """A fact as authors write it, like every name of the language."""
    return name.replace("_", "-")


def _facts_of(operator: Operator) -> Mapping[str, int | bool]:
    facts = written(operator, "facts")
    return facts if isinstance(facts, Mapping) else {}


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


def _joint(view: View) -> bool:
    return any(one.provider == "joint" for one in view.of("services", Service)) or any(
        one.role == "joint" for one in view.of("text", Operator)
    )


def _eea(view: View) -> bool:
    resting = [*view.of("scenes", Scene), *view.of("uses", Use)]
    return any(written(one, "in-eea") for one in resting) or bool(view.policy.of("consent").get("in-eea"))


def _receives(kinds: frozenset[str]) -> Callable[[View], bool]:
    return lambda view: any(one.kind in kinds for one in view.of("recipients", Recipient))


_FACE = "人脸|面部(识别|特征)|\\bfaces?\\b|facial"

_SHOWN: Mapping[str, Callable[[View], bool]] = {
    "app": _app,
    "automated_decision": lambda view: any(one.factors or one.off_switch for one in view.of("uses", Use)),
    "eea": _eea,
    "export": _export,
    "face_recognition": lambda view: any(
        expression(_FACE).search(called(one)) for one in view.of("information", Item)
    ),
    "foreign_operator": lambda view: any(one.home != HOME for one in view.of("text", Operator)),
    "internet_service": lambda view: any(one.site for one in view.of("text", Operator)),
    "joint_handling": _joint,
    "marketing": lambda view: any(one.klass == "marketing" for one in view.of("messages", Message)),
    "minors": _children,
    "personalised_push": lambda view: any(one.off_switch for one in view.of("uses", Use)),
    "shares_with_handlers": _receives(HANDLERS),
    "under14": _children,
    "uses_processors": _receives(ENTRUSTED),
    "uses_public_data": lambda view: any(one.source == "public" for one in view.of("scenes", Scene)),
}
