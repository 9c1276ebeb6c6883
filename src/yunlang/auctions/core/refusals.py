"""Why a command is refused: a stable code and a sentence in both languages, never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from yunlang.kit.language import Bilingual


class Code(StrEnum):
    """Stable, machine readable; never reused with another meaning."""

    ABOVE_CEILING = "above_ceiling"
    ALREADY_QUALIFIED = "already_qualified"
    BELOW_INCREMENT = "below_increment"
    BELOW_RESERVE = "below_reserve"
    CLOCK_SET_BACK = "clock_set_back"
    COMMITMENT_MISMATCH = "commitment_mismatch"
    ENDED = "ended"
    KEY_REUSED = "key_reused"
    LATE = "late"
    NO_CLOCK = "no_clock"
    NOT_DUE = "not_due"
    NOT_LOWER = "not_lower"
    NOT_OPEN = "not_open"
    NOT_PAUSED = "not_paused"
    NOT_QUALIFIED = "not_qualified"
    NOT_RETRACTABLE = "not_retractable"
    NOT_SCORED = "not_scored"
    NOTHING_THERE = "nothing_there"
    OPENINGS_INCOMPLETE = "openings_incomplete"
    OTHER_FORMAT = "other_format"
    OWN_LEADING_BID = "own_leading_bid"
    OWN_PROPOSAL = "own_proposal"
    PAUSED = "paused"
    PROPOSAL_CHANGED = "proposal_changed"
    QUANTITY_IMPOSSIBLE = "quantity_impossible"
    SCORES_FIXED = "scores_fixed"
    SEALED_STILL = "sealed_still"
    TOO_LOW = "too_low"
    UNKNOWN_CRITERION = "unknown_criterion"


REASONS: dict[Code, Bilingual] = {
    Code.ABOVE_CEILING: Bilingual("报价高于最高限价 {ceiling} 元。", "The bid is above the ceiling of CNY {ceiling}."),
    Code.ALREADY_QUALIFIED: Bilingual("该竞买人已有资格。", "This bidder is qualified already."),
    Code.BELOW_INCREMENT: Bilingual(
        "出价未达到加价幅度，至少应为 {minimum} 元。",
        "The bid is less than one increment up; bid at least CNY {minimum}.",
    ),
    Code.BELOW_RESERVE: Bilingual("价格低于保留价，不能成交。", "The price is below the reserve; no sale can be made."),
    Code.CLOCK_SET_BACK: Bilingual(
        "服务器时钟早于上一条记录，暂不受理，请稍后重试。",
        "The server's clock is behind its last record, so nothing is taken now. Try again shortly.",
    ),
    Code.COMMITMENT_MISMATCH: Bilingual(
        "{bidder} 的金额与随机数同封存时的承诺不符。", "The amount and nonce of {bidder} do not fit what was sealed."
    ),
    Code.ENDED: Bilingual("拍卖已结束。", "The sale has ended."),
    Code.KEY_REUSED: Bilingual(
        "这一请求编号已用于另一内容的请求，请换新的编号重发。",
        "This request key was used for a different request. Send it again under a new key.",
    ),
    Code.LATE: Bilingual("时间已到，未能受理。", "Time was up; the command came too late."),
    Code.NO_CLOCK: Bilingual("此时没有截止时间，无从延时。", "No deadline is running that could be extended."),
    Code.NOT_DUE: Bilingual("时间未到，不能执行这一步。", "It is too early for this step."),
    Code.NOT_LOWER: Bilingual(
        "报价应比上次至少低一个降价幅度，最高可报 {maximum} 元。",
        "A new bid must be at least one decrement lower: at most CNY {maximum}.",
    ),
    Code.NOT_OPEN: Bilingual("拍卖不在出价阶段。", "The lot is not open for this now."),
    Code.NOT_PAUSED: Bilingual("拍卖并未暂停。", "The lot is not paused."),
    Code.NOT_QUALIFIED: Bilingual(
        "该竞买人没有参加本拍品的资格，请先报名并交保证金。",
        "This bidder is not qualified for the lot. Apply and pay the deposit first.",
    ),
    Code.NOT_RETRACTABLE: Bilingual(
        "一经应价，不得撤回（《拍卖法》第三十六条）。",
        "A bid once made cannot be withdrawn (Auction Law of the PRC, art. 36).",
    ),
    Code.NOT_SCORED: Bilingual(
        "该投标人的非价格评分尚未齐全，不能报价。", "The bidder's non-price scores are incomplete; no bid can be taken."
    ),
    Code.NOTHING_THERE: Bilingual("没有可供这一步处理的出价。", "There is no bid or proposal that this could act on."),
    Code.OPENINGS_INCOMPLETE: Bilingual(
        "开启结果应逐一对应全部密封出价，不多不少。",
        "The openings must cover every sealed bid, each once and no other.",
    ),
    Code.OTHER_FORMAT: Bilingual(
        "本拍品的交易方式不用这一步。", "This step does not belong to the lot's form of sale."
    ),
    Code.OWN_LEADING_BID: Bilingual(
        "您已领先，不能再抬高自己的出价。", "You lead already and cannot bid against yourself."
    ),
    Code.OWN_PROPOSAL: Bilingual("不能接受己方的报价。", "A party cannot accept its own proposal."),
    Code.PAUSED: Bilingual("拍卖已暂停，恢复后再出价。", "The lot is paused. Bid again when it goes on."),
    Code.PROPOSAL_CHANGED: Bilingual(
        "对方报价已变动，请看最新报价后再决定。", "The proposal has changed. Look at the latest one before you accept."
    ),
    Code.QUANTITY_IMPOSSIBLE: Bilingual("数量应在 1 与 {units} 之间。", "The quantity must lie between 1 and {units}."),
    Code.SCORES_FIXED: Bilingual("报价开始后不得再改评分。", "Scores are fixed once bidding has begun."),
    Code.SEALED_STILL: Bilingual("开启时间未到，出价仍在密封。", "Bids are sealed still; the opening has not begun."),
    Code.TOO_LOW: Bilingual("出价过低，至少应为 {minimum} 元。", "The bid is too low; bid at least CNY {minimum}."),
    Code.UNKNOWN_CRITERION: Bilingual(
        "没有“{criterion}”这项评分标准，或分值不在 0 至 100 之间。",
        "There is no criterion “{criterion}”, or the points are not between 0 and 100.",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What a form of sale has against a command.

    Attributes
    ----------
    details
        What fills the sentence's placeholders; plain text, so that a journal can keep it.
    """

    code: Code
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Bilingual:
        """The sentence in both languages."""
        return REASONS[self.code].format(**self.details)
