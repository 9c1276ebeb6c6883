"""Background work of accounts."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from yunlang.accounts.digests import digests_send
from yunlang.accounts.urgent_letters import urgent_letters_send

log = structlog.get_logger("yunlang.accounts")


# Half past eight in the corridor's morning; the clock of these is UTC.
@app.periodic(cron="30 0 * * *", periodic_id="accounts.send_digests")
@app.task(name="accounts.send_digests", queueing_lock="accounts.send_digests", pass_context=True)
def send_digests(context: JobContext, timestamp: int) -> None:
    """Send the daily letters."""
    count = digests_send(at=timezone.now(), keep_going=lambda: not context.should_abort())
    if count:
        log.info("digests_sent", count=count)


# Tried for twenty minutes; what has not left by then, the daily letter tells.
@app.task(
    name="accounts.send_urgent", priority=20, pass_context=True,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4, retry_exceptions={OSError}),
)  # fmt: skip
def send_urgent(context: JobContext, notice_ids: list[str]) -> None:
    """Send letters about what cannot wait."""
    count = urgent_letters_send(
        notice_ids=[UUID(one) for one in notice_ids], at=timezone.now(), keep_going=lambda: not context.should_abort()
    )
    log.info("urgent_letters_sent", count=count)
