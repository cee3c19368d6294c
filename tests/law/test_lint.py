"""Lint: every requirement fires on a small edit of the good policy, at the entry that was edited, and nowhere else."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from law_room import EVERYTHING, HERE, edited, examples, good, line

from shounuo.core.clause import Words
from shounuo.core.duration import AtMost, Bound, EarlierOf, NaturalDays, Usually, WorkingDays, Years
from shounuo.core.policy import Entry, Policy, Refusal
from shounuo.errors import Invalid
from shounuo.language.load import load
from shounuo.law.lint import Finding, lint
from shounuo.law.requirement import Force, book, requirements
from shounuo.law.rules.facts import FACTS

TODAY = date(2026, 11, 21)
AMENDED = "Cybersecurity Law (as amended 2025)"
ROWS = [(name, row) for name, rows in examples().items() for row in rows]


def told(policy: Policy, facts: Mapping[str, int | bool] = EVERYTHING) -> dict[tuple[str, str], Finding]:
    """The findings by each requirement they fall short of, and the entry."""
    found = lint(policy, TODAY, facts)
    return {(requirement, one.entry): one for one in found for requirement in one.requirements}


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name} at {row['at']}" for name, row in ROWS])
def test_an_edit_makes_its_rule_fire(name: str, row: Mapping[str, object]) -> None:
    """What the example changes is found, on the line of the entry it names, with article and severity."""
    policy = edited(row.get("set", {}), row.get("drop", ()))
    found = told(policy, {**EVERYTHING, **row.get("facts", {})})[name, row["at"]]
    assert found.line == line(policy, str(row["at"]))
    asked = next(one for one in requirements() if one.id == name)
    cited = [(found.requirement, found.article), *((one.requirement, one.article) for one in found.also)]
    assert (name, asked.citation(TODAY)) in cited
    assert found.severity == asked.severity or found.requirement != name


def test_every_requirement_has_its_edit() -> None:
    """A rule of one's own has an example of one's own; who asks what another asks shares the other's."""
    own = {one.id for one in requirements() if not one.same_as}
    assert set(examples()) == own
    assert {one.same_as for one in requirements() if one.same_as} <= own


def test_the_whole_checklist_is_asked_or_named() -> None:
    """Every item of the checklist is a requirement, or stands under `not-asked` with its reason; most are asked."""
    listed = (HERE / "checklist.txt").read_text("utf-8").split()
    asked, named = {one.source for one in requirements()}, set(book().not_asked)
    assert asked | named == set(listed)
    assert not asked & named
    assert len(asked) >= 240
    assert all(reason.zh and reason.en for reason in book().not_asked.values())


ALONE = [{fact: EVERYTHING[fact]} for fact in FACTS]


@pytest.mark.parametrize("facts", [{}, EVERYTHING, *ALONE], ids=["nothing", "everything", *FACTS])
def test_a_good_policy_is_silent(facts: Mapping[str, int | bool]) -> None:
    """A policy that keeps every rule fires none, whatever its operator declares of itself."""
    assert lint(good(), TODAY, facts) == ()


def test_an_empty_policy_is_not_silent() -> None:
    """A policy that says nothing falls short everywhere something must be said, at line 0."""
    empty = Policy(slug="empty", sections=MappingProxyType({}), clauses=MappingProxyType({}))
    found = lint(empty, TODAY)
    assert {"pipl-45", "pipl-47", "pipl-31", "pipl-17", "csl-51"} <= {one.requirement for one in found}
    assert {one.line for one in found} == {0}


def test_what_is_not_asked_of_an_operator_is_not_told() -> None:
    """A gap in what only platforms owe is told to platforms alone."""
    policy = edited({}, ["services.partner-shop.text"])
    assert ("ndsr-40", "services.partner-shop") in told(policy, {"platform": True})
    assert ("ndsr-40", "services.partner-shop") not in told(policy, {"platform": False})


def test_facts_may_stand_in_the_policy() -> None:
    """What the operator declares in its own file counts, and an answer given at the command counts before it."""
    facts = {"pi-subjects": 2_000_000, "platform": True}
    edits = {"text.operator.facts": facts, "contact.officer.kind": "email"}
    policy = edited(edits, ["services.partner-shop.text"])
    assert ("pipl-52", "contact") in told(policy, {})
    assert ("ndsr-40", "services.partner-shop") in told(policy, {})
    assert ("pipl-52", "contact") not in told(policy, {"pi_subjects": 10})


