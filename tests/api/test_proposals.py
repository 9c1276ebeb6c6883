"""Own proposals by API: that they are there; what they say only once they are opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import Api
from tests.challenges.proposal_support import make_contest
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
Caller = Callable[..., Api]


def test_members_read_that_their_proposal_is_there_and_nobody_what_it_says_before_the_opening(api_as: Caller) -> None:
    contest = make_contest()
    made = contest.submit()
    for person in (contest.proposers[0].user, contest.office):
        told = api_as(person).get(f"/proposals/{made.pk}").json()
        assert (told["status"], told["receipt"]) == ("submitted", made.receipt)
        assert (told["content"], told["files"], told["title"], told["asked"]) == (None, [], None, None)
    assert api_as(contest.office).get("/proposals").json()["items"] == []
    (row,) = api_as(contest.proposers[0].user).get("/proposals").json()["items"]
    assert row["id"] == str(made.pk)
    for stranger in (make_user(), contest.needing, contest.proposers[1].user):
        assert api_as(stranger).get(f"/proposals/{made.pk}").status_code == 404
    assert api_as().get("/proposals").status_code == 401


def test_after_the_decision_a_proposal_tells_what_it_says_and_what_became_of_it(api_as: Caller) -> None:
    contest = make_contest()
    award = contest.awarded("300 万元", "")[0]
    told = api_as(contest.member_of(award)).get(f"/proposals/{award.proposal_id}").json()
    assert (told["award"], told["asked"]) == (str(award.deal_id), "3000000.00")
    assert told["content"]["title"] == told["title"] == "SECRET-TITLE 低成本路线"
    assert [one["name"] for one in told["files"]] == ["SECRET-NAME.pdf"]
    (lost,) = (one for one in contest.proposals if one.pk != award.proposal_id)
    assert api_as(contest.office).get(f"/proposals/{lost.pk}").json()["refusal_reason"] == "综合得分较低"
