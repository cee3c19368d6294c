"""The summary of a policy: one screen, made from the entries the full text is made from.

1. It answers what people ask first: who, what is taken for what, with whom it is shared, how long it is kept, what they can ask
   for and when they are answered, children, and how to reach somebody. What is made so cannot contradict the full text.
2. Lines written by hand stand before it. Each names the entries it tells of, and is held to them by its own words
   (`core.summary`): a line that says otherwise is a fault, and its policy does not compile.
"""

from collections.abc import Iterable, Iterator, Mapping

from shounuo.core.duration import Bound, LongestOf
from shounuo.core.policy import (
    Contact,
    Entry,
    Item,
    Minors,
    Operator,
    Policy,
    Recipient,
    Request,
    Retention,
    Right,
    Scene,
    Storage,
    Summary,
    items_of,
)
from shounuo.core.reach import taken_by
from shounuo.render.document import (
    Block,
    Bullets,
    Document,
    Fact,
    Facts,
    Heading,
    Line,
    Paragraph,
    Part,
    joined,
    run,
)
from shounuo.render.speaker import ENDS, Speaker
from shounuo.render.text import head, title_of
from shounuo.render.tongue import Tongue

_NAMED = 2  # items named one by one before "and so many more"
_DIRECT = ("officer", "email", "phone", "letter")  # channels anybody can use from anywhere


def summary(policy: Policy, language: str) -> Document:
    """The summary in one language."""
    return _Summary(policy, Tongue(language)).document()


