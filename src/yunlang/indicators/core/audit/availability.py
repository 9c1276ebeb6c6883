"""How much is known of each unit, over all and in each group of indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.framework import Floats, Framework


@dataclass(frozen=True, slots=True)
class UnitAvailability:
    """What is known of one unit.

    Attributes
    ----------
    availability
        The share of its values that are known.
    by_group
        The same for the indicators under each group.
    """

    unit: str
    missing: int
    zeros: int
    availability: float
    by_group: Mapping[str, float]


def unit_availability(framework: Framework, values: Floats, units: Sequence[str]) -> tuple[UnitAvailability, ...]:
    """Return what is known of each unit.

    The peer is COINr's `get_data_avail`.

    Parameters
    ----------
    values
        Shape (units, indicators), columns in the framework's order.
    """
    known = ~np.isnan(values)
    position = {node.code: place for place, node in enumerate(framework.indicators)}
    shares = {
        node.code: known[:, [position[code] for code in framework.indicators_under(node.code)]].mean(axis=1)
        for node in framework.aggregates
    }
    return tuple(
        UnitAvailability(
            unit=unit,
            missing=int((~known[place]).sum()),
            zeros=int((values[place] == 0).sum()),
            availability=float(known[place].mean()),
            by_group={code: float(share[place]) for code, share in shares.items()},
        )
        for place, unit in enumerate(units)
    )
