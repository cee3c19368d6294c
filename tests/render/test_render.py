"""Rendering: what is in the text, that both ways of writing it say the same, that nothing said is ever markup."""

import dataclasses
import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import LANGUAGES, MARKUP, PACKS, Read, from_markdown, pack, with_clause, with_entry

from shounuo.core.clause import Words
from shounuo.core.duration import WorkingDays
from shounuo.language.grammar import Ref, Table, Word
from shounuo.language.sections import COMMON, SECTIONS
from shounuo.render.document import Document, Heading, Run, Sentences
from shounuo.render.html import fragment, page
from shounuo.render.markdown import markdown
from shounuo.render.register import register
from shounuo.render.rendered import FORMS, render, render_all
from shounuo.render.speaker import key_of
from shounuo.render.summary import summary
from shounuo.render.text import NOTE, full_text
from shounuo.render.tongue import WORDS, Tongue

MAKERS = {"full": full_text, "summary": summary, "register": register}


def every(test):
    """Each pack in each language."""
    return pytest.mark.parametrize("name", PACKS)(pytest.mark.parametrize("language", LANGUAGES)(test))


def runs(document: Document) -> list[Run]:
    """Every run of a document, wherever it stands."""

    def walk(value):
        if isinstance(value, Run):
            yield value
        elif isinstance(value, tuple):
            for one in value:
                yield from walk(one)
        elif dataclasses.is_dataclass(value):
            for one in dataclasses.fields(value):
                yield from walk(getattr(value, one.name))

    return list(walk(document))


# -- what is in it ---------------------------------------------------------------------------------


@every
def test_every_clause_stands_once_in_its_own_words(name: str, language: str) -> None:
    """Each clause is one sentence of the text, in the words of that language, emphasised as the text has it."""
    policy = pack(name)
    found = [
        one
        for block in full_text(policy, language).blocks
        if isinstance(block, Sentences)
        for one in block.of
    ]
    assert Counter(one.clause for one in found) == dict.fromkeys(policy.clauses, 1)
    for one in found:
        clause = policy.clauses[one.clause]
        said = clause.says.zh if language == "zh-CN" else clause.says.en
        assert "".join(run.text for run in one.line) == said
        assert bool(one.by) == clause.emphasised
        assert all(run.strong or run.underline for run in one.line) == clause.emphasised


@every
def test_clauses_stand_in_the_order_of_the_text(name: str, language: str) -> None:
    """Within one place the sentences keep the order of the file."""
    policy = pack(name)
    order = {clause: at for at, clause in enumerate(policy.clauses)}
    for block in full_text(policy, language).blocks:
        if isinstance(block, Sentences):
            places = [order[one.clause] for one in block.of]
            assert places == sorted(places)


@every
def test_it_opens_with_three_dates_and_the_note(name: str, language: str) -> None:
    """Published, updated, effective, and the note of a pack, stand before the first chapter; the summary too."""
    policy, say = pack(name), Tongue(language)
    dates = policy.of("text")["dates"]
    for make in (full_text, summary):
        html = fragment(make(policy, language)).partition('<div class="text">')[0]
        for day in (dates.published, dates.updated, dates.effective):
            assert f'<time datetime="{day}">{say.day(day)}</time>' in html
        assert say.said(NOTE) in html


def test_a_companys_own_policy_bears_no_note() -> None:
    """What is not made from another company's text is not said to be."""
    own = dataclasses.replace(pack("huiju"), slug="acme")
    assert NOTE.zh not in markdown(full_text(own, "zh-CN"))


@every
def test_what_entries_fix_is_in_the_text(name: str, language: str) -> None:
    """Every scene with all its fields, recipient with all it receives, period, right, deadline, cookie and contact is there."""
    policy = pack(name)
    read = Read(fragment(full_text(policy, language)))
    shown = read.having("data-entry")
    assert len(shown) == len(set(shown))
    sections = ("services", "scenes", "uses", "recipients", "cookies", "storage", "retention", "holds", "sharing", "rights",
                "requests", "minors", "changes", "contact", "permissions", "stops", "messages", "ending", "on-behalf")  # fmt: skip
    for section in sections:
        assert {one.path for one in policy.of(section).values()} <= set(shown)
    items = {run.item for run in runs(full_text(policy, language)) if run.item}
    for section, field in (("scenes", "requires"), ("recipients", "receives"), ("retention", "of")):
        for entry in policy.of(section).values():
            named = [one for one in getattr(entry, field) if isinstance(one, str)]
            assert set(named) <= items


