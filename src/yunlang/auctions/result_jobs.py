"""Background work of auctions: what follows a hammer, and what falls due."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from yunlang.auctions.result_recording import result_record, results_due
from yunlang.auctions.result_reminders import payments_remind

log = structlog.get_logger("yunlang.auctions")


@app.periodic(cron="* * * * *", periodic_id="auctions.results_record")
@app.task(name="auctions.results_record", queueing_lock="auctions.results_record")
def record_results(timestamp: int) -> None:
    """Make the results of lots that were sold, and annul those of lots that were annulled."""
    for lot_id in results_due():
        for result in result_record(lot_id=lot_id):
            log.info("auction_result", lot=str(lot_id), result=str(result.pk), status=result.status)


# Soon after the working day begins in the corridor; the clock of these is UTC.
@app.periodic(cron="5 1 * * *", periodic_id="auctions.payments_remind")
@app.task(name="auctions.payments_remind", queueing_lock="auctions.payments_remind")
def remind_of_payments(timestamp: int) -> None:
    """Tell both sides of payments that fall due within a week."""
    log.info("auction_payments_due", payments=payments_remind(today=timezone.localdate()))