def test_what_several_laws_ask_alike_is_told_once() -> None:
    """One finding cites them all, the one that binds most first."""
    found = [one for one in lint(edited({}, ["contact.hotline"]), TODAY) if one.entry == "contact"]
    assert [one.requirements for one in found] == [("csl-51", "ndsr-20", "gbt35273-8.8")]
    assert [one.force for one in found[0].also] == [Force.ADMIN_REG, Force.STANDARD]
    assert "Network Data Security Management Regulation, art. 20" in found[0].fault.wrong


def test_what_is_not_in_force_yet_is_a_warning_with_its_date() -> None:
    """Before a rule binds, an entry it forbids is told as a warning that says when it will."""
    policy = edited({"text.shown-at.sign-in": "needed"})
    before = {one.requirement: one for one in lint(policy, date(2021, 10, 31))}["pipl-7"]
    assert (before.severity, before.pending, before.in_force) == ("warning", True, date(2021, 11, 1))
    assert "in force from 2021-11-01" in before.fault.wrong
    bound = {one.requirement: one for one in lint(policy, date(2021, 11, 1))}["pipl-7"]
    assert (bound.severity, bound.pending) == ("error", False)
    assert [one.pending for one in bound.also] == [True]


def test_nothing_contradicts_a_law_before_there_is_one() -> None:
    """On a day before all of them, every finding is a warning with its date."""
    policy = edited({"text.shown-at.sign-in": "needed", "storage.main.region": "SG"})
    found = lint(policy, date(2000, 1, 1), EVERYTHING)
    assert found
    assert all(one.severity == "warning" and one.pending for one in found)


@pytest.mark.parametrize(("at", "zh", "en"), [
    (date(2025, 12, 31), "《网络安全法》第二十一条第三项", "Cybersecurity Law (2016), art. 21(3)"),
    (date(2026, 1, 1), "《网络安全法（2025年修正）》第二十三条第三项", f"{AMENDED}, art. 23(3)"),
])  # fmt: skip
def test_a_renumbered_law_is_cited_in_the_edition_of_the_day(at: date, zh: str, en: str) -> None:
    """The Cybersecurity Law moved its articles on 2026-01-01; both days cite their own, and both bind."""
    policy = edited({"retention.logs.for": "3 months"})
    found = {one.requirement: one for one in lint(policy, at)}["csl-23"]
    assert (found.article, found.severity, found.pending) == (Words(zh, en), "error", False)


def test_a_fact_nobody_knows_is_refused() -> None:
    """A misspelt fact would silence a requirement, so it is refused with the nearest known one."""
    with pytest.raises(Invalid, match="did you mean `pi-subjects`"):
        lint(good(), TODAY, {"pi_subject": 1})
    with pytest.raises(Invalid, match="whole number"):
        lint(good(), TODAY, {"pi_subjects": -1})
    with pytest.raises(Invalid, match="did you mean `pi-subjects`"):
        lint(edited({"text.operator.facts": {"pi-subject": 1}}), TODAY)


def test_what_the_policy_shows_cannot_be_declared_away() -> None:
    """A policy with an SDK is an app's, whatever is declared."""
    policy = edited({}, ["recipients.scanner-sdk.company"])
    assert ("appid-2.1", "recipients.scanner-sdk") in told(policy, {"app": False})


def test_a_finding_is_a_fault_that_speaks() -> None:
    """As a fault of the file, a finding has line, entry, what is wrong with the article, and what to do."""
    fault = told(edited({}, ["rights.relatives"]), {})["pipl-49", "rights"].fault
    assert (fault.entry, fault.severity, fault.code) == ("rights", "warning", "law/pipl-49")
    assert "art. 49" in fault.wrong
    assert fault.remedy


def test_a_word_changed_in_the_file_is_found_on_its_line() -> None:
    """From the text as an author writes it: six months become five, and the finding names the line."""
    text = (HERE / "good.yaml").read_text("utf-8")
    lines = text.splitlines()
    at = next(n for n, one in enumerate(lines) if "for: 6 months" in one)
    lines[at] = lines[at].replace("6 months", "5 months")
    found = told(load("\n".join(lines), "good.yaml"))
    assert found["csl-23", "retention.logs"].line == at + 1


@pytest.mark.parametrize("name", ["huiju", "vnet", "changlian", "tuyi", "kexun"])
def test_findings_come_in_the_order_of_the_file(name: str) -> None:
    """Line by line, so that a reader walks down the file once; every finding speaks both languages."""
    found = lint(pack(name), TODAY, EVERYTHING)
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert all(
        words.zh and words.en for one in found for words in (one.says, one.asks, one.remedy, one.article)
    )


