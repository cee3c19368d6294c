"""A person's name in the ledger: random, so that it says nothing; sealed, so that it can be forgotten.

1. It is 16 random bytes, in base64url. It lies nowhere but sealed in a chest of its own, beside the person.
2. When that chest goes, entries in the ledger can no longer be told to be this person's, except by who
   shows them.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from shounuo.errors import NotFound
from shounuo.store.act import Act
from shounuo.vault.keys import Generation, Keys, people
from shounuo.vault.seal import Context, open_, seal
from shounuo.vault.shapes import PSEUDONYM

_BYTES = 16
_NO_RECORD = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pseudonym as it lies in the database, with one of the keys that open it."""

    sealed: bytes | None
    wrapping_key: UUID | None
    wrapped: bytes | None


def give(act: Act, keys: Keys, generation: Generation, person: UUID) -> str:
    """Give a person who has none a pseudonym; return it. The person is held."""
    made = secrets.token_urlsafe(_BYTES)
    key = keys.chests(act, generation, person, [PSEUDONYM])[PSEUDONYM]
    sealed = seal("aes-256-gcm", key, made.encode(), _place(act, person))
    act.do(people.set_pseudonym, operator=act.operator, person=person, sealed=sealed)
    return made


def read(act: Act, keys: Keys, person: UUID) -> str:
    """Return a person's pseudonym; `NotFound` with the code `person`, or `pseudonym` when it was erased
    (2).
    """
    rows = act.rows(Sealed, people.pseudonym, operator=act.operator, person=person, chest=PSEUDONYM)
    if not rows:
        raise NotFound("person", "there is no such person")
    kept = rows[0].sealed
    if kept is None:
        raise NotFound("pseudonym", "this person's name in the ledger was erased")
    key = keys.unwrap(act, person, PSEUDONYM, rows[0].wrapping_key, rows[0].wrapped)
    return open_(key, kept, _place(act, person)).decode()


def erase(act: Act, keys: Keys, person: UUID) -> bool:
    """Erase a person's pseudonym; return whether there was one. The person is held."""
    rows = act.rows(Sealed, people.pseudonym, operator=act.operator, person=person, chest=PSEUDONYM)
    if not rows or rows[0].sealed is None:
        return False
    keys.drop(act, person, [PSEUDONYM])
    act.do(people.set_pseudonym, operator=act.operator, person=person, sealed=None)
    return True


def _place(act: Act, person: UUID) -> Context:
    return Context(act.operator, person, PSEUDONYM, _NO_RECORD, PSEUDONYM, PSEUDONYM)
