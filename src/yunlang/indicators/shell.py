"""What the commands for indices share: their options, and word of what is at work."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language

FrameworkFile = Annotated[
    Path, typer.Option("--framework", help="YAML, or a table with the columns of COINr's iMeta. 指标框架。")
]
Data = Annotated[Path, typer.Option("--data", help="Wide or long table: .csv .tsv .xlsx .xls .jsonl. 数据表。")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Of an Excel file; else the first. 工作表。")]
RecipeFile = Annotated[Path | None, typer.Option("--recipe", help="YAML; else the default recipe. 计算方案。")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.OPTION=VALUE", help="E.g. normalise.method=zscore; repeatable. 更改设置。"),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON。")]
_PATIENCE = 2.0


def _stop(number: int, frame: object) -> None:
    sys.exit(128 + number)


class Work:
    """Says on standard error what is at work, once it has taken more than two seconds, on a terminal only."""

    def __init__(self) -> None:
        from rich.console import Console

        console = Console(stderr=True)
        self._status = console.status("")
        self._timer = threading.Timer(_PATIENCE, self._status.start)
        self._is_shown = console.is_terminal

    def __enter__(self) -> Work:
        # A run that is told to stop tidies up behind it.
        self._before = signal.signal(signal.SIGTERM, _stop)
        if self._is_shown:
            self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        if self._is_shown:
            self._timer.join()
        self._status.stop()
        signal.signal(signal.SIGTERM, self._before)

    def begin(self, what: Bilingual) -> None:
        """Name the step that begins."""
        self._status.update(what.text(language()))

    def begin_file(self, name: str) -> None:
        """Name the file that is being written."""
        self.begin(Bilingual(f"写出 {name}", f"Writing {name}"))


def print_table(title: Bilingual, heads: Sequence[Bilingual], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in the reader's language; columns of figures are aligned to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = list(rows)
    if not cells:
        typer.echo(Bilingual(f"{title.zh}：无", f"{title.en}: none").text(language()))
        return
    table = Table(title=title.text(language()), title_justify="left")
    for place, head in enumerate(heads):
        figures = all(_looks_like_a_figure(row[place]) for row in cells)
        table.add_column(head.text(language()), justify="right" if figures else "left")
    for row in cells:
        table.add_row(*map(Text, row))
    Console().print(table)


def _looks_like_a_figure(text: str) -> bool:
    return text == "—" or text.lstrip("+-−").replace(".", "", 1).isdigit()


def figure(value: float | None, digits: int = 2) -> str:
    """Return a number as people read it, a dash where there is none."""
    return "—" if value is None else f"{value:.{digits}f}"
