"""Columns find their fields in either language, or the file is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.table_files import read
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import Cell, Row, RowProblem, map_columns
from yunlang.kit.tables.errors import (
    AmbiguousColumnsError,
    ColumnUnitError,
    MissingColumnsError,
    UnknownColumnsError,
)

NAME = Field("name", Bilingual("名称", "name"), required=True, aliases=("企业名称",))
CITY = Field("city", Bilingual("城市", "city"))
BUDGET = Field("budget", Bilingual("预算", "budget"), FieldType.MONEY, unit=Bilingual("元", "CNY"))
ENERGY = Field("energy", Bilingual("新能源（汽车）", "new energy"))
FIELDS = (NAME, CITY, BUDGET, ENERGY)
REASON = Bilingual("不好", "bad")


@pytest.mark.parametrize(
    "column", ["名称", "name", "NAME ", "名称 *", "名称（必填）*", "企业名称", "ｎａｍｅ", "名称(全称)", "*名称"]
)
def test_a_column_is_found_in_either_language_width_and_case(column: str) -> None:
    assert dict(map_columns([column], FIELDS).known) == {column: NAME}


def test_a_label_with_brackets_of_its_own_is_found() -> None:
    assert map_columns(["新能源（汽车）", "名称"], FIELDS).known["新能源（汽车）"] is ENERGY


def test_unknown_and_missing_columns_are_told() -> None:
    mapping = map_columns(["城市", "备注", "预算"], FIELDS)
    assert mapping.unknown == ("备注",)
    assert mapping.missing_required == (NAME,)
    with pytest.raises(MissingColumnsError) as refusal:
        mapping.demand_required()
    assert "名称" in refusal.value.text.zh
    assert "name" in refusal.value.text.en
    map_columns(["名称"], FIELDS).demand_required()


def test_two_columns_of_one_field_and_one_column_of_two_fields_are_refused() -> None:
    with pytest.raises(AmbiguousColumnsError):
        map_columns(["名称", "name"], FIELDS)
    with pytest.raises(AmbiguousColumnsError):
        map_columns(["城市"], (CITY, Field("place", Bilingual("地点", "place"), aliases=("城市",))))


def test_a_file_without_a_header_is_refused() -> None:
    with pytest.raises(UnknownColumnsError) as refusal:
        map_columns(["湖州甲公司", "湖州", "120"], FIELDS)
    assert "名称" in refusal.value.text.zh


@pytest.mark.parametrize(
    ("column", "raw", "amount"),
    [
        ("预算（万元）", 200, 2_000_000),
        ("预算（万元）", "1,200.5", 12_005_000),
        ("预算（万元）", "200 万元", 2_000_000),
        ("预算（万元）", "300元", 300),
        ("预算（人民币亿元）*", "1.5", 150_000_000),
        ("budget (10,000 CNY)", "3", 30_000),
        ("budget (million CNY)", "3", 3_000_000),
        ("预算（元）", 200, 200),
        ("预算（必填）", 200, 200),
        ("预算", 200, 200),
        ("预算（万元）", None, None),
        ("预算（万元）", " ", None),
    ],
)
def test_a_money_header_may_give_the_scale_of_its_bare_numbers(column: str, raw: Cell, amount: int | None) -> None:
    mapping = map_columns([column], FIELDS)
    values, reasons = parse_record([BUDGET], mapping.record({column: raw}))
    assert not reasons
    assert values["budget"] == amount
    (row,) = mapping.rows([Row(2, {column: raw})])
    assert BUDGET.parse(row.values[column]) == amount
    assert row.original == {column: raw}


@pytest.mark.parametrize("unit", ["美元", "USD", "万美元", "$", "HKD", "欧元"])
def test_foreign_money_is_refused(unit: str) -> None:
    with pytest.raises(ColumnUnitError):
        map_columns([f"预算（{unit}）"], FIELDS)


def test_problems_name_the_file_s_own_columns_once_each() -> None:
    seat = Field("seat", Bilingual("所在地", "seat"), required=True)
    mapping = map_columns(["企业名称", "备注", "预算"], (*FIELDS, seat))
    row = Row(
        7,
        {"企业名称": None, "预算": "x" * 99},
        (RowProblem(7, "企业名称", "=A1", REASON), RowProblem(7, "备注", "#N/A", REASON)),
    )
    found = mapping.problems(row, {"name": REASON, "budget": REASON, "seat": REASON})
    assert [(item.row, item.column, item.value) for item in found] == [
        (7, "企业名称", "=A1"),
        (7, "预算", "x" * 80),
        (7, "所在地", ""),
    ]


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_header_is_mapped_or_refused(columns: list[str]) -> None:
    try:
        mapping = map_columns(columns, FIELDS)
    except (UnknownColumnsError, AmbiguousColumnsError, ColumnUnitError):
        return
    assert set(mapping.known) | set(mapping.unknown) == set(columns)


def test_problems_of_columns_that_are_not_imported_do_not_count() -> None:
    mapping = map_columns(["名称", "备注"], FIELDS)
    kept = RowProblem(2, "C", "3", REASON)
    (row,) = mapping.rows([Row(2, {"名称": "甲", "备注": None}, (RowProblem(2, "备注", "=A1", REASON), kept))])
    assert row.problems == (kept,)


def test_from_file_to_record() -> None:
    text = "name,预算（万元）\n甲公司,12.5\n,3\n"
    with read(text.encode(), "表.csv") as table:
        mapping = map_columns(table.columns, FIELDS)
        results = [parse_record((NAME, BUDGET), mapping.record(row.values)) for row in table]
    assert results[0] == ({"name": "甲公司", "budget": 125_000}, {})
    assert set(results[1][1]) == {"name"}
