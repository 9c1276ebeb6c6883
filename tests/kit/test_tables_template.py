"""Templates: what a user downloads, and what comes back from it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from tests.kit.table_files import read
from yunlang.kit.fields import Field, FieldType, parse_record
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import map_columns, template
from yunlang.kit.tables.template import TYPE_NAMES
from yunlang.registry.core.fields import EXPERT_FIELDS, NEED_FIELDS, ORGANISATION_FIELDS, resource_fields
from yunlang.registry.core.kinds import RESOURCE_KINDS

COLOURS = {"red": Bilingual("红", "red"), "green": Bilingual("绿", "green")}
FIELDS = (
    Field("name", Bilingual("名称", "name"), required=True, example="示例公司", help=Bilingual("全称。", "In full.")),
    Field("budget", Bilingual("预算", "budget"), FieldType.MONEY, unit=Bilingual("元", "CNY"), example="200 万元"),
    Field("day", Bilingual("日期", "day"), FieldType.DATE, example="2026-11-22"),
    Field("colour", Bilingual("颜色", "colour"), FieldType.CHOICE, choices=COLOURS, example="红"),
    Field("open", Bilingual("公开", "open"), FieldType.BOOLEAN),
    Field("share", Bilingual("比例", "share"), FieldType.DECIMAL, minimum=0, maximum=100, unit=Bilingual("%", "%")),
)
TITLE = Bilingual("需求导入模板", "Needs to import")
KINDS = [ORGANISATION_FIELDS, EXPERT_FIELDS, NEED_FIELDS, *(resource_fields(kind) for kind in RESOURCE_KINDS)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_untouched_template_imports_nothing(language: str) -> None:
    with read(template(FIELDS, TITLE, language)) as table:
        assert list(table) == []
        mapping = map_columns(table.columns, FIELDS)
    assert [spec.name for spec in mapping.known.values()] == [spec.name for spec in FIELDS]
    assert not mapping.unknown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("fields", KINDS)
def test_every_kind_of_record_has_a_template_whose_columns_are_known(fields: Sequence[Field], language: str) -> None:
    with read(template(fields, TITLE, language)) as table:
        assert list(table) == []
        mapping = map_columns(table.columns, fields)
    assert list(mapping.known.values()) == list(fields)
    assert not mapping.missing_required


def test_the_sheet_to_fill() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(FIELDS, TITLE, "zh-hans")))
    sheet = book.worksheets[0]
    assert sheet.title == "需求导入模板"
    assert [cell.value for cell in sheet[1]] == ["名称 *", "预算（元）", "日期", "颜色", "公开", "比例（%）"]
    assert sheet["A1"].comment is not None
    assert sheet["A1"].comment.text == "全称。"
    assert sheet["A1"].font.bold
    assert sheet["A2"].font.italic
    assert str(sheet["A2"].value).endswith("示例公司")
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].number_format == "@"
    lists = {str(item.sqref): item.formula1 for item in sheet.data_validations.dataValidation}
    assert lists == {"D2:D1048576": "'选项 Choices'!$D$1:$D$2", "E2:E1048576": "'选项 Choices'!$E$1:$E$2"}
    choices = book["选项 Choices"]
    assert choices.sheet_state == "hidden"
    assert [choices["D1"].value, choices["D2"].value, choices["E1"].value] == ["红", "绿", "是"]


def test_the_guide_explains_every_field_in_both_languages() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(FIELDS, TITLE, "en")))
    guide = book.worksheets[1]
    rows = [[cell.value for cell in row] for row in guide.iter_rows(min_row=2, max_row=1 + len(FIELDS))]
    assert rows[0][:2] == ["名称", "name"]
    assert rows[0][4] == "是 yes"
    assert rows[0][-2:] == ["全称。", "In full."]
    assert rows[3][6:8] == ["红；绿", "red; green"]
    assert rows[5][8] == "0–100"
    assert [row[2] for row in rows] == [TYPE_NAMES[spec.type].zh for spec in FIELDS]


def test_a_filled_template_comes_back() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(FIELDS, TITLE, "en")))
    sheet = book.worksheets[0]
    for column, value in enumerate(["Jia Ltd", 1234.5, date(2026, 11, 22), "green", "no", 0.3], start=1):
        sheet.cell(3, column).value = value
    sheet["F3"].number_format = "0%"
    stream = io.BytesIO()
    book.save(stream)
    with read(stream.getvalue()) as table:
        mapping = map_columns(table.columns, FIELDS)
        (row,) = table
    values, reasons = parse_record(FIELDS, mapping.record(row.values))
    assert not reasons
    assert values == {
        "name": "Jia Ltd",
        "budget": Decimal("1234.50"),
        "day": date(2026, 11, 22),
        "colour": "green",
        "open": False,
        "share": Decimal(30),
    }


def test_a_title_that_no_sheet_may_bear_is_cut() -> None:
    long = Bilingual("[成果/专利]" * 10, "?" * 40)
    for language in ("zh-hans", "en"):
        book = openpyxl.load_workbook(io.BytesIO(template(FIELDS, long, language)))
        assert len(book.sheetnames[0]) <= 31
