"""The live room of a lot: for bidders, the seller, and everybody who watches."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yunlang.accounts.permissions import may
from yunlang.auctions.clock import database_time
from yunlang.auctions.core.own import own_view
from yunlang.auctions.core.public import public_state
from yunlang.auctions.core.public_words import amount_words
from yunlang.auctions.core.state import PHASES, Phase
from yunlang.auctions.room_answers import Told, told_of
from yunlang.auctions.room_commands import COMMANDS, give
from yunlang.auctions.room_selectors import Floor, floor_get, happenings, paddles_of
from yunlang.auctions.room_words import price_label, room_words
from yunlang.kit.errors import DomainError, InvalidError
from yunlang.kit.ids import new_id
from yunlang.kit.language import Bilingual
from yunlang.kit.rate_limit import RateLimit, rate_check

# As the stream's messages name the two languages.
_LANGUAGE = Bilingual("zh", "en")
# A refusal is an entry of the journal too: nobody may fill it by the thousand.
COMMANDS_BY_PERSON = RateLimit("room", 120, timedelta(minutes=1))
_BY_SCRIPT = "X-Yunlang-Room"


def room_url(lot_id: UUID) -> str:
    """Return the address of a lot's room."""
    return reverse("auctions:room", args=[lot_id])


@never_cache
@require_safe
def room(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Show a lot as it is sold, and to its bidders what they may do."""
    return render(request, "auctions/room.html", _context(request, floor_get(lot_id)))


def _context(request: HttpRequest, floor: Floor) -> dict[str, Any]:
    lot, state = floor.lot, floor.state
    now = database_time()
    paddles = paddles_of(request.user, lot)
    owns = [own_view(state, one.paddle) for one in paddles]
    own = next((one for one in owns if one.paddle == request.GET.get("paddle")), owns[0] if owns else None)
    seen = public_state(state, now)
    return {
        "lot": lot,
        "state": state,
        "seen": seen,
        **shown_amounts(floor, seen),
        "terms": state.terms,
        "phase_label": PHASES[state.phase],
        "happenings": happenings(floor, now),
        "owns": owns,
        "own": own,
        "sells": may(request.user, "auctions.sell", lot),
        "conducts": may(request.user, "auctions.conduct", lot),
        "proposals": sorted(getattr(state.book, "proposals", {}).items()),
        "takes_bids": state.phase is Phase.OPEN and not state.is_due(now),
        "key": new_id(),
        "room": for_script(floor, seen, own.paddle if own else "", now),
    }


def shown_amounts(floor: Floor, seen: dict[str, Any]) -> dict[str, Any]:
    """Return the price that a lot's figures begin with, what it is, and the least that may be bid."""
    price, least = seen["price"], seen["least"]
    return {
        "shown_price": amount_words(Decimal(price or seen["asked"])),
        "price_label": price_label(floor.state.terms.format, has_price=price is not None),
        "least": "" if least is None else amount_words(Decimal(least)),
    }


def for_script(floor: Floor, seen: dict[str, Any], paddle: str, now: datetime) -> dict[str, Any]:
    """Return what the room's script starts from."""
    lot_id, state = floor.lot.pk, floor.state
    terms = state.terms
    falling = (
        {"start": f"{terms.starting_price}", "floor": f"{terms.floor}", "step": f"{terms.step}",
         "interval": terms.interval.total_seconds()}
        if terms.format == "dutch" else None
    )  # fmt: skip
    return {
        "stream": f"/live/lots/{lot_id}/events",
        "language": said(_LANGUAGE),
        "paddle": paddle,
        "lot": seen,
        "now": now.isoformat(),
        "format": terms.format,
        "falling": falling,
        "hasBid": bool(paddle) and paddle in state.bidders,
        "words": {key: said(text) for key, text in room_words().items()},
    }


@login_required
@require_POST
def room_act(request: HttpRequest, lot_id: UUID, action: str) -> HttpResponse:
    """Take a party's command, and say what it came to."""
    told, status = _given(request, lot_id, action)
    if request.headers.get(_BY_SCRIPT):
        context = {"told": told, "key": new_id()}
        return render(request, "auctions/_room_answer.html", context, status=status)
    level = messages.SUCCESS if told.is_accepted else messages.WARNING
    messages.add_message(request, level, said(told.text))
    return redirect(room_url(lot_id))


def _given(request: HttpRequest, lot_id: UUID, action: str) -> tuple[Told, int]:
    floor_get(lot_id)
    try:
        rate_check(COMMANDS_BY_PERSON, caller=str(request.user.pk), at=timezone.now())
        answer = give(request.user, lot_id, action, request.POST.dict())
    except InvalidError as error:
        reasons = [reason for found in error.fields.values() for reason in found]
        return Told(reasons[0], is_accepted=False), error.status
    except DomainError as error:
        return Told(error.text, is_accepted=False), error.status
    return told_of(answer, request.POST.get("paddle", ""), COMMANDS[action].command), 200


def said(text: Bilingual) -> str:
    """Return a text in the reader's language."""
    return text.text(get_language() or "")
