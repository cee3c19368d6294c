"""Rules about what entries say: `each` of them, `some` of them, and all `between-them`.

`where` chooses entries by their fields: a list is satisfied by any of its words, a text by an expression found
in what is said, `true` by anything said, `false` by nothing said.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from shounuo.core.clause import Words
from shounuo.core.policy import Entry
from shounuo.law.rules.plain import Plain
from shounuo.law.rules.rule import Gap, RuleKind, Topics, check_topics, expression, found, lacking
from shounuo.law.rules.view import View

Where = Mapping[str, tuple[str, ...] | bool | str]
_EVERY: Where = MappingProxyType({})
_NOTHING: Topics = MappingProxyType({})


def check_where(where: Where) -> None:
    """Raises ValueError for an expression that cannot be read."""
    for wanted in where.values():
        if isinstance(wanted, str):
            expression(wanted)


def chosen(view: View, sections: tuple[str, ...], where: Where) -> Iterator[Entry]:
    """The entries of these sections that `where` chooses."""
    for section in sections:
        for entry in view.of(section, Entry):
            if all(_has(view.values(entry, field), wanted) for field, wanted in where.items()):
                yield entry


def _has(said: tuple[Plain, ...], wanted: tuple[str, ...] | bool | str) -> bool:
    if isinstance(wanted, bool):
        return bool(said) is wanted
    if isinstance(wanted, str):
        return bool(found(wanted, said))
    return not set(said).isdisjoint(wanted)


class Each(RuleKind, frozen=True, tag="each"):
    """Every chosen entry says something in `field`, and says it so. `named` is the field in words."""

    sections: tuple[str, ...]
    field: str
    named: Words
    where: Where = _EVERY
    one_of: tuple[str, ...] = ()  # at least one value is among these
    only: tuple[str, ...] = ()  # every value is
    none_of: tuple[str, ...] = ()  # no value is; nothing said is no fault
    includes: tuple[str, ...] = ()  # all of these are said
    topics: Topics = _NOTHING  # what is said speaks of all of these
    avoids: str = ""  # an expression not found in it; nothing said is no fault
    unless: str = ""  # where this is found too, `avoids` is no fault: a denial, say
    most: int = 0  # so many values and no more

    def __post_init__(self) -> None:
        check_where(self.where)
        check_topics(self.topics)
        expression(self.avoids)
        expression(self.unless)

    def gaps(self, view: View) -> Iterator[Gap]:
        """Every chosen entry that does not say it so."""
        for entry in chosen(view, self.sections, self.where):
            if wrong := self._wrong(view.values(entry, self.field)):
                yield view.gap(entry, wrong.zh, wrong.en)

    def _wrong(self, said: tuple[Plain, ...]) -> Words | None:
        zh, en, shown = self.named.zh, self.named.en, ", ".join(str(one) for one in said)
        if not said:
            if self.none_of or self.avoids or self.most:
                return None
            return Words(f"未写明{zh}", f"{en} is not said")
        if self.one_of and set(said).isdisjoint(self.one_of):
            wanted = " or ".join(self.one_of)
            return Words(f"{zh}为“{shown}”，而非 {wanted}", f"{en} is `{shown}`, not {wanted}")
        if bad := [one for one in said if one in self.none_of or (self.only and one not in self.only)]:
            return Words(f"{zh}含“{bad[0]}”", f"{en} is `{bad[0]}`")
        if lack := [one for one in self.includes if one not in said]:
            return Words(f"{zh}缺少 {', '.join(lack)}", f"{en} lacks {', '.join(lack)}")
        if self.topics and (missing := lacking(self.topics, said)):
            return Words(f"{zh}未提及{missing.zh}", f"{en} does not speak of {missing.en}")
        if self.most and len(said) > self.most:
            return Words(f"{zh}有 {len(said)} 项（{shown}）", f"{en} are {len(said)} (`{shown}`)")
        return self._avoided(said)

    def _avoided(self, said: tuple[Plain, ...]) -> Words | None:
        if not self.avoids:
            return None
        for one in said:
            hit = found(self.avoids, [one])
            if hit and not (self.unless and found(self.unless, [one])):
                return Words(f"{self.named.zh}含有“{hit}”", f"{self.named.en} says `{hit}`")
        return None


class Some(RuleKind, frozen=True, tag="some"):
    """At least one entry is chosen."""

    sections: tuple[str, ...]
    named: Words
    where: Where = _EVERY

    def __post_init__(self) -> None:
        check_where(self.where)

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section, when none is."""
        if next(chosen(view, self.sections, self.where), None) is None:
            yield view.lack(self.sections[0], f"没有{self.named.zh}", f"there is no {self.named.en}")


class Between(RuleKind, frozen=True, tag="between-them"):
    """The chosen entries say, between them, all of `includes` and speak of all of `topics` in `field`."""

    sections: tuple[str, ...]
    field: str
    named: Words
    where: Where = _EVERY
    includes: tuple[str, ...] = ()
    topics: Topics = _NOTHING
    if_any: bool = False  # asked only where an entry is chosen

    def __post_init__(self) -> None:
        check_where(self.where)
        check_topics(self.topics)

    def gaps(self, view: View) -> Iterator[Gap]:
        """The section, when something is said by none of them."""
        entries = list(chosen(view, self.sections, self.where))
        if self.if_any and not entries:
            return
        said = [one for entry in entries for one in view.values(entry, self.field)]
        if lack := [one for one in self.includes if one not in said]:
            names = ", ".join(lack)
            yield view.lack(
                self.sections[0], f"{self.named.zh}缺少 {names}", f"{self.named.en}: {names} missing"
            )
        if self.topics and (missing := lacking(self.topics, said)):
            zh, en = f"{self.named.zh}未提及{missing.zh}", f"{self.named.en}: nothing speaks of {missing.en}"
            yield view.lack(self.sections[0], zh, en)
