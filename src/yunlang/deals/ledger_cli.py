"""Commands on the ledger. What reads a file needs neither Django nor a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from yunlang.deals.core.ledger.canonical import NotCanonicalError
from yunlang.deals.core.ledger.entries import BrokenLedgerError
from yunlang.deals.core.ledger.exports import Verified, export_verify
from yunlang.deals.core.ledger.heads import Publication, publication_line, publication_read, publications_verify
from yunlang.kit.errors import NotFoundError
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say

_WRITING, _VERIFYING = Bilingual("导出", "Writing"), Bilingual("核验", "Verifying")
_FILE = Bilingual("文件 {path}", "the file {path}")


def export(
    file: Annotated[Path, typer.Argument(help="Where to write, JSON Lines. 写入的文件。")],
    deal: Annotated[UUID | None, typer.Option(help="Only this deal, by id. 只导出一项成交。")] = None,
) -> None:
    """Write the journal to a file that anybody can verify. 导出账本，任何人都可核验。"""
    from django.utils import timezone

    from yunlang.accounts.actors import SYSTEM
    from yunlang.deals.ledger_selectors import deal_get, ledger_export

    chosen = deal_get(SYSTEM, deal) if deal else None
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("wb") as out, _progress() as bar:
        lines = ledger_export(actor=SYSTEM, at=timezone.now(), deal=chosen)
        out.writelines(bar.track(lines, total=None, description=_WRITING.text(language())))
    partial.replace(file)
    say(f"已导出到 {file}。", f"Exported to {file}.")


def verify(
    file: Annotated[Path | None, typer.Argument(help="An export; without it the database. 导出文件。")] = None,
    heads: Annotated[
        Path | None, typer.Option(help="Published heads, from `ledger heads` or the page. 公布的每日哈希。")
    ] = None,
) -> None:
    """Check a journal from the first entry to the last byte. 从头到尾核验账本。"""
    if file is None:
        verify_database()
        return
    published, root = _published(heads) if heads else ({}, "")
    found = _verified(file, published)
    say(
        f"完好：{found.subjects:,} 个对象，{found.entries:,} 条，SHA-256 {found.sha256}。",
        f"Sound: {found.subjects:,} subject(s), {found.entries:,} entries, SHA-256 {found.sha256}.",
    )
    if heads:
        say(
            f"其中 {found.anchored:,} 条已由公布的哈希固定（根 {root}）。",
            f"{found.anchored:,} of them are fixed by published heads (root {root}).",
        )


def verify_database() -> None:
    """Check the ledger in the database against itself."""
    from yunlang.deals.ledger_publishing import ledger_check
    from yunlang.deals.ledger_selectors import ledger_totals

    with _progress() as bar:
        task = bar.add_task(_VERIFYING.text(language()), total=ledger_totals().entries)
        found = ledger_check(tell=lambda count: bar.advance(task, count))
    say(
        f"完好：{found.subjects:,} 个对象，{found.entries:,} 条，已公布 {found.days:,} 日，根 {found.root}。",
        f"Sound: {found.subjects:,} subject(s), {found.entries:,} entries, {found.days:,} day(s) published, "
        f"root {found.root}.",
    )


def heads(
    output: Annotated[
        Path | None, typer.Argument(help="Where to write all; else the latest are shown. 写入的文件。")
    ] = None,
) -> None:
    """Show the published heads, or write all of them to a file. 查看或导出公布的每日哈希。"""
    from yunlang.deals.ledger_selectors import publications, publications_in_order

    if output is None:
        for row in publications()[:30]:
            typer.echo(f"{row.day}\t{len(row.heads)}\t{row.root}")
        return
    with output.open("wb") as out:
        out.writelines(publication_line(one) for one in publications_in_order())
    say(f"已导出到 {output}。", f"Exported to {output}.")


def _published(path: Path) -> tuple[dict[str, date], str]:
    """Return the day of every published hash and the last root, once the days have been checked."""
    days: dict[str, date] = {}
    last: Publication | None = None
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            where = Bilingual(f"{path} 第 {number} 行", f"{path} line {number}")
            try:
                one = publication_read(line)
            except NotCanonicalError as error:
                why = Bilingual("不是公布的每日哈希", "not a published day")
                raise BrokenLedgerError(where, why) from error
            last = publications_verify([one], last)
            days |= dict.fromkeys(one.heads, one.day)
    return days, last.root if last else ""


def _verified(path: Path, published: dict[str, date]) -> Verified:
    with _opened(path) as file, _progress() as bar:
        task = bar.add_task(_VERIFYING.text(language()), total=path.stat().st_size)
        return export_verify(file, published=published, tell=lambda size: bar.advance(task, size))


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, transient=True, console=console, disable=not console.is_terminal)


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFoundError(what=_FILE.format(path=path)) from error
