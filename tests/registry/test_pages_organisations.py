"""Registering an organisation, joining one, and the workbench of those who belong to it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.registry.models import Membership, Need, Organisation
from yunlang.registry.services.listings import listing_return, listing_submit

pytestmark = pytest.mark.django_db

FACTS = {"name": "湖州示例新材料有限公司", "type": "company", "city": "330500", "products": "电解液；添加剂"}


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def _signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_workbench_of_who_belongs_nowhere_says_what_to_do_next() -> None:
    client = _signed_in(make_user())
    organisation = make_organisation(name="苏州某某装备有限公司")
    page = client.get("/workbench/").content.decode()
    assert "/organisations/new/" in page
    assert "/needs/new/" not in page
    found = client.get("/workbench/?name=某某装备").content.decode()
    assert f"/organisations/{organisation.pk}/join/" in found


@pytest.mark.parametrize("address", ["/workbench/", "/review/", "/organisations/new/", "/needs/new/"])
def test_pages_of_ones_own_ask_visitors_to_sign_in(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert "sign-in" in response["Location"]


def test_a_registration_is_kept_reviewed_and_drafts_may_begin() -> None:
    owner = make_user()
    client = _signed_in(owner)
    response = client.post("/organisations/new/", FACTS, follow=True)
    organisation = Organisation.objects.get(name=FACTS["name"])
    assert (organisation.status, organisation.city_id, organisation.products) == (
        "in_review",
        "330500",
        ["电解液", "添加剂"],
    )
    assert response.redirect_chain[0][0] == "/workbench/"
    assert "我是管理员" in response.content.decode()
    assert client.get("/needs/new/").context["organisation"] == organisation


def test_a_wrong_registration_keeps_what_was_typed() -> None:
    response = _signed_in(make_user()).post(
        "/organisations/new/", FACTS | {"credit_code": "91330500MA00000000", "type": ""}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#field-credit_code"' in page
    assert 'href="#field-type"' in page
    assert "湖州示例新材料有限公司" in page


def test_a_registered_name_leads_to_the_organisation_that_has_it() -> None:
    organisation = make_organisation(name=FACTS["name"])
    response = _signed_in(make_user()).post("/organisations/new/", FACTS)
    assert response.status_code == 409
    assert f"/organisations/{organisation.pk}/" in response.content.decode()


def test_an_administrator_changes_the_facts_and_a_member_does_not() -> None:
    owner, editor = make_user(), make_user()
    organisation = make_organisation(owner=owner, name=FACTS["name"])
    make_member(editor, organisation)
    address = f"/organisations/{organisation.pk}/edit/"
    assert _signed_in(editor).get(address).status_code == 403
    client = _signed_in(owner)
    page = client.get(address).content.decode()
    version = re.search(r'name="seen_at" value="([^"]+)"', page)[1]
    client.post(address, FACTS | {"sector": "电子化学品", "seen_at": version})
    organisation.refresh_from_db()
    assert organisation.sector == "电子化学品"
    late = client.post(address, FACTS | {"sector": "别的", "seen_at": version})
    assert late.status_code == 409
    assert 'value="别的"' in late.content.decode()


def test_asking_to_join_being_confirmed_and_leaving() -> None:
    owner, newcomer = make_user(), make_user(name="新来的")
    organisation = make_organisation(owner=owner)
    client = _signed_in(newcomer)
    assert "申请加入" in client.get(f"/organisations/{organisation.pk}/").content.decode()
    client.post(f"/organisations/{organisation.pk}/join/")
    membership = Membership.objects.get(user=newcomer)
    assert membership.state == "pending"
    assert "等待确认" in client.get(f"/organisations/{organisation.pk}/").content.decode()
    assert client.post(f"/members/{membership.pk}/confirm/").status_code == 403
    keeper = _signed_in(owner)
    assert "1 人申请加入" in keeper.get("/workbench/").content.decode()
    keeper.post(f"/members/{membership.pk}/confirm/")
    membership.refresh_from_db()
    assert membership.state == "active"
    client.post(f"/members/{membership.pk}/remove/")
    assert not Membership.objects.filter(user=newcomer).exists()


def test_the_last_administrator_stays() -> None:
    owner = make_user()
    make_organisation(owner=owner)
    membership = Membership.objects.get()
    response = _signed_in(owner).post(f"/members/{membership.pk}/remove/", follow=True)
    assert "至少要保留一名管理员" in response.content.decode()
    assert Membership.objects.exists()


def test_a_member_is_made_administrator_and_the_first_one_steps_down() -> None:
    owner, member = make_user(), make_user(name="接班人")
    organisation = make_organisation(owner=owner)
    first, second = Membership.objects.get(), make_member(member, organisation)
    client = _signed_in(owner)
    assert f"/members/{second.pk}/role/" in client.get("/workbench/").content.decode()
    refused = client.post(f"/members/{first.pk}/role/", {"role": "editor"}, follow=True)
    assert "至少要保留一名管理员" in refused.content.decode()
    done = client.post(f"/members/{second.pk}/role/", {"role": "owner"}, follow=True)
    assert "接班人 现在是管理员。" in done.content.decode()
    client.post(f"/members/{first.pk}/role/", {"role": "editor"})
    assert dict(Membership.objects.values_list("user", "role")) == {owner.pk: "editor", member.pk: "owner"}
    assert client.post(f"/members/{second.pk}/role/", {"role": "editor"}).status_code == 403
    wrong = _signed_in(member).post(f"/members/{first.pk}/role/", {"role": "emperor"}, follow=True)
    assert "请选择角色" in wrong.content.decode()


def test_who_waits_for_confirmation_is_offered_no_role() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    asked = Membership.objects.create(user=make_user(), organisation=organisation)
    client = _signed_in(owner)
    assert f"/members/{asked.pk}/role/" not in client.get("/workbench/").content.decode()
    refused = client.post(f"/members/{asked.pk}/role/", {"role": "owner"}, follow=True)
    assert "请先确认该成员" in refused.content.decode()


def test_a_strangers_membership_is_neither_confirmed_nor_ended() -> None:
    make_organisation(owner=make_user())
    membership = Membership.objects.get()
    stranger = _signed_in(make_user())
    for step in ("confirm", "role", "remove"):
        assert stranger.post(f"/members/{membership.pk}/{step}/", {"role": "editor"}).status_code == 403
        assert stranger.post(f"/members/{10**30}/{step}/").status_code == 404
        assert stranger.get(f"/members/{membership.pk}/{step}/").status_code == 405


def test_members_see_no_list_of_members_and_visitors_neither(client: Client) -> None:
    owner, editor = make_user(), make_user()
    organisation = make_organisation(owner=owner)
    make_member(editor, organisation)
    assert owner.email not in _signed_in(editor).get("/workbench/").content.decode()
    assert owner.email not in client.get(f"/organisations/{organisation.pk}/").content.decode()
    assert editor.email in _signed_in(owner).get("/workbench/").content.decode()


def test_the_workbench_shows_what_came_back_and_counts_by_status() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    returned = make_need(organisation, title="被退回的需求")
    listing_submit(actor=owner, model=Need, listing_id=returned.pk, at=timezone.now())
    listing_return(actor=SYSTEM, model=Need, listing_id=returned.pk, note="指标不清", at=timezone.now())
    publish(make_need(organisation, title="已发布的需求"))
    make_need(title="别家的草稿")
    client = _signed_in(owner)
    page = client.get("/workbench/").content.decode()
    assert "指标不清" in page
    assert f"/needs/{returned.pk}/edit/" in page
    assert "别家的草稿" not in page
    published = client.get("/workbench/?list=need&status=published")
    assert [listing.title for listing, _, _ in published.context["rows"]] == ["已发布的需求"]
    assert {key: number for key, _, number, _ in published.context["statuses"] if number} == {
        "draft": 1,
        "published": 1,
    }
    assert client.get("/workbench/?list=x&status=y&page=z&name=%F0%9F%98%80").status_code == 200


def test_a_fuller_workbench_asks_the_database_no_more() -> None:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    make_need(organisation)
    client = _signed_in(owner)
    client.get("/workbench/")
    with CaptureQueriesContext(connection) as few:
        client.get("/workbench/")
    for _ in range(25):
        make_need(organisation)
        make_member(make_user(), organisation)
    make_organisation(owner=owner)
    with CaptureQueriesContext(connection) as many:
        client.get("/workbench/")
    assert len(many) == len(few)


def test_a_detail_page_asks_the_database_no_more_for_a_busier_organisation(client: Client) -> None:
    organisation = make_organisation()
    publish(make_need(organisation))
    publish(make_resource(organisation))
    address = f"/organisations/{organisation.pk}/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(5):
        publish(make_need(organisation))
        publish(make_resource(organisation))
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_a_manager_works_for_others_without_belonging_anywhere() -> None:
    manager = make_user(Role.MANAGER)
    need = make_need(actor=manager, title="代为起草")
    page = _signed_in(manager).get("/workbench/").content.decode()
    assert "代为起草" in page
    assert f"/needs/{need.pk}/submit/" in page
