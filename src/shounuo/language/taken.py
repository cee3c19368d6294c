"""The sections on the text itself, what is offered, what is taken and used, and what is agreed to."""

from collections.abc import Mapping

from shounuo.core import category
from shounuo.core import policy as shape
from shounuo.language.form import Section, Shape
from shounuo.language.grammar import Fields, Flag, ListOf, Ref, Table, Text, Word
from shounuo.language.terms import (
    ASKS,
    BASIS,
    DATE,
    ITEMS,
    NEEDS,
    OCCASIONS,
    REFUSAL,
    REGION,
    REQUIRED,
    WORDS,
    may,
    member,
    must,
    one_of,
    some_of,
    texts,
)

_PRECEDES = Fields(
    {
        "topic": must(Text("a topic", 80), "the matter, or `any`"),
        "over": must(Text("another text", 80), "the other text"),
        "wins": must(Text("the text that holds", 80), "the text that holds"),
    },
    shape.Precedes,
    "a rule of precedence",
)
_OPERATOR = {
    "role": must(one_of("handler processor joint"), "whether it decides purposes itself"),
    "home": must(REGION, "where it is established"),
    "address": may(WORDS, "its registered address"),
    "site": may(Text("a host name", 200), "where the service runs"),
}
_DATES = {
    "published": must(DATE, "the day it was first published"),
    "updated": must(DATE, "the day it last changed"),
    "effective": must(DATE, "the day it takes effect"),
}
_SHOWN_AT = {
    "places": must(texts("a place", 200), "where the text in force can be read"),
    "sign-in": must(one_of("none-needed needed"), "whether reading it needs a sign-in"),
}
_PRECEDENCE = {
    "rules": must(ListOf(_PRECEDES), "which text holds on which matter"),
    "gaps": may(one_of("theirs closed"), "who fills what this text leaves open"),
}
_SERVICE = {
    "provider": must(one_of("us third-party joint"), "whose service it is"),
    "text": may(Text("the rule that governs it", 200), "the rule that governs it"),
    "terms": may(Text("the provider's own terms", 200), "the provider's own terms"),
    "account": may(one_of("ours portal none"), "whose account opens it"),
    "needs": may(NEEDS, "what must be there first: a scene's record, acceptance, a verified identity"),
    "ways": may(some_of("access correct delete"), "what a person can do there by themselves"),
}
_ITEM = {
    "kind": may(Word(tuple(category.KINDS)), "how a value is recognised"),
    "grade": may(one_of("public ordinary sensitive"), "how much its loss would harm"),
    "mask": may(Word(tuple(category.MASKS)), "what a masked reader sees"),
    "store": may(one_of("sealed hashed memory-only never"), "how it is held"),
    "findable": may(Flag(), "whether a person can be found by it"),
}
_SCENE = {
    "purpose": must(WORDS, "why it is taken"),
    "basis": must(BASIS, "what the law lets it rest on"),
    "source": may(one_of("person automatic organisation third-party public"), "where it comes from"),
    "when": may(OCCASIONS, "the occasions it is bound to; none means always"),
    "requires": may(ListOf(REQUIRED), "what must be given"),
    "optional": may(ListOf(REQUIRED), "what may be given"),
    "needs": may(NEEDS, "what must be there first: a scene's record, acceptance, a verified identity"),
    "asks": may(ASKS, "the consent items that must stand"),
    "necessity": may(WORDS, "why sensitive items are needed"),
    "refusal": may(REFUSAL, "what a no costs"),
}
_USE = {
    "purpose": must(WORDS, "what it is used for"),
    "of": must(ITEMS, "the items it needs"),
    "basis": must(BASIS, "what the law lets it rest on"),
    "asks": may(ASKS, "the consent items that must stand"),
    "never": may(texts("a forbidden purpose", 80), "what these items are never used for"),
    "off-switch": may(Flag(), "whether a person can switch it off"),
    "factors": may(texts("a factor", 80), "what an automated decision weighs"),
    "refusal": may(REFUSAL, "what a no costs"),
}
_FOR = Ref(("services", "scenes", "uses", "recipients", "sharing", "permissions", "messages", "changes"))
_CONSENT = {
    "form": must(member(shape.Form), "how the yes is given, weakest first"),
    "for": must(ListOf(_FOR), "what it is a yes to", "covers"),
    "asked": must(
        one_of("sign-up first-use each-time before-collection before-transfer"), "when it is asked"
    ),
    "shows": may(texts("what is shown", 80), "what stands beside the question"),
    "until-then": may(one_of("nothing-kept not-started"), "how things stand before the answer"),
    "refusal": may(REFUSAL, "what a no costs"),
}
_WITHOUT = {"grounds": must(ListOf(BASIS), "the closed list of bases that need no consent")}
_PERMISSION = {
    "feature": must(Ref(("occasions", "services")), "what it is for"),
    "opens": must(ITEMS, "the items it opens"),
    "withdraw": may(Table(Text("a path", 200)), "where it is taken back, by face of the product"),
}

TAKEN: Mapping[str, Section] = {
    "text": Section(
        "the published text itself",
        by_name={
            "operator": Shape(shape.Operator, _OPERATOR),
            "dates": Shape(shape.Dates, _DATES, words=False),
            "chapters": Shape(
                shape.Chapters, {"titles": must(texts("a title", 120), "its chapters in order")}, words=False
            ),
            "shown-at": Shape(shape.ShownAt, _SHOWN_AT, words=False),
            "emphasis": Shape(
                shape.Emphasis, {"by": must(some_of("bold underline"), "how it is set off")}, words=False
            ),
            "summary": Shape(shape.Summary, {"links": may(one_of("full"), "where it leads")}, words=False),
            "precedence": Shape(shape.Precedence, _PRECEDENCE, words=False),
        },
    ),
    "services": Section("products and services, and whose they are", Shape(shape.Service, _SERVICE)),
    "information": Section(
        "kinds of personal information", Shape(shape.Item, _ITEM), reserved=("any", "rest", "sensitive")
    ),
    "occasions": Section("what a person may be doing when information is taken", Shape(shape.Occasion, {})),
    "scenes": Section(
        "where information is taken, field by field",
        Shape(shape.Scene, _SCENE),
        reserved=("acceptance", "verified-identity"),
    ),
    "uses": Section("what stored information may be used for", Shape(shape.Use, _USE)),
    "consent": Section(
        "what a person can say yes or no to",
        Shape(shape.ConsentItem, _CONSENT),
        by_name={"without": Shape(shape.Without, _WITHOUT, words=False)},
    ),
    "permissions": Section("device permissions, off until granted", Shape(shape.Permission, _PERMISSION)),
}
