"""Taking people in: who is who, and how old."""

from datetime import date
from pathlib import Path

import pytest

from shounuo.core.decision import Intent, Reason
from shounuo.duties import decide, people, publish

POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()
MINORS = b"minors:\n  young: {under: 18 years old, rule: refuse, keeps: [small-7]}\n"
NOBODY_UNDER_18 = """\
  small-7:
    kind: control
    says: {zh: 不满十八周岁不予注册, en: Nobody under 18 signs up}
    numbers: {under: 18 years old, rule: refuse}
    probe: {age-gate: {minors: young}}
""".encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [("AbC", "abc"), ("u1", "\uff551"), ("u1", " u1"), ("\u00e9", "e\u0301"), ("stra\u00dfe", "strasse")],
    ids=["case", "width", "blank", "composed", "folded"],
)
def test_user_ids_that_differ_in_anything_are_two_people(office, one, other):
    """A user id is the product's own word: a search may be kind, telling people apart may not."""
    first = people.register(office.parts, office.operator, one)
    second = people.register(office.parts, office.operator, other)
    assert (first.new, second.new) == (True, True)
    assert first.person != second.person
    again = people.register(office.parts, office.operator, one)
    assert (again.person, again.new) == (first.person, False)


def test_a_birthday_that_becomes_known_later_counts_from_then_on(office):
    """Somebody registered without one turns out to be a child: from then on the gate bars them."""
    publish.publish(office.parts, office.operator, MINORS + POLICY + NOBODY_UNDER_18, "small")
    child = people.register(office.parts, office.operator, "made-up-1").person
    intent = Intent(purpose="sign-up")
    assert decide.decide(office.parts, office.operator, child, intent).allowed
    again = people.register(office.parts, office.operator, "made-up-1", date(2020, 1, 1))
    assert (again.person, again.new) == (child, False)
    assert decide.decide(office.parts, office.operator, child, intent).reason is Reason.TOO_YOUNG
    people.register(office.parts, office.operator, "made-up-1", date(1990, 1, 1))  # no way to grow up at once
    assert decide.decide(office.parts, office.operator, child, intent).reason is Reason.TOO_YOUNG
    assert office.entries("age-known") == [{"version": 2, "barred": "young"}]
