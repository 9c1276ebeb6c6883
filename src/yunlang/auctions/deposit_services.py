"""What happens to deposits. One function is one business action in one transaction with row and audit."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core.deposits import DepositStatus, Step, status_after
from yunlang.auctions.core.state import ENDED, Phase
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.deposit_moves import bidder_qualify, deposit_move
from yunlang.auctions.lot_states import lot_state
from yunlang.auctions.models import Lot
from yunlang.auctions.payments import Receipt, payment_provider
from yunlang.auctions.sale_fields import REASON_FIELDS, RECEIPT_FIELDS, REFUND_FIELDS
from yunlang.auctions.sale_notices import deposit_tell
from yunlang.auctions.sale_parts import Raw, bidder_held, is_ended, lot_held, parsed
from yunlang.kit.audit import Actor
from yunlang.kit.errors import ConflictError, NotFoundError
from yunlang.kit.language import Bilingual


class SlipUsedError(ConflictError):
    """One transfer pays one deposit."""

    code = "deposit_slip_used"
    message = Bilingual(
        "回单号 {slip} 已用于另一笔保证金，请核对。", "Slip {slip} has paid another deposit. Check its number."
    )


@transaction.atomic
def deposit_confirm(*, actor: Actor, deposit_id: UUID, raw: Raw, clock: Clock = server_time) -> Deposit:
    """Record that a deposit has arrived: the bidder is qualified and its paddle may bid.

    Money for a lot that has ended, or of a bidder that is out, is put down to be refunded.

    Raises
    ------
    InvalidError, WrongAmountError, SlipUsedError, DepositStepError, RefusedError
    """
    deposit = _held(deposit_id)
    require(actor, "auctions.keep_deposits", deposit)
    values, at = parsed(RECEIPT_FIELDS, raw), clock()
    receipt = Receipt(values["amount"], values["received_on"], values["slip"])
    status_after(DepositStatus(deposit.status), Step.RECEIVE)
    payment_provider(deposit.provider).confirm(deposit, receipt, today=timezone.localdate(at))
    if deposit.status == DepositStatus.DUE and is_ended(deposit.bidder.lot):
        deposit_move(deposit, Step.LAPSE, actor, at)
    deposit.slip, deposit.received_on, deposit.received_at = receipt.slip, receipt.received_on, at
    try:
        with transaction.atomic():
            deposit_move(deposit, Step.RECEIVE, actor, at, slip=receipt.slip)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise SlipUsedError(slip=receipt.slip) from error
        raise
    deposit_tell("received", deposit)
    if deposit.status == DepositStatus.HELD:
        bidder_qualify(actor=actor, bidder=deposit.bidder, clock=clock)
    return deposit


@transaction.atomic
def deposits_release(*, actor: Actor, lot_id: UUID, clock: Clock = server_time) -> int:
    """Release the deposits of a lot that has ended, but the winners'; return how many moved, none the second time.

    What was still awaited is no longer asked for. A winner's deposit stays until `deposit_settle` or
    `deposit_forfeit`; those of a lot that was annulled all go back.
    """
    lot = lot_held(lot_id)
    require(actor, "auctions.keep_deposits", lot)
    if not is_ended(lot):
        return 0
    winners, at = _winners(lot), clock()
    waiting = Deposit.objects.select_related("bidder").filter(
        bidder__lot=lot, status__in=[DepositStatus.DUE, DepositStatus.HELD]
    )
    moved = 0
    for deposit in waiting.order_by("pk"):
        if deposit.bidder.paddle not in winners:
            deposit.bidder.lot = lot
            step = Step.RELEASE if deposit.status == DepositStatus.HELD else Step.LAPSE
            deposit_move(deposit, step, actor, at)
            moved += 1
    return moved


def _winners(lot: Lot) -> set[str]:
    state = lot_state(lot.pk) if lot.withdrawn_at is None else None
    outcome = state.outcome if state is not None else None
    return {award.bidder for award in outcome.awards} if outcome is not None else set()


def lots_to_release() -> list[UUID]:
    """Return the lots that have ended and have deposits which wait for it."""
    waiting = Deposit.objects.filter(
        status__in=[DepositStatus.DUE, DepositStatus.HELD],
        bidder__lot__standing__phase__in=[str(one) for one in ENDED],
    )
    # Of a lot that was sold the first winner's deposit stays: only what others have left is worth a visit.
    sold = waiting.filter(bidder__lot__standing__phase=Phase.SOLD).values_list("bidder__lot", "bidder__paddle")
    others = set(waiting.exclude(bidder__lot__standing__phase=Phase.SOLD).values_list("bidder__lot", flat=True))
    leaders = dict(Lot.objects.filter(pk__in={lot for lot, _ in sold}).values_list("pk", "standing__leader"))
    return sorted(others | {lot for lot, paddle in sold if leaders[lot] != paddle})


@transaction.atomic
def deposit_settle(*, actor: Actor, deposit_id: UUID, clock: Clock = server_time) -> Deposit:
    """Release a winner's deposit once it has paid what it owes.

    Raises
    ------
    DepositStepError
    """
    deposit = _held(deposit_id)
    require(actor, "auctions.keep_deposits", deposit)
    deposit_move(deposit, Step.RELEASE, actor, clock())
    return deposit


@transaction.atomic
def deposit_refund(*, actor: Actor, deposit_id: UUID, raw: Raw, clock: Clock = server_time) -> Deposit:
    """Record that a released deposit went back, under the number of the bank's slip.

    Raises
    ------
    InvalidError, DepositStepError
    """
    deposit = _held(deposit_id)
    require(actor, "auctions.keep_deposits", deposit)
    slip = parsed(REFUND_FIELDS, raw)["slip"]
    status_after(DepositStatus(deposit.status), Step.REFUND)
    payment_provider(deposit.provider).refund(deposit, slip)
    deposit.refund_slip = slip
    deposit_move(deposit, Step.REFUND, actor, clock(), slip=slip)
    deposit_tell("refunded", deposit)
    return deposit


@transaction.atomic
def deposit_forfeit(*, actor: Actor, deposit_id: UUID, raw: Raw, clock: Clock = server_time) -> Deposit:
    """Keep a deposit for good, with the reason: its bidder won and does not perform, or broke the rules.

    Raises
    ------
    InvalidError, DepositStepError
    """
    deposit = _held(deposit_id)
    require(actor, "auctions.keep_deposits", deposit)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    status_after(DepositStatus(deposit.status), Step.FORFEIT)
    payment_provider(deposit.provider).forfeit(deposit)
    deposit_move(deposit, Step.FORFEIT, actor, clock(), reason=reason)
    deposit_tell("forfeited", deposit)
    return deposit


@transaction.atomic
def deposit_count(*, actor: Actor, deposit_id: UUID, clock: Clock = server_time) -> Deposit:
    """Let a winner's deposit count towards the price: whoever calls has entered the payment in the ledger.

    Raises
    ------
    DepositStepError
    """
    deposit = _held(deposit_id)
    require(actor, "auctions.keep_deposits", deposit)
    status_after(DepositStatus(deposit.status), Step.COUNT)
    payment_provider(deposit.provider).forfeit(deposit)
    deposit_move(deposit, Step.COUNT, actor, clock())
    deposit_tell("counted", deposit)
    return deposit


def _held(deposit_id: UUID) -> Deposit:
    """Return a deposit; the row of its lot is held until the transaction ends."""
    found = Deposit.objects.filter(pk=deposit_id).values_list("bidder", flat=True).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该保证金", "this deposit"))
    bidder = bidder_held(found)
    deposit = Deposit.objects.get(pk=deposit_id)
    deposit.bidder = bidder
    return deposit
