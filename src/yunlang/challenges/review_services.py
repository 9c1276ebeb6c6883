"""What happens to reviews, of nominations and of proposals alike. One function is one business action."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from yunlang.accounts.models import User
from yunlang.accounts.permissions import require
from yunlang.challenges.core.assignment import ReviewersLackingError, assign
from yunlang.challenges.core.vocabulary import ASSIGNMENT_STATUSES, AssignmentStatus, ReviewerStatus
from yunlang.challenges.fields import (
    INVITATION_FIELDS,
    REASON_FIELDS,
    Raw,
    note_name,
    parsed,
    points_name,
    points_parsed,
)
from yunlang.challenges.models import ReviewAssignment, Reviewer, ReviewRound, ReviewScore
from yunlang.challenges.notices import assignments_tell, invitation_tell
from yunlang.challenges.review_rounds import Standing, rubric_of_round, standing_of
from yunlang.challenges.review_subjects import subjects_of
from yunlang.kit.audit import Actor, audit_record, changed_values
from yunlang.kit.errors import ConflictError, InvalidError, NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.models import Expert


class ReviewerExistsError(ConflictError):
    """The expert, or the account, was invited before."""

    code = "reviewer_exists"
    message = Bilingual(
        "这位专家或这个账户已受邀请，请在评审专家名单中查看。",
        "This expert or this account was invited before. See the list of reviewers.",
    )


class AnsweredError(ConflictError):
    """The invitation was answered before."""

    code = "invitation_answered"
    message = Bilingual("这份邀请此前已答复。", "This invitation was answered before.")


class RoundClosedError(ConflictError):
    """No more scores are taken."""

    code = "review_round_closed"
    message = Bilingual("本轮评审已截止。", "This round of reviews is closed.")


class ReviewFinalError(ConflictError):
    """The review is no longer open."""

    code = "review_final"
    message = Bilingual("这项评审{status}，不能再改。", "This review is {status} and stays as it is.")


class ReviewsMissingError(ConflictError):
    """The round cannot be closed yet."""

    code = "reviews_missing"
    message = Bilingual(
        "还不能截止：{open} 项评审未提交，{bare} 项尚无任何评审。截止日期后可不等未提交的，但每项至少要有一份评审。",
        "Not yet: {open} review(s) are not submitted, {bare} item(s) have none at all. After the day on which reviews "
        "are due, those missing need not be waited for, but each item takes at least one.",
    )


@transaction.atomic
def reviewer_invite(*, actor: Actor, expert_id: UUID, raw: Raw, at: datetime) -> Reviewer:
    """Invite an expert of the registry to review, under the account with the e-mail address in ``raw``.

    Raises
    ------
    NotFoundError, InvalidError, ReviewerExistsError
    """
    require(actor, "challenges.keep_calls")
    expert = Expert.objects.filter(pk=expert_id, status=Status.PUBLISHED).first()
    if expert is None:
        raise NotFoundError(what=Bilingual("该专家", "this expert"))
    email = parsed(INVITATION_FIELDS, raw)["email"]
    account = User.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        raise InvalidError({"email": [Bilingual("没有这个邮箱的账户", "no account has this address")]})
    reviewer = Reviewer(expert=expert, user=account, invited_by_id=actor.actor_id, invited_at=at)
    try:
        with transaction.atomic():
            reviewer.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise ReviewerExistsError from error
        raise
    _audit(actor, "reviewer_invite", "reviewer", reviewer.pk, after={"expert": expert.name, "account": account.email})
    invitation_tell(reviewer)
    return reviewer


@transaction.atomic
def reviewer_accept(*, actor: Actor, reviewer_id: UUID, at: datetime) -> Reviewer:
    """Accept the invitation to review."""
    return _answer(actor, reviewer_id, ReviewerStatus.ACCEPTED, at)


@transaction.atomic
def reviewer_decline(*, actor: Actor, reviewer_id: UUID, at: datetime) -> Reviewer:
    """Decline the invitation to review; the office may invite again."""
    return _answer(actor, reviewer_id, ReviewerStatus.DECLINED, at)


def _answer(actor: Actor, reviewer_id: UUID, answer: ReviewerStatus, at: datetime) -> Reviewer:
    reviewer = Reviewer.objects.select_for_update().filter(pk=reviewer_id).first()
    if reviewer is None:
        raise NotFoundError(what=Bilingual("该邀请", "this invitation"))
    require(actor, "challenges.answer_invitation", reviewer)
    if reviewer.status != ReviewerStatus.INVITED:
        raise AnsweredError
    reviewer.status, reviewer.answered_at, reviewer.updated_at = answer, at, at
    reviewer.save(update_fields=["status", "answered_at", "updated_at"])
    _audit(actor, f"reviewer_{answer}", "reviewer", reviewer.pk, after={"status": answer})
    return reviewer


@transaction.atomic
def reviews_assign(
    *, actor: Actor, round_id: UUID, at: datetime, reviewer_ids: Collection[UUID] | None = None
) -> list[ReviewAssignment]:
    """Give every item of a round the reviewers that it lacks; what was given before stays.

    `reviewer_ids` restricts who is drawn from; all who have accepted, unless named. The draw follows the round's seed.

    Raises
    ------
    ReviewersLackingError
        When there are too few without a conflict of interest; nobody is given anything then.
    RoundClosedError
    """
    review_round = _round_locked(actor, round_id)
    standing = standing_of(review_round, subjects_of(review_round))
    judges = [one for key, one in standing.judges.items() if reviewer_ids is None or key in reviewer_ids]
    items = [standing.item(subject) for subject in standing.subjects]
    try:
        found = assign(items, judges, seed=review_round.seed, avoid_same_city=review_round.avoid_same_city)
    except ReviewersLackingError as error:
        raise ReviewersLackingError(error.lacking, _named(standing, error.lacking)) from error
    kinds = {subject.id: subject.kind for subject in standing.subjects}
    reviewers = {one.pk: one for one in standing.reviewers}
    made = [
        ReviewAssignment(
            round=review_round, reviewer=reviewers[key], subject_kind=kinds[item], subject_id=item, assigned_at=at
        )
        for item, keys in found.items()
        for key in keys
    ]
    ReviewAssignment.objects.bulk_create(made)
    given = {str(item): [str(key) for key in keys] for item, keys in found.items() if keys}
    _audit(actor, "reviews_assign", "review_round", review_round.pk, after={"seed": review_round.seed, "given": given})
    assignments_tell(made)
    return made


def _named(standing: Standing, lacking: Any) -> Bilingual:
    numbers = [str(subject.number) for subject in standing.subjects if subject.id in lacking]
    return Bilingual(f"第 {'、'.join(numbers)} 项", f"no. {', '.join(numbers)}")


@transaction.atomic
def conflict_declare(*, actor: Actor, assignment_id: UUID, raw: Raw, at: datetime) -> ReviewAssignment:
    """Step back from a review for a conflict of interest, with the reason; what was scored so far goes."""
    assignment = _assignment_locked(actor, assignment_id)
    reason = parsed(REASON_FIELDS, raw)["reason"]
    assignment.scores.all().delete()
    assignment.status, assignment.conflict_reason, assignment.comment = AssignmentStatus.CONFLICT, reason, ""
    assignment.updated_at = at
    assignment.save(update_fields=["status", "conflict_reason", "comment", "updated_at"])
    _audit(actor, "conflict_declare", "review_assignment", assignment.pk, after={"reason": reason})
    return assignment


@transaction.atomic
def scores_save(*, actor: Actor, assignment_id: UUID, raw: Raw, at: datetime) -> ReviewAssignment:
    """Keep what a reviewer has written so far; nothing of it counts before it is submitted."""
    assignment = _assignment_locked(actor, assignment_id)
    before, after = _keep(assignment, raw, at, complete=False)
    if after:
        _audit(actor, "scores_save", "review_assignment", assignment.pk, before=before, after=after)
    return assignment


@transaction.atomic
def scores_submit(*, actor: Actor, assignment_id: UUID, raw: Raw, at: datetime) -> ReviewAssignment:
    """Submit a review: points for every criterion. It is final.

    Raises
    ------
    InvalidError
        Naming the criteria without points.
    ReviewFinalError, RoundClosedError
    """
    assignment = _assignment_locked(actor, assignment_id)
    before, after = _keep(assignment, raw, at, complete=True)
    assignment.status, assignment.submitted_at = AssignmentStatus.SUBMITTED, at
    assignment.save(update_fields=["status", "submitted_at"])
    _audit(
        actor, "scores_submit", "review_assignment", assignment.pk,
        before=before, after=after | {"status": assignment.status},
    )  # fmt: skip
    return assignment


def _keep(
    assignment: ReviewAssignment, raw: Raw, at: datetime, *, complete: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    rubric = rubric_of_round(assignment.round)
    values = points_parsed(rubric, raw, complete=complete)
    values = {name: value or ("" if not name.startswith("points_") else value) for name, value in values.items()}
    before = review_values(assignment)
    rows = [
        ReviewScore(
            assignment=assignment, criterion=one.code, points=values[points_name(one.code)],
            comment=values[note_name(one.code)], updated_at=at,
        )
        for one in rubric
    ]  # fmt: skip
    ReviewScore.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["assignment", "criterion"],
        update_fields=["points", "comment", "updated_at"],
    )  # fmt: skip
    assignment.comment, assignment.updated_at = values["comment"], at
    assignment.save(update_fields=["comment", "updated_at"])
    return changed_values(before, values)


def review_values(assignment: ReviewAssignment) -> dict[str, Any]:
    """Return what a reviewer has written so far, by the names of the form's fields."""
    values: dict[str, Any] = {"comment": assignment.comment}
    rubric = rubric_of_round(assignment.round)
    scores = {one.criterion: one for one in assignment.scores.all()}
    for one in rubric:
        score = scores.get(one.code)
        values[points_name(one.code)] = score.points if score else None
        values[note_name(one.code)] = score.comment if score else ""
    return values


