"""One open stream: what it watches, and how far it has seen it."""

from __future__ import annotations

import asyncio
from uuid import UUID

from yunlang.auctions.live.feed import Message
from yunlang.auctions.live.messages import places_text, with_id


class Watcher:
    """Somebody who watches a lot, or all lots of a sale.

    Attributes
    ----------
    lots
        What is watched, and the number of the last event seen of each; None where nothing was.
    sign
        A sign of life that is to be sent yet.
    """

    def __init__(self, sale: UUID | None = None) -> None:
        self.sale = sale
        self.lots: dict[UUID, int | None] = {}
        self.sign: bytes | None = None
        self.is_closed = False
        self._numbers: dict[UUID, int] = {}
        self._woken = asyncio.Event()

    def add(self, lot: UUID, seen: int | None, number: int) -> None:
        """Watch a lot, from after an event."""
        self.lots[lot] = seen
        self._numbers[lot] = number

    def addressed(self, lot: UUID, message: Message) -> bytes:
        """Return a message as it is sent to this watcher, who has then seen it."""
        self.lots[lot] = message.sequence
        if self.sale is None:
            return with_id(str(message.sequence), message.body)
        seen = {self._numbers[one]: sequence for one, sequence in self.lots.items() if sequence is not None}
        return with_id(places_text(seen), message.body)

    def take_sign(self) -> bytes | None:
        """Return the sign of life that is due, once."""
        sign, self.sign = self.sign, None
        return sign

    def rest(self) -> None:
        """Be ready to be woken by whatever happens from now on."""
        self._woken.clear()

    def wake(self) -> None:
        """Have the watcher look for news."""
        self._woken.set()

    async def woken(self) -> None:
        """Wait for news."""
        await self._woken.wait()

    def close(self) -> None:
        """End the stream."""
        self.is_closed = True
        self.wake()
