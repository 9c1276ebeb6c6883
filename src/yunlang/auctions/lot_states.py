"""Where lots stand, kept in memory between decisions and caught up from the journal under its lock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yunlang.auctions.core import engine
from yunlang.auctions.core.events import Event
from yunlang.auctions.core.journal import event_restored
from yunlang.auctions.core.state import State
from yunlang.deals.journal import journal_rows
from yunlang.deals.ledger_models import JournalEntry, JournalHead
from yunlang.kit.bulk import rows_streamed

LOT = "lot"
Lot = State[Any, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A lot's state and the hash of the entry that led to it."""

    state: Lot
    hash: str


class LotStates:
    """The states of the lots in use. What it holds is never trusted beyond the hash of its last entry."""

    def __init__(self, limit: int = 1_000) -> None:
        self._known: OrderedDict[UUID, Known] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def at(self, head: JournalHead) -> Lot | None:
        """Return a lot's state at a head that the caller holds; None before its listing."""
        if head.sequence == 0:
            return None
        known = self._get(head.subject_id)
        if known is not None and (known.state.sequence, known.hash) == (head.sequence, head.hash):
            return known.state
        state = self._caught_up(head, known)
        self.keep(state, head.hash)
        return state

    def keep(self, state: Lot, hash_: str) -> None:
        """Remember a state; should its transaction fail, the hash will tell."""
        with self._lock:
            lot = UUID(state.lot)
            self._known[lot] = Known(state, hash_)
            self._known.move_to_end(lot)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def _get(self, lot: UUID) -> Known | None:
        with self._lock:
            return self._known.get(lot)

    def _caught_up(self, head: JournalHead, known: Known | None) -> Lot:
        rows = journal_rows(LOT, head.subject_id)
        if known is not None and known.state.sequence < head.sequence:
            later = list(rows.filter(sequence__gt=known.state.sequence))
            if later and later[0].previous == known.hash:
                state = known.state
                for event in events_of(later):
                    state = engine.apply(state, event)
                return state
        with rows_streamed(rows) as every:
            return engine.replayed(events_of(every))


def events_of(rows: Iterable[JournalEntry]) -> Iterable[Event]:
    """Return the engine's events of journal rows."""
    for row in rows:
        yield event_restored(lot=str(row.subject_id), sequence=row.sequence, at=row.at, payload=row.payload)


def lot_state(lot_id: UUID) -> Lot | None:
    """Return where a lot stands now, without holding it; None before its listing."""
    head = JournalHead.objects.filter(subject_kind=LOT, subject_id=lot_id).first()
    return None if head is None else STATES.at(head)


STATES = LotStates()
