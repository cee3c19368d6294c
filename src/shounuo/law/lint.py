"""Hold a policy against the law: what it asks that no entry promises, and what entries do that it forbids.

 1. A requirement is asked when its condition holds over the facts: those the policy shows, and those the
    operator declares. What the policy shows cannot be declared away.
 2. An error is a contradiction: an entry does what the law forbids. A warning is a gap: the law asks for more
    than any entry promises. Which of the two a requirement makes is part of it.
 3. A requirement not yet in force on the day asked makes a warning with its date, never an error.
 4. Every finding cites law and article as they stand on that day, and says what to do.
 5. What several laws ask alike is told once, by the one that binds most; the others stand beside it.
 6. What is wrong in the words of a clause is told at the clause, and not again at the entries that keep it.

What is not asked here is not therefore lawful: the rules are in our words, and no legal advice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from shounuo.core.clause import Words
from shounuo.core.policy import Policy
from shounuo.errors import Fault
from shounuo.law.requirement import Force, InText, Requirement, requirements
from shounuo.law.rules.facts import together
from shounuo.law.rules.rule import Gap
from shounuo.law.rules.view import View

_NO_FACTS: Mapping[str, int | bool] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Another law that asks the same. (5)"""

    requirement: str
    article: Words
    force: Force
    in_force: date
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a policy and the law part. `line` counts from 1; 0 where nothing of it is written."""

    requirement: str
    severity: str  # error or warning (2)
    line: int
    entry: str  # a path such as `scenes.sign-in`, a clause, or a section that lacks an entry
    article: Words  # law and article, as they stand on the day asked (4)
    force: Force
    text: InText  # whether the published text has to say it
    asks: Words  # what the law asks, in our words
    says: Words  # what the policy says instead
    remedy: Words
    in_force: date
    pending: bool = False  # not in force yet on the day asked (3)
    also: tuple[Cited, ...] = ()  # (5)

    @property
    def requirements(self) -> tuple[str, ...]:
        """Every requirement it falls short of, the one that binds most first."""
        return (self.requirement, *(one.requirement for one in self.also))

    @property
    def fault(self) -> Fault:
        """The finding as a fault of the policy file, to be told together with the others."""
        since = f"; in force from {self.in_force}" if self.pending else ""
        others = "".join(
            f"; {one.article.en}{f', in force from {one.in_force}' if one.pending else ''}"
            for one in self.also
        )
        wrong = f"{self.says.en}; {self.asks.en} ({self.article.en}{since}{others})"
        return Fault(self.line, self.entry, wrong, self.remedy.en, f"law/{self.requirement}", self.severity)


def lint(policy: Policy, at: date, facts: Mapping[str, int | bool] = _NO_FACTS) -> tuple[Finding, ...]:
    """Everything in which `policy` falls short of the law on the day `at`, in the order of its lines.

    `facts` are what the operator declares of itself, such as `{"pi_subjects": 1_200_000, "ecommerce": True}`;
    one not declared counts as not so. Raises Invalid for a fact nobody knows of.
    """
    view = View(policy)
    asked = applying(view, facts)  # (1)
    gaps: dict[int, tuple[Gap, ...]] = {}
    found: dict[Gap, list[Finding]] = defaultdict(list)
    for requirement in asked:
        rule = id(requirement.rule)  # one value for all that ask the same
        if rule not in gaps:
            gaps[rule] = tuple(requirement.rule.gaps(view))
        for gap in gaps[rule]:
            found[gap].append(_finding(requirement, gap, at))  # (5)
    told = [_told(alike) for gap, alike in found.items() if not _at_clause(policy, gap, found)]
    return tuple(sorted(told, key=lambda one: (one.line, one.entry, one.requirement, one.says.en)))


def _at_clause(policy: Policy, gap: Gap, found: Mapping[Gap, object]) -> bool:
    """Whether the same is told of a clause that the entry of this gap keeps. (6)"""
    section, _, name = gap.entry.partition(".")
    entry = policy.of(section).get(name)
    clauses = (
        policy.clauses[one] for one in (entry.keeps if entry is not None else ()) if one in policy.clauses
    )
    return any(replace(gap, entry=clause.id, line=clause.line) in found for clause in clauses)


def applying(view: View, facts: Mapping[str, int | bool] = _NO_FACTS) -> tuple[Requirement, ...]:
    """The requirements whose condition holds over what is declared and what the policy shows. (1)"""
    known = together(view, facts)
    return tuple(requirement for requirement in requirements() if requirement.when(known))


def _finding(requirement: Requirement, gap: Gap, at: date) -> Finding:
    pending = requirement.in_force > at  # (3)
    return Finding(
        requirement=requirement.id,
        severity="warning" if pending else requirement.severity,
        line=gap.line,
        entry=gap.entry,
        article=requirement.citation(at),  # (4)
        force=requirement.edition(at)[0].force,
        text=requirement.text,
        asks=requirement.asks,
        says=gap.found,
        remedy=requirement.remedy,
        in_force=requirement.in_force,
        pending=pending,
    )


def _told(alike: Iterable[Finding]) -> Finding:
    first, *others = sorted(alike, key=lambda one: (one.severity, one.pending, one.force.rank))
    also = tuple(
        Cited(requirement=one.requirement, article=one.article, force=one.force, in_force=one.in_force,
              pending=one.pending)
        for one in others
    )  # fmt: skip
    return replace(first, also=also)
