"""`diff` in words and as data: what it says of an edit, its exit codes, its bad input."""

import json
import sys
from dataclasses import replace

import pytest

from shounuo.cli import main, packs, sides
from shounuo.core.clause import Words
from shounuo.core.difference import Matter, difference
from shounuo.core.duration import Months, NaturalDays, WorkingDays
from shounuo.core.policy import Policy
from shounuo.core.rulebook import compile_policy
from shounuo.language.load import load
from shounuo.render.changed import Changed, matter

HUIJU = packs.find("huiju")[0].decode()


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; its exit code and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOUNUO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def told(*arguments):
        monkeypatch.setattr(sys, "argv", ["shounuo", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return told


def line(text: str, path: str) -> int:
    """The line of an entry, as the language counts it."""
    section, _, name = path.partition(".")
    return load(text, "a.yaml", "huiju").of(section)[name].line


def edited(tmp_path, *edits: tuple[str, str]):
    """A file with the pack as edited, each edit once."""
    text = HUIJU
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "new.yaml"
    path.write_text(text, encoding="utf-8")
    return path, text


def test_the_same_ends_with_0(run, tmp_path) -> None:
    """A pack against a copy of itself, with a remark more: nothing changed."""
    path, _ = edited(tmp_path, ("information:\n", "# a remark\ninformation:\n"))
    code, out, err = run("diff", "huiju", str(path))
    assert (code, err) == (0, "")
    assert "Nothing changed." in out
    assert json.loads(run("diff", "huiju", str(path), "--json")[1])["same"] is True
    assert run("diff", "huiju", str(path), "--lang", "zh")[1].endswith("没有变化。\n")


def test_a_new_field_behind_a_yes_is_asked_again(run, tmp_path) -> None:
    """The field is named in words, with the lines on both sides; the consent lapses; the exit code is 1."""
    path, text = edited(
        tmp_path,
        (
            "requires: [payout-account-name, payout-bank,",
            "requires: [card-number, payout-account-name, payout-bank,",
        ),
    )
    code, out, err = run("diff", "huiju", str(path))
    assert (code, err) == (1, "")
    before, after = line(HUIJU, "scenes.withdrawal"), line(text, "scenes.withdrawal")
    assert f"(huiju.yaml:{before}, {path}:{after}; scenes.withdrawal)" in out
    assert "now also bank card number" in out.lower()
    assert "asked again: payout-details" in out
    told = json.loads(run("diff", "huiju", str(path), "--json")[1])
    assert told["asked_again"] == ["payout-details"] == told["lapsed"]
    (change,) = [one for one in told["changes"] if one["path"] == "scenes.withdrawal"]
    assert (change["matter"], change["field"], change["new"], change["asks"]) == (
        "items",
        "requires",
        ["card-number"],
        ["payout-details"],
    )
    assert (change["old_line"], change["new_line"]) == (before, after)
    assert "卡号" in change["says"]["zh"]
    assert told["old"]["hash"] != told["new"]["hash"]
    code, out, _ = run("diff", "huiju", str(path), "--lang", "zh")
    assert "个人信息的种类" in out
    assert "须重新征得同意" in out


def test_a_new_deadline_is_only_told(run, tmp_path) -> None:
    """No consent stands behind it: nothing lapses, and people are told."""
    path, _ = edited(tmp_path, ("within: 5 working days", "within: 6 working days"))
    told = json.loads(run("diff", "huiju", str(path), "--json")[1])
    assert told["lapsed"] == []
    assert told["told"]
    assert told["changes"][0]["matter"] in ("rights", "text")


def test_a_consent_no_longer_asked_is_told_as_an_error(run, tmp_path) -> None:
    """What would turn a no into a yes stands below the rest, with line and remedy."""
    path, text = edited(
        tmp_path,
        ("    asks: [payout-details]\n", ""),
        ("for: [withdrawal, offline-payout]", "for: [offline-payout]"),
    )
    code, out, _ = run("diff", "huiju", str(path))
    assert code == 1
    assert (
        f"{path}: line {line(text, 'scenes.withdrawal')}: `scenes.withdrawal`: it no longer asks `payout-details`"
        in out
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["huiju", "nowhere.yaml"], "nowhere.yaml"),
        (["huiju", "vnet", "--lang", "fr"], "--lang en"),
        (["huiju", "bad.yaml"], "bad.yaml: line"),
    ],
)
def test_bad_input_is_told(run, tmp_path, arguments, words) -> None:
    """One sentence, exit code 2, no trace of Python."""
    (tmp_path / "bad.yaml").write_text("text: [\n", encoding="utf-8")
    code, out, err = run("diff", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


# -- the words -------------------------------------------------------------------------------------


def policy(name: str) -> Policy:
    """A pack as it stands in the package."""
    source, label, slug = packs.find(name)
    return load(source, label, slug)


@pytest.mark.parametrize(("old", "new"), [("huiju", "tuyi"), ("vnet", "kexun"), ("changlian", "huiju")])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_change_has_a_sentence(old: str, new: str, language: str) -> None:
    """Between two policies that share little: every change, consent and promise is said, and no Python shows through."""
    before, after = policy(old), policy(new)
    found = difference(compile_policy(before, b""), compile_policy(after, b""))
    words = Changed(before, after, language)
    said = [
        *(words.sentence(one) for one in found.changes),
        *(words.asked(one) for one in found.asked),
        *(words.everyone(one) for one in found.everyone),
        *(words.title(one) for one in (*found.changes, *found.asked)),
    ]
    assert len(found.changes) > 100
    for sentence in said:
        assert sentence.strip()
        assert not any(
            sign in sentence for sign in ("frozenset", "mappingproxy", "object at", "OneOf(", "Words(")
        )
    assert all(matter(one.value, language) for one in Matter)


def test_words_that_differ_in_the_other_language_alone() -> None:
    """A name changed in Chinese only is told in English too, with both."""
    before = policy("huiju")
    item = before.of("consent")["payout-details"]
    other = replace(item, words=Words("别的说法", item.words.en))
    consents = {**before.of("consent"), item.name: other}
    after = replace(before, sections={**before.sections, "consent": consents})
    (change,) = difference(compile_policy(before, b""), compile_policy(after, b"")).changes
    said = Changed(before, after, "en").sentence(change)
    assert said.startswith("Name: in Chinese only: 提现")
    assert said.endswith("→ 别的说法; the English is as it was")
    assert Changed(before, after, "zh-CN").sentence(change).endswith("改为“别的说法”（英文未变）")


def test_a_list_a_time_and_a_nameless_entry_are_told_in_the_language_asked_for() -> None:
    """In Chinese no word of the policy language and no English unit shows: of an entry, and of a clause that fixes it."""
    before = policy("tuyi")
    rule, request = before.of("retention")["feedback"], before.of("requests")["any"]
    clause = before.clauses["tuyi-5.2.1-period"]
    sections = {
        **before.sections,
        "retention": {
            **before.of("retention"),
            rule.name: replace(rule, includes=tuple(one for one in rule.includes if one != "backups")),
        },
        "requests": {**before.of("requests"), "any": replace(request, within=NaturalDays(60))},
    }
    ours = {**clause.ours, "retention.feedback.for": Months(24)}
    after = replace(
        before, sections=sections, clauses={**before.clauses, clause.id: replace(clause, ours=ours)}
    )
    found = difference(compile_policy(before, b""), compile_policy(after, b""))
    words = Changed(before, after, "zh-CN")
    told = [f"{words.title(one)}｜{words.sentence(one)}{words.less(one)}" for one in found.changes]
    assert "反馈｜范围：不再含备份（对个人更为不利）" in told
    assert any(one.endswith("｜期限：由“30个自然日”改为“60个自然日”（对个人更为不利）") for one in told)
    assert any("我们所定（反馈·保存期限）" in one and "改为“24个月”" in one for one in told)
    assert not any(sign in one for one in told for sign in ("backups", "months", "days", "any"))
    assert all(one.laxer for one in found.changes)


def test_what_is_less_for_people_is_marked_and_counted(run, tmp_path) -> None:
    """In words at the change and once at the end; as data by `laxer`."""
    path, _ = edited(tmp_path, ("within: 5 working days", "within: 6 working days"))
    out = run("diff", "huiju", str(path))[1]
    assert "5 working days → 6 working days  (less for people)" in out
    assert "1 entry or clause is less for people than before." in out
    assert "Of 1 other entry or clause people are only told." in out
    assert "（对个人更为不利）" in run("diff", "huiju", str(path), "--lang", "zh")[1]
    for arguments, expected in ((("huiju", str(path)), True), ((str(path), "huiju"), False)):
        told = json.loads(run("diff", *arguments, "--json")[1])
        assert {one["laxer"] for one in told["changes"]} == {expected}


def test_a_clause_is_told_by_what_it_says() -> None:
    """Other words are given as they were and are, a figure by its key, a list by its members."""
    before = policy("huiju")
    clause = before.clauses["huiju-7.3-2"]
    for change, en, zh in (
        ({"says": Words("另一句。", "Another sentence.")}, "→ Another sentence.", "改为“另一句。”"),
        (
            {"numbers": {**clause.numbers, "within": WorkingDays(6)}},
            "Figures (Within): 5 working days → 6 working days",
            "数字（期限）：由“5个工作日”改为“6个工作日”",
        ),
        ({"numbers": {"within": WorkingDays(5)}}, "→ not said", "改为“未写明”"),
        ({"emphasised": not clause.emphasised}, "Set off: ", "醒目标示："),
        (
            {"items": {"tells.shows": ("court", "regulator")}},
            "Lists (Told, What is shown): ",
            "列举（告知·展示内容）：",
        ),
    ):
        after = replace(before, clauses={**before.clauses, clause.id: replace(clause, **change)})
        found = difference(compile_policy(before, b""), compile_policy(after, b""))
        assert en in " ".join(map(Changed(before, after, "en").sentence, found.changes))
        assert zh in " ".join(map(Changed(before, after, "zh-CN").sentence, found.changes))
    gone = replace(before, clauses={name: one for name, one in before.clauses.items() if name != clause.id})
    for old, new, said in ((before, gone, "gone"), (gone, before, "new")):
        (change,) = difference(compile_policy(old, b""), compile_policy(new, b"")).changes
        assert Changed(old, new, "en").sentence(change) == said


def test_compile_holds_a_text_against_an_earlier_one(run, tmp_path, monkeypatch) -> None:
    """A clause changed under the old dates is told; the same text is let be; a published version is read as `diff` reads it."""
    path, _ = edited(tmp_path, ("emphasised: true\n", "emphasised: false\n"))
    assert run("compile", "huiju", "--against", str(path))[0] == 2
    _, _, err = run("compile", str(path), "--against", "huiju")
    assert "the clause has changed since the last published version" in err
    assert run("compile", "huiju", "--against", "huiju")[0] == 0
    asked = []
    monkeypatch.setattr(sides, "_published", lambda *named: asked.append(named) or packs.find("huiju"))
    assert run("compile", "huiju", "--against", "huiju@2")[0] == 0
    assert run("diff", "huiju@2", "huiju")[0] == 0
    assert asked == [("huiju", 2), ("huiju", 2)]
