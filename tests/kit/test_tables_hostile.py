"""Files that lie: each gets its own refusal, in both languages, before any row, in little time and memory."""

from __future__ import annotations

import io
import struct
import tempfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.table_files import DECLARATION, MAIN, pack, read, sheet_xml, text_row, xlsx, xlsx_parts
from yunlang.kit.tables import TableError, TableLimits
from yunlang.kit.tables import errors as refusals

HEADER = text_row(1, "甲", "乙")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test here also shows that no temporary file stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.iterdir())


def refused(data: bytes, error: type[TableError], filename: str = "表.xlsx", **options: object) -> TableError:
    with pytest.raises(error) as caught:
        read(data, filename, **options)
    assert type(caught.value) is error
    assert caught.value.text.zh
    assert "{" not in caught.value.text.en.replace('{"', "")
    assert caught.value.text.zh != caught.value.text.en
    return caught.value


def test_codes_are_stable_and_unlike() -> None:
    classes = [value for value in vars(refusals).values() if isinstance(value, type) and issubclass(value, TableError)]
    codes = [value.code for value in classes]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("table_") for code in codes)


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_empty_files(data: bytes) -> None:
    refused(data, refusals.EmptyFileError, "t.csv")


def test_empty_workbook() -> None:
    refused(xlsx(""), refusals.EmptyFileError)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n",
        b"\x1f\x8b\x08\x00rest",
        pack({"readme.txt": "x"}),
        pack({"[Content_Types].xml": "x", "word/document.xml": "x"}),
        pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "x"}),
        pack({"xl/workbook.bin": "x", "[Content_Types].xml": "x"}),
        b'[{"a": 1}]',
        b"\x09\x04\x06\x00\x00\x00\x10\x00",
    ],
)
def test_other_formats(data: bytes) -> None:
    refused(data, refusals.UnsupportedFormatError, "t.json")


@pytest.mark.parametrize(
    "text",
    [
        "<html><table><tr><td>名称</td></tr></table></html>",
        "\n<!DOCTYPE html><html></html>",
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "<table><tr><td>1</td></tr></table>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_web_pages_and_xml_under_a_spreadsheets_name(text: str, encoding: str) -> None:
    refused(text.encode(encoding), refusals.DisguisedFileError, "导出.xls")


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "utf-32"])
def test_wrong_encoding(encoding: str) -> None:
    text = "名稱,所在地\n" + "國立臺灣大學の研究開發機構,東京都\n" * 5
    with pytest.raises((refusals.TextEncodingError, refusals.BinaryContentError)):
        read(text.encode(encoding, "ignore"), "表.csv")


def test_one_bad_byte_is_named_by_its_line() -> None:
    data = "名称,城市\n".encode() + "鄢陵县瀛洲镢头,湖州\n".encode() * 3 + b"\xff\xff\n"
    assert refused(data, refusals.TextEncodingError, "表.csv").details["line"] == 5


@pytest.mark.parametrize("header", ["鍚嶇О,鍩庡競", "å\x90\x8dç§°,b", "���,城市", "锟斤拷,城市"])
def test_garbled_headers(header: str) -> None:
    refused(f"{header}\n甲,乙\n".encode(), refusals.GarbledTextError, "表.csv")


@pytest.mark.parametrize("data", [b"a,b\n1,\x002\n", b"a\x00,b\n" + b"1,2\n" * 9, "a,b\n1,\0".encode("utf-16")])
def test_nul(data: bytes) -> None:
    refused(data, refusals.BinaryContentError, "t.csv")


def test_nul_far_behind() -> None:
    refused(b"a,b\n" + b"1,2\n" * 50_000 + b"\x00", refusals.BinaryContentError, "t.csv")


