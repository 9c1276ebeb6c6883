"""What is written is read back: every format, every type, whatever the text."""

from __future__ import annotations

import io
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.table_files import read, rows_of
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import Value, WriteFormat, cell_text, write_table
from yunlang.kit.tables.delimited import defuse, delimiter_of, is_dangerous, restore
from yunlang.kit.tables.errors import CellTooLongError, TooManyColumnsError

COLUMNS = ("名称", "数值", "=cmd()|' /C calc'!A0", "a;b\tc,d")
DANGEROUS = ["=1+1", "'=1+1", "''@x", "+86 21", "-", "\t=x", "＝SUM(A1)", " =1", "\r", "\n=1"]
TRICKY = [*DANGEROUS, "'", "it's", "_x000D_", "_x0041_b", "a\r\nb", "12", "001", "1e5", "true", "2026-11-22"]
TRICKY += ["http://a.cn", "{=1}", "R&D <b>", '"q"', "sep=;", "#N/A", "30%"]
text = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffd\ufffe\uffff"), min_size=1, max_size=40),
).filter(lambda value: bool(value.strip()))
numbers = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    st.decimals(min_value=Decimal("0.0000001"), max_value=Decimal("0.1"), places=9),
)
days = st.dates(min_value=date(1900, 3, 1))
value = st.one_of(st.none(), st.booleans(), text, numbers, days)
# The first column is never blank: a row of nothing but blanks is not read.
table = st.lists(st.tuples(text, value, value, value), max_size=8)
quick = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def written(format: WriteFormat, columns: tuple[str, ...], rows: list[Any]) -> bytes:
    stream = io.BytesIO()
    assert write_table(format, columns, rows, stream) == len(rows)
    return stream.getvalue()


def back(format: WriteFormat, rows: list[Any]) -> list[tuple[object, ...]]:
    data = written(format, COLUMNS, rows)
    with read(data, f"表.{format}") as found:
        assert found.format == format
        assert rows == [] or found.columns == ("名称", "数值", "=cmd()|' /C calc'!A0", "a;b c,d")
        result = list(found)
    assert not any(row.problems for row in result)
    return [tuple(row.values.values()) for row in result]


@quick
@given(table)
def test_xlsx_gives_back_every_value(rows: list[tuple[Value, ...]]) -> None:
    assert back("xlsx", rows) == rows


@quick
@given(table.filter(bool))
def test_jsonl_gives_back_every_value_but_dates_as_text(rows: list[tuple[Value, ...]]) -> None:
    expected = [tuple(cell_text(cell) if isinstance(cell, date) else cell for cell in row) for row in rows]
    assert back("jsonl", rows) == expected


@quick
@given(table)
def test_csv_gives_back_every_value_as_its_text(rows: list[tuple[Value, ...]]) -> None:
    expected = [tuple(cell_text(cell) or None for cell in row) for row in rows]
    assert back("csv", rows) == expected


CHOICES = {"a": Bilingual("甲", "first"), "b": Bilingual("乙", "other")}
FIELDS = {
    FieldType.LINE: text,
    FieldType.TEXT: text,
    FieldType.INTEGER: st.integers(-(10**17), 10**17),
    FieldType.DECIMAL: st.decimals(min_value=-(10**9), max_value=10**9, places=6),
    FieldType.MONEY: st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2),
    FieldType.DATE: st.dates(),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.CHOICE: st.sampled_from(["a", "b"]),
    FieldType.CHOICES: st.lists(st.sampled_from(["a", "b"])),
    FieldType.WORDS: st.lists(text),
    FieldType.URL: st.sampled_from(["https://g60.cn/a?b=1&c=2", "http://例子.中国/"]),
}


@pytest.mark.parametrize("format", ["xlsx", "csv", "jsonl"])
@pytest.mark.parametrize("kind", list(FieldType))
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_what_a_field_exports_it_parses_again_from_every_format(
    format: WriteFormat, kind: FieldType, data: st.DataObject
) -> None:
    choices = CHOICES if kind in (FieldType.CHOICE, FieldType.CHOICES) else {}
    spec = Field("x", Bilingual("字段", "field"), kind, choices=choices)
    parsed = [spec.parse(raw) for raw in data.draw(st.lists(FIELDS[kind], min_size=1, max_size=5))]
    rows = [("行", spec.export(item)) for item in parsed]
    found = rows_of(written(format, ("编号", "字段"), rows), f"表.{format}")
    assert [spec.parse(row.values.get("字段")) for row in found] == parsed


