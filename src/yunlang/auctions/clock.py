"""The one clock of all servers and workers: the database's, watched for jumps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from yunlang.auctions.core.clock import Reading, jump_between
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

Clock = Callable[[], datetime]
# Where there is one, the counter that goes on while the machine sleeps: waking up is no jump then.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class ClockJumpedError(DomainError):
    """The server's clock was moved while lots were open."""

    code = "clock_jumped"
    message = Bilingual(
        "服务器时钟发生跳变（{seconds} 秒），竞价暂停受理，请等候走廊办公室核实。已受理的出价不受影响。",
        "The server's clock jumped by {seconds} seconds. Nothing is taken until the office has checked it; "
        "bids already taken stand.",
    )
    status = 503


def counted() -> timedelta:
    """Return the steady counter that jumps are measured against."""
    return timedelta(seconds=time.clock_gettime(_COUNTER))


def database_time() -> datetime:
    """Return the database's time at this moment, not at the transaction's start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@dataclass(slots=True)
class WatchedClock:
    """A clock that refuses to tell the time while it is off.

    Attributes
    ----------
    read, count
        The clock, and the steady counter it is held against.
    """

    read: Clock = database_time
    count: Callable[[], timedelta] = counted
    _last: Reading | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        """Return the time.

        Raises
        ------
        ClockJumpedError
            When the clock was moved since the last reading that was right, and is not back.
        """
        before = self.count()
        wall = self.read()
        after = self.count()
        reading = Reading(wall, after, after - before)
        with self._lock:
            jump = jump_between(self._last, reading) if self._last is not None else timedelta(0)
            if jump:
                raise ClockJumpedError(seconds=round(jump.total_seconds()))
            self._last = reading
        return wall

    def accept(self) -> None:
        """Take the clock as right from its next reading on."""
        with self._lock:
            self._last = None


server_time = WatchedClock()
