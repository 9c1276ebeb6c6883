"""Training and evaluating a ranker from a shell; these commands read files and need no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from yunlang.kit.language import Bilingual
from yunlang.kit.shell import language, say
from yunlang.matching.core.encoders import EncoderChoice, encoder_chosen

Needs = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, help="Table of needs: need_id, title, content. 需求表。")
]
Pairs = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, help="Graded pairs: need_id, achievement, level. 配对评级表。")
]

Encoders = Annotated[
    EncoderChoice, typer.Option("--encoder", help="The installation's YUNLANG_ENCODER. 与本机设置一致。")
]


def train(
    needs: Needs,
    pairs: Pairs,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the model. 模型目录。")],
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn at random. 随机种子。")] = 0,
    folds: Annotated[int, typer.Option(min=0, max=20, help="Of the cross-validation; 0 for none. 交叉验证折数。")] = 5,
    encoder: Encoders = "e5",
) -> None:
    """Train a ranker on graded pairs and write it with its model card. 用评级配对训练排序模型。"""
    from yunlang.matching.training import pairs_read, ranker_train

    if folds == 1:
        raise typer.BadParameter(
            Bilingual("至少两折，或用 0 不作验证", "two folds at least, or 0 for none").text(language()),
            param_hint="--folds",
        )
    with _Steps() as steps:
        card = ranker_train(
            pairs_read(needs, pairs), out, encoder=encoder_chosen(encoder), seed=seed, folds=folds, today=_today(),
            data=f"{needs.name}, {pairs.name}", progress=steps.encoded, step=steps.begin,
        )  # fmt: skip
    for name, title in (
        ("known_needs", Bilingual("交叉验证，需求有其他评级", "Cross-validated, needs graded before")),
        ("new_needs", Bilingual("交叉验证，全新需求", "Cross-validated, needs never seen")),
    ):
        if found := card["cross_validation"].get(name):
            typer.echo(f"{title.text(language())}: {_figures_line(found)}")
    say(f"模型已写入 {out}。", f"The model is in {out}.")


def evaluate(
    needs: Needs,
    pairs: Pairs,
    model: Annotated[Path | None, typer.Option(file_okay=False, help="Folder of the model. 模型目录。")] = None,
    unsupervised: Annotated[
        bool, typer.Option("--unsupervised", help="The pipeline without a trained ranker. 不用训练的模型。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON。")] = False,
    encoder: Encoders = "e5",
) -> None:
    """Measure a ranker, or the pipeline without one, on graded pairs. 在评级配对上度量匹配质量。"""
    from yunlang.matching.training import pairs_read, pipeline_evaluate, ranker_evaluate

    if (model is None) is not unsupervised:
        raise typer.BadParameter(
            Bilingual("请给出 --model 或 --unsupervised 之一", "give either --model or --unsupervised").text(language())
        )
    with _Steps() as steps:
        table = pairs_read(needs, pairs)
        if model is None:
            found = pipeline_evaluate(table, encoder=encoder_chosen(encoder), progress=steps.encoded)
        else:
            found = ranker_evaluate(table, model, encoder=encoder_chosen(encoder), progress=steps.encoded)
    typer.echo(json.dumps(found) if as_json else _figures_line(found))


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def _figures_line(found: Mapping[str, Any]) -> str:
    return "  ".join(
        f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}" for name, value in found.items()
    )


class _Steps:
    """Bars on standard error: texts encoded with the time left, then the step at work."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True))
        title = Bilingual("计算语义向量", "Encoding texts").text(language())
        self._encoding = self._bar.add_task(title, total=None)

    def __enter__(self) -> _Steps:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def encoded(self, done: int, total: int) -> None:
        self._bar.update(self._encoding, completed=done, total=total)

    def begin(self, step: str) -> None:
        self._bar.console.print(step, style="dim", markup=False, highlight=False)
