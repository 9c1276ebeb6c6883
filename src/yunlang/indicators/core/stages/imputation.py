"""Imputation: what stands in for values that are missing, taken from the other units of the same period.

Every method takes values of shape (periods, units, indicators) and returns a new array of that shape in which known
values are what they were. A cell for which nothing can be said stays NaN. See `panel_imputation` for what a unit's own
past says, and `expectation_maximisation` for what its other indicators say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.errors import StageError
from yunlang.indicators.core.framework import Floats, Integers
from yunlang.kit.language import Bilingual

STAGE = Bilingual("插补", "impute")


@dataclass(frozen=True, slots=True)
class ImputationDraws:
    """What imputed cells might have been, drawn many times.

    Attributes
    ----------
    cells
        The positions (period, unit, indicator) of the imputed cells, three arrays of shape (cells,).
    values
        Shape (draws, cells).
    """

    cells: tuple[Integers, Integers, Integers]
    values: Floats

    def applied(self, imputed: Floats, draw: int) -> Floats:
        """Return imputed values with one draw in place of them."""
        found = imputed.copy(order="K")
        found[self.cells] = self.values[draw]
        return found


def mean(values: Floats) -> Floats:
    """Fill with the mean of the indicator's known values."""
    return filled(values, columns.mean(values))


def median(values: Floats) -> Floats:
    """Fill with the median of the indicator's known values."""
    return filled(values, columns.median(values))


def group_mean(values: Floats, *, groups: Sequence[str]) -> Floats:
    """Fill with the mean of the known values in the unit's group.

    Parameters
    ----------
    groups
        The group of each unit; one whose group is empty stays as it is.
    """
    return _by_group(values, groups, columns.mean)


def group_median(values: Floats, *, groups: Sequence[str]) -> Floats:
    """Fill with the median of the known values in the unit's group.

    Parameters
    ----------
    groups
        The group of each unit; one whose group is empty stays as it is.
    """
    return _by_group(values, groups, columns.median)


def nearest(values: Floats, *, neighbours: int = 5) -> Floats:
    """Fill with the mean of the nearest units that have a value.

    Nearness is the Euclidean distance of standardised indicators over those that both units have, scaled up for those
    that they have not (scikit-learn's `KNNImputer`). A unit that shares no indicator with any other gets the mean.

    Parameters
    ----------
    neighbours
        How many units; fewer where fewer have a value.

    Raises
    ------
    StageError
        Where `neighbours` is less than 1.
    """
    if neighbours < 1:
        reason = Bilingual("邻居数至少为 1", "at least one neighbour is needed")
        raise StageError(stage=STAGE, reason=reason)
    # Imported here: it takes longer than most computations, and few recipes need it.
    from sklearn.impute import KNNImputer

    def one_period(known: Floats) -> Floats:
        found: Floats = KNNImputer(n_neighbors=neighbours).fit_transform(known)
        return found

    return by_period(values, one_period)


def by_period(values: Floats, impute: Callable[[Floats], Floats]) -> Floats:
    """Fill each period by a method for standardised indicators, shape (units, indicators), each with a known value.

    A column whose known values are all alike is only centred.
    """
    centre, spread = columns.mean(values), columns.deviation(values)
    spread = np.where(spread > 0, spread, 1.0)
    standard = (values - centre) / spread
    for period in np.flatnonzero(np.isnan(values).any(axis=(1, 2))):
        with_values = np.flatnonzero(~np.isnan(standard[period]).all(axis=0))
        known = standard[period][:, with_values]
        if np.isnan(known).any():
            standard[period][:, with_values] = impute(known)
    return filled(values, standard * spread + centre)


def filled(values: Floats, replacement: Floats) -> Floats:
    """Return a copy in which missing values are taken from an array of the same, or a broadcastable, shape."""
    found = values.copy(order="K")
    np.copyto(found, replacement, where=np.isnan(values))
    return found


def drawn(
    values: Floats, imputed: Floats, *, groups: Sequence[str] | None = None, generator: np.random.Generator, draws: int
) -> ImputationDraws:
    """Draw every imputed cell from a normal distribution around what was imputed.

    Its standard deviation is that of the known values of the unit's group in that period and indicator; where there are
    no groups, or the group has fewer than two known values, of all units. With that unknown too, the cell stays put.

    Parameters
    ----------
    values
        Before imputation, shape (periods, units, indicators).
    imputed
        After it, of the same shape.
    groups
        The group of each unit; empty where unknown.
    """
    spread = np.broadcast_to(columns.deviation(values), values.shape).copy()
    for places in _places(groups or ()):
        of_group = columns.deviation(values[:, places])
        spread[:, places] = np.where(np.isnan(of_group), spread[:, places], of_group)
    period, unit, indicator = np.nonzero(np.isnan(values) & ~np.isnan(imputed))
    cells = (period, unit, indicator)
    noise = generator.standard_normal((draws, len(period)))
    return ImputationDraws(cells, imputed[cells] + noise * np.nan_to_num(spread[cells]))


def _by_group(values: Floats, groups: Sequence[str], statistic: Callable[[Floats], Floats]) -> Floats:
    if len(groups) != values.shape[1]:
        reason = Bilingual(
            f"{values.shape[1]} 个单元却给出 {len(groups)} 个分组",
            f"{len(groups)} groups are given for {values.shape[1]} units",
        )
        raise StageError(stage=STAGE, reason=reason)
    found = values.copy(order="K")
    for places in _places(groups):
        part = values[:, places]
        found[:, places] = filled(part, statistic(part))
    return found


def _places(groups: Sequence[str]) -> Iterator[Integers]:
    """Yield the positions of each group's units."""
    labels = np.asarray(groups, dtype=object)
    for label in dict.fromkeys(groups):
        if label:
            yield np.flatnonzero(labels == label)
