"""Show, ask, and keep the answer.

1. What was shown is kept with what the screen held: words by their hash, language, controls and their first states.
   A hash that is not that of the notice in force is refused: nobody agreed to words we did not write. The ledger
   names the notice by its hash and the text it was part of by that text's hash.
2. A yes needs a notice shown to this very person, asking this item in its present wording, its controls unset at
   first. A control that was set beforehand is no active act. (PIPL 14)
3. The form of a yes is what was asked: only a notice that asked one item by itself gives a separate yes. (PIPL 29)
4. A guardian's yes is given by the guardian, for a person who needs one. (PIPL 31)
5. Withdrawing is as easy as agreeing: no notice, no reason, effective at once. (PIPL 15)
6. A no and a withdrawal are remembered outside the database before the caller is answered: see `store.journal`.
7. Saying no more to messages silences the channels the way names, and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shounuo.core.consent import Answer, Consented
from shounuo.core.notice import Notice
from shounuo.core.policy import ConsentItem, Form, Stop
from shounuo.core.rulebook import Rulebook
from shounuo.duties import once, texts
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Invalid, NotFound
from shounuo.store.act import Act
from shounuo.store.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the product says the screen held."""

    language: str
    controls: Mapping[str, str | None]  # label -> state it started in; null is unset
    app_build: str = ""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was kept of an answer, as it can be given to the person."""

    event: UUID
    item: str
    wording: str
    answer: str
    form: str
    version: int
    shown: UUID | None
    at: datetime
    pseudonym: str


def notice(parts: Parts, operator: UUID, entry: str, language: str) -> tuple[int, Notice]:
    """The notice of `entry` (such as `consent.sensitive`) in force now, and the version it belongs to."""
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
    found = parts.controls.notice(book, entry, language)
    if found is None:
        raise NotFound("no-such-entry", "the policy has no such entry")
    return book.number, found


def show(parts: Parts, operator: UUID, person: UUID, entry: str, seen_hash: str, screen: Screen) -> UUID:
    """Keep that `person` was shown the notice of `entry`. (1)"""
    at = parts.clock.now()
    if screen.language not in ("zh-CN", "en"):
        raise Invalid("unknown-language", "`language` is `zh-CN` or `en`")
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        found = parts.controls.notice(book, entry, screen.language)
        if found is None:
            raise NotFound("no-such-entry", "the policy has no such entry")
        if found.hash != seen_hash:
            raise Conflict("not-our-words", "the words shown are not those in force; fetch the notice again")
        must_know(act, person)
        shown = uuid7(at)
        kept = {
            "controls": dict(screen.controls),
            "app_build": screen.app_build,
            "lines": list(found.lines),
            "asks": dict(found.asks),
        }
        act.do(
            sql.put_shown, operator=operator, person=person, shown=shown, entry=entry, hash=found.hash, language=screen.language,
            version=book.number, screen=kept, acknowledged=screen.acknowledged, at=at,
        )  # fmt: skip
        parts.changes.changed(act, at, person)
        data = {"entry": entry, "hash": found.hash, "language": screen.language, "version": book.number}
        text = texts.hashes(act, book.number).get(f"full.{screen.language}")
        data |= {"text": text} if text else {}
        once.made(parts, act, str(shown))
        act.append("shown", at, data, parts.vault.pseudonym(act, person))
    return shown


@dataclass(frozen=True, slots=True)
class Shown:
    """What was put before a person: the entry, and the hash of the words in that language."""

    shown: UUID
    entry: str
    hash: str
    language: str
    version: int
    screen: dict[str, object]
    acknowledged: bool
    at: datetime


def answer(
    parts: Parts,
    operator: UUID,
    person: UUID,
    item: str,
    yes: bool,
    shown: UUID | None,
    *,
    by: str = "person",
) -> Receipt:
    """Keep a yes or a no to `item`. A yes needs the notice it answers. (2, 3, 4)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        asked = _item(book, item)
        must_know(act, person)
        form = asked.form
        if yes:
            form = _form_of_yes(parts, act, book, asked, person, shown, by)
        return _keep(
            parts, act, book, asked, person, Answer.GIVEN if yes else Answer.REFUSED, form, shown, by, at
        )


def withdraw(parts: Parts, operator: UUID, person: UUID, item: str) -> Receipt:
    """Take back a yes. (5)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        asked = _item(book, item)
        must_know(act, person)
        return _keep(parts, act, book, asked, person, Answer.WITHDRAWN, asked.form, None, "person", at)


def answers(
    parts: Parts, operator: UUID, person: UUID, at: datetime | None = None
) -> tuple[list["Kept"], frozenset[str]]:
    """Every answer of a person, and the items a yes stands for at `at` (now, when None)."""
    with parts.store.act(operator) as act:
        book = in_force(parts, act, at)
        must_know(act, person)
        kept = act.rows(Kept, sql.answers, operator=operator, person=person)
    moment = at or max([parts.clock.now(), *(one.at for one in kept)])
    standing = parts.controls.standing([one.consented for one in kept], moment, dict(book.forms))
    return [one for one in kept if one.at <= moment], frozenset(
        n for n, number in book.wordings.items() if number in standing
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored answer."""

    event: UUID
    item: str
    wording: str
    answer: str
    form: str
    given_by: str
    shown: UUID | None
    at: datetime

    @property
    def consented(self) -> Consented:
        """The answer as the rules read it."""
        return Consented(
            item=self.item, wording=self.wording, answer=Answer(self.answer), form=Form(self.form), at=self.at
        )


