"""The old .xls: values, problems, and files that lie about their inside."""

from __future__ import annotations

import io
import struct
from datetime import date, datetime, time
from decimal import Decimal

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.table_files import read, rows_of
from yunlang.kit.tables import TableError, TableLimits
from yunlang.kit.tables.biff import _from_rk
from yunlang.kit.tables.compound import CompoundFile
from yunlang.kit.tables.errors import (
    ArchiveBombError,
    DamagedFileError,
    EncryptedFileError,
    MergedHeaderError,
    TooManyBlankRowsError,
    TooManyColumnsError,
    UnsupportedFormatError,
)


def saved(book: xlwt.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(*rows: tuple[object, ...], name: str = "数据") -> tuple[xlwt.Workbook, xlwt.Worksheet]:
    book = xlwt.Workbook()
    sheet = book.add_sheet(name)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    return book, sheet


def test_values_are_what_the_user_sees() -> None:
    book, sheet = sheet_of(tuple("甲乙丙丁戊己庚辛壬"))
    looks = {2: "yyyy-mm-dd", 3: "0%", 4: "000000", 6: "yyyy-mm-dd hh:mm:ss", 7: "hh:mm:ss"}
    values = [
        "合肥 R&D",
        1.25,
        date(2026, 11, 22),
        0.3,
        1,
        True,
        datetime(2026, 1, 2, 3, 4, 5),
        time(3, 4, 5),
        13812345678,
    ]
    for column, value in enumerate(values):
        sheet.write(1, column, value, xlwt.easyxf(num_format_str=looks.get(column, "General")))
    (row,) = rows_of(saved(book), "表.xls")
    assert list(row.values.values()) == [
        "合肥 R&D", Decimal("1.25"), date(2026, 11, 22), "30%", "000001", True, values[6], "03:04:05", 13812345678,
    ]  # fmt: skip
    assert not row.problems


def test_formulas_errors_and_merged_cells_are_problems_of_their_rows() -> None:
    book, sheet = sheet_of(("甲", "乙", "丙"))
    sheet.write(1, 0, xlwt.Formula("1+1"))
    sheet.row(1).set_cell_error(1, 0x2A)
    sheet.write(1, 2, 913301000000000998.0)
    sheet.write_merge(2, 3, 0, 0, "并")
    sheet.write(2, 1, "二")
    sheet.write(3, 1, "三")
    rows = rows_of(saved(book), "表.xls")
    found = [[(problem.column, problem.value) for problem in row.problems] for row in rows]
    assert found == [[("甲", "=…"), ("乙", "#N/A"), ("丙", "9.13301000000001e+17")], [], [("甲", "")]]
    assert rows[0].values == {"甲": None, "乙": None, "丙": None}


def test_a_merged_header_is_refused() -> None:
    book, sheet = sheet_of()
    sheet.write_merge(0, 0, 0, 2, "标题")
    sheet.write(1, 0, "甲")
    with pytest.raises(MergedHeaderError):
        read(saved(book), "表.xls")


def test_the_first_visible_sheet_with_content() -> None:
    book, _ = sheet_of(name="空")
    hidden = book.add_sheet("藏")
    hidden.write(0, 0, "藏")
    hidden.visibility = 1
    book.add_sheet("数据").write(4, 1, "名")
    data = saved(book)
    assert read(data, "表.xls", sheet="藏").columns == ("藏",)
    with pytest.raises(TableError) as refusal:
        read(data, "表.xls")
    assert refusal.value.code == "table_header_blank"


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-16", exclude_characters="\0�"), min_size=1, max_size=90),
        min_size=1,
        max_size=300,
    )
)
def test_shared_strings_that_run_over_many_records(texts: list[str]) -> None:
    texts = [f"{number}{text}" for number, text in enumerate(texts)] * 2 + ["长" * 9_000, "long" * 5_000]
    book, _ = sheet_of(("甲",), *((text,) for text in texts))
    assert [row.values["甲"] for row in rows_of(saved(book), "表.xls")] == texts


