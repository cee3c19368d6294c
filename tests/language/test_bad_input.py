"""Bad input: every fault of a file at once, each with its line, its entry and what to do."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shounuo.errors import BadPolicy, Fault
from shounuo.language import source
from shounuo.language.load import MOST_FAULTS, load

TEXT = Path(__file__).with_name("small.yaml").read_text("utf-8")


def faults(text: str | bytes) -> tuple[Fault, ...]:
    """Every fault of a text, or none."""
    try:
        load(text, "small.yaml")
    except BadPolicy as bad:
        return bad.faults
    return ()


def line_of(text: str, part: str) -> int:
    """The line a part of the text stands on."""
    return text.count("\n", 0, text.index(part)) + 1


def edited(old: str, new: str) -> str:
    """The small policy with one place changed."""
    assert TEXT.count(old) == 1, (old, TEXT.count(old))
    return TEXT.replace(old, new)


def test_the_small_policy_is_read() -> None:
    """The edits below start from a file without a fault."""
    assert faults(TEXT) == ()
    assert faults(TEXT.encode()) == ()


# The place changed, what stands there instead, the entry at fault, what is wrong, what to do.
ENTRIES = [
    # keys
    ("class: marketing", "klass: marketing", "messages.news.klass", "no key `klass`", "did you mean `class`"),
    ("asked: sign-up, shows", "askd: sign-up, shows", "consent.terms", "`asked` is missing", "add `asked:`"),
    (
        "grade: sensitive, mask",
        "grading: sensitive, mask",
        "information.id-number.grading",
        "no key",
        "`grade`",
    ),
    # types
    (
        "requires: [email, password]",
        "requires: email",
        "scenes.sign-up.requires",
        "`email` is not a list",
        "even for one",
    ),
    (
        "requires: [email, password]",
        "requires: []",
        "scenes.sign-up.requires",
        "the list is empty",
        "at least one",
    ),
    (
        "    requires: [{one-of: [id-number, tax-number]}]\n",
        "    requires:\n",
        "scenes.payout.requires",
        "nothing is not a list",
        "write `[…]`",
    ),
    (
        "requires: [email, password]",
        "requires: [email, email]",
        "scenes.sign-up.requires[1]",
        "stands twice",
        "keep one",
    ),
    (
        "requires: [email, password]",
        "requires: [email, [password]]",
        "scenes.sign-up.requires[1]",
        "a list does not",
        "see",
    ),
    (
        "{one-of: [id-number, tax-number]}",
        "{one-of: [id-number]}",
        "scenes.payout.requires[0].one-of",
        "empty",
        "at least",
    ),
    (
        "{one-of: [id-number, tax-number]}",
        "{any-of: [id-number]}",
        "scenes.payout.requires[0].any-of",
        "no key",
        "`one-of`",
    ),
    (
        "findable: true",
        "findable: yes please",
        "information.email.findable",
        "neither true nor false",
        "`true`",
    ),
    ("findable: true", "findable: True", "information.email.findable", "neither true nor false", "`true`"),
    ("findable: true", 'findable: "true"', "information.email.findable", "neither true nor false", "`true`"),
    (
        "purpose: {zh: 开户, en: Open an account}",
        "purpose: 开户",
        "scenes.sign-up.purpose",
        "a mapping must",
        "zh: …",
    ),
    (
        "purpose: {zh: 开户, en: Open an account}",
        "purpose: {zh: 开户}",
        "scenes.sign-up.purpose",
        "`en` is missing",
        "add",
    ),
    (
        "cookies:\n  cart: {zh: 购物车, en: Cart,",
        "cookies:\n  cart: {zh: 购物车,",
        "cookies.cart",
        "`en` is missing",
        "add `en:`",
    ),
    (
        "life: 30 natural days",
        "life: [30 natural days]",
        "cookies.cart.life",
        "a list stands where",
        "write it so",
    ),
    (
        "company: 快快公司",
        "company: {zh: 快快公司}",
        "recipients.courier.company",
        "a mapping stands where",
        "write a company",
    ),
    (
        "company: 快快公司",
        "company: ~",
        "recipients.courier.company",
        "`~` stands where a company must",
        "write a company",
    ),
    (
        "company: 快快公司",
        "company: ''",
        "recipients.courier.company",
        "nothing stands where",
        "write a company",
    ),
    (
        "company: 快快公司",
        f"company: {'快' * 121}",
        "recipients.courier.company",
        "121 characters",
        "at most 120",
    ),
    ("company: 快快公司", 'company: "快\\u202e公司"', "recipients.courier.company", "U+202E", "remove it"),
    ("company: 快快公司", 'company: "快\\0公司"', "recipients.courier.company", "U+0000", "remove it"),
    ("path: {web: 设置-删除}", "path: 设置", "rights.delete.path", "a mapping must", "app: 设置-隐私"),
    (
        "path: {web: 设置-删除}",
        "path: {Web Site: 设置}",
        "rights.delete.path",
        "`Web Site` is not a name",
        "lower-case",
    ),
    (
        "path: {web: 设置-删除}",
        "path: {web: []}",
        "rights.delete.path.web",
        "a list stands where",
        "write a path",
    ),
    # words
    ("act: entrust", "act: entrusted", "sharing.by-contract.act", "not a word", "did you mean `entrust`"),
    ("form: general", "form: implied", "consent.terms.form", "not a word", "one of `explicit`"),
    ("form: general", "form: [general]", "consent.terms.form", "a list is not a word", "one of"),
    ("on: [contract]", "on: [contract, whim]", "sharing.by-contract.on[1]", "`whim` is not a word", "one of"),
    ("country: SG", "country: CN", "recipients.hotel.country", "Hong Kong", "CN-mainland"),
    ("country: SG", "country: Singapore", "recipients.hotel.country", "not a region", "CN-mainland"),
    # dates and times
    ("effective: 2026-01-05", "effective: 2026-1-5", "text.dates.effective", "not a date", "2024-03-22"),
    (
        "effective: 2026-01-05",
        "effective: 2026-02-30",
        "text.dates.effective",
        "no day 2026-02-30",
        "2024-03-22",
    ),
    ("effective: 2026-01-05", "effective: 5 January", "text.dates.effective", "not a date", "2024-03-22"),
    (
        "within: 5 working days, from",
        "within: 5, from",
        "requests.questions.within",
        "not a duration",
        "working days",
    ),
    (
        "within: 5 working days, from",
        "within: 5 days, from",
        "requests.questions.within",
        "which days",
        "working days",
    ),
    (
        "within: 5 working days, from",
        "within: days, from",
        "requests.questions.within",
        "not a duration",
        "whole number",
    ),
    (
        "within: 5 working days, from",
        "within: 0 working days, from",
        "requests.questions.within",
        "not a duration",
        "5 working",
    ),
    (
        "within: 5 working days, from",
        "within: 1 working days, from",
        "requests.questions.within",
        "wrong number",
        "1 working day",
    ),
    (
        "within: 5 working days, from",
        "within: soon, from",
        "requests.questions.within",
        "not a duration",
        "5 working days",
    ),
    (
        "within: 5 working days, from",
        "within: {in: 5 working days}, from",
        "requests.questions.within",
        "no time",
        "`at-most`",
    ),
    (
        "within: 5 working days, from",
        "within: [5 working days], from",
        "requests.questions.within",
        "no time",
        "`at-most`",
    ),
    (
        "within: 5 working days, from",
        "within: {earlier-of: [1 month]}, from",
        "requests.questions.within.earlier-of",
        "empty",
        "",
    ),
    (
        "usually: 3 working days, at-most",
        "usual: 3 working days, at-most",
        "requests.rights.within.usual",
        "no key",
        "`usually`",
    ),
    (
        "children: {under: 14 years old",
        "children: {under: 14",
        "minors.children.under",
        "not an age",
        "14 years old",
    ),
    (
        "bound: 6 months}",
        "bound: 5 working days}",
        "retention.others.for.bound",
        "counts working days",
        "6 months",
    ),
    (
        "for: {at-least: 3 years}",
        "for: 5 working days",
        "retention.orders.for",
        "counts working days",
        "natural days",
    ),
    (
        "for: {at-least: 3 years}",
        "for: {at-least: 5 working days}",
        "retention.orders.for.at-least",
        "counts working",
        "natural",
    ),
    (
        "for: {at-least: 3 years}",
        "for: {longest-of: [1 year, 9 working days]}",
        "retention.orders.for.longest-of[1]",
        "counts working",
        "natural",
    ),
    (
        "period: 3 years, opens",
        "period: 9 working days, opens",
        "holds.trade.period",
        "counts working days",
        "natural",
    ),
    ("life: 30 natural days", "life: 30 working days", "cookies.cart.life", "counts working days", "natural"),
    # references and names
    (
        "asks: [payout]",
        "asks: [pay-out]",
        "scenes.payout.asks[0]",
        "not declared in `consent`",
        "did you mean `payout`",
    ),
    (
        "when: [paying]",
        "when: [sleeping]",
        "scenes.payout.when[0]",
        "not declared in `occasions`",
        "one of `paying`",
    ),
    ("hold: trade", "hold: traed", "retention.orders.hold", "not declared in `holds`", "`trade`"),
    (
        "feature: scanning",
        "feature: Scanning",
        "permissions.lens.feature",
        "`Scanning` is not a name",
        "lower-case",
    ),
    (
        "feature: scanning",
        "feature: [scanning]",
        "permissions.lens.feature",
        "a list is not a name",
        "lower-case",
    ),
    ("  paying: {", "  Paying: {", "occasions.Paying", "`Paying` is not a name", "lower-case"),
    (
        "  camera: {zh: 相机, en: camera, store",
        "  rest: {zh: 相机, en: camera, store",
        "information.rest",
        "word of the language",
        "another",
    ),
    (
        "scenes:\n  sign-up:",
        "scenes:\n  acceptance:",
        "scenes.acceptance",
        "word of the language",
        "another name",
    ),
    ("  dates: {", "  date: {", "text.date", "no entry `date`", "did you mean `dates`"),
    (
        "readings:\n  which: {between: [small-9, small-10]",
        "readings:\n  which: {between: [Small 9]",
        "readings.which.between[0]",
        "is not a clause id",
        "acme-2.1",
    ),
    # sections
    ("messages:\n", "mesages:\n", "mesages", "no section `mesages`", "did you mean `messages`"),
    (
        "occasions:\n  paying: {zh: 付款时, en: while paying}\n  scanning: {zh: 扫码时, en: while scanning}\n",
        "occasions: []\n",
        "occasions",
        "a list stands where the entries must",
        "name: {…}",
    ),
    (
        "  paying: {zh: 付款时, en: while paying}",
        "  paying: while paying",
        "occasions.paying",
        "a mapping must",
        "zh: …",
    ),
    (
        "  children: {under: 14 years old",
        "  children: {zh: 孩子, under: 14 years old",
        "minors.children",
        "one language",
        "both",
    ),
    # clauses
    (
        "  small-3: {kind: control",
        "  other-3: {kind: control",
        "clauses.other-3",
        "does not begin with `small-`",
        "small-…",
    ),
    (
        "  small-3: {kind: control",
        "  Small 3: {kind: control",
        "clauses.Small 3",
        "is not a clause id",
        "write a clause id",
    ),
    ("kind: process, says", "kind: promise, says", "clauses.small-9.kind", "not a word", "`process`"),
    ("emphasised: true, ", "bold: true, ", "clauses.small-4.bold", "no key `bold`", "one of"),
    (
        "small-1: {kind: definition, says: {zh: 我们是谁, en: Who we are}}",
        "small-1: we are us",
        "clauses.small-1",
        "is no clause",
        "kind:",
    ),
    (
        "items: {stops: [sms, email]}",
        "items: [sms]",
        "clauses.small-8.items",
        "a mapping must",
        "field: value",
    ),
    (
        "items: {stops: [sms, email]}",
        "items: {stops: [smoke]}",
        "clauses.small-8.items.stops[0]",
        "not a word",
        "one of",
    ),
    (
        "numbers: {requests.questions.within: 5 working days}",
        "numbers: {requests.questions.within: 5 days}",
        "clauses.small-9.numbers.requests.questions.within",
        "which days",
        "5 working days",
    ),
    (
        "{holds.trade.period: 3 years, region",
        "{holds.trade.period: [3 years], region",
        "clauses.small-6.numbers.holds.trade.period",
        "a list stands",
        "write it so",
    ),
    # probes
    (
        "{age-gate: {minors: children}}",
        "{age-gates: {minors: children}}",
        "clauses.small-10.probe",
        "no probe `age-gates`",
        "`age-gate`",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: {minor: children}}",
        "clauses.small-10.probe.age-gate.minor",
        "no parameter",
        "`minors`",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: {}}",
        "clauses.small-10.probe.age-gate",
        "`minors` is missing",
        "add `minors:`",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: {minors: []}}",
        "clauses.small-10.probe.age-gate.minors",
        "empty",
        "at least",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: {minors: {a: b}}}",
        "clauses.small-10.probe.age-gate.minors",
        "not a name",
        "lower",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: {minors: adults}}",
        "clauses.small-10.probe.age-gate.minors",
        "not declared",
        "one of",
    ),
    (
        "{age-gate: {minors: children}}",
        "{age-gate: children}",
        "clauses.small-10.probe.age-gate",
        "the parameters must",
        "name: value",
    ),
    (
        "{age-gate: {minors: children}}",
        "age-gate",
        "clauses.small-10.probe",
        "`age-gate` is no probe",
        "in-time",
    ),
    (
        "{page: policy}",
        "{page: [[policy]]}",
        "clauses.small-5.probe.page-shows.page",
        "a list is not a word the language knows here",
        "one of `contact`",
    ),
]


@pytest.mark.parametrize(("old", "new", "entry", "wrong", "remedy"), ENTRIES)
def test_a_fault_is_told_where_it_stands(old: str, new: str, entry: str, wrong: str, remedy: str) -> None:
    """One slip: its line, its entry, what is wrong in the author's words, and what to do."""
    text = edited(old, new)
    told = [fault for fault in faults(text) if fault.entry == entry]
    assert told, faults(text)
    assert any(wrong in fault.wrong and remedy in f"{fault.wrong} {fault.remedy}" for fault in told), told
    first = text.index(new)
    lines = range(text.count("\n", 0, first) + 1, text.count("\n", 0, first + len(new)) + 2)
    assert all(fault.line in lines for fault in told), (told, lines)


