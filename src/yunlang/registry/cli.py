"""Tables in and out from a shell."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import FINDINGS_SHOWN, NOTHING_IMPORTED, language, show_findings

if TYPE_CHECKING:
    from yunlang.kit.tables import ImportReport, WriteFormat
    from yunlang.registry.models import ImportBatch

_FORMATS: dict[str, WriteFormat] = {".xlsx": "xlsx", ".csv": "csv", ".jsonl": "jsonl"}
_ALL_FINDINGS = 10**9

Kind = Annotated[str, typer.Argument(help="organisation, label, attribute, expert, need, achievement, … 类别。")]
OldFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=".xlsx .xls .csv .tsv .jsonl 输入文件。")
]
NewFile = Annotated[
    Path, typer.Argument(dir_okay=False, help=".xlsx .csv .jsonl; - for the standard output. 输出文件。")
]
AllOrNothing = Annotated[
    bool, typer.Option("--all-or-nothing", help="One bad row keeps all rows out. 有错误则全部不导入。")
]
Draft = Annotated[bool, typer.Option("--draft", help="Not public yet. 先不发布。")]
Title = Annotated[str, typer.Option("--source", help="Title of the source; else the file's name. 来源名称。")]
Licence = Annotated[str, typer.Option(help="Licence of the source. 许可。")]
Dated = Annotated[str, typer.Option("--date", help="Date of the source; else today. 来源日期。")]
Report = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Write every finding to this .xlsx, .csv or .jsonl. 导入报告。")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON. 输出 JSON。")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV on the standard output, else JSON Lines. 标准输出用 CSV。")]


def import_table(
    kind: Kind,
    file: OldFile,
    all_or_nothing: AllOrNothing = False,
    draft: Draft = False,
    title: Title = "",
    licence: Licence = "",
    dated: Dated = "",
    report: Report = None,
    as_json: AsJson = False,
) -> int:
    """Bring a table into the registry; a second import of it changes nothing. 导入表格，重复导入不会产生变化。

    The status is 1 when the file is refused, or rows are with --all-or-nothing; 0 otherwise, also when rows were left
    out: the report names them.
    """
    from yunlang.accounts.actors import SYSTEM
    from yunlang.registry.importing.files import SourceFacts, batch_begin
    from yunlang.registry.importing.kinds import import_kind

    written_as = _format(report) if report else None
    batch = batch_begin(
        actor=SYSTEM, kind=import_kind(kind), filename=file.name, all_or_nothing=all_or_nothing, draft=draft,
        facts=SourceFacts(title, licence, dated),
    )  # fmt: skip
    found = _import_with_bar(batch, file, keep_all=report is not None, quiet=as_json)
    if report and written_as:
        with report.open("wb") as stream:
            found.write(written_as, stream)
    if as_json:
        typer.echo(json.dumps({"batch": str(batch.id), **found.to_dict(language())}, ensure_ascii=False, indent=2))
    else:
        _show(found, report)
    if all_or_nothing and found.skipped:
        typer.secho(NOTHING_IMPORTED.text(language()), fg="red", err=True)
        raise typer.Exit(1)
    return found.created + found.updated


def _import_with_bar(batch: ImportBatch, file: Path, *, keep_all: bool, quiet: bool) -> ImportReport:
    from yunlang.accounts.actors import SYSTEM
    from yunlang.registry.importing.files import file_import
    from yunlang.registry.importing.rows import FINDINGS_KEPT

    console = Console(stderr=True)
    rate = Bilingual("行/秒", "rows/s").text(language())
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(Bilingual("读取", "Reading").text(language()), total=None, rate="")

        def watch(done: int, total: int | None) -> None:
            if total is not None and bar.tasks[0].total is None:
                bar.reset(task, total=total, description=Bilingual("导入", "Importing").text(language()))
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, rate=f"{speed:,.0f} {rate}" if speed else "")

        kept = _ALL_FINDINGS if keep_all else FINDINGS_KEPT
        return file_import(actor=SYSTEM, batch=batch, file=file, watch=watch, findings_kept=kept)


def _show(report: ImportReport, written: Path | None) -> None:
    show_findings(report)
    if written:
        typer.echo(Bilingual(f"报告已写入 {written}", f"The report is in {written}").text(language()))
    elif (more := report.problem_count + report.warning_count - FINDINGS_SHOWN) > 0:
        rest = Bilingual(f"另有 {more:,} 条，加 --report 写出全部。", f"{more:,} more; --report FILE writes them all.")
        typer.echo(rest.text(language()))


def export_table(
    kind: Kind,
    file: NewFile,
    as_csv: AsCsv = False,
) -> None:
    """Write what is published, in the form that import takes back. 导出已发布的数据，可原样导入。"""
    from yunlang.registry.importing.export import table_export
    from yunlang.registry.importing.kinds import import_kind

    found = import_kind(kind)
    if str(file) == "-":
        table_export(found, "csv" if as_csv else "jsonl", sys.stdout.buffer, language=language())
        return
    format = _format(file)
    # Beside the target, so that a failure leaves the old file as it was.
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with part.open("wb") as stream:
            count = table_export(found, format, stream, language=language())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    done = Bilingual(f"已导出 {count:,} 条到 {file}", f"{count:,} records written to {file}")
    typer.echo(done.text(language()))


def template_table(kind: Kind, file: Annotated[Path, typer.Argument(dir_okay=False, help=".xlsx")]) -> None:
    """Write the template of a kind, to be filled in and imported. 写出导入模板。"""
    from yunlang.kit.tables import template
    from yunlang.registry.importing.kinds import import_kind

    found = import_kind(kind)
    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter("模板为 .xlsx 文件 the template is an .xlsx file")
    file.write_bytes(template(found.fields, found.title, language()))
    typer.echo(str(file))


def _format(path: Path) -> WriteFormat:
    if path.suffix.lower() not in _FORMATS:
        raise typer.BadParameter(f"{path}: .xlsx .csv .jsonl")
    return _FORMATS[path.suffix.lower()]
