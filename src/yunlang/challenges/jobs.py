"""Background work of open challenges: what the clock does."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from yunlang.challenges.proposal_clock import deadlines_tell
from yunlang.challenges.proposal_services import proposals_close

log = structlog.get_logger("yunlang.challenges")


# Every minute: a worker that was off catches up, and of several workers one closes each challenge.
@app.periodic(cron="* * * * *", periodic_id="challenges.proposals_close")
@app.task(name="challenges.proposals_close", queueing_lock="challenges.proposals_close")
def close_proposals(timestamp: int) -> None:
    """End the time for proposals wherever it is over."""
    count = proposals_close(at=timezone.now())
    if count:
        log.info("proposals_closed", challenges=count)


@app.periodic(cron="15 * * * *", periodic_id="challenges.deadlines_tell")
@app.task(name="challenges.deadlines_tell", queueing_lock="challenges.deadlines_tell")
def tell_deadlines(timestamp: int) -> None:
    """Tell who proposed something that its time is nearly over."""
    deadlines_tell(at=timezone.now())
