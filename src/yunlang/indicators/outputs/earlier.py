"""Results written earlier, read back from their folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yunlang.indicators.core.audit.comparison import Comparison, compare_scores
from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.framework import Floats
from yunlang.indicators.data_tables import LIMITS, ROLES, cell_text, number_of
from yunlang.indicators.file_errors import FileUnusableError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import TableError, read_table


@dataclass(frozen=True)
class EarlierScores:
    """The scores of one node in one period, shape (units,), NaN where there is none."""

    code: str
    units: tuple[str, ...]
    scores: Floats


def scores_read(folder: Path, *, code: str | None = None, period: str | None = None) -> EarlierScores:
    """Read one node's scores, the index's where none is named, in one period, the last where none is.

    Raises
    ------
    FileUnusableError, DatasetError
        Where the folder holds no scores, or not these.
    """
    path = folder / "scores.csv"
    try:
        with read_table(path, limits=LIMITS) as table:
            columns, rows = table.columns, [row.values for row in table]
    except OSError as error:
        raise FileUnusableError.of(path, error) from error
    except TableError as error:
        raise FileUnusableError.because(path, error.text) from error
    key, time = ROLES["unit"][0], ROLES["period"][0]
    code = columns[-1] if code is None else code
    if key not in columns or code not in columns or code in (key, time):
        raise DatasetError({str(path): [Bilingual(f"没有“{code}”一列", f"there is no column “{code}”")]})
    periods = sorted({cell_text(row[time]) for row in rows}) if time in columns else [""]
    period = periods[-1] if period is None else period
    if period not in periods:
        raise DatasetError({str(path): [Bilingual(f"没有时期“{period}”", f"there is no period “{period}”")]})
    chosen = [row for row in rows if time not in columns or cell_text(row[time]) == period]
    scores = [number_of(row[code]) for row in chosen]
    return EarlierScores(
        code,
        tuple(cell_text(row[key]) for row in chosen),
        np.array([np.nan if score is None else score for score in scores], dtype=np.float64),
    )


def results_compare(first: Path, second: Path, *, code: str | None = None, period: str | None = None) -> Comparison:
    """Compare two results written earlier.

    Raises
    ------
    FileUnusableError, DatasetError
        Where a folder holds no scores, or not these.
    """
    one, other = (scores_read(folder, code=code, period=period) for folder in (first, second))
    names = {unit: unit for unit in (*one.units, *other.units)}
    return compare_scores(one.code, names, (one.units, one.scores), (other.units, other.scores))
