"""How far the next bid of an ascending sale must go: steps of the increment ladder, and the clock's extension."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

from yunlang.auctions.core.amounts import Amount, has_two_places, is_amount, plus
from yunlang.auctions.core.moments import Span, is_span
from yunlang.kit.language import Bilingual

LADDER_REASON = Bilingual(
    "加价阶梯应自 0.00 起，起点递增，幅度为正且不减",
    "the ladder starts at 0.00, its starts ascend, its steps are positive and never fall",
)
EXTENSION_REASON = Bilingual("延时各项应为正的整秒", "the extension's spans are positive whole seconds")
_start_of = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Rung:
    """From the price `start` on, a bid goes at least `step` above the last price."""

    start: Amount
    step: Amount


@dataclass(frozen=True, slots=True)
class Extension:
    """How a late bid keeps the clock running (anti-sniping).

    Attributes
    ----------
    window
        A bid taken when no more than this is left extends the clock.
    by
        What is left then, counted from the bid.
    cap
        How far all automatic extensions together may move the closing time; pauses and the auctioneer's own
        extensions are not counted.
    """

    window: Span
    by: Span
    cap: Span

    @property
    def is_sound(self) -> bool:
        """Whether all three are positive whole seconds."""
        return all(is_span(span) for span in (self.window, self.by, self.cap))


def is_ladder(rungs: tuple[Rung, ...]) -> bool:
    """Tell whether rungs cover all prices, in order, with positive steps that never fall."""
    if not rungs or rungs[0].start != 0 or not all(is_amount(rung.step) for rung in rungs):
        return False
    pairs = pairwise(rungs)
    return all(has_two_places(rung.start) for rung in rungs) and all(
        low.start < high.start and low.step <= high.step for low, high in pairs
    )


def next_price(rungs: tuple[Rung, ...], price: Decimal) -> Decimal:
    """Return the least that may be bid over `price`."""
    return plus(price, rungs[bisect_right(rungs, price, key=_start_of) - 1].step)
