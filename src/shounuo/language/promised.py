"""The sections on safeguards, people's promises, messages, rights, requests, changes, and how to reach us."""

from collections.abc import Mapping

from shounuo.core import category
from shounuo.core import policy as shape
from shounuo.core.duration import parse_age, parse_hours
from shounuo.language.form import Section, Shape
from shounuo.language.grammar import Fields, Flag, ListOf, Number, Parsed, Ref, Table, Text, Word
from shounuo.language.terms import (
    ASKS,
    CHANNEL,
    CLAUSE_ID,
    CLAUSE_ID_OR_BOTH,
    DEADLINE,
    DURATION,
    EVENT,
    ITEMS,
    PAPERS,
    PURPOSES,
    SHARE,
    TIME,
    may,
    member,
    must,
    one_of,
    parse_share,
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
    "transport": may(one_of("TLS-1.2 TLS-1.3 mutual-TLS"), "how values travel, at least"),
    "serves": may(texts("a law or standard", 120), "the laws and standards it serves"),
    "per": may(one_of("item case"), "what one look is allowed for"),
    "approval": may(
        Table(Text("a role", 40), ("public", "ordinary", "sensitive")),
        "by grade, the role that must agree, and never the one who asks",
    ),
    "sites": may(texts("a place", 120), "where those who may see it work"),
    "needs": may(PAPERS, "the papers on file before a role sees anything"),
    "grades": may(some_of("public ordinary sensitive"), "every item says which of these it has"),
    "people": may(one_of("minors"), "whose information it guards; none means everybody's"),
    "freezes-on": may(some_of("report request misuse"), "what lets staff freeze or restrict an account"),
    "alert-over": may(Number(1, 1_000_000), "how many reads by one person in a day raise an alarm"),
}
_PLEDGE = {
    "every": must(DURATION, "how often"),
    "proof": must(one_of("paper measured"), "what shows it was done"),
    "lapse": must(one_of("report suspend-role suspend-flows block flag"), "what follows when it was not"),
    "before": may(Text("what waits for it", 120), "what waits for it"),
    "at-most": may(Parsed(parse_share, "0.5 %", SHARE), "of what is measured, the share it may not pass"),
}
_MESSAGE = {
    "class": must(one_of("service marketing survey"), "what sort of message it is", "klass"),
    "channels": must(ListOf(CHANNEL), "the channels it goes by"),
    "asks": may(ASKS, "the consent items that must stand"),
    "events": may(texts("an event", 80), "what it tells of"),
    "to": may(one_of("person administrators controller everyone"), "who is told"),
    "after": may(EVENT, "the event it waits for"),
    "per": may(one_of("case day week month"), "at most one in each"),
    "goes-on": may(TIME, "how long it goes on after the service ends; it is not to be stopped until then"),
}
_STOP = {
    "way": must(one_of("word link switch spoken request objection"), "what a person does"),
    "of": must(Ref(("messages",)), "the messages it stops"),
    "stops": must(ListOf(CHANNEL), "the channels that fall silent"),
    "word": may(Text("a code word", 20), "the word to reply with"),
    "on": may(CHANNEL, "the channel it arrives by"),
    "path": may(Text("a path", 200), "the way to it through the menus", "where"),
    "sign-in": may(one_of("none-needed needed"), "whether it needs a sign-in"),
}
_RIGHT = {
    "kind": must(Word(category.REQUEST_KINDS), "what is asked for"),
    "way": must(some_of("self-service ticket email phone chat form letter"), "the ways to ask"),
    "who": may(one_of("person guardian next-of-kin anyone controller"), "who may ask"),
    "of": may(ListOf(Ref(("information", "scenes", "permissions"))), "what it is about"),
    "path": may(
        Table(Text("a path", 200), example="app: 设置-隐私-查阅我的信息"),
        "the way to it through the menus, by face of the product",
        "where",
    ),
    "only-if": may(texts("a state", 80), "the states in which it can be asked"),
    "includes": may(some_of("copies backups recipients indexes"), "how far it reaches"),
    "effect": may(Text("the effect", 200), "what happens"),
    "unless": may(ITEMS, "the items this way does not reach, though another does"),
    "passes-on": may(some_of("entrusted recipients affiliates"), "who is told to do the same"),
    "passes-on-within": may(TIME, "how soon they are told"),
    "on": may(
        some_of("purpose-done service-ended consent-withdrawn unlawful in-breach no-consent other-law"),
        "the grounds it may be asked on, without proof; none means any",
    ),
    "meanwhile": may(one_of("suspended goes-on"), "how processing stands until it is decided"),
    "evidence": may(one_of("kept"), "whether it stays shown what held before"),
    "format": may(one_of("machine-readable printed"), "what a copy looks like"),
    "within": may(TIME, "how soon it works, where a person does it by themselves"),
}
_FEE = Fields(
    {
        "after": must(Number(1, 1000), "how many requests are free"),
        "per": must(DURATION, "within which time"),
        "covers": must(one_of("cost"), "what it may cover"),
        "says": may(Text("the text's own words", 80), "the text's own words, where it names no number"),
    },
    shape.Fee,
    "a fee",
)
_WHO_ASKS = ("person", "organisation", "guardian", "next-of-kin")
_REQUEST = {
    "kinds": must(ListOf(Word(category.CASE_KINDS)), "the requests it speaks of"),
    "within": must(DEADLINE, "when the answer is due"),
    "from": must(EVENT, "from which event the clock runs", "from_"),
    "verify": may(
        one_of("identity identity-and-authority identity-anew guardianship none"), "what is checked first"
    ),
    "refuse-on": may(ListOf(member(shape.RefusalGround)), "the grounds it may be refused on, and no others"),
    "proves": may(Table(texts("a proof", 80), _WHO_ASKS), "by kind of person, what shows who asks"),
    "proof": may(one_of("destroyed kept"), "what becomes of it when the case is closed"),
    "fee": may(_FEE, "what may be charged; never for the first"),
    "refusal-needs": may(some_of("explanation evidence approver"), "what a refusal must carry"),
    "routes": may(texts("a court or authority", 120), "whom a person can turn to outside"),
    "reviewer": may(one_of("another-owner"), "who looks at it when a person is not content"),
}
_AGE = Parsed(parse_age, "14 years old", "[1-9][0-9]{0,2} years old")
_MINORS = {
    "under": must(_AGE, "the age it speaks of"),
    "rule": must(one_of("refuse guardian-consent"), "what holds below it"),
    "found": may(TIME, "time to erase what should not have been taken"),
    "from": may(_AGE, "the age it begins at; another entry holds below", "from_"),
    "whose": may(
        one_of("person end-user"), "whose age it is: a person's own, or an end user's of a customer"
    ),
    "unless": may(one_of("approved-service"), "when it does not hold: a service approved for children"),
    "text": may(Text("the rule for them", 200), "the rule written for them"),
    "reads": may(one_of("text summary"), "what a guardian reads before agreeing"),
    "proof": may(texts("a proof", 80), "what shows that somebody is the guardian"),
    "may": may(some_of("ask delete correct copy withdraw"), "what a guardian can ask for"),
    "meanwhile": may(one_of("suspended"), "how processing stands while a report is looked into"),
    "grade": may(one_of("ordinary sensitive"), "how their information is graded"),
}
_RECONSENT = some_of("new-fields new-purpose new-manner new-recipient longer-retention")
_CHANGE = {
    "what": must(texts("a kind of change", 80), "the changes it speaks of"),
    "reasons": may(texts("a reason", 120), "why a text may change"),
    "reconsent": may(_RECONSENT, "the changes that ask everyone again"),
    "refusal": may(one_of("service-ends keeps-version-agreed-to"), "what holds for who declines"),
    "effective": may(one_of("on-publication on-date"), "from when a new version holds"),
    "no-less": may(one_of("explicit-consent"), "what must be there before a right becomes less"),
}
_INCIDENT = {
    "steps": may(texts("a step", 120), "the steps of the plan, in order"),
    "starts": may(TIME, "how soon the plan starts"),
    "contain": may(texts("a measure", 120), "what keeps it from spreading and mends it"),
    "report-to": may(ListOf(Ref(("recipients",))), "the authorities it is reported to"),
    "report-within": may(TIME, "how soon it is reported"),
    "report-shows": may(texts("what is reported", 80), "what the report says"),
    "file": may(texts("a column", 40), "what the file of it holds"),
    "closes-with": may(some_of("steps notices report file"), "what must be done before it is closed"),
}
_OF_SERVICES = ListOf(Ref(("services",), ("rest",)))
_ENDING = {
    "of": must(_OF_SERVICES, "the services; `rest` is every other one"),
    "stops": may(some_of("collecting using"), "what stops"),
    "stops-within": may(TIME, "how soon it stops"),
    "then": may(one_of("erase anonymise erase-or-anonymise"), "what becomes of what was collected"),
    "within": may(TIME, "how soon, once the law wants it no longer"),
}
_ON_BEHALF = {
    "of": must(ITEMS, "the items processed for somebody else"),
    "controller": must(one_of("customer organisation"), "who decides"),
    "for": may(PURPOSES, "the purposes they may be used for", "for_"),
    "access": may(one_of("none on-instruction"), "how staff and jobs come to them"),
    "instruction": may(
        some_of("written scope duration purpose administrators-choice"),
        "what an instruction must say; `administrators-choice` is one given by opening or closing a function",
    ),
    "proves": may(texts("a proof", 80), "what shows that the controller is who it says"),
    "requests": may(one_of("forward point"), "what becomes of a request of the people they are about"),
    "within": may(TIME, "how soon a request is passed on"),
    "then": may(
        one_of("erase anonymise erase-or-anonymise return"),
        "what becomes of them when whoever decides leaves",
    ),
    "then-within": may(TIME, "how soon"),
}
_SUPPORT = {
    "of": may(ITEMS, "the items shown to support staff"),
    "masked": may(Flag(), "whether they stand masked until there is a need"),
    "need-stated": may(Flag(), "whether a reader must state a need"),
    "for": may(PURPOSES, "the purposes a session may have", "for_"),
    "permission-by": may(one_of("person controller operator"), "who must allow each session"),
    "bound-to": may(one_of("session ticket case"), "what a permission is for, and no more"),
    "supervised-by": may(Text("a role", 40), "who watches it"),
    "recorded": may(Flag(), "whether it is recorded"),
    "viewable-by": may(some_of("person controller auditor"), "who can see the record after"),
    "ends": may(some_of("solved case-closed time-over persons-word"), "what ends it, at once"),
    "at-most": may(TIME, "how long it lasts, at most"),
}
_CONTACT = {
    "kind": must(
        one_of("officer email phone ticket chat app-ticket form letter consultation button"),
        "what sort of channel it is",
    ),
    "value": must(Text("an address", 200), "the address, number or place"),
    "takes": may(
        some_of(
            "question opinion complaint request requirement feedback support report inquiry infringement"
        ),
        "what it takes in",
    ),
    "hours": may(
        Parsed(parse_hours, "8 hours on 7 days", "([1-9]|1[0-9]|2[0-4]) hours on [1-7] days"),
        "how long it is attended",
    ),
}
_READING = {
    "between": must(ListOf(CLAUSE_ID), "the clauses that differ"),
    "keeps": must(CLAUSE_ID_OR_BOTH, "the clause whose reading is kept, or `both`", "kept"),
    "how": must(
        one_of("earlier-of union intersection stricter specific hold-then-erase"), "how they combine"
    ),
    "because": must(one_of("stricter law specific names-a-date"), "why"),
}

