"""Where a lot stands, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

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


# Written with every bid: one statement that need not be put together each time.
_COLUMNS = {
    "lot_id": "uuid", "sequence": "int", "phase": "text", "due_at": "timestamptz", "closes_at": "timestamptz",
    "leader": "text", "price": "numeric", "bids": "int", "bidders": "int", "changed_at": "timestamptz",
    "ended_at": "timestamptz", "value": "numeric",
}  # fmt: skip
_UPDATE = (
    "UPDATE auctions_standing AS kept SET "  # noqa: S608 - our own columns
    + ", ".join(f'"{name}" = new."{name}"' for name in _COLUMNS if name != "lot_id")
    + " FROM unnest("
    + ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
    + ") AS new ("
    + ", ".join(f'"{name}"' for name in _COLUMNS)
    + ") WHERE kept.lot_id = new.lot_id"
)


def standings_write(states: Iterable[Lot]) -> None:
    """Write where listed lots stand, all in one statement. Call it while their journals are held."""
    rows = [standing_of(state) for state in states]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [[row[name] for row in rows] for name in _COLUMNS])
