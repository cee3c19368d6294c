"""The sections on the text itself, what is offered, what is taken and used, and what is agreed to."""

from collections.abc import Mapping
from typing import Any

from shounuo.core import category
from shounuo.core import policy as shape
from shounuo.core.clause import Words
from shounuo.language.form import Section, Shape
from shounuo.language.grammar import Count, Fields, Flag, ListOf, Ref, Table, Text, Word
from shounuo.language.terms import (
    ASKS,
    BASIS,
    DATE,
    DURATION,
    ITEM,
    ITEMS,
    NEEDS,
    OCCASIONS,
    PAPERS,
    REFUSAL,
    REGION,
    REQUIRED,
    TIME,
    WORDS,
    may,
    member,
    must,
    one_of,
    some_of,
    texts,
)

IN_EEA = member(shape.ForeignBasis)
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
    "facts": may(
        Table(Count(2_000_000_000)),
        "what the law asks of the operator by, such as how many people it knows",
    ),
}
_DATES = {
    "published": must(DATE, "the day it was first published"),
    "updated": must(DATE, "the day it last changed"),
    "effective": must(DATE, "the day it takes effect"),
    "printed": may(Text("a date as printed", 40), "its date as the text prints it, where it names no day"),
}
_SHOWN_AT = {
    "places": must(texts("a place", 200), "where the text in force can be read"),
    "sign-in": must(one_of("none-needed needed"), "whether reading it needs a sign-in"),
}
_EMPHASIS = {
    "by": must(some_of("bold underline"), "how it is set off"),
    "of": may(
        some_of("liability jurisdiction consent sensitive major-interests rights"), "the matters set off"
    ),
}
_EARLIER = Fields(
    {
        "number": must(Text("the number of a version", 40), "its number"),
        "date": must(Text("a date as printed", 40), "its date, as it was printed"),
    },
    shape.Earlier,
    "a version",
)
_HISTORY = {
    "open-to": must(one_of("everyone on-request"), "who can read the versions"),
    "versions": may(ListOf(_EARLIER), "the versions the text names"),
    "places": may(texts("a place", 200), "where they can be read"),
}
_COVERS = {
    "handling": may(
        some_of("collect store use process transmit provide publish delete"),
        "the kinds of handling it governs",
    ),
    "sections": may(
        some_of("scenes uses recipients retention rights sharing cookies protection"),
        "the sections each entry of which the text speaks of",
    ),
    "faces": may(texts("a face of the product", 80), "the faces of the product it holds on"),
}


def _heading(at: str, zh: str, en: str) -> shape.Heading:
    """A heading and its place."""
    return shape.Heading(at, Words(zh, en))


def _summary_line(zh: str, en: str, of: tuple[str, ...]) -> shape.SummaryLine:
    """A line with the entries it tells of."""
    return shape.SummaryLine(Words(zh, en), of)


_BOTH = {
    "zh": must(Text("the Chinese words"), "in Chinese"),
    "en": must(Text("the English words"), "in English"),
}
_HEADING = Fields(
    {"at": must(Text("a place such as `2.1`", 40), "a chapter's number, or a clause's `section`"), **_BOTH},
    _heading,
    "a heading",
)
_HEADINGS = {"of": must(ListOf(_HEADING), "by place, in both languages")}
_SUMMARY_LINE = Fields(
    {**_BOTH, "of": must(texts("a path such as `requests.delete`", 130), "the entries it tells of")},
    _summary_line,
    "a line of the summary",
)
_SUMMARY = {
    "links": may(one_of("full"), "where it leads"),
    "lines": may(ListOf(_SUMMARY_LINE), "what is written by hand; the rest is made from the entries"),
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
    "stage": may(one_of("regular trial preview"), "whether it is a trial or a preview"),
    "lasts": may(TIME, "of a trial or preview, how long"),
    "documents": may(texts("a document", 200), "the documents that describe what it does with information"),
    "by": may(texts("a company", 120), "the companies that offer it together"),
}
_IDENTIFIER = Fields(
    {
        "lasts": must(one_of("session install device sim account"), "what it is bound to"),
        "resettable": must(Flag(), "whether a person can reset it"),
        "obtained": must(one_of("system sim installation network person"), "where it comes from"),
    },
    shape.Identifier,
    "an identifier",
)


def _item(**values: Any) -> shape.Item:
    """A kind of information, knowing whether its grade is said."""
    return shape.Item(graded="grade" in values, **values)


