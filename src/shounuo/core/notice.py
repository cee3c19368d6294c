"""What a person is shown before an act: words, controls, and a fingerprint to remember it by.

1. A notice is made from the entry it belongs to and from nothing else, so text and rule cannot differ.
2. It names every item and the purpose; for sensitive items also why they are needed and what their loss would do.
   (PIPL 17, 30)
3. It says what a no costs, and nothing more than that. (PIPL 16)
4. Where it asks, agree and decline weigh the same and start unset. A yes is an active act. (PIPL 14)
5. Its hash covers language and every word shown; evidence refers to the hash.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from shounuo.core.clause import Words
from shounuo.core.consistency import items_of
from shounuo.core.policy import ConsentItem, Entry, Item, Policy, Recipient, Refusal, Scene, Use

LANGUAGES = ("zh-CN", "en")
Pick = Callable[[Words], str]

_SAY: Mapping[str, Words] = {
    "purpose": Words("用途", "Purpose"),
    "takes": Words("我们会收集", "We collect"),
    "sensitive": Words("其中的敏感个人信息", "Sensitive among them"),
    "harm": Words(
        "敏感个人信息一旦泄露或被非法使用,可能危害您的人身、财产安全",
        "if leaked or misused, sensitive information may harm your person or property",
    ),
    "necessity": Words("必要性", "Why it is needed"),
    "shows": Words("请留意", "Please note"),
    "recipient": Words("接收方", "Recipient"),
    "closed": Words("如您不同意,仅以下功能无法使用", "If you decline, only this is closed to you"),
    "free": Words("如您不同意,其他功能不受影响", "If you decline, nothing else is affected"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in one language. `asks` maps each consent item asked to the wording answered. (4)"""

    entry: str
    language: str
    lines: tuple[str, ...]
    asks: Mapping[str, str]
    hash: str
    acknowledged: bool = False

    @property
    def controls(self) -> tuple[tuple[str, None], ...]:
        """The controls of the notice with the state they start in: none is chosen beforehand. (4)"""
        return (("agree", None), ("decline", None)) if self.asks else (("seen", None),)


def compose(policy: Policy, entry: Entry, language: str, asks: Mapping[str, str]) -> Notice:
    """The notice of `entry` in `language`; `asks` are the consent items it puts, by name, with their wordings."""
    pick: Pick = _chinese if language == "zh-CN" else _english
    lines = [pick(entry.words)] if entry.words else []
    if isinstance(entry, Scene | Use):
        lines.append(f"{pick(_SAY['purpose'])}: {pick(entry.purpose)}")
        lines += _taken(policy, entry, pick)
    if isinstance(entry, Recipient):
        lines.append(f"{pick(_SAY['recipient'])}: {entry.company or pick(entry.words or entry.purpose)}")
        lines.append(f"{pick(_SAY['purpose'])}: {pick(entry.purpose)}")
        lines += _named(policy, entry.receives, pick)
    for name in asks:
        item = policy.of("consent").get(name)
        if isinstance(item, ConsentItem) and item is not entry:
            lines.append(pick(item.words) if item.words else name)
            lines += [f"{pick(_SAY['shows'])}: {one}" for one in item.shows]
    shown = entry.tells.shows if entry.tells else (entry.shows if isinstance(entry, ConsentItem) else ())
    lines += [f"{pick(_SAY['shows'])}: {one}" for one in shown]
    lines += _cost(policy, getattr(entry, "refusal", None), pick)
    acknowledged = bool(entry.tells and entry.tells.acknowledged)
    body = "\n".join([entry.path, language, *lines, *(f"{k}={v}" for k, v in sorted(asks.items()))])
    digest = hashlib.sha256(body.encode()).hexdigest()  # (5)
    return Notice(entry.path, language, tuple(lines), dict(asks), digest, acknowledged)


def _chinese(words: Words) -> str:
    return words.zh


def _english(words: Words) -> str:
    return words.en


def _taken(policy: Policy, entry: Scene | Use, pick: Pick) -> list[str]:
    wanted = entry.of if isinstance(entry, Use) else items_of(entry.requires + entry.optional)
    lines = _named(policy, wanted, pick)
    sensitive = [name for name in wanted if getattr(policy.of("information").get(name), "grade", "") == "sensitive"]
    if sensitive:  # (2)
        lines.append(f"{pick(_SAY['sensitive'])}: {_list(policy, sensitive, pick)}; {pick(_SAY['harm'])}")
        if isinstance(entry, Scene) and entry.necessity:
            lines.append(f"{pick(_SAY['necessity'])}: {pick(entry.necessity)}")
    return lines


def _named(policy: Policy, names: tuple[str, ...], pick: Pick) -> list[str]:
    return [f"{pick(_SAY['takes'])}: {_list(policy, names, pick)}"] if names else []


def _list(policy: Policy, names: Iterable[str], pick: Pick) -> str:
    items = ((name, policy.of("information").get(name)) for name in names)
    return ", ".join(pick(item.words) if isinstance(item, Item) and item.words else name for name, item in items)


def _cost(policy: Policy, refusal: Refusal | None, pick: Pick) -> list[str]:
    if refusal is None:
        return []
    if not refusal.closed:  # (3)
        return [pick(_SAY["free"])]
    names = []
    for name in refusal.closed:
        found = next((policy.of(s)[name] for s in ("services", "scenes", "uses", "recipients", "cookies") if name in policy.of(s)), None)
        names.append(pick(found.words) if found and found.words else name)
    return [f"{pick(_SAY['closed'])}: {', '.join(names)}"]
