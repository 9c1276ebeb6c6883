"""What the office, bidders and sellers do after a hammer. One function is one business action in one transaction.

Contract and instalments are the ledger's (`deals.ledger_services`): what is signed and paid, it says, not a result.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg.errors import UniqueViolation

from yunlang.accounts.permissions import require
from yunlang.auctions import result_notices as notices
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.conducting import lot_annul
from yunlang.auctions.core.aftersale import Circumstances, ResultStatus, ResultStep, advanced, objections_end
from yunlang.auctions.core.deposits import DepositStatus
from yunlang.auctions.deposit_models import Deposit
from yunlang.auctions.deposit_services import deposit_count, deposit_forfeit, deposit_settle
from yunlang.auctions.models import Bidder, Lot, Objection, Result
from yunlang.auctions.result_fields import CONFIRM_FIELDS, DECISION_FIELDS, DEFAULT_FIELDS, OBJECTION_FIELDS
from yunlang.auctions.result_permissions import parties_of
from yunlang.auctions.result_recording import RESULT, result_fail, result_record
from yunlang.auctions.sale_parts import Raw, lot_held, parsed
from yunlang.auctions.vocabulary import BidderStatus, ObjectionStatus, TradeSide
from yunlang.deals.core.ledger.vocabulary import ENDED
from yunlang.deals.ledger_models import Contract, Deal, Payment
from yunlang.deals.ledger_services import (
    deal_agree,
    deal_complete,
    deal_open_directly,
    payment_record,
    payment_schedule,
)
from yunlang.kit.audit import audit_record
from yunlang.kit.errors import ConflictError, NotAllowedError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

_RESULT_MISSING = Bilingual("该成交结果", "this result")


class ObjectionsClosedError(ConflictError):
    """No objection is taken now."""

    code = "objections_closed"
    message = Bilingual(
        "现在不在异议期内，不能提出异议。如有新的证据，请直接联系走廊办公室。",
        "The objection period is not running. With new evidence, turn to the corridor office.",
    )


class ObjectionOpenError(ConflictError):
    """The organisation's objection waits for its decision."""

    code = "objection_open"
    message = Bilingual("贵机构的异议正在处理，无需重复提出。", "Your objection is being examined already.")


class NoDepositError(ConflictError):
    """There is nothing that could count as an instalment."""

    code = "no_deposit_to_count"
    message = Bilingual(
        "没有可抵作价款的保证金：成交须已确认，且保证金仍在走廊办公室。",
        "No deposit can count: the sale must be confirmed and the deposit still be with the corridor office.",
    )


class ObjectionDecidedError(ConflictError):
    """The objection was decided before."""

    code = "objection_decided"
    message = Bilingual("该异议已有处理结果。", "This objection was decided before.")


