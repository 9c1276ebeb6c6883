"""Background work of auctions: what follows a hammer."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from yunlang.auctions.result_recording import result_record, results_due

log = structlog.get_logger("yunlang.auctions")


@app.periodic(cron="* * * * *", periodic_id="auctions.results_record")
@app.task(name="auctions.results_record", queueing_lock="auctions.results_record")
def record_results(timestamp: int) -> None:
    """Make the results of lots that were sold, and annul those of lots that were annulled."""
    for lot_id in results_due():
        for result in result_record(lot_id=lot_id):
            log.info("auction_result", lot=str(lot_id), result=str(result.pk), status=result.status)
