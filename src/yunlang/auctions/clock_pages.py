"""The office's page about the server's clock."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yunlang.accounts.permissions import require
from yunlang.auctions.clock import database_time
from yunlang.auctions.clock_incidents import clock_accept, open_incident
from yunlang.auctions.clock_models import ClockIncident
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: HttpRequest) -> HttpResponse:
    """Show the server's time and what became of it; have the office accept it after a jump."""
    require(request.user, "auctions.accept_clock")
    if request.method == "POST":
        clock_accept(actor=request.user, incident_id=_number(request.POST.get("incident", "")))
        return redirect("auctions:clock")
    context = {
        "now": database_time(),
        "waiting": open_incident(),
        "incidents": ClockIncident.objects.select_related("accepted_by")[:_SHOWN],
    }
    return render(request, "auctions/clock.html", context)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFoundError(what=Bilingual("该时钟事件", "this incident"))
    return int(text)
