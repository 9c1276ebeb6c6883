"""Experts, needs and resources from tables."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import make_need, make_organisation, make_resource, make_user, publish
from tests.registry.importing.files import as_csv, counts, credit_code, reasons, run, run_csv
from yunlang.accounts.roles import Role
from yunlang.kit.errors import InvalidError
from yunlang.kit.models import Change
from yunlang.kit.tables import template
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.files import SourceFacts, batch_begin, file_import
from yunlang.registry.importing.kinds import IMPORT_KINDS, import_kind
from yunlang.registry.models import Expert, Need, Organisation, Provenance, Resource
from yunlang.registry.services.listings import listings_expire

pytestmark = pytest.mark.django_db
NEED = ("编号", "需求类型", "标题", "需求说明", "机构")
ACHIEVEMENT = ("标题", "说明", "机构")
A, B = credit_code(1), credit_code(2)


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


@pytest.fixture
def company() -> Organisation:
    return make_organisation(name="湖州某某新材料有限公司", credit_code=A, city="330500")


def test_a_need_is_published_in_its_organisations_city(company: Organisation) -> None:
    header = (*NEED, "预算（万元）", "截止日期", "最低技术成熟度", "标签")
    row = (
        "N-1",
        "技术",
        "高镍电解液",
        "循环寿命 1500 周",
        "湖州某某新材料公司",
        "120",
        "2099年6月30日",
        "5",
        "电池；电解液",
    )
    report = run_csv("needs", header, row)
    assert counts(report) == (1, 0, 0, 0)
    need = Need.objects.get()
    assert (need.organisation, need.city_id, need.status) == (company, "330500", Status.PUBLISHED)
    assert need.published_at is not None
    assert (need.budget, need.deadline, need.trl_minimum) == (Decimal(1_200_000), date(2099, 6, 30), 5)
    assert (need.tags, need.kind, need.number) == (["电池", "电解液"], "technology", "N-1")
    assert Provenance.objects.get(object_kind="need", object_id=need.pk).original["预算（万元）"] == "120"
    assert ("need", need.pk) in Change.objects.values_list("object_kind", "object_id")


def test_needs_are_found_again_by_number_else_by_title(company: Organisation) -> None:
    rows = [("N-1", "技术", "甲", "说明", company.name), ("", "技术", "甲", "说明", company.name)]
    assert counts(run_csv("need", NEED, *rows)) == (2, 0, 0, 0)
    assert counts(run_csv("need", NEED, *rows)) == (0, 0, 2, 0)
    changed = [("N-1", "技术", "甲改", "说明", company.name), ("", "技术", "甲", "新说明", company.name)]
    assert counts(run_csv("need", NEED, *changed)) == (0, 2, 0, 0)
    assert sorted(Need.objects.values_list("number", "title", "description")) == [
        ("", "甲", "新说明"), ("N-1", "甲改", "说明"),
    ]  # fmt: skip


def test_a_file_without_numbers_finds_numbered_needs_by_title(company: Organisation) -> None:
    run_csv("need", NEED, ("N-1", "技术", "甲", "说明", company.name), ("N-2", "技术", "乙", "说明", company.name),
            ("N-3", "技术", "乙", "说明", company.name))  # fmt: skip
    report = run_csv("need", NEED[1:], ("技术", "甲", "新说明", company.name), ("技术", "乙", "新说明", company.name))
    assert counts(report) == (0, 1, 0, 1)
    assert "请填写编号" in reasons(report)[0][3]
    assert Need.objects.get(title="甲").number == "N-1"


def test_repeats_in_a_file_are_refused(company: Organisation) -> None:
    report = run_csv(
        "need", NEED, ("N-1", "技术", "甲", "说明", company.name), ("N-1", "技术", "乙", "说明", company.name)
    )
    assert counts(report) == (1, 0, 0, 1)
    assert reasons(report) == [(3, "编号", "N-1", "与第 2 行重复")]


def test_a_reference_goes_by_code_then_by_name(company: Organisation) -> None:
    namesake = make_organisation(name="某某大学", type="university")
    make_organisation(name="某某大学", type="university", credit_code=B)
    header = (*ACHIEVEMENT, "统一社会信用代码")
    report = run_csv(
        "achievement", header,
        ("按代码", "", "名称写错也行", A), ("无代码的一家", "", "某某大学", ""), ("未登记", "", "不存在的机构", ""),
        ("代码不符", "", company.name, credit_code(9)), ("代码有误", "", company.name, "9133050000"),
    )  # fmt: skip
    assert counts(report) == (2, 0, 0, 3)
    assert dict(Resource.objects.values_list("title", "organisation")) == {
        "按代码": company.pk, "无代码的一家": namesake.pk,
    }  # fmt: skip
    assert [(row, column, value) for row, column, value, _ in reasons(report)] == [
        (4, "机构", "不存在的机构"), (5, "机构", company.name), (6, "统一社会信用代码", "9133050000"),
    ]  # fmt: skip
    assert "请先导入机构" in reasons(report)[0][3]
    assert A in reasons(report)[1][3]


def test_two_organisations_of_a_name_and_no_code_is_no_reference() -> None:
    for code in (A, B):
        make_organisation(name="某某公司", credit_code=code)
    report = run_csv("achievement", ACHIEVEMENT, ("成果", "", "某某公司"))
    assert "请填写统一社会信用代码" in reasons(report)[0][3]


def test_a_merged_name_means_what_it_was_merged_into(company: Organisation) -> None:
    former = make_organisation(name="旧名研究所", type="institute")
    Organisation.objects.filter(pk=former.pk).update(merged_into=company, status=Status.CLOSED)
    run_csv("achievement", ACHIEVEMENT, ("成果", "", "旧名研究所"))
    assert Resource.objects.get().organisation == company


def test_nothing_is_published_for_an_organisation_that_is_not(company: Organisation) -> None:
    Organisation.objects.update(status=Status.IN_REVIEW)
    for kind, header, row in (
        ("achievement", ACHIEVEMENT, ("成果", "", company.name)), ("expert", ("姓名", "机构"), ("张三", company.name)),
    ):  # fmt: skip
        report = run_csv(kind, header, row)
        assert counts(report) == (0, 0, 0, 1)
        assert "机构尚未发布" in reasons(report)[0][3]
    assert counts(run_csv("achievement", ACHIEVEMENT, ("成果", "", company.name), draft=True)) == (1, 0, 0, 0)


def test_experts_are_found_again_by_organisation_and_name(company: Organisation) -> None:
    header = ("姓名", "机构", "职称", "研究方向")
    assert counts(run_csv("experts", header, ("张三", company.name, "教授", "电池；材料"))) == (1, 0, 0, 0)
    again = run_csv("expert", header, ("张三", company.name, "研究员", ""), ("张三", company.name, "教授", ""))
    assert counts(again) == (0, 1, 0, 1)
    expert = Expert.objects.get()
    assert (expert.title, expert.fields, expert.organisation) == ("研究员", [], company)


def test_details_of_a_kind_are_kept_by_column(company: Organisation) -> None:
    run_csv("expert", ("姓名", "机构"), ("张三", company.name))
    header = (*ACHIEVEMENT, "专家", "技术成熟度", "专利号", "报价", "转化方式", "年度", "立项经费（万元）")
    run_csv(
        "achievement", header, ("成果", "说明", company.name, "张三", "6", "CN1", "1.5万元", "许可；转让", "2024", "30")
    )
    made = Resource.objects.get()
    assert (made.expert and made.expert.name, made.trl, made.price) == ("张三", 6, Decimal(15_000))
    assert made.details == {
        "patent_number": "CN1", "transfer_modes": ["licence", "assignment"], "year": 2024, "funding": "300000.00",
    }  # fmt: skip
    run_csv("achievement", (*ACHIEVEMENT, "专利号"), ("成果", "说明", company.name, ""))
    made.refresh_from_db()
    assert (made.trl, made.expert and made.expert.name) == (6, "张三")
    assert made.details == {"transfer_modes": ["licence", "assignment"], "year": 2024, "funding": "300000.00"}


def test_an_amount_written_another_way_is_the_same(company: Organisation) -> None:
    header = ("标题", "说明", "机构", "面积", "月租金")
    run_csv("space", header, ("载体", "", company.name, "1200.50", "30"))
    assert counts(run_csv("space", header, ("载体", "", company.name, "1,200.5", "30.00 元"))) == (0, 0, 1, 0)
    assert counts(run_csv("space", header, ("载体", "", company.name, "1200.6", "30"))) == (0, 1, 0, 0)


def test_an_expert_must_be_registered_and_a_period_in_order(company: Organisation) -> None:
    header = (*ACHIEVEMENT, "专家", "起始日期", "截止日期")
    report = run_csv(
        "achievement", header,
        ("甲", "", company.name, "无此人", "", ""), ("乙", "", company.name, "", "2026-02-01", "2026-01-01"),
    )  # fmt: skip
    assert [(row, column) for row, column, _, _ in reasons(report)] == [(2, "专家"), (3, "截止日期")]


def test_a_city_column_left_out_leaves_the_city_and_a_blank_one_is_the_organisations(company: Organisation) -> None:
    header = (*ACHIEVEMENT, "城市")
    run_csv("achievement", header, ("成果", "", company.name, "合肥"))
    run_csv("achievement", ACHIEVEMENT, ("成果", "新说明", company.name))
    assert Resource.objects.get().city_id == "340100"
    run_csv("achievement", header, ("成果", "新说明", company.name, ""))
    assert Resource.objects.get().city_id == "330500"
    assert "九城市" in reasons(run_csv("achievement", header, ("另一个", "", company.name, "南京")))[0][3]


def test_the_same_title_of_another_kind_is_another_resource(company: Organisation) -> None:
    run_csv("achievement", ACHIEVEMENT, ("同名", "", company.name))
    run_csv("service", ACHIEVEMENT, ("同名", "", company.name))
    assert sorted(Resource.objects.values_list("kind", flat=True)) == ["achievement", "service"]


def test_drafts_stand_on_the_importers_workbench(company: Organisation) -> None:
    office = make_user(Role.OFFICE)
    batch = batch_begin(
        actor=office, kind=import_kind("need"), filename="需求.csv", facts=SourceFacts("年度需求", "内部", "2026-01"),
        draft=True,
    )  # fmt: skip
    file_import(actor=office, batch=batch, file=io.BytesIO(as_csv(NEED, [("", "技术", "甲", "说明", company.name)])))
    need = Need.objects.get()
    assert (need.status, need.published_at, need.created_by) == (Status.DRAFT, None, office)
    origin = Provenance.objects.get(object_id=need.pk).source
    assert (origin.title_zh, origin.publisher, origin.licence, origin.dated) == (
        "年度需求",
        office.name,
        "内部",
        "2026-01",
    )


def test_kinds_without_drafts_say_so(company: Organisation) -> None:
    with pytest.raises(InvalidError):
        run("expert", as_csv(("姓名", "机构"), [("张三", company.name)]), draft=True)


def test_an_update_changes_no_status(company: Organisation) -> None:
    closed = publish(make_need(company, title="甲"))
    Need.objects.filter(pk=closed.pk).update(status=Status.CLOSED)
    draft = make_resource(company, title="乙")
    run_csv("need", NEED[1:], ("技术", "甲", "新说明", company.name))
    run_csv("achievement", ACHIEVEMENT, ("乙", "新说明", company.name))
    closed.refresh_from_db()
    draft.refresh_from_db()
    assert (closed.status, closed.description) == (Status.CLOSED, "新说明")
    assert (draft.status, draft.summary) == (Status.DRAFT, "新说明")


def test_what_is_past_expires_as_anything_else(company: Organisation) -> None:
    run_csv("achievement", (*ACHIEVEMENT, "截止日期"), ("旧", "", company.name, "2020-01-01"))
    made = Resource.objects.get()
    assert listings_expire(today=date(2026, 1, 1), at=made.created_at) == 1


@pytest.mark.parametrize(
    ("kind", "field", "cell"),
    [("loan", "期限", "0"), ("policy", "最高比例", "101"), ("instrument", "产地", "月球"), ("talent", "人数", "半个")],
)
def test_bad_details_are_named(company: Organisation, kind: str, field: str, cell: str) -> None:
    report = run_csv(kind, (*ACHIEVEMENT, field), ("某项", "", company.name, cell))
    assert [(row, column, value) for row, column, value, _ in reasons(report)] == [(2, field, cell)]
    assert not Resource.objects.exists()


def test_every_kind_takes_its_own_template_back_without_its_example() -> None:
    outcomes: dict[str, Any] = {}
    for name, kind in IMPORT_KINDS.items():
        for language in ("zh-hans", "en"):
            _, report = run(name, template(kind.fields, kind.title, language), filename="模板.xlsx")
            outcomes[f"{name} {language}"] = (report.read, report.problem_count, report.warning_count)
    assert set(outcomes.values()) == {(0, 0, 0)}
    assert len(outcomes) == 28
