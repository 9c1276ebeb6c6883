#!/usr/bin/env python
"""Build the reference figures that published ones are checked against, from the shared data folder.

Usage: python scripts/build_figure_references.py [DATA_FOLDER]. Only figures are taken, each with its source.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from yunlang.indicators.core.figures.world import is_country

REPOSITORY = Path(__file__).resolve().parents[1]
TARGET = REPOSITORY / "src" / "yunlang" / "indicators" / "data" / "figure_references.csv"
COLUMNS = ("area", "code", "period", "value", "step", "source", "name_zh", "name_en")
FIRST_YEAR = 2016
TABLE_YEAR = 2023
CONFERENCE = "20211108"
YEAR_END = "20241231"
DELTA = frozenset({"上海", "江苏", "浙江", "安徽"})
CHINESE = {
    "USA": "美国", "CHN": "中国", "DEU": "德国", "JPN": "日本", "IND": "印度", "GBR": "英国", "FRA": "法国",
    "ITA": "意大利", "BRA": "巴西", "CAN": "加拿大", "RUS": "俄罗斯", "MEX": "墨西哥", "AUS": "澳大利亚",
    "KOR": "韩国", "ESP": "西班牙", "IDN": "印度尼西亚", "NLD": "荷兰", "TUR": "土耳其", "SAU": "沙特阿拉伯",
    "CHE": "瑞士", "POL": "波兰", "ARG": "阿根廷", "BEL": "比利时", "SWE": "瑞典", "IRL": "爱尔兰",
}  # fmt: skip

Row = tuple[str, ...]


def build(data: Path) -> bytes:
    """Return the file's content."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*_research(data), *_high_tech(data), *_star_market(data), *_world(data)])
    return text.getvalue().encode()


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _research(data: Path) -> Iterator[Row]:
    codes = {"RD经费": ("rd_spending", "0.1"), "RD强度": ("rd_intensity", "0.01")}
    rows = [row for row in _read(data / "provinces/RDIntense.csv") if row["province"] == "全国"]
    for row in sorted(rows, key=lambda row: (row["chn_block4"], row["year"])):
        if int(row["year"]) >= FIRST_YEAR:
            code, step = codes[row["chn_block4"]]
            yield ("china", code, row["year"], row["value"], step, "techme_provinces", "", "")


def _high_tech(data: Path) -> Iterator[Row]:
    by_year: dict[int, int] = defaultdict(int)
    for row in _read(data / "provinces/HitechFirmsPub.csv"):
        if row["num"] not in ("", "NA"):
            by_year[int(float(row["year"]))] += int(float(row["num"]))
    for year, count in sorted(by_year.items()):
        yield ("china", "high_tech_announced", str(year), str(count), "0", "techme_provinces", "", "")


def _star_market(data: Path) -> Iterator[Row]:
    rows = [row for row in _read(data / "listed/stock_basic.csv") if row["symbol"].startswith(("688", "689"))]
    for area, counted in (("china", rows), ("yangtze_delta", [row for row in rows if row["area"] in DELTA])):
        for day in (CONFERENCE, YEAR_END):
            count = sum(row["list_date"] <= day for row in counted)
            period = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            yield (area, "star_market_listed", period, str(count), "0", "exchange_lists", "", "")


def _world(data: Path) -> Iterator[Row]:
    for row in sorted(_read(data / "world/gdp.csv"), key=lambda row: (row["Country Code"], row["Year"])):
        code, year = row["Country Code"], int(row["Year"])
        value = f"{float(row['Value']) / 1e8:.2f}"
        named = {"WLD": "world", "CHN": "china"}.get(code)
        if named and year >= FIRST_YEAR:
            yield (named, "gdp_usd", str(year), value, "0.01", "world_bank_gdp", "", "")
        if is_country(code) and year == TABLE_YEAR:
            name = row["Country Name"]
            yield (
                f"country:{code}",
                "gdp_usd",
                str(year),
                value,
                "0.01",
                "world_bank_gdp",
                CHINESE.get(code, name),
                name,
            )


def main() -> None:
    """Write the file into the package."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY.parent / "shared" / "data"
    TARGET.write_bytes(build(data))
    sys.stdout.write(f"{TARGET.name}\t{TARGET.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
