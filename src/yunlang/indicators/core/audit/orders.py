"""Contributions under any aggregation: indicators change one after another, and what each step adds is averaged.

A step from one state to the other adds what the index changes by; along any order these steps sum to the whole
difference. The mean over all orders in which a group's indicators stay together is the Owen value, the Shapley value
for a hierarchy (Owen, "Values of games with a priori unions", 1977; Shorrocks, "Decomposition procedures for
distributional analysis", Journal of Economic Inequality 11 (2013)). Where there are too many orders, a fixed choice of
them is taken: each group's members rotated and reversed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import permutations, product

import numpy as np

from yunlang.indicators.core.framework import Floats, Framework, Group, Integers

ORDERS_AT_MOST = 720
ROTATIONS = 12
_STATES_AT_ONCE = 512

Evaluate = Callable[[np.ndarray], Floats]
"""Takes which indicators are in the second state, shape (states, indicators); returns the index of each state."""


def order_contributions(
    framework: Framework, evaluate: Evaluate, *, most: int = ORDERS_AT_MOST, rotations: int = ROTATIONS
) -> tuple[Floats, bool]:
    """Return what each indicator contributes to the difference between two states, and whether all orders were taken.

    Parameters
    ----------
    most
        Up to how many orders all are taken.
    rotations
        How many times members are rotated, by one place each, where not all orders are taken.

    Returns
    -------
    Shape (indicators,), summing to the difference; NaN where the index is unknown in a state between.
    """
    orders, complete = orders_of(framework, most, rotations)
    size = len(framework.indicators)
    places: dict[bytes, int] = {}
    states: list[np.ndarray] = []

    def place(state: np.ndarray) -> int:
        key = np.packbits(state).tobytes()
        if key not in places:
            places[key] = len(states)
            states.append(state.copy())
        return places[key]

    steps = np.empty((len(orders), size + 1), dtype=np.intp)
    for row, order in enumerate(orders):
        state = np.zeros(size, dtype=bool)
        steps[row, 0] = place(state)
        for step, indicator in enumerate(order):
            state[indicator] = True
            steps[row, step + 1] = place(state)
    flags = np.array(states)
    values = np.concatenate(
        [evaluate(flags[start : start + _STATES_AT_ONCE]) for start in range(0, len(flags), _STATES_AT_ONCE)]
    )
    found = np.zeros(size)
    for row, order in enumerate(orders):
        found[order] += np.diff(values[steps[row]])
    return found / len(orders), complete


def orders_of(framework: Framework, most: int, rotations: int) -> tuple[list[Integers], bool]:
    """Return orders of indicators in which each group's stay together, and whether these are all of them."""
    number = math.prod(math.factorial(len(group.members)) for group in framework.groups)
    if number <= most:
        choices = [list(permutations(group.members.tolist())) for group in framework.groups]
        return [
            _flattened(framework, dict(zip(_positions(framework), one, strict=True))) for one in product(*choices)
        ], True
    found = []
    for start in range(rotations):
        turned = {group.position: _rotated(group, start) for group in framework.groups}
        order = _flattened(framework, turned)
        found += [order, order[::-1]]
    return found, False


def _positions(framework: Framework) -> Iterator[int]:
    return (group.position for group in framework.groups)


def _rotated(group: Group, start: int) -> tuple[int, ...]:
    members = group.members.tolist()
    cut = start % len(members)
    return (*members[cut:], *members[:cut])


def _flattened(framework: Framework, members: dict[int, tuple[int, ...]]) -> Integers:
    """Return the indicators of the whole tree in the order that each group's members are in."""

    def leaves(place: int) -> Iterator[int]:
        if place not in members:
            yield place
            return
        for member in members[place]:
            yield from leaves(member)

    return np.fromiter(leaves(len(framework.codes) - 1), dtype=np.intp)
