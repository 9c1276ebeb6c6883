"""Lots and bids by API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_problems import problem
from tests.auctions.support import Floor, make_lot, serve_time
from tests.factories import make_user
from yunlang.auctions.lot_states import lot_state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]


@pytest.fixture
def floor(corridor: object, monkeypatch: pytest.MonkeyPatch) -> Floor:
    opened = Floor()
    opened.tick(0)
    serve_time(monkeypatch, opened.clock)
    return opened


def bid(api: Api, floor: Floor, amount: str, key: str = "k1", **more: Any) -> Any:
    return api("POST", f"/lots/{floor.id}/bids", {"amount": amount} | more, **{"idempotency-key": key})


def test_a_bid_is_taken_and_tells_where_the_lot_stands(api_as: Caller, floor: Floor) -> None:
    taken = bid(api_as(floor.members["01"]), floor, "8950000").json()
    assert (taken["status"], taken["sequence"], taken["is_repeated"]) == (
        "accepted",
        lot_state(floor.id).sequence,
        False,
    )
    assert (taken["lot"]["leader"], taken["lot"]["price"], taken["lot"]["least"]) == ("01", "8950000.00", "9000000.00")


def test_the_same_key_gets_the_same_answer_whatever_happened_since(api_as: Caller, floor: Floor) -> None:
    first = bid(api_as(floor.members["01"]), floor, "8950000.00").json()
    bid(api_as(floor.members["02"]), floor, "9000000.00")
    floor.clock.at(5)
    again = bid(api_as(floor.members["01"]), floor, "8950000.00").json()
    assert {name: again[name] for name in ("status", "sequence", "at")} == {
        name: first[name] for name in ("status", "sequence", "at")
    }
    assert (again["is_repeated"], again["lot"]["leader"]) == (True, "02")
    problem(bid(api_as(floor.members["01"]), floor, "9999999.00"), 409, "key_reused")


def test_a_refusal_is_a_problem_with_the_engines_code(api_as: Caller, floor: Floor) -> None:
    api = api_as(floor.members["01"])
    refused = problem(bid(api, floor, "1.00"), 409, "too_low")
    assert "8950000.00" in refused["message"]["en"]
    problem(bid(api, floor, "1.00"), 409, "too_low")
    problem(bid(api_as(make_user()), floor, "8950000"), 403, "no_paddle")
    problem(api("POST", f"/lots/{floor.id}/retractions", {}, **{"idempotency-key": "k2"}), 409, "not_retractable")


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"amount": 8950000}, "k"), ({"amount": "1e7"}, "k"), ({"amount": "1.001"}, "k"), ({}, "k"),
        ({"amount": "0"}, "k"), ({"amount": "1", "proxy": "yes"}, "k"), ({"amount": "1", "quantity": 0}, "k"),
        ({"amount": "1", "price": "1"}, "k"), ({"amount": "1"}, ""), ({"amount": "1"}, "x" * 101),
    ],
)  # fmt: skip
def test_what_is_no_bid_is_refused_with_its_place(api_as: Caller, floor: Floor, body: Any, key: str) -> None:
    headers = {"idempotency-key": key} if key else {}
    answer = api_as(floor.members["01"])("POST", f"/lots/{floor.id}/bids", body, **headers)
    assert answer.status_code == 422, answer.content


def test_anybody_reads_listed_lots_and_nothing_secret(api_as: Caller, floor: Floor) -> None:
    unlisted = make_lot()
    api = api_as()
    bid(api_as(floor.members["01"]), floor, "12345678.00", proxy=True)
    (row,) = api.get("/lots?phase=open").json()["items"]
    assert (row["id"], row["leader"]) == (str(floor.id), "01")
    assert api.get("/lots?phase=sold").json()["items"] == []
    detail = api.get(f"/lots/{floor.id}")
    events = api.get(f"/lots/{floor.id}/events?limit=2").json()
    rest = api.get(f"/lots/{floor.id}/events?after={events['next']}").json()
    assert (rest["events"][-1]["kind"], rest["next"]) == ("bid_placed", None)
    assert "12345678" not in f"{detail.content.decode()}{rest}"
    problem(api.get(f"/lots/{unlisted.pk}"), 404, "not_found")
    problem(bid(api, floor, "8950000"), 401, "sign_in_required")
