"""The public page of the ledger: how much it holds, the heads of each day, and how anybody verifies a journal."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yunlang.deals.core.ledger.heads import publication_line
from yunlang.deals.ledger_selectors import day_of_head, ledger_totals, publications, publications_in_order
from yunlang.registry.pages.parameters import free_text, page_of

_HASH = re.compile(r"[0-9a-f]{64}")


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the published heads, and on which day a hash was published."""
    asked = free_text(request.GET, "hash").lower().replace(" ", "")
    page = page_of(publications(), request.GET)
    context = {
        "totals": ledger_totals(),
        "page": page,
        "count": page.paginator.count,
        "asked": asked,
        "is_hash": bool(_HASH.fullmatch(asked)),
        "found": day_of_head(asked) if _HASH.fullmatch(asked) else None,
    }
    return render(request, "deals/ledger.html", context)


@require_safe
def ledger_heads(request: HttpRequest) -> HttpResponse:
    """Hand out every published day, as `yunlang ledger verify --heads` reads it."""
    lines = b"".join(publication_line(one) for one in publications_in_order())
    response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="heads.jsonl"'
    return response
