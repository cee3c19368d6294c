"""Which code carries out what an entry says: section and field -> module, name, and the control asked.

1. A place names the fields it reads. A field no place names is held by compile alone, and `explain` says so.
2. Where a duty asks a control, the place is the control's own function: the one a prover takes away.
3. The register is kept by hand and held by a test: names exist, controls are those functions, the fields are read
   where it says, and a section without a place is read by no duty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A function that reads these fields of an entry, by what control it is asked, in which module they are read."""

    module: str
    name: str
    does: str
    fields: frozenset[str]  # as in Python
    control: str | None = None
    read_in: tuple[str, ...] = ()  # where other modules hand them over: the Rulebook, as a rule

    @property
    def path(self) -> str:
        """Module and name, as one types it."""
        return f"{self.module}.{self.name}"


def _place(path: str, does: str, fields: str, control: str | None = None, read_in: str = "") -> Place:
    module, _, name = path.partition(":")
    return Place(
        module=f"shounuo.{module}",
        name=name,
        does=does,
        fields=frozenset(fields.split()),
        control=control,
        read_in=tuple(f"shounuo.{one}" for one in read_in.split()),
    )


_RULES = "core.rulebook"


def _gate(fields: str, does: str = "the gate lets nothing happen that the entry does not allow") -> Place:
    return _place("core.decision:decide", does, fields, "decide", f"{_RULES} core.reach")


def _notice(fields: str) -> Place:
    does = "people are shown it before the act, in words made from the entry"
    return _place(f"{_RULES}:Rulebook.notice", does, fields, "notice", "core.notice core.reach")


COMPILE = _place("core.consistency:check", "compile holds the entry against its clauses", "", "check")

CARRIERS: Mapping[str, tuple[Place, ...]] = {
    "text": (
        _place("duties.publish:publish", "a version takes effect on its own date", "effective"),
        _gate("home", "what goes abroad is told by where the operator is at home"),
        _place("duties.controls:prevails", "the rule for the topic decides between two texts", "rules", "prevails", "duties.show"),
    ),
    "services": (_gate("needs"), _notice("tells text terms")),
    "information": (
        _place("core.category:fits", "a value not of its kind is refused", "kind", None, "core.scene"),
        _place("core.category:masked", "who may not see a value sees its mask", "mask", "masked", "duties.read"),
        _place("duties.controls:entitled", "who may see it in clear", "grade", "entitled"),
        _place("core.scene:admit", "what is never stored is refused, what lives in memory is let go", "store", "admit"),
        _place("duties.collect:collect", "each value is sealed, hashed or found again as its item says", "store findable"),
    ),
    "occasions": (_gate("", "outside the occasion nothing is taken"),),
    "scenes": (
        _place("core.scene:admit", "the declared fields are taken and no others", "requires optional", "admit"),
        _gate("basis when needs asks tells requires optional"),
        _notice("purpose necessity refusal tells requires optional"),
        _place("duties.collect:collect", "what is taken is sealed at once, in one act with its ledger entry", "basis source"),
    ),
    "uses": (
        _gate("of basis asks when never tells"),
        _notice("purpose of refusal tells"),
        _place("duties.read:read", "a value is read for a declared purpose only, and every read is on the ledger", ""),
    ),
    "consent": (
        _place("core.consent:standing", "the last answer stands, in its form or a stronger one", "form", "standing", _RULES),
        _place("core.consent:wording", "other words, form or reach are another item: an old yes does not carry over", "words form shows covers", None, "core.reach"),
        _place("duties.controls:unset", "nothing is ticked before the person chose", "", "unset"),
        _place("duties.agree:answer", "every answer is kept with what was on the screen", "form"),
        _notice("shows covers refusal"),
    ),
    "permissions": (_notice("opens"),),
    "recipients": (
        _gate("receives for_ when asks needs tells kind country"),
        _notice("company purpose receives"),
        _place("duties.share:share", "what goes out is registered in the same act, before anybody holds it", ""),
    ),
    "cookies": (
        _place("duties.controls:settable", "a key is set only if it is registered and the choice allows it", "purposes", "settable"),
        _place("duties.show:may_set", "the register answers for each key", "keys"),
    ),
    "storage": (
        _place("core.category:lies_in", "a place outside the region is refused", "region", "lies_in", "duties.places"),
        _place("duties.places:must_lie_in", "a kind of copy no entry covers has no place", "covers region"),
    ),
    "holds": (
        _place("duties.erase:items", "what the law still wants is locked instead of erased, and goes at the end", "period opens_for"),
        _place("core.decision:decide", "what is held opens for the listed grounds alone", "opens_for", "decide", "duties.decide"),
    ),
    "retention": (
        _place("core.retention:keeping", "each item has one rule; without one it is not kept", "of hold", "keeping"),
        _place("duties.due:run", "what is due goes by itself", ""),
    ),
    "sharing": (
        _gate("act on to only_if needs carries for_ never tells"),
        _place("duties.share:share", "what goes out is registered in the same act, before anybody holds it", ""),
    ),
    "protection": (
        _place("duties.controls:entitled", "a role sees in clear what every safeguard allows it, with its need stated", "roles need_stated of", "entitled"),
        _place("duties.collect:seal_of", "the algorithm a value is sealed with", "seal of"),
    ),
    "pledges": (
        _place("duties.controls:pledge_due", "when it is to be confirmed next", "every", "pledge_due"),
        _place("duties.papers:confirm", "who confirmed it, and where that can be looked up", ""),
    ),
    "papers": (
        _place("duties.papers:put_on_file", "a paper is on file for a holder, for its time", ""),
        _gate("", "without the paper in force nothing passes"),
    ),
    "messages": (_gate("klass channels asks"),),
    "stops": (
        _place("duties.controls:silenced", "the channels that fall silent", "stops way", "silenced"),
        _place("duties.agree:say_no_more", "a no is kept, and named in the outside journal before anyone is told", "of"),
    ),
    "rights": (
        _place("duties.controls:channels", "the ways a request comes in", "way kind", "channels"),
        _place("duties.answer:carry_out", "the request has its effect, and nothing else changes", "only_if"),
    ),
    "requests": (
        _place("core.request:rule_for", "the rule of each kind of request", "kinds", "rule_for"),
        _place("core.request:due", "the day it is due, by the calendar", "within from_", "due"),
        _place("core.request:move", "nothing is carried out before who asks is verified", "verify", "move"),
        _place("core.request:refusable", "a refusal has one of the listed grounds", "refuse_on", "refusable"),
    ),
    "minors": (
        _place("duties.people:bar", "who is too young is refused, or waits for a guardian", "under rule"),
        _place("core.calendar:age_on", "how old somebody is on a day", "", "age_on"),
        _gate("rule", "without a guardian's yes nothing happens"),
    ),
    "contact": (_place("duties.controls:channels", "every contact takes requests in", "", "channels"),),
}  # fmt: skip


def places(section: str, fields: Iterable[str]) -> tuple[Place, ...]:
    """The places that carry out these fields of a section's entries; where none is named, all of the section's. (1)"""
    wanted = frozenset(fields)
    found = CARRIERS.get(section, ())
    return tuple(place for place in found if not wanted or not place.fields or place.fields & wanted)