PROMISED: Mapping[str, Section] = {
    "protection": Section("safeguards", Shape(shape.Protection, _PROTECTION)),
    "incidents": Section("what is done when information is at risk", Shape(shape.Incident, _INCIDENT)),
    "pledges": Section("promises only people can keep", Shape(shape.Pledge, _PLEDGE)),
    "messages": Section("notices and marketing", Shape(shape.Message, _MESSAGE)),
    "stops": Section("ways to say no more", Shape(shape.Stop, _STOP)),
    "support": Section("staff at work on somebody's matter", Shape(shape.Support, _SUPPORT)),
    "on-behalf": Section("what is processed for a customer who decides", Shape(shape.OnBehalf, _ON_BEHALF)),
    "rights": Section("what people can ask for", Shape(shape.Right, _RIGHT)),
    "requests": Section(
        "how requests are taken in and answered", Shape(shape.Request, _REQUEST, words=False)
    ),
    "minors": Section("children and young people", Shape(shape.Minors, _MINORS, words=False)),
    "changes": Section("how the policy changes", Shape(shape.Change, _CHANGE, words=False)),
    "ending": Section("how a service ends", Shape(shape.Ending, _ENDING, words=False)),
    "contact": Section("how to reach us", Shape(shape.Contact, _CONTACT)),
    "readings": Section(
        "which reading holds where the text contradicts itself", Shape(shape.Reading, _READING, words=False)
    ),
}
