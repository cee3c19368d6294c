"""Lint: every rule fires on the edit that breaks it, at the entry that breaks it, and on no good policy."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import pytest

from shounuo.core.clause import Words
from shounuo.core.duration import AtMost, Bound, EarlierOf, Months, NaturalDays, Usually, WorkingDays, Years
from shounuo.core.policy import Act, Basis, Entry, Form, Ground, Policy, Refusal, Storage, Tells
from shounuo.errors import Invalid
from shounuo.language.load import load
from shounuo.law.lint import Finding, lint
from shounuo.law.requirement import Force, requirements
from shounuo.law.rules.facts import FACTS

TODAY = date(2026, 11, 21)
AMENDED = "Cybersecurity Law (as amended 2025)"
SHOP = {"ecommerce": True, "platform": True}
EVERYTHING = {**dict.fromkeys(FACTS, True), "pi_subjects": 20_000_000}

Edit = Callable[[Policy], Policy]


@cache
def good() -> Policy:
    """A small policy that keeps every rule."""
    file = Path(__file__).parent / "good.yaml"
    return load(file.read_bytes(), str(file))


@cache
def huiju() -> Policy:
    """The pack as it stands."""
    file = resources.files("shounuo.packs").joinpath("huiju.yaml")
    return load(file.read_bytes(), "huiju.yaml")


def put(policy: Policy, *entries: Entry) -> Policy:
    """The policy with these entries added, or put in place of those of the same name."""
    sections = {name: dict(section) for name, section in policy.sections.items()}
    for entry in entries:
        sections.setdefault(entry.section, {})[entry.name] = entry
    return replace(policy, sections=MappingProxyType(sections))


def edit(path: str, /, **changes: object) -> Edit:
    """Change fields of one entry."""
    section, name = path.split(".")
    return lambda policy: put(policy, replace(policy.sections[section][name], **changes))


def drop(*paths: str) -> Edit:
    """Take entries out; a bare section takes out all of it."""

    def without(policy: Policy) -> Policy:
        sections = {name: dict(section) for name, section in policy.sections.items()}
        for path in paths:
            section, _, name = path.partition(".")
            if name:
                del sections[section][name]
            else:
                del sections[section]
        return replace(policy, sections=MappingProxyType(sections))

    return without


def copy(path: str, name: str, /, **changes: object) -> Edit:
    """Add an entry made from another."""
    section, old = path.split(".")
    return lambda policy: put(policy, replace(policy.sections[section][old], name=name, **changes))


def each(*edits: Edit) -> Edit:
    """One edit after another."""

    def all_of(policy: Policy) -> Policy:
        for one in edits:
            policy = one(policy)
        return policy

    return all_of


ANYONE_ABROAD = edit("sharing.abroad", to=())  # the pack's door abroad is for one recipient only


def as_it_is(policy: Policy) -> Policy:
    """No edit."""
    return policy


def moved(path: str, **days: int) -> Edit:
    """Change the dates of the text."""
    section, name = path.split(".")

    def later(policy: Policy) -> Policy:
        dates = policy.sections[section][name]
        return put(
            policy, replace(dates, **{key: getattr(dates, key).replace(day=day) for key, day in days.items()})
        )

    return later


@dataclass(frozen=True)
class Row:
    """One edit of the huiju pack, and the finding that it makes: the rule, at this entry.

    `start` first mends what already fires in the pack; `also` names rules that fire with it by their nature.
    """

    rule: str
    at: str
    edit: Edit
    start: Edit = as_it_is
    facts: Mapping[str, int | bool] = field(default_factory=dict)
    also: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.rule} at {self.at}"


NEXT_OF_KIN = copy("rights.access", "relatives", who="next-of-kin")
AUDITED = copy("pledges.training", "audit", words=Words("合规审计", "Compliance audit"), every=Months(12))
SWITCH = edit("uses.personalise", off_switch=True)
WHOLE_WITHDRAWAL = edit("rights.withdraw", of=())
GUARDIAN_YES = copy("consent.rule", "guardian", form=Form.GUARDIAN)
TELLS_RIGHTS = edit(
    "sharing.abroad", tells=Tells(at="before-transfer", shows=("recipient", "how rights are used"))
)
ABROAD = {"country": "SG"}

# The edits that the pack as it stands can already show: each makes its rule fire and nothing else.
ROWS = [
    Row("pipl-6", "scenes.sign-in", edit("scenes.sign-in", purpose=Words("登录等目的", "Sign in, etc."))),
    Row("pipl-13", "scenes.sign-in", edit("scenes.sign-in", basis=Basis.LEGAL_DUTY)),
    Row("pipl-14", "changes.material", edit("changes.material", reconsent=("new-purpose", "new-manner"))),
    Row(
        "pipl-16", "scenes.support-search", edit("scenes.support-search", refusal=Refusal(closed=("models",)))
    ),
    Row("pipl-17", "contact", drop("contact"), also=frozenset({"csl-51"})),
    Row("pipl-17-change", "changes.material", edit("changes.material", tells=None)),
    Row("ndsr-21a", "text.shown-at", edit("text.shown-at", sign_in="needed")),
    Row("ndsr-21b", "retention.input", edit("retention.input", then="restrict")),
    Row("pipl-28", "information.card-number", edit("information.card-number", grade="ordinary")),
    Row("gbt45574-4", "information.payee-id", edit("information.payee-id", grade="ordinary")),
    Row("pipl-29", "scenes.withdrawal", edit("consent.payout-details", form=Form.EXPLICIT)),
    Row("pipl-30", "scenes.withdrawal", edit("scenes.withdrawal", necessity=None)),
    Row(
        "pipl-30-effect",
        "scenes.invoice",
        edit("scenes.invoice", tells=Tells(at="before-collection", shows=("purpose",))),
    ),
    Row(
        "pipl-21",
        "recipients.survey-contractor",
        edit(
            "papers.entrustment-agreement",
            terms=("purpose", "means", "data-kinds", "safeguards", "rights-and-duties"),
        ),
    ),
    Row(
        "pipl-22",
        "sharing.corporate-change",
        edit("sharing.corporate-change", tells=Tells(at="before-transfer", shows=("recipient-name",))),
    ),
    Row("pipl-23", "recipients.unionpay-api", edit("recipients.unionpay-api", company=None)),
    Row("pipl-23-yes", "recipients.unionpay-api", edit("consent.unionpay-api", form=Form.EXPLICIT)),
    Row("pipl-23-door", "sharing.between-affiliates", edit("consent.between-affiliates", form=Form.EXPLICIT)),
    Row("pipl-25", "sharing.publish-on-consent", edit("consent.publication", covers=("publication",))),
    Row("appid-2.1", "recipients.zxing-sdk", edit("recipients.zxing-sdk", company=None)),
    Row("gbt35273-9.7", "recipients.baidu-sdk", edit("recipients.baidu-sdk", terms=None)),
    Row(
        "pipl-38",
        "storage.hong-kong",
        lambda policy: put(
            drop("sharing.abroad")(policy),
            Storage(section="storage", name="hong-kong", line=809, region="HK", covers=("backup",)),
        ),
        start=TELLS_RIGHTS,
    ),
    Row(
        "pipl-39",
        "sharing.abroad",
        each(
            edit("sharing.abroad", on=(Ground.EXPLICIT_CONSENT,)), edit("consent.abroad", form=Form.EXPLICIT)
        ),
    ),
    Row(
        "pipl-38",
        "recipients.alipay-sdk",
        edit("papers.export-procedure", terms=("a form",)),
        start=each(
            ANYONE_ABROAD,
            edit("recipients.alipay-sdk", **ABROAD),
            edit("consent.alipay-sdk", form=Form.SEPARATE),
        ),
    ),
    Row("pipl-39-yes", "recipients.alipay-sdk", edit("recipients.alipay-sdk", **ABROAD), start=ANYONE_ABROAD),
    Row(
        "csl-39",
        "storage.mainland",
        edit("storage.mainland", region="HK"),
        start=ANYONE_ABROAD,
        facts={"ciio": True},
    ),
    Row("pipl-41", "recipients.authority", edit("recipients.authority", country="US"), start=ANYONE_ABROAD),
    Row("pipl-24a", "uses.personalise", edit("uses.personalise", never=("profiling",))),
    Row("adl-43", "messages.marketing", each(edit("messages.marketing", asks=()), drop("consent.marketing"))),
    Row(
        "adl-43-stop",
        "messages.marketing",
        edit("messages.marketing", channels=("email", "sms", "phone", "push", "in-site")),
    ),
    Row("sms-1", "messages.marketing", edit("stops.td", on="push")),
    Row("pipl-19", "retention.trade", edit("retention.trade", basis=None, hold=None)),
    Row("csl-23", "retention.logs", edit("retention.logs", for_=AtMost(Months(3)), hold=None)),
    Row("ecl-31", "retention.trade", edit("retention.trade", for_=Years(2), hold=None), facts=SHOP),
    Row("pipl-45", "rights", drop("rights.access")),
    Row("pipl-45", "rights", edit("rights.access", who="next-of-kin")),
    Row("pipl-46", "rights.correct", edit("rights.correct", where={})),
    Row("pipl-47", "rights.delete", edit("requests.deletion", kinds=("delete-order",))),
    Row("pipl-47-copies", "rights.delete", edit("rights.delete", includes=("copies", "recipients"))),
    Row("pipl-15-easy", "rights.withdraw", edit("rights.withdraw", way=("letter",))),
    Row("appid-3.8", "permissions.scan-camera", edit("permissions.scan-camera", withdraw={})),
    Row("ndsr-23", "rights.close", edit("rights.close", of=("account",))),
    Row("pipl-48", "rights", drop("rights.explain")),
    Row("pipl-51-verify", "requests.deletion", edit("requests.deletion", verify="none")),
    Row(
        "appid-6.3",
        "requests.deletion",
        edit("requests.deletion", within=WorkingDays(16)),
        also=frozenset({"gbt35273-8.7"}),
    ),
    Row(
        "gbt35273-8.7",
        "requests.deletion",
        edit("requests.deletion", kinds=("delete", "access"), within=NaturalDays(31)),
        also=frozenset({"appid-6.3"}),
    ),
    Row(
        "appid-6.5",
        "requests.questions",
        edit("requests.questions", within=NaturalDays(20)),
        also=frozenset({"miit24-12"}),
    ),
    Row(
        "miit24-12",
        "requests.questions",
        edit("requests.questions", within=Usually(WorkingDays(3), WorkingDays(15))),
    ),
    Row(
        "csl-51",
        "contact",
        lambda policy: put(
            policy, *(replace(one, takes=("request",)) for one in policy.of("contact").values())
        ),
    ),
    Row("pipl-52", "contact", drop("contact.officer"), facts={"pi_subjects": 1_000_000}),
    Row("pipl-51-seal", "protection", drop("protection.sealing")),
    Row(
        "pipl-51-roles",
        "protection",
        drop("protection.staff", "protection.support-agents", "protection.sensitive"),
    ),
    Row("gbt35273-11.6", "pledges.training", edit("pledges.training", every=Years(2))),
    Row(
        "audit-4",
        "pledges.audit",
        edit("pledges.audit", every=Months(25)),
        start=AUDITED,
        facts={"pi_subjects": 10_000_001},
    ),
    Row("pipl-31", "minors.under-age", edit("minors.under-age", under=12)),
    Row(
        "pipl-31-guardian",
        "consent",
        drop("consent.guardian"),
        start=each(GUARDIAN_YES, AUDITED),
        facts={"under14": True},
    ),
    Row(
        "min-34", "rights", drop("rights.guardian-delete", "rights.guardian-question"), facts={"minors": True}
    ),
    Row(
        "min-37",
        "pledges.audit",
        edit("pledges.audit", every=Months(18)),
        start=AUDITED,
        facts={"minors": True},
    ),
    Row(
        "ecl-34",
        "text.dates",
        moved("text.dates", effective=28),
        start=moved("text.dates", effective=29),
        facts=SHOP,
    ),
    Row("gdpr-8", "minors.under-age", edit("minors.under-age", under=15), facts={"eea": True}),
    Row(
        "gdpr-12",
        "requests.identity-change",
        edit("requests.identity-change", kinds=("correct-identity",), within=NaturalDays(29)),
        facts={"eea": True},
        also=frozenset({"appid-6.3"}),
    ),
]

# What already fires in the pack: each row first mends the entry, which silences the rule, then breaks it.
MENDED_FIRST = [
    Row(
        "ndsr-12",
        "recipients.partner",
        edit("papers.confidentiality-agreement", terms=("purpose", "means", "safeguards")),
        start=edit("papers.confidentiality-agreement", terms=("purpose", "means", "scope", "safeguards")),
    ),
    Row(
        "ndsr-12",
        "recipients.affiliate",
        edit("sharing.multi-entity", needs=()),
        start=edit("sharing.multi-entity", needs=("entrustment-agreement",)),
    ),
    Row(
        "pipl-23",
        "recipients.partner",
        edit("recipients.partner", company=None),
        start=edit("recipients.partner", company="某公司"),
    ),
    Row(
        "pipl-39-told",
        "sharing.abroad",
        edit("sharing.abroad", tells=Tells(at="before-transfer", shows=("recipient", "purpose"))),
        start=TELLS_RIGHTS,
    ),
    Row("pipl-49", "rights", drop("rights.relatives"), start=NEXT_OF_KIN),
    Row(
        "gbt35273-8.3",
        "rights.delete",
        edit("rights.delete", includes=("copies", "backups")),
        start=edit("rights.delete", includes=("copies", "backups", "recipients")),
    ),
    Row("pipl-15", "rights.withdraw", edit("rights.withdraw", of=("scan-camera",)), start=WHOLE_WITHDRAWAL),
    Row("pipl-45-copy", "rights.copy", edit("rights.copy", of=("email",)), start=edit("rights.copy", of=())),
    Row("pipl-24b", "uses.personalise", edit("uses.personalise", off_switch=False), start=SWITCH),
]


def marks(policy: Policy, facts: Mapping[str, int | bool]) -> dict[tuple[str, str], Finding]:
    """What lint finds, by rule and place."""
    return {(one.requirement, one.entry): one for one in lint(policy, TODAY, facts)}


def line(policy: Policy, at: str) -> int:
    """The line of an entry, or of a section's first entry; 0 where it is not written."""
    section, _, name = at.partition(".")
    entries = policy.of(section)
    first = entries.get(name) if name else next(iter(entries.values()), None)
    return first.line if first else 0


