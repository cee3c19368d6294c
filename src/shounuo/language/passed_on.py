"""The sections on who receives information, where it lies, how long, and how it may leave."""

from collections.abc import Mapping

from shounuo.core import policy as shape
from shounuo.language.form import Section, Shape
from shounuo.language.grammar import ListOf, Number, Ref, Table, Text
from shounuo.language.terms import (
    ASKS,
    DURATION,
    EVENT,
    ITEMS,
    KEEPING,
    OCCASIONS,
    PAPERS,
    PERIOD,
    PURPOSES,
    REFUSAL,
    REGION,
    TIME,
    WORDS,
    may,
    member,
    must,
    one_of,
    some_of,
    texts,
)

_RECIPIENT_KIND = one_of(
    "sdk api entrusted partner affiliate authority acquirer surveyor reviewer researcher public joint customer "
    "user complainant"
)
_COPIES = some_of("copies backups recipients indexes")
_PAPER = {
    "terms": must(texts("a term", 120), "what it must say"),
    "expires": may(one_of("stops warns"), "what happens when it runs out"),
    "before": may(one_of("first-transfer transfer access intake start"), "what it must be older than"),
    "every": may(DURATION, "how often it is made anew"),
}
_RECIPIENT = {
    "kind": must(_RECIPIENT_KIND, "what they are to us"),
    "company": may(Text("a company", 120), "whose it is"),
    "receives": must(ITEMS, "the items they receive, and no others"),
    "purpose": must(WORDS, "what they receive them for"),
    "for": may(PURPOSES, "the scenes and uses they serve; none means they receive nothing", "for_"),
    "when": may(OCCASIONS, "the occasions they are bound to"),
    "how": may(one_of("on-device sent shown"), "how they come by it"),
    "country": may(REGION, "where they sit"),
    "asks": may(ASKS, "the consent items that must stand"),
    "terms": may(Text("its policy", 200), "their own policy"),
    "needs": may(PAPERS, "the papers that must be on file"),
    "vetted": may(DURATION, "how often what they do is looked into"),
    "breach": may(one_of("report suspend"), "what follows when they break their word"),
    "ends": may(some_of("task-done service-cancelled agreement-ended"), "what ends it"),
    "refusal": may(REFUSAL, "what a no costs"),
    "contact": may(Text("an address", 200), "how to reach them"),
}
_COOKIE = {
    "technique": must(one_of("cookie flash local-storage beacon pixel tracked-link"), "the technique"),
    "purposes": must(
        some_of("operation preferences cart statistics advertising sign-in security recommendation analysis"),
        "what it is for",
    ),
    "keys": must(texts("a cookie name", 120), "the names it sets"),
    "set-by": must(Text("who sets it", 120), "who sets it"),
    "life": may(KEEPING, "how long it lasts; none means until the browser closes"),
    "refusal": may(REFUSAL, "what a no costs"),
    "holds": may(ITEMS, "the items its value says"),
    "asks": may(ASKS, "the consent items that must stand"),
    "stops": may(ListOf(Ref(("stops",))), "the ways to say no more that silence it too"),
    "clear": may(
        Table(Text("a path", 200), example="website: 页脚-Cookie 设置"),
        "the way to clear it, by face of the product",
    ),
}
_STORAGE = {
    "region": must(REGION, "where it lies"),
    "covers": must(some_of("store backup replica cache log service"), "the kinds of copy that lie there"),
    "of": may(ITEMS, "the items it speaks of; none means all"),
    "origin": may(REGION, "only what arises in this region is taken"),
}
_HOLD = {
    "provision": must(Text("a legal provision", 200), "the law that wants it", "law_cited"),
    "period": must(KEEPING, "how long"),
    "opens-for": must(ListOf(member(shape.Ground), least=0), "the grounds it opens for, and no others"),
    "review": may(DURATION, "how often somebody asks whether it must go on"),
}
_RETENTION = {
    "of": must(
        ListOf(Ref(("information",), ("rest",))), "the items; `rest` is every item no other rule names"
    ),
    "for": must(PERIOD, "how long", "for_"),
    "from": must(EVENT, "from which event", "from_"),
    "then": may(one_of("erase anonymise erase-or-anonymise restrict"), "what follows"),
    "basis": may(Text("law or service rule", 200), "the law or rule behind it"),
    "hold": may(Ref(("holds",)), "what locks it when it is to be erased"),
    "within": may(TIME, "how soon after the end"),
    "extend": may(some_of("consent law"), "what may make it longer, and nothing else"),
    "includes": may(_COPIES, "how far what follows reaches"),
    "opens-for": may(PURPOSES, "the purposes it may be read for meanwhile; none means all"),
}
_CONDITION = one_of(
    "service-used named-in-agreement lawfully-held business-need ordered-by-person purchase-requested "
    "task-running not-opted-out violation-found told-before not-closed-yet telling-forbidden necessary "
    "chosen-by-person"
)
_DOOR = {
    "act": must(member(shape.Act), "what is done"),
    "on": may(ListOf(member(shape.Ground)), "the grounds that open it; none means it never opens"),
    "to": may(ListOf(Ref(("recipients",))), "whom it leads to"),
    "only-if": may(ListOf(_CONDITION), "what must be so"),
    "needs": may(PAPERS, "the papers that must be on file"),
    "carries": may(ITEMS, "the items it carries; none means what the recipient receives"),
    "for": may(PURPOSES, "the purposes it opens for; none means those of the recipient", "for_"),
    "never": may(texts("a forbidden purpose", 80), "purposes nothing may leave for"),
    "default": may(one_of("closed"), "how it stands"),
    "change-of-purpose": may(one_of("ask-again closed"), "what a recipient's new purpose asks for"),
    "successor": may(one_of("bound bound-or-asks-again"), "what holds for whoever takes over"),
    "session": may(Ref(("support",)), "nothing passes but in a session of this kind"),
    "alike": may(
        Number(2, 100_000), "of a release as anonymous: how many people any of its records must fit, at least"
    ),
}

PASSED_ON: Mapping[str, Section] = {
    "papers": Section("documents that must be on file first", Shape(shape.Paper, _PAPER)),
    "recipients": Section(
        "who receives information, and whose code runs here", Shape(shape.Recipient, _RECIPIENT)
    ),
    "cookies": Section("cookies and similar techniques", Shape(shape.Cookie, _COOKIE)),
    "storage": Section("where information lies", Shape(shape.Storage, _STORAGE, words=False)),
    "holds": Section("what the law still wants after erasure", Shape(shape.Hold, _HOLD)),
    "retention": Section("how long, from when, and then", Shape(shape.Retention, _RETENTION)),
    "sharing": Section("the doors through which information may leave", Shape(shape.Door, _DOOR)),
}
