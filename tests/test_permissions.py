"""Who may do what: the whole matrix role × permission × subject, and every service asked by people who may not."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rules.permissions
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

import yunlang
from tests.challenges.permissions_proposals import ROOM_CALLS, ROOM_MATRIX, ROOM_SUBJECTS, room_subject
from tests.deals.permissions import DEALS_CALLS, DEALS_MATRIX, deal_of, introduction_of
from tests.factories import PASSWORD, make_member, make_need, make_organisation, make_user, publish
from tests.indicators.permissions import INDICATORS_CALLS, INDICATORS_MATRIX, edition_of
from tests.source import python_calls, services
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import Notice, User
from yunlang.accounts.permissions import may, require
from yunlang.accounts.roles import Role
from yunlang.accounts.services import token_create
from yunlang.deals.core.introduction import Side
from yunlang.deals.permissions import SideOf
from yunlang.kit.errors import NotAllowedError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Membership, MergeCandidate, Need, Organisation
from yunlang.registry.permissions import forget_memberships
from yunlang.registry.services.listings import listing_close, listing_submit

pytestmark = pytest.mark.django_db

# «editor» and «owner» belong to the own organisation, «pending» only asked to; «stranger» belongs to none.
# «former» and «manager» each made a listing for another organisation, «former» as a member who has left since.
ROLES = ("visitor", "inactive", "stranger", "pending", "former", "editor", "owner", "manager", "office", "auditor")
EVERYBODY = set(ROLES)
SIGNED_IN = EVERYBODY - {"visitor", "inactive"}
ACTING = SIGNED_IN - {"auditor"}
STAFF = {"office", "auditor"}
NOBODY: set[str] = set()

_KEEPING = {
    "own draft": {"editor", "owner", "office"},
    "own published": {"editor", "owner", "office"},
    "other draft": {"office"},
    "other published": {"office"},
    "other draft, made by the actor": {"manager", "office"},
}
_ADMINISTERING = {
    "member of own organisation": {"owner", "office"},
    "member of other organisation": {"office"},
    "own organisation": {"owner", "office"},
    "other organisation": {"office"},
}
_FOR_OFFICE_LISTINGS = {
    "own draft": {"office"},
    "other draft": {"office"},
    "other draft, made by the actor": {"office"},
}
_FOR_OFFICE_ORGANISATIONS = {"own organisation": {"office"}, "other organisation": {"office"}}
MATRIX: dict[str, dict[str, set[str]]] = {
    "accounts.set_role": {"own account": {"office"}, "other account": {"office"}},
    "accounts.edit_own_account": {"own account": SIGNED_IN, "other account": NOBODY},
    "accounts.create_token": {"": SIGNED_IN},
    "accounts.revoke_token": {"own token": SIGNED_IN, "other token": NOBODY},
    "accounts.read_notice": {"own notice": SIGNED_IN, "other notice": NOBODY},
    "accounts.view_audit": {"": STAFF},
    **ROOM_MATRIX,
    **DEALS_MATRIX,
    "indicators.import_links": {"": {"office"}},
    **INDICATORS_MATRIX,
    "matching.judge": {"": ACTING},
    "registry.view_listing": {
        "own draft": {"editor", "owner"} | STAFF,
        "own published": EVERYBODY,
        "other closed": EVERYBODY,
        "other draft": STAFF,
        "other published": EVERYBODY,
        "other draft, made by the actor": {"manager"} | STAFF,
    },
    "registry.create_listing": {
        "own organisation": {"editor", "owner", "manager", "office"},
        "other organisation": {"manager", "office"},
    },
    "registry.edit_listing": _KEEPING,
    "registry.submit_listing": _KEEPING,
    "registry.close_listing": _KEEPING,
    "registry.review_listing": _FOR_OFFICE_LISTINGS,
    "registry.view_history": {
        "own draft": {"editor", "owner"} | STAFF,
        "own published": {"editor", "owner"} | STAFF,
        "other draft": STAFF,
        "other published": STAFF,
        "other draft, made by the actor": {"manager"} | STAFF,
        "own organisation": {"editor", "owner"} | STAFF,
        "other organisation": STAFF,
    },
    "registry.view_organisation": {
        "own organisation": EVERYBODY,
        "other organisation": EVERYBODY,
        "other organisation in review": {"manager"} | STAFF,
        "own organisation in review": {"editor", "owner", "manager"} | STAFF,
    },
    "registry.create_organisation": {"": ACTING},
    "registry.edit_organisation": _FOR_OFFICE_ORGANISATIONS | {"own organisation": {"owner", "office"}},
    "registry.review_organisation": _FOR_OFFICE_ORGANISATIONS,
    "registry.join_organisation": {
        "own organisation": ACTING,
        "other organisation": ACTING,
        "other organisation in review": NOBODY,
    },
    "registry.confirm_member": _ADMINISTERING | {"own membership": {"owner", "office"}},
    "registry.remove_member": _ADMINISTERING | {"own membership": {"pending", "editor", "owner", "office"}},
    "registry.merge_organisations": {"": {"office"}},
    "registry.view_contact": {"": SIGNED_IN},
    "registry.import": {"": {"office"}},
    "registry.export": {"": STAFF},
    "registry.view_review_queue": {"": STAFF},
}


@pytest.fixture
def world(corridor: object) -> SimpleNamespace:
    """Return the actors by role, and what they act on."""
    actors: dict[str, Any] = {name: make_user() for name in ("stranger", "pending", "former", "editor", "owner")}
    actors |= {"visitor": AnonymousUser(), "inactive": make_user(), "platform": SYSTEM}
    actors |= {role: make_user(Role(role)) for role in ("manager", "office", "auditor")}
    own = make_organisation(owner=actors["owner"])
    other = make_organisation(owner=make_user())
    for organisation in (own, make_organisation()):
        make_member(actors["inactive"], organisation, Membership.Role.OWNER)
    User.objects.filter(pk=actors["inactive"].pk).update(is_active=False)
    actors["inactive"].refresh_from_db()
    make_member(actors["editor"], own)
    Membership.objects.create(user=actors["pending"], organisation=own)
    past = make_member(actors["former"], other)
    made = {role: make_need(other, actor=actors[role]) for role in ("former", "manager")}
    past.delete()
    forget_memberships(actors["former"])
    return SimpleNamespace(actors=actors, own=own, other=other, made=made)


def subject_of(world: SimpleNamespace, name: str, role: str) -> Any:
    """Make what a row of the matrix speaks of; `role` is who acts."""
    actor = world.actors[role]
    side = world.own if name.startswith("own") or "of own" in name else world.other
    kind = name.removeprefix("own ").removeprefix("other ")
    match kind:
        case "":
            return None
        case "draft":
            return make_need(side)
        case "published":
            return publish(make_need(side))
        case "closed":
            return _closed(world)
        case "draft, made by the actor":
            return world.made.get(role) or make_need(side)
        case "organisation":
            return side
        case "organisation in review":
            waiting = copy(side)
            waiting.status = "in_review"
            return waiting
        case "member of own organisation" | "member of other organisation":
            return make_member(make_user(), side)
        case "membership":
            return Membership.objects.filter(user_id=getattr(actor, "actor_id", None)).first()
        case "side":
            return SideOf(introduction_of(side, "introduction", actor), Side.NEED)
        case _ if kind.startswith(("introduction", "deal")):
            return (deal_of if kind.startswith("deal") else introduction_of)(side, kind, actor)
        case _ if kind.startswith(ROOM_SUBJECTS):
            return room_subject(side, kind, actor, own=side is world.own)
        case _ if kind.startswith("edition"):
            return edition_of(kind)
        case "account":
            return actor if side is world.own else make_user()
        case "token":
            owner = actor if side is world.own and role in SIGNED_IN else make_user()
            made = token_create(actor=owner, name="测试", scope="read", days=1, at=timezone.now())
            return made.token
        case "notice":
            return _notice(actor if side is world.own and role in SIGNED_IN else make_user())
    raise LookupError(name)


@pytest.mark.parametrize("permission", sorted(MATRIX))
def test_each_role_may_do_exactly_what_the_matrix_says(world: SimpleNamespace, permission: str) -> None:
    for name, allowed in MATRIX[permission].items():
        found = {role for role in ROLES if may(world.actors[role], permission, subject_of(world, name, role))}
        assert found == allowed, f"{permission} over {name or 'nothing in particular'}"


def test_the_matrix_names_every_permission_there_is() -> None:
    assert set(rules.permissions.permissions) - {"never"} == set(MATRIX)


def test_whoever_signed_in_to_nothing_may_nothing_without_a_subject() -> None:
    for actor in (None, AnonymousUser()):
        assert not any(may(actor, permission) for permission in MATRIX)


def test_the_platform_itself_may_what_the_office_may(world: SimpleNamespace) -> None:
    personal = {
        "accounts.edit_own_account",
        "accounts.read_notice",
        "accounts.revoke_token",
        "registry.join_organisation",
        "matching.judge",
        "challenges.answer_invitation",
        "challenges.review",
    }
    for permission in sorted(set(MATRIX) - personal):
        for name, allowed in MATRIX[permission].items():
            subject = subject_of(world, name, "platform")
            assert may(SYSTEM, permission, subject) == ("office" in allowed), (permission, name)


def test_a_permission_nobody_declared_is_an_error_not_a_refusal() -> None:
    with pytest.raises(LookupError, match=r"registry\.fly"):
        may(SYSTEM, "registry.fly")


def test_every_permission_that_code_asks_for_is_declared() -> None:
    asked = {name for function in ("may", "require") for name in _second_arguments(function)}
    assert asked
    assert asked <= set(MATRIX)


def _second_arguments(function: str) -> set[str]:
    calls = python_calls(Path(yunlang.__file__).parent, {function})
    return {call.texts[1] for call in calls if len(call.texts) > 1 and call.texts[1] is not None}


def test_require_lets_the_allowed_pass_and_stops_the_others(world: SimpleNamespace) -> None:
    require(world.actors["office"], "registry.merge_organisations")
    with pytest.raises(NotAllowedError):
        require(world.actors["owner"], "registry.merge_organisations")


# Every service by name: how to call it so that nothing but the permission stands in the way.
CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
    "accounts.services.user_profile_change": lambda world, actor: {"name": "新名", "phone": ""},
    "accounts.services.user_password_change": lambda world, actor: {
        "old_password": PASSWORD, "new_password": "another-horse-7",
    },
    "accounts.services.user_role_set": lambda world, actor: {"user": make_user(), "role": Role.OFFICE},
    "accounts.services.token_create": lambda world, actor: {
        "name": "脚本", "scope": "read", "days": 1, "at": timezone.now(),
    },
    "accounts.services.token_revoke": lambda world, actor: {
        "token_id": subject_of(world, "other token", "stranger").id, "at": timezone.now(),
    },
    **ROOM_CALLS,
    **DEALS_CALLS,
    "indicators.link_services.links_import": lambda world, actor: {"table": None, "facts": None},
    **INDICATORS_CALLS,
    "matching.services.feedback_give": lambda world, actor: {
        "document_id": world.other.pk, "verdict": "good", "at": timezone.now(), "query": "电解液",
    },
    "accounts.services.notice_read": lambda world, actor: {
        "notice_id": _notice(make_user()).pk, "at": timezone.now(),
    },
    "accounts.services.notices_read": lambda world, actor: {
        "at": _notice(actor if isinstance(actor, User) else make_user()) and timezone.now(),
    },
    "accounts.services.digest_set": lambda world, actor: {"wanted": False},
    "registry.importing.run.table_import": lambda world, actor: {
        "kind": None, "rows": [], "columns": {}, "source": None,
    },
    "registry.services.discarding.listing_discard": lambda world, actor: {
        "model": Need, "listing_id": make_need(world.other).id,
    },
    "registry.services.listings.listing_create": lambda world, actor: {
        "model": Need, "organisation": world.other, "raw": {"kind": "technology", "title": "不该登记"},
    },
    "registry.services.listings.listing_update": lambda world, actor: {
        "model": Need, "listing_id": make_need(world.other).id, "raw": {"title": "不该改"},
    },
    "registry.services.listings.listing_submit": lambda world, actor: _step(make_need(world.other)),
    "registry.services.listings.listing_withdraw": lambda world, actor: _step(_in_review(world)),
    "registry.services.listings.listing_publish": lambda world, actor: _step(_in_review(world)),
    "registry.services.listings.listing_return": lambda world, actor: _step(_in_review(world)) | {"note": "请补充"},
    "registry.services.listings.listing_close": lambda world, actor: _step(publish(make_need(world.other))),
    "registry.services.listings.listing_reopen": lambda world, actor: _step(_closed(world)),
    "registry.services.merging.organisations_merge": lambda world, actor: {
        "candidate_id": _pair().pk, "keep_id": world.own.id, "at": timezone.now(),
    },
    "registry.services.merging.merge_reject": lambda world, actor: {"candidate_id": _pair().pk, "at": timezone.now()},
    "registry.services.organisations.organisation_register": lambda world, actor: {
        "raw": {"name": "不该登记的机构", "type": "company"},
    },
    "registry.services.organisations.organisation_update": lambda world, actor: {
        "organisation_id": world.other.id, "raw": {"name": "不该改名", "type": "company"},
    },
    "registry.services.organisations.organisation_publish": lambda world, actor: _registration("in_review"),
    "registry.services.organisations.organisation_return": lambda world, actor: (
        _registration("in_review") | {"note": "请补充"}
    ),
    "registry.services.organisations.organisation_submit": lambda world, actor: _registration("draft"),
    "registry.services.organisations.membership_request": lambda world, actor: {"organisation_id": world.other.id},
    "registry.services.organisations.membership_confirm": lambda world, actor: {
        "membership_id": Membership.objects.create(user=make_user(), organisation=world.other).pk,
    },
    "registry.services.organisations.membership_role_set": lambda world, actor: {
        "membership_id": make_member(make_user(), world.other).pk, "role": Membership.Role.OWNER,
    },
    "registry.services.organisations.membership_remove": lambda world, actor: {
        "membership_id": make_member(make_user(), world.other).pk,
    },
}  # fmt: skip
REFUSED = ("visitor", "inactive", "auditor", "stranger")
# Whoever is signed in may do these for themselves.
OPEN_TO = {
    "accounts.services.user_profile_change": {"auditor", "stranger"},
    "accounts.services.user_password_change": {"auditor", "stranger"},
    "accounts.services.token_create": {"auditor", "stranger"},
    "accounts.services.notices_read": {"auditor", "stranger"},
    "accounts.services.digest_set": {"auditor", "stranger"},
    "registry.services.organisations.organisation_register": {"stranger"},
    "registry.services.organisations.membership_request": {"stranger"},
    "matching.services.feedback_give": {"stranger"},
}


def _notice(recipient: User) -> Notice:
    return Notice.objects.create(recipient=recipient, kind="strong_match", key=str(new_id()), payload={}, address="/")


def _step(listing: Need) -> dict[str, Any]:
    return {"model": Need, "listing_id": listing.id, "at": timezone.now() + timedelta(seconds=1)}


def _in_review(world: SimpleNamespace) -> Any:
    need = make_need(world.other)
    return listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())


def _closed(world: SimpleNamespace) -> Any:
    need = publish(make_need(world.other))
    return listing_close(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())


def _pair() -> MergeCandidate:
    first, second = sorted((make_organisation(), make_organisation()), key=lambda one: one.pk)
    return MergeCandidate.objects.create(first=first, second=second, reason_zh="同名", reason_en="same name")


def _registration(status: str) -> dict[str, Any]:
    organisation = make_organisation()
    Organisation.objects.filter(pk=organisation.pk).update(status=status)
    return {"organisation_id": organisation.pk}


def _service(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    service: Callable[..., Any] = getattr(importlib.import_module(f"yunlang.{module}"), function)
    return service


def test_every_service_that_takes_an_actor_is_tested_here() -> None:
    assert set(services()) == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_service_refuses_whoever_may_not_and_leaves_no_trace(world: SimpleNamespace, name: str) -> None:
    service = _service(name)
    for role in REFUSED:
        if role in OPEN_TO.get(name, set()):
            continue
        actor = world.actors[role]
        arguments = CALLS[name](world, actor)
        before = AuditEntry.objects.count()
        with pytest.raises(NotAllowedError):
            service(actor=actor, **arguments)
        assert AuditEntry.objects.count() == before, role


@pytest.mark.parametrize(("name", "role"), [(name, role) for name, roles in OPEN_TO.items() for role in sorted(roles)])
def test_a_service_open_to_everybody_signed_in_works_for_them(world: SimpleNamespace, name: str, role: str) -> None:
    actor = world.actors[role]
    before = AuditEntry.objects.count()
    _service(name)(actor=actor, **CALLS[name](world, actor))
    assert AuditEntry.objects.count() == before + 1
