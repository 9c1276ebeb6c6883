"""How the reviews of a challenge's proposals begin. One function is one business action in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yunlang.accounts.permissions import require
from yunlang.challenges.award_services import NotEvaluatingError
from yunlang.challenges.call_models import MOST_REVIEWERS
from yunlang.challenges.challenge_steps import challenge_held
from yunlang.challenges.core.proposal import ProposalStatus
from yunlang.challenges.core.rubric import rubric_of, rubric_stored
from yunlang.challenges.core.vocabulary import ChallengeStatus
from yunlang.challenges.fields import parsed
from yunlang.challenges.models import Proposal, ReviewRound
from yunlang.challenges.proposal_scores import proposals_round
from yunlang.challenges.review_rounds import round_begin
from yunlang.kit.audit import Actor, audit_record
from yunlang.kit.errors import ConflictError
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual

# What proposals are judged by unless the office weighs otherwise.
CRITERIA: tuple[tuple[str, Bilingual, str], ...] = (
    ("feasibility", Bilingual("技术可行性", "feasibility"), "30"),
    ("fitness", Bilingual("与验收指标的符合度", "fit to the acceptance criteria"), "30"),
    ("basis", Bilingual("工作基础与团队", "what it builds on"), "20"),
    ("economy", Bilingual("经费与进度的合理性", "cost and schedule"), "20"),
)
_WEIGHT = Bilingual("权重：{name}", "weight: {name}")
REVIEW_FIELDS: tuple[Field, ...] = (
    Field("due_on", Bilingual("评审截止", "reviews due"), FieldType.DATE, required=True),
    Field(
        "reviewers_per_item", Bilingual("每份方案评审人数", "reviews of each"), FieldType.INTEGER, required=True,
        minimum=1, maximum=MOST_REVIEWERS,
        help=Bilingual("至少 3 人才能看出谁的评分偏离。", "It takes three to tell whose scores stand apart."),
    ),
    *(
        Field(
            f"weight_{code}", _WEIGHT.format(name=name), FieldType.DECIMAL, required=True, minimum=Decimal("0.01"),
            maximum=100, unit=Bilingual("%", "%"),
        )
        for code, name, _ in CRITERIA
    ),
)  # fmt: skip
REVIEW_DEFAULTS: Mapping[str, str] = {
    "reviewers_per_item": "3", **{f"weight_{code}": weight for code, _, weight in CRITERIA},
}  # fmt: skip


class ReviewsBegunError(ConflictError):
    """The proposals of a challenge are reviewed once."""

    code = "reviews_begun"
    message = Bilingual("该榜题的方案评审此前已开始。", "The reviews of these proposals began before.")


@transaction.atomic
def proposals_review_begin(*, actor: Actor, challenge_id: UUID, raw: Mapping[str, object], at: datetime) -> ReviewRound:
    """Begin the round in which the opened proposals of a challenge are judged blind.

    Raises
    ------
    InvalidError
        Also when the weights do not add up to 100, under ``rubric``.
    NotFoundError, NotEvaluatingError, ReviewsBegunError
    """
    challenge = challenge_held(challenge_id)
    require(actor, "challenges.open_proposals", challenge)
    opened = Proposal.objects.filter(challenge=challenge, status=ProposalStatus.OPENED)
    if challenge.status != ChallengeStatus.EVALUATING or not opened.exists():
        raise NotEvaluatingError
    # The challenge's row is held: nobody else begins one meanwhile.
    if proposals_round(challenge) is not None:
        raise ReviewsBegunError
    values: dict[str, Any] = parsed(REVIEW_FIELDS, raw)
    rows = [{"code": code, "zh": name.zh, "en": name.en, "weight": str(values[f"weight_{code}"])}
            for code, name, _ in CRITERIA]  # fmt: skip
    due_at = timezone.make_aware(datetime.combine(values["due_on"], time.max))
    made = round_begin(
        actor=actor, subject=challenge, rubric=rubric_stored(rubric_of(rows)),
        reviewers_per_item=values["reviewers_per_item"], due_at=due_at, at=at,
    )  # fmt: skip
    audit_record(
        actor=actor, action="proposals_review_begin", object_kind="review_round", object_id=made.pk,
        after={"challenge": str(challenge.pk), "rubric": made.rubric, "reviewers_per_item": made.reviewers_per_item},
    )  # fmt: skip
    return made
