"""One lot as it is told to its watchers: folded once, written once, whoever listens."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yunlang.auctions.core import engine
from yunlang.auctions.core.events import Event
from yunlang.auctions.core.public import public_event, public_state
from yunlang.auctions.live.messages import Plain, lot_body
from yunlang.auctions.lot_states import Lot

REMEMBERED = 500
# What moves by itself, or with events that nobody is told of.
_UNTOLD = ("sequence", "least")


@dataclass(frozen=True, slots=True)
class Message:
    """What brings a watcher from an event to a later one.

    Attributes
    ----------
    sequence
        Of the last event that it tells of.
    """

    sequence: int
    body: bytes


class Feed:
    """A lot's state and its latest events, ready to be sent.

    A watcher names the last event it has seen and is given what followed: the same bytes for all who have seen as much.
    Nobody's queue is kept, so whoever reads slowly costs nothing and is given more at a time.
    """

    def __init__(self, state: Lot, now: datetime | None, *, remembered: int = REMEMBERED) -> None:
        self.lot = UUID(state.lot)
        self.state = state
        self.shown = state.sequence
        self._now = now
        self._limit = remembered
        self._recent: deque[Plain] = deque()
        self._complete_after = state.sequence
        self._plain = self._standing()
        self._messages: dict[int | None, Message] = {}

    @property
    def sequence(self) -> int:
        """The number of the last event known."""
        return self.state.sequence

    def advance(self, events: Sequence[Event], now: datetime | None) -> bool:
        """Take what happened since; tell whether watchers can see any of it.

        Raises
        ------
        JournalError
            When the events do not follow.
        """
        if not events:
            return False
        for event in events:
            self.state = engine.apply(self.state, event)
        self._now = now
        before, self._plain = self._plain, self._standing()
        told = self.told(events)
        self._recent.extend(told)
        while len(self._recent) > self._limit:
            self._complete_after = self._recent.popleft()["sequence"]
        self._messages.clear()
        if told or _seen(before) != _seen(self._plain):
            self.shown = self.sequence
            return True
        return False

    def told(self, events: Iterable[Event]) -> list[Plain]:
        """Return what everybody may know of the lot's events."""
        return [plain for event in events if (plain := public_event(self.state, event)) is not None]

    def is_news_to(self, after: int | None) -> bool:
        """Tell whether somebody who has seen up to an event has something to hear; None for who has seen nothing."""
        return after is None or after < self.shown or after > self.sequence

    def message(self, after: int | None) -> Message | None:
        """Return what followed an event; None where that is further back than is remembered.

        Who has seen nothing, or what never was, is told where the lot stands.
        """
        if after is not None and after > self.sequence:
            after = None
        if after is not None and after < self._complete_after:
            return None
        if after not in self._messages:
            events = [] if after is None else [one for one in self._recent if one["sequence"] > after]
            self._messages[after] = self.message_of(events, self.sequence)
        return self._messages[after]

    def message_of(self, events: Sequence[Plain], sequence: int) -> Message:
        """Return a message of these events beside the lot as it stands."""
        return Message(sequence, lot_body(events, self._plain, self._now))

    def _standing(self) -> Plain:
        return public_state(self.state, self._now or self.state.at)


def _seen(plain: Plain) -> Plain:
    return {name: value for name, value in plain.items() if name not in _UNTOLD}
