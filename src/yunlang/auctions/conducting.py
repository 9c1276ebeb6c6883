"""What the office and the auctioneer do to a lot, and what the clock does. One function, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.permissions import require
from yunlang.auctions.clock import Clock, server_time
from yunlang.auctions.core import commands, engine
from yunlang.auctions.core.commands import OfficeCommand, Opening
from yunlang.auctions.core.engine import Accepted
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.terms import SealedTerms
from yunlang.auctions.core.terms_text import terms_of
from yunlang.auctions.decisions import Answer, Ask, asks_decide, lot_begin
from yunlang.auctions.lot_states import LOT, lot_state
from yunlang.auctions.lot_states import Lot as State
from yunlang.auctions.models import Lot, Standing
from yunlang.auctions.sealing import openings_of
from yunlang.deals.journal import journal_name
from yunlang.kit.audit import audit_record
from yunlang.kit.errors import DomainError, NotFoundError
from yunlang.kit.language import Bilingual


class RefusedError(DomainError):
    """The engine refused a step of the office."""

    code = "auction_step_refused"
    status = 409

    def __init__(self, reason: Reason) -> None:
        self.refusal: Code = reason.code
        self.details = {"code": reason.code}
        self.text = reason.text
        Exception.__init__(self, self.text.zh)


@transaction.atomic
def lot_list(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> State:
    """Begin a lot's journal with its terms; from now on they cannot be changed."""
    lot = Lot.objects.select_related("sale").select_for_update(of=("self",)).filter(pk=lot_id).first()
    if lot is None:
        raise NotFoundError(what=Bilingual("该拍品", "this lot"))
    require(actor, "auctions.conduct", lot)
    event = engine.listed(str(lot.pk), terms_of(lot.terms), clock())
    audit_record(actor=actor, action="lot_list", object_kind=LOT, object_id=lot.pk, after={"terms": lot.terms})
    return lot_begin(event=event, named=journal_name(actor))


def lot_open(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> Answer:
    """Open a lot that has no opening time."""
    return _conducts(actor, lot_id, commands.Open(), "lot_open", clock)


def lot_close(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> Answer:
    """Close a lot that no clock closes: the hammer."""
    return _conducts(actor, lot_id, commands.Close(), "lot_close", clock)


def lot_pause(*, actor: Any, lot_id: UUID, reason: str, clock: Clock = server_time) -> Answer:
    """Stop a lot's clock."""
    return _conducts(actor, lot_id, commands.Pause(reason), "lot_pause", clock)


def lot_resume(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> Answer:
    """Let a lot's clock run on."""
    return _conducts(actor, lot_id, commands.Resume(), "lot_resume", clock)


def lot_extend(*, actor: Any, lot_id: UUID, reason: str, by: timedelta, clock: Clock = server_time) -> Answer:
    """Give more time."""
    return _conducts(actor, lot_id, commands.Extend(reason, by), "lot_extend", clock)


def lot_annul(*, actor: Any, lot_id: UUID, reason: str, clock: Clock = server_time) -> Answer:
    """Undo a lot's sale, even after the hammer."""
    return _conducts(actor, lot_id, commands.Annul(reason), "lot_annul", clock)


def quote_confirm(*, actor: Any, lot_id: UUID, clock: Clock = server_time) -> Answer:
    """Confirm the single quote: the hammer."""
    return _conducts(actor, lot_id, commands.Confirm(), "quote_confirm", clock)


def bids_open(*, actor: Any, lot_id: UUID, openings: Sequence[Opening], clock: Clock = server_time) -> Answer:
    """Open all encrypted bids at once."""
    return _conducts(actor, lot_id, commands.OpenBids(tuple(openings)), "bids_open", clock)


def bids_unseal(*, actor: Any, lot_id: UUID, private_key: bytes, clock: Clock = server_time) -> Answer:
    """Open all encrypted bids with the office's private key, which is forgotten then."""
    lot = _lot(lot_id)
    require(actor, "auctions.conduct", lot)
    state = lot_state(lot_id)
    if state is None or not isinstance(state.terms, SealedTerms):
        raise RefusedError(Reason(Code.OTHER_FORMAT))
    # Bids are over before any opening, so what is read here is what will be opened; the engine checks it again.
    return bids_open(actor=actor, lot_id=lot_id, openings=openings_of(state, private_key), clock=clock)


def bidder_score(
    *, actor: Any, lot_id: UUID, paddle: str, criterion: str, points: Decimal, clock: Clock = server_time
) -> Answer:
    """Record the experts' points for a bidder before bidding begins."""
    return _conducts(actor, lot_id, commands.Score(paddle, criterion, points), "bidder_score", clock)


def paddle_admit(*, actor: Any, lot_id: UUID, paddle: str, clock: Clock = server_time) -> Answer:
    """Let a paddle bid: qualified, deposit paid."""
    return _conducts(actor, lot_id, commands.Admit(paddle), "paddle_admit", clock)


def paddle_bar(*, actor: Any, lot_id: UUID, paddle: str, reason: str, clock: Clock = server_time) -> Answer:
    """Take nothing more from a paddle; what was taken stands."""
    return _conducts(actor, lot_id, commands.Bar(reason, paddle), "paddle_bar", clock)


def _lot(lot_id: UUID) -> Lot:
    lot = Lot.objects.select_related("sale").filter(pk=lot_id).first()
    if lot is None:
        raise NotFoundError(what=Bilingual("该拍品", "this lot"))
    return lot


def _conducts(actor: Any, lot_id: UUID, command: OfficeCommand, action: str, clock: Clock) -> Answer:
    require(actor, "auctions.conduct", _lot(lot_id))
    answer = asks_decide([Ask(lot_id, command, actor, action, journal_name(actor))], clock=clock)[0]
    if not isinstance(answer.decision, Accepted):
        raise RefusedError(answer.decision.reason)
    return answer


def lots_due(at: datetime) -> list[UUID]:
    """Return the lots whose clock has something to do."""
    return list(Standing.objects.filter(due_at__lte=at).order_by("due_at").values_list("pk", flat=True)[:100])


def lot_tick(*, lot_id: UUID, clock: Clock = server_time) -> Answer:
    """Do what is due by the clock, once however many ask."""
    return asks_decide([Ask(lot_id, commands.Tick(), SYSTEM, "lot_tick", SYSTEM.actor_name)], clock=clock)[0]
