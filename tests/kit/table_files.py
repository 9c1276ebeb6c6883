"""Files for the table tests, honest and hostile, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from html import escape

from yunlang.kit.tables import Row, Table, TableLimits, read_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LIMITS = TableLimits()


def read(data: bytes, filename: str = "表.xlsx", **options: object) -> Table:
    """Read a table from bytes."""
    return read_table(io.BytesIO(data), filename=filename, **options)  # type: ignore[arg-type]


def rows_of(data: bytes, filename: str = "表.xlsx", **options: object) -> list[Row]:
    """Read all rows of a table from bytes."""
    with read(data, filename, **options) as table:
        return list(table)


def sheet_xml(rows: str, after: str = "", declaration: str = DECLARATION) -> str:
    """Return a worksheet with these rows."""
    return f'{declaration}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def text_row(number: int, *texts: str) -> str:
    """Return a row of inline texts, the plain way."""
    cells = "".join(
        f'<c r="{chr(65 + index)}{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        for index, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def xlsx_parts(
    sheets: Mapping[str, str],
    *,
    styles: str = "",
    strings: str = "",
    hidden: Iterable[str] = (),
    dates_1904: bool = False,
) -> dict[str, str]:
    """Return the parts of a workbook with these worksheets, in order."""
    states = dict.fromkeys(hidden, ' state="hidden"')
    sheet_tags = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"{states.get(name, "")}/>'
        for n, name in enumerate(sheets, start=1)
    )
    epoch = ' date1904="1"' if dates_1904 else ""
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<workbookPr{epoch}/><sheets>{sheet_tags}</sheets></workbook>",
    }
    for number, xml in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = xml
    if styles:
        parts["xl/styles.xml"] = f'{DECLARATION}<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
        relations += f'<Relationship Id="rId90" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    if strings:
        parts["xl/sharedStrings.xml"] = strings
        relations += f'<Relationship Id="rId91" Type="{RELATIONS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = (
        f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    )
    return parts


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def xlsx(rows: str, after: str = "", **options: object) -> bytes:
    """Return a workbook of one sheet with these rows."""
    return pack(xlsx_parts({"数据": sheet_xml(rows, after)}, **options))  # type: ignore[arg-type]


def styles(*formats: int | str) -> str:
    """Return a style sheet whose cell formats, from 0, are General and then these: built-in numbers or codes."""
    codes = [code for code in formats if isinstance(code, str)]
    numbers = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{escape(code)}"/>' for n, code in enumerate(codes))
    cells = "".join(
        f'<xf numFmtId="{code if isinstance(code, int) else 200 + codes.index(code)}"/>' for code in (0, *formats)
    )
    return (
        f'<numFmts count="{len(codes)}">{numbers}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{cells}</cellXfs>'
    )
