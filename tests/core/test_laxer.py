"""Which of two values promises people less: every direction, both ways round, and what cannot be told."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from shounuo.core import laxer
from shounuo.core.clause import Kind, Part, Words
from shounuo.core.difference import difference
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    EarlierOf,
    Hours,
    LongestOf,
    Minutes,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.core.policy import Basis, Fee, Form, Ground, OneOf, Refusal, Tells
from shounuo.core.rulebook import compile_policy
from shounuo.language.load import load

# section, key, the better value for people, the worse one
WORSE = [
    ("retention", "for", Months(6), Years(3)),
    ("retention", "for", AtLeast(Years(3)), AtLeast(Years(5))),
    ("retention", "for", Bound("期限", Months(6)), Months(12)),
    ("retention", "for", LongestOf((Months(3), Months(6))), LongestOf((Months(3), Years(1)))),
    ("retention", "within", NaturalDays(15), None),
    ("retention", "includes", ("copies", "backups"), ("copies",)),
    ("retention", "then", "erase", "anonymise"),
    ("retention", "opens-for", ("orders",), ()),
    ("retention", "hold", None, "trade"),
    ("holds", "opens-for", (Ground.LEGAL_DUTY,), (Ground.LEGAL_DUTY, Ground.CRIME)),
    ("cookies", "life", None, Months(6)),
    ("cookies", "keys", ("sid",), ("sid", "ad")),
    ("requests", "within", WorkingDays(5), WorkingDays(6)),
    ("requests", "within", WorkingDays(5), NaturalDays(60)),
    ("requests", "within", Usually(WorkingDays(3), NaturalDays(7)), Usually(WorkingDays(3), NaturalDays(15))),
    ("requests", "within", EarlierOf((WorkingDays(5), NaturalDays(5))), NaturalDays(30)),
    ("requests", "refuse-on", (), ("crime",)),
    ("requests", "routes", ("court", "regulator"), ("court",)),
    ("requests", "fee", None, Fee(3, Months(12), "cost")),
    ("requests", "fee", Fee(3, Months(12), "cost"), Fee(2, Months(12), "cost")),
    ("rights", "way", ("self-service", "email"), ("letter",)),
    ("rights", "on", (), ("unlawful",)),
    ("rights", "on", ("unlawful", "in-breach"), ("unlawful",)),
    ("rights", "path", {"web": "设置", "app": "我的"}, {"web": "设置"}),
    ("minors", "under", 18, 14),
    ("minors", "from", None, 14),
    ("minors", "rule", "refuse", "guardian-consent"),
    ("scenes", "requires", ("email",), (OneOf(("email", "phone")),)),
    ("scenes", "every", Hours(24), Hours(1)),
    ("scenes", "when", ("calling",), ()),
    ("scenes", "asks", ("terms", "payout"), ("terms",)),
    ("scenes", "basis", Basis.SEPARATE_CONSENT, Basis.CONSENT),
    ("recipients", "receives", ("email",), ("email", "phone")),
    ("recipients", "country", "CN-mainland", "US"),
    ("recipients", "needs", ("contract",), ()),
    ("storage", "region", "CN-mainland", "SG"),
    ("sharing", "on", (Ground.SEPARATE_CONSENT,), (Ground.SEPARATE_CONSENT, Ground.CONTRACT)),
    ("sharing", "alike", 20, 5),
    ("consent", "form", Form.SEPARATE, Form.GENERAL),
    ("consent", "again", Months(6), NaturalDays(7)),
    ("uses", "off-switch", True, False),
    ("uses", "refusal", Refusal(closed=("a",)), Refusal(closed=("a", "b"))),
    ("pledges", "every", Months(3), Months(12)),
    ("pledges", "at-most", Decimal("0.5"), Decimal("2")),
    ("protection", "transport", "TLS-1.3", "TLS-1.2"),
    ("protection", "seal", "AES-256-GCM", None),
    ("support", "recorded", True, False),
    ("changes", "reconsent", ("new-fields",), ()),
    (
        "ending",
        "tells",
        Tells(at="service-ends", ahead=NaturalDays(30)),
        Tells(at="service-ends", ahead=NaturalDays(7)),
    ),
    (
        "ending",
        "tells",
        Tells(at="service-ends", channels=("email", "sms")),
        Tells(at="service-ends", channels=("email",)),
    ),
    ("scenes", "tells", Tells(at="sign-up"), None),
    ("clauses", "emphasised", True, False),
    ("retention", "for", AtMost(Months(6)), AtMost(Years(1))),
    ("requests", "within", Usually(WorkingDays(3), NaturalDays(7)), NaturalDays(60)),
    ("support", "at-most", Minutes(30), Hours(2)),
    ("protection", "alert-over", 200, None),
    ("scenes", "asks", ("payout",), None),
]
UNTOLD = [
    ("minors", "under", 14, 14),
    ("retention", "within", None, None),
    ("requests", "within", "soon", "later"),
    ("scenes", "refusal", Refusal(), Tells(at="sign-up")),
    ("retention", "for", NaturalDays(30), Months(1)),
    ("requests", "within", WorkingDays(10), NaturalDays(14)),
    ("retention", "for", AtLeast(Years(3)), AtMost(Years(3))),
    ("retention", "from", "collected", "account-closed"),
    ("scenes", "purpose", Words("甲", "a"), Words("乙", "b")),
    ("messages", "channels", ("email",), ("email", "sms")),
    ("recipients", "country", "SG", "US"),
    ("rights", "path", {"web": "设置"}, {"web": "我的"}),
    ("consent", "form", Form.GUARDIAN, Form.SEPARATE),
    ("uses", "refusal", None, Refusal(closed=("a",))),
    ("scenes", "tells", Tells(at="sign-up"), Tells(at="first-use")),
    ("text", "facts", {"users": 5}, {}),
]


@pytest.mark.parametrize(("section", "key", "better", "worse"), WORSE)
def test_less_one_way_is_no_less_the_other(section: str, key: str, better: object, worse: object) -> None:
    """What leaves people less is told; undone, it is told as no less, where anything is told at all."""
    assert laxer.field(section, key, better, worse) is True
    assert laxer.field(section, key, worse, better) is not None
    swapped = key in ("way",)  # one way is lost whichever it is
    assert laxer.field(section, key, worse, better) is swapped


@pytest.mark.parametrize(("section", "key", "was", "is_"), UNTOLD)
def test_what_cannot_be_told_is_not_told(section: str, key: str, was: object, is_: object) -> None:
    """Other units, other words, a field without a direction: None, never `no less`."""
    assert laxer.field(section, key, was, is_) is None


def test_a_part_of_a_list_is_held_as_the_list_is() -> None:
    """A clause that names some of the items names more of them."""
    assert laxer.field("scenes", "requires", Part(("email",)), Part(("email", "phone"))) is True


@pytest.mark.parametrize(
    ("section", "added", "expected"),
    [("recipients", True, True), ("recipients", False, False), ("rights", False, True), ("rights", True, False),
     ("scenes", True, True), ("minors", False, True), ("information", True, None), ("readings", False, None)],
)  # fmt: skip
def test_entries_that_come_and_go(section: str, added: bool, expected: bool | None) -> None:
    """A new recipient is less for people and a right gone is; of what only names something, nothing is told."""
    assert laxer.entry(section, added=added) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": Kind.DISCLAIMER}, True),
        ({"kind": Kind.RECORD}, None),
        ({"says": Words("别的话", "Other words")}, None),
        ({"numbers": {"requests.questions.within": WorkingDays(6)}}, True),
    ],
)
def test_a_clause_that_promises_less_is_told_so(changes: dict[str, object], expected: bool | None) -> None:
    """One that binds no longer, or a figure that is worse; of other words nothing is told."""
    old = load((Path(__file__).parent / "difference.yaml").read_text("utf-8"), "small.yaml")
    name, clause = next(
        (name, one) for name, one in old.clauses.items() if "requests.questions.within" in one.numbers
    )
    new = replace(old, clauses={**old.clauses, name: replace(clause, **changes)})  # type: ignore[arg-type]
    found = [
        one.laxer
        for one in difference(compile_policy(old, b""), compile_policy(new, b"")).changes
        if one.field in (*changes, "numbers.requests.questions.within")
    ]
    assert found == [expected]
