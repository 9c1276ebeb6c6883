"""The quick way through plain rows gives what expat alone gives, however the document is cut."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.table_files import pack, read, sheet_xml, styles, text_row, xlsx_parts
from yunlang.kit.tables import TableError
from yunlang.kit.tables import plain as plain_module

cell_texts = st.text(st.sampled_from('ab甲乙 1.5-<>&";\n_x0041'), max_size=6).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
cells = st.one_of(
    cell_texts.map(lambda text: f't="inlineStr"><is><t>{text}</t></is></c>'),
    cell_texts.map(lambda text: f't="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'),
    cell_texts.map(lambda text: f't="str"><v>{text}</v></c>'),
    st.integers(-99, 10**16).map(lambda number: f"><v>{number}</v></c>"),
    st.integers(0, 3).map(lambda style: f's="{style}"><v>46348.25</v></c>'),
    st.sampled_from(["/>", "></c>", 's="1"/>', 't="b"><v>1</v></c>', 't="e"><v>#REF!</v></c>', 't="n"><v>7</v></c>']),
    st.sampled_from(["><f>A1</f><v>2</v></c>", "><!-- none --><v>3</v></c>", "\n ><v>\n4</v></c>"]),
    st.just('t="inlineStr"><is><r><t>r</t></r></is></c>'),
)
rows = st.lists(st.lists(cells, max_size=4), max_size=8)


def row_xml(number: int, row: list[str]) -> str:
    cells = "".join(f'<c r="{chr(65 + index)}{number}" {cell}' for index, cell in enumerate(row))
    return f'<row r="{number}" spans="1:4">{cells}</row>'


def outcome(xml: str) -> object:
    data = pack(xlsx_parts({"数据": xml}, styles=styles(14, "0%", "0000")))
    try:
        with read(data) as table:
            return [(row.number, row.values, row.problems) for row in table]
    except TableError as error:
        return error.code


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=rows, piece=st.sampled_from([64, 200, 65_536]), spaced=st.booleans())
def test_both_ways_agree(drawn: list[list[str]], piece: int, spaced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (" \n" if spaced else "").join(row_xml(n, row) for n, row in enumerate(drawn, start=2))
    xml = sheet_xml(text_row(1, "甲", "乙", "丙", "丁") + body)
    monkeypatch.setattr(plain_module, "PIECE", piece)
    quick = outcome(xml)
    without_declaration = xml[xml.index("<worksheet") :]
    assert outcome(without_declaration) == quick


def test_a_row_inside_a_comment_is_no_row() -> None:
    xml = sheet_xml(f"{text_row(1, '甲')}<!-- {text_row(2, '假')} -->{text_row(3, '真')}")
    with read(pack(xlsx_parts({"数据": xml}))) as table:
        assert [row.values["甲"] for row in table] == ["真"]


def test_a_row_longer_than_a_piece_is_read() -> None:
    long = "长" * 60_000
    xml = sheet_xml(text_row(1, "甲", "乙") + text_row(2, long, long) + text_row(3, "一", "二"))
    with read(pack(xlsx_parts({"数据": xml}))) as table:
        assert [len(str(row.values["甲"])) for row in table] == [60_000, 1]


def test_text_that_is_not_utf8_is_damage() -> None:
    xml = sheet_xml(text_row(1, "甲") + text_row(2, "乙")).encode()
    assert outcome_of_bytes(xml.replace("乙".encode(), b"\xff\xfe")) == "table_damaged"
    assert outcome_of_bytes(xml) == ["乙"]


def outcome_of_bytes(xml: bytes) -> object:
    parts: dict[str, str | bytes] = dict(xlsx_parts({"数据": ""}))
    parts["xl/worksheets/sheet1.xml"] = xml
    try:
        with read(pack(parts)) as table:
            return [row.values["甲"] for row in table]
    except TableError as error:
        return error.code
