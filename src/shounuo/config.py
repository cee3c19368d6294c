"""Every setting, from the environment, in one frozen value.

| variable | meaning | default |
|---|---|---|
| `SHOUNUO_HOME` | where all data lie | the user's data directory; `/var/lib/shounuo` for root |
| `DATABASE_URL` | a PostgreSQL server to use instead of the embedded one, as the application role | none |
| `DATABASE_OWNER_URL` | the same server as the owner role, for migrations | none |
| `SHOUNUO_REGION` | where this store lies | `CN-mainland` |
| `SHOUNUO_PORT` | the port the server listens on, on loopback | `8040` |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shounuo.core.category import parse_region
from shounuo.errors import Misconfigured

DEFAULT_PORT = 8040


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings. `database_url` and `owner_url` are both set or both None (the embedded server)."""

    home: Path
    database_url: str | None = None
    owner_url: str | None = None
    region: str = "CN-mainland"
    port: int = DEFAULT_PORT

    @property
    def custody(self) -> tuple[Path, Path]:
        """The two copies of the keys, outside the database's folder."""
        return self.home / "custody" / "first", self.home / "custody" / "second"

    @property
    def guard(self) -> Path:
        """Where the outside journal and the last checkpoint lie."""
        return self.home / "guard"


def read(environment: Mapping[str, str] | None = None) -> Config:
    """The settings found in `environment` (the process's own, when None). Raises Misconfigured."""
    env = os.environ if environment is None else environment
    url, owner = env.get("DATABASE_URL") or None, env.get("DATABASE_OWNER_URL") or None
    if (url is None) != (owner is None):
        lacking = "DATABASE_OWNER_URL" if owner is None else "DATABASE_URL"
        raise Misconfigured(
            f"`{lacking}` is not set: give both addresses, or neither for the embedded database"
        )
    return Config(
        home=_home(env), database_url=url, owner_url=owner, region=_region(env.get("SHOUNUO_REGION") or "CN-mainland"),
        port=_port(env.get("SHOUNUO_PORT") or str(DEFAULT_PORT)),
    )  # fmt: skip


def _home(env: Mapping[str, str]) -> Path:
    if given := env.get("SHOUNUO_HOME"):
        path = Path(given).expanduser()
        if path.exists() and not path.is_dir():
            raise Misconfigured(f"`SHOUNUO_HOME` ({path}) is not a folder: name a folder, or remove the file")
        return path.absolute()
    if os.geteuid() == 0:
        return Path(
            "/var/lib/shounuo"
        )  # the embedded server runs as another user, who cannot enter root's home
    import platformdirs

    return Path(platformdirs.user_data_dir("shounuo"))


def _region(text: str) -> str:
    try:
        return parse_region(text)
    except ValueError as error:
        raise Misconfigured(f"`SHOUNUO_REGION`: {error}") from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise Misconfigured("`SHOUNUO_PORT` must be a number from 0 to 65535")
    return int(text)
