"""Edits of the packs, and what compile says of them.

No edit is held against a stored copy or a hash: the two halves of a pack, what the text says and what the system does,
are held against each other. What is not caught is listed; most of it is said twice on purpose, so that taking away one
of the two leaves the promise standing.
"""

from collections import Counter
from pathlib import Path

import yaml
from edits import GROUPS, Edit, Editor, meaning

import shounuo
from shounuo.core import consistency
from shounuo.core.policy import Policy
from shounuo.errors import BadPolicy, Fault
from shounuo.language.load import build
from shounuo.language.source import read

PACKS = Path(shounuo.__file__).parent / "packs"
SLUGS = sorted(path.stem for path in PACKS.glob("*.yaml"))
EDITS = 150  # of each pack
SEED = 20_260_105
LEAST = 0.95


def text_of(slug: str) -> str:
    """A pack as it stands in the package."""
    return (PACKS / f"{slug}.yaml").read_text("utf-8")


def found_in(root: yaml.MappingNode, slug: str) -> tuple[Policy | None, tuple[Fault, ...]]:
    """The policy, if it could be read at all, and every error in it."""
    try:
        policy = build(root, slug, slug)
    except BadPolicy as bad:
        return None, bad.faults
    return policy, tuple(one for one in consistency.check(policy) if one.severity == "error")


def test_edits_are_caught() -> None:
    """Of at least 500 edits of entries, figures, items and references, 95 % and more are errors."""
    tried, missed = Counter[str](), Counter[str]()
    left: list[str] = []
    for slug in SLUGS:
        root = read(text_of(slug), slug)
        before, faults = found_in(root, slug)
        assert faults == (), slug
        same = meaning(before)
        editor = Editor(root, SEED)
        for _ in range(EDITS):
            edit = editor.draw()
            with edit.done():
                policy, faults = found_in(root, slug)
            if not faults and meaning(policy) == same:
                continue  # it said what was so anyway
            tried[edit.kind] += 1
            if not faults:
                missed[edit.kind] += 1
                left.append(f"{slug}: {edit}")
            else:
                assert all(one.wrong and one.remedy and one.entry for one in faults), edit
                assert any(meant(edit, one) for one in faults), (str(edit), [str(one) for one in faults][:3])
    share = 1 - missed.total() / tried.total()
    print(f"\n{tried.total()} edits, {share:.1%} caught")
    for kind in (kind for kinds in GROUPS.values() for kind in kinds):
        print(f"  {kind:13} {tried[kind]:4} tried, {missed[kind]:3} not caught")
    print(*left, sep="\n")
    assert tried.total() >= 500
    assert share >= LEAST, left


def meant(edit: Edit, fault: Fault) -> bool:
    """Whether a finding names what was edited."""
    return any(place in f"{fault.entry} {fault.wrong}" for place in edit.places)
