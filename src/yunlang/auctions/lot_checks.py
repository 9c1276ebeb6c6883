"""Whether a lot's journal can have happened, and whether its rows say what it leads to; `ledger_check` asks."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef

from yunlang.auctions.core import engine
from yunlang.auctions.core.journal import event_restored
from yunlang.auctions.core.state import Phase
from yunlang.auctions.lot_states import LOT, Lot
from yunlang.auctions.models import Result, Standing
from yunlang.auctions.standings import standing_of
from yunlang.deals.core.ledger.entries import Entry
from yunlang.deals.ledger_models import JournalHead
from yunlang.kit.errors import DomainError
from yunlang.kit.language import Bilingual

_NOT_AS_SAID = Bilingual("与账本不符：{names}", "not as its journal says: {names}")


def lot_wrong(lot_id: str, journal: list[Entry]) -> Bilingual | None:
    """Return what is wrong with a lot's journal, its standing or its results; None where nothing is."""
    try:
        state = engine.replayed(
            event_restored(lot=lot_id, sequence=one.sequence, at=one.at, payload=one.payload) for one in journal
        )
    except (DomainError, LookupError, ValueError, ArithmeticError, TypeError):
        return Bilingual("条目不能依次发生", "its entries cannot have happened")
    standing = Standing.objects.filter(pk=UUID(lot_id)).first()
    if standing is None:
        return Bilingual("拍品进展缺失", "its standing is missing")
    said = standing_of(state)
    names = [name for name, value in said.items() if getattr(standing, name) != value]
    if not names and not _results_agree(state):
        names = ["results"]
    return _NOT_AS_SAID.format(names=", ".join(names)) if names else None


def _results_agree(state: Lot) -> bool:
    """Tell whether the results made so far are the awards; they are made a moment after the hammer."""
    rows = Result.objects.filter(lot=UUID(state.lot)).select_related("bidder")
    found = {one.bidder.paddle: (one.price, one.quantity) for one in rows}
    if state.phase is Phase.ANNULLED:
        # What was awarded before is no longer in the state; the results follow a moment after the annulment.
        return True
    awards = state.outcome.awards if state.outcome else ()
    said: dict[str, tuple[Decimal, int]] = {one.bidder: (one.price, one.quantity) for one in awards}
    return not found or found == said


def lot_unwritten() -> str | None:
    """Return the id of a lot that stands somewhere without a journal."""
    journal = JournalHead.objects.filter(sequence__gt=0, subject_kind=LOT, subject_id=OuterRef("pk"))
    found = Standing.objects.exclude(Exists(journal)).values_list("pk", flat=True).first()
    return str(found) if found else None
