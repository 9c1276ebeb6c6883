"""Reads of what follows a hammer: a lot's results as the reader may see them, objections, documents, the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from yunlang.accounts.permissions import may, require
from yunlang.auctions.core.aftersale import COURSE, FAILED, Circumstances, ResultStatus
from yunlang.auctions.core.outcome import premium
from yunlang.auctions.core.state import ENDED
from yunlang.auctions.lot_states import LOT
from yunlang.auctions.models import HandOver, Lot, Objection, Result, Standing
from yunlang.auctions.result_permissions import parties_of
from yunlang.auctions.sale_parts import LOT_MISSING
from yunlang.auctions.sale_selectors import lot_get
from yunlang.auctions.vocabulary import TradeSide
from yunlang.deals.core.ledger.entries import Subject
from yunlang.deals.core.ledger.exports import export_lines
from yunlang.deals.journal import entries_of, journal_rows
from yunlang.deals.ledger_models import DayHead, JournalHead
from yunlang.deals.ledger_selectors import deal_contract
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_JOINED = (
    "bidder__organisation__merged_into", "bidder__organisation__city", "deal", "lot__sale", "lot__seller__merged_into",
    "lot__seller_city",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeenResult:
    """A result as a reader may see it.

    Attributes
    ----------
    winner
        The winner's name; empty for strangers before the result is published.
    is_own
        Whether the reader is on one of its sides, or of the office, or an auditor: commissions and documents are
        theirs to see.
    contract
        The contract of its deal with its payments; None where there is none, or for strangers.
    """

    result: Result
    winner: str
    premium: Decimal | None
    is_own: bool
    buyer: Any
    seller: Any
    contract: Any
    hand_overs: list[HandOver]

    def circumstances(self, open_objections: int) -> Circumstances:
        """Return what a step has to know, of the lot's open objections beside."""
        paid = self.contract is not None and self.contract.paid == self.contract.amount
        awaiting = sum(one.accepted_at is None for one in self.hand_overs)
        return Circumstances(open_objections, paid, len(self.hand_overs), awaiting)

    @property
    def steps(self) -> list[tuple[Bilingual, bool, bool]]:
        """The course: each status, whether it is the present one, whether it has been passed."""
        status = ResultStatus(self.result.status)
        if status in FAILED:
            return [(self.result.status_label, True, False)]
        now = COURSE.index(status)
        labels = [Result(status=one).status_label for one in COURSE]
        return [(label, place == now, place < now) for place, label in enumerate(labels)]


def lot_listed(actor: Any, lot_id: UUID) -> Lot:
    """Return a lot whose journal has begun.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see its sale; the two look the same.
    """
    found = lot_get(actor, lot_id)
    if not hasattr(found, "standing"):
        raise NotFoundError(what=LOT_MISSING)
    return found


def results_seen(actor: Any, lot: Lot) -> list[SeenResult]:
    """Return a lot's results, by paddle."""
    rows = lot.results.select_related(*_JOINED).prefetch_related("hand_overs").order_by("bidder__paddle")
    return [_seen(actor, result) for result in rows]


def _seen(actor: Any, result: Result) -> SeenResult:
    own = may(actor, "auctions.view_result", result)
    sides = parties_of(result)
    winner = result.bidder.organisation.name if own or result.published_at else ""
    contract = deal_contract(result.deal) if own and result.deal else None
    return SeenResult(
        result, winner, premium(result.value, result.base), own, sides[TradeSide.BUYER], sides[TradeSide.SELLER],
        contract, list(result.hand_overs.all()) if own else [],
    )  # fmt: skip


def result_get(actor: Any, result_id: UUID) -> Result:
    """Return a result that the actor may see in full.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not; the two look the same.
    """
    found = Result.objects.select_related(*_JOINED).filter(pk=result_id).first()
    if found is None or not may(actor, "auctions.view_result", found):
        raise NotFoundError(what=Bilingual("该成交结果", "this result"))
    return found


def objections_seen(actor: Any, lot: Lot) -> list[Objection]:
    """Return the objections to a lot's result: all for the seller and the office, else those of the own side."""
    rows = lot.objections.select_related("organisation")
    if not may(actor, "auctions.view_objections", lot):
        rows = rows.filter(organisation__in=list(memberships_of(actor)))
    return list(rows)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a lot's journal ends.

    Attributes
    ----------
    day
        When its last hash was published; None where that is still to come.
    """

    head: str
    entries: int
    day: DayHead | None
    file: str


def lot_evidence(lot: Lot) -> Evidence:
    """Return what anybody needs to check a lot's journal with."""
    head = JournalHead.objects.get(subject_kind=LOT, subject_id=lot.pk)
    day = DayHead.objects.filter(heads__contains=[head.hash]).first()
    return Evidence(head.hash, head.sequence, day, f"lot-{lot.pk}.jsonl")


def lot_journal(*, actor: Any, lot_id: UUID, at: datetime) -> Iterator[bytes]:
    """Return the lines of an export of a lot's journal, once the lot has ended: till then it holds secrets.

    Raises
    ------
    NotFoundError, NotAllowedError
    """
    lot = lot_listed(actor, lot_id)
    require(actor, "auctions.view_journal", lot)
    if not Standing.objects.filter(pk=lot.pk, phase__in=list(ENDED)).exists():
        raise NotFoundError(what=Bilingual("已结束的拍卖记录", "the journal of a lot that has ended"))
    entries = entries_of(journal_rows(LOT, lot.pk).iterator())
    return export_lines(entries, scope=str(Subject(LOT, str(lot.pk))), made_at=at)


def hand_over_file(actor: Any, hand_over_id: UUID) -> HandOver:
    """Return a document with its bytes.

    Raises
    ------
    NotFoundError
    """
    rows = HandOver.objects.select_related("file", *(f"result__{name}" for name in _JOINED))
    found = rows.filter(pk=hand_over_id).first()
    if found is None or not may(actor, "auctions.view_result", found.result):
        raise NotFoundError(what=Bilingual("该交割文件", "this document"))
    return found
