"""Steps of deposits that services share; each is called inside the transaction of a service that has checked it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from yunlang.auctions.clock import Clock
from yunlang.auctions.conducting import paddle_admit
from yunlang.auctions.core.deposits import ENDED, DepositStatus, Step, reference_of, status_after
from yunlang.auctions.deposit_models import Deposit, DepositEntry
from yunlang.auctions.models import Bidder
from yunlang.auctions.payments import payment_provider
from yunlang.auctions.sale_notices import deposit_tell
from yunlang.auctions.vocabulary import BidderStatus
from yunlang.deals.journal import journal_name
from yunlang.kit.audit import Actor, audit_record

DEPOSIT = "deposit"


def deposit_demand(*, actor: Actor, bidder: Bidder, at: datetime) -> Deposit:
    """Ask an approved bidder for its deposit."""
    deposit = Deposit.objects.create(
        bidder=bidder, amount=bidder.lot.deposit, provider=payment_provider().name,
        reference=reference_of(_next_number()), status=status_after(None, Step.DEMAND), asked_at=at,
    )  # fmt: skip
    _entered(deposit, Step.DEMAND, actor, at)
    deposit_tell("due", deposit)
    return deposit


def bidder_qualify(*, actor: Actor, bidder: Bidder, clock: Clock) -> None:
    """Have an approved bidder's paddle admitted."""
    bidder.status = BidderStatus.QUALIFIED
    bidder.save(update_fields=["status", "paddle", "decided_at"])
    paddle_admit(actor=actor, lot_id=bidder.lot_id, paddle=bidder.paddle, clock=clock)


def deposit_give_up(*, actor: Actor, bidder: Bidder, at: datetime) -> None:
    """Let go of the deposit of a bidder that leaves."""
    deposit = Deposit.objects.filter(bidder=bidder).first()
    steps = {DepositStatus.DUE: Step.LAPSE, DepositStatus.HELD: Step.RELEASE}
    if deposit is not None and deposit.status in steps:
        deposit.bidder = bidder
        deposit_move(deposit, steps[DepositStatus(deposit.status)], actor, at)


def deposit_move(
    deposit: Deposit, step: Step, actor: Actor, at: datetime, *, slip: str = "", reason: str = ""
) -> None:  # fmt: skip
    """Let a step happen to a deposit: its row, the movement, and the audit log."""
    before = deposit.status
    deposit.status = status_after(DepositStatus(before), step)
    has_ended = deposit.status in ENDED
    deposit.ended_at = at if has_ended else None
    if deposit.status == DepositStatus.REFUND_DUE:
        deposit.released_at = at
    deposit.reason = reason or deposit.reason
    deposit.updated_at = at
    deposit.save()
    _entered(deposit, step, actor, at, slip=slip, reason=reason)
    after: dict[str, Any] = {"status": deposit.status, "slip": slip, "reason": reason}
    audit_record(
        actor=actor, action=f"deposit_{step}", object_kind=DEPOSIT, object_id=deposit.pk,
        before={"status": before}, after=after,
    )  # fmt: skip


def _entered(
    deposit: Deposit, step: Step, actor: Actor, at: datetime, *, slip: str = "", reason: str = ""
) -> None:  # fmt: skip
    DepositEntry.objects.create(
        deposit=deposit, number=deposit.entries.count() + 1, step=step, status=deposit.status, amount=deposit.amount,
        at=at, actor=journal_name(actor)[:200], slip=slip, reason=reason,
    )  # fmt: skip


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('auctions_deposit_number')")
        return int(cursor.fetchone()[0])