@every
def test_the_register_shows_every_entry_and_field(name: str, language: str) -> None:
    """Nothing an entry says is left out of the register."""
    policy = pack(name)
    read = Read(fragment(register(policy, language)))
    assert sorted(read.having("data-entry")) == sorted(one.path for one in policy.entries())
    wanted = Counter(
        key_of(entry, field.name)
        for entry in policy.entries()
        for field in dataclasses.fields(entry)
        if field.name not in ("section", "name", "line", "words", "graded")
        and (value := getattr(entry, field.name)) is not None
        and value is not False
        and value not in ((), {}, "")
    )
    assert Counter(read.having("data-field")) >= wanted


@every
def test_the_summary_is_short_and_answers_each_question(name: str, language: str) -> None:
    """It says who, what for what, with whom, where, how long, rights, when answered, children and contact, at a fifth of the length."""
    policy = pack(name)
    read = Read(fragment(summary(policy, language)))
    for field in ("who", "what", "whom", "where", "how-long", "rights", "answers", "minors", "contact"):
        assert field in read.having("data-field")
    assert len(markdown(summary(policy, language))) * 5 < len(markdown(full_text(policy, language)))


# -- anchors ---------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("form", MAKERS)
def test_every_anchor_resolves(name: str, language: str, form: str) -> None:
    """Every link leads to something in the same text, no name is given twice, in HTML and in Markdown."""
    document = MAKERS[form](pack(name), language)
    for read in (Read(fragment(document)), from_markdown(markdown(document))):
        ids = read.having("id")
        assert len(ids) == len(set(ids)), [one for one, n in Counter(ids).items() if n > 1]
        assert {unquote(href.removeprefix("#")) for href in read.having("href")} <= set(ids)


@every
def test_contents_list_every_chapter_and_section(name: str, language: str) -> None:
    """The contents name every heading of the first two levels, in order; levels are never skipped."""
    document = full_text(pack(name), language)
    headings = [one for one in document.blocks if isinstance(one, Heading)]
    listed = [one for top, below in document.contents().of for one in (top, *below)]
    assert listed == [one for one in headings if one.level in (2, 3)]
    assert all(after.level - before.level <= 1 for before, after in pairwise(headings))
    assert all("".join(run.text for run in one.line).strip() for one in headings)


# -- two ways of writing it ------------------------------------------------------------------------


@every
@pytest.mark.parametrize("form", MAKERS)
def test_markdown_says_what_html_says(name: str, language: str, form: str) -> None:
    """Read as their readers show them, both say the same words in the same order."""
    document = MAKERS[form](pack(name), language)
    html, plain = Read(fragment(document)).words, from_markdown(markdown(document)).words
    assert re.sub(r"[：:]", "", plain) == re.sub(
        r"[：:]", "", html
    )  # a list writes the colon a table does not


@every
def test_html_has_no_script_and_no_style(name: str, language: str) -> None:
    """A page for a browser without style or script, handlers or anything from elsewhere."""
    read = Read(page(full_text(pack(name), language)))
    assert not {"script", "style", "link", "iframe", "img"} & {tag for tag, _ in read.tags}
    assert not [a for _, held in read.tags for a in held if a == "style" or a.startswith("on")]


WORDS_OF_ANY_SORT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cf")), min_size=1, max_size=60
).filter(lambda text: text.strip() == text)


@settings(max_examples=60, deadline=None)
@given(
    words=st.one_of(
        WORDS_OF_ANY_SORT,
        st.sampled_from(
            [MARKUP, "1. a", "- a", "# a", "> a", "| a |", "+ a", "=== ", "a\\", "***", "&lt;", "1) x"]
        ),
    )
)
def test_words_are_never_markup(words: str) -> None:
    """Whatever a policy says, in a clause, a name or a field, is shown as written and adds no tag."""
    clause = next(iter(pack("kexun").clauses))
    policy = with_clause(pack("kexun"), clause, says=Words(words, words))
    policy = with_entry(policy, "scenes." + next(iter(policy.of("scenes"))), words=Words(words, words))
    policy = with_entry(policy, "contact." + next(iter(policy.of("contact"))), value=words)
    document = full_text(policy, "zh-CN")
    before = full_text(pack("kexun"), "zh-CN")
    said = re.sub(r"\s+", "", words)
    for read, was in (
        (Read(fragment(document)), Read(fragment(before))),
        (from_markdown(markdown(document)), from_markdown(markdown(before))),
    ):
        assert [tag for tag, _ in read.tags if tag != "code"] == [tag for tag, _ in was.tags if tag != "code"]
        assert read.words.count(said) >= 3


# -- the hash --------------------------------------------------------------------------------------


def hashes(policy) -> dict[tuple[str, str], str]:
    """What the texts of a policy are known by."""
    return {(one.form, one.language): one.hash for one in render_all(policy)}