@pytest.mark.parametrize("row", ROWS + MENDED_FIRST, ids=str)
def test_an_edit_of_the_pack_makes_its_rule_fire(row: Row) -> None:
    """One edit of huiju.yaml makes exactly this rule fire, at its entry, with article and severity."""
    before = row.start(huiju())
    after = row.edit(before)
    was, now = marks(before, row.facts), marks(after, row.facts)
    new = now.keys() - was.keys()
    assert (row.rule, row.at) in new
    assert {rule for rule, _ in new} == {row.rule} | row.also
    found, asked = now[row.rule, row.at], next(one for one in requirements() if one.id == row.rule)
    assert found.severity == asked.severity
    assert found.article == asked.citation(TODAY)
    assert found.line == line(after, row.at)


@pytest.mark.parametrize(
    ("old", "new", "rule", "at"),
    [
        ("sign-in: none-needed", "sign-in: needed", "ndsr-21a", "text.shown-at"),
        ("under: 18 years old", "under: 12 years old", "pipl-31", "minors.under-age"),
        ("includes: [copies, backups]", "includes: [copies]", "pipl-47-copies", "rights.delete"),
    ],
)
def test_an_edit_of_the_file_itself_makes_its_rule_fire(old: str, new: str, rule: str, at: str) -> None:
    """The same from the text on: a word changed in huiju.yaml is found on the line where it was changed."""
    lines = resources.files("shounuo.packs").joinpath("huiju.yaml").read_text("utf-8").splitlines()
    written = next(n for n in range(line(huiju(), at) - 1, len(lines)) if old in lines[n])
    lines[written] = lines[written].replace(old, new)
    found = marks(load("\n".join(lines), "huiju.yaml"), {})
    assert found.keys() - marks(huiju(), {}).keys() == {(rule, at)}
    assert found[rule, at].line == line(huiju(), at)


