"""The frameworks, recipes and data that come with the product."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from yunlang.indicators.core.dataset import Dataset
from yunlang.indicators.core.framework import Framework
from yunlang.indicators.core.recipe import Recipe
from yunlang.indicators.data_tables import dataset_read
from yunlang.indicators.framework_files import framework_read, recipe_read
from yunlang.kit.language import Bilingual

DATA = Path(__file__).parent / "data"
# Those fed from the platform: the first year of their panel, empty for what is known now.
LIVE = {"g60_2021": "", "g60_growth": "2011"}
FRAMEWORKS = (*LIVE, "yrd2024", "yrd2024_dimensions")


@cache
def framework_shipped(code: str) -> Framework:
    """Return one of `FRAMEWORKS`."""
    return framework_read(DATA / f"{code}.yaml")


@cache
def recipe_shipped(code: str) -> Recipe:
    """Return the recipe of one of `FRAMEWORKS`."""
    return recipe_read(DATA / f"{code}_recipe.yaml")


@cache
def dataset_shipped(code: str) -> Dataset:
    """Return the data of one of the Yangtze River Delta's frameworks; the corridor's are fed live."""
    return dataset_read(DATA / f"{code}.csv", framework_shipped(code))


@cache
def delta_cities() -> dict[str, Bilingual]:
    """Return the names of the 41 cities of the Yangtze River Delta by their administrative codes."""
    with (DATA / "delta_cities.csv").open(encoding="utf-8", newline="") as stream:
        return {row["adcode"]: Bilingual(row["name_zh"], row["name_en"]) for row in csv.DictReader(stream)}
