"""What each indicator's values look like, and what about them deserves a second look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from yunlang.indicators.core import columns
from yunlang.indicators.core.framework import Floats
from yunlang.kit.language import Bilingual

StatisticsFlag = Literal["low_availability", "many_zeros", "few_distinct", "many_same", "skewed"]
STATISTICS_FLAGS: dict[StatisticsFlag, Bilingual] = {
    "low_availability": Bilingual("数据缺失较多", "many values are missing"),
    "many_zeros": Bilingual("零值较多", "many values are zero"),
    "few_distinct": Bilingual("不同取值较少", "few values are distinct"),
    "many_same": Bilingual("同一取值过多", "one value is very frequent"),
    "skewed": Bilingual("分布偏斜，可能有离群值", "skewed, perhaps by outliers"),
}


@dataclass(frozen=True, slots=True)
class StatisticsLimits:
    """Beyond what an indicator is flagged; the first three and the last two are COINr's.

    Attributes
    ----------
    availability
        The least share of units with a value.
    nonzero, distinct
        The least share of known values that are not zero, and the least number of distinct ones as a share of them.
    same
        The largest share of known values that may be one and the same.
    skewness, kurtosis
        Both, in absolute value the first, must be exceeded.
    """

    availability: float = 0.65
    nonzero: float = 0.5
    distinct: float = 0.5
    same: float = 0.5
    skewness: float = 2.0
    kurtosis: float = 3.5


@dataclass(frozen=True, slots=True)
class IndicatorStatistics:
    """One indicator's values over the units.

    Attributes
    ----------
    number, missing, availability
        How many are known and how many not, and the share that is.
    zeros, distinct
        How many are zero, and how many different values there are.
    most_frequent_share
        The share of known values that equal the most frequent one.
    deviation
        The standard deviation with n − 1.
    lower_quartile, upper_quartile
        Interpolated between ranks (type 7).
    skewness, kurtosis
        Sample-corrected (G1, G2; excess kurtosis).
    """

    code: str
    number: int
    missing: int
    availability: float
    zeros: int
    distinct: int
    most_frequent_share: float
    least: float
    greatest: float
    mean: float
    median: float
    deviation: float
    lower_quartile: float
    upper_quartile: float
    skewness: float
    kurtosis: float
    flags: tuple[StatisticsFlag, ...]


def indicator_statistics(
    values: Floats, codes: Sequence[str], limits: StatisticsLimits | None = None
) -> tuple[IndicatorStatistics, ...]:
    """Return the statistics of each column.

    The peer is COINr's `get_stats`.

    Parameters
    ----------
    values
        Shape (units, indicators), NaN where nothing is known.
    codes
        Of the columns.
    """
    limits = limits or StatisticsLimits()
    skewness, kurtosis = columns.skewness_and_kurtosis(values)
    means, medians, deviations = columns.mean(values)[0], columns.median(values)[0], columns.deviation(values)[0]
    found = []
    for place, code in enumerate(codes):
        column = values[:, place]
        known = column[~np.isnan(column)]
        shares = _counts(known)
        lower, upper = np.quantile(known, (0.25, 0.75)) if len(known) else (np.nan, np.nan)
        one = IndicatorStatistics(
            code=code,
            number=len(known),
            missing=len(column) - len(known),
            availability=len(known) / len(column),
            zeros=int((known == 0).sum()),
            distinct=len(shares),
            most_frequent_share=float(shares.max(initial=0) / len(known)) if len(known) else np.nan,
            least=float(known.min()) if len(known) else np.nan,
            greatest=float(known.max()) if len(known) else np.nan,
            mean=float(means[place]),
            median=float(medians[place]),
            deviation=float(deviations[place]),
            lower_quartile=float(lower),
            upper_quartile=float(upper),
            skewness=float(skewness[place]),
            kurtosis=float(kurtosis[place]),
            flags=(),
        )
        found.append(_flagged(one, limits))
    return tuple(found)


def _counts(known: Floats) -> Floats:
    counts: Floats = np.unique(known, return_counts=True)[1].astype(np.float64)
    return counts


def _flagged(one: IndicatorStatistics, limits: StatisticsLimits) -> IndicatorStatistics:
    holds: dict[StatisticsFlag, bool] = {
        "low_availability": one.availability < limits.availability,
        "many_zeros": one.zeros > (1 - limits.nonzero) * one.number,
        "few_distinct": one.distinct < limits.distinct * one.number,
        "many_same": one.most_frequent_share > limits.same,
        "skewed": abs(one.skewness) > limits.skewness and one.kurtosis > limits.kurtosis,
    }
    return replace(one, flags=tuple(flag for flag, raised in holds.items() if raised))
