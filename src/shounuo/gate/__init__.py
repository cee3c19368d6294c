"""The gate in a product's own process: one question, or a table of them."""

from shounuo.gate.gate import Gate

__all__ = ["Gate"]
