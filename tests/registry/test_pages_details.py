"""The pages of one record: what each reader sees of it, and the steps each may take."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_member, make_need, make_organisation, make_resource, make_user, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.registry.models import (
    Expert,
    MergeCandidate,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Provenance,
    Source,
)
from yunlang.registry.services.listings import listing_return, listing_submit, listing_update
from yunlang.registry.services.merging import organisations_merge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


def _signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_visitor_reads_a_need_and_finds_its_match_but_not_whom_to_call(client: Client) -> None:
    organisation = make_organisation(contact_name="王工", contact_phone="0512-12345678")
    need = publish(make_need(organisation))
    page = client.get(f"/needs/{need.pk}/").content.decode()
    assert "200 万元" in page
    assert f"/needs/{need.pk}/match/" in page
    assert "0512-12345678" not in page
    assert "sign-in" in page
    assert "办理记录" not in page
    assert "0512-12345678" in _signed_in(make_user()).get(f"/needs/{need.pk}/").content.decode()


def test_without_a_contact_the_reader_is_sent_to_the_office() -> None:
    need = publish(make_need())
    page = _signed_in(make_user()).get(f"/needs/{need.pk}/").content.decode()
    assert "通过科创经理人联系走廊办公室" in page


def test_a_draft_is_for_its_own_organisation_the_office_and_the_auditor(client: Client) -> None:
    owner = make_user()
    need = make_need(make_organisation(owner=owner), title="不可外传的标题")
    address = f"/needs/{need.pk}/"
    for reader, status in ((owner, 200), (make_user(Role.OFFICE), 200), (make_user(Role.AUDITOR), 200),
                           (make_user(), 403), (make_user(Role.MANAGER), 403)):  # fmt: skip
        response = _signed_in(reader).get(address)
        assert response.status_code == status
        assert ("不可外传的标题" in response.content.decode()) == (status == 200)
    refused = client.get(address)
    assert refused.status_code == 403
    assert "不可外传的标题" not in refused.content.decode()


@pytest.mark.parametrize("address", ["/needs/{}/", "/resources/{}/", "/organisations/{}/", "/experts/{}/"])
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address.format(uuid.uuid4())).status_code == 404
    assert client.get(address.format("not-an-id")).status_code == 404


def test_a_resource_shows_what_its_kind_has_and_nothing_blank(client: Client) -> None:
    resource = publish(
        make_resource(kind="space", title="中试厂房", area_square_metres="1200", rent_monthly="45", trl="")
    )
    page = client.get(f"/resources/{resource.pk}/").content.decode()
    assert "1,200 平方米" in page
    assert "45 元/平方米" in page
    assert "配套设施" not in page
    assert f"{resource.pk}/match/" not in page


def test_the_source_and_the_original_row_are_there_on_demand(client: Client) -> None:
    need = publish(make_need())
    source = Source.objects.create(
        code="list", title_zh="需求清单", title_en="List of needs", licence="CC BY 4.0", dated="2026-01"
    )
    Provenance.objects.create(object_kind="need", object_id=need.pk, source=source, original={"原列": "原值"})
    page = client.get(f"/needs/{need.pk}/").content.decode()
    for text in ("需求清单", "CC BY 4.0", "2026-01", "原值"):
        assert text in page


def test_the_reason_of_a_return_and_the_history_are_read_by_those_concerned() -> None:
    owner = make_user()
    need = make_need(make_organisation(owner=owner))
    listing_submit(actor=owner, model=Need, listing_id=need.pk, at=timezone.now())
    listing_return(actor=SYSTEM, model=Need, listing_id=need.pk, note="请补充指标", at=timezone.now())
    page = _signed_in(owner).get(f"/needs/{need.pk}/").content.decode()
    assert page.count("请补充指标") == 2
    assert "退回修改" in page
    assert owner.email not in page


def _steps(reader: object, need: Need) -> set[str]:
    context = _signed_in(reader).get(f"/needs/{need.pk}/").context
    return {str(action.step) for action, _ in context["steps"]}


def test_each_reader_is_offered_only_the_steps_that_reader_may_take() -> None:
    owner, office, auditor = make_user(), make_user(Role.OFFICE), make_user(Role.AUDITOR)
    organisation = make_organisation(owner=owner)
    need = make_need(organisation)
    assert _steps(owner, need) == {"submit"}
    listing_submit(actor=owner, model=Need, listing_id=need.pk, at=timezone.now())
    assert _steps(owner, need) == {"withdraw"}
    assert _steps(office, need) == {"publish", "return"}
    assert _steps(auditor, need) == set()
    published = publish(make_need(organisation))
    assert _steps(owner, published) == {"close"}
    assert _steps(make_user(), published) == set()


def test_an_organisation_shows_labels_figures_experts_and_listings_with_their_counts(client: Client) -> None:
    organisation = make_organisation(products="电解液；添加剂", contact_name="李工")
    source = Source.objects.create(code="labels", title_zh="资质名单", title_en="List of labels")
    OrganisationLabel.objects.create(
        organisation=organisation, label="high_tech", valid_until="2020-12-31", source=source
    )
    OrganisationAttribute.objects.create(
        organisation=organisation, code="revenue", period="2025", value=128_000_000, unit="元"
    )
    expert = Expert.objects.create(name="赵教授", organisation=organisation)
    for number in range(8):
        publish(make_resource(organisation, title=f"成果 {number}", expert=expert.name))
    publish(make_resource(organisation, title="一台仪器", kind="instrument"))
    publish(make_need(organisation, title="一条需求"))
    page = client.get(f"/organisations/{organisation.pk}/").content.decode()
    for text in (
        "电解液", "高新技术企业", "不在有效期", "至 2020-12-31", "资质名单", "营业收入", "128,000,000", "赵教授",
        "一条需求", f"/resources/?organisation={organisation.pk}&amp;kind=instrument", "全部 9 条",
    ):  # fmt: skip
        assert text in page, text
    assert "李工" not in page
    titles = client.get(f"/resources/?organisation={organisation.pk}").context["count"]
    assert titles == 9


def test_a_merged_organisation_leads_to_the_one_that_was_kept(client: Client) -> None:
    first, second = sorted((make_organisation(), make_organisation()), key=lambda one: one.pk)
    candidate = MergeCandidate.objects.create(
        first=first, second=second, reason_zh="名称相近", reason_en="similar names"
    )
    organisations_merge(actor=SYSTEM, candidate_id=candidate.pk, keep_id=second.pk, at=timezone.now())
    page = client.get(f"/organisations/{first.pk}/").content.decode()
    assert f"/organisations/{second.pk}/" in page
    assert "已并入" in page


def test_a_registration_in_review_is_not_public(client: Client) -> None:
    organisation = make_organisation(name="尚未公开的机构")
    Organisation.objects.filter(pk=organisation.pk).update(status="in_review")
    refused = client.get(f"/organisations/{organisation.pk}/")
    assert refused.status_code == 403
    assert "尚未公开的机构" not in refused.content.decode()
    member = make_user()
    make_member(member, organisation)
    assert _signed_in(member).get(f"/organisations/{organisation.pk}/").status_code == 200


def test_an_expert_shows_the_resources_led(client: Client) -> None:
    organisation = make_organisation()
    expert = Expert.objects.create(name="钱教授", organisation=organisation, fields=["固态电池"], title="教授")
    publish(make_resource(organisation, title="名下的成果", expert=expert.name))
    publish(make_resource(organisation, title="旁人的成果"))
    page = client.get(f"/experts/{expert.pk}/").content.decode()
    assert "名下的成果" in page
    assert "旁人的成果" not in page
    assert "固态电池" in page


def test_an_illustrative_record_says_so(client: Client) -> None:
    need = publish(make_need())
    Need.objects.filter(pk=need.pk).update(illustrative=True)
    assert "badge-sample" in client.get(f"/needs/{need.pk}/").content.decode()
    assert "badge-sample" in client.get("/needs/").content.decode()


def test_markup_in_data_is_shown_not_run(client: Client) -> None:
    need = publish(make_need(title="<script>alert(1)</script>", description="<b>粗</b>", tags="<i>；a&b"))
    for address in (f"/needs/{need.pk}/", "/needs/", "/needs/?tag=<i>"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>粗" not in page
        assert "<i>" not in page


def test_the_history_says_what_changed_from_what_to_what() -> None:
    owner = make_user(name="周工")
    need = make_need(make_organisation(owner=owner), actor=owner, tags="电池")
    raw = {"title": need.title, "description": need.description, "budget": "300 万元", "tags": "电池；电解液"}
    listing_update(actor=owner, model=Need, listing_id=need.pk, raw=raw)
    listing_update(actor=owner, model=Need, listing_id=need.pk, raw=raw)
    page = _signed_in(owner).get(f"/needs/{need.pk}/").content.decode()
    assert "<del>200 万元</del>" in page
    assert "<ins>300 万元</ins>" in page
    assert "<ins>电池、电解液</ins>" in page
    assert page.count("改动前后") == 1, "a saving that changed nothing is no deed"
