"""The .xlsx template of one kind of record: a sheet to fill and a sheet that explains every column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.grid import EXAMPLE_MARK
from yunlang.kit.tables.writing import column_width

_LAST_ROW = 1_048_575
_TITLE_LENGTH = 28  # a sheet name has at most 31 characters
_NOT_IN_SHEET_NAMES = str.maketrans("", "", "[]:*?/\\'")
_BOOLEANS = {"yes": Bilingual("是", "yes"), "no": Bilingual("否", "no")}
_GUIDE = Bilingual("说明", "Guide")
_CHOICES = "选项 Choices"
_TEXT_TYPES = frozenset({FieldType.LINE, FieldType.TEXT, FieldType.WORDS, FieldType.CHOICES, FieldType.URL})

TYPE_NAMES: dict[FieldType, Bilingual] = {
    FieldType.LINE: Bilingual("单行文字", "text on one line"),
    FieldType.TEXT: Bilingual("文字", "text"),
    FieldType.INTEGER: Bilingual("整数", "whole number"),
    FieldType.DECIMAL: Bilingual("数字", "number"),
    FieldType.MONEY: Bilingual("金额，可写 120 万元", "amount; 120 万元 is understood"),
    FieldType.DATE: Bilingual("日期，如 2026-11-22", "date, such as 2026-11-22"),
    FieldType.BOOLEAN: Bilingual("是或否", "yes or no"),
    FieldType.CHOICE: Bilingual("单选", "one of the choices"),
    FieldType.CHOICES: Bilingual("多选，用分号隔开", "one or more of the choices, separated by semicolons"),
    FieldType.WORDS: Bilingual("词语，用分号隔开", "words, separated by semicolons"),
    FieldType.URL: Bilingual("网址", "web address"),
}
_GUIDE_COLUMNS = (
    "列名 Column (中文)", "Column (English)", "类型", "Type", "必填 Required", "单位 Unit", "可选值", "Choices",
    "范围 Range", "示例 Example", "说明", "Help",
)  # fmt: skip
_GUIDE_NOTES = (
    Bilingual(
        "在第一个工作表中填写，首行表头请保留。列名用中文或英文均可，列的次序不限，不需要的列可以删除。",
        "Fill in the first sheet and keep its header. Column names may be Chinese or English, in any order; delete the "
        "columns you do not need.",
    ),
    Bilingual(
        "带 * 的列必填。灰色的示例行在导入时自动跳过，可保留，也可删除。",
        "Columns with * are required. The grey example row is skipped on import; keep it or delete it.",
    ),
    Bilingual(
        "请填写数值，不要使用公式，不要合并单元格。信用代码、电话等长数字请以文本填写。",
        "Enter values, no formulas, no merged cells. Write long numbers such as credit codes as text.",
    ),
)


def header_of(spec: Field, language: str) -> str:
    """Return a field's column header in a template: its label, the unit in brackets, a star where it is required."""
    unit = spec.unit.text(language) if spec.unit else ""
    brackets = "（{}）" if not language.lower().startswith("en") else " ({})"
    return spec.label.text(language) + (brackets.format(unit) if unit else "") + (" *" if spec.required else "")


