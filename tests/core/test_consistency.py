"""A policy against itself: one edit of a policy that keeps its promises makes one finding, where it stands."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shounuo.core import consistency
from shounuo.core.agreement import shown as shown_as
from shounuo.core.consistency import check, items_of, keepers
from shounuo.core.policy import OneOf, Policy
from shounuo.errors import BadPolicy, Fault
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
TEXT = SMALL.read_text("utf-8")
POLICY = load(TEXT, "small.yaml")
DOUBLE = ("unsaid", "unspoken")  # the small policy leaves much unsaid: see `test_consistency_agreement`


def alone(policy: Policy, published: Policy | None = None) -> tuple[Fault, ...]:
    """Every finding but those on what only one place says."""
    return tuple(fault for fault in check(policy, published) if fault.code not in DOUBLE)


def line_of(text: str, start: str) -> int:
    """The line that starts so."""
    return next(at for at, line in enumerate(text.split("\n"), 1) if line.startswith(start))


def found(old: str, new: str) -> list[tuple[str, str, str]]:
    """Code, entry and severity of every finding once `old` is replaced by `new`."""
    assert TEXT.count(old) == 1, (old, TEXT.count(old))
    return [
        (fault.code, fault.entry, fault.severity)
        for fault in alone(load(TEXT.replace(old, new), "small.yaml"))
    ]


def test_the_small_policy_keeps_its_promises() -> None:
    """The edits below start from a policy without a finding."""
    assert alone(POLICY) == ()


CLAUSE_9 = "  small-9: {kind: process, says: {zh: 请求, en: Requests}, numbers: {requests.questions.within: 5 working days}"
ROWS = [
    # 1. every binding clause is kept
    ("keeps: [small-8]}\nstops:", "keeps: [small-9]}\nstops:", []),
    (", keeps: [small-7, small-4]}", ", keeps: [small-4]}", []),
    ("small-1: {kind: definition,", "small-1: {kind: definition, later: why not,", []),
    (
        "  small-3: {kind: control,",
        "  small-30: {kind: control, says: {zh: 甲, en: A}, probe: {as-of: {what: text}}}\n"
        "  small-3: {kind: control,",
        [("unkept", "small-30", "error")],
    ),
    (
        "  small-3: {kind: control,",
        "  small-30: {kind: control, says: {zh: 甲, en: A}, later: not yet}\n  small-3: {kind: control,",
        [("unkept", "small-30", "warning")],
    ),
    # 2. every entry keeps a clause, or is named
    (
        "terms: [purpose]}\n",
        "terms: [purpose]}\n  idle: {zh: 闲, en: Idle, terms: [x]}\n",
        [("idle", "papers.idle", "error")],
    ),
    ("  paying: {", "  email: {zh: 甲, en: A}\n  paying: {", [("idle", "occasions.email", "error")]),
    ("channels: [email], keeps: [small-8]}", "channels: [email]}", []),
    (", probe: {message-stops: {stop: td, still: bills}}}", ", probe: {message-stops: {stop: td}}}", []),
    ("refusal: {closed: [payout], open: rest}\n", "refusal: {closed: [maps], open: [maps]}\n", []),
    (
        "  maps: {zh: 地图",
        "  more: {zh: 更多, en: More, provider: us}\n  maps: {zh: 地图",
        [("idle", "services.more", "error")],
    ),
    # 3. clauses that are kept exist
    (
        "keeps: [small-3]}\n  delivery",
        "keeps: [small-33]}\n  delivery",
        [("stranger", "uses.offers", "error")],
    ),
    (
        "between: [small-9, small-10]",
        "between: [small-9, small-11]",
        [("reading", "small-10", "error"), ("stranger", "readings.which", "error")],
    ),
    (
        "keeps: small-9, how",
        "keeps: small-99, how",
        [("reading", "readings.which", "error"), ("stranger", "readings.which", "error")],
    ),
    # 4. what is said is done
    (
        "holds.trade.period: 3 years",
        "holds.trade.period: 2 years",
        [("contradiction", "holds.trade", "error")],
    ),
    (
        "scenes.sign-up.requires: [password, email]",
        "scenes.sign-up.requires: [password]",
        [("contradiction", "scenes.sign-up", "error")],
    ),
    (
        "scenes.sign-up.requires: [password, email]",
        "scenes.sign-up.requires: [password, {one-of: [email, phone]}]",
        [("contradiction", "scenes.sign-up", "error")],
    ),
    (
        "consent.terms.for: [by-contract, shop]",
        "consent.terms.for: [shop]",
        [("contradiction", "consent.terms", "error")],
    ),
    ("region: CN-mainland}, probe", "region: SG}, probe", [("contradiction", "storage.here", "error")]),
    (
        "holds.trade.period: 3 years, region",
        "holds.gone.period: 3 years, region",
        [("contradiction", "small-6", "error")],
    ),
    ("holds.trade.period: 3 years, region", "weather: fine, region", [("contradiction", "small-6", "error")]),
    (
        "holds.trade.period: 3 years, region",
        "weather: {today: [fine, warm]}, region",
        [("contradiction", "small-6", "error")],
    ),
    (
        "later: not built yet}",
        "later: not built yet, keepers: 5, numbers: {act: publish}}",
        [
            ("contradiction", f"sharing.{name}", "warning")
            for name in ("by-consent", "by-order", "by-contract", "abroad", "no-sale")
        ],
    ),
    ("later: not built yet}", "later: not built yet, numbers: {nowhere.at.all: x}}", []),
    (
        "later: not built yet}",
        "later: not built yet, numbers: {weather: fine}}",
        [("contradiction", "small-7", "warning")],
    ),
    (
        "items: {stops: [sms, email]}",
        "items: {stops: [sms, email], word: TD, stops.td.on: sms}",
        [("contradiction", "stops.td", "error")],
    ),
    ("path: {web: 设置-删除}, keeps: [small-9]", "path: {web: 设置-删除}, keeps: [small-9, small-8]", []),
    # 5. a probe shows it
    (", probe: {page-shows: {page: policy}}}", "}", [("unproven", "small-5", "error")]),
    (", probe: {page-shows: {page: policy}}}", ", later: not yet}", []),
]


@pytest.mark.parametrize(("old", "new", "expected"), ROWS)
def test_each_rule(old: str, new: str, expected: list[Any]) -> None:
    """One edit, and exactly these findings at these places."""
    assert sorted(found(old, new)) == sorted(expected)


def test_an_item_nobody_names_is_idle() -> None:
    """A kind of information that only bears the name of a word elsewhere (`kind: email`) is not named by it."""
    text = TEXT.replace(
        "  order: {zh: 订单, en: orders}", "  mail: {zh: 信, en: post}\n  order: {zh: 订单, en: orders}"
    )
    assert [(f.code, f.entry) for f in alone(load(text, "small.yaml"))] == [("idle", "information.mail")]


def test_a_paper_named_by_a_probe_alone_has_its_reason() -> None:
    """What a clause's probe needs is there for that clause."""
    text = TEXT.replace(
        "terms: [purpose]}\n", "terms: [purpose]}\n  spare: {zh: 备, en: Spare, terms: [x]}\n"
    )
    text = text.replace("{message-stops: {stop: td, still: bills}}", "{papers-first: {papers: spare}}")
    assert alone(load(text, "small.yaml")) == ()


