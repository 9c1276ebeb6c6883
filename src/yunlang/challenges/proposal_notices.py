"""What people are told about proposals, awards, milestones and payments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse

from yunlang.accounts.notices import NewNotice, notices_write
from yunlang.challenges.models import Award, Challenge, Proposal
from yunlang.kit.language import Bilingual
from yunlang.registry.models import Membership

PHRASES: dict[str, Bilingual] = {
    "proposals_due": Bilingual(
        "“{challenge}”揭榜将于 {when} 截止，此前可替换或撤回方案",
        "Proposals for “{challenge}” close {when}; yours may be replaced or withdrawn until then",
    ),
    "proposals_opened": Bilingual(
        "“{challenge}”的方案已开启，进入评审", "Proposals for “{challenge}” are open; reviews begin"
    ),
    "challenge_won": Bilingual(
        "“{challenge}”：贵方方案中榜，揭榜金额 {amount} 元", "“{challenge}”: you are awarded CNY {amount}"
    ),
    "challenge_lost": Bilingual(
        "“{challenge}”：贵方方案未中榜。{reason}", "“{challenge}”: you are not awarded. {reason}"
    ),
    "challenge_eliminated": Bilingual(
        "“{challenge}”：贵方在“{stage}”后不再继续。{reason}",
        "“{challenge}”: you do not go on after “{stage}”. {reason}",
    ),
    "milestone_delivered": Bilingual(
        "“{challenge}”：{winner}交付了“{stage}”，待验收",
        "“{challenge}”: {winner} delivered “{stage}”",
    ),
    "milestone_accepted": Bilingual("“{challenge}”：“{stage}”通过验收", "“{challenge}”: “{stage}” is accepted"),
    "milestone_rejected": Bilingual(
        "“{challenge}”：“{stage}”未通过。{reason}",
        "“{challenge}”: “{stage}” is not accepted. {reason}",
    ),
    "award_paid": Bilingual("“{challenge}”：已付 {amount} 元", "“{challenge}”: CNY {amount} were paid"),
}  # fmt: skip


def _members(organisations: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    rows = Membership.objects.filter(
        organisation_id__in=list(organisations), state=Membership.State.ACTIVE, user__is_active=True
    )
    for organisation_id, user_id in rows.values_list("organisation_id", "user_id"):
        found.setdefault(organisation_id, []).append(user_id)
    return found


def members_tell(
    kind: str, proposals: Iterable[Proposal], key: str, values: Mapping[UUID, Mapping[str, Any]] | None = None
) -> None:
    """Tell the members of each proposal's organisation; `values` fill the phrase by proposal, beside its challenge."""
    rows = list(proposals)
    members = _members(row.holder_id for row in rows)
    notices_write(
        kind,
        [
            NewNotice(
                person, f"{row.pk}:{key}", {"challenge": _title(row.challenge), **(values or {}).get(row.pk, {})},
                reverse("challenges:proposal", args=[row.pk]),
            )
            for row in rows
            for person in members.get(row.holder_id, ())
        ],
    )  # fmt: skip


def winner_tell(kind: str, award: Award, key: str, **values: Any) -> None:
    """Tell the members of the organisation that won."""
    organisation = award.proposal.holder_id
    _award_tell(kind, award, _members([organisation]).get(organisation, []), key, values)


def office_tell(kind: str, award: Award, people: Iterable[UUID], key: str, **values: Any) -> None:
    """Tell people of the office, and those whose need it is."""
    organisation = award.challenge.nomination.organisation_id
    _award_tell(kind, award, [*people, *_members([organisation]).get(organisation, [])], key, values)


def _award_tell(kind: str, award: Award, people: Iterable[UUID], key: str, values: Mapping[str, Any]) -> None:
    payload = {"challenge": _title(award.challenge), **values}
    address = reverse("challenges:award", args=[award.pk])
    notices_write(kind, [NewNotice(person, f"{award.pk}:{key}", payload, address) for person in dict.fromkeys(people)])


def _title(challenge: Challenge) -> str:
    return challenge.title
