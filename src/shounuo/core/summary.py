"""Hold the written lines of a summary to the entries they tell of. (PIPL 17)

28. Each written line says what the entries it names do, and nothing else:
    a. Every figure in it is one of theirs, whatever its spelling: digits of any width, Chinese numerals, formal ones
       too, English words, halves, weeks; a year is twelve months. It says the same ones in both languages.
    b. What has an end is not said to last for ever.
    c. Where it names several entries that have different figures, each figure stands in a phrase that names its own.
    d. Every kind of information it names is one of theirs.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction

from shounuo.core.figures import AGE, Carried, Figure, chinese, counted, english
from shounuo.core.policy import Entry, Minors, Policy, Summary, SummaryLine
from shounuo.core.reach import taken_by
from shounuo.errors import Fault

_FOR_EVER = re.compile(
    r"(?P<zhno>[不非未无])?(?:会|再|得|能)?(?:被)?(?:永久|永远|永续|终身|终生|无限期|不限期|无期限)"
    r"|(?P<enno>\b(?:not|never|no longer)\b[^.,;]{0,20})?\b(?:for ?ever|eternal(?:ly)?|permanent(?:ly)?|indefinite(?:ly)?|perpetual(?:ly)?"
    r"|for life|in perpetuity|without (?:any )?(?:time )?limit)\b",
    re.IGNORECASE,
)  # (b)
_PHRASE = re.compile(r"[，。；！？、,;!?]|\.(?![0-9])")
_FORMAL = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬〇兩", "一二二三三四五六六七八九十百千万零两")
_DIGITS = {word: n for n, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMERAL = re.compile(
    r"[零一二两三四五六七八九十百千万]+(?=个|年|月|周|星期|天|日|岁|小时|分钟|工作日|自然日|季度)"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"


def check(policy: Policy) -> Iterator[Fault]:
    """What the written lines of the summary say that the entries they tell of do not. (28)"""
    written = policy.of("text").get("summary")
    if isinstance(written, Summary):
        for line in written.lines:
            for wrong, remedy in _against(policy, line):
                yield Fault(written.line, written.path, wrong, remedy, "summary")


def figures_zh(text: str) -> Carried:
    """The figures of a Chinese line, however they are written. (a)"""
    plain = "".join(
        one for one in unicodedata.normalize("NFKC", text) if not _unseen(one) and not one.isspace()
    )
    plain = plain.translate(_FORMAL).replace("廿", "二十").replace("卅", "三十")
    return chinese(_NUMERAL.sub(lambda found: str(_arabic(found[0])), plain))


def figures_en(text: str, *, ages: bool) -> Carried:
    """The figures of an English line, however they are written; with `ages`, `under 14` is one. (a)"""
    plain = "".join(one for one in unicodedata.normalize("NFKC", text) if not _unseen(one))
    plain = re.sub(r"(?<=[0-9]) (?=[0-9])", "", re.sub(r"\s+", " ", plain))
    plain = re.sub(rf"\b({_TENS}) ({_ONES})\b", r"\1-\2", plain, flags=re.IGNORECASE)
    return english(plain, ages=ages)


def _unseen(one: str) -> bool:
    return unicodedata.category(one) == "Cf"


def _arabic(word: str) -> int:
    """A Chinese numeral below a hundred million, by places or digit by digit."""
    if not set(word) & set("十百千万"):
        return int("".join(str(_DIGITS[one]) for one in word))
    total, part, digit = 0, 0, 0
    for one in word:
        if one in _DIGITS:
            digit = _DIGITS[one]
        elif one == "万":
            total, part, digit = (part + digit) * 10_000, 0, 0
        else:
            part += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[one]
            digit = 0
    return total + part + digit


def _against(policy: Policy, line: SummaryLine) -> Iterator[tuple[str, str]]:
    told: list[Entry] = []
    for path in line.of:
        section, _, name = path.partition(".")
        found = policy.of(section).get(name)
        if found is None:
            yield f"a line tells of `{path}`, and there is no such entry", "name an entry of this policy"
        else:
            told.append(found)
    names = ", ".join(f"`{path}`" for path in line.of)
    yield from _figures_against(told, line, names)
    items = {name for one in told for name in _items(one)}
    for item in policy.of("information").values():
        if item.name not in items and _named(policy, item, line, items):  # (d)
            wrong = f"a line names `{item.name}`, which is not in {names}"
            yield wrong, "leave it out, or name the entry that takes it"


def _figures_against(told: list[Entry], line: SummaryLine, names: str) -> Iterator[tuple[str, str]]:
    zh = figures_zh(line.words.zh)
    en = figures_en(line.words.en, ages=_speaks_of_ages(told, line))
    here, there = frozenset(zh.said), frozenset(en.said)
    known = {figure for one in told for figure in _figures(one)}
    for figure in sorted((here | there | (en.perhaps - here)) - known):  # (a)
        says = ", ".join(map(_shown, sorted(known))) or "no figure"
        wrong = f"a line says {_shown(figure)}, and {names} says {says}"
        yield wrong, "say what the entry says, or name the entry that says it"
    if there - here or here - there - en.perhaps:
        wrong = "a line says other figures in Chinese than in English"
        yield wrong, "say the same figures in both languages"
    ends = [one for one in told if any(figure.unit != AGE for figure in _figures(one))]
    for text in (line.words.zh, line.words.en):  # (b)
        ever = next(
            (found for found in _FOR_EVER.finditer(text) if not found["zhno"] and not found["enno"]), None
        )
        if ever and ends:
            wrong = f"a line says `{ever[0].strip()}`, and {names} has an end"
            yield wrong, "say how long it is, as the entry does"
    if len({frozenset(_figures(one)) for one in told}) > 1:
        yield from _mixed(told, line)


def _speaks_of_ages(told: list[Entry], line: SummaryLine) -> bool:
    return any(isinstance(one, Minors) for one in told) or bool(figures_zh(line.words.zh).of(AGE))


def _mixed(told: list[Entry], line: SummaryLine) -> Iterator[tuple[str, str]]:
    """The figures of a line on several entries that stand beside the name of another one, or of none. (c)"""
    for language, text in (("zh", line.words.zh), ("en", line.words.en)):
        for phrase in _PHRASE.split(text):
            ages = _speaks_of_ages(told, line)
            read = figures_zh(phrase) if language == "zh" else figures_en(phrase, ages=ages)
            said = frozenset(read.said) | read.perhaps
            owners = [one for one in told if said and _called(one, phrase, language)]
            for figure in sorted(said):
                whose = [one for one in told if figure in _figures(one)]
                if whose and len(whose) < len(told) and not any(one in whose for one in owners):
                    beside = ", ".join(f"`{one.path}`" for one in owners) or "no entry"
                    wrong = f"a line says {_shown(figure)} of {beside}, and it is that of `{whose[0].path}`"
                    yield wrong, "say each figure beside the name of its entry, or write a line for each"


def _called(entry: Entry, phrase: str, language: str) -> bool:
    title = getattr(entry.words, language, "")
    return bool(title) and title.lower() in phrase.lower()


def _shown(figure: Figure) -> str:
    unit = "year old" if figure.unit == AGE else figure.unit
    n = figure.n
    return (
        f"{n} {unit}"
        if n == 1
        else f"{n} {unit.replace('year', 'years') if figure.unit == AGE else unit + 's'}"
    )


def _figures(value: object) -> frozenset[Figure]:
    """Every figure anywhere in an entry, and the ages of minors."""
    return frozenset(_all_figures(value))


def _all_figures(value: object) -> Iterator[Figure]:
    if isinstance(value, Minors):
        yield from (Figure(AGE, Fraction(n)) for n in (value.under, value.from_) if n is not None)
    if found := counted(value):
        yield from found
    elif is_dataclass(value):
        for one in fields(value):
            yield from _all_figures(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _all_figures(one)


def _items(entry: Entry) -> Iterator[str]:
    """The kinds of information an entry speaks of."""
    yield from taken_by(entry)
    for name in ("of", "holds"):
        value = getattr(entry, name, ())
        yield from value if isinstance(value, tuple) else ()


def _named(policy: Policy, item: Entry, line: SummaryLine, allowed: set[str]) -> bool:
    """Whether the line names a kind of information, other than as part of the name of one it may name."""
    assert item.words is not None
    zh, en = line.words.zh, line.words.en.lower()
    known = (one.words for name, one in policy.of("information").items() if name in allowed)
    for words in filter(None, known):
        zh, en = zh.replace(words.zh, " "), en.replace(words.en.lower(), " ")
    in_english = re.search(rf"\b{re.escape(item.words.en.lower())}\b", en) is not None
    return (len(item.words.zh) > 1 and item.words.zh in zh) or (len(item.words.en) > 2 and in_english)