@transaction.atomic
def round_close(*, actor: Actor, round_id: UUID, at: datetime) -> ReviewRound:
    """Take no more scores; reviewers see each other's from here on.

    Raises
    ------
    ReviewsMissingError
        Before the day on which reviews are due, while one is open; ever, while an item has none.
    """
    review_round = _round_locked(actor, round_id)
    rows = ReviewAssignment.objects.select_for_update().filter(round=review_round).order_by("pk")
    assignments = list(rows)
    waiting = [one for one in assignments if one.status == AssignmentStatus.ASSIGNED]
    judged = {one.subject_id for one in assignments if one.status == AssignmentStatus.SUBMITTED}
    bare = [subject for subject in subjects_of(review_round) if subject.id not in judged]
    if bare or (waiting and at < review_round.due_at):
        raise ReviewsMissingError(open=len(waiting), bare=len(bare))
    rows.filter(status=AssignmentStatus.ASSIGNED).update(status=AssignmentStatus.WITHDRAWN, updated_at=at)
    # A clock that was set back makes no round end before it began.
    review_round.closed_at, review_round.updated_at = max(at, review_round.began_at), at
    review_round.save(update_fields=["closed_at", "updated_at"])
    _audit(actor, "round_close", "review_round", review_round.pk,
           after={"submitted": len(judged), "not_submitted": len(waiting)})  # fmt: skip
    return review_round


