"""Labels and dated figures of organisations, from tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import make_organisation
from tests.registry.importing.files import counts, credit_code, reasons, run_csv
from yunlang.kit.models import Change
from yunlang.registry.models import Organisation, OrganisationAttribute, OrganisationLabel, Source

pytestmark = pytest.mark.django_db
LABEL = ("机构", "资质", "起始日期", "截止日期")
FIGURE = ("机构", "指标", "期间", "数值", "单位")
NAME = "湖州某某新材料有限公司"


@pytest.fixture(autouse=True)
def company(corridor: object) -> Organisation:
    return make_organisation(name=NAME, credit_code=credit_code(1))


def periods() -> list[tuple[date | None, date | None]]:
    return list(OrganisationLabel.objects.order_by("valid_from").values_list("valid_from", "valid_until"))


def test_a_label_with_its_dates_names_its_source_and_wakes_the_index(company: Organisation) -> None:
    report = run_csv("labels", LABEL, (NAME, "高新技术企业", "2025-01-01", "2027-12-31"))
    assert counts(report) == (1, 0, 0, 0)
    label = OrganisationLabel.objects.get()
    assert (label.organisation, label.label, label.source and label.source.title_zh) == (company, "high_tech", "表.csv")
    assert list(Change.objects.values_list("object_kind", "object_id")) == [("organisation", company.pk)]


def test_a_second_import_changes_nothing_though_its_source_is_another() -> None:
    rows = [(NAME, "高新技术企业", "2025-01-01", ""), (NAME, "上市公司", "", "")]
    run_csv("label", LABEL, *rows)
    sources = set(OrganisationLabel.objects.values_list("source", flat=True))
    assert counts(run_csv("label", LABEL, *rows)) == (0, 0, 2, 0)
    assert set(OrganisationLabel.objects.values_list("source", flat=True)) == sources
    assert Source.objects.count() == 1


def test_the_last_day_may_change_and_then_the_source_does_too() -> None:
    run_csv("label", LABEL, (NAME, "高新技术企业", "2025-01-01", ""))
    before = OrganisationLabel.objects.get().source_id
    assert counts(run_csv("label", LABEL, (NAME, "高新技术企业", "2025-01-01", "2027-12-31"))) == (0, 1, 0, 0)
    assert periods() == [(date(2025, 1, 1), date(2027, 12, 31))]
    assert OrganisationLabel.objects.get().source_id != before
    assert counts(run_csv("label", LABEL[:3], (NAME, "高新技术企业", "2025-01-01"))) == (0, 0, 1, 0)
    assert periods() == [(date(2025, 1, 1), date(2027, 12, 31))]


def test_periods_of_one_label_do_not_overlap_in_a_file_or_with_what_is_held() -> None:
    run_csv("label", LABEL, (NAME, "高新技术企业", "2020-01-01", "2022-12-31"))
    report = run_csv(
        "label", LABEL,
        (NAME, "高新技术企业", "2022-06-01", "2024-12-31"), (NAME, "高新技术企业", "2023-01-01", "2025-12-31"),
        (NAME, "高新技术企业", "2025-12-31", ""), (NAME, "高新技术企业", "2026-01-01", ""),
        (NAME, "高新技术企业", "2026-01-01", "2027-12-31"), (NAME, "专精特新中小企业", "2024-01-01", "2023-01-01"),
    )  # fmt: skip
    assert counts(report) == (2, 0, 0, 4)
    assert [(row, column) for row, column, _, _ in reasons(report)] == [
        (2, "起始日期"), (4, "起始日期"), (6, "资质"), (7, "截止日期"),
    ]  # fmt: skip
    assert len(periods()) == 3


def test_a_period_that_grows_meets_the_next_one() -> None:
    header, held = LABEL, (NAME, "高新技术企业", "2020-01-01", "2022-12-31")
    run_csv("label", header, held)
    report = run_csv(
        "label", header, (NAME, "高新技术企业", "2020-01-01", "2024-12-31"), (NAME, "高新技术企业", "2023-01-01", "")
    )
    assert counts(report) == (0, 1, 0, 1)
    assert "重叠" in reasons(report)[0][3]


def test_figures_are_found_again_by_code_and_period(company: Organisation) -> None:
    rows = [(NAME, "营业收入", "2024", "128000000.00005", "元"), (NAME, "职工人数", "2024", "320", "人")]
    assert counts(run_csv("attributes", FIGURE, *rows)) == (2, 0, 0, 0)
    assert counts(run_csv("attribute", FIGURE, *rows)) == (0, 0, 2, 0)
    revenue = OrganisationAttribute.objects.get(code="revenue")
    assert (revenue.value, revenue.unit, revenue.organisation) == (Decimal("128000000.0000"), "元", company)
    assert counts(run_csv("attribute", FIGURE[:4], (NAME, "revenue", "2024", "1"))) == (0, 1, 0, 0)
    revenue.refresh_from_db()
    assert (revenue.value, revenue.unit) == (Decimal(1), "元")


def test_bad_facts_are_named() -> None:
    report = run_csv(
        "attribute", FIGURE,
        (NAME, "市值", "2024", "1", ""), (NAME, "营业收入", "", "1", ""), (NAME, "营业收入", "2024", "很多", ""),
        ("没有这家", "营业收入", "2024", "1", ""), (NAME, "营业收入", "2024", "1", ""), (NAME, "营业收入", "2024", "2", ""),
    )  # fmt: skip
    assert counts(report) == (1, 0, 0, 5)
    assert [(row, column) for row, column, _, _ in reasons(report)] == [
        (2, "指标"), (3, "期间"), (4, "数值"), (5, "机构"), (7, "指标"),
    ]  # fmt: skip
