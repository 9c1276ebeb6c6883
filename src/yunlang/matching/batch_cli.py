"""All pairs from a shell."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say

_PER_SECOND = Bilingual("{rate:.1f} 条/秒", "{rate:.1f} needs/s")


class _RateColumn(ProgressColumn):
    """How many a second, over the last while."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before it is known."""
        speed = task.finished_speed or task.speed
        return Text(_PER_SECOND.text(language()).format(rate=speed) if speed else "", style="progress.data.speed")


def batch(
    full: Annotated[bool, typer.Option("--full", help="Rank every need anew. 全部重新匹配。")] = False,
    dask: Annotated[
        str | None, typer.Option("--dask", help="Scheduler of a Dask cluster, e.g. tcp://host:8786. Dask 集群地址。")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes on this machine. 进程数。")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="The run as an object. 输出 JSON。")] = False,
) -> None:
    """Rank every open need against every resource and store the best of each. 为全部需求匹配要素并保存。"""
    from yunlang.matching.batches import batch_run
    from yunlang.matching.runners import here, in_processes, on_dask

    if dask is not None and workers > 1:
        reason = Bilingual("--dask 与 --workers 只能给一个", "give --dask or --workers, not both")
        raise typer.BadParameter(reason.text(language()))
    runner = on_dask(dask) if dask is not None else in_processes(workers) if workers > 1 else here
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(Bilingual("匹配全部需求", "Matching all needs").text(language()), total=None)
        report = batch_run(
            full=full,
            runner=runner,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _tell(report, as_json=as_json)


def _tell(report: Any, *, as_json: bool) -> None:
    run = report.run
    if as_json:
        values = {
            "run": str(run.pk), "full": run.full, "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at and run.finished_at.isoformat(), "encoder": run.encoder,
            "watermark": run.watermark, "documents": run.documents, "needs": report.needs, "anew": run.anew,
            "merged": run.merged, "same": run.same, "closed": report.closed,
        }  # fmt: skip
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
        return
    say(
        f"已匹配 {report.needs:,} 条需求：重排 {run.anew:,}，更新 {run.merged:,}，不变 {run.same:,}；"
        f"移除已关闭的 {report.closed:,} 条。",
        f"{report.needs:,} needs: {run.anew:,} ranked anew, {run.merged:,} updated, {run.same:,} unchanged; "
        f"{report.closed:,} closed ones removed.",
    )
