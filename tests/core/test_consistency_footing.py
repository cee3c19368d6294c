"""Entries against each other: one edit of a sound policy, and exactly these findings."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core.footing import check
from shounuo.core.names import Names
from shounuo.core.policy import Entry, Form
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
POLICY: Any = load(SMALL.read_bytes(), "small.yaml")


def found(*edits: Any) -> list[Any]:
    """Code and path of every finding once these entries are changed, added or (with None) removed."""
    sections: Any = {key: dict(entries) for key, entries in POLICY.sections.items()}
    for section, name, change in edits:
        if change is None:
            del sections[section][name]
        elif isinstance(change, dict):
            sections[section][name] = replace(sections[section][name], **change)
        else:
            sections[section][name] = change
    return sorted(
        (f.code, f.entry) for f in check(Names(replace(POLICY, sections=MappingProxyType(sections))))
    )


def renamed(section: str, old: str, new: str) -> tuple[str, str, Entry]:
    """An entry under another name."""
    return section, new, replace(POLICY.of(section)[old], name=new)


def test_the_small_policy_stands() -> None:
    """The edits below start from a policy without a finding."""
    assert found() == []


ROWS = [
    # 6. sensitive items by consent need a yes of their own
    ([("consent", "payout", {"form": Form.EXPLICIT})], [("unasked", "scenes.payout")] * 2),
    ([("uses", "offers", {"of": ("order", "id-number")})], [("unasked", "uses.offers")]),
    ([("scenes", "card", {"optional": ("id-number",)})], []),
    ([("consent", "payout", {"form": Form.GUARDIAN})], []),
    # 7. what rests on consent says which, in its form
    ([("scenes", "scan", {"asks": ()})], [("unasked", "scenes.scan")]),
    ([("uses", "offers", {"asks": ()})], [("unasked", "uses.offers")]),
    ([("scenes", "scan", {"basis": POLICY.of("scenes")["payout"].basis})], [("unasked", "scenes.scan")]),
    ([("consent", "terms", {"covers": ("by-contract",)})], [("unasked", "services.shop")]),
    (
        [("scenes", "sign-up", {"needs": ("acceptance",)}), ("consent", "guardian", {"covers": ("card",)})],
        [("unasked", "scenes.sign-up")],
    ),
    ([("consent", "courier", {"form": Form.GENERAL})], [("unasked", "sharing.by-consent")]),
    ([("consent", "courier", {"form": Form.GUARDIAN})], [("unasked", "sharing.by-consent")]),
    (
        [("consent", "courier", {"covers": ("abroad",)})],
        [("unasked", "sharing.abroad"), ("unasked", "sharing.by-consent")],
    ),
    ([("consent", "abroad", {"covers": ("by-consent",)})], [("unasked", "sharing.abroad")]),
    ([("consent", "camera", {"covers": ("scan", "scanner")})], [("unasked", "permissions.lens")]),
    # 8. secrets
    ([("information", "password", {"store": "sealed"})], [("readable-secret", "information.password")]),
    ([("information", "password", {"store": "never"})], [("readable-secret", "information.password")]),
    ([("information", "password", {"store": "memory-only"})], []),
    (
        [("information", "security-code", {"store": "sealed"})],
        [("readable-secret", "information.security-code")],
    ),
    # 9. how long
    (
        [("retention", "others", {"of": ("email",)})],
        [("endless", "scenes.payout")] * 3 + [("endless", "scenes.sign-up")] * 2,
    ),
    (
        [("retention", "others", {"of": ("rest", "order")})],
        [("two-rules", "retention.orders"), ("two-rules", "retention.others")],
    ),
    (
        [("retention", "orders", {"of": ("rest",)})],
        [("two-rules", "retention.orders"), ("two-rules", "retention.others")],
    ),
    # 10. one name, one thing
    ([renamed("uses", "disclosure", "shop")], [("ambiguous", "consent.terms"), ("ambiguous", "uses.shop")]),
    ([renamed("scenes", "card", "maps")], [("ambiguous", "scenes.maps")]),
    (
        [renamed("sharing", "no-sale", "offers")],
        [("ambiguous", "consent.offers"), ("needless", "sharing.offers")],
    ),
    ([renamed("sharing", "no-sale", "maps")], []),
    # 11. ruled out is ruled out
    ([("uses", "offers", {"never": ("delivery",)})], [("ruled-out", "uses.offers")]),
    ([("uses", "offers", {"never": ("scan",)})], []),
    ([("uses", "offers", {"never": ("shop",)})], [("ruled-out", "uses.offers")]),
    ([("sharing", "no-sale", {"never": ("disclosure",)})], [("ruled-out", "sharing.no-sale")]),
    ([("sharing", "no-sale", {"never": ("scan",), "carries": ()})], [("ruled-out", "sharing.no-sale")]),
    # 12. recipients and doors
    ([("recipients", "hotel", {"for_": ()})], [("no-purpose", "recipients.hotel")]),
    ([("recipients", "hotel", {"receives": ("phone", "password")})], [("no-purpose", "recipients.hotel")]),
    ([("recipients", "hotel", {"for_": ("delivery", "maps"), "receives": ("order",)})], []),
    (
        [("sharing", "by-order", {"to": ()})],
        [("no-recipient", "sharing.by-order"), ("no-door", "recipients.police")],
    ),
    ([("sharing", "no-sale", {"to": ()})], []),
    (
        [("sharing", "by-consent", {"to": ("courier", "police")})],
        [("no-purpose", "sharing.by-consent")] * 2,  # not for delivery, and no phone number
    ),
    # 13. a guardian has something to say
    ([("consent", "guardian", {"form": Form.SEPARATE})], [("unasked", "minors.children")]),
    ([("consent", "guardian", None), ("minors", "children", {"rule": "refuse"})], []),
]


@pytest.mark.parametrize(("edits", "expected"), ROWS)
def test_each_rule(edits: Any, expected: list[Any]) -> None:
    """These edits of a sound policy, and exactly these findings."""
    assert found(*edits) == sorted(expected)


def test_a_finding_says_what_and_what_to_do() -> None:
    """Names, the other place and a remedy stand in the finding."""
    sections: Any = {key: dict(entries) for key, entries in POLICY.sections.items()}
    sections["uses"]["maps"] = replace(sections["uses"]["offers"], name="maps")
    sections["recipients"]["hotel"] = replace(sections["recipients"]["hotel"], receives=("phone", "password"))
    told = [str(one) for one in check(Names(replace(POLICY, sections=MappingProxyType(sections))))]
    assert any("`services.maps`" in one and "another name" in one for one in told)
    assert any("it receives `password`, which none of its purposes needs" in one for one in told)


def test_what_is_no_entry_of_its_section_is_passed_by() -> None:
    """A list of bases without consent, or another stray shape, has no footing to lack."""
    stray = POLICY.of("text")["dates"]
    assert (
        found(("recipients", "stray", stray), ("sharing", "stray", stray), ("minors", "stray", stray)) == []
    )
