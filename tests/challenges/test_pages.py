"""The pages of calls, nominations, reviews and the list: who sees what, and what happens when a form is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.challenges.support import (
    CALL,
    NOMINATION,
    Screening,
    make_call,
    make_challenge,
    make_open_call,
    make_screening,
    points,
    submit,
)
from tests.deals.test_pages import press
from tests.deals.test_pages import read as read_as
from tests.factories import make_need, make_organisation, make_user, publish
from yunlang.accounts.roles import Role
from yunlang.challenges.models import Call, Challenge, Nomination, ReviewAssignment, Reviewer, ReviewRound
from yunlang.registry.models import Expert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
RUBRIC = {
    "criterion_code": ["demand", "benefit", ""], "criterion_zh": ["需求", "效益", ""],
    "criterion_en": ["Demand", "Benefit", ""], "criterion_weight": ["60", "40", ""],
}  # fmt: skip


@pytest.fixture
def screening(corridor: object) -> Screening:
    """Return a call in screening."""
    return make_screening()


@pytest.fixture
def office(corridor: object) -> Any:
    """Return somebody of the office."""
    return make_user(Role.OFFICE)


def read(client: Client, who: Any, address: str, status: int = 200) -> str:
    """Return a page as somebody reads it; nobody in particular where `who` is None."""
    if who is not None:
        return read_as(client, who, address, status)
    client.logout()
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def running(call: Call) -> Call:
    """Have a call of the tests' own calendar run today."""
    now = timezone.now()
    Call.objects.filter(pk=call.pk).update(
        opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1),
        screening_until=now + timedelta(days=2),
    )  # fmt: skip
    call.refresh_from_db()
    return call


# The public list


def test_the_list_is_public_narrowed_by_its_address_and_says_what_it_comes_to(client: Client) -> None:
    made = make_challenge()
    running(make_open_call(title="正在进行的征集"))
    html = read(client, None, "/challenges/")
    assert made.title in html
    assert "正在进行的征集" in html
    assert "300 万元" in html
    assert made.title in read(client, None, "/challenges/?area=new_materials&budget_class=1m_5m&status=published")
    for elsewhere in ("area=biomedicine", "budget_class=from_10m", "status=concluded"):
        assert made.title not in read(client, None, f"/challenges/?{elsewhere}")


def test_a_challenge_shows_what_is_asked_and_what_it_is_worth(client: Client) -> None:
    made = make_challenge()
    html = read(client, None, f"/challenges/{made.pk}/")
    for told in (made.title, made.acceptance_criteria, "300 万元", "18 个月", "2027-01-31 23:59"):
        assert told in html
    assert "Review" not in html


def test_the_list_asks_as_many_questions_however_long_it_is(client: Client) -> None:
    make_challenge()

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            read(client, None, "/challenges/")
        return len(asked)

    read(client, None, "/challenges/")
    few = questions()
    for _ in range(2):
        make_challenge()
    assert Challenge.objects.count() == 3
    assert questions() == few


# Calls


def test_the_office_drafts_edits_and_announces_a_call(client: Client, office: Any) -> None:
    refused = press(
        client, office, "/challenges/calls/new/", 422, **CALL, **RUBRIC | {"criterion_weight": ["60", "30", ""]}
    )
    assert "90.00" in refused
    assert 'value="Benefit"' in refused
    press(client, office, "/challenges/calls/new/", **CALL, **RUBRIC)
    call = Call.objects.get()
    assert [row["weight"] for row in call.rubric] == ["60.00", "40.00"]
    assert 'value="2026-11-30"' in read(client, office, f"/challenges/calls/{call.pk}/edit/")
    press(client, office, f"/challenges/calls/{call.pk}/edit/", **CALL | {"title": "改名的征集"}, **RUBRIC)
    read(client, None, f"/challenges/calls/{call.pk}/", 404)
    running(call)
    press(client, office, f"/challenges/calls/{call.pk}/open/")
    html = read(client, None, f"/challenges/calls/{call.pk}/")
    assert "改名的征集" in html
    assert "60.00" in html
    assert "/withdraw/" not in html


