"""Links between cities from a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.indicators.link_tables import HEADER, PATENTS, introduce
from tests.registry.importing.files import as_csv, as_xlsx
from yunlang.indicators import links_cli
from yunlang.indicators.models import LinkObservation
from yunlang.registry.models import City, Source

pytestmark = pytest.mark.django_db
BAD = ("合作专利", "2024", "上海", "苏州", 1)


@pytest.fixture(autouse=True)
def shell(corridor: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell speaks Chinese."""
    monkeypatch.setenv("YUNLANG_LANGUAGE", "zh-hans")


def run(*arguments: object) -> Any:
    app = typer.Typer()
    app.command("import")(links_cli.import_links)
    app.command("show")(links_cli.show_links)
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "联系.xlsx"
    path.write_bytes(as_xlsx(HEADER, [*PATENTS, BAD]))
    return path


def test_good_rows_are_imported_and_bad_ones_named(table: Path) -> None:
    result = run("import", table, "--source", "专利统计", "--licence", "CC BY 4.0", "--date", "2025-03-01")
    assert result.exit_code == 0
    assert "读取 4 行：新增 3，更新 0，未变 0，跳过 1" in result.output
    assert "“上海”不是九城市之一" in result.output
    source = Source.objects.get()
    assert (source.title_zh, source.licence, source.dated) == ("专利统计", "CC BY 4.0", "2025-03-01")


def test_all_or_nothing_has_the_status_1(table: Path) -> None:
    result = run("import", table, "--all-or-nothing", "--json")
    assert result.exit_code == 1
    assert not LinkObservation.objects.exists()


def test_the_report_is_json_where_wanted(table: Path) -> None:
    report = json.loads(run("import", table, "--json").stdout)
    assert (report["created"], report["skipped"]) == (3, 1)
    assert report["problems"][0]["row"] == 5


def test_many_bad_rows_are_shown_in_part(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_bytes(as_csv(HEADER, [BAD] * 25))
    assert "另有 5 条" in run("import", path).output


def test_links_are_shown_as_a_matrix_and_as_json(table: Path) -> None:
    run("import", table)
    shown = run("show", "co_patent").output
    assert "合作专利 2024" in shown
    assert "30" in shown
    assert "跨市合计: 42" in shown
    assert "没有数据的城市对: 34" in shown
    record = json.loads(run("show", "co_patent", "--json").stdout)
    assert (record["period"], record["directed"], record["unit"]) == ("2024", False, "patent")
    assert record["matrix"][0][1] == record["matrix"][1][0] == 12
    assert record["matrix"][0][8] is None
    assert record["indicators"]["310117"]["strength"] is None
    assert record["network"]["total"] == 42
    assert record["gravity"] is None


def test_a_period_may_be_named(corridor: dict[str, City]) -> None:
    introduce(corridor["Suzhou"], corridor["Wuhu"])
    record = json.loads(run("show", "introduction", "--period", "2026-11", "--json").stdout)
    assert (record["period"], record["source"], record["network"]["total"]) == ("2026-11", None, 1)


def test_an_unknown_kind_and_a_kind_without_links_say_so() -> None:
    assert run("show", "friendship").exit_code == 2
    assert "还没有这类联系的数据" in run("show", "co_project").output
    assert json.loads(run("show", "co_project", "--json").stdout) is None
