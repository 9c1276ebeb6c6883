"""The rules by which one figure follows from others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from yunlang.indicators.core.figures.estimates import Estimate, total
from yunlang.indicators.core.figures.model import Quantity
from yunlang.indicators.core.figures.showing import estimate_text, number_text
from yunlang.kit.language import Bilingual

_PLACE = Bilingual("表中第 {place} 位：{name} {value}", "number {place} of the table: {name}, {value}")
_MOST_YEARS = 30
_HUNDRED = 100
_YEARS = re.compile(r"^(\d{4})/(\d{4})$")
_MONTHS = re.compile(r"^(\d{4})-(\d{2})/(\d{4})-(\d{2})$")


@dataclass(frozen=True, slots=True)
class Found:
    """The figures that one selector names, and the names of those that are not there."""

    quantities: tuple[Quantity, ...]
    absent: tuple[Bilingual, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not self.quantities

    @property
    def estimate(self) -> Estimate:
        """The sum; where some parts are missing, at least what the others come to."""
        summed = total(one.estimate for one in self.quantities)
        return summed.opened() if self.absent else summed


@dataclass(frozen=True, slots=True)
class Computed:
    """What a rule makes of its inputs, and how."""

    estimate: Estimate
    working: tuple[Bilingual, ...] = ()
    # Whether what the rule asks of the inputs themselves holds, such as that a series never falls.
    holds: bool = True
    # Whether the result may leave out what would agree: a limit of which parts are missing.
    is_partial: bool = False
    # The rows of a table that decided, where not all of them are worth showing.
    deciding: tuple[Quantity, ...] = ()


Inputs = Mapping[str, Sequence[Found]]
Rule = Callable[[Inputs, str], Computed]


def same(inputs: Inputs, period: str) -> Computed:
    """Take the other figure as it is: two publications of one thing."""
    return Computed(_sum(inputs["other"]))


def addition(inputs: Inputs, period: str) -> Computed:
    """Add the parts up."""
    parts = _all(inputs["parts"])
    terms = " + ".join(number_text(one.estimate.value) for one in parts)
    estimate = _sum(inputs["parts"])
    return Computed(estimate, (_line(f"{terms} = {estimate_text(estimate)}"),))


def difference(inputs: Inputs, period: str) -> Computed:
    """Take one figure from another."""
    one, other = _sum(inputs["from"]), _sum(inputs["less"])
    return Computed(one - other, (_line(f"{number_text(one.value)} − {number_text(other.value)}"),))


def quotient(inputs: Inputs, period: str) -> Computed:
    """Divide one figure by another."""
    part, whole = _sum(inputs["part"]), _sum(inputs["whole"])
    return Computed(part / whole, (_line(f"{number_text(part.value)} ÷ {number_text(whole.value)}"),))


def share(inputs: Inputs, period: str) -> Computed:
    """Divide a part by the whole, in per cent."""
    part, whole = _sum(inputs["part"]), _sum(inputs["whole"])
    terms = f"{number_text(part.value)} ÷ {number_text(whole.value)} × 100%"
    return Computed((part / whole).scaled(_HUNDRED), (_line(terms),))


def base_of_share(inputs: Inputs, period: str) -> Computed:
    """Return the whole of which a part is so many per cent: R&D spending and intensity give GDP."""
    part, percent = _sum(inputs["part"]), _sum(inputs["percent"])
    terms = f"{number_text(part.value)} ÷ {number_text(percent.value)}%"
    return Computed((part / percent).scaled(_HUNDRED), (_line(terms),))


def growth(inputs: Inputs, period: str) -> Computed:
    """Return the growth from one figure to another, in per cent."""
    before, after = _sum(inputs["before"]), _sum(inputs["after"])
    terms = f"({number_text(after.value)} − {number_text(before.value)}) ÷ {number_text(before.value)} × 100%"
    return Computed(_percent(after / before), (_line(terms),))


def mean_growth(inputs: Inputs, period: str) -> Computed:
    """Return the mean yearly growth that makes a total growth over the period's years, both in per cent."""
    grown = _sum(inputs["total"]) + Estimate.exact(_HUNDRED)
    years = years_of(period)
    rate = _yearly(grown, years)
    line = f"(1 + {number_text(_sum(inputs['total']).value)}%)^(1/{years}) − 1"
    return Computed(rate, (_line(line),))


def per_day(inputs: Inputs, period: str) -> Computed:
    """Return a total divided by the days of the period."""
    days = days_of(period)
    summed = _sum(inputs["total"])
    return Computed(summed / Estimate.exact(days), (_line(f"{number_text(summed.value)} ÷ {days}"),))


def at_most(inputs: Inputs, period: str) -> Computed:
    """Return what a part may be: anything from nothing to the whole, or to that of the whole which is known."""
    limit = _sum(inputs["limit"])
    known = Estimate(Decimal(0), limit.value, limit.value if limit.is_open else limit.high)
    return Computed(known, (_line(f"≤ {number_text(known.high)}"),), is_partial=limit.is_open)


