"""Data of an index from tables: wide (a row for each unit and period) or long (a row for each value)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Floats, Framework
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import Row, Table, TableLimits, read_table

LIMITS = TableLimits(columns=2_000, rows=5_000_000)
_BLANK = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", "—", "..", "…"})
# The first name is the one that results are written under.
ROLES: dict[str, tuple[str, ...]] = {
    "unit": ("uCode", "unit", "unit_code", "city", "城市", "单位", "地区", "代码"),
    "name": ("uName", "unit_name", "name", "名称", "单位名称"),
    "period": ("Time", "period", "year", "年份", "年度", "时期"),
    "indicator": ("iCode", "indicator", "indicator_code", "指标"),
    "value": ("Value", "数值", "值"),
}
_MOST_PROBLEMS = 200


def cell_text(cell: object) -> str:
    """Return a cell as text."""
    return "" if cell is None else str(cell).strip()


def is_blank(cell: object) -> bool:
    """Tell whether a cell says that nothing is known."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in _BLANK)


def number_of(cell: object) -> float | None:
    """Return a cell as a finite number, or None where it is none; thousands may be set apart by commas."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float | Decimal):
        found = float(cell)
    else:
        try:
            found = float(cell_text(cell).replace(",", ""))
        except ValueError:
            return None
    return found if math.isfinite(found) else None


class _Problems:
    """Collects what is wrong, up to a number that somebody might read."""

    def __init__(self) -> None:
        self.fields: dict[str, list[Bilingual]] = {}

    def add(self, place: str, reason: Bilingual) -> None:
        if len(self.fields) < _MOST_PROBLEMS or place in self.fields:
            self.fields.setdefault(place, []).append(reason)

    def not_a_number(self, row: int, column: str, cell: object) -> None:
        place = Bilingual(f"第 {row} 行“{column}”", f"row {row}, column “{column}”")
        self.add(f"{row}:{column}", Bilingual(f"{place.zh}不是数：{cell}", f"{place.en}: “{cell}” is no number"))

    def cells_of(self, row: Row, columns: Collection[str]) -> None:
        """Add the cells that no table can give: formulas, error values, merged cells."""
        for problem in row.problems:
            if problem.column in columns:
                place = Bilingual(
                    f"第 {row.number} 行“{problem.column}”", f"row {row.number}, column “{problem.column}”"
                )
                reason = Bilingual(f"{place.zh}：{problem.reason.zh}", f"{place.en}: {problem.reason.en}")
                self.add(f"{row.number}:{problem.column}", reason)

    def raise_any(self) -> None:
        if self.fields:
            raise DatasetError(self.fields)


def dataset_read(path: Path, framework: Framework, *, sheet: str | None = None) -> Dataset:
    """Read the data of a framework from a table, wide or long, in any format that `kit.tables` takes.

    A long table has a column of indicators (their codes, or names in either language) and one of values. In a wide one
    each indicator has a column under its code or name; denominators too; text columns group units.

    Raises
    ------
    DatasetError
        With every problem: a cell that is no number, with its row and column; an indicator that the framework does not
        have; a unit that comes twice in one period.
    TableError
        Where the file cannot be read.
    """
    with read_table(path, limits=LIMITS, sheet=sheet) as table:
        roles = _roles(table.columns)
        if "unit" not in roles:
            names = "、".join(ROLES["unit"])
            reason = Bilingual(
                f"缺少单位代码一列（可用列名：{names}）", f"no column of unit codes, named one of {names}"
            )
            raise DatasetError({path.name: [reason]})
        if not table.row_estimate:
            raise DatasetError({path.name: [Bilingual("只有表头，没有数据", "there is a header and no data")]})
        if "indicator" in roles and "value" in roles:
            return _long(table, roles, framework)
        return _wide(table, roles, framework)


def _roles(columns: Iterable[str]) -> dict[str, str]:
    by_name = {column.strip().casefold(): column for column in columns}
    found = {}
    for role, names in ROLES.items():
        for name in names:
            if name.casefold() in by_name:
                found[role] = by_name[name.casefold()]
                break
    return found


def _codes_by_name(framework: Framework) -> dict[str, str]:
    """Return indicators' codes by their names, and by themselves."""
    found = {}
    for node in framework.indicators:
        for name in (node.name.zh, node.name.en, node.code):
            found[name] = node.code
    return found


def _long(table: Table, roles: Mapping[str, str], framework: Framework) -> Dataset:
    problems = _Problems()
    codes = _codes_by_name(framework)
    units: dict[str, str] = {}
    periods: dict[str, None] = {}
    values: dict[tuple[str, str, str], float] = {}
    needed = {roles[role] for role in ("unit", "period", "indicator", "value") if role in roles}
    for row in table:
        unit, period = _key(row, roles, problems)
        problems.cells_of(row, needed)
        named = cell_text(row.values[roles["indicator"]])
        code = codes.get(named) or (named if named in framework.denominators else None)
        units.setdefault(unit, cell_text(row.values[roles["name"]]) if "name" in roles else unit)
        periods.setdefault(period)
        if code is None:
            problems.add(named, Bilingual("框架中没有这一指标", "the framework has no such indicator"))
            continue
        key = (period, unit, code)
        if key in values:
            problems.add(f"{row.number}", _twice(row.number, f"{unit} {period} {named}"))
        values[key] = _value(row, roles["value"], problems)
    problems.raise_any()
    ordered = _ordered_periods(periods)
    columns = [node.code for node in framework.indicators]
    cube = np.full((len(ordered), len(units), len(columns)), np.nan)
    denominators = {name: np.full((len(ordered), len(units)), np.nan) for name in framework.denominators}
    period_at, unit_at = _places(ordered), _places(units)
    column_at = _places(columns)
    for (period, unit, code), value in values.items():
        target = cube if code in column_at else None
        if target is not None:
            target[period_at[period], unit_at[unit], column_at[code]] = value
        else:
            denominators[code][period_at[period], unit_at[unit]] = value
    seen = {code for _, _, code in values}
    present = [code for code in columns if code in seen]
    chosen = [column_at[code] for code in present]
    return Dataset(
        tuple(units), tuple(present), cube[:, :, chosen], ordered, tuple(units.values()),
        denominators={name: column for name, column in denominators.items() if name in seen},
    )  # fmt: skip