def test_the_pack_contradicts_no_law() -> None:
    """As it stands, huiju.yaml falls short in places, but does nothing the law forbids."""
    assert [one for one in lint(huiju(), TODAY) if one.severity == "error"] == []


def test_every_rule_has_an_edit() -> None:
    """No rule is without an edit of the pack that shows it; at least twenty are shown by making them fire."""
    assert {row.rule for row in ROWS + MENDED_FIRST} == {one.id for one in requirements()}
    fires_as_it_is = {one.requirement for one in lint(huiju(), TODAY)}
    assert len({row.rule for row in ROWS} - fires_as_it_is) >= 20


@pytest.mark.parametrize("facts", [{}, EVERYTHING], ids=["nothing declared", "everything declared"])
def test_a_good_policy_is_silent(facts: Mapping[str, int | bool]) -> None:
    """A policy that keeps every rule fires none, whatever its operator declares of itself."""
    assert lint(good(), TODAY, facts) == ()


def test_an_empty_policy_is_not_silent() -> None:
    """A policy that says nothing falls short everywhere something must be said, at line 0."""
    empty = Policy(slug="empty", sections=MappingProxyType({}), clauses=MappingProxyType({}))
    found = lint(empty, TODAY)
    assert {"pipl-45", "pipl-47", "pipl-31", "pipl-17", "csl-51"} <= {one.requirement for one in found}
    assert {one.line for one in found} == {0}


