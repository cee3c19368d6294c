"""Find a policy: a pack that comes with Shounuo, by its name, or a file."""

import re
from importlib import resources
from pathlib import Path

from shounuo.errors import Misconfigured

_SHORT = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")


def short_name(name: str) -> str:
    """`name`, if it can stand in an address. A policy is called after its file. Raises Misconfigured."""
    if not _SHORT.fullmatch(name):
        raise Misconfigured(
            f"`{name}` cannot be a policy's public name: that is small letters, digits and hyphens, such as "
            "`my-policy`; a policy is called after its file"
        )
    return name


def names() -> list[str]:
    """The packs that come with Shounuo."""
    folder = resources.files("shounuo.packs")
    return sorted(
        entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    )


def find(pack: str) -> tuple[bytes, str, str]:
    """The text, what to call it in faults, and the slug. Raises Misconfigured when there is no such thing."""
    if pack in names():
        return resources.files("shounuo.packs").joinpath(f"{pack}.yaml").read_bytes(), f"{pack}.yaml", pack
    path = Path(pack)
    if not path.is_file():
        known = ", ".join(names())
        raise Misconfigured(f"`{pack}` is neither a pack ({known}) nor a file here")
    try:
        return path.read_bytes(), str(path), path.stem
    except OSError as error:
        raise Misconfigured(f"`{pack}` cannot be read: {error.strerror}") from None
