"""Every figure of the project's facts is in the demo corridor, and the references are those of the shared data."""

from __future__ import annotations

import csv
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from yunlang.indicators.core.figures.world import AGGREGATES

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = ROOT / "src" / "yunlang" / "indicators" / "data" / "figure_references.csv"

# Row by row of the facts: area, code, period, value, how exact.
FACTS: tuple[tuple[str, str, str, float, str], ...] = (
    ("corridor", "gdp", "2024", 90_000, "about"),
    ("corridor", "gdp_world_share", "2024", 1.1, "about"),
    ("corridor", "gdp_world_rank", "2024", 17, ""),
    ("corridor", "gdp_national_share", "2016", 6.25, "about"),
    ("corridor", "gdp_national_share", "2023", 6.67, "about"),
    ("corridor", "high_tech_national_share", "2016", 8.33, "about"),
    ("corridor", "high_tech_national_share", "2023", 12.5, "about"),
    ("corridor", "high_tech_national_share", "2024", 14.29, "about"),
    ("corridor", "high_tech_national_share", "2024", 14.29, "near"),
    ("corridor", "rd_intensity", "2023", 3.55, ""),
    ("corridor", "rd_intensity", "2024", 3.77, ""),
    ("corridor", "rd_intensity_above_nation", "2024", 1.08, ""),
    ("corridor", "rd_spending_growth", "2018/2023", 83, ""),
    ("corridor", "rd_spending_growth_yearly", "2018/2023", 12.9, "about"),
    ("corridor", "pct_world_share", "2023", 2.85, ""),
    ("corridor", "pct_world_share", "2024", 2.59, ""),
    ("corridor", "star_market_companies", "2021", 82, ""),
    ("corridor", "star_market_national_share", "2024", 20, "over"),
    ("corridor", "gdp", "2021-01/2021-09", 54_600, ""),
    ("corridor", "gdp_growth", "2021-01/2021-09", 10.9, ""),
    ("corridor", "public_revenue", "2021-01/2021-09", 6_805.04, ""),
    ("corridor", "public_revenue_growth", "2021-01/2021-09", 15.61, ""),
    ("corridor", "auction_value_cumulative", "2019/2023", 180, "near"),
    ("corridor", "auction_value", "2023", 110, "near"),
    ("corridor", "auction_value_cumulative", "2019/2025", 500, "over"),
    ("corridor", "auction_on_site_growth", "2025", 66.7, ""),
    ("corridor", "auction_value", "2019", 1.04, ""),
    ("corridor", "auction_value", "2020", 5.03, ""),
    ("corridor", "auction_value", "2021", 10.23, ""),
    ("corridor", "auction_value", "2022", 50.18, ""),
    ("corridor", "auction_value", "2023", 109.68, ""),
    ("corridor", "fund_pipeline", "2023", 600, "over"),
    ("corridor", "fund_enterprises_met", "2023", 300, ""),
    ("corridor", "fund_invested", "2023", 3.87, ""),
    ("corridor", "fund_strategic_share", "2021", 50, ""),
    ("corridor", "joint_research_items", "2023", 40, ""),
    ("corridor", "platform_projects", "2023", 31, ""),
    ("corridor", "platform_projects_landed", "2023", 10, "over"),
    ("corridor", "industry_park_alliances", "2023", 16, ""),
    ("corridor", "demonstration_parks", "2023", 13, ""),
    ("corridor", "finance_alliance_members", "2023", 448, ""),
    ("corridor", "proof_of_concept_centres", "2024", 12, ""),
    ("corridor", "consortia", "2025", 3, ""),
    ("corridor", "consortium_members", "2025", 12, ""),
    ("corridor", "train_first_run", "2023-11-08", 39, ""),
    ("corridor", "international_train_lines", "2023", 4, ""),
    ("yangtze_delta", "delta_innovation_index", "2011", 100, ""),
    ("yangtze_delta", "delta_innovation_index", "2019", 204.16, ""),
    ("yangtze_delta", "delta_innovation_index", "2020", 227.05, ""),
    ("yangtze_delta", "delta_innovation_index", "2021", 247.11, ""),
    ("yangtze_delta", "delta_innovation_index", "2022", 262.48, ""),
    ("yangtze_delta", "delta_innovation_index", "2023", 267.57, ""),
    ("yangtze_delta", "delta_innovation_index_pillars", "2023", 5, ""),
    ("yangtze_delta", "delta_innovation_index_indicators", "2023", 20, ""),
    ("corridor", "auction_lots", "2019", 18, ""),
    ("corridor", "auction_lots_single_quote", "2019", 14, ""),
    ("corridor", "auction_lots_competitive", "2019", 4, ""),
    ("corridor", "auction_lots", "2022", 52, ""),
    ("corridor", "auction_lots_competitive", "2022", 6, ""),
    ("corridor", "auction_lots", "2023", 50, ""),
    ("corridor", "auction_lots_competitive", "2023", 6, ""),
    ("elsewhere", "auction_premium_first", "", 37.43, ""),
    ("elsewhere", "auction_premium_second", "", 33.33, ""),
    ("elsewhere", "auction_start_first", "", 895, ""),
    ("elsewhere", "auction_hammer_first", "", 1_230, ""),
    ("elsewhere", "auction_start_second", "", 240, ""),
    ("elsewhere", "auction_hammer_second", "", 320, ""),
    ("elsewhere", "zhejiang_market_enterprises", "2013", 94_319, ""),
    ("elsewhere", "zhejiang_market_needs", "2013", 63_944, ""),
    ("elsewhere", "zhejiang_market_achievements", "2013", 153_771, ""),
)


