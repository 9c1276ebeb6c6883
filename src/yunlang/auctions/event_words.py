"""What happened to a lot in words, with bidders by the numbers of their paddles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from yunlang.auctions.core.commands import Side
from yunlang.auctions.core.events import (
    BiddingClosed,
    BiddingOpened,
    BidPlaced,
    Body,
    ClockExtended,
    CommandRefused,
    Event,
    Hammered,
    Listed,
    PassedIn,
    ProposalWithdrawn,
    Proposed,
    Resumed,
)
from yunlang.auctions.core.formats.known import FORM_LABELS
from yunlang.auctions.core.outcome import UNSOLD_REASONS, Award
from yunlang.auctions.core.refusals import Code
from yunlang.auctions.terms_words import listed, money_words, opening_price_words, time_words
from yunlang.kit.language import Bilingual

Paddles = Mapping[str, str]
_BY_KIND: dict[str, Bilingual] = {
    "bidder_admitted": Bilingual("{bidder}竞买人获准参加", "{bidder} is admitted"),
    "bidder_barred": Bilingual(
        "{bidder}竞买人此后的出价不再受理，事由：{reason}", "nothing more is taken from {bidder}: {reason}"
    ),
    "bidder_scored": Bilingual("{bidder}“{criterion}”得分 {points}", "{bidder} gets {points} points for {criterion}"),
    "bid_retracted": Bilingual("{bidder}撤回第 {bid} 条的出价", "{bidder} takes back the bid of entry {bid}"),
    "bid_sealed": Bilingual("{bidder}递交密封出价，封存值 {commitment}", "{bidder} seals a bid: {commitment}"),
    "bid_revealed": Bilingual("{bidder}的密封出价开启：{amount}", "the sealed bid of {bidder} is opened: {amount}"),
    "bid_voided": Bilingual(
        "{bidder}的密封出价不能读出，作废", "the sealed bid of {bidder} cannot be read and is void"
    ),
    "paused": Bilingual("暂停，事由：{reason}", "paused: {reason}"),
    "annulled": Bilingual("撤销，事由：{reason}", "annulled: {reason}"),
}
_LISTED = Bilingual("上拍：{form}，{name} {price}", "listed: {form}, {name} {price}")
_OPENED = Bilingual("开始出价", "bidding opens")
_UNTIL = Bilingual("，截止时间 {closes}", ", closes {closes}")
_BID = Bilingual("{bidder}出价 {amount}", "{bidder} bids {amount}")
_PROXY = Bilingual("{bidder}委托代为出价，最高 {amount}", "{bidder} names a proxy bid of {amount} at most")
_EACH = Bilingual("（每件），{quantity} 件", " each for {quantity} unit(s)")
_STANDING = Bilingual("；现价 {price}，{leader}领先", "; the price is {price}, {leader} leads")
_PROPOSED = {
    Side.BUYER: Bilingual("{bidder}报价 {amount}", "{bidder} offers {amount}"),
    Side.SELLER: Bilingual("委托人向{bidder}还价 {amount}", "the seller asks {amount} of {bidder}"),
}
_WITHDRAWN = {
    Side.BUYER: Bilingual("{bidder}撤回报价", "{bidder} withdraws the offer"),
    Side.SELLER: Bilingual("委托人撤回向{bidder}的还价", "the seller withdraws what was asked of {bidder}"),
}
_LATE_BID = Bilingual("因截止前有出价，自动延时", "a late bid extends the time")
_EXTENDED = Bilingual("延时，事由：{reason}", "the time is extended: {reason}")
_RESUMED = Bilingual("恢复", "resumed")
_CLOSED = Bilingual("停止出价，转入开启或确认", "bidding closes; bids are opened, or the quote is confirmed")
_HAMMER = Bilingual("落槌：{results}", "hammer: {results}")
_AWARD = Bilingual("{bidder}以 {price}成交", "sold to {bidder} at {price}")
_PASSED = Bilingual("流拍：{why}", "not sold: {why}")
_REFUSED = Bilingual("未受理：{label}", "refused: {label}")
REFUSAL_LABELS: dict[Code, Bilingual] = {
    Code.ABOVE_CEILING: Bilingual("高于最高限价", "above the ceiling"),
    Code.ALREADY_QUALIFIED: Bilingual("已有资格", "qualified already"),
    Code.BELOW_INCREMENT: Bilingual("未达加价幅度", "less than one increment up"),
    Code.BELOW_RESERVE: Bilingual("低于保留价", "below the reserve"),
    Code.CLOCK_SET_BACK: Bilingual("服务器时钟倒退", "clock set back"),
    Code.COMMITMENT_MISMATCH: Bilingual("与封存值不符", "not what was sealed"),
    Code.ENDED: Bilingual("已结束", "the sale had ended"),
    Code.KEY_REUSED: Bilingual("请求编号重复", "request key used before"),
    Code.LATE: Bilingual("超过时间", "too late"),
    Code.NO_CLOCK: Bilingual("没有截止时间", "no deadline"),
    Code.NOT_DUE: Bilingual("时间未到", "too early"),
    Code.NOT_LOWER: Bilingual("未达降价幅度", "less than one decrement down"),
    Code.NOT_OPEN: Bilingual("不在出价阶段", "not open"),
    Code.NOT_PAUSED: Bilingual("并未暂停", "not paused"),
    Code.NOT_QUALIFIED: Bilingual("没有资格", "not qualified"),
    Code.NOT_RETRACTABLE: Bilingual("不得撤回", "not to be withdrawn"),
    Code.NOT_SCORED: Bilingual("评分不齐", "scores incomplete"),
    Code.NOTHING_THERE: Bilingual("没有可处理的出价", "no bid to act on"),
    Code.OPENINGS_INCOMPLETE: Bilingual("开启不齐", "openings incomplete"),
    Code.OTHER_FORMAT: Bilingual("不属于该交易方式", "not of this form of sale"),
    Code.OWN_LEADING_BID: Bilingual("已领先", "against the own leading bid"),
    Code.OWN_PROPOSAL: Bilingual("接受己方报价", "the own proposal"),
    Code.PAUSED: Bilingual("暂停之中", "paused"),
    Code.PROPOSAL_CHANGED: Bilingual("报价已变动", "the proposal had changed"),
    Code.QUANTITY_IMPOSSIBLE: Bilingual("数量不符", "quantity impossible"),
    Code.SCORES_FIXED: Bilingual("评分已定", "scores fixed"),
    Code.SEALED_STILL: Bilingual("仍在密封", "sealed still"),
    Code.TOO_LOW: Bilingual("出价过低", "too low"),
    Code.UNKNOWN_CRITERION: Bilingual("评分标准不存在或分值不符", "unknown criterion or impossible points"),
}


def paddle_words(number: str) -> Bilingual:
    """Return how a bidder is called in the hall."""
    return Bilingual(f"{number} 号", f"paddle {number}")


def event_words(body: Body, paddles: Paddles) -> Bilingual:
    """Return an event in words.

    Parameters
    ----------
    paddles
        Bidder to number.

    Raises
    ------
    KeyError
        When a bidder has no paddle.
    """
    return _template(body).format(**_values(body, paddles), **_derived(body, paddles))


def refusal_words(events: Iterable[Event]) -> tuple[int, Bilingual]:
    """Return how many commands of parties were refused, and how many for which reason, the most frequent first."""
    counts: dict[Code, int] = {}
    for event in events:
        if isinstance(event.body, CommandRefused):
            counts[event.body.code] = counts.get(event.body.code, 0) + 1
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    said = [
        Bilingual(f"{REFUSAL_LABELS[code].zh} {n:,} 次", f"{REFUSAL_LABELS[code].en}: {n:,}") for code, n in ordered
    ]
    return sum(counts.values()), listed(said)


def _values(body: Body, paddles: Paddles) -> dict[str, object]:
    return {field.name: _value(field.name, getattr(body, field.name), paddles) for field in fields(body)}


def _value(name: str, value: object, paddles: Paddles) -> object:
    match value:
        case str() if name in ("bidder", "leader"):
            return paddle_words(paddles[value])
        case Decimal() if name != "points":
            return money_words(value)
        case datetime():
            return time_words(value)
    return value


def _derived(body: Body, paddles: Paddles) -> dict[str, object]:
    match body:
        case Listed():
            name, price = opening_price_words(body.terms)
            return {"form": FORM_LABELS[body.terms.format], "name": Bilingual(name.zh, name.en.lower()), "price": price}
        case Hammered():
            return {"results": listed([_award(award, paddles) for award in body.awards])}
        case PassedIn():
            return {"why": UNSOLD_REASONS[body.reason]}
        case CommandRefused():
            return {"label": REFUSAL_LABELS[body.code]}
    return {}


def _template(body: Body) -> Bilingual:
    match body:
        case Listed():
            return _LISTED
        case BidPlaced():
            return _bid(body)
        case Proposed():
            return _PROPOSED[body.side]
        case ProposalWithdrawn():
            return _WITHDRAWN[body.side]
        case BiddingOpened() | BiddingClosed() | ClockExtended() | Resumed():
            return _clock(body)
        case Hammered():
            return _HAMMER
        case PassedIn():
            return _PASSED
        case CommandRefused():
            return _REFUSED
    return _BY_KIND[body.kind]


def _bid(bid: BidPlaced) -> Bilingual:
    parts = [_PROXY if bid.proxy else _BID]
    if bid.quantity > 1:
        parts.append(_EACH)
    if bid.leader is not None and bid.price is not None:
        parts.append(_STANDING)
    return _joined(*parts)


def _clock(body: BiddingOpened | BiddingClosed | ClockExtended | Resumed) -> Bilingual:
    until = () if body.closes is None else (_UNTIL,)
    match body:
        case BiddingOpened():
            return _joined(_OPENED, *until)
        case BiddingClosed():
            return _joined(_CLOSED, *until)
        case Resumed():
            return _joined(_RESUMED, *until)
    return _joined(_EXTENDED if body.reason else _LATE_BID, *until)


def _award(award: Award, paddles: Paddles) -> Bilingual:
    said = _AWARD if award.quantity == 1 else _joined(_AWARD, _EACH)
    values = {"price": money_words(award.price), "quantity": f"{award.quantity:,}"}
    return said.format(bidder=paddle_words(paddles[award.bidder]), **values)


def _joined(*parts: Bilingual) -> Bilingual:
    return Bilingual("".join(one.zh for one in parts), "".join(one.en for one in parts))