def say_no_more(
    parts: Parts,
    operator: UUID,
    person: UUID,
    *,
    way: str,
    word: str | None = None,
    channel: str | None = None,
) -> tuple[str, ...]:
    """Carry out a way to stop messages; return the channels that fall silent. (7)

    `way` is the name of a `stops` entry; a code word is matched against `word`.
    """
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        stop = book.policy.of("stops").get(way)
        if not isinstance(stop, Stop):
            raise NotFound("no-such-way", f"the policy names no way `{way}` to stop messages")
        if stop.word is not None and (word or "").strip().upper() != stop.word.upper():
            raise Invalid("wrong-word", f"the code word is `{stop.word}`", stop.keeps)
        channels = parts.controls.silenced(stop, channel)
        if not channels:
            raise Invalid("no-such-channel", f"`{way}` does not stop that channel", stop.keeps)
        must_know(act, person)
        for one in channels:
            act.do(
                sql.put_silence,
                operator=operator,
                person=person,
                event=uuid7(at),
                message=stop.of,
                channel=one,
                stopped=True,
                way=way,
                at=at,
            )
        parts.changes.changed(act, at, person)
        act.deny("silenced", at, person, f"{stop.of}:{','.join(channels)}")
        once.made(parts, act, ",".join(channels))
        act.append(
            "said-no-more",
            at,
            {"message": stop.of, "channels": list(channels), "way": way},
            parts.vault.pseudonym(act, person),
        )
    return channels


def in_force(parts: Parts, act: Act, at: datetime | None = None) -> Rulebook:
    """The Rulebook in force. Raises Conflict where no policy is."""
    book = parts.policies.in_force(act, at or parts.clock.now())
    if book is None:
        raise Conflict("no-policy", "no policy is in force: publish one first")
    return book


def must_know(act: Act, person: UUID) -> None:
    """Take the person's row, so that acts on one person follow each other. Raises NotFound."""
    if act.row(UUID, sql.lock_person, operator=act.operator, person=person) is None:
        raise NotFound("no-person", "there is no such person")


def _item(book: Rulebook, name: str) -> ConsentItem:
    found = book.policy.of("consent").get(name)
    if not isinstance(found, ConsentItem):
        raise NotFound("no-such-consent", f"the policy asks for no consent `{name}`")
    return found


def _form_of_yes(
    parts: Parts, act: Act, book: Rulebook, item: ConsentItem, person: UUID, shown: UUID | None, by: str
) -> Form:
    if shown is None:
        raise Invalid("not-shown", f"a yes to `{item.name}` needs the notice that was shown", item.keeps)
    seen = act.row(Shown, sql.shown, operator=act.operator, person=person, shown=shown)
    if seen is None:
        raise NotFound("not-shown", "that notice was never shown to this person", item.keeps)
    asks = seen.screen.get("asks")
    if not isinstance(asks, dict) or asks.get(item.name) != book.wordings[item.name]:  # (2)
        raise Conflict(
            "not-asked", f"that notice did not ask `{item.name}` in its present wording", item.keeps
        )
    if not parts.controls.unset(seen.screen.get("controls")):  # (2)
        raise Invalid(
            "set-beforehand", "a control was set before the person chose; that is no yes", item.keeps
        )
    if by == "guardian":  # (4)
        if item.form is not Form.GUARDIAN:
            raise Invalid("no-guardian-needed", f"`{item.name}` is not a guardian's to give", item.keeps)
        return Form.GUARDIAN
    if item.form is Form.GUARDIAN:
        raise Invalid("guardian-needed", f"`{item.name}` is a guardian's to give", item.keeps)
    return Form.SEPARATE if len(asks) == 1 and seen.entry == f"consent.{item.name}" else Form.EXPLICIT  # (3)


def _keep(
    parts: Parts, act: Act, book: Rulebook, item: ConsentItem, person: UUID, said: Answer, form: Form, shown: UUID | None,
    by: str, at: datetime,
) -> Receipt:  # fmt: skip
    last = act.row(datetime, sql.last_answer_at, operator=act.operator, person=person)
    when = (
        at if last is None or at > last else last + timedelta(microseconds=1)
    )  # clocks of two machines may differ
    event, wording = uuid7(when), book.wordings[item.name]
    act.do(
        sql.put_answer, operator=act.operator, person=person, event=event, item=item.name, wording=wording, answer=said.value,
        form=form.value, given_by=by, shown=shown, at=when,
    )  # fmt: skip
    parts.changes.changed(act, when, person)
    if said is not Answer.GIVEN:  # (6)
        act.deny(said.value, when, person, f"{item.name}:{wording}")
    pseudonym = parts.vault.pseudonym(act, person)
    data = {
        "item": item.name, "wording": wording, "answer": said.value, "form": form.value, "by": by, "version": book.number,
        "clauses": list(item.keeps), "shown": str(shown) if shown else None,
    }  # fmt: skip
    once.made(parts, act, str(event))
    act.append("answered", when, data, pseudonym)
    return Receipt(event, item.name, wording, said.value, form.value, book.number, shown, when, pseudonym)


def all_shown(parts: Parts, operator: UUID, person: UUID) -> list[Shown]:
    """Everything `person` was shown, the oldest first."""
    with parts.store.act(operator) as act:
        return act.rows(Shown, sql.all_shown, operator=operator, person=person)


def receipt(parts: Parts, operator: UUID, person: UUID, event: UUID) -> Receipt:
    """The receipt of one answer, made again from what was kept."""
    with parts.store.act(operator) as act:
        kept = next(
            (
                one
                for one in act.rows(Kept, sql.answers, operator=operator, person=person)
                if one.event == event
            ),
            None,
        )
        if kept is None:
            raise NotFound("no-answer", "there is no such answer")
        book = in_force(parts, act, kept.at)
        return Receipt(
            event,
            kept.item,
            kept.wording,
            kept.answer,
            kept.form,
            book.number,
            kept.shown,
            kept.at,
            parts.vault.pseudonym(act, person),
        )
