"""Where a lot stands, as columns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yunlang.auctions.core.public import standing_seen
from yunlang.auctions.core.state import Phase, State

Lot = State[Any, Any]


def standing_of(state: Lot) -> dict[str, Any]:
    """Return the columns of a lot's `Standing`."""
    leader, price = standing_seen(state)
    outcome = state.outcome
    return {
        "lot_id": UUID(state.lot),
        "sequence": state.sequence,
        "phase": state.phase,
        "due_at": due_at(state),
        "closes_at": state.closes,
        "leader": leader,
        "price": price,
        "bids": state.bids,
        "bidders": len(state.bidders),
        "changed_at": state.at,
        "ended_at": state.at if state.is_ended else None,
        "value": outcome.value if outcome is not None and outcome.is_sold else None,
    }


def due_at(state: Lot) -> Any:
    """Return when the clock has something to do with a lot; None where it has not."""
    if state.is_ended or state.phase is Phase.PAUSED:
        return None
    return state.terms.schedule.opens if state.phase is Phase.SCHEDULED else state.closes
