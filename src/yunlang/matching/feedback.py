"""What the reader says of a match: kept at once, in its place where scripts run."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from yunlang.kit.rate_limit import RateLimit, rate_check
from yunlang.matching.pages import address_of
from yunlang.matching.services import feedback_give
from yunlang.registry.pages.parameters import chosen_id
from yunlang.registry.pages.redirects import back_to

JUDGING = RateLimit("matching_feedback", 60, timedelta(minutes=1))


@require_POST
def feedback_page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Keep a verdict; answer with the buttons as they stand now, or go back to where they were."""
    if not request.user.is_authenticated:
        return _sign_in(request)
    rate_check(JUDGING, caller=str(request.user.pk), at=timezone.now())
    need_id, words = chosen_id(request.POST, "need"), request.POST.get("q", "")
    kept = feedback_give(
        actor=request.user, document_id=document_id, verdict=request.POST.get("verdict", ""), at=timezone.now(),
        need_id=need_id, query=words,
    )  # fmt: skip
    if request.headers.get("HX-Request"):
        context = {
            "document_id": document_id, "verdict": kept.verdict, "need": kept.need, "text": words, "is_new": True,
            "title": request.POST.get("title", ""), "next": back_to(request, ""),
        }  # fmt: skip
        return render(request, "matching/_feedback.html", context)
    messages.success(request, gettext("已记下，谢谢。以后的匹配会参考。"))
    match_url = reverse("matching:need_match", args=[need_id]) if need_id else reverse("matching:match")
    return redirect(back_to(request, address_of(match_url, q="" if need_id else words)))


def _sign_in(request: HttpRequest) -> HttpResponse:
    """Have whoever was signed out meanwhile sign in, and come back to the matches."""
    address = redirect_to_login(back_to(request, reverse("matching:match"))).url
    # In the place of the buttons a page would be swapped in; the browser itself is to go there.
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)
