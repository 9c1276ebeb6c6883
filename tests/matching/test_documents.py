"""Records become documents: everything public and nothing else, with all that a hit shows, in few queries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_need, make_organisation, make_resource, publish
from yunlang.accounts.actors import SYSTEM
from yunlang.kit.ids import new_id
from yunlang.matching.core.document import Document, embedding_text
from yunlang.matching.documents import EXPERT, KINDS, OFFERS, documents_of, published_count, published_documents
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.models import Expert, Need, Organisation, OrganisationLabel, Resource
from yunlang.registry.services.listings import listing_close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


def by_id() -> dict[str, Document]:
    return {document.id: document for document in published_documents()}


def test_a_resource_carries_everything_that_a_hit_shows() -> None:
    organisation = make_organisation(name="湖州示例材料有限公司", city="湖州")
    OrganisationLabel.objects.create(organisation=organisation, label="high_tech")
    expert = Expert.objects.create(organisation=organisation, name="张三")
    row = publish(
        make_resource(
            organisation, title="高电压电解液添加剂", summary="适用于高镍正极。", tags="电解液；电池", trl="6",
            price="150 万元", city="杭州", industry="new_materials", valid_until="2099-12-31", expert="张三",
            patent_number="ZL201910000001.2", transfer_modes="许可", year="2021", funding="120 万元",
        )
    )  # fmt: skip
    assert by_id()[str(row.pk)] == Document(
        id=str(row.pk), kind="achievement", title="高电压电解液添加剂",
        text="适用于高镍正极。\nZL201910000001.2；许可", tags=("电解液", "电池"), city="330100",
        organisation="湖州示例材料有限公司", industry="new_materials", trl=6, price=Decimal("1500000.00"),
        labels=("high_tech",), valid_until=date(2099, 12, 31),
        extra={"expert": "张三", "expert_id": str(expert.pk)},
    )  # fmt: skip


def test_a_need_carries_its_conditions() -> None:
    organisation = make_organisation(city="", seat="江苏南京")
    row = publish(
        make_need(organisation, title="高镍电解液", trl_minimum="4", budget="200 万元", deadline="2099-06-30")
    )
    Need.objects.filter(pk=row.pk).update(title_en="High-nickel electrolyte", illustrative=True)
    found = by_id()[str(row.pk)]
    assert (found.kind, found.trl, found.price, found.valid_until) == (
        "need", 4, Decimal("2000000.00"), date(2099, 6, 30),
    )  # fmt: skip
    assert (found.city, found.place) == ("", "江苏南京")
    assert found.extra == {"need_kind": "technology", "illustrative": True}
    assert found.text.endswith("\nHigh-nickel electrolyte")


def test_an_organisation_is_read_by_its_products() -> None:
    row = make_organisation(
        name="示例电池有限公司", city="湖州", products="动力电池；储能电池", sector="制造业", summary="专注电池。",
        name_en="Example Battery", tags="电池",
    )  # fmt: skip
    found = by_id()[str(row.pk)]
    assert found.text == "动力电池、储能电池\n制造业\n专注电池。\nExample Battery"
    assert embedding_text(found) == "动力电池、储能电池"
    assert (found.kind, found.title, found.organisation) == ("organisation", "示例电池有限公司", "示例电池有限公司")


def test_an_expert_is_read_by_fields_and_public_achievements() -> None:
    organisation = make_organisation(city="合肥")
    expert = Expert.objects.create(organisation=organisation, name="李四", fields=["量子通信"], title="研究员")
    publish(make_resource(organisation, title="量子密钥分发终端", expert="李四"))
    publish(make_resource(organisation, title="单光子探测器", expert="李四"))
    make_resource(organisation, title="还是草稿", expert="李四")
    found = by_id()[str(expert.pk)]
    assert found.text == "量子通信\n量子密钥分发终端\n单光子探测器"
    assert (found.kind, found.city, found.organisation) == (EXPERT, "340100", organisation.name)


def test_drafts_reviews_closed_and_merged_ones_are_not_documents() -> None:
    organisation = make_organisation()
    make_resource(organisation)
    closed = publish(make_resource(organisation))
    listing_close(actor=SYSTEM, model=Resource, listing_id=closed.pk, at=timezone.now())
    make_need(organisation)
    Organisation.objects.filter(pk=make_organisation().pk).update(status="in_review")
    Expert.objects.create(organisation=organisation, name="不公开", status="closed")
    assert set(by_id()) == {str(organisation.pk)}
    assert published_count() == 1


def test_every_published_record_is_one_document_of_a_kind_that_has_a_name() -> None:
    organisation = make_organisation()
    Expert.objects.create(organisation=organisation, name="王五")
    publish(make_need(organisation))
    for kind in RESOURCE_KINDS:
        publish(make_resource(organisation, kind=kind, title=f"一项{kind}"))
    found = list(published_documents())
    assert len(found) == published_count() == 12
    assert {document.kind for document in found} == set(KINDS)
    assert set(OFFERS) == set(KINDS) - {"need", "organisation", "expert"}


def test_only_labels_held_today_count() -> None:
    today = timezone.localdate()
    organisation = make_organisation()
    for label, start, end in (
        ("high_tech", None, today),
        ("listed", today, None),
        ("little_giant", None, today - timedelta(days=1)),
        ("specialised", today + timedelta(days=1), None),
    ):
        OrganisationLabel.objects.create(organisation=organisation, label=label, valid_from=start, valid_until=end)
    assert by_id()[str(organisation.pk)].labels == ("high_tech", "listed")


def test_a_changed_organisation_brings_what_names_it() -> None:
    organisation = make_organisation(name="旧名有限公司")
    expert = Expert.objects.create(organisation=organisation, name="赵六")
    listed = [publish(make_need(organisation)), publish(make_resource(organisation))]
    draft = make_resource(organisation)
    publish(make_resource(make_organisation()))
    documents, gone = documents_of([("organisation", organisation.pk)])
    assert {document.id for document in documents} == {
        str(row.pk) for row in (organisation, expert, *listed)
    }  # fmt: skip
    assert {document.organisation for document in documents} == {"旧名有限公司"}
    assert gone == [str(draft.pk)]


def test_a_changed_achievement_brings_its_expert_and_the_one_it_had() -> None:
    organisation = make_organisation()
    before, after = (Expert.objects.create(organisation=organisation, name=name) for name in ("甲", "乙"))
    row = publish(make_resource(organisation, title="移交的成果", expert="甲"))
    indexed = by_id()
    Resource.objects.filter(pk=row.pk).update(expert=after)
    documents, gone = documents_of(
        [("resource", row.pk)], indexed=lambda ids: {one: indexed[one] for one in ids if one in indexed}
    )
    texts = {document.id: document.text for document in documents}
    assert texts[str(after.pk)] == "移交的成果"
    assert texts[str(before.pk)] == ""
    assert not gone


def test_what_is_not_public_any_more_is_gone_and_other_kinds_of_change_are_nobodys() -> None:
    row, unknown = publish(make_need()), new_id()
    listing_close(actor=SYSTEM, model=Need, listing_id=row.pk, at=timezone.now())
    documents, gone = documents_of([("need", row.pk), ("expert", unknown), ("figure", new_id())])
    assert documents == []
    assert set(gone) == {str(row.pk), str(unknown)}


def make_many(count: int) -> list[tuple[str, Any]]:
    made: list[tuple[str, Any]] = []
    for number in range(count):
        organisation = make_organisation()
        OrganisationLabel.objects.create(organisation=organisation, label="high_tech")
        Expert.objects.create(organisation=organisation, name=f"专家{number}")
        made += [("organisation", organisation.pk)]
        made += [("resource", publish(make_resource(organisation, expert=f"专家{number}")).pk)]
        made += [("need", publish(make_need(organisation)).pk)]
    return made


def queries(action: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        action()
    return len(seen)


def test_more_records_take_no_more_queries() -> None:
    few = make_many(5)
    all_of_few, changed_of_few = queries(lambda: list(published_documents())), queries(lambda: documents_of(few))
    many = few + make_many(45)
    assert queries(lambda: list(published_documents())) == all_of_few <= 9
    assert queries(lambda: documents_of(many)) == changed_of_few <= 14
