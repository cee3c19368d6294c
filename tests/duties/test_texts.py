"""The texts people read: kept as they were published, known by their hashes, pointed at by what was shown."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from shounuo.duties import agree, publish, show
from shounuo.duties.agree import Screen
from shounuo.errors import BadPolicy, NotFound
from shounuo.language.load import load
from shounuo.render import rendered

POLICY = (Path(__file__).parent / "policy.yaml").read_bytes()
KEYS = {"full.zh-CN", "full.en", "summary.zh-CN", "summary.en"}


def second(day: str = "2026-03-02", **changes: str) -> bytes:
    """A second version, in force from a day."""
    text = POLICY.decode().replace(
        "updated: 2026-01-05, effective: 2026-01-05", f"updated: 2026-03-01, effective: {day}"
    )
    for old, new in changes.items():
        text = text.replace(old, new)
    return text.replace("五个工作日内答复", "尽快答复").encode()


def with_entry(entry: str, items: str) -> bytes:
    """The policy with one more entry of `text`, and a clause that says what it says, under later dates."""
    clause = f"  small-7: {{kind: notice, says: {{zh: 如此, en: So}}, numbers: {items}, probe: {{page-shows: {{page: policy, shows: [text]}}}}}}\n"
    return second().replace(b"services:\n", f"  {entry}\nservices:\n".encode(), 1) + clause.encode()


def with_summary(line: str) -> bytes:
    """The policy with a summary of one written line."""
    return with_entry(f"summary: {{links: full, lines: [{line}], keeps: [small-7]}}", "{links: full}")


def test_publishing_keeps_the_texts_and_names_their_hashes(office):
    """Four texts, each with the hash the ledger's entry has, which is the SHA-256 of its Markdown."""
    entry = office.entries("published")[-1]
    assert set(entry["texts"]) == KEYS
    policy = load(POLICY, "small.yaml", "small")
    for key, known in entry["texts"].items():
        form, _, language = key.partition(".")
        shown = show.text(office.parts, office.operator, language, form)
        assert shown.hash == known == hashlib.sha256(shown.markdown.encode()).hexdigest()
        assert shown.markdown == rendered.render(policy, language, form).markdown


def test_published_again_is_told_with_the_same_hashes(office):
    """Who asks again hears what the first call heard."""
    made = publish.publish(office.parts, office.operator, second(), "small")
    again = publish.again(office.parts, office.operator, made.number)
    assert dict(again.texts) == dict(made.texts)
    assert set(made.texts) == KEYS


def test_what_was_shown_points_at_the_text_in_force(office):
    """The ledger's `shown` entry names the notice's hash, the version, and the hash of that version's text in that language."""
    person = office.person()
    for language in ("en", "zh-CN"):
        number, notice = agree.notice(office.parts, office.operator, "consent.rule", language)
        screen = Screen(language=language, controls=dict(notice.controls))
        agree.show(office.parts, office.operator, person, "consent.rule", notice.hash, screen)
        entry = office.entries("shown")[-1]
        published = next(one for one in office.entries("published") if one["version"] == number)
        assert entry["hash"] == notice.hash
        assert entry["version"] == number
        assert entry["text"] == published["texts"][f"full.{language}"]


def test_an_old_version_reads_as_it_was(office, monkeypatch):
    """Whatever later programs make of a policy, a kept text is shown unaltered."""
    before = show.text(office.parts, office.operator, "zh-CN")
    publish.publish(office.parts, office.operator, second(), "small")
    monkeypatch.setattr("shounuo.duties.texts.render", lambda *_: pytest.fail("it was made anew"))
    now = show.text(office.parts, office.operator, "zh-CN")
    old = show.text(office.parts, office.operator, "zh-CN", number=1)
    assert (now.number, old.number, old.in_force) == (2, 1, 2)
    assert (old.markdown, old.html, old.hash) == (before.markdown, before.html, before.hash)
    assert "五个工作日内答复" in old.html
    assert "尽快答复" in now.html
    assert now.hash != old.hash


def test_the_archive_has_every_version(office):
    """Newest first, each with its dates and its texts' hashes; one that is not in force yet too."""
    made = publish.publish(office.parts, office.operator, second("2026-03-09"), "small")
    now, versions = show.archive(office.parts, office.operator)
    assert now.number == 1
    assert [one.number for one in versions] == [2, 1]
    assert versions[0].texts == dict(made.texts)
    assert versions[0].effective_at > office.clock.now()
    assert str(versions[0].dates.effective) == "2026-03-09"
    office.clock.move(made.effective_at + timedelta(seconds=1))
    assert show.archive(office.parts, office.operator)[0].number == 2


def test_a_version_there_never_was_is_not_found(office):
    """Neither page nor file of it."""
    with pytest.raises(NotFound):
        show.text(office.parts, office.operator, "en", number=7)


def test_earlier_versions_on_request_are_not_open_to_everyone(office):
    """Where the text says only on request, the one in force is shown and no earlier one."""
    closed = with_entry("history: {open-to: on-request, keeps: [small-7]}", "{open-to: on-request}")
    publish.publish(office.parts, office.operator, closed, "small")
    assert show.text(office.parts, office.operator, "en").number == 2
    with pytest.raises(NotFound) as asked:
        show.text(office.parts, office.operator, "en", number=1)
    assert asked.value.code == "on-request"


def test_a_version_from_before_texts_were_kept_is_made_readable(office, monkeypatch):
    """A version without kept texts is read from its source, with the hash that text has."""
    monkeypatch.setattr("shounuo.duties.texts.keep", lambda *_: {})
    publish.publish(office.parts, office.operator, second(), "small")
    wanted = rendered.render(load(second(), "small.yaml", "small"), "en")
    assert show.text(office.parts, office.operator, "en").markdown == wanted.markdown
    assert show.archive(office.parts, office.operator)[1][0].texts["full.en"] == wanted.hash


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (
            "{zh: 三个工作日内答复。, en: Answered in three working days., of: [requests.all]}",
            "3 working days",
        ),
        (
            "{zh: 注册收集邮箱和订单。, en: Signing up takes email and orders., of: [scenes.sign-up]}",
            "`order`",
        ),
    ],
)
def test_a_summary_that_contradicts_the_text_is_not_published(office, line, wrong):
    """A written figure or kind of information the entries do not have refuses the whole version, at its line."""
    with pytest.raises(BadPolicy) as bad:
        publish.publish(office.parts, office.operator, with_summary(line), "small")
    found = [fault for fault in bad.value.faults if fault.code == "summary"]
    assert wrong in found[0].wrong
    assert found[0].line == 4
    assert found[0].entry == "text.summary"
    assert office.book.number == 1


def test_a_summary_that_says_what_the_entries_say_is_published(office):
    """And its line stands in the summary, in both languages."""
    line = "{zh: 五个工作日内答复。, en: Answered in five working days., of: [requests.all]}"
    publish.publish(office.parts, office.operator, with_summary(line), "small")
    assert "五个工作日内答复。" in show.text(office.parts, office.operator, "zh-CN", "summary").html
    assert "Answered in five working days." in show.text(office.parts, office.operator, "en", "summary").html
