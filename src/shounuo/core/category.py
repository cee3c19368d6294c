"""Kinds of personal information: how a value is recognised, and what a masked reader sees of it.

1. A value that is not of its declared kind is refused, never stored "for now".
2. A mask's name says what it shows; everything else is hidden. An unknown mask hides all.
3. Some kinds are never stored at all: the check is made before anything else.
4. A mask fits its kind: a domain is shown of an address, first and last digits of a number; only what is public
   stands unmasked.

Resident identity numbers follow GB 11643-1999 (18 digits, ISO 7064 MOD 11-2 check character); unified social
credit codes follow GB 32100-2015 (18 characters, base 31, weights 3**i mod 31); bank cards carry a Luhn digit
(ISO/IEC 7812).
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date

REQUEST_KINDS = (
    "access",
    "copy",
    "correct",
    "correct-identity",
    "delete",
    "withdraw",
    "close",
    "explain",
    "complain",
    "freeze",
    "guardian-delete",
    "guardian-question",
    "delete-order",
    "port",
    "object",
    "restrict",
    "human-review",
)

CASE_KINDS = (
    *REQUEST_KINDS,
    "question",
    "opinion",
    "complaint",
    "requirement",
    "feedback",
    "support",
    "inquiry",
    "report",
    "infringement",
)

LONGEST = 100_000  # characters in one value; larger ones are files, a later room

_REGION = re.compile(r"[A-Z]{2}\Z")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def parse_region(text: str) -> str:
    """A region: `CN-mainland`, or an ISO 3166 two-letter code. Hong Kong, Macao and Taiwan are outside
    CN-mainland.
    """
    if text == "CN-mainland" or _REGION.match(text):
        if text == "CN":
            raise ValueError(
                "`CN` does not say whether Hong Kong, Macao and Taiwan belong: write `CN-mainland`"
            )
        return text
    raise ValueError(f"`{text}` is not a region")


def lies_in(region: str, regions: tuple[str, ...]) -> bool:
    """Whether `region` is each of `regions`: every promise of a place holds. No region contains another."""
    return bool(regions) and all(region == one for one in regions)


def _pattern(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression)
    return lambda value: compiled.fullmatch(value) is not None


def _resident_id(value: str) -> bool:
    if not re.fullmatch(r"[1-9]\d{16}[0-9Xx]", value, re.ASCII):
        return False
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17].upper()


def _credit_code(value: str) -> bool:
    if len(value) != 18 or any(char not in _CREDIT for char in value):
        return False
    total = sum(_CREDIT.index(char) * (3**place % 31) for place, char in enumerate(value[:17]))
    return _CREDIT[-total % 31] == value[17]


def _luhn(value: str) -> bool:
    if not re.fullmatch(r"\d{12,19}", value, re.ASCII):
        return False
    doubled = (int(d) * 2 if place % 2 else int(d) for place, d in enumerate(reversed(value)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _any(value: str) -> bool:
    return bool(value.strip())


KINDS: Mapping[str, Callable[[str], bool]] = {
    "text": _any,
    "name": _pattern(r"[^\x00-\x1f]{1,80}"),
    "email": _pattern(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    "cn-mobile": _pattern(r"1[3-9][0-9]{9}"),
    "phone": _pattern(r"\+?[0-9][0-9 -]{5,19}"),
    "cn-id": _resident_id,
    "cn-credit-code": _credit_code,
    "bank-card": _luhn,
    "postcode": _pattern(r"[0-9]{6}"),
    "mac": _pattern(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}"),
    "ip": _ip,
    "secret": _any,
    "address": _any,
    "document": _any,
    "card-security-code": _pattern(r"[0-9]{3,4}"),
}


def fits(kind: str, value: str) -> bool:
    """Whether `value` is of `kind`: (1). An unknown kind fits nothing, and no value holds NUL or is
    over-long.
    """
    check = KINDS.get(kind)
    return check is not None and "\x00" not in value and len(value) <= LONGEST and check(value)


def _keep(first: int, last: int) -> Callable[[str], str]:
    def mask(value: str) -> str:
        if len(value) <= first + last:
            return "*" * len(value)
        return value[:first] + "*" * (len(value) - first - last) + value[len(value) - last :]

    return mask


def _keep_domain(value: str) -> str:
    name, at, domain = value.rpartition("@")
    return f"{'*' * max(1, len(name))}{at}{domain}" if at else "*" * len(value)


MASKS: Mapping[str, Callable[[str], str]] = {
    "keep-3-4": _keep(3, 4),
    "keep-1-1": _keep(1, 1),
    "keep-0-4": _keep(0, 4),
    "keep-1-0": _keep(1, 0),
    "keep-domain": _keep_domain,
    "all": lambda _: "****",
    "none": lambda value: value,
}


FITTING: Mapping[str, tuple[str, ...]] = {
    "text": ("keep-1-1", "keep-0-4", "keep-1-0"),
    "name": ("keep-1-0",),
    "email": ("keep-domain",),
    "cn-mobile": ("keep-3-4", "keep-0-4"),
    "phone": ("keep-3-4", "keep-0-4"),
    "cn-id": ("keep-1-1",),
    "cn-credit-code": ("keep-0-4",),
    "bank-card": ("keep-0-4",),
}


def mask_fits(mask: str, kind: str, grade: str) -> bool:
    """Whether a mask shows no more of a value of this kind and grade than is usual: (4)."""
    return mask == "all" or mask in FITTING.get(kind, ()) or (mask == "none" and grade == "public")


def masked(mask: str, value: str) -> str:
    """`value` as a masked reader sees it: (2)."""
    return MASKS.get(mask, MASKS["all"])(value)
