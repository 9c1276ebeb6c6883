"""Deals and the ledger by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.api.conftest import Api
from tests.deals.ledger_support import AT, PAID, make_dealing
from tests.factories import make_user
from yunlang.deals.core.ledger.canonical import digest
from yunlang.deals.ledger_models import JournalEntry, JournalHead
from yunlang.deals.ledger_publishing import heads_publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]


def test_each_side_reads_its_deal_with_its_journal(api_as: Caller) -> None:
    dealing = make_dealing().contracted()
    dealing.act("payment_record", payment=1, raw=PAID)
    make_dealing()
    for person in (dealing.pair.needing, dealing.pair.offering):
        api = api_as(person)
        (row,) = api.get("/deals").json()["items"]
        assert (row["id"], row["status"], row["amount"]) == (str(dealing.deal.pk), "performing", "1200000.00")
        found = api.get(f"/deals/{row['id']}").json()
        assert found["contract"]["paid"] == "400000.00"
        assert found["need_side"] == {
            "organisation": str(dealing.deal.need_side_id), "name": dealing.deal.need_name, "city": "330500",
        }  # fmt: skip
        assert (found["milestones"][0]["evidence"], found["payments"][0]["reference"]) == (None, PAID["reference"])
        assert [entry["sequence"] for entry in found["journal"]] == [5, 4, 3, 2, 1]
        assert found["journal"][0]["previous"] == found["journal"][1]["hash"]


def test_what_the_api_tells_of_an_entry_is_enough_to_check_its_hash(api_as: Caller) -> None:
    dealing = make_dealing()
    (entry,) = api_as(dealing.pair.needing).get(f"/deals/{dealing.deal.pk}").json()["journal"]
    stored = JournalEntry.objects.get()
    hashed = {name: entry[name] for name in ("sequence", "kind", "payload", "actor", "previous")}
    hashed |= {"subject": ["deal", str(dealing.deal.pk)], "at": stored.at, "version": 1}
    assert digest(hashed) == entry["hash"]


def test_a_deal_without_a_contract_has_none(api_as: Caller) -> None:
    dealing = make_dealing()
    found = api_as(dealing.pair.manager).get(f"/deals/{dealing.deal.pk}").json()
    assert (found["contract"], found["milestones"], found["payments"]) == (None, [], [])


def test_the_list_is_narrowed_and_nobody_sees_what_is_not_theirs(api_as: Caller) -> None:
    dealing = make_dealing()
    office = api_as(dealing.pair.office)
    assert len(office.get("/deals?status=agreed&kind=licence").json()["items"]) == 1
    assert office.get("/deals?status=completed").json()["items"] == []
    assert office.get("/deals?kind=award").json()["items"] == []
    stranger = api_as(make_user())
    assert stranger.get("/deals").json()["items"] == []
    assert stranger.get(f"/deals/{dealing.deal.pk}").status_code == 404
    assert api_as().get("/deals").status_code == 401


def test_anybody_reads_the_published_heads_and_checks_a_hash(api_as: Caller) -> None:
    make_dealing()
    made = heads_publish(at=AT + timedelta(days=2))
    api = api_as()
    first = api.get("/ledger/heads?limit=1").json()
    assert [day["root"] for day in first["items"]] == [made[1].root]
    head = JournalHead.objects.get().hash
    found = api.get(f"/ledger/heads/{head}").json()
    assert found == {"hash": head, "is_published": True, "day": "2026-11-23", "root": made[0].root}
    assert api.get(f"/ledger/heads/{'a' * 64}").json()["is_published"] is False
    assert api.get("/ledger/heads/xyz").status_code == 422
