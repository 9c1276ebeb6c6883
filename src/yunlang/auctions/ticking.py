"""The clock's own hand: lots open and close in time although nobody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import Min

from yunlang.auctions.clock import Clock, ClockJumpedError, server_time
from yunlang.auctions.clock_incidents import clock_incident_note
from yunlang.auctions.conducting import lot_tick, lots_due
from yunlang.auctions.models import Standing

log = structlog.get_logger("yunlang.auctions")
LONGEST_SECONDS = 0.5
_AGAIN_SECONDS = 30.0


class Ticker:
    """Does what is due by the server's clock, and says for how long there is nothing to do.

    Any number may run at once: a lot's lock puts them in order, and who comes second finds nothing due.
    """

    def __init__(self, clock: Clock = server_time, *, count: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = count
        self._put_off: dict[UUID, float] = {}

    def tick(self) -> float:
        """Do what is due; return the seconds until it is worth looking again."""
        try:
            now = self._clock()
            while due := [lot for lot in lots_due(now) if self._is_to_try(lot)]:
                for lot in due:
                    self._tick_lot(lot)
            return _seconds_until(_next_due(now), self._clock())
        except ClockJumpedError as error:
            clock_incident_note(error)
            return LONGEST_SECONDS

    def _tick_lot(self, lot: UUID) -> None:
        try:
            answer = lot_tick(lot_id=lot, clock=self._clock)
            if not answer.decision.events:
                # Another was first; or what says that it is due is wrong, and must not keep the others waiting.
                self._put_off[lot] = self._count() + LONGEST_SECONDS
        except (ClockJumpedError, DatabaseError, InterfaceError):
            raise
        except Exception:
            # One lot that cannot be read must not keep all others open.
            log.exception("lot_tick_put_off", lot=str(lot))
            self._put_off[lot] = self._count() + _AGAIN_SECONDS

    def _is_to_try(self, lot: UUID) -> bool:
        again = self._put_off.get(lot)
        if again is not None and self._count() > again:
            del self._put_off[lot]
            return True
        return again is None


def _next_due(now: datetime) -> datetime | None:
    found: datetime | None = Standing.objects.filter(due_at__gt=now).aggregate(due=Min("due_at"))["due"]
    return found


def _seconds_until(due: datetime | None, now: datetime) -> float:
    if due is None:
        return LONGEST_SECONDS
    return min(LONGEST_SECONDS, max(0.0, (due - now).total_seconds()))


class ClockThread:
    """A thread that ticks until told to stop, through any failure of the database."""

    def __init__(self, ticker: Ticker | None = None) -> None:
        self._ticker = ticker or Ticker()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="auction-clock", daemon=True)

    def __enter__(self) -> ClockThread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            try:
                wait = self._ticker.tick()
            except (DatabaseError, InterfaceError) as error:
                log.warning("auction_clock_without_database", error=str(error).strip()[:200])
                wait = LONGEST_SECONDS
            except Exception:
                log.exception("auction_clock_put_off")
                wait = LONGEST_SECONDS
            finally:
                close_old_connections()