@cache
def published() -> tuple[dict[str, Any], ...]:
    path = ROOT / "src" / "yunlang" / "registry" / "demo" / "figures.jsonl"
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact[1]} {fact[2]} {fact[3]}")
def test_every_fact_is_published_with_period_unit_and_source(fact: tuple[str, str, str, float, str]) -> None:
    found = [
        row
        for row in published()
        if (row["subject"], row["code"], row["period"], row["value"], row.get("qualifier") or "") == fact
    ]
    assert found
    assert all(row["source"] and row["unit"] for row in found)


def test_every_number_of_the_table_of_facts_is_among_them(shared_data: Path) -> None:
    text = (shared_data.parent / "facts.md").read_text(encoding="utf-8")
    table = text.partition("## Published figures")[2].partition("## Real support measures")[0]
    cells = [re.sub(r"\[\d\]", "", row.split("|")[2]) for row in table.splitlines() if row.startswith("| ")][1:]
    written = {float(number.replace(",", "")) for cell in cells for number in re.findall(r"\d[\d,]*(?:\.\d+)?", cell)}
    # Years and parts of fractions; trillions, billions and millions of CNY are kept in 100 million.
    years = {year for year in written if 2011 <= year <= 2025}
    fractions = {1.0, 5.0, 7.0, 8.0, 12.0, 15.0, 16.0}
    units = {9.0: 90_000, 5.46: 54_600, 680.504: 6_805.04, 18.0: 180, 11.0: 110, 387.0: 3.87}
    held = {value for _, _, _, value, _ in FACTS}
    missing = {number for number in written - years - fractions if units.get(number, number) not in held}
    # "50" billion after seven editions, and the "half" of the fund, which is a word.
    assert missing <= {50.0}
    assert 500 in held


def test_the_references_are_those_of_the_shared_data(shared_data: Path) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from build_figure_references import build
    finally:
        sys.path.pop(0)
    assert build(shared_data) == REFERENCES.read_bytes(), "run scripts/build_figure_references.py"


def test_every_code_left_out_as_a_group_is_in_the_world_table_but_no_country(shared_data: Path) -> None:
    with (shared_data / "world/gdp.csv").open(encoding="utf-8") as file:
        names = {row["Country Code"]: row["Country Name"] for row in csv.DictReader(file)}
    assert set(names) >= AGGREGATES
    groups = re.compile(
        r"income|IDA|IBRD|dividend|World|Asia|Africa|Europe|states|Euro area|America|situations|HIPC|OECD|countries"
    )
    kept = {name for code, name in names.items() if code not in AGGREGATES and groups.search(name)}
    assert kept == {"Central African Republic", "South Africa", "American Samoa"} & kept
    assert len(names) - len(AGGREGATES) == 214