def test_a_finding_tells_both_sides() -> None:
    """A contradiction names what is done, what is said, and the line of either."""
    text = TEXT.replace("holds.trade.period: 3 years", "holds.trade.period: 2 years")
    (fault,) = alone(load(text, "small.yaml"))
    assert fault.line == line_of(text, "  trade:")
    assert (
        fault.wrong
        == f"it does `period: 3 years`, but clause `small-6` (line {line_of(text, '  small-6')}) says `2 years`"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [((), "[]"), (("a", OneOf(("b", "c"))), "[a, one of b or c]"), (None, "nothing"), (3, "3")],
)
def test_values_are_told_as_an_author_writes_them(value: object, shown: str) -> None:
    """Lists in brackets, alternatives as such, nothing as nothing."""
    assert shown_as(value) == shown


@given(st.lists(st.sampled_from("abc"), max_size=4), st.lists(st.sampled_from("abc"), max_size=4))
def test_lists_are_the_same_in_any_order(said: list[str], done: list[str]) -> None:
    """What the text lists and what the system does are compared as lists without order, each member once."""
    expected = sorted(said) == sorted(done) or (len(said) == len(done) and set(said) == set(done))
    assert consistency._same(tuple(said), tuple(done)) == expected
    assert consistency._same("a", ("a",)) is False


