"""What the reader was told, and the daily letter about it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yunlang.accounts.digests import user_of_token
from yunlang.accounts.models import User
from yunlang.accounts.notices import notice_text, notices_of
from yunlang.accounts.services import digest_set, notice_read, notices_read

PER_PAGE = 30


@never_cache
@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List what the reader was told, the latest first."""
    page = Paginator(notices_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(notice, notice_text(notice)) for notice in page]
    return render(request, "accounts/notices.html", {"page": page, "rows": rows})


@login_required
@require_POST
def notice_open(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Mark a notice read and lead to the page that it is about."""
    return redirect(notice_read(actor=_reader(request), notice_id=notice_id, at=timezone.now()).address)


@login_required
@require_POST
def notices_done(request: HttpRequest) -> HttpResponse:
    """Mark everything read."""
    notices_read(actor=_reader(request), at=timezone.now())
    return redirect("accounts:notices")


@login_required
@require_POST
def digest_choice(request: HttpRequest) -> HttpResponse:
    """Have the daily letter sent or not."""
    wanted = request.POST.get("wanted") == "yes"
    digest_set(actor=_reader(request), wanted=wanted)
    messages.success(request, _("每日邮件已恢复。") if wanted else _("每日邮件已停发。"))
    return redirect("accounts:profile")


# A mail program posts here by itself (RFC 8058), without a page of ours before; the token is the proof. Showing the
# page changes nothing, because programs that check letters open every link.
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def digest_end(request: HttpRequest, token: str) -> HttpResponse:
    """End the daily letter for whoever got it, without signing in."""
    user = user_of_token(token)
    if request.method == "POST":
        digest_set(actor=user, wanted=False)
    return render(request, "accounts/digest_end.html", {"email": user.email, "wanted": user.digest})


def _reader(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - `login_required` let it in
    return user
