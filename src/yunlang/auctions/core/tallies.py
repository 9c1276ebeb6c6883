"""Tallies over lots, as an edition of the auction publishes them: lots, value, premium, cities, running totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from yunlang.auctions.core.amounts import plus
from yunlang.auctions.core.outcome import premium

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class LotResult:
    """What a tally needs of one lot.

    Attributes
    ----------
    edition
        The auction it was sold at, by its year or number.
    form
        The form of sale (see `formats.known.FORM_LABELS`).
    base
        What the premium is counted from, for all units together: the reserve where there is one, else the starting
        price.
    value
        What it was sold for, all units together; None where it was not sold.
    bidders
        How many bid.
    seller_city, buyer_city
        Codes of the cities; None where unknown, and for the buyer where it was not sold.
    """

    edition: str
    form: str
    base: Decimal
    value: Decimal | None = None
    bidders: int = 0
    seller_city: str | None = None
    buyer_city: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What went from one city's sellers to one city's buyers."""

    seller_city: str | None
    buyer_city: str | None
    lots: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Tally:
    """Lots counted together.

    Attributes
    ----------
    lots, sold
        How many were offered, and how many sold.
    competitive
        How many of those sold had more than one bidder.
    value, base
        Sums over those sold.
    by_form
        How many were sold by each form, in alphabetical order.
    flows
        From city to city, the largest value first.
    """

    lots: int
    sold: int
    competitive: int
    value: Decimal
    base: Decimal
    by_form: dict[str, int]
    flows: tuple[Flow, ...]

    @property
    def premium(self) -> Decimal | None:
        """How far all values together are above all bases, in percent with two places; None where nothing was sold."""
        return premium(self.value, self.base) if self.base else None


@dataclass(frozen=True, slots=True)
class EditionTally:
    """One edition, and all up to it.

    Attributes
    ----------
    growth
        Of the value over the edition before, in percent; None for the first and after an edition without a sale.
    cumulative_lots, cumulative_sold, cumulative_value
        Sums from the first edition on.
    """

    edition: str
    tally: Tally
    growth: Decimal | None
    cumulative_lots: int
    cumulative_sold: int
    cumulative_value: Decimal


def tally_of(results: Iterable[LotResult]) -> Tally:
    """Return the tally of lots, exact to the cent and independent of their order."""
    lots, forms = 0, dict[str, int]()
    flows = dict[tuple[str | None, str | None], tuple[int, Decimal]]()
    competitive, value, base = 0, _NOTHING, _NOTHING
    for result in results:
        lots += 1
        if result.value is None:
            continue
        value, base = plus(value, result.value), plus(base, result.base)
        competitive += result.bidders > 1
        forms[result.form] = forms.get(result.form, 0) + 1
        cities = (result.seller_city, result.buyer_city)
        count, total = flows.get(cities, (0, _NOTHING))
        flows[cities] = (count + 1, plus(total, result.value))
    rows = (Flow(*cities, count, total) for cities, (count, total) in flows.items())
    ordered = sorted(rows, key=lambda flow: (flow.value.copy_negate(), flow.seller_city or "", flow.buyer_city or ""))
    by_form = dict(sorted(forms.items()))
    return Tally(lots, sum(forms.values()), competitive, value, base, by_form, tuple(ordered))


def tallies_by_edition(results: Iterable[LotResult]) -> tuple[EditionTally, ...]:
    """Return the tally of each edition with running totals, in the order in which the editions first come."""
    by_edition = dict[str, list[LotResult]]()
    for result in results:
        by_edition.setdefault(result.edition, []).append(result)
    rows: list[EditionTally] = []
    for edition, members in by_edition.items():
        rows.append(_following(rows[-1] if rows else None, edition, tally_of(members)))
    return tuple(rows)


def _following(before: EditionTally | None, edition: str, tally: Tally) -> EditionTally:
    if before is None:
        return EditionTally(edition, tally, None, tally.lots, tally.sold, tally.value)
    grown = premium(tally.value, before.tally.value) if before.tally.value else None
    return EditionTally(
        edition,
        tally,
        grown,
        before.cumulative_lots + tally.lots,
        before.cumulative_sold + tally.sold,
        plus(before.cumulative_value, tally.value),
    )