def test_calls_are_kept_by_the_office_alone(client: Client, screening: Screening) -> None:
    member = make_user()
    for path in ("/challenges/calls/new/", f"/challenges/calls/{screening.call.pk}/publish/",
                 f"/challenges/rounds/{screening.round.pk}/", "/challenges/reviewers/"):  # fmt: skip
        read(client, member, path, 403)
        assert read(client, screening.office, path)


def test_a_call_is_withdrawn_with_its_reason_shown(client: Client, office: Any) -> None:
    call = make_call()
    press(client, office, f"/challenges/calls/{call.pk}/withdraw/", 422, reason="")
    assert "预算未落实" in press(client, office, f"/challenges/calls/{call.pk}/withdraw/", reason="预算未落实")


# Nominations


def test_a_member_puts_a_need_forward_from_its_page_and_takes_it_back(client: Client) -> None:
    owner = make_user()
    need, call = publish(make_need(make_organisation(owner=owner), industry="new_materials")), running(make_open_call())
    address = f"/needs/{need.pk}/nominate/"
    assert address in read(client, owner, f"/needs/{need.pk}/")
    stranger = make_user()
    assert address not in read(client, stranger, f"/needs/{need.pk}/")
    read(client, stranger, address, 403)
    assert 'name="acceptance_criteria"' in read(client, owner, address)
    refused = press(client, owner, address, 422, call=call.pk, **NOMINATION | {"acceptance_criteria": ""})
    assert 'href="#field-acceptance_criteria"' in refused
    html = press(client, owner, address, call=call.pk, **NOMINATION)
    made = Nomination.objects.get()
    assert NOMINATION["acceptance_criteria"] in html
    read(client, stranger, f"/nominations/{made.pk}/", 404)
    assert need.title in read(client, owner, f"/challenges/calls/{call.pk}/")
    assert need.title not in read(client, stranger, f"/challenges/calls/{call.pk}/")
    assert f"/nominations/{made.pk}/" in read(client, owner, "/workbench/")
    press(client, owner, f"/nominations/{made.pk}/withdraw/")
    made.refresh_from_db()
    assert made.status == "withdrawn"


def test_who_may_choose_among_calls_is_shown_those_open_to_the_need(client: Client) -> None:
    owner = make_user()
    need = publish(make_need(make_organisation(owner=owner)))
    address = f"/needs/{need.pk}/nominate/"
    assert "现在没有可申报的征集" in read(client, owner, address)
    first, second = (running(make_open_call(title=title)) for title in ("第一批", "第二批"))
    html = read(client, owner, address)
    assert "第一批" in html
    assert "第二批" in html
    press(client, owner, address, call=second.pk, **NOMINATION)
    html = read(client, owner, address)
    assert f'href="?call={first.pk}"' in html
    assert f'href="?call={second.pk}"' not in html


def test_an_applicant_is_not_told_the_decision_before_the_list(client: Client, screening: Screening) -> None:
    screening.close()
    screening.decide()
    address = f"/nominations/{screening.nominations[0].pk}/"
    html = read(client, screening.owner, address)
    assert "指标清楚" not in html
    assert "已入选" not in html
    assert "已入选" in read(client, screening.office, address)
    screening.publish()
    html = read(client, screening.owner, address)
    assert "指标清楚" in html
    assert "已入选" in html


# Reviews


def test_an_expert_is_invited_and_accepts(client: Client, office: Any) -> None:
    expert = Expert.objects.create(organisation=make_organisation(), name="赵评审")
    account = make_user()
    assert f"?expert={expert.pk}" in read(client, office, "/challenges/reviewers/?name=赵")
    refused = press(client, office, "/challenges/reviewers/", 422, expert=expert.pk, email="nobody@example.org")
    assert "没有这个邮箱的账户" in refused
    press(client, office, "/challenges/reviewers/", expert=expert.pk, email=account.email)
    made = Reviewer.objects.get()
    assert "待评审" in read(client, account, "/workbench/")
    assert str(made.pk) in read(client, account, "/reviews/")
    press(client, account, f"/reviews/invitations/{made.pk}/", answer="accept")
    made.refresh_from_db()
    assert made.status == "accepted"


