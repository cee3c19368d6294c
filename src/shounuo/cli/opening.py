"""Open the house for a command, and find the operator it speaks of."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from shounuo.config import Config, read
from shounuo.duties import operators
from shounuo.errors import Misconfigured
from shounuo.store.queries import load
from shounuo.wire import House, Known, open_house

_sql = load("shounuo.store", "sql/foundation.sql")


@contextmanager
def opened(config: Config | None = None) -> Iterator[House]:
    """The house on this machine."""
    with open_house(config or read()) as house:
        yield house


def names(house: House) -> list[str]:
    """The public names of everybody served here."""
    return [one.slug for one in house.store.ask(Known, _sql.operators)]


def operator_of(house: House, slug: str | None) -> tuple[UUID, str]:
    """The operator called `slug`; the only one, when no name is given. The guard has looked at it."""
    known = house.store.ask(Known, _sql.operators)
    if slug is None:
        if not known:
            raise Misconfigured("no policy was published here yet: `shounuo publish FILE` does it")
        if len(known) > 1:
            raise Misconfigured(
                f"there are several operators: name one with `--operator` ({', '.join(k.slug for k in known[:8])})"
            )
        house.guard.check(known[0].id)
        return known[0].id, known[0].slug
    found = operators.find(house.parts, slug)
    if found is None:
        raise Misconfigured(
            f"no operator is called `{slug}`: `shounuo publish FILE --operator {slug}` makes one; "
            f"there are {', '.join(one.slug for one in known[:8]) or 'none'}"
        )
    house.guard.check(found)
    return found, slug
