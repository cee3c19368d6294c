"""What a person is shown before an act: words, controls, and a fingerprint to remember it by.

1. A notice is made from the entry it belongs to and what that entry names, so text and rule cannot differ. A
   consent item speaks for the entries it is for.
2. It names every item and the purpose; for sensitive items also why they are needed and what their loss would
   do. (PIPL 17, 30)
3. It says what a no costs, and nothing more than that. (PIPL 16)
4. Where it asks, agree and decline weigh the same and start unset. A yes is an active act. (PIPL 14)
5. Its hash covers language and every word shown; evidence refers to the hash.
6. What the policy says is shown (`shows`, code words) stands in the lines as a person reads it: the matter
   itself where the policy has it, else a phrase for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shounuo.core.clause import Words
from shounuo.core.phrase import PHRASES
from shounuo.core.policy import (
    ConsentItem,
    Dates,
    Door,
    Entry,
    Item,
    Permission,
    Policy,
    Recipient,
    Refusal,
    Scene,
    Service,
    Use,
)
from shounuo.core.reach import covered, fingerprint, passing

LANGUAGES = ("zh-CN", "en")
COSTING = ("services", "scenes", "uses", "recipients", "cookies")  # what a no can close

_SAY: Mapping[str, Words] = {
    "purpose": Words("用途", "Purpose"),
    "takes": Words("我们会收集", "We collect"),
    "uses": Words("我们会使用", "We use"),
    "hands": Words("对方会收到", "They receive"),
    "sensitive": Words("其中的敏感个人信息", "Sensitive among them"),
    "harm": Words(
        "敏感个人信息一旦泄露或被非法使用，可能危害您的人身、财产安全",
        "if leaked or misused, sensitive information may harm your person or property",
    ),
    "necessity": Words("必要性", "Why it is needed"),
    "shows": Words("请留意", "Please note"),
    "recipient": Words("接收方", "Recipient"),
    "terms": Words("条款", "Terms"),
    "rule": Words("适用的规则", "The rule that applies"),
    "opens": Words("该权限会打开", "The permission opens"),
    "closed": Words("如您不同意，仅以下功能无法使用", "If you decline, only this is closed to you"),
    "free": Words("如您不同意，其他功能不受影响", "If you decline, nothing else is affected"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in one language. `asks` maps each consent item asked to the wording answered. (4)

    `lines` are what a person reads, `shows` the code words of the policy that the lines answer. (6)
    """

    entry: str
    language: str
    lines: tuple[str, ...]
    asks: Mapping[str, str]
    hash: str
    acknowledged: bool = False
    shows: tuple[str, ...] = ()

    @property
    def controls(self) -> tuple[tuple[str, None], ...]:
        """The controls of the notice with the state they start in: none is chosen beforehand. (4)"""
        return (("agree", None), ("decline", None)) if self.asks else (("seen", None),)


def compose(policy: Policy, entry: Entry, language: str, asks: Mapping[str, str]) -> Notice:
    """The notice of `entry` in `language`; `asks` are the consent items it puts, by name, with their
    wordings.
    """
    writer = _Writer(policy, zh=language == "zh-CN")
    items = [policy.of("consent")[name] for name in asks]
    asking = [entry, *(item for item in items if item is not entry)]  # (1)
    for one in asking:
        writer.about(one)
    subjects = [subject for one in asking for subject in _subjects(policy, one)]
    shows = [code for one in asking for code in _shows(one, own=one is entry)]
    for code in dict.fromkeys(shows):  # (6)
        for line in writer.shown(code, subjects):
            writer.add(line)
    refusal = getattr(entry, "refusal", None)
    if isinstance(refusal, Refusal):
        writer.cost(refusal)
    lines, seen = tuple(writer.lines), tuple(dict.fromkeys(shows))
    acknowledged = bool(entry.tells and entry.tells.acknowledged)
    whole = [entry.path, language, lines, seen, sorted(asks.items()), acknowledged]
    return Notice(entry.path, language, lines, dict(asks), fingerprint(whole), acknowledged, seen)  # (5)


def _subjects(policy: Policy, entry: Entry) -> tuple[Entry, ...]:
    """What a notice speaks of: the entry, or the entries a consent item is for. (1)"""
    return covered(policy, entry) if isinstance(entry, ConsentItem) else (entry,)


def _shows(entry: Entry, *, own: bool) -> Iterator[str]:
    if own and entry.tells:
        yield from entry.tells.shows
    if isinstance(entry, ConsentItem):
        yield from entry.shows


