"""Load SQL from `.sql` files, each query under its own name.

    -- name: put_value
    -- Keeps one sealed value of a person.
    insert into shounuo.value (operator, person, field, sealed)
    values (%(operator)s, %(person)s, %(field)s, %(sealed)s)

1. A query begins at its `-- name:` line; the comment on the next line says what it is for.
2. Two queries of one name, a query without a purpose or without text, and text before the first name are
   refused.
3. Parameters are `%(name)s` and nothing else; a percent sign is written `%%`.
4. A call brings exactly the parameters its query names. Another set is the programmer's fault:
   `TypeError`.
5. A query of a table that is parted by operator is planned for its operator each time. A plan kept for all of them would lock
   the parts of all, and with a thousand operators PostgreSQL has no room for so many locks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_BLOCK = re.compile(
    r"^-- name:[ \t]*(?P<name>[a-z][a-z0-9_]*)[ \t]*\n(?P<body>(?:(?!^-- name:).*\n?)*)", re.MULTILINE
)
_PARTED = re.compile(r"\bshounuo\.(chest_key|lookup)\b")
_PARAMETER = re.compile(r"%\(([a-z][a-z0-9_]*)\)s")


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One named statement: what it is for, its text, the parameters it asks for, whether its plan may be kept (5)."""

    name: str
    purpose: str
    text: bytes
    parameters: frozenset[str]
    keeps_plan: bool

    def bind(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """Return `values` when they are exactly the parameters of this query (4)."""
        if values.keys() != self.parameters:
            odd = ", ".join(sorted(values.keys() ^ self.parameters))
            raise TypeError(f"the query `{self.name}` and its caller differ in: {odd}")
        return values


class Queries:
    """The queries of one file, as attributes: `sql.put_value`."""

    def __init__(self, source: str, found: Mapping[str, Query]) -> None:
        self._source = source
        self._found = dict(found)

    def __getattr__(self, name: str) -> Query:
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"{self._source} has no query named `{name}`") from None

    def __dir__(self) -> list[str]:
        return sorted(self._found)


def load(package: str, file: str) -> Queries:
    """Read `file` (as `sql/values.sql`) beside the modules of `package`; a fault in it is a `ValueError`."""
    return parse(f"{package}:{file}", resources.files(package).joinpath(file).read_text(encoding="utf-8"))


def parse(source: str, text: str) -> Queries:
    """Take the text of a file of queries apart; `source` is what faults call it."""
    found: dict[str, Query] = {}
    if _BLOCK.sub("", text).strip():  # (2)
        raise ValueError(f"{source}: something stands outside of a `-- name:` block")
    for block in _BLOCK.finditer(text):
        query = _query(source, block["name"], block["body"])
        if query.name in found:
            raise ValueError(f"{source}: `{query.name}` is there twice")
        found[query.name] = query
    return Queries(source, found)


def _query(source: str, name: str, body: str) -> Query:
    purpose, _, text = body.partition("\n")
    text = text.strip().removesuffix(";")
    if not purpose.startswith("-- ") or not text:  # (1)
        raise ValueError(f"{source}: `{name}` needs a comment with its purpose, then its statement")
    if "%" in _PARAMETER.sub("", text).replace("%%", ""):  # (3)
        raise ValueError(f"{source}: `{name}` has a parameter that is not of the form %(name)s")
    parameters = frozenset(_PARAMETER.findall(text))
    keeps_plan = bool(parameters) and not _PARTED.search(text)
    return Query(name, purpose[3:].strip(), text.encode(), parameters, keeps_plan)
