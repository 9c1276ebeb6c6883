"""Background work of sales: deposits of lots that have ended, and lots that open tomorrow."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from yunlang.accounts.actors import SYSTEM
from yunlang.auctions.deposit_services import deposits_release, lots_to_release
from yunlang.auctions.sale_notices import lots_opening_tell
from yunlang.auctions.sale_selectors import lots_opening_tomorrow

log = structlog.get_logger("yunlang.auctions")


@app.periodic(cron="*/5 * * * *", periodic_id="auctions.deposits_release")
@app.task(name="auctions.deposits_release", queueing_lock="auctions.deposits_release")
def release_deposits(timestamp: int) -> None:
    """Release the deposits of the losers of lots that have ended."""
    for lot_id in lots_to_release():
        moved = deposits_release(actor=SYSTEM, lot_id=lot_id)
        log.info("deposits_released", lot=str(lot_id), deposits=moved)


# At nine in the corridor; the clock of these is UTC.
@app.periodic(cron="0 1 * * *", periodic_id="auctions.lots_opening_tell")
@app.task(name="auctions.lots_opening_tell", queueing_lock="auctions.lots_opening_tell")
def tell_lots_opening(timestamp: int) -> None:
    """Tell qualified bidders which lots open tomorrow."""
    lots_opening_tell(lots_opening_tomorrow())
