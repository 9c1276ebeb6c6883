"""What a party's command came to, in the words that the room shows it."""

from __future__ import annotations

from dataclasses import dataclass

from yunlang.auctions.core.commands import PlaceBid
from yunlang.auctions.core.engine import Accepted
from yunlang.auctions.core.own import own_view
from yunlang.auctions.core.public_words import amount_words
from yunlang.auctions.decisions import Answer
from yunlang.kit.language import Bilingual

_BEFORE = Bilingual(
    "这一请求此前已受理（记录第 {sequence} 条），没有重复出价。",
    "This request was taken before (record {sequence}); nothing was bid twice.",
)
_LEADS = Bilingual("已受理，为第 {count} 笔出价。您领先。", "Taken as bid no. {count}. You lead.")
_BEHIND = Bilingual(
    "已受理，为第 {count} 笔出价；号牌 {leader} 的委托出价更高，现价 {price} 元。",
    "Taken as bid no. {count}; the proxy of paddle {leader} goes further. The price is CNY {price}.",
)
_TAKEN = Bilingual("已受理，为第 {count} 笔出价。", "Taken as bid no. {count}.")
_SOLD = Bilingual("成交：{price} 元。", "Sold at CNY {price}.")
_DONE = Bilingual("已受理，记录第 {sequence} 条。", "Taken; it is record {sequence}.")
_REFUSED = Bilingual("未受理：{reason}", "Not taken: {reason}")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence for the bidder, and whether it is good news."""

    text: Bilingual
    is_accepted: bool


def told_of(answer: Answer, paddle: str, command: type[object]) -> Told:
    """Return what a command of a party came to."""
    decision, state = answer.decision, answer.state
    if not isinstance(decision, Accepted):
        return Told(_REFUSED.format(reason=decision.text), is_accepted=False)
    if decision.is_repeated:
        return Told(_BEFORE.format(sequence=decision.sequence), is_accepted=True)
    if state.outcome is not None and state.outcome.is_sold:
        return Told(_SOLD.format(price=amount_words(state.outcome.value)), is_accepted=True)
    if command is not PlaceBid:
        return Told(_DONE.format(sequence=decision.sequence), is_accepted=True)
    return Told(_bid_told(answer, paddle), is_accepted=True)


def _bid_told(answer: Answer, paddle: str) -> Bilingual:
    state = answer.state
    if own_view(state, paddle).leads:
        return _LEADS.format(count=state.bids)
    leader, price = getattr(state.book, "leader", None), getattr(state.book, "price", None)
    if leader is not None and price is not None:
        return _BEHIND.format(count=state.bids, leader=leader, price=amount_words(price))
    return _TAKEN.format(count=state.bids)
