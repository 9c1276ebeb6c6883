"""What open challenges tell people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from yunlang.accounts.notices import NewNotice, notice_kind_register, notices_write
from yunlang.challenges.core.vocabulary import NominationStatus
from yunlang.challenges.models import Call, Nomination, ReviewAssignment, Reviewer
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership

REVIEWER_INVITED = "reviewer_invited"
REVIEWS_ASSIGNED = "reviews_assigned"
NOMINATION_SELECTED = "nomination_selected"
NOMINATION_REFUSED = "nomination_refused"
LIST_PUBLISHED = "challenge_list_published"
_PHRASES = {
    REVIEWER_INVITED: Bilingual(
        "走廊办公室邀请您（{expert}）担任评审专家。", "The corridor office invites you ({expert}) to review."
    ),
    REVIEWS_ASSIGNED: Bilingual("有 {count} 项新的评审等您打分。", "{count} new review(s) wait for your scores."),
    NOMINATION_SELECTED: Bilingual("“{title}”入选“{call}”。", "“{title}” was selected for the list of “{call}”."),
    NOMINATION_REFUSED: Bilingual("“{title}”未入选“{call}”。", "“{title}” was not selected for the list of “{call}”."),
    LIST_PUBLISHED: Bilingual("“{call}”的榜单已发布。", "The list of “{call}” is published."),
}


def notice_kinds_register() -> None:
    """Declare the room's kinds of notices. Called when apps are ready."""
    for kind, phrase in _PHRASES.items():
        notice_kind_register(kind, phrase)


def invitation_tell(reviewer: Reviewer) -> None:
    """Tell an expert of the invitation."""
    payload = {"expert": reviewer.expert.name}
    one = NewNotice(reviewer.user_id, str(reviewer.pk), payload, reverse("challenges:reviews"))
    notices_write(REVIEWER_INVITED, [one])


def assignments_tell(made: Iterable[ReviewAssignment]) -> None:
    """Tell each reviewer how many reviews were just given to them."""
    by_reviewer: dict[UUID, list[ReviewAssignment]] = {}
    for assignment in made:
        by_reviewer.setdefault(assignment.reviewer.user_id, []).append(assignment)
    address = reverse("challenges:reviews")
    notices_write(
        REVIEWS_ASSIGNED,
        [NewNotice(user, str(mine[0].pk), {"count": len(mine)}, address) for user, mine in by_reviewer.items()],
    )


def decisions_tell(nominations: list[Nomination]) -> None:
    """Tell the applicants' people what was decided."""
    people = _people(nominations)
    told: dict[str, list[NewNotice]] = {NOMINATION_SELECTED: [], NOMINATION_REFUSED: []}
    for one in nominations:
        payload = {"title": one.need.title, "call": one.call.title}
        address = reverse("challenges:nomination", args=[one.pk])
        kind = NOMINATION_SELECTED if one.status == NominationStatus.SCREENED_IN else NOMINATION_REFUSED
        told[kind] += [NewNotice(user, str(one.pk), payload, address) for user in people[one.pk]]
    for kind, notices in told.items():
        notices_write(kind, notices)


def list_tell(call: Call, nominations: Iterable[Nomination]) -> None:
    """Tell everybody who put a need forward that the list is out."""
    everybody = {user for people in _people(list(nominations)).values() for user in people}
    payload = {"call": call.title}
    address = reverse("challenges:call", args=[call.pk])
    notices_write(LIST_PUBLISHED, [NewNotice(user, str(call.pk), payload, address) for user in everybody])


def _people(nominations: list[Nomination]) -> dict[UUID, set[UUID]]:
    """Return by nomination who is told: whoever put it forward, and the members of the need's organisation."""
    members: dict[UUID, set[UUID]] = {}
    rows = Membership.objects.filter(
        organisation__in={one.organisation_id for one in nominations}, state=Membership.State.ACTIVE
    )
    for organisation, user in rows.values_list("organisation_id", "user_id"):
        members.setdefault(organisation, set()).add(user)
    return {
        one.pk: members.get(one.organisation_id, set()) | ({one.submitted_by_id} if one.submitted_by_id else set())
        for one in nominations
    }
