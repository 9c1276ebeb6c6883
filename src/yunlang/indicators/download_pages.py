"""Everything of an edition to take away: each stage, scores, ranks, workbook, report, recipe, framework."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.recipe import STAGE_LABELS
from yunlang.indicators.core.run import Run
from yunlang.indicators.data_tables import ROLES
from yunlang.indicators.edition_facts import framework_facts
from yunlang.indicators.edition_models import Edition
from yunlang.indicators.edition_selectors import OpenEdition, edition_at
from yunlang.indicators.framework_files import recipe_text, yaml_text
from yunlang.indicators.outputs.report import report_html
from yunlang.indicators.outputs.tables import OutputTable, ranks_table, scores_table, stage_tables
from yunlang.indicators.outputs.workbook import workbook_write
from yunlang.indicators.pages import edition_context
from yunlang.indicators.what_if import asked
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.tables import MEDIA_TYPES, write_table

_STAGE = "stage_"
_FILE = Bilingual("该文件", "this file")


@dataclass(frozen=True, slots=True)
class Download:
    """One file: its name, what it holds, its type, and how it is made."""

    name: str
    label: Bilingual
    media_type: str
    make: Callable[[], bytes]


def downloads_of(edition: Edition, opened: OpenEdition, run: Run, language: str) -> dict[str, Download]:
    """Return every file of a run by name; nothing is made before it is asked for."""
    found = [
        Download("results.xlsx", Bilingual("全部结果（Excel）", "all results, Excel"), MEDIA_TYPES["xlsx"],
                 lambda: _workbook(run, language)),
        Download("report.html", Bilingual("报告（单页，可打印）", "report, one page to print"),
                 "text/html; charset=utf-8", lambda: report_html(run, language=language).encode()),
        Download("framework.yaml", Bilingual("指标框架", "framework"), "application/yaml; charset=utf-8",
                 lambda: yaml_text(framework_facts(opened.framework)).encode()),
        Download("recipe.yaml", Bilingual("计算方案", "recipe"), "application/yaml; charset=utf-8",
                 lambda: recipe_text(run.recipe).encode()),
        Download("data.csv", Bilingual("原始数据（含名称、分组、分母）", "raw data with names and groups"),
                 MEDIA_TYPES["csv"], lambda: _data(opened.data)),
        Download("uncertainty.json", Bilingual("名次的不确定性", "uncertainty of the ranks"), "application/json",
                 lambda: json.dumps(opened.uncertainty, ensure_ascii=False, indent=1).encode()),
        *_tables([(Bilingual("得分", "scores"), "scores", scores_table(run)),
                  (Bilingual("名次", "ranks"), "ranks", ranks_table(run))]),
        *_tables((STAGE_LABELS[table.name], f"{_STAGE}{table.name}", table) for table in stage_tables(run)),
    ]  # fmt: skip
    return {one.name: one for one in found}


def _tables(tables: Iterable[tuple[Bilingual, str, OutputTable]]) -> list[Download]:
    return [
        Download(f"{name}.csv", label, MEDIA_TYPES["csv"], lambda table=table: _csv(table))  # type: ignore[misc]
        for label, name, table in tables
    ]


def _csv(table: OutputTable) -> bytes:
    stream = io.BytesIO()
    write_table("csv", table.columns, table.rows, stream)
    return stream.getvalue()


def _data(data: Dataset) -> bytes:
    """Return all data of an edition as a wide table that `data_tables.dataset_read` takes back."""
    columns = [
        ROLES["unit"][0], ROLES["name"][0], *([ROLES["period"][0]] if data.is_panel else []),
        *data.groupings, *data.denominators, *data.indicators,
    ]  # fmt: skip
    rows = [
        [
            unit, data.unit_names[place], *([period] if data.is_panel else []),
            *(groups[place] for groups in data.groupings.values()),
            *map(_cell, (column[time, place] for column in data.denominators.values())),
            *map(_cell, data.values[time, place].tolist()),
        ]
        for time, period in enumerate(data.periods)
        for place, unit in enumerate(data.units)
    ]  # fmt: skip
    stream = io.BytesIO()
    write_table("csv", columns, rows, stream)
    return stream.getvalue()


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _workbook(run: Run, language: str) -> bytes:
    stream = io.BytesIO()
    workbook_write(run, stream, language=language)
    return stream.getvalue()


@require_safe
def downloads(request: HttpRequest, index: str, label: str) -> HttpResponse:
    """List the files, and say how to compute the edition again from them."""
    edition = edition_at(index, label, request.user)
    view, context = edition_context(request, edition, "downloads")
    files = downloads_of(edition, view.opened, view.opened.run(), get_language() or "zh-hans")
    context["stages"] = [one for one in files.values() if one.name.startswith(_STAGE)]
    context["files"] = [one for one in files.values() if not one.name.startswith(_STAGE)]
    return render(request, "indicators/downloads.html", context)


@require_safe
def download(request: HttpRequest, index: str, label: str, name: str) -> HttpResponse:
    """Give one file: of the edition, or of what an address of the what-if page asks."""
    edition = edition_at(index, label, request.user)
    view, _ = edition_context(request, edition, "downloads")
    question = asked(view.opened, request.GET.dict())
    files = downloads_of(edition, view.opened, question.run, get_language() or "zh-hans") if question.run else {}
    found = files.get(name)
    if found is None:
        raise NotFoundError(what=_FILE)
    response = HttpResponse(found.make(), content_type=found.media_type)
    response["Content-Disposition"] = f'attachment; filename="{edition.index}-{edition.label}-{found.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
