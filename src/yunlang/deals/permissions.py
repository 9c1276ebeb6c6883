"""Who may do what with introductions and deals. The app loads this module when it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rules

from yunlang.accounts.permissions import is_auditor, is_manager, is_office, is_signed_in
from yunlang.deals.core.introduction import Side
from yunlang.deals.ledger_models import Deal
from yunlang.deals.models import Introduction
from yunlang.registry.permissions import is_actor_id, memberships_of


@dataclass(frozen=True, slots=True)
class SideOf:
    """One side of an introduction, whose agreement is asked."""

    introduction: Introduction
    side: Side


def sides_of(actor: Any, introduction: Introduction) -> tuple[Side, ...]:
    """Return the sides that the actor is an active member of."""
    memberships = memberships_of(actor)
    return tuple(side for side, party in introduction.parties.items() if party.pk in memberships)


def _introduction(subject: Introduction | SideOf) -> Introduction:
    return subject.introduction if isinstance(subject, SideOf) else subject


@rules.predicate
def is_party(actor: Any, subject: Introduction | SideOf) -> bool:
    """Tell whether the actor is a member of one side; of that side, where the subject names one."""
    sides = sides_of(actor, _introduction(subject))
    return subject.side in sides if isinstance(subject, SideOf) else bool(sides)


@rules.predicate
def is_responsible(actor: Any, subject: Introduction | SideOf) -> bool:
    """Tell whether the actor is the technology manager responsible."""
    return is_actor_id(actor, _introduction(subject).manager_id)


@rules.predicate
def is_proposer(actor: Any, subject: Introduction | SideOf) -> bool:
    """Tell whether the actor proposed it."""
    return is_actor_id(actor, _introduction(subject).proposed_by_id)


@rules.predicate
def is_unassigned(actor: Any, subject: Introduction | SideOf) -> bool:
    """Tell whether no manager is responsible yet."""
    return _introduction(subject).manager_id is None


_acts = is_signed_in & ~is_auditor
_guides = _acts & (is_office | (is_manager & is_responsible))

rules.add_perm("deals.propose", _acts & (is_manager | is_office | is_party))
_sees = is_party | is_proposer | (is_manager & (is_responsible | is_unassigned)) | is_office
rules.add_perm("deals.view", (is_signed_in & _sees) | is_auditor)
rules.add_perm("deals.accept", _guides | (_acts & is_party))
rules.add_perm("deals.decline", _guides | (_acts & is_party))
rules.add_perm("deals.advance", _guides)
rules.add_perm("deals.assign", _guides | (is_manager & is_unassigned))
rules.add_perm("deals.keep_tasks", _guides)
rules.add_perm("deals.view_tasks", _guides | is_auditor)


@rules.predicate
def is_side(actor: Any, deal: Deal) -> bool:
    """Tell whether the actor is a member of one side of a deal."""
    memberships = memberships_of(actor)
    return any(party.pk in memberships for party in deal.parties)


@rules.predicate
def keeps_deal(actor: Any, deal: Deal) -> bool:
    """Tell whether the actor looks after a deal."""
    return is_actor_id(actor, deal.manager_id)


rules.add_perm("deals.open", _guides)
rules.add_perm("deals.open_directly", _acts & (is_manager | is_office))
rules.add_perm("deals.keep", _acts & (is_office | (is_manager & keeps_deal)))
rules.add_perm("deals.view_deal", (is_signed_in & (is_side | is_office | (is_manager & keeps_deal))) | is_auditor)
rules.add_perm("deals.export_ledger", is_office | is_auditor)
