"""A yes is for words and reach: any material change makes another wording, and nothing else does."""

import re
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core.clause import Words
from shounuo.core.consent import wording
from shounuo.core.duration import AtLeast, AtMost, Bound, LongestOf, Months, NaturalDays, Period, Years
from shounuo.core.policy import Act, Basis, Form, Ground
from shounuo.core.reach import COVERED, covered, fingerprint, passing, said, taken_by
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY: Any = load(SMALL.read_bytes(), "small.yaml")
NEW = Words("别的", "another")
PINNED = {"terms": "5775daadaf00f7c8", "payout": "7819518a1ae4aebf", "courier": "aaba55b2b30d54ae"}


def edited(section: str, name: str, **change: Any) -> Any:
    """The small policy with one entry changed."""
    sections: Any = {key: dict(entries) for key, entries in POLICY.sections.items()}
    sections[section][name] = replace(sections[section][name], **change)
    return replace(POLICY, sections=MappingProxyType(sections))


def number(policy: Any, item: str) -> str:
    """The wording of an item under a policy."""
    return wording(policy, policy.of("consent")[item])


MATERIAL = [
    ("payout", "consent", "payout", {"words": Words("提现信息", "Payout data")}),
    ("payout", "consent", "payout", {"words": Words("提现资料", "Payout information")}),
    ("payout", "consent", "payout", {"words": None}),
    ("payout", "consent", "payout", {"form": Form.EXPLICIT}),
    ("payout", "consent", "payout", {"shows": ("fields", "purpose")}),
    ("payout", "consent", "payout", {"covers": ("payout", "scan")}),
    ("payout", "scenes", "payout", {"purpose": NEW}),
    ("payout", "scenes", "payout", {"requires": ("id-number", "tax-number", "camera")}),
    ("payout", "scenes", "payout", {"optional": ()}),
    ("payout", "scenes", "payout", {"source": "third-party"}),
    ("payout", "scenes", "payout", {"basis": Basis.CONTRACT}),
    ("payout", "retention", "others", {"for_": Bound("必要期间", Months(7))}),
    ("payout", "retention", "others", {"from_": "account-closed"}),
    ("payout", "retention", "others", {"of": ("camera",)}),
    ("payout", "recipients", "courier", {"for_": ("delivery", "payout")}),
    ("offers", "uses", "offers", {"of": ("order",)}),
    ("offers", "uses", "offers", {"purpose": NEW}),
    ("offers", "uses", "offers", {"basis": Basis.CONTRACT}),
    ("offers", "retention", "orders", {"for_": AtLeast(Years(4))}),
    ("offers", "recipients", "courier", {"for_": ("offers",)}),
    ("offers", "messages", "news", {"channels": ("email",)}),
    ("offers", "messages", "news", {"klass": "survey"}),
    ("camera", "recipients", "scanner", {"company": "别家公司"}),
    ("camera", "recipients", "scanner", {"country": "SG"}),
    ("camera", "recipients", "scanner", {"how": "sent"}),
    ("camera", "recipients", "scanner", {"kind": "api"}),
    ("camera", "recipients", "scanner", {"purpose": NEW}),
    ("camera", "recipients", "scanner", {"receives": ("camera", "phone")}),
    ("camera", "recipients", "scanner", {"for_": ("scan", "delivery")}),
    ("camera", "permissions", "lens", {"opens": ("camera", "phone")}),
    ("courier", "sharing", "by-consent", {"act": Act.PUBLISH}),
    ("courier", "sharing", "by-consent", {"on": (Ground.CONSENT,)}),
    ("courier", "sharing", "by-consent", {"to": ("courier", "hotel")}),
    ("courier", "sharing", "by-consent", {"for_": ()}),
    ("courier", "sharing", "by-consent", {"carries": ("phone",)}),
    ("abroad", "recipients", "hotel", {"receives": ("phone",)}),
    ("terms", "services", "shop", {"terms": "新条款"}),
    ("terms", "services", "shop", {"provider": "joint"}),
    ("terms", "services", "shop", {"text": "新规则"}),
]


@pytest.mark.parametrize(("item", "section", "name", "change"), MATERIAL)
def test_a_material_change_is_another_wording(
    item: str, section: str, name: str, change: dict[str, Any]
) -> None:
    """New words, fields, purposes, manners, recipients or periods: the old yes does not carry over."""
    assert number(edited(section, name, **change), item) != number(POLICY, item)


@pytest.mark.parametrize(
    ("item", "section", "name", "change"),
    [
        ("payout", "consent", "payout", {"line": 1, "keeps": ()}),
        ("payout", "scenes", "payout", {"line": 1, "keeps": (), "tells": None}),
        ("payout", "scenes", "sign-up", {"purpose": NEW}),
        ("payout", "retention", "orders", {"for_": AtLeast(Years(4))}),
        ("offers", "uses", "offers", {"of": ("email", "order")}),
        ("camera", "consent", "camera", {"covers": ("lens", "scanner", "scan")}),
    ],
)
def test_what_is_not_material_asks_nobody_again(
    item: str, section: str, name: str, change: dict[str, Any]
) -> None:
    """Places in the file, order, and what the item is not about leave the wording as it is."""
    assert number(edited(section, name, **change), item) == number(POLICY, item)


