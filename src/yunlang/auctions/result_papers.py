"""The papers of a sale out of the database: the hammer confirmation and the record of the sale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from yunlang.accounts.permissions import require
from yunlang.auctions import documents as papers
from yunlang.auctions.core.state import ENDED
from yunlang.auctions.lot_states import LOT, events_of
from yunlang.auctions.models import Bidder, Lot, Sale
from yunlang.auctions.result_selectors import lot_evidence, results_seen
from yunlang.auctions.sale_parts import SALE_MISSING
from yunlang.deals.journal import journal_rows
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual

_OFFICE = "长三角 G60 科创走廊办公室"
_CONFIRMATION = Bilingual("该成交确认书", "this hammer confirmation")


class RecordTooEarlyError(ConflictError):
    """The record tells of a whole sale."""

    code = "auction_record_too_early"
    message = Bilingual(
        "这一场还有拍品没有结束，全部结束后才能出具拍卖笔录。",
        "Some lots of the sale have not ended; the record is issued when all have.",
    )


def confirmation_paper(*, actor: Any, lot: Lot, paddle: str = "") -> papers.HammerConfirmation:
    """Return the hammer confirmation of a lot for whoever is on one of its sides; of several, the one of a paddle.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    seen = [one.result for one in results_seen(actor, lot) if one.is_own and paddle in ("", one.result.bidder.paddle)]
    if not seen:
        raise NotFoundError(what=_CONFIRMATION)
    result = seen[0]
    return papers.HammerConfirmation(
        number=f"{lot.sale.edition}-{lot.number:03d}-{result.bidder.paddle}", issued_at=result.hammered_at,
        sale=_sale_facts(lot.sale), lot=_lot_record(lot), bidder=result.bidder.paddle,
        conditions=_conditions(lot.sale), buyer_commission=result.buyer_commission,
        seller_commission=result.seller_commission,
    )  # fmt: skip


def record_paper(*, actor: Any, sale_id: UUID) -> papers.SaleRecord:
    """Return the record of a sale whose lots have all ended.

    Raises
    ------
    NotFoundError, NotAllowedError, RecordTooEarlyError
    """
    sale = Sale.objects.select_related("host", "auctioneer").filter(pk=sale_id).first()
    if sale is None:
        raise NotFoundError(what=SALE_MISSING)
    require(actor, "auctions.view_record", sale)
    lots = lots_recorded(sale)
    if not is_recordable(lots):
        raise RecordTooEarlyError
    ends = [lot.standing.ended_at for lot in lots if lot.standing.ended_at is not None]
    return papers.SaleRecord(
        number=f"{sale.edition}-{str(sale.pk)[:8]}", issued_at=max(ends), sale=_sale_facts(sale),
        lots=tuple(_lot_record(lot) for lot in lots),
    )  # fmt: skip


def lots_recorded(sale: Sale) -> list[Lot]:
    """Return the lots that the record of a sale tells of: those that were listed."""
    return list(sale.lots.select_related("standing", "sale").filter(standing__isnull=False).order_by("number"))


def is_recordable(lots: Iterable[Lot]) -> bool:
    """Tell whether a sale has lots and all have ended."""
    phases = [lot.standing.phase for lot in lots]
    return bool(phases) and all(phase in ENDED for phase in phases)


def _sale_facts(sale: Sale) -> papers.Sale:
    return papers.Sale(
        title=sale.title, place=sale.place or "—", house=sale.host.name if sale.host else _OFFICE,
        auctioneer=sale.auctioneer.name if sale.auctioneer else "—", recorder="—",
    )  # fmt: skip


def _conditions(sale: Sale) -> tuple[str, ...]:
    """Return the sale's own notes, a clause a line: nothing is agreed that the announcement did not say."""
    return tuple(line.strip() for line in sale.notes.splitlines() if line.strip())


def _lot_record(lot: Lot) -> papers.LotRecord:
    evidence = lot_evidence(lot)
    rows = Bidder.objects.filter(lot=lot).exclude(paddle="").select_related("organisation")
    return papers.LotRecord(
        number=str(lot.number), title=lot.title, seller=lot.seller_name,
        events=tuple(events_of(journal_rows(LOT, lot.pk))),
        paddles={one.paddle: papers.Paddle(one.paddle, one.organisation.name) for one in rows},
        proof=papers.Proof(head=evidence.head, entries=evidence.entries, file=evidence.file),
    )  # fmt: skip
