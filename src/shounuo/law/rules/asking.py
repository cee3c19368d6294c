"""Rules about what people can ask for, and how soon they are answered."""

from collections.abc import Iterator

from shounuo.core.clause import Words
from shounuo.core.duration import parse_duration
from shounuo.core.policy import Request, Right
from shounuo.law.rules.rule import Gap, RuleKind
from shounuo.law.rules.spans import answered, shown
from shounuo.law.rules.view import View


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


class AnsweredWithin(RuleKind, frozen=True, tag="answered-within"):
    """Requests of these kinds are promised an answer that always comes within `most`."""

    requests: tuple[str, ...]
    most: str

    def __post_init__(self) -> None:
        parse_duration(self.most)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every entry that may answer one of them later."""
        most = parse_duration(self.most)
        for request in view.of("requests", Request):
            kinds = ", ".join(kind for kind in request.kinds if kind in self.requests)
            if kinds and not answered(request.within, most):
                zh = f"{kinds} 的答复期限为 {shown(request.within)}，可能超过 {most}"
                yield view.gap(
                    request, zh, f"{kinds} may take {shown(request.within)}, which can pass {most}"
                )
