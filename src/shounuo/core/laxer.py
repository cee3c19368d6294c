"""Which of two values of a field promises people less.

1. Every field has a direction, or none. A field that is not listed here has none, and of it nothing is told.
2. Of a list a direction is that of its members: what a new one takes (an item, a recipient, a ground to refuse), or
   what a lost one gives (a right's way, a place erased in, a paper asked for). Where something is lost, it is less,
   whatever else is won.
3. A time is compared only where its dates cannot say otherwise: three years are more than six months, thirty
   natural days are neither more nor less than a month, and working days stretch over holidays.
4. Of words with an order (forms of consent, what follows at the end) the weaker is less.
5. Where a list that limits is left out and so means everything, leaving it out is less.
6. What cannot be told is None, and is never taken for harmless.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from shounuo.core.clause import Part
from shounuo.core.duration import (
    AtLeast,
    AtMost,
    Bound,
    EarlierOf,
    Hours,
    LongestOf,
    Minutes,
    Months,
    NaturalDays,
    Usually,
    WorkingDays,
    Years,
)
from shounuo.core.policy import Fee, OneOf, Refusal, Tells

# Entries that are new take more, or, gone, give less. (2)
_TAKES = frozenset(["scenes", "uses", "recipients", "cookies", "sharing", "permissions", "holds", "messages"])
_GIVES = frozenset(
    [
        "rights",
        "requests",
        "contact",
        "protection",
        "pledges",
        "papers",
        "stops",
        "incidents",
        "consent",
        "ending",
        "minors",
        "changes",
    ]
)


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A key is `section.key` where it means something else elsewhere. More members are less for people. (2)
_MORE = _keys(
    "requires optional uses.of factors receives purposes opens carries sharing.to sharing.for recipients.for "
    "sharing.on consent.without.grounds grounds keys cookies.holds refuse-on rights.unless holds.opens-for extend closed viewable-by roles "
    "on-behalf.of support.of on-behalf.for support.for"
)
# Fewer members are less for people. (2)
_FEWER = _keys(
    "asks needs papers shows channels fallback ways way includes passes-on kinds routes refusal-needs "
    "sharing.only-if never stops against protection.of log withstands serves grades freezes-on minors.proof may "
    "what reconsent steps contain report-to report-shows file closes-with instruction on-behalf.proves ends takes "
    "terms principles.of emphasis.of places versions instead open"
)
_NO_SIDE = _keys("messages.channels")
# Lists that limit, and mean everything where they are left out. (5)
_LIMITS = _keys("when retention.opens-for")
_GRANTS = _keys("rights.on rights.of")  # the same, where what is limited is what people can ask
_WAYS = _keys("path withdraw clear approval")  # by face of the product, or by grade
# A longer time is less for people; a missing one promises none. (3)
_LONGER = _keys(
    "retention.for cookies.life period review within passes-on-within found starts report-within stops-within "
    "then-within at-most vetted every goes-on fee.per"
)
_SHORTER = _keys("ahead again scenes.every")
_ENDLESS = _keys("cookies.life")  # left out, it ends with the session: that is the shortest
_HIGHER = _keys("alert-over pledges.at-most")
_LOWER = _keys("under alike fee.after")
_AGE_FROM = "minors.from"
# Words in order, best for people first; None stands for a key left out. (4)
_ORDERS: Mapping[str, tuple[object, ...]] = {
    "form": ("separate", "explicit", "general"),
    "then": ("erase", "erase-or-anonymise", "anonymise", "restrict"),
    "expires": ("stops", "warns"),
    "sign-in": ("none-needed", "needed"),
    "open-to": ("everyone", "on-request"),
    "how": ("on-device", "sent"),
    "grade": ("sensitive", "ordinary", "public"),
    "store": ("never", "memory-only", "hashed", "pseudonym", "sealed"),
    "transport": ("mutual-TLS", "TLS-1.3", "TLS-1.2", None),
    "breach": ("suspend", "report", None),
    "minors.rule": ("refuse", "guardian-consent"),
    "minors.meanwhile": ("suspended", None),
    "rights.meanwhile": ("suspended", "goes-on", None),
    "no-less": ("explicit-consent", None),
    "format": ("machine-readable", "printed", None),
    "evidence": ("kept", None),
    "reviewer": ("another-owner", None),
    "requests.proof": ("destroyed", "kept", None),
    "access": ("none", "on-instruction"),
    "reads": ("text", "summary", None),
    "basis": ("separate-consent", "consent", "contract"),
    "refusal": ("keeps-version-agreed-to", "service-ends"),
    "off-switch": (True, False),
    "masked": (True, False),
    "need-stated": (True, False),
    "recorded": (True, False),
    "acknowledged": (True, False),
    "findable": (False, True),
    "emphasised": (True, False),
    "seal": ("set", None),
    "session": ("set", None),
    "supervised-by": ("set", None),
    "permission-by": ("set", None),
    "hold": (None, "set"),
}
_SET = _keys("seal session supervised-by permission-by hold")
_REGIONS = _keys("country region")
_HOME = "CN-mainland"


def entry(section: str, *, added: bool) -> bool | None:
    """Whether an entry that is new, or gone, leaves people less; None where that cannot be told. (2)"""
    if section in _TAKES:
        return added
    return not added if section in _GIVES else None


def field(section: str, key: str, was: object, is_: object) -> bool | None:
    """Whether a field that had one value and has another leaves people less; None where that cannot be told."""
    if isinstance(was, Part) and isinstance(is_, Part):
        was, is_ = was.of, is_.of
    if isinstance(was, Tells | Fee | Refusal) or isinstance(is_, Tells | Fee | Refusal):
        return _structured(was, is_)
    key = f"{section}.{key}" if _known(f"{section}.{key}") else key
    if key in _NO_SIDE:
        return None
    if key in _LIMITS:
        return _limit(was, is_)
    if key in _GRANTS:
        return None if (found := _limit(was, is_)) is None else not found
    if key in _MORE or key in _FEWER:
        return _list(key in _MORE, was, is_)
    if key in _LONGER or key in _SHORTER:
        return _time(key, was, is_)
    if key in _HIGHER or key in _LOWER or key == _AGE_FROM:
        return _number(key, was, is_)
    if key in _REGIONS:
        return _region(was, is_)
    if key in _ORDERS:
        return _order(_ORDERS[key], *("set" if key in _SET and one else one for one in (was, is_)))
    if key in _WAYS and isinstance(was, Mapping) and isinstance(is_, Mapping):
        return _list(False, tuple(was), tuple(is_))
    return None


def _known(key: str) -> bool:
    groups = (
        _MORE,
        _FEWER,
        _NO_SIDE,
        _LIMITS,
        _GRANTS,
        _LONGER,
        _SHORTER,
        _HIGHER,
        _LOWER,
        _ORDERS,
        {_AGE_FROM},
    )
    return any(key in group for group in groups)


def together(found: Iterable[bool | None]) -> bool | None:
    """What several judgements make: less in one is less; better is only what is nowhere unsure."""
    seen = set(found)
    if True in seen:
        return True
    return None if None in seen or not seen else False


def _members(value: object) -> frozenset[object]:
    if not isinstance(value, tuple):
        return frozenset()
    return frozenset(name for one in value for name in (one.items if isinstance(one, OneOf) else (one,)))


def _list(more: bool, was: object, is_: object) -> bool | None:
    before, after = _members(was), _members(is_)
    gone, new = before - after, after - before
    worse, better = (new, gone) if more else (gone, new)
    return True if worse else False if better else None


def _limit(was: object, is_: object) -> bool | None:
    if bool(was) != bool(is_):
        return not is_  # (5)
    return _list(True, was, is_)


def _number(key: str, was: object, is_: object) -> bool | None:
    if key == _AGE_FROM:
        was, is_ = was or 0, is_ or 0  # none begins at birth
    if is_ is None or was is None:
        return None if was is is_ else is_ is None
    if not isinstance(was, int | Decimal) or not isinstance(is_, int | Decimal) or was == is_:
        return None
    return is_ < was if key in _LOWER else is_ > was


def _region(was: object, is_: object) -> bool | None:
    if _HOME in (was, is_) and was != is_:
        return was == _HOME
    return None


def _order(order: tuple[object, ...], was: object, is_: object) -> bool | None:
    before, after = (getattr(one, "value", one) for one in (was, is_))
    if before in order and after in order and before != after:
        return order.index(after) > order.index(before)
    return None


def _time(key: str, was: object, is_: object) -> bool | None:
    if was is None or is_ is None:
        if was is is_:
            return None
        return (is_ is None) != (key in _ENDLESS)
    longer = _longer(was, is_)
    return longer if longer is None or key not in _SHORTER else not longer


def _longer(was: object, is_: object) -> bool | None:
    """Whether the second time is longer for certain, or shorter for certain. (3)"""
    if isinstance(was, AtLeast | AtMost) or isinstance(is_, AtLeast | AtMost):
        if isinstance(was, AtLeast) and isinstance(is_, AtLeast):
            return _longer(was.period, is_.period)
        if isinstance(was, AtMost) and isinstance(is_, AtMost):
            return _longer(was.period, is_.period)
        return None
    if isinstance(was, Usually) and isinstance(is_, Usually):
        ends = ((was.at_most, is_.at_most), (was.usually, is_.usually))
        return together(_longer(before, after) for before, after in ends if before != after)
    mine, other = _bare(was), _bare(is_)
    if isinstance(mine, WorkingDays) and isinstance(other, WorkingDays):
        return None if mine.n == other.n else other.n > mine.n
    for unit in (_months, _span):  # months and years are counted alike, whatever their days
        before, after = unit(was), unit(is_)
        if before and after:
            return True if after[0] > before[1] else False if after[1] < before[0] else None
    return None


def _bare(value: object) -> object:
    return value.bound if isinstance(value, Bound) else value


def _months(value: object) -> tuple[int, int] | None:
    match _bare(value):
        case Years(n=n):
            return 12 * n, 12 * n
        case Months(n=n):
            return n, n
        case _:
            return None


def _span(value: object) -> tuple[int, int] | None:
    """The fewest and the most minutes a time can have. (3)"""
    day = 24 * 60
    match _bare(value):
        case Minutes(n=n):
            return n, n
        case Hours(n=n):
            return 60 * n, 60 * n
        case NaturalDays(n=n):
            return day * n, day * n
        case Usually(at_most=most):
            return _span(most)
        case WorkingDays(n=n):  # no holiday here is longer than nine days, and weekends are two of seven
            return day * n, day * (2 * n + 9)
        case Months(n=n):
            return day * max(28 * n, 365 * n // 12 - 3), day * 31 * n
        case Years(n=n):
            return day * 365 * n, day * 366 * n
        case EarlierOf(terms=terms):
            spans = [span for term in terms if (span := _span(term))]
            return min(low for low, _ in spans), min(high for _, high in spans)
        case LongestOf(terms=terms):
            spans = [span for term in terms if (span := _span(term))]
            return max(low for low, _ in spans), max(high for _, high in spans)
        case _:
            return None


_INNER: Mapping[type, tuple[tuple[str, str], ...]] = {
    Tells: tuple(
        (name, name) for name in ("shows", "acknowledged", "channels", "fallback", "within", "ahead")
    ),
    Refusal: (("closed", "closed"),),
    Fee: (("after", "fee.after"), ("per", "fee.per")),
}


def _structured(was: object, is_: object) -> bool | None:
    if was is None or is_ is None:
        one = was if is_ is None else is_
        if isinstance(one, Refusal):
            return None  # what a no costs is told now, or no longer: what it costs may be as it was
        return (is_ is None) == isinstance(one, Tells)
    if type(was) is not type(is_):
        return None
    kind = type(is_)
    differs = {name for name in kind.__dataclass_fields__ if getattr(was, name) != getattr(is_, name)}  # type: ignore[attr-defined]
    known = {name for name, _ in _INNER[kind]}
    found: list[bool | None] = [None] * bool(differs - known - {"open"})
    for name, key in _INNER[kind]:
        if name in differs:
            found.append(field("", key, getattr(was, name), getattr(is_, name)))
    return together(found)