def test_what_is_not_in_force_yet_is_a_warning_with_its_date() -> None:
    """Before the regulation binds, an entry it forbids is told as a warning that says when it will."""
    policy = edit("text.shown-at", sign_in="needed")(huiju())
    found = {one.requirement: one for one in lint(policy, date(2024, 12, 31))}["ndsr-21a"]
    assert (found.severity, found.pending, found.in_force) == ("warning", True, date(2025, 1, 1))
    assert "in force from 2025-01-01" in found.fault.wrong
    bound = {one.requirement: one for one in lint(policy, date(2025, 1, 1))}["ndsr-21a"]
    assert (bound.severity, bound.pending) == ("error", False)


@pytest.mark.parametrize(("at", "zh", "en"), [
    (date(2025, 12, 31), "《网络安全法》第二十一条第三项", "Cybersecurity Law (2016), art. 21(3)"),
    (date(2026, 1, 1), "《网络安全法（2025年修正）》第二十三条第三项", f"{AMENDED}, art. 23(3)"),
])  # fmt: skip
def test_a_renumbered_law_is_cited_in_the_edition_of_the_day(at: date, zh: str, en: str) -> None:
    """The Cybersecurity Law moved its articles on 2026-01-01; both days cite their own, and both bind."""
    policy = edit("retention.logs", for_=Months(3), hold=None)(huiju())
    found = {one.requirement: one for one in lint(policy, at)}["csl-23"]
    assert (found.article, found.severity, found.pending) == (Words(zh, en), "error", False)


