"""The workbook and the report of a run."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest

from tests.indicators.toy_index import FRAMEWORK, LONG, ROWS, toy_files, write
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Run
from yunlang.indicators.inputs import inputs_read
from yunlang.indicators.outputs import ranking, report_html, workbook, workbook_write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return inputs_read(*toy_files(tmp_path)).engine().run(Recipe())


@pytest.fixture
def panel(tmp_path: Path) -> Run:
    framework, _ = toy_files(tmp_path)
    return inputs_read(framework, write(tmp_path, "long.csv", LONG)).engine().run(Recipe())


def book_of(run: Run, language: str) -> openpyxl.Workbook:
    stream = io.BytesIO()
    workbook_write(run, stream, language=language)
    return openpyxl.load_workbook(stream)


def test_units_are_ranked_from_the_best_score_down(run: Run) -> None:
    rows = ranking(run)
    assert [row.rank for row in rows] == [1, 2, 3, 4, 5, 6]
    scores = [row.score or 0.0 for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert set(rows[0].parts) == {"A", "B"}


def test_a_unit_without_a_score_comes_last_and_has_no_rank(tmp_path: Path) -> None:
    inputs = inputs_read(*toy_files(tmp_path, (*ROWS, "u7,,,,,,,")))
    settings = {"impute.method": "none", "screen.availability": None}
    run = inputs.engine().run(Recipe().changed(settings))
    last = ranking(run)[-1]
    assert (last.unit, last.rank, last.score) == ("u7", None, None)
    assert "—" in report_html(run, language="en")
    assert book_of(run, "en")["results"].cell(8, 1).value is None


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["results", "scores", "raw data", "denominate", "impute", "screen units", "treat outliers", "normalise",
                "weight", "aggregate", "recipe", "framework", "notes"]),
        ("zh-hans", ["结果", "得分", "原始数据", "除以规模", "插补", "筛选单位", "处理离群值", "无量纲化", "赋权", "合成",
                     "计算方案", "指标框架", "说明"]),
    ],
)  # fmt: skip
def test_the_workbook_speaks_the_readers_language(run: Run, language: str, names: list[str]) -> None:
    book = book_of(run, language)
    assert book.sheetnames == names
    for sheet in book:
        assert sheet.freeze_panes is not None, sheet.title


def test_the_workbook_holds_the_ranking_and_every_number(run: Run) -> None:
    book = book_of(run, "en")
    results = list(book["results"].values)
    assert results[0] == ("rank", "code", "name", "The index", "Spending and output", "Environment")
    assert [(row[0], row[1]) for row in results[1:]] == [(row.rank, row.unit) for row in ranking(run)]
    assert results[1][3] == pytest.approx(ranking(run)[0].score, rel=1e-14)
    assert book["results"]["D2"].number_format == "0.00"
    raw = {row[0]: row[2] for row in list(book["raw data"].values)[1:]}
    assert raw["u3"] is None
    assert raw["u1"] == 1.5


def test_the_workbook_of_a_panel_has_the_latest_period_first(panel: Run) -> None:
    rows = list(book_of(panel, "en")["results"].values)
    assert [row[3] for row in rows] == ["period", "2021", "2021", "2021", "2020", "2020", "2020"]


def test_a_table_too_large_for_a_workbook_is_left_out_and_the_notes_say_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "CELLS_AT_MOST", 60)
    book = book_of(run, "en")
    assert "scores" in book.sheetnames
    assert "aggregate" not in book.sheetnames
    notes = dict(list(book["notes"].values))
    assert notes["aggregate"] == "too large for a workbook; it is in stage_aggregate.csv"


def test_the_report_stands_alone(run: Run) -> None:
    html = report_html(run, language="en")
    assert not re.findall(r"<(?:script|link|img|iframe)\b|\b(?:src|href)=|@import|url\(", html)
    assert '<html lang="en">' in html
    for words in ("The index", "丁镇", run.inputs, run.recipe.digest(), "Missing raw data", "a2", "16.7%"):
        assert words in html


def test_the_report_of_a_panel_ranks_the_last_period_and_shows_every_one(panel: Run, run: Run) -> None:
    html = report_html(panel, language="en")
    assert "Period 2021" in html
    series = html.partition("Scores of the index over time")[2].partition("</table>")[0]
    cells = re.findall(r'<td class="number">([^<]*)</td>', series)
    place = {unit: index for index, unit in enumerate(panel.units)}
    expected = [f"{score:.2f}" for row in ranking(panel) for score in panel.score()[:, place[row.unit]]]
    assert cells == expected
    assert "Scores of the index over time" not in report_html(run, language="en")


def test_the_report_speaks_the_readers_language(run: Run) -> None:
    html = report_html(run, language="zh-hans")
    assert '<html lang="zh-Hans">' in html
    for words in ("总指数", "投入产出", "缺失的原始数据", "如何重算"):
        assert words in html
    english = report_html(run, language="en")
    body = re.sub("|".join(row.split(",")[1] for row in ROWS), "", english)
    assert not re.search("[\u3400-\u9fff]", body)


def test_what_a_file_says_is_text_in_the_report(tmp_path: Path) -> None:
    _, data = toy_files(tmp_path, (ROWS[0].replace("甲镇", "<script>alert(1)</script>"), *ROWS[1:]))
    text = FRAMEWORK.replace("The index", "<b>Index & more</b>")
    run = inputs_read(write(tmp_path, "framework.yaml", text), data).engine().run(Recipe())
    html = report_html(run, language="en")
    assert "<script" not in html
    assert "&lt;b&gt;Index &amp; more&lt;/b&gt;" in html


def test_bars_are_as_long_as_scores_and_negative_ones_go_to_the_left(tmp_path: Path) -> None:
    run = inputs_read(*toy_files(tmp_path)).engine().run(Recipe().changed({"normalise.method": "zscore"}))
    found = re.findall(r'<rect x="([\d.]+)" y="0" width="([\d.]+)"', report_html(run, language="en"))
    bars = [(float(x), float(width)) for x, width in found]
    scores = [row.score or 0.0 for row in ranking(run)]
    span = max(scores) - min(scores)
    zero = 100 * -min(scores) / span
    for (x, width), score in zip(bars, scores, strict=True):
        assert width == pytest.approx(100 * abs(score) / span, abs=0.006)
        assert (x if score > 0 else x + width) == pytest.approx(zero, abs=0.011)


def test_treatment_and_experts_judgement_are_told(tmp_path: Path) -> None:
    rows = tuple(f"v{place},,,10,5,{place % 3},{place % 7},{1000 if place == 3 else place % 5}" for place in range(40))
    inputs = inputs_read(*toy_files(tmp_path, tuple(row.replace(",10,5,", f",10,{n},") for n, row in enumerate(rows))))
    pairs = [[1, 2], [0.5, 1]]
    recipe = Recipe().changed({"weight.method": "ahp", "weight.matrices": dict.fromkeys(("A", "B", "I"), pairs)})
    html = report_html(inputs.engine().run(recipe), language="en")
    assert "1 values winsorised" in html
    assert "the consistency ratio of “A” is 0.000" in html
