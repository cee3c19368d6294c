"""What stands in two places, held against each other: one edit of a policy that says everything, and what is told."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core.agreement import shown
from shounuo.core.clause import Clause, Kind, Part, Probe, Words
from shounuo.core.consistency import check
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    EarlierOf,
    LongestOf,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.core.policy import Basis, Ground, OneOf, Policy, Refusal, Tells
from shounuo.language.load import load

WHOLE: Any = load((Path(__file__).parent / "whole.yaml").read_bytes(), "whole.yaml")


def entry(path: str) -> Any:
    """An entry by its path."""
    section, _, name = path.partition(".")
    return WHOLE.of(section)[name]


def edited(entries: Mapping[str, Any] | None = None, clauses: Mapping[str, Any] | None = None) -> Policy:
    """The whole policy with fields of entries, by path, and of clauses, by id, changed; None removes."""
    sections: Any = {key: dict(one) for key, one in WHOLE.sections.items()}
    for path, change in (entries or {}).items():
        section, _, name = path.partition(".")
        if change is None:
            del sections[section][name]
        else:
            sections[section][name] = replace(sections[section][name], **change)
    told = dict(WHOLE.clauses)
    for name, change in (clauses or {}).items():
        told[name] = replace(told[name], **change)
    return replace(WHOLE, sections=MappingProxyType(sections), clauses=MappingProxyType(told))


def found(entries: Mapping[str, Any] | None = None, clauses: Mapping[str, Any] | None = None) -> list[Any]:
    """Code and place of every finding, once each."""
    return sorted({(one.code, one.entry) for one in check(edited(entries, clauses))})


def without(clause: str, *keys: str) -> dict[str, Any]:
    """A clause without these facts."""
    old: Clause = WHOLE.clauses[clause]
    kept = (
        {key: value for key, value in facts.items() if key not in keys}
        for facts in (old.numbers, old.items, old.ours)
    )
    return {clause: dict(zip(("numbers", "items", "ours"), kept, strict=True))}


def probes(clause: str, kind: str, **params: Any) -> dict[str, Any]:
    """A clause with the parameters of its probes of one kind changed; None takes a parameter away."""
    changed = []
    for probe in WHOLE.clauses[clause].probes:
        given = {**probe.params, **params} if probe.kind == kind else dict(probe.params)
        changed.append(Probe(probe.kind, {key: value for key, value in given.items() if value is not None}))
    return {clause: {"probes": tuple(changed)}}


ROWS = [
    # 21. what a probe tells, the entry does
    (None, probes("whole-4", "consent-first", shows=("fields",)), [("contradiction", "whole-4"), ("unsaid", "consent.ads")]),
    ({"consent.ads": {"shows": ("purpose", "fields")}}, None, [("contradiction", "whole-4"), ("unsaid", "consent.ads")]),
    ({"uses.offers": {"refusal": Refusal(("shown",))}}, None, [("contradiction", "whole-4")]),
    ({"uses.offers": {"refusal": None}}, None, [("contradiction", "whole-4")]),
    ({"incidents.leak": {"tells": Tells(at="incident-known", shows=("facts",), channels=("push",))}}, None,
     [("contradiction", "incidents.leak"), ("contradiction", "whole-6")]),
    ({"sharing.to-lab": {"needs": ("weighing",)}}, None,
     [("contradiction", "whole-5"), ("unsaid", "sharing.to-lab")]),
    ({"recipients.partner": {"needs": ()}}, None, [("contradiction", "whole-5")]),
    ({"sharing.to-partner": {"for_": ()}}, None, []),  # it opens for what the recipient is named for
    (None, probes("whole-5", "outflow-needs", to=("lab",)),
     [("contradiction", "whole-5"), ("unsaid", "sharing.to-partner")]),
    (None, probes("whole-5", "outflow-needs", door=("gone",)),
     [("unsaid", "sharing.to-partner")]),
    # 22. asks and for
    ({"consent.ads": {"covers": ("shown", "news")}}, None,
     [("contradiction", "consent.ads"), ("one-sided", "uses.offers")]),
    ({"messages.news": {"asks": ()}}, None, [("one-sided", "consent.ads")]),
    ({"consent.guardian": {"covers": ("sign-up", "shown")}}, None, [("contradiction", "consent.guardian")]),
    ({"consent.terms": {"covers": ("platform", "early", "sign-up")}, "scenes.sign-up": {"needs": ("acceptance",)}}, None,
     [("contradiction", "consent.terms"), ("unsaid", "scenes.sign-up")]),
    # 23. an entry and the clause it keeps speak of each other
    ({"papers.weighing": {"keeps": ("whole-4", "whole-5")}}, None, [("unspoken", "papers.weighing")]),
    ({"cookies.tracker": {"keeps": ()}}, None, [
        ("contradiction", "whole-3"), ("idle", "cookies.tracker"), ("unsaid", "cookies.tracker"),
        ("unspoken", "cookies.tracker")]),
    ({"consent.out": {"keeps": ()}}, None,
     [("idle", "consent.out"), ("uncounted", "whole-4"), ("unspoken", "consent.out")]),
    ({"on-behalf.client-files": {"keeps": ("whole-10",)}}, None, [
        ("contradiction", "whole-9"), ("unsaid", "on-behalf.client-files"), ("unspoken", "on-behalf.client-files")]),
    ({"retention.all": {"keeps": ("whole-9",)}}, None, [
        ("contradiction", "retention.all"), ("contradiction", "whole-7"), ("uncounted", "whole-9"), ("unsaid", "retention.all"), ("unspoken", "retention.all")]),
    (None, {"whole-7": {"later": "not yet"}}, []),
    (None, {"whole-4": {"keepers": None}}, [("uncounted", "whole-4")]),
    (None, {"whole-4": {"keepers": 9}}, [("uncounted", "whole-4")]),
    (None, {"whole-7": {"keepers": 3}}, []),  # it need not say so, and may
    # 24. what is done is said
    (None, {"whole-7": {"kind": Kind.DEFINITION}}, [
        ("unbound", "whole-7"), ("unsaid", "holds.blocked"), ("unsaid", "holds.trade"), ("unsaid", "retention.all")]),
    (None, {"whole-7": {"kind": Kind.DISCLAIMER, "probes": ()}},
     [("unsaid", "holds.blocked"), ("unsaid", "holds.trade"), ("unsaid", "retention.all")]),
    (None, {"whole-1": {"kind": Kind.DEFINITION, "probes": ()}}, []),  # what things are, any clause may say
    ({"uses.hosting": {"basis": Basis.LEGAL_DUTY, "law": "某法"}}, None, [
        ("contradiction", "uses.hosting")]),
    ({"retention.all": {"of": ("email", "visits", "cookie-id", "files", "rest")}}, None, [("contradiction", "retention.all")]),
    ({"rights.access": {"kind": "copy"}, "requests.all": {"kinds": ("copy", "question")}}, None,
     [("contradiction", "requests.all"), ("contradiction", "rights.access")]),
    (None, without("whole-4", "consent.out.form"), [("unsaid", "consent.out")]),
    (None, without("whole-4", "consent.without.grounds"), [("unsaid", "consent.without")]),
    ({"cookies.tracker": {"asks": ()}}, None, [("contradiction", "cookies.tracker")]),
    ({"rights.access": {"where": {"web": "设置", "app": "我的"}}}, None, [("unsaid", "rights.access")]),
    ({"protection.staff": {"approval": {"sensitive": "other"}}}, None, [("contradiction", "protection.staff")]),
    # 4. parts of a list, and clauses as they are read
    ({"consent.without": {"grounds": (Ground.CONTRACT, Ground.LEGAL_DUTY, Ground.NEWS)}}, None,
     [("unsaid", "consent.without")]),
    ({"consent.without": {"grounds": (Ground.LEGAL_DUTY,)}}, None, [
        ("basis", "scenes.sign-up"), *(("basis", f"uses.{name}") for name in ("fixing", "handing", "hosting", "study")),
        ("contradiction", "consent.without")]),
    ({"requests.all": {"within": EarlierOf((WorkingDays(14), NaturalDays(15)))}}, None, [("contradiction", "requests.all")]),
    ({"requests.all": {"within": Usually(WorkingDays(15), NaturalDays(15))}}, None, []),
    ({"requests.all": {"within": WorkingDays(15)}}, None, [("contradiction", "requests.all")]),
    ({"readings.sooner": {"kept": "whole-12"}, "requests.all": {"within": WorkingDays(15)}}, None, []),
    ({"readings.sooner": {"kept": "whole-12"}, "requests.all": {"within": NaturalDays(15)}}, None, [("contradiction", "requests.all")]),
    ({"readings.sooner": {"how": "stricter"}}, None, [("contradiction", "requests.all")]),
    # 25. readings and clauses
    ({"readings.sooner": None}, None, [("contradiction", "requests.all")]),
    ({"readings.sooner": {"between": ("whole-11",)}}, None, [("contradiction", "requests.all"), ("reading", "whole-12")]),
    ({"readings.sooner": {"between": ("whole-11", "whole-12", "whole-13")}}, None, [("reading", "readings.sooner")]),
    ({"readings.sooner": {"kept": "whole-1"}}, None, [("contradiction", "requests.all"), ("reading", "readings.sooner")]),
    (None, {"whole-11": {"read": ()}}, [("reading", "readings.sooner")]),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "clauses", "expected"), ROWS)
def test_each_rule(entries: Any, clauses: Any, expected: list[Any]) -> None:
    """These edits of a sound policy, and exactly these findings."""
    assert found(entries, clauses) == sorted(expected)


@pytest.mark.parametrize(
    ("how", "does", "holds"),
    [
        ("union", ("shown", "offers"), True),
        ("union", ("shown",), False),
        ("intersection", ("shown",), False),
        ("intersection", (), True),
    ],
)
def test_lists_that_are_read_together(how: str, does: tuple[str, ...], holds: bool) -> None:
    """Of two clauses that list different things the entry does all of both, or what both have."""
    pair = ("whole-2", "whole-13")
    sections: Any = {key: dict(one) for key, one in WHOLE.sections.items()}
    sections["readings"]["sooner"] = replace(entry("readings.sooner"), between=pair, how=how)
    spoken = replace(entry("changes.closing"), name="spoken", what=does, tells=None, keeps=pair)
    sections["changes"]["spoken"] = spoken
    clauses = dict(WHOLE.clauses)
    for name, said in zip(pair, ("shown", "offers"), strict=True):
        items = {**clauses[name].items, "changes.spoken.what": (said,)}
        clauses[name] = replace(clauses[name], items=items, read=("sooner",))
    told = check(replace(WHOLE, sections=MappingProxyType(sections), clauses=MappingProxyType(clauses)))
    differs = [one for one in told if one.entry == "changes.spoken" and "`what:" in one.wrong]
    assert (differs == []) is holds


def test_a_finding_names_both_sides_and_the_remedy() -> None:
    """What a probe tells, of which entry on which line, and what that has."""
    (told,) = [
        one
        for one in check(edited({"sharing.to-partner": {"to": ("partner", "lab")}}))
        if one.code == "unsaid"
    ]
    assert told.wrong == "it has `to: [lab]`, and no clause says so"
    assert "`ours`" in told.remedy
    (told,) = [
        one
        for one in check(edited(None, probes("whole-3", "unprofiled", factors=("weather",))))
        if one.code == "contradiction"
    ]
    assert "tells `factors: [weather]` of `uses.offers`" in told.wrong


VALUES = [
    ((), "[]"),
    (("a", OneOf(("b", "c"))), "[a, one of b or c]"),
    (None, "nothing"),
    (3, "3"),
    (Part(("a",)), "[a] among others"),
    ({"web": "x"}, "{web: x}"),
    (Tells(at="first-use", shows=("a",)), "{at: first-use, shows: [a], to: person}"),
    (Bound("尽快", WorkingDays(5)), "尽快 (5 working days)"),
    (Usually(WorkingDays(3), NaturalDays(7)), "usually 3 working days, at most 7 natural days"),
    (EarlierOf((WorkingDays(5), NaturalDays(7))), "the earlier of 5 working days, 7 natural days"),
    (AtLeast(Years(3)), "at least 3 years"),
    (AtMost(Years(1)), "at most 1 year"),
    (LongestOf((Years(1), Bound("必要", NaturalDays(2)))), "the longest of 1 year, 必要 (2 natural days)"),
    (Words("甲", "A"), "A"),
]


@pytest.mark.parametrize(("value", "said"), VALUES)
def test_values_are_told_as_an_author_writes_them(value: object, said: str) -> None:
    """Lists in brackets, alternatives as such, times in words, nothing as nothing."""
    assert shown(value) == said
