"""Make the data files of the Yangtze River Delta 2024 index from the shared source data.

Usage: ``python scripts/build_indicator_data.py [DATA_FOLDER]``. The folder defaults to ``$YUNLANG_SHARED/data`` or
``../shared/data`` beside the repository. Equal inputs give equal files.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TARGET = REPOSITORY / "src" / "yunlang" / "indicators" / "data"
CODES = REPOSITORY / "src" / "yunlang" / "registry" / "demo" / "tables" / "yrd2024_indicators.tsv"
DIMENSIONS = ("创新发展", "协调发展", "绿色发展", "开放发展", "共享发展")


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Return a table's rows."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def build(source: Path) -> dict[str, str]:
    """Return the built files by name."""
    codes = {row["indicator"]: f"yrd2024_{row['code']}" for row in rows_of(CODES, "\t")}
    cities = rows_of(TARGET / "delta_cities.csv")
    values: dict[str, dict[str, str]] = {}
    for row in rows_of(source / "cities" / "yrd2024_indicators.csv"):
        values.setdefault(row["indicator"], {})[row["city"]] = row["value"]
    scores = {row["cityName"]: row for row in rows_of(source / "cities" / "yrd2024_published_scores.csv")}
    indicators = {codes[name]: of_city for name, of_city in values.items()}
    return {
        "yrd2024.csv": wide(cities, indicators, lambda code, city: indicators[code][city]),
        "yrd2024_dimensions.csv": wide(
            cities, [codes[name] for name in DIMENSIONS], lambda code, city: scores[city][name_of(codes, code)]
        ),
    }


def name_of(codes: Mapping[str, str], code: str) -> str:
    """Return the published name of a code."""
    return next(name for name, known in codes.items() if known == code)


def wide(cities: Iterable[Mapping[str, str]], codes: Iterable[str], value: Callable[[str, str], str]) -> str:
    """Return a table with a row for each city and a column for each code."""
    columns = list(codes)
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["uCode", "uName", "province", *columns])
    for city in cities:
        name = city["name_zh"]
        writer.writerow([city["adcode"], name, city["province_zh"], *(value(code, name) for code in columns)])
    return stream.getvalue()


def main() -> None:
    """Build and write."""
    shared = Path(os.environ.get("YUNLANG_SHARED", REPOSITORY.parent / "shared")) / "data"
    for name, text in build(Path(sys.argv[1]) if len(sys.argv) > 1 else shared).items():
        (TARGET / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
