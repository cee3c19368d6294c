"""What a scene takes in: exactly what it declares, and never a value in a message."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core.scene import admit
from shounuo.errors import Invalid
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY: Any = load(SMALL.read_bytes(), "small.yaml")
ID, TAX, MAIL, PHONE = "11010119900307889X", "91350100M000100Y43", "a@b.cn", "13800138000"


@pytest.mark.parametrize(
    ("scene", "given", "code"),
    [
        # 1. undeclared
        ("sign-up", {"email": MAIL, "password": "x", "order": "o"}, "undeclared-field"),
        ("sign-up", {"email": MAIL, "password": "x", "favourite-colour": "green"}, "undeclared-field"),
        # 2. required, and of alternatives one
        ("sign-up", {"email": MAIL}, "missing-field"),
        ("sign-up", {}, "missing-field"),
        ("payout", {"email": MAIL}, "missing-field"),
        ("payout", {"id-number": ID, "tax-number": TAX}, "one-of"),
        ("payout", {"tax-number": TAX, "email": MAIL, "phone": PHONE}, "one-of"),
        # 3. of its kind
        ("sign-up", {"email": "not mail", "password": "x"}, "wrong-kind"),
        ("payout", {"tax-number": ID}, "wrong-kind"),
        ("sign-up", {"email": MAIL, "password": " "}, "wrong-kind"),
        # 4. never stored
        ("card", {"security-code": "123"}, "never-stored"),
        ("card", {"security-code": "nonsense"}, "never-stored"),
    ],
)
def test_each_refusal(scene: str, given: dict[str, str], code: str) -> None:
    """Everything else being right, this one fault is refused under its own code, with the scene's clauses."""
    with pytest.raises(Invalid) as refused:
        admit(POLICY, POLICY.of("scenes")[scene], given)
    assert (refused.value.code, refused.value.clauses[-1]) == (code, "small-2")


@pytest.mark.parametrize(
    ("scene", "given", "kept", "let_go"),
    [
        ("sign-up", {"email": MAIL, "password": "x"}, {"email", "password"}, ()),
        ("sign-up", {"email": MAIL, "password": "x", "phone": PHONE}, {"email", "password", "phone"}, ()),
        ("payout", {"tax-number": TAX}, {"tax-number"}, ()),
        ("payout", {"tax-number": TAX, "phone": PHONE}, {"tax-number", "phone"}, ()),
        ("scan", {"camera": "frame"}, set(), ("camera",)),
    ],
)
def test_what_is_kept_and_what_is_let_go(
    scene: str, given: dict[str, str], kept: set[str], let_go: tuple[str, ...]
) -> None:
    """Declared values are kept as given; what lives in memory only is named and let go. (5)"""
    found = admit(POLICY, POLICY.of("scenes")[scene], given)
    assert (set(found.kept), found.let_go) == (kept, let_go)
    assert all(found.kept[name] == given[name] for name in kept)


def test_an_alternative_is_named_as_such() -> None:
    """The message for a lacking alternative names both."""
    with pytest.raises(Invalid, match="`id-number` or `tax-number`"):
        admit(POLICY, POLICY.of("scenes")["payout"], {})


@pytest.mark.parametrize("field", [PHONE, MAIL, "张三", "x" * 41, ID, "", "a b"])
def test_a_value_in_a_field_name_is_not_told(field: str) -> None:
    """A caller who swaps names and values reads no personal information back, nor does a log."""
    with pytest.raises(Invalid) as refused:
        admit(POLICY, POLICY.of("scenes")["sign-up"], {field: "email"})
    assert "a field of no known name" in str(refused.value)
    assert not field or field not in str(refused.value)


def test_a_name_that_looks_like_one_is_told() -> None:
    """A slip of the pen is named, so that the engineer finds it."""
    with pytest.raises(Invalid, match="`e_mail`"):
        admit(POLICY, POLICY.of("scenes")["sign-up"], {"e_mail": MAIL})


VALUES = st.sampled_from([MAIL, PHONE, ID, TAX, "123", "x", "", "\x00", "secret-value-42"])
FIELDS = st.sampled_from([*POLICY.of("information"), "diary"])


@given(st.sampled_from(sorted(POLICY.of("scenes"))), st.dictionaries(FIELDS, VALUES))
def test_admit_keeps_only_declared_fields(scene: str, given: dict[str, str]) -> None:
    """Whatever is given, what is kept was given, is declared by the scene, and may be stored."""
    entry = POLICY.of("scenes")[scene]
    try:
        found = admit(POLICY, entry, given)
    except Invalid as refused:
        found, told = None, str(refused)
    if found is None:
        assert "secret-value-42" not in told
        return
    declared = {n for one in entry.requires + entry.optional for n in getattr(one, "items", (one,))}
    assert set(found.kept) | set(found.let_go) == set(given) <= declared
    assert all(POLICY.of("information")[name].store in ("sealed", "hashed") for name in found.kept)
