"""A run's figures as tables: every stage, the weights, the scores and the ranks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.core.run import Run
from yunlang.indicators.data_tables import table_header, table_rows
from yunlang.kit.tables import Value

Rows = Iterable[Sequence[Value]]


@dataclass(frozen=True)
class OutputTable:
    """A table to write.

    Attributes
    ----------
    keys
        How many columns, at the left, name the unit and its period.
    size
        How many rows there are.
    rows
        Made as they are asked for; None where nothing is known.
    """

    name: str
    columns: tuple[str, ...]
    keys: int
    size: int
    rows: Rows


def stage_tables(run: Run) -> Iterator[OutputTable]:
    """Yield a table for each stage that ran, in its order, then the weights and the aggregated values."""
    for name, stage in run.stages.items():
        yield _table(name, stage.data, stage.data.values, stage.data.indicators)
    yield weights_table(run)
    yield _table("aggregate", run.data, run.scores, run.framework.codes)


def scores_table(run: Run) -> OutputTable:
    """Return each unit's score in every group, those of lower levels first and the index last."""
    codes = tuple(node.code for node in run.framework.aggregates)
    return _table("scores", run.data, run.scores[:, :, -len(codes) :], codes)


def ranks_table(run: Run) -> OutputTable:
    """Return each unit's rank in every group, 1 for the highest score; whole numbers."""
    codes = tuple(node.code for node in run.framework.aggregates)
    table = _table("ranks", run.data, np.stack([run.rank(code) for code in codes], axis=-1), codes)
    whole = ([int(cell) if isinstance(cell, float) else cell for cell in row] for row in table.rows)
    return OutputTable(table.name, table.columns, table.keys, table.size, whole)


def weights_table(run: Run) -> OutputTable:
    """Return the weight in force for each indicator and group."""
    framework = run.framework
    rows: list[list[Value]] = [
        [code, framework.levels[code], framework.by_code[code].parent, weight]
        for code, weight in zip(framework.codes, run.weights.tolist(), strict=True)
    ]
    return OutputTable("weight", ("iCode", "Level", "Parent", "Weight"), 1, len(rows), rows)


def _table(name: str, data: Dataset, values: Floats, codes: tuple[str, ...]) -> OutputTable:
    header = table_header(data, codes)
    size = len(data.periods) * len(data.units)
    return OutputTable(name, header, len(header) - len(codes), size, table_rows(data, values))
