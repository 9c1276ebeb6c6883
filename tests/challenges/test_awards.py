"""Awards: several in parallel, staged and paid through the ledger, and what goes back to the registry."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from tests.challenges.proposal_support import AFTER, LATER, STAGES, Contest, make_contest
from tests.concurrent import at_once
from tests.factories import make_cities, make_organisation, make_user
from yunlang.accounts.models import Notice
from yunlang.challenges.award_services import NotEvaluatingError, award_sign, challenge_leave_unawarded, stages_plan
from yunlang.challenges.award_state import awards_of, milestone_rows
from yunlang.challenges.conclusion_services import NotPerformingError, award_conclude, challenge_give_up
from yunlang.challenges.core.award import AwardRefusedError
from yunlang.challenges.core.milestones import MilestoneStepError, PlanRefusedError
from yunlang.challenges.core.statistics import tally
from yunlang.challenges.models import Award, ChallengeMilestone, Proposal
from yunlang.challenges.proposal_scores import score_rows
from yunlang.challenges.proposal_services import ProposerNotPublishedError, proposals_close
from yunlang.challenges.statistics_selectors import list_items
from yunlang.deals.core.ledger.errors import DealStepImpossibleError, UnfinishedError
from yunlang.deals.journal import journal_rows
from yunlang.deals.ledger_models import Contract, Deal, JournalEntry
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.errors import InvalidError
from yunlang.registry.models import Need, Organisation, Provenance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


@pytest.fixture
def contest(corridor: object) -> Contest:
    """Return a challenge that takes proposals from two."""
    return make_contest()


def kinds(deal: Deal) -> list[str]:
    return list(journal_rows("deal", deal.pk).values_list("kind", flat=True))


def told(kind: str) -> list[str]:
    return [one.payload.get("reason", "") for one in Notice.objects.filter(kind=kind)]


# The decision


def test_scores_stand_beside_their_spread_and_nobody_sees_them_before_the_round_is_closed(contest: Contest) -> None:
    for who in range(2):
        contest.submit(who)
    contest.close_and_open()
    assert [row.summary for row in score_rows(contest.challenge)] == [None, None]
    contest.review(70, 90)
    best, other = score_rows(contest.challenge)
    assert (best.rank, best.summary.mean, best.summary.spread) == (1, Decimal("90.00"), Decimal(0))
    assert [total for total, _ in other.totals] == [70, 70]


def test_each_of_two_winners_in_parallel_has_a_deal_in_the_ledger(contest: Contest) -> None:
    made = contest.awarded()
    assert [one.amount for one in made] == [Decimal("3000000.00"), Decimal("2500000.00")]
    for one in made:
        deal = one.deal
        assert (deal.kind, deal.source, deal.source_id) == ("award", "challenge", contest.challenge.pk)
        assert (deal.need_side, deal.offer_side) == (
            contest.challenge.nomination.need.organisation, one.proposal.organisation,
        )  # fmt: skip
        assert kinds(deal) == ["opened"]
    contest.challenge.refresh_from_db()
    assert contest.challenge.status == "awarded"
    entry = journal_rows("challenge", contest.challenge.pk).last()
    assert entry is not None
    assert [one["amount"] for one in entry.payload["awards"]] == ["3000000.00", "2500000.00"]
    assert len(told("challenge_won")) == 2
    assert ledger_check().subjects == 3


def test_whoever_is_not_awarded_is_told_why(contest: Contest) -> None:
    made = contest.awarded("300 万元", "")
    assert len(made) == 1
    assert told("challenge_lost") == ["综合得分较低"]
    assert Proposal.objects.exclude(award__in=made).get().refusal_reason == "综合得分较低"


def test_a_decision_without_a_reason_for_the_others_says_at_which(contest: Contest) -> None:
    for who in range(2):
        contest.submit(who)
    contest.close_and_open()
    contest.review(90, 80)
    contest.plan()
    with pytest.raises(InvalidError) as refused:
        contest.decide("300 万元", reason="")
    assert list(refused.value.fields) == [f"reason-{contest.proposals[1].pk}"]
    for amounts, threshold in ((("300 万元", "300.01 万元"), "60"), (("300 万元", "250 万元"), "85")):
        with pytest.raises(AwardRefusedError):
            contest.decide(*amounts, threshold=threshold)
    assert not JournalEntry.objects.filter(subject_kind="deal").exists()


def test_nothing_is_awarded_before_the_reviews_are_closed_and_the_stages_planned(contest: Contest) -> None:
    for who in range(2):
        contest.submit(who)
    with pytest.raises(NotEvaluatingError):
        contest.decide("300 万元")
    contest.close_and_open()
    contest.plan()
    with pytest.raises(AwardRefusedError):
        contest.decide("300 万元")
    contest.review(90, 80)
    with pytest.raises(PlanRefusedError):
        contest.plan([STAGES[0]])
    assert len(contest.decide("300 万元")) == 1
    with pytest.raises(NotEvaluatingError):
        contest.decide("300 万元")
    with pytest.raises(NotEvaluatingError):
        contest.plan()


def test_a_stage_that_cannot_be_read_says_which_field_of_which_stage(contest: Contest) -> None:
    with pytest.raises(InvalidError) as refused:
        stages_plan(
            actor=contest.office,
            challenge_id=contest.challenge.pk,
            stages=[STAGES[0], STAGES[1] | {"due": "明天"}],
            at=AFTER,
        )
    assert list(refused.value.fields) == ["2-due"]


def test_a_challenge_without_proposals_ends_unawarded(contest: Contest) -> None:
    proposals_close(at=AFTER)
    ended = challenge_leave_unawarded(
        actor=contest.office, challenge_id=contest.challenge.pk, raw={"reason": "无人提交方案"}, at=LATER
    )
    assert (ended.status, ended.end_reason, ended.ended_at) == ("unawarded", "无人提交方案", LATER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told() -> None:
    make_cities()
    contest = make_contest()
    for who in range(2):
        contest.submit(who)
    contest.close_and_open()
    contest.review(90, 80)
    contest.plan()
    outcomes = at_once(partial(contest.decide, "300 万元"), partial(contest.decide, "", "250 万元"))
    assert {type(one) for one in outcomes} == {list, NotEvaluatingError}
    assert Award.objects.count() == Deal.objects.count() == 1


# Stages


def test_from_the_contract_to_the_last_payment_the_ledger_holds_every_step(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    contest.challenge.refresh_from_db()
    assert contest.challenge.status == "performing"
    for stage in (1, 2):
        contest.deliver(award, stage)
        contest.accept(award, stage)
        contest.pay(award, stage)
    contract = Contract.objects.get(deal=award.deal)
    assert (contract.amount, contract.committed, contract.paid) == (3_000_000, 3_000_000, 3_000_000)
    assert [one.amount for one in contract.payments.all()] == [900_000, 2_100_000]
    assert kinds(award.deal) == [
        "opened", "agreed", "contracted", "milestone_added", "milestone_added",
        "milestone_accepted", "payment_scheduled", "payment_paid",
        "milestone_accepted", "payment_scheduled", "payment_paid",
    ]  # fmt: skip
    evidence = contract.milestones.get(number=1).evidence
    assert evidence.startswith("符合验收标准")
    assert "SHA-256" in evidence
    assert ledger_check().entries == JournalEntry.objects.count()


def test_a_rejected_delivery_may_be_handed_in_again_and_both_stay(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    contest.deliver(award, 1)
    contest.reject(award, 1)
    row = milestone_rows(awards_of(contest.challenge.pk)[0])[0]
    assert (row.state, row.delivery.reason, row.payment) == ("rejected", "缺第三批数据", None)
    assert told("milestone_rejected") == ["缺第三批数据"]
    with pytest.raises(MilestoneStepError):
        contest.accept(award, 1)
    contest.deliver(award, 1, raw={"note": "补齐第三批"})
    contest.accept(award, 1)
    row = milestone_rows(awards_of(contest.challenge.pk)[0])[0]
    assert (row.state, row.delivery.deliveries) == ("accepted", 2)
    assert [one.delivery for one in row.delivery.files.all()] == [2, 1]


def test_stages_come_one_after_the_other_and_only_under_a_contract(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    with pytest.raises(MilestoneStepError, match="合同"):
        contest.deliver(award, 1)
    contest.sign(award)
    for step in (
        lambda: contest.deliver(award, 2), lambda: contest.deliver(award, 3), lambda: contest.deliver(award, 0),
        lambda: contest.accept(award, 1), lambda: contest.pay(award, 1), lambda: contest.pay(award, 9),
    ):  # fmt: skip
        with pytest.raises(MilestoneStepError):
            step()
    assert not ChallengeMilestone.objects.exists()
    with pytest.raises(DealStepImpossibleError):
        contest.sign(award)


def test_evidence_of_another_kind_is_refused(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    with pytest.raises(InvalidError) as refused:
        contest.deliver(award, 1, raw={"note": ""}, files=[("程序.exe", b"MZ")])
    assert set(refused.value.fields) == {"note", "files"}


def test_in_a_race_whoever_is_eliminated_gets_no_later_stage_and_no_later_payment(contest: Contest) -> None:
    first, second = contest.awarded()
    for one in (first, second):
        contest.sign(one)
        contest.deliver(one, 1)
        contest.accept(one, 1)
    with pytest.raises(MilestoneStepError, match="尚未决定"):
        contest.deliver(first, 2)
    assert contest.eliminate(1, first) == [second]
    second.refresh_from_db()
    assert (second.eliminated_stage, second.elimination_reason, second.deal.status) == (1, "指标较低", "terminated")
    contest.deliver(first, 2)
    contest.accept(first, 2)
    for step in (
        lambda: contest.deliver(second, 2),
        lambda: contest.accept(second, 2),
        lambda: contest.eliminate(1, second),
    ):
        with pytest.raises(MilestoneStepError):
            step()
    out = Contract.objects.get(deal=second.deal)
    assert (out.committed, out.amount) == (750_000, 2_500_000)
    assert told("challenge_eliminated") == ["指标较低"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_one_delivery_at_once_one_is_told_and_it_falls_due_once() -> None:
    make_cities()
    contest = make_contest()
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    contest.deliver(award, 1)
    outcomes = at_once(partial(contest.accept, award, 1), partial(contest.accept, award, 1))
    assert {type(one) for one in outcomes} == {Award, MilestoneStepError}
    assert Contract.objects.get().committed == 900_000


# The end


def finished(contest: Contest, *amounts: str) -> Award:
    award = contest.awarded(*(amounts or ("300 万元", "")))[0]
    contest.sign(award)
    for stage in (1, 2):
        contest.deliver(award, stage)
        contest.accept(award, stage)
        contest.pay(award, stage)
    return award


OUTCOME = {"title": "高电压电解液成套技术", "summary": "三批中试稳定。", "trl": "7"}


def test_what_was_achieved_goes_back_to_the_registry_and_the_need_is_closed(contest: Contest) -> None:
    award = finished(contest)
    done = award_conclude(actor=contest.office, award_id=award.pk, raw=OUTCOME, at=LATER)
    outcome: Any = done.outcome
    assert (outcome.kind, outcome.status, outcome.organisation, outcome.trl) == (
        "achievement", "draft", award.proposal.organisation, 7,
    )  # fmt: skip
    source = Provenance.objects.get(object_id=outcome.pk)
    assert source.original["need"] == str(contest.challenge.nomination.need_id)
    assert source.original["deal"] == str(award.deal_id)
    contest.challenge.refresh_from_db()
    assert (contest.challenge.status, contest.challenge.end_reason) == ("concluded", "")
    assert Need.objects.get(pk=contest.challenge.nomination.need_id).status == "closed"
    assert Deal.objects.get(pk=award.deal_id).status == "completed"
    found = tally(list_items())
    assert (found.published, found.with_proposals, found.awarded, found.concluded) == (1, 1, 1, 1)
    assert (found.awarded_sum, found.paid_sum) == (3_000_000, 3_000_000)


def test_nothing_is_concluded_with_a_payment_still_due(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    with pytest.raises(NotPerformingError):
        award_conclude(actor=contest.office, award_id=award.pk, raw=OUTCOME, at=LATER)
    contest.sign(award)
    contest.deliver(award, 1)
    contest.accept(award, 1)
    with pytest.raises(UnfinishedError):
        award_conclude(actor=contest.office, award_id=award.pk, raw=OUTCOME, at=LATER)


def test_a_challenge_that_is_given_up_ends_its_deals_and_keeps_its_need_open(contest: Contest) -> None:
    for one in contest.awarded():
        contest.sign(one)
    ended = challenge_give_up(
        actor=contest.office, challenge_id=contest.challenge.pk, raw={"reason": "两条路线均未达到指标"}, at=LATER
    )
    assert (ended.status, ended.end_reason) == ("concluded", "两条路线均未达到指标")
    assert set(Deal.objects.values_list("status", flat=True)) == {"terminated"}
    assert Need.objects.get(pk=contest.challenge.nomination.need_id).status == "published"
    assert tally(list_items()).awarded_sum == 0


def test_an_award_needs_a_signature_by_the_office(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    with pytest.raises(InvalidError):
        award_sign(actor=contest.office, award_id=award.pk, raw={"number": "", "signed_on": ""}, at=LATER)
    assert kinds(award.deal) == ["opened"]


def test_the_database_gives_a_proposal_one_award(contest: Contest) -> None:
    first = contest.awarded("300 万元", "")[0]
    first.pk = None
    with pytest.raises(IntegrityError):
        first.save(force_insert=True)


def test_a_winner_that_became_part_of_another_organisation_delivers_as_that_one(contest: Contest) -> None:
    award = contest.awarded("300 万元", "")[0]
    contest.sign(award)
    user = make_user()
    Organisation.objects.filter(pk=award.proposal.organisation_id).update(merged_into=make_organisation(owner=user))
    contest.deliver(award, 1, actor=user)
    contest.accept(award, 1)
    assert {one.recipient_id for one in Notice.objects.filter(kind="milestone_accepted")} == {user.pk}


def test_an_organisation_under_review_cannot_propose(contest: Contest) -> None:
    Organisation.objects.filter(pk=contest.proposers[0].organisation.pk).update(status="in_review")
    with pytest.raises(ProposerNotPublishedError):
        contest.submit()