_ITEM = {
    "kind": may(Word(tuple(category.KINDS)), "how a value is recognised"),
    "grade": may(one_of("public ordinary sensitive"), "how much its loss would harm"),
    "mask": may(Word(tuple(category.MASKS)), "what a masked reader sees"),
    "store": may(one_of("sealed hashed pseudonym memory-only never"), "how it is held"),
    "findable": may(Flag(), "whether a person can be found by it"),
    "group": may(Ref(("groups",)), "the class its records belong to, and no other"),
    "identifier": may(_IDENTIFIER, "what it tells apart, for how long, and where it comes from"),
}
_SCENE = {
    "purpose": must(WORDS, "why it is taken"),
    "basis": must(BASIS, "what the law lets it rest on"),
    "source": may(
        one_of("person automatic organisation third-party public other-user affiliate partner"),
        "where it comes from",
    ),
    "when": may(OCCASIONS, "the occasions it is bound to; none means always"),
    "requires": may(ListOf(REQUIRED), "what must be given"),
    "optional": may(ListOf(REQUIRED), "what may be given"),
    "needs": may(NEEDS, "what must be there first: a scene's record, acceptance, a verified identity"),
    "asks": may(ASKS, "the consent items that must stand"),
    "necessity": may(WORDS, "why sensitive items are needed"),
    "refusal": may(REFUSAL, "what a no costs"),
    "in-eea": may(IN_EEA, "what it rests on for people in the EEA"),
    "instead": may(ListOf(Ref(("scenes",))), "the scenes a person may choose in its place"),
    "papers": may(PAPERS, "the papers that must be on file before anything is taken"),
    "proves": may(
        Table(ITEM, sections=("information",)), "by item, the code that shows it is theirs before it counts"
    ),
    "every": may(DURATION, "how often it takes something by itself, at most"),
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
    "when": may(OCCASIONS, "the occasions it is bound to; none means always"),
    "path": may(
        Table(Text("a path", 200), example="app: 设置-隐私-个性化推荐"),
        "the way to its switch, by face of the product",
        "where",
    ),
    "combines": may(one_of("personal pseudonym aggregate"), "what comes of joining the items"),
    "in-eea": may(IN_EEA, "what it rests on for people in the EEA"),
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
    "by": may(one_of("tick button writing grant"), "what a person does; a box starts empty"),
    "again": may(DURATION, "how long a no is left alone before it is asked again"),
}
_WITHOUT = {"grounds": must(ListOf(member(shape.Ground)), "the closed list of grounds that need no consent")}
_IN_EEA = {
    "grounds": must(ListOf(IN_EEA), "the closed list of bases for people in the EEA"),
    "needs": may(PAPERS, "what must be on file where interests are weighed"),
}
_PERMISSION = {
    "feature": must(Ref(("occasions", "services")), "what it is for"),
    "opens": must(ITEMS, "the items it opens"),
    "when": may(OCCASIONS, "the occasions it is bound to; none means always"),
    "withdraw": may(
        Table(Text("a path", 200), example="app: 设置-隐私-系统权限"),
        "where it is taken back, by face of the product",
    ),
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
            "title": Shape(shape.Title, {}),
            "headings": Shape(shape.Headings, _HEADINGS, words=False),
            "shown-at": Shape(shape.ShownAt, _SHOWN_AT, words=False),
            "emphasis": Shape(shape.Emphasis, _EMPHASIS, words=False),
            "principles": Shape(
                shape.Principles, {"of": must(texts("a principle", 80), "the principles")}, words=False
            ),
            "history": Shape(shape.History, _HISTORY, words=False),
            "covers": Shape(shape.Covers, _COVERS, words=False),
            "summary": Shape(shape.Summary, _SUMMARY, words=False),
            "precedence": Shape(shape.Precedence, _PRECEDENCE, words=False),
        },
    ),
    "services": Section("products and services, and whose they are", Shape(shape.Service, _SERVICE)),
    "groups": Section("classes of information", Shape(shape.Group, {})),
    "information": Section(
        "kinds of personal information", Shape(_item, _ITEM), reserved=("any", "rest", "sensitive")
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
        by_name={
            "without": Shape(shape.Without, _WITHOUT, words=False),
            "in-eea": Shape(shape.InEea, _IN_EEA, words=False),
        },
    ),
    "permissions": Section("device permissions, off until granted", Shape(shape.Permission, _PERMISSION)),
}
