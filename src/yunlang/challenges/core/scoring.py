"""From points to a ranking: weighted totals, what reviewers agree on, who stands apart, and ranks with ties.

All of it is exact: sums and means are fractions, and only what is shown is rounded. Roots, which no fraction holds,
are taken to 28 digits.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from yunlang.challenges.core.rubric import Rubric

Key = TypeVar("Key", bound=Hashable)
Other = TypeVar("Other", bound=Hashable)
SHOWN = Decimal("0.01")
_PRECISE = Context(prec=28, rounding=ROUND_HALF_EVEN)
_MOST_POINTS = Decimal(100)
# Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): a modified z-score above 3.5 is an outlier; 0.6745 is
# the normal distribution's third quartile.
THRESHOLD = Fraction("3.5")
QUARTILE = Fraction("0.6745")
# Points; a smaller median deviation counts as this much, or three near-equal reviewers would make a fourth one a point
# away an outlier.
LEAST_DEVIATION = Fraction(2)
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Summary(Generic[Key]):
    """What the reviewers of one item say together; points from 0 to 100.

    Attributes
    ----------
    mean, median
        Rounded to hundredths.
    spread
        Highest minus lowest.
    outliers
        The reviewers whose totals stand apart from the others'.
    exact_mean
        What ranks are made of.
    """

    count: int
    mean: Decimal
    median: Decimal
    spread: Decimal
    outliers: tuple[Key, ...]
    exact_mean: Fraction


def weighted_total(rubric: Rubric, points: Mapping[str, Decimal]) -> Decimal:
    """Return the total of one review from 0 to 100, exactly.

    Raises
    ------
    ValueError
        When a criterion has no points, points name no criterion, or points lie outside 0 to 100.
    """
    codes = {one.code for one in rubric}
    if set(points) != codes:
        raise ValueError(f"points of {sorted(points)} for criteria {sorted(codes)}")
    if any(not 0 <= value <= _MOST_POINTS for value in points.values()):
        raise ValueError("points lie between 0 and 100")
    return sum((one.weight * points[one.code] for one in rubric), Decimal(0)) / _MOST_POINTS


def summarised(totals: Mapping[Key, Decimal] | Mapping[Key, Fraction]) -> Summary[Key]:
    """Return what the totals of one item's reviewers, by reviewer, say together.

    Raises
    ------
    ValueError
        When there are none.
    """
    if not totals:
        raise ValueError("no totals to summarise")
    exact = {key: Fraction(value) for key, value in totals.items()}
    mean = sum(exact.values(), Fraction(0)) / len(exact)
    return Summary(
        count=len(exact),
        mean=rounded(mean),
        median=rounded(_median(list(exact.values()))),
        spread=rounded(max(exact.values()) - min(exact.values())),
        outliers=_outliers(exact),
        exact_mean=mean,
    )


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _outliers(totals: Mapping[Key, Fraction]) -> tuple[Key, ...]:
    """Return whose total is an outlier by the median absolute deviation; of fewer than three nobody's is."""
    if len(totals) < FEWEST:
        return ()
    middle = _median(list(totals.values()))
    deviation = max(_median([abs(one - middle) for one in totals.values()]), LEAST_DEVIATION)
    return tuple(key for key, one in totals.items() if QUARTILE * abs(one - middle) > THRESHOLD * deviation)


def ranked(means: Mapping[Key, Fraction]) -> dict[Key, int]:
    """Return each item's rank from 1 on, the highest mean first; equals share a rank and the next is left out."""
    values = sorted(means.values(), reverse=True)
    return {key: values.index(mean) + 1 for key, mean in means.items()}


def normalised(
    totals: Mapping[Key, Mapping[Other, Decimal]],
) -> dict[Key, dict[Other, Fraction]]:
    """Return totals with each reviewer's severity taken out.

    Each reviewer's totals are centred on that reviewer's mean and divided by their standard deviation, then put back on
    the scale of all totals together. Whoever gave one total, or the same to all, tells items apart by nothing: all of
    them stand at the common mean.

    Parameters
    ----------
    totals
        By item, then by reviewer; points from 0 to 100.

    Returns
    -------
    dict
        The same keys. Values may leave the range from 0 to 100.
    """
    by_reviewer: dict[Other, list[Fraction]] = {}
    for given in totals.values():
        for reviewer, total in given.items():
            by_reviewer.setdefault(reviewer, []).append(Fraction(total))
    every = [total for given in by_reviewer.values() for total in given]
    if not every:
        return {item: {} for item in totals}
    mean, deviation = _moments(every)
    own = {reviewer: _moments(given) for reviewer, given in by_reviewer.items()}

    def placed(reviewer: Other, total: Decimal) -> Fraction:
        centre, width = own[reviewer]
        return mean + deviation * (Fraction(total) - centre) / width if width else mean

    return {
        item: {reviewer: placed(reviewer, total) for reviewer, total in given.items()} for item, given in totals.items()
    }


def _moments(values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return mean and standard deviation of a whole population."""
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((one - mean) ** 2 for one in values), Fraction(0)) / len(values)
    root = _PRECISE.sqrt(_PRECISE.divide(Decimal(variance.numerator), Decimal(variance.denominator)))
    return mean, Fraction(root)


def rounded(value: Fraction | Decimal) -> Decimal:
    """Return a figure as it is shown: hundredths, half to even."""
    exact = Fraction(value)
    hundredths = exact * 100
    # Rounding a fraction is exact, where dividing decimals first would round twice.
    return Decimal(round(hundredths)) * SHOWN
