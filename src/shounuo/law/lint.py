"""Hold a policy against the law: what it asks that no entry promises, and what entries do that it forbids.

 1. A requirement is asked when its condition holds over the facts: those the policy shows, and those the
    operator declares. What the policy shows cannot be declared away.
 2. An error is a contradiction: an entry does what the law forbids. A warning is a gap: the law asks for more
    than any entry promises. Which of the two a requirement makes is part of it.
 3. A requirement not yet in force on the day asked makes a warning with its date, never an error.
 4. Every finding cites law and article as they stand on that day, and says what to do.

What is not asked here is not therefore lawful: the rules are a first list, in our words, and no legal advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from shounuo.core.clause import Words
from shounuo.core.policy import Policy
from shounuo.errors import Fault
from shounuo.law.requirement import Force, Requirement, requirements
from shounuo.law.rules.facts import together
from shounuo.law.rules.rule import Gap
from shounuo.law.rules.view import View

_NO_FACTS: Mapping[str, int | bool] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a policy and the law part. `line` counts from 1; 0 where nothing of it is written."""

    requirement: str
    severity: str  # error or warning (2)
    line: int
    entry: str  # a path such as `scenes.sign-in`, or a section that lacks an entry
    article: Words  # law and article, as they stand on the day asked (4)
    force: Force
    asks: Words  # what the law asks, in our words
    says: Words  # what the policy says instead
    remedy: Words
    in_force: date
    pending: bool = False  # not in force yet on the day asked (3)

    @property
    def fault(self) -> Fault:
        """The finding as a fault of the policy file, to be told together with the others."""
        since = f"; in force from {self.in_force}" if self.pending else ""
        wrong = f"{self.says.en}; {self.asks.en} ({self.article.en}{since})"
        return Fault(self.line, self.entry, wrong, self.remedy.en, f"law/{self.requirement}", self.severity)


def lint(policy: Policy, at: date, facts: Mapping[str, int | bool] = _NO_FACTS) -> tuple[Finding, ...]:
    """Everything in which `policy` falls short of the law on the day `at`, in the order of its lines.

    `facts` are what the operator declares of itself, such as `{"pi_subjects": 1_200_000, "ecommerce": True}`;
    one not declared counts as not so. Raises Invalid for a fact nobody knows of.
    """
    view = View(policy)
    known = together(view, facts)  # (1)
    found = [
        _finding(requirement, gap, at)
        for requirement in requirements()
        if requirement.when(known)
        for gap in requirement.rule.gaps(view)
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.entry, one.requirement, one.says.en)))


def _finding(requirement: Requirement, gap: Gap, at: date) -> Finding:
    pending = requirement.in_force > at  # (3)
    return Finding(
        requirement=requirement.id,
        severity="warning" if pending else requirement.severity,
        line=gap.line,
        entry=gap.entry,
        article=requirement.citation(at),  # (4)
        force=requirement.edition(at)[0].force,
        asks=requirement.asks,
        says=gap.found,
        remedy=requirement.remedy,
        in_force=requirement.in_force,
        pending=pending,
    )
