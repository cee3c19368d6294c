"""The kinds of rule: each a frozen value with its parameters, that finds the gaps of one policy.

A kind is written once and used by many requirements; what differs between them is data.
"""

from shounuo.law.rules.asking import RightThere, Steps
from shounuo.law.rules.choosing import ClosesOnly, StopsEach
from shounuo.law.rules.entries import Between, Each, Some
from shounuo.law.rules.keeping import Ends, KeptAtLeast, KeptAtMost
from shounuo.law.rules.people import AgeLine
from shounuo.law.rules.sending import OpenDoorAbroad, PapersCover
from shounuo.law.rules.times import DaysBefore, Rhythm, Within

Rule = (
    Each | Some | Between | RightThere | Steps | Within | Rhythm | DaysBefore | KeptAtLeast | KeptAtMost
    | Ends | ClosesOnly | StopsEach | PapersCover | OpenDoorAbroad | AgeLine
)  # fmt: skip

__all__ = ["Rule"]
