"""A lot in a test's hands: short words for commands, time in seconds from the opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from yunlang.auctions.core import commands as c
from yunlang.auctions.core import engine
from yunlang.auctions.core.events import Event
from yunlang.auctions.core.ladder import Extension, Rung
from yunlang.auctions.core.outcome import Outcome
from yunlang.auctions.core.terms import EnglishTerms, Schedule

OPENING = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)
NONCE = "a nonce of sixteen characters at least"


def yuan(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def lasting(count: int) -> Schedule:
    return Schedule(lasts=seconds(count))


def steps(step: str) -> tuple[Rung, ...]:
    return (Rung(yuan("0"), yuan(step)),)


def english(start: str = "100", step: str = "10", **more: Any) -> EnglishTerms:
    return EnglishTerms(**{"schedule": lasting(300), "starting_price": yuan(start), "ladder": steps(step)} | more)


SNIPE = Extension(window=seconds(60), by=seconds(60), cap=seconds(150))


class Sale:
    """One lot, opened at second 0 with bidders a to e admitted."""

    def __init__(self, terms: Any, *, bidders: str = "abcde", is_open: bool = True) -> None:
        self.events: list[Event] = [engine.listed("lot-7", terms, OPENING)]
        self.state = engine.apply(None, self.events[0])
        self.keys = 0
        for bidder in bidders:
            self.do(c.Admit(bidder))
        if is_open:
            self.do(c.Open())

    def do(self, command: c.Command, at: float = 0) -> engine.Decision:
        decision = engine.decide(self.state, command, OPENING + seconds(at))
        for event in decision.events:
            self.state = engine.apply(self.state, event)
        self.events += decision.events
        return decision

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def bid(self, bidder: str, amount: str, at: float = 0, **more: Any) -> str:
        """Bid, and return "taken" or the code of the refusal."""
        return told(self.do(c.PlaceBid(bidder, self.key(), yuan(amount), **more), at))

    def proxy(self, bidder: str, amount: str, at: float = 0) -> str:
        return self.bid(bidder, amount, at, proxy=True)

    def tick(self, at: float) -> str:
        return told(self.do(c.Tick(), at))

    @property
    def closes(self) -> float | None:
        """Seconds from the opening to the closing."""
        return None if self.state.closes is None else (self.state.closes - OPENING).total_seconds()

    @property
    def outcome(self) -> Outcome:
        assert self.state.outcome is not None
        return self.state.outcome

    @property
    def won(self) -> list[tuple[str, str, int]]:
        return [(award.bidder, f"{award.price:f}", award.quantity) for award in self.outcome.awards]


def told(decision: engine.Decision) -> str:
    if isinstance(decision, engine.Refusal):
        return decision.code
    return "nothing" if decision.sequence is None else "taken"
