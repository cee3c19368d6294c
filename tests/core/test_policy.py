"""The shapes of a policy: closed words and the little they know of themselves."""

from pathlib import Path

import pytest

from shounuo.core.policy import Basis, Form, Ground, Policy
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY = load(SMALL.read_bytes(), "small.yaml")


def test_forms_are_ordered_weakest_first() -> None:
    """A stronger form is never implied by a weaker one."""
    assert [form.rank for form in (Form.GENERAL, Form.EXPLICIT, Form.SEPARATE, Form.GUARDIAN)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("basis", "consent", "law"),
    [
        (Basis.CONSENT, True, False),
        (Basis.SEPARATE_CONSENT, True, False),
        (Basis.CONTRACT, False, False),
        (Basis.LEGAL_DUTY, False, True),
        (Basis.EMERGENCY, False, True),
        (Basis.NEWS, False, False),
        (Basis.SELF_PUBLISHED, False, False),
        (Basis.OTHER_LAW, False, True),
    ],
)
def test_what_a_basis_rests_on(basis: Basis, consent: bool, law: bool) -> None:
    """A basis is a person's yes, a law's, or neither; never both."""
    assert (basis.by_consent, basis.by_law) == (consent, law)


def test_what_a_ground_rests_on() -> None:
    """Consents ask their form; contract, anonymity, instructions, news, what is published, the person's own act
    and the operator's own terms the law does not ask for; the rest it does.
    """
    own = {
        *(Ground.CONTRACT, Ground.ANONYMISED, Ground.OWN_ACT, Ground.INSTRUCTION, Ground.OWN_TERMS),
        *(Ground.NEWS, Ground.SELF_PUBLISHED, Ground.LAWFULLY_PUBLISHED),
    }
    for ground in Ground:
        assert ground.by_law == (ground.form is None and ground not in own)
    assert [ground for ground in Ground if not ground.opens] == [Ground.OWN_TERMS]


def test_entries_come_in_the_order_of_the_file() -> None:
    """Every entry is told once, where it stands."""
    entries = list(POLICY.entries())
    assert [entry.line for entry in entries] == sorted(entry.line for entry in entries)
    assert len({entry.path for entry in entries}) == len(entries)


def test_a_section_nobody_wrote_is_empty() -> None:
    """A policy without a section has no entries there."""
    assert POLICY.of("pledges") == {}
    assert list(Policy(slug="empty", sections={}, clauses={}).entries()) == []
