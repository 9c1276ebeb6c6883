"""What the office and the clock do to a lot of any form: admit, open, pause, extend, close, annul."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from yunlang.auctions.core.commands import (
    Admit,
    Annul,
    Bar,
    Close,
    Confirm,
    Extend,
    OfficeCommand,
    Open,
    OpenBids,
    Pause,
    Resume,
    Score,
    Tick,
)
from yunlang.auctions.core.events import (
    Annulled,
    BidderAdmitted,
    BidderBarred,
    BiddingOpened,
    ClockExtended,
    Paused,
    Resumed,
)
from yunlang.auctions.core.formats.form import Decided, Form
from yunlang.auctions.core.refusals import Code, Reason
from yunlang.auctions.core.state import Phase, State

Lot = State[Any, Any]
AnyForm = Form[Any, Any]
_RUNNING = frozenset({Phase.OPEN, Phase.AWAITING})


def decide(state: Lot, form: AnyForm, command: OfficeCommand, at: datetime) -> Decided:
    """Decide an office command on a lot that has not ended."""
    if isinstance(command, Confirm | OpenBids) and state.is_due(at):
        return Reason(Code.LATE)
    if isinstance(command, Confirm | OpenBids | Score):
        decided: Decided = form.decide(state, command, at)
        return decided
    return _STEPS[type(command)](state, form, command, at)


def _ticked(state: Lot, form: AnyForm, command: Tick, at: datetime) -> Decided:
    opens = state.terms.schedule.opens
    if state.phase is Phase.SCHEDULED and opens is not None and at >= opens:
        return _opening(state, form, at)
    return form.settle(state, at) if state.is_due(at) else ()


def _opened(state: Lot, form: AnyForm, command: Open, at: datetime) -> Decided:
    if state.phase is not Phase.SCHEDULED:
        return Reason(Code.NOT_OPEN)
    opens = state.terms.schedule.opens
    return Reason(Code.NOT_DUE) if opens is not None and at < opens else _opening(state, form, at)


def _opening(state: Lot, form: AnyForm, at: datetime) -> Decided:
    lasts = form.lasts(state.terms)
    if lasts is None:
        return (BiddingOpened(None, None),)
    extension = getattr(state.terms, "extension", None)
    return (BiddingOpened(at + lasts, None if extension is None else at + lasts + extension.cap),)


def _closed(state: Lot, form: AnyForm, command: Close, at: datetime) -> Decided:
    if state.phase not in _RUNNING:
        return Reason(Code.PAUSED if state.phase is Phase.PAUSED else Code.NOT_OPEN)
    if state.closes is None or state.is_due(at) or form.is_complete(state):
        return form.settle(state, at)
    return Reason(Code.NOT_DUE)


def _paused(state: Lot, form: AnyForm, command: Pause, at: datetime) -> Decided:
    if state.phase is not Phase.OPEN:
        return Reason(Code.PAUSED if state.phase is Phase.PAUSED else Code.NOT_OPEN)
    return Reason(Code.LATE) if state.is_due(at) else (Paused(command.reason),)


def _resumed(state: Lot, form: AnyForm, command: Resume, at: datetime) -> Decided:
    if state.paused is None:
        return Reason(Code.NOT_PAUSED)
    stood = at - state.paused
    return (
        Resumed(
            None if state.closes is None else state.closes + stood,
            None if state.latest is None else state.latest + stood,
        ),
    )


def _extended(state: Lot, form: AnyForm, command: Extend, at: datetime) -> Decided:
    if not form.is_extendable:
        return Reason(Code.OTHER_FORMAT)
    if state.closes is None:
        return Reason(Code.NO_CLOCK)
    if state.is_due(at):
        return Reason(Code.LATE)
    latest = None if state.latest is None else state.latest + command.by
    return (ClockExtended(state.closes + command.by, latest, command.reason),)


def _admitted(state: Lot, form: AnyForm, command: Admit, at: datetime) -> Decided:
    known = state.qualified.get(command.bidder)
    return Reason(Code.ALREADY_QUALIFIED) if known else (BidderAdmitted(command.bidder),)


def _barred(state: Lot, form: AnyForm, command: Bar, at: datetime) -> Decided:
    known = state.qualified.get(command.bidder)
    return (BidderBarred(command.bidder, command.reason),) if known else Reason(Code.NOT_QUALIFIED)


def _annulled(state: Lot, form: AnyForm, command: Annul, at: datetime) -> Decided:
    return (Annulled(command.reason),)


_STEPS: dict[type[OfficeCommand], Callable[[Lot, AnyForm, Any, datetime], Decided]] = {
    Tick: _ticked,
    Open: _opened,
    Close: _closed,
    Pause: _paused,
    Resume: _resumed,
    Extend: _extended,
    Admit: _admitted,
    Bar: _barred,
    Annul: _annulled,
}
