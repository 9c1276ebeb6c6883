"""Broken files, whatever way they are broken, are read or refused; nothing crashes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.table_files import DECLARATION, MAIN, pack, read, sheet_xml, styles, text_row, xlsx_parts
from yunlang.kit.tables import TableError

HEADER = text_row(1, "甲", "乙")
HONEST = xlsx_parts(
    {"数据": sheet_xml(HEADER + text_row(2, "一", "二") + '<row r="3"><c r="A3" s="1"><v>1.5</v></c></row>')},
    styles=styles(14, "0.0%"),
    strings=f'{DECLARATION}<sst xmlns="{MAIN}"><si><t>一</t></si></sst>',
)


def outcome(data: bytes, filename: str) -> str:
    try:
        read(data, filename).close()
    except TableError as refusal:
        return refusal.code
    return "read"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(HONEST)), st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=3)), max_size=4))
def test_a_broken_workbook_is_read_or_refused_but_never_crashes(name: str, changes: list[tuple[int, bytes]]) -> None:
    part = bytearray(HONEST[name].encode())
    for place, patch in changes:
        start = place % len(part)
        part[start : start + 1] = patch
    code = outcome(pack({**HONEST, name: bytes(part)}), "表.xlsx")
    assert code == "read" or code.startswith("table_")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_broken_archive_is_read_or_refused_but_never_crashes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(pack(HONEST))
    for place, byte in changes:
        data[place % len(data)] = byte
    code = outcome(bytes(data), "表.xlsx")
    assert code == "read" or code.startswith("table_")


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200) | st.text("a,;\"\n\r\t{}[]:1'=甲 <", max_size=60).map(str.encode),
    st.sampled_from(["csv", "jsonl", "xls"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, ending: str) -> None:
    code = outcome(data, f"t.{ending}")
    assert code == "read" or code.startswith("table_")
