"""The audit of an index from a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from yunlang.indicators.shell import AsJson, Data, FrameworkFile, RecipeFile, Settings, Sheet, Work, figure, print_table
from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say

Out = Annotated[Path | None, typer.Option("--out", help="Folder for every table and audit.json. 结果目录。")]
Period = Annotated[str | None, typer.Option("--period", help="Of a panel; else the last. 时期。")]
_SHOWN = 15
_CONTENTS = "audit_files.json"
_TABLES = (
    "statistics", "availability", "denominators", "correlation_flags", "reliability", "influences", "redundant",
    "removals", "weight_changes", "unit_removals", "trends",
)  # fmt: skip


def audit(
    framework: FrameworkFile, data: Data, recipe: RecipeFile = None, settings: Settings = None, sheet: Sheet = None,
    period: Period = None, out: Out = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what an index's data, structure and weights do to its ranking. 审计指数的数据、结构与权重。"""
    with Work() as work:
        work.begin(Bilingual("读取数据", "Reading the data"))
        from yunlang.indicators.core.audit.report import audit as audited
        from yunlang.indicators.inputs import inputs_read, recipe_of
        from yunlang.indicators.outputs.folder import folder_written

        chosen = recipe_of(recipe, settings or ())
        inputs = inputs_read(framework, data, sheet=sheet)
        work.begin(Bilingual("审计", "Auditing"))
        found = audited(inputs.engine(), chosen, period=period).plain()
        if out is not None:
            with folder_written(out, _CONTENTS) as folder:
                _write(found, folder, inputs.sources)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _show(found)
    if out is not None:
        say(f"全部表格在 {out}。", f"All tables are in {out}.")


def _write(found: Mapping[str, Any], folder: Path, sources: Mapping[str, str]) -> None:
    from yunlang.indicators.outputs.folder import contents_write
    from yunlang.kit.tables import write_table

    (folder / "audit.json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    tables = {name: [_flat(row) for row in found[name]] for name in _TABLES}
    tables["correlations"] = list(_pairs(found["correlations"]))
    for name, rows in tables.items():
        if rows:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (folder / f"{name}.csv").open("wb") as stream:
                cells = ([row.get(column) for column in columns] for row in rows)
                write_table("csv", columns, cells, stream, for_excel=False)
    facts = {name: found[name] for name in ("inputs", "recipe", "period", "notes")}
    contents_write(folder, facts | {"sources": dict(sources)}, _CONTENTS)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's single values; what is a mapping gives a column for each of its own."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and value.keys() == {"zh", "en"}:
            found[name] = Bilingual(**value).text(language())
        elif isinstance(value, Mapping):
            found |= {f"{name}.{part}" if part in row else part: one for part, one in value.items()}
        elif not isinstance(value, list):
            found[name] = int(value) if isinstance(value, bool) else value
        elif name == "flags":
            found[name] = ", ".join(map(str, value))
    return found


def _pairs(correlations: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    codes: Sequence[str] = correlations["codes"]
    for row, code in enumerate(codes):
        for column in range(row):
            yield {
                "code": code, "other": codes[column], "coefficient": correlations["coefficients"][row][column],
                "p_value": correlations["p_values"][row][column],
            }  # fmt: skip


def _show(found: Mapping[str, Any]) -> None:
    flagged = [one for one in found["statistics"] if one["flags"]]
    print_table(
        Bilingual("需要留意的指标", "Indicators to look at"),
        (Bilingual("指标", "indicator"), Bilingual("缺失", "missing"), Bilingual("偏度", "skewness"),
         Bilingual("峰度", "kurtosis"), Bilingual("标记", "flags")),
        [
            (one["code"], str(one["missing"]), figure(one["skewness"]), figure(one["kurtosis"]),
             ", ".join(map(_flag, one["flags"])))
            for one in flagged
        ],
    )  # fmt: skip
    print_table(
        Bilingual("相关性标记", "Flagged correlations"),
        (Bilingual("标记", "flag"), Bilingual("指标", "indicator"), Bilingual("与", "with"),
         Bilingual("分组", "group"), Bilingual("相关系数", "coefficient")),
        [
            (_flag(one["kind"]), one["code"], one["other"], one["group"], figure(one["coefficient"]))
            for one in found["correlation_flags"]
        ],
    )  # fmt: skip
    explained = {one["code"]: one["explained"][0] for one in found["components"]}
    print_table(
        Bilingual("各组的内部一致性", "How each group holds together"),
        (Bilingual("分组", "group"), Bilingual("Cronbach α", "Cronbach's alpha"),
         Bilingual("第一主成分占比", "share of the first component")),
        [(one["code"], figure(one["alpha"]), figure(explained.get(one["code"]))) for one in found["reliability"]],
    )  # fmt: skip
    _show_shifts(found)
    for one in found["notes"]:
        typer.echo(Bilingual(**one).text(language()))


def _flag(name: str) -> str:
    from yunlang.indicators.core.audit.correlation import CORRELATION_FLAGS
    from yunlang.indicators.core.audit.statistics import STATISTICS_FLAGS

    words: Mapping[str, Bilingual] = {**STATISTICS_FLAGS, **CORRELATION_FLAGS}
    return words[name].text(language())


def _show_shifts(found: Mapping[str, Any]) -> None:
    heads = (
        Bilingual("去掉", "without"), Bilingual("平均名次变动", "mean shift of ranks"),
        Bilingual("最大变动", "largest shift"), Bilingual("变动最大的单位", "of"),
    )  # fmt: skip
    for title, rows, name in (
        (
            Bilingual("去掉一项后的名次变动（前 15 项）", "Without one node (the 15 that matter most)"),
            "removals",
            "code",
        ),
        (Bilingual("去掉一个单位后的名次变动", "Without one unit (the 15 that matter most)"), "unit_removals", "unit"),
    ):
        known = [one for one in found[rows] if one["agreement"]]
        known.sort(key=lambda one: -(one["agreement"]["mean_shift"] or 0))
        cells = [
            (one[name], figure(one["agreement"]["mean_shift"]), figure(one["agreement"]["largest_shift"], 0),
             one["agreement"]["largest_unit"] or "—")
            for one in known[:_SHOWN]
        ]  # fmt: skip
        print_table(title, heads, cells)
        for one in found[rows]:
            if one["reason"]:
                typer.secho(f"{one[name]}: {Bilingual(**one['reason']).text(language())}", fg="yellow", err=True)
