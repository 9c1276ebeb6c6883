"""The methods that the what-if page offers, by stage, and what to do where one cannot be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunlang.kit.language import Bilingual

OWN = ""


@dataclass(frozen=True, slots=True)
class Method:
    """One choice: its name, and the settings that it changes."""

    label: Bilingual
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MethodField:
    """The choice of a stage's method; the first choice is the edition's own."""

    name: str
    label: Bilingual
    choices: Mapping[str, Method]


_AS_PUBLISHED = Method(Bilingual("与发布版相同", "as published"), {})


def _field(name: str, zh: str, en: str, choices: Mapping[str, Method]) -> MethodField:
    return MethodField(name, Bilingual(zh, en), {OWN: _AS_PUBLISHED, **choices})


def _one(stage: str, zh: str, en: str, **settings: Any) -> Method:
    return Method(Bilingual(zh, en), {f"{stage}.{name}": value for name, value in settings.items()})


METHOD_FIELDS: tuple[MethodField, ...] = (
    _field("normalise", "无量纲化", "normalisation", {
        "minmax": _one("normalise", "极差法 0–100", "min–max, 0–100", method="minmax", range=[0, 100]),
        "minmax_1": _one("normalise", "极差法 1–100", "min–max, 1–100", method="minmax", range=[1, 100]),
        "zscore": _one("normalise", "标准分（均值 100，标准差 10）", "z-scores, mean 100, deviation 10",
                       method="zscore", mean=100.0, deviation=10.0),
        "rank": _one("normalise", "名次", "ranks", method="rank"),
        "percentile_rank": _one("normalise", "百分位", "percentile ranks", method="percentile_rank"),
        "distance_to_maximum": _one("normalise", "与最优值的距离", "distance to the best",
                                    method="distance_to_maximum"),
        "fraction_of_maximum": _one("normalise", "占最大值的比例", "fraction of the maximum",
                                    method="fraction_of_maximum"),
    }),
    _field("aggregate", "合成", "aggregation", {
        "arithmetic": _one("aggregate", "算术平均", "arithmetic mean", method="arithmetic"),
        "geometric": _one("aggregate", "几何平均", "geometric mean", method="geometric"),
        "harmonic": _one("aggregate", "调和平均", "harmonic mean", method="harmonic"),
        "median": _one("aggregate", "加权中位数", "weighted median", method="median"),
        "copeland": _one("aggregate", "两两比较（Copeland）", "pairwise comparison (Copeland)", method="copeland"),
        "topsis": _one("aggregate", "与理想解的距离（TOPSIS）", "distance to the ideal (TOPSIS)", method="topsis"),
        "mazziotta_pareto": _one("aggregate", "罚差平均（Mazziotta–Pareto）",
                                 "mean with a penalty for imbalance (Mazziotta–Pareto)", method="mazziotta_pareto"),
    }),
    _field("weight", "赋权", "weighting", {
        "equal": _one("weight", "等权", "equal", method="equal"),
        "pca": _one("weight", "主成分", "principal components", method="pca"),
        "entropy": _one("weight", "熵权", "entropy", method="entropy"),
        "critic": _one("weight", "CRITIC", "CRITIC", method="critic"),
    }),
    _field("treat", "离群值", "outliers", {
        "none": _one("treat", "不处理", "left as they are", method="none"),
        "winsorise": _one("treat", "缩尾，不够再取对数", "winsorised, else logarithm", method="winsorise",
                          transformation="log_ct"),
        "transform": _one("treat", "取对数", "logarithm", method="transform", transformation="log_ct"),
    }),
    _field("impute", "缺失值", "missing values", {
        "none": _one("impute", "不插补", "left out", method="none"),
        "mean": _one("impute", "用均值", "mean", method="mean"),
        "median": _one("impute", "用中位数", "median", method="median"),
        "nearest": _one("impute", "用最相近的单位", "nearest units", method="nearest"),
    }),
)  # fmt: skip

HINTS: dict[str, Bilingual] = {
    "aggregate": Bilingual(
        "把无量纲化改为“极差法 1–100”，或改用算术平均。",
        "Set normalisation to min–max 1–100, or use the arithmetic mean.",
    ),
    "constant": Bilingual(
        "这种无量纲化要靠数值的差别；请改为“占最大值的比例”或“与发布版相同”。",
        "This normalisation rests on differences; choose the fraction of the maximum, or leave it as published.",
    ),
    "treat": Bilingual("把离群值改为“不处理”。", "Leave outliers as they are."),
    "normalise": Bilingual("请换一种无量纲化方法。", "Choose another normalisation."),
    "weight": Bilingual("请换一种赋权方法。", "Choose another weighting."),
}
