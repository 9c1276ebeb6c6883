"""What falls due after a hammer, told to both sides once."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from yunlang.auctions import result_notices as notices
from yunlang.auctions.models import Result
from yunlang.auctions.result_permissions import parties_of
from yunlang.deals.core.ledger.vocabulary import UNDER_CONTRACT, PaymentStatus
from yunlang.deals.ledger_models import Payment

_AHEAD = timedelta(days=7)


@transaction.atomic
def payments_remind(*, today: date) -> int:
    """Tell both sides of each payment of an auction's deal that is due within a week or overdue; return how many."""
    due = Payment.objects.filter(
        status=PaymentStatus.DUE, due__lte=today + _AHEAD, contract__deal__status__in=UNDER_CONTRACT,
        contract__deal__auction_result__isnull=False,
    ).order_by("due", "pk")  # fmt: skip
    payments = list(due)
    rows = Result.objects.filter(deal__in={one.contract_id for one in payments}).select_related(
        "lot__seller__merged_into", "bidder__organisation__merged_into"
    )
    results = {one.deal_id: one for one in rows}
    for payment in payments:
        result = results[payment.contract_id]
        sides = [party.pk for party in parties_of(result).values()]
        notices.lot_tell(
            notices.PAYMENT_DUE, result.lot, sides, key=f"{payment.pk}:{payment.due}",
            amount=notices.amount_told(payment.amount), due=str(payment.due),
        )  # fmt: skip
    return len(payments)
