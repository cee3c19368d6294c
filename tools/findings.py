"""Write the pages on what the law asks that the text of a policy does not promise: one a pack, and an index.

1. `uv run python tools/findings.py` writes docs/findings/; a test compares what it would write with what is there.
2. A page names the law of one day (`AT`) and the facts it was asked with: those the pack shows or declares.
3. It speaks of the published text, never of anybody's conduct, and says so on top.
4. Entries are named by their words and their place in the text, not by line: the page changes when findings do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from shounuo.cli import packs
from shounuo.core.clause import Words
from shounuo.core.policy import Dates, Entry, Operator, Policy
from shounuo.language.load import load
from shounuo.law.lint import Finding, applying, lint
from shounuo.law.requirement import Force, InText, Requirement, requirements
from shounuo.law.rules.facts import FACTS, together
from shounuo.law.rules.view import View

ROOT = Path(__file__).resolve().parent.parent
AT = date(2026, 11, 21)  # the day whose law is asked (2)

# What the files of requirements are about, in the order a reader expects.
GROUPS = {
    "bases": Words("处理的目的和依据", "Purposes, and what processing rests on"),
    "telling": Words("告知与政策文本", "What people are told, and the text itself"),
    "consent": Words("同意与拒绝", "A yes, a no, and taking it back"),
    "sensitive": Words("敏感个人信息", "Sensitive information"),
    "recipients": Words("委托、共享、转让、公开", "Those who receive"),
    "abroad": Words("出境与存储地点", "Abroad, and where information lies"),
    "automated": Words("自动化决策、算法与人工智能", "Decisions by machine, recommendation, AI"),
    "marketing": Words("营销", "Advertising"),
    "keeping": Words("保存期限", "How long"),
    "rights": Words("个人的权利", "What people can ask for"),
    "guarding": Words("安全措施", "Safeguards"),
    "incidents": Words("安全事件与停止运营", "Incidents, and the end of a service"),
    "minors": Words("未成年人", "Children and young people"),
}
FORCES = {
    Force.LAW: "law",
    Force.ADMIN_REG: "administrative regulation",
    Force.JUDICIAL: "judicial interpretation",
    Force.DEPT_RULE: "department rule",
    Force.NORMATIVE: "normative document",
    Force.EU: "European law",
    Force.STANDARD: "recommended standard: it binds who promised it",
}
MOST_PLACES = 10  # named one by one; the command names all
PARTS = (
    (InText.MUST, "What the law wants the text to say", "法律要求政策写明的"),
    (InText.SHOULD, "What the text would do well to say", "政策宜写明的"),
    (
        InText.INTERNAL,
        "Duties the text may stay silent on, and promises nothing of",
        "政策可以不写、也未作承诺的内部义务",
    ),
)


def pages() -> dict[str, str]:
    """Every page by its name under docs/findings/."""
    policies = [load(*packs.find(name)) for name in packs.names()]
    found = {policy.slug: lint(policy, AT) for policy in policies}
    written = {f"{policy.slug}.md": _page(policy, found[policy.slug]) for policy in policies}
    return {"README.md": _index(policies, found), **written}


def _index(policies: Sequence[Policy], found: dict[str, tuple[Finding, ...]]) -> str:
    asked = len(requirements())
    out = [
        "# What the law asks that these texts do not promise",
        "",
        f"Five published policies, each held against {asked} requirements of Chinese law, of the standards, and of European law where a",
        "text reaches there. Each page is what `shounuo lint` finds, put in the order a privacy officer reads.",
        "",
        *_caution(),
        "",
        "| policy | text | contradictions | must be said | should be said | internal duties |",
        "|---|---|---|---|---|---|",
    ]
    for policy in policies:
        mine = found[policy.slug]
        parts = [len(_requirements_of(mine, part)) for part, _, _ in PARTS]
        wrong = sum(1 for one in mine if one.severity == "error")
        out.append(
            f"| [{policy.slug}]({policy.slug}.md) | {_named(policy).zh} | {wrong} | {parts[0]} | {parts[1]} | {parts[2]} |"
        )
    out += [
        "",
        "Numbers count requirements that something in the text falls short of, not places.",
        "",
        *_facts(),
    ]
    return "\n".join(out) + "\n"


def _facts() -> Iterator[str]:
    """The facts an operator can declare, and how. (2)"""
    counted = {name for name in FACTS if any(f"{name} >" in one.condition for one in requirements())}
    yield "## Facts"
    yield ""
    yield "A requirement applies to some operators and not to others. What a text shows by itself counts without being said; the rest is"
    yield "declared in the policy (`text.operator.facts: {ecommerce: true, pi-subjects: 2000000}`) or at the command (`--fact ecommerce=true`)."
    yield ""
    yield "| fact | what it means | |"
    yield "|---|---|---|"
    for name, about in FACTS.items():
        yield f"| `{name.replace('_', '-')}` | {about} | {'a number' if name in counted else 'true or false'} |"


def _page(policy: Policy, found: tuple[Finding, ...]) -> str:
    named, dates = _named(policy), policy.of("text").get("dates")
    out = [
        f"# {named.en}: what the law asks that the text does not promise",
        "",
        f"**{named.zh}** · `{policy.slug}` · {_dated(dates)}",
        "",
        *_caution(),
        "",
        f"Asked on the law of {AT}. A line is a gap between the law and what the published text promises, as we read both; the company",
        "may well do what its text does not say. Clauses are quoted in our words. Where several laws ask the same, the one that binds",
        "most stands first.",
        "",
        *_asked_as(policy),
    ]
    wrong = [one for one in found if one.severity == "error"]
    out += ["", "## Where the text does what the law forbids · 与法律相抵触的", ""]
    out += list(_told(policy, wrong)) if wrong else ["Nothing.", ""]
    for part, en, zh in PARTS:
        rest = [one for one in found if one.severity != "error" and one.text is part]
        out += [f"## {en} · {zh}", ""]
        out += list(_told(policy, rest)) if rest else ["Nothing is missing.", ""]
    return "\n".join(out).rstrip() + "\n"


def _caution() -> list[str]:
    """What every page says on top. (3)"""
    return [
        "> Made from the text published on its date, and from nothing else. Not affiliated with any company named here; says nothing of",
        "> a company's conduct; not legal advice. The official text of each law decides.",
        ">",
        "> 依据所载日期公布的文本制作，与所涉公司无关联，不评价其行为，不构成法律意见；以法律正式文本为准。",
    ]


def _named(policy: Policy) -> Words:
    operator = policy.of("text").get("operator")
    return (isinstance(operator, Operator) and operator.words) or Words(policy.slug, policy.slug)


def _dated(dates: Entry | None) -> str:
    if not isinstance(dates, Dates):
        return "the text bears no date"
    ours = f" (the text itself says: {dates.printed}; the days are ours)" if dates.printed else ""
    return f"text of {dates.updated}, in force from {dates.effective}{ours}"


def _asked_as(policy: Policy) -> Iterator[str]:
    """The facts it was asked with, and how many requirements that makes. (2)"""
    view = View(policy)
    known = together(view, {})
    asked = applying(view)
    so = [FACTS[name] for name, value in known.items() if value]
    yield f"{len(asked)} of {len(requirements())} requirements apply to what the text itself shows of its operator:"
    yield from (f"- {one}" for one in sorted(so))
    yield ""
    yield "Facts that no text shows, such as how many people an operator knows, are not assumed; `shounuo lint --fact` adds them."


def _requirements_of(found: Iterable[Finding], part: InText) -> set[str]:
    return {one.requirement for one in found if one.severity != "error" and one.text is part}


def _told(policy: Policy, found: Sequence[Finding]) -> Iterator[str]:
    """The findings by what they are about, each requirement once, with its places."""
    by_group: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    known = {one.id: one for one in requirements()}
    for one in found:
        by_group[known[one.requirement].group][one.requirement].append(one)
    for group, words in GROUPS.items():
        if group in by_group:
            yield f"### {words.en} · {words.zh}"
            yield ""
            for name, mine in by_group[group].items():
                yield from _requirement(policy, known[name], mine)


def _requirement(policy: Policy, asked: Requirement, mine: Sequence[Finding]) -> Iterator[str]:
    also = list(dict.fromkeys(f"{one.article.zh} ({one.article.en})" for found in mine for one in found.also))
    first = mine[0]
    since = f", in force from {first.in_force}" if first.pending else ""
    yield f"**{asked.title.en} · {asked.title.zh}** (`{asked.id}`), {FORCES[first.force]}"
    yield ""
    yield f"{_sentence(asked.asks.en)} {asked.asks.zh}。"
    yield f"{first.article.zh} ({first.article.en}{since})" + "".join(f"; {one}" for one in also) + "."
    yield ""
    places: dict[str, list[str]] = defaultdict(list)
    for one in mine:
        places[one.says.en].append(_place(policy, one.entry))
    for says, where in places.items():
        more = f"; and {len(where) - MOST_PLACES} more" if len(where) > MOST_PLACES else ""
        listed = "; ".join(one for one in where[:MOST_PLACES] if one)
        yield f"- {_sentence(says)}" + (f" {listed}{more}." if listed else "")
    yield f"- To mend: {asked.remedy.en}. {asked.remedy.zh}。"
    yield ""


def _sentence(text: str) -> str:
    """A sentence of it: a capital letter first, a full stop last."""
    return text[:1].upper() + text[1:] + "."


def _place(policy: Policy, at: str) -> str:
    """An entry by its words and where the text speaks of it, a clause by its place; nothing for a section. (4)"""
    if at in policy.clauses:
        clause = policy.clauses[at]
        return f"`{at}`" + (f" ({clause.section})" if clause.section else "")
    section, _, name = at.partition(".")
    entry = policy.of(section).get(name)
    if entry is None:
        return ""
    spoken = dict.fromkeys(policy.clauses[one].section for one in entry.keeps if one in policy.clauses)
    where = f" ({', '.join(one for one in spoken if one)})" if any(spoken) else ""
    return f"{entry.words.en} {entry.words.zh}{where}" if entry.words else f"`{at}`{where}"


def main() -> None:
    """Write the pages. (1)"""
    folder = ROOT / "docs" / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