@given(st.integers(-(2**29), 2**29 - 1), st.booleans())
def test_packed_integers(number: int, hundredth: bool) -> None:
    packed = ((number & 0x3FFFFFFF) << 2) | 2 | hundredth
    assert _from_rk(packed) == (number / 100 if hundredth else number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_packed_doubles(number: float) -> None:
    head = struct.unpack("<Q", struct.pack("<d", number))[0] >> 32 & 0xFFFFFFFC
    assert _from_rk(head) == struct.unpack("<d", struct.pack("<Q", head << 32))[0]


def patched(data: bytes, kind: int, offset: int, value: bytes) -> bytes:
    """Overwrite bytes in the body of the first record of a kind inside the workbook stream."""
    stream = CompoundFile(data).read("Workbook")
    place = 0
    while struct.unpack_from("<H", stream, place)[0] != kind:
        place += 4 + struct.unpack_from("<H", stream, place + 2)[0]
    start = data.index(stream[:64]) + place + 4 + offset
    return data[:start] + value + data[start + len(value) :]


PLAIN = saved(sheet_of(("甲", "乙"), ("一", 1.5), ("二", 2.5))[0])


def test_a_password_an_old_version_and_counts_that_lie() -> None:
    with pytest.raises(EncryptedFileError):
        read(patched(PLAIN, 0x0042, -4, b"\x2f"), "表.xls")
    with pytest.raises(UnsupportedFormatError):
        read(patched(PLAIN, 0x0809, 0, b"\x00\x04"), "表.xls")
    with pytest.raises(DamagedFileError):
        read(patched(PLAIN, 0x00FC, 4, b"\xff\xff\xff\x7f"), "表.xls")
    assert read(patched(PLAIN, 0x0200, 0, b"\xff" * 8), "表.xls").row_estimate == 2


def test_cells_far_away() -> None:
    book, sheet = sheet_of(("甲",))
    sheet.write(0, 255, "远")
    with pytest.raises(TooManyColumnsError):
        read(saved(book), "表.xls")
    book, sheet = sheet_of(("甲",))
    sheet.write(65_535, 0, "远")
    with pytest.raises(TooManyBlankRowsError):
        read(saved(book), "表.xls")


def test_strings_that_take_too_much_memory() -> None:
    book, _ = sheet_of(("甲",), *((str(number) * 9,) for number in range(2_000)))
    with pytest.raises(ArchiveBombError):
        read(saved(book), "表.xls", limits=TableLimits(text_bytes=50_000))


def test_other_documents_in_a_compound_file() -> None:
    data = PLAIN.replace("Workbook".encode("utf-16-le"), "Wordbook".encode("utf-16-le"))
    with pytest.raises(UnsupportedFormatError):
        read(data, "表.xls")
    name = "EncryptedPackage".encode("utf-16-le")
    place = data.index("Wordbook".encode("utf-16-le"))
    data = data[:place] + name + data[place + len(name) : place + 64] + struct.pack("<H", 34) + data[place + 66 :]
    with pytest.raises(EncryptedFileError):
        read(data, "表.xlsx")


def outcome(data: bytes) -> str:
    try:
        rows_of(data, "表.xls")
    except TableError as refusal:
        return refusal.code
    return "read"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(8, len(PLAIN) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_broken_file_is_read_or_refused_but_never_crashes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(PLAIN)
    for place, byte in changes:
        data[place] = byte
    assert outcome(bytes(data)) == "read" or outcome(bytes(data)).startswith("table_")


@settings(max_examples=60, deadline=None)
@given(st.integers(8, len(PLAIN) - 1))
def test_a_truncated_file_is_read_or_refused_but_never_crashes(length: int) -> None:
    assert outcome(PLAIN[:length]) in ("read", "table_damaged", "table_empty", "table_format_unsupported")
