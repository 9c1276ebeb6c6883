"""Background work of accounts."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from yunlang.accounts.digests import digests_send

log = structlog.get_logger("yunlang.accounts")


# Half past eight in the corridor's morning; the clock of these is UTC.
@app.periodic(cron="30 0 * * *", periodic_id="accounts.send_digests")
@app.task(name="accounts.send_digests", queueing_lock="accounts.send_digests", pass_context=True)
def send_digests(context: JobContext, timestamp: int) -> None:
    """Send the daily letters."""
    count = digests_send(at=timezone.now(), keep_going=lambda: not context.should_abort())
    if count:
        log.info("digests_sent", count=count)
