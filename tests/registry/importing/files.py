"""Files to import, made on the spot, and one way to import them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import xlsxwriter
import xlwt

from yunlang.accounts.actors import SYSTEM
from yunlang.kit.tables import ImportReport
from yunlang.registry.core.credit_code import check_character
from yunlang.registry.importing.files import SourceFacts, batch_begin, file_import
from yunlang.registry.importing.kinds import import_kind
from yunlang.registry.models import ImportBatch

Rows = Sequence[Sequence[Any]]


def credit_code(number: int) -> str:
    """Return the valid credit code of a made-up company."""
    body = f"91330500{number:09d}"
    return body + check_character(body)


def as_csv(header: Sequence[str], rows: Rows, encoding: str = "utf-8") -> bytes:
    """Return a .csv file."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def as_jsonl(header: Sequence[str], rows: Rows) -> bytes:
    """Return a .jsonl file."""
    lines = (json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows)
    return "\n".join(lines).encode()


def as_xlsx(header: Sequence[str], rows: Rows) -> bytes:
    """Return an .xlsx file; a text that begins with = is written as a formula, as Excel would."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("数据")
    for number, row in enumerate([header, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def as_xls(header: Sequence[str], rows: Rows) -> bytes:
    """Return an .xls file."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    for number, row in enumerate([header, *rows]):
        for place, value in enumerate(row):
            sheet.write(number, place, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def run(kind: str, data: bytes, filename: str = "表.csv", **options: Any) -> tuple[ImportBatch, ImportReport]:
    """Import a file as the command line does; return the batch, as the database has it, and the report."""
    batch = begin(kind, filename, **options)
    report = file_import(actor=SYSTEM, batch=batch, file=io.BytesIO(data))
    batch.refresh_from_db()
    return batch, report


NO_FACTS = SourceFacts()


def begin(kind: str, filename: str = "表.csv", facts: SourceFacts = NO_FACTS, **options: Any) -> ImportBatch:
    """Return a batch that waits for its file."""
    return batch_begin(actor=SYSTEM, kind=import_kind(kind), filename=filename, facts=facts, **options)


def run_csv(kind: str, header: Sequence[str], *rows: Sequence[Any], **options: Any) -> ImportReport:
    """Import rows as .csv; return the report."""
    return run(kind, as_csv(header, rows), **options)[1]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Return created, updated, unchanged, skipped."""
    return report.created, report.updated, report.unchanged, report.skipped


def reasons(report: ImportReport) -> list[tuple[int, str, str, str]]:
    """Return the problems as row, column, value and Chinese reason."""
    return [(one.row, one.column, one.value, one.reason.zh) for one in report.problems]
