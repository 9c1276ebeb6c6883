"""What the reader was told, and the letters about it."""

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

from yunlang.accounts.letters import LetterKind, letters_of_token
from yunlang.accounts.models import User
from yunlang.accounts.notices import notice_text, notices_of
from yunlang.accounts.services import letters_set, notice_read, notices_read

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
def letters_choice(request: HttpRequest, kind: LetterKind) -> HttpResponse:
    """Have letters of a kind sent or not."""
    wanted = request.POST.get("wanted") == "yes"
    letters_set(actor=_reader(request), kind=kind, wanted=wanted)
    if kind is LetterKind.DAILY:
        messages.success(request, _("每日邮件已恢复。") if wanted else _("每日邮件已停发。"))
    else:
        messages.success(request, _("即时邮件已恢复。") if wanted else _("即时邮件已停发。"))
    return redirect("accounts:profile")


# A mail program posts here by itself (RFC 8058), without a page of ours before; the token is the proof. Showing the
# page changes nothing, because programs that check letters open every link.
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def letters_end(request: HttpRequest, token: str) -> HttpResponse:
    """End letters of a kind for whoever got one, without signing in."""
    user, kind = letters_of_token(token)
    if request.method == "POST":
        letters_set(actor=user, kind=kind, wanted=False)
    context = {"email": user.email, "wanted": getattr(user, kind), "is_daily": kind is LetterKind.DAILY}
    return render(request, "accounts/letters_end.html", context)


def _reader(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - `login_required` let it in
    return user
