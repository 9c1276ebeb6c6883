"""Deleting drafts that nobody but their own organisation and the corridor office has ever seen."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from yunlang.accounts.permissions import require
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Provenance, Resource
from yunlang.registry.services.listings import listing_locked, type_names


class NotDiscardableError(ConflictError):
    """Only a draft that was never public can be deleted."""

    code = "not_discardable"
    message = Bilingual(
        "只有从未发布过的草稿可以删除。审核中的请先撤回；发布过的不能删除，只能关闭。",
        "Only a draft that was never published can be deleted. Withdraw it from review first; "
        "what was published stays and can only be closed.",
    )


def is_discardable(listing: Need | Resource) -> bool:
    """Tell whether it is a draft that was never public, which nothing else can refer to."""
    return listing.status == Status.DRAFT and listing.published_at is None


@transaction.atomic
def listing_discard(*, actor: Actor, model: type[Need] | type[Resource], listing_id: UUID) -> None:
    """Delete a draft that was never public; the audit log keeps what it was.

    Raises
    ------
    NotDiscardableError
        When it is no draft, or was published before.
    """
    listing = listing_locked(model, listing_id)
    require(actor, "registry.edit_listing", listing)
    if not is_discardable(listing):
        raise NotDiscardableError
    kind = type_names[model]
    audit_record(
        actor=actor, action=f"{kind}_discard", object_kind=kind, object_id=listing.id,
        before={"kind": listing.kind, "title": listing.title, "organisation": listing.organisation.name},
    )  # fmt: skip
    Provenance.objects.filter(object_kind=kind, object_id=listing.id).delete()
    listing.delete()
