"""Joining an organisation, and confirming or ending memberships."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from yunlang.kit.errors import ConflictError, InvalidError
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership
from yunlang.registry.pages.redirects import reasons_of
from yunlang.registry.services.organisations import (
    membership_confirm,
    membership_remove,
    membership_request,
    membership_role_set,
)


@require_POST
@login_required
def organisation_join(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Ask to join an organisation."""
    membership = membership_request(actor=request.user, organisation_id=organisation_id)
    if membership.state == Membership.State.ACTIVE:
        messages.info(request, gettext("您已是该机构的成员。"))
    else:
        messages.success(request, gettext("已申请加入，由该机构管理员或走廊办公室确认。"))
    return redirect("registry:workbench")


@require_POST
@login_required
def member_confirm(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Let a person act for the organisation."""
    membership = membership_confirm(actor=request.user, membership_id=membership_id)
    messages.success(request, gettext("已确认 %(name)s 为成员。") % {"name": membership.user.name})
    return redirect("registry:workbench")


_ROLE_SET = {
    Membership.Role.OWNER: Bilingual("{name} 现在是管理员。", "{name} is now an administrator."),
    Membership.Role.EDITOR: Bilingual("{name} 现在是普通成员。", "{name} is now an ordinary member."),
}


@require_POST
@login_required
def member_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Make a member an administrator, or an administrator an ordinary member."""
    language = get_language() or "zh-hans"
    try:
        membership = membership_role_set(
            actor=request.user, membership_id=membership_id, role=request.POST.get("role", "")
        )
    except ConflictError as error:
        messages.error(request, error.text.text(language))
    except InvalidError as error:
        messages.error(request, reasons_of(error).text(language))
    else:
        done = _ROLE_SET[Membership.Role(membership.role)]
        messages.success(request, done.text(language).format(name=membership.user.name))
    return redirect("registry:workbench")


@require_POST
@login_required
def member_remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End a membership, or decline a request."""
    try:
        membership_remove(actor=request.user, membership_id=membership_id)
    except ConflictError as error:
        messages.error(request, error.text.text(get_language() or "zh-hans"))
    else:
        messages.success(request, gettext("已移除。"))
    return redirect("registry:workbench")
