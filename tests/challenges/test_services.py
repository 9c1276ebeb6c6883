"""From a call to the published list, step by step, and what each step refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.challenges.core.test_rubric import USUAL
from tests.challenges.support import (
    CALL,
    DECIDED,
    DURING,
    NOMINATION,
    OPENED,
    SCREENED,
    Screening,
    make_call,
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
from yunlang.challenges.call_services import (
    NotADraftCallError,
    call_close,
    call_create,
    call_open,
    call_update,
    call_withdraw,
)
from yunlang.challenges.call_steps import CallStepError
from yunlang.challenges.core.assignment import Conflict, ReviewersLackingError
from yunlang.challenges.models import Challenge, Nomination, ReviewAssignment, ReviewScore
from yunlang.challenges.nomination_services import (
    CallNotOpenError,
    CallStillOpenError,
    NeedNotPublishedError,
    NominatedError,
    NominationSettledError,
    RoundOpenError,
    UndecidedError,
    list_publish,
    nomination_withdraw,
    screening_begin,
    screening_decide,
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
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Need, Resource

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def screening(corridor: object) -> Screening:
    """Return a call in screening: two nominations, three reviewers, two reviews of each."""
    return make_screening()


def refused(error: pytest.ExceptionInfo[InvalidError]) -> set[str]:
    return set(error.value.fields)


# Calls


def test_a_call_keeps_its_days_in_the_corridors_time_and_its_rubric_exactly() -> None:
    call = make_call()
    assert call.opens_at.isoformat() == "2026-11-01T00:00:00+08:00"
    assert call.closes_at.isoformat() == "2026-11-30T23:59:59+08:00"
    assert [row["weight"] for row in call.rubric] == ["40.00", "35.50", "24.50"]
    assert AuditEntry.objects.get(object_id=str(call.pk)).action == "call_create"


def test_everything_wrong_with_a_call_is_said_at_once() -> None:
    raw = CALL | {"title": "", "areas": ["alchemy"], "closes_on": "2026-10-01", "reviewers_per_item": "0"}
    with pytest.raises(InvalidError) as error:
        call_create(actor=SYSTEM, raw=raw, rubric=USUAL[:2])
    assert refused(error) == {"title", "areas", "closes_on", "reviewers_per_item", "rubric"}


def test_only_a_draft_changes_and_a_call_whose_last_day_has_passed_is_not_announced() -> None:
    call = make_call()
    changed = call_update(actor=SYSTEM, call_id=call.pk, raw=CALL | {"title": "改名"}, rubric=USUAL, at=OPENED)
    assert changed.title == "改名"
    with pytest.raises(InvalidError):
        call_open(actor=SYSTEM, call_id=call.pk, at=SCREENED)
    call_open(actor=SYSTEM, call_id=call.pk, at=OPENED)
    with pytest.raises(NotADraftCallError):
        call_update(actor=SYSTEM, call_id=call.pk, raw=CALL, rubric=USUAL, at=OPENED)
    with pytest.raises(CallStepError):
        call_open(actor=SYSTEM, call_id=call.pk, at=OPENED)


def test_a_call_is_withdrawn_with_a_reason_before_the_list_and_put_away_after(screening: Screening) -> None:
    with pytest.raises(InvalidError):
        call_withdraw(actor=SYSTEM, call_id=screening.call.pk, raw={"reason": " "}, at=DECIDED)
    with pytest.raises(CallStepError):
        call_close(actor=SYSTEM, call_id=screening.call.pk, at=DECIDED)
    withdrawn = call_withdraw(actor=SYSTEM, call_id=make_open_call().pk, raw={"reason": "改期"}, at=DECIDED)
    assert (withdrawn.status, withdrawn.end_reason) == ("withdrawn", "改期")
    screening.close()
    screening.decide()
    screening.publish()
    with pytest.raises(CallStepError):
        call_withdraw(actor=SYSTEM, call_id=screening.call.pk, raw={"reason": "改期"}, at=DECIDED)
    assert call_close(actor=SYSTEM, call_id=screening.call.pk, at=DECIDED).ended_at == DECIDED


# Nominations


def test_nominations_are_numbered_and_each_need_stands_once() -> None:
    call, need = make_open_call(), publish(make_need())
    first, second = make_nomination(call, need), make_nomination(call)
    assert (first.number, second.number, first.budget) == (1, 2, Decimal("3000000.00"))
    with pytest.raises(NominatedError):
        make_nomination(call, need)
    nomination_withdraw(actor=SYSTEM, nomination_id=first.pk, at=DURING)
    assert make_nomination(call, need).number == 3


def test_a_nomination_needs_a_published_need_an_open_call_and_one_of_its_areas() -> None:
    call = make_open_call()
    with pytest.raises(NeedNotPublishedError):
        make_nomination(call, make_need())
    with pytest.raises(InvalidError) as error:
        make_nomination(call, area="biomedicine", budget="0", acceptance_criteria="", horizon_months="121")
    assert refused(error) == {"area", "budget", "acceptance_criteria", "horizon_months"}
    early = make_open_call(opens_on="2026-11-20")
    with pytest.raises(CallNotOpenError):
        make_nomination(early)
    call_withdraw(actor=SYSTEM, call_id=call.pk, raw={"reason": "改期"}, at=DURING)
    with pytest.raises(CallNotOpenError):
        make_nomination(call)


def test_screening_waits_for_the_last_day_and_ends_withdrawals(screening: Screening) -> None:
    with pytest.raises(CallStillOpenError):
        screening_begin(actor=SYSTEM, call_id=make_open_call().pk, at=DURING)
    with pytest.raises(NominationSettledError):
        nomination_withdraw(actor=screening.owner, nomination_id=screening.nominations[0].pk, at=SCREENED)


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


# Decisions and the list


def test_decisions_wait_for_the_reviews_and_a_refusal_takes_a_reason(screening: Screening) -> None:
    decide = partial(screening_decide, actor=screening.office, nomination_id=screening.nominations[0].pk, at=DECIDED)
    with pytest.raises(RoundOpenError):
        decide(chosen=True, raw={})
    screening.close()
    with pytest.raises(InvalidError):
        decide(chosen=False, raw={"note": ""})
    decide(chosen=False, raw={"note": "指标不清"})
    assert decide(chosen=True, raw={}).status == "screened_in"


def test_the_list_waits_for_every_decision_and_tells_everybody(screening: Screening) -> None:
    screening.close()
    with pytest.raises(UndecidedError):
        screening.publish()
    screening.decide((False, False))
    with pytest.raises(UndecidedError):
        screening.publish()
    screening.decide()
    first = screening.nominations[0]
    with pytest.raises(InvalidError) as error:
        screening.publish({first.pk: {"title": "", "winners_at_most": "0"}})
    assert refused(error) == {f"{first.pk}-title", f"{first.pk}-winners_at_most"}
    assert not Notice.objects.filter(kind="nomination_decided").exists()
    (made,) = screening.publish({first.pk: {"title": "长循环电解液", "winners_at_most": "3"}})
    assert (made.number, made.title, made.winners_at_most, made.budget) == (1, "长循环电解液", 3, first.budget)
    assert made.proposals_close_at.isoformat() == "2027-01-31T23:59:59+08:00"
    told = Notice.objects.filter(recipient=screening.owner).values_list("kind", flat=True)
    assert {"nomination_decided", "challenge_list_published"} <= set(told)
    with pytest.raises(NominationSettledError):
        screening.decide()
    with pytest.raises(CallStepError):
        screening.publish()


def test_proposals_close_after_the_list_is_out(screening: Screening) -> None:
    screening.close()
    screening.decide()
    with pytest.raises(InvalidError) as error:
        list_publish(actor=SYSTEM, call_id=screening.call.pk, raw={"proposals_close_on": "2026-12-01"}, at=DECIDED)
    assert refused(error) == {"proposals_close_on"}
    assert not Challenge.objects.exists()


# Several people at once


@pytest.mark.django_db(transaction=True)
def test_needs_put_forward_at_once_are_numbered_without_a_gap_and_one_need_stands_once() -> None:
    make_cities()
    call, twice = make_open_call(), publish(make_need())
    needs = [twice, twice, publish(make_need())]
    outcomes = at_once(*[partial(make_nomination, call, need) for need in needs])
    assert sorted(type(one).__name__ for one in outcomes) == ["NominatedError", "Nomination", "Nomination"]
    assert sorted(Nomination.objects.values_list("number", flat=True)) == [1, 2]


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
