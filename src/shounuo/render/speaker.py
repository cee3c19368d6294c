"""What a field of an entry says, as people read it.

1. A name of another entry is said in that entry's words, a word of the language in its own, a time as a time. Nothing is
   left out: what has no words is shown as it stands.
2. Sensitive information is set in bold wherever it is named. (PIPL 17, GB/T 35273)
3. A text of the author's in another language says which.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum

from shounuo.core.clause import Words
from shounuo.core.duration import AtLeast, AtMost, Bound, EarlierOf, LongestOf, OpenHours, Usually
from shounuo.core.policy import (
    Earlier,
    Entry,
    Fee,
    Heading,
    Identifier,
    Item,
    OneOf,
    Policy,
    Precedes,
    Refusal,
    Request,
    Retention,
    SummaryLine,
    Tells,
)
from shounuo.render.document import Line, Run, joined, run
from shounuo.render.tongue import Tongue

_NAMES = {"klass": "class", "law_cited": "provision", "kept": "keeps", "where": "path", "covers": "for"}
# Events that end the keeping; from every other one it begins.
ENDS = frozenset({"purpose-done", "account-closed", "consent-withdrawn", "service-ended", "trial-ended"})
_OWN_COVERS = ("storage", "text")

# Which sections the names in a field belong to; `section.key` before `key`.
_REFERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("requires", "optional", "receives", "carries", "opens", "holds", "rights.unless"), ("information",)
    ),
    "of": ("information", "scenes", "permissions"),
    "stops.of": ("messages",),
    "ending.of": ("services",),
    "when": ("occasions",),
    "feature": ("occasions", "services"),
    "asks": ("consent",),
    "needs": ("scenes", "papers"),
    "papers": ("papers",),
    "for": ("services", "scenes", "uses", "recipients", "sharing", "permissions", "messages", "changes"),
    "sharing.to": ("recipients",),
    "report-to": ("recipients",),
    "hold": ("holds",),
    "instead": ("scenes",),
    "retention.opens-for": ("uses", "scenes"),
    "cookies.stops": ("stops",),
    "session": ("support",),
    "group": ("groups",),
    "factors": ("information",),
}
CLOSING = ("services", "scenes", "uses", "recipients", "cookies")  # what a no can close
_SPANS = (Bound, Usually, AtLeast, AtMost, EarlierOf, LongestOf)
_COMMON = frozenset({"section", "name", "line", "words", "keeps"})


def key_of(entry: Entry, attribute: str) -> str:
    """The key of the policy language that an attribute was written under."""
    if attribute == "covers" and entry.section in _OWN_COVERS:
        return attribute
    return _NAMES.get(attribute, attribute.rstrip("_").replace("_", "-"))


def has_chinese(text: str) -> bool:
    """Whether Chinese characters stand in `text`."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


