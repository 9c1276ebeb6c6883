"""What COINr 1.1's vignettes print of its ASEM example ("analysis", "sensitivity", "results", "adjustments")."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yunlang.indicators.core.audit.availability import unit_availability
from yunlang.indicators.core.audit.comparison import compare
from yunlang.indicators.core.audit.components import components
from yunlang.indicators.core.audit.correlation import CorrelationLimits, correlate, correlation_flags
from yunlang.indicators.core.audit.denominators import denominator_correlations
from yunlang.indicators.core.audit.reliability import reliability
from yunlang.indicators.core.audit.removal import removals
from yunlang.indicators.core.audit.report import audit
from yunlang.indicators.core.audit.statistics import indicator_statistics
from yunlang.indicators.core.audit.strengths import profile
from yunlang.indicators.core.audit.trends import indicator_trends
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.framework_files import framework_read


def engine_of(folder: Path, table: str) -> Engine:
    framework = framework_read(folder / "asem_framework.csv")
    return Engine(framework, dataset_read(folder / table, framework))


@pytest.fixture(scope="module")
def asem(coinr: Path) -> Engine:
    return engine_of(coinr, "asem_data.csv")


def members(engine: Engine, group: str) -> tuple[np.ndarray, list[str]]:
    """Return a group's raw values, and its indicators."""
    codes = [node.code for node in engine.framework.indicators]
    chosen = [node.code for node in engine.framework.indicators if node.parent == group]
    return engine.data.values[0][:, [codes.index(code) for code in chosen]], chosen


# get_stats rounds to three significant figures.
STATISTICS = {
    "LPI": (2.07, 4.23, 3.41, 3.42, 0.538, -0.304, -0.657, 51, 51, 0.0196),
    "Flights": (0.99, 211.0, 38.6, 25.6, 46.7, 2.1, 4.51, 51, 51, 0.0196),
    "Ship": (0.0, 21.2, 12.0, 12.7, 6.84, -0.576, -0.681, 42, 43, 0.176),
    "Bord": (0.0, 122.0, 23.6, 18.0, 24.8, 2.15, 5.79, 45, 30, 0.118),
    "Elec": (0.0, 110.0, 16.2, 6.91, 22.7, 2.23, 5.79, 47, 46, 0.0784),
}


def rounded(value: float) -> float:
    return float(f"{value:.3g}")


def test_statistics_of_the_indicators_that_the_vignette_shows(asem: Engine) -> None:
    codes = [node.code for node in asem.framework.indicators]
    found = {one.code: one for one in indicator_statistics(asem.data.values[0], codes)}
    for code, expected in STATISTICS.items():
        one = found[code]
        moments = (one.least, one.greatest, one.mean, one.median, one.deviation, one.skewness, one.kurtosis)
        counts = (one.number - one.zeros, one.distinct, one.most_frequent_share)
        # R rounds 25.64994 and the like to even digits as Python does not always.
        assert [rounded(value) for value in (*moments, *counts)] == pytest.approx(list(expected), rel=5e-3), code
        assert ("skewed" in one.flags) == (code in ("Flights", "Bord", "Elec"))


def test_availability_of_bangladesh(asem: Engine) -> None:
    found = {one.unit: one for one in unit_availability(asem.framework, asem.data.values[0], asem.data.units)}
    one = found["BGD"]
    assert (one.missing, one.zeros, round(one.availability, 6)) == (6, 1, 0.877551)
    groups = [round(one.by_group[code], 7) for code in ("ConEcFin", "Instit", "P2P", "Physical")]
    assert groups == [1.0, 0.8333333, 0.75, 0.875]
    assert (found["AUT"].missing, found["AUT"].zeros) == (0, 2)


def test_correlations_of_the_environmental_indicators(asem: Engine) -> None:
    values, codes = members(asem, "Environ")
    found = correlate(values, codes)
    place = {code: index for index, code in enumerate(codes)}
    expected = {"MatCon": 0.7222051, "PrimEner": 0.3268484, "Renew": -0.5986338}
    for code, coefficient in expected.items():
        assert found.coefficients[place["CO2"], place[code]] == pytest.approx(coefficient, abs=5e-8)
    # Those that COINr leaves out as not significant at 0.05.
    kept = found.p_values <= 0.05
    for one, other, significant in [("CO2", "Forest", False), ("Forest", "Renew", True), ("PrimEner", "Renew", False)]:
        assert kept[place[one], place[other]] == significant


def test_pairs_that_go_together_or_against_each_other(asem: Engine) -> None:
    scores = asem.run(Recipe()).scores[0]
    found = correlation_flags(asem.framework, scores, CorrelationLimits(collinear=0.75, significance=1.0))
    parents = {node.code: node.parent for node in asem.framework.indicators}
    high = {
        frozenset((one.code, one.other)): round(one.coefficient, 3)
        for one in found
        if one.kind == "collinear" and one.coefficient > 0 and parents[one.code] == parents[one.other]
    }
    assert high == {frozenset(("CPI", "FreePress")): 0.761, frozenset(("CPI", "NGOs")): 0.768}
    low = {
        frozenset((one.code, one.other)): round(one.coefficient, 3)
        for one in found
        if one.kind == "negative" and one.coefficient < -0.5
    }
    assert low == {
        frozenset(("CostImpEx", "TBTs")): -0.697,
        frozenset(("RTAs", "TBTs")): -0.752,
        frozenset(("TBTs", "TIRcon")): -0.623,
    }


