"""Background work of deals."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from yunlang.deals.deal_notices import payments_remind
from yunlang.deals.ledger_publishing import heads_publish

log = structlog.get_logger("yunlang.deals")


# Soon after the corridor's midnight; the clock of these is UTC. A day that was missed is made up for by the next run.
@app.periodic(cron="20 16 * * *", periodic_id="deals.heads_publish")
@app.task(name="deals.heads_publish", queueing_lock="deals.heads_publish")
def publish_heads(timestamp: int) -> None:
    """Publish the heads of the days that are over."""
    for day in heads_publish(at=timezone.now()):
        log.info("heads_published", day=str(day.day), heads=len(day.heads), root=day.root)


# Before the daily letter leaves.
@app.periodic(cron="0 0 * * *", periodic_id="deals.payments_remind")
@app.task(name="deals.payments_remind", queueing_lock="deals.payments_remind")
def remind_of_payments(timestamp: int) -> None:
    """Tell both sides which payments fall due soon."""
    log.info("payments_due", count=payments_remind(today=timezone.localdate()))
