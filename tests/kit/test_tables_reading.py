"""Reading honest files: formats, encodings, values, sheets, and what is wrong with single cells."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.kit.table_files import DECLARATION, MAIN, pack, read, rows_of, sheet_xml, styles, text_row, xlsx, xlsx_parts
from yunlang.kit.tables import EXAMPLE_MARK, TableLimits, read_table
from yunlang.kit.tables.errors import EmptyFileError, FileTooLargeError, SheetNotFoundError
from yunlang.kit.tables.plaintext import is_garbled

CSV = "名称,城市,金额\n湖州甲公司,湖州,120 万元\n,,\n合肥乙研究院,合肥,\n"
HEADER = text_row(1, "甲", "乙")


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_csv_is_read_in_every_encoding_that_offices_use(encoding: str, reported: str) -> None:
    with read(CSV.encode(encoding), "表.csv") as table:
        assert (table.format, table.encoding, table.columns) == ("csv", reported, ("名称", "城市", "金额"))
        assert table.row_estimate == 2
        rows = list(table)
    assert [row.number for row in rows] == [2, 4]
    assert rows[0].values == {"名称": "湖州甲公司", "城市": "湖州", "金额": "120 万元"}
    assert rows[1].values["金额"] is None


@pytest.mark.parametrize(("delimiter", "kind"), [(",", "csv"), (";", "csv"), ("\t", "tsv")])
def test_the_delimiter_is_told_from_the_header_outside_quotes(delimiter: str, kind: str) -> None:
    text = f'"甲,;乙"{delimiter}丙\n一{delimiter}二\n'
    with read(text.encode(), "表.txt") as table:
        assert table.format == kind
        assert [row.values for row in table] == [{"甲,;乙": "一", "丙": "二"}]


def test_excels_own_delimiter_line_decides_and_is_no_row() -> None:
    rows = rows_of("sep=;\n甲;乙,丙,丁\n1;2\n".encode(), "表.csv")
    assert [(row.number, row.values) for row in rows] == [(2, {"甲": "1", "乙,丙,丁": "2"})]


def test_a_record_over_several_lines_is_one_row_as_in_excel() -> None:
    rows = rows_of('甲,乙\n"一\n行",2\n\n三,4\n'.encode(), "表.csv")
    assert [(row.number, row.values["甲"]) for row in rows] == [(2, "一\n行"), (4, "三")]


def test_cells_beyond_the_header_are_a_problem_of_their_row() -> None:
    rows = rows_of(b"a,b\n1,2,,3\n1\n4,5\n", "t.csv")
    assert [(problem.row, problem.column, problem.value) for row in rows for problem in row.problems] == [(2, "D", "3")]
    assert rows[1].values == {"a": "1", "b": None}


def test_jsonl_gathers_columns_from_all_lines() -> None:
    lines = '{"名称": "甲", "金额": 1.50, "标签": ["a", "b"]}\n\n{"公开": true, "名称": "", "年": 2024}\n'
    with read(lines.encode(), "表.jsonl") as table:
        assert (table.format, table.columns) == ("jsonl", ("名称", "金额", "标签", "公开", "年"))
        rows = list(table)
    assert [row.number for row in rows] == [1, 3]
    assert rows[0].values == {"名称": "甲", "金额": Decimal("1.50"), "标签": ("a", "b"), "公开": None, "年": None}
    assert rows[1].values["公开"] is True
    assert rows[1].values["名称"] is None


@pytest.mark.parametrize(
    ("line", "column"),
    [('{"甲": {"乙": 1}}', "甲"), ('{"甲": [[1]]}', "甲"), ('{"甲": 1, "甲": 2}', "甲"), ('{"甲": NaN}', "甲")],
)
def test_a_json_value_that_fits_no_cell_is_a_problem_of_its_row(line: str, column: str) -> None:
    (row,) = rows_of(line.encode(), "表.jsonl")
    assert [problem.column for problem in row.problems] == [column]
    assert row.values[column] is None


def test_content_decides_whatever_the_name_says() -> None:
    book = xlsx(HEADER + text_row(2, "一", "二"))
    assert read(book, "表.csv").format == "xlsx"
    assert read(b'{"a": 1}\n', "t.csv").format == "jsonl"
    assert read(CSV.encode(), "表.xlsx").format == "csv"


def test_xlsx_values_are_what_the_user_sees() -> None:
    looks = styles(14, "0.0%", "000000", "yyyy-mm-dd hh:mm", "h:mm:ss", 31, "[h]:mm", '#,##0.00"元"', "[$-804]m月d日")
    cells = [
        ("<v>12</v>", 0, 12),
        ("<v>0.30000000000000004</v>", 0, Decimal("0.3")),
        ("<v>1.5E-7</v>", 0, Decimal("1.5E-7")),
        ("<v>13812345678</v>", 0, 13812345678),
        ("<v>46348</v>", 1, date(2026, 11, 22)),
        ("<v>0.305</v>", 2, "30.5%"),
        ("<v>1</v>", 3, "000001"),
        ("<v>46348.5</v>", 4, datetime(2026, 11, 22, 12)),
        ("<v>0.5</v>", 5, "12:00:00"),
        ("<v>46348</v>", 6, date(2026, 11, 22)),
        ("<v>1.5</v>", 7, "36:00:00"),
        ("<v>1234.5</v>", 8, Decimal("1234.5")),
        ("<v>46348</v>", 9, date(2026, 11, 22)),
        ("<v>1</v>", 1, date(1900, 1, 1)),
    ]
    row = "".join(f'<c r="{chr(65 + n)}2" s="{style}">{cell}</c>' for n, (cell, style, _) in enumerate(cells))
    header = text_row(1, *(f"列{n}" for n in range(len(cells))))
    (found,) = rows_of(xlsx(f'{header}<row r="2">{row}</row>', styles=looks))
    assert list(found.values.values()) == [value for _, _, value in cells]
    assert not found.problems


def test_booleans_iso_dates_rich_text_and_escapes() -> None:
    row = (
        '<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="d"><v>2026-11-22</v></c>'
        '<c r="C2" t="inlineStr"><is><r><t>合</t></r><rPh sb="0" eb="1"><t>hé</t></rPh><r><t>肥&amp;甲</t></r></is></c>'
        '<c r="D2" t="str"><v>a_x000D_b_x005F_x0041_</v></c></row>'
    )
    (found,) = rows_of(xlsx(text_row(1, "甲", "乙", "丙", "丁") + row))
    assert list(found.values.values()) == [True, date(2026, 11, 22), "合肥&甲", "a\rb_x0041_"]


def test_shared_strings_keep_their_order_and_leave_out_phonetics() -> None:
    strings = (
        f'{DECLARATION}<sst xmlns="{MAIN}"><si><t>名称</t></si><si/><si><r><t>松</t></r><r><t>江</t></r></si>'
        "<si><t>合肥</t><rPh><t>héféi</t></rPh></si><si><t>R&amp;D</t></si><si><t> 末 </t></si></sst>"
    )
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' + "".join(
        f'<row r="{n + 1}"><c r="A{n + 1}" t="s"><v>{n}</v></c></row>' for n in range(2, 6)
    )
    found = rows_of(xlsx(rows, strings=strings))
    assert [row.values["名称"] for row in found] == ["松江", "合肥", "R&D", " 末 "]


def test_the_1904_calendar_is_honoured() -> None:
    book = xlsx(text_row(1, "日") + '<row r="2"><c r="A2" s="1"><v>1</v></c></row>', styles=styles(14), dates_1904=True)
    assert rows_of(book)[0].values["日"] == date(1904, 1, 2)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c r="A2"><f>SUM(B1:B9)</f><v>45</v></c>', "=SUM(B1:B9)"),
        ('<c r="A2" t="str"><f t="shared" si="0"/><v>甲</v></c>', "="),
        ('<c r="A2" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="A2"><v>913301000000000998</v></c>', "913301000000000998"),
        ('<c r="A2" s="1"><v>60</v></c>', "60"),
        ('<c r="A2" s="1"><v>-1</v></c>', "-1"),
        ('<c r="A2" s="1"><v>99999999</v></c>', "99999999"),
        ('<c r="A2"><v>nan</v></c>', "nan"),
        ('<c r="A2"><v>x</v></c>', "x"),
        ('<c r="A2" t="d"><v>gestern</v></c>', "gestern"),
        ('<c r="A2" t="inlineStr"><is><t>上海�司</t></is></c>', "上海�司"),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_a_problem_of_its_row(cell: str, shown: str) -> None:
    book = xlsx(f'{HEADER}<row r="2">{cell}<c r="B2"><v>1</v></c></row>', styles=styles(14))
    (row,) = rows_of(book)
    assert row.values == {"甲": None, "乙": 1}
    assert [(problem.row, problem.column, problem.value) for problem in row.problems] == [(2, "甲", shown)]
    assert row.problems[0].reason.zh != row.problems[0].reason.en


def test_merged_data_cells_are_problems_of_the_rows_they_hide() -> None:
    body = "".join(text_row(n, "湖州" if n == 2 else "", f"行{n}") for n in range(2, 6))
    merges = '<mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>'
    rows = rows_of(xlsx(HEADER + body, merges))
    assert [(row.number, [problem.column for problem in row.problems]) for row in rows] == [
        (2, []),
        (3, ["甲"]),
        (4, ["甲"]),
        (5, []),
    ]


def test_the_first_visible_sheet_with_content_is_read_or_the_one_named() -> None:
    sheets = {
        "空": sheet_xml('<row r="1"><c r="A1" s="0"/></row>'),
        "藏": sheet_xml(text_row(1, "藏") + text_row(2, "一")),
        "数据": sheet_xml(text_row(3, "名") + text_row(4, "二")),
        "另": sheet_xml(text_row(1, "另") + text_row(2, "三")),
    }
    data = pack(xlsx_parts(sheets, hidden=["藏"]))
    with read(data) as table:
        assert (table.sheet, table.header_row, [row.number for row in table]) == ("数据", 3, [4])
    assert read(data, sheet="另").columns == ("另",)
    assert read(data, sheet="藏").columns == ("藏",)
    with pytest.raises(SheetNotFoundError) as refusal:
        read(data, sheet="无")
    assert "数据" in refusal.value.text.zh
    with pytest.raises(EmptyFileError):
        read(data, sheet="空")


def test_prefixed_elements_and_missing_references_are_understood() -> None:
    header = "".join(f'<x:c t="inlineStr"><x:is><x:t>{name}</x:t></x:is></x:c>' for name in "甲乙")
    xml = (
        f'{DECLARATION}<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row>{header}</x:row>'
        "<x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    rows = rows_of(pack(xlsx_parts({"数据": xml})))
    assert [(row.number, row.values) for row in rows] == [(2, {"甲": 1, "乙": 2})]


def test_what_openpyxl_writes_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["名称", "日期", "比例", "是否"],
        ["合肥 <甲> & 乙", date(2026, 11, 22), 0.5, True],
        [None, datetime(2026, 1, 2, 3, 4, 5)],
    ):
        sheet.append(row)
    sheet["C2"].number_format = "0%"
    book.save(tmp_path / "表.xlsx")
    with read_table(tmp_path / "表.xlsx") as table:
        rows = [list(row.values.values()) for row in table]
    assert rows == [
        ["合肥 <甲> & 乙", date(2026, 11, 22), "50%", True],
        [None, datetime(2026, 1, 2, 3, 4, 5), None, None],
    ]


def test_example_rows_of_templates_are_skipped_and_others_are_not() -> None:
    text = f"名称\n{EXAMPLE_MARK.zh}甲公司\n{EXAMPLE_MARK.en}Example Ltd\n示例新材料有限公司\n"
    assert [row.values["名称"] for row in rows_of(text.encode(), "表.csv")] == ["示例新材料有限公司"]


def test_a_table_can_be_iterated_more_than_once_and_by_two_at_a_time() -> None:
    text = "n\n" + "".join(f"{n}\n" for n in range(1, 2001))
    with read(text.encode(), "t.csv") as table:
        pairs = list(zip(table, table, strict=True))
        assert len(pairs) == 2000
        assert all(left == right for left, right in pairs)


def test_progress_is_told_every_thousand_rows() -> None:
    told: list[int] = []
    read(("n\n" + "1\n" * 2500).encode(), "t.csv", progress=told.append).close()
    assert told == [1000, 2000]


def test_a_stream_that_cannot_seek_is_read_and_limited() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with read_table(Pipe(CSV.encode()), filename="表.csv") as table:
        assert table.row_estimate == 2
    with pytest.raises(FileTooLargeError):
        read_table(Pipe(b"a\n" * 600_000), filename="t.csv", limits=TableLimits(file_bytes=1_000_000))


def test_the_callers_stream_is_left_open() -> None:
    stream = io.BytesIO(CSV.encode())
    read_table(stream, filename="表.csv").close()
    assert not stream.closed


def test_reading_real_statistics(shared_data: Path) -> None:
    with read_table(shared_data / "listed" / "stock_basic.csv") as table:
        assert table.row_estimate == 5409
        assert next(iter(table)).values["symbol"] == "000001"
    with read_table(shared_data / "patents" / "patents.jsonl") as table:
        first = json.loads((shared_data / "patents" / "patents.jsonl").read_text(encoding="utf-8").splitlines()[0])
        assert table.row_estimate == 4097
        assert next(iter(table)).values["title"] == first["title"]


def test_garbled_headers_are_told_from_chinese_ones() -> None:
    for name in ("名称", "统一社会信用代码", "立项经费（万元）", "Organisation", "café", "联通"):
        assert not is_garbled(name)
        if not name.isascii():
            assert is_garbled(name.encode().decode("gb18030", "replace")) or name == "café"