@given(text)
def test_restore_undoes_defuse_exactly(value: str) -> None:
    safe = defuse(value)
    assert restore(safe) == value
    assert safe[0] not in "=+-@＝＋－＠\t\r\n"
    assert safe == value or is_dangerous(value)


@given(text)
def test_restore_leaves_other_text_alone(value: str) -> None:
    assert restore(value) == value or defuse(restore(value)) == value


@given(st.lists(text.filter(lambda name: "\n" not in name and "\r" not in name), min_size=2, max_size=5))
def test_a_written_header_leaves_no_doubt_about_the_delimiter(columns: list[str]) -> None:
    stream = io.BytesIO()
    write_table("csv", columns, [], stream)
    assert delimiter_of(stream.getvalue().decode("utf-8-sig")) == ","


def test_no_cell_of_a_written_csv_begins_a_formula() -> None:
    import csv

    data = written("csv", ("=a", "b"), [(item, "@x") for item in TRICKY])
    assert data.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        assert all(not is_dangerous(cell) or cell.startswith("'") for cell in row)


def test_real_numbers_are_written_as_numbers() -> None:
    rows = [("a", -5), ("b", Decimal("-1.50")), ("c", 0.1), ("d", float("nan"))]
    assert written("csv", ("x", "y"), rows).decode("utf-8-sig").split() == ['"x","y"', "a,-5", "b,-1.50", "c,0.1", "d,"]
    assert [row.values["y"] for row in rows_of(written("xlsx", ("x", "y"), rows))] == [
        -5,
        Decimal("-1.5"),
        Decimal("0.1"),
        None,
    ]
    assert written("jsonl", ("x", "y"), rows).splitlines()[3] == b'{"x": "d", "y": null}'


def test_numbers_that_excel_would_cut_and_early_dates_become_text() -> None:
    rows = [("a", 913301000000000998), ("b", Decimal("1234567890123456.78")), ("c", date(1899, 1, 2)), ("d", 10**20)]
    found = [row.values["y"] for row in rows_of(written("xlsx", ("x", "y"), rows))]
    assert found == ["913301000000000998", "1234567890123456.78", "1899-01-02", "100000000000000000000"]


def test_moments_keep_their_seconds() -> None:
    rows = [("a", datetime(2026, 11, 22, 9, 30, 15))]
    assert rows_of(written("xlsx", ("x", "y"), rows))[0].values["y"] == datetime(2026, 11, 22, 9, 30, 15)
    assert rows_of(written("csv", ("x", "y"), rows), "t.csv")[0].values["y"] == "2026-11-22 09:30:15"


def test_what_no_table_can_hold_is_dropped() -> None:
    for format in ("xlsx", "csv", "jsonl"):
        data = written(format, ("x", "y"), [("a\0b\ud800c\uffff", ["甲", "乙\0"])])
        assert rows_of(data, f"t.{format}")[0].values == {
            "x": "abc",
            "y": ("甲", "乙") if format == "jsonl" else "甲；乙",
        }


def test_a_written_workbook_looks_as_it_should() -> None:
    data = written("xlsx", ("名称", "日期"), [("杭州云廊科技有限公司" * 2, date(2026, 11, 22)), ("=1+1", None)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet["B2"].number_format == "yyyy-mm-dd"
    assert sheet["A3"].data_type == "s"
    assert sheet["A3"].quotePrefix
    assert 40 < sheet.column_dimensions["A"].width < 62
    assert sheet.column_dimensions["B"].width < 20


def test_what_excel_cannot_hold_is_refused_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(CellTooLongError):
        write_table("xlsx", ("x",), [("a" * 32_768,)], io.BytesIO())
    with pytest.raises(TooManyColumnsError):
        write_table("xlsx", tuple(map(str, range(20_000))), [], io.BytesIO())
    with pytest.raises(ZeroDivisionError):
        write_table("xlsx", ("x",), ((1 // n,) for n in (1, 0)), io.BytesIO())
    assert not list(tmp_path.iterdir())
