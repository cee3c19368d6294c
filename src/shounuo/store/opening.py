"""Open the store, wherever its database is: a PostgreSQL of yours, or the embedded one.

1. With both addresses given, that PostgreSQL is migrated as the owner and used as the application.
2. With neither, the embedded one in `home` is started, and stopped again when the store is closed.
3. One address without the other is refused: the application must not be able to migrate, nor the owner to
   serve.
"""

from pathlib import Path

from shounuo.errors import Misconfigured
from shounuo.store import embedded
from shounuo.store.logins import APP
from shounuo.store.migrate import migrate
from shounuo.store.pool import Limits, connect
from shounuo.store.store import Store


def open_store(
    home: Path, *, url: str | None = None, owner_url: str | None = None, limits: Limits | None = None
) -> Store:
    """Return a store, migrated and ready. Empty addresses count as none."""
    if bool(url) != bool(owner_url):  # (3)
        given, lacking = (
            ("DATABASE_URL", "DATABASE_OWNER_URL") if url else ("DATABASE_OWNER_URL", "DATABASE_URL")
        )
        raise Misconfigured(
            f"{given} is set and {lacking} is not; set both (the application's login and the owner's), "
            "or neither to use the embedded PostgreSQL"
        )
    if url and owner_url:
        with connect(url) as application:
            role = application.info.user
        migrate(owner_url, role)
        return Store.open(url, limits=limits)
    server = embedded.start(home)
    try:
        migrate(server.owner_url, APP)
        return Store.open(server.app_url, limits=limits, server=server)
    except BaseException:
        server.stop()
        raise
