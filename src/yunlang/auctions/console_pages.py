"""The auctioneer's console, and the screen of the hall."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import database_time
from yunlang.auctions.conducting import bids_unseal
from yunlang.auctions.console_commands import STEPS, step_take, steps_of
from yunlang.auctions.core.public import public_state
from yunlang.auctions.core.state import ENDED, PHASES, Phase
from yunlang.auctions.models import Lot, Sale
from yunlang.auctions.room_pages import for_script, said, shown_amounts
from yunlang.auctions.room_selectors import Floor, announced_sale_get, floor_get, happenings, listed_lots_of
from yunlang.auctions.sealing import LARGEST_KEY_FILE, WrongKeyError
from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.pages.forms import typed_values
from yunlang.registry.pages.parameters import chosen_id

_UNSEALED = Bilingual("密封出价已全部开启。", "All sealed bids are open.")
_RUNNING = (Phase.OPEN, Phase.PAUSED, Phase.AWAITING)


@never_cache
@login_required
@require_safe
def console(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Show a sale's lots as they stand, and what may be done with the one in hand."""
    sale = announced_sale_get(sale_id)
    require(request.user, "auctions.conduct", sale)
    lots = list(listed_lots_of(sale))
    chosen = _in_hand(lots, chosen_id(request.GET, "lot"))
    context: dict[str, Any] = {"sale": sale, "lots": lots, "chosen": chosen}
    if chosen is not None:
        context |= _in_hand_context(floor_get(chosen.pk))
    return render(request, "auctions/console.html", context)


def _in_hand(lots: list[Lot], asked: UUID | None) -> Lot | None:
    """Return the lot asked for; else the one that runs, else the next, else the last."""
    named = [lot for lot in lots if lot.pk == asked]
    running = [lot for lot in lots if lot.standing.phase in _RUNNING]
    coming = [lot for lot in lots if lot.standing.phase not in ENDED]
    return next(iter([*named, *running, *coming, *reversed(lots)]), None)


def _in_hand_context(floor: Floor) -> dict[str, Any]:
    now = database_time()
    seen = public_state(floor.state, now)
    quotes = getattr(floor.state.book, "quotes", {})
    return {
        "lot": floor.lot,
        "state": floor.state,
        "seen": seen,
        **shown_amounts(floor, seen),
        "phase_label": PHASES[floor.state.phase],
        "reserve": getattr(floor.state.terms, "reserve", None),
        # A quote is the office's business once nobody can answer it any more.
        "quotes": sorted(quotes.items()) if floor.state.phase is not Phase.OPEN else [],
        "scores": sorted(getattr(floor.state.book, "scores", {}).items()),
        "unseals": floor.state.phase is Phase.AWAITING and getattr(floor.state.terms, "cover", "") == "encrypted",
        "steps": [(name, step, [(spec, "", []) for spec in step.fields]) for name, step in steps_of(floor.state)],
        "happenings": happenings(floor, now),
        "room": for_script(floor, seen, "", now),
    }


@login_required
@require_POST
def console_step(request: HttpRequest, lot_id: UUID, step: str) -> HttpResponse:
    """Do something to a lot, and go back to the console with what it came to."""
    floor = floor_get(lot_id)
    require(request.user, "auctions.conduct", floor.lot)
    try:
        step_take(request.user, lot_id, step, typed_values(request.POST, STEPS[step].fields))
    except InvalidError as error:
        label = said(STEPS[step].label)
        for reasons in error.fields.values():
            messages.error(request, f"{label}: {said(reasons[0])}")
    except DomainError as error:
        messages.error(request, said(error.text))
    else:
        messages.success(request, said(STEPS[step].done))
    return redirect(_console_url(floor))


@login_required
@require_POST
def console_unseal(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Open encrypted bids with the key file; it is read, used and forgotten."""
    floor = floor_get(lot_id)
    require(request.user, "auctions.conduct", floor.lot)
    uploaded = request.FILES.get("private_key")
    try:
        if uploaded is None or (uploaded.size or 0) > LARGEST_KEY_FILE:
            raise WrongKeyError
        bids_unseal(actor=request.user, lot_id=lot_id, private_key=uploaded.read())
    except DomainError as error:
        messages.error(request, said(error.text))
    else:
        messages.success(request, said(_UNSEALED))
    return redirect(_console_url(floor))


def _console_url(floor: Floor) -> str:
    return f"{reverse('auctions:console', args=[floor.lot.sale_id])}?lot={floor.lot.pk}"


@never_cache
@require_safe
def screen(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Show the hall the lot that runs: large, and without a hand on it."""
    sale: Sale = announced_sale_get(sale_id)
    lots = list(listed_lots_of(sale))
    chosen = _in_hand(lots, chosen_id(request.GET, "lot"))
    context: dict[str, Any] = {"sale": sale, "lots": lots, "lot": chosen}
    if chosen is not None:
        floor, now = floor_get(chosen.pk), database_time()
        seen = public_state(floor.state, now)
        context |= {
            "seen": seen,
            **shown_amounts(floor, seen),
            "state": floor.state,
            "phase_label": PHASES[floor.state.phase],
            "happenings": happenings(floor, now, 6),
            "room": for_script(floor, seen, "", now) | {"follow": f"/live/sales/{sale.pk}/events"},
        }
    return render(request, "auctions/screen.html", context)
