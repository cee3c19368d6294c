"""Edits of the good policy, from the text on: its tree is changed, written again, and loaded."""

import copy
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shounuo.core.policy import Policy
from shounuo.language.load import load
from shounuo.law.rules.facts import FACTS

HERE = Path(__file__).parent
# Every fact is so, and every count above every threshold.
EVERYTHING: Mapping[str, int | bool] = {
    **dict.fromkeys(FACTS, True),
    "pi_subjects": 20_000_000,
    "sensitive_subjects": 1_000_000,
    "export_non_sensitive": 2_000_000,
    "export_sensitive": 20_000,
}


@cache
def _tree() -> dict[str, Any]:
    return dict(yaml.load((HERE / "good.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader))


@cache
def good() -> Policy:
    """The policy that keeps every rule, as it is written."""
    file = HERE / "good.yaml"
    return load(file.read_bytes(), str(file))


@cache
def examples() -> Mapping[str, list[dict[str, Any]]]:
    """The edits by requirement."""
    read = yaml.load((HERE / "examples.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return {name: one if isinstance(one, list) else [one] for name, one in read.items()}


def edited(put: Mapping[str, Any], drop: Iterable[str] = ()) -> Policy:
    """The good policy with values put at paths, and paths dropped."""
    tree = copy.deepcopy(_tree())
    for path, value in put.items():
        place, key = _place(tree, path)
        place[key] = value
    for path in drop:
        place, key = _place(tree, path)
        del place[key]
    return load(_Text(tree).dump(), "edited.yaml")


def line(policy: Policy, at: str) -> int:
    """The line of an entry or clause, or of the first entry of a section; 0 where there is none."""
    section, _, name = at.partition(".")
    if at in policy.clauses:
        return policy.clauses[at].line
    if name:
        return policy.sections[section][name].line
    return next((entry.line for entry in policy.of(section).values()), 0)


def _place(tree: dict[str, Any], path: str) -> tuple[Any, Any]:
    *way, last = path.split(".")
    place: Any = tree
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    return place, int(last) if isinstance(place, list) else last


class _Text:
    """A tree written as YAML, so that it reads back as it was."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree

    def dump(self) -> str:
        return yaml.dump(
            self.tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
        )
