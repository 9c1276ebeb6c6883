"""`yunlang index run`: the files it writes, and that they are there whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.indicators.shell import index, index_run
from tests.indicators.toy_index import LONG, ROWS, toy_files, write
from yunlang.indicators.core.recipe import STAGES, Recipe
from yunlang.indicators.framework_files import recipe_read
from yunlang.indicators.outputs import files as output_files

WRITTEN = {
    *(f"stage_{stage}.csv" for stage in ("raw", *STAGES, "weight", "aggregate")),
    "scores.csv", "ranks.csv", "report.html", "results.xlsx", "recipe.yaml", "run.json",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")


@pytest.fixture
def toy(tmp_path: Path) -> tuple[Path, Path]:
    return toy_files(tmp_path)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_writes_every_stage_scores_a_report_and_a_workbook(toy: tuple[Path, Path], tmp_path: Path) -> None:
    answer = index_run(*toy, tmp_path / "new" / "out")
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} == WRITTEN
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"], "nothing else is left behind"
    assert "Toy index" in answer.output
    scores = rows(tmp_path / "new" / "out" / "scores.csv")
    assert [row["uCode"] for row in scores] == [line.split(",")[0] for line in ROWS]
    assert list(scores[0]) == ["uCode", "A", "B", "I"]


def test_missing_values_are_empty_cells(toy: tuple[Path, Path], tmp_path: Path) -> None:
    index_run(*toy, tmp_path / "out", {"impute.method": "none", "screen.availability": "null"})
    cells = {row["uCode"]: row["a2"] for row in rows(tmp_path / "out" / "stage_normalise.csv")}
    assert cells["u3"] == ""
    assert "" not in {cells[unit] for unit in cells if unit != "u3"}


def test_the_same_run_gives_the_same_bytes(toy: tuple[Path, Path], tmp_path: Path) -> None:
    index_run(*toy, tmp_path / "one")
    index_run(*toy, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_run_can_be_had_again_from_what_it_wrote(toy: tuple[Path, Path], tmp_path: Path) -> None:
    settings = {"normalise.method": "zscore", "aggregate.by_level.2.method": "median", "weight.given.b1": "3"}
    index_run(*toy, tmp_path / "one", settings)
    recipe = tmp_path / "one" / "recipe.yaml"
    assert recipe_read(recipe) == Recipe().changed(settings)
    words = ("--framework", toy[0], "--data", toy[1], "--recipe", recipe, "--out", tmp_path / "two")
    assert index("run", *words).status == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_stage_left_out_of_the_order_is_not_written(toy: tuple[Path, Path], tmp_path: Path) -> None:
    index_run(*toy, tmp_path / "out", {"order": "impute,normalise"})
    assert "stage_treat.csv" not in contents(tmp_path / "out")
    assert "stage_impute.csv" in contents(tmp_path / "out")


def test_long_data_of_several_periods_with_indicators_by_name(toy: tuple[Path, Path], tmp_path: Path) -> None:
    index_run(toy[0], write(tmp_path, "long.csv", LONG), tmp_path / "out")
    scores = rows(tmp_path / "out" / "scores.csv")
    assert [(row["uCode"], row["Time"]) for row in scores[:4]] == [
        ("u1", "2020"), ("u2", "2020"), ("u3", "2020"), ("u1", "2021"),
    ]  # fmt: skip
    assert list(scores[0]) == ["uCode", "Time", "A", "B", "I"]


def test_run_json_knows_the_run_again(toy: tuple[Path, Path], tmp_path: Path) -> None:
    index_run(*toy, tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert facts["recipe"] == Recipe().digest()
    assert facts["sources"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in toy}
    assert [stage["name"] for stage in facts["stages"]] == ["raw", *STAGES]
    written = contents(tmp_path / "out")
    assert facts["files"] == {
        name: hashlib.sha256(data).hexdigest() for name, data in sorted(written.items()) if name != "run.json"
    }


def test_a_second_run_takes_the_place_of_the_first_and_spares_what_is_not_its_own(
    toy: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    index_run(*toy, out)
    (out / "my notes.txt").write_text("keep", encoding="utf-8")
    index_run(*toy, out, {"order": "normalise"})
    assert {path.name for path in out.iterdir()} == {
        "my notes.txt", *WRITTEN - {"stage_denominate.csv", "stage_impute.csv", "stage_screen.csv", "stage_treat.csv"},
    }  # fmt: skip


def test_a_run_that_fails_leaves_an_earlier_result_alone(toy: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    index_run(*toy, out)
    before = contents(out)
    answer = index("run", "--framework", toy[0], "--data", toy[1], "--out", out, "--set", "aggregate.method=geometric")
    assert answer.status == 1
    assert "geometric" in answer.errors
    assert contents(out) == before
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"


def test_a_run_stopped_while_it_writes_leaves_nothing(
    toy: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return ""

    monkeypatch.setattr(output_files, "report_html", stop)
    answer = index("run", "--framework", toy[0], "--data", toy[1], "--out", tmp_path / "out")
    assert answer.status == 128 + signal.SIGTERM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "framework.yaml"]


def test_what_the_scores_do_not_show_is_said(tmp_path: Path) -> None:
    framework, data = toy_files(tmp_path, (*ROWS, "u7,庚镇,north,0,1,,,", "u8,辛镇,north,5,1,1,1,1"))
    answer = index_run(framework, data, tmp_path / "out", {"impute.method": "none"})
    assert "dropped: u3, u7" in answer.errors


def test_the_commands_need_no_site_and_no_database(toy: tuple[Path, Path], tmp_path: Path) -> None:
    program = (
        "import sys; from yunlang import cli; sys.argv = ['yunlang', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        "from django.conf import settings; assert not settings.configured\n"
        "from django.apps import apps; assert not apps.ready\n"
    )
    words = ["index", "run", "--framework", toy[0], "--data", toy[1], "--out", tmp_path / "out"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_command_line_starts_without_what_only_computing_needs() -> None:
    program = (
        "import sys, yunlang.indicators.cli\n"
        "found = {'numpy', 'scipy', 'pydantic', 'django', 'xlsxwriter'} & set(sys.modules)\n"
        "assert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