def test_a_consent_to_a_change_reaches_the_change() -> None:
    """A consent item may be for a way the policy changes; what changes is part of it."""
    asks = edited("consent", "terms", covers=("material",))
    sections: Any = {key: dict(entries) for key, entries in asks.sections.items()}
    sections["changes"]["material"] = replace(sections["changes"]["material"], what=("purpose", "means"))
    assert number(replace(asks, sections=sections), "terms") != number(asks, "terms")


def test_every_item_has_its_own_wording() -> None:
    """No two items share a number, and a number is sixteen hexadecimal digits."""
    numbers = [number(POLICY, item) for item in POLICY.of("consent") if item != "without"]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in numbers)


def test_the_numbers_are_those_of_the_first_release() -> None:
    """An upgrade of this program asks nobody again: the numbers are pinned."""
    assert {item: number(POLICY, item) for item in PINNED} == PINNED


def test_no_two_values_share_a_fingerprint() -> None:
    """Lists are told apart by their shape, not by a separator a text could hold."""
    values = [["a", "b"], ["a\x1fb"], ["ab"], [["a"], "b"], ["a", ["b"]], "a,b", [], [""], None, "\ud800"]
    assert len({fingerprint(value) for value in values}) == len(values)


def test_covered_entries_come_in_the_order_of_the_list() -> None:
    """A consent item speaks of its entries as its author lists them."""
    assert [e.path for e in covered(POLICY, POLICY.of("consent")["camera"])] == [
        "scenes.scan",
        "recipients.scanner",
        "permissions.lens",
    ]
    assert all(section in COVERED for section in ("scenes", "changes", "permissions"))


def test_what_an_entry_takes() -> None:
    """Scenes with their alternatives, uses, recipients, doors and permissions take items; services take none."""
    assert taken_by(POLICY.of("scenes")["payout"]) == ("id-number", "tax-number", "email", "phone")
    assert taken_by(POLICY.of("uses")["offers"]) == ("order", "email")
    assert taken_by(POLICY.of("permissions")["lens"]) == ("camera",)
    assert taken_by(POLICY.of("services")["shop"]) == ()
    assert taken_by(POLICY.of("sharing")["by-contract"]) == ()
    assert passing(POLICY, POLICY.of("sharing")["by-contract"]) == ("phone", "order", "id-number")
    assert passing(POLICY, POLICY.of("sharing")["by-consent"]) == ("phone", "order")


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Months(6), "6 months"),
        (Bound("尽快", NaturalDays(1)), "尽快 (1 natural day)"),
        (AtLeast(Years(3)), "at least 3 years"),
        (AtMost(Years(3)), "at most 3 years"),
        (LongestOf((Years(1), Bound("必要", Months(2)))), "the longest of 1 year, 必要 (2 months)"),
    ],
)
def test_a_period_is_said_in_lasting_words(period: Period, words: str) -> None:
    """The words a period is hashed by do not depend on how this program names its classes."""
    assert said(period) == words


def test_every_field_of_a_covered_entry_was_thought_of() -> None:
    """A field added to an entry a consent can be for is either part of its reach or named here as not
    material.
    """
    not_material = {
        "section",
        "name",
        "line",
        "words",
        "keeps",
        "tells",
        "owner",
        "law",
        "needs",
        "asks",
        "refusal",
        "ways",
        "account",
        "when",
        "necessity",
        "never",
        "off_switch",
        "factors",
        "feature",
        "withdraw",
        "only_if",
        "default",
        "reconsent",
        "reasons",
        "stage",
        "lasts",
        "documents",
        "instead",
        "vetted",
        "breach",
        "ends",
        "change_of_purpose",
        "successor",
        "session",
        "alike",
        "events",
        "after",
        "per",
        "goes_on",
        "effective",
        "no_less",
        "papers",
        "proves",
        "every",
        "where",
        "contact",
    }
    in_reach = {
        "purpose",
        "basis",
        "source",
        "requires",
        "optional",
        "of",
        "kind",
        "receives",
        "for_",
        "how",
        "company",
        "country",
        "act",
        "on",
        "to",
        "carries",
        "opens",
        "klass",
        "channels",
        "provider",
        "text",
        "terms",
        "what",
        "by",
        "combines",
        "in_eea",
    }
    for section in COVERED:
        for entry in POLICY.of(section).values():
            names = {field.name for field in fields(entry)} - not_material - in_reach
            assert names == ({"refusal"} - not_material), (section, names)
