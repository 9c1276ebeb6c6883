"""Applications to bid, from their submission to the paddle. One function is one business action in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast
from django.utils import timezone

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.conducting import RefusedError
from yunlang.auctions.core.commands import Bar
from yunlang.auctions.core.engine import Accepted
from yunlang.auctions.core.state import Phase
from yunlang.auctions.decisions import Ask, asks_decide
from yunlang.auctions.deposit_moves import bidder_qualify, deposit_demand, deposit_give_up
from yunlang.auctions.lot_states import LOT
from yunlang.auctions.models import Bidder, Lot
from yunlang.auctions.sale_fields import APPLICATION_FIELDS, REASON_FIELDS
from yunlang.auctions.sale_notices import application_decided_tell
from yunlang.auctions.sale_parts import (
    BiddingBegunError,
    Raw,
    account_of,
    bidder_held,
    is_ended,
    lot_held,
    parsed,
    phase_of,
    sale_status_require,
)
from yunlang.auctions.vocabulary import BIDDER_STATUSES, BidderStatus, SaleStatus
from yunlang.deals.journal import journal_lock, journal_name
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Organisation
from yunlang.registry.selectors.organisations import organisation_get

BIDDER = "bidder"
_LEFT = "竞买人撤回报名 (application withdrawn)"
_AGAIN = (BidderStatus.WITHDRAWN, BidderStatus.REJECTED)


class ApplicationsClosedError(ConflictError):
    """The time for applications is over."""

    code = "applications_closed"
    message = Bilingual("报名已于 {closed} 截止。", "Applications closed on {closed}.")


class LotEndedError(ConflictError):
    """Nothing more is bid for the lot."""

    code = "lot_ended"
    message = Bilingual("该拍品已结束或已撤回。", "This lot has ended or was withdrawn.")


class SellerAppliesError(ConflictError):
    """Sellers do not bid for what they sell."""

    code = "seller_applies"
    message = Bilingual(
        "委托方不得参与竞买自己委托的标的（《拍卖法》第三十条）。",
        "A seller may not bid for its own lot (Auction Law, article 30).",
    )


class AlreadyAppliedError(ConflictError):
    """One application of an organisation for a lot."""

    code = "already_applied"
    message = Bilingual("贵机构已报名本拍品。", "Your organisation has applied for this lot already.")


class ApplicationStatusError(ConflictError):
    """The application is no longer where the action belongs."""

    code = "application_status"
    message = Bilingual(
        "该报名目前为“{status}”，不能进行这一操作。", "The application is {status}; this cannot be done now."
    )


@transaction.atomic
def application_submit(
    *, actor: Actor, lot_id: UUID, organisation_id: UUID, raw: Raw, clock: Clock = server_time
) -> Bidder:
    """Apply to bid for a lot; whoever withdrew or was refused may apply again in time.

    Raises
    ------
    ApplicationsClosedError, SellerAppliesError, AlreadyAppliedError, SaleStatusError, LotEndedError
    """
    lot = lot_held(lot_id)
    organisation = organisation_get(organisation_id)
    organisation = organisation.merged_into or organisation
    require(actor, "auctions.apply", Bidder(lot=lot, organisation=organisation))
    statement = parsed(APPLICATION_FIELDS, raw)["statement"] or ""
    now = clock()
    _admissible(lot, organisation, now)
    # The lot is held, so nobody else adds an application of this organisation meanwhile.
    bidder = Bidder.objects.filter(lot=lot, organisation=organisation).first() or Bidder(
        lot=lot, organisation=organisation
    )
    if not bidder._state.adding and (bidder.status not in _AGAIN or bidder.paddle):
        raise AlreadyAppliedError
    bidder.status, bidder.statement, bidder.applied_at = BidderStatus.APPLIED, statement, now
    bidder.applied_by = account_of(actor)
    bidder.decided_at, bidder.reason = None, ""
    bidder.save()
    after = {"lot": lot.pk, "organisation": organisation.pk}
    audit_record(actor=actor, action="application_submit", object_kind=BIDDER, object_id=bidder.pk, after=after)
    return bidder


def _admissible(lot: Lot, organisation: Organisation, now: datetime) -> None:
    sale_status_require(lot.sale, SaleStatus.ANNOUNCED)
    if now >= lot.sale.applications_close_at:
        closed = timezone.localtime(lot.sale.applications_close_at)
        raise ApplicationsClosedError(closed=f"{closed:%Y-%m-%d %H:%M}")
    if is_ended(lot):
        raise LotEndedError
    if lot.seller_id == organisation.pk or (lot.seller.merged_into_id or lot.seller_id) == organisation.pk:
        raise SellerAppliesError


@transaction.atomic
def application_withdraw(*, actor: Actor, bidder_id: UUID, clock: Clock = server_time) -> Bidder:
    """Withdraw an application before bidding begins; a deposit goes back, the paddle stays unused.

    Raises
    ------
    ApplicationStatusError, BiddingBegunError
    """
    bidder = bidder_held(bidder_id)
    require(actor, "auctions.withdraw_application", bidder)
    _status_require(bidder, BidderStatus.APPLIED, BidderStatus.APPROVED, BidderStatus.QUALIFIED)
    if bidder.status == BidderStatus.QUALIFIED:
        # Held, so that bidding does not begin between this question and the end of the qualification.
        journal_lock(LOT, [bidder.lot_id])
        if phase_of(bidder.lot) is not Phase.SCHEDULED:
            raise BiddingBegunError
        _barred(actor, bidder, _LEFT, clock)
    at = clock()
    deposit_give_up(actor=actor, bidder=bidder, at=at)
    return _decided(actor, bidder, BidderStatus.WITHDRAWN, "", at, "application_withdraw")


@transaction.atomic
def application_approve(*, actor: Actor, bidder_id: UUID, clock: Clock = server_time) -> Bidder:
    """Approve an application: it gets the lot's next paddle, and is asked for the deposit, if there is one.

    Raises
    ------
    ApplicationStatusError, LotEndedError, SaleStatusError
    """
    bidder = bidder_held(bidder_id)
    require(actor, "auctions.examine", bidder)
    _status_require(bidder, BidderStatus.APPLIED)
    sale_status_require(bidder.lot.sale, SaleStatus.ANNOUNCED)
    if is_ended(bidder.lot):
        raise LotEndedError
    at = clock()
    bidder.paddle = _next_paddle(bidder.lot)
    _decided(actor, bidder, BidderStatus.APPROVED, "", at, "application_approve")
    application_decided_tell(bidder)
    if bidder.lot.deposit:
        deposit_demand(actor=actor, bidder=bidder, at=at)
    else:
        bidder_qualify(actor=actor, bidder=bidder, clock=clock)
    return bidder


@transaction.atomic
def application_reject(*, actor: Actor, bidder_id: UUID, raw: Raw, clock: Clock = server_time) -> Bidder:
    """Refuse an application, with the reason.

    Raises
    ------
    InvalidError, ApplicationStatusError
    """
    bidder = bidder_held(bidder_id)
    require(actor, "auctions.examine", bidder)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    _status_require(bidder, BidderStatus.APPLIED)
    _decided(actor, bidder, BidderStatus.REJECTED, reason, clock(), "application_reject")
    application_decided_tell(bidder)
    return bidder


@transaction.atomic
def bidder_bar(*, actor: Actor, bidder_id: UUID, raw: Raw, clock: Clock = server_time) -> Bidder:
    """Take a bidder's qualification away, with the reason: nothing more is taken from it, what was taken stands.

    Its deposit stays until the lot ends, or is forfeited.

    Raises
    ------
    InvalidError, ApplicationStatusError, RefusedError
    """
    bidder = bidder_held(bidder_id)
    require(actor, "auctions.examine", bidder)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    _status_require(bidder, BidderStatus.APPROVED, BidderStatus.QUALIFIED)
    at = clock()
    if bidder.status == BidderStatus.QUALIFIED:
        _barred(actor, bidder, reason, clock)
    else:
        deposit_give_up(actor=actor, bidder=bidder, at=at)
    _decided(actor, bidder, BidderStatus.BARRED, reason, at, "bidder_bar")
    application_decided_tell(bidder)
    return bidder


def _barred(actor: Actor, bidder: Bidder, reason: str, clock: Clock) -> None:
    """Have the engine take nothing more from a paddle; whoever calls has checked that the actor may ask for it."""
    ask = Ask(bidder.lot_id, Bar(reason, bidder.paddle), actor, "paddle_bar", journal_name(actor))
    decision = asks_decide([ask], clock=clock)[0].decision
    if not isinstance(decision, Accepted):
        raise RefusedError(decision.reason)


def _status_require(bidder: Bidder, *allowed: BidderStatus) -> None:
    if bidder.status not in allowed:
        raise ApplicationStatusError(status=BIDDER_STATUSES[BidderStatus(bidder.status)])


def _decided(
    actor: Actor, bidder: Bidder, status: BidderStatus, reason: str, at: datetime, action: str
) -> Bidder:  # fmt: skip
    before = bidder.status
    bidder.status, bidder.reason, bidder.decided_at = status, reason, at
    bidder.save()
    after: dict[str, Any] = {"status": status, "paddle": bidder.paddle, "reason": reason}
    audit_record(
        actor=actor, action=action, object_kind=BIDDER, object_id=bidder.pk, before={"status": before}, after=after
    )
    return bidder


def _next_paddle(lot: Lot) -> str:
    """Return the next paddle of a lot that is held; numbers once given are never given again."""
    given = lot.bidders.exclude(paddle="").aggregate(last=Max(Cast("paddle", IntegerField())))["last"]
    return f"{(given or 0) + 1:02d}"