def _round_locked(actor: Actor, round_id: UUID) -> ReviewRound:
    """Return an open round that the office is about to change, locked.

    Raises
    ------
    NotFoundError, NotAllowedError, RoundClosedError
    """
    require(actor, "challenges.keep_calls")
    review_round = ReviewRound.objects.select_for_update().filter(pk=round_id).first()
    if review_round is None:
        raise NotFoundError(what=Bilingual("这轮评审", "this round of reviews"))
    if review_round.is_closed:
        raise RoundClosedError
    return review_round


def _assignment_locked(actor: Actor, assignment_id: UUID) -> ReviewAssignment:
    """Return a review that its reviewer is about to change, locked together with its round against closing.

    Raises
    ------
    NotFoundError, NotAllowedError, RoundClosedError, ReviewFinalError
    """
    found = ReviewAssignment.objects.select_related("reviewer").filter(pk=assignment_id).first()
    if found is None:
        raise NotFoundError(what=Bilingual("这项评审", "this review"))
    require(actor, "challenges.review", found)
    # The round first, as the one who closes it does; shared, so that reviewers do not wait for each other.
    review_round = ReviewRound.objects.raw(
        "SELECT * FROM challenges_reviewround WHERE id = %s FOR SHARE", [found.round_id]
    )[0]
    if review_round.is_closed:
        raise RoundClosedError
    assignment = ReviewAssignment.objects.select_for_update().get(pk=found.pk)
    assignment.round = review_round
    if assignment.status != AssignmentStatus.ASSIGNED:
        raise ReviewFinalError(status=ASSIGNMENT_STATUSES[assignment.status])
    return assignment


def _audit(
    actor: Actor, action: str, kind: str, object_id: UUID, *,
    before: dict[str, Any] | None = None, after: dict[str, Any],
) -> None:  # fmt: skip
    audit_record(actor=actor, action=action, object_kind=kind, object_id=object_id, before=before, after=after)
