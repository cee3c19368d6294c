"""Places of a text: read in either script, numbered, in order."""

import pytest
from rooms import pack, policy_of

from shounuo.render.outline import Place, in_chinese, outline, read_place
from shounuo.render.tongue import Tongue


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", Place("", ())),
        ("2", Place("", ("2",))),
        ("2.1", Place("", ("2", "1"))),
        ("5.1.1", Place("", ("5", "1", "1"))),
        ("十二", Place("", ("12",))),
        ("二、1", Place("", ("2", "1"))),
        ("二、2 1)", Place("", ("2", "2", "1"))),
        ("二 2.1", Place("", ("2", "1"))),
        ("前言", Place("前言", ())),
        ("法律声明 一", Place("法律声明", ("1",))),
        ("法律声明 二 2.2", Place("法律声明", ("2", "2"))),
        ("附则3", Place("附则", ("3",))),
        ("附则6-8", Place("附则", ("6-8",))),
        ("Cookies 和类似技术", Place("Cookies 和类似技术", ())),
    ],
)
def test_places_are_read(text: str, place: Place) -> None:
    """Numbers are read in Arabic and in Chinese; what is no number is a name."""
    assert read_place(text) == place


@pytest.mark.parametrize(("n", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")])
def test_numbers_are_written_in_chinese(n: int, text: str) -> None:
    """Chapters bear Chinese numerals, and what is written is read back."""
    assert in_chinese(n) == text
    assert read_place(text) == Place("", (str(n),))


def test_chapters_bear_the_published_titles() -> None:
    """In Chinese as published, in English in our words, numbered as the text numbers them."""
    zh = [f"{one.number}{one.title}" for one in outline(pack("huiju"), Tongue("zh-CN")) if one.place.numbers]
    en = [f"{one.number}{one.title}" for one in outline(pack("huiju"), Tongue("en")) if one.place.numbers]
    assert zh[0] == "一、本规则的适用范围"
    assert zh[-1] == "十、如何联系我们"
    assert en[1] == "2. How we collect and use information"
    assert len(zh) == len(en) == 10


def test_a_text_without_numbers_is_numbered() -> None:
    """So that its chapters can be cited; what stands before the first is not counted."""
    found = [one.number for one in outline(pack("vnet"), Tongue("zh-CN"))]
    assert found[:3] == ["", "一、", "二、"]


SMALL = """
text:
  operator: {zh: 示例有限公司, en: Example Ltd, role: handler, home: CN-mainland, keeps: [small-1]}
  chapters: {titles: [总则, 收集, 附则], keeps: [small-1]}
clauses:
  small-1: {kind: definition, section: 前言, says: {zh: 甲, en: A}}
  small-2: {kind: definition, section: "3", says: {zh: 乙, en: B}}
  small-3: {kind: definition, section: "1.2", says: {zh: 丙, en: C}}
  small-4: {kind: definition, says: {zh: 丁, en: D}}
"""


def test_a_chapter_without_clauses_stands_in_its_place() -> None:
    """Every title of the text is there; what stands nowhere has a heading of ours."""
    found = [(one.number, one.title) for one in outline(policy_of(SMALL), Tongue("zh-CN"))]
    assert ("二、", "收集") in found
    assert found.index(("一、", "总则")) < found.index(("二、", "收集"))
    assert ("", "总则") in found
    titles = [one.title for one in outline(policy_of(SMALL), Tongue("en"))]
    assert "收集" in titles


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("二、我们如何收集", "我们如何收集"),
        ("第二章 我们如何收集", "我们如何收集"),
        ("2. How we collect", "How we collect"),
        ("2 我们如何收集", "我们如何收集"),
        ("三、不是本章的编号", "三、不是本章的编号"),  # the author's number says something else: it stays
        ("二维码的使用", "二维码的使用"),
        ("二", "二"),
    ],
)
def test_a_title_that_bears_its_number_is_not_numbered_again(title: str, shown: str) -> None:
    """`二、二、…` is nobody's heading."""
    policy = policy_of(SMALL.replace("[总则, 收集, 附则]", f"[总则, '{title}', 附则]"))
    found = [(one.number, one.title) for one in outline(policy, Tongue("zh-CN"))]
    assert ("二、", shown) in found