# What a file as a whole, or its YAML, must not be: the text, the line, what is wrong, what to do.
FILES: dict[str, tuple[str | bytes, int, str, str]] = {
    "not a mapping": ("- text\n", 1, "not a mapping", "start with `text:`"),
    "empty": ("", 1, "not a mapping", "start with `text:`"),
    "only a word": ("policy", 1, "not a mapping", "start with"),
    "no clauses": ("text: {}\n", 1, "`clauses` is missing", "clause by clause"),
    "clauses as a list": ("clauses: [a]\n", 1, "where the clauses must", "`id: {…}`"),
    "not UTF-8": (b"text: {}\nuses: {\xff}\n", 2, "not UTF-8", "save it as UTF-8"),
    "UTF-16": ("text: {}".encode("utf-16"), 1, "not UTF-8", "save it as UTF-8"),
    "a lone surrogate": ("text: \ud800", 1, "not UTF-8", "save it as UTF-8"),
    "too big": (b"#" * (source.MAX_BYTES + 1), 0, "bytes", "at most 8000000"),
    "too deep in brackets": ("text: {a: " + "[" * 60 + "]" * 60 + "}", 1, "nests too deep", "at most 40"),
    "too deep in dashes": ("text:\n" + "- " * 100_000, 2, "nests too deep", "at most 40"),
    "too deep in questions": ("? " * 100_000, 1, "nests too deep", "at most 40"),
    "too deep behind quotes": ("a: [" + '["]]]]",' * 50_000, 1, "nests too deep", "at most 40"),
    "two documents": ("text: {}\n---\ntext: {}\n", 2, "more than one document", "one policy in one file"),
    "a tab": ("text:\n\toperator: {}\n", 2, "a tab", "indent with spaces"),
    "a tab below": ("text:\n  operator:\n \t role: x\n", 3, "a tab", "indent with spaces"),
    "a full-width colon": ("text：\n  operator: {}\n", 1, "a full-width `：`", "write `:` and a space"),
    "a full-width colon below": ("text:\n  operator：x\n  dates: {}\n", 2, "a full-width `：`", "write `:`"),
    "an open bracket": ("text: {a: b\n", 2, "not YAML", "mend the line"),
    "an open quote": ('text: "a\n', 2, "not YAML", "quote text"),
    "a stray star": ("text: *nowhere\n", 1, "not YAML", "mend"),
    "a tag": ("text: !!python/object:os.system {}\n", 1, "the tag `python/object:os.system`", "remove it"),
    "a plain tag": ("text: {operator: !!str x}\n", 1, "the tag `str`", "remove it"),
    "a tagged key": ("!x text: {}\n", 1, "the tag `!x`", "remove it"),
    "an anchor": ("text: &here {}\n", 1, "the anchor `&here`", "where you mean it"),
    "an alias": ("text: &a {}\nuses: *a\n", 2, "repeats another place", "write it out"),
    "an alias of itself": ("text: &a {x: *a}\n", 1, "repeats another place", "write it out"),
    "an anchored key": ("&k text: {}\n", 1, "the anchor `&k`", "where you mean it"),
    "a merge key": ("text: {}\nuses: {<<: {a: b}}\n", 2, "merge keys", "write it out"),
    "a key twice": ("text: {}\nuses: {}\ntext: {}\n", 3, "`text` stands twice, first on line 1", "keep one"),
    "a clause twice": (
        "clauses:\n  a-1: {}\n  a-1: {}\n",
        3,
        "`a-1` stands twice, first on line 2",
        "keep one",
    ),
    "a list as a key": ("text: {[a]: b}\n", 1, "a key is a list or mapping", "plain words"),
    "full-width in a key": ("text: {zh：甲: x}\n", 1, "full-width punctuation stands in a key", "plain `:`"),
    "a word of YAML 1.1": (
        "text:\n  operator: {role: no}\n",
        2,
        "YAML may read `no` as true or false",
        'quote it: "no"',
    ),
    "another word of it": ("text: [Yes]\n", 1, "YAML may read `Yes`", "quote it"),
    "an invisible character": ("text: {}\nuses: {a\u200b: b}\n", 2, "U+200B", "remove it"),
    "a null": ("text: \x00", 1, "U+0000", "remove it"),
    "text turned around": ("text: {\u202e}", 1, "U+202E", "remove it"),
    "a second mark of order": ("text: {}\n\ufeffuses: {}\n", 2, "U+FEFF", "remove it"),
    "another end of line": ("text: {}\u2028uses: {}", 1, "U+2028", "remove it"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_policy(name: str) -> None:
    """A file with this wrong in it is refused on its line, with what to do; nothing crashes."""
    text, line, wrong, remedy = FILES[name]
    told = faults(text)
    assert any(fault.line == line and wrong in fault.wrong and remedy in fault.remedy for fault in told), told


def test_a_mark_of_order_in_front_is_let_pass() -> None:
    """Editors that save UTF-8 with a byte order mark write the same policy."""
    assert load(b"\xef\xbb\xbf" + TEXT.encode(), "small.yaml") == load(TEXT, "small.yaml")


def test_a_document_mark_in_front_is_let_pass() -> None:
    """One document with its mark is one document."""
    assert load("---\n" + TEXT, "small.yaml").clauses.keys() == load(TEXT, "small.yaml").clauses.keys()


def test_words_of_yaml_are_keys_and_quoted_text() -> None:
    """`on` is a key of doors, read as written though YAML 1.1 has it as true; quoted, the words are text."""
    assert True in yaml.safe_load(TEXT)["sharing"]["by-order"]
    door: Any = load(TEXT, "small.yaml").of("sharing")["by-order"]
    assert [ground.value for ground in door.on] == ["authority-order"]
    courier: Any = load(edited("company: 快快公司", 'company: "no"'), "s.yaml").of("recipients")["courier"]
    assert courier.company == "no"


def test_numbers_and_dates_are_read_as_written() -> None:
    """`2.10` stays `2.10`; nothing is turned into another thing on the way."""
    policy = load(edited("section: 2.1,", "section: 2.10,"), "small.yaml")
    assert policy.clauses["small-2"].section == "2.10"


def test_every_fault_comes_at_once() -> None:
    """Ten slips are ten faults in the order of their lines, and nothing is loaded."""
    text = TEXT
    for old, new, *_ in ENTRIES[:3] + ENTRIES[12:14]:
        text = text.replace(old, new)
    text = text.replace("messages:\n", "mesages:\n").replace(
        "{age-gate: {minors: children}}", "{age-gates: {}}"
    )
    told = faults(text)
    assert len(told) >= 7
    assert [fault.line for fault in told] == sorted(fault.line for fault in told)
    assert all(fault.line and fault.wrong and fault.remedy for fault in told)


def test_an_entry_that_cannot_be_read_is_declared_all_the_same() -> None:
    """A slip in an entry is one fault, not one more for everybody who names it."""
    told = faults(edited("  trade: {zh: 交易留存, en: Trade records,", "  trade: {zh: 交易留存,"))
    assert [fault.entry for fault in told] == ["holds.trade"]


def test_a_flood_of_faults_is_cut() -> None:
    """A hostile file gets its first faults, not a message of its own size."""
    told = faults("clauses: {" + ", ".join(f"a-{n}: x" for n in range(MOST_FAULTS + 50)) + "}")
    assert len(told) == MOST_FAULTS


def test_a_fault_never_repeats_a_long_value() -> None:
    """What an author wrote is quoted in short."""
    long = "x" * 5000
    for text in (
        f"{long}: {{}}\n",
        f"clauses: {{{long}: x}}\n",
        f"uses: {{{long}: x}}\n",
        f"uses: {{a: {{{long}: x}}}}\n",
        f"clauses: {{a-1: {{kind: {long}, probe: {{{long}: {{}}, as-of: {{{long}: x}}}}}}}}\n",
        f"text: !{long} x\n",
        f"text: &{long} x\n",
        f"text: {{dates: {{published: {long}}}}}",
    ):
        assert all(len(str(fault)) < 600 for fault in faults(text)), text[:20]


def test_the_slug_is_the_stem_of_the_file_unless_it_is_given() -> None:
    """A policy goes by the name of its file."""
    assert load(TEXT, "packs/small.yaml").slug == "small"
    assert load(TEXT, "packs/small.yaml", "other").slug == "other"


def test_a_message_names_its_file() -> None:
    """Every line of the error begins with the file, so that it can be clicked."""
    with pytest.raises(BadPolicy) as bad:
        load("uses: []\n", "my-policy.yaml")
    assert all(line.startswith("my-policy.yaml: ") for line in str(bad.value).split("\n"))
    assert "line 1" in str(bad.value)
