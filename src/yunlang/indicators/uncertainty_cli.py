"""How sure a ranking is, from a shell."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yunlang.indicators.shell import AsJson, Data, FrameworkFile, RecipeFile, Settings, Sheet, Work, figure, print_table
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language

if TYPE_CHECKING:
    from yunlang.indicators.core.framework import Framework
    from yunlang.indicators.core.recipe import Recipe
    from yunlang.indicators.core.uncertainty.plan import Plan
    from yunlang.indicators.inputs import Inputs

PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="YAML: what is uncertain; else four usual variations. 不确定项。")
]
Replicates = Annotated[int, typer.Option(min=2, max=10_000_000, help="How many are drawn. 重复次数。")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything drawn at random. 随机种子。")]
Sobol = Annotated[
    int, typer.Option("--sobol", min=0, max=1_000_000, help="Points of a Sobol design; 0 for none. 敏感性分析样本。")
]
Code = Annotated[str | None, typer.Option("--node", help="Rank by this group instead of the index. 按此项排名。")]
Period = Annotated[str | None, typer.Option("--period", help="Of a panel; else the last. 时期。")]
_NAMED_AT_MOST = 3


def uncertainty(
    framework: FrameworkFile, data: Data, recipe: RecipeFile = None, settings: Settings = None, plan: PlanFile = None,
    replicates: Replicates = 1_000, seed: Seed = 0, sobol: Sobol = 0, node: Code = None, period: Period = None,
    sheet: Sheet = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Vary the choices behind a ranking at once and give each unit's rank interval. 名次的不确定性区间。"""
    with Work() as work:
        work.begin(Bilingual("读取数据", "Reading the data"))
        from yunlang.indicators.inputs import inputs_read, recipe_of

        chosen = recipe_of(recipe, settings or ())
        inputs = inputs_read(framework, data, sheet=sheet)
        planned = _plan(plan, inputs.framework, chosen)
        where = _where(inputs, node, period)
        work.begin(Bilingual(f"计算 {replicates} 次重复", f"Computing {replicates} replicates"))
        found = _computed(inputs, chosen, planned, replicates, seed, sobol, where)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(found, inputs)


def _plan(path: Path | None, framework: Framework, recipe: Recipe) -> Plan:
    from yunlang.indicators.core.uncertainty.plan import usual_plan
    from yunlang.indicators.framework_files import plan_read
    from yunlang.indicators.inputs import file_read

    return usual_plan(framework, recipe) if path is None else file_read(path, plan_read)


def _where(inputs: Inputs, node: str | None, period: str | None) -> dict[str, Any]:
    """Return the node and the period's position, refusing those that do not exist."""
    from yunlang.indicators.core.errors import DatasetError, FrameworkError

    if node is not None and node not in inputs.framework.by_code:
        raise FrameworkError({node: [Bilingual("框架中没有这一项", "the framework has no such node")]})
    if period is not None and period not in inputs.data.periods:
        known = ", ".join(inputs.data.periods)
        raise DatasetError(
            {period: [Bilingual(f"没有这一时期，可选：{known}", f"there is no such period; there are: {known}")]}
        )
    return {"code": node, "period": -1 if period is None else inputs.data.periods.index(period)}


def _computed(
    inputs: Inputs, recipe: Recipe, plan: Plan, replicates: int, seed: int, sobol: int, where: dict[str, Any]
) -> dict[str, Any]:
    """Return plain values with the seconds that computing them took, reading files apart."""
    from yunlang.indicators.core.uncertainty.analysis import analyse, explain_variance

    begun = time.perf_counter()
    engine = inputs.engine()
    found = analyse(engine, recipe, plan, replicates=replicates, seed=seed, **where).plain()
    found = {"seconds": round(time.perf_counter() - begun, 6), **found}
    if sobol:
        begun = time.perf_counter()
        sensitivity = explain_variance(engine, recipe, plan, base=sobol, seed=seed, **where).plain()
        found["sensitivity"] = {"seconds": round(time.perf_counter() - begun, 6), **sensitivity}
    return found | {"inputs": engine.inputs, "recipe": recipe.plain(), "plan": plan.plain()}


def _show(found: dict[str, Any], inputs: Inputs) -> None:
    names = dict(zip(inputs.data.units, inputs.data.unit_names, strict=True))
    units = sorted(found["units"], key=lambda one: (one["nominal"] is None, one["nominal"]))
    print_table(
        Bilingual("名次区间", "Rank intervals"),
        (
            Bilingual("名次", "rank"), Bilingual("单位", "unit"), Bilingual("名称", "name"), Bilingual("均值", "mean"),
            Bilingual("中位", "median"), Bilingual("5%", "5%"), Bilingual("95%", "95%"),
        ),
        [
            (figure(one["nominal"], 0), one["unit"], names[one["unit"]], figure(one["mean"]),
             figure(one["median"], 0), figure(one["q5"], 0), figure(one["q95"], 0))
            for one in units
        ],
    )  # fmt: skip
    print_table(
        Bilingual("各项选择的影响", "What each choice does"),
        (Bilingual("不确定项", "input"), Bilingual("平均名次变动", "mean shift of ranks"), Bilingual("备注", "remark")),
        [(one["name"], figure(one["shift"]), _remark(one)) for one in found["effects"]],
    )
    if "sensitivity" in found:
        print_table(
            Bilingual("敏感性指数（Sobol）", "Sobol indices"),
            (Bilingual("不确定项", "input"), Bilingual("一阶", "first order"), Bilingual("总效应", "total"),
             Bilingual("总效应 90% 区间", "90% bounds of the total")),
            [
                (one["name"], figure(one["first_order"], 3), figure(one["total_order"], 3),
                 f"{figure(one['total_low'], 3)}–{figure(one['total_high'], 3)}")
                for one in found["sensitivity"]["inputs"]
            ],
        )  # fmt: skip
    for line in _failures(found["failures"]):
        typer.secho(line.text(language()), fg="yellow", err=True)
    typer.echo(
        Bilingual(
            f"{found['replicates']} 次重复，计算用时 {found['seconds']:.2f} 秒",
            f"{found['replicates']} replicates in {found['seconds']:.2f} seconds of computing",
        ).text(language())
    )


def _failures(failures: list[dict[str, Any]]) -> Iterator[Bilingual]:
    """Yield a line for each reason, with the combinations of settings where they can be read at once."""
    by_reason: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in failures:
        by_reason.setdefault((one["zh"], one["en"]), []).append(one)
    for (zh, en), those in by_reason.items():
        number = sum(one["replicates"] for one in those)
        named = [", ".join(f"{name}={value}" for name, value in one["settings"].items()) for one in those]
        few = "; ".join(named) if len(named) <= _NAMED_AT_MOST else ""
        yield Bilingual(
            f"{number} 次无法计算（{few or f'{len(named)} 种组合'}）：{zh}",
            f"{number} replicates cannot be computed ({few or f'{len(named)} combinations'}): {en}",
        )


def _remark(effect: dict[str, Any]) -> str:
    if effect["shift"] is None:
        return Bilingual("无法计算", "cannot be computed").text(language())
    if not effect["moves_scores"]:
        return Bilingual("没有任何影响", "no effect at all").text(language())
    return "" if effect["moves_ranks"] else Bilingual("不改变名次", "no rank changes").text(language())