@pytest.mark.parametrize(("text", "row"), [('a,b\n1,2\n"3,4\n5,6\n', 3), ('a,b\n"1"x,2\n', 2), ('"a,b\n1,2\n', 1)])
def test_unbalanced_quotes(text: str, row: int) -> None:
    assert refused(text.encode(), refusals.UnbalancedQuotesError, "t.csv").details["row"] == row


@pytest.mark.parametrize(
    "line", ["3", "null", "[1]", '{"a": 1', '{"a": 1} {"a": 2}', "a,b", "[" * 100_000, '{"a": ' * 50_000]
)
def test_lines_that_are_no_json_objects(line: str) -> None:
    assert refused(f'{{"a": 1}}\n{line}\n'.encode(), refusals.JsonLinesError, "t.jsonl").details["row"] == 2


def test_a_truncated_jsonl() -> None:
    data = '{"名称": "甲"}\n{"名称": "乙"}\n'.encode()
    refused(data[:-3], refusals.JsonLinesError, "t.jsonl")
    refused(data[:-4], refusals.DamagedFileError, "t.jsonl")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a,,b\n1,2,3\n", refusals.BlankHeaderError),
        ("a,b,A\n1,2,3\n", refusals.DuplicateHeaderError),
        ("名称,名 称\n1,2\n", refusals.DuplicateHeaderError),
        ("ａ,a\n1,2\n", refusals.DuplicateHeaderError),
    ],
)
def test_bad_headers(text: str, error: type[TableError]) -> None:
    refused(text.encode(), error, "t.csv")


def test_a_blank_key_in_jsonl() -> None:
    refused(b'{"": 1}\n', refusals.BlankHeaderError, "t.jsonl")


def test_a_merged_header_or_a_title_above_it() -> None:
    merges = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    refusal = refused(xlsx(HEADER + text_row(2, "一", "二"), merges), refusals.MergedHeaderError)
    assert str(refusal.details["range"]) == "A1:B1"


def test_a_formula_in_the_header() -> None:
    row = '<row r="1"><c r="A1" t="str"><f>B1</f><v>甲</v></c></row>'
    refused(xlsx(row), refusals.HeaderCellError)


def test_too_many_columns() -> None:
    limits = TableLimits(columns=3)
    refused(b"a,b,c,d\n", refusals.TooManyColumnsError, "t.csv", limits=limits)
    refused(b"a,b,c\n1,2,3,4\n", refusals.TooManyColumnsError, "t.csv", limits=limits)
    refused(b'{"a":1,"b":1,"c":1,"d":1}', refusals.TooManyColumnsError, "t.jsonl", limits=limits)
    far = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
    refused(xlsx(HEADER + far), refusals.TooManyColumnsError)


def test_styled_blank_cells_far_to_the_right_are_no_columns() -> None:
    with read(xlsx(f'{HEADER}<row r="2"><c r="A2"><v>1</v></c><c r="XFD2" s="0"/></row>')) as table:
        assert table.columns == ("甲", "乙")


def test_too_many_rows() -> None:
    refused(b"a\n" + b"1\n" * 11, refusals.TooManyRowsError, "t.csv", limits=TableLimits(rows=10))
    assert read(b"a\n" + b"1\n" * 10, "t.csv", limits=TableLimits(rows=10)).row_estimate == 10


def test_too_large_a_file() -> None:
    refused(b"a\n" * 100, refusals.FileTooLargeError, "t.csv", limits=TableLimits(file_bytes=100))


def endless(head: bytes, piece: bytes, times: int, tail: bytes = b"") -> bytes:
    """Return an .xlsx whose sheet is `head`, `piece` many times over, and `tail`, packed without holding it."""
    parts = xlsx_parts({"数据": "sheet"})
    parts.pop("xl/worksheets/sheet1.xml")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(head)
            for _ in range(times):
                sheet.write(piece)
            sheet.write(tail)
    return buffer.getvalue()


OPEN = f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData>'.encode()
CLOSE = b"</sheetData></worksheet>"