@pytest.mark.parametrize("name", ["huiju", "vnet", "changlian", "tuyi", "kexun"])
def test_every_finding_points_at_an_entry(name: str) -> None:
    """The line is that of the entry or clause named; a section that is not written has line 0."""
    policy = pack(name)
    for one in lint(policy, TODAY, EVERYTHING):
        assert one.line == line(policy, one.entry)


def pack(name: str) -> Policy:
    """A pack as it stands."""
    file = resources.files("shounuo.packs").joinpath(f"{name}.yaml")
    return load(file.read_bytes(), f"{name}.yaml")


def test_standards_never_contradict() -> None:
    """What only a recommended standard asks, or what we have not read, is never an error."""
    for one in requirements():
        assert one.severity == "warning" or (
            one.force is not Force.STANDARD and one.read.value in ("full-text", "quoted")
        )


def grown(times: int) -> Policy:
    """The good policy with each entry of its large sections repeated under new names."""

    def again(section: Mapping[str, Entry]) -> dict[str, Entry]:
        names = [
            (f"{name}-{n}" if n else name, entry) for n in range(times) for name, entry in section.items()
        ]
        return {name: replace(entry, name=name) for name, entry in names}

    sections = {name: again(section) for name, section in good().sections.items()}
    return replace(good(), sections=MappingProxyType(sections))


def calls(policy: Policy) -> int:
    """How many functions one lint enters: a measure of its work that no other process disturbs."""
    count = 0

    def note(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        lint(policy, TODAY, EVERYTHING)
    finally:
        sys.setprofile(None)
    return count


def test_the_work_grows_with_the_policy_and_no_faster() -> None:
    """Four times the entries cost little more than four times the work."""
    lint(good(), TODAY)
    assert calls(grown(8)) < 4.6 * calls(grown(2))


def put(path: str, **changes: object) -> Policy:
    """The good policy with fields of one entry changed, as values."""
    section, name = path.split(".")
    entry = replace(good().sections[section][name], **changes)
    sections = {**good().sections, section: {**good().sections[section], name: entry}}
    return replace(good(), sections=MappingProxyType(sections))


@pytest.mark.parametrize(("within", "fires"), [
    (EarlierOf((NaturalDays(60), WorkingDays(15))), False),
    (Bound("尽快", WorkingDays(20)), True),
    (Bound("尽快", WorkingDays(10)), False),
    (Usually(WorkingDays(3), WorkingDays(16)), True),
])  # fmt: skip
def test_several_terms_count_as_the_law_may_count_on_them(within: object, fires: bool) -> None:
    """The earlier of two keeps a limit when either does; a bound counts as its number, `usually` as its end."""
    found = told(put("requests.personal", within=within))
    assert (("appid-6.3", "requests.personal") in found) is fires


def test_what_is_kept_at_most_so_long_may_be_gone_sooner() -> None:
    """A ceiling is no floor; and a floor without a ceiling has no end."""
    assert ("aml-34", "retention.files") in told(put("retention.files", for_=AtMost(Years(10))))


def test_only_an_agreement_agrees() -> None:
    """What a risk assessment says binds no recipient: the terms must stand in an agreement."""
    policy = edited({
        "papers.courier-contract.terms": ["purpose"],
        "papers.impact-assessment.terms": ["purpose", "manner", "scope", "security"],
    })  # fmt: skip
    assert ("ndsr-12", "recipients.courier") in told(policy)


def test_a_no_may_close_what_it_refuses_and_what_is_needed_for_the_contract() -> None:
    """A scene may close itself; one that rests on the contract may close what cannot go on without it."""
    assert ("pipl-16", "scenes.refund") not in told(put("scenes.refund", refusal=Refusal(closed=("refund",))))
    assert ("pipl-16", "scenes.sign-up") not in told(good())
    assert good().sections["scenes"]["sign-up"].refusal.closed


@pytest.mark.parametrize("ground", ["legal-duty", "separate-consent"])
def test_doors_open_by_law_need_no_yes(ground: str) -> None:
    """A door that rests on a legal ground, or on a separate consent by name, is not asked for a form."""
    assert ("pipl-25", "sharing.winners") not in told(edited({"sharing.winners.on": [ground]}))


@pytest.mark.parametrize("says", [
    "我们不会出售您的个人信息",
    "本公司绝不出售、出租个人信息",
])  # fmt: skip
def test_a_denial_is_no_confession(says: str) -> None:
    """A text that says it does not sell information is not told to stop."""
    assert ("pipl-10", "g-1") not in told(edited({"clauses.g-1.says.zh": says}))
