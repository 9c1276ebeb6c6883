"""What is exported is imported back: every kind, every format, both languages; nothing changes."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest

from tests.factories import make_organisation
from tests.registry.importing.files import as_csv, counts, credit_code, run, run_csv
from yunlang.kit.fields import Field, FieldType
from yunlang.kit.models import Change
from yunlang.kit.tables import read_table
from yunlang.registry.core.kinds import RESOURCE_KINDS
from yunlang.registry.core.lifecycle import Status
from yunlang.registry.importing.export import table_export
from yunlang.registry.importing.kinds import IMPORT_KINDS, import_kind
from yunlang.registry.models import (
    Expert,
    Need,
    Organisation,
    OrganisationAttribute,
    OrganisationLabel,
    Resource,
)

pytestmark = pytest.mark.django_db
OWNER, CODE = "湖州“某某”新材料（集团）有限公司", credit_code(1)
MODELS: dict[str, Any] = {
    "organisation": Organisation, "label": OrganisationLabel, "attribute": OrganisationAttribute, "expert": Expert,
    "need": Need, **dict.fromkeys(RESOURCE_KINDS, Resource),
}  # fmt: skip
# What a spreadsheet program might run, and what tables trip over.
LINES = ("=cmd|' /C calc'!A0", "'=1+1", "-2+3；4", '含"引号", 逗号', "+86 512 1234", "@SUM(A1)", "0012", "＝1")
TEXTS = ("第一行\n第二行，含；分号", '=HYPERLINK("http://a.example")\n末行', "\t不是缩进", "1e5")
VALUES: dict[FieldType, tuple[str, ...]] = {
    FieldType.LINE: LINES,
    FieldType.TEXT: TEXTS,
    FieldType.WORDS: ("固态电池；=1+1", "R&D；'引号"),
    FieldType.INTEGER: ("7", "3"),
    FieldType.DECIMAL: ("12.5", "0.0001"),
    FieldType.MONEY: ("1234567.89", "0.5"),
    FieldType.DATE: ("2026-02-28", "2099-12-31"),
    FieldType.URL: ("https://example.com/a?b=c&d=%20", "http://例子.example/"),
}
FIXED = {
    "organisation": (OWNER, OWNER), "organisation_code": (CODE, ""), "expert": ("张三", ""), "city": ("合肥", ""),
    "number": ("001", ""), "credit_code": (credit_code(2), ""), "placement": ("", "走廊外"), "year": ("2024", "1999"),
    "contact_email": ("a@example.com", ""), "valid_from": ("2026-01-01", ""), "valid_until": ("2099-01-01", ""),
}  # fmt: skip


def cell(spec: Field, place: int, row: int) -> str:
    if spec.name in FIXED:
        return FIXED[spec.name][row]
    if spec.choices:
        return list(spec.choices.values())[row].zh
    values = VALUES[spec.type]
    return values[(place + row) % len(values)][: spec.max_length]


def fill(name: str) -> None:
    """Register an organisation, an expert, and two full records of the kind."""
    make_organisation(name=OWNER, credit_code=CODE, city="330500")
    run_csv("expert", ("姓名", "机构"), ("张三", OWNER))
    fields = import_kind(name).fields
    rows = [[cell(spec, place, row) for place, spec in enumerate(fields)] for row in (0, 1)]
    _, report = run(name, as_csv([spec.name for spec in fields], rows))
    assert (counts(report)[3], report.problems) == (0, ())


def snapshot(name: str) -> list[dict[str, Any]]:
    return list(MODELS[name].objects.order_by("pk").values())


def exported(name: str, format: Any, language: str) -> bytes:
    buffer = io.BytesIO()
    assert table_export(import_kind(name), format, buffer, language=language) >= 2
    return buffer.getvalue()


@pytest.mark.parametrize("name", IMPORT_KINDS)
def test_an_import_of_an_export_changes_nothing(corridor: object, name: str) -> None:
    fill(name)
    before, changes = snapshot(name), Change.objects.count()
    for format in ("csv", "xlsx", "jsonl"):
        for language in ("zh-hans", "en"):
            data = exported(name, format, language)
            _, report = run(name, data, filename=f"表.{format}")
            outcome = report.created, report.updated, report.skipped, report.problems, report.warnings
            assert outcome == (0, 0, 0, (), ()), f"{format} {language}"
            assert report.unchanged == report.read >= 2
    assert snapshot(name) == before
    assert Change.objects.count() == changes


def test_an_export_holds_every_column_that_an_import_knows(corridor: object) -> None:
    fill("organisation")
    with read_table(io.BytesIO(exported("organisation", "xlsx", "zh-hans")), filename="a.xlsx") as table:
        rows = [row.values for row in table]
    assert len(table.columns) == len(import_kind("organisation").fields)
    filled = {column for row in rows for column, value in row.items() if value is not None}
    assert filled == set(table.columns)


def test_no_exported_cell_runs_as_a_formula(corridor: object) -> None:
    fill("organisation")
    text = exported("organisation", "csv", "zh-hans").decode("utf-8-sig")
    cells = [one for row in csv.reader(io.StringIO(text)) for one in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert [one for one in cells if one and one[0] in "=+-@＝\t\r\n"] == []
    with zipfile.ZipFile(io.BytesIO(exported("organisation", "xlsx", "zh-hans"))) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_only_what_is_published_goes_out(corridor: object) -> None:
    fill("need")
    Need.objects.filter(number="001").update(status=Status.CLOSED)
    buffer = io.BytesIO()
    assert table_export(import_kind("need"), "jsonl", buffer, language="en") == 1


def test_headers_are_in_the_language_asked_for_with_their_units(corridor: object) -> None:
    fill("need")
    chinese = exported("need", "csv", "zh-hans").decode("utf-8-sig").splitlines()[0]
    english = exported("need", "csv", "en").decode("utf-8-sig").splitlines()[0]
    assert '"需求类型"' in chinese
    assert '"预算（元）"' in chinese
    assert '"kind"' in english
    assert '"budget (CNY)"' in english


def test_a_name_borne_twice_once_without_a_code_comes_back_to_its_own(corridor: object) -> None:
    make_organisation(name="某某公司", credit_code=CODE, address="有代码")
    make_organisation(name="某某公司", address="无代码")
    buffer = io.BytesIO()
    table_export(import_kind("organisation"), "csv", buffer, language="zh-hans")
    _, report = run("organisation", buffer.getvalue())
    assert counts(report) == (0, 0, 2, 0)