def test_the_same_text_has_the_same_hash() -> None:
    """It is the SHA-256 of the Markdown, and does not depend on what is no part of the text."""
    policy = pack("huiju")
    first = hashes(policy)
    assert first == hashes(dataclasses.replace(policy))
    clause = next(iter(policy.clauses))
    assert first == hashes(with_clause(policy, clause, line=999, probes=()))
    assert set(first) == {(form, language) for form in FORMS for language in LANGUAGES}
    assert len(set(first.values())) == 4


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (lambda p: with_clause(p, "huiju-7.3-2", says=Words("五日内处理。", p.clauses["huiju-7.3-2"].says.en)), {("full", "zh-CN")}),
        (lambda p: with_clause(p, "huiju-7.3-2", says=Words(p.clauses["huiju-7.3-2"].says.zh, "Soon.")), {("full", "en")}),
        (lambda p: with_clause(p, "huiju-7.3-2", emphasised=not p.clauses["huiju-7.3-2"].emphasised), {("full", "zh-CN"), ("full", "en")}),
        (lambda p: with_entry(p, "requests.rights", within=WorkingDays(6)), {(f, n) for f in FORMS for n in LANGUAGES}),
        (lambda p: with_entry(p, "scenes.sign-in", requires=("email", "phone")), {(f, n) for f in FORMS for n in LANGUAGES}),
        (lambda p: with_entry(p, "text.dates", effective=p.of("text")["dates"].effective + timedelta(days=1)), {(f, n) for f in FORMS for n in LANGUAGES}),
        (lambda p: with_entry(p, "recipients.baidu-sdk", company="另一家公司"), {("full", "zh-CN"), ("full", "en")}),
    ],
)  # fmt: skip
def test_another_text_has_another_hash(change, changed) -> None:
    """A hash changes if and only if that text does."""
    policy = pack("huiju")
    was, now = hashes(policy), hashes(change(policy))
    assert {key for key in was if was[key] != now[key]} == changed


def test_markdown_is_what_is_hashed() -> None:
    """Whoever has the file works the hash out alone."""
    import hashlib

    text = render(pack("vnet"), "en")
    assert hashlib.sha256(text.markdown.encode()).hexdigest() == text.hash


# -- words -----------------------------------------------------------------------------------------

FREE = frozenset({"TD", "huiju.ctyun.cn"})


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("form", MAKERS)
def test_no_key_of_the_language_stands_on_a_chinese_page(name: str, form: str) -> None:
    """Every word of the language is said in Chinese; what is left in Latin letters is a name or an address of the policy's own."""
    policy = pack(name)
    own = {key for one in policy.of("cookies").values() for key in one.keys}
    left = [
        run.text
        for run in runs(MAKERS[form](policy, "zh-CN"))
        if re.fullmatch(r"[a-z][a-z]*(-[a-z]+)*", run.text) and run.text not in own | FREE and not run.item
    ]
    left = [one for one in left if not re.fullmatch(rf"{name}-.*", one)]
    assert not left


def words_of(grammar: object) -> set[str]:
    """The closed words a grammar knows, wherever they stand in it; not the names of entries."""
    if isinstance(grammar, Word):
        return set(grammar.of)
    if isinstance(grammar, Table):
        return set(grammar.names) | words_of(grammar.value)
    if isinstance(grammar, Ref):
        return set(grammar.words) if hasattr(grammar, "words") else set()
    if dataclasses.is_dataclass(grammar):
        inner = [getattr(grammar, one.name) for one in dataclasses.fields(grammar)]
        return {word for one in inner if dataclasses.is_dataclass(one) for word in words_of(one)}
    return set()


NEVER_SAID = {("refusal", "rest")}


def test_every_word_of_the_language_has_words_in_both_languages() -> None:
    """Each closed word of each key, and each key, is said in Chinese and in English, also those no pack uses."""
    say, missing, known = Tongue("zh-CN"), [], 0
    for name, section in SECTIONS.items():
        shapes = [*(section.by_name or {}).values(), *([section.shape] if section.shape else [])]
        for shape in shapes:
            for key, field in {**COMMON, **shape.fields}.items():
                if key in ("zh", "en"):
                    continue
                if not (say.known("key", f"{name}.{key}") or say.known("key", key)):
                    missing.append((name, key))
                known += len(words_of(field.grammar))
                for word in words_of(field.grammar):
                    if (key, word) in NEVER_SAID or word in SECTIONS:
                        continue
                    if not (say.known(f"{name}.{key}", word) or say.known(key, word)):
                        missing.append((name, key, word))
    assert known > 300
    assert not missing
    for table, words in WORDS.items():
        for word, (zh, en) in words.items():
            assert zh, (table, word)
            assert en, (table, word)
