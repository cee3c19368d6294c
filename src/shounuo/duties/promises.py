"""Tell how every promise stands: the clauses in force, what keeps each, and what the last proof said.

1. A clause without a proof of this version is `unproven`, whatever was proven of another.
2. A clause that binds no system is `none`.
3. A proof names the build it was made with, and the story it told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shounuo.core.consistency import keepers
from shounuo.core.promise import Status
from shounuo.duties.agree import in_force
from shounuo.duties.parts import Parts, sql


@dataclass(frozen=True, slots=True)
class Proof:
    """What was last said of a clause."""

    clause: str
    status: str
    probe: str | None
    build: str
    story: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """One clause as the wall shows it."""

    id: str
    kind: str
    section: str
    zh: str
    en: str
    emphasised: bool
    later: str | None
    kept_by: tuple[str, ...]
    status: Status
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Wall:
    """All promises of one version."""

    slug: str
    version: int
    published: str
    promises: tuple[Promise, ...]


def wall(parts: Parts, operator: UUID) -> Wall:
    """How every promise in force stands. (1, 2)"""
    with parts.store.act(operator) as act:
        book = in_force(parts, act)
        proofs = {
            one.clause: one for one in act.rows(Proof, sql.proofs, operator=operator, version=book.number)
        }
    kept = keepers(book.policy)
    promises = []
    for clause in book.policy.clauses.values():
        proof = proofs.get(clause.id)
        status = Status.NONE if not clause.binds else Status(proof.status) if proof else Status.UNPROVEN
        promises.append(
            Promise(
                clause.id,
                clause.kind.value,
                clause.section,
                clause.says.zh,
                clause.says.en,
                clause.emphasised,
                clause.later,
                tuple(entry.path for entry in kept.get(clause.id, ())),
                status,
                proof,
            )
        )
    dates = book.policy.of("text").get("dates")
    return Wall(book.policy.slug, book.number, str(getattr(dates, "published", "")), tuple(promises))


def keep_proofs(
    parts: Parts,
    operator: UUID,
    version: int,
    build: str,
    told: dict[str, tuple[Status, str | None, dict[str, Any]]],
) -> None:
    """Keep what a run of the prover said of each clause. (3)"""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        for clause, (status, probe, story) in told.items():
            act.do(
                sql.put_proof,
                operator=operator,
                version=version,
                clause=clause,
                status=status.value,
                probe=probe,
                build=build,
                story=story,
                at=at,
            )
        counts: dict[str, int] = {}
        for status, _, _ in told.values():
            counts[status.value] = counts.get(status.value, 0) + 1
        act.append("proven", at, {"version": version, "build": build, "counts": counts})


def version(parts: Parts, operator: UUID) -> int:
    """The version in force."""
    with parts.store.act(operator) as act:
        return in_force(parts, act).number


def proven(parts: Parts, operator: UUID, build: str, policy_hash: str) -> Wall | None:
    """The wall, when every binding clause of this very text was proven with this very build; else None."""
    with parts.store.act(operator) as act:
        if in_force(parts, act).hash != policy_hash:
            return None
    found = wall(parts, operator)
    binding = [one for one in found.promises if one.status is not Status.NONE]
    return (
        found
        if binding and all(one.proof is not None and one.proof.build == build for one in binding)
        else None
    )
