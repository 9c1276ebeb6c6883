"""Rate limits counted in the database: one atomic statement, the same answer in every process."""

from __future__ import annotations

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


_COUNT = """
    INSERT INTO kit_ratewindow (key, window_start, count) VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN kit_ratewindow.window_start = EXCLUDED.window_start THEN kit_ratewindow.count + 1 ELSE 1 END,
        window_start = EXCLUDED.window_start
    RETURNING count
"""


def rate_check(limit: RateLimit, *, caller: str, at: datetime) -> None:
    """Count one more use of `limit` by `caller`.

    Raises
    ------
    TooManyRequestsError
        With the seconds until the window ends, when the limit is passed.
    """
    length = limit.window.total_seconds()
    start = datetime.fromtimestamp(at.timestamp() // length * length, tz=at.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{limit.name}:{caller}"[:120], start])
        count = cursor.fetchone()[0]
    if count > limit.count:
        raise TooManyRequestsError(seconds=max(1, int((start + limit.window - at).total_seconds())))
