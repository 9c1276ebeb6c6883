"""Deals by API from the signed introduction to their end; and calls that are sent twice and happen once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Api
from tests.concurrent import at_once
from tests.deals.ledger_support import CONTRACT, DEAL, MILESTONE, PAID, PAYMENT, make_dealing, signed
from tests.deals.support import make_deal
from tests.factories import make_cities, make_user
from yunlang.accounts.models import Notice
from yunlang.accounts.roles import Role
from yunlang.deals.ledger_models import Deal, JournalEntry
from yunlang.deals.ledger_publishing import ledger_check
from yunlang.kit.given_answers import ANSWERS_KEPT, answers_prune
from yunlang.kit.models import AuditEntry, GivenAnswer
from yunlang.registry.jobs import prune_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]
EVIDENCE = {"evidence": "检测报告 13"}
REFUND = {"refunded_on": "2027-04-01", "reason": "重复支付"}
AMENDMENT = {"corrects": 1, "field": "title", "value": "添加剂专利独占许可", "reason": "漏字"}


def keyed(number: int = 1) -> dict[str, str]:
    return {"Idempotency-Key": f"key-{number}"}


def test_a_deal_goes_from_the_signed_introduction_to_its_completion_each_call_sent_twice(api_as: Caller) -> None:
    pair = make_deal()
    api = api_as(pair.manager)
    keys = itertools.count()

    def twice(path: str, body: Any = None) -> Any:
        key = keyed(next(keys))
        first, second = (api("POST", path, body, **key) for _ in "12")
        assert (first.status_code, first.json()) == (second.status_code, second.json()), first.json()
        return first

    opened = twice(f"/introductions/{signed(pair).pk}/deal", DEAL)
    assert (opened.status_code, opened.json()["status"]) == (201, "agreed")
    deal = f"/deals/{opened.json()['id']}"
    twice(f"{deal}/contract", CONTRACT)
    twice(f"{deal}/milestones", MILESTONE)
    twice(f"{deal}/payments", PAYMENT)
    twice(f"{deal}/milestones/1/reject", {"evidence": "粘度超标"})
    twice(f"{deal}/milestones/1/accept", EVIDENCE)
    twice(f"{deal}/payments/1/pay", PAID)
    twice(f"{deal}/amendments", AMENDMENT)
    done = twice(f"{deal}/complete").json()
    assert (done["status"], done["title"], done["contract"]["paid"]) == ("completed", "添加剂专利独占许可", "400000.00")
    assert [entry["kind"] for entry in reversed(done["journal"])] == [
        "opened", "contracted", "milestone_added", "payment_scheduled", "milestone_rejected", "milestone_accepted",
        "payment_paid", "amended", "completed",
    ]  # fmt: skip
    assert ledger_check().entries == 9


def test_a_deal_without_an_introduction_is_opened_agreed_and_ended(api_as: Caller) -> None:
    pair = make_deal()
    api = api_as(pair.office)
    body = DEAL | {
        "need_side": str(pair.need.organisation_id), "offer_side": pair.resource.organisation.name, "source": "need",
        "source_id": str(pair.need.pk),
    }  # fmt: skip
    made = api("POST", "/deals", body)
    assert (made.status_code, made.json()["status"]) == (201, "draft")
    deal = f"/deals/{made.json()['id']}"
    assert api("POST", f"{deal}/agree").json()["status"] == "agreed"
    api("POST", f"{deal}/contract", CONTRACT)
    api("POST", f"{deal}/payments", PAYMENT)
    api("POST", f"{deal}/payments/1/pay", PAID)
    assert api("POST", f"{deal}/payments/1/refund", REFUND).json()["contract"]["paid"] == "0.00"
    ended = api("POST", f"{deal}/terminate", {"reason": "技术路线变更"}).json()
    assert (ended["status"], ended["end_reason"]) == ("terminated", "技术路线变更")


def test_without_a_key_each_call_happens(api_as: Caller) -> None:
    dealing = make_dealing().contracted()
    api = api_as(dealing.pair.manager)
    for _ in "12":
        assert api("POST", f"/deals/{dealing.deal.pk}/milestones", MILESTONE).status_code == 200
    assert dealing.deal.contract.milestones.count() == 3
    assert not GivenAnswer.objects.exists()


def test_who_may_not_is_told_what_they_may_know(api_as: Caller) -> None:
    dealing = make_dealing()
    path = f"/deals/{dealing.deal.pk}/contract"
    before = AuditEntry.objects.count()
    for person, status in ((None, 401), (make_user(Role.MANAGER), 404), (dealing.pair.needing, 403)):
        assert api_as(person)("POST", path, CONTRACT, **keyed()).status_code == status
    elsewhere = make_deal()
    other = signed(elsewhere)
    audited = AuditEntry.objects.count()
    assert api_as(dealing.pair.needing)("POST", f"/introductions/{other.pk}/deal", DEAL).status_code == 404
    assert AuditEntry.objects.count() >= audited > before
    assert JournalEntry.objects.count() == 1


# The key


def test_a_key_stands_for_one_call_of_one_caller(api_as: Caller) -> None:
    dealing = make_dealing().contracted()
    api, path = api_as(dealing.pair.manager), f"/deals/{dealing.deal.pk}/milestones"
    assert api("POST", path, MILESTONE, **keyed()).status_code == 200
    for changed in ((path, MILESTONE | {"title": "另一件"}), (path.replace("milestones", "payments"), PAYMENT)):
        refused = api("POST", *changed, **keyed())
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert api_as(dealing.pair.office)("POST", path, MILESTONE, **keyed()).status_code == 200
    assert dealing.deal.contract.milestones.count() == 3


def test_the_same_answer_is_given_although_the_deal_went_on(api_as: Caller) -> None:
    dealing = make_dealing()
    api, path = api_as(dealing.pair.manager), f"/deals/{dealing.deal.pk}/contract"
    first = api("POST", path, CONTRACT, **keyed())
    dealing.act("deal_terminate", raw={"reason": "变更"})
    told = Notice.objects.count()
    second = api("POST", path, CONTRACT, **keyed())
    assert (second.status_code, second.content) == (200, first.content)
    assert Notice.objects.count() == told


def test_a_refusal_is_not_kept(api_as: Caller) -> None:
    dealing = make_dealing()
    api, path = api_as(dealing.pair.manager), f"/deals/{dealing.deal.pk}/milestones"
    assert api("POST", path, MILESTONE, **keyed()).status_code == 409
    assert not GivenAnswer.objects.exists()
    dealing.act("contract_sign", raw=CONTRACT)
    assert api("POST", path, MILESTONE, **keyed()).status_code == 200


@pytest.mark.parametrize("key", ["with space", "x" * 201, "键"])
def test_a_key_that_is_none_is_refused(api_as: Caller, key: str) -> None:
    dealing = make_dealing()
    headers = {"Idempotency-Key": key}
    assert api_as(dealing.pair.manager)("POST", f"/deals/{dealing.deal.pk}/agree", **headers).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_the_same_call_at_once_happens_once(api_as: Caller) -> None:
    make_cities()
    pair = make_deal()
    api, path = api_as(pair.manager), f"/introductions/{signed(pair).pk}/deal"
    answers = at_once(*[lambda: api("POST", path, DEAL, **keyed())] * 3)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Deal.objects.count() == 1


def test_answers_are_forgotten_after_a_day(api_as: Caller) -> None:
    dealing = make_dealing().contracted()
    api, path = api_as(dealing.pair.manager), f"/deals/{dealing.deal.pk}/milestones"
    api("POST", path, MILESTONE, **keyed())
    GivenAnswer.objects.update(at=timezone.now() - ANSWERS_KEPT - timedelta(minutes=1))
    api("POST", path, MILESTONE, **keyed(2))
    prune_changes(timestamp=0)
    assert list(GivenAnswer.objects.values_list("key", flat=True)) == ["key-2"]
    assert answers_prune(before=timezone.now() + timedelta(minutes=1)) == 1
