"""Keep information where it was promised to lie.

1. A place outside the region the policy names for its kind of copy is refused. Hong Kong, Macao and Taiwan are outside
   CN-mainland.
2. A kind of copy no storage entry covers has no place at all.
3. A place is taken up once; its name is not given to another.
"""

from uuid import UUID

from shounuo.core.policy import Storage
from shounuo.core.rulebook import Rulebook
from shounuo.duties import once
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Parts, sql
from shounuo.errors import Conflict, Refused


def add(parts: Parts, operator: UUID, name: str, region: str, covers: str) -> None:
    """Take up a place for one kind of copy. Raises Refused."""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        must_lie_in(parts, book, region, covers)
        if not act.do(
            sql.put_place, operator=operator, name=name, region=region, covers=covers, at=at
        ):  # (3)
            raise Conflict("already-there", "a place of this name was taken up before")
        once.made(parts, act, name)
        act.append("place-added", at, {"region": region, "covers": covers})


def must_lie_in(parts: Parts, book: Rulebook, region: str, covers: str) -> None:
    """Raise Refused unless a storage entry lets this kind of copy lie in `region`. (1, 2)"""
    entries = [e for e in book.policy.of("storage").values() if isinstance(e, Storage) and covers in e.covers]
    clauses = tuple(clause for entry in entries for clause in entry.keeps)
    if not entries:
        raise Refused("abroad", f"the policy names no place for a {covers}", clauses)
    if not parts.controls.lies_in(region, tuple(entry.region for entry in entries)):
        raise Refused("abroad", f"a {covers} must lie in {entries[0].region}", clauses)
