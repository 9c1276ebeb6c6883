"""Links between cities from a shell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import FINDINGS_SHOWN, NOTHING_IMPORTED, language, show_findings
from yunlang.registry.cli import AllOrNothing, Licence, OldFile, Title

if TYPE_CHECKING:
    from yunlang.indicators.link_selectors import CityLinks
    from yunlang.kit.tables import ImportReport

_NO_KIND = Bilingual("没有“{kind}”这类联系，可选：{known}", "there is no kind of link “{kind}”; choose from: {known}")
_NO_LINKS = Bilingual("还没有这类联系的数据。", "There are no links of this kind yet.")

Dated = Annotated[str, typer.Option("--date", help="Date of the source. 来源日期。")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON。")]


def import_links(
    file: OldFile,
    title: Title = "",
    licence: Licence = "",
    dated: Dated = "",
    all_or_nothing: AllOrNothing = False,
    as_json: AsJson = False,
) -> None:
    """Bring a table of links between cities in; a second import of it changes nothing. 导入城市间联系，可重复导入。

    The status is 1 when the file is refused, or rows are with --all-or-nothing; 0 otherwise, also when rows were left
    out: the report names them.
    """
    from yunlang.accounts.actors import SYSTEM
    from yunlang.indicators.link_services import links_import
    from yunlang.kit.tables import read_table
    from yunlang.registry.importing.files import SourceFacts

    with read_table(file) as table:
        report = links_import(
            actor=SYSTEM, table=table, facts=SourceFacts(title, licence, dated), filename=file.name,
            all_or_nothing=all_or_nothing,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(report.to_dict(language()), ensure_ascii=False, indent=2))
    else:
        _show_report(report)
    if all_or_nothing and report.skipped:
        typer.secho(NOTHING_IMPORTED.text(language()), fg="red", err=True)
        raise typer.Exit(1)


def show_links(
    kind: Annotated[
        str, typer.Argument(help="introduction, deal, deal_amount, co_project, co_patent, instrument_hours 类别。")
    ],
    period: Annotated[str, typer.Option(help="2024, 2024-06 …; else the latest. 时期，默认最近。")] = "",
    source: Annotated[str, typer.Option(help="Code of the source. 来源代码。")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the links between the cities, and what they say of each. 显示城市间联系及各城市指标。"""
    from yunlang.indicators.core.links.kinds import LINK_KINDS
    from yunlang.indicators.link_selectors import city_links, link_editions, link_expectation
    from yunlang.indicators.link_summary import links_record

    if kind not in LINK_KINDS:
        raise typer.BadParameter(_NO_KIND.format(kind=kind, known=", ".join(LINK_KINDS)).text(language()))
    if not period:
        editions = [one for one in link_editions(kind) if not source or (one.source and one.source.code == source)]
        if not editions:
            typer.echo("null" if as_json else _NO_LINKS.text(language()))
            return
        period, source = editions[0].period, editions[0].source.code if editions[0].source else ""
    links = city_links(kind, period, source)
    record = links_record(links, link_expectation(links))
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        _show_links(links, record)


def _show_report(report: ImportReport) -> None:
    show_findings(report)
    if (more := len(report.problems) + len(report.warnings) - FINDINGS_SHOWN) > 0:
        typer.echo(
            Bilingual(f"另有 {more:,} 条，加 --json 看全部。", f"{more:,} more; --json shows all.").text(language())
        )


def _show_links(links: CityLinks, record: dict[str, Any]) -> None:
    from yunlang.indicators.core.links.unit_indicators import INDICATORS
    from yunlang.indicators.link_summary import NETWORK_LABELS

    names = [city.label.text(language()) for city in links.cities]
    title = f"{links.kind.label.text(language())} {links.edition.period}"
    _print_table(title, names, zip(names, record["matrix"], strict=True))
    rows = record["indicators"]
    columns = [INDICATORS[name].text(language()) for name in next(iter(rows.values()))]
    figures = (list(rows[city.adcode].values()) for city in links.cities)
    _print_table("", columns, zip(names, figures, strict=True))
    for name, value in record["network"].items():
        typer.echo(f"{NETWORK_LABELS[name].text(language())}: {_number(value)}")


def _print_table(title: str, columns: list[str], rows: Iterable[tuple[str, list[float | None]]]) -> None:
    table = Table(box=None, pad_edge=False, title=title or None)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    for name, values in rows:
        table.add_row(name, *map(_number, values))
    Console().print(table)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.10g}" if float(value).is_integer() else f"{value:,.2f}"
