"""Published figures from a shell."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say

_AREA = typer.Option(
    "--area", help="corridor, yangtze_delta, elsewhere, city, or one city's name or code. 只看一个范围或一座城市。"
)
_JSON = typer.Option("--json", help="A list of objects. 输出 JSON。")
_STRICT = typer.Option("--strict", help="End with status 1 where figures contradict. 有不符时以状态 1 结束。")


def check(
    area: Annotated[str, _AREA] = "",
    as_json: Annotated[bool, _JSON] = False,
    strict: Annotated[bool, _STRICT] = False,
) -> None:
    """Tell which published figures agree with each other and with public references. 核对公布的数据。"""
    from yunlang.indicators.core.figures import Verdict
    from yunlang.indicators.figure_selectors import NoFiguresError, figure_outcomes, figures_exist

    wanted = _area(area)
    if not figures_exist():
        raise NoFiguresError
    outcomes = figure_outcomes(wanted)
    if as_json:
        from yunlang.indicators.figure_api import outcome_row

        _dump([outcome_row(one).model_dump(mode="json") for one in outcomes])
    else:
        _show(outcomes)
    if strict and any(one.verdict is Verdict.CONTRADICTS for one in outcomes):
        raise typer.Exit(1)


def list_figures(area: Annotated[str, _AREA] = "", as_json: Annotated[bool, _JSON] = False) -> None:
    """List what was published, with period, unit and source. 列出公布的数据。"""
    from yunlang.indicators.figure_selectors import NoFiguresError, figures_published

    figures = figures_published(_area(area))
    if not area and not figures:
        raise NoFiguresError
    if as_json:
        _dump([_figure_values(one) for one in figures])
        return
    titles = (
        Bilingual("指标", "Figure"), Bilingual("时期", "Period"), Bilingual("数值", "Value"),
        Bilingual("来源", "Source"),
    )  # fmt: skip
    table = _table(titles, right=2)
    for one in figures:
        value = f"{one.qualified.text(language())} {one.value.normalize():f}".strip()
        cells = (
            _placed(one),
            one.period,
            f"{value} {one.unit.text(language())}".strip(),
            one.source.label.text(language()),
        )
        table.add_row(*map(Text, cells))
    _print(table)
    say(f"共 {len(figures):,} 项。", f"{len(figures):,} figures.")


def _show(outcomes: list[Any]) -> None:
    from yunlang.indicators.core.figures import Verdict
    from yunlang.indicators.core.figures.model import VERDICTS
    from yunlang.indicators.figure_selectors import verdict_counts
    from yunlang.indicators.figure_texts import outcome_shown, verdict_style

    titles = (
        Bilingual("结论", "Verdict"), Bilingual("问题", "Question"), Bilingual("公布", "Published"),
        Bilingual("推算", "Recomputed"), Bilingual("说明", "Remarks"),
    )  # fmt: skip
    table = _table(titles)
    for one in outcomes:
        shown = outcome_shown(one)
        texts = (one.check.question, shown.published, shown.computed_range if one.computed else shown.computed)
        table.add_row(
            Text(VERDICTS[one.verdict].text(language()), style=verdict_style(one.verdict)),
            *(Text(text.text(language())) for text in texts),
            Text(_remarks(one)),
        )
    _print(table)
    counts = verdict_counts(outcomes)
    agreeing, contradicting, unchecked = (counts[verdict] for verdict in Verdict)
    say(
        f"共核对 {len(outcomes)} 项：相符 {agreeing}，不符 {contradicting}，无法核对 {unchecked}。",
        f"{len(outcomes)} checks: {agreeing} agree, {contradicting} contradict, {unchecked} cannot be checked.",
    )


def _remarks(outcome: Any) -> str:
    lacking = Bilingual("缺 {name}", "missing: {name}")
    lines = [lacking.format(name=name) for name in outcome.missing] + list(outcome.remarks)
    return "\n".join(line.text(language()) for line in lines)


def _area(name: str) -> str:
    """Return the key of an area or a city's adcode."""
    from yunlang.registry.models.city import AREAS
    from yunlang.registry.selectors.corridor import city_named

    if name in ("", *AREAS):
        return name
    city = city_named(name)
    if city is None:
        reason = Bilingual(
            "没有“{name}”，可选：{areas}，或九城市之一", "there is no “{name}”; choose {areas} or a city"
        )
        raise typer.BadParameter(reason.text(language()).format(name=name, areas="、".join(AREAS)), param_hint="--area")
    return city.adcode


def _figure_values(one: Any) -> dict[str, Any]:
    from yunlang.registry.api.values import plain_decimal

    return {
        "area": one.area, "city": one.city_id, "code": one.code, "name": one.label.text(language()),
        "period": one.period, "value": plain_decimal(one.value), "qualifier": one.qualifier or None,
        "unit": one.unit.text(language()), "note": one.note.text(language()) or None, "source": one.source_id,
    }  # fmt: skip


def _placed(one: Any) -> str:
    name: str = one.label.text(language())
    return f"{one.city.label.text(language())} {name}" if one.city else name


def _table(titles: tuple[Bilingual, ...], right: int | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(titles):
        table.add_column(title.text(language()), justify="right" if number == right else "left")
    return table


def _print(table: Table) -> None:
    Console(highlight=False).print(table)


def _dump(rows: list[dict[str, Any]]) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
