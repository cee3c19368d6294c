"""What may be kept at all, asked before anything else is done.

1. Some kinds are never stored, whatever a policy says: a card's security code is refused.
2. A text is whole Unicode without NUL, and no longer than a value may be; a larger one is a file.
3. A chest has a name of its own; that of the pseudonym is taken.
4. A secret cannot be searched for.
"""

from shounuo.core.category import LONGEST
from shounuo.errors import Invalid, Refused
from shounuo.vault.shapes import PSEUDONYM, Field

NEVER_KEPT = frozenset({"card-security-code"})
SECRET = "secret"  # noqa: S105 - the name of a kind
_NAME_MOST = 200


def must_be_keepable(value: Field) -> None:
    """Raise `Refused` or `Invalid` unless this value may be kept. No message holds any of it."""
    if value.kind in NEVER_KEPT:  # (1)
        raise Refused("never-kept", f"a value of the kind `{value.kind}` is never stored")
    must_be_text(value.text)
    must_be_chest(value.chest)
    if value.findable and value.kind == SECRET:  # (4)
        raise Invalid("secret", "a secret cannot be searched for")
    if not 1 <= len(value.name) <= _NAME_MOST:
        raise Invalid("field", f"the name of a field has 1 to {_NAME_MOST} characters")


def must_be_text(text: str) -> None:
    """Raise `Invalid` unless this text may be kept (2)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        whole = False
    else:
        whole = "\x00" not in text
    if not whole:
        raise Invalid("value", "a text holds characters that cannot be kept")
    if len(text) > LONGEST:
        raise Invalid("value", f"a value has at most {LONGEST} characters; keep a larger one as a file")


def must_be_chest(name: str) -> None:
    """Raise `Invalid` unless values may be put into a chest of this name (3)."""
    if name == PSEUDONYM:
        raise Invalid(
            "chest", f"the chest `{PSEUDONYM}` holds a person's name in the ledger and nothing else"
        )
    if not 1 <= len(name) <= _NAME_MOST:
        raise Invalid("chest", f"the name of a chest has 1 to {_NAME_MOST} characters")
