"""What a run did, stage by stage, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from yunlang.indicators.core.recipe import STAGE_LABELS
from yunlang.indicators.core.run import Run, Stage
from yunlang.kit.language import Bilingual

_NAMED_AT_MOST = 40


def stage_descriptions(run: Run) -> Iterator[tuple[Bilingual, list[Bilingual]]]:
    """Yield each stage's name with its method and what it did."""
    before: Stage | None = None
    for name, stage in run.stages.items():
        method = [] if "method" not in stage.settings else [_method(stage.settings["method"])]
        said = _raw(stage) if before is None else [*_said(stage.notes), *_lost(before, stage)]
        yield STAGE_LABELS[name], [*method, *said]
        before = stage
    yield STAGE_LABELS["weight"], [_method(run.recipe.weight.method), *_consistency(run)]
    yield STAGE_LABELS["aggregate"], [_method(run.recipe.aggregate.method)]


def warnings_of(run: Run) -> Iterator[Bilingual]:
    """Yield what a reader of the scores alone would miss: units dropped, values that could not be computed."""
    stages = list(run.stages.values())
    for before, stage in pairwise(stages):
        said = [_dropped(stage.notes["dropped"])] if stage.notes.get("dropped") else []
        for sentence in (*said, *_lost(before, stage)):
            label = STAGE_LABELS[stage.name]
            yield Bilingual(f"{label.zh}：{sentence.zh}", f"{label.en}: {sentence.en}")
    without = int(np.isnan(run.score()).sum())
    if without:
        yield Bilingual(f"{without} 个总分因数据不足未能计算", f"{without} scores of the index cannot be computed")


def _raw(stage: Stage) -> list[Bilingual]:
    periods, units, indicators = stage.data.values.shape
    missing = int(np.isnan(stage.data.values).sum())
    share = missing / stage.data.values.size
    size = Bilingual(f"{units} 个单位，{indicators} 项指标", f"{units} units, {indicators} indicators")
    if periods > 1:
        size = Bilingual(f"{size.zh}，{periods} 个时期", f"{size.en}, {periods} periods")
    gaps = Bilingual(f"缺失 {missing} 个值（{share:.1%}）", f"{missing} values are missing ({share:.1%})")
    return [size, gaps]


def _said(notes: Mapping[str, Any]) -> Iterator[Bilingual]:
    if divided := notes.get("divided"):
        by = "、".join(sorted(set(divided.values())))
        yield Bilingual(
            f"{len(divided)} 项指标除以规模（{by}）",
            f"{len(divided)} indicators are divided by {by.replace('、', ', ')}",
        )
    if notes.get("missing"):
        filled, left = notes["filled"], notes["missing"] - notes["filled"]
        group = notes.get("group")
        zh, en = (f"，按“{group}”分组", f", by “{group}”") if group else ("", "")
        yield Bilingual(
            f"插补 {filled} 个缺失值{zh}；余 {left} 个", f"{filled} missing values filled{en}; {left} remain"
        )
    if "dropped" in notes:
        yield _dropped(notes["dropped"])
    if "treated" in notes:
        yield Bilingual(f"{len(notes['treated'])} 项指标有离群值", f"{len(notes['treated'])} indicators have outliers")


def _dropped(dropped: list[str]) -> Bilingual:
    if not dropped:
        return Bilingual("没有剔除单位", "no unit is dropped")
    shown = dropped[:_NAMED_AT_MOST]
    rest = len(dropped) - len(shown)
    zh = "、".join(shown) + (f" 等 {len(dropped)} 个" if rest else "")
    en = ", ".join(shown) + (f" and {rest} more" if rest else "")
    return Bilingual(f"剔除：{zh}", f"dropped: {en}")


def _lost(before: Stage, stage: Stage) -> list[Bilingual]:
    """Tell of values that a stage lost: what cannot be computed is never passed over in silence."""
    kept = [before.data.units.index(unit) for unit in stage.data.units]
    was = before.data.values[:, kept]
    lost = (np.isnan(stage.data.values) & ~np.isnan(was)).sum(axis=(0, 1))
    if not lost.any():
        return []
    named = {code: int(count) for code, count in zip(stage.data.indicators, lost, strict=True) if count}
    listed = ", ".join(f"{code} {count}" for code, count in list(named.items())[:_NAMED_AT_MOST])
    total = sum(named.values())
    return [Bilingual(f"{total} 个值无法计算：{listed}", f"{total} values cannot be computed: {listed}")]


def _method(method: str) -> Bilingual:
    return Bilingual(f"方法：{method}", f"method: {method}")


def _consistency(run: Run) -> list[Bilingual]:
    """Tell how consistent experts' pairwise comparisons are, group by group."""
    return [
        Bilingual(f"“{code}”的一致性比率 {ratio:.3f}", f"the consistency ratio of “{code}” is {ratio:.3f}")
        for code, ratio in run.weight_notes.get("consistency", {}).items()
    ]


def treated_columns(run: Run) -> Iterator[tuple[str, Bilingual]]:
    """Yield the code of each indicator with outliers, and what was done to it."""
    treated = run.stages["treat"].notes.get("treated", {}) if "treat" in run.stages else {}
    for code, facts in treated.items():
        yield code, _treatment(facts)


def _treatment(facts: Mapping[str, Any]) -> Bilingual:
    parts = []
    points = sum(facts["points"])
    if points:
        parts.append(Bilingual(f"缩尾 {points} 个值", f"{points} values winsorised"))
    if any(facts["transformed"]):
        name = facts["transformation"]
        parts.append(Bilingual(f"整列变换 {name}", f"the column is transformed by {name}"))
    if not all(facts["passes"]):
        parts.append(Bilingual("仍超出限度", "it is still beyond the limits"))
    return Bilingual("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def recipe_rows(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each setting in force as ``stage.option`` with its value; those that say nothing are left out."""
    for stage, settings in run.recipe.plain().items():
        if not isinstance(settings, dict):
            yield stage, _value_text(settings)
            continue
        for option, value in settings.items():
            if value not in (None, {}, []):
                yield f"{stage}.{option}", _value_text(value)


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value_text, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_value_text(part)}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
