"""What bidders and sellers do to a lot. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from yunlang.accounts.permissions import may, require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core.commands import (
    AcceptProposal,
    PartyCommand,
    PlaceBid,
    Propose,
    RetractBid,
    RevealBid,
    SealBid,
    Side,
    WithdrawProposal,
)
from yunlang.auctions.decisions import Answer, Ask, asks_decide
from yunlang.auctions.models import Bidder, Lot
from yunlang.kit.errors import DomainError, NotAllowedError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.permissions import memberships_of

CommandOf = Callable[[str], PartyCommand]
_LOT = Bilingual("该拍品", "this lot")


class NoPaddleError(NotAllowedError):
    """Nobody the actor speaks for has a paddle for the lot."""

    code = "no_paddle"
    message = Bilingual(
        "您所在的机构没有本拍品的号牌，请先报名并缴纳保证金。",
        "Your organisation has no paddle for this lot. Apply and pay the deposit first.",
    )


class SeveralPaddlesError(DomainError):
    """The actor belongs to several bidders, so which one bids has to be said."""

    code = "several_paddles"
    message = Bilingual(
        "您属于本拍品的多个竞买人，请写明号牌：{paddles}。",
        "You belong to several bidders for this lot. Name the paddle: {paddles}.",
    )
    status = 422


@dataclass(frozen=True, slots=True)
class PartyAsk:
    """What somebody wants of a lot, before it is known under which paddle.

    Attributes
    ----------
    command_of
        Makes the command of a paddle.
    action
        What the audit log calls it.
    paddle
        Which bidder speaks, where the actor belongs to several; empty where not said.
    """

    actor: Any
    lot: UUID
    command_of: CommandOf
    action: str
    paddle: str = ""


@transaction.atomic
def party_asks_decide(asks: Sequence[PartyAsk], *, clock: Clock = server_time) -> list[Answer | DomainError]:
    """Decide what bidders want, all in one transaction; whoever may not bid gets the error as the answer.

    Raises
    ------
    ClockJumpedError
        When the server's clock was moved; nothing is decided then.
    """
    bidders = _bidders_of(asks)
    ready = [_ready(ask, bidders.get(ask.lot, [])) for ask in asks]
    answers = iter(asks_decide([one for one in ready if isinstance(one, Ask)], clock=clock))
    return [next(answers) if isinstance(one, Ask) else one for one in ready]


def _bidders_of(asks: Sequence[PartyAsk]) -> dict[UUID, list[Bidder]]:
    organisations = {organisation for ask in asks for organisation in memberships_of(ask.actor)}
    found: dict[UUID, list[Bidder]] = {ask.lot: [] for ask in asks}
    rows = Bidder.objects.filter(lot__in=list(found), organisation__in=organisations, paddle__gt="")
    for bidder in rows.filter(lot__standing__isnull=False).order_by("paddle"):
        found[bidder.lot_id].append(bidder)
    return found


def _ready(ask: PartyAsk, bidders: list[Bidder]) -> Ask | DomainError:
    # Only its own are asked about: a batch has many bidders of a lot, and a permission costs more than a look.
    organisations = memberships_of(ask.actor)
    near = [one for one in bidders if one.organisation_id in organisations and ask.paddle in ("", one.paddle)]
    own = [one for one in near if may(ask.actor, "auctions.bid", one)]
    if not own:
        return NoPaddleError()
    if len(own) > 1:
        return SeveralPaddlesError(paddles=", ".join(one.paddle for one in own))
    paddle = own[0].paddle
    try:
        return Ask(ask.lot, ask.command_of(paddle), ask.actor, ask.action, paddle)
    except DomainError as error:
        return error


def _party_does(ask: PartyAsk, clock: Clock) -> Answer:
    answer = party_asks_decide([ask], clock=clock)[0]
    if isinstance(answer, DomainError):
        raise answer
    return answer


def bid_place(
    *, actor: Any, lot_id: UUID, key: str, amount: Decimal, proxy: bool = False, quantity: int = 1, paddle: str = "",
    clock: Clock = server_time,
) -> Answer:  # fmt: skip
    """Bid. The same key with the same content gets its first answer again.

    Raises
    ------
    NoPaddleError, SeveralPaddlesError, AmountError, CommandError, ClockJumpedError
    """
    return _party_does(
        PartyAsk(actor, lot_id, lambda own: PlaceBid(own, key, amount, proxy, quantity), "bid_place", paddle), clock
    )


def bid_seal(
    *, actor: Any, lot_id: UUID, key: str, commitment: str, ciphertext: str = "", paddle: str = "",
    clock: Clock = server_time,
) -> Answer:  # fmt: skip
    """Hand in a sealed bid, in place of the earlier one."""
    return _party_does(
        PartyAsk(actor, lot_id, lambda own: SealBid(own, key, commitment, ciphertext), "bid_seal", paddle), clock
    )


def bid_reveal(
    *, actor: Any, lot_id: UUID, key: str, amount: Decimal, nonce: str, paddle: str = "", clock: Clock = server_time
) -> Answer:
    """Show what was sealed."""
    return _party_does(
        PartyAsk(actor, lot_id, lambda own: RevealBid(own, key, amount, nonce), "bid_reveal", paddle), clock
    )


def bid_retract(
    *, actor: Any, lot_id: UUID, key: str, bid: int | None = None, paddle: str = "", clock: Clock = server_time
) -> Answer:
    """Take back a sealed bid before the deadline."""
    return _party_does(PartyAsk(actor, lot_id, lambda own: RetractBid(own, key, bid), "bid_retract", paddle), clock)


def proposal_make(
    *, actor: Any, lot_id: UUID, key: str, amount: Decimal, paddle: str = "", side: Side = Side.BUYER,
    clock: Clock = server_time,
) -> Answer:  # fmt: skip
    """Offer, or counter an offer; the seller names the paddle it speaks to."""
    return _negotiates(actor, lot_id, lambda own: Propose(own, key, amount, side), "proposal_make", paddle, side, clock)


def proposal_accept(
    *, actor: Any, lot_id: UUID, key: str, proposal: int, paddle: str = "", side: Side = Side.BUYER,
    clock: Clock = server_time,
) -> Answer:  # fmt: skip
    """Accept what the other side proposed last: the hammer."""
    return _negotiates(
        actor, lot_id, lambda own: AcceptProposal(own, key, proposal, side), "proposal_accept", paddle, side, clock
    )


def proposal_withdraw(
    *, actor: Any, lot_id: UUID, key: str, paddle: str = "", side: Side = Side.BUYER, clock: Clock = server_time
) -> Answer:
    """Withdraw the own proposal before it is accepted."""
    return _negotiates(
        actor, lot_id, lambda own: WithdrawProposal(own, key, side), "proposal_withdraw", paddle, side, clock
    )


def _negotiates(
    actor: Any, lot_id: UUID, command_of: CommandOf, action: str, paddle: str, side: Side, clock: Clock
) -> Answer:
    if side is Side.BUYER:
        return _party_does(PartyAsk(actor, lot_id, command_of, action, paddle), clock)
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None:
        raise NotFoundError(what=_LOT)
    require(actor, "auctions.sell", lot)
    return asks_decide([Ask(lot_id, command_of(paddle), actor, action, "seller")], clock=clock)[0]
