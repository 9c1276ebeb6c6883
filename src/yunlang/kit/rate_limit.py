"""Rate limits counted in the database: one atomic statement, the same answer in every process."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual


class TooManyRequestsError(DomainError):
    """The caller must wait."""

    code = "too_many_requests"
    message = Bilingual("操作过于频繁，请在 {seconds} 秒后再试。", "Too many requests. Try again in {seconds} seconds.")
    status = 429

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds=seconds)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` times in `window` for each caller."""

    name: str
    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class RateState:
    """How often a caller may still come in the running window, and the seconds until it ends."""

    limit: RateLimit
    remaining: int
    seconds: int


_COUNT = """
    INSERT INTO kit_ratewindow AS kept (key, window_start, count)
    SELECT * FROM (SELECT unnest(%s::text[]) AS key, %s::timestamptz, unnest(%s::int[])) AS new ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN EXCLUDED.window_start > kept.window_start THEN EXCLUDED.count
                     ELSE kept.count + EXCLUDED.count END,
        window_start = GREATEST(EXCLUDED.window_start, kept.window_start)
    RETURNING key, count, window_start
"""


def rate_check(limit: RateLimit, *, caller: str, at: datetime) -> RateState:
    """Count one more use of `limit` by `caller` and return what is left.

    Call it outside any transaction whose failure would undo the count. A window never goes back: a process whose
    clock is a little behind counts into the newest window there is.

    Raises
    ------
    TooManyRequestsError
        With the seconds until the window ends, when the limit is passed.
    """
    state = rates_count(limit, callers=[caller], at=at)[0]
    if state.remaining < 0:
        raise TooManyRequestsError(seconds=state.seconds)
    return state


def rates_count(limit: RateLimit, *, callers: Sequence[str], at: datetime) -> list[RateState]:
    """Count one more use for each of `callers`, of whom some may come several times, all in one statement.

    Returns
    -------
    list
        For each, in order, what was left after it; below zero for whoever came too often.
    """
    if not callers:
        return []
    length = limit.window.total_seconds()
    start = datetime.fromtimestamp(at.timestamp() // length * length, tz=at.tzinfo)
    uses = Counter(_key(limit, caller) for caller in callers)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(uses), start, list(uses.values())])
        counted = {key: (count, began) for key, count, began in cursor.fetchall()}
    before = {key: counted[key][0] - number for key, number in uses.items()}
    states = []
    for caller in callers:
        key = _key(limit, caller)
        before[key] += 1
        seconds = max(1, math.ceil((counted[key][1] + limit.window - at).total_seconds()))
        states.append(RateState(limit=limit, remaining=limit.count - before[key], seconds=seconds))
    return states


def _key(limit: RateLimit, caller: str) -> str:
    # A digest: callers are what strangers type, of any length and in any characters, and need not be kept.
    digest = hashlib.sha256(caller.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{limit.name}:{digest}"
