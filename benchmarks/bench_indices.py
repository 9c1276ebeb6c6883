"""Composite indices: how fast an index is computed and how many replicates a second, beside an index rebuilt for each.

    python benchmarks/bench_indices.py

Each size runs in a process of its own, so that its peak of memory is its own. COINr 1.1.14 takes 82 ms for a replicate
of the same example on a machine like this one (the README beside the reference files); it is not run here.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.markdown_table import table
from benchmarks.shared_data import SHARED
from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework, Node
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.core.run import Engine
from yunlang.indicators.core.uncertainty.analysis import analyse, explain_variance
from yunlang.indicators.core.uncertainty.plan import usual_plan
from yunlang.indicators.core.uncertainty.replicates import Replicates
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.framework_files import framework_read
from yunlang.kit.language import Bilingual

COINR_REPLICATES_A_SECOND = 12
REPLICATES = 10_000
REBUILT = 100
ROUNDS = 5


def asem() -> Engine:
    """Return COINr's example: 51 countries, 49 indicators."""
    folder = SHARED.parent / "reference" / "coinr"
    framework = framework_read(folder / "asem_framework.csv")
    return Engine(framework, dataset_read(folder / "asem_data.csv", framework))


def made_up(units: int, indicators: int, periods: int, pillars: int) -> tuple[Framework, Dataset]:
    """Return skewed random data with gaps, grouped like provinces."""
    generator = np.random.default_rng(0)

    def node(code: str, parent: str = "", **values: Any) -> Node:
        return Node(code, Bilingual(code, code), parent, **values)

    nodes = [node("index", is_indicator=False)]
    nodes += [node(f"p{place}", "index", is_indicator=False) for place in range(pillars)]
    nodes += [
        node(f"i{place}", f"p{place % pillars}", direction=1 if place % 4 else -1,
             denominator="" if place % 3 else "people")
        for place in range(indicators)
    ]  # fmt: skip
    values = generator.lognormal(0, 1, size=(periods, indicators, units)).swapaxes(1, 2)
    values[generator.random(values.shape) < 0.02] = np.nan
    name = Bilingual("made up", "made up")
    framework = Framework("made_up", name, tuple(nodes), denominators={"people": name})
    data = Dataset(
        units=tuple(f"u{place}" for place in range(units)),
        indicators=tuple(f"i{place}" for place in range(indicators)),
        values=values,
        periods=tuple(str(2000 + place) for place in range(periods)),
        groupings={"province": tuple(str(place % 31) for place in range(units))},
        denominators={"people": generator.lognormal(3, 1, size=(periods, units))},
    )
    return framework, data


def timed(action: Callable[[], object]) -> float:
    """Return the median seconds of an action."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def measure_asem() -> dict[str, float]:
    """One run, ten thousand replicates, a Sobol design, and the same replicates rebuilt one by one."""
    engine = asem()
    recipe = Recipe()
    plan = usual_plan(engine.framework, recipe)
    return {
        "run": timed(lambda: asem().run(recipe)),
        "replicates": timed(lambda: analyse(asem(), recipe, plan, replicates=REPLICATES, seed=0)),
        "sobol": timed(lambda: explain_variance(asem(), recipe, plan, base=1024, seed=0)),
        "rebuilt": timed(lambda: rebuilt(engine)) / REBUILT,
    }


def rebuilt(engine: Engine) -> None:
    """Compute replicates the plain way, the whole index for each."""
    recipe = Recipe()
    runs = Replicates(engine, recipe, usual_plan(engine.framework, recipe), seed=0)
    rows = runs.rows_of(np.random.default_rng(0).random((REBUILT, 4)))
    weights = dict(zip(engine.framework.codes, engine.framework.weights, strict=True))
    for row in rows:
        changes: dict[str, object] = {}
        for one, chosen in zip(runs.inputs, row, strict=True):
            changes |= one.settings[chosen] if one.settings is not None else {}
        noise = runs.noise[2]
        drawn = {f"weight.given.{code}": weights[code] * noise[row[2], place] for place, code in enumerate(weights)}
        Engine(engine.framework, engine.data).run(recipe.changed(changes | drawn)).rank()


def measure_made_up(units: int, indicators: int, periods: int, pillars: int, replicates: int) -> dict[str, float]:
    """One run and replicates of random data."""
    framework, data = made_up(units, indicators, periods, pillars)
    recipe = Recipe()
    plan = usual_plan(framework, recipe)
    found = {"run": timed(lambda: Engine(framework, data).run(recipe))}
    if replicates:
        found["replicates"] = timed(
            lambda: analyse(Engine(framework, data), recipe, plan, replicates=replicates, seed=0)
        )
    return found


MEASURES: dict[str, Callable[[], dict[str, float]]] = {
    "asem": measure_asem,
    "delta": lambda: measure_made_up(41, 30, 1, 5, REPLICATES),
    "counties": lambda: measure_made_up(3000, 200, 20, 10, 0),
    "counties one year": lambda: measure_made_up(3000, 200, 1, 10, 1000),
}


def measured(name: str) -> dict[str, float]:
    """Run one measure in a process of its own; adds its peak of memory in MB."""
    command = [sys.executable, "-m", "benchmarks.bench_indices", name]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    """Print Markdown tables."""
    example, delta, counties, year = (measured(name) for name in MEASURES)
    rates = (("Yunlang", REPLICATES / example["replicates"]), ("Yunlang, rebuilt for each", 1 / example["rebuilt"]),
             ("COINr 1.1.14, as reported", COINR_REPLICATES_A_SECOND))  # fmt: skip
    table(
        "ASEM: 51 countries, 49 indicators, COINr's four variations",
        ("engine", "replicates a second", "times COINr"),
        [(name, round(rate), round(rate / COINR_REPLICATES_A_SECOND, 1)) for name, rate in rates],
    )
    table(
        "Whole analyses",
        ("what", "seconds", "peak memory, MB"),
        [
            ("ASEM, the default recipe once", example["run"], ""),
            ("ASEM, 10,000 replicates and rank intervals", example["replicates"], ""),
            ("ASEM, Sobol indices of 6,144 replicates, 500 resamples", example["sobol"], round(example["memory"])),
            ("41 × 30, once", delta["run"], ""),
            ("41 × 30, 10,000 replicates", delta["replicates"], round(delta["memory"])),
            ("3,000 × 200 × 20 years, once", counties["run"], round(counties["memory"])),
            ("3,000 × 200, one year, 1,000 replicates", year["replicates"], round(year["memory"])),
        ],
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        outcome = MEASURES[sys.argv[1]]()
        outcome["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(outcome))
    else:
        main()
