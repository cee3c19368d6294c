"""The file of requirements: complete in two languages, dated, cited, and refused where it is wrong."""

import re
from datetime import date

import pytest

from shounuo.errors import Misconfigured
from shounuo.law.requirement import Force, Requirement, read, requirements
from shounuo.law.rules.facts import FACTS

HEAD = """
laws:
  old: {zh: 旧法, en: Old Law, force: law, in-force: 2017-06-01}
  new: {zh: 新法, en: New Law, force: law, in-force: 2026-01-01}
  std: {zh: 标准, en: Standard, force: recommended-std, in-force: 2020-01-01}
requirements:
"""
ONE = """
  one:
    title: {zh: 甲, en: One}
    provisions: [{law: old, zh: 第一条, en: art. 1}]
    read: full-text
    severity: error
    asks: {zh: 乙, en: Two}
    remedy: {zh: 丙, en: Three}
    text: must
    rule: {kind: ends}
"""
TWO = """
  two:
    title: {zh: 丁, en: Four}
    provisions: [{law: new, zh: 第二条, en: art. 2}]
    read: full-text
    text: must
    as: one
"""
PLACE = "[{law: old, zh: 第一条, en: art. 1}]"


def texts(one: Requirement) -> list[str]:
    """All words of a requirement."""
    words = [one.title, one.asks, one.remedy, one.citation(date(2026, 11, 21))]
    return [text for word in words for text in (word.zh, word.en)]


@pytest.mark.parametrize("one", requirements(), ids=lambda one: one.id)
def test_a_requirement_is_whole(one: Requirement) -> None:
    """It speaks both languages, cites an article, and its citation names the law in Chinese book marks."""
    assert all(texts(one))
    assert not re.search(r"[\u4e00-\u9fff]", one.asks.en + one.remedy.en + one.title.en)
    assert re.search(r"[\u4e00-\u9fff]", one.asks.zh)
    assert one.citation(date(2026, 11, 21)).zh.startswith("《")


def test_there_are_enough_and_every_fact_is_asked() -> None:
    """More than three hundred requirements, drawn from laws, regulations and rules; no fact without a use."""
    assert len(requirements()) >= 300
    assert {Force.LAW, Force.ADMIN_REG, Force.DEPT_RULE, Force.NORMATIVE, Force.STANDARD} <= {
        one.force for one in requirements()
    }
    conditions = " ".join(one.condition for one in requirements())
    assert [fact for fact in FACTS if not re.search(rf"\b{fact}\b", conditions)] == []


def test_force_ranks_a_law_above_a_standard() -> None:
    """Law, administrative regulation, department rule, normative document, standard: in this order."""
    order = [Force.LAW, Force.ADMIN_REG, Force.DEPT_RULE, Force.NORMATIVE, Force.STANDARD]
    assert sorted(order, key=lambda force: force.rank) == order


def test_every_requirement_in_force_since_its_oldest_edition() -> None:
    """A renumbering does not make a duty young: the log duty has held since 2017."""
    logs = next(one for one in requirements() if one.id == "csl-23")
    assert logs.in_force == date(2017, 6, 1)
    assert logs.citation(date(2015, 1, 1)).en == "Cybersecurity Law (2016), art. 21(3)"


def test_a_sound_file_is_read() -> None:
    """The smallest file there is."""
    assert [one.id for one in read({"x.yaml": HEAD + ONE}).requirements] == ["one"]


def test_who_asks_the_same_has_the_rule_and_the_words_of_the_other() -> None:
    """Its citation and its force are its own; what it does not say itself is the other's."""
    one, two = read({"x.yaml": HEAD + ONE + TWO}).requirements
    assert two.rule is one.rule
    assert (two.asks, two.remedy, two.same_as) == (one.asks, one.remedy, "one")
    assert two.citation(date(2026, 11, 21)).en == "New Law, art. 2"
    assert (one.severity, two.severity) == ("error", "warning")


def test_several_files_are_one_book() -> None:
    """Laws may stand in one file and requirements in others; a name stands once in all of them."""
    with pytest.raises(Misconfigured, match=r"b\.yaml: `one` stands in two files"):
        read({"a.yaml": HEAD + ONE, "b.yaml": "requirements:\n" + ONE})


@pytest.mark.parametrize(("old", "new", "says"), [
    ("law: old", "law: older", "`older` is not among the laws"),
    (PLACE, "[]", "at least one provision"),
    (PLACE, "[{law: new, zh: 一, en: a}, {law: old, zh: 一, en: b}]", "oldest edition first"),
    ("severity: error", "severity: fatal", "`error` or `warning`"),
    ("law: old", "law: std", "a warning at most"),
    ("read: full-text", "read: memory", "a warning at most"),
    ("read: full-text", "read: guessed", "guessed"),
    ("kind: ends", "kind: end", "Invalid value"),
    ("{kind: ends}", "{kind: ends, more: 1}", "unknown field"),
    (
        "{kind: ends}",
        "{kind: within, sections: [requests], field: within, where: {}, most: 15 days, named: {zh: 己, en: x}}",
        "does not say which days",
    ),
    ("{kind: ends}", "{kind: kept-at-least, items: '(', least: 6 months}", "no expression"),
    ("    rule:", "    when: apps\n    rule:", "there is no fact `apps`"),
    ("    rule:", "    then: now\n    rule:", "unknown field"),
    ("    rule:", "    severity: error\n    rule:", "`severity` stands twice"),
    ("    title: {zh: 甲, en: One}\n", "", "missing required field `title`"),
    ("    text: must\n", "", "missing required field `text`"),
    ("    rule: {kind: ends}\n", "", "says whose it has"),
    ("    rule: {kind: ends}\n", "    rule: {kind: ends}\n    as: one\n", "says whose it has"),
    ("    rule: {kind: ends}\n", "    as: two\n", "no requirement with a rule"),
    ("    rule: {kind: ends}\n", "    as: one\n", "no requirement with a rule"),
    ("    asks: {zh: 乙, en: Two}\n", "", "`asks` and `remedy` are missing"),
    ("{kind: ends}", "{kind: each, sections: [uses], field: of, named: {zh: 己, en: x}, topics: {目的: x}}", "中文/English"),
    ("{kind: ends}", "{kind: some, sections: [uses], named: {zh: 己, en: x}, where: {said: '('}}", "no expression"),
])  # fmt: skip
def test_a_wrong_file_is_refused(old: str, new: str, says: str) -> None:
    """Whole or not at all, and the message names the place."""
    assert old in ONE
    with pytest.raises(Misconfigured, match=says):
        read({"x.yaml": HEAD + ONE.replace(old, new, 1)})
