"""Rules about what single entries say: `each` and `some`.

`where` chooses entries: every field named must have one of the values given; `true` asks only that something
is said, `false` that nothing is.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from shounuo.core.clause import Words
from shounuo.core.policy import Entry
from shounuo.law.rules.rule import Gap, RuleKind, expression
from shounuo.law.rules.view import Plain, View

Where = Mapping[str, tuple[str, ...] | bool]
_EVERY: Where = MappingProxyType({})


def chosen(view: View, sections: tuple[str, ...], where: Where) -> Iterator[Entry]:
    """The entries of these sections that `where` chooses."""
    for section in sections:
        for entry in view.of(section, Entry):
            if all(_has(view.values(entry, field), wanted) for field, wanted in where.items()):
                yield entry


def _has(said: tuple[Plain, ...], wanted: tuple[str, ...] | bool) -> bool:
    if isinstance(wanted, bool):
        return bool(said) is wanted
    return not set(said).isdisjoint(wanted)


class Each(RuleKind, frozen=True, tag="each"):
    """Every chosen entry says something in `field`, and says it so. `named` is the field in words."""

    sections: tuple[str, ...]
    field: str
    named: Words
    where: Where = _EVERY
    one_of: tuple[str, ...] = ()  # at least one value is among these
    none_of: tuple[str, ...] = ()  # no value is; nothing said is no fault
    includes: tuple[str, ...] = ()  # all of these are said
    mentions: str = ""  # an expression found in what is said
    avoids: str = ""  # an expression not found in it; nothing said is no fault

    def __post_init__(self) -> None:
        expression(self.mentions)
        expression(self.avoids)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every chosen entry that does not say it so."""
        for entry in chosen(view, self.sections, self.where):
            if found := self._wrong(view.values(entry, self.field)):
                yield view.gap(entry, found.zh, found.en)

    def _wrong(self, said: tuple[Plain, ...]) -> Words | None:
        zh, en, shown = self.named.zh, self.named.en, ", ".join(str(one) for one in said)
        if not said:
            return None if self.none_of or self.avoids else Words(f"未写明{zh}", f"{en} is not said")
        if self.one_of and set(said).isdisjoint(self.one_of):
            wanted = " or ".join(self.one_of)
            return Words(f"{zh}为“{shown}”，而非 {wanted}", f"{en} is `{shown}`, not {wanted}")
        if bad := [one for one in said if one in self.none_of]:
            return Words(f"{zh}含“{bad[0]}”", f"{en} is `{bad[0]}`")
        if lacking := [one for one in self.includes if one not in said]:
            return Words(f"{zh}缺少 {', '.join(lacking)}", f"{en} lacks {', '.join(lacking)}")
        if self.mentions and not _find(self.mentions, said):
            return Words(
                f"{zh}（{shown}）未提及所要求的内容", f"{en} (`{shown}`) leaves out what is asked for"
            )
        if self.avoids and (hit := _find(self.avoids, said)):
            return Words(f"{zh}含有“{hit}”", f"{en} says `{hit}`")
        return None


def _find(wanted: str, said: tuple[Plain, ...]) -> str:
    """The first place an expression is found in what is said."""
    found = (expression(wanted).search(str(one)) for one in said)
    return next((hit[0] for hit in found if hit), "")


class Some(RuleKind, frozen=True, tag="some"):
    """At least one entry is chosen."""

    section: str
    named: Words
    where: Where = _EVERY

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section, when none is."""
        if next(chosen(view, (self.section,), self.where), None) is None:
            yield view.lack(self.section, f"没有{self.named.zh}", f"there is no {self.named.en}")
