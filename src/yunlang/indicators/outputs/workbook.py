"""A run as an Excel workbook: results, scores, every stage, weights, recipe, framework and notes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

import xlsxwriter

from yunlang.indicators.core.recipe import STAGE_LABELS
from yunlang.indicators.core.run import Run
from yunlang.indicators.outputs.description import recipe_rows, stage_descriptions, treated_columns
from yunlang.indicators.outputs.ranking import parts_of, ranking
from yunlang.indicators.outputs.tables import OutputTable, scores_table, stage_tables
from yunlang.kit.language import Bilingual
from yunlang.kit.tables.delimited import is_dangerous
from yunlang.kit.tables.writing import column_width

# Beyond this a workbook opens too slowly to be of use; the tables are written as .csv all the same.
CELLS_AT_MOST = 500_000
_EXCEL_ROWS, _EXCEL_COLUMNS = 1_048_576, 16_384
# The same run gives the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MEASURED_ROWS = 100
_NUMBER = "0.00"

RESULTS = Bilingual("结果", "results")
SCORES = Bilingual("得分", "scores")
RECIPE = Bilingual("计算方案", "recipe")
FRAMEWORK = Bilingual("指标框架", "framework")
NOTES = Bilingual("说明", "notes")
_RESULT_HEADS = (Bilingual("名次", "rank"), Bilingual("代码", "code"), Bilingual("名称", "name"))
_PERIOD = Bilingual("时期", "period")
_RECIPE_HEADS = (Bilingual("设置", "setting"), Bilingual("取值", "value"))
_FRAMEWORK_HEADS = (
    Bilingual("代码", "code"), Bilingual("名称", "name"), Bilingual("上级", "parent"), Bilingual("层级", "level"),
    Bilingual("方向", "direction"), Bilingual("权重", "weight"), Bilingual("单位", "unit"),
    Bilingual("分母", "denominator"), Bilingual("目标值", "target"), Bilingual("来源", "source"),
)  # fmt: skip
_NOTE_HEADS = (Bilingual("步骤", "stage"), Bilingual("说明", "what it did"))
_LEFT_OUT = Bilingual(
    "数据量大，未放入工作簿，见 stage_{name}.csv", "too large for a workbook; it is in stage_{name}.csv"
)


def workbook_write(run: Run, stream: BinaryIO, *, language: str) -> None:
    """Write the workbook to a binary stream, its heads and names in one language."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(stream, {**options, "tmpdir": folder})
        try:
            _Book(book, run, language).write()
        except BaseException:
            book.fileclosed = True  # otherwise the library writes what there is when it collects the workbook
            raise
        book.close()


class _Book:
    def __init__(self, book: Any, run: Run, language: str) -> None:
        self._book, self._run, self._language = book, run, language
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._number = book.add_format({"num_format": _NUMBER})
        self._quoted = book.add_format({"quote_prefix": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._cells_left = CELLS_AT_MOST
        book.set_properties({"title": run.framework.name.text(language), "created": _MADE})

    def write(self) -> None:
        run, language = self._run, self._language
        self._sheet(RESULTS, _result_heads(run, language), _result_rows(run), frozen=3)
        left_out: list[tuple[str, str]] = []
        self._table(SCORES, scores_table(run), left_out)
        for table in stage_tables(run):
            self._table(STAGE_LABELS[table.name], table, left_out)
        self._sheet(RECIPE, _texts(_RECIPE_HEADS, language), recipe_rows(run), frozen=1)
        self._sheet(FRAMEWORK, _texts(_FRAMEWORK_HEADS, language), _framework_rows(run, language), frozen=1)
        notes = [*_note_rows(run, language), *left_out]
        self._sheet(NOTES, _texts(_NOTE_HEADS, language), notes, frozen=1)

    def _table(self, title: Bilingual, table: OutputTable, left_out: list[tuple[str, str]]) -> None:
        cells = table.size * len(table.columns)
        if cells > self._cells_left or table.size >= _EXCEL_ROWS or len(table.columns) > _EXCEL_COLUMNS:
            reason = _LEFT_OUT.format(name=table.name).text(self._language)
            left_out.append((title.text(self._language), reason))
            return
        self._cells_left -= cells
        self._sheet(title, table.columns, table.rows, frozen=table.keys)

    def _sheet(self, title: Bilingual, heads: Sequence[str], rows: Iterable[Sequence[object]], *, frozen: int) -> None:
        sheet = self._book.add_worksheet(title.text(self._language))
        waiting: list[Sequence[object]] = []
        rest = iter(rows)
        for row in rest:
            waiting.append(row)
            if len(waiting) == _MEASURED_ROWS:
                break
        for column, head in enumerate(heads):
            texts = [head, *(row[column] for row in waiting if isinstance(row[column], str))]
            sheet.set_column(column, column, column_width(map(str, texts)))
        sheet.freeze_panes(1, frozen)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self._head)
        number = 0
        for number, row in enumerate(_chained(waiting, rest), start=1):
            for column, value in enumerate(row):
                self._cell(sheet, number, column, value)
        if number:
            sheet.autofilter(0, 0, number, len(heads) - 1)

    def _cell(self, sheet: Any, row: int, column: int, value: object) -> None:
        if isinstance(value, float):
            sheet.write_number(row, column, value, self._number)
        elif isinstance(value, int):
            sheet.write_number(row, column, value)
        elif value:
            text = str(value)
            sheet.write_string(row, column, text, self._quoted if is_dangerous(text) else self._wrapped)


def _chained(first: Sequence[Sequence[object]], rest: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield from first
    yield from rest


def _texts(heads: Iterable[Bilingual], language: str) -> list[str]:
    return [head.text(language) for head in heads]


def _result_heads(run: Run, language: str) -> list[str]:
    framework = run.framework
    period = [_PERIOD.text(language)] if run.data.is_panel else []
    codes = (framework.root.code, *parts_of(run))
    return [*_texts(_RESULT_HEADS, language), *period, *(framework.by_code[code].name.text(language) for code in codes)]


def _result_rows(run: Run) -> Iterator[list[object]]:
    """Yield the ranking of every period, the latest first."""
    for period in reversed(run.periods):
        for row in ranking(run, period):
            yield [
                row.rank,
                row.unit,
                row.name,
                *([period] if run.data.is_panel else []),
                row.score,
                *row.parts.values(),
            ]


def _framework_rows(run: Run, language: str) -> Iterator[list[object]]:
    framework = run.framework
    for code in reversed(framework.codes):
        node = framework.by_code[code]
        yield [
            code, node.name.text(language), node.parent, framework.levels[code], node.direction, node.weight,
            node.unit.text(language), node.denominator, node.target, node.source,
        ]  # fmt: skip


def _note_rows(run: Run, language: str) -> Iterator[tuple[str, str]]:
    for title, sentences in stage_descriptions(run):
        for sentence in sentences:
            yield title.text(language), sentence.text(language)
    for code, sentence in treated_columns(run):
        yield STAGE_LABELS["treat"].text(language), f"{code}: {sentence.text(language)}"
    yield "SHA-256", run.inputs
    yield RECIPE.text(language), run.recipe.digest()
