"""Lots for programs: reading them, and bidding."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Router

from yunlang.accounts.api import signed_in_actor
from yunlang.auctions import bidding
from yunlang.auctions.api.values import (
    AcceptanceBody,
    BidBody,
    EventQuery,
    Keyed,
    LotDetail,
    LotEvents,
    LotQuery,
    LotRow,
    ProposalBody,
    RetractBody,
    RevealBody,
    SealedBidBody,
    Taken,
    WithdrawalBody,
    lot_values,
)
from yunlang.auctions.bid_answers import accepted_plain, times_of
from yunlang.auctions.clock import database_time
from yunlang.auctions.core.commands import Side
from yunlang.auctions.core.public import public_event, public_state
from yunlang.auctions.decisions import Answer
from yunlang.auctions.lot_states import LOT, events_of, lot_state
from yunlang.auctions.models import Lot
from yunlang.deals.journal import journal_rows
from yunlang.kit.api.paging import Order, Page, page_of
from yunlang.kit.api.reference import described
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.money import CENT

router = Router(tags=["auctions"])
_BY_LISTING = Order("lots", tie="-id")
_LOT = Bilingual("该拍品", "this lot")
_STOPPED = (503,)
_LISTED = Lot.objects.filter(standing__isnull=False).select_related("standing")


def _amount(text: str) -> Decimal:
    return Decimal(text).quantize(CENT)


def _listed(lot_id: UUID) -> Lot:
    lot = _LISTED.filter(pk=lot_id).first()
    if lot is None:
        raise NotFoundError(what=_LOT)
    return lot


@router.get(
    "/lots",
    response=Page[LotRow],
    **described(
        Bilingual("拍品列表", "List lots"),
        Bilingual("已上拍的拍品，最近登记的在前。", "The lots that were put up, the latest first."),
    ),
)
def lots_list(request: HttpRequest, query: Query[LotQuery]) -> Any:
    """List lots."""
    rows = _LISTED.all()
    if query.phase:
        rows = rows.filter(standing__phase__in=query.phase)
    if query.sale:
        rows = rows.filter(sale=query.sale)
    return page_of(request, rows, _BY_LISTING, query, lambda lot: LotRow(**lot_values(lot)))


@router.get(
    "/lots/{lot_id}",
    response=LotDetail,
    **described(
        Bilingual("一个拍品", "Get a lot"),
        Bilingual(
            "拍品及其现状。实时变化见 /live/lots/{lot_id}/events（服务器推送事件）。",
            "A lot and where it stands. What happens to it is streamed at /live/lots/{lot_id}/events (server-sent "
            "events).",
        ),
    ),
)
def lot_read(request: HttpRequest, lot_id: UUID) -> Any:
    """Return one lot."""
    lot = _listed(lot_id)
    state, now = lot_state(lot_id), database_time()
    return {
        **lot_values(lot), "summary": lot.summary, "seller_name": lot.seller_name,
        "standing": public_state(state, now) if state else None, "now": now,
    }  # fmt: skip


@router.get(
    "/lots/{lot_id}/events",
    response=LotEvents,
    **described(
        Bilingual("拍品的公开记录", "Get a lot's public events"),
        Bilingual(
            "人人可知的各条记录，按序号；保密内容不在其中。",
            "What everybody may know, in order, without what is secret.",
        ),
    ),
)
def lot_events(request: HttpRequest, lot_id: UUID, query: Query[EventQuery]) -> Any:
    """Return a part of a lot's public events."""
    _listed(lot_id)
    state = lot_state(lot_id)
    rows = list(journal_rows(LOT, lot_id).filter(sequence__gt=query.after)[: query.limit + 1])
    shown = rows[: query.limit]
    told = [public_event(state, event) for event in events_of(shown)] if state else []
    more = len(rows) > query.limit
    return {"events": [one for one in told if one is not None], "next": shown[-1].sequence if more else None}


def _asking(summary: Bilingual, description: Bilingual) -> dict[str, Any]:
    return {"response": Taken, **described(summary, description, refused=_STOPPED)}