def measured(data: bytes, error: type[TableError], seconds: float, megabytes: float, **options: object) -> TableError:
    tracemalloc.start()
    begun = time.perf_counter()
    refusal = refused(data, error, **options)
    taken, peak = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < seconds
    assert peak < megabytes * 1024 * 1024
    return refusal


def test_ten_million_blank_rows() -> None:
    data = endless(OPEN + HEADER.encode(), b"<row/>" * 100_000, 100, CLOSE)
    limits = TableLimits(unpacked_ratio=2_000)
    measured(data, refusals.TooManyBlankRowsError, seconds=5, megabytes=20, limits=limits)


def test_a_million_styled_blank_rows_behind_the_data() -> None:
    rows = "".join(
        f'<row r="{n}" spans="1:2" s="1" customFormat="1"><c r="A{n}" s="1"/></row>' for n in range(3, 30_000)
    )
    data = xlsx(HEADER + text_row(2, "一", "二") + rows)
    assert measured(data, refusals.TooManyBlankRowsError, seconds=5, megabytes=30).details["row"] == 2


def test_two_cells_in_opposite_corners() -> None:
    data = xlsx(HEADER + '<row r="1048576"><c r="B1048576"><v>1</v></c></row>')
    measured(data, refusals.TooManyBlankRowsError, seconds=1, megabytes=5)


@pytest.mark.parametrize("line", [b",,\n", b"\n", b" , \r\n"])
def test_blank_lines_without_end(line: bytes) -> None:
    refused(b"a,b,c\n1,2,3\n" + line * 20_000, refusals.TooManyBlankRowsError, "t.csv")


def test_blank_json_lines_without_end() -> None:
    refused(b'{"a":1}\n' + b"{}\n" * 20_000, refusals.TooManyBlankRowsError, "t.jsonl")


def test_a_zip_bomb_that_says_so() -> None:
    data = endless(OPEN, b" " * 1_000_000, 64, CLOSE)
    measured(data, refusals.ArchiveBombError, seconds=2, megabytes=5)


def test_a_zip_bomb_that_lies_about_its_size() -> None:
    data = bytearray(endless(OPEN, b" " * 1_000_000, 64, CLOSE))
    directory = data.rfind(b"PK\x01\x02")
    start = data.rfind(b"PK\x01\x02", 0, data.rfind(b"sheet1.xml") - 40)
    for entry in (directory, start):
        struct.pack_into("<I", data, entry + 24, 1_000)
    with pytest.raises((refusals.ArchiveBombError, refusals.DamagedFileError)):
        read(bytes(data))


def test_text_that_grows_in_the_shared_strings() -> None:
    strings = f'{DECLARATION}<sst xmlns="{MAIN}">' + "".join(f"<si><t>{n}</t></si>" for n in range(50_000)) + "</sst>"
    refused(xlsx(HEADER, strings=strings), refusals.ArchiveBombError, limits=TableLimits(text_bytes=1_000_000))


def test_a_huge_central_directory() -> None:
    data = bytearray(pack({"xl/workbook.xml": "x"}))
    struct.pack_into("<I", data, data.rfind(b"PK\x05\x06") + 12, 50_000_000)
    refused(bytes(data), refusals.ArchiveBombError)


def test_unpacked_size_above_the_limit() -> None:
    rows = "".join(text_row(n, "一" * 50, str(n)) for n in range(2, 2_000))
    refused(xlsx(HEADER + rows), refusals.ArchiveBombError, limits=TableLimits(unpacked_bytes=100_000))


def entity_sheet(declarations: str, text: str) -> bytes:
    rows = text_row(1, "甲") + text_row(2, text)
    return pack(xlsx_parts({"数据": sheet_xml(rows, declaration=DECLARATION + declarations)}))


def test_entities_that_expand_a_thousand_million_times() -> None:
    laughs = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    refused(entity_sheet(f"<!DOCTYPE worksheet [{laughs}]>", "&a9;"), refusals.UnsafeXmlError)


