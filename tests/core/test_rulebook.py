"""The Rulebook: what a policy compiles to, held against the policy it was made from."""

import hashlib
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.policy import Basis, Form, Ground, OneOf, items_of
from shounuo.core.rulebook import CONSENTING, Rule, compile_policy, requirement_names
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
SOURCE = SMALL.read_bytes()
POLICY: Any = load(SOURCE, "small.yaml")
BOOK: Any = compile_policy(POLICY, SOURCE, 3)
ITEMS = tuple(POLICY.of("information"))


def names(rule: Rule) -> set[str]:
    """The items of a rule, by name."""
    return set(BOOK.names(rule.items))


def test_items_and_wordings_get_a_bit_each() -> None:
    """Kinds of information and consent items are numbered in the order of the file, one bit each. (1)"""
    assert list(BOOK.bits) == list(ITEMS)
    assert list(BOOK.bits.values()) == [1 << place for place in range(len(ITEMS))]
    asked = [name for name in POLICY.of("consent") if name != "without"]
    assert list(BOOK.wordings) == asked
    assert [BOOK.consents[BOOK.wordings[name]] for name in asked] == [
        1 << place for place in range(len(asked))
    ]
    assert BOOK.forms[BOOK.wordings["payout"]] is Form.SEPARATE


def test_every_purpose_is_a_rule() -> None:
    """Scenes take their fields, uses need theirs, services touch nothing. (2)"""
    assert set(BOOK.purposes) == {*POLICY.of("services"), *POLICY.of("scenes"), *POLICY.of("uses")}
    payout, offers, shop = (BOOK.purposes[name] for name in ("payout", "offers", "shop"))
    assert names(payout) == {"id-number", "tax-number", "email", "phone"}
    assert (payout.when, payout.collects, payout.basis) == ({"paying"}, True, Basis.SEPARATE_CONSENT)
    assert (len(payout.shown), payout.acknowledged, payout.asks) == (2, True, ("payout",))
    assert (names(offers), offers.never, offers.asks) == ({"order", "email"}, {"profiling"}, ("offers",))
    assert (names(shop), shop.serves, shop.states, shop.basis) == (
        set(),
        True,
        {"sign-up", "verified-identity"},
        None,
    )
    assert (BOOK.purposes["disclosure"].by_law, shop.by_law, offers.by_law) == (True, False, False)


def test_recipients_doors_and_messages_are_rules() -> None:
    """Each carries what the gate asks of it. (3)"""
    courier, scanner = BOOK.recipients["courier"], BOOK.recipients["scanner"]
    assert (names(courier), courier.purposes, courier.papers) == (
        {"phone", "order", "id-number"},
        {"delivery"},
        {"courier:contract"},
    )
    assert (courier.own_door, scanner.own_door, BOOK.recipients["hotel"].country) == (False, True, "SG")
    assert BOOK.recipients["police"].acknowledged
    door = BOOK.doors["by-consent"]
    assert (names(door), door.forms, door.to) == ({"phone", "order"}, {Form.EXPLICIT}, {"courier"})
    assert names(BOOK.doors["by-contract"]) == set(ITEMS)
    assert BOOK.doors["no-sale"].never == {"sale"}
    news, bills = BOOK.messages["news"], BOOK.messages["bills"]
    assert (news.channels, news.service, bills.service) == ({"email", "sms"}, False, True)
    assert news.asks == ("offers",)


def test_a_rule_remembers_its_clauses() -> None:
    """A decision can name the clauses it carries out. (4)"""
    assert {name: rule.clauses for name, rule in BOOK.doors.items()} == {
        name: entry.keeps for name, entry in POLICY.of("sharing").items()
    }


def test_a_guardians_yes_stands_apart() -> None:
    """What a guardian gives is asked of nobody who is old enough. (5)"""
    sign_up = BOOK.purposes["sign-up"]
    assert (sign_up.needs, sign_up.guardian) == (0, BOOK.guardians)
    assert BOOK.guardians == BOOK.consents[BOOK.wordings["guardian"]]


def test_the_book_names_its_text() -> None:
    """Version, hash of the published bytes, home and the sensitive items."""
    assert (BOOK.number, BOOK.hash, BOOK.home) == (3, hashlib.sha256(SOURCE).hexdigest(), "CN-mainland")
    assert set(BOOK.names(BOOK.sensitive)) == {"id-number", "tax-number"}


def test_a_text_without_an_operator_lies_in_the_mainland() -> None:
    """Where nothing says otherwise, home is CN-mainland, so that abroad is refused."""
    sections = {key: value for key, value in POLICY.sections.items() if key != "text"}
    assert compile_policy(replace(POLICY, sections=MappingProxyType(sections)), SOURCE).home == "CN-mainland"


def test_a_book_is_frozen() -> None:
    """Neither the book nor its tables can be changed."""
    with pytest.raises(FrozenInstanceError):
        BOOK.number = 4
    with pytest.raises(TypeError):
        BOOK.bits["email"] = 0


def test_compiling_twice_gives_the_same() -> None:
    """A version can be compiled again years later and decides the same."""
    assert compile_policy(load(SOURCE, "small.yaml"), SOURCE, 3) == BOOK


@given(st.frozensets(st.sampled_from(ITEMS)))
def test_a_mask_names_its_items(items: frozenset[str]) -> None:
    """Items to mask and back."""
    mask = BOOK.mask(items)
    assert mask is not None
    assert set(BOOK.names(mask)) == items


@given(st.frozensets(st.sampled_from([*ITEMS, "diary", ""])))
def test_an_undeclared_item_has_no_mask(items: frozenset[str]) -> None:
    """One undeclared item among any others, and there is no mask."""
    assert (BOOK.mask(items) is None) == (not items <= set(ITEMS))


@given(st.lists(st.sampled_from([*BOOK.consents, "0123456789abcdef"])))
def test_folding_counts_known_wordings_once(standing: list[str]) -> None:
    """The fold is the union of the bits of known wordings; others count for nothing."""
    expected = 0
    for number in set(standing) & BOOK.consents.keys():
        expected += BOOK.consents[number]
    assert BOOK.fold(standing) == expected


def test_entries_are_found_by_path() -> None:
    """A path is a section and a name; another finds nothing."""
    assert BOOK.entry("scenes.payout") is POLICY.of("scenes")["payout"]
    assert BOOK.entry("scenes.") is None
    assert BOOK.entry("payout") is None


def test_consenting_grounds_are_the_three_consents() -> None:
    """The grounds that are a person's yes, and the form each asks."""
    assert {Ground.CONSENT, Ground.EXPLICIT_CONSENT, Ground.SEPARATE_CONSENT} == CONSENTING
    assert [ground.form for ground in (Ground.CONSENT, Ground.EXPLICIT_CONSENT, Ground.SEPARATE_CONSENT)] == [
        Form.GENERAL,
        Form.EXPLICIT,
        Form.SEPARATE,
    ]


def test_requirements_are_told_as_alternatives() -> None:
    """A plain requirement is a list of one."""
    scene = POLICY.of("scenes")["payout"]
    assert requirement_names(scene.requires) == (("id-number", "tax-number"),)
    assert requirement_names(("email", OneOf(("a", "b")))) == (("email",), ("a", "b"))
    assert items_of(scene.requires) == ("id-number", "tax-number")