def _wide(table: Table, roles: Mapping[str, str], framework: Framework) -> Dataset:
    problems = _Problems()
    codes = _codes_by_name(framework)
    taken = {roles[role] for role in ("unit", "name", "period") if role in roles}
    others = [column for column in table.columns if column not in taken]
    numeric = {
        column: codes.get(column, column) for column in others if column in codes or column in framework.denominators
    }
    rows = list(table)
    _refuse_unknown(others, numeric, framework, rows, problems)
    units: dict[str, str] = {}
    periods: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    needed = {*numeric, *(roles[role] for role in ("unit", "period") if role in roles)}
    for row in rows:
        key = _key(row, roles, problems)
        problems.cells_of(row, needed)
        if key in seen and key[0]:
            problems.add(f"{row.number}", _twice(row.number, " ".join(key)))
        seen.add(key)
        units.setdefault(key[0], cell_text(row.values[roles["name"]]) if "name" in roles else key[0])
        periods.setdefault(key[1])
    ordered = _ordered_periods(periods)
    cube = np.full((len(numeric), len(ordered), len(units)), np.nan)
    period_at, unit_at = _places(ordered), _places(units)
    for row in rows:
        unit, period = _key(row, roles, problems)
        for place, column in enumerate(numeric):
            cube[place, period_at[period], unit_at[unit]] = _value(row, column, problems)
    problems.raise_any()
    named = list(numeric.values())
    indicators = [place for place, code in enumerate(named) if code not in framework.denominators]
    return Dataset(
        units=tuple(units),
        indicators=tuple(named[place] for place in indicators),
        values=cube[indicators].transpose(1, 2, 0),
        periods=ordered,
        unit_names=tuple(units.values()),
        groupings=_groupings([column for column in others if column not in numeric], rows, roles, units),
        denominators={code: cube[place] for place, code in enumerate(named) if code in framework.denominators},
    )


def _key(row: Row, roles: Mapping[str, str], problems: _Problems) -> tuple[str, str]:
    unit = cell_text(row.values[roles["unit"]])
    if not unit:
        reason = Bilingual(f"第 {row.number} 行缺少单位代码", f"row {row.number} has no unit code")
        problems.fields.setdefault(f"{row.number}:{roles['unit']}", [reason])
    return unit, cell_text(row.values[roles["period"]]) if "period" in roles else ""


def _refuse_unknown(
    columns: Sequence[str], numeric: Mapping[str, str], framework: Framework, rows: Sequence[Row], problems: _Problems
) -> None:
    """Name columns of numbers that the framework does not know: more likely an indicator misspelt than a grouping."""
    for column in columns:
        if column in numeric or column in framework.groupings:
            continue
        cells = [row.values[column] for row in rows]
        known = [cell for cell in cells if not is_blank(cell)]
        if known and all(number_of(cell) is not None for cell in known):
            reason = Bilingual("框架中没有这一指标（列）", "the framework has no such indicator or denominator")
            problems.add(column, reason)


def _groupings(
    columns: Sequence[str], rows: Sequence[Row], roles: Mapping[str, str], units: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    found = {}
    for column in columns:
        of_unit: dict[str, str] = {}
        for row in rows:
            if not is_blank(row.values[column]):
                of_unit[cell_text(row.values[roles["unit"]])] = cell_text(row.values[column])
        found[column] = tuple(of_unit.get(unit, "") for unit in units)
    return found


def _value(row: Row, column: str, problems: _Problems) -> float:
    cell: Any = row.values[column]
    if is_blank(cell):
        return math.nan
    found = number_of(cell)
    if found is None:
        problems.not_a_number(row.number, column, cell)
        return math.nan
    return found


def _twice(row: int, what: str) -> Bilingual:
    return Bilingual(f"第 {row} 行：{what.strip()} 重复", f"row {row}: {what.strip()} comes twice")


def _ordered_periods(periods: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(periods)) or ("",)


def _places(codes: Iterable[str]) -> dict[str, int]:
    return {code: place for place, code in enumerate(codes)}


def table_header(data: Dataset, codes: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns: the unit, the period where there are several, and the codes."""
    return (ROLES["unit"][0], *([ROLES["period"][0]] if data.is_panel else []), *codes)


def table_rows(data: Dataset, values: Floats) -> Iterator[list[Any]]:
    """Yield a row for each period and unit, in the order of `table_header`; None where nothing is known.

    Parameters
    ----------
    values
        Shape (periods, units, columns).
    """
    for period, rows in zip(data.periods, values, strict=True):
        for unit, row in zip(data.units, rows, strict=True):
            cells = [None if math.isnan(value) else value for value in row.tolist()]
            yield [unit, *([period] if data.is_panel else []), *cells]