def test_a_review_is_blind_saves_as_it_goes_and_is_submitted(client: Client, screening: Screening) -> None:
    one = next(one for one in screening.assignments if one.subject_id == screening.nominations[0].pk)
    user, address = one.reviewer.user, f"/reviews/{one.pk}/"
    html = read(client, user, address)
    assert screening.nominations[0].need.title in html
    assert screening.organisation.name not in html
    client.force_login(user)
    saved = client.post(address, {"points_demand": "88.5"}, headers={"hx-request": "true"}).content.decode()
    assert "保存" in saved
    assert "<html" not in saved
    wrong = client.post(address, {"points_demand": "101"}, headers={"hx-request": "true"}).content.decode()
    assert "尚未保存" in wrong
    assert 'value="88.5"' in read(client, user, address)
    refused = press(client, user, address, 422, do="submit", points_demand="88.5")
    assert 'href="#field-points_novelty"' in refused
    assert 'value="88.5"' in refused
    press(client, user, address, do="submit", **points("88.5", 70, 60))
    one.refresh_from_db()
    assert one.status == "submitted"
    assert 'name="points_demand"' not in read(client, user, address)


def test_a_review_is_nobody_elses_and_a_conflict_hides_its_subject(client: Client, screening: Screening) -> None:
    one = screening.assignments[0]
    other = next(found for found in screening.reviewers if found.pk != one.reviewer_id)
    for stranger in (other.user, screening.office, screening.owner):
        read(client, stranger, f"/reviews/{one.pk}/", 404)
    press(client, one.reviewer.user, f"/reviews/{one.pk}/conflict/", 422, reason="")
    press(client, one.reviewer.user, f"/reviews/{one.pk}/conflict/", reason="曾任其顾问")
    html = read(client, one.reviewer.user, f"/reviews/{one.pk}/")
    assert "曾任其顾问" in html
    assert "验收指标" not in html


def test_the_office_goes_from_the_draw_to_the_list(client: Client) -> None:
    screening = make_screening(assigned=False)
    ReviewRound.objects.update(began_at=timezone.now() - timedelta(days=1))
    office, page = screening.office, f"/challenges/rounds/{screening.round.pk}/"
    assert "还缺 4 份" in read(client, office, page)
    press(client, office, f"{page}assign/")
    assert "还缺" not in read(client, office, page)
    assert "还不能截止" in press(client, office, f"{page}close/")
    for one, demand in zip(ReviewAssignment.objects.order_by("subject_id", "pk"), (90, 80, 60, 50), strict=True):
        submit(one, demand, 70, 60)
    press(client, office, f"{page}close/")
    html = read(client, office, page)
    assert screening.nominations[0].need.title in html
    for nomination, decision, note in zip(screening.nominations, ("in", "out"), ("", "重复"), strict=True):
        address = f"/nominations/{nomination.pk}/"
        assert "/decide/" in read(client, office, address)
        press(client, office, f"{address}decide/", 422, decision="out", note="")
        press(client, office, f"{address}decide/", decision=decision, note=note)
    publishing = f"/challenges/calls/{screening.call.pk}/publish/"
    chosen = screening.nominations[0].pk
    typed = {"proposals_close_on": "2099-01-31", f"{chosen}-title": "长循环电解液", f"{chosen}-winners_at_most": "2"}
    press(client, office, publishing, 422, **typed | {f"{chosen}-title": ""})
    assert "长循环电解液" in press(client, office, publishing, **typed)
    assert Challenge.objects.get().winners_at_most == 2


def test_an_outlier_and_a_conflict_are_pointed_out(client: Client) -> None:
    screening = make_screening(assigned=False)
    type(screening.round).objects.update(reviewers_per_item=3)
    Expert.objects.filter(pk=screening.reviewers[0].expert_id).update(organisation=make_organisation())
    page = f"/challenges/rounds/{screening.round.pk}/"
    press(client, screening.office, f"{page}assign/")
    of_first = ReviewAssignment.objects.filter(subject_id=screening.nominations[0].pk)
    for one, points_given in zip(of_first, (80, 81, 30), strict=True):
        submit(one, points_given, points_given, points_given)
    Expert.objects.filter(pk=screening.reviewers[0].expert_id).update(organisation=screening.organisation)
    html = read(client, screening.office, page)
    assert html.count(">偏离</span>") == 1
