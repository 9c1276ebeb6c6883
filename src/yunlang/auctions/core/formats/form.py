"""What every form of sale tells the engine about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic

from yunlang.auctions.core.commands import Command, PlaceBid
from yunlang.auctions.core.events import BiddingClosed, Body, ClockExtended, Event
from yunlang.auctions.core.ladder import Extension
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import B, State, T

Decided = tuple[Body, ...] | Reason


@dataclass(frozen=True, slots=True)
class Form(Generic[T, B]):
    """One form of sale, as functions; the engine has checked time, phase and qualification before it asks.

    Attributes
    ----------
    book
        What is kept of a lot before its first bid.
    decide
        What a party's command, or an office command of this form alone, leads to.
    record
        The book after an event.
    settle
        What follows when the present phase's time is up.
    bodies
        The events of its own.
    lasts
        How long bidding lasts; None where the auctioneer closes it.
    is_complete
        Whether the present phase may be closed early, as nothing more can come.
    is_extendable
        Whether the office may give more time.
    """

    book: Callable[[T], B]
    decide: Callable[[State[T, B], Command, datetime], Decided]
    record: Callable[[State[T, B], Event], B]
    settle: Callable[[State[T, B], datetime], tuple[Body, ...]]
    bodies: frozenset[type[Any]]
    lasts: Callable[[T], timedelta | None] = lambda terms: terms.schedule.lasts
    is_complete: Callable[[State[T, B]], bool] = lambda state: False
    is_extendable: bool = True


def against_plain(bid: PlaceBid) -> Reason | None:
    """Return what speaks against a bid where there is neither a proxy nor more than one unit."""
    if bid.proxy:
        return Reason(Code.OTHER_FORMAT)
    return Reason(Code.QUANTITY_IMPOSSIBLE, {"units": "1"}) if bid.quantity != 1 else None


def extension_after_bid(state: State[Any, Any], extension: Extension | None, at: datetime) -> tuple[Body, ...]:
    """Return the extension of the clock that a bid taken at `at` brings, if any."""
    closes, latest = state.closes, state.latest
    if extension is None or closes is None or latest is None or closes - at > extension.window:
        return ()
    extended = min(at + extension.by, latest)
    return (ClockExtended(extended, latest),) if extended > closes else ()


def awaiting(within: timedelta | None, at: datetime) -> tuple[Body, ...]:
    """Return the end of bidding before what is to be opened or confirmed within a time."""
    return (BiddingClosed(None if within is None else at + within),)
