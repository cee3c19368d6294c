"""What a new version would do to people who said no, without asking them anything.

No version turns a stored no into a yes: what asked a consent still asks it, or asks one that nobody can have
answered yet. What would be open without asking is *freed*; such a version is not published.

1. A purpose, a recipient and a message are held to the consents they asked; so is a guardian's consent.
2. A flow is an item, a purpose, a recipient and an act. It is held to the consents every way it could take asked:
   those of the purpose, of the recipient and of the door together. It does not matter which door it takes now.
   a. It is not held where it could go without any consent before, in the same circumstances: the same act, and
      on the same ground with no more that had to be so. What was open by contract may be open by law too.
   b. A ground of the law that opened it before sets nothing free on another ground of the law. It does not
      excuse a contract: nobody's no was set aside but in a case of the law.
   c. A no to sharing is a no to worse without a yes: to sending abroad and to publishing. A no to one of those is
      for it alone.
3. Another name changes nothing. A purpose or message is alike that has the same words in one of the languages, a
   recipient that has the same words or company; and so is a purpose that gives a recipient nothing but what went
   there on consent alone. What a law carries is another purpose, where it has a name of its own.
4. A guardian is still asked for everyone a guardian was asked for.

Consents are compared by name: to other words of the same item nobody's old yes counts, and a no counts for all of
them (`consent`, rule 4).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shounuo.core.clause import Words
from shounuo.core.policy import Act, Entry, Ground, Minors, Recipient
from shounuo.core.rulebook import DoorRule, MessageRule, RecipientRule, Rule, Rulebook
from shounuo.errors import Fault

_NOTHING = ""  # stands for the items of what carries none, such as a service


def freed(old: Rulebook, new: Rulebook, earlier: Iterable[str] = ()) -> tuple[Fault, ...]:
    """What would be open in `new` to people who said no in `old`, without asking them anything.

    `earlier` names the consent items of versions before `old`, which somebody may have agreed to.
    """
    answered = frozenset(earlier) | frozenset(old.wordings)
    named = [*_freed_rules(old, new, answered)]
    told = {one.entry for one in named}
    flows = (one for one in _freed_flows(old, new, answered) if one.entry not in told)
    return tuple(sorted({*named, *flows, *_freed_ages(old, new)}))


def _fault(entry: Entry, wrong: str, remedy: str) -> Fault:
    return Fault(entry.line, entry.path, wrong, remedy, "freed")


_STILL = "ask it still; what rests on something else now is another purpose, with its own name"


# -- what has one name in both ---------------------------------------------------------------------


def _freed_rules(old: Rulebook, new: Rulebook, answered: frozenset[str]) -> Iterator[Fault]:
    for was, is_, entry in _rules(old, new):  # (1)
        if lost := _lost([_asked(old, one.needs) for one in was], _asked(new, is_.needs), answered):
            yield _dropped(entry, lost)
        if not _guarded(old) or not all(map(_asks_age, was)):
            continue
        if not _asks_age(is_):
            wrong = (
                "it no longer asks how old somebody is: what a guardian said no to would be done all the same"
            )
            remedy = "keep what it rests on; what a law carries now is another purpose, with its own name"
            yield _fault(entry, wrong, remedy)
            continue
        before = [items for one in was for items in _guardians(old, one)]
        for enough in _guardians(new, is_):
            if lost := _lost(before, enough, answered):
                yield _dropped(entry, lost, "a guardian for ")


def _dropped(entry: Entry, items: Iterable[str], guardian: str = "") -> Fault:
    named = ", ".join(f"`{name}`" for name in sorted(items))
    wrong = f"it no longer asks {guardian}{named}: whoever said no to that would have it done all the same"
    return _fault(entry, wrong, _STILL)


def _rules(old: Rulebook, new: Rulebook) -> Iterator[tuple[list[Rule], Rule, Entry]]:
    """The rules of the older version that a rule is the same as, by name or words, and its entry as it is now."""
    tables: tuple[tuple[Mapping[str, Rule], Mapping[str, Rule]], ...] = (
        (old.purposes, new.purposes), (old.recipients, new.recipients), (old.messages, new.messages),
    )  # fmt: skip
    for before, after in tables:
        known: dict[str, list[Rule]] = defaultdict(list)
        for one in before.values():
            for text in _said(_words(old, one.entry)):
                known[text].append(one)
        for name, rule in after.items():
            entry = new.entry(rule.entry)
            assert entry is not None
            if name in before:
                yield [before[name]], rule, entry
            if isinstance(rule, RecipientRule) or rule.by_law:  # whom it goes to is in what flows
                continue
            own = _said(_words(old, before[name].entry)) if name in before else frozenset()
            same = [one for text in _said(_words(new, rule.entry)) - own for one in known[text]]
            if alike := _sharing(old, new, rule, same):
                yield alike, rule, entry  # (3)


def _sharing(old: Rulebook, new: Rulebook, rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    """Those that have an item in common with a rule, or none as it has none."""
    items = _items(new, rule.items)
    return [one for one in others if items & _items(old, one.items)]


def _guardians(book: Rulebook, rule: Rule) -> list[frozenset[str]]:
    """The guardian's consents that are enough: all a rule names; where it names none, any one."""
    if rule.guardian:
        return [_asked(book, rule.guardian)]
    return [frozenset({name}) for name in _asked(book, book.guardians)]