def rank(inputs: Inputs, period: str) -> Computed:
    """Return the place of a figure among those of a table, first for the largest; those within its bounds may go first.

    The table's own numbers are taken as exact.
    """
    value = _sum(inputs["value"])
    table = sorted(_all(inputs["table"]), key=lambda one: -one.estimate.value)
    above = [one for one in table if one.estimate.value > value.value]
    first = 1 + sum(one.estimate.value > value.high for one in table)
    last = 1 + sum(one.estimate.value > value.low for one in table)
    places = [number for number in (len(above), len(above) + 1) if 0 < number <= len(table)]
    neighbours = [table[number - 1] for number in places]
    lines = tuple(
        _PLACE.format(place=number, name=one.label, value=number_text(one.estimate.value))
        for number, one in zip(places, neighbours, strict=True)
    )
    place = Estimate(Decimal(first), Decimal(1 + len(above)), Decimal(last))
    return Computed(place, lines, deciding=tuple(neighbours))


def rising(inputs: Inputs, period: str) -> Computed:
    """Return the last figure of a series that never falls, and what it grew by in a year.

    What follows for the last figure is that it is no smaller than any before.
    """
    series = _all(inputs["series"])
    first, last = series[0], series[-1]
    steps = [
        f"{one.period}/{other.period}: {number_text((other.estimate.value / one.estimate.value - 1) * _HUNDRED)}%"
        for one, other in pairwise(series)
    ]
    largest = max(one.estimate.low for one in series[:-1])
    years = int(last.period) - int(first.period)
    mean = _yearly((last.estimate / first.estimate).scaled(_HUNDRED), years)
    words = Bilingual("{span} 年均增长 {rate}%", "mean yearly growth {span}: {rate}%")
    line = words.format(span=f"{first.period}/{last.period}", rate=estimate_text(mean))
    never_falls = all(one.estimate.low <= other.estimate.high for one, other in pairwise(series))
    limit = Estimate(largest, largest, Decimal("Infinity"))
    return Computed(limit, (*map(_line, steps), line), holds=never_falls)


KINDS: dict[str, Rule] = {
    "same": same,
    "sum": addition,
    "difference": difference,
    "quotient": quotient,
    "share": share,
    "base_of_share": base_of_share,
    "growth": growth,
    "mean_growth": mean_growth,
    "per_day": per_day,
    "at_most": at_most,
    "rank": rank,
    "rising": rising,
}
ROLES: dict[str, frozenset[str]] = {
    "same": frozenset({"other"}),
    "sum": frozenset({"parts"}),
    "difference": frozenset({"from", "less"}),
    "quotient": frozenset({"part", "whole"}),
    "share": frozenset({"part", "whole"}),
    "base_of_share": frozenset({"part", "percent"}),
    "growth": frozenset({"before", "after"}),
    "mean_growth": frozenset({"total"}),
    "per_day": frozenset({"total"}),
    "at_most": frozenset({"limit"}),
    "rank": frozenset({"value", "table"}),
    "rising": frozenset({"series"}),
}


def years_that_fit(total_growth: Estimate, yearly: Estimate) -> tuple[int, ...]:
    """Return for how many years a total and a mean yearly growth, both in per cent, agree.

    Parameters
    ----------
    total_growth, yearly
        In per cent: 83 and 12.9.

    Returns
    -------
    tuple of int
        Every number of years from 1 to 30 for which some pair within both intervals fits.
    """
    grown = total_growth + Estimate.exact(_HUNDRED)
    return tuple(years for years in range(1, _MOST_YEARS + 1) if _yearly(grown, years).meets(yearly))


def years_of(period: str) -> int:
    """Return how many years of growth a period "2018/2023" holds.

    Raises
    ------
    ValueError
        When the period is not one of two years.
    """
    found = _YEARS.match(period)
    years = int(found[2]) - int(found[1]) if found else 0
    if years < 1:
        message = f"“{period}” does not go from one year to a later one"
        raise ValueError(message)
    return years


def days_of(period: str) -> int:
    """Return the days of a period of whole months, "2021-01/2021-09".

    Raises
    ------
    ValueError
        When the period is not one of months.
    """
    found = _MONTHS.match(period)
    if not found:
        message = f"“{period}” does not go from one month to another"
        raise ValueError(message)
    first_year, first_month, last_year, last_month = map(int, found.groups())
    end = date(last_year + last_month // 12, last_month % 12 + 1, 1)
    return (end - date(first_year, first_month, 1)).days


def _yearly(grown: Estimate, years: int) -> Estimate:
    return _percent(grown.scaled(Decimal(1) / _HUNDRED).root(years))


def _percent(factor: Estimate) -> Estimate:
    return (factor - Estimate.exact(1)).scaled(_HUNDRED)


def _sum(row: Sequence[Found]) -> Estimate:
    return total(found.estimate for found in row)


def _all(row: Sequence[Found]) -> list[Quantity]:
    return [one for found in row for one in found.quantities]


def _line(text: str) -> Bilingual:
    return Bilingual(text, text)