def template(fields: Sequence[Field], title: Bilingual, language: str) -> bytes:
    """Return the .xlsx template for `fields`.

    The first sheet has the header in `language`, an example row, drop-down lists for choices, and columns of text
    formatted as text so that Excel leaves codes alone. The example's first cell begins with `EXAMPLE_MARK`, by which
    `read_table` skips the row. The second sheet explains every field in both languages.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": title.text(language)})
    name = title.text(language).translate(_NOT_IN_SHEET_NAMES)[:_TITLE_LENGTH].strip() or _GUIDE.text("zh")
    sheet = book.add_worksheet(name if name != f"{_GUIDE.zh} {_GUIDE.en}" else f"{name} 1")
    guide = book.add_worksheet(f"{_GUIDE.zh} {_GUIDE.en}")
    lists = book.add_worksheet(_CHOICES)
    lists.hide()
    _fill_sheet(book, sheet, lists, fields, language)
    _fill_guide(book, guide, fields)
    sheet.activate()
    book.close()
    return buffer.getvalue()


def _fill_sheet(book: Any, sheet: Any, lists: Any, fields: Sequence[Field], language: str) -> None:
    required = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE8F3"})
    optional = book.add_format({"bold": True, "bottom": 1})
    example = book.add_format({"italic": True, "font_color": "#5B6470", "bg_color": "#F6F7F8", "num_format": "@"})
    formats = {"text": book.add_format({"num_format": "@"}), "date": book.add_format({"num_format": "yyyy-mm-dd"})}
    for index, spec in enumerate(fields):
        header = header_of(spec, language)
        shown = (EXAMPLE_MARK.text(language) if index == 0 else "") + spec.example
        sheet.write_string(0, index, header, required if spec.required else optional)
        if spec.help:
            sheet.write_comment(0, index, spec.help.text(language))
        sheet.write_string(1, index, shown, example)
        kind = "text" if spec.type in _TEXT_TYPES else "date" if spec.type is FieldType.DATE else ""
        sheet.set_column(index, index, column_width([header, spec.example]), formats.get(kind))
        _offer_choices(sheet, lists, index, spec, language)
    sheet.freeze_panes(1, 0)


def _offer_choices(sheet: Any, lists: Any, index: int, spec: Field, language: str) -> None:
    """Give a column a drop-down list; its items stand on a hidden sheet, for inline Excel allows 255 characters."""
    choices = _BOOLEANS if spec.type is FieldType.BOOLEAN else spec.choices
    if spec.type not in (FieldType.CHOICE, FieldType.BOOLEAN) or not choices:
        return
    for row, label in enumerate(choices.values()):
        lists.write_string(row, index, label.text(language))
    letters = xlsxwriter.utility.xl_col_to_name(index, col_abs=True)
    sheet.data_validation(
        1, index, _LAST_ROW, index,
        {"validate": "list", "source": f"='{_CHOICES}'!{letters}$1:{letters}${len(choices)}", "error_type": "warning"},
    )  # fmt: skip


def _fill_guide(book: Any, guide: Any, fields: Sequence[Field]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    rows = [_guide_row(spec) for spec in fields]
    for index, name in enumerate(_GUIDE_COLUMNS):
        guide.write_string(0, index, name, bold)
        guide.set_column(index, index, min(column_width([name, *(row[index] for row in rows)]), 40))
    for number, row in enumerate(rows, start=1):
        for index, text in enumerate(row):
            guide.write_string(number, index, text, wrapped)
    for number, note in enumerate(_GUIDE_NOTES, start=len(rows) + 2):
        guide.write_string(number, 0, f"{note.zh} {note.en}")
    guide.freeze_panes(1, 0)


def _guide_row(spec: Field) -> tuple[str, ...]:
    type_name = TYPE_NAMES[spec.type]
    choices = _BOOLEANS if spec.type is FieldType.BOOLEAN else spec.choices
    return (
        spec.label.zh,
        spec.label.en,
        type_name.zh,
        type_name.en,
        "是 yes" if spec.required else "否 no",
        _both(spec.unit),
        "；".join(label.zh for label in choices.values()),
        "; ".join(label.en for label in choices.values()),
        _range(spec),
        spec.example,
        spec.help.zh if spec.help else "",
        spec.help.en if spec.help else "",
    )


def _both(phrase: Bilingual | None) -> str:
    if phrase is None:
        return ""
    return phrase.zh if phrase.zh == phrase.en else f"{phrase.zh} {phrase.en}"


def _range(spec: Field) -> str:
    if spec.minimum is not None or spec.maximum is not None:
        low = "" if spec.minimum is None else f"{spec.minimum}"
        high = "" if spec.maximum is None else f"{spec.maximum}"
        return f"{low}–{high}"
    return f"≤ {spec.max_length} 字 characters" if spec.type in _TEXT_TYPES else ""
