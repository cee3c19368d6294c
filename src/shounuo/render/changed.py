"""Say what changed between two versions, as people read it: one sentence a change.

1. Names of entries and words of the language are said in the version they belong to: what is gone in the older one's
   words, what is new in the newer one's.
2. Of a list only what is new in it and what is gone is said, not what stays.
3. An entry that is new says what is taken, why and from whom; one that is gone only that it is.
4. What changed in one language alone is told with that language's words, and that the other is as it was.
5. A figure or list of a clause is said as the entry it speaks of would say it.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from shounuo.core.agreement import attribute
from shounuo.core.clause import Clause, Part, Words, field_of
from shounuo.core.difference import Asked, Change, Everyone, What, line
from shounuo.core.policy import Entry, Policy, Request
from shounuo.render.document import Line
from shounuo.render.speaker import Speaker, key_of
from shounuo.render.tongue import LANGUAGES, Tongue

_MATTERS = {
    "purposes": Words("用途", "Purposes"),
    "items": Words("个人信息的种类", "Kinds of information"),
    "basis": Words("处理依据", "Legal bases"),
    "consent": Words("同意", "Consents"),
    "recipients": Words("接收方与对外提供", "Recipients"),
    "regions": Words("存放与去向地区", "Regions"),
    "retention": Words("保存期限", "Keeping periods"),
    "rights": Words("权利与请求", "Rights and requests"),
    "minors": Words("未成年人", "Minors"),
    "contacts": Words("联系方式", "Contacts"),
    "messages": Words("消息与退订", "Messages and ways to stop them"),
    "protection": Words("安全保护", "Protection"),
    "text": Words("文本", "The text"),
}
_OF_NEW = (
    "purpose",
    "requires",
    "optional",
    "of",
    "opens",
    "receives",
    "carries",
    "for_",
    "covers",
    "basis",
    "under",
)
_OF_CLAUSE = {
    "says": Words("表述", "Words"),
    "kind": Words("性质", "Kind"),
    "numbers": Words("数字", "Figures"),
    "items": Words("列举", "Lists"),
    "ours": Words("我们所定", "What is ours"),
    "emphasised": Words("醒目标示", "Set off"),
    "section": Words("位置", "Place"),
}


def matter(code: str, language: str) -> str:
    """What a matter is called."""
    return Tongue(language).said(_MATTERS[code])


class Changed:
    """The sentences of one difference, in one language."""

    def __init__(self, old: Policy, new: Policy, language: str = LANGUAGES[0]) -> None:
        self.say = Tongue(language)
        self._old, self._new = Speaker(old, self.say), Speaker(new, self.say)

    def title(self, change: Change | Asked) -> str:
        """What the entry is called; one without words by its section and its name, a request by its kinds."""
        if isinstance(change, Change) and (
            entry := self._entry(change, self._new) or self._entry(change, self._old)
        ):
            return self._called(entry)
        return self.say.said(change.words)

    def _called(self, entry: Entry) -> str:
        if entry.words is not None or isinstance(entry, Request):
            return _plain(self._new.title(entry))
        section = self.say.word("section", entry.section)
        return self.say(f"{section}（{entry.name}）", f"{section} ({entry.name})")

    def sentence(self, change: Change) -> str:
        """What became of it."""
        if change.what is What.REMOVED:
            return self.say("已删去", "gone")
        if change.what is What.ADDED:
            details = self._details(change)
            return self.say("新增", "new") + (f"{self.say.colon}{details}" if details else "")
        before, after = self._entry(change, self._old), self._entry(change, self._new)
        if before is None or after is None or change.field is None:
            return self._of_clause(change)
        name = attribute(after, change.field)
        label = self.say("名称", "Name") if name == "words" else self._new.label(after.section, change.field)
        was, is_ = getattr(before, name), getattr(after, name)
        if isinstance(was, tuple) and isinstance(is_, tuple) and (change.gone or change.new):  # (2)
            new = self._some(self._new, after, name, [one for one in is_ if one not in was])
            said = self._members(
                new, self._some(self._old, before, name, [one for one in was if one not in is_])
            )
        else:
            turned = self._text(self._old, before, name), self._text(self._new, after, name)
            other = self._elsewhere(
                lambda one: (one._text(one._old, before, name), one._text(one._new, after, name))
            )
            said = self._either(turned, other, change)
        return f"{label}{self.say.colon}{said}"

    def _of_clause(self, change: Change) -> str:
        """What became of a clause: its words, or one of its figures and lists."""
        name, _, key = (change.field or "").partition(".")
        label = self.say.said(_OF_CLAUSE.get(name), name)
        clauses = [
            speaker.policy.clauses[change.path.partition(".")[2]] for speaker in (self._old, self._new)
        ]
        if not key:
            turned = tuple(self._clause_word(name, getattr(one, name)) for one in clauses)
            other = self._elsewhere(
                lambda one: tuple(one._clause_word(name, getattr(c, name)) for c in clauses)
            )
            return f"{label}{self.say.colon}{self._either(turned, other, change)}"
        was, is_ = (getattr(one, name).get(key) for one in clauses)
        if change.gone or change.new:  # (2)
            new = self._fact(self._new, clauses[1], key, tuple(one for one in is_ if one not in was))
            said = self._members(
                new, self._fact(self._old, clauses[0], key, tuple(one for one in was if one not in is_))
            )
        else:
            turned = self._fact(self._old, clauses[0], key, was), self._fact(self._new, clauses[1], key, is_)
            said = self._turned(*turned) if turned[0] != turned[1] else self._raw(change)
        return f"{label}{self.say('（', ' (')}{self._fact_label(clauses[1], key)}{self.say('）', ')')}{self.say.colon}{said}"

    def _clause_word(self, name: str, value: object) -> str:
        if isinstance(value, Words):
            return self.say.said(value)
        if isinstance(value, bool):
            return self.say("是", "yes") if value else self.say("否", "no")
        return self.say.word(f"clause.{name}", str(getattr(value, "value", value)))

    def _fact_label(self, clause: Clause, key: str) -> str:
        """The field a figure or list of a clause speaks of; of one entry, with its name. (5)"""
        whose, field, deeper = field_of(key)
        section = self._section(self._new, clause, key)
        names = [self._new.label(section, field), *(self._new.label(field, one) for one in deeper)]
        entry = self._new.policy.of(whose[0]).get(whose[1]) if whose else None
        if whose:
            names.insert(0, self._called(entry) if entry is not None else ".".join(whose))
        return self.say("·", ", ").join(names)

    def _fact(self, speaker: Speaker, clause: Clause, key: str, value: object) -> str:
        """A figure or list of a clause, as the entry it speaks of would say it. (5)"""
        _, field, deeper = field_of(key)
        if value in (None, (), {}):
            return ""
        if isinstance(value, Part):
            part = self._fact(speaker, clause, key, value.of)
            return self.say(f"{part}等", f"{part}, among others")
        last = deeper[-1] if deeper else field
        section = self._section(speaker, clause, key)
        if section == "minors" and type(value) is int:
            return self.say(f"{value}周岁", f"{value} years old")
        if field == "tells":
            section, last = "", {"fallback": "channel", "channels": "channel"}.get(last, last)
        return self.say.semicolon.join(_plain(one) for one in speaker.value(section, last, value))

    def _section(self, speaker: Speaker, clause: Clause, key: str) -> str:
        """The section of the entry a figure or list of a clause speaks of."""
        whose, field, _ = field_of(key)
        if whose is not None:
            return whose[0]
        keepers = [one for one in speaker.policy.entries() if clause.id in one.keeps]
        having = (one.section for one in keepers if hasattr(one, attribute(one, field)))
        return next(having, keepers[0].section if keepers else "")

    def _elsewhere(self, told: "Callable[[Changed], tuple[str, ...]]") -> tuple[str, ...]:
        """What is told in the other language."""
        language = next(one for one in LANGUAGES if one != self.say.language)
        return told(Changed(self._old.policy, self._new.policy, language))

    def _either(self, mine: tuple[str, ...], other: tuple[str, ...], change: Change) -> str:
        """What was and is; where one language alone changed, which. (4)"""
        if mine[0] == mine[1] and other[0] == other[1]:
            return self._raw(change)
        if mine[0] == mine[1]:
            said = self._turned(*other)
            return self.say(
                f"仅英文有变：{said}，中文未变", f"in Chinese only: {said}; the English is as it was"
            )
        said = self._turned(*mine)
        if other[0] == other[1] and self._bilingual(change):
            return self.say(f"{said}（英文未变）", f"{said} (the Chinese is as it was)")
        return said

    def _bilingual(self, change: Change) -> bool:
        """Whether what changed is written in two languages."""
        return all(
            isinstance(one, dict) and one.keys() == {"zh", "en"} for one in (change.before, change.after)
        )

    def _raw(self, change: Change) -> str:
        return self._turned(*("" if one is None else line(one) for one in (change.before, change.after)))

    def less(self, change: Change) -> str:
        """That a change leaves people less, where it does."""
        return self.say("（对个人更为不利）", "  (less for people)") if change.laxer else ""

    def _members(self, new: str, gone: str) -> str:
        parts = [
            self.say(f"新增{new}", f"now also {new}") if new else "",
            self.say(f"不再含{gone}", f"no longer {gone}") if gone else "",
        ]
        return self.say.semicolon.join(part for part in parts if part)

    def asked(self, item: Asked) -> str:
        """What becomes of those who were asked, and of those who were not."""
        if item.again:
            return self.say(
                "原先的同意失效，须向已同意者重新征求；未同意的仍视为不同意",
                "the yes lapses; whoever said yes is asked again, and a no stays a no",
            )
        if item.lapses:
            return self.say("原先的同意失效，不再征求", "the yes lapses, and nobody is asked")
        return self.say("首次征求", "asked for the first time")

    def everyone(self, promise: Everyone) -> str:
        """On what everybody is asked again, as was promised."""
        kinds = self.say.comma.join(self.say.word("reconsent", kind) for kind in promise.kinds)
        return self.say(
            f"按原文本的承诺，因{kinds}须向所有人重新征得同意",
            f"everyone is asked again, as was promised for {kinds}",
        )

    def _turned(self, was: str, is_: str) -> str:
        nothing = self.say("未写明", "not said")
        return self.say(f"由“{was or nothing}”改为“{is_ or nothing}”", f"{was or nothing} → {is_ or nothing}")

    def _entry(self, change: Change, speaker: Speaker) -> Entry | None:
        section, _, name = change.path.partition(".")
        return speaker.policy.of(section).get(name)

    def _details(self, change: Change) -> str:
        """What a new entry takes, why and from whom. (3)"""
        entry = self._entry(change, self._new)
        if entry is None:
            return ""
        known = [one.name for one in fields(entry) if one.name in _OF_NEW]
        said = {name: self._text(self._new, entry, name) for name in known}
        labels = {name: self._new.label(entry.section, key_of(entry, name)) for name in known}
        return self.say.semicolon.join(
            f"{labels[name]}{self.say.colon}{text}" for name, text in said.items() if text
        )

    def _some(self, speaker: Speaker, entry: Entry, name: str, members: list[object]) -> str:
        """Some members of a list, as the entry would say them."""
        changes: dict[str, Any] = {name: tuple(members)}
        return self._text(speaker, replace(entry, **changes), name)

    def _text(self, speaker: Speaker, entry: Entry, name: str) -> str:
        if name == "words":
            return speaker.say.said(entry.words)
        return self.say.semicolon.join(_plain(one) for one in speaker.lines(entry, name))


def _plain(one: Line) -> str:
    return "".join(run.text for run in one)