@transaction.atomic
def result_publish(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> list[Result]:
    """Publish what a lot was sold for and to whom; the objection period begins.

    Raises
    ------
    NotFoundError, NotAllowedError, ResultStepError
    """
    lot = lot_held(lot_id)
    require(actor, "auctions.keep_results", lot)
    at = clock()
    results = result_record(lot_id=lot.pk)
    if not results:
        raise NotFoundError(what=_RESULT_MISSING)
    until = objections_end(at, lot.sale.objection_days, timezone.get_default_timezone())
    for result in results:
        result.published_at = at
        result.objections_until = until
        _advance(actor, result, ResultStep.PUBLISH, at, until=until)
    parties = {lot.seller_id, *lot.bidders.exclude(paddle="").values_list("organisation_id", flat=True)}
    notices.lot_tell(notices.PUBLISHED, lot, parties, key="result", until=f"{until:%Y-%m-%d %H:%M}")
    return results


@transaction.atomic
def objection_raise(*, actor: Any, lot_id: UUID, raw: Raw, clock: Clock = server_time) -> Objection:
    """Object to a lot's result, as a qualified bidder or as the seller, within the period.

    Raises
    ------
    NotFoundError, NotAllowedError, ObjectionsClosedError, ObjectionOpenError, InvalidError
    """
    lot = lot_held(lot_id)
    require(actor, "auctions.object", lot)
    values = parsed(OBJECTION_FIELDS, raw)
    at = clock()
    if not any(result.course.takes_objections(at) for result in lot.results.all()):
        raise ObjectionsClosedError
    organisation_id = _objector(actor, lot)
    try:
        with transaction.atomic():
            made = Objection.objects.create(
                lot=lot, organisation_id=organisation_id, raised_by_id=actor.actor_id, raised_at=at, **values
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise ObjectionOpenError from error
        raise
    audit_record(
        actor=actor, action="objection_raise", object_kind="auction_objection", object_id=made.pk,
        after={"lot": str(lot.pk), "organisation": str(organisation_id), **values},
    )  # fmt: skip
    notices.lot_tell(notices.OBJECTED, lot, _concerned(lot), key=str(made.pk))
    return made


def _objector(actor: Any, lot: Lot) -> UUID:
    mine = memberships_of(actor)
    if lot.seller_id in mine:
        return lot.seller_id
    rows = Bidder.objects.filter(lot=lot, organisation__in=list(mine), status=BidderStatus.QUALIFIED)
    bidder = rows.order_by("paddle").first()
    if bidder is None:
        raise NotAllowedError
    return bidder.organisation_id


def _concerned(lot: Lot) -> set[UUID]:
    return {lot.seller_id, *lot.results.values_list("bidder__organisation_id", flat=True)}


@transaction.atomic
def objection_decide(*, actor: Any, objection_id: UUID, raw: Raw, clock: Clock = server_time) -> Objection:
    """Decide an objection; one that is upheld annuls the lot, and with it every result and deal of it.

    Raises
    ------
    NotFoundError, NotAllowedError, ObjectionDecidedError, InvalidError
    """
    found = Objection.objects.filter(pk=objection_id).values_list("lot_id", flat=True).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该异议", "this objection"))
    lot = lot_held(found)
    require(actor, "auctions.keep_results", lot)
    values = parsed(DECISION_FIELDS, raw)
    objection = Objection.objects.get(pk=objection_id)
    if objection.status != ObjectionStatus.OPEN:
        raise ObjectionDecidedError
    objection.status, objection.decision = values["verdict"], values["reason"]
    objection.decided_at = objection.updated_at = clock()
    objection.save(update_fields=["status", "decision", "decided_at", "updated_at"])
    audit_record(
        actor=actor, action="objection_decide", object_kind="auction_objection", object_id=objection.pk, after=values
    )
    told = {objection.organisation_id, *_concerned(lot)}
    upheld = objection.status == ObjectionStatus.UPHELD
    kind = notices.UPHELD if upheld else notices.REJECTED
    notices.lot_tell(kind, lot, told, key=str(objection.pk), reason=objection.decision)
    if upheld:
        lot_annul(actor=actor, lot_id=lot.pk, reason=objection.decision, clock=clock)
        result_record(lot_id=lot.pk)
    return objection


@transaction.atomic
def result_confirm(*, actor: Any, result_id: UUID, raw: Raw, clock: Clock = server_time) -> Result:
    """Confirm a result once nobody objects any more; its deal is in the ledger from then on, agreed by both sides.

    Raises
    ------
    NotFoundError, NotAllowedError, ResultStepError, ResultNotReadyError, InvalidError
    """
    lot, result = _held(actor, result_id)
    values = parsed(CONFIRM_FIELDS, raw)
    at = clock()
    waiting = lot.objections.filter(status=ObjectionStatus.OPEN).count()
    advanced(result.course, ResultStep.CONFIRM, at, facts=Circumstances(open_objections=waiting))
    result.deal = _deal_opened(actor, result, values["kind"], at)
    _advance(actor, result, ResultStep.CONFIRM, at, deal=str(result.deal.pk))
    sides = [party.pk for party in parties_of(result).values()]
    notices.lot_tell(notices.CONTRACT_DUE, lot, sides, key=str(result.pk))
    return result


def _deal_opened(actor: Any, result: Result, kind: str, at: datetime) -> Deal:
    sides = parties_of(result)
    raw = {
        "kind": kind, "title": result.lot.title, "amount": str(result.value), "source": "lot",
        "source_id": str(result.lot_id), "need_side": str(sides[TradeSide.BUYER].pk),
        "offer_side": str(sides[TradeSide.SELLER].pk),
    }  # fmt: skip
    deal = deal_open_directly(actor=actor, raw=raw, at=at)
    return deal_agree(actor=actor, deal_id=deal.pk, at=at)


@transaction.atomic
def deposit_apply(*, actor: Any, result_id: UUID, clock: Clock = server_time) -> Result:
    """Let the winner's deposit count as an instalment: the ledger has it as due and paid, under its reference.

    Raises
    ------
    NotFoundError, NotAllowedError, NoDepositError, DealStepImpossibleError, AmountExceededError
    """
    _, result = _held(actor, result_id)
    deposit = deposit_kept(result)
    if deposit is None or result.deal is None or result.status != ResultStatus.CONFIRMED:
        raise NoDepositError
    at = clock()
    day = timezone.localdate(at).isoformat()
    values: dict[str, Any] = {"actor": actor, "deal_id": result.deal.pk, "at": at}
    payment_schedule(raw={"amount": str(deposit.amount), "due": day}, **values)
    payments = Payment.objects.filter(contract=result.deal.pk)
    number = payments.aggregate(last=Max("number"))["last"]
    payment_record(payment=number, raw={"paid_on": day, "reference": deposit.reference}, **values)
    deposit_count(actor=actor, deposit_id=deposit.pk, clock=clock)
    return result


@transaction.atomic
def settlement_complete(*, actor: Any, result_id: UUID, clock: Clock = server_time) -> Result:
    """Record that the whole price is paid, as the ledger says; the buyer's deposit may go back then.

    Raises
    ------
    NotFoundError, NotAllowedError, ResultStepError, ResultNotReadyError
    """
    _, result = _held(actor, result_id)
    _advance(actor, result, ResultStep.SETTLE, clock(), facts=Circumstances(is_paid=is_paid(result)))
    if (deposit := deposit_kept(result)) is not None:
        deposit_settle(actor=actor, deposit_id=deposit.pk, clock=clock)
    return result


def deposit_kept(result: Result) -> Deposit | None:
    """Return the winner's deposit while the office has it and nothing was decided about it."""
    return Deposit.objects.filter(bidder=result.bidder_id, status=DepositStatus.HELD).first()


def is_paid(result: Result) -> bool:
    """Tell whether the contract of a result's deal is signed and its whole amount paid."""
    contract = Contract.objects.filter(pk=result.deal_id).first() if result.deal_id else None
    return contract is not None and contract.paid == contract.amount


@transaction.atomic
def result_complete(*, actor: Any, result_id: UUID, clock: Clock = server_time) -> Result:
    """Record that everything is handed over and accepted; the deal in the ledger is completed with it.

    Raises
    ------
    NotFoundError, NotAllowedError, ResultStepError, ResultNotReadyError
    """
    _, result = _held(actor, result_id)
    at = clock()
    result.ended_at = at
    _advance(actor, result, ResultStep.COMPLETE, at, facts=_delivery(result))
    if result.deal is not None and result.deal.status not in ENDED:
        deal_complete(actor=actor, deal_id=result.deal.pk, at=at)
    return result


def _delivery(result: Result) -> Circumstances:
    documents = result.hand_overs.all()
    awaiting = sum(one.accepted_at is None for one in documents)
    return Circumstances(is_paid=True, handed_over=len(documents), awaiting=awaiting)


@transaction.atomic
def buyer_default(*, actor: Any, result_id: UUID, raw: Raw, clock: Clock = server_time) -> Result:
    """Record that the buyer does not sign or pay: the deal ends, its deposit is kept, and the lot may be put up again.

    Raises
    ------
    NotFoundError, NotAllowedError, ResultStepError, InvalidError
    """
    _, result = _held(actor, result_id)
    values = parsed(DEFAULT_FIELDS, raw)
    result_fail(actor, result, ResultStep.DEFAULT, values["reason"], clock())
    if (deposit := deposit_kept(result)) is not None:
        deposit_forfeit(actor=actor, deposit_id=deposit.pk, raw=values, clock=clock)
    return result


def _held(actor: Any, result_id: UUID) -> tuple[Lot, Result]:
    lot_id = Result.objects.filter(pk=result_id).values_list("lot_id", flat=True).first()
    if lot_id is None:
        raise NotFoundError(what=_RESULT_MISSING)
    lot = lot_held(lot_id)
    require(actor, "auctions.keep_results", lot)
    result = lot.results.select_related("bidder__organisation__merged_into", "deal").get(pk=result_id)
    result.lot = lot
    return lot, result


def _advance(
    actor: Any, result: Result, step: ResultStep, at: datetime, *, facts: Circumstances | None = None,
    until: datetime | None = None, **told: object,
) -> None:  # fmt: skip
    course = advanced(result.course, step, at, facts=facts, objections_until=until)
    result.status, result.updated_at = course.status, at
    result.save()
    after = {"status": result.status, "value": str(result.value), **told}
    audit_record(actor=actor, action=f"result_{step}", object_kind=RESULT, object_id=result.pk, after=after)
