"""The sections of a policy, in the order a reader expects, and the keys an entry may have in each.

One table serves three: reading a file, the JSON Schema for editors, and the language reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from shounuo.core import category, policy as shape
from shounuo.core.clause import Words
from shounuo.core.duration import AtLeast, AtMost, Bound, EarlierOf, LongestOf, Usually, parse_age, parse_duration
from shounuo.language.grammar import (
    ITEM,
    MISSING,
    REFUSAL,
    REQUIRED,
    TELLS,
    WORDS,
    AnyOf,
    Field,
    Fields,
    Flag,
    Grammar,
    ListOf,
    Parsed,
    Reading,
    Ref,
    Schema,
    Table,
    Text,
    Word,
    parse_date,
)
from shounuo.language.source import Node, line_of

Maker = Callable[..., shape.Entry]


def _enum(of: type[StrEnum]) -> Word:
    return Word(tuple(member.value for member in of), of)


CLAUSE_ID = Text("a clause id", 80)
DURATION = Parsed(parse_duration, "5 working days")
BOUND = Fields(
    {"says": Field(Text("the text's own words", 80), required=True), "bound": Field(DURATION, required=True)},
    Bound,
    "a bound",
)


@dataclass(frozen=True, slots=True)
class Term:
    """A duration, or a mapping that says how several combine; the keys say which."""

    forms: Mapping[str, Fields]

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return DURATION.read(node, path, reading)
        keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        for key, form in self.forms.items():
            if key in keys:
                return form.read(node, path, reading)
        return reading.fault(node, path, "it is no period", "write `5 working days`, or a mapping with "
                             + " or ".join(f"`{key}`" for key in self.forms))

    def schema(self) -> Schema:
        return {"anyOf": [DURATION.schema(), *(form.schema() for form in self.forms.values())]}


_DURATIONS = ListOf(DURATION, least=2)
DEADLINE = Term({
    "at-most": Fields({"usually": Field(DURATION, required=True), "at-most": Field(DURATION, required=True)}, Usually, "a deadline"),
    "earlier-of": Fields({"earlier-of": Field(_DURATIONS, required=True, attr="terms")}, EarlierOf, "a deadline"),
    "says": BOUND,
})
PERIOD = Term({
    "at-least": Fields({"at-least": Field(DURATION, required=True, attr="period")}, AtLeast, "a period"),
    "at-most": Fields({"at-most": Field(DURATION, required=True, attr="period")}, AtMost, "a period"),
    "longest-of": Fields(
        {"longest-of": Field(ListOf(AnyOf(DURATION, BOUND), least=2), required=True, attr="terms")}, LongestOf, "a period"),
    "says": BOUND,
})

REGION = Parsed(category.parse_region, "CN-mainland")
BASIS = _enum(shape.Basis)
PURPOSES = Ref(("scenes", "uses"))
ASKS = ListOf(Ref(("consent",)))
CHANNEL = Word(("email", "sms", "phone", "push", "in-site", "announcement", "portal", "app", "ticket", "chat", "form", "letter"))
EVENT = Word((
    "collected", "received", "identity-verified", "purpose-done", "case-closed", "transaction-completed", "account-closed",
    "consent-withdrawn", "service-ended", "incident-known", "version-effective",
))
PAPERS = ListOf(Ref(("papers",)))
NEEDS = ListOf(Ref(("scenes",), ("acceptance", "verified-identity")))

COMMON: Mapping[str, Field] = {
    "zh": Field(Text("the Chinese words"), about="what it is called, in Chinese"),
    "en": Field(Text("the English words"), about="what it is called, in English"),
    "keeps": Field(ListOf(CLAUSE_ID), about="the clauses this entry keeps"),
    "tells": Field(TELLS, about="what must be shown first"),
    "owner": Field(Text("a role", 80), about="who answers for it"),
    "law": Field(Text("a legal provision", 200), about="the provision that tightens it"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How the entries of a section (or one named entry) are written, and the value they become."""

    make: Maker
    fields: Mapping[str, Field]
    words: bool = True  # whether zh and en must stand

    @property
    def grammar(self) -> Fields:
        """All keys of such an entry, common ones first."""
        common = dict(COMMON)
        if self.words:
            common["zh"] = Field(COMMON["zh"].grammar, True, COMMON["zh"].about)
            common["en"] = Field(COMMON["en"].grammar, True, COMMON["en"].about)
        return Fields({**common, **self.fields}, what="the entry")


@dataclass(frozen=True, slots=True)
class Section:
    """One section. `by_name` holds entries with a shape of their own; `shape` serves all other names."""

    about: str
    shape: Shape | None = None
    by_name: Mapping[str, Shape] | None = None

    def shape_of(self, name: str) -> Shape | None:
        return (self.by_name or {}).get(name, self.shape)


