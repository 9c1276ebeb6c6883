"""The formulas of ../shared/reference/coinr/README.md once more, value by value: slow, plain and independent."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

Column = dict[str, float]
Table = dict[str, Column]  # by code, then by unit


def read_columns(path: Path) -> Table:
    """Return a table's columns of numbers by unit; NA is NaN."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [name for name in rows[0] if name not in ("uCode", "uName", "Time", "Rank")]
    return {code: {row["uCode"]: _number(row[code]) for row in rows} for code in codes}


def _number(text: str) -> float:
    return math.nan if text in ("", "NA") else float(text)


class Tree:
    """COINr's iMeta as it stands in a table."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["Type"] in ("Indicator", "Aggregate")]
        self.level = {row["iCode"]: int(row["Level"]) for row in rows}
        self.direction = {row["iCode"]: int(row["Direction"]) for row in rows}
        self.weight = {row["iCode"]: float(row["Weight"]) for row in rows}
        self.children: dict[str, list[str]] = {}
        for row in rows:
            if row["Parent"] != "NA":
                self.children.setdefault(row["Parent"], []).append(row["iCode"])

    def groups(self) -> list[str]:
        """Return the groups, lower levels first."""
        return sorted(self.children, key=lambda code: self.level[code])


def ascending_rank(values: list[float], value: float) -> int:
    return 1 + sum(1 for other in values if other < value)


def minmax(values: list[float], value: float, low: float, high: float) -> float:
    return low + (value - min(values)) / (max(values) - min(values)) * (high - low)


def zscore(values: list[float], value: float) -> float:
    mean = math.fsum(values) / len(values)
    return (value - mean) / math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (len(values) - 1))


NORMALISED: dict[str, Callable[[list[float], float], float]] = {
    "minmax": lambda values, value: minmax(values, value, 1, 100),
    "zscore": zscore,
    "rank": lambda values, value: float(ascending_rank(values, value)),
    "percentile_rank": lambda values, value: (ascending_rank(values, value) - 1) / (len(values) - 1),
    "borda": lambda values, value: ascending_rank(values, value) - 1.0,
    "distance_to_maximum": lambda values, value: 1 - (max(values) - value) / (max(values) - min(values)),
    # Of a column whose best value is 0 there are no fractions.
    "fraction_of_maximum": lambda values, value: value / max(values) if max(values) else math.nan,
}


def normalised(treated: Table, tree: Tree, method: str) -> Table:
    found = {}
    for code, column in treated.items():
        turned = {unit: value * tree.direction[code] for unit, value in column.items()}
        known = [value for value in turned.values() if not math.isnan(value)]
        one = NORMALISED[method]
        found[code] = {unit: math.nan if math.isnan(value) else one(known, value) for unit, value in turned.items()}
    return found


def _arithmetic(pairs: list[tuple[float, float]]) -> float:
    return math.fsum(weight * value for value, weight in pairs) / math.fsum(weight for _, weight in pairs)


MEANS: dict[str, Callable[[list[tuple[float, float]]], float]] = {
    "arithmetic": _arithmetic,
    "geometric": lambda pairs: math.exp(_arithmetic([(math.log(value), weight) for value, weight in pairs])),
    "harmonic": lambda pairs: 1 / _arithmetic([(1 / value, weight) for value, weight in pairs]),
}


def copeland(columns: list[Column], weights: list[float]) -> Column:
    """Return for each unit how many others it outranks less how many outrank it."""
    units = list(columns[0])
    total = math.fsum(weights)
    found = {}
    for unit in units:
        score = 0
        for other in units:
            if other == unit:
                continue
            ahead = 0.0
            for column, weight in zip(columns, weights, strict=True):
                if column[unit] > column[other]:
                    ahead += weight / total
                elif column[unit] == column[other]:
                    ahead += weight / total / 2
            score += (ahead > 0.5 + 1e-12) - (ahead < 0.5 - 1e-12)
        found[unit] = float(score)
    return found


def aggregated(values: Table, tree: Tree, method: str) -> Table:
    """Return the indicators' columns and those of every group."""
    found = dict(values)
    for group in tree.groups():
        members = tree.children[group]
        columns, weights = [found[code] for code in members], [tree.weight[code] for code in members]
        if method == "copeland":
            found[group] = copeland(columns, weights)
            continue
        found[group] = {}
        for unit in columns[0]:
            pairs = [
                (column[unit], weight)
                for column, weight in zip(columns, weights, strict=True)
                if not math.isnan(column[unit])
            ]
            found[group][unit] = MEANS[method](pairs) if pairs else math.nan
    return found