def _lost(before: Iterable[frozenset[str]], now: frozenset[str], answered: frozenset[str]) -> frozenset[str]:
    """Consents set aside where each of `before` was enough and `now` is: none, if it includes one of them.

    Nor is any where `now` has a consent that nobody can have answered.
    """
    known = sorted(before, key=sorted)
    if not known or now - answered or any(one <= now for one in known):
        return frozenset()
    return known[0] - now


def _asked(book: Rulebook, mask: int) -> frozenset[str]:
    return frozenset(name for name, number in book.wordings.items() if book.consents[number] & mask)


def _asks_age(rule: Rule) -> bool:
    """Whether a rule is closed to who is too young; what only a law carries, or must be told, is not."""
    return not rule.service if isinstance(rule, MessageRule) else rule.collects or not rule.by_law


# -- what flows ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A way items can take: for a purpose, to somebody, by an act, on a ground; and all that is asked on it. (2)"""

    entry: str
    purpose: str
    to: str
    act: Act | None  # none where they have a door of their own
    ground: Ground | None
    only_if: frozenset[str]
    items: frozenset[str]
    needs: frozenset[str]
    young: frozenset[str]  # of one who is too young
    purposes: frozenset[str]  # by what the purpose is known (3)
    recipients: frozenset[str]
    company: frozenset[str]
    by_law: bool

    @property
    def on_consent(self) -> bool:
        """Whether a yes to the door itself opens it."""
        return self.ground is not None and self.ground.form is not None

    def opens(self, other: "_Way") -> bool:
        """Whether who could go this way may go the other one: a yes is a yes, and a case is a case. (2a, b)"""
        law = self.ground is not None and (self.ground.by_law or self.ground is Ground.CONTRACT)
        lawful = law and other.ground is not None and other.ground.by_law
        case = (self.ground is other.ground or lawful) and self.only_if <= other.only_if
        return self.act is other.act and (case or self.on_consent)

    def holds(self, other: "_Way") -> bool:
        """Whether a no to this is a no to the other. (2c)"""
        worse = self.act not in (Act.ABROAD, Act.PUBLISH) and not other.on_consent
        return self.act is other.act or worse


_Asking = Callable[[_Way], frozenset[str]]


def _ways(book: Rulebook) -> Iterator[_Way]:
    """Every way out there is in a version."""
    for recipient in book.recipients.values():
        doors = [door for door in book.doors.values() if recipient.name in door.to]
        entry = book.entry(recipient.entry)
        assert isinstance(entry, Recipient)
        recipients = _known(recipient.name, entry.words)
        company = frozenset({entry.company}) if entry.company else frozenset[str]()
        for rule in (book.purposes[name] for name in book.purposes if name in recipient.purposes):
            purposes = _known(rule.name, _words(book, rule.entry))
            for path, act, ground, only_if, items, needs, young in _out(book, rule, recipient, doors):
                law = ground.by_law if ground is not None else rule.by_law
                yield _Way(
                    entry=path, purpose=rule.name, to=recipient.name, act=act, ground=ground, only_if=only_if,
                    items=_items(book, items), needs=_asked(book, needs), young=_asked(book, young),
                    purposes=purposes, recipients=recipients, company=company, by_law=law,
                )  # fmt: skip


def _out(
    book: Rulebook, rule: Rule, recipient: RecipientRule, doors: Iterable[DoorRule]
) -> Iterator[tuple[str, Act | None, Ground | None, frozenset[str], int, int, int]]:
    """Where somebody's door opens for a purpose, and on what; as `decision`, rule 12, has it."""
    needs, items = rule.needs | recipient.needs, rule.items & recipient.items
    young = needs | recipient.guardian
    home = recipient.country == book.home
    if recipient.own_door and home:
        yield recipient.entry, None, None, frozenset(), items, needs, young
    for door in doors:
        if (door.purposes and rule.name not in door.purposes) or not (home or door.act is Act.ABROAD):
            continue
        weakest = min((one.rank for one in door.forms), default=-1)
        for ground in sorted(door.grounds):
            form = ground.form
            if form is not None and weakest < form.rank:
                continue
            asks = form is not None or not any(one.form for one in door.grounds)
            more, guardian = (door.needs, door.guardian) if asks else (0, 0)
            here = items & door.items
            yield door.entry, door.act, ground, door.only_if, here, needs | more, young | more | guardian


def _items(book: Rulebook, mask: int) -> frozenset[str]:
    return frozenset(book.names(mask) or (_NOTHING,))


def _words(book: Rulebook, path: str) -> Words | None:
    entry = book.entry(path)
    assert entry is not None
    purpose: Words | None = getattr(entry, "purpose", entry.words)
    return purpose


def _said(words: Words | None) -> frozenset[str]:
    """Words without what does not change them: spaces, marks, wide or small letters."""
    texts = (words.zh, words.en) if words else ()
    plain = (re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold() for text in texts)
    return frozenset(text for text in plain if text)