def _f(grammar: Grammar, about: str = "", *, required: bool = False, attr: str | None = None) -> Field:
    return Field(grammar, required, about, attr)


SECTIONS: Mapping[str, Section] = {
    "text": Section("the published text itself", by_name={
        "operator": Shape(shape.Operator, {
            "role": _f(Word(("handler", "processor", "joint")), "whether it decides purposes itself", required=True),
            "home": _f(REGION, "where it is established", required=True),
            "address": _f(WORDS), "site": _f(Text("a host name", 200), "where the service runs"),
        }),
        "dates": Shape(shape.Dates, {
            "published": _f(Parsed(parse_date, "2024-03-22"), required=True),
            "updated": _f(Parsed(parse_date, "2024-03-22"), required=True),
            "effective": _f(Parsed(parse_date, "2024-03-22"), required=True),
        }, words=False),
        "chapters": Shape(shape.Chapters, {"titles": _f(ListOf(Text("a title", 120)), required=True)}, words=False),
        "shown-at": Shape(shape.ShownAt, {
            "places": _f(ListOf(Text("a place", 200)), required=True),
            "sign-in": _f(Word(("none-needed", "needed")), required=True),
        }, words=False),
        "emphasis": Shape(shape.Emphasis, {"by": _f(ListOf(Word(("bold", "underline"))), required=True)}, words=False),
        "summary": Shape(shape.Summary, {"links": _f(Word(("full",)))}, words=False),
        "precedence": Shape(shape.Precedence, {
            "rules": _f(ListOf(Fields({
                "topic": _f(Text("a topic", 80), required=True), "over": _f(Text("another text", 80), required=True),
                "wins": _f(Text("the text that holds", 80), required=True),
            }, shape.Precedes, "a rule of precedence")), required=True),
            "gaps": _f(Word(("theirs", "closed")), "who fills what this text leaves open"),
        }, words=False),
    }),
    "services": Section("products and services, and whose they are", Shape(shape.Service, {
        "provider": _f(Word(("us", "third-party", "joint")), required=True),
        "text": _f(Text("the rule that governs it", 200)), "terms": _f(Text("the provider's own terms", 200)),
        "account": _f(Word(("ours", "portal", "none"))),
        "needs": _f(NEEDS, "what must be there first: a scene's record, acceptance, a verified identity"),
        "ways": _f(ListOf(Word(("access", "correct", "delete")))),
    })),
    "information": Section("kinds of personal information", Shape(shape.Item, {
        "kind": _f(Word(tuple(category.KINDS)), "how a value is recognised"),
        "grade": _f(Word(("public", "ordinary", "sensitive"))),
        "mask": _f(Word(tuple(category.MASKS)), "what a masked reader sees"),
        "store": _f(Word(("sealed", "hashed", "memory-only", "never"))),
        "findable": _f(Flag(), "whether a person can be found by it"),
    })),
    "occasions": Section("what a person may be doing when information is taken", Shape(shape.Occasion, {})),
    "scenes": Section("where information is taken, field by field", Shape(shape.Scene, {
        "purpose": _f(WORDS, required=True), "basis": _f(BASIS, required=True),
        "source": _f(Word(("person", "automatic", "organisation", "third-party", "public"))),
        "when": _f(ListOf(Ref(("occasions",))), "the occasions it is bound to; none means always"),
        "requires": _f(ListOf(REQUIRED), "what must be given"), "optional": _f(ListOf(REQUIRED), "what may be given"),
        "needs": _f(NEEDS, "what must be there first: a scene's record, acceptance, a verified identity"),
        "asks": _f(ASKS, "the consent items that must stand"),
        "necessity": _f(WORDS, "why sensitive items are needed"), "refusal": _f(REFUSAL, "what a no costs"),
    })),
    "uses": Section("what stored information may be used for", Shape(shape.Use, {
        "purpose": _f(WORDS, required=True), "of": _f(ListOf(ITEM), required=True), "basis": _f(BASIS, required=True),
        "asks": _f(ASKS), "never": _f(ListOf(Text("a forbidden purpose", 80))), "off-switch": _f(Flag()),
        "factors": _f(ListOf(Text("a factor", 80))), "refusal": _f(REFUSAL),
    })),
    "consent": Section("what a person can say yes or no to", Shape(shape.ConsentItem, {
        "form": _f(_enum(shape.Form), required=True),
        "for": _f(ListOf(Ref(("services", "scenes", "uses", "recipients", "sharing", "permissions", "messages", "changes"))),
                  required=True, attr="covers"),
        "asked": _f(Word(("sign-up", "first-use", "each-time", "before-collection", "before-transfer")), required=True),
        "shows": _f(ListOf(Text("what is shown", 80))),
        "until-then": _f(Word(("nothing-kept", "not-started"))), "refusal": _f(REFUSAL),
    }), by_name={"without": Shape(shape.Without, {"grounds": _f(ListOf(BASIS), required=True)}, words=False)}),
    "permissions": Section("device permissions, off until granted", Shape(shape.Permission, {
        "feature": _f(Ref(("occasions", "services")), required=True), "opens": _f(ListOf(ITEM), required=True),
        "withdraw": _f(Table(Text("a path", 200)), "where it is taken back"),
    })),
    "papers": Section("documents that must be on file first", Shape(shape.Paper, {
        "terms": _f(ListOf(Text("a term", 120)), required=True), "expires": _f(Word(("stops", "warns"))),
    })),
    "recipients": Section("who receives information, and whose code runs here", Shape(shape.Recipient, {
        "kind": _f(Word(("sdk", "api", "entrusted", "partner", "affiliate", "authority", "acquirer", "surveyor", "reviewer",
                         "researcher", "public")), required=True),
        "company": _f(Text("a company", 120)), "receives": _f(ListOf(ITEM), required=True), "purpose": _f(WORDS, required=True),
        "for": _f(ListOf(PURPOSES), attr="for_"), "when": _f(ListOf(Ref(("occasions",)))),
        "how": _f(Word(("on-device", "sent", "shown"))), "country": _f(REGION), "asks": _f(ASKS),
        "terms": _f(Text("its policy", 200)), "needs": _f(PAPERS),
    })),
    "cookies": Section("cookies and similar techniques", Shape(shape.Cookie, {
        "technique": _f(Word(("cookie", "local-storage", "beacon", "pixel", "tracked-link")), required=True),
        "purposes": _f(ListOf(Word(("operation", "preferences", "cart", "statistics", "advertising"))), required=True),
        "keys": _f(ListOf(Text("a cookie name", 120)), required=True), "set-by": _f(Text("who sets it", 120), required=True),
        "life": _f(DURATION), "refusal": _f(REFUSAL),
    })),
    "storage": Section("where information lies", Shape(shape.Storage, {
        "region": _f(REGION, required=True),
        "covers": _f(ListOf(Word(("store", "backup", "replica", "cache", "log"))), required=True),
    }, words=False)),
    "holds": Section("what the law still wants after erasure", Shape(shape.Hold, {
        "provision": _f(Text("a legal provision", 200), required=True, attr="law_cited"),
        "period": _f(DURATION, required=True), "opens-for": _f(ListOf(_enum(shape.Ground)), required=True),
    })),
    "retention": Section("how long, from when, and then", Shape(shape.Retention, {
        "of": _f(ListOf(Ref(("information",), ("rest",))), required=True), "for": _f(PERIOD, required=True, attr="for_"),
        "from": _f(EVENT, required=True, attr="from_"), "then": _f(Word(("erase", "anonymise", "restrict"))),
        "basis": _f(Text("law or service rule", 200)), "hold": _f(Ref(("holds",))),
    })),
    "sharing": Section("the doors through which information may leave", Shape(shape.Door, {
        "act": _f(_enum(shape.Act), required=True), "on": _f(ListOf(_enum(shape.Ground))),
        "to": _f(ListOf(Ref(("recipients",)))), "only-if": _f(ListOf(Word((
            "service-used", "named-in-agreement", "lawfully-held", "business-need", "ordered-by-person")))),
        "needs": _f(PAPERS), "carries": _f(ListOf(ITEM)), "for": _f(ListOf(PURPOSES), attr="for_"),
        "never": _f(ListOf(Text("a forbidden purpose", 80))), "default": _f(Word(("closed",))),
    })),
    "protection": Section("safeguards", Shape(shape.Protection, {
        "against": _f(ListOf(Word(("leak", "tampering", "loss", "misuse", "access", "disclosure")))),
        "of": _f(ListOf(Ref(("information",), ("any", "sensitive")))), "seal": _f(Word(("AES-256-GCM", "SM4-GCM"))),
        "roles": _f(ListOf(Text("a role", 40))), "need-stated": _f(Flag(), "whether a reader must state a need"),
        "log": _f(ListOf(Text("a column", 40))), "withstands": _f(ListOf(Text("an attack", 40))),
    })),
    "pledges": Section("promises only people can keep", Shape(shape.Pledge, {
        "every": _f(DURATION, required=True), "proof": _f(Word(("paper", "measured")), required=True),
        "lapse": _f(Word(("report", "suspend-role", "suspend-flows", "block", "flag")), required=True),
        "before": _f(Text("what waits for it", 120)),
    })),
    "messages": Section("notices and marketing", Shape(shape.Message, {
        "class": _f(Word(("service", "marketing", "survey")), required=True, attr="klass"),
        "channels": _f(ListOf(CHANNEL), required=True), "asks": _f(ASKS),
    })),
    "stops": Section("ways to say no more", Shape(shape.Stop, {
        "way": _f(Word(("word", "link", "switch", "spoken")), required=True), "of": _f(Ref(("messages",)), required=True),
        "stops": _f(ListOf(CHANNEL), required=True), "word": _f(Text("a code word", 20)), "on": _f(CHANNEL),
        "path": _f(Text("a path", 200), attr="where"),
    })),
    "rights": Section("what people can ask for", Shape(shape.Right, {
        "kind": _f(Word(tuple(category.REQUEST_KINDS)), required=True),
        "way": _f(ListOf(Word(("self-service", "ticket", "email", "phone", "chat", "form", "letter"))), required=True),
        "who": _f(Word(("person", "guardian", "next-of-kin"))), "of": _f(ListOf(Ref(("information", "scenes", "permissions")))),
        "path": _f(Table(Text("a path", 200)), attr="where"), "only-if": _f(ListOf(Text("a state", 80))),
        "includes": _f(ListOf(Word(("copies", "backups", "recipients", "indexes")))), "effect": _f(Text("the effect", 200)),
    })),
    "requests": Section("how requests are taken in and answered", Shape(shape.Request, {
        "kinds": _f(ListOf(Word(tuple(category.CASE_KINDS))), required=True), "within": _f(DEADLINE, required=True),
        "from": _f(EVENT, required=True, attr="from_"), "verify": _f(Word(("identity", "identity-and-authority", "guardianship", "none"))),
        "refuse-on": _f(ListOf(_enum(shape.RefusalGround))),
    }, words=False)),
    "minors": Section("children and young people", Shape(shape.Minors, {
        "under": _f(Parsed(parse_age, "14 years old"), required=True), "rule": _f(Word(("refuse", "guardian-consent")), required=True),
        "found": _f(AnyOf(DURATION, BOUND), "time to erase what should not have been taken"),
    }, words=False)),
    "changes": Section("how the policy changes", Shape(shape.Change, {
        "what": _f(ListOf(Text("a kind of change", 80)), required=True), "reasons": _f(ListOf(Text("a reason", 120))),
        "reconsent": _f(ListOf(Word(("new-fields", "new-purpose", "new-manner", "new-recipient", "longer-retention"))), required=True),
        "refusal": _f(Word(("service-ends", "keeps-version-agreed-to")), required=True),
    }, words=False)),
    "contact": Section("how to reach us", Shape(shape.Contact, {
        "kind": _f(Word(("officer", "email", "phone", "ticket", "chat", "app-ticket", "form", "letter", "consultation")), required=True),
        "value": _f(Text("an address", 200), required=True),
        "takes": _f(ListOf(Word(("question", "opinion", "complaint", "request", "requirement", "feedback", "support")))),
    })),
    "readings": Section("which reading holds where the text contradicts itself", Shape(shape.Reading, {
        "between": _f(ListOf(CLAUSE_ID, least=1), required=True), "keeps": _f(CLAUSE_ID, required=True, attr="kept"),
        "how": _f(Word(("earlier-of", "union", "intersection", "stricter", "specific", "hold-then-erase")), required=True),
        "because": _f(Word(("stricter", "law", "specific", "names-a-date")), required=True),
    }, words=False)),
}


def read_entry(section: str, name: str, node: Node, reading: Reading) -> Any:
    """The entry `section.name` written at `node`, or `MISSING`; every fault is reported in `reading`."""
    path = f"{section}.{name}"
    known = SECTIONS[section]
    if (form := known.shape_of(name)) is None:
        from shounuo.language.grammar import nearest

        return reading.fault(node, path, f"`{section}` has no entry `{name}`", nearest(name, known.by_name or ()))
    fields = form.grammar
    if section == "readings":  # here `keeps` names the clause whose reading holds
        fields = Fields({key: f for key, f in fields.fields.items() if key != "keeps"} | {"keeps": form.fields["keeps"]}, what="the entry")
    values = fields.values(node, path, reading)
    if values is MISSING:
        return MISSING
    zh, en = values.pop("zh", None), values.pop("en", None)
    if (zh is None) != (en is None):
        return reading.fault(node, path, "it is named in one language only", "add both `zh` and `en`")
    words = Words(zh, en) if zh is not None else None
    return form.make(section=section, name=name, line=line_of(node), words=words, **values)
