"""The slips an author is likeliest to make: each has a message of its own, with line, entry and remedy."""

from pathlib import Path

import pytest

from shounuo.core.consistency import check
from shounuo.errors import BadPolicy, Fault
from shounuo.language.load import load

HERE = Path(__file__).parent
SMALL = (HERE / "small.yaml").read_text("utf-8")
WHOLE = (HERE.parents[0] / "core" / "whole.yaml").read_text("utf-8")

LAUGHS = "text: &a [x, x]\nuses: &b [*a, *a]\nscenes: &c [*b, *b]\nrights: [*c, *c]\n"
# What stands in the text, what is written instead, the line that starts so, the entry, what is wrong, what to do.
SLIPS = {
    "a key twice": (
        "  courier: {zh: 快递, en: Courier, kind: partner, ",
        "  courier: {zh: 快递, en: Courier, kind: partner, kind: sdk, ",
        "recipients.courier.kind", "`kind` stands twice, first on line", "keep one of them",
    ),
    "an entry twice": (
        "  maps: {zh: 地图", "  shop: {zh: 店, en: Shop, provider: us}\n  maps: {zh: 地图",
        "services.shop", "`shop` stands twice, first on line", "keep one of them",
    ),
    "a date that does not exist": (
        "updated: 2026-01-05", "updated: 2026-02-30",
        "text.dates.updated", "there is no day 2026-02-30", "write it like `2024-03-22`",
    ),
    "a date written otherwise": (
        "updated: 2026-01-05", "updated: 5 January 2026",
        "text.dates.updated", "`5 January 2026` is not a date", "write it like `2024-03-22`",
    ),
    "a duration without a unit": (
        "within: 5 working days, from: received", "within: 5, from: received",
        "requests.questions.within", "`5` is not a duration", "working days, natural days",
    ),
    "days of no kind": (
        "within: 5 working days, from: received", "within: 15 days, from: received",
        "requests.questions.within", "`15 days` does not say which days", "`15 natural days` or `15 working days`",
    ),
    "a period in working days": (
        "life: 30 natural days", "life: 30 working days",
        "cookies.cart.life", "`30 working days` counts working days", "natural days, months or years",
    ),
    "a path that names no face": (
        "path: {web: 设置-删除}", "path: 设置-删除",
        "rights.delete.path", "`设置-删除` stands where a mapping must", "write `{app: 设置-隐私-查阅我的信息}`",
    ),
    "a moment that is none": (
        "tells: {at: before-collection,", "tells: {at: whenever,",
        "scenes.payout.tells.at", "`whenever` is not a word", "`trial-ends`, `with-reply`",
    ),
    "a word a story does not know": (
        "probe: {in-time: {kind: delete}}", "probe: {cookie-scan: {choice: banana}}",
        "clauses.small-9.probe.cookie-scan.choice", "`banana` is not a word the language knows here",
        "one of `accepted`, `refused`",
    ),
    "a region that is none": (
        "probe: {stays-in: {outside: US}}", "probe: {stays-in: {outside: abroad}}",
        "clauses.small-6.probe.stays-in.outside", "`abroad` is not a region", "CN-mainland",
    ),
}  # fmt: skip


def faults(text: str) -> tuple[Fault, ...]:
    """Every fault of a text."""
    with pytest.raises(BadPolicy) as told:
        load(text, "slip.yaml")
    return told.value.faults


@pytest.mark.parametrize("slip", SLIPS)
def test_the_slip_is_told_at_its_line(slip: str) -> None:
    """One fault, on the line of the slip, naming the entry and what to write instead."""
    old, new, entry, wrong, remedy = SLIPS[slip]
    assert SMALL.count(old) == 1
    line = SMALL.count("\n", 0, SMALL.index(old)) + 1
    (fault,) = [one for one in faults(SMALL.replace(old, new)) if one.entry == entry and wrong in one.wrong]
    assert fault.line == line
    assert remedy in f"{fault.wrong} {fault.remedy}"


