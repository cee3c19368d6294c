"""Take in what a scene declares and nothing else.

1. A field the scene does not declare is refused; nothing of the call is kept. (PIPL 6) Its name is told only
   where it looks like a name: a caller's mistake may have put a value there.
2. A required field must be there; of alternatives exactly one, of optional alternatives at most one.
3. A value is of its declared kind.
4. What is never stored is refused in any field. (PIPL 9, GB/T 35273)
5. What lives in memory only is checked and then let go: it is not among the values returned to be kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shounuo.core.category import fits
from shounuo.core.policy import Item, OneOf, Policy, Scene, items_of
from shounuo.errors import Invalid

_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The values to keep, and the names of those that were used and let go."""

    kept: Mapping[str, str]
    let_go: tuple[str, ...] = ()


def admit(policy: Policy, scene: Scene, given: Mapping[str, str]) -> Admitted:
    """What of `given` the scene keeps. Raises Invalid naming fields and clauses, never values."""
    declared = items_of(scene.requires + scene.optional)
    if extra := sorted(set(given) - set(declared)):  # (1)
        wrong = f"`{scene.name}` does not declare {_list(map(_tellable, extra))}; nothing was kept"
        raise Invalid("undeclared-field", wrong, scene.keeps)
    for wanted in scene.requires + scene.optional:  # (2)
        names = wanted.items if isinstance(wanted, OneOf) else (wanted,)
        present = [name for name in names if name in given]
        if not present and wanted in scene.requires:
            raise Invalid("missing-field", f"`{scene.name}` requires {_list(names, ' or ')}", scene.keeps)
        if len(present) > 1:
            raise Invalid("one-of", f"`{scene.name}` takes only one of {_list(names)}", scene.keeps)
    kept: dict[str, str] = {}
    let_go: list[str] = []
    for name, value in given.items():
        item = policy.of("information")[name]
        if not isinstance(item, Item) or item.store == "never":  # (4)
            raise Invalid("never-stored", f"`{name}` is never stored", (*item.keeps, *scene.keeps))
        if not fits(item.kind, value):  # (3)
            raise Invalid("wrong-kind", f"`{name}` is not a valid {item.kind}", scene.keeps)
        if item.store == "memory-only":  # (5)
            let_go.append(name)
        else:
            kept[name] = value
    return Admitted(kept, tuple(let_go))


def _tellable(name: str) -> str:
    return name if _NAME.fullmatch(name) else "a field of no known name"


def _list(names: Iterable[str], between: str = ", ") -> str:
    return between.join(f"`{name}`" for name in names)
