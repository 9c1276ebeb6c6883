"""Statistics of the published list, and what is announced of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.statistics import Item
from yunlang.challenges.models import Award, Challenge
from yunlang.deals.core.ledger.vocabulary import DealStatus
from yunlang.deals.ledger_models import Contract
from yunlang.registry.models import Figure

# The figure of the registry that says how many items the announced list has; the number itself is data.
LIST_FIGURE = "joint_research_items"
OPENED = Q(proposals__status__in=[ProposalStatus.OPENED, ProposalStatus.UNREADABLE])


def list_items(call_id: UUID | None = None) -> list[Item]:
    """Return every published item, of one call or of all, in the order of the list.

    An award that was given up before anything was paid counts for nothing; a deal that ended early for what was paid.
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
            proposals=row.opened if row.is_opened else None, **money.get(row.pk, _NOTHING),
        )
        for row in counted
    ]  # fmt: skip


_NOTHING: Mapping[str, int | Decimal] = {"winners": 0, "awarded": Decimal(0), "paid": Decimal(0)}


def _money(call_id: UUID | None) -> dict[UUID, dict[str, Decimal | int]]:
    awards = Award.objects.all() if call_id is None else Award.objects.filter(challenge__call_id=call_id)
    found: dict[UUID, dict[str, Decimal | int]] = {}
    for key, count, amount in awards.values_list("challenge").annotate(Count("pk"), Sum("amount")).order_by():
        found[key] = {"winners": count, "awarded": amount, "paid": Decimal(0)}
    paid = Contract.objects.filter(deal__award__in=awards).values_list("deal__award__challenge")
    for key, total in paid.annotate(Sum("paid")).order_by():
        found[key]["paid"] = total
    # What was awarded and ended early comes to what was paid of it.
    ended = awards.filter(deal__status=DealStatus.TERMINATED).values_list("challenge", "amount", "deal__contract__paid")
    for key, amount, was_paid in ended:
        found[key]["awarded"] += (was_paid or Decimal(0)) - amount
    return found


def list_announced() -> Figure | None:
    """Return the latest figure of how many items the announced list has; None where none was published."""
    return Figure.objects.select_related("source").filter(code=LIST_FIGURE).order_by("-period", "-pk").first()
