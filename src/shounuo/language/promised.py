"""The sections on safeguards, people's promises, messages, rights, requests, changes, and how to reach us."""

from collections.abc import Mapping

from shounuo.core import category
from shounuo.core import policy as shape
from shounuo.core.duration import parse_age
from shounuo.language.form import Section, Shape
from shounuo.language.grammar import AnyOf, Flag, ListOf, Parsed, Ref, Table, Text, Word
from shounuo.language.terms import (
    ASKS,
    BOUND,
    CHANNEL,
    CLAUSE_ID,
    DEADLINE,
    DURATION,
    EVENT,
    may,
    member,
    must,
    one_of,
    some_of,
    texts,
)

_PROTECTION = {
    "against": may(some_of("leak tampering loss misuse access disclosure"), "what it guards against"),
    "of": may(ListOf(Ref(("information",), ("any", "sensitive"))), "the items it guards"),
    "seal": may(one_of("AES-256-GCM SM4-GCM"), "how values are sealed"),
    "roles": may(texts("a role", 40), "the roles that may see values in clear"),
    "need-stated": may(Flag(), "whether a reader must state a need"),
    "log": may(texts("a column", 40), "what each entry of the log says"),
    "withstands": may(texts("an attack", 40), "the attacks it withstands"),
}
_PLEDGE = {
    "every": must(DURATION, "how often"),
    "proof": must(one_of("paper measured"), "what shows it was done"),
    "lapse": must(one_of("report suspend-role suspend-flows block flag"), "what follows when it was not"),
    "before": may(Text("what waits for it", 120), "what waits for it"),
}
_MESSAGE = {
    "class": must(one_of("service marketing survey"), "what sort of message it is", "klass"),
    "channels": must(ListOf(CHANNEL), "the channels it goes by"),
    "asks": may(ASKS, "the consent items that must stand"),
}
_STOP = {
    "way": must(one_of("word link switch spoken"), "what a person does"),
    "of": must(Ref(("messages",)), "the messages it stops"),
    "stops": must(ListOf(CHANNEL), "the channels that fall silent"),
    "word": may(Text("a code word", 20), "the word to reply with"),
    "on": may(CHANNEL, "the channel it arrives by"),
    "path": may(Text("a path", 200), "the way to it through the menus", "where"),
}
_RIGHT = {
    "kind": must(Word(category.REQUEST_KINDS), "what is asked for"),
    "way": must(some_of("self-service ticket email phone chat form letter"), "the ways to ask"),
    "who": may(one_of("person guardian next-of-kin"), "who may ask"),
    "of": may(ListOf(Ref(("information", "scenes", "permissions"))), "what it is about"),
    "path": may(
        Table(Text("a path", 200)), "the way to it through the menus, by face of the product", "where"
    ),
    "only-if": may(texts("a state", 80), "the states in which it can be asked"),
    "includes": may(some_of("copies backups recipients indexes"), "how far it reaches"),
    "effect": may(Text("the effect", 200), "what happens"),
}
_REQUEST = {
    "kinds": must(ListOf(Word(category.CASE_KINDS)), "the requests it speaks of"),
    "within": must(DEADLINE, "when the answer is due"),
    "from": must(EVENT, "from which event the clock runs", "from_"),
    "verify": may(one_of("identity identity-and-authority guardianship none"), "what is checked first"),
    "refuse-on": may(ListOf(member(shape.RefusalGround)), "the grounds it may be refused on, and no others"),
}
_MINORS = {
    "under": must(Parsed(parse_age, "14 years old", "[1-9][0-9]{0,2} years old"), "the age it speaks of"),
    "rule": must(one_of("refuse guardian-consent"), "what holds below it"),
    "found": may(AnyOf(DURATION, BOUND), "time to erase what should not have been taken"),
}
_RECONSENT = some_of("new-fields new-purpose new-manner new-recipient longer-retention")
_CHANGE = {
    "what": must(texts("a kind of change", 80), "the changes it speaks of"),
    "reasons": may(texts("a reason", 120), "why a text may change"),
    "reconsent": must(_RECONSENT, "the changes that ask everyone again"),
    "refusal": must(one_of("service-ends keeps-version-agreed-to"), "what holds for who declines"),
}
_CONTACT = {
    "kind": must(
        one_of("officer email phone ticket chat app-ticket form letter consultation"),
        "what sort of channel it is",
    ),
    "value": must(Text("an address", 200), "the address, number or place"),
    "takes": may(
        some_of("question opinion complaint request requirement feedback support"), "what it takes in"
    ),
}
_READING = {
    "between": must(ListOf(CLAUSE_ID), "the clauses that differ"),
    "keeps": must(CLAUSE_ID, "the clause whose reading is kept", "kept"),
    "how": must(
        one_of("earlier-of union intersection stricter specific hold-then-erase"), "how they combine"
    ),
    "because": must(one_of("stricter law specific names-a-date"), "why"),
}

PROMISED: Mapping[str, Section] = {
    "protection": Section("safeguards", Shape(shape.Protection, _PROTECTION)),
    "pledges": Section("promises only people can keep", Shape(shape.Pledge, _PLEDGE)),
    "messages": Section("notices and marketing", Shape(shape.Message, _MESSAGE)),
    "stops": Section("ways to say no more", Shape(shape.Stop, _STOP)),
    "rights": Section("what people can ask for", Shape(shape.Right, _RIGHT)),
    "requests": Section(
        "how requests are taken in and answered", Shape(shape.Request, _REQUEST, words=False)
    ),
    "minors": Section("children and young people", Shape(shape.Minors, _MINORS, words=False)),
    "changes": Section("how the policy changes", Shape(shape.Change, _CHANGE, words=False)),
    "contact": Section("how to reach us", Shape(shape.Contact, _CONTACT)),
    "readings": Section(
        "which reading holds where the text contradicts itself", Shape(shape.Reading, _READING, words=False)
    ),
}
