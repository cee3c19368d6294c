"""Kinds and masks: what is recognised, and that no mask shows more than its name says."""

import ipaddress
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.category import KINDS, LONGEST, MASKS, fits, lies_in, masked, parse_region

ID = "11010119900307889X"
CREDIT = "91350100M000100Y43"
CARD = "4111111111111111"
RIGHT = {
    "text": ["x", "张三", "a\nb"],
    "name": ["张三", "Ada Lovelace"],
    "email": ["a@b.cn", "first.last+tag@mail.example.com"],
    "cn-mobile": ["13800138000", "19912345678"],
    "phone": ["+86 10 1234-5678", "4008109889"],
    "cn-id": [ID, ID.lower(), "110101199003071233"],
    "cn-credit-code": [CREDIT],
    "bank-card": [CARD, "6222020000000000000"[:15] + "0"],
    "postcode": ["100000"],
    "mac": ["00:1A:2b:3C:4d:5E", "00-1A-2B-3C-4D-5E"],
    "ip": ["198.51.100.1", "2001:db8::1"],
    "secret": ["correct horse"],
    "address": ["某路1号"],
    "document": ["…"],
    "card-security-code": ["123", "1234"],
}
WRONG = {
    "text": ["", " \n"],
    "name": ["", "a\tb", "x" * 81],
    "email": ["a@b", "@b.cn", "a b@c.cn", "a@b.cn\n", "张三@b.cn"],
    "cn-mobile": ["12800138000", "1380013800", "138001380000", "１３８００１３８０００"],
    "phone": ["call me", "12345", "+", "1" * 30],
    "cn-id": [
        "110101199003078890",
        "11010119901307889X",
        "1" * 18,
        "11010119900307889",
        "01010119900307889X",
    ],
    "cn-credit-code": [CREDIT[:-1] + "5", CREDIT[:-1], "I" + CREDIT[1:], CREDIT.lower()],
    "bank-card": ["4111111111111112", "411111111111", "4" * 20, "card"],
    "postcode": ["10000", "1000000"],
    "mac": ["00:1A:2b:3C:4d", "0G:1A:2b:3C:4d:5E"],
    "ip": ["300.1.1.1", "198.51.100", ""],
    "secret": [""],
    "address": [""],
    "document": [" "],
    "card-security-code": ["12", "12345", "abc"],
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [(k, v) for k, values in RIGHT.items() for v in values[:1]]
    + [
        ("cn-id", ID.lower()),
        ("ip", "2001:db8::1"),
        ("mac", "00-1A-2B-3C-4D-5E"),
        ("email", RIGHT["email"][1]),
    ],
)
def test_a_value_of_its_kind(kind: str, value: str) -> None:
    """A value in the form its kind has is recognised."""
    assert fits(kind, value)


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, values in WRONG.items() for v in values])
def test_a_value_of_another_kind(kind: str, value: str) -> None:
    """A value that is nearly right is refused."""
    assert not fits(kind, value)


def test_every_kind_has_its_rows() -> None:
    """No kind is without a right and a wrong value."""
    assert set(RIGHT) == set(WRONG) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_holds_a_null_or_is_over_long(kind: str) -> None:
    """Of any kind, a value with NUL or past the limit is refused; and a kind nobody knows fits nothing."""
    assert not fits(kind, RIGHT[kind][0] + "\x00")
    assert not fits(kind, "1" * (LONGEST + 1))
    assert not fits("unheard-of", RIGHT[kind][0])


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40))
def test_any_text_is_answered(kind: str, value: str) -> None:
    """Whatever is given, the answer is yes or no, never an error."""
    assert fits(kind, value) in (True, False)


@given(st.ip_addresses())
def test_every_address_is_an_address(address: Any) -> None:
    """What the standard library writes as an IP address is one."""
    assert fits("ip", str(address)) == bool(ipaddress.ip_address(str(address)))


def test_changing_any_digit_of_an_id_is_seen() -> None:
    """A resident ID number with one wrong digit is refused: the check character catches it."""
    for place in range(17):
        for digit in string.digits:
            if digit != ID[place]:
                assert not fits("cn-id", ID[:place] + digit + ID[place + 1 :])


def test_changing_any_character_of_a_credit_code_is_seen() -> None:
    """A credit code with one wrong character is refused."""
    for place in range(18):
        for char in string.digits + "ABCDEFGHJKLMNPQRTUWXY":
            if char != CREDIT[place]:
                assert not fits("cn-credit-code", CREDIT[:place] + char + CREDIT[place + 1 :])


# -- masks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        ("keep-3-4", "13800138000", "138****8000"),
        ("keep-3-4", "1380013", "*******"),
        ("keep-1-1", ID, "1" + "*" * 16 + "X"),
        ("keep-1-1", "张三", "**"),
        ("keep-0-4", CARD, "*" * 12 + "1111"),
        ("keep-1-0", "张三", "张*"),
        ("keep-1-0", "张", "*"),
        ("keep-domain", "ada@b.cn", "***@b.cn"),
        ("keep-domain", "@b.cn", "*@b.cn"),
        ("keep-domain", "no mail", "*******"),
        ("all", "anything", "****"),
        ("none", "anything", "anything"),
        ("unheard-of", "anything", "****"),
        ("keep-3-4", "", ""),
    ],
)
def test_a_mask_shows_what_its_name_says(mask: str, value: str, shown: str) -> None:
    """First and last so many characters, the domain, nothing, all; an unknown mask shows nothing."""
    assert masked(mask, value) == shown


@given(st.sampled_from(sorted(set(MASKS) - {"none"})), st.text(max_size=60))
def test_a_mask_never_reveals_more(mask: str, value: str) -> None:
    """Of any value no mask shows more characters than its name allows, and never the whole of it."""
    hidden = masked(mask, value)
    allowed = {"all": 0, "keep-3-4": 7, "keep-1-1": 2, "keep-0-4": 4, "keep-1-0": 1}.get(mask)
    if allowed is not None:
        assert len(hidden.replace("*", "")) <= allowed
    else:
        assert hidden.rpartition("@")[0].strip("*") == ""
    if "*" not in value:
        assert hidden != value or not value


@given(st.sampled_from(sorted(MASKS)), st.text(min_size=20, max_size=20), st.text(min_size=1, max_size=1))
def test_what_is_hidden_cannot_be_told_apart(mask: str, value: str, other: str) -> None:
    """Two values that differ in a hidden place look the same."""
    changed = value[:10] + other + value[11:]
    if mask not in ("none", "keep-domain"):
        assert masked(mask, value) == masked(mask, changed)


# -- regions -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["CN-mainland", "HK", "MO", "TW", "SG", "US"])
def test_a_region_is_named(region: str) -> None:
    """The mainland by its own name, every other place by its two letters."""
    assert parse_region(region) == region


@pytest.mark.parametrize("region", ["CN", "cn-mainland", "hk", "USA", "", "HK\n", "中国"])
def test_an_unclear_region_is_refused(region: str) -> None:
    """`CN` does not say what belongs to it; other words are no regions."""
    with pytest.raises(ValueError, match=r"CN-mainland|is not a region"):
        parse_region(region)


def test_a_place_lies_in_every_promised_region() -> None:
    """Hong Kong, Macao and Taiwan are outside the mainland; without a promise of a place nothing lies
    anywhere.
    """
    assert lies_in("CN-mainland", ("CN-mainland", "CN-mainland"))
    assert not lies_in("CN-mainland", ())
    for outside in ("HK", "MO", "TW", "SG"):
        assert not lies_in(outside, ("CN-mainland",))
        assert not lies_in("CN-mainland", ("CN-mainland", outside))
