"""Rules about what people can ask for, and the way to it."""

import re
from collections.abc import Iterator

from shounuo.core.clause import Words
from shounuo.core.policy import Right
from shounuo.law.rules.entries import Where, check_where, chosen
from shounuo.law.rules.rule import Gap, RuleKind
from shounuo.law.rules.view import View

_STEP = re.compile(r"\s*(?:->|[-–—>＞→»/])\s*")


class RightThere(RuleKind, frozen=True, tag="right"):
    """The right is there, reaches everything at least one way, and its route is named.

    A way that people walk by themselves needs its path; any other leads to a request with a promised time.
    """

    right: str
    named: Words
    who: str = "person"

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section without the right, or each entry whose reach or route is wanting."""
        rights = [one for one in view.of("rights", Right) if one.kind == self.right and one.who == self.who]
        zh, en = self.named.zh, self.named.en
        if not rights:
            yield view.lack("rights", f"没有写明{zh}", f"{en} is not among the rights")
        elif all(right.of for right in rights):
            limit = ", ".join(rights[0].of)
            yield view.gap(rights[0], f"{zh}仅限于 {limit}", f"{en} reaches only {limit}")
        for right in rights:
            by_oneself = "self-service" in right.way
            if by_oneself and not right.where:
                yield view.gap(
                    right, f"{zh}可自助行使，却没有写明路径", f"{en} is self-service without a path"
                )
            elif not by_oneself and right.kind not in view.answered:
                yield view.gap(right, f"{zh}没有承诺答复期限", f"no time is promised for {en}")


class Steps(RuleKind, frozen=True, tag="steps"):
    """No path of the chosen entries through the menus is deeper than `most` steps."""

    sections: tuple[str, ...]
    where: Where
    named: Words
    most: int

    def __post_init__(self) -> None:
        check_where(self.where)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every entry with a deeper path."""
        for entry in chosen(view, self.sections, self.where):
            for path in view.values(entry, "paths"):
                if (deep := len(_STEP.split(str(path)))) > self.most:
                    zh = f"{self.named.zh}需要 {deep} 步（{path}）"
                    yield view.gap(entry, zh, f"{self.named.en} takes {deep} steps (`{path}`)")
                    break
