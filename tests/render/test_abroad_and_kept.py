"""What a reader must not have to work out: that information leaves the country, and when what is kept goes."""

import re

import pytest
from rooms import LANGUAGES, PACKS, pack, with_entry

from shounuo.core.category import parse_region
from shounuo.core.duration import Bound, NaturalDays
from shounuo.core.policy import Recipient
from shounuo.render.markdown import markdown
from shounuo.render.summary import summary
from shounuo.render.text import full_text
from shounuo.render.tongue import WORDS


def row(policy, language: str, path: str) -> str:
    """The line of the full text an entry stands on."""
    (found,) = [one for one in markdown(full_text(policy, language)).splitlines() if f'id="{path}"' in one]
    return found


def test_a_foreign_recipient_stands_with_its_country() -> None:
    """In words, in the table and in the summary; the summary says that information goes abroad, and where."""
    policy = pack("vnet")
    assert "所在地：美国" in row(policy, "zh-CN", "recipients.licensor")
    zh, en = (markdown(summary(policy, language)) for language in LANGUAGES)
    assert "（美国）" in zh
    assert "向境外提供：位于美国的技术许可方（美国）、技术许可方的关联公司（美国）" in zh
    assert "Information goes abroad, to The technology licensor in the United States (United States)" in en


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_said_to_go_abroad_that_does_not(name: str) -> None:
    """The line is there where a recipient sits elsewhere, and only there."""
    policy = pack(name)
    abroad = any(
        isinstance(one, Recipient) and one.country != "CN-mainland"
        for one in policy.of("recipients").values()
    )
    assert ("向境外提供" in markdown(summary(policy, "zh-CN"))) is abroad


def test_every_region_in_the_words_is_one() -> None:
    """A code of the list is a region the language reads; those next door and most met are there."""
    assert {"HK", "MO", "TW", "US", "SG", "JP", "DE"} <= WORDS["region"].keys()
    assert all(parse_region(code) == code for code in WORDS["region"])


def test_what_goes_when_the_account_closes_is_said_so() -> None:
    """Kept for the account's life, erased within the time set after it: not `1 day` beside `counted from closure`."""
    policy = with_entry(
        pack("tuyi"), "retention.account", for_=Bound("账号存续期间", NaturalDays(1)), from_="account-closed"
    )
    zh, en = (row(policy, language, "retention.account") for language in LANGUAGES)
    assert "账号存续期间<br>账户注销后1个自然日内删除（时限由我们设定）" in zh
    assert "起算" not in zh
    assert "erased within 1 day of closure of the account (the time is set by us)" in en
    short, shorter = (markdown(summary(policy, language)) for language in LANGUAGES)
    assert re.search(r"账户注销后1个自然日\\\*内删除：[^<]*个人账号", short)
    assert re.search(r"erased within 1 day\\\* of closure of the account: [^<]*The personal account", shorter)


def test_what_is_kept_from_a_beginning_is_counted_from_it() -> None:
    """From collection a time is how long it is kept, ours where the text names none."""
    zh = row(pack("tuyi"), "zh-CN", "retention.use")
    assert "达成本政策所述目的所需的期限<br>自收集之日起6个月（期限由我们设定）" in zh


def test_who_sets_a_cookie_is_said_in_words() -> None:
    """`us` is a word of the language, not of the reader's."""
    name = next(iter(pack("changlian").of("cookies")))
    policy = with_entry(pack("changlian"), f"cookies.{name}", set_by="us")
    assert "设置方：我们" in row(policy, "zh-CN", f"cookies.{name}")


@pytest.mark.parametrize("name", PACKS)
def test_a_place_stands_once_at_the_head_of_its_row(name: str) -> None:
    """What heads a row is not said again under it."""
    policy = pack(name)
    for entry in policy.of("storage").values():
        head = row(policy, "zh-CN", entry.path).split(" | ")[0]
        assert head.count("中国境内（不含港澳台）") <= 1
