"""What happened to a lot, in words that everybody may read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from yunlang.auctions.core.events import (
    Annulled,
    BidderAdmitted,
    BiddingClosed,
    BiddingOpened,
    BidPlaced,
    BidRetracted,
    BidRevealed,
    BidSealed,
    BidVoided,
    Body,
    ClockExtended,
    Hammered,
    PassedIn,
    Paused,
    Resumed,
)
from yunlang.auctions.core.outcome import UNSOLD_REASONS, Award
from yunlang.kit.language import Bilingual

_ZONE = ZoneInfo("Asia/Shanghai")
_ADMITTED = Bilingual("号牌 {bidder} 取得资格", "Paddle {bidder} qualified")
_BID = Bilingual("号牌 {bidder} 出价 {amount} 元", "Paddle {bidder} bids CNY {amount}")
_HIDDEN = Bilingual("号牌 {bidder} 已出价，金额暂不公开", "Paddle {bidder} bids; the amount is not public yet")
_PROXY = Bilingual(
    "号牌 {bidder} 委托出价，现价 {price} 元，号牌 {leader} 领先",
    "Paddle {bidder} bids by proxy; CNY {price} now, paddle {leader} leads",
)
_OUTDONE = Bilingual(
    "号牌 {bidder} 出价 {amount} 元，号牌 {leader} 以 {price} 元领先",
    "Paddle {bidder} bids CNY {amount}; paddle {leader} leads at CNY {price}",
)
_SEALED = Bilingual("号牌 {bidder} 交来密封出价", "Paddle {bidder} hands in a sealed bid")
_RETRACTED = Bilingual("号牌 {bidder} 撤回一笔出价", "Paddle {bidder} takes a bid back")
_REVEALED = Bilingual("号牌 {bidder} 的密封出价为 {amount} 元", "The sealed bid of paddle {bidder} is CNY {amount}")
_VOIDED = Bilingual("号牌 {bidder} 的密封出价无法读取", "The sealed bid of paddle {bidder} cannot be read")
_OPENED = Bilingual("开始出价", "Bidding opens")
_OPENED_UNTIL = Bilingual("开始出价，{closes} 截止", "Bidding opens, until {closes}")
_CLOSED = Bilingual("出价截止", "Bidding is over")
_EXTENDED = Bilingual("截止时间延至 {closes}", "The closing moves to {closes}")
_EXTENDED_BY_OFFICE = Bilingual("拍卖师延时至 {closes}：{reason}", "The auctioneer extends to {closes}: {reason}")
_PAUSED = Bilingual("暂停：{reason}", "Paused: {reason}")
_RESUMED = Bilingual("恢复", "Resumed")
_RESUMED_UNTIL = Bilingual("恢复，{closes} 截止", "Resumed, until {closes}")
_HAMMERED = Bilingual("落槌：号牌 {bidder}，{price} 元", "Hammer: paddle {bidder}, CNY {price}")
_HAMMERED_UNITS = Bilingual(
    "落槌：号牌 {bidder}，{quantity} 份，每份 {price} 元",
    "Hammer: paddle {bidder}, {quantity} units at CNY {price} each",
)
_PASSED = Bilingual("流拍：{reason}", "Not sold: {reason}")
_ANNULLED = Bilingual("撤销：{reason}", "Annulled: {reason}")


def public_words(body: Body, at: datetime, *, amounts: bool) -> Bilingual | None:
    """Return an event in words; None where it is nobody else's business.

    Parameters
    ----------
    at
        When it happened: other times are told with their day where that is another.
    amounts
        Whether amounts of bids are public.
    """
    match body:
        case BidPlaced():
            return _bid_words(body) if amounts else _HIDDEN.format(bidder=body.bidder)
        case BidderAdmitted():
            return _ADMITTED.format(bidder=body.bidder)
        case BidSealed():
            return _SEALED.format(bidder=body.bidder)
        case BidRetracted():
            return _RETRACTED.format(bidder=body.bidder)
        case BidRevealed():
            return _REVEALED.format(bidder=body.bidder, amount=amount_words(body.amount))
        case BidVoided():
            return _VOIDED.format(bidder=body.bidder)
        case PassedIn():
            return _PASSED.format(reason=UNSOLD_REASONS[body.reason])
        case Annulled():
            return _ANNULLED.format(reason=body.reason)
        case Hammered():
            return _hammer_words(body.awards)
    return _clock_words(body, at)


def _bid_words(body: BidPlaced) -> Bilingual:
    values = {"bidder": body.bidder, "leader": body.leader, "price": amount_words(body.price)}
    if body.proxy:
        return _PROXY.format(**values)
    if body.leader not in (None, body.bidder):
        return _OUTDONE.format(amount=amount_words(body.amount), **values)
    # A Dutch bidder names the most it would pay; what it pays is the price.
    return _BID.format(bidder=body.bidder, amount=amount_words(body.price or body.amount))


def _clock_words(body: Body, at: datetime) -> Bilingual | None:
    match body:
        case BiddingOpened():
            return _OPENED if body.closes is None else _OPENED_UNTIL.format(closes=time_words(body.closes, at))
        case BiddingClosed():
            return _CLOSED
        case ClockExtended():
            phrase = _EXTENDED_BY_OFFICE if body.reason else _EXTENDED
            return phrase.format(closes=time_words(body.closes, at), reason=body.reason)
        case Paused():
            return _PAUSED.format(reason=body.reason)
        case Resumed():
            return _RESUMED if body.closes is None else _RESUMED_UNTIL.format(closes=time_words(body.closes, at))
    return None


def _hammer_words(awards: tuple[Award, ...]) -> Bilingual:
    words = [
        (_HAMMERED if one.quantity == 1 else _HAMMERED_UNITS).format(
            bidder=one.bidder, price=amount_words(one.price), quantity=one.quantity
        )
        for one in awards
    ]
    return Bilingual("；".join(one.zh for one in words), "; ".join(one.en for one in words))


def amount_words(amount: Decimal | None) -> str:
    """Return an amount with its thousands apart, without cents where there are none."""
    return "" if amount is None else f"{amount:,f}".removesuffix(".00")


def time_words(moment: datetime, seen: datetime) -> str:
    """Return a time in the corridor, to the second; with its day where `seen` is on another."""
    local = moment.astimezone(_ZONE)
    is_same_day = local.date() == seen.astimezone(_ZONE).date()
    return local.strftime("%H:%M:%S" if is_same_day else "%m-%d %H:%M:%S")
