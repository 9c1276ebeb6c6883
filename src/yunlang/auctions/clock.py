"""The one clock of all servers and workers: the database's, watched for jumps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import connection
from django.db.models import Max, Q
from django.db.models.functions import Coalesce

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
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "10"}

    def __init__(self, *, seconds: int) -> None:
        self.jump = seconds
        super().__init__(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Incidents:
    """What the office has to say of jumps.

    Attributes
    ----------
    waiting
        By how many seconds the clock jumped in the incident that waits for the office; None where none does.
    accepted
        The number of the last incident after which the office accepted the clock; 0 where there was none.
    """

    waiting: int | None = None
    accepted: int = 0


def no_incidents() -> Incidents:
    """Return that nothing ever happened."""
    return Incidents()


def known_incidents() -> Incidents:
    """Return what the database says."""
    # Late, so that the clock can be imported before Django is ready.
    from yunlang.auctions.clock_models import ClockIncident

    is_open = Q(accepted_at=None)
    found = ClockIncident.objects.aggregate(
        waiting=Max("seconds", filter=is_open), accepted=Coalesce(Max("pk", filter=~is_open), 0)
    )
    return Incidents(**found)


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

    It begins stopped while an incident waits for the office, and goes on by the clock as it is once the office has
    accepted it: each process looks at the incidents for itself when it begins and when it is stopped.

    Attributes
    ----------
    read, count
        The clock, and the steady counter it is held against.
    incidents
        What the office has to say.
    """

    read: Clock = database_time
    count: Callable[[], timedelta] = counted
    incidents: Callable[[], Incidents] = no_incidents
    _last: Reading | None = None
    _accepted: int = 0
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
            self._check(reading)
            self._last = reading
        return wall

    def accept(self) -> None:
        """Take the clock as right from its next reading on."""
        with self._lock:
            self._last = None

    def _check(self, reading: Reading) -> None:
        if self._last is None:
            incidents = self.incidents()
            if incidents.waiting is not None:
                raise ClockJumpedError(seconds=incidents.waiting)
            self._accepted = incidents.accepted
        elif jump := jump_between(self._last, reading):
            incidents = self.incidents()
            if incidents.waiting is not None or incidents.accepted <= self._accepted:
                raise ClockJumpedError(seconds=round(jump.total_seconds()))
            self._accepted = incidents.accepted


server_time = WatchedClock(incidents=known_incidents)
