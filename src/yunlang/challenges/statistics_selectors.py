"""Statistics of the published list, and what is announced of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.statistics import Item
from yunlang.challenges.models import Award, Challenge
from yunlang.deals.core.ledger.vocabulary import DealStatus
from yunlang.registry.models import Figure

# The figure of the registry that says how many items the announced list has; the number itself is data.
LIST_FIGURE = "joint_research_items"
OPENED = Q(proposals__status__in=[ProposalStatus.OPENED, ProposalStatus.UNREADABLE])


def list_items(call_id: UUID | None = None) -> list[Item]:
    """Return every published item, of one call or of all, in the order of the list.

    An award whose deal ended before its time counts for what was paid of it.
    """
    rows = Challenge.objects.select_related("nomination__need").order_by("published_at", "number", "id")
    if call_id is not None:
        rows = rows.filter(call_id=call_id)
    counted = rows.annotate(
        opened=Count("proposals", filter=OPENED, distinct=True), is_opened=Count("proposals_closing__opened_at")
    )
    money = _money(call_id)
    return [
        Item(
            area=row.area, city=row.nomination.need.city_id or "", status=row.status, budget=row.budget,
            proposals=row.opened if row.is_opened else None, winners=money.winners[row.pk],
            awarded=money.awarded[row.pk], paid=money.paid[row.pk],
        )
        for row in counted
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Money:
    """By challenge: how many were awarded it, and what they were awarded and paid, in CNY."""

    winners: defaultdict[UUID, int]
    awarded: defaultdict[UUID, Decimal]
    paid: defaultdict[UUID, Decimal]


def _money(call_id: UUID | None) -> _Money:
    money = _Money(defaultdict(int), defaultdict(Decimal), defaultdict(Decimal))
    rows = Award.objects.all() if call_id is None else Award.objects.filter(challenge__call_id=call_id)
    for key, amount, status, paid in rows.values_list("challenge_id", "amount", "deal__status", "deal__contract__paid"):
        money.winners[key] += 1
        money.paid[key] += paid or 0
        # What ended before its time comes to what was paid of it.
        money.awarded[key] += (paid or 0) if status == DealStatus.TERMINATED else amount
    return money


def list_announced() -> Figure | None:
    """Return the latest figure of how many items the announced list has; None where none was published."""
    return Figure.objects.select_related("source").filter(code=LIST_FIGURE).order_by("-period", "-pk").first()
