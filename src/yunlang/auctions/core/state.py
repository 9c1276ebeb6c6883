"""The state of a lot: what its events have made of it, never changed in place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from rpds import HashTrieMap

from yunlang.auctions.core.commands import Side
from yunlang.auctions.core.outcome import Outcome
from yunlang.auctions.core.refusals import Reason
from yunlang.auctions.core.terms import Terms
from yunlang.kit.language import Bilingual

T = TypeVar("T", bound=Terms)
B = TypeVar("B")


class Phase(StrEnum):
    """Where a lot stands."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    AWAITING = "awaiting"
    SOLD = "sold"
    UNSOLD = "unsold"
    ANNULLED = "annulled"


PHASES: dict[Phase, Bilingual] = {
    Phase.SCHEDULED: Bilingual("待开始", "scheduled"),
    Phase.OPEN: Bilingual("出价中", "open for bids"),
    Phase.PAUSED: Bilingual("已暂停", "paused"),
    Phase.AWAITING: Bilingual("待开启或确认", "awaiting opening or confirmation"),
    Phase.SOLD: Bilingual("已落槌", "sold"),
    Phase.UNSOLD: Bilingual("流拍", "not sold"),
    Phase.ANNULLED: Bilingual("已撤销", "annulled"),
}
ENDED: frozenset[Phase] = frozenset({Phase.SOLD, Phase.UNSOLD, Phase.ANNULLED})
RequestKey = tuple[Side, str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command got the first time: the event that says so, and what stood against it."""

    digest: str
    sequence: int
    refused: Reason | None


@dataclass(frozen=True, slots=True)
class State(Generic[T, B]):
    """A lot after its last event.

    Attributes
    ----------
    sequence, at
        Of the last event.
    opened
        When bidding opened, moved by later pauses, so that ``now - opened`` is how long the clock has run.
    closes
        When the present phase ends by itself; None where somebody ends it.
    latest
        As far as late bids may move `closes`.
    paused
        Since when the clock has stood still.
    qualified
        Bidder to whether commands are still taken from it.
    answers
        (side, bidder, key) to the first answer.
    bidders
        Those who have bid, each with the number of the first bid.
    bids
        How many bids or proposals were taken.
    book
        What the form of sale keeps.
    """

    lot: str
    terms: T
    sequence: int
    at: datetime
    book: B
    phase: Phase = Phase.SCHEDULED
    opened: datetime | None = None
    closes: datetime | None = None
    latest: datetime | None = None
    paused: datetime | None = None
    qualified: HashTrieMap[str, bool] = HashTrieMap()
    answers: HashTrieMap[RequestKey, Answer] = HashTrieMap()
    bidders: HashTrieMap[str, int] = HashTrieMap()
    bids: int = 0
    outcome: Outcome | None = None

    @property
    def is_ended(self) -> bool:
        """Whether nothing but an annulment can follow."""
        return self.phase in ENDED

    def is_due(self, at: datetime) -> bool:
        """Tell whether the present phase's time is up."""
        return self.closes is not None and self.phase is not Phase.PAUSED and at >= self.closes