def test_a_fact_nobody_knows_is_refused() -> None:
    """A misspelt fact would silence a requirement, so it is refused with the nearest known one."""
    with pytest.raises(Invalid, match="did you mean `pi_subjects`"):
        lint(good(), TODAY, {"pi_subject": 1})
    with pytest.raises(Invalid, match="whole number"):
        lint(good(), TODAY, {"pi_subjects": -1})


def test_what_the_policy_shows_cannot_be_declared_away() -> None:
    """A policy with an SDK is an app's, whatever is declared."""
    policy = edit("recipients.zxing-sdk", company=None)(huiju())
    assert "appid-2.1" in {one.requirement for one in lint(policy, TODAY, {"app": False})}


def test_a_finding_is_a_fault_that_speaks() -> None:
    """As a fault of the file, a finding has line, entry, what is wrong with the article, and what to do."""
    fault = next(one for one in lint(huiju(), TODAY) if one.requirement == "pipl-49").fault
    assert (fault.entry, fault.severity, fault.code) == ("rights", "warning", "law/pipl-49")
    assert "art. 49" in fault.wrong
    assert fault.remedy


def test_findings_come_in_the_order_of_the_file() -> None:
    """Line by line, so that a reader walks down the file once."""
    lines = [one.line for one in lint(huiju(), TODAY, EVERYTHING)]
    assert lines == sorted(lines)


