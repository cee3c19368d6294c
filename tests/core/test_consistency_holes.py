"""Entries that begin a promise and do not end it: one edit of a policy that says everything, and what is told of it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core import footing, holes
from shounuo.core.consistency import check
from shounuo.core.duration import Months, NaturalDays
from shounuo.core.names import Names
from shounuo.core.policy import Basis, Form, Ground, Policy, Tells
from shounuo.language.load import load

WHOLE: Any = load((Path(__file__).parent / "whole.yaml").read_bytes(), "whole.yaml")


def edited(*edits: Any) -> Policy:
    """The whole policy with these entries changed, or (with None) removed."""
    sections: Any = {key: dict(entries) for key, entries in WHOLE.sections.items()}
    for section, name, change in edits:
        if change is None:
            del sections[section][name]
        else:
            sections[section][name] = replace(sections[section][name], **change)
    return replace(WHOLE, sections=MappingProxyType(sections))


def found(*edits: Any) -> list[tuple[str, str]]:
    """Code and path of every finding of `holes` and `footing` once these entries are edited."""
    names = Names(edited(*edits))
    return sorted((one.code, one.entry) for one in (*footing.check(names), *holes.check(names)))


def test_the_whole_policy_stands() -> None:
    """The edits below start from a policy without a finding."""
    assert check(WHOLE) == ()


_REMOTE = {"permission_by": None, "bound_to": None, "supervised_by": None, "ends": (), "at_most": None}
ROWS = [
    # 18. services
    ([("services", "try-out", {"lasts": None})], [("hole", "services.try-out")]),
    ([("services", "early", {"needs": ()})], [("hole", "services.early")]),
    ([("services", "platform", {"lasts": NaturalDays(3)})], [("hole", "services.platform")]),
    # incidents
    ([("incidents", "leak", {"tells": None})], [("hole", "incidents.leak")]),
    ([("incidents", "leak", {"tells": Tells(at="first-use", channels=("push",))})], [("hole", "incidents.leak")]),
    ([("incidents", "leak", {"tells": Tells(at="incident-known")})], [("hole", "incidents.leak")]),
    ([("incidents", "leak", {"report_within": None})], [("hole", "incidents.leak")]),
    ([("incidents", "leak", {"report_to": ("partner",)})], [("hole", "incidents.leak")]),
    ([("incidents", "leak", {"steps": (), "file": ()})], [("hole", "incidents.leak")]),
    # endings
    ([("ending", "all", {"stops_within": None})], [("hole", "ending.all")]),
    ([("ending", "all", {"within": None})], [("hole", "ending.all")]),
    ([("ending", "all", {"tells": None, "stops": (), "then": None})], [("hole", "ending.all")]),
    ([("ending", "all", {"tells": Tells(at="service-ends")})], [("hole", "ending.all")]),
    # sessions
    ([("support", "remote", {"permission_by": None})], [("hole", "support.remote")]),
    ([("support", "remote", {"ends": ()})], [("hole", "support.remote")]),
    ([("support", "remote", {"at_most": None})], [("hole", "support.remote")]),
    ([("support", "remote", {"recorded": False})], [("hole", "support.remote")]),
    ([("support", "remote", _REMOTE)], [("hole", "support.remote")] * 2),  # a door leads into it
    ([("support", "desk", {"permission_by": "person"})], [("hole", "support.desk")]),
    # on behalf
    ([("on-behalf", "client-files", {"instruction": ()})], [("hole", "on-behalf.client-files")]),
    ([("on-behalf", "client-files", {"access": "none"})], [("hole", "on-behalf.client-files")]),
    ([("on-behalf", "client-files", {"within": None})], [("hole", "on-behalf.client-files")]),
    ([("on-behalf", "client-files", {"then_within": None})], [("hole", "on-behalf.client-files")]),
    ([("on-behalf", "client-files", {"requests": "point", "within": None, "then": None})], []),
    # 19. what is a customer's is used for nothing else
    ([("on-behalf", "client-files", {"for_": ()})], [("not-ours", "uses.hosting")]),
    ([("support", "remote", {"for_": ()})], [("not-ours", "uses.fixing")]),
    ([("sharing", "to-client", {"on": (Ground.CONTRACT,)})], [("not-ours", "uses.handing")]),
    # released as anonymous
    ([("sharing", "to-lab", {"alike": None})], [("hole", "sharing.to-lab")]),
    ([("sharing", "to-lab", {"needs": ()})], [("hole", "sharing.to-lab")]),
    ([("sharing", "to-lab", {"on": (Ground.CONTRACT,)})], [("hole", "sharing.to-lab")]),
    # ages
    ([("minors", "young", {"from_": 18})], [("hole", "minors.young")]),
    ([("minors", "young", {"from_": None})], []),
    # 20. people in the EEA
    ([("consent", "in-eea", {"needs": ()})], [("hole", "consent.in-eea")]),
    ([("scenes", "sign-up", {"in_eea": None})], [("hole", "scenes.sign-up")]),
    ([("consent", "in-eea", {"grounds": WHOLE.of("consent")["in-eea"].grounds[1:]})], [
        ("basis", "scenes.sign-up"), *(("basis", f"uses.{name}") for name in ("fixing", "handing", "hosting"))]),
    # 7. what an entry rests on
    ([("consent", "ads", {"form": Form.SEPARATE})], [("basis", "scenes.shown"), ("basis", "uses.offers")]),
    ([("scenes", "sign-up", {"asks": ("ads",)})], [("basis", "scenes.sign-up")]),
    ([("uses", "orders", {"law": None})], [("basis", "uses.orders")]),
    ([("scenes", "sign-up", {"basis": Basis.NEWS})], [("basis", "scenes.sign-up")]),
    ([("consent", "without", None), ("scenes", "sign-up", {"basis": Basis.NEWS})], []),
    ([("consent", "ads", {"covers": ("shown", "offers", "news", "to-lab")})], [("needless", "sharing.to-lab")]),
    ([("consent", "new-text", {"covers": ("news",)})], [("unasked", "changes.material")]),
    ([("changes", "closing", {"reconsent": ("new-fields",)})], [("unasked", "changes.closing")]),
    ([("consent", "new-text", {"covers": ("material", "closing")})], [("unasked", "changes.closing")]),
    # 9. how long, and for what is kept
    ([("retention", "all", {"of": (*WHOLE.of("retention")["all"].of, "code")})], [("not-kept", "retention.all")]),
    ([("retention", "all", {"of": ("email", "visits", "cookie-id", "files")})], [("endless", "information.set")]),
    ([("retention", "all", {"hold": None})], [("idle", "holds.trade")]),
    ([("retention", "all", {"hold": "blocked"}), ("holds", "trade", {"review": Months(1)})], []),
    # 12. doors and recipients
    ([("sharing", "to-partner", {"carries": ("visits", "email")})], [("no-purpose", "sharing.to-partner")]),
    ([("recipients", "partner", {"for_": ("offers", "study")})], [
        ("no-purpose", "recipients.partner"), ("no-door", "recipients.partner")]),
    ([("recipients", "partner", {"for_": ("offers", "shown")})], [("no-door", "recipients.partner")]),
    ([("recipients", "partner", {"kind": "sdk", "for_": ("offers", "shown")})], []),
    ([("recipients", "partner", {"kind": "sdk"}), ("sharing", "to-partner", None)], []),
    # 15. rights and requests
    ([("rights", "access", {"kind": "copy"})], [("unanswered", "requests.all"), ("unanswered", "rights.access")]),
    ([("requests", "all", {"kinds": ("access", "question", "port")})], [("unanswered", "requests.all")]),
    # 16. messages and ways to stop
    ([("stops", "link", {"of": "bills"})], [("unstoppable", "messages.news"), ("unstoppable", "stops.link")]),
    ([("stops", "link", {"stops": ("email", "sms")})], [("unstoppable", "stops.link")]),
    ([("stops", "link", {"of": "nothing"})], [("unstoppable", "messages.news")]),
    ([("messages", "news", {"channels": ("email", "sms")})], [("unstoppable", "messages.news")]),
    # 17. kinds of information
    ([("information", "email", {"group": None})], [("unclassed", "information.email")]),
    ([("information", "email", {"graded": False})], [("unclassed", "information.email")]),
    ([("information", "email", {"grade": "public"})], [("unclassed", "information.email")]),
    ([("information", "email", {"mask": "keep-3-4"})], [("mask", "information.email")]),
    ([("information", "email", {"mask": "none"})], [("mask", "information.email")]),
    ([("information", "email", {"mask": "none", "grade": "public"}), ("protection", "staff", {"grades": ()})], []),
    ([("cookies", "tracker", {"holds": ()}), ("information", "cookie-id", {"keeps": ("whole-3",)})],
     [("idle", "information.cookie-id")]),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "expected"), ROWS)
def test_each_rule(edits: Any, expected: list[Any]) -> None:
    """These edits of a sound policy, and exactly these findings."""
    assert found(*edits) == sorted(expected)


def test_two_entries_that_answer_one_kind() -> None:
    """The second to answer a kind is told of the first."""
    sections: Any = {key: dict(entries) for key, entries in WHOLE.sections.items()}
    sections["requests"]["more"] = replace(sections["requests"]["all"], name="more")
    told = list(footing.check(Names(replace(WHOLE, sections=MappingProxyType(sections)))))
    assert [(one.code, one.entry) for one in told] == [("two-rules", "requests.more")]
    assert "`requests.all`" in told[0].wrong


def test_a_share_is_a_number() -> None:
    """A measured pledge may name the share it must stay under, in per cent."""
    text = (
        "pledges: {few: {zh: 少, en: Few, every: 1 month, proof: measured, lapse: report, at-most: 0.5 %, keeps: [a-1]}}\n"
        "clauses: {a-1: {kind: definition, says: {zh: 少, en: Few}}}\n"
    )
    assert load(text, "a.yaml").of("pledges")["few"].at_most == Decimal("0.5")  # type: ignore[attr-defined]
