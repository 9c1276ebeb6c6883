"""Where a period, a unit or a node stands in a run; a name that it does not have is a problem of the data asked for."""

from __future__ import annotations

from collections.abc import Sequence

from yunlang.indicators.core.errors import DatasetError
from yunlang.indicators.core.run import Run
from yunlang.kit.language import Bilingual


def period_place(run: Run, period: str | None = None) -> int:
    """Return a period's position, the last one's where none is named.

    Raises
    ------
    DatasetError
        Where the run has no such period.
    """
    return len(run.periods) - 1 if period is None else _place(run.periods, period, "period", "时期")


def unit_place(run: Run, unit: str) -> int:
    """Return a unit's position.

    Raises
    ------
    DatasetError
        Where the run did not judge it.
    """
    return _place(run.units, unit, "unit", "单位")


def node_place(run: Run, code: str | None = None) -> int:
    """Return a node's position among `Framework.codes`, the index's where none is named.

    Raises
    ------
    DatasetError
        Where the framework has no such node.
    """
    codes = run.framework.codes
    return len(codes) - 1 if code is None else _place(codes, code, "node", "指标或分组")


def _place(codes: Sequence[str], code: str, en: str, zh: str) -> int:
    if code not in codes:
        raise DatasetError({en: [Bilingual(f"没有{zh}“{code}”", f"there is no {en} “{code}”")]})
    return codes.index(code)
