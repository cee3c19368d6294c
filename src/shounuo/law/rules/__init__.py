"""The kinds of rule: each a frozen value with its parameters, that finds the gaps of one policy.

A kind is written once and used by many requirements; what differs between them is data.
"""

from shounuo.law.rules.asking import AnsweredWithin, RightThere
from shounuo.law.rules.choosing import ClosesOnly, StopsEach
from shounuo.law.rules.entries import Each, Some
from shounuo.law.rules.keeping import Ends, KeptAtLeast
from shounuo.law.rules.people import AgeLine, DaysBefore, Rhythm
from shounuo.law.rules.sending import OpenDoorAbroad, PapersCover

Rule = (
    Each | Some | RightThere | AnsweredWithin | KeptAtLeast | Ends | ClosesOnly | StopsEach | PapersCover
    | OpenDoorAbroad | AgeLine | DaysBefore | Rhythm
)  # fmt: skip

__all__ = ["Rule"]
