"""What the database itself refuses, whatever code runs above it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.concurrent import at_once
from tests.deals.support import PROPOSED_AT, Deal, make_deal
from tests.factories import make_cities, make_organisation, make_user
from yunlang.accounts.permissions import may
from yunlang.accounts.roles import Role
from yunlang.deals.core.introduction import Side
from yunlang.deals.models import Introduction, Task
from yunlang.deals.selectors import introductions_graded, introductions_visible, tasks_open
from yunlang.deals.services import (
    IntroductionExistsError,
    introduction_accept,
    introduction_decline,
)
from yunlang.kit.errors import ConflictError
from yunlang.registry.models import Expert, MergeCandidate
from yunlang.registry.services.merging import SameExpertError, organisations_merge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
LATER = PROPOSED_AT + timedelta(days=1)
EARLIER = PROPOSED_AT - timedelta(days=1)
AGREED = {"need_agreed_at": LATER, "offer_agreed_at": LATER, "accepted_at": LATER}
CLOSED = {"due": None}


@pytest.fixture
def deal(corridor: object) -> Deal:
    """Return a need and a resource of two organisations, their people, and a manager."""
    return make_deal()


@pytest.mark.parametrize(
    "values",
    [
        {"status": "unheard"},
        {"resource": None},
        {"status": "accepted"},
        {"status": "accepted", **AGREED, "accepted_at": None},
        {"status": "accepted", **AGREED, "offer_agreed_at": None},
        {"status": "meeting", **AGREED},
        {"status": "signed", **AGREED, **CLOSED, "meeting_at": LATER},
        {"status": "signed", **AGREED, "meeting_at": LATER, "signed_at": LATER},
        {"status": "declined", **CLOSED, "declined_at": LATER},
        {"status": "declined", **CLOSED, "decline_reason": "已满"},
        {"decline_reason": "已满"},
        {"due": None},
        {"due": date(2026, 11, 21)},
        {"need_agreed_at": EARLIER},
        {"offer_agreed_at": EARLIER},
        {"status": "accepted", **AGREED, "accepted_at": EARLIER},
        {"status": "meeting", **AGREED, "meeting_at": PROPOSED_AT},
        {"status": "signed", **AGREED, **CLOSED, "meeting_at": LATER, "signed_at": PROPOSED_AT},
        {"status": "declined", **CLOSED, "decline_reason": "已满", "declined_at": EARLIER},
        {"signed_at": LATER},
        {"declined_at": LATER},
        {"meeting_at": LATER},
    ],
    ids=str,
)
def test_an_introduction_that_cannot_be_is_refused(deal: Deal, values: dict[str, Any]) -> None:
    made = deal.propose()
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.filter(pk=made.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "accepted", **AGREED},
        {"status": "meeting", **AGREED, "meeting_at": LATER},
        {"status": "signed", **AGREED, **CLOSED, "meeting_at": LATER, "signed_at": LATER},
        {"status": "declined", **CLOSED, "decline_reason": "已满", "declined_at": LATER},
        {"status": "declined", **AGREED, **CLOSED, "decline_reason": "已满", "declined_at": LATER},
        {"due": date(2026, 11, 22)},
    ],
    ids=str,
)
def test_an_introduction_that_can_be_is_kept(deal: Deal, values: dict[str, Any]) -> None:
    assert Introduction.objects.filter(pk=deal.propose().pk).update(**values) == 1


def test_a_need_and_an_offer_have_one_open_introduction(deal: Deal) -> None:
    made = deal.propose()
    twin = Introduction(need=made.need, resource=made.resource, proposed_at=PROPOSED_AT, due=made.due)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    introduction_decline(actor=deal.manager, introduction_id=made.pk, reason="已满", at=LATER)
    twin.save()


@pytest.mark.parametrize("values", [{"code": "fly"}, {"title": "又名"}, {"code": "", "title": ""}])
def test_a_task_is_named_once_and_by_a_name_that_is_known(deal: Deal, values: dict[str, str]) -> None:
    task = deal.propose().tasks.all()[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**values)


def test_a_task_of_the_course_is_there_once(deal: Deal) -> None:
    task = deal.propose().tasks.all()[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(introduction=task.introduction, code=task.code, due=task.due)


# Whoever sees one in a list may open it, and the other way round


def test_the_list_holds_exactly_what_the_permission_lets_through(deal: Deal) -> None:
    merged = make_organisation()
    made = [
        deal.propose(),
        deal.propose(actor=deal.office, offer_kind="organisation", offer_id=merged.pk),
        deal.propose(actor=deal.needing, offer_kind="organisation", offer_id=deal.resource.organisation.pk),
    ]
    merged.merged_into = deal.resource.organisation
    merged.save()
    proposer = make_user()
    Introduction.objects.filter(pk=made[0].pk).update(proposed_by=proposer)
    people = [deal.needing, deal.offering, deal.manager, deal.office, proposer, make_user(), make_user(Role.MANAGER),
              make_user(Role.AUDITOR)]  # fmt: skip
    seen = []
    for person in people:
        listed = set(introductions_visible(person).values_list("pk", flat=True))
        assert listed == {one.pk for one in Introduction.objects.all() if may(person, "deals.view", one)}
        seen.append(len(listed))
    assert seen == [3, 3, 3, 3, 1, 0, 2, 3]


def test_tasks_of_managers_are_their_own_and_those_of_nobody(deal: Deal) -> None:
    own, nobodys = (
        deal.propose(),
        deal.propose(actor=deal.needing, offer_kind="organisation", offer_id=deal.resource.organisation.pk),
    )
    assert set(tasks_open(deal.manager).values_list("introduction", flat=True)) == {own.pk, nobodys.pk}
    for person in (make_user(Role.MANAGER), deal.office):
        assert set(tasks_open(person).values_list("introduction", flat=True)) == {nobodys.pk}
    assert not tasks_open(deal.needing).exists()
    introduction_decline(actor=deal.manager, introduction_id=own.pk, reason="已满", at=LATER)
    assert set(tasks_open(deal.manager).values_list("introduction", flat=True)) == {nobodys.pk}


def test_every_introduction_is_graded_by_where_it_stands(deal: Deal) -> None:
    deal.propose()
    deal.propose(offer_kind="organisation", offer_id=deal.resource.organisation.pk)
    assert sorted(introductions_graded()) == sorted(
        [
            (deal.need.pk, "resource", deal.resource.pk, "proposed"),
            (deal.need.pk, "organisation", deal.resource.organisation.pk, "proposed"),
        ]
    )


# Merging organisations


def _merge(deal: Deal) -> tuple[Expert, Expert, partial[Any]]:
    kept, other = deal.resource.organisation, make_organisation()
    twins = [Expert.objects.create(organisation=one, name="张三") for one in (kept, other)]
    first, second = sorted((kept, other), key=lambda row: row.pk)
    candidate = MergeCandidate.objects.create(first=first, second=second)
    merging = partial(
        organisations_merge, actor=deal.office, candidate_id=candidate.pk, keep_id=kept.pk, at=timezone.now()
    )
    return twins[0], twins[1], merging


def test_an_expert_who_becomes_another_takes_introductions_along(deal: Deal) -> None:
    kept, other, merging = _merge(deal)
    made = deal.propose(offer_kind="expert", offer_id=other.pk)
    merging()
    made.refresh_from_db()
    assert made.expert == kept


def test_two_introductions_that_would_become_one_are_settled_first(deal: Deal) -> None:
    kept, other, merging = _merge(deal)
    for expert in (kept, other):
        deal.propose(offer_kind="expert", offer_id=expert.pk)
    with pytest.raises(SameExpertError):
        merging()
    assert Expert.objects.filter(name="张三").count() == 2


# Several people at once


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_propose_at_once_one_is_told() -> None:
    make_cities()
    deal = make_deal()
    managers = [deal.manager, make_user(Role.MANAGER)]
    outcomes = at_once(*[partial(deal.propose, actor=manager) for manager in managers])
    assert {type(outcome) for outcome in outcomes} == {Introduction, IntroductionExistsError}
    assert Introduction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_agree_for_one_side_at_once_one_is_told_and_both_sides_make_it_accepted() -> None:
    make_cities()
    deal = make_deal()
    made = deal.propose()
    agree = partial(introduction_accept, introduction_id=made.pk, at=LATER)
    outcomes = at_once(
        partial(agree, actor=deal.needing),
        partial(agree, actor=deal.manager, side=Side.NEED),
        partial(agree, actor=deal.offering),
    )
    assert sum(isinstance(outcome, Introduction) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 1
    made.refresh_from_db()
    assert made.status == "accepted"
    assert list(made.tasks.filter(done_at=None).values_list("code", flat=True)) == ["arrange_meeting"]
