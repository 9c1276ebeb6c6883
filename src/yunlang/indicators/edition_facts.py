"""An edition as plain values that JSON keeps: framework and data read back as they were, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import NOTHING, Floats, Framework, Node
from yunlang.indicators.core.run import Run
from yunlang.kit.language import Bilingual


def framework_facts(framework: Framework) -> dict[str, Any]:
    """Return a framework as the tree that `framework_files.framework_of` takes back."""
    return {
        "code": framework.code,
        "name": _phrase(framework.name),
        "source": framework.source,
        "groupings": list(framework.groupings),
        "denominators": {code: _phrase(name) for code, name in framework.denominators.items()},
        "index": _node_facts(framework, framework.root),
    }


def _node_facts(framework: Framework, node: Node) -> dict[str, Any]:
    facts: dict[str, Any] = {"code": node.code, "name": _phrase(node.name), "weight": node.weight}
    if node.is_indicator:
        facts["direction"] = node.direction
    else:
        facts["children"] = [_node_facts(framework, child) for child in framework.children[node.code]]
    if node.unit != NOTHING:
        facts["unit"] = _phrase(node.unit)
    for name in ("denominator", "target", "source"):
        if (value := getattr(node, name)) not in ("", None):
            facts[name] = value
    if node.goalposts is not None:
        facts["goalposts"] = asdict(node.goalposts)
    return facts


def _phrase(phrase: Bilingual) -> dict[str, str]:
    return {"zh": phrase.zh, "en": phrase.en}


def data_facts(data: Dataset) -> dict[str, Any]:
    """Return data as plain values; groupings as pairs, because JSON in the database forgets the order of keys."""
    return {
        "units": list(data.units),
        "unit_names": list(data.unit_names),
        "periods": list(data.periods),
        "indicators": list(data.indicators),
        "values": numbers(data.values),
        "groupings": [[name, list(groups)] for name, groups in data.groupings.items()],
        "denominators": [[name, numbers(column)] for name, column in data.denominators.items()],
    }


def data_of(facts: Mapping[str, Any]) -> Dataset:
    """Return the data that `data_facts` described."""
    shape = (len(facts["periods"]), len(facts["units"]))
    return Dataset(
        units=tuple(facts["units"]),
        indicators=tuple(facts["indicators"]),
        values=array_of(facts["values"]).reshape(*shape, len(facts["indicators"])),
        periods=tuple(facts["periods"]),
        unit_names=tuple(facts["unit_names"]),
        groupings={name: tuple(groups) for name, groups in facts["groupings"]},
        denominators={name: array_of(column).reshape(shape) for name, column in facts["denominators"]},
    )


def results_facts(run: Run) -> dict[str, Any]:
    """Return what a run found: scores and ranks by period, unit and node, and the weights in force."""
    return {
        "units": list(run.units),
        "periods": list(run.periods),
        "nodes": list(run.framework.codes),
        "weights": numbers(run.weights),
        "scores": numbers(run.scores),
        "ranks": numbers(run.rank()),
    }


def numbers(values: Floats) -> Any:
    """Return an array as nested lists of numbers, None for NaN; no zero carries a sign, which a database drops."""
    plain = (values + 0.0).astype(object)
    plain[np.isnan(values)] = None
    return plain.tolist()


def array_of(values: Any) -> Floats:
    """Return nested lists of numbers and None as an array."""
    return np.array(_known(values), dtype=np.float64)


def _known(values: Any) -> Any:
    if isinstance(values, list):
        return [_known(value) for value in values]
    return math.nan if values is None else float(values)