class _Writer:
    """The lines of one notice in one language, each once."""

    def __init__(self, policy: Policy, *, zh: bool) -> None:
        self.policy, self.zh = policy, zh
        self.lines: list[str] = []
        self._colon, self._comma, self._then = ("：", "、", "；") if zh else (": ", ", ", "; ")

    def add(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)

    def pick(self, words: Words) -> str:
        return words.zh if self.zh else words.en

    def title(self, entry: Entry) -> str:
        return self.pick(entry.words) if entry.words else entry.name

    def about(self, entry: Entry) -> None:
        """What the entry is and does; of a consent item, what the entries it is for do. (1)"""
        if entry.words:
            self.add(self.pick(entry.words))
        for one in _subjects(self.policy, entry):
            if one is not entry and not isinstance(one, Scene | Use):
                self.add(self.title(one))
            for line in (*self._whom(one), *self._why(one), *self._what(one)):
                self.add(line)

    def shown(self, code: str, subjects: Iterable[Entry]) -> list[str]:
        """What a person reads for one code word: the matter itself, else its phrase, else the word."""
        known: Mapping[str, Callable[[Entry], Iterable[str]]] = {
            "fields": self._what,
            "data-kinds": self._what,
            "purpose": self._why,
            "purposes": self._why,
            "recipient": self._whom,
            "recipient-name": self._whom,
            "company": self._whom,
            "necessity": self._need,
            "effect-on-rights": self._harm,
            "service-terms": self._terms,
            "information-policy": self._rule,
            "their-rule": self._rule,
            "policy": self._rule,
            "version": self._version,
        }
        answer = known.get(code)
        if answer is not None and (lines := [line for one in subjects for line in answer(one)]):
            return lines
        return [self._line("shows", self.pick(PHRASES[code]) if code in PHRASES else code)]

    def cost(self, refusal: Refusal) -> None:
        """What a no costs. (3)"""
        if not refusal.closed:
            self.add(self.pick(_SAY["free"]))
            return
        sections = [self.policy.of(section) for section in COSTING]
        found = [next(section[name] for section in sections if name in section) for name in refusal.closed]
        self.add(self._line("closed", self._comma.join(map(self.title, found))))

    def _line(self, label: str, text: str) -> str:
        return f"{self.pick(_SAY[label])}{self._colon}{text}"

    def _whom(self, entry: Entry) -> Iterator[str]:
        names = [entry.name] if isinstance(entry, Recipient) else []
        names += entry.to if isinstance(entry, Door) else ()
        for name in names:
            recipient = self.policy.of("recipients")[name]
            company = getattr(recipient, "company", None)
            title = self.title(recipient)
            yield self._line(
                "recipient", title if company in (None, title) else f"{title}{self._comma}{company}"
            )

    def _why(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry, Scene | Use | Recipient):
            yield self._line("purpose", self.pick(entry.purpose))
        for name in self._purposes(entry):
            yield from self._why(self.policy.of("uses").get(name) or self.policy.of("scenes")[name])

    def _purposes(self, entry: Entry) -> Iterable[str]:
        """The purposes of a door: its own, else those of whoever it leads to."""
        if not isinstance(entry, Door):
            return ()
        recipients = [self.policy.of("recipients")[name] for name in entry.to]
        return entry.for_ or dict.fromkeys(name for one in recipients for name in getattr(one, "for_", ()))

    def _what(self, entry: Entry) -> Iterator[str]:
        label = {Scene: "takes", Use: "uses", Permission: "opens"}.get(type(entry), "hands")
        if names := passing(self.policy, entry):
            yield self._line(label, self._items(names))
        yield from self._harm(entry)
        yield from self._need(entry)

    def _harm(self, entry: Entry) -> Iterator[str]:
        """Which items are sensitive, and what their loss would do. (2)"""
        items = self.policy.of("information")
        names = passing(self.policy, entry)
        if sensitive := [name for name in names if getattr(items[name], "grade", "") == "sensitive"]:
            yield f"{self._line('sensitive', self._items(sensitive))}{self._then}{self.pick(_SAY['harm'])}"

    def _need(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry, Scene) and entry.necessity:
            yield self._line("necessity", self.pick(entry.necessity))

    def _terms(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry, Service) and entry.terms:
            yield self._line("terms", entry.terms)

    def _rule(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry, Service) and entry.text:
            yield self._line("rule", entry.text)

    def _version(self, _: Entry) -> Iterator[str]:
        dates = self.policy.of("text").get("dates")
        if isinstance(dates, Dates):
            words = Words(
                f"版本：{dates.updated} 更新，{dates.effective} 生效",
                f"Version: updated {dates.updated}, in force from {dates.effective}",
            )
            yield self.pick(words)

    def _items(self, names: Iterable[str]) -> str:
        found = (self.policy.of("information")[name] for name in names)
        return self._comma.join(self.title(item) for item in found if isinstance(item, Item))
