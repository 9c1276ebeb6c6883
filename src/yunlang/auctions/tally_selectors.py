"""Tallies over the platform's own lots; and beside them, never among them, what was published of earlier auctions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from yunlang.auctions.core.aftersale import COUNTED
from yunlang.auctions.core.amounts import plus
from yunlang.auctions.core.state import ENDED
from yunlang.auctions.core.tallies import EditionTally, LotResult, Tally, tallies_by_edition, tally_of
from yunlang.auctions.models import Lot, Result
from yunlang.auctions.result_permissions import parties_of
from yunlang.auctions.vocabulary import TradeSide
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Figure, Source

_NOTHING = Decimal("0.00")
_JOINED = ("sale", "seller__merged_into__city", "seller__city", "seller_city", "standing")
_PUBLISHED = ("auction_value", "auction_lots", "auction_lots_single_quote", "auction_lots_competitive")


@dataclass(frozen=True, slots=True)
class Tallies:
    """What the platform's own auctions come to.

    Attributes
    ----------
    whole
        All lots together.
    editions
        Each edition with running totals, the first edition first.
    illustrative
        The editions that hold an illustrative sale.
    """

    whole: Tally
    editions: tuple[EditionTally, ...]
    illustrative: frozenset[str]


def tallies() -> Tallies:
    """Add up every lot that has ended: what failed after the hammer counts as not sold."""
    lots = list(_ended_lots())
    rows = [lot_result(lot) for lot in lots]
    illustrative = frozenset(lot.sale.edition for lot in lots if lot.sale.illustrative)
    return Tallies(tally_of(rows), tallies_by_edition(rows), illustrative)


def _ended_lots() -> Iterable[Lot]:
    counted = Result.objects.filter(status__in=list(COUNTED)).select_related(
        "bidder__organisation__city", "bidder__organisation__merged_into__city"
    )
    rows = Lot.objects.filter(standing__phase__in=list(ENDED)).select_related(*_JOINED)
    return rows.prefetch_related(Prefetch("results", queryset=counted, to_attr="counted")).order_by(
        "sale__opens_at", "sale_id", "number"
    )


def lot_result(lot: Lot) -> LotResult:
    """Return what a tally needs of a lot that has ended; its results that count stand in `lot.counted`."""
    counted: list[Result] = lot.counted  # type: ignore[attr-defined]
    if not counted:
        return LotResult(edition=lot.sale.edition, form=lot.form, base=_NOTHING, bidders=lot.standing.bidders)
    for result in counted:
        result.lot = lot
    return LotResult(
        edition=lot.sale.edition, form=lot.form, base=_sum(one.base for one in counted),
        value=_sum(one.value for one in counted), bidders=lot.standing.bidders,
        seller_city=_city(lot, counted, TradeSide.SELLER), buyer_city=_city(lot, counted, TradeSide.BUYER),
    )  # fmt: skip


def _city(lot: Lot, counted: list[Result], side: TradeSide) -> str | None:
    """Return the one city that all of a side are in; like units may go to several, which is none."""
    if (lot.form == "reverse") == (side is TradeSide.BUYER) and lot.seller_city_id:
        return lot.seller_city_id
    found = {parties_of(one)[side].city_id for one in counted}
    return found.pop() if len(found) == 1 else None


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _NOTHING
    for amount in amounts:
        total = plus(total, amount)
    return total


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """What the press wrote of one edition of the corridor's auction.

    Attributes
    ----------
    cells
        Value, lots, those sold on a single quote, those sold in competition; None where nothing was found.
    """

    period: str
    cells: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class PublishedEditions:
    """All published editions, the first one first, with where they come from and what must be known of them."""

    editions: tuple[PublishedEdition, ...]
    sources: tuple[Source, ...]
    notes: tuple[Bilingual, ...]


def published_editions() -> PublishedEditions:
    """Return the registry's figures on the corridor's auctions, as published; of two sources the exact one counts."""
    rows = Figure.objects.filter(area="corridor", code__in=_PUBLISHED).select_related("source")
    figures = sorted(rows, key=lambda one: (one.qualifier != "", one.source_id))
    found: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        found.setdefault(figure.period, {}).setdefault(figure.code, figure)
    used = [figure for by_code in found.values() for figure in by_code.values()]
    return PublishedEditions(
        tuple(
            PublishedEdition(period, tuple(map(by_code.get, _PUBLISHED))) for period, by_code in sorted(found.items())
        ),
        tuple({one.source_id: one.source for one in used}.values()),
        tuple({one.note.zh: one.note for one in used if one.note.zh}.values()),
    )  # fmt: skip
