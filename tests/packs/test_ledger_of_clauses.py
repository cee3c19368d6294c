"""All packs against the ledger of their clauses: ids, kinds, and every number the texts fix.

The ledger lies beside this test, a file a pack, written from the published texts and not from the packs, so that a
slip in a pack is found and not copied. `numbers` is what the text fixes, as it was read there, its parts set off by
`|`; `facts` is how a pack must carry each part, as values set off by `;`. A `-` says why: a clause that binds no
system may leave its number to its words, and "any time" or "as law requires" is no number.
"""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shounuo.cli import main, packs
from shounuo.core import consistency
from shounuo.core.clause import Clause
from shounuo.core.difference import plain
from shounuo.core.policy import Policy
from shounuo.language.load import load

HERE = Path(__file__).parent
CLAUSES = {"changlian": 173, "huiju": 192, "kexun": 114, "tuyi": 110, "vnet": 113}
BINDING = {"changlian": 138, "huiju": 173, "kexun": 98, "tuyi": 94, "vnet": 106}


@dataclass(frozen=True, slots=True)
class Row:
    """One clause of the ledger."""

    pack: str
    id: str
    kind: str
    numbers: tuple[str, ...]
    facts: tuple[str, ...]


def rows(pack: str) -> Iterator[Row]:
    """The ledger of one text, in its order."""
    lines = (HERE / f"{pack}_clauses.tsv").read_text("utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        numbers, facts = (tuple(filter(None, row[name].split(" | "))) for name in ("numbers", "facts"))
        yield Row(pack, row["id"], row["kind"], numbers, facts)


LEDGER = {pack: tuple(rows(pack)) for pack in CLAUSES}
NUMBERED = [row for ledger in LEDGER.values() for row in ledger if row.numbers]


def policy(pack: str) -> Policy:
    """The pack as it stands in the package."""
    source, label, slug = packs.find(pack)
    return load(source, label, slug)


def carried(clause: Clause) -> frozenset[str]:
    """Every value the clause carries, and every field it speaks of."""

    def leaves(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, one in value.items():
                yield str(key)
                yield from leaves(one)
        elif isinstance(value, list):
            for one in value:
                yield from leaves(one)
        else:
            yield str(value)

    return frozenset(leaves(plain(clause.facts)))


def test_the_ledger_is_whole() -> None:
    """702 clauses of five texts; whatever fixes a number says how a pack carries it, part by part."""
    assert packs.names() == sorted(CLAUSES)
    assert {pack: len(ledger) for pack, ledger in LEDGER.items()} == CLAUSES
    assert sum(CLAUSES.values()) == 702
    assert sum(BINDING.values()) == 609
    assert [row.id for row in NUMBERED if len(row.facts) != len(row.numbers)] == []
    assert [row.id for ledger in LEDGER.values() for row in ledger if row.facts and not row.numbers] == []


@pytest.mark.parametrize("pack", CLAUSES)
def test_every_clause_stands_in_its_place(pack: str) -> None:
    """Each id of the ledger stands in the pack, in the ledger's order and with its kind, and no other does."""
    stands = [(clause.id, clause.kind.value) for clause in policy(pack).clauses.values()]
    assert stands == [(row.id, row.kind) for row in LEDGER[pack]]


@pytest.mark.parametrize("pack", CLAUSES)
def test_every_binding_clause_is_kept(pack: str) -> None:
    """Each names the entries that keep it and the story that shows it, and none is put off."""
    clauses = policy(pack).clauses.values()
    kept = consistency.keepers(policy(pack))
    binding = [clause for clause in clauses if clause.binds]
    assert len(binding) == BINDING[pack]
    assert [clause.id for clause in binding if clause.id not in kept or not clause.probes] == []
    assert [clause.id for clause in clauses if clause.later] == []


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.id)
def test_every_number_is_carried(row: Row) -> None:
    """The clause carries each number of the text as a value that its entries are held to."""
    clause = policy(row.pack).clauses[row.id]
    values = carried(clause)
    for number, facts in zip(row.numbers, row.facts, strict=True):
        if facts != "-":
            assert set(facts.split("; ")) <= values, number
        elif clause.binds:
            assert not any(character.isdigit() for character in number), number


def test_compile_tells_all_of_it(capsys, monkeypatch) -> None:
    """`compile --all --json` lists every clause of every pack with its kind and what keeps it."""
    monkeypatch.setattr(sys, "argv", ["shounuo", "compile", "--all", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)["policies"]
    assert {one["policy"]: len(one["clauses"]) for one in told} == CLAUSES
    ledger = {row.id: row.kind for rows_ in LEDGER.values() for row in rows_}
    assert {clause["id"]: clause["kind"] for one in told for clause in one["clauses"]} == ledger
    binding = {clause.id for pack in CLAUSES for clause in policy(pack).clauses.values() if clause.binds}
    kept = {clause["id"] for one in told for clause in one["clauses"] if clause["kept_by"]}
    assert binding <= kept
    assert len(binding) == 609
    for one in told:
        paths = {entry.path for entry in policy(one["policy"]).entries()}
        assert {path for clause in one["clauses"] for path in clause["kept_by"]} <= paths