FORMS = {
    "a tab": ("text:\n\tdates: {}\n", 2, "a tab stands where spaces must", "indent with spaces"),
    "full-width punctuation in a key": (
        "text:\n  dates，更新: x\n", 2, "full-width punctuation stands in a key", "use the plain `:` and `,`"),
    "a full-width colon": ("text:\n  dates：x\n  more: y\n", 2, "a full-width `：` stands where `:` must", "write `:`"),
    "aliases of aliases": (LAUGHS, 2, "it repeats another place by an alias", "write it out"),
    "a cycle": ("text: &a {dates: *a}\n", 1, "it repeats another place by an alias", "write it out"),
    "a merge": ("text: {<<: {a: b}}\n", 1, "merge keys (`<<`) are not part of the language", "write it out"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_what_yaml_would_let_pass_is_told(form: str) -> None:
    """YAML's own turns have messages of their own too."""
    text, line, wrong, remedy = FORMS[form]
    assert any(
        (one.line, wrong in one.wrong, remedy in one.remedy) == (line, True, True) for one in faults(text)
    )


@pytest.mark.parametrize(
    ("old", "new"), [("life: 30 natural days", "life: 7 days"), ("bound: 6 months", "bound: 7 days"),
                     ("period: 3 years, opens-for", "period: 7, opens-for")],
)  # fmt: skip
def test_no_remedy_offers_working_days_where_there_are_none(old: str, new: str) -> None:
    """How long something is kept is counted in natural days: the author is not sent from one fault into the next."""
    (fault,) = faults(SMALL.replace(old, new))
    assert "natural days" in fault.wrong
    assert "working" not in f"{fault.wrong} {fault.remedy}"


def test_a_door_to_another_on_a_plain_consent_is_told_the_law_asks_a_separate_one() -> None:
    """Of what is entrusted, and of a form that suffices, only the consent that lacks is told."""
    plain = SMALL.replace(
        "on: [separate-consent], to: [hotel, courier]", "on: [consent], to: [hotel, courier]"
    )
    plain = plain.replace("form: separate, for: [abroad]", "form: separate, for: [payout]")
    (fault,) = [
        one for one in check(load(plain, "a.yaml")) if one.entry == "sharing.abroad" and one.code == "unasked"
    ]
    assert "write `on: [separate-consent]`" in fault.remedy
    assert "PIPL 39" in fault.remedy
    entrusted = SMALL.replace("act: entrust, on: [contract]", "act: entrust, on: [explicit-consent]")
    entrusted = entrusted.replace("for: [shop, by-contract]", "for: [shop]")
    told = [one.remedy for one in check(load(entrusted, "a.yaml")) if one.entry == "sharing.by-contract"]
    assert any("form `explicit` (or stronger)" in one for one in told)


def test_days_where_the_text_says_working_days() -> None:
    """15 natural days in the entry and 15 working days in the clause are told as a contradiction, with both lines."""
    text = SMALL.replace("within: 5 working days, from: received", "within: 5 natural days, from: received")
    (fault,) = [one for one in check(load(text, "slip.yaml")) if one.code == "contradiction"]
    assert fault.entry == "requests.questions"
    assert fault.line == text.count("\n", 0, text.index("  questions: {")) + 1
    clause = text.count("\n", 0, text.index("  small-9: {")) + 1
    assert (
        f"it does `within: 5 natural days`, but clause `small-9` (line {clause}) says `5 working days`"
        in fault.wrong
    )
    assert fault.remedy == "change the one that is wrong"


SHAPES = [
    ("alike: 20", "alike: 1", "sharing.to-lab.alike", "`1` is not a whole number from 2 to 100000"),
    ("alike: 20", "alike: many", "sharing.to-lab.alike", "`many` is not a whole number"),
    ("alike: 20", "alike: [20]", "sharing.to-lab.alike", "a list is not a whole number"),
    ("approval: {sensitive: lead}", "approval: {secret: lead}", "protection.staff.approval", "`secret` is not a word"),
    ("proves: {email: code}", "proves: {mail: code}", "scenes.sign-up.proves", "`mail` is not declared"),
    ("hours: 8 hours on 7 days", "hours: all day", "contact.mail.hours", "does not say how long"),
    ("keeps: both, how: earlier-of", "keeps: all, how: earlier-of", "readings.sooner.keeps", "is not a clause id, or `both`"),
    ("role: processor,", "role: processor, facts: {ecommerce: perhaps},", "text.operator.facts.ecommerce", "neither true nor false"),
    ("role: processor,", "role: processor, facts: {people: -1},", "text.operator.facts.people", "not a whole number"),
    ("fee: {after: 3,", "fee: {after: 0,", "requests.all.fee.after", "not a whole number from 1"),
    ("items: {grounds: {part: [contract]}", "items: {grounds: {part: [contracts]}", "clauses.whole-4.items.grounds.part[0]", "is not a word"),
    ("read: [sooner], numbers: {rights.access.kind", "read: [later], numbers: {rights.access.kind", "clauses.whole-11.read[0]", "`later` is not declared"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "entry", "wrong"), SHAPES)
def test_a_value_of_another_shape_is_told(old: str, new: str, entry: str, wrong: str) -> None:
    """Numbers, tables, parts and hours say what they must be."""
    assert old in WHOLE
    assert any(
        one.entry == entry and wrong in one.wrong and one.remedy for one in faults(WHOLE.replace(old, new, 1))
    )


def test_facts_are_flags_or_numbers() -> None:
    """What the law asks of the operator by is so or not, or counted."""
    text = WHOLE.replace(
        "role: processor,", "role: processor, facts: {ecommerce: true, pi-subjects: 2000000},", 1
    )
    operator = load(text, "facts.yaml").of("text")["operator"]
    assert operator.facts == {"ecommerce": True, "pi-subjects": 2_000_000}  # type: ignore[attr-defined]


def test_a_share_is_below_a_hundred() -> None:
    """A measured pledge names its share in per cent."""
    pledge = "{zh: 少, en: Few, every: 1 month, proof: measured, lapse: report, at-most: 120 %, keeps: [a-1]}"
    text = f"pledges: {{few: {pledge}}}\nclauses: {{a-1: {{kind: definition, says: {{zh: 少, en: Few}}}}}}\n"
    (fault,) = faults(text)
    assert (fault.entry, "is not a share below 100 %" in fault.wrong) == ("pledges.few.at-most", True)


def test_the_nearest_of_a_great_many_names_is_still_found() -> None:
    """Among thousands of names those are looked at that begin alike."""
    items = "".join(f"  item-{place}: {{zh: 甲, en: A}}\n" for place in range(6_000))
    text = f"information:\n{items}cookies:\n  a: {{zh: 甲, en: A, technique: cookie, purposes: [cart], keys: [a], set-by: A, holds: [itm-7]}}\nclauses: {{}}\n"
    (fault,) = faults(text)
    assert fault.remedy == "did you mean `item-7`?"
