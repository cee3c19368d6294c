"""Open an operator, and give out keys to its door.

1. An operator is opened once, with its keys in custody and its place in the ledger.
2. An access key is shown once, when it is made; only its hash is kept.
3. A revoked key is named in the outside journal before anyone is told, so no restored backup lets it in again.
4. An operator made for a proof is marked as throwaway, known to the prover's server alone, and shut when the proof is done.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from shounuo.duties.parts import Parts
from shounuo.errors import Invalid, NotFound
from shounuo.store.queries import load

_sql = load("shounuo.store", "sql/foundation.sql")
SCOPES = ("product", "officer", "auditor")


def find(parts: Parts, slug: str) -> UUID | None:
    """The operator of this public name, or None; while proving, a throwaway one too. (4)"""
    thrown = parts.store.ask_one(UUID, _sql.throwaway_by_slug, slug=slug) if parts.proving else None
    return thrown or parts.store.ask_one(UUID, _sql.operator_by_slug, slug=slug)


def open_operator(parts: Parts, slug: str) -> UUID:
    """Open an operator under a public name; while proving, a throwaway one. (1, 4)"""
    at = parts.clock.now()
    operator = uuid4()
    parts.signer.verifier(operator)  # its signing key is there before anything is signed
    with parts.store.act(operator) as act:
        act.do(
            _sql.put_throwaway if parts.proving else _sql.put_operator, operator=operator, slug=slug, at=at
        )
        parts.vault.open(act, at)
        act.append("opened", at, {})
    return operator


def shut(parts: Parts, operator: UUID) -> None:
    """Shut a throwaway operator: none of its keys opens anything any more. (4)"""
    with parts.store.act(operator) as act:
        at = parts.clock.now()
        act.do(_sql.revoke_access_keys, operator=operator, at=at)
        parts.changes.changed(act, at)


def new_key(parts: Parts, operator: UUID, label: str, scopes: tuple[str, ...] = SCOPES) -> str:
    """A new access key. (2)"""
    if unknown := set(scopes) - set(SCOPES):
        raise Invalid(
            "no-such-scope", f"no scope is called {', '.join(sorted(unknown))}; there are {', '.join(SCOPES)}"
        )
    at = parts.clock.now()
    key = secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).digest()
    with parts.store.act(operator) as act:
        act.do(
            _sql.put_access_key, operator=operator, key_hash=digest, scopes=list(scopes), label=label, at=at
        )
        act.append("key-made", at, {"scopes": sorted(scopes)})
    return key


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key by its hash: what it opens, since when, and whether it still does."""

    key_hash: bytes
    scopes: list[str]
    label: str
    created_at: datetime
    revoked_at: datetime | None


def keys(parts: Parts, operator: UUID) -> list[AccessKey]:
    """Every access key there was, the newest first."""
    with parts.store.act(operator) as act:
        return act.rows(AccessKey, _sql.access_keys, operator=operator)


def revoke_key(parts: Parts, operator: UUID, beginning: str) -> None:
    """Revoke the access key whose hash begins so. Raises NotFound when it is not exactly one."""
    at = parts.clock.now()
    with parts.store.act(operator) as act:
        made = act.rows(AccessKey, _sql.access_keys, operator=operator)
        meant = [
            one for one in made if one.key_hash.hex().startswith(beginning.lower()) and one.revoked_at is None
        ]
        if len(meant) != 1:
            raise NotFound("no-key", f"{len(meant)} keys in use begin so; `shounuo keys list` shows them")
        act.do(_sql.revoke_access_key, operator=operator, key_hash=meant[0].key_hash, at=at)
        parts.changes.changed(act, at)
        act.deny("key-revoked", at, None, meant[0].key_hash.hex())  # (3)
        act.append("key-revoked", at, {"scopes": sorted(meant[0].scopes)})
