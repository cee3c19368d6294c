"""A policy text as commands are given it: a pack by name, a file, or a published version as `operator@number`."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shounuo.cli import packs
from shounuo.errors import Misconfigured

if TYPE_CHECKING:
    from shounuo.core.policy import Policy
    from shounuo.core.rulebook import Rulebook

HELP = "a pack, a policy file, or a published version such as `huiju@2`"
_VERSION = re.compile(r"([a-z0-9][a-z0-9-]*)@([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Side:
    """One text: what to call it, its bytes, and the policy they say."""

    label: str
    source: bytes
    policy: "Policy"

    @property
    def book(self) -> "Rulebook":
        """The policy, compiled."""
        from shounuo.core.rulebook import compile_policy

        return compile_policy(self.policy, self.source)


def side(said: str) -> Side:
    """The text somebody named. Raises Misconfigured where there is none, BadPolicy where it cannot be read."""
    from shounuo.language.load import load

    published = _VERSION.fullmatch(said)
    source, label, slug = _published(published[1], int(published[2])) if published else packs.find(said)
    return Side(label, source, load(source, label, slug))


def _published(operator: str, number: int) -> tuple[bytes, str, str]:
    from shounuo.cli.opening import opened, operator_of
    from shounuo.duties.parts import Version, sql

    with opened() as house:
        found, name = operator_of(house, operator)
        with house.parts.store.act(found) as act:
            version = act.row(Version, sql.version, operator=found, number=number)
    if version is None:
        raise Misconfigured(f"{name} has no version {number}: the promise wall tells which is in force")
    return version.source, f"{name}@{number}", version.slug
