"""Shounuo (守诺): compiles a written privacy policy into rules a running system obeys, and proves they are kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shounuo.gate import Gate

__all__ = ["Gate", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # A lazy name, so that importing the package loads nothing else.
    if name == "Gate":
        from shounuo.gate import Gate

        return Gate
    raise AttributeError(f"module 'shounuo' has no attribute {name!r}")
