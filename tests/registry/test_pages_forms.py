"""Posting a need or a resource: from the choice of an organisation to the public page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories import make_need, make_organisation, make_user
from yunlang.accounts.models import User
from yunlang.accounts.roles import Role
from yunlang.registry.models import Expert, Need, Organisation, Resource

pytestmark = pytest.mark.django_db

TYPED = {
    "title": "高镍三元动力电解液",
    "description": "4.4 V 下循环 500 次。",
    "budget": "200 万元",
    "city": "330500",
    "tags": "电池；电解液",
}


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


@pytest.fixture
def member() -> User:
    return make_user()


@pytest.fixture
def organisation(member: User) -> Organisation:
    return make_organisation(owner=member)


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    client.force_login(member)
    return client


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client) -> None:
    response = client.get("/needs/new/?kind=finance")
    assert response.status_code == 302
    assert "sign-in" in response["Location"]
    assert "next=/needs/new/" in response["Location"]


def test_who_belongs_nowhere_is_told_what_to_do_first(signed_in: Client) -> None:
    assert "您还没有加入机构" in signed_in.get("/needs/new/").content.decode()


def test_a_member_chooses_a_kind_and_gets_the_form_its_kind_asks_for(
    signed_in: Client, organisation: Organisation
) -> None:
    choose = signed_in.get("/resources/new/")
    assert choose.context["organisation"] == organisation
    assert "请选择类型" in signed_in.get(f"/resources/new/?organisation={organisation.pk}&continue=1").content.decode()
    form = signed_in.get(f"/resources/new/?organisation={organisation.pk}&kind=loan").content.decode()
    assert 'name="amount_maximum"' in form
    assert 'name="patent_number"' not in form
    assert 'name="kind" value="loan"' in form


def test_a_draft_is_made_previewed_submitted_and_withdrawn(signed_in: Client, organisation: Organisation) -> None:
    response = signed_in.post(
        "/needs/new/", TYPED | {"organisation": organisation.pk, "kind": "technology"}, follow=True
    )
    need = Need.objects.get()
    assert response.redirect_chain == [(f"/needs/{need.pk}/", 302)]
    assert (need.status, need.budget, need.tags, need.city_id) == ("draft", 2_000_000, ["电池", "电解液"], "330500")
    preview = response.content.decode()
    assert f"/needs/{need.pk}/submit/" in preview
    assert "只有本机构和走廊办公室看得到" in preview
    signed_in.post(f"/needs/{need.pk}/submit/")
    need.refresh_from_db()
    assert need.status == "in_review"
    signed_in.post(f"/needs/{need.pk}/withdraw/")
    need.refresh_from_db()
    assert need.status == "draft"


def test_nothing_typed_is_lost_when_something_is_wrong(signed_in: Client, organisation: Organisation) -> None:
    typed = TYPED | {"organisation": organisation.pk, "kind": "technology", "budget": "很多", "trl_minimum": "12"}
    response = signed_in.post("/needs/new/", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#field-budget"' in page
    assert 'href="#field-trl_minimum"' in page
    for text in ("高镍三元动力电解液", "4.4 V 下循环 500 次。", 'value="很多"', 'value="12"'):
        assert text in page
    assert not Need.objects.exists()


def test_several_choices_stay_chosen(signed_in: Client, organisation: Organisation) -> None:
    typed = {
        "organisation": organisation.pk,
        "kind": "achievement",
        "title": "",
        "transfer_modes": ["licence", "equity"],
    }
    page = signed_in.post("/resources/new/", typed).content.decode()
    assert len(re.findall(r'name="transfer_modes" value="(?:licence|equity)" checked', page)) == 2
    signed_in.post("/resources/new/", typed | {"title": "可许可的成果"})
    assert Resource.objects.get().details["transfer_modes"] == ["licence", "equity"]


def test_the_same_title_again_is_explained(signed_in: Client, organisation: Organisation, member: User) -> None:
    make_need(organisation, actor=member, title=TYPED["title"])
    response = signed_in.post("/needs/new/", TYPED | {"organisation": organisation.pk, "kind": "technology"})
    assert response.status_code == 409
    assert "同类同名" in response.content.decode()
    assert 'value="200 万元"' in response.content.decode()


def test_the_form_offers_the_organisations_experts(signed_in: Client, organisation: Organisation) -> None:
    Expert.objects.create(name="孙教授", organisation=organisation)
    Expert.objects.create(name="别家的教授", organisation=make_organisation())
    page = signed_in.get(f"/resources/new/?organisation={organisation.pk}&kind=achievement").content.decode()
    assert '<option value="孙教授">' in page
    assert "别家的教授" not in page


def test_an_incomplete_draft_comes_back_with_what_is_missing(
    signed_in: Client, organisation: Organisation, member: User
) -> None:
    need = make_need(organisation, actor=member, description="")
    response = signed_in.post(f"/needs/{need.pk}/submit/")
    assert response.status_code == 422
    assert 'href="#field-description"' in response.content.decode()
    assert f'action="/needs/{need.pk}/edit/"' in response.content.decode()


def _version(page: str) -> str:
    found = re.search(r'name="seen_at" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_form_saves_as_it_goes_and_makes_one_draft(signed_in: Client, organisation: Organisation) -> None:
    typed = {"organisation": organisation.pk, "kind": "technology", "title": "自动保存的需求"}
    first = signed_in.post("/needs/new/", typed, headers={"HX-Request": "true"})
    need = Need.objects.get()
    saved = first.content.decode()
    assert first["HX-Replace-Url"] == f"/needs/{need.pk}/edit/"
    assert "已于" in saved
    assert "<html" not in saved
    again = typed | {"draft": need.pk, "seen_at": _version(saved), "description": "补上的说明"}
    signed_in.post("/needs/new/", again, headers={"HX-Request": "true"})
    need.refresh_from_db()
    assert need.description == "补上的说明"
    assert Need.objects.count() == 1


def test_an_autosave_says_what_keeps_it_from_saving(signed_in: Client, organisation: Organisation) -> None:
    typed = {"organisation": organisation.pk, "kind": "technology", "title": "有一处不对", "budget": "x"}
    answer = signed_in.post("/needs/new/", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'href="#field-budget"' in answer.content.decode()
    assert not Need.objects.exists()


def test_two_editors_get_a_clear_message_and_lose_nothing(
    signed_in: Client, organisation: Organisation, member: User
) -> None:
    need = make_need(organisation, actor=member)
    address = f"/needs/{need.pk}/edit/"
    mine, theirs = (_version(signed_in.get(address).content.decode()) for _ in range(2))
    signed_in.post(address, TYPED | {"title": "同事改的", "seen_at": theirs})
    automatic = signed_in.post(address, TYPED | {"title": "我改的", "seen_at": mine}, headers={"HX-Request": "true"})
    assert "刚被他人修改过" in automatic.content.decode()
    response = signed_in.post(address, TYPED | {"title": "我改的", "seen_at": mine})
    assert response.status_code == 409
    page = response.content.decode()
    assert "他人刚修改过" in page
    assert "hx-post" not in page, "an autosave would overwrite without being asked"
    assert 'value="我改的"' in page
    need.refresh_from_db()
    assert need.title == "同事改的"
    signed_in.post(address, TYPED | {"title": "我改的", "seen_at": _version(page)})
    need.refresh_from_db()
    assert need.title == "我改的"


def test_a_published_need_is_closed_and_opened_again_before_it_changes(
    signed_in: Client, organisation: Organisation, member: User
) -> None:
    need = make_need(organisation, actor=member)
    office = Client()
    office.force_login(make_user(Role.OFFICE))
    signed_in.post(f"/needs/{need.pk}/submit/")
    office.post(f"/needs/{need.pk}/publish/")
    assert signed_in.get(f"/needs/{need.pk}/edit/")["Location"] == f"/needs/{need.pk}/"
    for step, status in (("close", "closed"), ("reopen", "draft")):
        signed_in.post(f"/needs/{need.pk}/{step}/")
        need.refresh_from_db()
        assert need.status == status


def test_a_step_that_is_not_possible_is_said_so(signed_in: Client, organisation: Organisation, member: User) -> None:
    need = make_need(organisation, actor=member)
    response = signed_in.post(f"/needs/{need.pk}/close/", follow=True)
    assert "不能执行这一步" in response.content.decode()
    assert signed_in.get(f"/needs/{need.pk}/close/").status_code == 405
    assert signed_in.post(f"/needs/{need.pk}/expire/").status_code == 404


def test_others_may_neither_edit_nor_step_nor_post_for_an_organisation(signed_in: Client) -> None:
    stranger = make_organisation(owner=make_user())
    need = make_need(stranger, title="别家的草稿")
    for method, address in (
        ("get", f"/needs/{need.pk}/edit/"), ("post", f"/needs/{need.pk}/edit/"), ("post", f"/needs/{need.pk}/submit/"),
        ("get", f"/needs/new/?organisation={stranger.pk}&kind=technology"),
    ):  # fmt: skip
        response = getattr(signed_in, method)(address)
        assert response.status_code == 403, address
        assert "别家的草稿" not in response.content.decode()
    typed = TYPED | {"organisation": stranger.pk, "kind": "technology"}
    assert signed_in.post("/needs/new/", typed).status_code == 403
    assert Need.objects.count() == 1


def test_a_draft_named_in_a_form_must_be_ones_own(signed_in: Client, organisation: Organisation) -> None:
    need = make_need(make_organisation(owner=make_user()), title="别家的草稿")
    typed = TYPED | {"organisation": organisation.pk, "kind": "technology", "draft": need.pk}
    assert signed_in.post("/needs/new/", typed).status_code == 403


def test_a_manager_finds_an_organisation_by_name_with_and_without_script(client: Client) -> None:
    organisation = make_organisation(name="湖州某某新材料有限公司")
    client.force_login(make_user(Role.MANAGER))
    plain = client.get("/needs/new/?name=某某新材料")
    assert f'value="{organisation.pk}"' in plain.content.decode()
    part = client.get("/needs/new/?name=某某新材料&part=organisations", headers={"HX-Request": "true"}).content.decode()
    assert f'value="{organisation.pk}"' in part
    assert "<html" not in part
    assert "没有找到名称含“查无此名”" in client.get("/needs/new/?name=查无此名").content.decode()
    client.post("/needs/new/", TYPED | {"organisation": organisation.pk, "kind": "technology"})
    assert Need.objects.get().organisation == organisation


def test_a_step_leads_back_only_within_the_site(signed_in: Client, organisation: Organisation, member: User) -> None:
    need = make_need(organisation, actor=member)
    address = f"/needs/{need.pk}/submit/"
    assert signed_in.post(address, {"next": "/workbench/"})["Location"] == "/workbench/"
    assert (
        signed_in.post(f"/needs/{need.pk}/withdraw/", {"next": "//evil.example/"})["Location"] == f"/needs/{need.pk}/"
    )
