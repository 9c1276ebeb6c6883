"""Open challenges by API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import Api
from tests.challenges.support import make_call, make_challenge
from tests.factories import make_user
from yunlang.accounts.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]


def test_the_list_is_read_by_anybody_and_narrowed(api_as: Caller) -> None:
    made, anybody = make_challenge(), api_as()
    (row,) = anybody.get("/challenges?status=published&area=new_materials&budget=1m_5m").json()["items"]
    assert (row["id"], row["number"], row["budget"], row["winners_at_most"]) == (str(made.pk), 1, "3000000.00", 1)
    assert row["organisation"]["name"] == made.nomination.need.organisation.name
    for elsewhere in ("status=awarded", "area=biomedicine", "budget=from_10m"):
        assert anybody.get(f"/challenges?{elsewhere}").json()["items"] == []
    found = anybody.get(f"/challenges/{made.pk}").json()
    assert found["acceptance_criteria"] == made.acceptance_criteria
    assert found["title"]["zh"] == made.title
    assert anybody.get(f"/challenges/{made.call_id}").status_code == 404


def test_drafts_of_calls_are_the_offices(api_as: Caller) -> None:
    announced, draft = make_challenge().call, make_call()
    (row,) = api_as().get("/calls?status=listed").json()["items"]
    assert (row["id"], row["areas"]) == (str(announced.pk), ["new_materials", "new_energy"])
    found = api_as().get(f"/calls/{announced.pk}").json()
    assert [one["weight"] for one in found["rubric"]] == ["40.00", "35.50", "24.50"]
    assert api_as().get(f"/calls/{draft.pk}").status_code == 404
    office = api_as(make_user(Role.OFFICE))
    assert office.get(f"/calls/{draft.pk}").status_code == 200
    assert len(office.get("/calls").json()["items"]) == 2
