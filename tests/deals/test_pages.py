"""The pages of introductions: who sees which, what they offer, and what happens when somebody presses a button."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.deals.support import Deal, make_deal
from tests.factories import make_resource, make_user, publish
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.deals.models import Introduction, Task
from yunlang.deals.services import introduction_decline, task_add
from yunlang.kit.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def deal(corridor: object) -> Deal:
    """Return a need and a resource of two organisations, their people, and a manager."""
    return make_deal()


@pytest.fixture
def introduction(deal: Deal) -> Introduction:
    """Return an introduction proposed just now."""
    return deal.propose(reason="配方对口", at=timezone.now())


def read(client: Client, who: User, address: str, status: int = 200, language: str = "zh-hans") -> str:
    client.force_login(who)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def press(client: Client, who: User, address: str, status: int = 200, **typed: Any) -> str:
    client.force_login(who)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    response = client.post(address, typed, follow=True)
    assert response.status_code == status, address
    return response.content.decode()


def buttons(html: str) -> list[str]:
    main = html[html.index("<main") :]
    return [re.sub("<[^>]*>", "", found) for found in re.findall(r"<button[^>]*>(.*?)</button>", main)]


def form_address(deal: Deal, **changes: Any) -> str:
    values = {"need": deal.need.pk, "kind": "resource", "offer": deal.resource.pk} | changes
    return "/introductions/new/?" + "&".join(f"{name}={value}" for name, value in values.items())


# Proposing


def test_a_manager_proposes_with_a_reason_and_a_day(client: Client, deal: Deal) -> None:
    html = read(client, deal.manager, form_address(deal))
    for words in (deal.need.title, deal.resource.title, "推荐理由", "下一步期限"):
        assert words in html
    html = press(
        client, deal.manager, "/introductions/new/", need=deal.need.pk, kind="resource", offer=deal.resource.pk,
        reason="配方对口", due="2099-01-31",
    )  # fmt: skip
    made = Introduction.objects.get()
    assert "已提出对接" in html
    assert "2099-01-31 前" in html
    assert (made.reason, made.manager) == ("配方对口", deal.manager)


def test_what_was_typed_stays_where_it_is_refused(client: Client, deal: Deal) -> None:
    html = press(
        client, deal.manager, "/introductions/new/", 422, need=deal.need.pk, kind="resource", offer=deal.resource.pk,
        reason="配方对口", due="2020-01-31",
    )  # fmt: skip
    assert "配方对口" in html
    assert 'value="2020-01-31"' in html
    assert 'href="#field-due"' in html


def test_a_second_introduction_of_the_two_is_refused_with_the_way_to_the_first(
    client: Client, deal: Deal, introduction: Introduction
) -> None:
    html = press(
        client, deal.manager, "/introductions/new/", 409, need=deal.need.pk, kind="resource", offer=deal.resource.pk
    )
    assert "已有一项对接在办" in html
    assert 'href="/introductions/"' in html


@pytest.mark.parametrize("changes", [{"need": "x"}, {"offer": ""}, {"offer": new_id()}])
def test_an_address_that_names_nothing_is_not_found(client: Client, deal: Deal, changes: dict[str, Any]) -> None:
    read(client, deal.manager, form_address(deal, **changes), 404)


def test_strangers_and_auditors_are_sent_away(client: Client, deal: Deal) -> None:
    for who in (make_user(), make_user(Role.AUDITOR)):
        read(client, who, form_address(deal), 403)
    read(client, deal.needing, form_address(deal))


# One introduction


def test_each_side_sees_it_and_is_offered_its_answer(client: Client, deal: Deal, introduction: Introduction) -> None:
    address = f"/introductions/{introduction.pk}/"
    for who in (deal.needing, deal.offering):
        html = read(client, who, address)
        assert buttons(html) == ["同意对接", "结束对接"]
        assert "配方对口" in html
    for who in (make_user(), make_user(Role.MANAGER)):
        read(client, who, address, 404)
    assert buttons(read(client, make_user(Role.AUDITOR), address)) == []


def test_the_manager_is_offered_what_comes_next(client: Client, deal: Deal, introduction: Introduction) -> None:
    address = f"/introductions/{introduction.pk}/"
    html = read(client, deal.manager, address)
    assert buttons(html)[:3] == ["记录需求方同意", "记录供给方同意", "结束对接"]
    press(client, deal.needing, f"{address}accept/")
    press(client, deal.manager, f"{address}accept/", side="offer")
    html = read(client, deal.manager, address)
    assert buttons(html)[0] == "记录会面"
    html = press(client, deal.manager, f"{address}meet/", due="2099-01-31")
    assert "2099-01-31 前" in html
    html = press(client, deal.manager, f"{address}sign/")
    assert "已签约" in html
    assert "记录签约" not in buttons(html)
    for words in ("提出对接", "需求方同意", "供给方同意", "记录会面", "签约"):
        assert words in html[html.index("办理记录") :]


def test_a_refusal_says_why_to_both(client: Client, deal: Deal, introduction: Introduction) -> None:
    address = f"/introductions/{introduction.pk}/"
    assert "必填" in press(client, deal.offering, f"{address}decline/", reason=" ")
    press(client, deal.offering, f"{address}decline/", reason="产能已满")
    for who in (deal.needing, deal.manager):
        html = read(client, who, address)
        assert "未成的原因" in html
        assert "产能已满" in html
        assert buttons(html) == []
    assert "不再需要" in html


def test_a_step_that_came_too_late_says_so(client: Client, deal: Deal, introduction: Introduction) -> None:
    introduction_decline(actor=deal.manager, introduction_id=introduction.pk, reason="已满", at=timezone.now())
    assert "不能执行这一步" in press(client, deal.needing, f"/introductions/{introduction.pk}/accept/")


def test_a_form_cannot_be_sent_for_what_the_reader_may_not_see(client: Client, introduction: Introduction) -> None:
    for step in ("accept", "decline", "assign", "tasks"):
        press(client, make_user(), f"/introductions/{introduction.pk}/{step}/", 404, reason="不该")
    assert client.get(f"/introductions/{introduction.pk}/accept/").status_code == 405


def test_a_manager_takes_over_what_nobody_looks_after_and_hands_it_on(client: Client, deal: Deal) -> None:
    made = deal.propose(actor=deal.needing, at=timezone.now())
    address = f"/introductions/{made.pk}/"
    other = make_user(Role.MANAGER, name="接手人")
    assert "由我负责" in buttons(read(client, deal.manager, address))
    press(client, deal.manager, f"{address}assign/")
    html = read(client, deal.manager, address)
    assert "由我负责" not in buttons(html)
    assert "移交" in buttons(html)
    client.post(f"{address}assign/", {"manager": str(other.pk)})
    assert "由接手人负责" in read(client, other, address)
    read(client, deal.manager, address, 404)


def test_the_manager_names_another_day(client: Client, deal: Deal, introduction: Introduction) -> None:
    address = f"/introductions/{introduction.pk}/"
    html = press(client, deal.manager, f"{address}due/", due="2099-01-31")
    assert "已改期" in html
    assert "下一步改期至 2099-01-31" in html
    assert "日期已过" in press(client, deal.manager, f"{address}due/", due="2020-01-31")
    assert "改期</button>" not in read(client, deal.needing, address)


# Tasks


def test_the_manager_adds_and_finishes_tasks(client: Client, deal: Deal, introduction: Introduction) -> None:
    address = f"/introductions/{introduction.pk}/"
    assert "已添加任务" in press(client, deal.manager, f"{address}tasks/", title="寄样品", due="2099-01-31")
    refused = press(client, deal.manager, f"{address}tasks/", 422, title="寄样品", due="")
    assert 'href="#field-due"' in refused
    assert 'value="寄样品"' in refused
    task = Task.objects.get(title="寄样品")
    assert "任务已办结" in press(client, deal.manager, f"{address}tasks/{task.pk}/done/")
    assert "此前已办结" in press(client, deal.manager, f"{address}tasks/{task.pk}/done/")


def test_what_the_manager_does_for_it_is_not_shown_to_the_two_sides(
    client: Client, deal: Deal, introduction: Introduction
) -> None:
    address = f"/introductions/{introduction.pk}/"
    press(client, deal.manager, f"{address}tasks/", title="再催一次", due="2099-01-31")
    press(client, deal.manager, f"{address}tasks/{Task.objects.get(title='再催一次').pk}/done/")
    for who, times in ((deal.manager, 3), (make_user(Role.AUDITOR), 3), (deal.needing, 0), (deal.offering, 0)):
        assert read(client, who, address).count("再催一次") == times


def test_the_workbench_lists_the_managers_tasks_the_oldest_due_first(client: Client, deal: Deal) -> None:
    made = deal.propose(at=timezone.now())
    for title, due in (("晚的", "2099-02-01"), ("早的", "2098-02-01")):
        task_add(actor=deal.manager, introduction_id=made.pk, title=title, due=due, at=timezone.now())
    Task.objects.filter(title="早的").update(due="2026-01-01")
    html = read(client, deal.manager, "/workbench/")
    places = [html.index(words) for words in ("早的", "征询需求方意见", "晚的")]
    assert places == sorted(places)
    assert "已逾期：2026-01-01" in html
    assert "1 项已逾期" in html
    assert html.count("已逾期：") == 1


def test_the_workbench_shows_each_side_what_waits_for_its_answer(
    client: Client, deal: Deal, introduction: Introduction
) -> None:
    for who in (deal.needing, deal.offering):
        assert "等您答复的对接" in read(client, who, "/workbench/")
    press(client, deal.needing, f"/introductions/{introduction.pk}/accept/")
    assert "等您答复的对接" not in read(client, deal.needing, "/workbench/")
    assert "等您答复的对接" not in read(client, make_user(), "/workbench/")
    Introduction.objects.update(proposed_at="2025-12-01T00:00Z", need_agreed_at=None, due="2026-01-01")
    assert "已逾期：2026-01-01" in read(client, deal.needing, "/workbench/")


# The list


def test_the_list_shows_by_status_what_concerns_the_reader(client: Client, deal: Deal) -> None:
    first = deal.propose(at=timezone.now())
    other = publish(make_resource(deal.resource.organisation))
    deal.propose(offer_id=other.pk, at=timezone.now())
    introduction_decline(actor=deal.manager, introduction_id=first.pk, reason="已满", at=timezone.now())
    html = read(client, deal.manager, "/introductions/")
    assert "共 2 项，在办 1 项，已签约 0 项" in html
    html = read(client, deal.manager, "/introductions/?status=declined")
    assert deal.resource.title in html
    assert other.title not in html
    assert other.title in read(client, deal.manager, "/introductions/?status=nonsense&page=x")
    assert "还没有对接" in read(client, make_user(), "/introductions/")


def test_rows_cost_no_queries_of_their_own(client: Client, deal: Deal) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            deal.propose(offer_id=publish(make_resource(deal.resource.organisation)).pk, at=timezone.now())
        client.force_login(deal.manager)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/introductions/").status_code == 200
            assert client.get("/workbench/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("path", ["/introductions/", "/workbench/", "one", "form"])
def test_the_pages_are_english_too(client: Client, deal: Deal, introduction: Introduction, path: str) -> None:
    other = publish(make_resource(deal.resource.organisation))
    address = {"one": f"/introductions/{introduction.pk}/", "form": form_address(deal, offer=other.pk)}.get(path, path)
    html = read(client, deal.manager, address, language="en")
    main = html[html.index("<main") : html.index("</main>")]
    said = re.sub("<[^>]*>", "", main)
    for own in (deal.need.title, deal.resource.title, other.title, deal.need.organisation.name, "配方对口",
                deal.resource.organisation.name, deal.manager.name):  # fmt: skip
        said = said.replace(own, "")
    assert not CHINESE.findall(said)


def test_nobody_reads_anything_without_signing_in(client: Client, introduction: Introduction) -> None:
    for address in ("/introductions/", f"/introductions/{introduction.pk}/", "/introductions/new/"):
        response = client.get(address)
        assert response.status_code == 302
        assert "sign-in" in response["Location"]
