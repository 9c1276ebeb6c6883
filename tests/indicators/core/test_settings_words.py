"""Settings written as words, `STAGE.OPTION=VALUE`, say the same as settings in a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunlang.indicators.core.errors import RecipeError
from yunlang.indicators.core.recipe import STAGES, Recipe, parse_settings

floats = st.floats(-1e6, 1e6)
codes = st.text("abc123", min_size=1, max_size=4)
recipes = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from([list(STAGES), ["impute", "normalise"], ["normalise"], []]),
        "screen": st.fixed_dictionaries({"availability": st.none() | st.floats(0, 1)}),
        "treat": st.fixed_dictionaries(
            {"points": st.none() | st.integers(0, 9), "combine": st.booleans()},
            optional={"by_indicator": st.dictionaries(codes, st.just({"method": "none"}), max_size=2)},
        ),
        "normalise": st.fixed_dictionaries(
            {"method": st.sampled_from(["minmax", "zscore", "borda"]), "mean": floats},
            optional={"range": floats.map(lambda low: [low, low + 1]), "base": st.none() | codes},
        ),
        "weight": st.fixed_dictionaries({"given": st.dictionaries(codes, st.floats(0, 9), max_size=3)}),
        "aggregate": st.fixed_dictionaries(
            {"exponent": floats},
            optional={"by_level": st.dictionaries(st.integers(2, 4), st.just({"method": "median"}), max_size=2)},
        ),
    },
)


def words_of(values: Any, path: str = "") -> list[str]:
    if isinstance(values, dict) and (values or not path):
        return [
            word for name, value in values.items() for word in words_of(value, f"{path}.{name}" if path else str(name))
        ]
    return [f"{path}={values if isinstance(values, str) else json.dumps(values)}"]


@given(recipes)
def test_words_say_what_a_file_says(values: dict[str, Any]) -> None:
    assert Recipe().changed(parse_settings(words_of(values))) == Recipe.of(values)


@given(recipes)
def test_a_recipes_plain_values_are_the_recipe(values: dict[str, Any]) -> None:
    recipe = Recipe.of(values)
    again = Recipe.of(json.loads(json.dumps(recipe.plain())))
    assert (again, again.digest()) == (recipe, recipe.digest())


def test_lists_may_be_written_with_commas() -> None:
    changed = Recipe().changed(
        parse_settings(["normalise.range=1,100", "weight.levels=1,2", "order=impute, normalise"])
    )
    assert changed.normalise.range == (1.0, 100.0)
    assert changed.weight.levels == (1, 2)
    assert changed.order == ("impute", "normalise")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        Recipe().changed(parse_settings([f"normalise.mean={number}", f"treat.skewness={number}"]))
    assert refusal.value.fields.keys() == {"normalise.mean", "treat.skewness"}


def test_every_wrong_exception_is_named_with_its_place() -> None:
    values = {
        "treat": {"by_indicator": {"a": {"method": "x"}, "b": {"nothing": 1}}},
        "normalise": {"by_indicator": {"a": {"range": [2, 1]}}},
        "aggregate": {"by_level": {2: {"orness": 3}}},
    }
    with pytest.raises(RecipeError) as refusal:
        Recipe.of(values)
    assert refusal.value.fields.keys() == {
        "treat.by_indicator.a.method", "treat.by_indicator.b.nothing", "normalise.by_indicator.a",
        "aggregate.by_level.2.orness",
    }  # fmt: skip