class Speaker:
    """Says what the entries of one policy say, in one language."""

    def __init__(self, policy: Policy, tongue: Tongue) -> None:
        self.policy, self.say = policy, tongue
        self.sensitive = frozenset(
            one.name
            for one in policy.of("information").values()
            if isinstance(one, Item) and one.grade == "sensitive"
        )

    def label(self, section: str, key: str) -> str:
        """What a field is called."""
        return self.say.known("key", f"{section}.{key}") or self.say.word("key", key)

    def told(self, entry: Entry) -> Iterator[tuple[str, str, tuple[Line, ...]]]:
        """Every field of an entry that says anything: key, what it is called, what it says."""
        for one in fields(entry):
            if one.name in _COMMON or one.name == "graded":
                continue
            key = key_of(entry, one.name)
            if lines := self.lines(entry, one.name):
                yield key, self.label(entry.section, key), lines

    def title(self, entry: Entry) -> Line:
        """What an entry is called; a request by its kinds."""
        if isinstance(entry, Request):
            return self.lines(entry, "kinds")[0]
        return self.text(self.say.said(entry.words, entry.name))

    def text(self, text: str) -> Line:
        """Words of the author's, marked where they are in another language. (3)"""
        foreign = self.say.language != "zh-CN" and has_chinese(text)
        return (Run(text=text, language="zh-CN" if foreign else None),)

    def lines(self, entry: Entry, attribute: str) -> tuple[Line, ...]:
        """What a field says, line by line; nothing where it says nothing."""
        value, key = getattr(entry, attribute), key_of(entry, attribute)
        if value is None or value is False or value in ((), {}, ""):
            return ()
        special: Mapping[str, Callable[[], tuple[Line, ...]]] = {
            "minors.under": lambda: (self.years(value, self.say("不满{}周岁", "under {}")),),
            "minors.from": lambda: (self.years(value, self.say("{}周岁（含）以上", "{} or older")),),
            "sharing.alike": lambda: (
                run(self.say(f"每条记录至少与{value}人相符", f"every record fits {value} people or more")),
            ),
            "scenes.proves": lambda: tuple(
                (*self.item(name), *run(self.say("：", ": ")), *self.item(code))
                for name, code in value.items()
            ),
            "text.facts": lambda: tuple(
                run(f"{self.say.word('facts', name)}{self.say.colon}{self._plain(one)}")
                for name, one in value.items()
            ),
        }
        made = special.get(f"{entry.section}.{key}")
        return made() if made is not None else self.value(entry.section, key, value)

    def value(self, section: str, key: str, value: object) -> tuple[Line, ...]:
        """What a value says that stands under this key of a section, wherever else it is told."""
        return tuple(self._any(section, key, value))

    def years(self, years: int, words: str) -> Line:
        """An age."""
        return (Run(text=words.format(years), value=f"{years} years old"),)

    def item(self, name: str) -> Line:
        """A kind of information. (2)"""
        found = self.policy.of("information").get(name)
        known = found is not None and found.words is not None
        text = self.say.said(found.words) if found is not None and known else self.say.word("of", name)
        return (Run(text=text, strong=name in self.sensitive, item=name),)

    def named(self, name: str, sections: Iterable[str]) -> Line:
        """Another entry by its name. (1)"""
        for section in sections:
            found = self.policy.of(section).get(name)
            if found is None:
                continue
            if section == "information":
                return self.item(name)
            text = self.say.said(found.words) or self.say.word("section", section)
            return tuple(Run(text=one.text, language=one.language, value=name) for one in self.text(text))
        return ()

    def _any(self, section: str, key: str, value: object) -> Iterator[Line]:
        match value:
            case Words():
                yield self.text(self.say.said(value))
            case Refusal():
                yield self.refusal(value)
            case Tells():
                yield self.tells(value)
            case Fee():
                yield self.fee(value)
            case Identifier():
                yield self.identifier(value)
            case OpenHours():
                yield run(
                    self.say(
                        f"每周{value.days}天，每天{value.hours}小时",
                        f"{value.hours} hours a day, {value.days} days a week",
                    )
                )
            case Mapping():
                for name, one in value.items():
                    said = joined(tuple(self._any(section, key, one)), self.say.comma)
                    yield (*run(f"{self.say.word(key, name)}{self.say.colon}"), *said)
            case tuple() if value and isinstance(value[0], Precedes | Earlier | Heading | SummaryLine):
                for one in value:
                    yield self._listed(one)
            case tuple():
                yield joined([line for one in value for line in self._any(section, key, one)], self.say.comma)
            case OneOf():
                inner = joined([self.item(name) for name in value.items], self.say("或", " or "))
                yield (*inner, *run(self.say("（择一）", " (one of them)")))
            case _:
                yield self._one(section, key, value)

    def _one(self, section: str, key: str, value: object) -> Line:
        if isinstance(value, _SPANS) or hasattr(value, "unit"):
            return (Run(text=self.say.span(value), value=span_value(value)),)
        if isinstance(value, date):
            return (Run(text=self.say.day(value), day=value.isoformat()),)
        if not isinstance(value, str) or isinstance(value, Enum):
            value = value.value if isinstance(value, Enum) else value
            if not isinstance(value, str):
                return run(self._plain(value))
        sections = _REFERS.get(f"{section}.{key}") or _REFERS.get(key, ())
        if found := self.named(value, sections):
            return found
        for table in (f"{section}.{key}", key):
            if (words := self.say.known(table, value)) is not None:
                item = value if "information" in sections else None
                return (Run(text=words, value=value, item=item),)
        if key == "text" and value == self.policy.slug:
            return run(self.say("本文", "This text"))
        code = key in ("keys", "word", "value", "seal") and not has_chinese(value)
        return tuple(
            Run(text=one.text, language=one.language, code=code and key in ("keys", "word"))
            for one in self.text(value)
        )

    def _plain(self, value: object) -> str:
        match value:
            case True:
                return self.say("是", "yes")
            case False:
                return self.say("否", "no")
            case Decimal():
                return f"{value}%"
            case _:
                return str(value)

    def _listed(self, value: object) -> Line:
        match value:
            case Precedes(topic=topic, over=over, wins=wins):
                names = [self.say.word("precedence", one) for one in (topic, over, wins)]
                return run(
                    self.say(
                        "就{}，与{}不一致的，以{}为准。".format(*names),
                        "On {}, between this text and {}, {} holds.".format(*names),
                    )
                )
            case Earlier(number=number, date=printed):
                return (*run(self.say(f"{number} 版，", f"Version {number}, ")), *self.text(printed))
            case Heading(at=at, words=words):
                return (*self.text(at), *run(self.say.colon), *self.text(self.say.said(words)))
            case SummaryLine(words=words):
                return self.text(self.say.said(words))
            case _:
                return run(str(value))

    def kept_for(self, rule: Retention, period: Bound) -> str:
        """A time we set ourselves: how soon it goes after what ends its keeping, or how long it is kept from the start."""
        say, span = self.say, self.say.span(period.bound)
        event, then = say.word("from", rule.from_), say.word("then", rule.then)
        if rule.from_ in ENDS:
            return say(
                f"{event}后{span}内{then}（时限由我们设定）",
                f"{then} within {span} of {event} (the time is set by us)",
            )
        return say(f"自{event}起{span}（期限由我们设定）", f"{span} from {event} (the period is set by us)")

    def refusal(self, refusal: Refusal) -> Line:
        """What a no costs, and nothing more."""
        if not refusal.closed:
            return run(self.say("不影响任何功能", "nothing is affected"))
        closed = joined([self.named(n, CLOSING) or run(n) for n in refusal.closed], self.say.comma)
        rest = joined([self.named(n, CLOSING) or run(n) for n in refusal.open], self.say.comma)
        return (
            *run(self.say("无法使用", "closed: ")),
            *closed,
            *run(self.say("；", "; ")),
            *(
                (*run(self.say("仍可使用", "still open: ")), *rest)
                if rest
                else run(self.say("其他功能不受影响", "nothing else is affected"))
            ),
        )

    def tells(self, tells: Tells) -> Line:
        """What is told, when, how."""
        say = self.say
        parts: list[Line] = [run(say.word("at", tells.at))]
        if tells.ahead is not None:
            parts.append(run(say(f"提前{say.span(tells.ahead)}", f"{say.span(tells.ahead)} ahead")))
        if tells.within is not None:
            parts.append(run(say(f"期限：{say.span(tells.within)}", f"within {say.span(tells.within)}")))
        if tells.to != "person":
            parts.append(run(say(f"对象：{say.word('to', tells.to)}", f"to {say.word('to', tells.to)}")))
        if tells.shows:
            shown = joined([self._one("", "shows", one) for one in tells.shows], say.comma)
            parts.append((*run(say("内容：", "what: ")), *shown))
        if tells.channels:
            by = say.comma.join(say.word("channel", one) for one in tells.channels)
            parts.append(run(say(f"渠道：{by}", f"by {by}")))
        if tells.fallback:
            by = say.comma.join(say.word("channel", one) for one in tells.fallback)
            parts.append(run(say(f"无法送达的，以{by}告知", f"else by {by}")))
        if tells.acknowledged:
            parts.append(run(say("须确认已读", "to be acknowledged")))
        if tells.unless:
            parts.append(run(say.word("unless", tells.unless)))
        return joined(parts, say.semicolon)

    def fee(self, fee: Fee) -> Line:
        """What may be charged, and from which request on."""
        per = self.say.span(fee.per)
        return run(
            self.say(
                f"{per}内前{fee.after}次免费；其后（{fee.says or '重复请求'}）仅可收取成本费用",
                f"the first {fee.after} in {per} are free; after that no more than the cost",
            )
        )

    def identifier(self, one: Identifier) -> Line:
        """What an identifier is bound to, whether it can be reset, where it comes from."""
        say = self.say
        reset = (
            say("可由您重置", "you can reset it") if one.resettable else say("不可重置", "it cannot be reset")
        )
        lasts, obtained = (
            say.word("identifier.lasts", one.lasts),
            say.word("identifier.obtained", one.obtained),
        )
        return run(say.semicolon.join((lasts, reset, obtained)))


def span_value(span: object) -> str:
    """A time as the language writes it, for readers that are programs."""
    match span:
        case Bound(bound=bound):
            return str(bound)
        case AtLeast(period=period) | AtMost(period=period):
            return str(period)
        case Usually(at_most=most):
            return str(most)
        case EarlierOf(terms=terms) | LongestOf(terms=terms):
            return ", ".join(span_value(one) for one in terms)
        case _:
            return str(span)
