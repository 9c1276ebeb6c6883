"""`yunlang index uncertainty`, `compare` and `audit`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.indicators.shell import index, index_run
from tests.indicators.toy_index import LONG, toy_files, write
from yunlang.indicators.core.audit.report import audit
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.inputs import inputs_read

UNITS = ["u1", "u2", "u3", "u4", "u5", "u6"]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNLANG_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def toy(tmp_path: Path) -> list[object]:
    framework, data = toy_files(tmp_path)
    return ["--framework", framework, "--data", data]


def answered(*words: object) -> Any:
    answer = index(*words, "--json")
    assert answer.status == 0, answer.errors
    return json.loads(answer.output)


def test_uncertainty_gives_each_units_rank_interval(toy: list[object]) -> None:
    found = answered("uncertainty", *toy, "--replicates", 200, "--seed", 3)
    assert found["seconds"] > 0
    assert (found["replicates"], found["seed"]) == (200, 3)
    assert [one["unit"] for one in found["units"]] == UNITS
    ranks = inputs_read(Path(str(toy[1])), Path(str(toy[3]))).engine().run(Recipe()).rank()[0].tolist()
    assert [one["nominal"] for one in found["units"]] == ranks
    for one in found["units"]:
        assert 1 <= one["q5"] <= one["median"] <= one["q95"] <= 6
        assert one["q5"] <= one["mean"] <= one["q95"] or one["q5"] == one["q95"]


def test_without_a_plan_the_four_variations_of_coinrs_vignette_are_drawn(toy: list[object]) -> None:
    found = answered("uncertainty", *toy, "--replicates", 50)
    assert [one["name"] for one in found["effects"]] == ["treat.points", "normalise", "weights", "aggregate.method"]
    points, normalise, weights, means = found["plan"]["inputs"]
    assert points["values"] == [1, 2, 3, 4, 5]
    assert [(one["method"], one["range"], one["mean"], one["deviation"]) for one in normalise["values"]] == [
        ("minmax", [1, 100], 0.0, 1.0), ("zscore", [0.0, 100.0], 10, 2),
    ]  # fmt: skip
    assert (weights["factor"], weights["draws"]) == (0.25, 100)
    assert means["values"] == ["arithmetic", "geometric"]
    assert "treat.points" in found["no_effect"], "this index has no outliers"


def test_the_same_seed_gives_the_same_answer_and_another_one_another(toy: list[object]) -> None:
    one, two, three = (answered("uncertainty", *toy, "--replicates", 40, "--seed", seed) for seed in (7, 7, 8))
    for found in (one, two, three):
        found.pop("seconds")
    assert one == two
    assert one["units"] != three["units"]


def test_a_plan_says_what_is_uncertain_and_what_fails_is_reported(toy: list[object], tmp_path: Path) -> None:
    plan = write(
        tmp_path,
        "plan.yaml",
        "inputs: [{kind: alternatives, setting: aggregate.method, values: [arithmetic, geometric]}]",
    )
    found = answered("uncertainty", *toy, "--plan", plan, "--replicates", 60, "--sobol", 8)
    assert 0 < found["failed"] < 60, "a geometric mean of zeros does not exist"
    assert found["failures"][0]["settings"] == {"aggregate.method": "geometric"}
    assert [one["name"] for one in found["sensitivity"]["inputs"]] == ["aggregate.method"]
    answer = index("uncertainty", *toy, "--plan", plan, "--replicates", 60)
    assert "replicates cannot be computed (aggregate.method=geometric)" in answer.errors
    assert "60 replicates" in answer.output


def test_a_period_and_a_node_of_a_panel_can_be_asked_for(toy: list[object], tmp_path: Path) -> None:
    words = [*toy[:2], "--data", write(tmp_path, "long.csv", LONG), "--replicates", 20]
    assert len(answered("uncertainty", *words, "--period", 2020, "--node", "B")["units"]) == 3
    assert "1999: there is no such period" in index("uncertainty", *words, "--period", 1999).errors
    assert "zz: the framework has no such node" in index("uncertainty", *words, "--node", "zz").errors


def test_what_is_wrong_with_a_plan_is_named(toy: list[object], tmp_path: Path) -> None:
    for text, said in (
        ("inputs: []", "inputs: "),
        (
            "inputs: [{kind: alternatives, setting: aggregate.methods, values: [a]}]",
            "aggregate.methods: there is no such",
        ),
        ("inputs: [{kind: between, setting: treat.skewness, low: 3, high: 2}]", "the range's lower end"),
        ("inputs: [{kind: guess}]", "inputs.0"),
    ):
        answer = index("uncertainty", *toy, "--plan", write(tmp_path, "plan.yaml", text))
        assert answer.status == 1
        assert said in answer.errors


def test_two_recipes_side_by_side(toy: list[object]) -> None:
    found = answered("compare", *toy, "--set", "aggregate.method=copeland")
    engine = inputs_read(Path(str(toy[1])), Path(str(toy[3]))).engine()
    for recipe, name in ((Recipe(), "first"), (Recipe().changed({"aggregate.method": "copeland"}), "second")):
        run = engine.run(recipe)
        expected = dict(zip(run.units, run.rank()[0].tolist(), strict=True))
        assert {one["unit"]: one[f"{name}_rank"] for one in found["places"]} == expected
    for one in found["places"]:
        assert one["shift"] == one["first_rank"] - one["second_rank"]


def test_two_results_side_by_side(toy: list[object], tmp_path: Path) -> None:
    paths = Path(str(toy[1])), Path(str(toy[3]))
    index_run(*paths, tmp_path / "one")
    index_run(*paths, tmp_path / "two", {"aggregate.method": "copeland"})
    by_recipe = answered("compare", *toy, "--set", "aggregate.method=copeland")
    by_folder = answered("compare", tmp_path / "one", tmp_path / "two")
    for found in (by_recipe, by_folder):
        for one in found["places"] + found["rising"] + found["falling"]:
            one.pop("name")
    assert by_folder == by_recipe
    shown = index("compare", tmp_path / "one", tmp_path / "two")
    assert "mean shift of ranks" in shown.output


def test_what_cannot_be_compared_is_named(toy: list[object], tmp_path: Path) -> None:
    index_run(Path(str(toy[1])), Path(str(toy[3])), tmp_path / "one")
    assert index("compare", tmp_path / "one").status == 2
    assert index("compare", *toy).status == 2
    answer = index("compare", tmp_path / "one", tmp_path / "none")
    assert answer.status == 1
    assert f"{tmp_path / 'none' / 'scores.csv'}: there is no such file" in answer.errors
    assert "there is no column “zz”" in index("compare", tmp_path / "one", tmp_path / "one", "--node", "zz").errors


def test_the_audit_is_the_librarys_and_its_tables_are_written(toy: list[object], tmp_path: Path) -> None:
    found = answered("audit", *toy, "--out", tmp_path / "out")
    engine = inputs_read(Path(str(toy[1])), Path(str(toy[3]))).engine()
    assert found == json.loads(json.dumps(audit(engine, Recipe()).plain()))
    assert json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8")) == found
    with (tmp_path / "out" / "statistics.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["code"], row["missing"]) for row in csv.DictReader(file)] == [
            ("a1", "0"), ("a2", "1"), ("b1", "0"), ("b2", "0"),
        ]  # fmt: skip
    with (tmp_path / "out" / "correlations.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 7 * 6 // 2


def test_the_audit_can_be_read(toy: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = index("audit", *toy).output
    for title in ("Indicators to look at", "Flagged correlations", "Cronbach's alpha", "Without one unit"):
        assert title in shown
    monkeypatch.setenv("YUNLANG_LANGUAGE", "zh-hans")
    assert "需要留意的指标" in index("audit", *toy).output


def test_an_audit_and_a_run_can_share_a_folder(toy: list[object], tmp_path: Path) -> None:
    out = tmp_path / "out"
    index_run(Path(str(toy[1])), Path(str(toy[3])), out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert index("audit", *toy, "--out", out).status == 0
    after = {path.name: path.read_bytes() for path in out.iterdir()}
    assert before.items() <= after.items()
    assert {"audit.json", "audit_files.json"} <= after.keys()
