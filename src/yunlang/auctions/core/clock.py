"""Whether a clock has jumped: what it says, held against a clock that only counts.

A wall clock is steered a little all the time (at most 500 parts in a million, as the kernel's own discipline does);
more than that, and beyond what reading it may have taken, is a jump: somebody set it, or the machine slept. A jump
forward would close every lot early, so nothing is taken and nothing closed until the clock is back, or somebody who
looked at it says that it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(seconds=2)
_STEERING = 0.0005
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clock said once.

    Attributes
    ----------
    wall
        The clock's time.
    counted
        A steady counter at that moment; from an arbitrary start, the same for all readings compared.
    doubt
        How long the reading took, so how far the two may lie apart.
    """

    wall: datetime
    counted: timedelta
    doubt: timedelta = _NONE


def jump_between(earlier: Reading, later: Reading) -> timedelta:
    """Return how far the clock was moved between two readings: zero unless more than steering and doubt explain.

    Negative where it was set back.
    """
    passed = later.counted - earlier.counted
    moved = (later.wall - earlier.wall) - passed
    explained = TOLERANCE + abs(passed) * _STEERING + earlier.doubt + later.doubt
    return moved if abs(moved) > explained else _NONE
