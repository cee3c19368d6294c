"""A vault over the session's PostgreSQL, for an operator of the test's own."""

from pathlib import Path
from uuid import UUID

import pytest
from vault_room import CHEAP, NOON, Room

from shounuo.custody.files import FileCustody
from shounuo.store.store import Store
from shounuo.vault.vault import Vault


@pytest.fixture
def room(store: Store, operator: UUID, tmp_path: Path) -> Room:
    """A vault that was opened."""
    custody = FileCustody(tmp_path / "keys", tmp_path / "copy", create=True)
    made = Room(store, Vault(custody, cost=CHEAP), custody, operator, tmp_path / "keys_backup")
    with store.act(operator) as act:
        made.vault.open(act, NOON)
    return made
