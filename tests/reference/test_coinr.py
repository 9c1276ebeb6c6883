"""Every figure that COINr 1.1.14 gives for its ASEM example, and variants worked out by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from tests.indicators.shell import index_run
from tests.reference.coinr_by_hand import NORMALISED, Table, Tree, aggregated, normalised, read_columns
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine, Run
from yunlang.indicators.inputs import inputs_read

NEAR = 1e-9
STAGES = {
    "raw": "coinr_raw", "denominate": "coinr_denominated", "impute": "coinr_imputed", "screen": "coinr_screened",
    "treat": "coinr_treated", "normalise": "coinr_normalised", "aggregate": "coinr_aggregated",
}  # fmt: skip
ZSCORE = {"normalise.method": "zscore", "normalise.mean": "10", "normalise.deviation": "2"}
GEOMETRIC = {"normalise.range": "1,100", "aggregate.method": "geometric"}
VARIANTS = {"zscore_amean": ZSCORE, "minmax1_100_gmean": GEOMETRIC}


@pytest.fixture(scope="module")
def engine(coinr: Path) -> Engine:
    return inputs_read(coinr / "asem_framework.csv", coinr / "asem_data.csv").engine()


@pytest.fixture(scope="module")
def written(coinr: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_asem(coinr, tmp_path_factory.mktemp("asem") / "out", {})


def run_asem(coinr: Path, out: Path, settings: dict[str, str]) -> Path:
    index_run(coinr / "asem_framework.csv", coinr / "asem_data.csv", out, settings)
    return out


def columns_of(run: Run, stage: str) -> Table:
    codes = run.framework.codes if stage == "aggregate" else run.stages[stage].data.indicators
    values = run.scores if stage == "aggregate" else run.stages[stage].data.values
    units = run.units if stage == "aggregate" else run.stages[stage].data.units
    return {code: dict(zip(units, values[0, :, place].tolist(), strict=True)) for place, code in enumerate(codes)}


def assert_same(found: Table, expected: Table) -> None:
    """Every column and unit expected is there, and none else but what the comparison leaves out; NaN is NaN."""
    assert expected
    assert expected.keys() <= found.keys()
    for code, column in expected.items():
        assert found[code].keys() == column.keys(), code
        for unit, value in column.items():
            assert found[code][unit] == pytest.approx(value, rel=NEAR, abs=NEAR, nan_ok=True), (code, unit)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_coinrs_in_the_library(coinr: Path, engine: Engine, stage: str) -> None:
    found, expected = columns_of(engine.run(Recipe()), stage), read_columns(coinr / f"{STAGES[stage]}.csv")
    assert found.keys() == expected.keys()
    assert_same(found, expected)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_coinrs_in_the_files(coinr: Path, written: Path, stage: str) -> None:
    assert_same(read_columns(written / f"stage_{stage}.csv"), read_columns(coinr / f"{STAGES[stage]}.csv"))


def test_files_hold_every_digit(engine: Engine, written: Path) -> None:
    run = engine.run(Recipe())
    for stage in STAGES:
        for code, column in columns_of(run, stage).items():
            kept = read_columns(written / f"stage_{stage}.csv")[code]
            assert all(kept[unit] == value or math.isnan(value) for unit, value in column.items()), (stage, code)


def test_scores_and_ranks_are_coinrs(coinr: Path, written: Path) -> None:
    with (coinr / "coinr_results.csv").open(encoding="utf-8", newline="") as file:
        ranks = {row["uCode"]: float(row["Rank"]) for row in csv.DictReader(file)}
    results = read_columns(coinr / "coinr_results.csv")
    assert_same(read_columns(written / "scores.csv"), results)
    assert read_columns(written / "ranks.csv")["Index"] == ranks


def test_weights_in_force_are_coinrs(coinr: Path, written: Path) -> None:
    def weights(path: Path) -> dict[str, tuple[int, float]]:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["iCode"]: (int(row["Level"]), float(row["Weight"])) for row in csv.DictReader(file)}

    assert weights(written / "stage_weight.csv") == weights(coinr / "coinr_weights.csv")


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_variants_are_coinrs(coinr: Path, engine: Engine, tmp_path: Path, variant: str) -> None:
    expected = read_columns(coinr / f"coinr_variant_{variant}.csv")
    run = engine.run(Recipe().changed(VARIANTS[variant]))
    assert_same(columns_of(run, "aggregate"), expected)
    assert_same(read_columns(run_asem(coinr, tmp_path / "out", VARIANTS[variant]) / "scores.csv"), expected)
    order = sorted(expected["Index"], key=lambda unit: -expected["Index"][unit])
    assert run.rank()[0].tolist() == [order.index(unit) + 1 for unit in run.units]


@pytest.mark.parametrize("aggregate", ["arithmetic", "copeland"])
@pytest.mark.parametrize("normalise", NORMALISED)
def test_variants_are_as_worked_out_by_hand(coinr: Path, engine: Engine, normalise: str, aggregate: str) -> None:
    if (normalise, aggregate) == ("fraction_of_maximum", "copeland"):
        pytest.skip("three columns have no fractions, and COINr counts what is missing by the order of the units")
    tree = Tree(coinr / "asem_framework.csv")
    expected = aggregated(normalised(read_columns(coinr / "coinr_treated.csv"), tree, normalise), tree, aggregate)
    settings = {"normalise.method": normalise, "normalise.range": "1,100", "aggregate.method": aggregate}
    assert_same(columns_of(engine.run(Recipe().changed(settings)), "aggregate"), expected)


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
def test_means_of_positive_values_are_as_worked_out_by_hand(coinr: Path, tmp_path: Path, aggregate: str) -> None:
    tree = Tree(coinr / "asem_framework.csv")
    expected = aggregated(normalised(read_columns(coinr / "coinr_treated.csv"), tree, "minmax"), tree, aggregate)
    settings = {"normalise.method": "minmax", "normalise.range": "1,100", "aggregate.method": aggregate}
    out = run_asem(coinr, tmp_path / "out", settings)
    assert_same(read_columns(out / "scores.csv"), {code: expected[code] for code in tree.groups()})


def test_goalposts_come_from_coinrs_columns(coinr: Path, tmp_path: Path) -> None:
    """Each indicator's posts lie a tenth of its spread inside its ends, so that both are passed."""
    tree = Tree(coinr / "asem_framework.csv")
    treated = read_columns(coinr / "coinr_treated.csv")
    posts = {
        code: (min(column.values()) + (spread := max(column.values()) - min(column.values())) / 10,
               max(column.values()) - spread / 10, float(10 + place), place % 2 == 0)
        for place, (code, column) in enumerate(treated.items())
    }  # fmt: skip
    framework = tmp_path / "framework.csv"
    with (coinr / "asem_framework.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("goalpost_lower", "goalpost_upper", "goalpost_scale", "goalpost_trunc2posts")
    with framework.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], *names])
        writer.writeheader()
        for row in rows:
            cells = (
                ["NA"] * 4
                if row["iCode"] not in posts
                else [*map(repr, posts[row["iCode"]][:3]), posts[row["iCode"]][3]]
            )
            writer.writerow(
                row
                | dict(
                    zip(names, (str(cell).upper() if isinstance(cell, bool) else cell for cell in cells), strict=True)
                )
            )

    expected: Table = {}
    for code, column in treated.items():
        low, high, scale, cut = posts[code]
        expected[code] = {}
        for unit, value in column.items():
            share = (value - low) / (high - low) if tree.direction[code] > 0 else (high - value) / (high - low)
            expected[code][unit] = scale * (min(1.0, max(0.0, share)) if cut else share)
    out = tmp_path / "out"
    index_run(framework, coinr / "asem_data.csv", out, {"normalise.method": "goalposts"})
    assert_same(read_columns(out / "stage_normalise.csv"), expected)
    hand = aggregated(expected, tree, "arithmetic")
    assert_same(read_columns(out / "scores.csv"), {code: hand[code] for code in tree.groups()})
