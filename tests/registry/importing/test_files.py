"""Files on their way in: formats, encodings, columns; and files that lie, refused with nothing left behind."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import make_organisation, make_user
from tests.kit.table_files import DECLARATION, MAIN, sheet_xml, text_row, xlsx, xlsx_parts
from tests.registry.importing.files import as_csv, as_jsonl, as_xls, as_xlsx, begin, counts, reasons, run
from yunlang.accounts.actors import SYSTEM
from yunlang.accounts.roles import Role
from yunlang.kit.errors import NotAllowedError
from yunlang.kit.models import AuditEntry, Change
from yunlang.kit.tables import TableError
from yunlang.kit.tables import errors as refusals
from yunlang.registry.importing.files import SourceFacts, batch_begin, file_import
from yunlang.registry.importing.kinds import UnknownKindError, import_kind
from yunlang.registry.models import ImportBatch, Need, Organisation, Provenance, Source
from yunlang.registry.selectors.imports import import_error, import_report

pytestmark = pytest.mark.django_db
HEADER = ("名称", "类型", "城市")
ROWS = [("湖州某某新材料有限公司", "企业", "湖州"), ("合肥某某大学", "高等院校", "合肥")]


@pytest.fixture(autouse=True)
def _cities(corridor: object) -> None: ...


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test here also shows that no temporary file stays, and no upload."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.iterdir())
    assert not list(Path(settings.UPLOADS).glob("*"))


GOOD: dict[str, Callable[[], tuple[bytes, str]]] = {
    "xlsx": lambda: (as_xlsx(HEADER, ROWS), "企业.xlsx"),
    "xls": lambda: (as_xls(HEADER, ROWS), "企业.xls"),
    "csv, UTF-8": lambda: (as_csv(HEADER, ROWS), "企业.csv"),
    "csv, UTF-8 with a mark": lambda: (as_csv(HEADER, ROWS, "utf-8-sig"), "企业.csv"),
    "csv, GB18030": lambda: (as_csv(HEADER, ROWS, "gb18030"), "企业.csv"),
    "csv, UTF-16": lambda: (as_csv(HEADER, ROWS, "utf-16"), "企业.csv"),
    "jsonl": lambda: (as_jsonl(HEADER, ROWS), "企业.jsonl"),
    "an xlsx under another name": lambda: (as_xlsx(HEADER, ROWS), "企业.csv"),
    "English columns": lambda: (as_csv(("Name", "type*", "City (of nine)"), [("A", "company", "Hefei")] * 1
                                       + [("B", "university", "huzhou")]), "a.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_good_files_of_every_kind(name: str) -> None:
    data, filename = GOOD[name]()
    batch, report = run("organisation", data, filename=filename)
    assert counts(report) == (2, 0, 0, 0)
    assert sorted(Organisation.objects.values_list("city", flat=True)) == ["330500", "340100"]
    assert (batch.state, batch.rows_done, batch.rows_total, batch.filename) == ("done", 2, 2, filename)
    assert batch.started_at is None, "only another connection would have told"
    assert batch.finished_at is not None
    assert import_report(batch) == report
    assert import_error(batch) is None


def test_a_formula_an_error_and_a_merge_cost_their_rows_only() -> None:
    rows = text_row(1, "名称", "类型", "备注") + text_row(2, "甲公司", "企业", "")
    rows += '<row r="3"><c r="A3"><f>1+1</f><v>2</v></c><c r="B3" t="inlineStr"><is><t>企业</t></is></c></row>'
    rows += '<row r="4"><c r="A4" t="e"><v>#N/A</v></c><c r="B4" t="inlineStr"><is><t>企业</t></is></c></row>'
    rows += text_row(5, "乙公司", "企业").replace("</row>", '<c r="C5"><f>NOW()</f></c></row>')
    _batch, report = run("organisation", xlsx(rows), filename="表.xlsx")
    assert counts(report) == (2, 0, 0, 2)
    assert [(row, column, value) for row, column, value, _ in reasons(report)] == [
        (3, "名称", "=1+1"),
        (4, "名称", "#N/A"),
    ]
    assert sorted(Organisation.objects.values_list("name", flat=True)) == ["乙公司", "甲公司"]
    assert [one.column for one in report.warnings] == ["备注"]


def test_unknown_columns_are_named_and_not_imported() -> None:
    _, report = run("organisation", as_csv((*HEADER, "备注", "经办人"), [(*ROWS[0], "x", "y")]))
    assert counts(report) == (1, 0, 0, 0)
    assert [(one.row, one.column) for one in report.warnings] == [(1, "备注"), (1, "经办人")]
    assert report.warning_count == 2
    assert Provenance.objects.get().original["经办人"] == "y", "the original row is kept whole"


def test_a_header_in_ten_thousands_scales_its_numbers() -> None:
    make_organisation(name="甲公司")
    header = ("需求类型", "标题", "需求说明", "机构", "预算（万元）")
    rows = [
        ("技术", "甲", "说明", "甲公司", "120"),
        ("技术", "乙", "说明", "甲公司", "3 亿元"),
        ("技术", "丙", "说明", "甲公司", "很多"),
    ]
    _, report = run("need", as_csv(header, rows))
    assert dict(Need.objects.values_list("title", "budget")) == {"甲": Decimal(1_200_000), "乙": Decimal(300_000_000)}
    assert [(row, column, value) for row, column, value, _ in reasons(report)] == [(4, "预算（万元）", "很多")]


def test_text_that_the_database_cannot_keep_is_cleaned() -> None:
    _, report = run(
        "organisation",
        b'{"name": "\\u7532\\u0000\\u516c\\u53f8", "type": "company", "x": "\\ud800y"}',
        filename="a.jsonl",
    )
    assert counts(report) == (1, 0, 0, 0)
    assert Organisation.objects.get().name == "甲公司"
    assert Provenance.objects.get().original == {"name": "甲公司", "type": "company", "x": "y"}


def test_a_list_where_one_value_belongs_is_refused() -> None:
    data = b'{"name": ["a", "b"], "type": "company"}\n{"name": "c", "type": "company", "tags": ["d", "e"]}'
    _, report = run("organisation", data, filename="a.jsonl")
    assert [(row, column) for row, column, _, _ in reasons(report)] == [(1, "name")]
    assert Organisation.objects.get().tags == ["d", "e"]


def _zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in xlsx_parts({"数据": ""}).items():
            if "sheet1" not in name:
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for _ in range(700):
                part.write(b"<row/>" * 170_000)
            part.write(b"</sheetData></worksheet>")
    return buffer.getvalue()


def _gigabyte_cell() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in xlsx_parts({"数据": ""}).items():
            if "sheet1" not in name:
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            head = sheet_xml(text_row(1, *HEADER) + '<row r="2"><c r="A2" t="inlineStr"><is><t>')
            part.write(head.partition("</sheetData>")[0].encode())
            for _ in range(1024):
                part.write(b"a" * 1024 * 1024)
            part.write(b"</t></is></c></row></sheetData></worksheet>")
    return buffer.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], type[TableError], str]] = {
    "no known encoding": (lambda: as_csv(HEADER, ROWS) + b"\xff\xfe\x81\x00\x9f", TableError, "表.csv"),
    "ten million blank rows": (
        lambda: as_csv(HEADER, ROWS) + b"\n" * 10_000_000 + "甲,企业,\n".encode(), refusals.TooManyBlankRowsError, "表.csv"
    ),
    "ten million rows of nothing but commas": (
        lambda: as_csv(HEADER, ROWS) + b",,\n" * 10_000_000, refusals.TooManyBlankRowsError, "表.csv"
    ),
    "merged headers": (
        lambda: xlsx(text_row(1, *HEADER) + text_row(2, *ROWS[0]), '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'),
        refusals.MergedHeaderError, "表.xlsx",
    ),
    "a zip bomb": (_zip_bomb, TableError, "表.xlsx"),
    "a cell of a gigabyte": (_gigabyte_cell, TableError, "表.xlsx"),
    "a program renamed": (lambda: b"MZ\x90\x00" + bytes(4096), refusals.UnsupportedFormatError, "企业.xlsx"),
    "a truncated workbook": (lambda: as_xlsx(HEADER, ROWS)[:-300], TableError, "企业.xlsx"),
    "a truncated old workbook": (lambda: as_xls(HEADER, ROWS)[:2_000], TableError, "企业.xls"),
    "a web page": (lambda: b"<html><table><tr><td>x</td></tr></table></html>", refusals.DisguisedFileError, "企业.xls"),
    "nothing": (lambda: b"", refusals.EmptyFileError, "企业.csv"),
    "no header": (lambda: as_csv(ROWS[0], ROWS[1:]), refusals.UnknownColumnsError, "企业.csv"),
    "a required column missing": (lambda: as_csv(HEADER[:1], [["甲公司"]]), refusals.MissingColumnsError, "企业.csv"),
    "a column twice": (lambda: as_csv(("名称", "企业名称", "类型"), []), refusals.AmbiguousColumnsError, "企业.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_lie_are_refused_whole(name: str) -> None:
    make, error, filename = HOSTILE[name]
    batch = begin("organisation", filename)
    with pytest.raises(error) as refusal:
        file_import(actor=SYSTEM, batch=batch, file=io.BytesIO(make()))
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.FAILED
    assert import_error(batch) == refusal.value.text
    assert import_report(batch) is None
    for model in (Organisation, Provenance, Source, Change, AuditEntry):
        assert not model._default_manager.exists(), model


def test_an_import_that_breaks_says_so_and_leaves_nothing() -> None:
    batch = begin("organisation")

    def break_down(done: int, total: int | None) -> None:
        if done:
            raise RuntimeError("out of order")

    with pytest.raises(RuntimeError):
        file_import(actor=SYSTEM, batch=batch, file=io.BytesIO(as_csv(HEADER, ROWS)), watch=break_down)
    batch.refresh_from_db()
    assert (batch.state, batch.report["error"]["code"]) == ("failed", "error")
    assert "out of order" not in batch.report["error"]["en"]
    assert not Organisation.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.AUDITOR])
def test_only_the_office_begins_or_runs_an_import(role: Role) -> None:
    stranger = make_user(role)
    with pytest.raises(NotAllowedError):
        batch_begin(actor=stranger, kind=import_kind("need"), filename="a.csv", facts=SourceFacts())
    batch = begin("organisation")
    with pytest.raises(NotAllowedError):
        file_import(actor=stranger, batch=batch, file=io.BytesIO(as_csv(HEADER, ROWS)))
    assert not Organisation.objects.exists()


def test_kinds_go_by_their_names_and_plurals() -> None:
    assert [import_kind(name).name for name in ("organisations", "policies", "loan", "labels")] == [
        "organisation", "policy", "loan", "label",
    ]  # fmt: skip
    with pytest.raises(UnknownKindError):
        import_kind("lottery")


def test_a_report_names_so_many_findings_and_counts_the_rest() -> None:
    rows = [(f"机构{number}", "工厂", "") for number in range(30)]
    batch = begin("organisation")
    report = file_import(actor=SYSTEM, batch=batch, file=io.BytesIO(as_csv(HEADER, rows)), findings_kept=10)
    assert (len(report.problems), report.problem_count, report.skipped) == (10, 30, 30)
