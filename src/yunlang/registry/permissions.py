"""Who may do what in the registry. The app loads this module when it is ready, so that `may` knows every permission."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import rules

from yunlang.accounts.permissions import is_auditor, is_manager, is_office, is_signed_in
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Membership, Organisation

_PUBLIC = {Status.PUBLISHED, Status.CLOSED, Status.EXPIRED}


def memberships_of(actor: Any) -> dict[UUID, str]:
    """Return the organisations that `actor` is an active member of, with the role there; asked once per actor."""
    if not is_signed_in(actor) or getattr(actor, "actor_id", None) is None:
        return {}
    if not hasattr(actor, "_memberships"):
        rows = Membership.objects.filter(user_id=actor.actor_id, state=Membership.State.ACTIVE)
        actor._memberships = dict(rows.values_list("organisation_id", "role"))
    return dict(actor._memberships)


def memberships_load(actors: Collection[Any]) -> None:
    """Ask for the memberships of several people in one statement, so that `memberships_of` need not ask for each."""
    found: dict[UUID, dict[UUID, str]] = {actor.actor_id: {} for actor in actors}
    rows = Membership.objects.filter(user_id__in=list(found), state=Membership.State.ACTIVE)
    for user, organisation, role in rows.values_list("user_id", "organisation_id", "role"):
        found[user][organisation] = role
    for actor in actors:
        actor._memberships = found[actor.actor_id]


def forget_memberships(actor: Any) -> None:
    """Have the next question asked of the database again, after a membership changed."""
    if hasattr(actor, "_memberships"):
        del actor._memberships


def _organisation_id(subject: Any) -> UUID | None:
    if isinstance(subject, Organisation):
        return subject.id
    return getattr(subject, "organisation_id", None)


def is_actor_id(actor: Any, account_id: UUID | None) -> bool:
    """Tell whether `account_id` is the actor's; nobody's id is nobody's, the platform's neither."""
    return account_id is not None and account_id == getattr(actor, "actor_id", None)


@rules.predicate
def is_member(actor: Any, subject: Any) -> bool:
    """Tell whether the actor is an active member of the organisation that the subject is or belongs to."""
    return _organisation_id(subject) in memberships_of(actor)


@rules.predicate
def is_owner(actor: Any, subject: Any) -> bool:
    """Tell whether the actor administers that organisation."""
    return memberships_of(actor).get(_organisation_id(subject)) == Membership.Role.OWNER  # type: ignore[arg-type]


@rules.predicate
def is_creator(actor: Any, subject: Any) -> bool:
    """Tell whether the actor made the listing."""
    return is_actor_id(actor, getattr(subject, "created_by_id", None))


@rules.predicate
def is_own_membership(actor: Any, subject: Any) -> bool:
    """Tell whether the membership is the actor's own."""
    return is_actor_id(actor, getattr(subject, "user_id", None))


@rules.predicate
def is_public(actor: Any, subject: Any) -> bool:
    """Tell whether the subject was published, even if it has been closed since."""
    return getattr(subject, "status", None) in _PUBLIC


_acts = is_signed_in & ~is_auditor
# A manager keeps what was made on an organisation's behalf; a member's rights end with the membership.
_on_behalf = is_manager & is_creator
_keeps_listing = _acts & (is_member | is_office | _on_behalf)

rules.add_perm("registry.view_listing", is_public | is_member | _on_behalf | is_office | is_auditor)
rules.add_perm("registry.create_listing", _acts & (is_member | is_manager | is_office))
rules.add_perm("registry.edit_listing", _keeps_listing)
rules.add_perm("registry.submit_listing", _keeps_listing)
rules.add_perm("registry.close_listing", _keeps_listing)
rules.add_perm("registry.review_listing", is_office)
rules.add_perm("registry.view_history", _keeps_listing | is_auditor)
rules.add_perm("registry.view_organisation", is_public | is_member | is_office | is_auditor | is_manager)
rules.add_perm("registry.create_organisation", _acts)
rules.add_perm("registry.edit_organisation", _acts & (is_owner | is_office))
rules.add_perm("registry.review_organisation", is_office)
rules.add_perm("registry.join_organisation", _acts & is_public)
rules.add_perm("registry.confirm_member", _acts & (is_owner | is_office))
rules.add_perm("registry.remove_member", _acts & (is_owner | is_office | is_own_membership))
rules.add_perm("registry.merge_organisations", is_office)
rules.add_perm("registry.view_contact", is_signed_in)
rules.add_perm("registry.import", is_office)
rules.add_perm("registry.export", is_office | is_auditor)
rules.add_perm("registry.view_review_queue", is_office | is_auditor)
