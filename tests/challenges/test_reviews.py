"""Reviewers, their conflicts of interest, and blind reviews from the draw to the end of the round."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.challenges.support import (
    DECIDED,
    DURING,
    NOMINATION,
    SCREENED,
    Screening,
    make_nomination,
    make_open_call,
    make_reviewer,
    make_screening,
    member_of,
    points,
    submit,
)
from tests.concurrent import at_once
from tests.factories import make_cities, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.models import Notice
from yunlang.challenges.core.assignment import Conflict, ReviewersLackingError
from yunlang.challenges.models import ReviewAssignment, ReviewScore
from yunlang.challenges.nomination_services import (
    screening_begin,
)
from yunlang.challenges.review_rounds import standing_of
from yunlang.challenges.review_selectors import others_reviews, round_table
from yunlang.challenges.review_services import (
    AnsweredError,
    ReviewerExistsError,
    ReviewFinalError,
    ReviewsMissingError,
    RoundClosedError,
    conflict_declare,
    reviewer_accept,
    reviewer_decline,
    reviewer_invite,
    reviews_assign,
    round_close,
    scores_save,
    scores_submit,
)
from yunlang.challenges.review_subjects import nomination_subjects
from yunlang.kit.errors import InvalidError
from yunlang.registry.models import Need, Resource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def screening(corridor: object) -> Screening:
    """Return a call in screening: two nominations, three reviewers, two reviews of each."""
    return make_screening()


def refused(error: pytest.ExceptionInfo[InvalidError]) -> set[str]:
    return set(error.value.fields)


# Reviewers


def test_an_expert_and_an_account_are_invited_once_until_they_decline() -> None:
    reviewer, office = make_reviewer(), make_user()
    for expert_id, email in (
        (reviewer.expert_id, office.email),
        (make_reviewer().expert_id, reviewer.user.email),
    ):
        with pytest.raises(ReviewerExistsError):
            reviewer_invite(actor=SYSTEM, expert_id=expert_id, raw={"email": email}, at=DURING)
    with pytest.raises(AnsweredError):
        reviewer_decline(actor=reviewer.user, reviewer_id=reviewer.pk, at=DURING)
    type(reviewer).objects.filter(pk=reviewer.pk).update(status="invited", answered_at=None)
    reviewer_decline(actor=reviewer.user, reviewer_id=reviewer.pk, at=DURING)
    again = reviewer_invite(
        actor=SYSTEM, expert_id=reviewer.expert_id, raw={"email": reviewer.user.email.upper()}, at=DURING
    )
    assert reviewer_accept(actor=reviewer.user, reviewer_id=again.pk, at=DURING).status == "accepted"
    assert Notice.objects.filter(recipient=reviewer.user, kind="reviewer_invited").count() == 2
    with pytest.raises(InvalidError):
        reviewer_invite(actor=SYSTEM, expert_id=reviewer.expert_id, raw={"email": "nobody@example.org"}, at=DURING)


def test_conflicts_of_interest_are_found_in_the_registry(screening: Screening) -> None:
    own = screening.organisation
    author, other = make_user(), make_user()
    Need.objects.filter(pk=screening.nominations[1].need_id).update(created_by=other)
    resource = publish(make_resource(own))
    employee, member, writer = make_reviewer(own), make_reviewer(user=member_of(own)), make_reviewer(user=author)
    Resource.objects.filter(pk=resource.pk).update(created_by=author)
    named = make_reviewer()
    Resource.objects.filter(pk=publish(make_resource(own)).pk).update(expert=named.expert)
    nominator = make_reviewer(user=other)
    standing = standing_of(screening.round, nomination_subjects(screening.round))
    first, second = standing.subjects
    assert standing.conflicts(first, employee) == (Conflict.SAME_ORGANISATION,)
    assert standing.conflicts(first, member) == (Conflict.MEMBER,)
    assert standing.conflicts(first, writer) == standing.conflicts(first, named) == (Conflict.AUTHOR,)
    assert standing.conflicts(second, nominator) == (Conflict.AUTHOR,)
    assert not any(standing.conflicts(second, one) for one in (employee, member, writer, named))
    assert standing.conflicts(first, nominator) == ()


# Reviews


def test_each_item_gets_its_reviewers_evenly_and_a_declared_conflict_is_made_good(screening: Screening) -> None:
    given = ReviewAssignment.objects.filter(round=screening.round)
    assert given.values("reviewer").distinct().count() == 3
    assert {given.filter(subject_id=one.pk).count() for one in screening.nominations} == {2}
    assert reviews_assign(actor=SYSTEM, round_id=screening.round.pk, at=SCREENED) == []
    stepping = screening.assignments[0]
    scores_save(actor=stepping.reviewer.user, assignment_id=stepping.pk, raw=points(1, 2, 3), at=SCREENED)
    conflict_declare(actor=stepping.reviewer.user, assignment_id=stepping.pk, raw={"reason": "师生关系"}, at=SCREENED)
    assert not stepping.scores.exists()
    (made,) = reviews_assign(actor=SYSTEM, round_id=screening.round.pk, at=SCREENED)
    assert made.subject_id == stepping.subject_id
    assert made.reviewer_id != stepping.reviewer_id
    assert Notice.objects.filter(recipient=made.reviewer.user, kind="reviews_assigned").exists()


def test_too_few_without_a_conflict_leave_everything_as_it_was(corridor: object) -> None:
    screening = make_screening(assigned=False)
    for reviewer in screening.reviewers[1:]:
        Resource.objects.filter(pk=publish(make_resource(screening.organisation)).pk).update(expert=reviewer.expert)
    with pytest.raises(ReviewersLackingError) as error:
        reviews_assign(actor=SYSTEM, round_id=screening.round.pk, at=SCREENED)
    assert error.value.lacking == {screening.nominations[0].pk: 1}
    assert "第 1 项" in error.value.text.zh
    assert not ReviewAssignment.objects.exists()


def test_a_review_is_kept_piece_by_piece_and_submitted_whole_and_once(screening: Screening) -> None:
    one = screening.assignments[0]
    keep = partial(scores_save, actor=one.reviewer.user, assignment_id=one.pk, at=SCREENED)
    keep(raw={"points_demand": "80", "note_demand": "紧迫"})
    keep(raw={"points_demand": "85.25", "note_demand": "紧迫"})
    assert list(one.scores.order_by("criterion").values_list("criterion", "points")) == [
        ("benefit", None), ("demand", Decimal("85.25")), ("novelty", None),
    ]  # fmt: skip
    for wrong in ("100.01", "-1", "80.125", "好"):
        with pytest.raises(InvalidError):
            keep(raw={"points_demand": wrong})
    with pytest.raises(InvalidError) as error:
        scores_submit(actor=one.reviewer.user, assignment_id=one.pk, raw={"points_demand": "85.25"}, at=SCREENED)
    assert refused(error) == {"points_novelty", "points_benefit"}
    submit(one, 85, 70, 60)
    with pytest.raises(ReviewFinalError):
        keep(raw=points(1, 1, 1))
    assert one.scores.get(criterion="demand").points == 85


@pytest.mark.parametrize(
    "change",
    [
        lambda one: ReviewScore.objects.filter(assignment=one).update(points=1),
        lambda one: ReviewScore.objects.filter(assignment=one).delete(),
        lambda one: ReviewScore.objects.create(assignment=one, criterion="extra", points=1),
        lambda one: ReviewAssignment.objects.filter(pk=one.pk).update(comment="改"),
        lambda one: ReviewAssignment.objects.filter(pk=one.pk).update(status="assigned", submitted_at=None),
    ],
)
def test_the_database_itself_keeps_a_submitted_review_as_it_is(screening: Screening, change: Any) -> None:
    one = submit(screening.assignments[0], 85, 70, 60)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(one)


def test_a_round_closes_early_only_when_all_have_submitted_and_never_while_an_item_has_no_review(
    screening: Screening,
) -> None:
    first = screening.nominations[0].pk
    of_first = [one for one in screening.assignments if one.subject_id == first]
    of_second = [one for one in screening.assignments if one.subject_id != first]
    close = partial(round_close, actor=screening.office, round_id=screening.round.pk)
    submit(of_first[0], 90, 80, 70)
    with pytest.raises(ReviewsMissingError):
        close(at=DECIDED)
    submit(of_second[0], 60, 60, 60)
    with pytest.raises(ReviewsMissingError):
        close(at=SCREENED)
    close(at=DECIDED)
    assert {one.status for one in ReviewAssignment.objects.filter(submitted_at=None)} == {"withdrawn"}
    with pytest.raises(RoundClosedError):
        submit(of_first[1], 1, 1, 1)


def test_the_office_sees_totals_ranks_and_spread(screening: Screening) -> None:
    first = [one for one in screening.assignments if one.subject_id == screening.nominations[0].pk]
    for one, demand in zip(first, (90, 80), strict=True):
        submit(one, demand, 70, "60.40")
    table = round_table(screening.office, screening.round)
    row, empty = table.by_rank
    # 0.40 × 90 + 0.355 × 70 + 0.245 × 60.40 = 75.648, and 4 less with 80.
    assert sorted(cell.total for cell in row.cells if cell.total is not None) == [Decimal("71.648"), Decimal("75.648")]
    assert row.summary is not None
    assert (row.summary.mean, row.summary.spread, row.rank) == (Decimal("73.65"), Decimal("4.00"), 1)
    assert (empty.summary, empty.rank, table.lacking) == (None, None, 0)


def test_nobody_reads_others_reviews_before_submitting_and_the_end_of_the_round(screening: Screening) -> None:
    mine, theirs = [one for one in screening.assignments if one.subject_id == screening.nominations[0].pk]
    submit(theirs, 90, 80, 70)
    mine.refresh_from_db()
    assert others_reviews(mine) == []
    submit(mine, 50, 50, 50)
    mine.refresh_from_db()
    assert others_reviews(mine) == []
    for one in screening.assignments:
        if one.subject_id == screening.nominations[1].pk:
            submit(one, 60, 60, 60)
    round_close(actor=screening.office, round_id=screening.round.pk, at=SCREENED)
    (other,) = others_reviews(ReviewAssignment.objects.select_related("round").get(pk=mine.pk))
    assert (other.total, other.comment) == (Decimal("81.55"), "可行")


def test_a_reviewer_reads_everything_but_who_applies(corridor: object) -> None:
    organisation = make_organisation(name="湖州云廊新材料有限公司", name_en="Yunlang Materials")
    need = publish(
        make_need(organisation, description="湖州云廊新材料有限公司（云廊新材料）需要电解液，Yunlang Materials。")
    )
    call = make_open_call()
    make_nomination(call, need)
    review_round = screening_begin(actor=SYSTEM, call_id=call.pk, at=SCREENED)
    (subject,) = nomination_subjects(review_round)
    told = " ".join(text.zh + text.en for _, text in subject.blind)
    assert "云廊新材料" not in told
    assert "Yunlang" not in told
    assert "需要电解液" in told
    assert NOMINATION["acceptance_criteria"] in told


# Several people at once


@pytest.mark.django_db(transaction=True)
def test_a_review_submitted_as_the_round_closes_is_in_or_refused_but_never_lost() -> None:
    make_cities()
    screening = make_screening()
    for one in screening.assignments[1:]:
        submit(one, 60, 60, 60)
    last = screening.assignments[0]
    late = DECIDED + timedelta(days=1)
    at_once(
        partial(submit, last, 90, 90, 90),
        partial(round_close, actor=screening.office, round_id=screening.round.pk, at=late),
    )
    last.refresh_from_db()
    assert (last.status, last.scores.filter(points=90).count()) in {("submitted", 3), ("withdrawn", 0)}
