"""How a challenge ends, and what goes back to the registry. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yunlang.accounts.permissions import require
from yunlang.challenges.award_state import awards_of, has_ended, is_completed
from yunlang.challenges.challenge_steps import award_held, challenge_held, challenge_record, challenge_status_set
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.fields import REASON_FIELDS, Raw, parsed
from yunlang.challenges.models import Award, Challenge
from yunlang.challenges.proposal_fields import OUTCOME_FIELDS
from yunlang.deals import ledger_services as ledger
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.kinds import ResourceKind
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Need, Provenance, Resource, Source
from yunlang.registry.services.listings import listing_close, listing_create

# Where a resource comes from that a challenge brought about.
SOURCE = "open_challenges"
_SOURCE_VALUES = {
    "title_zh": "云廊揭榜挂帅", "title_en": "Yunlang open challenges", "publisher": "云廊", "publisher_en": "Yunlang",
}  # fmt: skip


class NotPerformingError(ConflictError):
    """The challenge has no contracts under way."""

    code = "challenge_not_performing"
    message = Bilingual("该榜题不在攻关中。", "This challenge is not in performance.")


@transaction.atomic
def award_conclude(*, actor: Actor, award_id: UUID, raw: Raw, at: datetime) -> Award:
    """Complete a winner's deal and have a draft of what was achieved, for its organisation to publish.

    With the last winner the challenge is concluded, and its need closed.

    Raises
    ------
    InvalidError, NotFoundError, NotPerformingError
    UnfinishedError
        When a stage is not accepted, or a payment not made.
    """
    award = award_held(award_id)
    require(actor, "challenges.keep_award", award)
    challenge = award.challenge
    if challenge.status != ChallengeStatus.PERFORMING:
        raise NotPerformingError
    values = parsed(OUTCOME_FIELDS, raw)
    ledger.deal_complete(actor=actor, deal_id=award.deal_id, at=at)
    award.outcome, award.updated_at = _outcome(actor, award, values), at
    award.save(update_fields=["outcome", "updated_at"])
    audit_record(
        actor=actor, action="award_conclude", object_kind="award", object_id=award.pk,
        after={"outcome": str(award.outcome_id)},
    )  # fmt: skip
    if all(has_ended(one) for one in awards_of(challenge.pk)):
        _conclude(actor, challenge, "", at)
    return award


def _outcome(actor: Actor, award: Award, values: Mapping[str, object]) -> Resource:
    """Return a draft of the winner's that says where it comes from."""
    challenge = award.challenge
    organisation = award.proposal.organisation.merged_into or award.proposal.organisation
    raw = {**values, "kind": ResourceKind.ACHIEVEMENT, "industry": challenge.area}
    made = listing_create(actor=actor, model=Resource, organisation=organisation, raw=raw)
    source, _ = Source.objects.get_or_create(code=SOURCE, defaults=_SOURCE_VALUES)
    original = {
        "challenge": str(challenge.pk), "number": challenge.number, "title": challenge.title,
        "need": str(challenge.nomination.need_id), "award": str(award.pk), "deal": str(award.deal_id),
    }  # fmt: skip
    Provenance.objects.create(object_kind="resource", object_id=made.pk, source=source, original=original)
    if not isinstance(made, Resource):
        raise TypeError
    return made


@transaction.atomic
def challenge_give_up(*, actor: Actor, challenge_id: UUID, raw: Raw, at: datetime) -> Challenge:
    """End a challenge whose winners do not reach the goal: deals still under way are terminated with the reason.

    Raises
    ------
    InvalidError, NotFoundError, NotPerformingError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.keep_award", challenge)
    if challenge.status not in (ChallengeStatus.AWARDED, ChallengeStatus.PERFORMING):
        raise NotPerformingError
    reason = parsed(REASON_FIELDS, raw)["reason"]
    for award in awards_of(challenge_id):
        if not has_ended(award):
            ledger.deal_terminate(actor=actor, deal_id=award.deal_id, raw={"reason": reason}, at=at)
    _conclude(actor, challenge, reason, at)
    return challenge


def _conclude(actor: Actor, challenge: Challenge, reason: str, at: datetime) -> None:
    awards = awards_of(challenge.pk)
    challenge.ended_at, challenge.end_reason = at, reason
    challenge_status_set(challenge, ChallengeStatus.CONCLUDED, at)
    reached = [one for one in awards if is_completed(one)]
    need = Need.objects.get(pk=challenge.nomination.need_id)
    if reached and need.status == Status.PUBLISHED:
        listing_close(actor=actor, model=Need, listing_id=need.pk, at=at)
    told = {"reached": [one.proposal.organisation.name for one in reached], "reason": reason}
    challenge_record(actor, challenge, "concluded", told, "challenge_conclude", at)
