"""What every step with a challenge and its winners shares: rows held, the status, the journal and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.models import Award, Challenge
from yunlang.deals.journal import journal_append
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual

CHALLENGE = "challenge"
_MISSING = Bilingual("该榜题", "this challenge")


def challenge_held(challenge_id: UUID) -> Challenge:
    """Return a challenge, its row held until the transaction ends."""
    rows = Challenge.objects.select_for_update(no_key=True, of=("self",)).select_related("nomination__need")
    challenge = rows.filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFoundError(what=_MISSING)
    return challenge


def award_held(award_id: UUID) -> Award:
    """Return an award; its challenge's row, the lock of all that happens to its winners, is held."""
    found = Award.objects.filter(pk=award_id).values_list("challenge_id", flat=True).first()
    if found is None:
        raise NotFoundError(what=Bilingual("该揭榜", "this award"))
    challenge = challenge_held(found)
    award = Award.objects.select_related("proposal__organisation", "deal").get(pk=award_id)
    award.challenge = challenge
    return award


def challenge_status_set(challenge: Challenge, status: ChallengeStatus, at: datetime) -> None:
    """Move a challenge whose row is held."""
    challenge.status, challenge.updated_at = status, at
    challenge.save(update_fields=["status", "updated_at", "ended_at", "end_reason"])


def challenge_record(
    actor: Actor, challenge: Challenge, kind: str, payload: Mapping[str, Any], action: str, at: datetime
) -> None:
    """Write to the challenge's journal, whose heads are published daily, and to the audit log."""
    journal_append(actor=actor, subject_kind=CHALLENGE, subject_id=challenge.pk, kind=kind, payload=payload, at=at)
    after = {"status": challenge.status, **payload}
    audit_record(actor=actor, action=action, object_kind=CHALLENGE, object_id=challenge.pk, after=after)
