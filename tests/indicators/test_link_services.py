"""Importing links between cities: who, what is refused by name, and what a second import changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import make_user
from tests.indicators.link_tables import HEADER, PATENTS, import_rows
from tests.registry.importing.files import counts, reasons
from yunlang.accounts.roles import Role
from yunlang.indicators.models import LinkObservation
from yunlang.kit.errors import NotAllowedError
from yunlang.kit.models import AuditEntry
from yunlang.kit.tables import TableError
from yunlang.registry.models import Source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corridor")]


def stored() -> set[tuple[str, str, Decimal]]:
    """Return the links kept; those without direction begin at the lower code."""
    return {(one.origin.name_zh, one.destination.name_zh, one.value) for one in LinkObservation.objects.all()}


def test_the_office_imports_links_under_the_title_of_their_source() -> None:
    office = make_user(Role.OFFICE)
    assert counts(import_rows(PATENTS, actor=office)) == (3, 0, 0, 0)
    assert stored() == {("松江", "苏州", 12), ("苏州", "杭州", 30), ("松江", "松江", 18)}
    assert Source.objects.get().title_zh == "专利统计"
    entry = AuditEntry.objects.get(action="links_import")
    assert (entry.actor_id, entry.after["created"]) == (office.pk, 3)


def test_a_second_import_changes_what_differs_alone() -> None:
    import_rows(PATENTS)
    assert counts(import_rows(PATENTS)) == (0, 0, 3, 0)
    changed = [(*PATENTS[0][:4], "13"), ("合作专利", "2024", "合肥", "芜湖", "0.5")]
    assert counts(import_rows(changed)) == (1, 1, 0, 0)
    assert ("松江", "苏州", 13) in stored()
    assert ("合肥", "芜湖", Decimal("0.5")) in stored()


def test_another_source_may_have_other_values() -> None:
    import_rows(PATENTS)
    assert counts(import_rows(PATENTS, title="另一统计")) == (3, 0, 0, 0)
    assert LinkObservation.objects.count() == 6


def test_a_link_without_direction_may_be_written_either_way_but_once() -> None:
    report = import_rows([("合作专利", "2024", "苏州", "松江", 1), ("合作专利", "2024", "松江", "苏州", 1)])
    assert counts(report) == (1, 0, 0, 1)
    assert reasons(report) == [(3, "终点城市", "苏州", "与第 2 行重复")]


def test_a_link_with_direction_stands_both_ways() -> None:
    rows = [("共享仪器机时", "2024", "苏州", "松江", 80), ("共享仪器机时", "2024", "松江", "苏州", 20)]
    assert counts(import_rows(rows)) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({0: "友谊"}, "联系类别", "“友谊”不在可选值中：供需对接、跨市成交、成交金额、合作项目、合作专利、共享仪器机时"),
        ({1: "二〇二四"}, "时期", "应写作 2024、2024-06 或 2021-01/2021-09"),
        ({1: "2024-13"}, "时期", "应写作 2024、2024-06 或 2021-01/2021-09"),
        ({1: "2024/2021"}, "时期", "止期早于起期"),
        ({2: "上海"}, "起点城市", "“上海”不是九城市之一"),
        ({3: ""}, "终点城市", "必填，不能为空"),
        ({4: "-1"}, "数值", "不能小于 0"),
        ({4: "十二"}, "数值", "“十二”不是数字"),
        ({4: "0.1234567"}, "数值", "最多 6 位小数"),
        ({5: "小时"}, "单位", "“合作专利”的单位是“件”"),
    ],
)
def test_a_bad_row_is_named_with_column_value_and_reason(change: dict[int, Any], column: str, reason: str) -> None:
    row = [*PATENTS[0], "件"]
    for place, value in change.items():
        row[place] = value
    report = import_rows([[*PATENTS[1], ""], row], (*HEADER, "单位"))
    assert counts(report) == (1, 0, 0, 1)
    assert reasons(report) == [(3, column, next(iter(change.values())), reason)]


def test_all_or_nothing_leaves_nothing_where_a_row_is_bad() -> None:
    report = import_rows([*PATENTS, ("合作专利", "2024", "上海", "苏州", 1)], all_or_nothing=True)
    assert counts(report) == (0, 0, 0, 4)
    assert not LinkObservation.objects.exists()
    assert not Source.objects.exists()
    assert not AuditEntry.objects.filter(action="links_import").exists()


def test_a_file_of_bad_rows_alone_leaves_no_source() -> None:
    assert counts(import_rows([("合作专利", "2024", "上海", "苏州", 1)])) == (0, 0, 0, 1)
    assert not Source.objects.exists()


def test_years_as_numbers_and_english_headers_are_understood() -> None:
    header = ("kind", "year", "from", "to", "value", "remark")
    report = import_rows([("joint projects", 2024, "Hefei", "Wuhu", 7, "–")], header)
    assert counts(report) == (1, 0, 0, 0)
    assert [one.column for one in report.warnings] == ["remark"]


def test_a_table_without_the_columns_of_links_is_refused() -> None:
    with pytest.raises(TableError):
        import_rows([("2024", 3)], ("时期", "数值"))


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.AUDITOR])
def test_nobody_but_the_office_imports(role: Role) -> None:
    with pytest.raises(NotAllowedError):
        import_rows(PATENTS, actor=make_user(role))
    assert not LinkObservation.objects.exists()
