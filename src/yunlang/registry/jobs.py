"""Background work of the registry: what the clock does."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from yunlang.kit.changes import changes_prune
from yunlang.registry.services.listings import listings_expire

log = structlog.get_logger("yunlang.registry")
CHANGES_KEPT = timedelta(days=7)


@app.periodic(cron="5 * * * *", periodic_id="registry.listings_expire")
@app.task(name="registry.listings_expire", queueing_lock="registry.listings_expire")
def expire_listings(timestamp: int) -> None:
    """Expire what has passed its last day; hourly, so that a platform that was off at midnight catches up."""
    count = listings_expire(today=timezone.localdate(), at=timezone.now())
    log.info("listings_expired", count=count)


@app.periodic(cron="35 3 * * *", periodic_id="registry.changes_prune")
@app.task(name="registry.changes_prune", queueing_lock="registry.changes_prune")
def prune_changes(timestamp: int) -> None:
    """Forget old changes."""
    changes_prune(before=timezone.now() - CHANGES_KEPT)
