"""Composite indices from a shell; these commands read files and need neither Django's settings nor a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yunlang.indicators import audit_cli, compare_cli, recipe_cli, uncertainty_cli
from yunlang.indicators.shell import Data, FrameworkFile, RecipeFile, Settings, Sheet, Work
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say

index = typer.Typer(no_args_is_help=True, help="Composite indices. 综合指数。")
Out = Annotated[Path, typer.Option("--out", help="Folder of the results. 结果目录。")]


@index.command("run")
def run(
    framework: FrameworkFile, data: Data, out: Out, recipe: RecipeFile = None, settings: Settings = None,
    sheet: Sheet = None,
) -> None:  # fmt: skip
    """Compute an index and write every stage, the scores, a report and a workbook. 计算指数并写出每一步。"""
    with Work() as work:
        work.begin(Bilingual("准备", "Preparing"))
        from yunlang.indicators.inputs import inputs_read, recipe_of
        from yunlang.indicators.outputs import run_write, warnings_of
        from yunlang.indicators.outputs.folder import folder_written

        chosen = recipe_of(recipe, settings or ())
        with folder_written(out) as folder:
            work.begin(Bilingual("读取数据", "Reading the data"))
            inputs = inputs_read(framework, data, sheet=sheet)
            work.begin(Bilingual("计算", "Computing"))
            found = inputs.engine().run(chosen)
            run_write(found, folder, language=language(), sources=inputs.sources, begun=work.begin_file)
    for warning in warnings_of(found):
        typer.secho(warning.text(language()), fg="yellow", err=True)
    units = len(found.units)
    say(
        f"已计算 {units} 个单位的“{found.framework.name.zh}”，结果在 {out}。",
        f"“{found.framework.name.en}” is computed for {units} units; the results are in {out}.",
    )


index.command("uncertainty")(uncertainty_cli.uncertainty)
index.command("compare")(compare_cli.compare)
index.command("audit")(audit_cli.audit)
index.command("recipe")(recipe_cli.recipe)
index.command("methods")(recipe_cli.methods)
