"""A small index to try things on: two areas, three pillars, seven indicators, twelve units."""

from __future__ import annotations

import numpy as np

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework, Goalposts, Node
from yunlang.kit.language import Bilingual

UNITS = tuple(f"u{number}" for number in range(12))


def named(text: str) -> Bilingual:
    return Bilingual(text, text)


def small_nodes() -> list[Node]:
    nodes = [
        Node("index", named("指数"), is_indicator=False),
        Node("input", named("投入"), parent="index", is_indicator=False, weight=2),
        Node("output", named("产出"), parent="index", is_indicator=False),
        Node("people", named("人才"), parent="input", is_indicator=False),
        Node("money", named("经费"), parent="input", is_indicator=False),
        Node("results", named("成果"), parent="output", is_indicator=False),
    ]
    of = {"people": ("staff", "students"), "money": ("spending", "share"), "results": ("patents", "papers", "waste")}
    for parent, codes in of.items():
        for place, code in enumerate(codes):
            nodes.append(
                Node(
                    code,
                    named(code),
                    parent=parent,
                    direction=-1 if code == "waste" else 1,
                    weight=1 + place,
                    denominator="population" if code in ("staff", "patents") else "",
                    target=50.0,
                    goalposts=Goalposts(0.0, 200.0),
                )
            )
    return nodes


def small_framework() -> Framework:
    return Framework("small", named("小指数"), tuple(small_nodes()), denominators={"population": named("人口")})


def small_dataset(seed: int = 0, *, periods: int = 1, missing: float = 0.0) -> Dataset:
    generator = np.random.default_rng(seed)
    codes = tuple(node.code for node in small_nodes() if node.is_indicator)
    values = generator.lognormal(3, 0.8, size=(periods, len(UNITS), len(codes)))
    values[generator.random(values.shape) < missing] = np.nan
    return Dataset(
        units=UNITS,
        indicators=codes,
        values=values,
        periods=tuple(str(2018 + place) for place in range(periods)) if periods > 1 else ("",),
        groupings={"side": tuple("east" if place % 2 else "west" for place in range(len(UNITS)))},
        denominators={"population": generator.uniform(1, 9, size=(periods, len(UNITS)))},
    )
