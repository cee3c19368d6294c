"""A written summary is held to the entries it tells of; a made one cannot differ from them."""

import pytest

from shounuo.cli import packs
from shounuo.core.consistency import check as compiled
from shounuo.core.figures import Figure
from shounuo.core.summary import check, figures_en, figures_zh
from shounuo.language.load import load

TEXT = """
text:
  operator: {zh: 示例有限公司, en: Example Ltd, role: handler, home: CN-mainland}
  summary:
    lines:
      - LINE
information:
  email: {zh: 邮箱, en: email}
  phone: {zh: 手机号, en: phone number}
  home-phone: {zh: 家庭手机号, en: home phone number}
scenes:
  sign-up: {zh: 注册, en: Signing up, purpose: {zh: 建立账户, en: Open an account}, basis: contract, requires: [email]}
  rescue: {zh: 救援, en: Rescue, purpose: {zh: 联系, en: Call}, basis: contract, requires: [home-phone]}
requests:
  all: {kinds: [delete], within: {usually: 3 working days, at-most: 7 natural days}, from: received}
retention:
  account: {zh: 账户, en: Account, of: [email], for: {says: 必要期间, bound: 12 months}, from: account-closed}
  calls: {zh: 通话, en: Calls, of: [phone], for: 6 months, from: collected}
  notes: {zh: 便条, en: Notes, of: [home-phone], for: 2000 natural days, from: collected}
minors:
  young: {under: 14 years old, rule: guardian-consent}
clauses: {small-1: {kind: definition, says: {zh: 甲, en: A}}}
"""


def wrong(line: str) -> list[str]:
    """What is wrong with a summary of this one line."""
    text = TEXT.replace("LINE", line)
    policy = load(text, "small.yaml")
    found = tuple(check(policy))
    assert set(found) <= set(compiled(policy))  # compile tells it too
    return [fault.wrong for fault in found]


@pytest.mark.parametrize(
    "line",
    [
        "{zh: 注册只收集邮箱。, en: Signing up takes your email only., of: [scenes.sign-up]}",
        "{zh: 一般三个工作日、最长7天答复。, en: 'Answered in three working days, at most 7 days.', of: [requests.all]}",
        "{zh: 注销后保存12个月。, en: Kept twelve months after closure., of: [retention.account]}",
        "{zh: 不满十四周岁须监护人同意。, en: Under 14 a guardian must agree., of: [minors.young]}",
        "{zh: 保存 12 个月。, en: 'Kept for 12 months.', of: [retention.account]}",
        "{zh: 保存一年。, en: Kept for one year., of: [retention.account]}",
        "{zh: 保存一年，不会永久保存。, en: Kept for a year and never kept for ever., of: [retention.account]}",
        "{zh: 保存半年。, en: Kept for half a year., of: [retention.calls]}",
        "{zh: 账户保存12个月，通话保存6个月。, en: 'Account: 12 months; Calls: 6 months.', of: [retention.account, retention.calls]}",
        "{zh: 保存两千天。, en: Kept 2000 days., of: [retention.notes]}",
        "{zh: 永久有效。, en: It holds for ever., of: [scenes.sign-up]}",
        "{zh: 救援时使用家庭手机号。, en: A rescue uses your home phone number., of: [scenes.rescue]}",
    ],
)
def test_what_the_entries_say_may_be_said(line: str) -> None:
    """Figures and kinds of information of the entries it tells of."""
    assert wrong(line) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{zh: 五个工作日内答复。, en: Answered in five working days., of: [requests.all]}", "5 working days"),
        ("{zh: 3天内答复。, en: Answered in 3 days., of: [requests.all]}", "3 natural days"),
        ("{zh: 保存6个月。, en: Kept 6 months., of: [retention.account]}", "6 months"),
        ("{zh: 不满13周岁须监护人同意。, en: Under 13 a guardian must agree., of: [minors.young]}", "13 years old"),
        ("{zh: 永久保存。, en: Kept until closure., of: [retention.account]}", "`永久`"),
        ("{zh: 注销前保存。, en: Kept for ever., of: [retention.account]}", "`for ever`"),
        ("{zh: 保存半年。, en: Kept., of: [retention.account]}", "6 months"),
        ("{zh: 保存两周。, en: Kept., of: [retention.account]}", "14 natural days"),
        ("{zh: 保存２４个月。, en: Kept., of: [retention.account]}", "24 months"),
        ("{zh: 保存贰拾肆 个 月。, en: Kept., of: [retention.account]}", "24 months"),
        ("{zh: 保存二四个月。, en: Kept., of: [retention.account]}", "24 months"),
        ("{zh: 保存一万零三百天。, en: Kept., of: [retention.account]}", "10300 natural days"),
        ("{zh: 保存。, en: \"Kept 2\u20094\u00a0months.\", of: [retention.account]}", "24 months"),
        ("{zh: 保存。, en: Kept twenty four months., of: [retention.account]}", "24 months"),
        ("{zh: 保存。, en: Kept for half a year., of: [retention.account]}", "6 months"),
        ("{zh: 账户保存6个月，通话保存12个月。, en: 'Calls: 6 months; account: 12 months.', of: [retention.account, retention.calls]}",
         "6 months of `retention.account`, and it is that of `retention.calls`"),
        ("{zh: 保存6个月，通话。, en: Calls 6 months., of: [retention.account, retention.calls]}", "6 months of no entry"),
        ("{zh: 保存5天。, en: Kept 5 days., of: [information.email]}", "says no figure"),
        ("{zh: 保存12个月。, en: Kept for some time., of: [retention.account]}", "other figures in Chinese than in English"),
        ("{zh: 注册收集邮箱和手机号。, en: Signing up takes email and more., of: [scenes.sign-up]}", "names `phone`"),
        ("{zh: 注册收集邮箱等。, en: Signing up takes email and phone number., of: [scenes.sign-up]}", "names `phone`"),
        ("{zh: 注册收集邮箱。, en: Signing up takes email., of: [scenes.login]}", "`scenes.login`, and there is no such entry"),
    ],
)  # fmt: skip
def test_what_they_do_not_say_is_a_contradiction(line: str, says: str) -> None:
    """Another number, another kind of day, another age, one more kind of information, two languages that differ."""
    assert any(says in one for one in wrong(line)), wrong(line)


@pytest.mark.parametrize(
    ("zh", "en", "figures"),
    [
        ("15个工作日", "15 working days", {("working day", 15)}),
        ("七天", "seven days", {("natural day", 7)}),
        ("十五个自然日", "fifteen natural days", {("natural day", 15)}),
        ("六个月或3年", "six months or 3 years", {("month", 6), ("month", 36)}),
        ("不满18周岁", "under 18", {("age", 18)}),
        ("24小时", "24 hours", {("minute", 24 * 60)}),
        ("第5.1条", "clause 5.1", set()),
    ],
)
def test_figures_are_read(zh: str, en: str, figures: set) -> None:
    """Working days, natural days and ages are told apart in both languages."""
    told = {Figure(*one) for one in figures}
    assert set(figures_zh(zh).said) == set(figures_en(en, ages=True).said) == told


def test_packs_do_not_contradict_themselves() -> None:
    """What the packs write by hand holds."""
    for name in ("huiju", "vnet", "changlian", "tuyi", "kexun"):
        assert tuple(check(load(*packs.find(name)))) == ()
