"""A run as files: a table for each stage, the scores, a workbook, a report, and what it takes to run it again."""

from yunlang.indicators.outputs.description import warnings_of
from yunlang.indicators.outputs.files import run_write
from yunlang.indicators.outputs.ranking import RankedUnit, ranking
from yunlang.indicators.outputs.report import report_html
from yunlang.indicators.outputs.tables import ranks_table, scores_table, stage_tables, weights_table
from yunlang.indicators.outputs.workbook import workbook_write

__all__ = [
    "RankedUnit",
    "ranking",
    "ranks_table",
    "report_html",
    "run_write",
    "scores_table",
    "stage_tables",
    "warnings_of",
    "weights_table",
    "workbook_write",
]