def test_entities_that_read_files() -> None:
    outside = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    refused(entity_sheet(outside, "&x;"), refusals.UnsafeXmlError)
    refused(entity_sheet("", "&x;"), refusals.DamagedFileError)


@pytest.mark.parametrize(
    ("head", "piece", "tail"),
    [
        (b'<row r="2"><c r="A2" t="inlineStr"><is><t>', b"x" * 1_000_000, b"</t></is></c></row>"),
        (b'<row r="2"><c r="A2"><v>', b"1" * 1_000_000, b"</v></c></row>"),
        (b'<row r="2"><c r="A2"><f>', b"A1+" * 300_000, b"</f></c></row>"),
    ],
)
def test_a_cell_of_one_gigabyte(head: bytes, piece: bytes, tail: bytes) -> None:
    data = endless(OPEN + HEADER.encode() + head, piece, 64, tail + CLOSE)
    limits = TableLimits(unpacked_ratio=2_000)
    measured(data, refusals.CellTooLongError, seconds=3, megabytes=20, limits=limits)


def test_an_attribute_of_one_gigabyte() -> None:
    data = endless(OPEN + b'<row r="2" spans="', b"x" * 1_000_000, 64, b'"/>' + CLOSE)
    measured(data, refusals.UnsafeXmlError, seconds=3, megabytes=20, limits=TableLimits(unpacked_ratio=2_000))


@pytest.mark.parametrize("element", [b"<a>", b"<c>", b"<v>", b"<t>", b'<row r="9">', b"<rPh>"])
def test_elements_nested_without_end(element: bytes) -> None:
    data = endless(OPEN, element * 10_000, 50)
    with pytest.raises((refusals.UnsafeXmlError, refusals.DamagedFileError)):
        read(data, limits=TableLimits(unpacked_ratio=2_000))


def test_a_csv_cell_of_one_gigabyte() -> None:
    long = "x" * 150_000
    refused(f"a,b\n1,{long}\n".encode(), refusals.CellTooLongError, "t.csv")
    refused(('a,b\n1,"' + "x\n" * 100_000 + '"\n').encode(), refusals.CellTooLongError, "t.csv")
    refused(b"a,b\n" + b"1," * 2_000_000, refusals.CellTooLongError, "t.csv")
    refused(f'{{"a": "{long}"}}'.encode(), refusals.CellTooLongError, "t.jsonl")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_workbooks(share: float) -> None:
    data = xlsx(HEADER + "".join(text_row(n, "一", "二") for n in range(2, 500)))
    refused(data[: int(len(data) * share)], refusals.DamagedFileError)


def test_a_workbook_with_a_flipped_byte_in_its_data() -> None:
    data = bytearray(xlsx(HEADER + "".join(text_row(n, str(zlib.crc32(b"%d" % n)), "二") for n in range(2, 500))))
    place = data.find(b"sheet1.xml") + 1_000
    data[place] ^= 0xFF
    refused(bytes(data), refusals.DamagedFileError)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>7</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        "<row",
        '<row r="1"><c></row></c>',
    ],
)
def test_sheets_that_break_the_rules(rows: str) -> None:
    refused(xlsx(rows), refusals.DamagedFileError)


def test_missing_parts() -> None:
    parts = xlsx_parts({"数据": sheet_xml(HEADER)})
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"):
        refused(pack({key: value for key, value in parts.items() if key != name}), refusals.DamagedFileError)


def test_an_encrypted_zip() -> None:
    data = bytearray(xlsx(HEADER + text_row(2, "一", "二")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(signature, place + 4)
    refused(bytes(data), refusals.EncryptedFileError)


@pytest.mark.parametrize("data", [OLE, OLE + b"\0" * 600, OLE + b"\xff" * 4_000])
def test_broken_compound_files(data: bytes) -> None:
    refused(data, refusals.DamagedFileError, "t.xls")
