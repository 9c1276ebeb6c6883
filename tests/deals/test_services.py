"""Introductions: who proposes, who agrees, what there is to do, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from tests.deals.support import Deal, make_deal
from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import AlreadyAgreedError, Side, StepImpossibleError, TaskCode
from yunlang.deals.models import Introduction, Task
from yunlang.deals.pairs import NotOfferedError, SameOrganisationError
from yunlang.deals.services import (
    IntroductionExistsError,
    TaskDoneError,
    introduction_accept,
    introduction_assign,
    introduction_decline,
    introduction_meet,
    introduction_reschedule,
    introduction_sign,
    task_add,
    task_finish,
)
from yunlang.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from yunlang.kit.ids import new_id
from yunlang.kit.models import AuditEntry
from yunlang.registry.models import Expert, Need
from yunlang.registry.services.listings import listing_close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture
def deal(corridor: object) -> Deal:
    """Return a need and a resource of two organisations, their people, and a manager."""
    return make_deal()


def open_codes(introduction: Introduction) -> set[str]:
    return set(introduction.tasks.filter(done_at=None).values_list("code", flat=True))


def deeds(introduction: Introduction) -> list[str]:
    rows = AuditEntry.objects.filter(object_kind="introduction", object_id=str(introduction.pk)).order_by("id")
    return list(rows.values_list("action", flat=True))


def test_a_manager_brings_two_together_up_to_the_signature(deal: Deal) -> None:
    made = deal.propose(reason="配方对口")
    assert (made.status, made.manager, made.due) == ("proposed", deal.manager, TODAY + timedelta(days=7))
    assert open_codes(made) == {"ask_need", "ask_offer"}
    act: Any = {"introduction_id": made.pk, "at": NOW}
    introduction_accept(actor=deal.needing, **act)
    assert open_codes(made) == {"ask_offer"}
    assert introduction_accept(actor=deal.offering, **act).status == "accepted"
    assert open_codes(made) == {"arrange_meeting"}
    assert introduction_meet(actor=deal.manager, due="2026-12-01", **act).due == date(2026, 12, 1)
    assert open_codes(made) == {"report_result"}
    signed = introduction_sign(actor=deal.manager, **act)
    assert (signed.status, signed.signed_at, signed.due) == ("signed", NOW, None)
    assert open_codes(made) == set()
    assert made.tasks.count() == 4
    assert deeds(made) == [
        "introduction_propose", "introduction_accept", "introduction_accept", "introduction_meet", "introduction_sign",
    ]  # fmt: skip


def test_what_the_audit_log_keeps_tells_the_whole_story(deal: Deal) -> None:
    made = deal.propose(reason="配方对口")
    introduction_decline(actor=deal.offering, introduction_id=made.pk, reason="产能已满", at=NOW)
    first, last = AuditEntry.objects.filter(object_id=str(made.pk)).order_by("id")
    assert first.after == {
        "need": str(deal.need.pk), "resource": str(deal.resource.pk), "status": "proposed", "due": "2026-11-29",
        "agreed": [], "note": "配方对口",
    }  # fmt: skip
    assert (last.before, last.after) == (
        {"status": "proposed"},
        {"status": "declined", "due": None, "note": "产能已满"},
    )


def test_the_owner_of_a_need_asks_and_has_agreed_by_that(deal: Deal) -> None:
    made = deal.propose(actor=deal.needing)
    assert made.need_agreed_at == NOW
    assert made.manager is None
    assert open_codes(made) == {"ask_offer"}
    assert introduction_accept(actor=deal.offering, introduction_id=made.pk, at=NOW).status == "accepted"


def test_the_manager_records_what_a_side_said_on_the_telephone(deal: Deal) -> None:
    made = deal.propose()
    act: Any = {"actor": deal.manager, "introduction_id": made.pk, "at": NOW}
    with pytest.raises(InvalidError):
        introduction_accept(**act)
    for side in Side:
        introduction_accept(side=side, **act)
    made.refresh_from_db()
    assert made.status == "accepted"


def test_nobody_agrees_for_the_other_side_or_twice(deal: Deal) -> None:
    made = deal.propose()
    with pytest.raises(NotAllowedError):
        introduction_accept(actor=deal.needing, introduction_id=made.pk, side=Side.OFFER, at=NOW)
    introduction_accept(actor=deal.needing, introduction_id=made.pk, at=NOW)
    with pytest.raises(AlreadyAgreedError):
        introduction_accept(actor=deal.needing, introduction_id=made.pk, at=NOW)


def test_no_step_is_passed_by(deal: Deal) -> None:
    made = deal.propose()
    for step in (introduction_meet, introduction_sign):
        with pytest.raises(StepImpossibleError):
            step(actor=deal.manager, introduction_id=made.pk, at=NOW)
    assert deeds(made) == ["introduction_propose"]


@pytest.mark.parametrize("reason", ["", "  ", "字" * 1_001])
def test_declining_takes_a_reason_of_bearable_length(deal: Deal, reason: str) -> None:
    made = deal.propose()
    with pytest.raises(InvalidError) as caught:
        introduction_decline(actor=deal.manager, introduction_id=made.pk, reason=reason, at=NOW)
    assert set(caught.value.fields) == {"reason"}
    assert Introduction.objects.get(pk=made.pk).status == "proposed"


def test_after_a_refusal_the_same_two_may_be_introduced_again(deal: Deal) -> None:
    made = deal.propose()
    with pytest.raises(IntroductionExistsError):
        deal.propose(actor=deal.needing)
    introduction_decline(actor=deal.manager, introduction_id=made.pk, reason="价格谈不拢", at=NOW)
    again = deal.propose()
    assert again.pk != made.pk
    assert Introduction.objects.count() == 2


def test_experts_and_organisations_are_introduced_too(deal: Deal) -> None:
    expert = Expert.objects.create(organisation=deal.resource.organisation, name="张三")
    for kind, offer in (("expert", expert), ("organisation", deal.resource.organisation)):
        made = deal.propose(offer_kind=kind, offer_id=offer.pk)
        assert (made.offer_kind, made.offer) == (kind, offer)
        assert made.parties[Side.OFFER] == deal.resource.organisation


def test_only_what_is_published_is_introduced(deal: Deal) -> None:
    with pytest.raises(NotOfferedError):
        deal.propose(offer_id=make_resource(deal.resource.organisation).pk)
    listing_close(actor=deal.office, model=Need, listing_id=deal.need.pk, at=NOW)
    with pytest.raises(NotOfferedError):
        deal.propose()


def test_what_is_not_there_or_is_no_offer_is_said_to_be_so(deal: Deal) -> None:
    with pytest.raises(NotFoundError):
        deal.propose(offer_id=new_id())
    with pytest.raises(InvalidError):
        deal.propose(offer_kind="need", offer_id=publish(make_need()).pk)


def test_an_organisation_is_not_introduced_to_itself(deal: Deal) -> None:
    own = publish(make_resource(deal.need.organisation))
    with pytest.raises(SameOrganisationError):
        deal.propose(offer_id=own.pk)


@pytest.mark.parametrize("due", ["2026-11-21", "明天"])
def test_a_day_that_has_passed_or_is_none_is_refused(deal: Deal, due: str) -> None:
    with pytest.raises(InvalidError) as caught:
        deal.propose(due=due)
    assert set(caught.value.fields) == {"due"}
    assert not Introduction.objects.exists()


def test_an_introduction_nobody_looks_after_is_taken_over_and_handed_on(deal: Deal) -> None:
    made = deal.propose(actor=deal.needing)
    other = make_user(Role.MANAGER)
    assign = partial(introduction_assign, introduction_id=made.pk)
    assert assign(actor=deal.manager, manager_id=deal.manager.pk).manager == deal.manager
    with pytest.raises(NotAllowedError):
        assign(actor=other, manager_id=other.pk)
    assert assign(actor=deal.manager, manager_id=other.pk).manager == other
    assert assign(actor=other, manager_id=other.pk).manager == other
    with pytest.raises(InvalidError):
        assign(actor=other, manager_id=deal.needing.pk)
    assert deeds(made) == ["introduction_propose", "introduction_assign", "introduction_assign"]
    introduction_decline(actor=other, introduction_id=made.pk, reason="产能已满", at=NOW)
    with pytest.raises(StepImpossibleError):
        assign(actor=other, manager_id=deal.manager.pk)


def test_the_next_step_is_put_off_together_with_its_tasks(deal: Deal) -> None:
    made = deal.propose()
    own = task_add(actor=deal.manager, introduction_id=made.pk, title="寄样品", due="2026-12-01", at=NOW)
    put_off = partial(introduction_reschedule, actor=deal.manager, introduction_id=made.pk, at=NOW)
    for _ in range(2):
        assert put_off(due="2026-12-31").due == date(2026, 12, 31)
    assert set(made.tasks.exclude(pk=own.pk).values_list("due", flat=True)) == {date(2026, 12, 31)}
    own.refresh_from_db()
    assert own.due == date(2026, 12, 1)
    assert deeds(made).count("introduction_reschedule") == 1
    for wrong in ("", "2026-11-01"):
        with pytest.raises(InvalidError):
            put_off(due=wrong)
    with pytest.raises(NotAllowedError):
        introduction_reschedule(actor=deal.needing, introduction_id=made.pk, due="2026-12-31", at=NOW)
    introduction_decline(actor=deal.manager, introduction_id=made.pk, reason="产能已满", at=NOW)
    with pytest.raises(StepImpossibleError):
        put_off(due="2027-01-31")


def test_the_manager_writes_down_tasks_and_finishes_each_once(deal: Deal) -> None:
    made = deal.propose()
    task = task_add(actor=deal.manager, introduction_id=made.pk, title="寄样品", due="2026-12-01", at=NOW)
    assert task_finish(actor=deal.manager, task_id=task.pk, at=NOW).done_at == NOW
    with pytest.raises(TaskDoneError):
        task_finish(actor=deal.manager, task_id=task.pk, at=NOW)
    with pytest.raises(NotAllowedError):
        task_add(actor=deal.needing, introduction_id=made.pk, title="催一催", due="2026-12-01", at=NOW)
    with pytest.raises(NotFoundError):
        task_finish(actor=deal.manager, task_id=new_id(), at=NOW)
    assert deeds(made) == ["introduction_propose", "task_add", "task_finish"]


@pytest.mark.parametrize("raw", [{"title": ""}, {"due": ""}, {"due": "2026-11-01"}, {"title": "字" * 201}])
def test_a_task_says_what_and_by_when(deal: Deal, raw: dict[str, str]) -> None:
    made = deal.propose()
    values = {"title": "寄样品", "due": "2026-12-01"} | raw
    with pytest.raises(InvalidError) as caught:
        task_add(actor=deal.manager, introduction_id=made.pk, at=NOW, **values)
    assert set(caught.value.fields) == set(raw)


def test_a_task_finished_early_is_not_begun_again_by_the_step_that_follows(deal: Deal) -> None:
    made = deal.propose()
    asking = made.tasks.get(code=TaskCode.ASK_NEED)
    task_finish(actor=deal.manager, task_id=asking.pk, at=NOW)
    introduction_accept(actor=deal.needing, introduction_id=made.pk, at=NOW + timedelta(hours=1))
    asking.refresh_from_db()
    assert asking.done_at == NOW
    assert Task.objects.filter(introduction=made).count() == 2


def test_nothing_is_added_to_what_was_declined(deal: Deal) -> None:
    made = deal.propose()
    introduction_decline(actor=deal.manager, introduction_id=made.pk, reason="产能已满", at=NOW)
    with pytest.raises(ConflictError):
        task_add(actor=deal.manager, introduction_id=made.pk, title="寄样品", due="2026-12-01", at=NOW)
    assert timezone.localtime(Introduction.objects.get(pk=made.pk).declined_at or NOW).date() == TODAY


def test_an_organisation_that_became_part_of_another_is_that_other_one(deal: Deal) -> None:
    offered = make_organisation()
    made = deal.propose(offer_kind="organisation", offer_id=offered.pk)
    offered.merged_into = deal.resource.organisation
    offered.save()
    accepted = introduction_accept(actor=deal.offering, introduction_id=made.pk, at=NOW)
    assert accepted.offer_agreed_at == NOW
