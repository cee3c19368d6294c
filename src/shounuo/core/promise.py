"""Promises and the words for how they stand; the catalogue of stories (probe kinds) that can show them kept.

1. A clause that binds no system has no status but `none`.
2. `kept` needs a probe that ran now and passed; a clause marked `later`, or without a probe, is `unproven`.
3. A promise only people can keep is `people` when an owner and a rhythm are named.
4. A promise whose far side is a partner's conduct is `edge`: what leaves is proven, the rest is bound by
   paper.
5. A failed probe makes its clause `broken`, whatever else passed.
6. A clause with a probe whose story nobody tells yet, or not with that parameter or word (`UNTOLD`), is
   `unproven`, whatever else passed.

The catalogue lies here, below both the language and the prover: compile refuses a probe that does not exist,
and a test holds the prover to telling every story named here, but for those of `UNTOLD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shounuo.core.category import CASE_KINDS
from shounuo.core.moment import CHANNELS, EVENTS, MOMENTS
from shounuo.core.policy import Act, Ground


class Status(StrEnum):
    """The words of the report, never mixed."""

    KEPT = "kept"
    EDGE = "edge"
    PEOPLE = "people"
    BROKEN = "broken"
    UNPROVEN = "unproven"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ProbeKind:
    """One kind of story. A parameter maps to the sections its names must be declared in; empty means words: those of
    `words`, where the story knows only so many, and else any.
    """

    story: str
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, tuple[str, ...]]:
        """Every parameter, needed or not."""
        return {**self.needs, **self.may}


_PURPOSES = ("scenes", "uses")
_ACT = {
    "scene": ("scenes",),
    "use": ("uses",),
    "recipient": ("recipients",),
    "service": ("services",),
    "door": ("sharing",),
}

PROBES: Mapping[str, ProbeKind] = {
    # taking and reading
    "collects-only": ProbeKind(
        "A form comes with the declared fields, with one missing, with one more: stored, refused, the extra "
        "dropped.",
        {"scene": ("scenes",)},
        {"needs": (), "proves": ("information",)},
    ),
    "only-while": ProbeKind(
        "Data arrive before, while and after the occasion: taken only while it lasts, and only the listed "
        "fields.",
        {"while": ("occasions",)},
        {"scene": ("scenes",), "recipient": ("recipients",)},
    ),
    "reads-only": ProbeKind(
        "A reader names a listed purpose, another one, none: released and logged, refused, refused.",
        {"of": ("information",), "for": _PURPOSES},
        {"deny": ()},
    ),
    "unprofiled": ProbeKind(
        "Two people alike but for their profile, and a switch turned off: the same page, message or price, the "
        "data not read, the factors explained.",
        {"use": ("uses",)},
        {"off": ("information",), "factors": ()},
    ),
    "sealed": ProbeKind(
        "Known values are written through the product, then searched for in database, ledger, journal and "
        "log: nowhere in clear.",
        {"of": ("information",)},
        {"form": ()},
        words={
            "form": (
                "sealed",
                "hashed",
                "pseudonym",
                "memory-only",
            )
        },
    ),
    # yes and no
    "consent-first": ProbeKind(
        "The act is tried without this yes, with only a general one, with it: refused and nothing kept, "
        "refused, done with a receipt.",
        {"item": ("consent",)},
        {**_ACT, "shows": ()},
    ),
    "withdraw-stops": ProbeKind(
        "Of two consents one is withdrawn: every later act under it is refused, the other goes on.",
        {"item": ("consent",)},
        {**_ACT, "other": _PURPOSES},
    ),
    "refusal-costs-only": ProbeKind(
        "A person says no and uses everything else: only what is listed is closed, and the cost was told.",
        {"closed": ("scenes", "uses", "services", "recipients", "cookies")},
        {
            "item": ("consent",),
            "scene": ("scenes",),
            "use": ("uses",),
            "open": ("scenes", "uses", "services"),
        },
    ),
    "tells-first": ProbeKind(
        "The act is tried unseen, then after showing: it waits, it passes, and the record holds text, "
        "version and time.",
        {"shows": ()},
        {**_ACT, "at": (), "right": ("rights",), "item": ("consent",), "request": ()},
        words={"at": MOMENTS, "request": CASE_KINDS},
    ),
    "as-of": ProbeKind(
        "What held at two past moments is asked today: the answer of that time, its text unaltered.",
        {"what": ()},
    ),
    "age-gate": ProbeKind(
        "The day before a birthday and on it, with and without a guardian: as the rule says, nothing kept "
        "on refusal.",
        {"minors": ("minors",)},
    ),
    "message-stops": ProbeKind(
        "A person who opted in says no more in one way: the channels named fall silent, the bill still "
        "arrives.",
        {},
        {"stop": ("stops",), "still": ("messages",), "message": ("messages",)},
    ),
    # going out
    "outflow-needs": ProbeKind(
        "An outflow without a case, with a wrong one, with its case and papers, with one field more: "
        "refused, refused, registered, refused.",
        {"act": ()},
        {
            "door": ("sharing",),
            "to": ("recipients",),
            "case": (),
            "deny": (),
            "of": ("information",),
            "for": _PURPOSES,
        },
        words={"act": ("any", *(one.value for one in Act)), "case": tuple(one.value for one in Ground)},
    ),
    "papers-first": ProbeKind(
        "A recipient or door is used with a paper missing, expired, in force: refused, refused, passes.",
        {"papers": ("papers",)},
        {
            "recipient": ("recipients",),
            "door": ("sharing",),
            "scene": ("scenes",),
            "protection": ("protection",),
            "pledge": ("pledges",),
        },
    ),
    "released-anonymous": ProbeKind(
        "A data set is to be released or joined: identifiers are gone, every record fits enough people, keys "
        "stay, the undertaking is there.",
        {"of": ("information",)},
        {"door": ("sharing",), "use": ("uses",)},
    ),
    "session": ProbeKind(
        "Staff ask for access with permission and without, and it ends: open for its matter only, recorded, "
        "watched, dead at once.",
        {"support": ("support",)},
        {"door": ("sharing",), "part": ()},
        words={
            "part": (
                "ends",
                "grounds",
                "permission",
                "supervised",
                "viewable",
            )
        },
    ),
    "for-controller": ProbeKind(
        "A customer's data meet our own purpose, their instruction, another's, and a request: refused, done "
        "and shown, refused, passed on.",
        {"on-behalf": ("on-behalf",)},
        {"part": ()},
        words={
            "part": (
                "classes",
                "controller-leaves",
                "instruction",
                "own-purpose",
                "personal-account-stays",
                "request",
            )
        },
    ),
    # where and how long
    "stays-in": ProbeKind(
        "A target outside the region is set up or written to: refused.",
        {"outside": ()},
        {"covers": ()},
        words={
            "covers": (
                "store",
                "backup",
                "replica",
                "cache",
                "log",
                "service",
            )
        },
    ),
    "expires": ProbeKind(
        "The clock moves to the day before the end and to the day after: there, then gone, with a record of "
        "the run.",
        {"of": ("information",)},
    ),
    "held": ProbeKind(
        "Data the law still wants are asked to be erased: locked, read for nothing but the listed grounds, "
        "erased by themselves at the end.",
        {"hold": ("holds",), "of": ("information",)},
        {"deny": ()},
    ),
    "erased-everywhere": ProbeKind(
        "Data are erased for this trigger: found nowhere, and the certificate waits until backups cannot be "
        "read either.",
        {"trigger": ()},
        {"right": ("rights",), "of": ("information",)},
        words={
            "trigger": (
                "delete",
                "account-closed",
                "minor-found",
                "expired",
            )
        },
    ),
    "winds-down": ProbeKind(
        "A service comes to its end and its clean-up closes: nothing more is taken, nothing is left but named "
        "holds.",
        {"ending": ("ending",)},
        {"part": ()},
        words={
            "part": (
                "stop",
                "collecting-stops",
                "erase",
                "nothing-left",
            )
        },
    ),
    # guarding
    "staff-sees-only": ProbeKind(
        "Staff read with and without role and stated need: masked or refused, else shown item by item and "
        "on record.",
        {"of": ("information",)},
        {"for": _PURPOSES},
    ),
    "logged": ProbeKind(
        "Acts of these kinds leave complete entries; altering one makes the check fail.",
        {"acts": ()},
        words={"acts": ("read",)},
    ),
    "withstands": ProbeKind(
        "A running server is attacked: refused, and an entry says so.",
        {"attacks": ()},
        words={
            "attacks": (
                "injection",
                "bulk-reads",
                "failed-sign-ins",
            )
        },
    ),
    "incident-run": ProbeKind(
        "An incident is known, drafted and closed too early: steps have owners, an empty part is not sent, it "
        "does not close.",
        {"incident": ("incidents",)},
        {"part": ()},
        words={
            "part": (
                "plan",
                "steps",
                "contain",
                "content",
                "notices",
                "report",
                "file",
            )
        },
    ),
    "reminds": ProbeKind(
        "The due date of a pledge passes with and without proof: quiet; a task for its owner and the "
        "declared lapse.",
        {"pledge": ("pledges",)},
    ),
    # asking and answering
    "takes-in": ProbeKind(
        "A message comes in by each channel: a case with number, channel, arrival, owner and due date.",
        {"kind": ()},
        {"channels": ()},
        words={"kind": CASE_KINDS},
    ),
    "verified-first": ProbeKind(
        "A request is carried out before anyone is verified: refused.",
        {"kinds": ()},
        words={"kinds": CASE_KINDS},
    ),
    "right-works": ProbeKind(
        "A verified person uses the right by each way: the effect, and nothing else changes.",
        {"right": ("rights",)},
    ),
    "in-time": ProbeKind(
        "A request arrives before a long holiday and the clock runs: due to the day, reminded, overdue, "
        "marked provisional.",
        {"kind": ()},
        {"from": ()},
        words={"kind": CASE_KINDS, "from": EVENTS},
    ),
    "refuses-only-on": ProbeKind(
        "An exception is claimed without a ground, with one not listed, with one listed: not savable, not "
        "savable, saved and told.",
        {"act": ()},
        words={
            "act": (
                "refuse",
                "process",
                "process-in-eea",
                "charge",
            )
        },
    ),
    "delivers": ProbeKind(
        "Something happens that must be told, and one channel fails: each person has a result, or the fallback "
        "with its reason; the act waits.",
        {"event": ()},
        {
            "channels": (),
            "fallback": (),
            "shows": (),
            "message": ("messages",),
            "incident": ("incidents",),
            "ending": ("ending",),
            "change": ("changes",),
            "door": ("sharing",),
            "service": ("services",),
        },
        words={"channels": CHANNELS, "fallback": CHANNELS},
    ),
    # the text
    "page-shows": ProbeKind(
        "A published page is fetched without sign-in: items, dates and emphasis equal the clause.",
        {"page": ()},
        {"shows": ()},
        words={
            "page": (
                "policy",
                "contact",
                "cookies",
                "information",
                "recipients",
                "retention",
                "rights",
                "services",
                "sharing",
            )
        },
    ),
    "refuses-incomplete": ProbeKind(
        "The policy is given back with a hole in this register: compile refuses it, naming the hole.",
        {"register": (), "columns": ()},
    ),
    "which-rule": ProbeKind(
        "Two texts differ on one matter: the named one wins, and the trace says so.",
        {"over": (), "wins": ()},
        {"topic": ()},
    ),
    "version-change": ProbeKind(
        "A second version is published: served, agreed, declined, each as its part says.",
        {"part": ()},
        words={
            "part": (
                "published",
                "asks-again",
                "new-purpose",
                "declined",
            )
        },
    ),
    "cookie-scan": ProbeKind(
        "The pages are crawled before and after a choice: only registered keys, the choice respected.",
        {"choice": ()},
        words={
            "choice": (
                "accepted",
                "refused",
            )
        },
    ),
}

UNTOLD: frozenset[str] = frozenset(
    {
        "collects-only.proves",
        "delivers",
        "for-controller",
        "incident-run",
        "message-stops.message",
        "papers-first.pledge",
        "papers-first.protection",
        "papers-first.scene",
        "refuses-only-on.act=charge",
        "refuses-only-on.act=process-in-eea",
        "released-anonymous",
        "session",
        "unprofiled",
        "winds-down",
    }
)  # (6)


def untold(kind: str, params: Mapping[str, object]) -> bool:
    """Whether nobody tells this story yet, or not with one of these parameters or words. (6)"""
    named = {f"{kind}.{param}" for param in params}
    words = {f"{kind}.{param}={word}" for param, value in params.items() for word in _words(value)}
    return not UNTOLD.isdisjoint({kind, *named, *words})


def _words(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
