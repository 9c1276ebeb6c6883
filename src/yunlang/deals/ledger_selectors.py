"""Reads of deals and of the ledger: what the actor may see, what was published, what an export holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from yunlang.accounts.permissions import is_auditor, is_manager, is_office, is_signed_in, may, require
from yunlang.deals.core.introduction import Status
from yunlang.deals.core.ledger.entries import Subject
from yunlang.deals.core.ledger.exports import export_lines
from yunlang.deals.core.ledger.heads import Publication
from yunlang.deals.core.ledger.vocabulary import DealStatus
from yunlang.deals.journal import DEAL, entries_of, journal_rows
from yunlang.deals.ledger_models import Contract, DayHead, Deal, JournalEntry, JournalHead
from yunlang.deals.models import Introduction
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_JOINED = (
    "need_side__merged_into", "offer_side__merged_into", "need_city", "offer_city", "manager", "contract", "need",
    "resource",
)  # fmt: skip
DEAL_MISSING = Bilingual("该成交", "this deal")


def deals_visible(actor: Any) -> QuerySet[Deal]:
    """Return the deals that the actor may see, the latest first; the same that `deals.view_deal` lets through."""
    rows = Deal.objects.select_related(*_JOINED).order_by("-opened_at", "id")
    if is_office(actor) or is_auditor(actor):
        return rows
    if not is_signed_in(actor):
        return rows.none()
    seen = Q(pk__in=[])
    if mine := list(memberships_of(actor)):
        for side in ("need_side", "offer_side"):
            seen |= Q(**{f"{side}__in": mine}) | Q(**{f"{side}__merged_into__in": mine})
    if is_manager(actor):
        seen |= Q(manager_id=actor.actor_id)
    return rows.filter(seen)


def deal_get(actor: Any, deal_id: UUID) -> Deal:
    """Return one deal.

    Raises
    ------
    NotFoundError
        When there is none, or the actor may not see it; the two look the same.
    """
    found = Deal.objects.select_related(*_JOINED, "introduction").filter(pk=deal_id).first()
    if found is None or not may(actor, "deals.view_deal", found):
        raise NotFoundError(what=DEAL_MISSING)
    return found


def deal_contract(deal: Deal) -> Contract | None:
    """Return a deal's contract with its milestones and payments, or None where none is signed."""
    return Contract.objects.prefetch_related("milestones", "payments").filter(pk=deal.pk).first()


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """What the public is told of deals: counts and the sum of signed contracts, in CNY."""

    deals: int
    contracts: int
    amount: Decimal
    entries: int


def ledger_totals() -> LedgerTotals:
    """Count what the ledger holds; deals that were terminated are not deals made."""
    made = Contract.objects.exclude(deal__status=DealStatus.TERMINATED)
    signed = made.aggregate(count=Count("pk"), amount=Sum("amount"))
    deals = Deal.objects.exclude(status=DealStatus.TERMINATED).count()
    return LedgerTotals(deals, signed["count"], signed["amount"] or Decimal(0), JournalEntry.objects.count())


def publications() -> QuerySet[DayHead]:
    """Return the published days, the latest first."""
    return DayHead.objects.order_by("-day")


def publication_row(row: DayHead) -> Publication:
    """Return a published day as the core's value."""
    return Publication(row.day, tuple(row.heads), row.previous, row.root)


def publications_in_order() -> Iterator[Publication]:
    """Yield every published day from the first on."""
    for row in DayHead.objects.order_by("day").iterator():
        yield publication_row(row)


def day_of_head(head: str) -> DayHead | None:
    """Return the day on which a hash was published as a head; None where it never was."""
    return DayHead.objects.filter(heads__contains=[head]).first()


def published_sequence(deal: Deal) -> int:
    """Return the last entry of a deal's journal that a published head covers; 0 where none does."""
    found = JournalHead.objects.filter(subject_kind=DEAL, subject_id=deal.pk).values_list("published", flat=True)
    return found.first() or 0


def journal_of(deal: Deal) -> list[JournalEntry]:
    """Return a deal's journal, the latest entry first."""
    return list(journal_rows(DEAL, deal.pk).reverse())


def ledger_export(*, actor: Any, at: datetime, deal: Deal | None = None) -> Iterator[bytes]:
    """Return the lines of an export: of one deal for whoever may see it, of everything for the office and auditors.

    Raises
    ------
    NotAllowedError
    """
    if deal is None:
        require(actor, "deals.export_ledger")
        rows = JournalEntry.objects.order_by("subject_kind", "subject_id", "sequence")
        return export_lines(entries_of(rows.iterator()), scope="all", made_at=at)
    require(actor, "deals.view_deal", deal)
    entries = entries_of(journal_rows(DEAL, deal.pk).iterator())
    return export_lines(entries, scope=str(Subject(DEAL, str(deal.pk))), made_at=at)


def introduction_deal(actor: Any, introduction: Introduction) -> tuple[Deal | None, bool]:
    """Return the deal that an introduction led to, if the actor may see it, and whether the actor may open one now."""
    found = Deal.objects.select_related(*_JOINED).filter(introduction=introduction).first()
    if found is not None:
        return (found if may(actor, "deals.view_deal", found) else None), False
    return None, introduction.status == Status.SIGNED and may(actor, "deals.open", introduction)
