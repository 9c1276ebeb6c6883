"""Tables in and out from a shell."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from typer.testing import CliRunner

import yunlang.cli
from tests.factories import make_organisation
from tests.registry.importing.files import as_csv, as_xlsx
from yunlang.kit.errors import InvalidError
from yunlang.kit.tables import read_table
from yunlang.kit.tables.errors import UnsupportedFormatError
from yunlang.matching import services
from yunlang.registry.importing.kinds import UnknownKindError
from yunlang.registry.models import ImportBatch, Organisation, Source

pytestmark = pytest.mark.django_db
HEADER = ("名称", "类型")
BAD = [("甲公司", "企业"), ("乙公司", "工厂"), ("丙公司", "车间")]


@pytest.fixture(autouse=True)
def shell(corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' Django is there already, and speaks Chinese."""
    monkeypatch.setattr(yunlang.cli, "begin", lambda: None)
    monkeypatch.setenv("YUNLANG_LANGUAGE", "zh-hans")


def run(*arguments: object) -> Any:
    return CliRunner().invoke(yunlang.cli.app, [str(one) for one in arguments])


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "企业.csv"
    path.write_bytes(as_csv(HEADER, BAD))
    return path


def test_bad_rows_are_printed_and_the_status_is_0(bad: Path) -> None:
    result = run(
        "import", "organisation", bad, "--source", "示例名录", "--licence", "CC BY 4.0", "--date", "2026-01-01"
    )
    assert result.exit_code == 0
    assert "读取 3 行：新增 1，更新 0，未变 0，跳过 2" in result.output
    assert "工厂" in result.output
    assert "不在可选值中" in result.output
    source = Source.objects.get()
    assert (source.title_zh, source.licence, source.dated) == ("示例名录", "CC BY 4.0", "2026-01-01")


def test_all_or_nothing_has_the_status_1(bad: Path) -> None:
    result = run("import", "organisations", bad, "--all-or-nothing")
    assert result.exit_code == 1
    assert "没有导入任何数据" in result.output
    assert not Organisation.objects.exists()


def test_a_file_refused_as_a_whole_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\x89PNG\r\n")
    result = run("import", "organisation", path)
    assert result.exit_code == 1
    assert isinstance(result.exception, UnsupportedFormatError)
    assert ImportBatch.objects.get().state == "failed"


def test_an_unknown_kind_and_an_impossible_draft_are_errors(bad: Path) -> None:
    assert isinstance(run("import", "lottery", bad).exception, UnknownKindError)
    assert isinstance(run("import", "expert", bad, "--draft").exception, InvalidError)
    assert run("import", "organisation", bad.parent / "nowhere.csv").exit_code == 2
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_the_whole_report_goes_to_a_file(tmp_path: Path, suffix: str) -> None:
    path, report = tmp_path / "企业.csv", tmp_path / f"报告.{suffix}"
    path.write_bytes(as_csv(HEADER, [(f"机构{number}", "工厂") for number in range(25)]))
    result = run("import", "organisation", path, "--report", report)
    assert "报告已写入" in result.output
    with read_table(report) as table:
        assert table.row_estimate == 25
    assert "另有 5 条" in run("import", "organisation", path).output


def test_a_report_of_no_known_format_stops_before_the_import(bad: Path) -> None:
    assert run("import", "organisation", bad, "--report", "报告.txt").exit_code == 2
    assert not ImportBatch.objects.exists()


def test_json_is_the_report_alone(bad: Path) -> None:
    result = run("import", "organisation", bad, "--json")
    found = json.loads(result.stdout)
    assert (found["created"], found["skipped"], found["problem_count"]) == (1, 2, 2)
    assert found["problems"][0] | {"reason": ""} == {"row": 3, "column": "类型", "value": "工厂", "reason": ""}
    assert found["batch"] == str(ImportBatch.objects.get().pk)


def test_what_stands_in_a_file_does_not_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(HEADER, [("甲公司", "\x1b[31m[bold]工厂")]))
    output = run("import", "organisation", path).output
    assert "[bold]工厂" in output
    assert "\x1b[31m" not in output


def test_drafts(bad: Path) -> None:
    run("import", "organisation", bad, "--draft")
    assert Organisation.objects.get().status == "in_review"


def test_the_search_index_follows_where_there_is_one(
    bad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    updates: list[int] = []
    monkeypatch.setattr(services, "index_is_usable", lambda: True)
    monkeypatch.setattr(services, "index_update", lambda: updates.append(Organisation.objects.count()))
    monkeypatch.setattr(settings, "SEARCH_INDEX", tmp_path / "nowhere")
    run("import", "organisation", bad)
    assert updates == []
    monkeypatch.setattr(settings, "SEARCH_INDEX", tmp_path)
    run("import", "organisation", bad)
    assert updates == [1]
    monkeypatch.setattr(yunlang.cli, "_INDEXED_AT_ONCE", 0)
    monkeypatch.setattr(yunlang.cli, "worker_is_alive", lambda: True)
    bad.write_bytes(as_csv(HEADER, [("丁公司", "企业")]))
    run("import", "organisation", bad)
    assert updates == [1], "the worker that runs was woken by the import itself"
    monkeypatch.setattr(yunlang.cli, "worker_is_alive", lambda: False)
    bad.write_bytes(as_csv(HEADER, [("戊公司", "企业")]))
    run("import", "organisation", bad)
    assert updates == [1, 3]


def test_a_worker_is_alive_while_its_heart_beats() -> None:
    assert not yunlang.cli.worker_is_alive()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert yunlang.cli.worker_is_alive()


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_an_export_comes_back_through_the_shell(tmp_path: Path, suffix: str) -> None:
    make_organisation(name="甲公司")
    path = tmp_path / f"机构.{suffix}"
    path.write_text("old")
    result = run("export", "organisation", path)
    assert (result.exit_code, "已导出 1 条" in result.output) == (0, True)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert "未变 1" in run("import", "organisation", path).output


def test_an_export_to_the_standard_output_is_json_lines_or_csv() -> None:
    make_organisation(name="甲公司")
    assert json.loads(run("export", "organisation", "-").stdout)["name"] == "甲公司"
    assert '"名称"' in run("export", "organisation", "-", "--csv").stdout


def test_an_export_of_no_known_format_is_an_error(tmp_path: Path) -> None:
    assert run("export", "organisation", tmp_path / "a.pdf").exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("language", "column"), [("zh-hans", "名称 *"), ("en", "name *")])
def test_a_template_in_the_shells_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, column: str
) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", language)
    path = tmp_path / "模板.xlsx"
    assert run("template", "organisation", path).exit_code == 0
    with read_table(io.BytesIO(path.read_bytes()), filename="模板.xlsx") as table:
        assert table.columns[0] == column
    assert run("template", "organisation", tmp_path / "模板.csv").exit_code == 2


def test_a_workbook_comes_in_too(tmp_path: Path) -> None:
    path = tmp_path / "企业.xlsx"
    path.write_bytes(as_xlsx(HEADER, BAD[:1]))
    assert "新增 1" in run("import", "organisation", path).output
