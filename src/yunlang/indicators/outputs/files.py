"""Every file of one run, written into a folder."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from yunlang import __version__
from yunlang.indicators.core.audit.plain import plain
from yunlang.indicators.core.run import Run
from yunlang.indicators.framework_files import recipe_text
from yunlang.indicators.outputs.folder import contents_write
from yunlang.indicators.outputs.report import report_html
from yunlang.indicators.outputs.tables import OutputTable, ranks_table, scores_table, stage_tables
from yunlang.indicators.outputs.workbook import workbook_write
from yunlang.kit.tables import write_table


def run_write(
    run: Run, folder: Path, *, language: str, sources: dict[str, str] | None = None,
    begun: Callable[[str], None] = lambda name: None,
) -> None:  # fmt: skip
    """Write a run into an empty folder; the same run gives the same bytes.

    Parameters
    ----------
    language
        Of the report and the workbook.
    sources
        Names of the files that the run was made from, by what they are, to their SHA-256.
    begun
        Called with each file's name before it is written.
    """
    for table in stage_tables(run):
        begun(f"stage_{table.name}.csv")
        _write_csv(table, folder / f"stage_{table.name}.csv")
    for table in (scores_table(run), ranks_table(run)):
        begun(f"{table.name}.csv")
        _write_csv(table, folder / f"{table.name}.csv")
    begun("results.xlsx")
    with (folder / "results.xlsx").open("wb") as stream:
        workbook_write(run, stream, language=language)
    begun("report.html")
    (folder / "report.html").write_text(report_html(run, language=language), encoding="utf-8")
    (folder / "recipe.yaml").write_text(recipe_text(run.recipe), encoding="utf-8")
    contents_write(folder, run_facts(run) | {"sources": sources or {}})


def run_facts(run: Run) -> dict[str, Any]:
    """Return what it takes to know a run again: hashes, versions, and what each stage did."""
    facts: dict[str, Any] = plain({
        "framework": run.framework.code,
        "inputs": run.inputs,
        "recipe": run.recipe.digest(),
        "versions": {
            "yunlang": __version__, "python": platform.python_version(), "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "units": len(run.units),
        "periods": len(run.periods),
        "stages": [
            {"name": stage.name, "units": len(stage.data.units), "settings": dict(stage.settings),
             "notes": dict(stage.notes)}
            for stage in run.stages.values()
        ],
        "weights": dict(run.weight_notes),
    })  # fmt: skip
    return facts


def _write_csv(table: OutputTable, path: Path) -> None:
    with path.open("wb") as stream:
        write_table("csv", table.columns, table.rows, stream, for_excel=False)
