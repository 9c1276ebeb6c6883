"""What every command of the command line shares."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from yunlang.kit.language import Bilingual
from yunlang.kit.text import line_form

if TYPE_CHECKING:
    from yunlang.kit.tables import ImportReport

FINDINGS_SHOWN = 20
NOTHING_IMPORTED = Bilingual("有错误的行，没有导入任何数据。", "There are bad rows, so nothing was imported.")
_COLUMNS = (
    Bilingual("行", "row"),
    Bilingual("列", "column"),
    Bilingual("值", "value"),
    Bilingual("原因", "reason"),
)


def language() -> str:
    """Return the language to speak: YUNLANG_LANGUAGE, else Chinese unless the locale says English."""
    chosen = os.environ.get("YUNLANG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if chosen.lower().startswith("en") else "zh-hans"


def say(zh: str, en: str) -> None:
    """Print one line in the reader's language."""
    typer.echo(Bilingual(zh, en).text(language()))


def show_findings(report: ImportReport) -> None:
    """Print what an import came to, and the first of what it found in single cells."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    typer.echo(report.summary().text(language()))
    findings = [("red", problem) for problem in report.problems] + [("yellow", note) for note in report.warnings]
    if not findings:
        return
    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name.text(language()), overflow="fold")
    for style, one in findings[:FINDINGS_SHOWN]:
        # What stands in the file must not steer the terminal.
        cells = (str(one.row), line_form(one.column), line_form(one.value))
        table.add_row(*map(Text, cells), Text(one.reason.text(language()), style=style))
    Console().print(table)