class _Summary:
    def __init__(self, policy: Policy, say: Tongue) -> None:
        self.policy, self.say = policy, say
        self.speaker = Speaker(policy, say)

    def document(self) -> Document:
        say = self.say
        title = f"{title_of(self.policy, say)}{say('（摘要）', ' (summary)')}"
        facts = [one for one in self._facts() if any(part.lines for part in one.parts)]
        written = self.policy.of("text").get("summary")
        lines = written.lines if isinstance(written, Summary) else ()
        blocks: list[Block] = [Heading(level=1, anchor="top", number="", line=run(title))]
        blocks += [one for one in head(self.policy, self.speaker) if not _is_operator(one)]
        if lines:
            blocks.append(Bullets(of=tuple(self.speaker.text(say.said(one.words)) for one in lines)))
        blocks.append(Facts(of=tuple(facts), colon=say.colon))
        blocks.append(
            Paragraph(
                line=run(
                    say(
                        "本摘要与全文由同一份规则制成；完整内容以全文为准。",
                        "Made from the same rules as the full text, which holds.",
                    )
                )
            )
        )
        return Document(slug=self.policy.slug, language=say.language, title=title, blocks=tuple(blocks))

    def _facts(self) -> Iterator[Fact]:
        say = self.say
        yield self._fact("who", say("我们是谁", "Who we are"), self._who())
        yield self._fact("what", say("收集什么、为了什么", "What is collected, and what for"), self._what())
        yield self._fact("sensitive", say("敏感个人信息", "Sensitive information"), self._sensitive())
        yield self._fact("whom", say("提供给谁", "Who receives it"), self._whom())
        yield self._fact("where", say("存放在哪里", "Where it is kept"), self._where())
        yield self._fact("how-long", say("保存多久", "How long it is kept"), self._how_long())
        yield self._fact("rights", say("您的权利", "Your rights"), self._rights())
        yield self._fact("answers", say("何时答复", "When you are answered"), self._answers())
        yield self._fact("minors", say("未成年人", "Children"), self._minors())
        yield self._fact("contact", say("联系我们", "Contact"), self._contact())

    def _fact(self, field: str, name: str, lines: Iterable[Line]) -> Fact:
        return Fact(name=name, parts=(Part(field=field, lines=tuple(line for line in lines if line)),))

    def _all(self, section: str) -> list[Entry]:
        return list(self.policy.of(section).values())

    def _who(self) -> Iterator[Line]:
        for one in self.policy.of("text").values():
            if isinstance(one, Operator):
                address = self.speaker.lines(one, "address")
                yield joined([self.speaker.title(one), *address], self.say("，", ", "))

    def _what(self) -> Iterator[Line]:
        """By what the law lets it rest on, each scene with what must be given in it."""
        scenes = [one for one in self._all("scenes") if isinstance(one, Scene)]
        for basis in dict.fromkeys(one.basis for one in scenes):
            here = [one for one in scenes if one.basis is basis]
            told = [self._scene(one) for one in here]
            name = self.say.word("basis", basis.value)
            yield (*run(f"{name}{self.say.colon}"), *joined(told, self.say.semicolon))

    def _scene(self, scene: Scene) -> Line:
        """A scene with what is taken in it, the first of it by name."""
        names = items_of(scene.requires) or items_of(scene.optional)
        title, first = self.speaker.title(scene), [self.speaker.item(name) for name in names[:_NAMED]]
        if not first or first == [title]:
            return title
        more = len(names) - _NAMED
        rest = self.say(f"等{len(names)}项", f" and {more} more") if more > 0 else ""
        inner = (*joined(first, self.say.comma), *run(rest))
        return (*title, *run(self.say("（", " (")), *inner, *run(self.say("）", ")")))

    def _sensitive(self) -> Iterator[Line]:
        taken = {name for one in self._all("scenes") for name in taken_by(one)}
        items = [
            one.name
            for one in self._all("information")
            if isinstance(one, Item) and one.grade == "sensitive" and one.name in taken
        ]
        yield joined([self.speaker.item(name) for name in items], self.say.comma)

    def _whom(self) -> Iterator[Line]:
        """Code of others that runs here, and everybody else."""
        recipients = [one for one in self._all("recipients") if isinstance(one, Recipient)]
        code = [one for one in recipients if one.kind in ("sdk", "api")]
        others = [one for one in recipients if one not in code]
        for name, told in (
            (self.say("SDK 与接口", "SDKs and APIs"), code),
            (self.say("接收方", "Recipients"), others),
        ):
            if told:
                named = joined([self._recipient(one) for one in told], self.say.comma)
                yield (*run(f"{name}{self.say.colon}"), *named)

    def _recipient(self, one: Recipient) -> Line:
        """A recipient; one elsewhere with its country."""
        title = self.speaker.title(one)
        if one.country == self._home():
            return title
        country = self.speaker.lines(one, "country")[0]
        return (*title, *run(self.say("（", " (")), *country, *run(self.say("）", ")")))

    def _home(self) -> str:
        who = self.policy.of("text").get("operator")
        return who.home if isinstance(who, Operator) else "CN-mainland"

    def _where(self) -> Iterator[Line]:
        found = [
            self.speaker.lines(one, "region")[0] for one in self._all("storage") if isinstance(one, Storage)
        ]
        yield joined(list(dict.fromkeys(found)), self.say.comma)
        abroad = [
            one
            for one in self._all("recipients")
            if isinstance(one, Recipient) and one.country != self._home()
        ]
        if abroad:
            named = joined([self._recipient(one) for one in abroad], self.say.comma)
            yield (*run(self.say("向境外提供：", "Information goes abroad, to ")), *named)

    def _how_long(self) -> Iterator[Line]:
        """Each period with everything that is kept for it."""
        found: dict[tuple[str, str], list[Line]] = {}
        until: dict[str, list[Line]] = {}
        for one in self._all("retention"):
            if isinstance(one, Retention) and isinstance(one.for_, Bound) and one.from_ in ENDS:
                until.setdefault(self._until(one, one.for_), []).append(self.speaker.title(one))
            elif isinstance(one, Retention):
                found.setdefault((one.from_, self._short(one.for_)), []).append(self.speaker.title(one))
        for told, titles in until.items():
            yield (*run(f"{told}{self.say.colon}"), *joined(titles, self.say.comma))
        yield from self._grouped(found)
        if until or any("*" in period for _, period in found):
            yield run(
                self.say(
                    "* 文本未载明具体期限，由我们设定。",
                    "* The text names no number; the period is set by us.",
                )
            )

    def _until(self, rule: Retention, period: Bound) -> str:
        """How soon it goes after what ends its keeping; the time is ours, and bears a mark."""
        event, then = self.say.word("from", rule.from_), self.say.word("then", rule.then)
        span = self.say.span(period.bound)
        return self.say(f"{event}后{span}*内{then}", f"{then} within {span}* of {event}")

    def _grouped(self, found: Mapping[tuple[str, str], list[Line]]) -> Iterator[Line]:
        """`自账户注销起1个自然日：账号、内容`, a line a period."""
        for (start, period), titles in found.items():
            event = self.say.word("from", start)
            yield (
                *run(self.say(f"自{event}起{period}：", f"{period} from {event}: ")),
                *joined(titles, self.say.comma),
            )

    def _short(self, period: object) -> str:
        """A period in a few words; one that is ours bears a mark."""
        match period:
            case Bound(bound=bound):
                return f"{self.say.span(bound)}*"
            case LongestOf(terms=terms):
                return self.say(" / ", " / ").join(self._short(one) for one in terms) + self.say(
                    "（以最长者为准）", " (the longest)"
                )
            case _:
                return self.say.span(period)

    def _rights(self) -> Iterator[Line]:
        kinds = [one.kind for one in self._all("rights") if isinstance(one, Right)]
        yield run(self.say.comma.join(self.say.word("kinds", kind) for kind in dict.fromkeys(kinds)))

    def _answers(self) -> Iterator[Line]:
        """Each deadline with every request it holds for."""
        found: dict[tuple[str, str], list[Line]] = {}
        for one in self._all("requests"):
            if isinstance(one, Request):
                kinds = self.speaker.lines(one, "kinds")
                found.setdefault((one.from_, self._short(one.within)), []).extend(kinds)
        yield from self._grouped(found)

    def _minors(self) -> Iterator[Line]:
        for one in self._all("minors"):
            if isinstance(one, Minors):
                under, rule = self.speaker.lines(one, "under")[0], self.speaker.lines(one, "rule")[0]
                yield (*under, *run(self.say.colon), *rule)

    def _contact(self) -> Iterator[Line]:
        told = [one for one in self._all("contact") if isinstance(one, Contact)]
        first = [one for one in told if one.kind in _DIRECT] or told
        yield joined(
            [
                (*self.speaker.title(one), *run(self.say(" ", " ")), *self.speaker.lines(one, "value")[0])
                for one in first
            ],
            self.say.semicolon,
        )


def _is_operator(block: Block) -> bool:
    return isinstance(block, Facts) and block.entry == "text.operator"
