"""From a call to the published list, step by step, and what each step refuses."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from tests.challenges.core.test_rubric import USUAL
from tests.challenges.support import (
    CALL,
    DECIDED,
    DURING,
    OPENED,
    SCREENED,
    Screening,
    make_call,
    make_nomination,
    make_open_call,
    make_screening,
)
from tests.concurrent import at_once
from tests.factories import make_cities, make_need, publish
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
from yunlang.challenges.models import Challenge, Nomination
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
from yunlang.kit.errors import InvalidError
from yunlang.kit.models import AuditEntry

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
    assert not Notice.objects.filter(kind__startswith="nomination_").exists()
    (made,) = screening.publish({first.pk: {"title": "长循环电解液", "winners_at_most": "3"}})
    assert (made.number, made.title, made.winners_at_most, made.budget) == (1, "长循环电解液", 3, first.budget)
    assert made.proposals_close_at.isoformat() == "2027-01-31T23:59:59+08:00"
    told = Notice.objects.filter(recipient=screening.owner).values_list("kind", flat=True)
    assert {"nomination_selected", "challenge_list_published"} <= set(told)
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
