"""Two rankings side by side, from a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yunlang.indicators.shell import AsJson, RecipeFile, Settings, Sheet, Work, figure, print_table
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language

if TYPE_CHECKING:
    from yunlang.indicators.core.audit.comparison import Comparison

Folders = Annotated[
    list[Path] | None, typer.Argument(metavar="[DIR DIR]", help="Two results of `index run`. 两个结果目录。")
]
MaybeFramework = Annotated[Path | None, typer.Option("--framework", help="To compare two recipes. 指标框架。")]
MaybeData = Annotated[Path | None, typer.Option("--data", help="To compare two recipes. 数据表。")]
With = Annotated[Path | None, typer.Option("--with", help="The second recipe; else the first with --set. 第二个方案。")]
Node = Annotated[str | None, typer.Option("--node", help="Rank by this group instead of the index. 按此项排名。")]
Period = Annotated[str | None, typer.Option("--period", help="Of a panel; else the last. 时期。")]
_USAGE = Bilingual(
    "请给出两个结果目录，或 --framework、--data 以及 --with 或 --set",
    "give two folders of results, or --framework, --data and either --with or --set",
)


def compare(
    folders: Folders = None, framework: MaybeFramework = None, data: MaybeData = None, recipe: RecipeFile = None,
    other: With = None, settings: Settings = None, node: Node = None, period: Period = None, sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show two rankings side by side: two results, or two recipes over the same data. 并列比较两个排名。

    Settings given with --set are those of the second recipe.
    """
    by_recipe = framework is not None and data is not None and (other is not None or bool(settings))
    if not by_recipe and len(folders or ()) != 2:
        raise typer.BadParameter(_USAGE.text(language()))
    with Work() as work:
        work.begin(Bilingual("比较", "Comparing"))
        if framework is not None and data is not None and by_recipe:
            found = _of_recipes(framework, data, (recipe, other), settings or [], node, period, sheet)
        else:
            from yunlang.indicators.outputs.earlier import results_compare

            first, second = folders or []
            found = results_compare(first, second, code=node, period=period)
    _show(found, as_json)


def _of_recipes(
    framework: Path, data: Path, recipes: tuple[Path | None, Path | None], settings: list[str], node: str | None,
    period: str | None, sheet: str | None,
) -> Comparison:  # fmt: skip
    from yunlang.indicators.core.audit.comparison import compare as compared
    from yunlang.indicators.inputs import inputs_read, recipe_of

    first, second = recipe_of(recipes[0], ()), recipe_of(recipes[1] or recipes[0], settings)
    engine = inputs_read(framework, data, sheet=sheet).engine()
    return compared(engine.run(first), engine.run(second), code=node, first_period=period, second_period=period)


def _show(found: Comparison, as_json: bool) -> None:
    from yunlang.indicators.core.audit.plain import plain

    values: dict[str, Any] = plain(found)
    if as_json:
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    print_table(
        Bilingual("两个排名", "Two rankings"),
        (
            Bilingual("单位", "unit"), Bilingual("名称", "name"), Bilingual("名次一", "first rank"),
            Bilingual("名次二", "second rank"), Bilingual("上升", "rise"), Bilingual("得分一", "first score"),
            Bilingual("得分二", "second score"),
        ),
        [
            (one["unit"], one["name"], figure(one["first_rank"], 0), figure(one["second_rank"], 0),
             figure(one["shift"], 0), figure(one["first_score"]), figure(one["second_score"]))
            for one in values["places"]
        ],
    )  # fmt: skip
    agreement = values["agreement"]
    typer.echo(
        Bilingual(
            f"平均名次变动 {figure(agreement['mean_shift'])}，Spearman {figure(agreement['spearman'], 3)}，"
            f"Kendall {figure(agreement['kendall'], 3)}，得分相关 {figure(values['correlation'], 3)}",
            f"mean shift of ranks {figure(agreement['mean_shift'])}, Spearman {figure(agreement['spearman'], 3)}, "
            f"Kendall {figure(agreement['kendall'], 3)}, correlation of scores {figure(values['correlation'], 3)}",
        ).text(language())
    )
