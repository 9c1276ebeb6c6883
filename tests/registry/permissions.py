"""How every service of the registry is called; `tests/test_permissions.py` asks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.factories import make_member, make_need, make_organisation, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.registry.models import Membership, MergeCandidate, Need, Organisation
from yunlang.registry.services.listings import listing_close, listing_submit

# Every service by name: how to call it so that nothing but the permission stands in the way.
REGISTRY_CALLS: dict[str, Callable[[SimpleNamespace, Any], dict[str, Any]]] = {
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
    "registry.services.listings.listing_reopen": lambda world, actor: _step(closed_listing(world)),
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


def _step(listing: Need) -> dict[str, Any]:
    return {"model": Need, "listing_id": listing.id, "at": timezone.now() + timedelta(seconds=1)}


def _in_review(world: SimpleNamespace) -> Any:
    need = make_need(world.other)
    return listing_submit(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())


def closed_listing(world: SimpleNamespace) -> Any:
    need = publish(make_need(world.other))
    return listing_close(actor=SYSTEM, model=Need, listing_id=need.id, at=timezone.now())


def _pair() -> MergeCandidate:
    first, second = sorted((make_organisation(), make_organisation()), key=lambda one: one.pk)
    return MergeCandidate.objects.create(first=first, second=second, reason_zh="同名", reason_en="same name")


def _registration(status: str) -> dict[str, Any]:
    organisation = make_organisation()
    Organisation.objects.filter(pk=organisation.pk).update(status=status)
    return {"organisation_id": organisation.pk}