def _known(name: str, words: Words | None) -> frozenset[str]:
    return frozenset({f"={name}"}) | _said(words)  # no words begin with `=`


class _Before:
    """The ways of the older version, by what they are like."""

    def __init__(self, ways: Iterable[_Way]) -> None:
        self.same: dict[tuple[str, str], list[_Way]] = defaultdict(list)  # by purpose and recipient
        self.to: dict[str, list[_Way]] = defaultdict(list)  # by recipient
        for way in ways:
            for recipient in way.recipients | way.company:
                self.to[recipient].append(way)
                for purpose in way.purposes:
                    self.same[purpose, recipient].append(way)

    def alike(self, way: _Way) -> list[_Way]:
        """Those for the same purpose to the same recipient, by name or words; of a law, by name alone. (3)"""
        purposes = {f"={way.purpose}"} if way.by_law else way.purposes
        recipients = way.recipients | way.company
        found = [self.same.get((one, to), ()) for one in purposes for to in recipients]
        return [one for ways in found for one in ways]

    def there(self, way: _Way) -> list[_Way]:
        """Those to the same recipient, whatever for."""
        return [one for known in way.recipients for one in self.to.get(known, ())]


def _freed_flows(old: Rulebook, new: Rulebook, answered: frozenset[str]) -> Iterator[Fault]:
    before = _Before(_ways(old))
    for way in _ways(new):
        entry = new.entry(way.entry)
        assert entry is not None
        alike, there = before.alike(way), before.there(way)
        for asks, whose in ((_of_all, ""), (_of_the_young, "of who is too young ")):
            lost = _freed_by(way, alike, asks, answered) or _copied(way, alike, there, asks, answered)
            if lost:
                yield _open(entry, way, lost, whose)
                break


def _of_all(way: _Way) -> frozenset[str]:
    return way.needs


def _of_the_young(way: _Way) -> frozenset[str]:
    return way.young


def _freed_by(
    way: _Way, before: list[_Way], asks: _Asking, answered: frozenset[str]
) -> dict[str, frozenset[str]]:
    """By item, the consents that each of `before` was held to and this way is not. (2)"""
    found = {item: [one for one in before if item in one.items] for item in way.items}
    lost = {item: _set_aside(way, ways, asks, answered) for item, ways in found.items()}
    return {item: names for item, names in lost.items() if names}


def _set_aside(way: _Way, before: list[_Way], asks: _Asking, answered: frozenset[str]) -> frozenset[str]:
    """The consents that somebody has not given who has given all this way asks, and that closed all it is like."""
    given = asks(way)
    if given - answered or any(asks(one) <= given and one.opens(way) for one in before):
        return frozenset()
    closed = [asks(one) - given for one in before if not asks(one) <= given and one.holds(way)]
    return min(closed, key=sorted, default=frozenset())


def _copied(
    way: _Way, alike: list[_Way], there: list[_Way], asks: _Asking, answered: frozenset[str]
) -> dict[str, frozenset[str]]:
    """The same of a purpose by another name that gives a recipient nothing but what one got on consent alone. (3)"""
    known = {item for one in alike if f"={way.purpose}" in one.purposes for item in one.items}
    if way.by_law or not (more := way.items - known):
        return {}
    lost = {
        item: _set_aside(way, [one for one in there if item in one.items], asks, answered) for item in more
    }
    return lost if all(lost.values()) else {}


def _open(entry: Entry, way: _Way, lost: Mapping[str, frozenset[str]], whose: str) -> Fault:
    items = ", ".join(f"`{name}`" for name in sorted(lost) if name != _NOTHING)
    asked = ", ".join(f"`{name}`" for name in sorted(frozenset().union(*lost.values())))
    wrong = (
        f"it lets {items or 'this'} go to `{way.to}` for `{way.purpose}` without asking {whose}{asked}: whoever said no to that "
        "would have it done all the same"
    )
    return _fault(entry, wrong, _STILL)


# -- who is too young ------------------------------------------------------------------------------


def _freed_ages(old: Rulebook, new: Rulebook) -> Iterator[Fault]:
    after = _years(new, "guardian-consent") | _years(new, "refuse")
    for entry in old.policy.of("minors").values():  # (4)
        if not isinstance(entry, Minors) or entry.rule != "guardian-consent":
            continue
        if free := sorted(_ages(entry) - after):
            now = new.policy.of("minors").get(entry.name, entry)
            wrong = (
                f"at {free[0]} no guardian is asked any more: what one said no to would be done all the same"
            )
            yield _fault(now, wrong, f"keep asking a guardian below {entry.under}")


def _guarded(book: Rulebook) -> bool:
    return bool(_years(book, "guardian-consent"))


def _years(book: Rulebook, rule: str) -> frozenset[int]:
    entries = [
        one for one in book.policy.of("minors").values() if isinstance(one, Minors) and one.rule == rule
    ]
    return frozenset(age for one in entries for age in _ages(one))


def _ages(entry: Minors) -> frozenset[int]:
    return frozenset(range(entry.from_ or 0, entry.under)) if entry.whose == "person" else frozenset()