def test_standards_never_contradict() -> None:
    """What only a recommended standard asks, or what we have not read, is never an error."""
    for one in requirements():
        assert one.severity == "warning" or (
            one.force is not Force.STANDARD and one.read.value in ("full-text", "quoted")
        )


def grown(times: int) -> Policy:
    """The pack with each entry of its large sections repeated under new names."""

    def again(section: Mapping[str, Entry]) -> dict[str, Entry]:
        names = [
            (f"{name}-{n}" if n else name, entry) for n in range(times) for name, entry in section.items()
        ]
        return {name: replace(entry, name=name) for name, entry in names}

    sections = {name: again(section) for name, section in huiju().sections.items()}
    return replace(huiju(), sections=MappingProxyType(sections))


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
    lint(huiju(), TODAY)
    assert calls(grown(8)) < 4.6 * calls(grown(2))


def test_several_terms_count_as_the_law_may_count_on_them() -> None:
    """The earlier of two keeps a limit when either does; a bound of our own counts as its number."""
    late = edit("requests.deletion", within=EarlierOf((NaturalDays(60), WorkingDays(15))))(huiju())
    assert "appid-6.3" not in {one.requirement for one in lint(late, TODAY)}
    bound = edit("requests.deletion", within=Bound("尽快", WorkingDays(20)))(huiju())
    assert "appid-6.3" in {one.requirement for one in lint(bound, TODAY)}


def test_only_an_agreement_agrees() -> None:
    """What a risk assessment says binds no recipient: the terms must stand in an agreement."""
    policy = edit("papers.risk-assessment", terms=("purpose", "means", "scope", "security"))(huiju())
    assert ("ndsr-12", "recipients.partner") in marks(policy, {})


def test_a_no_may_close_what_it_refuses_and_what_is_needed_for_the_contract() -> None:
    """A scene may close itself; one that rests on the contract may close what cannot go on without it."""
    own = each(
        edit("consent.mailing-details", covers=("invoice-delivery",)),
        edit("scenes.invoice-mailing", refusal=Refusal(closed=("invoice-mailing",))),
    )(huiju())
    found = marks(own, {})
    assert ("pipl-16", "scenes.invoice-mailing") not in found
    assert own.of("scenes")["sign-in"].refusal.closed
    assert ("pipl-16", "scenes.sign-in") not in found


def test_doors_open_by_law_need_no_yes() -> None:
    """A door that rests on a legal ground, or on a separate consent by name, is not asked for a form."""
    for ground in (Ground.LEGAL_DUTY, Ground.SEPARATE_CONSENT):
        policy = each(
            edit("sharing.publish-on-consent", on=(ground,)),
            edit("consent.publication", covers=("publication",)),
        )(huiju())
        assert "pipl-25" not in {one.requirement for one in lint(policy, TODAY)}
    assert {door.act for door in huiju().of("sharing").values()} >= {Act.PUBLISH, Act.SHARE, Act.ABROAD}
