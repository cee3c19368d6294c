"""Find a policy: a pack that comes with Shounuo, by its name, or a file."""

import difflib
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
    if pack in ("", "-"):  # without a file there is no name to call the policy by
        raise Misconfigured("name a pack or a policy file; a policy is called after its file")
    path = Path(pack)
    try:
        if path.is_dir():
            raise Misconfigured(f"`{pack}` is a folder: name the policy file in it")
        if not path.exists():
            raise Misconfigured(f"`{pack[:200]}` is neither a pack nor a file here: {_meant(pack)}")
        return path.read_bytes(), str(path), path.stem
    except OSError as error:
        raise Misconfigured(f"`{pack[:200]}` cannot be read: {error.strerror}") from None


def _meant(pack: str) -> str:
    """The pack or the file beside the path that somebody may have meant, or the packs there are."""
    path = Path(pack)
    beside = [str(one) for one in sorted(path.parent.glob("*.y*ml"))[:1000]] if path.parent.is_dir() else []
    if near := difflib.get_close_matches(pack[:200], [*names(), *beside], n=1):
        return f"did you mean `{near[0]}`?"
    return f"the packs are {', '.join(names())}"
