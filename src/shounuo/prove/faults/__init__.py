"""The faults: each takes one control away and leaves the rest working.

A proof that holds under all of them proves nothing.
"""

from shounuo.prove.faults import answering, asking, gate, keeping, text
from shounuo.prove.faults.fault import Fault

__all__ = ["FAULTS", "Fault"]

FAULTS: tuple[Fault, ...] = (*gate.FAULTS, *asking.FAULTS, *keeping.FAULTS, *answering.FAULTS, *text.FAULTS)
