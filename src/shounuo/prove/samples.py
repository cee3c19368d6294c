"""Made-up people: values of every kind that are right in form and belong to nobody.

Mobile numbers use the prefix 199-0000, resident IDs the area code 999999 (no such place), cards the issuer
622999, mail the domain example.cn. The same seed gives the same person.
"""

import random

from shounuo.core.category import _CREDIT, KINDS  # the alphabet of credit codes

_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]


def value(kind: str, chance: random.Random, name: str = "") -> str:
    """A made-up value of `kind` that is like no other."""
    token = f"{chance.getrandbits(48):012x}"
    made = {
        "email": lambda: f"u{token}@example.cn",
        "cn-mobile": lambda: f"199{chance.randrange(10**8):08d}",
        "phone": lambda: f"+86 199{chance.randrange(10**8):08d}",
        "cn-id": lambda: resident_id(chance),
        "cn-credit-code": lambda: credit_code(chance),
        "bank-card": lambda: card(chance),
        "postcode": lambda: f"{chance.randrange(100000, 999999)}",
        "mac": lambda: ":".join(f"{chance.randrange(256):02X}" for _ in range(6)),
        "ip": lambda: f"198.51.100.{chance.randrange(1, 255)}",
        "secret": lambda: f"Pw-{token}-{token[::-1]}",
        "card-security-code": lambda: (
            f"{chance.randrange(100):03d}"
        ),  # no number is written with a nought before
    }.get(kind, lambda: f"{name or kind}-{token}")()
    assert KINDS[kind](made)
    return made


def wrong(kind: str, chance: random.Random) -> str | None:
    """A value that is nearly of `kind`, or None where anything is of it."""
    right = value(kind, chance)
    if kind in ("cn-id", "cn-credit-code", "bank-card"):
        return right[:-1] + next(
            c for c in "0123456789" if c != right[-1] and not KINDS[kind](right[:-1] + c)
        )
    return {
        "email": "not-an-address",
        "cn-mobile": "12345",
        "phone": "call me",
        "postcode": "12",
        "mac": "zz",
        "ip": "300.1.1.1",
    }.get(kind)


def resident_id(chance: random.Random) -> str:
    """A resident ID number with a right check character, of a place that does not exist."""
    born = f"{chance.randrange(1960, 2000)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    body = f"999999{born}{chance.randrange(1000):03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def credit_code(chance: random.Random) -> str:
    """A unified social credit code with a right check character."""
    body = "91" + "".join(chance.choice(_CREDIT) for _ in range(15))
    return body + _CREDIT[-sum(_CREDIT.index(c) * (3**i % 31) for i, c in enumerate(body)) % 31]


def card(chance: random.Random) -> str:
    """A card number with a right Luhn digit."""
    body = f"622999{chance.randrange(10**9):09d}"
    return next(body + str(d) for d in range(10) if KINDS["bank-card"](body + str(d)))
