"""Introductions by API: the same rules as on the pages, in JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.deals.support import Deal, make_deal
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]


@pytest.fixture
def deal(corridor: object) -> Deal:
    """Return a need and a resource of two organisations, their people, and a manager."""
    return make_deal()


def propose(api: Api, deal: Deal, **changes: Any) -> Any:
    body = {"need": str(deal.need.pk), "offer_kind": "resource", "offer": str(deal.resource.pk)} | changes
    return api("POST", "/introductions", body)


def test_the_whole_way_by_api(api_as: Caller, deal: Deal) -> None:
    manager, needing, offering = api_as(deal.manager), api_as(deal.needing), api_as(deal.offering)
    made = propose(manager, deal, reason="配方对口", due="2099-01-31")
    assert made.status_code == 201
    found = made.json()
    assert (found["status"], found["due"], found["manager"]["name"]) == ("proposed", "2099-01-31", deal.manager.name)
    assert [task["code"] for task in found["tasks"]] == ["ask_need", "ask_offer"]
    address = f"/introductions/{found['id']}"
    assert needing("POST", f"{address}/steps/accept", {}).json()["need_side"]["agreed_at"]
    assert offering("POST", f"{address}/steps/accept", {}).json()["status"] == "accepted"
    assert manager("PUT", f"{address}/due", {"due": "2099-01-15"}).json()["tasks"][0]["due"] == "2099-01-15"
    assert manager("POST", f"{address}/steps/meet", {"due": "2099-02-28"}).json()["due"] == "2099-02-28"
    added = manager("POST", f"{address}/tasks", {"title": "寄样品", "due": "2099-02-01"})
    assert added.status_code == 201
    tasks = manager.get("/tasks").json()
    assert [task["title"]["zh"] for task in tasks] == ["寄样品", "报告洽谈结果"]
    assert manager("POST", f"/tasks/{added.json()['id']}/finish").json()["done_at"]
    assert manager("POST", f"{address}/steps/sign", {}).json()["signed_at"]
    listed = needing.get("/introductions?status=signed").json()["items"]
    assert [row["id"] for row in listed] == [found["id"]]
    assert needing.get("/introductions?status=proposed").json()["items"] == []
    assert needing.get(f"/introductions?need={deal.resource.pk}").json()["items"] == []


def test_refusals_are_problem_details(api_as: Caller, deal: Deal) -> None:
    manager = api_as(deal.manager)
    address = f"/introductions/{propose(manager, deal).json()['id']}"
    again = propose(manager, deal)
    assert (again.status_code, again.json()["code"]) == (409, "introduction_exists")
    declined = manager("POST", f"{address}/steps/decline", {})
    assert declined.status_code == 422
    assert declined.json()["errors"][0]["pointer"] == "#/reason"
    strange = manager("POST", f"{address}/steps/sign", {"reason": "好"})
    assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (422, "#/reason")
    early = manager("POST", f"{address}/steps/sign", {})
    assert (early.status_code, early.json()["code"]) == (409, "introduction_step_impossible")
    other_side = api_as(deal.needing)("POST", f"{address}/steps/accept", {"side": "offer"})
    assert other_side.status_code == 403


def test_whom_it_does_not_concern_it_does_not_exist(api_as: Caller, deal: Deal) -> None:
    address = f"/introductions/{propose(api_as(deal.manager), deal).json()['id']}"
    stranger = api_as(make_user())
    assert stranger.get(address).status_code == 404
    assert stranger("POST", f"{address}/steps/decline", {"reason": "不该"}).status_code == 404
    assert stranger.get("/introductions").json()["items"] == []
    assert stranger.get("/tasks").json() == []
    assert propose(stranger, deal).status_code == 403
    for path in ("/introductions", address, "/tasks"):
        assert api_as().get(path).status_code == 401


def test_a_manager_takes_over(api_as: Caller, deal: Deal) -> None:
    address = f"/introductions/{propose(api_as(deal.needing), deal).json()['id']}"
    manager = api_as(deal.manager)
    assert manager("PUT", f"{address}/manager", {"manager": str(deal.needing.pk)}).status_code == 422
    assert manager("PUT", f"{address}/manager", {"manager": str(deal.manager.pk)}).status_code == 204
    assert manager.get(address).json()["manager"]["id"] == str(deal.manager.pk)
