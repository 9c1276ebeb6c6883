"""Rate limits counted in the database: one atomic statement, the same answer in every process."""

from __future__ import annotations

import hashlib
import math
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
    INSERT INTO kit_ratewindow (key, window_start, count) VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN EXCLUDED.window_start > kit_ratewindow.window_start THEN 1 ELSE kit_ratewindow.count + 1 END,
        window_start = GREATEST(EXCLUDED.window_start, kit_ratewindow.window_start)
    RETURNING count, window_start
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
    length = limit.window.total_seconds()
    start = datetime.fromtimestamp(at.timestamp() // length * length, tz=at.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(limit, caller), start])
        count, start = cursor.fetchone()
    seconds = max(1, math.ceil((start + limit.window - at).total_seconds()))
    if count > limit.count:
        raise TooManyRequestsError(seconds=seconds)
    return RateState(limit=limit, remaining=limit.count - count, seconds=seconds)


def _key(limit: RateLimit, caller: str) -> str:
    # A digest: callers are what strangers type, of any length and in any characters, and need not be kept.
    digest = hashlib.sha256(caller.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{limit.name}:{digest}"