def _told(answer: Answer) -> dict[str, Any]:
    return accepted_plain(answer, times_of([answer]))


def _asked(
    ask: Callable[..., Answer], request: HttpRequest, lot_id: UUID, keyed: Keyed, body: Any, **values: Any
) -> dict[str, Any]:
    return _told(ask(actor=signed_in_actor(request), lot_id=lot_id, key=keyed.key, paddle=body.paddle, **values))


@router.post(
    "/lots/{lot_id}/bids",
    **_asking(
        Bilingual("出价", "Bid"),
        Bilingual(
            "出价一经接受即不可撤回（《拍卖法》第三十六条）。被拒绝时 code 说明原因。",
            "A bid that was taken cannot be withdrawn (Auction Law of the PRC, art. 36). A refusal says why in `code`.",
        ),
    ),
)
def bid_place(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: BidBody) -> Any:
    """Bid."""
    return _asked(
        bidding.bid_place, request, lot_id, keyed, body,
        amount=_amount(body.amount), proxy=body.proxy, quantity=body.quantity,
    )  # fmt: skip


@router.post(
    "/lots/{lot_id}/sealed-bids",
    **_asking(
        Bilingual("递交密封出价", "Seal a bid"),
        Bilingual("以新的密封出价代替之前的。", "Hand in a sealed bid in place of the one before."),
    ),
)
def bid_seal(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: SealedBidBody) -> Any:
    """Hand in a sealed bid."""
    return _asked(
        bidding.bid_seal, request, lot_id, keyed, body, commitment=body.commitment, ciphertext=body.ciphertext
    )


@router.post(
    "/lots/{lot_id}/reveals",
    **_asking(
        Bilingual("开启密封出价", "Reveal a sealed bid"),
        Bilingual("出示金额与随机数，须与承诺相符。", "Show amount and nonce, which have to fit the commitment."),
    ),
)
def bid_reveal(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: RevealBody) -> Any:
    """Show what was sealed."""
    return _asked(bidding.bid_reveal, request, lot_id, keyed, body, amount=_amount(body.amount), nonce=body.nonce)


@router.post(
    "/lots/{lot_id}/retractions",
    **_asking(
        Bilingual("撤回密封出价", "Retract a sealed bid"),
        Bilingual("截止之前可以撤回。", "A sealed bid may be taken back before the deadline."),
    ),
)
def bid_retract(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: RetractBody) -> Any:
    """Take back a sealed bid."""
    return _asked(bidding.bid_retract, request, lot_id, keyed, body, bid=body.bid)


@router.post(
    "/lots/{lot_id}/proposals",
    **_asking(
        Bilingual("报价或还价", "Propose"),
        Bilingual("协议转让中的报价；卖方写明向哪个号牌还价。", "Offer or counter; the seller names the paddle."),
    ),
)
def proposal_make(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: ProposalBody) -> Any:
    """Offer, or counter an offer."""
    return _asked(
        bidding.proposal_make, request, lot_id, keyed, body, amount=_amount(body.amount), side=Side(body.side)
    )


@router.post(
    "/lots/{lot_id}/proposals/accept",
    **_asking(
        Bilingual("接受对方报价", "Accept a proposal"),
        Bilingual("接受对方最后一次报价，即成交。", "Accept what the other side proposed last: the hammer."),
    ),
)
def proposal_accept(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: AcceptanceBody) -> Any:
    """Accept what the other side proposed last."""
    return _asked(bidding.proposal_accept, request, lot_id, keyed, body, proposal=body.proposal, side=Side(body.side))


@router.post(
    "/lots/{lot_id}/proposals/withdraw",
    **_asking(
        Bilingual("撤回报价", "Withdraw a proposal"),
        Bilingual("对方接受之前可以撤回。", "Before it is accepted, a proposal may be withdrawn."),
    ),
)
def proposal_withdraw(request: HttpRequest, lot_id: UUID, keyed: Header[Keyed], body: WithdrawalBody) -> Any:
    """Withdraw the own proposal."""
    return _asked(bidding.proposal_withdraw, request, lot_id, keyed, body, side=Side(body.side))
