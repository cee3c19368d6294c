"""One operator's vault in tests: short ways to fill it, to read it and to turn its keys over."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from shounuo.custody.files import FileCustody
from shounuo.store.ids import uuid7
from shounuo.store.queries import parse
from shounuo.store.store import Store
from shounuo.vault.secret import Cost
from shounuo.vault.shapes import Field, RecordRow
from shounuo.vault.turn import Turning
from shounuo.vault.vault import Vault

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
PHONE = "13800138000"
RAW = parse(
    "tests",
    """
-- name: entries
-- Reads the ledger's entries.
select body from shounuo.ledger_entry
""",
)


def record_row(**said: Any) -> RecordRow:
    """Make one collection."""
    row = {
        "record": uuid7(NOON),
        "scene": "sign-in",
        "purpose": "sign-in",
        "policy_version": 1,
        "basis": "contract",
        "collected_at": NOON,
        "source": "person",
    }
    return RecordRow(**(row | said))


def phone(text: str = PHONE, **said: Any) -> Field:
    """Make a findable phone number in the chest `account`."""
    return Field(
        **({"name": "phone", "chest": "account", "text": text, "kind": "cn-mobile", "findable": True} | said)
    )


@dataclass
class Room:
    """One operator's vault, and short ways to fill it."""

    store: Store
    vault: Vault
    custody: FileCustody
    operator: UUID
    copies: Path

    def person(self, *values: Field, record: RecordRow | None = None) -> UUID:
        """Make a person who has these values in one record."""
        made = uuid4()
        with self.store.act(self.operator) as act:
            self.vault.register(act, made, NOON)
            if values:
                self.vault.put(act, made, record or record_row(), values)
        return made

    def texts(self, person: UUID) -> dict[str, str]:
        """Return what a person's fields hold."""
        with self.store.act(self.operator) as act:
            return {each.field: each.text for each in self.vault.get(act, person)}

    def found(self, text: str, name: str = "phone", kind: str = "cn-mobile") -> list[UUID]:
        """Return who is found by a value."""
        with self.store.act(self.operator) as act:
            return self.vault.find(act, name, text, kind)

    def do(self, what: Callable[..., Any], *said: Any, **more: Any) -> Any:
        """Call a method of the vault in an act of its own."""
        with self.store.act(self.operator) as act:
            return what(act, *said, **more)

    def turning(self, **said: Any) -> Turning:
        """Make what turns this operator's keys over."""
        return Turning(self.store, self.vault, self.copies, **({"patience_s": 20, "batch": 50} | said))

    def entries(self) -> list[dict[str, Any]]:
        """Return what the ledger says of keys, in no order."""
        bodies = [json.loads(each) for each in self.do(lambda act: act.rows(bytes, RAW.entries))]
        return [each for each in bodies if each["kind"].startswith("keys-")]

    def turn(self, **said: Any) -> frozenset[UUID]:
        """Turn the keys over."""
        return self.turning(**said).turn(self.operator, NOON + timedelta(days=1))

    def custody_ids(self) -> set[UUID]:
        """Return all key ids in custody."""
        return {
            each
            for purpose in ("wrap", "index", "fingerprint")
            for each in self.custody.ids(self.operator, purpose)
        }
