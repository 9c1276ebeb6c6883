"""The caller, and who belongs to which organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from yunlang.accounts.api import actor_of, signed_in_actor, token_of
from yunlang.accounts.models import ApiToken
from yunlang.accounts.permissions import require
from yunlang.accounts.roles import Role
from yunlang.kit.api.reference import described
from yunlang.kit.language import Bilingual
from yunlang.registry.api.organisations import visible_organisation
from yunlang.registry.api.values import Id, Moment, OrganisationReference, RowNumber, organisation_reference
from yunlang.registry.models import Membership
from yunlang.registry.selectors.organisations import members_of, organisations_of_actor
from yunlang.registry.services.organisations import (
    membership_confirm,
    membership_remove,
    membership_request,
    membership_role_set,
)

router = Router(tags=["members"])


class TokenState(BaseModel):
    """The token the caller used."""

    name: str = Field(examples=["对接系统"])
    scope: ApiToken.Scope
    expires_at: Moment


class MembershipRow(BaseModel):
    """A place in an organisation."""

    id: RowNumber
    organisation: OrganisationReference
    role: Membership.Role
    state: Membership.State


class Me(BaseModel):
    """The caller."""

    id: Id
    name: str = Field(examples=["李四"])
    email: str = Field(examples=["li@example.org"])
    role: Role
    language: str | None = Field(examples=["zh-hans"])
    memberships: list[MembershipRow]
    token: TokenState | None


class MemberRow(BaseModel):
    """A member of an organisation, or somebody who asked to join."""

    id: RowNumber
    name: str = Field(examples=["李四"])
    email: str = Field(examples=["li@example.org"])
    role: Membership.Role
    state: Membership.State


class MemberChange(BaseModel):
    """What a member is to be."""

    role: Membership.Role = Field(
        description="`owner` administers the organisation; `editor` writes for it.",
        examples=["owner"],
        json_schema_extra={"x-zh": "owner 为管理员，editor 为成员。"},
    )


class MemberList(BaseModel):
    """An organisation's members, active ones first."""

    items: list[MemberRow]


def _membership_row(membership: Membership) -> MembershipRow:
    return MembershipRow(
        id=membership.pk,
        organisation=organisation_reference(membership.organisation),
        role=membership.role,
        state=membership.state,
    )


@router.get(
    "/me",
    response=Me,
    **described(
        Bilingual("我", "Who am I"),
        Bilingual("您的账号、所属机构与所用令牌。", "Your account, your organisations, the token in use."),
        sign_in=True,
    ),
)
def me_get(request: HttpRequest) -> Any:
    """Return who calls."""
    user, token = signed_in_actor(request), token_of(request)
    return Me(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        language=user.language or None,
        memberships=[_membership_row(row) for row in organisations_of_actor(user)],
        token=TokenState(name=token.name, scope=token.scope, expires_at=token.expires_at) if token else None,
    )


@router.get(
    "/organisations/{organisation_id}/members",
    response=MemberList,
    **described(
        Bilingual("机构的成员", "List an organisation's members"),
        Bilingual("供其管理员与走廊办公室使用。", "For its administrators and the corridor office."),
        sign_in=True,
        refused=[403],
    ),
)
def members_list(request: HttpRequest, organisation_id: UUID) -> Any:
    """List members."""
    actor = signed_in_actor(request)
    organisation = visible_organisation(request, organisation_id)
    require(actor, "registry.confirm_member", organisation)
    rows = [
        MemberRow(id=row.pk, name=row.user.name, email=row.user.email, role=row.role, state=row.state)
        for row in members_of(organisation)
    ]
    return MemberList(items=rows)


@router.post(
    "/organisations/{organisation_id}/members",
    response={201: MembershipRow},
    **described(
        Bilingual("申请加入机构", "Ask to join an organisation"),
        Bilingual("由其管理员确认；重复申请不起作用。", "An administrator confirms it; asking twice changes nothing."),
    ),
)
def organisation_join(request: HttpRequest, organisation_id: UUID) -> Any:
    """Ask to join."""
    visible_organisation(request, organisation_id)
    return Status(201, _membership_row(membership_request(actor=actor_of(request), organisation_id=organisation_id)))


@router.post(
    "/members/{membership_id}/confirm",
    response=MembershipRow,
    **described(
        Bilingual("确认成员", "Confirm a member"),
        Bilingual("由机构管理员或走廊办公室确认。", "By an administrator or the corridor office."),
    ),
)
def member_confirm(request: HttpRequest, membership_id: RowNumber) -> Any:
    """Confirm a member."""
    return _membership_row(membership_confirm(actor=actor_of(request), membership_id=membership_id))


@router.patch(
    "/members/{membership_id}",
    response=MembershipRow,
    **described(
        Bilingual("更改成员身份", "Change a member's role"),
        Bilingual(
            "设为管理员或成员；机构至少保留一名管理员。",
            "Make a member an administrator, or the other way round; one administrator stays.",
        ),
    ),
)
def member_change(request: HttpRequest, membership_id: RowNumber, body: MemberChange) -> Any:
    """Set a member's role."""
    membership = membership_role_set(actor=actor_of(request), membership_id=membership_id, role=body.role)
    return _membership_row(membership)


@router.delete(
    "/members/{membership_id}",
    response={204: None},
    **described(
        Bilingual("移除成员", "Remove a member"),
        Bilingual(
            "结束成员资格，或拒绝申请；也可退出自己所在的机构。", "End a membership, or decline a request; or leave."
        ),
    ),
)
def member_remove(request: HttpRequest, membership_id: RowNumber) -> Any:
    """Remove a member."""
    membership_remove(actor=actor_of(request), membership_id=membership_id)
    return Status(204, None)