def test_indicators_that_go_with_the_size_of_a_country(asem: Engine) -> None:
    codes = [node.code for node in asem.framework.indicators]
    sizes = {name: column[0] for name, column in asem.data.denominators.items()}
    found = denominator_correlations(asem.data.values[0], codes, sizes)
    assert {(one.code, one.denominator): round(one.coefficient, 2) for one in found} == {
        ("CultGood", "Energy"): 0.71, ("CultGood", "GDP"): 0.85, ("FDI", "Energy"): 0.74, ("FDI", "GDP"): 0.85,
        ("Goods", "GDP"): 0.80, ("PRemit", "GDP"): 0.71, ("Research", "GDP"): 0.78, ("Services", "GDP"): 0.77,
        ("StMob", "Energy"): 0.73, ("StMob", "GDP"): 0.84,
    }  # fmt: skip
    assert found[0].coefficient == max(one.coefficient for one in found)


def test_cronbachs_alpha_of_people_to_people(asem: Engine) -> None:
    assert reliability(*members(asem, "P2P")).alpha == pytest.approx(0.05126659, abs=5e-9)


def test_principal_components_of_the_social_indicators(asem: Engine) -> None:
    found = components(*members(asem, "Social"))
    assert found is not None
    deviations = [2.2042, 1.1256, 0.9788, 0.78834, 0.77153, 0.56836, 0.42463, 0.36068, 0.25760]
    assert np.sqrt(found.eigenvalues) == pytest.approx(deviations, abs=5e-5)
    assert found.cumulative[:3] == pytest.approx([0.5398, 0.6806, 0.7871], abs=5e-5)
    assert found.rows == 51 - 14
    assert found.kaiser == 2


def test_first_components_of_the_sustainable_pillars(asem: Engine) -> None:
    published = {
        "Environ": {"CO2": -0.581, "Forest": 0.214, "MatCon": -0.543, "PrimEner": -0.313, "Renew": 0.473},
        "SusEcFin": {"GDPGrow": 0.472, "NEET": 0.451, "PrivDebt": -0.492, "PubDebt": -0.227, "RDExp": -0.53},
    }
    for group, weights in published.items():
        found = components(*members(asem, group))
        assert found is not None
        first = found.loadings[:, 0] / np.sqrt(found.eigenvalues[0])
        expected = np.array([weights[code] for code in found.members])
        assert first * np.sign(first[0]) == pytest.approx(expected * np.sign(expected[0]), abs=5e-4)


REMOVED = {
    "Physical": 1.529412, "ConEcFin": 2.627451, "Political": 2.901961, "Instit": 1.176471, "P2P": 1.686275,
    "Environ": 3.098039, "Social": 3.960784, "SusEcFin": 2.627451,
}  # fmt: skip


def test_mean_shifts_of_ranks_without_each_pillar(asem: Engine) -> None:
    found = removals(asem, asem.run(Recipe()), list(REMOVED))
    shifts = {one.code: round(one.agreement.mean_shift, 6) for one in found if one.agreement is not None}
    assert shifts == REMOVED


def test_strengths_and_weaknesses_of_spain(asem: Engine) -> None:
    found = profile(asem.run(Recipe()), "ESP")
    strengths = [(one.code, one.rank) for one in found.strengths]
    assert strengths == [("CostImpEx", 1), ("TIRcon", 1), ("Tourist", 2), ("Flights", 3), ("UNVote", 3)]
    weaknesses = {one.code: (one.rank, rounded(one.value)) for one in found.weaknesses}
    assert weaknesses == {
        "NEET": (33, 13.3), "Lang": (38, 5.16), "Forest": (40, 6.93), "TBTs": (40, 1210.0), "PubDebt": (43, 99.3),
    }  # fmt: skip


def test_ranks_with_units_screened_instead_of_values_filled_in(asem: Engine) -> None:
    screened = asem.run(Recipe().changed({"order": ["denominate", "screen", "treat", "normalise"]}))
    found = compare(asem.run(Recipe()), screened)
    by_unit = {place.unit: place for place in found.places}
    assert sorted(found.only_first) == ["BGD", "BRN", "KHM", "LAO", "MMR"]
    assert found.agreement.units == 46
    published = {
        "PAK": (50, 44), "ESP": (19, 24), "IND": (45, 40), "RUS": (51, 46), "THA": (42, 37), "CHN": (49, 45),
        "KAZ": (47, 43), "FRA": (21, 18), "MLT": (10, 13), "SGP": (14, 11), "IDN": (43, 41), "CHE": (1, 1),
        "DNK": (3, 2), "NLD": (2, 3), "VNM": (36, 36), "PRT": (27, 26),
    }  # fmt: skip
    assert {unit: (by_unit[unit].first_rank, by_unit[unit].second_rank) for unit in published} == published
    assert (by_unit["PAK"].shift, by_unit["ESP"].shift) == (6, -5)
    assert found.rising[0].unit == "PAK"
    assert found.falling[0].unit == "ESP"


def test_the_panel_has_trends(coinr: Path) -> None:
    engine = engine_of(coinr, "asem_panel.csv")
    run = engine.run(Recipe().changed({"impute.method": "latest", "screen.availability": None}))
    found = indicator_trends(run)
    years = len(run.periods)
    assert years > 2
    assert found.times.tolist() == sorted(found.times.tolist())
    first, last = engine.data.values[0], engine.data.values[-1]
    whole = found.number == years
    positive = whole & (first > 0) & (last > 0)
    expected = (last[positive] / first[positive]) ** (1 / (found.times[-1] - found.times[0])) - 1
    assert positive.sum() > 1000
    assert found.growth[positive] == pytest.approx(expected)


def test_the_whole_audit(asem: Engine) -> None:
    found = audit(asem, Recipe())
    assert len(found.removals) == len(asem.framework.codes) - 1
    assert all(one.agreement is not None for one in found.removals)
    assert sum(one.variance_share for one in found.influences if one.level == 1) == pytest.approx(1)
    assert found.redundant == ()