def test_keepers_are_named_by_clause() -> None:
    """Every entry that keeps a clause, in the order of the file."""
    assert [entry.path for entry in keepers(POLICY)["small-8"]] == [
        "messages.news",
        "messages.bills",
        "stops.td",
    ]
    assert items_of(("a", OneOf(("b", "c")))) == ("a", "b", "c")


# -- against the last published version -----------------------------------------------------------------------------


def against(old: str, new: str, *, dated: bool = False) -> list[tuple[str, str, int]]:
    """The findings of an edited policy against the published one, with later dates or under the old ones."""
    text = TEXT.replace(old, new)
    assert text != TEXT
    if dated:
        text = text.replace(
            "updated: 2026-01-05, effective: 2026-01-05", "updated: 2026-02-05, effective: 2026-02-06"
        )
    return [(f.code, f.entry, f.line) for f in alone(load(text, "small.yaml"), POLICY)]


CHANGES = [
    ("en: Who we are}", "en: Who we were}", "small-1"),
    ("zh: 我们是谁", "zh: 我们曾是谁", "small-1"),
    ("small-1: {kind: definition", "small-1: {kind: disclaimer", "small-1"),
    ("emphasised: true, ", "", "small-4"),
    ("numbers: {requests.questions.within: 5 working days}, ", "", "small-9"),
    ("items: {stops: [sms, email]}, ", "", "small-8"),
]


@pytest.mark.parametrize(("old", "new", "clause"), CHANGES)
def test_a_changed_clause_needs_later_dates(old: str, new: str, clause: str) -> None:
    """What people read or what the text fixes may change only in a version with later dates. (14)"""
    text = TEXT.replace(old, new)
    assert against(old, new) == [("unannounced", clause, line_of(text, f"  {clause}:"))]
    assert against(old, new, dated=True) == []


def test_a_clause_gone_needs_later_dates() -> None:
    """A clause may not vanish under the old dates. (14)"""
    old = "  small-7: {kind: control, says: {zh: 对外, en: Passing on}, later: not built yet}\n"
    faults = [one for one in against(old, "") if one[0] == "unannounced"]
    assert faults == [("unannounced", "small-7", 0)]
    assert [one for one in against(old, "", dated=True) if one[0] == "unannounced"] == []


@pytest.mark.parametrize(
    "date", ["updated: 2026-01-05, effective: 2026-02-05", "updated: 2026-02-05, effective: 2026-01-05"]
)
def test_both_dates_must_be_later(date: str) -> None:
    """A new day of effect under the old day of change, or the other way round, is no new version."""
    new = TEXT.replace("updated: 2026-01-05, effective: 2026-01-05", date).replace(
        "en: Who we are", "en: Who we were"
    )
    assert [f.code for f in alone(load(new, "small.yaml"), POLICY)] == ["unannounced"]


def test_a_text_without_dates_cannot_announce() -> None:
    """Without dates on either side a change is never announced."""
    sections = {**POLICY.sections, "text": {"operator": POLICY.of("text")["operator"]}}
    undated = replace(POLICY, sections=MappingProxyType(sections))
    changed = {**POLICY.clauses, "small-1": replace(POLICY.clauses["small-1"], emphasised=True)}
    codes = [f.code for f in alone(replace(undated, clauses=changed), POLICY)]
    assert codes == ["unannounced"]


def test_the_same_text_may_be_moved_about() -> None:
    """Other lines, probes and places in the text are no change of what was promised."""
    assert alone(load("# a comment\n" + TEXT.replace("section: 2.1, ", ""), "small.yaml"), POLICY) == ()


def test_every_finding_says_what_to_do() -> None:
    """Each finding stands at a line or at the file, with what is wrong and a remedy."""
    text = TEXT.replace("keeps: [small-3]", "keeps: [small-33]").replace("form: separate", "form: general")
    faults = alone(load(text, "small.yaml"))
    assert len(faults) > 5
    assert all(fault.wrong and fault.remedy and fault.entry for fault in faults)
    assert list(faults) == sorted(set(faults))
    assert "small-33" in str(BadPolicy("small.yaml", faults))
