"""Findings as a SARIF 2.1.0 log, for editors and for the pages where code is reviewed.

1. One run over all files; one rule for every requirement and every kind of fault that a result names.
2. A requirement not in force yet, and a gap, is a `warning`; a contradiction is an `error`.
3. Where nothing of an entry is written, the result points at the first line of the file: a viewer drops a
   result without a place.
4. The fingerprint of a result is the rule, the entry and which of several there it is, not the line, so that
   it stays the same when the file grows.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from shounuo.errors import Fault
from shounuo.law.lint import Finding
from shounuo.law.requirement import Requirement, requirements

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One policy file: what is wrong with it by itself, and where it and the law part."""

    name: str  # its path, as it is told apart in the log
    own: Sequence[Fault]
    law: Sequence[Finding]


def log(files: Sequence[Checked], at: date, version: str) -> dict[str, Any]:
    """What was found in `files` on the law of the day `at`, as one log. (1)"""
    named = {one for file in files for finding in file.law for one in finding.requirements}
    rules = [_rule(one, at) for one in requirements() if one.id in named]
    codes = sorted({fault.code for file in files for fault in file.own})
    rules += [{"id": f"policy/{code}", "name": _camel(code)} for code in codes]
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    results = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for file in files:
        for told in (*map(_of_policy, file.own), *map(_of_law, file.law)):
            place = (file.name, told.rule, told.entry)
            seen[place] += 1
            results.append(_result(file.name, told, places[told.rule], (*place, str(seen[place]))))
    driver = {"name": "shounuo", "semanticVersion": version, "rules": rules}
    artifacts = [{"location": {"uri": quote(file.name)}, "sourceLanguage": "yaml"} for file in files]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": artifacts,
        "results": results,
        "properties": {"lawOf": str(at)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.replace(".", "-").split("-"))


def _rule(one: Requirement, at: date) -> dict[str, Any]:
    law, _ = one.edition(at)
    article = one.citation(at)
    return {
        "id": one.id,
        "name": _camel(one.id),
        "shortDescription": {"text": one.title.en},
        "fullDescription": {"text": f"{one.asks.en} ({article.en})"},
        "help": {"text": f"{one.remedy.en}\n\n{one.asks.zh}（{article.zh}）：{one.remedy.zh}"},
        "defaultConfiguration": {"level": "warning" if one.in_force > at else one.severity},  # (2)
        "properties": {
            "force": law.force.value,
            "inForce": str(one.in_force),
            "read": one.read.value,
            "inText": one.text.value,
            "tags": [one.group, law.force.value],
        },
        **({"helpUri": law.url} if law.url else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One result, of whichever sort."""

    rule: str
    level: str
    line: int
    entry: str
    text: str
    properties: Mapping[str, Any]


def _of_policy(fault: Fault) -> _Told:
    return _Told(
        rule=f"policy/{fault.code}",
        level=fault.severity,
        line=fault.line,
        entry=fault.entry,
        text=f"{fault.entry}: {fault.wrong}",
        properties={"remedy": fault.remedy},
    )


def _of_law(finding: Finding) -> _Told:
    also = [f"{one.requirement}: {one.article.en}" for one in finding.also]
    return _Told(
        rule=finding.requirement,
        level=finding.severity,
        line=finding.line,
        entry=finding.entry,
        text=f"{finding.entry}: {finding.says.en}; {finding.asks.en} ({finding.article.en})",
        properties={"remedy": finding.remedy.en, "pending": finding.pending, "also": also},
    )


def _result(name: str, told: _Told, index: int, mark: tuple[str, ...]) -> dict[str, Any]:
    return {
        "ruleId": told.rule,
        "ruleIndex": index,
        "level": told.level,
        "message": {"text": told.text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(name)},
                    "region": {"startLine": max(1, told.line)},  # (3)
                },
                "logicalLocations": [{"fullyQualifiedName": told.entry, "kind": "member"}],
            }
        ],
        "partialFingerprints": {
            "ruleAndEntry/v1": hashlib.sha256("\n".join(mark).encode()).hexdigest()[:32]
        },  # (4)
        "properties": dict(told.properties),
    }
