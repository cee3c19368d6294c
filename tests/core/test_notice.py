"""Notices: what they name, what they cost, and that no word changes without another hash."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shounuo.core.clause import Words
from shounuo.core.notice import LANGUAGES, compose
from shounuo.core.phrase import PHRASES
from shounuo.core.policy import ConsentItem, Refusal, Tells
from shounuo.core.rulebook import compile_policy
from shounuo.language.load import load

SMALL = Path(__file__).parents[1] / "language" / "small.yaml"
SOURCE = SMALL.read_bytes()
POLICY: Any = load(SOURCE, "small.yaml")
BOOK: Any = compile_policy(POLICY, SOURCE)


def edited(section: str, name: str, **change: Any) -> Any:
    """The small policy with one entry changed, compiled."""
    sections = {key: dict(entries) for key, entries in POLICY.sections.items()}
    sections[section][name] = replace(sections[section][name], **change)
    return compile_policy(replace(POLICY, sections=MappingProxyType(sections)), SOURCE)


LINES = {
    # 1, 2, 3: a scene that asks, with sensitive items and their necessity
    ("scenes.payout", "zh-CN"): (
        "提现",
        "用途：打款",
        "我们会收集：身份证号、税号、邮箱、手机号码",
        "其中的敏感个人信息：身份证号、税号；敏感个人信息一旦泄露或被非法使用，可能危害您的人身、财产安全",
        "必要性：银行要求核实",
        "提现信息",
        "如您不同意，仅以下功能无法使用：提现",
    ),
    ("scenes.payout", "en"): (
        "Payout",
        "Purpose: Pay out",
        "We collect: ID number, tax number, email address, mobile number",
        "Sensitive among them: ID number, tax number; if leaked or misused, sensitive information may harm your person or "
        "property",
        "Why it is needed: The bank asks for it",
        "Payout information",
        "If you decline, only this is closed to you: Payout",
    ),
    # 1: a consent item speaks for what it is for
    ("consent.camera", "zh-CN"): (
        "相机",
        "用途：扫码",
        "我们会收集：相机",
        "扫码SDK",
        "接收方：扫码SDK、扫扫公司",
        "对方会收到：相机",
        "镜头",
        "该权限会打开：相机",
    ),
    ("consent.courier", "en"): (
        "Courier",
        "By consent",
        "Recipient: Courier, 快快公司",
        "Purpose: Deliver",
        "They receive: mobile number, orders",
        "Please note: how to reach whoever receives it",
    ),
    ("consent.abroad", "en"): (
        "Abroad",
        "Recipient: Hotel",
        "Recipient: Courier, 快快公司",
        "Purpose: Deliver",
        "They receive: mobile number, orders, ID number",
        "Sensitive among them: ID number; if leaked or misused, sensitive information may harm your person or property",
    ),
    ("consent.terms", "zh-CN"): (
        "条款",
        "商店",
        "依约",
        "接收方：快递、快快公司",
        "用途：送货",
        "对方会收到：手机号码、订单、身份证号",
        "其中的敏感个人信息：身份证号；敏感个人信息一旦泄露或被非法使用，可能危害您的人身、财产安全",
        "请留意：规则全文",
        "版本：2026-01-05 更新，2026-01-05 生效",
    ),
    # 3: a no that costs nothing says so
    ("uses.offers", "en"): (
        "Offers",
        "Purpose: Suggest goods",
        "We use: orders, email address",
        "Advertising",
        "If you decline, nothing else is affected",
    ),
    # 6: the matter itself, else a phrase
    ("services.maps", "en"): (
        "Maps",
        "Please note: who provides the service",
        "Terms: 图图条款",
        "The rule that applies: 图图规则",
    ),
    ("recipients.police", "zh-CN"): ("公安", "接收方：公安", "用途：办案", "对方会收到：邮箱、订单"),
    ("rights.delete", "zh-CN"): ("删除",),
    ("consent.without", "zh-CN"): (),
}


@pytest.mark.parametrize(("path", "language"), LINES)
def test_the_lines_of_a_notice(path: str, language: str) -> None:
    """A notice says exactly this and nothing else, in the language asked for."""
    assert BOOK.notice(path, language).lines == LINES[path, language]


def test_a_language_nobody_wrote_is_english() -> None:
    """Whoever asks for another language reads the English words."""
    assert BOOK.notice("rights.delete", "fr").lines == ("Delete",)


def test_a_notice_carries_its_code_words() -> None:
    """`shows` holds every code word of the entry and of what it asks, once; `lines` hold what people read."""
    assert BOOK.notice("scenes.payout", "zh-CN").shows == (
        "fields",
        "purpose",
        "necessity",
        "effect-on-rights",
    )
    assert BOOK.notice("consent.courier", "en").shows == ("recipient", "purpose", "fields", "contact")
    assert BOOK.notice("rights.delete", "en").shows == ()


def test_a_question_shows_what_stands_before_it_too() -> None:
    """A consent item with `tells` of its own shows both lists."""
    tells = Tells(at="first-use", shows=("reason",))
    assert edited("consent", "payout", tells=tells).notice("consent.payout", "en").shows == (
        "reason",
        "fields",
    )


def test_a_word_without_a_phrase_is_shown_as_it_stands() -> None:
    """Free text of the author is no code word; people read it as written."""
    book = edited("rights", "delete", tells=Tells(at="before-confirm", shows=("不可恢复", "court")))
    assert book.notice("rights.delete", "zh-CN").lines == (
        "删除",
        "请留意：不可恢复",
        "请留意：您可以依法向人民法院提起诉讼",
    )


@pytest.mark.parametrize(
    "code",
    [
        "fields",
        "purpose",
        "recipient",
        "necessity",
        "effect-on-rights",
        "service-terms",
        "information-policy",
        "version",
    ],
)
def test_what_an_entry_has_nothing_of_is_a_phrase(code: str) -> None:
    """A code word an entry cannot answer by itself is still put before people, as a phrase."""
    book = edited("rights", "delete", tells=Tells(at="before-confirm", shows=(code,)))
    sections = {key: value for key, value in book.policy.sections.items() if key != "text"}
    bare: Any = compile_policy(replace(book.policy, sections=sections), SOURCE)
    assert bare.notice("rights.delete", "en").lines[-1] == f"Please note: {PHRASES[code].en}"


def test_an_entry_without_words_goes_by_its_name() -> None:
    """Where an author gave no words, the name stands."""
    book = edited("information", "order", words=None)
    assert book.notice("uses.offers", "en").lines[2] == "We use: order, email address"


def test_controls_start_unset() -> None:
    """Agree and decline stand side by side, neither chosen; where nothing is asked there is only `seen`."""
    assert BOOK.notice("scenes.payout", "en").controls == (("agree", None), ("decline", None))
    assert BOOK.notice("rights.delete", "en").controls == (("seen", None),)


def test_a_notice_asks_in_the_present_wording() -> None:
    """The wording answered is the one the Rulebook counts."""
    assert dict(BOOK.notice("scenes.payout", "en").asks) == {"payout": BOOK.wordings["payout"]}
    assert dict(BOOK.notice("consent.payout", "en").asks) == {"payout": BOOK.wordings["payout"]}


def test_there_is_no_notice_of_nothing() -> None:
    """A path that names no entry has no notice."""
    assert BOOK.notice("scenes.nowhere", "en") is None
    assert BOOK.notice("nowhere", "en") is None


PAYOUT = POLICY.of("scenes")["payout"]
SHOWN_CHANGES = [
    ("scenes", "payout", {"words": Words("提现", "Pay-out")}),
    ("scenes", "payout", {"words": Words("取现", "Payout")}),
    ("scenes", "payout", {"purpose": Words("打款", "Pay")}),
    ("scenes", "payout", {"necessity": None}),
    ("scenes", "payout", {"requires": ("id-number",)}),
    ("scenes", "payout", {"optional": ()}),
    ("scenes", "payout", {"refusal": Refusal()}),
    ("scenes", "payout", {"refusal": None}),
    ("scenes", "payout", {"asks": ()}),
    ("scenes", "payout", {"tells": replace(PAYOUT.tells, acknowledged=False)}),
    ("scenes", "payout", {"tells": replace(PAYOUT.tells, shows=("fields",))}),
    ("consent", "payout", {"words": Words("提现信息", "Payout data")}),
    ("consent", "payout", {"shows": ("fields", "version")}),
    ("information", "id-number", {"words": Words("证件号", "ID number")}),
    ("information", "id-number", {"grade": "ordinary"}),
]


@pytest.mark.parametrize(("section", "name", "change"), SHOWN_CHANGES)
def test_no_word_changes_without_another_hash(section: str, name: str, change: dict[str, Any]) -> None:
    """Whatever a person would read differently, in either language, has another fingerprint in one of them at
    least.
    """
    book = edited(section, name, **change)
    before = {language: BOOK.notice("scenes.payout", language) for language in LANGUAGES}
    after = {language: book.notice("scenes.payout", language) for language in LANGUAGES}
    assert any(after[one].hash != before[one].hash for one in LANGUAGES)
    for one in LANGUAGES:
        if after[one].lines != before[one].lines:
            assert after[one].hash != before[one].hash


def test_hashes_of_all_notices_differ() -> None:
    """No two entries, languages or wordings share a fingerprint."""
    paths = [entry.path for entry in POLICY.entries()]
    hashes = {BOOK.notice(path, language).hash for path in paths for language in LANGUAGES}
    assert len(hashes) == len(paths) * 2


def test_lines_cannot_be_moved_within_a_hash() -> None:
    """Two lines and one line with a break in it have different fingerprints."""
    entry = POLICY.of("rights")["delete"]
    two = replace(entry, words=Words("一", "a"), tells=Tells(at="before-confirm", shows=("b",)))
    one = replace(entry, words=Words("一", "a\nPlease note: b"))
    assert compose(POLICY, two, "en", {}).hash != compose(POLICY, one, "en", {}).hash


def test_a_question_about_everything_names_everything() -> None:
    """A consent item's notice names every item and purpose of every scene and use it is for."""
    for item in POLICY.of("consent").values():
        if not isinstance(item, ConsentItem):
            continue
        text = "\n".join(BOOK.notice(item.path, "zh-CN").lines)
        for name in item.covers:
            for section in ("scenes", "uses"):
                entry = POLICY.of(section).get(name)
                if entry is not None:
                    assert entry.purpose.zh in text
                    rule = BOOK.purposes[name]
                    assert all(
                        POLICY.of("information")[one].words.zh in text for one in BOOK.names(rule.items)
                    )


def test_phrases_are_bilingual() -> None:
    """Every code word has words in Chinese and in English."""
    for words in PHRASES.values():
        assert any("\u4e00" <= char <= "\u9fff" for char in words.zh)
        assert words.en.isascii()
